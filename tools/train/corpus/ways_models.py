"""More ways of asking about finding, downloading, choosing, listing and deleting models."""
from .phrases import ways

ways("download", """
model download
download llm
get model
(model|llm) (download|install|installation)( command|)
(download|fetch|install) (command|instructions) for (a model|models)
from where do i (get|fetch|download|take) (a model|models|an llm)
where (do|can|could) i (get|find|fetch|load down|obtain) (a model|models|llms|an llm|some brain for hearth)
(i have|there is|i've got) no model (on my disk|on this computer|here|installed|in the list)(, how do i get one|, what now|, where from|)
hearth ls (is|shows) (empty|nothing|no models)(, how do i get a model|, what now|)
the list of models is empty(, what now|, how do i fill it|)
how does (a model|an llm|the first model) (get|come|land|arrive) (on|onto) my {computer}
(the|my) (pc|computer|laptop|disk) (has|contains) no (model|llm)(, how do i get one|, where do i find one|)
i (need|want) (a|an|some) (brain|ai|llm|model|chatbot) for hearth(, where from|, how|)
i want (something|an ai) like chatgpt (on my computer|at home|locally)(, how do i get it|, what do i download|)
how do i (put|bring) {amodel} (on|onto) (my {computer}|my disk)
what must i (type|enter|do) (so that|before) a model (is downloaded|comes to my computer|arrives)
(downloading|fetching|getting|installing) (a model|models|llms)(, how|, how does it work|)
is there (an app store|a store|a shop|a download page|a download command) for models
(please |)(fetch|download|get|pull|install) {amodel} for me
how do i get (some|a few|a couple of|several|more) models
what does hearth get (do|mean)
hearth get (usage|help|syntax|example)
how do i use hearth get
what is the (equivalent|counterpart) of ollama pull
(ollama pull|lms get|docker pull) (in|for) hearth
i am ready to (download|get) (a model|my first model)
i'd like to try another llm than you(, how do i get one|)
can hearth (download|fetch|get) models (itself|by itself|for me|)
how do i install (a bigger|a better|a real|a larger|a proper) model
a (bigger|better|real|larger|smarter) (model|llm), where do i get (it|one)
(bring|give) me a (model|bigger model|real model)
which (command|program) (fetches|gets|downloads|pulls|installs) (a model|models|an llm)
(i|we) would like to download a model because (the built-in one is too small|you know so little|i need a better one)
""", how="""{get} {amodel}|{get} {amodel} (from the internet|from the web|onto my disk|to my {computer}|with hearth|in the terminal)|get hold of a model|get new models|
add models to hearth|put a model on my computer|get myself a
    model""", can="""{get} {amodel} (with hearth|from here|)|download models for free|download as many models as i like""",
     follow=("and then|what then|and now|what do i do with it|what comes after that|next step|how do i run it|how do i try it|what's next|ok, done, and now|how do i chat with it then",
             "where is it stored|where does it end up|which folder|where is it saved|where did it go|where will it be|on which path|where on my disk",
             "which one is best for me|what model should i get|what do you suggest|any recommendation|which one do i choose|what would you take"))

ways("download-named", """
{name}
{name} (please|download|get|pull|fetch)
(download|get|fetch|install|pull|grab) (me |)(the model |)({name})( please| now|)
(i'd|i would) like to (try|have|use|test|run|download|get) {name}
i (need|want) (the model |)({name})( on my {computer}|, how|)
(can|could) (i|you) (get|fetch|download|run|try) {name}( for me| here| with hearth|)
what (do|must|should) i (type|enter|run) to (get|download|fetch|have|try) {name}
what is the (download |)command (for|to get|to download) {name}
where (can|do) i (find|download|get) {name}
how (can|do|would) i (get|fetch|obtain|test|try out|run|chat with|talk to|use) {name}
does hearth (have|know|offer|support|run) {name}
(is|will) {name} (supported|work|usable|runnable)( in hearth| with hearth|)
(a friend|somebody|my colleague|the internet) recommended {name}(, how do i get it|)
i (heard|read) (about|of) {name}(, how do i (get|try|run|use) it|, where is it|)
let me (try|have|get|download|test) {name}
{name} is not on my (disk|computer)(, how do i get it|)
bring {name} (to|onto) my (computer|disk|laptop)
how does {name} get (on|onto) my (computer|disk|pc)
install {name} (on my {computer}|)
the model i want is {name}
my (choice|model) is {name}(, what now|)
is it possible to (download|run|get|use|try) {name}
show me how to (get|download|fetch|run) {name}
(please |)help me (get|download|install) {name}
hearth get for {name}
how to pull {name}
""", follow=("how do i load it into memory|what about loading it|load it please|and how is it loaded|and into memory|how do i get it into memory",
             "how do i remove it again|how do i get rid of it later|and if i no longer want it|how do i uninstall it|and delete it",
             "where does it end up|where is it saved|which folder is that in|where will i find it|what is its path|and the place on disk"))

ways("download-quant", """
{name} {quant}
{name} (in|as|with) {quant}( please|)
(get|download|fetch|pull|install) {name} (in|as|with) {quant}( please|)
(download|get|fetch|pull) (me |)(the |)({quant}) (of|from|for) {name}
i (want|need|would like|prefer) {name} (in|as|with) {quant}( quantisation| format|)
i (want|need) the {quant} (one|file|version|variant|build|quant) of {name}
how (do|can) i (tell|say to) hearth get (which|what) (quant|quantisation|quantization|variant) (i want|to take|to download)
(by default|why) hearth (gets|downloads|took) the wrong (quant|quantisation), how do i choose (another|{quant})
(which|what) option (picks|chooses|sets|selects) the (quant|variant) (for a download|when downloading)
how do i (specify|give|name|pass|choose|pick) the (quant|quantisation|quantization|variant|number of bits) (for|of|in) (hearth get|a download|the
    download)
there are several (variants|quants|versions) of {name}, i want {quant}
{name} exists in many (variants|quants), how do i get {quant}
(can|could) i have {name} in {quant}
not the default but {quant} for {name}
is there a way to (get|fetch|download) (only |)(the |)({quant}) file of {name}
what do i (type|enter) (for|to get) {name} in {quant}
{quant} version of {name}
{quant} for {name}
syntax for (a certain|another|a given) (quant|quantisation|quantization) (in|with) hearth get
what does the @ mean (in|after) (a model name|hearth get|the name of a model)
(at sign|@) in the model name
download a different (quant|quantisation|quantization|variant) of (the same|a|my) model
choose between (q4 and q8|q4_k_m and q8_0|the files) (when|while) downloading
how do i get the (q8|8-bit|4-bit|q6|q5|f16) (version|variant|file) of a model
""", how="""choose the quant (for|of|in) a download|download {name} in {quant}|get {name} as {quant}|pick a quantisation in hearth get""")

ways("download-url", """
hugging face
(hugging face|huggingface|hf) (link|url|download|model|models|repo|support)
(from|on) (hugging face|huggingface|hf)
(download|get|pull|fetch) (a model|models|a gguf) (from|with) (hugging face|huggingface|hf|a link|a url|its web address)
i (found|saw|have) a (model|repo|gguf|page|link) (on|from|at) (hugging face|huggingface|hf|the web)(, how do i (get|use|download) it|, what now|, can
    hearth get it|)
(here is|i have) a (url|link|web address) (of|to|for) a model(, what do i do with it|, can hearth use it|)
does hearth (get|download|work with|connect to|talk to|search) (hugging face|huggingface|hf|the hub)
(from where|where) (does hearth|do you) (get|take|download|load|fetch) (its |the |)models( from|)
which (site|server|website|hub|source|catalogue) (does hearth|do the models) (use|download from|come from|get models from)
can hearth get (accept|take|use|handle|eat) (a link|an url|a url|a https address|a huggingface link)
can i paste (a|the|a huggingface) (link|url|address) (into|to|after) hearth get
what is the source of the models
do i need a (hugging face|huggingface) (account|token|login)
are the models from (hugging face|huggingface|the hub|the internet)
how do i use a (link|url|hugging face link) with hearth get
hearth get (with|and) (a link|a url|https)
owner/repo, what is that
the model i want is only on (hugging face|huggingface|the hub)
(copy|paste|give) the (hugging face|huggingface) (address|link|url) to hearth
is there a (connection|link) between hearth and (hugging face|huggingface)
""", how="""{get} {amodel} from (hugging face|huggingface|the hub|hf|a url|a link|a web page)|use (hugging face|huggingface|a hugging face link|a url)|download by link|fetch a repo from huggingface""",
     can="""{get} {amodel} from (hugging face|huggingface|hf|the hub|a url|a link)|use (a link|a url|a hugging face link|hugging face)|give hearth a
    link""",
     does="""support (hugging face|huggingface)|download from (hugging face|huggingface|a link)|accept links|use the hub""")

ways("download-resume", """
resume download
continue download
download (interrupted|aborted|cancelled|paused|stopped|broke off)
(my|the) (wifi|wlan|network|internet|connection|line) (dropped|broke|died|was lost|went away|failed) (during|in|while) (the|a|my) download(ing|)
(my|the) (laptop|computer|pc) (went to sleep|was switched off|lost power|rebooted|crashed) (during|while|in the middle of) (the|a) download(ing|)
i (pressed ctrl+c|stopped it|closed the terminal|closed the lid|cancelled|switched off) (while|during) (downloading|the download|hearth get)
(do|must|will) i (have to |need to |)(start|begin|download) (again|from the beginning|from the start|all over|everything again) (after|when|if) (an
    interruption|the download stops|the connection breaks|i stop it)
(does|will|can) (hearth get|the download|hearth) (continue|resume|go on|pick up) (where it stopped|where it left off|after an interruption|later|
    tomorrow|again)
can i (stop|pause|interrupt) (a|the|my) download and (continue|resume|finish) (it |)(later|tomorrow|another day)
(is|are) (the|my) (progress|gigabytes|data) (lost|gone|wasted) (when|if) (i stop|the download breaks|the connection breaks)
half (of |)(the|a) (model|file) is (downloaded|there), (how do i get the rest|what now|how do i go on)
there is a (file ending in .part|.part file|part file|file named .part|half file) (in the models folder|on my disk|)(, what is that|, can i delete
    it|)
what are (these |the |)(part files|.part files|files ending in .part)
the download (stopped|stuck|stalled|broke) at (half|50 percent|99 percent|80 %|3 gb)
after a (power cut|reboot|crash|network failure) (my|the) download (was|is) (incomplete|unfinished|not complete)
(an |)(incomplete|unfinished|partial|aborted|broken off) download(, what now|, how do i finish it|)
how do i finish (an incomplete|an unfinished|a half|a partial|an aborted) download
""", how="""(resume|continue|restart|finish|complete|pause) (a|my|the) download|go on with (a|my) download|pick up a broken download""",
     can="""(resume|continue|pause|interrupt) (a|the|my) download|stop a download and go on later|switch off the computer during a download""",
     wrong="""(a|the|my) download (stopped|was interrupted|broke off|got interrupted|was aborted|is incomplete) (in the middle|half way|)|the
    connection broke while downloading|i lost my connection during the download""")

ways("download-check", """
(checksum|sha256|sha-256|hash|md5|integrity|signature)( check| of a download| verification|)
(is|are) (the downloads|downloads|a downloaded file|downloaded models|the file) (checked|verified|tested|validated|ok)( by
    hearth| automatically| after downloading|)
how (can|do) i (be sure|make sure|know|check|verify|tell) (that |)(the|a|my) (download|file|model) (is|was) (complete|correct|intact|ok|not broken|not
    corrupted|undamaged|genuine)
(do|must|should) i (check|compare|verify) the (checksum|hash|sha256|sha-256) (myself|by hand|of my model|)
does hearth (compare|compute|use|look at|test) (hashes|a hash|checksums|the sha256|the sha-256|the file size)
(could|can) (a download|a file|my model) be (corrupted|damaged|manipulated|tampered with|incomplete) (without notice|after the download|)
what does hearth do (to make sure|to check) that (a download|the file) is (correct|right|intact)
is (my|the) (downloaded |)(model|file) (complete|intact|correct|genuine)
was everything downloaded (correctly|right|completely)
(integrity|safety|correctness) of (downloads|a download|downloaded files)
after downloading, (is|gets) the file (checked|verified|tested)
how are (downloads|downloaded files) (verified|checked|protected against errors)
can a bit (flip|error) in the download (go unnoticed|stay undetected)
i am afraid (my|the) download has (errors|mistakes|a wrong bit)(, is it checked|)
does hearth get (check|verify|test|validate) (what it downloads|the file|files|downloads)
verify (my|a|the) (downloaded model|model|file|download)
""", how="""(verify|check|validate|test) (a|my|the) (download|downloaded file|downloaded model)|check the (hash|checksum|sha256) of a (model|file|download)|make sure a download is complete""",
     does="""(check|verify|validate) (downloads|the checksum|what it downloads)|compare hashes""")

ways("own-file", """
(use|run|load|open|import|add) (a |my |)(own |local |)(gguf|.gguf file|gguf file|model file)
(import|local file|custom model|own model|sideload)
i have (already |)(a gguf|a .gguf|a model file|the weights|a gguf file) (on my disk|on my computer|on a stick|on a usb stick|in my downloads folder|at
    home|)(, how do i (use|run|open|load) it|, what now|)
(i|we) (downloaded|got|copied|received) (a gguf|a .gguf file|a model file) (with my browser|from a friend|from a website|by hand|with wget|with
    another program)(, where does it go|, how do i use it|)
(where|in which folder|into which directory) (do|must|should) i (put|copy|place|save|move|drop) (a|my|the|my own) (gguf|.gguf file|gguf file|model
    file|model)
(where|to which place) does (a|my) (gguf|.gguf|gguf file|model file) (go|belong)
can hearth (open|run|read|use|chat with) (a|any|my|a local) (gguf|.gguf file|gguf file|file)( directly| from disk|)
can i (just |simply |)(name|give|point to|use) (a file|the path of a gguf|a path|a gguf file)( instead of a model name|)
run (a model|hearth chat) from a (file|path|local file)
hearth chat (model.gguf|file.gguf|my.gguf|with a local file)
(a friend|my colleague|someone) gave me a (gguf|model file|.gguf file)(, how do i run it|)
i (trained|made|converted|built|finetuned) (a|my own) (model|gguf)(, how do i use it in hearth|, can hearth run it|)
how does hearth (know|find|notice|see) (a|my) (gguf|model file) (that i copied|of my own|)
drag a (gguf|file) into hearth
use (a model|a file) (that is|which is) already on (my|the) (disk|computer|pc|usb stick)
there is (already |)a (model file|gguf) (on|in) my (computer|disk|home folder)
(move|copy) (a gguf|my gguf|a model) (from|to) (another computer|a usb stick|an external disk)
a .gguf from (the web|a website|elsewhere)(, how do i open it|)
""", how="""(use|run|load|open|import|add|start) (my own|a local|an existing|a downloaded|a) (gguf|.gguf|gguf file|.gguf file|model file|file)|use a model i already have|import my own model|chat with a gguf file""",
     can="""(use|run|load|open|import|add) (my own|a local|an existing|a) (gguf|.gguf|gguf file|.gguf file|model file)|use a model i already have|
    bring my own model|copy a model from another computer""")

ways("lmstudio-models", """
lm studio (models|folder|library|files)
(my|the) (models|ggufs|files|llms) (of|in|from|inside) (lm studio|lmstudio)
(i|we) (use|used|have|had|come from) (lm studio|lmstudio)(, can hearth use its models|, are my models found|, do i need to download again|)
(all|many of|lots of) my models are in (lm studio|lmstudio|~/.lmstudio|the lm studio folder)
does hearth (share|find|see|reuse|detect|import|recognise|take) (the |my |)(models|files|ggufs) (of|from|in) (lm studio|lmstudio|~/.lmstudio)
(must|do|should) i (copy|move|convert|download|import) (my|the) (lm studio|lmstudio) models( again| to hearth|)
(will|does|can) hearth (change|touch|delete|write to|break|modify) (my |the |)(lm studio|lmstudio) (models|folder|files|installation)
are (lm studio|lmstudio) (models|files|downloads) (visible|usable|found|shown|listed|shared)( in hearth|)
is it (safe|ok) to (have|use) hearth and lm studio (together|side by side|with the same models)
both lm studio and hearth (are installed|on one computer), (do they share models|can they use the same files|do i need everything twice)
i don't want to (download|store) (everything|the models|gigabytes) (twice|again|a second time)
can i (reuse|share|use) (models|files|ggufs) (of|from|with) (lm studio|lmstudio)
~/.lmstudio/models
hearth ls shows models (of lm studio|i downloaded with lm studio)
(models|files) from another (program|app)( such as lm studio|)
(switching|moving|migrating|changing) from (lm studio|lmstudio) to hearth
""", how="""use (my|the) (lm studio|lmstudio) models|share models with lm studio|reuse the models of (lm studio|lmstudio)|keep my lm studio models""",
     can="""(use|share|reuse|see|keep) (my|the) (lm studio|lmstudio) (models|files|library)|use lm studio models without copying""",
     does="""(read|see|find|use|share|change|touch) (my |the |)(lm studio|lmstudio) (models|folder)""")

ways("models-folder", """
(model|models) (folder|path|location|dir)
(model|gguf) files location
(where|in which folder|in what directory|in which place) (did|does) (hearth get|hearth|it|the download) (put|save|store|keep|write|place) (the model|
    the models|models|my models|the file|the gguf|it)
where (on disk|on my computer|in the file system|in my home|on the hard drive) (are|is|do i find) (the models|my models|the downloaded model|the model
    files|the gguf files)
(what|which) (folder|directory|path|place) (holds|contains|has|do i open for|is used for) (the models|my models|downloaded models|the gguf files)
where (do|did) (my|the) (downloads|models|gguf files|llms|downloaded models) (go|land|end up|sit|live|lie)
i downloaded a model, where is it (now|saved|stored|on my disk|)
i (can't|cannot) find the (model|model file|gguf|file i downloaded|models)( on my disk|)
i want to (back up|copy|look at|see|move) (the|my) (models|model files|gguf files)(, where are they|)
(the |)(path|location|place|folder) (of|for|to) (the models|my models|downloaded models|the gguf files)
hearth get is finished, where is the (file|model)
which path do models have
~/.hearth/models
how is the models folder (organised|structured|laid out|organized)
where exactly are the gigabytes i downloaded
where (is|are) all (the|my) (models|ggufs|llms)
(show|tell) me (where|the folder where) (the|my) (models|downloaded models|files) are
""", where="""the models|my models|the models folder|the downloaded models|the model files|my gguf files|downloaded models|the llms""",
     follow=("can i put them elsewhere|how do i change that folder|can that be changed|can i use another folder|and on a second drive|what if my home is too small|can they be on an external disk",))

ways("list-models", """
hearth ls
ls
(list|show|display|print) models
(list|overview|inventory) of (my|all|the) (models|llms|downloaded models|installed models)
(my|installed|downloaded|local|available) (models|llms)( list|)
(what|which) (models|llms|ggufs) (do i|did i) (already |)(have|own|download|get)( on my disk| already| here|)
(what|which) (models|llms) (are|is) (already |)(installed|downloaded|on this computer|on my disk|on disk|stored|available locally|here)
do i (already |)have (any models|a model|some model|models)( on my disk| installed|)
(how can|how do) i (know|find out|see|tell|check) (which|what) (models|llms) (i have|are installed|i downloaded|are on disk|are there)
(is|are) (there|any) (a model|models|any models) (installed|downloaded|on my disk|on this machine)( already|)
how many models (do i have|are installed|are on my disk|did i download)
(show|tell|give) me (what|everything|all that) i (have downloaded|downloaded|got|have installed)( so far|)
how (big|large) are my (models|downloaded models)
i (forgot|don't remember|lost track of) (what|which models) (i have|are on my disk|i installed)
see all (models|llms) on (disk|my disk|this computer)
what is the (equivalent|counterpart) of (ollama list|lms ls)
(ollama list|lms ls) (in|for|with) hearth
what does the command ls (do|show) in hearth
what have i got on (my disk|the disk|this computer)( so far|)
which of my models (takes|is|uses) (the most space|largest|the most disk)
names of (my|the installed|the downloaded) models
can hearth (list|show) (my|the|all) (models|downloaded models)
""", how="""{see} (my|all|the|the downloaded|the installed|local) (models|llms)|get a list of (my|all|the) models|see what is installed|see which models i have|get an overview of my models""",
     follow=("what about the ones in memory|which are running|which of these are active|how do i see the loaded ones|and what is loaded right now|show me the running ones",))

ways("delete-model", """
(delete|remove|erase|uninstall) (model|models|llm)
(model|llm) (deletion|removal|uninstall)
(free|clean|clear|save|reclaim) (up |)(disk|disk space|space on my disk|my disk|my ssd)
i (don't|do not) (need|want|like|use) (a|this|that|the|one of my) (model|models|llm)( any more| anymore| any longer|)(, how do i delete it|, how do i
    get rid of it|)
(a|the|my|this) model (can go|should go|has to go|is no longer needed|is useless|is superfluous)( away|)(, how do i delete it|)
(models|a model|my models) (take|takes|eat|eats|use|uses|fill|fills) (too much|so much|all my|a lot of) (disk space|space|disk|room on my disk)(, how
    do i delete one|, how do i remove some|)
i (have|downloaded) too many models(, how do i delete some|, how do i get rid of some|)
(throw|wipe|clear) (away |out |)(a model|an old model|old models|the models)( from disk| from my disk|)
what is the (command|way) to (delete|remove|erase|uninstall) (a model|models)( from disk|)
is there (a|an) (hearth rm|rm command|delete command|hearth delete|uninstall command)( for models|)
(ollama rm|rm) (in|for|with) hearth
how do i (get rid of|throw away|dispose of|wipe|clear) (a|an old|the|some|old|all) (model|models|llms|downloaded models)
can i (simply |just |)(delete|remove|rm) the (folder|file|directory) of a model
(which|what) (file|folder) (do|must|should) i delete to (remove|uninstall) a model
i (downloaded|took) the wrong model(, how do i delete it|, how do i get rid of it|)
(remove|delete|erase) (a model|the model|my models|it) (from|off) (my |the |)(disk|hard drive|computer|ssd|laptop|drive)
make (room|space) on (my|the) disk by (deleting|removing) (a model|models|old models)
how do i undo (a download|hearth get)
""", how="""(delete|remove|erase|uninstall|get rid of|throw away|wipe) (a model|an old model|models|my models|a downloaded model|a model i no longer need)|(delete|remove) a model from (disk|my disk|my computer|the hard drive)|free disk space|clean up old models""",
     can="""(delete|remove|erase|get rid of) (a model|models|a downloaded model|old models)|delete a model by hand|simply delete the folder of a
    model""")

ways("search-models", """
(search|find|browse|discover|explore) (models|llms|for models|for a model)
(model|llm) (search|catalogue|catalog|list|hub|library|directory|zoo)
(what|which) (models|llms) (can|could) i (download|get|fetch|use|choose from|install)
(what|which) (models|llms) (are|is) (available|there|offered|downloadable|out there|on offer|on the hub)( for download| in the internet| for hearth|)
(is|are) there (any |a |some )(list|catalogue|catalog|overview|directory|collection|menu) (of|with) (all |available |downloadable |)(models|llms)
(show|give|tell) me (a list of |)(the |all |)(available|downloadable|possible) (models|llms)
(i'm|i am) looking for a (certain |special |particular |)(model|llm)(, how do i find it|, how do i search|)
i (don't|do not) (know|remember) the (exact |full |correct |)(name|spelling) (of|for) (a|the|my) model(, how do i find it|)
how do i (look for|search for|find|look up|discover) (a model|models|gemma models|new models|llms|the name of a model)( by name| by word|)
can hearth (search|look|find|browse) (for models|models|the hub|hugging face)
what (is|are) the names of (the models|models) (i can download|for download|on the hub)
(which|what) (models|llms) does hearth (support|offer|know|run|have)( for download|)
where (can|do) i (see|browse|look up|find) (what|which models) (is|are) (available|downloadable|there)
(search|look) for (gemma|llama|qwen|mistral|phi|granite)( models| versions|)
are there (gemma|llama|mistral|qwen|phi|german|medical) models
how many models (are there|exist|can i choose from)
does hearth get (search|have a search)
search (by|for a) (word|name|keyword|part of the name)
what else (is there|can i download|is available)
""", how="""(search|search for|find|discover|browse|look for|look up) (models|a model|new models|llms|a certain model)|find out which models exist|see what models are available|find the name of a model""",
     can="""(search|look|browse) (for |)(models|a model)|see a list of (available|all) models|search hugging face|find models by name""")

ways("which-model", """
(model|llm) (recommendation|suggestion|choice|advice|tips)
(best|good|recommended|favourite|favorite|suitable) (model|llm)( for me| for beginners| to start|)
(which|what) (model|llm|one) (is|would be|might be) (the best|best|good|right|suitable|ideal|recommended|ok|sensible) (for me|for a beginner|for
    everyday use|for chatting|to begin with|for a start|for normal people|)
(which|what) (model|llm) (should|do|would|shall|could) i (use|take|choose|pick|download|try|get|start with|install|begin with|go for)( first| as a
    beginner| for chatting|)
(which|what) (model|llm) (do|would|can) you (recommend|suggest|advise|take|choose|pick|use)( me| for a start| for a beginner|)
(help me|i need help to|how do i|how should i|how can i) (choose|pick|select|decide on|find) (a|the right|a good|the best) (model|llm)( for me| for my
    computer|)
(there are|i see) (so many|too many|thousands of|hundreds of) models(, which one|, which is good|, what should i take|. which one do i need|)
i (can't|cannot) decide (which model|on a model|between so many models)
(give|tell) me (a|one|some) good (model|llm)( to start with| name|)
(what|which) is a (good|decent|sensible|nice|solid) (model|llm|choice|first model|default)( for beginners| to begin with| for daily use|)
(recommend|suggest|propose|advise) (me |)(a|some|one|a decent|a good|the best) (model|llm)( please| for me| for chatting|)
is (qwen|gemma|llama|mistral|phi) (good|the best|better)( than the others|)
(which|what) (model|llm) (comes closest to|is like|is as good as) chatgpt
i want the best (model|llm|quality)( that runs on my computer|)
what would you (take|use|download|choose) (in my place|if you were me|as a first model)
(which|what) (model|llm) (gives|has) the (best|smartest) answers
what model for (daily|everyday|general|normal|private|office) (use|chat|things|work)
(a good|the best) all round(er|) model
which one should (i|a beginner|a newcomer) (download|take|get) first
how do i know which model is (right|good|suitable)( for me|)
""", follow=("why that one|and why|what is the reason|why this model|why not a bigger one|why that quantisation|how come|explain why",
             "how do i get that|how do i install it|where do i get it|what is the command|and the download|ok, give me the command|how do i fetch it"))

ways("model-for-ram", """
{gb} gb
{gb} gb (ram|memory)
{gb} gigs( of ram| of memory|)
{gb} gb (laptop|computer|pc|machine|desktop|notebook)
{gb} gb (laptop|computer|pc|ram|of ram|memory)(, which model|, what model|, what fits|, what can i run|, what should i take)
i('ve| have) (got |)(a|an old|a new|only a|just a) (laptop|computer|pc|machine|notebook|desktop|thinkpad|mini pc) with {gb} (gb|gigabytes|gigs)( of
    ram| of memory| ram|)(, which model should i use|, what can i run|, what do you recommend|, what fits|. what model is right|)
i('ve| have) (got |)(only |just |exactly |)({gb}) (gb|gigabytes|gigs)( of ram| of memory| ram|)(, what should i take|, which model is good|. what can
    i run|, what do i download|)
my (laptop|computer|pc|machine|notebook|server|desktop|system) has (only |just |)({gb}) (gb|gigabytes|gigs)( of ram| of memory| ram|)(, what can i
    run|, which llm|, what fits|. which model|)
(which|what) (model|llm|models) (can|could|should|would) (i|a pc|a laptop|a computer) (run|use|load|take|download) (with|on|in|for) {gb} (gb|
    gigabytes|gigs)( of ram| of memory| ram|)
(which|what) (model|llm) (fits|goes|runs|works) (in|into|on|with) {gb} (gb|gigabytes|gigs)( of ram| of memory| ram|)
(which|what) (model|llm) (is good|is best|is right|do you recommend|do you suggest|should i download|would you take) (for|with|on) {gb} (gb|gigabytes|
    gigs)( of ram| of memory| ram|)
how (big|large) (a model|can a model be|may the model be|of a model) (with|for|on|in) {gb} (gb|gigabytes)( of ram| of memory| ram|)
how (big|large) a model (can i run|fits|will run) (with|on|in) {gb} (gb|gigabytes)( of ram|)
(recommend|suggest|propose) (me |)(a model|something|an llm) for {gb} (gb|gigabytes)( of ram| of memory| ram|)
(the|a) (best|biggest|largest) (model|llm) (for|with|on|in) {gb} (gb|gigabytes)( of ram| of memory| ram|)
what (fits|runs|works|goes) (in|into|on|with) {gb} (gb|gigabytes|gigs)( of ram| of memory| ram|)
is (a computer with |my |)({gb}) (gb|gigabytes)( of ram| of memory|) (enough|sufficient|ok|too little)( for a model| for an llm| for hearth|)
are {gb} (gigabytes|gb) (enough|sufficient|ok)( for a model| for a language model|)
(only |)({gb}) gb (of ram|of memory|ram) here(, what now|, what works|)
what can (one|i|we) do with {gb} (gb|gigabytes)( of ram| of memory|)
with {gb} (gb|gigabytes)( of ram| of memory|), (which|what) (model|llm)
my ram is {gb} (gb|gigabytes)
ram: {gb} gb
{gb} gb (are|is) (in|inside) my (computer|laptop|pc)(, which model can i use|)
i (bought|upgraded to|will buy|am thinking of) {gb} gb( of ram| of memory|)(, what can i run now|, which model now|)
""")

ways("model-coding", """
(coding|programming|coder|developer) (model|llm|ai|assistant)
(best|good|recommended) (model|llm) (for|at) (coding|code|programming|python|developers|software|javascript|writing code)
(which|what) (model|llm) (writes|makes|understands|knows|generates|speaks) (good |the best |)(code|python|c|programs|rust|javascript)
(which|what) (model|llm) (is|would be) (good|best|suitable|right|made) for (coding|programming|code|developers|software development|python|c)
(which|what) (model|llm) (should|do|can) i (use|take|download|get) (to|for) (write code|program|coding|programming|write python|help me program|code
    completion|debugging)
i('m| am) a (developer|programmer|coder|software engineer)(, which model|, what model do you recommend|, what should i download|)
i (write|do) (code|software|python|programs)(, which model helps|, what model is good for that|)
i (need|want|am looking for) (a|an) (model|llm|ai|assistant) (that|which) (can |)(code|codes|program|programs|write code|writes code|write programs|
    knows programming)
can (a|an|the) (local |)(model|llm|ai) (help me (code|program)|write (my |)programs|write code|program|fix my code)
(something|a model|an llm) like (github |)copilot( at home| locally|)
copilot (alternative|replacement|at home|locally)
is there a (model|llm) (for|made for|specialised in|specialized in) (coding|programming|code|developers)
{amodel} (for|to help with) (coding|programming|code|software development|my editor)
(recommend|suggest) (me |)(a|some|the best) (coding|programming|code) (model|llm)
what is the best (coder|coding|programming|code) (model|llm)
what does coder (mean|in the name mean) in a model name
(models|llms) for (programmers|developers|coding|software people)
help with (writing code|my code|programming), which model
""")

ways("model-small", """
(smallest|tiny|tiniest|lightest|little|mini|small|lightweight|light) (model|llm|ai)
(what|which) is the (smallest|lightest|tiniest|fastest|least demanding) (model|llm)( there is| you know| that is useful|)
(a|the|some) (small|tiny|little|light|lightweight|minimal) (model|llm) (please|for my old laptop|for a weak pc|for a slow computer|for a raspberry pi)
(my|the) (laptop|computer|pc|notebook|machine|hardware|netbook) is (very |really |quite |too |)(old|slow|weak|ancient|cheap|bad|not powerful)(, which
    model|, what can i run|, what model is right|, does anything run on it|)
i (have|own|use) (only |just |)(an old|a slow|a weak|an ancient|a cheap|a low-end|a ten year old|an 8 year old) (laptop|computer|pc|notebook|machine|
    netbook)(, which model|, what runs on it|, what do you suggest|)
(which|what) (model|llm) (works|runs|is good|is ok) on (weak|old|slow|cheap|low-end|poor|little) (hardware|computers|laptops|machines|pcs)
(which|what) (model|llm) (needs|uses|takes|requires) (the least|least|very little|hardly any|little) (memory|ram|resources|power|space)
(is there|do you know) (a|any|some) (really |very |)(small|tiny|light|little) (model|llm)
i (need|want|am looking for) (a|something) (really |very |)(small|tiny|light|quick|little) (model|llm|one|)
(raspberry pi|old hardware|weak hardware|low-end hardware|netbook|atom cpu)
(something|a model|an llm) for (a raspberry pi|old hardware|weak hardware|a netbook|my old machine)
can hearth run (on a raspberry pi|on old hardware|on a weak computer|a tiny model)
(all|most) models are too (big|heavy|large) for my (old |)(pc|laptop|computer)
(download|get|recommend|suggest) (me |)(a|the|something) (tiny|small|smallest|light) (model|llm)( please|)
a model (under|below|smaller than) (1 gb|one gigabyte|2 gb|500 mb)
what if (my pc|my laptop|the computer) is (old|slow|weak|bad)
the (quickest|fastest|lightest) model for a (weak|slow) cpu
""")

ways("model-sizes", """
(what|which) (is|are) the (numbers|number|b|letter b|digits) (in|after) (the |)(name|names) of (a model|models|the models)
(4b|7b|8b|14b|70b|1b|3b|32b|0.6b) (meaning|explained)
what (does|do|is|means) (4b|7b|8b|14b|70b|1b|3b|32b|0.6b|the b|the letter b|the number)( in a model name| in the name| stand for| mean|)
what is the difference between (4b and 8b|7b and 70b|1b and 8b|a small and a large model|a 3b and a 14b model)
(4b|8b|7b|14b) (or|vs|versus) (8b|14b|32b|70b)
(are|is) (bigger|larger|more parameters|a 70b model|a larger model|an 8b model) (always |really |)(better|smarter|cleverer|more intelligent|slower)
how many (parameters|billions) (does|has) (a|an) (4b|7b|8b|14b|70b) (model|)( have|)
(model|parameter) (size|sizes|count|number)( explained| meaning|)
number of parameters
why (do|are) (models|they) (come|made|published) in (different|several|many) sizes
why is (a 70b model|a bigger model|an 8b model) (better|smarter|slower|more expensive) than (a 4b|a small one|a 7b)
does (size|the size|the number of parameters|more parameters) (matter|help|make it smarter|mean better answers)
the name says (8b|4b|7b|70b)(, what does that mean|, what is that|)
b like billion
what does (the |)(size|b|number) of a model (say|tell me|mean)
(the |)(8b|4b|70b) behind the (name|model name)(, what is it|)
what's a parameter
(do|does) (larger|bigger) models (know|think) more
""", what="""(a 4b model|an 8b model|a 7b model|a 70b model|a 1b model)|parameters|the number of parameters|model size|billions of parameters|the b in 8b|4b|7b|8b|70b""")

ways("formats", """
(file|model) (formats|format|types|type)( supported|)
(which|what) (file |model |)(formats|format|types|kinds of files|extensions) (can|does|do|will|are) (hearth|i|it|supported|allowed|
    possible)( read| load| open| support| run| accept| use| need|)
(safetensors|onnx|mlx|pytorch|ggml|bin|pth|checkpoint|exl2|awq|gptq) (support|files|models|)
(does|can|will) (hearth|it) (read|run|load|open|support|understand|accept) (safetensors|onnx|mlx|pytorch|ggml|.bin files|exl2|awq|gptq|.safetensors
    files|split models|several files)
i have a (safetensors|pytorch|onnx|mlx) (model|file|folder)(, does hearth read it|, can i use it|, does it work|)
(must|does) (a model|it|the file) (be|have to be) (gguf|in gguf|a gguf file)
is (gguf|safetensors) the only format
(gguf or safetensors|safetensors or gguf|gguf vs safetensors)(, which one|, what works|)
(only|just) gguf
(a model|the model|my model) (is|comes) (split|cut|divided) (into|in|over) (several|many|two|multiple) files(, does that work|)
(can|does) hearth (handle|load|read) (split|sharded|multi-part|multiple file) (models|ggufs)
what (kind|sort|type) of (files|model files|models) (does hearth|do i|can hearth) (need|read|support|run)
list (the |)(supported|possible) (formats|file formats|model formats)
in (which|what) format must (a model|models|the file) be
are (safetensors|onnx files|pytorch files|split ggufs) (ok|okay|supported|readable|fine)
file extension of (models|a model)
can i run a model that is (not gguf|in another format|in safetensors format)
""", does="""(support|read|run|load|open) (gguf|safetensors|mlx|pytorch files|onnx|several formats|other formats than gguf|split files)""")

ways("gguf", """
(gguf|.gguf) (format|file|files|)
gguf (stands for|acronym|abbreviation|full form)
what (kind|sort|type) of file is (a gguf|gguf|.gguf|a .gguf)
what (is|are) (in|inside) (a gguf|gguf files|a .gguf file)
why (gguf|is it called gguf|do models use gguf|does hearth use gguf)
(all|the|most) (models|files|downloads) (end in|are called|have the ending) .gguf(, why|, what is that|)
there is a (file|file ending) (.gguf|named gguf)(, what is it|)
what does (a gguf|gguf|a .gguf file) (contain|hold|include|mean|stand for)
how is a gguf (built|structured|made)
everybody (speaks of|talks about|mentions) gguf(, what is it|)
is gguf (a model|a program|a file format|a compression)
what's the file extension .gguf
""", what="""gguf|.gguf|a gguf|a gguf file|the gguf format|a .gguf file|gguf files|gguf format""")

ways("inspect", """
hearth inspect
inspect (model|gguf|file|a model|a gguf)
(gguf|model) (metadata|tensors|header|details|info|information|inspection|keys)
(show|print|display|list|dump) (me |)(the |)(metadata|tensors|header|keys|details|contents|content|insides|architecture|information) of (a|my|the)
    (model|file|gguf|gguf file|model file)
(what|which) (tensors|keys|metadata|information|architecture|quantisation) (are|is|does|has) (in|inside|a|my) (a |my |the |)(model|file|gguf|gguf
    file)( have|)
how (can|do) i (see|find out|know|learn|read) (what is in|what's inside|the architecture of|the details of|the context length of|the layers of) (a|my|
    the) (model|file|gguf|model file)
i want to (look|peek|see) (inside|into|in) (a|my|the) (model|file|gguf|model file)
is there a (gguf viewer|viewer for model files|tool to look into a gguf|way to see the metadata)
(analyse|analyze|examine|dissect|study|look into) (a|my|the) (model|gguf|file|model file)
how many layers (does|has) my (model|file|gguf)( have|)
which architecture does (my|a) (model|gguf|file) have
what can (i|one) inspect
(technical|internal) (details|data) of (a|my) model
what does inspect (do|show)
curious what a gguf (file |)really contains, which command
gguf dump
""", how="""(look inside|inspect|examine|look into|analyse|analyze) (a model|a gguf|a model file|a gguf file|my model)|{see} the (metadata|tensors|details|header|keys) of (a model|a file|a gguf)|find out what is in a model file""",
     what="""hearth inspect|the inspect command|the command hearth inspect""")

ways("load-model", """
load
hearth load
load (model|llm)
(load|put|bring|get|read|pull|move) (a model|an llm|my model|the model|one of my models) (into|in|to) (memory|ram|the memory)
(preload|warm up|prepare|ready) (a|my|the) model
(a|my|the) model is (on disk|downloaded|installed|on my disk)(, how do i load it|, how does it get into memory|, now i want to load it|)
i (downloaded|have|got|fetched) a model(, how do i load it|, how do i get it into memory|. how do i load it now|)
(which|what) command (loads|puts|brings|reads) (a model|an llm|my model)( into memory| into ram|)
(before|so that) (the server|my program) (can use it|answers fast), (how do i load a model|load the model)
how do i (make|get) (a model|my model) (ready|loaded|available in memory|active)
(model|llm) (loading|load command)
loading (a model|models|llms)(, how|, how does it work|)
(lms load) (in|for|with) hearth
what (happens|is done) when i (load|run hearth load)
hearth load (usage|syntax|example|options|help)
(can|could) you (load|put) a model (into memory|)( for me|)
(i'd|i would) like to have (a model|my model) in memory
(activate|enable) (a|my) model
how do i use hearth load
the model is not loaded(, how do i load it|)
""", how="""load {amodel}|load (a model|my model|an llm) into (memory|ram)|put a model (in|into) memory|get a model into (ram|memory)|use hearth load|preload a model""",
     can="""load {amodel}( in advance| into memory| beforehand|)|keep a model loaded|preload a model""",
     follow=("how do i unload it again|and the opposite|how do i free it|how do i remove it from memory|how do i take it out again|and get rid of it|what about unloading",
             "and onto the gpu|on my graphics card|how do i load it on the gpu|can it go on the gpu|and with my graphics card|with gpu please"))

ways("load-named", """
(load|preload|activate|warm up) {name}( please| now| for me|)
(put|bring|get|read|move) {name} (into|in|to) (memory|ram|the memory)
(i|we) (want|need|would like|have) to (load|have|put) {name}( into memory| in memory| loaded|)
(i'd|i would) like {name} (loaded|in memory|in ram)
(can|could) you (load|put) {name}( into memory|)
(what|which) command loads {name}
what (do|must|should) i (type|enter|run) to (load|have) {name}( in memory|)
{name} (load|into memory|loaded please|should be loaded|must be in memory)
(get|make) {name} (ready|loaded|active)
how (can|do) i (load|get|put|bring) {name} (into memory|loaded|)
{name} is (downloaded|on my disk), (now load it|how do i load it|how does it get into memory)
the server (should|must) (have|use|offer) {name} in memory
is there a command (that loads|to load) {name}
(please |)have {name} in (memory|ram)
load the model named {name}
load the llm {name}
hearth load for {name}
how to load {name}
""", follow=("how do i unload it again|and out again|how do i get it out of memory|how do i eject it|and the opposite",))

ways("unload-model", """
unload
hearth unload
(unload|eject) (model|all|everything|models|llm|all models)
(free|release|clear|empty|reclaim|clean) (up |)(the |my |)(memory|ram|vram|gpu memory)( of a model| used by models|)
(take|get|throw|kick|remove|push|drop) (a|the|my|this) (loaded |)model (out of|from) (memory|ram|the memory|vram)
(a|the|my) (loaded |)model (uses|eats|takes|blocks|occupies|hogs) (too much|all my|my|all the) (memory|ram|vram)(, how do i unload it|, how do i free
    it|)
i (need|want) (my|the) (memory|ram|vram) back
i (don't|do not) need the (loaded |)model (right now|any more|at the moment)(, how do i unload it|, how do i free the memory|)
(which|what) command (unloads|ejects|frees the memory of|releases) (a model|models|all models)
my (memory|ram|vram) is (full|occupied|blocked|used up) (of|by|with) (models|loaded models|a model)
how do i (get|have) (my|the) (memory|ram) (back|free)( from a model| again|)
(all|every) (loaded |)(model|models) (should|must) (go|leave|be removed)( from memory| out of memory|)
(ollama stop|lms unload) (in|for|with) hearth
(stop|end|close) (a|the) loaded model
deactivate a model
is the memory (really |)(free|given back|released) (after|when) (unloading|i unload)
hearth unload (usage|example|syntax|all)
the model should (leave|go out of) (memory|ram)
what happens when i unload
empty the memory (of all models|)
model (unloading|eject|ejection)
""", how="""(unload|eject) (a model|models|my model|the model|all models|everything)|(free|release|clear) (the memory|memory|ram|vram|my memory)|(remove|take|get) a model (from|out of) (memory|ram)|get my (memory|ram) back""",
     can="""(unload|eject) (a model|the model|models|all models)|free the memory (again|of a model|)|get my memory back""")

ways("unload-named", """
(unload|eject) {name}( please| now| for me| again|)
(remove|take|throw|get|kick|drop) {name} (from|out of) (memory|ram|the memory)
free the memory (of|used by|from) {name}
{name} (unload|eject|should be unloaded|must go out of memory|can leave the memory)
i (don't|do not) need {name} (in memory|loaded)( any more| now|)
(i|we) (want|need|would like) to (unload|eject) {name}
(can|could) you (unload|eject) {name}
how (can|do) i (unload|eject) {name}
(what|which) command (unloads|ejects) {name}
what (do|must|should) i (type|enter|run) to (unload|eject|get rid of the loaded) {name}
{name} is loaded and should (go|leave the memory|be unloaded)
{name} (uses|eats|takes) too much memory, (unload it|how do i unload it)
get {name} out of my (memory|ram)
unload the model (named |called |)({name})
hearth unload for {name}
stop the loaded model {name}
release {name} from memory
""")

ways("loaded-models", """
hearth ps
ps
(loaded|running|active) (models|model|llms)( list| right now| now|)
(what|which) (model|models|llm|llms) (is|are) (loaded|running|in memory|active|in ram|in use|up)( right now| at the moment| currently| now|)
(is|are) (there |)(a model|any model|something|anything|any models|my model|a model already) (loaded|running|in memory|active)( right now| at the
    moment| currently| now|)
(show|list|display) (me |)(the |all |)(loaded|running|active) (models|model|llms)
(what|who) (is using|uses|occupies|sits in|fills) my (memory|ram)( right now| now|)
how (can|do) i (see|know|check|tell|find out) (which|what|if a|whether a) (model|models) (is|are) (loaded|running|in memory|active)( right now| now|)
how many models are (loaded|running|in memory)( right now| now|)
(ollama ps|lms ps) (in|for|with) hearth
(status|state) of (the |my |)(loaded|running) (models|model)
what does the command ps (do|show)( in hearth|)
did (my|the) model (load|get loaded)
did loading (work|succeed)
is (my|the) model (still |already |)(loaded|in memory|running|there)
what is hearth (running|doing|holding in memory)( right now| now|)
(see|check) (what's|what is|which models are) (loaded|running|in memory)
which context (has|does) the loaded model( have|)
list of models in (memory|ram)
is (anything|something|a model) (occupying|in) (ram|memory)
""", how="""{see} (the loaded models|which models are loaded|what is loaded|running models|the running models|what is in memory)|check (if|whether) a model is loaded|list what is in memory""",
     follow=("how do i unload one of them|and stop one|how do i get rid of one|how do i end one|and to unload|how do i take one out",))

ways("several-models", """
(several|two|multiple|many|three|more) models( at once| at the same time| together| in parallel|)
(multi|multiple) model (support|)
(is|are) (only one model|two models|several models|more than one model|just one) (allowed|possible|supported|loadable)( at once| at a time| at the
    same time|)
how many models (can|may|could) (be loaded|run|i load|i run|i use|work)( at once| at the same time| together| in parallel|)
(is there|what is) (a|the) (limit|maximum) (of|for) (loaded models|models|the number of models)
do i have to unload (one|a|the first) model (before|to) (i load|load|use) another( one|)
(can|could|may) (hearth|the server) (hold|keep|have|run|serve|load) (two|several|many|multiple|more) models( in memory| at once| together| at the same
    time|)
one model for (chat|me) and (one|another) for (code|embeddings|my wife)(, at the same time|, is that possible|)
i (want|need|would like) (a chat model and an embedding model|a big and a small model|two models|several models) (at once|together|loaded|in memory|at
    the same time)
(what happens|is it ok) (if|when) i load a second model
does loading a (second|new|further) model unload the first( one|)
run (two|several|three) models (in parallel|together|at once|side by side)
load (a second|another) model (beside|besides|next to) the first
(parallel|simultaneous) models
one model at a time(, or more|)
""", can="""(load|run|use|have|keep) (several|two|many|multiple|more than one|three) (models|llms)( at once| at the same time| together| in parallel| side by side|)|have two models loaded|load a second model""",
     does="""(run|hold|serve|load) (several|two|multiple|many) models( at once| at the same time|)""")

ways("embedding-models", """
embedding (model|models)( recommendation| download|)
(best|good|recommended|small) (embedding|embeddings|vector) model
(which|what) (model|llm) (makes|computes|gives|produces|creates|is for|is good for|should i use for) (embeddings|vectors|text vectors|semantic search)
(which|what) (embedding|vector) model (should|do|can|would) (i|you) (use|take|download|get|recommend|suggest|choose)
i (need|want|am looking for) (a|an|some) (embedding|embeddings|vector) model( for search| for rag| for my documents|)
i (want|need) to (make|compute|create) (embeddings|vectors)(, which model do i need|, what should i download|, which model|)
(a model|something) for (embeddings|semantic search|vector search|my vector database)
(recommend|suggest) (me |)(an|a good|some) embedding model
(download|get|install) (an|the) embedding model
can a (chat|normal|usual) model (make|compute) embeddings(, or do i need another one|)
nomic( embed|-embed-text|)
do i need a (special|separate|different) model for (embeddings|vectors|search)
(where|how) do i get (an embedding model|a model for embeddings|a model that makes vectors)
is there a (small|good) model for (vectors|embeddings)
what model for (rag|semantic search|similarity)
""", how="""{get} an embedding model|find a model for embeddings|get vectors, which model do i need for that""")

ways("vision-models", """
(vision|image|images|pictures|photos|multimodal|multi-modal|ocr|screenshot|screenshots)
(vision|image|multimodal) (model|models|support|input)
(can|could|does|will) (hearth|the model|a model|it|you) (see|understand|describe|read|recognise|recognize|analyse|look at|process|accept) (images|
    pictures|photos|a photo|an image|a picture|screenshots|a screenshot|my photos|jpegs)
(can|may|could) i (send|show|upload|attach|give|add|paste|use) (an image|images|a picture|pictures|a photo|photos|a screenshot)( to the model| in the
    chat| to hearth| over the api|)
i have (a|an) (photo|picture|image|screenshot|scan) (and|that) (want it described|i want described|the model should describe|want to know what it
    shows)
what is (in|on) (this|my|the) (picture|image|photo)
how (do|can) i (send|show|attach|give|add|use|ask about) (an image|a picture|a photo|images|pictures|screenshots)( to the model| in the chat| over the
    api|)
(which|what) (image|picture|photo) (formats|types|files) (are supported|work|can i send|does hearth read)
(which|what) (models|model) (can|could) (see|read|understand|describe) (images|pictures|photos)
(does|do) (hearth|models) (have|support) (eyes|vision|image input|images|multimodal input|multimodal models|pictures)
describe (a|my|this) (picture|photo|image)(, is that possible|)
the model (says|refuses|does not accept|rejects|ignores) (it cannot see images|images|my picture|my photo|the image)
(jpeg|png|webp)( images| support| files|)
is there a model (that|which) (sees|understands|describes|reads) (images|pictures|photos)
(can|does) it (do|support) (ocr|image recognition|text recognition)
let the model look at (a photo|a picture|an image|my screenshot)
""", can="""(use|send|show|attach|upload) (images|pictures|photos|an image|a photo|a screenshot)( to a model| in the chat| over the api|)|ask about a picture|have a photo described""",
     what="""a vision model|vision models|a multimodal model|vision|multimodal""",
     does="""(support|understand|accept|read|describe) (images|vision|vision models|pictures|photos|screenshots)""")

ways("model-licence", """
(model|models) (licence|license|licences|licenses|copyright|terms|terms of use)
(what|which) (licence|license|terms|rights|copyright) (do|does|has|have|applies to|is on) (the |a |my |)(models|model|downloaded model|downloaded
    models|qwen|llama|gemma)( have|)
(can|may|am i allowed to) (i |)(use|sell|publish|share|redistribute) (a model|models|the models|downloaded models|the output of a model|llama|
    qwen)( commercially| at work| in my company| in a product| for money|)
(is it|are the models) (legal|ok|allowed|permitted|free) to (use|sell|use commercially)( a model| models| in a company| at work|)
are (the models|models|all models|llms|downloaded models) (free|open|open source|open-source|public domain|free of charge|gratis)
(who|which company) (owns|has the rights to|holds the copyright of|licenses|licences) (the models|a model|models)
do (models|the models|llms|downloaded models) (cost|have a price|have licences|have licenses|belong to somebody)
where (do|can) i (find|read|see) the (licence|license|terms) of (a model|my model|a downloaded model)
is a (model|downloaded model) under (the |)(mit|apache|gpl)( licence| license|)( too|)
does the (mit |)(licence|license) of hearth (cover|include|apply to) (models|the models)
do i have to pay for (models|a model|the models|llms)
what may i do with (a|the|a downloaded) model
(legal|copyright|commercial) (questions|use|aspects) (of|about) (models|a model)
my company (wants|would like) to use (a model|models|qwen|llama), (is that allowed|what about the licence)
models and (copyright|licences|licenses|law)
""", can="""use (a model|models|llama|qwen|downloaded models) (commercially|at work|in my company|for business|in a product)|sell something made with a model""")

ways("reasoning-models", """
(thinking|reasoning)( models| mode| model|)
(think|thinking|reasoning) (tags|off|mode|tokens|block|text)
(what|which) (is|are|means) (<think>|</think>|the think tags|the text between think tags|think tags|the thinking)
why (does|is) (the model|it|qwen|deepseek) (think|thinking|thinks|reasoning|reason)( so long| so much| first| before it answers| aloud| all the time|)
the model (thinks|reasons|ponders|talks to itself|writes its thoughts|muses) (for ages|too long|so long|before it answers|first|before answering|
    aloud|all the time)
(i don't want|i do not want|i don't need) (the model to think|thinking|its thoughts|the thoughts|to see the thinking|reasoning)
how (do|can) i (turn off|switch off|disable|stop|skip|hide|avoid|shorten|turn on|enable) (thinking|reasoning|the thinking|the reasoning|the thoughts|
    think mode)( in the chat|)
(turn off|switch off|disable|stop|hide|no) (thinking|reasoning|the thinking|the thoughts)
is there a (switch|setting|option|command) (for|to turn off|to disable) (thinking|reasoning)
what is the difference between a (reasoning|thinking) model and a normal one
(are|is) (reasoning|thinking) models (better|smarter|slower|worth it)
(can|could) i (disable|switch off|turn off|skip|hide) (thinking|reasoning|the thoughts)
what does /reasoning (off |)(do|mean)
/reasoning( off| on|)
a long text (in grey|between think tags) comes before the answer
should i use a (reasoning|thinking) model
the answer begins with <think>
why is there <think> in the answer
""", what="""a reasoning model|a thinking model|reasoning models|thinking models|<think>|reasoning mode|/reasoning""",
     how="""(turn off|switch off|disable|stop|hide) (thinking|reasoning|the thinking|the thoughts of the model)""")

ways("delete-vs-unload", """
(unload|unloading) (or|vs|versus|and) (delete|deleting|remove)(, what is the difference|)
(hearth ps|ps) (or|vs|versus|and) (hearth ls|ls)(, what is the difference|, which one|)
(hearth ls|ls) (or|vs|versus|and) (hearth ps|ps)(, what is the difference|, which one|)
(what's|what is|explain|tell me) the difference between (unloading and deleting|deleting and unloading|unload and delete|unload and remove|ls and ps|
    ps and ls|loaded and downloaded|loaded and installed|a loaded and a downloaded model)( a model|)
(does|will|would) (hearth unload|unloading|unload|ejecting) (delete|erase|remove|destroy|wipe) (the model|the file|my model|my file|anything|the
    download|it from disk)
(is|will) (my|the|a) (model|file|download) (be |)(lost|gone|deleted|erased|removed|still there) (after|when i|if i) (unload|unloading|unload it)
do i (lose|have to download again|need to download again) (the model|my model|it|the file|) (after|when i|if i) (unload|unloading|unload it)
(do|must) i download (a model|it|the model) again (after unloading|when i unload it|after hearth unload)
is unloading the same as (deleting|removing|uninstalling)
can i load (a model|it) again after (unloading|i unloaded it)
does the file stay (on disk|) (after|when) (unloading|i unload)
why does a model show in hearth ls but not in hearth ps
a model is in (ls|hearth ls) but not in (ps|hearth ps)
(downloaded|installed|on disk) versus (loaded|in memory)
(loaded|in memory) versus (downloaded|installed|on disk)
does hearth unload free the disk
what is the difference of ls and ps
""")
