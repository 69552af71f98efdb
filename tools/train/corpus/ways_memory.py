"""More ways of asking about memory."""
from .phrases import ways

ways("memory-need", """
(memory|ram|memory need|memory requirement|memory requirements|ram requirement|ram needed|memory consumption|memory usage of a model|how much ram|how
    much memory|memory footprint)
how (much|many gigabytes of|many gb of) (memory|ram|main memory) (do|does|will|would|must|should|is|are) (i|a model|it|an llm|hearth|models|one|a
    normal model|a language model|a 7b model|an 8b model|needed|required|necessary)( have| need| take| use| eat| require| occupy| cost|)( for a
    model| to run a model| for an llm| for hearth|)
(how|what) (can|do|could) i (calculate|compute|work out|guess) (the |)(memory|ram|memory need|memory a model needs|ram a model needs|memory
    requirement|memory use)( of a model| in my head| by hand|)
(what|which things) (uses|takes|eats|fills|makes up|determines|decides|influences|needs) (the |so much |my |)(memory|ram|memory need|memory of a
    model|amount of memory)( in a model| when a model is loaded| of a loaded model|)
(before|when) i buy (ram|memory|a computer|more ram|a new laptop)(, how much (do i need|is needed|does a model need|should i get|makes sense))
(is|are) (the file size|the size of the file) (and|equal to|the same as) the (memory|ram)( a model needs| it takes|)
(does|will|do) (a|an|the) (model|llm|big model|8b model|models) (need|use|take|eat|require|consume) (much|a lot of|lots of|a great deal of|more)
    (memory|ram)( than the file| than its file size|)
(what|how big) is the memory (need|requirement|footprint|consumption) of (a|an) (model|llm|8b model|language model)
(memory|ram) (rule of thumb|formula|estimate|calculation|calculator|table)( for models| for a model|)
(why|how) (do|does|can) (models|a model|llms|it) need (so much|that much|this much|so many gigabytes of) (memory|ram)
(which|what) is (in|part of) the memory of a model
memory (of|for) (a|an) (model|llm|8b model)
(ram|memory) (use|usage|needs) of (models|a model|llms)
how much ram should (i have|my computer have|be in my pc)
rule for memory
""", how="""(calculate|compute|work out|know) the memory (of a model|a model needs)|find out how much (memory|ram) a model needs""",
     follow=("what about vram|and the memory of the gpu|how much on a graphics card|and with a graphics card|on the gpu as well|and video memory",
             "can i reduce it|how do i save memory|how do i need less|can it be less|i don't have that much|how do i get by with less|what if i have less"))

ways("fit-check", """
(fit|does it fit|fit check|memory check|estimate|--estimate-only|estimate only|memory estimate|dry run|estimation|pre-check)
(will|does|would|is|can) (a|the|my|this|that) (model|llm|gguf|file) (fit|fits|going to fit|be too big|too big|too large|run|have room|find room|get
    into memory)( into| in| on|) (memory|my memory|my ram|ram|my computer|my machine|my laptop|here|)( before i load it|)
(will|does|would|can) it fit( into memory| in my ram| on my machine|)
how (can|do) i (check|know|see|find out|test|tell|make sure|be sure|predict|learn) (if|whether|that) (a|the|my|this) (model|llm|file) (fits|will fit|
    has enough memory|is too big|is too large|fits into memory|has room)( before loading| in advance| beforehand| without loading it|)
(can|could|does|will) (hearth|you|it) (tell|say|calculate|estimate|check|show|predict|warn) (me |)(in advance|beforehand|before loading|first) (if|
    whether|how much|that) (a model|it|memory|the memory|a model fits|a model is too big|it fits|memory a model needs)( fits| needs| is needed| is too
    big|)
(i|we) (want|would like|need) to (know|see|estimate|check|calculate) (the memory|how much memory|if it fits|whether it fits|the needed memory|the ram)
    (before|without) (i load|loading|really loading|actually loading) (a model|it|the model)
(estimate|predict|check) (the |)(memory|ram|memory need|memory requirement|fit)( of a model| before loading| in advance| first|)
(which|what) (option|command|flag) (estimates|calculates|shows|tells|checks|predicts) (the memory|the needed memory|if a model fits|whether it fits|
    memory before loading|the memory need)
(what|which) does --estimate-only (do|mean|show|print)
(try|test) (loading|a load) without (really |)loading
is my (ram|memory) enough for this model
(how|what) (exactly |)does hearth (think|say|estimate) a model needs
(i'm|i am) not sure (if|whether) (a|the|this|my) model (fits|will fit|is too big)
(simulate|dry run of) (loading|a load)
is there enough (memory|ram) for (a|the|this|my) model
""", how="""(check|know|see|find out) (if|whether) a model fits( into memory| in my ram|)|estimate the memory (before loading|in advance|of a model)""", can="""(estimate|check|know|see) the memory (in advance|before loading|beforehand|first)|test if a model fits|know beforehand whether a model fits""")

ways("out-of-memory", """
(out of memory|oom|oom killer|insufficient memory|insufficient_memory|not enough memory|not enough ram|memory full|ram full|memory error|memory
    exhausted|cannot allocate memory|bad alloc|std::bad_alloc|too little memory|too little ram)
(hearth|it|the model|my computer|the server|loading|the program|my laptop|the load) (runs|ran|is|goes|went|says|stops with|fails with|ends with|
    complains about|complains of) (out of memory|out of ram|insufficient memory|insufficient_memory|not enough memory|an out of memory error|cannot
    allocate memory|too little memory)( when i load a model| while loading|)
(i|we) (get|got|see|have|receive) (an |the |a |)(out of memory error|error about memory|out of memory|insufficient_memory|memory error|oom|allocation
    failure|message that memory is short)( when loading| when i load a model| every time|)
(there is|i have|we have|my computer has|my laptop has|my pc has) (not enough|too little|insufficient|hardly any|less) (memory|ram|main memory)( for
    this model| for the model| left| free| to load it|)(, what can i do|, what now|)
(the|a|my|this) (model|llm|gguf) (is|was|seems) (too big|too large|bigger than my ram|larger than my memory|too heavy|too fat|way too big|a bit too
    big)( for my memory| for my computer| for my laptop| for my ram| for this machine|)(, what can i do|, what now|)
(the|a|my|this) (model|llm) (does not|doesn't|won't|will not) fit( into memory| in my ram| into my ram| on my computer| into my memory|)(, what can i
    do|, what now|)
(the|my) (memory|ram) (is|was|gets|got|is nearly|seems) (full|used up|exhausted|too small|not enough|too little|all gone|short|insufficient)( when i
    load a model| for the model|)
(what|how) (can|do|should|could) i (do|react|proceed) (when|if) (memory is short|there is not enough memory|the memory is full|a model is too big|ram
    is full|i run out of memory|the model does not fit)
(what|how) (helps|can i do|do i do) (against|about) (out of memory|memory errors|too little memory|not enough ram|insufficient memory)
(how|what) (can|do|could) i (load|run|use) a model that is (too big|too large|bigger than my memory|larger than my ram)
(the kernel|linux|the oom killer|the system) killed (hearth|the worker|it|the model)( because of memory|)
(loading|hearth load|a load) (fails|stops|breaks off|is refused) because (of memory|there is too little memory|memory is short|the ram is full)
(it|loading) needs more (memory|ram) than i have
(save|use less|reduce) (memory|ram)( for a model|, how|)
how (can|do) i (save|reduce|lower) (memory|the memory use|ram)( of a model| when loading|)
""", wrong="""(hearth|the model|it) runs out of memory|i get (out of memory|an out of memory error|insufficient_memory)|there is not enough (memory|ram)|the model (is too big|does not fit) (for|into) my (memory|ram)""")

ways("context-memory", """
(context memory|memory of the context|memory per token|context and memory|context ram|kv cache memory|long context memory|context cost)
(does|will|do|can|how does) (a|the|more|a long|a longer|a big|a bigger|a large) (context|context length|context window|conversation|chat) (need|cost|
    take|use|eat|require|consume|affect|change|influence) (much |more |a lot of |the |so much |extra |)(memory|ram|vram|memory use)
(why|how come) (does|did|is|has) (the|a|my) (memory|ram|memory use|memory usage|context|long context|conversation) (grow|increase|rise|go up|need|
    grown|use|take|larger|so much)( so much|) (memory|ram|with the context|when i raise the context|with a longer context|with the conversation|)
how (much|many gigabytes of|many megabytes of) (memory|ram|vram) (does|do|will|would|is) (the|a|a long|an 8k|a 32k|one token of|4096 tokens of|a big|
    32000 tokens of) (context|context length|context window|) (need|take|use|cost|eat|needed for|)
(is|are) (a long|long|a big|a large|a 32k|a 128k) (context|contexts|context window) (expensive|costly|heavy|a problem)( in memory| for memory| for my
    ram|)
(memory|ram) (and|versus|depending on|per|as a function of|for) (the |)(context|context length|token of context|conversation length)
(when|if) i (raise|double|increase|enlarge|set) the context( length|) (memory grows|does memory grow|more memory is used|what happens to the memory|
    memory use goes up|does it need more ram)
(a|my) (longer|bigger|larger) (chat|conversation|context) (uses|needs|takes|eats) more (memory|ram)
(can|how can|how do) i (save|reduce|lower) (the |)memory (of|for|used by) the context
(does|is) the context (stored|kept|count) in (memory|ram|vram)
what does (32k|16k|8k|128k) (of |)context cost (in memory|in ram|me)
memory for (32k|8k|128k|4096) tokens
""", what="""the memory of the context|the memory cost of the context""")

ways("kv-cache", """
(kv cache|kv|kv-cache|key value cache|k/v cache|attention cache|keys and values|cache of keys and values)
(what|why|how) (is|does|do|are) (in|stored in|kept in|saved in|there|hearth have|i need|models have|models need) (the |a |)kv cache( for| needed|)
how (big|large|huge) (is|does|can|will|gets|becomes) (the|a) kv cache( get| be| become| grow|)
(what|which) (does|is) (kv|the k and the v|k and v|kv in kv cache) (mean|stand for|short for)
why (do|are|does) (keys and values|k and v|models|hearth|the model) (cached|stored|kept|need a kv cache|have a kv cache|cache keys and values|keep
    keys and values)
(where|when) (is|does) the kv cache (stored|kept|grow|emptied|live|in memory|filled)
does the kv cache (grow|cost memory|take memory|need ram|matter|get bigger|speed things up)
is the kv cache (in ram|in vram|on disk|big|needed|necessary|important)
the kv cache (takes|eats|uses) (memory|ram|gigabytes)(, what is it|)
(cache|caching) of (attention|keys and values|old tokens)
what happens without a kv cache
difference between (the |)kv cache and (the |)(weights|context)
""", what="""the kv cache|a kv cache|kv cache|the kv-cache|kv|the key value cache""")

ways("guardrails", """
(guardrail|guardrails|loading guardrail|load guardrail|load refused|refused to load|memory guardrail|guard rail|safety check before loading|load
    denied)
(hearth|it) (refuses|refused|denies|declines|does not want|won't let me|does not allow me|does not let me|forbids me) (to load|to loading|load|) (my|
    the|a|this|such a) (big |large |)(model|llm)( because it is too big| before it even tries| because of memory| although i have enough
    memory| although it would fit|)
why (does|did|is|was|has) (hearth|it|my load|the load|a load|loading) (refuse|refused|refuse to load|deny|denied|stopped|not allowed|forbidden|block|
    blocked|reject)( my model| a model| the model| it| before it began| loading|)
(what|who) (stops|prevents|keeps|blocks) (me|hearth|us) from loading (a model that is too big|a too large model|too big a model|a big model|the model)
(hearth|it) (says|thinks|claims|believes|tells me|estimates) (the model|my model|it) (is too large|is too big|does not fit|would not fit|needs too
    much memory|exceeds my memory)( but i want to load it anyway| but i think it fits|)
(can|could|may|how do|how can) i (load|force|override|load it|ignore|turn off|switch off|disable|bypass|skip|go around) (it |a model |the load |the
    guardrail |the guardrails |the check |the refusal |the warning |)(anyway|by force|nevertheless|all the same|anyhow|despite the warning|)
(does|will|can) hearth (protect|save|keep) (my computer|me|the machine) (from freezing|against too big models|from models that are too big|from
    running out of memory)
(is|was) (a load|loading|my model) (refused|denied|stopped) (before it began|in advance|by the guardrail|by hearth)
(the|a) (load|model) was (refused|rejected|denied)( by the guardrail|)
(turn off|disable|override|relax) the (guardrail|guardrails|memory check)
why is there a (check|guardrail|guard) before loading
force (the load|loading|a load)
""", what="""the guardrails|guardrails|the loading guardrail|a loading guardrail|the guardrail""", wrong="""hearth refuses to load my model|a load was refused before it began|hearth thinks the model is too big""")

ways("ttl", """
(ttl|--ttl|idle time|time to live|auto unload|automatic unloading|idle unload|idle timeout|keep alive|keep_alive|unload after|keep alive time)
(when|after what time|after how long|after how many minutes) (is|will|does|do|are) (a|an|the|my|idle|unused) (model|models|idle model|unused model|
    llm) (unloaded|be unloaded|leave the memory|unload|go away|disappear|removed from memory|vanish|leave memory)( by itself| automatically| again|)
how long (does|will|can|do|is) (a|the|my|an idle|models) (model|llm|)( stay| remain| be kept| kept| live)( loaded| in memory| in ram|)( when nobody
    uses it| without work| without requests|)
(does|will|can|could) (hearth|the server|it) (unload|remove|free|throw out|eject|drop) (models|idle models|unused models|a model|the model|a model
    nobody uses)( by itself| automatically| on its own| after some time| after a while| when idle| when unused|)
(models|a model|the model|idle models|unused models) (should|must) (be unloaded|leave memory|disappear|go away|free the memory|unload|be
    removed)( from memory|)( automatically| by itself| by themselves| after ten minutes| after a while| when unused| when idle|)
(my|the|a) (model|llm) (was|is|gets|has been) (unloaded|gone|no longer loaded|removed from memory) (by itself|after an hour|after a while|
    automatically|overnight|without me doing it|although i did nothing)(, why|)
how (can|do) i (keep|hold|have) (a|the|my) model (loaded|in memory)( forever| longer| all the time| for two hours| permanently|)
how (can|do) i (set|change|make|configure|shorten|extend) (the ttl|the idle time|a time limit for a loaded model|models unload automatically|a model
    unload itself|the time a model stays loaded|the time until a model is unloaded|automatic unloading)
(automatically|automatic) (unload|unloading|freeing of memory)( a model| of models| after idle time|)
what does --ttl( 600| 3600|) (do|mean)
(unload|free) a model after (10 minutes|an hour|some time|five minutes|600 seconds|idle time)( of silence| without work| automatically|)
(why|when) (does|did) (my|the) model (disappear|unload itself|vanish|leave memory)
a time limit for (idle|unused) models
ollama keep_alive (in|for) hearth
""", what="""ttl|the ttl|--ttl|the idle time|the time to live of a model""", how="""unload a model automatically|set (the ttl|a ttl|the idle time)|keep a model loaded (longer|forever)""")

ways("mmap", """
(mmap|memory mapping|memory-mapped|memory mapped|mapped files|memory map|file mapping|mapping)
(does|can|will|is) (hearth|it) (use|do|support|map|mapping|employ) (mmap|memory mapping|memory mapped files|the file into memory|model files|the model
    file|files)
(is|are|does|will) (the|a|my) (file|model file|model|gguf|model files|whole file|weights|models)( read| loaded| copied| mapped| be
    read)( completely| as a whole| entirely| fully| at once|)( into memory| into ram| from disk| or mapped|)
why (is|does|was) (loading|hearth load|a model|the memory use|the memory usage|ram use|the process) (so fast|so quick|smaller than the file|lower than
    the file|less than the file size|loaded so quickly|seem smaller than the model|show little memory|load in a second)
(how|why) (does|can|do) (hearth|a model|models|it) load (so fast|so quickly|in a second|in no time|big files so fast)
(top|ps|my system monitor) shows less memory than the (file|model)
(what|how) (is|does|are) (mmap|memory mapping|mapped model files|mapping a file)( good for| work| mean here| do| help|)
(can|do) two (processes|programs) share (the pages|the model file|one model file) in memory
the (memory use|ram use) is (smaller|lower) than the (file|model file|gguf)
(turn off|disable) mmap
is the model (in ram|on disk) (when|while) it (runs|is loaded)
page cache
how does hearth read the model file
""", what="""mmap|memory mapping|a memory mapped file|memory-mapped files""")

ways("swap", """
(swap|swapping|swap file|swap space|virtual memory|pagefile|page file|thrashing|swap memory|zram|swap partition)
(can|could|should|may|do|does|is|would) (i|it|hearth|one) (use|need|help to use|add|have|make|create|enable|good to use) (swap|swap space|a swap file|
    virtual memory|more swap|a page file|the ssd as memory|disk as memory)( for a big model| instead of ram| to load a bigger model|)
(is|would) (swap|swapping|swap space|virtual memory|a swap file) (good|bad|ok|useful|helpful|a good idea|harmful|enough|slow|an alternative to
    ram)( for models| for llms|)
(my|the) (computer|laptop|pc|machine|system|desktop|mouse) (freezes|hangs|stutters|becomes unusable|gets very slow|swaps|is frozen|does not react|
    becomes slow|locks up|crawls) (when|while|after|as soon as) (i load|loading|a model is loaded|the model loads|i start|loading a big) (a model|a
    big model|a large model|the model|model|)
(the|my) (disk|ssd|hard drive|disk light|hard disk) (works|is busy|rattles|runs|is at 100 percent|is active|is very busy|blinks|is working hard) (all
    the time |)(while|when|during) (the model answers|i chat|an answer|it writes|the model runs|a model is loaded)
(everything|the whole computer|my desktop|the system|all programs) (is|gets|becomes|got|became) (slow|terribly slow|sluggish|unresponsive|extremely
    slow|frozen|laggy) (after|when|since|while) (i loaded|loading|i load|loaded) (a big model|a model|a large model|the model)
(what|how) (about|is|happens with|does hearth do with|happens when it uses|happens if hearth has to) (swap|swapping|virtual memory|swap space)
(use|take) (the disk|my ssd|virtual memory|disk space) (as|instead of|for) (memory|ram)
(does|will) (more|a bigger) swap (help|make it work|allow bigger models|be useful)
linux (starts to swap|is swapping|swaps) (when|while) (i load a model|the model runs)
how (can|do) i (avoid|prevent|stop) (swapping|swap|the freezing)
kswapd (uses|takes) (all|much) cpu
""", wrong="""my (computer|laptop|pc) (freezes|swaps|becomes terribly slow) when i load a (big |)model|the disk is busy while the model answers""", can="""use (swap|a swap file|virtual memory|the disk as memory)|add swap space""")

ways("memory-used-now", """
(memory usage|memory used|ram usage|current memory|memory now|memory in use|memory of loaded models|used ram|memory use right now|memory monitor)
how (much|many gigabytes of|many gb of) (memory|ram|vram) (does|is|do|are) (hearth|my model|the model|the loaded model|my loaded model|the server|used
    by hearth|in use by hearth|a loaded model|hearth's models) (use|using|take|taking|occupy|need|eat|have|used|)( now| right now| at the
    moment| currently| at present)
(where|how) (can|do) i (see|check|find|read|look up|know|monitor) (the |how much |)(memory use|memory usage|memory|ram|current memory use|ram use|used
    memory|gigabytes)( of hearth| of the loaded model| hearth uses| a loaded model uses| the model takes| is used)( right now| now| at the moment|)
(show|print|display|tell) (me |)(the |how much |)(memory use|current memory|memory|ram usage|memory usage|used memory|ram)( of the loaded models| of
    hearth| is used| hearth uses|)( right now| now|)
(which|what) command (shows|prints|tells) (the memory use|how much memory is used|the memory of the loaded models|ram usage|the size of loaded models)
(how|which) (big|large|size) (is|has|does) (the|my) loaded model( in memory| right now| have|)
is (hearth|the model) (using|taking|eating) (much|a lot of) (memory|ram) (right now|at the moment|now)
(current|present|actual) (memory|ram) (use|usage|consumption)
(who|what) eats my (ram|memory) (right now|now)
how full is my (memory|ram) (because of|with) hearth
(size|gigabytes) of the loaded models
memory use of (each|every) loaded model
(monitor|watch) the memory
""", how="""{see} (how much memory hearth uses|the memory a loaded model uses|the current memory use|the memory usage)( right now| now|)""")

ways("moe", """
(moe|mixture of experts|experts|a3b|30b-a3b|30b a3b|sparse model|active parameters|moe model|expert model|a22b|mixture-of-experts)
(what|which) (does|do|is|are|means) (a3b|the a3b|30b-a3b|moe|active parameters|the a in a3b|experts|an expert|the letters a3b|a22b)( mean| in a model
    name| in a model| for| stand for|)
(why|how) (is|are|can|does) (a |an |the |)(30b-a3b|moe|mixture of experts|30b-a3b model|moe model|qwen3-30b-a3b|moe models) (model|models|)( so
    fast| fast| run so fast| be so fast| quick| faster than a normal one| work| be fast although it is large|)
(is|are) (a |)(moe|mixture of experts|moe model|moe models|30b-a3b) (models|) (good|better|faster|worth it|smart|slow|supported|a good choice|bigger|
    recommended)( than dense models| than normal ones| for cpu| without a gpu|)
(which|what) (models|model) (use|uses|has|have|activate|activates) (only some|only a part|just a few|not all|several experts|only 3b) (of their
    weights|of its weights|of the weights|parameters|experts|weights|)( per token| at a time|)
how (much|many) (memory|ram|experts) (does|do|has|are) (a |an |)(moe|mixture of experts|30b-a3b|moe model|used|a 30b-a3b model) (model |)(need|have|
    take|use|active|)
(does|can|will) (hearth|it) (run|support|load|use|handle) (moe|mixture of experts|moe models|30b-a3b|experts|sparse models|a mixture of experts)
(difference between|compare) (a moe|moe|a mixture of experts) and (a dense|dense|a normal) (model|one|)
(dense|normal) (or|vs|versus) (moe|mixture of experts)
(can|do) (the |)experts (stay|live|run|be kept) (on the cpu|in ram|on the gpu)
a model with many experts
total and active parameters
""", what="""a mixture of experts|moe|mixture of experts|a moe model|a3b|active parameters|experts in a model|30b-a3b""")

ways("ram-fit", """
{b}b (in|on|with) {have} gb
{b}b model {have} gb( ram|)
{have} gb (ram |)({b})b( model|)
(can|could|will|would|may) (i|my computer|my laptop|my pc|a pc|this machine) (run|load|use|handle|manage|take|cope with) (a|an) {b}b (model|
    llm|)( with| on| in) {have} (gb|gigabytes|gigs)( of ram| of memory| ram|)
(does|will|would|can|could) (a|an|the) {b}b (model|llm|)( fit| run| work| go| be ok| load| be possible)( in| into| on| with) {have} (gb|gigabytes|
    gigs)( of ram| of memory| ram|)
(is|are|would) {have} (gb|gigabytes|gigs)( of ram| of memory| ram|) (enough|sufficient|ok|too little|plenty|adequate)( for| to run| to load) (a|an)
    {b}b( model| llm|)
i('ve| have) (got |)({have}) (gb|gigabytes|gigs)( of ram| of memory| ram|)(, can i run|, does it fit|, will it run|, is that enough for|. can i use|.
    is it enough for) (a|an) {b}b( model|)
my (computer|laptop|pc|machine) has {have} (gb|gigabytes|gigs)( of ram| of memory|)(, can it run|, does that carry|, is that enough for|. can i use|.
    will it run) (a|an) {b}b( model|)
(a|an) {b}b (model|llm) (on|with|in) (a laptop with |a computer with |)({have}) (gb|gigabytes)( of ram| of memory|)(, possible|, does that work|, is
    that ok|, will it fit|)
(is|would) (a|an) {b}b (model|llm|) (be |)(too big|too large|too much|ok|possible|fine) (for|with|on|in) {have} (gb|gigabytes)( of ram| of memory|)
i want (a|an) {b}b model (but|and) (have|i have) (only |)({have}) (gb|gigabytes)( of ram|)
(with|on|having) {have} (gb|gigabytes)( of ram| of memory|), (can i run|is it possible to run|will it load|does it fit,) (a|an) {b}b( model|)
(does|will) {b}b (fit|go|run|work) (in|into|with|on) {have}( gb| gigabytes|)
(do|does) {have} gigabytes (suffice|do|work|hold) (for |)(a|an) {b}b( model|)
(would|will) my {have} gb (machine|computer|laptop|pc) (run|take|load|hold) (a|an) {b}b( model|)
{b} billion parameters (in|with|on) {have} gb( of ram|)
can {have} gb (hold|take|run) {b}b
""")
