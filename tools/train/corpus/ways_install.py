"""More ways of asking about building, updating, removing; folders and settings."""
from .phrases import ways

ways("install", """
(install|installation|setup|build|compile|set up)
(hearth|the program) (install|installation|setup|build)( guide| instructions| steps| howto| manual|)
(install|installation|build|setup) (instructions|guide|steps|howto|help|manual|command)( for hearth|)
where (can|do) i (get|download|find|obtain) (hearth|the program|this program|the sources|the source code|the source)( itself|)
how (does|do) (hearth|the program) get (on|onto) my (computer|pc|laptop|machine)
i (cloned|downloaded|unpacked|have|got) (the repository|the repo|the source code|the source|the code|hearth)(, what now|, how do i build it|, how do i
    compile it|, how do i install it|)
i (have never|never) (built|compiled|installed) (a program|something|anything)( from source| myself|)(, how does it work with hearth|, how do i
    install hearth|)
i am in the source (folder|directory)(, what do i run|, what now|, how do i build|)
is there (an installer|a setup program|a deb package|a package|an apt package|a setup.exe|a script that installs hearth|a build script)( for hearth|)
(can|do) i (apt install|apt-get|brew install|pip install) hearth
(make|cmake|meson|ninja|configure|make install)(, which one|, how do i build hearth|)
(which|what) (script|command|program) (builds|installs|compiles|sets up) hearth
which (script|command) do i run (first|to build|to install|after cloning)
what is scripts/quickstart( for|)
what does (scripts/quickstart|the quickstart script|quickstart) do
get hearth (running|going|working|onto my machine)
(from|out of) (source|the sources|git)
git clone (and then|hearth|)
(the|a) (build|compilation|installation) (of hearth|from source|from the sources)(, how|)
is (installing|building|compiling) hearth (hard|difficult|easy|complicated)
(we|i) want hearth on (another|a second|a new|my other) (computer|laptop|pc|machine)
how long does (the installation|the build|building|compiling|installing) (take|need)
put hearth on my (laptop|computer|pc|machine)
build (hearth |)(on|for) (debian|ubuntu|fedora|arch|linux|a raspberry pi)
""", how="""(install|build|compile|set up|get) hearth|(install|build|compile) (hearth|it|the program) from (source|the sources|git)|set hearth up on my (computer|laptop|pc)|get hearth (running|working)""",
     follow=("how much time does it need|how many minutes|is it quick|will that take hours|how long|does it take ages",
             "how do i know it worked|how can i test it|and after that|what comes next|and now|how do i try it|it is built, what now|next step"))

ways("build-needs", """
(build|compile|compilation|installation) (requirements|dependencies|prerequisites|packages|tools)
(dependencies|prerequisites|requirements|libraries|needed packages|needed tools)
(what|which) (packages|tools|libraries|programs|compilers|dependencies|headers|software) (must|should|have to|do i have to|do i need to) (be
    installed|install|have|be there|get)( first| before| to build hearth| to compile hearth| before building|)
(what|which) (compiler|c compiler|build system|build tool|version of gcc) (does hearth|do i|is|works to) (need|use|needed|require|build with|compile
    hearth)
(do|must) i (need|install|have) (gcc|clang|meson|cmake|ninja|make|a compiler|libcurl|sqlite|python|cuda|rust|node)( to build hearth| for
    hearth| first| before building|)
is (gcc|clang|meson|cmake|ninja|make|python|libcurl|sqlite|cuda|rust) (needed|required|necessary|enough|used)( to build| for the build| for hearth|)
(meson|ninja|gcc|a compiler|libcurl|sqlite|a package|a library|something|a header) (is |was |)(missing|not found|not installed)( when i build| during
    the build|)
the (build|installation|compilation) (fails|stops|complains) because (something|a package|a library|meson|ninja|a header) is missing
what (should|must) be on my (system|machine|computer) (before|to) (i build|build|i compile|compile|installing) hearth
can i (build|compile) hearth with (clang|gcc|msvc|tcc|cmake)
which (debian|ubuntu) packages (do i need|are needed|must i install|does the build need)
apt (packages|install what|list) (for building|to build) hearth
what does hearth depend on
(list|name|tell me|show me) the (build dependencies|dependencies|packages needed|prerequisites|needed libraries)
does hearth have (many|external|any) dependencies
what do i install (first|before building|before i compile)
c17( compiler|)
""", how="""find out what is missing for the build|know which packages the build needs""", what="""the build dependencies|the dependencies of hearth|the build requirements|the prerequisites""")

ways("run-tests", """
(run|execute|start|launch) (the |all |)(tests|test suite|unit tests|checks)
(tests|test suite|unit tests|testing|scripts/test)
(test|check|verify) (my build|the build|my changes|the code|my copy)
(which|what) (command|script|program) (runs|starts|executes) (the |all |)(tests|test suite|checks)
(is|are) there (tests|unit tests|a test suite|a test script|automatic tests)( in the sources| for hearth|)
i (changed|modified|edited|patched|hacked) (the code|something|a file|the source|hearth)(, how do i test it|, which script checks it|, how do i know
    it still works|)
how (can|do) i (check|make sure|be sure|know|verify|see) (that |if |whether )(my build|the build|everything|hearth|my change|my patch) (works|is ok|is
    correct|is fine|broke nothing)
before i send a patch, how do i (test|check) (it|everything)
how are the tests (started|executed|run)
where (is|are) the (test script|tests|test suite|unit tests)
do all tests pass
how do developers test hearth
what does scripts/test do
(make check|make test|meson test|ninja test)
test everything (after building|after a change|please|)
is my build (ok|correct|fine|working)
(the|a) (developer|contributor) (wants|has) to (run|start) the tests
""", how="""(run|start|execute|launch) (the tests|all tests|the test suite|the unit tests)|test (my build|my changes|hearth|the code)|check that my build works""")

ways("update", """
(update|upgrade|updating|upgrading|new version|newest version|latest version|update hearth)
(hearth|program) (update|upgrade|updates)
(is|are) there (a newer version|an update|updates|a new release|something newer)( of hearth|)( available|)
(get|install|fetch|download) (the |)(latest|newest|new|current|most recent) (version|release|hearth)
my (hearth|version|copy|installation) is (old|outdated|out of date|ancient|not current)(, how do i update it|, what now|, how do i get a newer one|)
(a|the) new version (is out|came out|was released|exists)(, how do i get it|, how do i install it|)
does hearth (update|upgrade) (itself|automatically|by itself|on its own)
(must|should|do) i (update|upgrade) (by hand|manually|myself)
(are|will) my (models|chats|settings) (be |)(lost|gone|deleted|kept|safe|touched) (when|after|if) i (update|upgrade)( hearth|)
do i lose (my models|my chats|anything|my settings) (when|if) (updating|i update|i upgrade|upgrading)
(how often|when) (should|do) i update
bring hearth up to date
keep hearth (current|up to date|fresh)
(switch|move|change|migrate) to (a|the) (newer|new|latest|next) (version|release)( of hearth|)
git pull(, and then|)
after git pull, what (do i do|now|else)
check for updates
is there an (update|upgrade) command
rebuild hearth after (an update|git pull|new commits)
""", how="""(update|upgrade) (hearth|my hearth|the program|to the newest version|my installation)|get the (newest|latest|new|current) version( of hearth|)|keep hearth up to date|bring hearth up to date""",
     can="""(update|upgrade) hearth( without losing my models|)|keep my models when updating|get automatic updates""", does="""(update|upgrade)
    itself|check for updates|tell me when there is a new version""")

ways("uninstall", """
(uninstall|deinstall|remove|uninstallation|removal|deinstallation)( hearth| the program| completely|)
(remove|delete|uninstall|erase|wipe|purge) (hearth|the program|everything|all of hearth)( completely| again| entirely| from my computer| from my
    disk|)
i (don't|do not) (want|need|like|use) hearth( any more| anymore| any longer|)(, how do i remove it|, how do i uninstall it|)
i (want|would like) to get rid of (hearth|this program|the whole thing|all of it)
what (remains|is left|stays) (on my disk|behind|) (after|when) (uninstalling|i remove hearth|removing hearth)
does hearth leave (anything|files|traces|junk|something) (behind|on my disk)( when i remove it| after removal|)
(which|what) (files|folders|directories) (do|must|should) i (delete|remove) to (uninstall|get rid of|remove) hearth
is there an (uninstaller|uninstall script|uninstall command)
how (can|do) i (get rid of|throw away|wipe|erase|purge|clean up) (hearth|everything hearth made|all hearth files|all of hearth)
(clean|tidy) my (computer|disk|system) of (hearth|everything from hearth)
delete everything (hearth|the program) (has|made|stored|left|put on my disk)
hearth should (go|disappear|leave my computer|be removed)
take hearth off my (computer|laptop|pc|machine)
i tried hearth and (don't like it|want it gone|want to remove it)
goodbye hearth, how do i uninstall you
reset hearth completely(, delete everything|)
apt remove hearth
(make|start) a clean (sweep|slate), remove all of hearth
""", how="""(uninstall|remove|delete|get rid of|erase|deinstall) (hearth|the program|hearth completely|hearth from my computer|everything of hearth)|clean up everything hearth left|remove all traces of hearth""",
     can="""(uninstall|remove) hearth( cleanly| completely| without a trace|)|remove hearth and keep the models""")

ways("version", """
(version|release|build)( number|)
(hearth|the|my|your|program|installed) (version|release)( number|)
(what|which) (version|release|build)( number|) (is|do|am|have|of hearth) (this|i have|i running|i got|installed|you|it|i using)
(what|which) hearth (is this|do i have|is installed|am i using)
(show|print|tell|give) me (the|my) (version|version number|hearth version|release)
how (can|do) i (see|find out|check|know|look up|print) (the|my|which|what) (version|version number|hearth version|version i have|release i use)
(is|was) my (hearth|version|copy) (up to date|current|old|new|recent)
(the|a) (bug report|form|ticket) asks for (the|my) (version|hearth version)
(which|what) command (shows|prints|tells) (the|my) version
--version
hearth --version
hearth version( command|)
when was my hearth built
which build (is this|do i have)
v
(am i|are we) running the (newest|latest) version
version of (hearth|the program|the app|my installation)
how new is (this|my) hearth
""", how="""{see} (the|my) (version|hearth version|version number|release)|find out which (version|release) i have""")

ways("home-folder", """
(data|home|settings|config|configuration|hearth) (folder|directory|dir|path|location|files)
~/.hearth
.hearth
(the |)(hidden |)folder .hearth(, what is it|, what is in it|)
(what|which files) (is|are|lives|live|does hearth keep) in (~/.hearth|.hearth|the hearth folder|the data folder|the hidden folder)
where (does|did|will) (hearth|the program|it) (store|keep|save|put|write) (its data|its files|all its stuff|everything|data|settings|its settings|
    things|all that)
(which|what) (folder|directory|files|folders) does hearth (use|create|write to|make|need|own)( for its data| on my disk|)
where (are|is) (my settings|hearth's data|the data|the settings|all the data|the configuration|everything) (stored|kept|saved|on disk)
(i want|i need) to (back up|save|copy|look at) (hearth's data|everything|all hearth files|my settings and chats)(, which folder|, where is it|)
what (do|must) i (back up|copy) (to keep my settings and chats|to move hearth to another computer|for hearth)
what did hearth (create|put|write) in my home (directory|folder)
is there a hidden folder
how is ~/.hearth (organised|structured|organized|laid out)
does hearth write (outside|anywhere else than) my home
backup (of hearth|hearth data|)
location of (settings|hearth's files|the data folder|the home folder)
""", where="""hearth's files|the hearth folder|the data folder|my settings|the configuration|hearth's home|hearth's data|the settings and chats|the data directory""",
     follow=("how can i move it|can it be elsewhere|can i choose another folder|is it possible to change it|i want it on another drive|how do i change the place",))

ways("hearth-home-var", """
(hearth_home|$hearth_home|HEARTH_HOME|environment variable hearth_home)
(move|change|relocate|set) (the |)(models folder|data folder|home folder|hearth folder|models|model folder|storage location|location of models)( to
    another disk| elsewhere|)
(another|a second|a bigger|an external|a different|my other|a usb) (disk|drive|ssd|partition|folder)( for models| for the models| for hearth|)
(my|the) (home|home partition|ssd|system disk|root partition|main disk|disk) is (too small|small|nearly full|limited|tiny)(, can i put the models
    elsewhere|, can the models be on another disk|)
i (have|bought|got|own) (a second|a bigger|an external|a new|another) (disk|drive|ssd|hard drive)(, how do i put the models there|, can hearth use it|
    , can the models go there|)
(the|my) models (should|must|have to) (be|go|live|lie) (on|to) (another|a second|the big|an external|my other) (disk|drive|partition|ssd)
(store|keep|put|move|have) (the |my |)(models|hearth's data|everything) (on|to) (another|a second|an external|a bigger|a different) (disk|drive|
    partition|ssd|folder)
(which|what) (environment variable|variable|setting|option) (sets|changes|moves|controls) (the (folder|place|location)|where models are stored|where
    hearth keeps its files|the data folder)
how (can|do) i (tell|make) hearth (to |)(use|store models in|save to|keep its files in) (another|a different|my own|a custom) (folder|place|directory|
    disk)
(use|set) a (custom|different|other) (folder|path|directory|storage place)( for models| for hearth|)
(export|set) hearth_home( to what|)
can the models (live|be|lie|stay) (elsewhere|on a nas|on a network drive|on another disk|outside my home)
symlink the models folder
~/.hearth is on the wrong (disk|drive|partition)
(change|choose) (the place|where) (where |)(models are saved|hearth saves|downloads are stored)
i don't want (the models|hearth's files) in my home (folder|directory)
""", how="""(change|move|set|relocate) (the models folder|the data folder|the hearth folder|where models are stored)|use another (disk|drive|folder) for models|put the models on another (disk|drive)|set HEARTH_HOME""",
     can="""(put|move|store|keep) (the models|my models|hearth's files|everything) (on|to) another (disk|drive|partition|folder)|change where models
    are stored|use an external drive for models""",
     what="""HEARTH_HOME|the variable hearth_home|$hearth_home""")

ways("logs", """
(log|logs|logfile|log file|logfiles|log files|logging|error log|server log)( location| folder| path|)
where (is|are|can i find|do i find|does hearth write|does hearth put|do i look for) (the |its |)(log|logs|log file|logfile|log files|error log|server
    log|error messages|errors)
(something|it) (went wrong|failed|broke)(, where is the log|, where are the logs|, where do i see what happened|)
(does|where does) hearth (log|write logs|keep a log|keep logs|write a log file|log errors)
(which|what) (file|folder|directory) (holds|contains|has) the (log|logs|errors|error messages|server messages)
how (can|do) i (see|read|look at|open|view|find) (the |)(logs|log|log file|error log|server log|what hearth did|what happened)
(show|open|read|view|display) (me |)(the |)(log|logs|log file|server log|last errors)
i (need|want) (the|to see the|to read the) (log|logs|log file)( of the server| of hearth|)
is there a log( file|)( somewhere|)
are (my prompts|prompts|my chats|requests|questions) (in|written to) the log
(error|server|crash) (messages|output) (are|is) (written|saved|kept) where
journal(ctl|) for hearth
debug (log|output|messages)
(the|a) (bug report|developer|support person) (asks|wants|needs) the log
what is in the log
where can i see what (the server|hearth) (is doing|did|has done)
""", how="""(read|see|view|open|find) (the logs|the log|the log file|the server log)|get at the logs|see what went wrong in the past""", where="""the logs|the log files|the log|the logfile|the error log|the server log""")

ways("config-file", """
(config|config.json|configuration|settings|preferences|config file|settings file)
(hearth|program) (config|configuration|settings|preferences|options)
(edit|change|adjust|open|modify) (the |my |)(config|config.json|configuration|settings|preferences|config file|defaults|default settings)
(which|what) file (holds|contains|has|stores) (the |my |)(settings|configuration|config|preferences|options)
how (can|do) i (configure|set up|adjust|customise|customize|change the settings of|change a setting in|tweak|personalise) (hearth|the program|it|
    things)
(is|are) there (a config|a config file|a configuration file|a settings file|settings|options|a settings menu|preferences)( in hearth| for hearth| i
    can edit|)
where (do|can) i (change|edit|set|adjust|find) (the |)(settings|options|preferences|defaults|configuration)( of hearth|)
i (want|would like) to (change|adjust|edit) (a setting|some settings|the defaults|the configuration|a default)( permanently|)
(permanent|default|global) (settings|options|configuration)
make a setting (permanent|the default|stay)
what (can i|is there to) configure
what (is|does) config.json( do|)
does hearth have (settings|a settings file|a config file|preferences|options)
(settings|configuration) by hand
(which|what) wins, the (file|config file) or the (option|command line)
config.json (format|example|content|location)
my settings (are|get) lost(, where do i write them down|)
""", how="""(change|edit|adjust|open|modify) (the settings|a setting|the configuration|the config|config.json|the defaults)|configure hearth|set a default""",
     where="""config.json|the config file|the settings file|the configuration file""", what="""config.json|the config file|the settings file""")

ways("hardware-needs", """
(hardware|system|minimum|recommended) (requirements|needs|specs|specification|recommendations)( for hearth|)
(requirements|specs|minimum specs|minimum hardware)
(what|which) (kind of |sort of |)(hardware|computer|cpu|processor|machine|pc|laptop|specs) (do i need|is needed|is required|does hearth need|is
    recommended|should i have|should i buy|is enough|is good)( for hearth| for this| to run it| to run models|)
(is|would) my (computer|laptop|pc|machine|notebook|cpu|processor) (be |)(good|fast|strong|powerful|new|modern|big) enough( for hearth| for this| for
    models| to run llms|)
(can|could|will|would|does) (my|this) (old |cheap |normal |office |five year old |)(computer|laptop|pc|machine|notebook|hardware) (run|handle|manage|
    cope with) (hearth|this|models|llms|an llm|language models|it|this program)
will (hearth|it|this) (run|work) (on|with) (my|a|an) (old |normal |cheap |office |five year old |)(computer|laptop|pc|machine|notebook|processor|core
    i5|intel i7|ryzen|celeron|xeon)
do i need (avx2|avx|avx512|a new cpu|a modern processor|an expensive computer|a gaming pc|a supercomputer|a server|a special computer|a strong
    machine|an npu)( for hearth| for this|)
does (hearth|it) (need|require) (avx2|avx|avx512|a gaming pc|special hardware|a strong cpu|a fast computer|a modern cpu|expensive hardware|an npu)
i want to buy a (computer|laptop|pc)( for hearth| for this| for llms|)(, what should it have|, what do i need|, what is important|)
how (strong|powerful|fast|new|good|expensive) (must|should|does) (my|the) (computer|pc|laptop|cpu|processor|machine) (be|have to be)
(does|will|can) hearth run without avx2
(is|are) (8 cores|4 cores|a dual core|an i5|a celeron|an old xeon) enough
how many cores do i need
what are the (system requirements|minimum requirements|hardware requirements|requirements)
(32-bit|64-bit|32 bit|64 bit|arm|x86)( computer| cpu| processor|)(, does hearth run on it|, does it work|)
is a (normal|usual|cheap|office) (computer|laptop|pc) (enough|ok|sufficient)
the (least|minimum|weakest) (computer|hardware|machine) (hearth|that) (runs on|needs|accepts)
""", what="""the system requirements|the hardware requirements|the minimum requirements""", does="""run on (my|an old|a normal|a cheap) (computer|laptop|pc)|need (a strong computer|special hardware|avx2|a fast processor)""")
