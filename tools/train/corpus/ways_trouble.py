"""More ways of reporting what goes wrong."""
from .phrases import ways

ways("command-not-found", """
(command not found|hearth not found|bash: hearth: command not found|zsh: command not found: hearth|no such command|hearth: not found|unknown command
    hearth|path|path variable|path problem)
(i type|i typed|i enter|i entered|when i type|if i type|after typing) hearth (and|) (the shell|bash|zsh|it|my terminal|linux|the console) (says|
    answers|shows|prints|complains) (command not found|there is no such command|not found|it does not know it|no such file or directory)
(bash|zsh|the shell|my shell|the terminal|linux|the console|ubuntu) (does not|doesn't|cannot|can't) (find|know|recognise|recognize|see|execute|start)
    (hearth|the hearth command|the command hearth|the program hearth|the program)
(the command|the program) hearth (is not found|is unknown|does not exist|is missing|cannot be found|isn't recognized)
(i installed|i built|i compiled|i have built) hearth but (the command is not found|the shell does not find it|typing hearth does not work|it is not in
    my path|the terminal does not know it|i can't start it)
(where|in which folder) is the hearth (program|binary|executable|command)
how (can|do) i (add|put) hearth (to|on|in|into) (my |the |)(path|search path|PATH variable)
hearth is not (on|in) (my|the) path
(the|my) (path|PATH) (is wrong|does not contain hearth|lacks hearth)
hearth (does not start|won't start|can't be started): (command not found|not found)
(i must|do i have to) type the full path (of|to) hearth( every time|)
why (does|is) (the shell|bash|hearth|the command) (not find hearth|not found|not know hearth|unknown)
(hearth chat|hearth get|hearth ls): command not found
nothing named hearth on my system
""", wrong="""(bash|the shell|my terminal) (does not|doesn't) (find|know) hearth|i type hearth and get command not found|the command hearth (is not found|is unknown|does not exist)""")

ways("gibberish", """
(gibberish|nonsense|garbage|rubbish|word salad|garbled text|strange characters|weird output|broken output|random characters|mojibake|unreadable)
(the|my) (model|answer|output|text|reply|llm|answers) (is|are|writes|produces|gives|contains|shows|consists of|spits out|prints|looks like) (nonsense|
    gibberish|garbage|rubbish|strange text|word salad|random characters|random words|strange characters|weird symbols|total nonsense|garbled|
    unreadable|complete garbage|crap text|hieroglyphs)
(i|we) (only |just |)(get|see|receive) (nonsense|gibberish|garbage|random words|strange characters|weird symbols|word salad|rubbish|unreadable text|
    symbols|question marks)( from the model| as an answer| instead of an answer|)
(only|just) (strange|weird|random|broken|odd) (symbols|signs|letters|words|tokens) (come|appear|are printed|are written)
why (does|is) (the model|it|the answer|the output) (write|writing|produce|nonsense|gibberish|garbage|garbled|unreadable|talking rubbish|talk
    nonsense)( nonsense| gibberish| garbage| rubbish|)
what it (says|writes|prints|answers) (makes no sense|is not readable|is not english|is gibberish|is garbage)
the (words|sentences|text) (make|makes|have|has) no (sense|meaning)
(it|the model) (talks|writes|speaks) (nonsense|gibberish|rubbish|garbage|in riddles|like a drunk|crazy stuff)
(the model|it) (is|seems|looks|went) (broken|crazy|mad|insane|drunk)(, it writes nonsense|, only garbage comes|)
(garbage|nonsense|gibberish) (out|comes out|appears|instead of text|on the screen)
how (can|do) i (fix|stop|get rid of|avoid) (gibberish|nonsense|garbage|the nonsense|garbled output|strange output)
i (loaded|downloaded|tried) a model and it (writes|produces|only gives) (gibberish|nonsense|garbage)
""", wrong="""the (model|llm) (writes|produces|only writes) (nonsense|gibberish|garbage|rubbish)|(i|we) only get (gibberish|nonsense|strange characters)|the answer makes no sense|the output is (garbage|garbled|unreadable)""")

ways("repeats", """
(repetition|repeating|loop|endless loop|repeat_penalty|repeat penalty|repetition penalty|looping|loops)
(the|my) (model|answer|text|output|llm|chat) (repeats|loops|is repeating|keeps repeating|is looping|goes round in circles|gets stuck|is stuck in a
    loop|repeats itself|keeps saying the same)( all the time| again and again| forever| itself|)
(the model|it) (says|writes|prints|produces) the same (sentence|word|words|thing|line|paragraph|text|phrase) (again and again|over and over|forever|
    endlessly|many times|all the time|a hundred times|ten times)
(it|the model) (is|got|gets|seems) (caught|stuck|trapped) in (a loop|a circle|an endless loop|repetition)
why (does|is) (it|the model|the answer|my model) (repeat|repeating|loop|looping|keep repeating|say the same thing|stuck)( itself| the
    same| sentences| words| all the time|)
how (can|do) i (stop|avoid|prevent|reduce|fix|get rid of) (the |)(repetition|repetitions|repeating|loops|looping|the loop|repeated sentences|the model
    repeating itself)
(the same|identical) (words|sentences|lines|text) (come|comes|appear|appears|follow) (again and again|over and over|without end|all the time)
(what is|what does|which value for|how do i set) (repeat_penalty|the repeat penalty|repetition penalty)( do| mean| is good|)
like a broken record
a (parrot|broken record)(, it repeats everything|)
the answer never ends because it repeats
it does not stop repeating
(endless|infinite) (repetition|loop|text)
the model writes yes yes yes yes
small models repeat themselves
""", wrong="""(the model|it) (repeats itself|keeps repeating itself|says the same again and again|is in a loop)|the same sentence comes (again and again|many times)|the answer loops""")

ways("bad-answers", """
(bad|poor|wrong|useless|low quality|terrible|mediocre|disappointing|weak|stupid) (answers|replies|quality|results|output|responses)
(the|my) (answers|replies|results|responses|texts) (are|is|look|seem) (bad|poor|wrong|useless|disappointing|terrible|mediocre|not good|low quality|
    weak|stupid|inaccurate|silly|superficial|not helpful|boring)
(the|my) (model|llm) (is|seems|acts|answers) (stupid|dumb|bad|not clever|not smart|silly|weak|not very bright|poor|like an idiot|dull)
how (can|do) i (get|have|make|obtain|achieve) (better|smarter|more accurate|good|higher quality|more useful|improved|more correct) (answers|replies|
    results|quality|texts|output)
how (can|do) i (improve|raise|increase|better) (the |)(answers|quality|quality of the answers|output|replies|results|answer quality|model)
why (are|is|do i get) (the |)(answers|replies|quality|model|answer) (so |)(bad|poor|wrong|weak|stupid|low|disappointing|useless)
(i am|i'm) (not happy|disappointed|unhappy|not satisfied|dissatisfied) with (the answers|what the model writes|the quality|the model|the replies)
(better|good|smarter) answers( please|, how|)
make (the model|the answers|it) (smarter|better|more clever|more accurate|more intelligent)
the model (understands|knows|gets) (nothing|everything wrong|too little|my questions wrong)
the model does not (understand|follow) (me|my questions|my instructions)
chatgpt is (much |)(better|smarter) than (my|this) model
what (helps|can i do) against (bad|poor|stupid|wrong) answers
(the quality|it) is (not|nowhere near) (good|good enough|like chatgpt)
i expected (more|better answers|better quality)
""", how="""get (better|smarter|more accurate) answers|improve the (answers|quality|quality of answers)|make (my|the) model (smarter|better)""",
     wrong="""the answers are (bad|poor|useless|disappointing)|the model is (stupid|dumb|not smart)|the quality is (low|poor|bad)""")

ways("load-fails", """
(load error|loading error|load failed|loading failed|failed to load|model_load_failed|load failure|model load failed|cannot load model|error loading
    model)
(a|the|my|this|one) (model|llm|gguf) (does not|doesn't|won't|will not|can't|cannot|could not|fails to|refuses to) (load|be loaded|start|come up|open|
    go into memory)
(hearth load|loading|the load|loading a model|loading the model) (fails|failed|ends with an error|does not work|gives an error|stops|aborts|breaks
    off|shows an error|is aborted|crashes)
(i get|there is|i see|it shows) (an error|model_load_failed|a failure|an error message) (when|while|after|if) (loading|i load|i try to load|starting)
    (a model|the model|my model)
(i|we) (can't|cannot|could not|am unable to|am not able to) load (a|the|my|this) (model|llm|gguf)
why (can't i|does hearth not|does it not|won't it|does the model not|can hearth not) load (my|the|a|this|) (model|llm|gguf|)
(what|which) (is|are) (the reason|the reasons|wrong|the cause)( if| when) (a model|loading) (does not load|fails)
the (api|server|log) (says|shows|returns) model_load_failed
hearth (refuses|is unable|fails|does not manage) to load (my|the|a) (model|gguf|llm)
(loading|the load) (breaks off|stops) (at|after) (half|50 percent|some seconds|90 %)
trouble (with |)loading (a model|models)
the model worked yesterday but does not load today
could not load the model
""", wrong="""(my|the|a) model (does not load|won't load|fails to load)|hearth load (fails|ends with an error)|loading (fails|does not work)|i can't load (my|a|the) model""")

ways("damaged-file", """
(damaged|corrupt|corrupted|broken|defective|invalid|unreadable) (file|model|gguf|model file|gguf file|download)
(the|my|a|this) (file|model file|gguf|model|gguf file|download) (is|seems|looks|may be|might be|appears) (damaged|corrupt|corrupted|broken|defective|
    invalid|unreadable|not a valid gguf|destroyed|faulty|bad)
(hearth|it|the program|the error) (says|thinks|claims|reports) (the file|my model|the gguf|the model file) (is|might be) (damaged|corrupt|invalid|not
    valid|broken|not a gguf|truncated|too short)
(error|message)(:|) (not a gguf file|bad magic|invalid magic|invalid gguf|file is truncated|unexpected end of file|corrupt file|tensor out of bounds)
(hearth|it) (can't|cannot|could not) (read|open|parse|understand) (the file|the gguf|my gguf|my model file|this file)
how (can|do) i (repair|fix|restore|heal|mend) (a |the |my |)(damaged|broken|corrupt|corrupted|defective) (file|model|gguf|model file|download)
how (can|do) i (find out|see|check|know) (what is wrong with|if something is wrong with|whether there is an error in) (a|my|the) (file|gguf|model
    file)
(the|my) (file|gguf|download) is (too short|truncated|incomplete|not complete)
not a gguf( file|)
bad magic
(after|since) (a disk error|a crash|copying|a power failure) the (model|file) is (broken|damaged)
can (a broken|a damaged|a corrupt) (model|file|gguf) be (repaired|fixed)
the usb stick (broke|damaged) my model file
""", wrong="""(my|the|a) (file|model file|gguf) (is|seems) (damaged|corrupt|broken)|hearth says (not a gguf file|the file is invalid|the file is damaged)|the gguf (cannot be read|is broken)""")

ways("disk-full", """
(disk full|full disk|no space|no space left|no space left on device|enospc|not enough disk space|out of disk space|low disk space|drive full|ssd full|
    storage full|no room)
(my|the) (disk|hard drive|drive|ssd|hard disk|partition|storage|laptop's disk) (is|seems|gets|became|is nearly|is almost) full( of
    models| now| because of hearth| after a download|)
(there is|i have|we have|there's) (no|not enough|too little|hardly any|almost no) (disk space|room on my disk|space on my disk|space on the ssd|space
    on the drive|free space|storage|room for another model|space for a model)( left|)
(a|the|my) download (stops|fails|breaks off|was aborted|ended) because (the disk is full|there is no space|no space is left|of disk space|there is no
    room)
(hearth get|the download|it|hearth|the system) (says|fails with|reports|complains about|shows) (no space left on device|no space|disk full|not enough
    disk space|a full disk)
(error|message)(:|) (no space left on device|no space left|disk full|enospc)
i (ran|am running) out of (disk space|space on my disk|storage)
the model does not fit (on|onto) (my|the) (disk|ssd|drive|hard drive)
what (do i do|can i do|now) (when|if|) (the disk is full|my ssd is full|there is no space left)
all (disk space|gigabytes of my ssd) (is|are) (used|used up|gone)
my ssd has only (5|10|20) gb free
where did all my disk space go
(hearth|models) (fills|fill|filled) (up |)my (whole |)(disk|ssd|drive)
""", wrong="""my (disk|ssd|drive) is full|i have no (disk space|space on my disk) left|the download stops because there is no space|it says no space left on device""")

ways("download-slow", """
(slow download|download speed|download slow|slow hearth get|download time|download duration|slow downloading)
(the|my|a) (download|downloads|hearth get|fetching|downloading|model download) (is|are|runs|seems|goes) (slow|very slow|too slow|so slow|terribly
    slow|sluggish|slower than expected|extremely slow|crawling|at a snail's pace)
(the download|downloading|hearth get|fetching a model|a model|it) (takes|needs|lasts) (forever to download|hours|ages|all night|too long to download|
    half a day|so long to download|very long|an eternity|a whole day)
why (is|does|are) (the download|downloading|hearth get|my download|downloads) (slow|so slow|take so long|taking so long|take hours|not faster|take
    ages|so sluggish)
how (can|do) i (speed up|accelerate|make faster|quicken) (the download|a download|downloading|hearth get|downloads|my download)
how long (does|will|must|should) (a|the|my) (download|model download|download of a model|fetching a model) (take|last|need)
how long (do i have to|must i) wait (for|until) (the|a) (download|model)( is finished| to arrive| is downloaded|)
(is|can) (there a way to|i) (get faster downloads|download faster|download in parallel|speed this download up)
(only|just) (1 mb|500 kb|2 mb|100 kb) per second (from|with) hearth get
the progress bar (hardly moves|crawls|stands still|moves slowly)
my (line|connection|internet) is slow(, how long will a model take|, can i download at night|, what about the download)
(a|my) 5 gb download
can i (make|get) (downloads|the download|hearth get) faster
(eta|remaining time) of a download
why does (getting|fetching) a model take so (much time|long)
""", wrong="""the download is (slow|very slow|too slow)|hearth get takes (hours|forever|ages)|downloading a model (takes ages|is so slow)""")

ways("download-fails", """
(download error|download failed|download fails|download failure|network error|proxy|https_proxy|http proxy|behind a proxy|corporate proxy|timeout in
    download|dns error|ssl error|tls error|certificate error)
(a|the|my|every|each) (download|hearth get|downloading|fetch) (fails|failed|does not work|doesn't work|gives an error|ends with an error|is refused|
    never starts|does not start|won't start|breaks with an error|always fails|shows an error)
(hearth get|downloading|the download) (says|shows|prints|ends with|reports|fails with|stops with) (network error|an error|could not resolve host|
    connection timed out|a network failure|a timeout|403|a dns error|ssl error|name not found|a certificate error|connection reset)
(i|we) (can't|cannot|could not|am unable to) (download|get|fetch|pull) (models|a model|anything|any model)( at work| at the office| here| behind the
    firewall|)
(i am|i'm|we are|my computer is) (behind|using|in a company with) a (proxy|firewall|corporate proxy|company proxy)
(does|can|will) (hearth|hearth get) (use|support|work with|respect|understand|go through) (a proxy|proxies|my proxy|https_proxy|a corporate proxy)
how (can|do) i (set|configure|use|tell hearth about|enter) (a|the|my) proxy( server|)( for downloads| for hearth get| in hearth|)
why (does|is) (hearth get|my download|downloading) (fail|not work|failing|not working|end with an error)
(error|failure|problem) (when|while|during|with) (downloading|hearth get|a download|fetching a model)
(at|in) (work|the office|my company|school) (hearth get|the download) (fails|does not work|is blocked)
could not resolve host
connection timed out (while downloading|in hearth get)
(which|what) variable (sets|is for) the proxy
the (model|name) cannot be downloaded
hearth get is (broken|not working|blocked)
i tried to (download|get|fetch|pull) a model and got an error
""", wrong="""(my|the|a) download (fails|does not work|ends with an error)|hearth get (fails|does not work|shows a network error|only prints errors)|i can't download (models|anything|a model)""", can="""use a proxy|download through a proxy|use hearth get behind a (proxy|firewall)""")

ways("permission", """
(permission denied|permissions|permission|eacces|access denied|root|sudo|not permitted|operation not permitted|chown|write permission|no permission|
    file permissions|permission error)
(i get|i got|there is|hearth says|it says|the shell says|hearth shows|hearth stops with|it fails with|it ends with) (permission denied|access denied|
    operation not permitted|a permission error|eacces|no permission|that it has no permission|an error about permissions)( when it writes| in
    ~/.hearth| in my home|)
(hearth|it|the program) (can't|cannot|may not|is not allowed to|could not|is unable to) (write|read|create|open|save|make) (in its folder|its folder|
    files|the folder|a file|~/.hearth|to ~/.hearth|to my home|in my home directory|anything)
(do|must|should|does hearth|may) (i|it|hearth|) (run hearth|start hearth|be|become|run|need|use) (as root|with sudo|as administrator|root|sudo|admin
    rights|administrator rights)( for hearth|)
(is|are) (root|sudo|admin rights|administrator rights|special permissions) (needed|necessary|required)( for hearth| to run hearth|)
i (started|ran|used) hearth (as root|with sudo) (once|before|by mistake)(, now it does not work|, now i get permission denied|)
~/.hearth belongs to (root|another user|somebody else)
who (must|should) own ~/.hearth
the folder ~/.hearth is (not writable|read-only|not mine|protected)
sudo hearth(, yes or no|)
what (does|is) permission denied( mean|)
as which user (do|should) i run hearth
(wrong|missing) (permissions|rights)( on ~/.hearth| on the hearth folder|)
the (system|operating system) (forbids|does not allow|denies) (it|hearth|writing)
i have no (rights|permission) to write
""", wrong="""(i get|it says|hearth says) (permission denied|access denied)|hearth (cannot|may not) write (to its folder|in my home|files)|~/.hearth is not writable""")

ways("crash", """
(crash|crashed|segfault|segmentation fault|core dumped|aborted|signal 11|signal 9|killed|died|program crash)
(hearth|the program|the server|the model|the worker|the chat|the app|hearth chat|the daemon) (crashed|crashes|died|dies|has crashed|ended
    unexpectedly|terminated|is gone|just closed|quits by itself|disappeared|was killed|stopped unexpectedly|broke down|
    aborted)( suddenly| again| while answering| in the middle of an answer| without a message| after a minute| all the time|)
(there was|i had|i saw|i got|we had) (a|another|a sudden) (crash|segfault|segmentation fault|core dump|program crash)
(what|how) (do|should|can|must) i (do|react) (after|if|when) (a crash|hearth crashes|the server crashes|it crashes|hearth died)
(why|when) (does|did|do) (hearth|the server|the model|the worker|it) (crash|die|crashing|quit|abort|terminate)
(suddenly|without warning|just now|out of nowhere) (the program|hearth|the server|the window|the chat) (was gone|closed|disappeared|ended|quit|
    vanished|stopped)
(segmentation fault|core dumped|aborted|killed|bus error|illegal instruction)( in hearth| when i load a model| from hearth|)
(the|a) worker (crashed|died|exited|was killed|terminated|ended with signal 9)
hearth does not survive (a long chat|loading a model|my question)
it (crashes|crashed|dies|died) (again and again|every time|always|each time|right after the start)
my (chat|session|server) ended (by itself|with a crash|abnormally)
crash (report|log|on start|after loading)
""", wrong="""hearth (crashes|crashed|dies|quits by itself)|the (server|worker|program|model) (crashed|died|was suddenly gone)|i got a segmentation fault""")

ways("report-bug", """
(bug|bug report|report a bug|issue|issues|issue tracker|support|contact|help desk|feedback|report|file a bug|forum|community|mailing list|hotline)
(where|how|to whom) (do|can|should|may|could) i (report|send|file|submit|tell|post|write|announce) (a bug|an error|a problem|bugs|an issue|a crash|
    feedback|a mistake|a fault|a wish|a feature request|errors|problems)( in hearth| about hearth|)
i (found|discovered|think i found|noticed|saw|have found|want to report|would like to report|hit|stumbled over) (a|an|another|what looks like a) (bug|
    error|mistake|fault|issue|problem|defect|flaw)( in hearth| in the program|)( and want to report it|, where do i report it|, whom do i tell|)
(what|which information) (do|must|should) i (put|write|include|send|add|attach) (in|into|to|with|for) a (bug report|report|bug|issue)
(what|which information) (belongs|goes) (in|into|to) a (bug report|good bug report|issue|report)
(who|whom) (can|could|do|should|may) i (ask|contact|write to|call|turn to)( for help| for support| with problems| about problems| about hearth|)
(is there|do you have|where is) (a|an|the|any) (issue tracker|bug tracker|support|forum|community|hotline|mailing list|contact|support team|help
    desk)( for hearth|)
(how|where) (do|can) i (get|find) (help|support|assistance|more help|human help|someone who helps)( with hearth| for hearth| from a person|)
i need (human|real|professional) (help|support)
contact (the developers|the authors|support|the makers)
make a (bug report|feature request)
(feature request|suggestion|wish|idea) (for hearth|how do i send it|where do i post it)
tell the developers (about a bug|about a problem|what went wrong)
""", how="""report (a bug|an error|a problem|a crash|an issue)|file a bug( report|)|contact the developers|get (help|support) from (a person|the developers)|write a good bug report""", where="""the issue tracker|the bug tracker|the support""")

ways("hangs", """
(hang|hangs|freeze|freezes|frozen|stuck|no answer|no reaction|no response|not responding|unresponsive|nothing happens|waiting forever|no output)
(hearth|the model|the chat|it|the program|hearth chat|everything|the server|the window|the terminal) (hangs|freezes|is frozen|is stuck|does not react|
    doesn't react|does nothing|is not responding|doesn't respond|stands still|got stuck|has frozen|just sits there|stopped responding|seems dead|does
    not move)( when i ask something| after my question| after loading| since a minute| for minutes|)
(i|we) (asked|typed|wrote|sent|entered) (something|a question|hello|a message|my question|a prompt) (and|but) (nothing happens|nothing comes|no answer
    comes|it hangs|there is no answer|it does not answer|nothing comes back|i wait and wait|there is no reply|i see only a blinking cursor)
(no|not a single|not one) (answer|word|token|reply|text|letter|reaction) (comes|appears|is shown|arrives|is written|is printed)
(nothing|no text) (happens|comes|appears|is printed|moves|is written)( after my question| when i press enter| any more| at all| on the screen|)
why (does|is) (it|hearth|the model|nothing|the chat) (not answer|hang|hanging|stuck|frozen|happening|happen|not responding|not reacting|not reply|
    freeze)
(i|we) (get|see|have) (no|never an) (answer|answers|reply|reaction|response|output|text)( from the model| from hearth| at all| to my question|)
the (cursor|prompt) (just |only |)(blinks|sits there|waits)( and nothing comes| forever| and there is no text|)
(the model|it|hearth) (does not|doesn't|won't|refuses to) (answer|reply|respond|say anything|react|write anything|talk)( to me| to my question| any
    more|)
it (has been|is) (thinking|silent|quiet|busy) for (minutes|ten minutes|an hour|ages|a long time)
how long (do i|must i|should i) wait (for an answer|until something happens|before i give up|for the first word)
stuck (at|on|in|with) (loading|the first question|reading the prompt|thinking)
did it (die|freeze|hang)
is (hearth|it|the model) (still alive|dead|frozen|doing anything)
""", wrong="""(hearth|the model|the chat|the program) (hangs|freezes|is stuck|does not react|does nothing)|(i|we) get no answer|nothing (happens|comes) after my question|the model does not answer""")

ways("fan-heat", """
(fan|fans|heat|hot|loud|noise|noisy|temperature of my cpu|power consumption|electricity|energy|battery|cpu load|cpu usage|100 percent cpu|100% cpu|
    warm|overheating|watts)
(my|the) (fan|fans|cooler|ventilator) (is|are|gets|get|becomes|goes|spins|runs|turns|roars|howl|howls|blows) (loud|noisy|very loud|up|fast|like crazy|
    like a vacuum cleaner|at full speed|like a jet|all the time)( when i chat| while it answers| during an answer| when a model runs|)
(my|the) (computer|laptop|pc|machine|cpu|processor|notebook) (is|gets|becomes|runs|turns) (hot|very hot|warm|loud|noisy|overheated|like an oven|too
    hot|100 degrees)( when i chat| while it answers| during an answer| when i use hearth| with hearth|)
why (is|does|are|do) (my|the) (computer|laptop|pc|fan|fans|cpu|machine|processor) (so |get so |become so |run so |)(hot|loud|noisy|busy|warm)( when i
    chat| while it answers| when the model writes|)
(the cpu|my cpu|the processor|every core|all cores) (is|are|goes|runs|go) (at|to) (100|100 percent|100 %|full load|the maximum|its limit)( when it
    answers| while chatting| all the time|)
(does|will) (hearth|it|a model|an llm) (use|need|take|draw|consume|drain) (much |a lot of |too much |my |so much |)(power|cpu|energy|electricity|
    battery|current)
how much (power|energy|electricity|current|battery) does (hearth|it|a model|chatting|an answer) (use|need|take|cost)
(is it|is that) (normal|ok|bad|dangerous|healthy) that (the fan is loud|my laptop gets hot|all cores are busy|the cpu is at 100 percent|the computer
    is loud)
how (can|do) i (make|keep) (my computer|it|the laptop|hearth|the fan) (quieter|cooler|quiet|cool|silent|less hot)
my battery (is empty|drains|dies) (quickly|fast|in an hour)( with hearth| when i chat|)
(can|does) (it|hearth|a model) (damage|harm|hurt|break|wear out) my (computer|cpu|laptop|hardware)
hearth (makes|turns) my (laptop|computer|room) (hot|warm|into an oven|loud)
top shows (100|400|800) percent cpu
(it|the laptop) sounds like a (jet|vacuum cleaner|plane|hairdryer)
""", wrong="""my (fan|laptop|computer) (is|gets) (loud|hot|noisy)( while it answers|)|the cpu is at 100 percent( during an answer|)|all cores are busy|my battery drains fast""")

ways("template-error", """
(template error|jinja error|chat template error|template problem|template failed|no chat template|missing template|raise_exception|template missing|
    roles must alternate|template exception|rendering error)
(the|a|my|this) (model|gguf|file|model file) (has|comes with|contains) (no|a broken|a wrong|a missing|a bad|an invalid) (chat template|template)
(the|a|my) (chat template|template|jinja template) (fails|is broken|is missing|is wrong|cannot be used|does not work|gives an error|throws an
    exception|raises an error|is invalid|refuses my messages|complains|was rejected|cannot be parsed)
(i get|there is|it shows|hearth says|the error says|hearth reports) (a |an |)(template error|error in the template|jinja error|exception in the
    template|chat template error|raise_exception|error about the chat template|conversation roles must alternate|error while rendering the template)
(conversation roles must alternate|roles must alternate user/assistant|system role not supported|only user and assistant roles are supported|
    conversation roles must alternate user and assistant)
(rendering|formatting|building|making) (the prompt|the messages|my messages|the template) (fails|failed|gives an error|does not work|is refused)
why (does|is|did) (the template|the chat template|my template) (fail|broken|refuse my messages|refused|not work|raise an exception|give an error)
how (can|do) i (check|debug|test|see|find out|examine|look at) (the template|a chat template|what the template does|why the template fails|the chat
    template of a model)
(what|which) does raise_exception mean
my (messages|roles) (are|were) (refused|rejected|not accepted) by the template
what (if|happens if) a model has no (chat |)template
jinja (syntax |)error
two user messages (in a row|one after the other) (give|cause) an error
""", wrong="""i get a (template error|jinja error)|the (chat template|template) (fails|is missing|cannot be used)|the model has no chat template|rendering the prompt fails""")

ways("json-broken", """
(broken json|invalid json|json error|bad json|json parse error|malformed json|json cut off|schema refused|schema error|schema rejected|
    jsondecodeerror|unparseable json|json not valid)
(the|my) (json|answer|json answer|output|reply) (is|was|are) (broken|invalid|not valid|cut off|incomplete|malformed|not parseable|wrong|not json|
    truncated|not correct json|unparseable)
(the model|it|hearth|the llm) (writes|gives|returns|produces|answers|sends|makes) (invalid|broken|bad|wrong|malformed|incomplete|incorrect) json
(my program|my script|python|json.loads|my parser|javascript) (cannot|can't|could not|fails to|does not) (parse|read|load|decode|understand) (the
    json|the answer|the reply|the output|what the model writes)
(i|we) (asked|want|ask) (for|only) json (and|but) (get text|it writes text around it|there is text before it|cannot parse it|get something else|it is
    broken|it is not valid|the model adds words|get markdown|the reply is not parseable)
(my|the) (schema|json schema) (is|was|gets) (refused|rejected|not accepted|not supported|invalid|denied)( by hearth| by the server|)
why (is|does|was|do i get) (the json|my json|my schema|the schema|invalid json|broken json|hearth refuse my schema|the server reject my schema|the
    model write broken json)( broken| invalid| cut off| refused| rejected| not accepted|)
how (can|do) i (fix|avoid|prevent|stop|get rid of) (broken json|invalid json|json errors|malformed json|text around the json)
the (closing|last) (bracket|brace) is missing
there is (text|markdown|a sentence|an explanation|```json) (before|around|after) the json
json (ends|stops|breaks off) (in the middle|too early)
(trailing commas|missing quotes|missing brackets) in the json
how do i make sure the json is (valid|complete|parseable)
only valid json please(, the model does not obey|)
""", wrong="""the json is (broken|invalid|cut off)|the model writes (invalid|broken) json|my schema is (refused|rejected)|i can't parse the (answer|json)""")
