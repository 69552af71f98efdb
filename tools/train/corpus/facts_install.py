"""Building, updating, removing; folders and settings."""
from .phrases import intent

intent("install",
       ["{how} (install|build|compile|set up|setup) hearth", "how is hearth (installed|built|compiled)", "hearth (installation|install|setup)",
        "install instructions", "how do i build (it|hearth) from (source|the sources)", "where do i get hearth", "compile from source",
        "help me (install|build) hearth"],
       ["i downloaded the sources of hearth, how do i build them", "walk me through the installation of hearth"],
       ["Run `scripts/quickstart` in the source folder: it builds Hearth and starts your first chat. The build uses Meson and Ninja."],
       ["scripts/quickstart"],
       [(["how long does it take", "does that take long"],
         ["Usually a few minutes at most. Then `hearth chat` answers with the built-in model."], ["minutes"]),
        (["how do i check that it works", "and then", "how do i test it", "what then"],
         ["Run `hearth chat` and ask something, or run `scripts/test` for all tests."], ["hearth chat"])], weight=1.5)

intent("build-needs",
       ["what do i need to (build|compile|install) hearth", "(which|what) (packages|tools|dependencies|libraries) (are needed|do i need|does hearth need|are required)",
        "what are the (build |)(requirements|dependencies|prerequisites)", "which compiler (do i need|is needed|works)", "does hearth need (gcc|clang|meson|cmake|ninja)"],
       ["what must be installed before i can compile hearth", "name the tools needed for the build"],
       ["You need a C17 compiler (gcc or clang), Meson and Ninja, and a few libraries such as libcurl and SQLite. `scripts/quickstart` tells you what is missing."],
       ["Meson"])

intent("run-tests",
       ["{how} (run|start|execute) the tests", "how do i test (hearth|my build)", "{where} the tests", "is there a test suite", "how are the tests run",
        "which script runs the tests", "how do i know that my build works"],
       ["i changed something in the code, how do i test it", "with which command do the tests run"],
       ["Run `scripts/test` in the source folder; it runs all tests."],
       ["scripts/test"])

intent("update",
       ["{how} (update|upgrade) hearth", "how do i get the (newest|latest|new) version", "is there a new version", "hearth update",
        "does hearth update itself", "how do i (move|switch) to a newer version"],
       ["my hearth is old, how do i get the current one", "how are updates installed"],
       ["Fetch the new sources with `git pull` and run `scripts/quickstart` again. Your models and chats stay in ~/.hearth."],
       ["git pull", "scripts/quickstart"])

intent("uninstall",
       ["{how} (uninstall|remove|delete|get rid of) hearth", "how do i remove hearth (completely|from my computer)", "uninstall hearth",
        "{how} clean up everything hearth left"],
       ["i no longer want hearth on my disk", "what do i delete to remove hearth completely"],
       ["Delete the program and the folder ~/.hearth, which holds models, settings and chats. Nothing else is left behind."],
       ["~/.hearth"])

intent("version",
       ["(which|what) version (do i have|is this|of hearth is this|am i running|is installed)", "{how} (see|find|check|show) (the|my) (hearth |)version",
        "hearth version", "what is the version number", "how old is my hearth"],
       ["is there a command that prints the version", "i have to report my hearth version, where do i see it"],
       ["Run `hearth version`; it prints the version and the build."],
       ["hearth version"])

intent("home-folder",
       ["{where} (hearth's files|the hearth folder|the data folder|my settings|the config|the configuration|hearth's home|the config file)",
        "where does hearth (store|keep|save|put) (its files|its data|everything|settings|things)", "what is in ~/.hearth",
        "what is the (hearth home|data directory|home directory of hearth)", "which folder does hearth use"],
       ["on my disk, where are the settings of hearth", "which directory holds hearth's data"],
       ["Everything is under ~/.hearth: models, config.json, presets, the chat database hearth.db, cache and logs. Set HEARTH_HOME to move it."],
       ["~/.hearth"],
       [(["can i move it", "can i change that", "how do i put it somewhere else", "and on another disk"],
         ["Yes, set the environment variable HEARTH_HOME to the folder you want."], ["HEARTH_HOME"])])

intent("hearth-home-var",
       ["{how} (change|move|set) (the (data|home|hearth|models) folder|where hearth keeps its files)", "{what} (hearth_home|$hearth_home|the hearth_home variable)",
        "{can} (put|move|store) (the models|hearth's files|my models) on another (disk|drive|partition)", "my disk is too small, can the models go elsewhere",
        "{how} use another (disk|drive|folder) for models"],
       ["i have a second disk, how do i keep the models there", "which variable moves hearth's folder"],
       ["Set the environment variable HEARTH_HOME, for example `export HEARTH_HOME=/mnt/big/hearth`. The default is ~/.hearth."],
       ["HEARTH_HOME"])

intent("logs",
       ["{where} the (logs|log files|log)", "{how} (read|see|view|open) the (logs|log|log file)", "does hearth write (a log|logs)",
        "where are errors written (to|)", "hearth log"],
       ["something failed, where could i read the log", "in which place does hearth write its log"],
       ["The logs are in ~/.hearth/logs. Prompts are not logged unless you ask for it."],
       ["~/.hearth/logs"])

intent("config-file",
       ["{how} (change|edit) (the settings|a setting|the configuration|the config)", "{where} config.json", "is there a (settings|config|configuration) file",
        "what is config.json (for|)", "how do i configure hearth"],
       ["in which file are the settings", "i want to edit the settings by hand"],
       ["Settings are in ~/.hearth/config.json; edit the file or use the options of each command."],
       ["config.json"])

intent("hardware-needs",
       ["(what|which) (hardware|computer|cpu|processor) do i need", "what are the (system|hardware|minimum) requirements", "is my (computer|laptop|pc) (good|fast|strong) enough",
        "can my (computer|laptop|pc) run (hearth|this|models)", "does hearth need a (fast|strong|special) (computer|cpu|processor)", "do i need (avx2|avx|a new cpu)",
        "minimum requirements", "will it run on my (old |)(laptop|computer|pc)"],
       ["how strong must my pc be for this", "name the minimum hardware for hearth"],
       ["Any 64-bit computer works; a CPU with AVX2 or newer is much faster. 8 GB of RAM is enough for small models, 16 GB is comfortable. A GPU is optional."],
       ["8 GB", "AVX2"])
