"""What Hearth is, what it costs, whom it serves; and what the built-in model is."""
from .phrases import intent

intent("what-is-hearth",
       ["{what} hearth", "{what} this (program|app|tool|software)", "what (does|can) hearth do",
        "what is hearth (for|good for|used for|about)", "(so|ok) what is this hearth thing", "(hearth|hearth?)",
        "what kind of (program|software|tool) is hearth", "what is the purpose of hearth",
        "give me an overview of hearth", "introduce hearth", "what (can|could|may) (i|one|we) do with (hearth|it|this program)", "what can i use hearth for",
        "what is possible with hearth", "why (should i use|would i use|use) hearth"],
       ["in one sentence, what is hearth", "i just installed hearth, what does this program do"],
       ["Hearth is an open program that runs language models at home. It finds a model, downloads it, fits it to your "
        "machine and answers in a terminal, in a window and over a local API."],
       ["language models"],
       [(["is it free", "what does it cost", "and the price", "do i have to pay for it"],
         ["Yes, it is free. Hearth is open source under the MIT licence."], ["MIT"]),
        (["who is it for", "who should use it", "and who needs that"],
         ["It is for anyone who wants a language model on their own computer: newcomers start with `hearth chat`, "
          "developers use the local API."], ["own computer"])], weight=2)

intent("free",
       ["is hearth (free|open source|free software|gratis)", "(what|how much) does hearth cost",
        "do i have to pay (for hearth|to use hearth|anything)", "what is the (licence|license) of hearth",
        "under which (licence|license) is hearth", "can i use hearth at work", "may i use hearth (commercially|in a company)",
        "is there a (paid|premium) version of hearth", "hearth (licence|license|price|pricing)"],
       ["does hearth cost money", "which licence does hearth have"],
       ["Hearth is free and open source under the MIT licence. You may also use it at work."],
       ["MIT"])

intent("privacy",
       ["does hearth (send|upload|share) my (data|chats|prompts|text|conversations) (anywhere|to the internet|to a server|to the cloud|)",
        "is (my data|hearth) (private|safe|secure)", "(who|can anybody|can someone) (can|) (read|see) my (chats|prompts|conversations)",
        "(do|are) my (prompts|chats) (get|) (logged|stored|recorded)", "is my data (safe|private) with hearth",
        "what about (privacy|my privacy|data protection)", "does hearth (track|spy on|collect data about) me",
        "does hearth (use|have) telemetry", "where do my (prompts|chats|questions) go"],
       ["will my conversations leave my computer", "how private is hearth"],
       ["Everything stays on your computer. Hearth sends no prompts anywhere, the server listens on 127.0.0.1 only, and "
        "prompts are not logged unless you ask for it."],
       ["your computer"],
       [(["and when i download a model", "what about downloads", "does it never use the network"],
         ["Only searching and downloading models use the network. Chatting does not."], ["download"])])

intent("offline",
       ["(does hearth work|can i use hearth|does it work|can it run|does hearth run) (offline|without internet|without a network|without an internet connection|on a plane)",
        "do i need (the internet|an internet connection|to be online) (to chat|for hearth|to use hearth|)",
        "is an internet connection (needed|required|necessary)", "what works offline", "{can} use hearth offline"],
       ["i have no internet at home, does hearth still work", "must my computer be online to use hearth"],
       ["Yes, Hearth works offline. Only searching and downloading models needs the network; chatting and the server do not."],
       ["offline", "download"])

intent("platforms",
       ["(which|what) (operating systems|platforms|systems) (does hearth run on|are supported|work)",
        "does hearth (run|work) on (linux|debian|ubuntu|my system|fedora)", "what system do i need for hearth",
        "on which systems can i install hearth", "{can} use hearth on (linux|ubuntu|debian)"],
       ["which operating system do i need for hearth", "is linux supported by hearth"],
       ["Hearth runs on Linux. It needs no GPU: any 64-bit computer will do, and a GPU makes it faster."],
       ["Linux"])

intent("compare",
       ["(how is hearth different from|what is the difference between hearth and|compare hearth (with|and|to)|hearth (vs|versus|or)) (lm studio|ollama|llama.cpp|lmstudio|other programs)",
        "why (should i use|use) hearth (instead of|and not|rather than) (ollama|lm studio|llama.cpp)",
        "is hearth (better than|like|similar to|an alternative to) (lm studio|ollama|llama.cpp)",
        "i (use|know|come from) (ollama|lm studio|llama.cpp), (why hearth|what is different here)"],
       ["what does hearth do differently from ollama", "is hearth a replacement for lm studio"],
       ["Hearth does what LM Studio does, but it is open and written in C: one program for discovering, downloading and "
        "running models, with OpenAI, Anthropic and LM Studio compatible APIs."],
       ["open", "API"])

intent("language-c",
       ["(what|which) (programming language|language) is hearth (written|made|programmed|coded) in",
        "is hearth (written in|made in|coded in) (c|rust|python|go|c++)", "what is hearth (made|written|built) (with|in)",
        "does hearth need python"],
       ["in which programming language did they write hearth", "is python required to run hearth"],
       ["Hearth is written in C. It needs no Python to run."],
       ["in C"])

intent("name-origin",
       ["why is it called hearth", "what does (the name|the word|) hearth mean", "where does the name hearth come from",
        "why the name (hearth|)", "what is the meaning of the name hearth"],
       ["how did hearth get its name", "what does hearth stand for"],
       ["A hearth is the fireplace of a house. Hearth keeps the language model at home, by your own fire."],
       ["fireplace"])

intent("compatible-apis",
       ["(which|what) apis (does hearth (speak|support|offer|have)|are (supported|available|there))",
        "does hearth (support|speak|offer|have) (the|an|) (openai|lm studio) api",
        "is hearth (compatible with|usable with) (openai|anthropic|the openai api|openai clients|lm studio clients)",
        "what api (formats|dialects) (does it speak|are there)", "{does} (support|speak) the openai api"],
       ["can programs made for openai talk to hearth", "list the apis that hearth understands"],
       ["Hearth speaks the OpenAI, Anthropic and LM Studio APIs at http://127.0.0.1:1234. Start it with `hearth server start`."],
       ["OpenAI", "Anthropic"])

intent("who-are-you",
       ["who are you", "what are you", "what is your name", "what's your name", "are you (an ai|a bot|a model|a human|a robot|a person|chatgpt|gpt|claude|llama|gemini)",
        "introduce yourself", "who am i (talking to|speaking with|chatting with)", "which model (are you|is this|am i talking to)",
        "tell me (about yourself|who you are)", "do you have a name", "what model is this", "who r u", "what model are you"],
       ["with whom am i chatting right now", "say who you are"],
       ["I am hearth-guide, the small model built into Hearth. I know only Hearth; for anything else, download a bigger model with `hearth get`."],
       ["hearth-guide"],
       [(["how big are you", "how many parameters do you have", "how small"],
         ["I have about five million parameters and fit in a file of a few megabytes. Real models have billions."],
         ["million"]),
        (["can you do more", "and what else do you know", "what else"],
         ["I can quote a passage you give me, fill a small JSON form and call a tool. For anything else, get a bigger "
          "model with `hearth get`."], ["hearth get"])], weight=2)

intent("what-can-you-do",
       ["what can you do", "what do you know", "how can you help (me|)", "what (can|may|should) i ask (you|)", "help", "help me",
        "what are you good (at|for)", "what (questions|topics) can you answer", "can you help me", "what are your (skills|abilities)",
        "what are you able to do", "i need help", "what do you know about"],
       ["tell me what i could ask you", "for which questions are you useful"],
       ["I answer questions about Hearth: getting and choosing models, memory and GPUs, quantisation, the server and the API. "
        "I can also quote a passage, fill a small JSON form and call a tool."],
       ["Hearth", "model"], weight=1.5)

intent("built-in-model",
       ["{what} (hearth-guide|the built-in model|the hearth-guide model)", "(which|what) model is built in",
        "is there a (built-in|default|included) model", "does hearth come with a model", "what model (comes|ships) with hearth",
        "why is there a (built-in|tiny) model", "can i chat (without downloading anything|before downloading a model|without a model)",
        "what is the default model"],
       ["which model does hearth ship with", "do i get a model together with hearth"],
       ["hearth-guide is the small model built into Hearth. It answers questions about Hearth before you have downloaded anything."],
       ["hearth-guide"])

intent("guide-draft",
       ["{what} hearth-guide-draft", "what is the (draft model|second built-in model) for", "why is there a hearth-guide-draft",
        "what does hearth-guide-draft do"],
       ["what is the purpose of hearth-guide-draft", "why do i see hearth-guide-draft in the list"],
       ["hearth-guide-draft is an even smaller model with the same vocabulary as hearth-guide. It guesses tokens for speculative decoding."],
       ["speculative decoding"])

intent("why-so-dumb",
       ["why are you so (dumb|stupid|small|limited|bad)", "why do you know so little", "why can't you answer (that|me|my question)",
        "you are (stupid|dumb|not very smart|useless)", "why don't you know (that|anything else|more)", "you (don't|do not) know much"],
       ["why is your knowledge so limited", "you are not clever"],
       ["I am tiny: about five million parameters, where other models have billions. I know only Hearth. Try a bigger model, "
        "for example `hearth get qwen/qwen3-4b`."],
       ["hearth get"])

intent("who-made",
       ["who (made|wrote|created|built|develops|is behind|owns|maintains) (hearth|you|this program|this)",
        "who are the (authors|developers|makers) of hearth", "which company (makes|made) (hearth|you)", "is hearth from a company"],
       ["who is the creator of hearth", "who trained you"],
       ["Hearth is made by the Hearth authors, an open project under the MIT licence. I was trained by the same project."],
       ["Hearth authors"])

intent("trained-how",
       ["how were you (trained|made|built|created)", "what were you trained on", "what is your training data", "where does your knowledge come from",
        "{can} train you (again|myself|)", "how (is|was) hearth-guide (made|trained)", "who taught you"],
       ["on which data were you trained", "where is the program that trained hearth-guide"],
       ["I was trained by the programs in `tools/train/` of Hearth's sources, on questions and answers that a generator there writes. You can repeat it."],
       ["tools/train/"])

intent("languages-human",
       ["(do|can) you (speak|understand|talk) (german|french|spanish|italian|chinese|japanese|other languages|russian)",
        "which (human |)languages do you (speak|know|understand)", "can we talk in (german|french|spanish|another language)",
        "sprichst du deutsch", "parlez-vous français", "hablas español"],
       ["is english the only language you understand", "could you answer in french"],
       ["I speak only English. Bigger models know many languages; get one with `hearth get qwen/qwen3-4b`."],
       ["English"])

intent("ui-window",
       ["(does hearth have|is there) (a window|a gui|a graphical interface|a desktop app|an app|a web page|a web interface|a web ui)",
        "{can} use hearth (in a window|without a terminal|with a mouse|in the browser)", "i don't like (the terminal|terminals|command lines)",
        "{where} the (window|gui|graphical interface)"],
       ["is there something graphical or only the terminal", "i would rather click than type commands"],
       ["Besides the terminal there is a window: an optional package that shows the local page. The server at http://127.0.0.1:1234 works without it."],
       ["window", "optional package"])

intent("commands-list",
       ["(what|which) commands (are there|does hearth have|exist|can i use|do you have)", "list (all|the|) (hearth|) commands",
        "show me (the|all|) commands", "what are the (most important|main|basic) commands", "give me a list of commands",
        "hearth commands", "command overview", "cheat sheet"],
       ["which hearth commands should i know", "give me a cheat sheet of hearth"],
       ["The main ones: `hearth chat`, `hearth get` to download, `hearth ls` to list models, `hearth load` and `hearth unload`, "
        "`hearth ps` for loaded models, `hearth server start`, `hearth bench` and `hearth inspect`."],
       ["hearth get", "hearth ls", "hearth ps"])

intent("first-steps",
       ["(how do i|how can i|how to) (get started|begin|start) (with hearth|)", "what (do i do|should i do) (first|now|next|to begin)",
        "i am (new|a beginner|a newcomer)(, what now|, where do i start|)", "where do i (start|begin)", "i just installed hearth(, what now|)",
        "getting started", "what is the first step", "quick start", "help me (get started|begin)"],
       ["hearth is installed, what would you do next", "i have never used this, how do i begin"],
       ["Download a model with `hearth get qwen/qwen3-4b`, then talk to it with `hearth chat`. For programs, run `hearth server start`."],
       ["hearth get", "hearth chat"], weight=1.5)
