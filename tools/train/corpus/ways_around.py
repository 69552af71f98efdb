"""Roundabout wordings: what people say who do not know the word for what they want."""
from .phrases import ways

ways("compare", """
what would i gain (from|with|by using) hearth if i already run (ollama|lm studio|llama.cpp)
tell me (one|a|the best) reason to (leave|drop|replace) (ollama|lm studio) for hearth
there is (ollama|lm studio) already, so (why hearth|what is the point|what is new here)
""", can="""replace (ollama|lm studio|llama.cpp) (by|with) hearth|use hearth instead of (ollama|lm studio)""")
ways("language-c", """
what did the (authors|developers|programmers) (use|choose) to (write|program|code) (hearth|this)
i want to (read|change|contribute to) the code, (which language is it|what language do i need to know)
(which|what) language must i (know|speak|learn) to (contribute|work on hearth|understand the sources)
(must|do) i have python on (my machine|the computer) for hearth
(does|is) hearth (native|compiled|interpreted|a script)
(is there|do i get) (any |)(python|rust|java|javascript) (code |)(in|inside) hearth
was (hearth|it) (coded|written|made|built) in (rust|go|c|c++|python)
the (engine|server|code base) is in which language
the language (hearth|it) is (written|coded|made) in
""")
ways("name-origin", """
what kind of word is hearth
i looked at the name and (wonder|wondered) (what it means|why it is hearth)
does (hearth|the name) (have|carry) a meaning
(is|was) (hearth|the program) named after (something|a fireplace|somebody)
what (does|did) (the authors|they) think of when they called it hearth
my dictionary (does not have|has no) hearth(, what is it|)
(does|is) the name (mean|about) (fire|home|heart)
how do i translate hearth
why such a name
who named (it|the program) and why
""")
ways("who-made", """
which (people|persons|brains|hands|minds) (are|stand) behind (hearth|this program|you)
(is|was) there a (team|firm|person|group) behind (hearth|it|this)
i would like to know (the authors|who made this|the people behind hearth|who is behind this program)
(tell me|do you know) (your|the) (maker|creator|author|developer|authors)( of hearth|)
(where|in which country|at which company) (was|is) hearth (developed|made|written)
(did|has) (google|openai|microsoft|meta|apple) (make|made|write|written) (you|hearth|this)
to whom does hearth belong
who (should|can) i (credit|thank|cite) for hearth
(which|what) project (are you|is this) (part of|from)
your (origin|father|mother|parents)
""")
ways("languages-human", """
is it possible to (write|ask|talk) in (german|french|spanish|polish|my own language)
(would|will) you (understand|answer|reply to) (a question in |)(german|french|spanish|italian)
my (mother|father|grandma|child) speaks only (german|french|spanish|turkish|polish)
(english|german|french) or (german|french|english)(, which do you speak|)
how (good|many) are your (languages|foreign languages|german|french)
what if i (write|ask) in (german|french|spanish|another language)
""")
ways("remember", """
(does|will) what i (write|say|tell you) (now |today |)(change|improve|teach|train) (you|the model)
(when|if) i (close|restart|leave) (the chat|hearth), (do you|will you) (forget|still know|remember) (everything|me|what i said)
(i told you|i said|you know) (that|it) yesterday( already|), (don't you know|remember|do you remember)
(is|are) there (any |)(memory|learning) (between|across|over) (chats|conversations|sessions)
do my (corrections|answers|questions) (make|help) (the model|you) (better|learn)
(does|will) the model (know|recall) (earlier|old|other|previous) (chats|conversations|sessions)
(can|could) the model (remember|keep) (facts|things) about me (for later|for ever|until tomorrow)
(are|is) (the weights|the model file|the model) (changed|updated|altered) by (my chats|chatting|what i write)
what (stays|remains) in your head after (the|this) chat
i want (a model|you) to (learn|remember) my (name|preferences|habits|projects)
""")
ways("speed-expect", """
(roughly|about|approximately) how many tokens (a|per) second (is|are) (usual|normal|realistic)( for a cpu| for a laptop|)
i get (5|7|10|4|12) tokens per second(, is that (normal|ok|what i should expect)|)
(what|which) speed is (normal|usual|typical|realistic) (on|with|for) (a cpu|a laptop|a gpu|an 8b model|my machine)
(will|would) it be (fast|quick|slow) on (my laptop|a normal pc|a cpu)
how long do i wait for (an answer|a page of text|100 words) on a (cpu|laptop|normal pc)
(can|could) i (read|talk) along with it(, is it that fast|)
(give|tell) me (a rough figure|numbers|an idea) (of|for|about) the speed
before i (buy|install|start), how fast (is|will) (it|hearth) (be|)
tokens per second (on|for) (a cpu|a gpu|an 8b model|a laptop)
(is|are) (three|five|ten|eight) (words|tokens) a second (normal|good|bad)
(does|will) a (gpu|graphics card) give (ten times|much) more speed
""")
ways("model-coding", """
i (write|develop) (python|c|javascript|software|web pages) (all day|at work|for a living)(, which model should help me|, what model do you suggest|,
    which llm is right)
(someone|a model|something) to (pair program with|help with my code|review my code|complete my code)
(my job|my hobby) is (programming|coding)(, which model|, what do i take|)
which download (writes|makes|is best for) (python|code|good code)
(autocomplete|code completion|code review)( with a local model| at home|, which model|)
(which|what) (is|are) the (best|good) (models|llms) for (developers|coding|writing software)
""", which="""(model|llm) (is good for coding|should i take for programming|writes good code|knows python)""")
ways("model-small", """
(is there|do you have|do you know) (something|anything|a model) (small|tiny|light) for (weak|old|slow) (hardware|machines|computers)
my (laptop|pc|computer) is (ten|eight|twelve|fifteen) years old(, what can it run|, which model|, what model can it take|)
(which|what) model can even (an old laptop|a weak computer|a slow cpu) (run|manage)
(the|my) (cpu|processor) is (weak|slow|from 2012|an old celeron)(, which model|, what runs|)
(which|what) is the (least|most modest|lightest) (demanding |hungry |)(model|llm)
""", which="""(model|llm) (is the smallest|runs on old hardware|is light enough for a weak laptop|is tiny)""")
ways("delete-vs-unload", """
when (i unload|unloading) (is|does) (anything|something|the file) (deleted|lost|erased|removed)( from disk|)
(what|which) (command|one) shows (what is on disk|what is in memory) and which (what is in memory|what is on disk)
(i unloaded a model|after hearth unload|after unloading), is (it|the file|the model) (gone|deleted|still on disk|still there)
(must|do) i fear for my (file|model|download) when i unload
(memory|ram) (or|versus|and) disk(: where is my model| in hearth ls and hearth ps|)
i mix up (ls and ps|hearth ls and hearth ps|unload and delete)
""")
ways("quality-loss", """
(would|do|will) i (notice|feel|see) that (weights|a model) (are|is) (squeezed|compressed|quantised|cut down) to (4|four|5|five) bits
(how|what) (bad|serious|visible) is (the damage|the harm|the loss) (of|from|by) (4 bits|quantization|quantisation|fewer bits)
(the original|the full model) (or|versus) (the quantised|the 4-bit) (one|model), (which answers better|how big is the difference)
(is|are) (the answers|the output) of a (4-bit|quantised|small) (model|file) (poorer|worse|weaker|less good)
""", wrong="""i fear that (quantisation|4 bits) makes the model (worse|dumber)""")
ways("endpoints", """
(name|list|show me|tell me) (the |all |)(http |)(paths|urls|routes|addresses) (of|on|behind) (the server|port 1234|the api)
(what|which) (comes|stands|can come) after (the port|localhost:1234|http://127.0.0.1:1234)( in the url|)
(i write|i am writing) a client, (which|what) (urls|endpoints|paths) (can i use|are there|do i call)
which urls (does|can|will) (the server|hearth|it) (answer|serve|know)
""")
ways("which-model", """
(i am|we are) (lost|overwhelmed) (by|among) all (the|these) models(, help me choose|, which one do i take|)
(what|which) would you (take|pick|choose|install) if you were (me|a beginner|in my place)
(name|tell me|say) (one|a) model (that|which) (suits|fits|is good for) (a beginner|me|everyone|most people|normal people)
i (just |only |)want (one|a) good model(, which|, tell me which|, what is its name|)
(if you could only|if i may only) (take|have) one model, which
""")
ways("first-steps", """
(everything|all this) is new (to|for) me(, where do i begin|, what now|, what is first|)
(what|which) are (the first three|three|the very first) (commands|steps|things) (for|to) (a beginner|begin|start with)
(and |so |ok |)(hearth is there|it is installed|the installation is done|i am done installing), (what would you do|what should i try|what comes) (now|
    next|first)
(never|i never) (did|tried|touched) (anything like |)(this|it)( before|)(, how do i begin|, where do i start|)
""")
ways("why-so-dumb", """
(why|how come) (is|are) your (knowledge|brain|answers|head) (so |)(small|limited|little|poor|short|simple)
(you|this bot) (cannot|can't|could not) (even |)(answer|tell me|do) (simple things|the weather|my question|anything)
(what|how) (makes|is it that) you (so |)(limited|small|weak|ignorant)
""")
ways("slow", """
i (wait|have waited|am waiting) (ages|an eternity|half an eternity|so long|for ages) (for|until) (each|every|the next|a single) (word|line|sentence|
    letter)
(my|the) (answers|replies|words|sentences) (come|crawl|creep|drip) (out |)(at a crawl|like honey|like treacle|letter by letter|one after the other|in
    slow motion)
(any|some|do you have) (advice|tips|trick|help) (for|against|with) (a slow model|slow answers|this slow thing|my slow chat)
i could (make|drink) a (coffee|tea) (before|until|while) (it answers|an answer comes|the model writes)
""")
ways("hangs", """
(the|my) cursor (blinks|is blinking|flashes) (but|and) (there is no text|nothing comes|nothing appears|no word comes)
i (asked|wrote|typed|said) (something|hello|a question) (and|but) (nothing|silence|no word|not a thing) (comes|came|is) (back|in return|the answer)
(silence|dead silence|no sign of life)( after my question| from the model| for minutes|)
""")
ways("lan", """
(the|my) (model|pc|server) (is|runs|sits) (downstairs|in the office|in the cellar|on the desktop) and i (want|would like) to (use|ask) it (on|from|
    with) (the couch|my phone|my tablet|upstairs|my laptop)
(let|allow) (the other|my other|all) (computers|devices|machines) (at home|in the house|in my network) (to |)(use|see|ask|reach) (the server|the
    model|hearth)
my (tablet|phone|second pc) (does not|doesn't|should|must) (see|find|ask|reach) (the server|the model|the model on my pc)
""")
ways("port-default", """
(my|the|a) (client|app|editor|plugin) has a (field|box|line) for the (base url|server address|api url|host)(, what goes in|, what do i write there|)
(how|where|at which address) do (other programs|my programs|apps|clients) (find|reach|see) (hearth|the server)
what (must|should|do) i (enter|write|fill in|put) (as|for|into) (base url|the address of the server|the url field)
""")
ways("start-server", """
how (does|do i get) the (thing|service|api) on port 1234 (start|come up|get going|to run)
(other|my own) (software|programs|code) (should|shall|must) (be able to |)(reach|use|ask|query) the model (by|over|via|through) (http|the network
    interface|web requests|an api)
i (need|want) (something|a thing) that (listens|answers) on (a port|port 1234|http)
""")
ways("stop-server", """
(the|that) process on port (1234|the server) (should|must|has to|shall) (go|end|die|stop|disappear)
(get|i want to get) rid of (the server|the thing on port 1234|the background server|what runs on port 1234)
(i am|we are) done with the (server|api)(, how does it go away|, stop it|, turn it off please|)
""")
ways("out-of-memory", """
(loading|the load|it) (stops|ends|breaks off) with a (complaint|message|word|grumble) about (memory|ram|too little memory)
(my|the) ram is (smaller|less) than (the|this|my) model(, what can i do|, what now|, any way out|)
(the|this) model (is|seems) (a bit |much |)too (fat|heavy|hungry|big) for (my|this) (box|little laptop|pc|ram)
""")
ways("fit-check", """
(i'd like|i want|is it possible) to (know|learn|see|hear) (beforehand|in advance|before i load it|first) (how much memory it needs|if it will fit|
    whether my ram is enough)
(without|before) (really |)loading (it|the model|anything), (how do i know|can i see|tell me) (if it fits|the memory|what it needs)
""")
ways("use-gpu", """
i (own|bought|have) a (strong|good|new|fast) (graphics card|gpu)(, does hearth (profit|benefit|gain) from it|, how do i put it to work|)
(put|set) my (graphics card|gpu) to work( for the model|)
(tell|force|ask) hearth to (compute|calculate|work|run) on (the|my) (gpu|graphics card)
""")
ways("gpu-not-found", """
there (is|sits) a (good |fat |)(graphics card|gpu|card) in (my|the) (pc|box|computer) but (everything|the model|hearth) (runs|is computed|works|sits)
    on the (cpu|processor)
my (expensive |new |)(graphics card|gpu) (does nothing|sleeps|is idle|sits there bored|is not touched)
""")
ways("own-file", """
there is a (.gguf|gguf|model file) on my (usb stick|external disk|other computer|desktop|nas)(, how do i (use|open|run|try) it|, what now|)
(into|in) (which|what) (folder|directory|place) (do|must|should) i (copy|put|drop) (a|my|the) (gguf|.gguf file|model file)( i got from elsewhere|)
""")
ways("delete-model", """
(one|some) of my models (is|are) no longer (wanted|needed|used|any good)(, how (does it|do they) go away|)
my (disk|ssd|drive) is (full|packed|crowded) (of|with) models(, how do i (remove|throw out|get rid of) one|)
(away|off|out) with (an old|the|this) model
""")
ways("list-models", """
(i forgot|i lost track of|no idea) (which|what) models i (downloaded|have|fetched|installed)(, where do i see it|)
(give me|i need|with what command do i get) (an overview|a list|a survey) of (my|the installed|the downloaded) models
""")
ways("download", """
(my|this) (computer|machine|laptop) has no model (yet|so far)(, where does one come from|, how do i get one|)
(what|which) is the (right|correct|proper) (command|way) (for|of) (fetching|getting|downloading|installing) (a model|models)
""")
ways("switch-model", """
i (chat|am chatting) with a (small|tiny|weak) model and (want|need) a (larger|bigger|better) one
(in the middle of|during|inside) (a|the|this) (chat|conversation) i (need|want|would like) (a different|another) (model|one)
""")
ways("set-context", """
(the|my) (conversation|prompt|text|document) (needs|wants) (room|space) for (more|many more|20000) tokens(, which option|, how|)
""")
ways("temperature", """
(which|what) (knob|number|dial|value) (makes|do i turn to make) (answers|the model|it) (more|less) (random|wild|creative|surprising)
""")
ways("privacy", """
will (my|our) (conversations|talks|words|secrets) (leave|get out of|go beyond) (my|this|the) (computer|machine|house|room)
""")
ways("slow", follow=("", "how can i test the speed|can i measure that|how do i know my speed|where do i see tokens per second|how do i check it|give me the number",
                     "why is a small one faster|what has size to do with speed|why does that help|explain why|how come|and the reason|why smaller"))
ways("download-named", follow=("", "how can i throw it away again|and uninstalling it|remove it later", ""))
