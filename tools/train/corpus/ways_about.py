"""More ways of asking what Hearth is, what it costs, whom it serves; and what the built-in model is."""
from .phrases import ways

ways("what-is-hearth", """
(hearth|about hearth|hearth overview|hearth summary|hearth introduction|hearth explained|hearth description|hearth purpose|hearth features|features)
(what|so what|ok, what|now what) (is|exactly is|kind of thing is|sort of program is|on earth is) (hearth|this hearth|this program|this app|this
    software|this tool|this thing|this here)( about| for| good for| used for|)
(what|which things) (can|could|does|do|may) (i|one|we|people|users|hearth|it|this program|a user) (do with|do|use|achieve with|offer|provide|get from)
    (hearth|it|this|with this program|)( for me| at all| on my computer|)
(tell|teach|show) me (something|more|a bit|everything|the basics) about (hearth|this program|this app|this software)
(i|we) (just |have just |)(installed|found|discovered|heard about|started|got|downloaded) (hearth|this program|this app)(, what is it|, what does it
    do|. what is it for|, what can it do|)
(why|what for|for what) (do i need|would i use|should i use|would anyone use|do people use|is there|was made|would i want) (hearth|this program|it)
(explain|describe|introduce|present|summarise|summarize) (hearth|this program|this software|yourself hearth)( to me| briefly| in one sentence| in two
    sentences| to a beginner| in simple words| to my grandma|)
i (don't|do not) (know|understand|get) what (hearth|this program|this|this app) is( for| good for| about| doing|)
(a|one|two) (sentence|sentences|line|lines|words) about (hearth|this program)
(short|quick|brief) (summary|overview|introduction|description|explanation) of (hearth|this program|this app)
(where|what) am i( here|)(, what is this program|, what does this do|)
(the|what is the) (purpose|point|idea|goal|use|aim|main function|benefit) of (hearth|this program|this software|this app)
is hearth (a chatbot|an ai|a program|a server|a website|like chatgpt|a model|a game|a browser|software|an app|an assistant)
what does (hearth|this program|the app|it) (do|offer|provide|bring)( for me| exactly| at all|)
(my friend|my colleague|somebody) told me to (install|use|try) hearth(, what is it|, what for|)
(main|most important) (features|functions) of hearth
what hearth is
can you explain (hearth|this program|what hearth does|what this program is for)
(give|write) me (an overview|a summary|a short description|an introduction) (of|to) hearth
what do people (use|need) hearth for
""", what="""hearth|this program|this app|this software|the hearth program""",
     follow=("what is the price|how much is it|is that free of charge|must i pay|do i need to buy it|free or paid|and what do i pay",
             "whom is it for|for whom was it made|is it for me|who uses it|is it for beginners|what kind of people use it|is that for programmers"))

ways("free", """
(price|cost|costs|pricing|licence|license|free|mit|open source|commercial use|fee|subscription|payment|paid|gratis|money|copyright)
(what|how much) (does|do|is|will|would|must) (hearth|it|this program|i|the program|this|a licence) (cost|pay|the price|costs|be)( a month| per
    month| for hearth| me| in euros| in dollars| per year|)
(is|was) (hearth|it|this|this program|the program|the software) (free|for free|free of charge|gratis|open source|open-source|free software|commercial|
    proprietary|paid|shareware|a trial version|really free|completely free)
(do|must|should|will) (i|we|one|companies) (have to |need to |)(pay|buy a licence|buy a license|buy it|subscribe|register|spend money|give a credit
    card)( for hearth| for it| to use it| for this| some day| later| at work|)
(which|what) (licence|license) (does|is|has|do) (hearth|it|this program|the code|the software)( have| under| use| published under|)
(under|with) (which|what) (licence|license) (is|was|can) (hearth|it|the code|the program)( published| released| distributed| used| licensed|)
(can|may|could|is it legal for|is it allowed that) (i|we|my company|a company|my employer|a school) (to |)(use|sell|copy|modify|change|share|
    redistribute|install|bundle) (hearth|it|the program|the code|this program)( at work| commercially| in a company| for business| for money| in our
    product| for free|)
is there (a|any) (fee|cost|price|subscription|trial|paid version|premium version|pro version|hidden cost|enterprise version|free version|limit in the
    free version|catch)
(where|how) do i (pay|buy hearth|buy a licence|get a licence|subscribe|purchase it)
is the (source code|code|source) (open|available|public|free|published)
(costs|price|licence|license|pricing) of (hearth|this program|the software)
how expensive is (hearth|it|this)
(does|will) hearth (cost|ask for) (anything|money|something)
hearth for (companies|business|commercial use|schools)(, is that free|, what does it cost|)
(mit|gpl|apache)( licence| license|)( or not|)
is it really free of charge
what's the catch
""", can="""use hearth (at work|commercially|in a company|in my business|for free)|sell hearth|modify hearth|copy hearth""")

ways("privacy", """
(privacy|data protection|telemetry|tracking|spying|gdpr|data privacy|confidentiality|is it private|private|my data|analytics)
(does|will|can|could) (hearth|it|this program|the program|the app) (send|upload|share|leak|transmit|give|pass|collect|store|sell|record|spy on|track|
    steal|log) (my |any |personal |)(data|chats|prompts|text|conversations|questions|words|documents|information|messages|files|me|what i type)( to
    the internet| to anyone| to a company| to the cloud| to anybody| anywhere| to others| online| to its makers|)
(is|are|stays|stay|remain|will) (my |the |)(data|chats|prompts|conversations|questions|messages|documents|what i write|text) (private|safe|secret|
    confidential|local|on my computer|logged|stored|uploaded|secure|recorded|sent away|stay here|be seen by others)( with hearth| in hearth| here|)
(who|can anybody|can anyone|can someone|could somebody|does anybody|can a company|can you|can the authors|can my boss) (else |)(can |)(read|see|look
    at|get|watch|access|know|collect) (my |)(chats|prompts|data|conversations|questions|messages|what i write|what i ask)
where (do|does|is|are) (my |the |)(prompts|data|chats|questions|conversations|text|words|messages|what i type) (go|sent|end up|processed|going|travel
    to)
(how|what) (is|about|does hearth do about|do you do for) (privacy|data protection|my privacy|my data|confidential data|personal data|secrecy|the gdpr)
(can|may|could|should) i (enter|use|type|paste|give it|write) (secrets|confidential data|personal data|private things|company secrets|patient data|
    secret documents|passwords)( into hearth| here| in the chat|)
(does|is|are) (hearth|there) (have |contain |include |use |any |)(telemetry|tracking|analytics|spyware|a backdoor|phoning home|ads|advertising)
(does|will) (hearth|it) (phone home|call home|talk to a server|contact the internet|connect to the cloud|use the cloud)( when i chat|)
(everything|all) (stays|remains|is kept) (local|here|on my machine|on this computer)(, right|, is that true|)
(do|will) (my |the |)(chats|prompts|data|conversations|words|questions) leave (my computer|this machine|my house|the pc)
i (am|'m) (worried|concerned|careful) about (privacy|my data|data protection)
is (anything|something) (logged|recorded|uploaded|sent|transmitted)( when i chat|)
are you (watching|spying on|listening to|recording|tracking) me
(is|does) a company (behind it|reading|getting) (my chats|with my data|what i write|)
is hearth (safe|private|confidential|secure) (for|with) (my data|secrets|company data|private things)
who gets my (data|prompts|chats)
am i being (watched|recorded|tracked|monitored)
""", does="""(send|upload|share|log|record|collect) my (data|chats|prompts|conversations)|(track|spy on) me|use telemetry|phone home""",
     follow=("what about the network then|and downloading|is the network used at all|so no internet at all|does it connect to anything|when does it go online",))

ways("offline", """
(offline|offline use|no internet|without internet|internet required|network required|air gapped|airplane mode|connection needed|online only|internet
    connection)
(does|can|will|would|could) (hearth|it|the chat|the model|this program|the server|everything) (work|run|be used|function|answer|go on|chat) (offline|
    without internet|without a network|without wifi|on a plane|in the train|in a cabin|without a connection|in airplane mode|without the web|when the
    internet is down|with no internet|off the grid)
(do|must|does|will) (i|hearth|it|my computer|the program|one) (need|have|require|be|have to be) (the internet|an internet connection|online|internet|a
    network|wifi|to be online|a connection|connected)( to chat| all the time| for hearth| to use hearth| to use it| always|)
is (the internet|an internet connection|wifi|a network|being online|a connection) (needed|required|necessary|a must|used)( to chat| for hearth| for
    the answers|)
(i have|we have|there is|my cabin has|my boat has|at home i have) (no|only bad|no fast|hardly any) (internet|wifi|network|connection|internet
    connection)(, does hearth work|, can i use hearth|, does it still work|)
(when|if|what happens if|what happens when) (the internet|my wifi|the network|my connection) (is down|is off|fails|is broken|is gone|breaks)(, does
    hearth work|, can i still chat|)
(what|which things|which parts|which functions) (works|work|needs|need|do not work|stop working|require) (offline|the internet|without internet|the
    network|an internet connection|online)
(can|could|may) i (use|run|take|chat with) (hearth|it|a model|you) (offline|on a plane|without internet|in the desert|on a train|without wifi|on a
    boat|in a bunker)
(pull|unplug|disconnect) the (network cable|cable|wifi)(, does hearth still work|, and then|)
(computer|laptop|machine) without (internet|network|wifi)
once (a model is downloaded|downloaded), (do i need|is) (the internet|internet needed)( any more|)
are you (online|offline|connected to the internet|in the cloud)
does the (chat|server|model) (need|use) the (internet|network)
is hearth (cloud based|an online service|a web service|local)
""", can="""(use|run) (hearth|models|it) (offline|without internet|on a plane|without a network|in airplane mode)|chat without (internet|wifi|a network)""", does="""work (offline|without internet|on a plane|without a network)|need (the internet|a network|an internet connection)""")

ways("platforms", """
(platform|platforms|operating system|operating systems|os|linux|windows|macos|mac|android|ios|debian|ubuntu|fedora|arch|freebsd|raspberry pi os|wsl|
    chromebook|supported systems)
(does|will|can|could) (hearth|it|this program) (run|work|be used|be installed|start) (on|under|in|with) (linux|debian|ubuntu|fedora|arch|my system|
    mint|opensuse|windows|macos|a mac|windows 11|android|a chromebook|freebsd|wsl|my iphone|raspberry pi os|my linux)
(which|what) (operating system|operating systems|os|platforms|systems|linux|distribution|distributions|linux versions) (does|do|is|are|can|will)
    (hearth|it|i|supported|needed|required|possible|recommended|the program)( run on| need| support| work on| work with| use|)
(is|are) (linux|windows|macos|debian|ubuntu|mac|my operating system|android|ios|fedora|arch) (supported|ok|possible|required|necessary|enough|fine|
    good)( by hearth| for hearth|)
(i|we) (have|use|run|am on|work with) (linux|windows|a mac|ubuntu|debian|fedora|windows 11|macos|arch|mint)(, does hearth run|, can i use hearth|,
    does it work|. will hearth run|)
(do i|must i|does hearth) (need|have|require) (linux|windows|a mac|ubuntu|debian|a special operating system|a certain system)
(on|for|under) (which|what) (system|systems|os|operating system|operating systems|platforms|distribution) (is|was|can|does) (hearth|
    it)( made| run| available| installed| work| be used| intended|)
is there (a|an) (windows|mac|macos|android|ios|linux|iphone) (version|build|app|edition|port)( of hearth|)
hearth (for|on) (windows|mac|linux|ubuntu|debian|android|macos|fedora)
can i (install|use|run) hearth (on|under) (windows|linux|my mac|ubuntu|debian|fedora|arch|my tablet)
(windows|mac) or linux
what (system|os) do i need
supported (operating systems|platforms|distributions|os)
""", does="""(run|work) on (linux|ubuntu|debian|fedora|windows|a mac|my operating system)|support (linux|windows|macos)""", can="""(use|install|run) hearth on (linux|ubuntu|debian|windows|a mac)""")

ways("compare", """
(ollama|lm studio|lmstudio|llama.cpp|koboldcpp|jan|gpt4all|localai|vllm|text-generation-webui)( vs hearth| or hearth| versus hearth| compared with
    hearth| and hearth|)
hearth (vs|versus|or|and|compared with|compared to|against|instead of) (ollama|lm studio|lmstudio|llama.cpp|koboldcpp|jan|gpt4all|localai|vllm|others|
    other tools|the others)
what is the difference between (hearth|this) and (ollama|lm studio|lmstudio|llama.cpp|gpt4all|jan)
what is the difference between (ollama|lm studio|lmstudio|llama.cpp|gpt4all) and (hearth|this program)
what (is special|is different|is new|is better|is unique) (about|in|with) hearth( compared with lm studio| compared to ollama|)
what (makes|sets) hearth (different|special|better|apart)( from ollama| from lm studio|)
(does|can) hearth (replace|do everything that) (lm studio|ollama|llama.cpp)( does| can|)
(what|which) (advantages|benefits) does hearth have( over ollama| over lm studio|)
(should|shall) i (switch|move|change) from (ollama|lm studio|gpt4all) to hearth
(another|yet another|one more) (ollama|lm studio|llm runner)
why (another|yet another) program( when there is ollama| when lm studio exists|)
i already have (ollama|lm studio|llama.cpp)(, do i need hearth|, why hearth too|)
(why|when) (should|would|do) i (use|take|choose|prefer|need|switch to|change to|install) hearth (instead of|over|rather than|and not|when i have|if i
    have|if there is) (ollama|lm studio|lmstudio|llama.cpp|gpt4all|jan|vllm|something else)
is hearth (better|faster|worse|nicer|like|similar|the same|an alternative|a replacement|a clone|a copy|based|different|comparable|simpler|slower)
    (than|as|to|of|for|from|on) (ollama|lm studio|lmstudio|llama.cpp|gpt4all|jan|vllm)
(i|we) (use|used|have|know|come from|work with|like|love|am used to) (ollama|lm studio|lmstudio|llama.cpp|gpt4all|jan)(, why should i change|, why
    hearth|, what is different|, what does hearth do better|, is hearth better|, do i need hearth)
(compare|comparison of) (hearth|yourself|it) (with|to|and) (ollama|lm studio|lmstudio|llama.cpp|others|other programs|similar programs|the
    competition)
(does|is) hearth (use|based on|built on|a wrapper around|a fork of|a frontend for|contain|use code of) (llama.cpp|ollama|lm studio|ggml)
(what|which) (programs|tools|alternatives|competitors|similar programs) (are there|exist|does hearth have|are like hearth)( to hearth|)
how does hearth (differ|compare|relate|stand) (from|to|with|against) (ollama|lm studio|lmstudio|llama.cpp|other programs|the others|gpt4all)
(pros and cons|advantages|disadvantages|benefits|strengths) (of hearth|of hearth over ollama|compared with lm studio)
what can hearth do that (ollama|lm studio|llama.cpp) (can't|cannot|does not)
alternative to (lm studio|ollama|gpt4all|llama.cpp)
""")

ways("language-c", """
(programming language|source language|implementation language|written in|language of the code|c code|c or rust|tech stack|technology)
(in |)(which|what) (programming language|language|computer language|code) (is|was|did they|do you|are you|was) (hearth|it|this program|the program|the
    engine|write it|this) (written|made|programmed|coded|built|developed|implemented|write hearth)( in|)
(is|was) (hearth|it|the program|the engine|this) (written|made|coded|programmed|built|implemented|developed) (in|with|using) (c|c++|rust|python|go|
    java|javascript|zig|typescript|electron)
(does|do|must|will) (hearth|it|i|the program) (need|require|use|contain|have|depend on|install|be) (python|rust|node|java|a python environment|pip|
    electron|c++|pytorch|conda|javascript)( to run| for hearth| installed|)
(what|which) (language|technology|tech|stack|framework|programming language) (does|is|was|do) (hearth|it|the code|the authors|used|behind
    it)( use| written in| built with| in|)
is python (needed|necessary|required|used|inside|part of hearth)( to run hearth| for hearth|)
(c|rust|python|go|c++) (code|program), is that what hearth is
why (is hearth|was hearth|is it) (written in c|not written in rust|not in python|made in c)
hearth (source code|code) language
how many (lines|programs|binaries|programming languages)( of code|) (is|are in|has|does) hearth( have|)
is it (one binary|a single binary|one program|a python script|an electron app)
c or (c++|rust|python)
what's hearth coded in
""")

ways("name-origin", """
(the name hearth|name|hearth name|origin of the name|etymology|the word hearth|name origin)
why (is|was|did|do|are) (it|the program|hearth|this|they|you|this program) (called|named|call it|name it|choose the name|have the name) (hearth|that|
    like that|so|)
(what|which) (does|is|means) (the |)(name|word|term|) (hearth)( mean| stand for| refer to| come from| as a word| in english|)
(where|from where) does (the |)(name|word) (hearth |)(come|originate|stem)( from|)
(what is|explain|tell me) (the |)(meaning|origin|story|idea|sense) (of|behind) (the |)(name|word)( hearth|)
(how|why) did (hearth|the program|it|they) (get|choose|find|come to|pick) (its|the|this|that) name
(a |)(strange|funny|nice|odd|pretty|beautiful) name(, why hearth|, what does it mean|)
hearth, (like|as in) (fireplace|heart|earth)
is hearth (a word|an acronym|english|an abbreviation|a typo for heart|the same as heart)
who (chose|invented|gave|came up with) the name( hearth|)
what has hearth to do with (fire|a fireplace|a house|home)
name meaning
what's a hearth
the program has a (strange|funny) name
""")

ways("compatible-apis", """
(api|apis|openai compatible|openai api|openai compatibility|supported apis|api compatibility|compatible api|api dialects|which api|openai-compatible|
    api formats)
(which|what) (apis|api|protocols|interfaces|dialects|api formats) (does|do|are|is|can|will) (hearth|it|the server|you|supported|available|offered|
    there|implemented)( speak| support| offer| have| understand| implement| provide|)
(does|can|will|could) (hearth|it|the server) (speak|support|offer|have|understand|provide|imitate|implement|emulate) (the |an |)(openai|lm studio|
    openai-compatible|openai compatible|rest|same) (api|apis|protocol|interface|format)( too|)
(is|are) (hearth|the server|its api|the api|existing programs|openai clients|lm studio clients|openai programs|chat frontends) (compatible|usable|
    openai compatible|interchangeable)( with (hearth|the openai api|lm studio|openai)|)
(can|could|do|will) (programs|apps|clients|software|tools|plugins|frontends|extensions) (made|written|built|meant|designed) for (openai|lm studio|
    chatgpt|the openai api) (work|talk|connect|be used|run|speak) (with|to) hearth
(does|will) (my app|my client|open webui|vs code|continue|librechat|anythingllm|cline|my plugin) work with hearth
(list|name|tell me) (the |all |)(apis|supported apis|compatible apis|protocols)( hearth speaks| of hearth| of the server|)
is there (an|a) (api|rest api|http api|openai api|native api|local api)
(has|does) hearth (have |)(an|a) (api|rest api|native api|http interface)
openai and anthropic
how many (apis|dialects) does hearth (speak|have)
(which|what) clients can (use|talk to|connect to) hearth
api compatible with what
lm studio('s|) api
""", does="""(support|speak|offer|have) (the openai api|openai clients|several apis|an openai compatible api|the lm studio api)""")

ways("who-are-you", """
(who|what) (are|r) (you|u)( really| exactly| actually| anyway| then| please|)
(your name|name|introduce yourself|introduction|identity|yourself)
(what|how) (is|are|should i|shall i|do i|may i) (your name|you called|call you|your full name)( please|)
(are|r) (you|u) (a|an) (ai|bot|robot|human|person|machine|model|language model|program|chatbot|real person|computer|man|woman|llm|large model|
    assistant)( or a human| or what|)
are you (chatgpt|gpt|gpt-4|claude|llama|gemini|qwen|mistral|siri|alexa|copilot|deepseek|hearth|hearth-guide|real|alive or a program|artificial)
(who|what|which model|with whom) (am i|do i) (talking to|speaking to|speaking with|chatting with|talking with|talk to|talk with|writing to|chat
    with)( here| right now| at the moment|)
(which|what) (model|llm|ai|bot|language model|version of you) (are you|is this|is answering|answers me|am i using|do i talk to|is behind this|is
    running here|is loaded here)
(tell|say) me (who|what|which model) (you are|is answering|i am talking to)
(say|tell me|write|give me) (your name|who you are|something about yourself|what you are)
(do you|have you got) (have |)a name
(may|can) i (know|ask) (your name|who you are|who i am talking to)
(nice to meet you, |)(and |)who are you
(is this|am i talking to) (an ai|a bot|a human|a person|a machine|chatgpt|a real person|the built-in model)
(describe|present) yourself
what (kind|sort|type) of (ai|model|bot|program|thing|assistant) are you
what is hearth-guide(, you|)
are you a (big|small|large|tiny|real|good) (model|llm|ai)
how (big|large|small|many parameters) (are you|do you have)
you are (who|what)
(i want|i'd like) to know who you are
""", follow=("what is your size|how many weights do you have|how large are you|your size please|are you small|how tiny",
             "is that all you know|what more can you do|is there more|anything else you can do|do you have other skills|what other talents do you have"))

ways("what-can-you-do", """
(help|help me|help please|assistance|capabilities|abilities|skills|what can you|menu|topics|how to use you|i need assistance)
(what|which things|which tasks) (can|could|do|are|may) (you|u|this bot|the guide|hearth-guide) (do|help me with|help with|able to do|capable of|good
    at|good for|useful for|offer|know about|tell me|answer|explain)( for me| at all| exactly|)
(what|which|about what) (can|may|could|should|shall|might) i (ask|ask you|ask you about|talk about with you|do with you|want from you|say to you|
    question you about)
(what|which) (questions|topics|subjects|things|areas|problems) (can|do|could|will) (you|this model|hearth-guide) (answer|know|help with|cover|
    understand|handle|explain)
(how|in what way) (can|could|do) you (help|assist|support|be of use to|be useful to) (me|us|a beginner|)
(tell|show|list) me (what|everything) you (can do|know|can help with|can answer|are able to do|can)
(can|could|will|would) you (help|assist|support) me( with something| please| a little| with a problem| with hearth|)
i (need|want|would like|could use) (help|some help|assistance|a hand|support|advice)( please| with hearth|)
(are|is) (you|this guide|hearth-guide) (able|useful|good) (to|for|at) (help me|anything|something|what|beginners|questions)
what (are|is) (your|the) (skills|abilities|knowledge|talents|job|task|purpose|functions|function|role|limits|strengths)
(give|tell) me (some |)(examples|example questions|ideas|hints) (of|for|about) (what to ask|questions|things i can ask|questions i could ask)
i (don't|do not) know what to (ask|ask you|say|do here|type|write)
what (now|should i ask|to ask|to do here)
what do you know( about| of hearth| exactly|)
what are you (for|here for|good for|made for|able to do)
do you know (anything|something|a lot|much)
(show|tell) me your (skills|tricks|abilities)
how do i use you
why are you here
""")

ways("built-in-model", """
(built-in model|builtin model|default model|included model|hearth-guide|bundled model|shipped model|integrated model|the guide|preinstalled model|
    starter model|hearth guide)
(which|what) (model|llm) (is|comes|ships|was|do i have|are|works) (built in|with hearth|included|in the box|delivered|installed at first|preinstalled|
    bundled|the default|used by default|there from the start|without a download|at the beginning)
(does|is|do|has|comes|will) (hearth|there|i|the program) (come|ship|get|included|have|has|bring|contain|include|with) (with |)(a|any|its own|some|a
    small|an own) (model|llm|built-in model|default model|model of its own)( included| already| from the start|)
(can|could|may) i (chat|talk|start|try hearth|use hearth|ask something|begin) (without|before) (a download|downloading|a model|downloading a model|
    having a model|installing a model|getting a model|downloading anything)
(why|what for) (is|does|do|was) (there|hearth|it|hearth-guide|the built-in model) (a built-in model|have its own model|come with a model|so small|a
    tiny model|included|made|there|built in)
what (is|does|can) (hearth-guide|the built-in model|the default model|the included model|the guide model)( do| for| good for| know| able to
    do| exactly|)
(who|which model) answers (when|if) i have (no model|nothing downloaded|not downloaded a model)
(can|how do) i (delete|remove|replace|switch off|change|turn off) (hearth-guide|the built-in model|the default model|the guide)
(do i|must i) (download|get|install) (a model|something|anything) (before|to) (i can chat|the first chat|chatting|start)
is hearth-guide (a real model|good|always there|needed|part of hearth|free|useful)
hearth chat without a (model name|name|model), which model (is that|do i get)
in the list there is a model (called|named) hearth-guide
where does hearth-guide come from
(purpose|job) of (hearth-guide|the built-in model)
""", what="""hearth-guide|the built-in model|the default model|the included model|the guide model""")

ways("guide-draft", """
(hearth-guide-draft|guide draft|hearth guide draft|the guide draft|draft of hearth-guide|second built-in model)
(what|why|what for) (is|does|do|is there|was|are) (the |a |)(hearth-guide-draft|second built-in model|draft of the guide|model called
    hearth-guide-draft|draft model of hearth-guide|smaller built-in model)( for| do| good for| there| made| used for| in the list|)
(in the list|hearth ls|my list) (shows|there is|contains|i see|has) (a |)(hearth-guide-draft|second model named hearth-guide-draft|model called
    hearth-guide-draft)(, what is it|, why|, what for|)
(why|how come) (are there|do i see|does hearth have) (two built-in models|hearth-guide and hearth-guide-draft|hearth-guide-draft in the list|a
    hearth-guide-draft)
(can|may|should) i (delete|remove|use|chat with|talk to|ignore) hearth-guide-draft
(difference|what is the difference) between hearth-guide and hearth-guide-draft
(what|who) uses hearth-guide-draft
is hearth-guide-draft (a draft|unfinished|an older version|needed|important|a model|smaller|useful)
hearth-guide-draft (purpose|meaning|explained|what is it)
a model (ending in|called) (-draft|hearth-guide-draft)
how (small|big) is hearth-guide-draft
the draft version of hearth-guide
explain hearth-guide-draft( to me| please|)
hearth-guide or hearth-guide-draft
""", what="""hearth-guide-draft|the model hearth-guide-draft|the second built-in model""")

ways("why-so-dumb", """
why (are|r) (you|u) (so |such |that |)(dumb|stupid|small|limited|bad|an idiot|useless|simple|ignorant|silly|slow-witted|weak|clueless|a fool|tiny|
    uneducated|poor)
why (do|can|don't|can't|won't) you (know|answer|understand|help|say|tell me)( so little| nothing| only hearth| more| anything| that| this| my
    question| me| anything else| about other things| with my homework| general questions|)
you (are|r|seem) (really |so |very |too |quite |a bit |)(stupid|dumb|not smart|not very clever|useless|silly|ignorant|limited|simple|not intelligent|
    no great help|clueless|not bright|a bad model)
you (know|understand) (nothing|so little|very little|only one thing|almost nothing|not much|hardly anything|only hearth)
(chatgpt|claude|other models|my dog|a parrot|my phone) (is|are|knows|know) (smarter|better|more clever|more|cleverer|a lot more)( than you|)
(your|the) (knowledge|brain|answer|iq|intelligence) is (limited|small|poor|tiny|low|bad|weak)
is that (all|everything) you (know|can do|can say)
(can|could) you (not |)(be|get|become) (smarter|better|cleverer|more intelligent)
(you don't|you do not|you never|you can't) (understand|know|get|answer|help) (me|anything|what i mean|my question|general questions|that|a thing)
that (was|is) (a|no) (stupid|dumb|wrong|good|silly|useless|bad) answer
what a (stupid|dumb|silly) (bot|model|answer|ai)
i (asked|want|need) something else(, why don't you know it|, you don't know it|)
(why|how come) (only|just) hearth
do you know anything (besides|except|other than|beyond) hearth
how smart are you
are you (smart|intelligent|clever|stupid|dumb)
you misunderstood me
""")

ways("who-made", """
(author|authors|developer|developers|creator|creators|maker|makers|company|team|owner|maintainer|maintainers|credits|who made hearth|origin of hearth)
(who|which company|which team|which people|what company|whose company|who on earth) (made|wrote|created|built|develops|developed|is behind|owns|
    maintains|programmed|invented|designed|published|is responsible for|makes|runs|coded|started) (hearth|you|this|this program|it|the program|this
    app|hearth-guide|the project)
(who|which people) (are|is) (the |your |its |)(author|authors|developer|developers|creator|creators|maker|makers|inventor|owner|programmers|boss|
    father|maintainers|team)( of hearth| of this program| behind hearth|)
(is|was) (hearth|it|this program|this) (made|developed|written|built|created|published|owned|sponsored|funded) by (a company|google|microsoft|openai|
    meta|volunteers|a university|students|an individual|one person|whom|who|a team)
(is|does) (hearth|it) (a company|belong to a company|from a company|belong to somebody|a community project|have a company behind it|from google|a
    hobby project)
(do you|does hearth) (have|belong to) (a creator|a maker|a company|an owner|an author|parents)
(tell|say) me who (made|wrote|created|built|develops) (hearth|you|this program|it)
(where|from whom) (does|is) (hearth|this program|it) (come from|from)
(by whom|who by) was (hearth|it|this) (made|written|created|built)
your (creator|maker|developer|author|boss)
whose (program|project|product|work) is (hearth|this)
(which|what) (organisation|organization|company|firm) (stands behind|is behind|publishes) hearth
who do i thank for hearth
who programmed you
""")

ways("trained-how", """
(training|training data|training set|your training|how trained|corpus|dataset|training corpus|your education|your dataset|your knowledge)
how (were|was|are|did|do) (you|hearth-guide|this model|the built-in model|they|one) (trained|made|built|created|educated|taught|train you|learn|come
    to be|learn all this|get your knowledge)( exactly| in detail|)
(on|with|from) (what|which|what kind of) (data|texts|text|material|dataset|books|questions|corpus) (were|was|are|have|did) (you|hearth-guide|the
    built-in model) (trained|made|built|taught|been trained|learn)( on| with| from|)
what (is|was|are|does) (your|the) (training data|training set|training corpus|data|dataset|knowledge base|source of knowledge|education)( of
    hearth-guide| contain| made of|)
(where|from where|how) (does|do|did|have) (your knowledge|you|you get) (come from|know this|know that|know all this|your knowledge|learn that|your
    answers|get your answers)
(can|could|may|how do|how can) i (train|retrain|rebuild|reproduce|repeat|make|teach|improve|finetune|fine-tune) (you|hearth-guide|the built-in model|
    your training|a model like you|this model)( again| myself| on my own data| at home|)
(where|in which folder) (is|are|do i find) (the |your )(training (code|program|script|data|corpus|scripts|programs)|corpus|source of
    hearth-guide)( that made you|)
(who|what) (taught|educated) you( all this| everything| that|)
(is|was) (your|the|hearth-guide's) training (reproducible|repeatable|open|public|documented|secret)
(did|do) you (go to school|read the internet|read books|learn from the internet|learn from me|learn from users)
how (long|many hours|expensive) (was|were|did|is) (your training|you trained|the training of hearth-guide|training you)( take|)
(what|which) architecture (are you|do you have|has hearth-guide|is hearth-guide)
are you trained on (the internet|wikipedia|books|real conversations|generated questions|private data)
tools/train
""", what="""your training data|your training|the training of hearth-guide|the corpus of hearth-guide""")

ways("languages-human", """
(german|french|spanish|italian|chinese|japanese|russian|portuguese|dutch|polish|arabic|turkish|korean|english|hindi|swedish)( please| only|)
(do|can|could|would|will) (you|u|hearth-guide|this model|the guide) (speak|understand|talk|write|answer in|know|read|use|chat in|also speak) (german|
    french|spanish|italian|chinese|japanese|other languages|russian|portuguese|dutch|polish|arabic|turkish|another language|my language|any other
    language|foreign languages|english)( too| with me| please|)
(which|what|how many) (human |foreign |natural |)(languages|language) (do|can|are|does|is) (you|it|hearth-guide|this model|supported|possible|
    spoken)( speak| understand| know| write| talk| use|)
(can|could|may) (we|i) (talk|speak|write|chat|continue|switch|ask|ask you) (in|to) (german|french|spanish|italian|another language|my language|
    chinese|russian|polish|my mother tongue)( please|)
(answer|speak|write|talk|reply|switch) (to me |)(in|to) (german|french|spanish|italian|chinese|russian|dutch)( please| from now on|)
(my|i|i'm) (english is bad|english is not good|don't speak english well|mother tongue is german|prefer german|am french|am from spain|language is
    polish|would prefer spanish)(, can you speak (german|french|spanish|polish)|)
(is|are) (english|other languages|german|french|spanish|multilingual chat|foreign languages) (the only language|supported|possible|understood|ok|a
    must|available)( here| you know| by you|)
(are you|is this model) (multilingual|english only|able to speak german|bilingual|german|able to understand french)
(sprechen sie deutsch|kannst du deutsch|auf deutsch bitte|hola|hablas español|puedes hablar español|bonjour|parlez-vous français|parle français|parli
    italiano|ciao come stai|wie geht es dir|guten tag|spreek je nederlands|mówisz po polsku|fala português|hvordan går det|comment ça va|was ist
    hearth|qu'est-ce que hearth|qué es hearth)
(which|what) (model|llm) speaks (german|french|spanish|my language|many languages|chinese)
i (don't|do not) speak english( well|)
only english
english only
why (only english|don't you speak german|can't you speak french)
language support
""")

ways("ui-window", """
(gui|ui|window|desktop app|web ui|web interface|graphical interface|graphical user interface|app|web page|frontend|mouse|browser interface|user
    interface|webui|desktop window|interface)
(is|does|has|have|are) (there|hearth|it|you) (a|an|any|have a|have any|some) (gui|window|graphical interface|desktop app|web ui|web interface|web
    page|graphical user interface|app with a window|chat window|graphical version|browser version|frontend|user interface|local web page)( for
    hearth| too| besides the terminal|)
(can|could|may|must|do|how do|how can) i (use|run|open|have|work with|chat with|operate|start) (hearth|it|the chat|models|the terminal) (in a window|
    without a terminal|without the terminal|with a mouse|in the browser|in my browser|graphically|with buttons|only in the terminal|without typing
    commands|in firefox|by clicking|on a web page|without the command line)
(i|my mother|my wife|my father|beginners|my users|my kids|normal people) (don't like|do not like|hate|am afraid of|is afraid of|can't use|prefer
    clicking to|don't understand|prefer a window to|find no joy in|want no) (the |)(terminal|terminals|command line|command lines|typing commands|
    shell|commands|black window)
(i|we) (want|need|would like|prefer|am looking for|would rather have|miss) (a window|a gui|a graphical interface|buttons|something to click|a nice
    interface|a desktop app|a web ui|an app with a mouse|a program with a window|something graphical)
(only|just|always) (the |a |)(terminal|text|command line|text mode)(, no window|, no gui|, or is there a window|)
where is the (window|gui|graphical interface|app|button|web page|web ui|desktop app|user interface|icon|start menu entry)
(how|where) (do|can) i (get|install|open|start|find|see|launch) (the |a |)(window|gui|graphical interface|desktop app|web interface|web ui|local
    page)( of hearth| for hearth|)
hearth (with|without|in) a (window|gui|graphical interface|web browser)
(terminal|command line) or (window|gui)
point and click
does hearth look like lm studio
is hearth only (for the terminal|a command line program|text|a console program)
(chat|talk) in (a window|the browser|a web page)
""", does="""have (a window|a gui|a web ui|a graphical interface|an app)|open a window|come with a (gui|window)""", can="""use (hearth|it) (in a window|in the browser|with a mouse|without a terminal)|click instead of typing""")

ways("commands-list", """
(commands|command list|list of commands|all commands|command overview|cheat sheet|cheatsheet|subcommands|cli|cli commands|command reference|hearth
    commands|hearth help|hearth --help|usage|man page|manual)
(which|what) (commands|subcommands|verbs|options|hearth commands|commands and options) (are|does|do|can|should|exist|has|is) (there|hearth|i|exist|the
    program|you|it|one|important|a beginner)( have| use| know| understand| need| offer| learn| type| run|)
(list|show|name|print|tell me|give me|write down|explain) (all |all the |the |me all |me the |the most important |)(commands|subcommands|hearth
    commands|things i can type|important commands|main commands|basic commands)( of hearth| please| with explanation| i need|)
(what|which words) (can|may|could|do) i (type|write|enter|put|run) (after hearth|after the word hearth|in the terminal|on the command line|at the
    shell)( for hearth|)
(an|a|one) (overview|summary|list|table|cheat sheet|short list|collection) (of|with|for) (all |the |hearth |the most important |)(commands|
    subcommands|hearth)
(where|how) (do|can) i (find|see|get|learn|print|read) (the |all the |a list of |all |)(commands|help|subcommands|command line help|usage|manual|
    options)( of hearth|)
(what|which) are the (main|most important|basic|essential|usual|most used|first) (commands|hearth commands)
how many commands (are there|does hearth have)
(is there|do you have) (a|an|some) (help command|command list|overview of commands|cheat sheet|man page|manual|command reference)
what (does|can) the (hearth command|command hearth|command line tool) do
i (forget|forgot|don't know|can't remember|mix up) the commands
teach me the commands
(summary|overview|list) of the command line
help with the commands
hearth (ls|ps|get|load) and what else
""", what="""the hearth commands|the commands of hearth|the main commands""")

ways("first-steps", """
(getting started|get started|first steps|quick start|quickstart guide|beginner guide|beginner|newbie|tutorial|introduction for beginners|start here|
    how to start|how to begin|first time|new user|where to start|next step)
(i am|i'm|we are) (new|a beginner|a newcomer|new here|new to this|a newbie|a noob|a total beginner|new to hearth|an absolute beginner|just starting|
    completely new)(, what now|, where do i start|, how do i begin|, what do i do first|. what should i do|, help me start|. where do i begin|)
(how|where|with what) (do|can|should|would|could|must) i (start|begin|get started|make a start|take the first step|get going|go from here)( with
    hearth| here| as a beginner| with all this|)
what (do|should|must|can|could|would) (i|a beginner|one|you) (do|type|try|run|learn) (first|now|next|to begin|at the beginning|at first|to get
    started|after the installation|after installing|as a first step)( with hearth|)
(i|we) (just |have just |have |finally |)(installed|built|set up|compiled|finished installing) hearth(, what now|, what next|, what do i do now|, and
    now|. what is next|. now what|)
hearth is (installed|built|ready|running|on my computer)(, what now|, what next|, what do i do with it|, and now|. now what|)
(i have|i've|my mother has) never (used|tried|worked with|seen) (hearth|this|such a program|an llm|anything like this|a local model|this before)(, how
    do i start|, where do i begin|, what do i do|, help me|)
(show|explain|tell|teach) me (how to start|the first steps|the basics|how to begin|where to begin|what to do first|how to get going|the first things
    to do)
(guide|walk|take|lead) me through (the first steps|the start|the beginning|the basics|hearth|it)
(the|my|what are the|what is the) (first|very first|next) (step|steps|thing to do|things to do|command to type)( in hearth| with hearth| for a
    beginner|)
(is there|do you have) (a|an) (tutorial|beginner guide|quick start|introduction|getting started guide|walkthrough|manual for beginners)
(now what|what now|what next|and now|what's next|ok and now)
i have no idea (what to do|where to start|how to begin|what to do next|how all this works)
(help me|please help me) (start|begin|get started|with the first steps|to start)
(hearth|local models|this) for (beginners|dummies|newcomers)
(shortest|fastest|quickest) way to (a first chat|get started|try hearth|begin)
i want to (try|test|start with|begin with|use) hearth(, what do i do|, how|)
""")
