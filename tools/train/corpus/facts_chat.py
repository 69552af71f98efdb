"""The chat in the terminal, and the words of the trade."""
from .phrases import intent

intent("start-chat",
       ["{how} ({begin}|open) a chat", "{how} (chat|talk) (with|to) {amodel}", "how does hearth chat work", "{what} hearth chat", "what does hearth chat do", "i want to (chat|talk)", "start a conversation", "{how} (ask|use) a model (in the terminal|)", "run a model in the terminal"],
       ["what do i type for a conversation with the model", "i downloaded something, how do i speak with it"],
       ["Run `hearth chat`, or `hearth chat qwen/qwen3-4b` to choose the model. Type /exit to leave."],
       ["hearth chat"],
       [(["how do i leave", "how do i stop it", "how do i get out", "and how do i quit", "how do i end it"], ["Type /exit, or press Ctrl+D."], ["/exit"]),
        (["how do i choose another model", "and with another model", "how do i switch the model"], ["Leave with /exit and start again with `hearth chat NAME`."], ["hearth chat NAME"])], weight=1.5)

intent("leave-chat",
       ["{how} (leave|quit|exit|end|close|get out of) (the chat|a chat|the conversation|hearth chat|here)", "how do i stop the chat", "i want to (leave|quit|exit)", "exit", "quit", "how do i get out of here"],
       ["the chat is open and i want my shell back", "which word ends the conversation"],
       ["Type /exit or press Ctrl+D."],
       ["/exit"])

intent("stop-answer",
       ["{how} (stop|interrupt|cancel|abort) (an answer|the answer|a running answer|generation|the model)", "{can} (stop|interrupt) the (model|answer)", "the model (talks too long|does not stop|won't stop)", "the answer is too long, {how} stop it"],
       ["it writes and writes, how do i make it be quiet", "break off the text that is just being written"],
       ["Press Ctrl+C: the answer stops and the chat goes on."],
       ["Ctrl+C"])

intent("one-shot",
       ["{how} ask (a single question|one question|just one question|a question) (from the shell|from a script|without a chat|on the command line|)", "{can} use hearth in (a script|scripts|shell scripts)", "what does (-p|hearth chat -p) (do|mean)", "{how} get an answer without (the|a) chat", "one question from the command line"],
       ["a script of mine needs a single answer", "is there a non-interactive mode"],
       ["Use `hearth chat -p \"your question\"`: it prints the answer and quits."],
       ["hearth chat -p"])

intent("pipe",
       ["{can} pipe (text|a file|something) (into|to) hearth (chat|)", "{how} (send|give|feed|pass) (a file|text|the output of a command) to (the model|hearth|hearth chat)", "does hearth read (stdin|standard input)", "{how} summarise a file", "pipe a file"],
       ["the output of git diff should go to the model", "can standard input be part of the prompt"],
       ["Yes: `cat notes.txt | hearth chat -p \"Summarise this\"`. The piped text is added after the prompt."],
       ["| hearth chat -p"])

intent("system-prompt",
       ["{what} (a system prompt|the system prompt|a system message)", "{how} (set|change|give) (a|the) system prompt", "{can} change the system prompt", "how do i (tell|make) the model (how to behave|behave differently|speak like a pirate)"],
       ["i want to give the model standing instructions", "what is the option for my own system prompt"],
       ["The system prompt tells the model how to behave. Set it with `hearth chat -s \"...\"`, or with /system-prompt inside the chat."],
       ["hearth chat -s"])

intent("chat-commands",
       ["(what|which) commands (are there|can i use|work) in the chat", "what can i type in (the chat|hearth chat)", "{what} (/help|slash commands|the slash commands)", "list the chat commands", "chat commands"],
       ["inside the chat, which slash words exist", "is there a help in the chat"],
       ["/help lists them: /system-prompt, /clear, /stats, /save and /exit."],
       ["/help"])

intent("clear-chat",
       ["{how} (clear|reset|empty|forget) (the chat|the history|the conversation)", "{how} start (over|again|a new chat|from scratch)", "{can} (clear|delete) the (history|conversation)", "forget everything", "what does /clear do"],
       ["the model should forget what we said", "begin a fresh conversation without leaving"],
       ["Type /clear: the history is emptied and the system prompt stays."],
       ["/clear"])

intent("switch-model",
       ["{how} (switch|change) (the model|models|to another model) (in the chat|)", "{can} (switch|change) (the model|models) (in the chat|during a chat|)", "what does /model do", "use another model", "change model"],
       ["i chat with a small model and want a larger one", "in the middle of a chat i need a different model"],
       ["Leave the chat with /exit and start it with the other model: `hearth chat NAME`, or `hearth chat FILE.gguf`."],
       ["hearth chat NAME"])

intent("chat-stats",
       ["{how} {see} (the statistics|statistics|tokens per second|the speed) (in the chat|of an answer|after an answer)", "what does (/stats|--stats) do", "how many tokens did (the|my) answer have"],
       ["after an answer i want to know how fast it was", "is there a statistics command in the chat"],
       ["Type /stats in the chat, or start it with `hearth chat --stats`: tokens per second and the time to the first token."],
       ["/stats|--stats"])

intent("documents",
       ["{can} (chat with|ask about|use|attach|add) (my documents|documents|a document|a pdf|files|pdf files)", "does hearth (read|support) (pdf|pdfs|documents|word files|docx)", "{what} (rag|retrieval|document chat)", "how does (rag|chat with documents) work", "which documents can hearth read"],
       ["i have a long pdf and questions about it", "can it answer from my own files"],
       ["Yes: attach PDF, DOCX or text files. A short document goes into the prompt whole; of a long one Hearth finds the passages that fit your question."],
       ["PDF", "passages"])

intent("chat-history",
       ["where are (my chats|chats|conversations|my conversations) (stored|saved|kept)", "are (my chats|chats|conversations) (saved|stored|kept)", "does hearth (save|store|remember|keep) (my chats|chats|conversations|the history)", "{where} my (chat history|old chats|chats)"],
       ["is what i write kept on disk", "which file holds my old conversations"],
       ["They stay on your computer: type /save FILE in the chat to write it to a file. Nothing is sent anywhere."],
       ["/save"])

intent("remember",
       ["do you remember (me|our last chat|what i said yesterday|things)", "can you (learn|remember) (from me|things|something|my name)", "does the model learn (from my chats|from me|from my questions)", "do you have a memory", "will you remember this"],
       ["tomorrow, will you still know what i told you", "is the model trained on my conversations"],
       ["No. A model sees only the current conversation; it learns nothing from chats."],
       ["current conversation"])

intent("token",
       ["{what} (a token|tokens)", "what does token mean", "how (long|big) is a token", "how many words is a token", "are tokens words"],
       ["into which units is text cut", "models count tokens, what is that"],
       ["A token is a piece of text, about four letters or three quarters of an English word. Models read and write tokens."],
       ["four letters"])

intent("context-length",
       ["{what} (the context|context length|the context length|the context window|context|a context window)", "what does context length mean", "how long (is the context|can a prompt be|can a conversation be|may a prompt be)", "how much text can (a model|it|you) (read|remember|take)"],
       ["how many tokens fit into one conversation", "what limits the length of a chat"],
       ["The context length is the number of tokens a model can see at once: prompt and answer together. Set it with `hearth load NAME -c 8192`."],
       ["tokens"],
       [(["how do i change it", "can i make it longer", "how do i make it bigger", "and how do i set it"], ["Load the model with -c: `hearth load NAME -c 8192`. It needs more memory."], ["-c 8192"]),
        (["what happens when it is full", "and when it is full", "and if it is too long"], ["Hearth stops with an error or follows the policy you chose; it never cuts your prompt silently."], ["never"])], weight=1.3)

intent("set-context",
       ["{how} (set|change|increase|raise|extend|enlarge) the (context|context length|context window|context size)", "{can} (set|change|increase) the context (length|window|size)", "what does -c (do|mean)", "i need a longer context", "longer context"],
       ["the conversation needs room for more tokens, which option", "my prompt is longer than the context allows"],
       ["Load the model with -c, for example `hearth load NAME -c 8192`. A longer context needs more memory."],
       ["-c"],
       [], weight=1.2)

intent("context-overflow",
       ["what happens (when|if) the (context|context window|conversation) is (full|too long)", "the (conversation|prompt) is too long", "what is (context overflow|context_length_exceeded|the overflow policy)", "my prompt does not fit", "context is full"],
       ["an error says context_length_exceeded", "my chat reached the end of the context"],
       ["A prompt that does not fit is an error (context_length_exceeded) or follows the policy you chose; Hearth never cuts it silently. Load with a longer context: `hearth load NAME -c 8192`."],
       ["-c 8192"])

intent("temperature",
       ["{what} (temperature|the temperature)", "what does temperature (do|mean)", "which temperature (should i use|is good)", "what is a good temperature", "{how} make (answers|the model) more (creative|precise|random)", "how do i (set|change) the temperature"],
       ["answers are too random, which knob helps", "what changes when temperature goes up"],
       ["Temperature sets how random the choice of tokens is: 0 always takes the most probable token, about 0.7 is usual, higher is more surprising."],
       ["0.7"])

intent("sampling",
       ["{what} (top_p|top_k|min_p|top p|top k|min p|nucleus sampling|sampling)", "what (does|do) (top_p|top_k|min_p|samplers) (do|mean)", "how does sampling work", "which samplers (are there|does hearth have)"],
       ["how is the next token chosen", "what is the meaning of top_p"],
       ["Sampling picks the next token. top_k keeps the k most probable, top_p keeps those that together reach p, min_p drops those far below the best; temperature sets the randomness."],
       ["token"])

intent("llm",
       ["{what} (an llm|a large language model|a language model|llms)", "what does llm (mean|stand for)", "how does (an llm|a language model) work", "what is a model", "how do language models work"],
       ["explain large language models in two sentences", "which kind of program predicts text"],
       ["A large language model is a neural network that predicts the next token of a text, again and again. Its knowledge is in billions of weights."],
       ["token"])

intent("inference",
       ["{what} inference", "what does inference mean", "what is (generation|decoding)", "what is the difference between training and inference"],
       ["running a model has a special name, which", "what do people mean by local inference"],
       ["Inference means running a trained model: it reads the prompt and writes an answer token by token. Hearth does inference, not training."],
       ["trained model"])

intent("weights",
       ["{what} (weights|the weights|a weight|parameters of a model)", "what does weights mean", "what are model weights"],
       ["what do the billions of numbers in a model do", "what exactly is learned and stored in a model"],
       ["Weights are the numbers a model learned in training, also called parameters. They make up nearly all of the file."],
       ["numbers"])

intent("embedding",
       ["{what} (an embedding|embeddings|a text embedding)", "what are embeddings (for|good for)", "what does embedding mean", "how do embeddings work"],
       ["text turned into vectors, what is that good for", "how does a computer compare the meaning of two texts"],
       ["An embedding is a list of numbers that stands for the meaning of a text. Similar texts have similar numbers, so it is used for search."],
       ["similar"])

intent("template",
       ["{what} (a chat template|the chat template|chat templates|jinja)", "what does chat template mean", "where does the (chat template|template) come from", "do i have to (set|choose) a (template|chat template)", "{can} change the (chat|prompt) template"],
       ["how does a list of messages become one text", "who decides how the prompt is formatted"],
       ["A chat template turns the messages into the text a model expects. It comes with the model's file, so you need not set it."],
       ["file"])

intent("hallucination",
       ["{what} (a hallucination|hallucinations|hallucinating)", "why does the model (lie|invent things|make things up|say wrong things)", "{can} trust (the answers|a model|what a model says)", "are (the answers|answers) always (right|correct|true)", "the model (invents|made up) facts"],
       ["an answer sounded right but was false", "should i believe everything a model writes"],
       ["No model is always right: it writes what is probable, and sometimes that is invented. Check important facts; bigger models err less."],
       ["invent"])

intent("tool-calling",
       ["{what} (tool calling|a tool call|function calling|tools|tool use)", "does hearth support (tools|tool calling|function calling)", "how do tools work", "{can} give the model tools", "{can} use tools with hearth", "which models can (call|use) tools"],
       ["the model should be able to call my functions", "what happens when a request has a tools array"],
       ["With tools the model can ask your program to run a function: the request lists the tools, the model answers with a call, and your program sends the result back."],
       ["tool"])

intent("structured",
       ["{what} (structured output|json mode|json schema|a json schema)", "{how} get json (from the model|as an answer|)", "{can} force (json|valid json|a schema)", "does hearth support (structured output|json schema|json mode|grammars)", "how do i make the model answer in json"],
       ["my program needs answers it can parse", "the reply must follow a schema, is that possible"],
       ["Send a `response_format` with a JSON schema: Hearth then allows only tokens that fit the schema, so the answer is always valid JSON."],
       ["response_format"])

intent("presets",
       ["{what} (a preset|presets)", "{can} save (my settings|settings|a system prompt)", "where are presets (stored|kept|)", "{how} (make|use|save) a preset"],
       ["i always use the same system prompt, can i keep it", "is there a place for saved settings"],
       ["A preset is a named set of settings such as system prompt and temperature. Presets are files in ~/.hearth/presets."],
       ["preset"])
