"""More ways of asking about graphics cards, offload and speed."""
from .phrases import ways

ways("use-gpu", """
(gpu|use gpu|gpu support|gpu acceleration|graphics card|gpu usage|gpu mode|cuda acceleration|hardware acceleration|gpu on|video card)
(does|can|will|could) (hearth|it|the program) (use|run on|profit from|benefit from|take advantage of|compute on|work with|make use of) (my|the|a)
    (gpu|graphics card|video card|geforce|radeon|rtx 3060|rtx 4090|graphics chip|nvidia card)( automatically| by itself| too|)
(i have|i own|i bought|there is|i've got|my computer has|my pc has) (a|an|a good|a new|a fast|an expensive) (gpu|graphics card|video card|geforce|
    radeon|rtx 3060|rtx 4090|gaming pc|graphics chip|nvidia card)(, does hearth use it|, how do i use it|, is it used|, will it help|, how do i turn
    it on)
how (can|do) i (use|enable|activate|turn on|switch on|make hearth use|tell hearth to use|get hearth to use|run models on|put a model on|load a model
    on) (my|the|a) (gpu|graphics card|video card|geforce|radeon)( in hearth| with hearth|)
(run|load|put|start|have|keep) (a model|the model|models|an llm|it|everything) (on|onto|with|in) (the|my) (gpu|graphics card|video card)
(i|we) want (the model|everything|hearth|it|models) (on|to run on|to use|to be on|to compute on) (my|the) (gpu|graphics card|video card)
(which|what) (option|flag|switch|setting) (uses|enables|turns on|is for|selects|sets) (the gpu|gpu|my graphics card|the graphics card)
(is|are|will|was) (my|the) (gpu|graphics card|video card) (used|being used|used automatically|be used|in use|active|helping|used by hearth)
(do|must|should) i (have to |need to |)(turn on|enable|configure|activate|set up) (the gpu|gpu support|my graphics card|cuda)( myself| by hand| in
    hearth|)
(all|every) (layers|layer) on the (gpu|graphics card)( please|)
make (hearth|the model) (use|run on) (the|my) (gpu|graphics card)
what does --gpu (do|mean)
--gpu( option| flag|)
how does hearth (decide|choose|know) (whether to use|how to use|when to use) the gpu
(gpu|graphics card) instead of (cpu|the processor)
does hearth have gpu (support|acceleration)
(can|could) (the|my) (graphics card|gpu) (do the work|compute|run the model|help)
is there gpu (support|acceleration)
""", how="""use (my|the|a) (gpu|graphics card|video card)|run (a model|models|it) on (the gpu|my gpu|my graphics card)|(enable|turn on|activate) (the gpu|gpu support|my graphics card)|load a model onto the gpu""",
     can="""use my (gpu|graphics card|video card)|run (models|a model) on (my|the) (gpu|graphics card)|speed things up with my graphics card""", does="""(use|support|work with|profit from) (my gpu|a gpu|gpus|my graphics card|graphics cards)""",
     follow=("and if the gpu is too small|what if it does not fit|what happens when it does not fit|and a model that is too big for it|my card is small|if the card has too little memory",
             "how do i check that|how can i tell|how do i know the gpu works|can i see that it works|where do i see it|is it used now"))

ways("which-gpus", """
(amd|nvidia|intel|radeon|geforce|arc|rtx|gtx|quadro|apple|cuda|rocm|hip)( gpu| gpus| card| cards| support| graphics|)
(supported|compatible|possible|working) (gpus|graphics cards|cards|video cards|gpu brands|hardware for the gpu)
(which|what) (gpus|graphics cards|cards|video cards|brands|gpu vendors|gpu makers|graphics chips) (work|are supported|are compatible|does hearth
    support|can i use|run|can hearth use|are ok|are possible|are good)( with hearth| in hearth|)
(does|can|will|could) (hearth|it) (support|run on|use|work with|work on|like) (amd|nvidia|intel|radeon|geforce|intel arc|rtx|old nvidia|my amd|my
    intel|my nvidia|integrated|laptop|onboard) (gpus|cards|graphics|graphics cards|gpu)
(i have|i own|there is|mine is|my card is|my gpu is|my graphics card is) (an amd|an nvidia|an intel|a radeon|a geforce|an rtx|an intel arc|an
    integrated|an onboard|from amd|from nvidia|from intel) (card|gpu|graphics card|)(, does hearth support it|, does it work|, is that ok|, is that
    supported|, can hearth use it)
(is|are) (amd|nvidia|intel|radeon|geforce|arc|rocm|cuda|hip|integrated graphics|apple) (cards |gpus |)(supported|ok|fine|possible|usable|required|good
    enough)
(must|does) (it|the gpu|my graphics card|the card) (be|have to be) (nvidia|from nvidia|an nvidia|a geforce)
(do i need|does hearth need|is it necessary to have) (nvidia|cuda|an nvidia card|a geforce|rocm|a special gpu)
(cuda|rocm|hip|vulkan) or (vulkan|cuda|rocm|hip)(, which one|, what does hearth use|)
(which|what) (gpu|graphics card|card) should i buy( for hearth| for llms|)
(nvidia|amd) or (amd|nvidia)
(only|just) nvidia
does hearth (use|support|have) (cuda|rocm|hip|metal|opencl|sycl|directx)
(integrated|onboard|laptop) graphics
what (gpu|graphics) backends (are there|does hearth have)
my (radeon|geforce|arc|intel graphics)
""", which="""(gpus|graphics cards|gpu brands|cards) (are supported|does hearth support|work|can i use)""", can="""use (an amd|an nvidia|an intel|a radeon|a geforce|an arc) (card|gpu|graphics card)""")

ways("vulkan", """
(vulkan|libvulkan|vulkan driver|vulkan support|vulkan backend|vulkaninfo|vulkan sdk|mesa)
(does|can|will) (hearth|it) (use|need|support|require|run with|work with|want) vulkan
(do i need|must i install|is it necessary to have|should i install) (vulkan|a vulkan driver|libvulkan|the vulkan sdk|mesa)
(what|how) (is|does|happens without|role does|has) vulkan( to do with hearth| play| do for me| for in hearth| work in hearth|)
(why|what for) (does hearth use|do i need|vulkan|would i want) (vulkan|)
vulkan (or|vs|versus) (opengl|directx)
(where|how) do i (get|install) (vulkan|a vulkan driver|libvulkan)
is vulkan (installed|needed|necessary|good|fast|slower than cuda|enough|required|optional)
what if (vulkan|libvulkan|the vulkan driver) is (missing|not installed|not there)
vulkan on (intel|amd|nvidia|my laptop)
hearth (and|with|without) vulkan
libvulkan.so
the gpu (runs|works) (through|over|via) vulkan
is vulkan a game thing
""", what="""vulkan|libvulkan|a vulkan driver|the vulkan backend""")

ways("offload", """
(offload|offloading|gpu offload|partial offload|layer offload|gpu layers|n-gpu-layers|ngl|layers on gpu|offload ratio|split between cpu and gpu)
(only |)(a part|half|some|most|two thirds) of (the|a|my) (model|layers|weights) (fits|fit|goes|go|should go|should be) (on|into|onto|in) (the gpu|my
    vram|my gpu|the graphics card|my graphics card|vram)
how many layers (are|should be|can be|go|fit|do i put|should i put|does hearth put|can i put|may i put) (on|into|onto) (the|my) (gpu|graphics card|
    vram)
(put|move|place|have|push) (some|only some|half|a part|all|most|20) (of the |)(layers|model|) (layers |)(on|onto|to|in) (the|my) (gpu|graphics card|
    vram)
(what|which) (does|is|means) (--gpu 0.5|--gpu max|--gpu 0.25|gpu max|a gpu share|--gpu with a number)( do| mean|)
the (model|llm) is (bigger|larger) than (my|the) (vram|gpu memory|memory of my gpu|graphics card)
(can|could|does) (a model|hearth|one model|the model) (be |)(split|shared|divided|run|run partly|use|) (between|on|over|across) (cpu and gpu|gpu and
    cpu|both cpu and gpu|the gpu and the cpu|vram and ram|ram and vram)
what happens (to|with) (the rest|the layers that do not fit|layers that don't fit|what does not fit)( on the gpu| into vram|)
half (on|in) the (gpu|vram) and half (on|in) the (cpu|ram)
(partly|partially) on the (gpu|graphics card)
(which|what) part of the model (goes|is|runs) (to|on) the gpu
(set|change|choose|control) (the |)(number of gpu layers|how many layers go to the gpu|the offload|the gpu share|the offload ratio)
(is|does) partial offload (slow|useful|worth it|work|supported|good)
what are layers on the gpu
use (cpu and gpu|both the cpu and the gpu|gpu and cpu) (together|at the same time)
the gpu is too small for the (whole|entire) model
""", what="""gpu offload|offload|offloading|partial offload|layer offload|gpu layers""", how="""put (some|half|only some|half of the) layers on the gpu|split a model between (cpu and gpu|gpu and cpu)|set the (gpu share|number of gpu layers|offload)""")

ways("vram-need", """
{v} gb vram
{v} gb (gpu|graphics card|video card|card|geforce|radeon)
{v} gb (of |)(vram|gpu memory|video memory)(, which model|, what fits|, what can i run|)
(my|the) (gpu|card|graphics card|video card|geforce|radeon|rtx|nvidia card) has (only |just |)({v}) (gb|gigabytes|gigs)( of vram| of memory| of video
    memory| vram|)(, which model|, what can i run|, what fits|. which model should i take|)
i('ve| have) (got |)(a gpu|a graphics card|a card|a geforce|a radeon|an rtx card|a video card) with {v} (gb|gigabytes|gigs)( of vram| of
    memory| vram|)(, which model|, what can i run|, what fits|. what do you recommend|)
i('ve| have) (got |)({v}) (gb|gigabytes|gigs) (of |)(vram|gpu memory|video memory)(, which model|, what can i run|, what fits|. what should i take|)
(which|what) (model|llm|models) (fits|fit|goes|runs|can i run|is good|should i use|do you suggest) (in|into|on|with|for) {v} (gb|gigabytes|gigs) (of
    |)(vram|gpu memory|video memory)
(which|what) (model|llm|models) (fits on|runs on|for|is good for|can i run on|can i load on) (a|my) {v} (gb|gigabyte) (gpu|card|graphics card|video
    card)
how (big|large) a model (fits|can i run|goes) (in|into|on|with) {v} (gb|gigabytes) (of |)(vram|gpu memory|video memory)
is (a gpu with |a card with |)({v}) (gb|gigabytes) (of |)(vram|video memory|gpu memory) (enough|sufficient|ok|too little)( for an llm| for a model|)
(the |)(biggest|best|largest) model for (a|my) {v} gb (gpu|card|graphics card)
what (fits|runs|works) on (a|my) {v} gb (gpu|card|graphics card|video card)
vram {v} gb
vram: {v} gb
(a|an) {v} gb (gpu|card|graphics card)(, what can it run|, what does it hold|, which model)
(recommend|suggest) (me |)a model for {v} gb (of |)(vram|gpu memory)
how much (vram|gpu memory|video memory) (do i need|does a model need|is needed|does it take|should a card have) (i have {v} gb|, mine has {v} gb|. my
    card has {v} gb|if i have {v} gb)
(only |)({v}) gb on my (gpu|graphics card)
what can a {v} gb card (do|run|hold)
""")

ways("gpu-not-found", """
(gpu not found|gpu not detected|no gpu found|gpu not used|gpu missing|no gpu detected|gpu ignored|gpu idle|gpu not recognised|gpu not recognized|gpu
    at 0 percent|no devices found|gpu driver)
(hearth|it|the program|hearth inspect hardware) (does not|doesn't|can't|cannot|won't|could not) (find|see|use|detect|recognise|recognize|show|list|
    notice) (my|the|any) (gpu|graphics card|video card|geforce|radeon|nvidia card|amd card|second gpu)
(my|the) (gpu|graphics card|video card|geforce|radeon|nvidia card|amd card) (is not|isn't|was not|does not get) (found|used|detected|recognised|
    recognized|seen|visible|listed|shown|active|working)( by hearth| in hearth| at all|)
(my|the) (gpu|graphics card|video card) (is|stays|sits) (idle|at 0 percent|at zero|bored|unused|cold)( while the model answers| when i chat| during an
    answer|)
(everything|the model|it|hearth|all) (runs|is running|is computed|works|stays) (on|by) (the|my) (cpu|processor) (although|even though|but|despite|
    while) (i have|there is|my pc has) (a|an) (gpu|graphics card|video card|good gpu|expensive gpu)
(hearth|it) (only|just) (uses|runs on|works on) (the|my) (cpu|processor)(, not the gpu|, why not the gpu|, i have a gpu|)
(hearth|it) ignores my (gpu|graphics card|video card|radeon|geforce)
why (is|does|was|doesn't|isn't) (my gpu|the gpu|my graphics card|hearth|it) (not used|not found|not detected|not see my gpu|ignore my gpu|not use my
    gpu|idle|use my gpu|using my gpu|running on the cpu)
(nvidia-smi|vulkaninfo) (shows|sees) (my|the) (card|gpu) but hearth does not
(no|zero) (gpus|gpu) (in|listed in|shown by) hearth inspect hardware
hearth (says|reports|thinks) (there is no gpu|no gpu found|i have no gpu)
(do i need|is there|which) (a |)(driver|gpu driver|graphics driver)( for my gpu| missing| does hearth need|)
how (can|do) i make hearth (see|find|detect|recognise) my (gpu|graphics card)
the gpu worked (yesterday|before the update) but is (gone|no longer found|not used) now
""", wrong="""(hearth|it) (does not find|does not see|ignores|does not use) my (gpu|graphics card)|my (gpu|graphics card) is not (used|detected|found)|it runs on the cpu although i have a gpu""")

ways("no-gpu", """
(no gpu|without gpu|without a gpu|no graphics card|gpu needed|gpu required|gpu necessary|cpu enough|gpu optional)
(i have|my computer has|my laptop has|there is|we have|my pc has|i own) (no|not a|only a weak|just an old) (gpu|graphics card|video card|real gpu|
    dedicated gpu|dedicated graphics card)(, does it work|, can i use hearth|, is that a problem|, what now|)
(do i|does hearth|does one|must i|does it) (need|have to have|require|have to buy) (a|an|an expensive|a special|a strong|a dedicated) (gpu|graphics
    card|video card)( for hearth| to run hearth| to chat|)
(is|would) (a|an|the) (gpu|graphics card|video card|dedicated gpu) (be |)(needed|required|necessary|obligatory|mandatory|a must|essential|optional|
    important)( for hearth| to chat|)
(can|could|will|does|would) (hearth|it|a model|models|the program|an llm) (work|run|be used|function|answer|go) (without a gpu|without a graphics
    card|without gpu|with only a cpu|on a cpu alone|with no gpu|without a video card|just with the cpu)
can i (use|run|try|install) (hearth|models|a model|it|llms) (without|with no) (a |)(gpu|graphics card|video card|dedicated gpu)
is (the|a|my|a normal) (cpu|processor) (enough|sufficient|ok|good enough|fine|fast enough)( for hearth| to run models| for chatting| alone|)
does it (make sense|work|run|help) (on a cpu|without a gpu|with only a processor|on the cpu only)
(only|just) (a cpu|a processor|integrated graphics)( here|, is that enough|, does it work|)
how (well|fast|good) does (hearth|it|a model) (run|work) without a (gpu|graphics card)
hearth on (a cpu|the cpu|a cpu only machine|a server without gpu)
what (can i do|works|runs) without a (gpu|graphics card)
my (laptop|office pc|old pc) has no (gpu|graphics card)
too poor for a (gpu|graphics card)
is it (slow|usable|worth it|ok) without a (gpu|graphics card)
""", can="""use (hearth|models) without a (gpu|graphics card)|run (a model|llms|hearth) on (a cpu|the cpu|a normal processor) (only|alone)|do without a graphics card""")

ways("cpu-only", """
(cpu only|only cpu|disable gpu|gpu off|--gpu off|turn off gpu|no gpu please|force cpu|cpu mode|switch off gpu|gpu disable)
(run|load|put|keep|have|start|use) (a model|the model|models|it|hearth|everything) (on|in) (the|my) (cpu|processor)( only| alone| instead of the
    gpu| and not on the gpu|)
(i don't|i do not|please do not|don't|do not) (want|use|touch|let|like|) (hearth to use|it to use|use|the model on|models on|touch|load a model on)
    (the|my) (gpu|graphics card|video card)
(the|my) (gpu|graphics card|video card) (should|must|has to) (stay free|be free|not be used|be left alone|remain free|stay unused|be kept for games|
    stay idle)( for games| for other things| for my game| for another program|)
(i need|i use) (the|my) (gpu|graphics card) for (games|gaming|another program|video editing|something else)(, so not for hearth|, so run on the cpu|)
how (can|do) i (disable|turn off|switch off|deactivate|not use|avoid|exclude|forbid) (the|my) (gpu|graphics card|video card|gpu use|gpu acceleration|
    gpu offload)( in hearth| for a model|)
(how|what option) (do i |)(force|forces) (the cpu|cpu use|hearth to the cpu|everything on the cpu)
(which|what) (option|flag|switch) (turns off|disables|switches off|avoids) the (gpu|graphics card)
(leave|keep) (my|the) (gpu|graphics card|video card) (alone|out of it|free|unused)
(without|not on|off) the gpu
nothing on the (gpu|graphics card)( please|)
what does --gpu off (do|mean)
(zero|no) layers on the gpu
hearth (takes|uses|occupies) my gpu (but|and) i need it for (games|something else)
compare the speed without the gpu, how do i turn it off
""", how="""(run|load) (a model|models|it) on the cpu( only|)|(disable|switch off|turn off) the (gpu|graphics card)|force the cpu|keep my gpu free""", can="""(force the cpu|disable the gpu|turn off the gpu|keep my gpu free|run only on the cpu)""")

ways("multi-gpu", """
(multi gpu|multi-gpu|multiple gpus|two gpus|several gpus|dual gpu|2 gpus|second gpu|sli|nvlink|four gpus|gpu split)
(i have|i own|there are|my computer has|my pc has|we have|my server has) (two|2|three|four|several|multiple|a pair of|eight) (gpus|graphics cards|
    video cards|nvidia cards|radeons|rtx cards)(, are both used|, can hearth use them|, does hearth use all|, how is the model split|, are all used|)
(can|does|will|could) (hearth|it|one model|a model) (use|run on|support|be split over|spread over|work with|be spread over|combine|handle|be divided
    over) (two|several|multiple|both|more than one|many|all my|different) (gpus|graphics cards|video cards|cards)
(is|are) (multiple gpus|two gpus|multi gpu|several graphics cards|both gpus|all gpus|a second gpu) (supported|used|possible|useful|needed|ok)( by
    hearth| in hearth|)
how (is|does|can|are) (a model|hearth|one model|layers|the layers) (split|spread|divided|distributed|use|placed|shared) (over|between|across|among|
    on|) (two|several|multiple|both|many) (gpus|graphics cards|video cards|cards)
(use|combine|join) (both|two|all|several|my two) (gpus|graphics cards|video cards)( together| for one model|)
(add|buy|put in) a second (gpu|graphics card|video card)( for more vram| and hearth uses it|, does that help|)
the model (is too big|does not fit) (for|on) (one|a single) (gpu|graphics card)(, can i use two|, i have a second one|)
(an amd and an nvidia|two different|a big and a small) (card|cards|gpu|gpus)( together|)
does (the memory|vram) of two (gpus|cards) add up
which of my (two|2|three) gpus is used
do two gpus (double|increase) the speed
""", can="""use (two|several|multiple|both my|more than one) (gpus|graphics cards|video cards)|split a model over two gpus|add a second gpu""", does="""(support|use|combine) (multiple|several|two|both) (gpus|graphics cards)""")

ways("hardware", """
(hardware|hardware info|hardware survey|system info|hearth inspect hardware|inspect hardware|hardware list|detected hardware|my hardware|device list|
    cpu info|gpu info)
(show|list|print|display|tell) (me |)(my|the|all) (hardware|devices|system|gpus and cpus|cpu features|cores and memory|machine)( that hearth
    sees| hearth found|)
(what|which) (hardware|gpus|devices|cpu|cores|memory|graphics cards|instruction sets|features) (does|did|has) hearth (see|find|detect|recognise|know|
    use|found|detected)( on my computer| in my machine|)
how (can|do) i (see|find out|check|list|know|show) (my hardware|what hardware i have|which gpu i have|which devices hearth sees|what hearth knows
    about my machine|whether my cpu has avx2|which instruction sets my cpu has|how much vram i have|the detected devices)
(which|what) command (shows|lists|prints|displays|tells) (the hardware|my hardware|my gpus|cpu and gpu|the devices|my cpu|what hearth detects)
does my (cpu|processor) (have|support) (avx2|avx512|avx|amx|fma)
(is there|do you have) (a|an) (hardware|system) (report|survey|overview|check|test|scan)
(what|which) (cpu|gpu|graphics card|processor) do i have
(describe|examine|inspect|scan|detect) my (computer|machine|hardware|pc|system|laptop)
what is in(side|) my (computer|pc|machine)(, says hearth|)
how many cores (does|did) hearth (see|find|detect)
(overview|summary|list) of (my hardware|my devices|the detected hardware)
(lms|lspci|lscpu) for hearth
does hearth (know|see|recognise) my (cpu|hardware|machine)
""", how="""{see} (my hardware|the hardware|which hardware hearth sees|which gpus hearth sees|the cpu features)|get a hardware (report|overview)""", what="""hearth inspect hardware|the hardware survey""")

ways("slow", """
(slow|too slow|very slow|slow model|slow answers|slow generation|speed up|performance|low speed|laggy|sluggish|lag|tokens per second too low|slowness|
    bad performance|how faster)
(hearth|the model|it|my model|the answer|the llm|generation|the chat|everything|writing|text output|the ai|hearth chat) (is|runs|feels|seems|works|
    goes|answers|writes|gets) (slow|very slow|too slow|so slow|extremely slow|terribly slow|sluggish|laggy|really slow|slow as a snail|painfully slow|
    slower than expected|slow like hell|awfully slow|unusably slow)( on my laptop| on my pc| here| today|)
(the answers|answers|replies|responses|the words|the tokens|words|letters|my answers) (come|arrive|are|appear|drip|crawl|trickle) (slowly|very slowly|
    too slow|slow|one by one|like a snail|late|sluggish|word by word|too slowly|at a snail's pace)
(it|an answer|the answer|a reply|every answer|each word|one sentence|writing a sentence) (takes|needs|lasts) (too long|so long|very long|forever|ages|
    minutes|half an hour|an eternity|a long time|ten minutes|so much time)
(i|we) (wait|have to wait|must wait|am waiting|sit here waiting) (ages|forever|minutes|too long|so long|an eternity|very long)( for an answer| for
    each word| for a reply| for a sentence| until it has answered|)
why (is|does|are|do|must) (it|hearth|the model|my model|the answer|answers|an answer|generation|i) (so slow|slow|take so long|take ages|taking so
    long|so sluggish|take forever|come so slowly|wait so long|slower than chatgpt|not faster|so laggy)
how (can|do|could) i (make|get) (it|hearth|the model|my model|answers|generation|everything|my llm) (faster|quicker|to run faster|to go faster|
    speedier|to answer faster|snappier|to write faster)
how (can|do|could) i (speed up|accelerate|improve the speed of|increase the speed of|boost|optimise|optimize|tune|improve the performance of) (it|
    hearth|the model|my model|answers|generation|things|everything)
(make|get) (it|hearth|the model|answers|things) (faster|quicker|run faster)( please| somehow|)
(i get|i have|i see|there are|it does|it makes) only (1|2|one|two|three|0.5|a few) (tokens|words|token|word) (per|a|each) second
(what|how) (can i do|helps|to do|makes|to do) (against|about|for|when|) (the |)(slow answers|slow model|slowness|low speed|bad speed|slow speed|lag|
    more speed)
(more|better|higher) (speed|performance|tokens per second)( please|, how|)
any (tricks|tips|hints|advice|ideas) (for|to get) (more speed|better performance|faster answers|a faster model)
(is|can) (there something|anything|it) (wrong|be made faster|be done) (with the speed|about the speed|)
(my|the) (laptop|pc|computer) is (too |)slow (with|for) (hearth|the model|this model)
chatgpt is (much |)faster( than this|)
(it|the model) (crawls|drags|creeps)
can hearth (go|run|answer|work) (faster|quicker)
the speed is (bad|poor|terrible|low|disappointing)
""", how="""make (hearth|it|the model|answers|my model) (faster|quicker)|(speed up|accelerate) (hearth|the model|generation|answers)|get (more|a better) (speed|tokens per second|performance)|improve the speed""",
     wrong="""(hearth|the model|it|the answer) is (so slow|very slow|too slow|sluggish)|answers (take ages|take forever|come very slowly)|i only get
    one token per second""",
     follow=("what about a gpu|does a gpu help|and with my graphics card|and if i have a gpu|how is it on a gpu|is it faster on a graphics card",))

ways("speed-expect", """
(expected speed|typical speed|normal speed|usual tokens per second|speed on cpu|tokens per second|tok/s|t/s|how fast|speed figures|speed numbers)
(how|roughly how|about how) (fast|quick|many tokens per second|many words per second) (is|will|would|does|can|do) (hearth|it|a model|an 8b model|a 4b
    model|a 7b model|the model|a normal model|i|my laptop|it go|chatting)( be| run| write| answer| get| expect| do| manage|)( on a cpu| on a
    laptop| on my computer| on a gpu| roughly|)
(which|what) (speed|number of tokens per second|rate|performance|tokens per second) (can|should|do|will|may|is|would) (i|one|be|hearth|it|) (expect|
    get|reach|normal|usual|typical|good|ok|realistic|achieve|have)( on a cpu| on a gpu| with a 7b model| with an 8b model| on a laptop|)
how many (tokens|words) (per|a|each) second (can|do|will|should|are|is|does) (i|one|it|a laptop|a cpu|a gpu|normal|usual|good|) (expect|get|reach|
    normal|manage|do|write|make|)( on a cpu| on a laptop| with an 8b model|)
(is|are) (5|10|8|3|20|50|100) tokens per second (good|normal|slow|fast|ok|bad|much|little|a lot)
(5|10|8|20|50) tokens per second(, is that normal|, is that good|, good or bad)
what (is|counts as|would be) a (good|normal|decent|usable|typical) (speed|rate|number of tokens per second|token rate)
(does|will|can) (it|a model|an answer) (write|come|appear) (as fast as i read|faster than i can read|at reading speed|in real time)
how (long|much time) does (an answer|a normal answer|one answer|a sentence) (take|need)( usually| normally| on a cpu|)
(speed|performance) (of an 8b model|on a cpu|on a gpu|of hearth|i can expect|on my hardware|to expect|compared with a gpu|figures)
what does the speed depend on
(is|how much) (a gpu|the gpu) (much |)(faster|quicker) (than|compared with) (a cpu|the cpu)
how fast (would|will) (a 7b|an 8b|a 14b|a 4b) (model |)(be|run) (here|on a cpu|on a laptop|for me)
""")

ways("bench", """
(bench|benchmark|hearth bench|speed test|speedtest|performance test|measure speed|measure performance|benchmarking|tokens per second test|timing|
    performance measurement)
(measure|test|benchmark|check|determine|compare|find out) (the |my |)(speed|performance|tokens per second|speed of a model|speed of my model|model|
    prompt speed|generation speed|speed of two models|speed of my gpu|throughput)
(is there|do you have|does hearth have) (a|an|some) (benchmark|speed test|performance test|benchmark command|bench tool|way to measure the speed|
    built-in benchmark)
(which|what) command (measures|tests|shows|prints|benchmarks|tells) (the speed|tokens per second|performance|my model|how fast a model is|my tokens
    per second|the performance)
how (can|do) i (measure|test|benchmark|see|find out|compare|check|know|determine) (how fast (a|my|the) model is|the speed|my tokens per second|tokens
    per second|the speed of a model|two models|the performance|the speed of two quantisations|which model is faster|how quick my machine is)
(run|start|do|make|perform) (a|the) (benchmark|speed test|performance test|bench|measurement)( of a model| on my gpu|)
i (want|need|would like) to (know|measure|compare|test|see) (the exact speed|how many tokens per second i get|the speed of my model|the speed of two
    models|the speed before and after|exact tokens per second)
(which|what) of two models is faster(, how do i measure it|)
(numbers|figures) for the speed of my machine
hearth bench (usage|example|options|help)
what does hearth bench (measure|print|show|need)
compare (cpu and gpu|two quants|two models|q4 and q8) (speed|in speed|by measurement)
how do i get a number for prompt processing
(llama-bench|benchmark tool) (in|for) hearth
""", how="""(measure|benchmark|test|compare) (the speed|speed|performance|my model|a model|two models|tokens per second)|run a (benchmark|speed test)|use hearth bench""", what="""hearth bench|the benchmark|the bench command""", can="""(measure|benchmark|test|compare) (the speed|performance|my model|models)""")

ways("threads", """
(threads|thread count|cores|cpu cores|number of threads|--threads|hyperthreading|hyper-threading|smt|logical cores|physical cores|multithreading|all
    cores|core count)
how many (threads|cores|cpu cores|processors) (does|do|will|should|are|is|can) (hearth|it|i|the model|a model|used|busy|) (use|take|set|run|need|
    occupy|configure|used|busy|)( by default| while answering| on my cpu|)
(does|will|can) (hearth|it|the model) (use|run on|employ|take|need|occupy|load) (all|every|only half of|only one|several|multiple|more than one|half
    the) (my |of my |of the |)(cores|threads|core|cpus|cpu cores|logical cores)
(can|could|may) i (set|change|limit|reduce|raise|increase|choose|restrict|lower) (the |)(threads|number of threads|thread count|cores|number of cores|
    cpu use|cpu usage)( of hearth| hearth uses|)
how (can|do) i (set|change|limit|reduce|raise|increase|choose|restrict|lower|configure) (the |)(threads|number of threads|thread count|cores|number of
    cores|number of cores hearth uses|cpu use)
why (are|does|is|do) (only half of my cores|not all cores|only 4 of 8 threads|only some cores|hearth not use all threads|half the cores|only 50
    percent of the cpu)( used| busy| idle|)
(would|do|does|will) (more|16|additional|32|hyper) (threads|cores) (help|make it faster|be faster|bring more speed|be better|speed it up)
(is|does) (hyperthreading|hyper-threading|smt) (used|useful|good|bad|help|on|off|needed|matter)( for hearth| for llms|)
(top|htop|the task manager) shows (only half of the cores|50 percent|4 of 8 cores) (busy|used|cpu use)
(my|a) (cpu|processor) has (8|16|12|6|32) (threads|cores)(, how many are used|, are all used|, how many should hearth use)
(physical|logical) (or logical |or physical |)cores
what is the (best|right|optimal) (number of threads|thread count)
how does hearth (choose|decide|set|pick) (the number of threads|how many threads it uses|how many cores it takes)
leave (some|two) cores free
use fewer (cores|threads)
""", how="""(set|change|limit|reduce|choose) the (number of threads|threads|cores|number of cores)""", can="""(set|limit|change) the (threads|number of threads|number of cores|cores used)""")

ways("first-token", """
(first token|time to first token|ttft|prompt processing|prompt eval|prefill|latency|first word|delay|initial delay|pause before the answer|start
    delay|warm up time)
(why|how come) (does|is|must|do) (it|the model|hearth|the answer|the first word|there|i) (take|wait|need|last|think|so long|a pause|a delay|) (so
    long|long|a while|some time|minutes|ages|) (before|until|till) (the answer|it|the first word|the first token|something|the text|an answer)
    (begins|starts|appears|comes|starts writing|is written|to come)
(there is|i see|i notice|i have|we have) (a|a long|an annoying|a big|a short) (pause|delay|wait|gap|break|silence|lag) (before|until) (the answer|the
    first word|the text|the first token|it) (starts|begins|appears|comes|begins to write)
the (first|very first) (word|token|letter|answer|question|sentence) (takes|needs|is|comes|arrives) (long|so long|very long|a long time|slow|ages|late|
    minutes|very late|slowly)
(why|how come) (is|are|does) (the second|the next|every later|a follow-up|the following|later) (question|answer|questions|answers) (faster|quicker|so
    much faster|take less time|come sooner|start faster|come immediately)
(after|when) (i send|sending|i paste) (a long prompt|a long text|a big document|my question|a long question) (nothing happens for a while|there is a
    long wait|i wait long|it takes ages to start|it needs time before it answers)
the model (thinks|waits|hesitates|pauses|does nothing|is silent) (long|a while|some seconds|for a minute) before (writing|it writes|the first word|it
    starts|it begins|answering)
how (can|do) i (reduce|shorten|lower|improve|speed up) (the (time to first token|delay|latency|wait|pause|ttft|time) (before the answer|)|prompt
    processing|the reading of the prompt)
(what|how) (happens|is done|is it doing) (before|until) the (first word|first token|answer starts|answer)
(long|big) prompts (take long|are slow|need time) (to start|at the beginning|before the first word)
reading the prompt (is slow|takes long|takes a minute)
(slow|late) start of (the answer|answers|an answer)
once it (starts|writes) it is fast, but (the start|the beginning) (is slow|takes long)
what does it do before it starts to write
""", what="""time to first token|ttft|prompt processing|the time to the first token|prefill""", wrong="""the first (word|token) (takes so long|comes very late)|there is a long pause before the answer (starts|begins)""")

ways("prompt-cache", """
(prompt cache|prompt caching|prefix cache|prefix caching|cache of prompts|cached prompt|prompt reuse|cache reuse|caching|cached tokens|context
    caching)
(does|can|will) (hearth|it|the server) (cache|reuse|remember|keep|store|save) (prompts|the prompt|the beginning of a prompt|earlier prompts|my prompt|
    common prefixes|the system prompt|the start of a conversation|processed prompts)
(is|are|must|will) (the same (prompt|beginning|start|system prompt|prefix|text)|a long system prompt|equal beginnings|the whole conversation|the
    history|my prompt|everything) (computed|calculated|processed|read|evaluated) (again|twice|every time|anew|each time|only once|for every question|
    with each request)
(does|will|can) (the prompt cache|caching|prompt caching|prefix caching|the cache) (change|affect|alter|influence|harm|worsen) (the answers|the
    answer|the text|results|the quality|anything|the output)
(how|when) (does|is) (prompt caching|prefix caching|the prompt cache|the cache of prompts|a prompt) (work|used|cached|help|emptied|reused)
two (prompts|requests) (begin|start) (alike|the same|with the same text)(, is that used|, is it faster|, what happens|)
(does|is) a (repeated|second|similar) prompt (go |)(faster|cheaper|quicker|answered sooner|cached)
(the same|a long) (system prompt|document) (in|for) (every|each|many) (request|requests|question)(, is it read again|, is that slow|, does hearth
    cache it|)
(what|which) (does|is) (caching of prompts|the prompt cache|prefix caching) (bring|good for|save|gain)
(can|do) i (turn on|enable|use|need to turn on|have to enable) (prompt caching|the prompt cache|prefix caching)
reuse (of |)(the |)(beginning|start|prefix|common prefix)( of prompts|)
like (anthropic|openai) prompt caching
where is the prompt cache
""", what="""the prompt cache|prompt caching|prefix caching|the prefix cache""", does="""(cache|reuse) (prompts|the prompt|common beginnings|prefixes)""")

ways("speculative", """
(speculative decoding|speculation|draft model|draft|speculative|spec decoding|assistant model for speed|draft tokens|small model helps big model)
(what|how) (is|does|are|can) (speculative decoding|speculation|a draft model|draft tokens|the draft) (do|work|help|mean|speed things up|make it
    faster|bring|good for|)( exactly| in hearth|)
(can|could|does|will) (hearth|i|it) (use|do|support|have|work with|enable) (speculative decoding|a draft model|speculation|draft models|a small model
    to speed up a large one)
(does|will|is) (speculative decoding|a draft model|the draft model|speculation|the text with a draft model) (change|affect|harm|alter|worsen|
    different|lower|influence|) (the answer|the text|the quality|results|the output|what the model writes|from the normal text|)
(which|what) (model|draft model|small model) (can|should|do|must) i (use|take|choose) (as|for) (a |the |)(draft|draft model|speculative decoding)
(how|what) (much faster|speedup|gain|much speed) (is|does|do i get|does it bring) (with |from |)(speculative decoding|a draft model)
a (small|tiny|little) model (guesses|proposes|predicts|drafts|helps) (and|for|while) (a|the) (large|big) (one|model)( checks| verifies| decides|)
(a small model|two models) (working |)(together|in tandem) (for speed|to be faster|for faster answers)
how (can|do) i (use|enable|turn on|try|set up) (speculative decoding|a draft model|speculation)
(must|does) the draft model (have|need) the same (vocabulary|tokenizer|tokeniser|family)
is the (text|answer|quality) (the same|worse|identical|equal) with (a draft model|speculative decoding)
(is|are) speculative decoding (lossless|exact|supported|worth it|good)
guess tokens (ahead|in advance)
""", what="""speculative decoding|a draft model|speculation|draft tokens""", how="""use (speculative decoding|a draft model)|speed up a large model with a small one""", can="""use (speculative decoding|a draft model|a small model to speed up a large one)""")

ways("batching", """
(batching|parallel requests|concurrent requests|continuous batching|--parallel|parallel|concurrency|several users|many users|simultaneous requests|
    multi user|slots|queue)
(can|could|may|does|will) (several|many|multiple|two|ten|more than one|different|a few) (people|users|clients|programs|requests|persons|apps|agents|
    questions|colleagues) (use|ask|share|be answered by|work with|send requests to|be served by|run on|query) (it|hearth|the server|one model|the same
    model|a model|the model|)( at once| at the same time| together| in parallel| simultaneously|)
how many (people|users|clients|requests|questions|connections|programs|parallel requests) (can|may|could|does|will) (use|ask|be answered|run|the
    server|hearth|it|be served|i send|one model)( handle| serve| answer| take|)( at once| at the same time| in parallel| together| simultaneously|)
(are|is|do) (parallel|simultaneous|concurrent|several|two|many) (requests|questions|users|calls) (queued|answered together|possible|supported|run in
    parallel|wait|one after the other|served together|allowed|slow)( or one after the other|)
(what|what does) (happens|does hearth do|is) (when|if) (two|several|many|ten) (people|users|programs|requests|clients) (ask|come|arrive|use it|send
    something) (at once|at the same time|together|simultaneously)
(my|our) (whole |)(family|team|office|class|company) (wants|would like) to (use|ask|share) (one server|the model|it|hearth)( together| at the same
    time|)
(how|where) (can|do) i (set|change|raise|increase|allow|configure) (the number of parallel requests|more parallel requests|parallel requests|
    --parallel|the number of slots|more users at once)
(does|can) (hearth|the server) (support|do|have|handle) (parallel requests|batching|continuous batching|concurrent requests|several users|many
    clients|concurrency)
(send|ask) (several|many|parallel|ten) (requests|questions|prompts) (at once|at the same time|in parallel|together)
what does --parallel (do|mean|set)
must my requests wait (for each other|in a line|in a queue)
is there a (queue|waiting line|limit of parallel requests)
(serve|for) (several|many|multiple) users( with one model| at once|)
one after the other or together
""", what="""continuous batching|batching|--parallel|a batch of requests""", can="""(ask|send) (several|many|parallel) (questions|requests) (at once|at the same time|in parallel)|serve (several|many|ten) users""", does="""(support|handle) (parallel requests|several users|batching|concurrent requests)""")

ways("deterministic", """
(seed|deterministic|reproducible|same answer|determinism|reproducibility|repeatable|different answers|random seed|temperature 0|identical output|
    greedy)
(can|could|how do|how can|may) i (get|have|obtain|force|reproduce|repeat) (exactly |always |)(the same|the identical|an identical|a reproducible|the
    very same|reproducible|repeatable|deterministic) (answer|answers|output|text|result|results|reply)( again| every time| twice| each time| as
    yesterday|)
(is|are|will|would) (the |my |)(answer|answers|output|results|texts|model) (deterministic|reproducible|always the same|the same every time|repeatable|
    identical each time|random|different every time)
why (is|are|do|does|did) (the answer|the answers|i|it|the model|the same question) (different|get different answers|give different answers|change|
    vary|differ|get another answer|got two different texts|say something else)( each time| every time| now| today| again| to the same question|)
(i asked|i ask|asking) (the same|the same question|it|the same thing) (twice|again|two times|several times) (and got|and get|gives|but got|but get)
    (two different|different|other|another) (answers|texts|answer|results|replies)
(the same|one|an identical) (question|prompt) (gives|gets|yields|produces|leads to) (different|other|two different|varying) (answers|texts|results|
    replies)( each time| every time|)
how (can|do) i (make|keep|get) (the |)(answers|output|results|text|model) (reproducible|deterministic|repeatable|the same every time|always the same|
    stable|identical)
(what|which) (is|does) (a seed|the seed|a random seed|temperature 0|temperature zero)( for| do| mean| good for|)
(set|use|fix|choose) (a|the) seed( for the answers| in the api| in a request|)
(for|in) (a test|my tests|an experiment) i need (the same|identical|reproducible) (answer|output|answers)( every time|)
(randomness|chance|luck) in (the |)answers
(turn off|switch off|remove|no|without) (the |)randomness
always the same answer( please|, how|)
does (a|the) seed (work|help|make it reproducible)
bit for bit the same
(roll|throw) the same dice again
""", what="""a seed|the seed|a random seed|temperature 0""", how="""make answers (reproducible|deterministic|repeatable)|get the same answer (again|every time|twice)|set a seed""", can="""get the same answer (again|every time|twice)|make answers reproducible|set a seed""")
