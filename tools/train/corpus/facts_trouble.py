"""What goes wrong, and what helps."""
from .phrases import intent

intent("command-not-found",
       ["hearth: command not found", "command not found", "the shell (does not find|cannot find|does not know) hearth", "my terminal does not know (hearth|the command hearth)", "why is the command hearth not found", "hearth is not found"],
       ["i type hearth and the shell says there is no such command", "bash does not know hearth"],
       ["The program is not on your PATH. Build it with `scripts/quickstart` and add its folder to PATH, or start it by its full path."],
       ["PATH"])

intent("gibberish",
       ["the (model|answer) (writes|is|gives|produces) (nonsense|gibberish|garbage|rubbish|strange text)", "(i get|why do i get) (gibberish|nonsense|garbage)", "the output is (garbage|nonsense|broken|unreadable)", "the answer makes no sense"],
       ["only strange characters come out", "what it writes is complete nonsense"],
       ["Often the wrong chat template, a damaged file or too few bits. Use the template of the model file, a quantisation of 4 bits or more, and a temperature near 0.7."],
       ["template", "0.7"])

intent("repeats",
       ["the model (repeats itself|repeats|says the same again and again|loops)", "the answer (repeats|loops|repeats itself)", "why does it repeat (itself|the same sentence)", "{how} stop repetition"],
       ["the same sentence comes over and over", "it is caught in a loop"],
       ["Raise repeat_penalty to about 1.1, use a temperature near 0.7, or take a larger model. Very small models repeat themselves easily."],
       ["1.1"])

intent("bad-answers",
       ["the answers are (bad|wrong|poor|stupid)", "the model is (stupid|bad|dumb|not good)", "{how} get better answers", "(why are|why do i get) (bad|wrong|poor) answers", "how do i improve (the answers|the quality)"],
       ["what i get back is of poor quality", "the replies disappoint me, what can be done"],
       ["Use a larger model or a better quantisation, write a clear question, and give the facts in the prompt. Small models know little."],
       ["larg"])

intent("load-fails",
       ["(a model|the model|my model) (does not load|won't load|fails to load|cannot be loaded)", "loading (fails|a model fails|does not work)", "(error|failed) (when|while) loading (a model|the model)", "why does loading fail", "model_load_failed"],
       ["hearth load ends with an error", "it refuses to load my model"],
       ["Read the error: it names the reason and the remedy. Usually memory is short (try `--estimate-only` or a smaller model) or the file is damaged (run `hearth get` again)."],
       ["memory", "hearth get"])

intent("damaged-file",
       ["the (file|model|model file) is (damaged|corrupt|broken|corrupted)", "(invalid|bad|corrupt|damaged) gguf( file|)", "error: not a gguf file", "hearth says the file is (not valid|damaged)", "a file is broken"],
       ["a model file seems to be broken, how do i repair it", "the gguf cannot be read"],
       ["Delete the file and run `hearth get` again; a download is checked by SHA-256. `hearth inspect gguf FILE` tells what is wrong."],
       ["hearth get"])

intent("disk-full",
       ["(my disk is full|disk full|no space left on device|the disk is full)", "(there is|i have) (no|not enough) (disk space|space on my disk)", "error: no space left", "not enough disk space"],
       ["a download stops because there is no room on the disk", "no space is left for another model"],
       ["Delete models you no longer need under ~/.hearth/models, or set HEARTH_HOME to a larger disk."],
       ["~/.hearth/models"])

intent("download-slow",
       ["(a download|the download|downloading|my download) is (slow|very slow|too slow)", "why is (the download|downloading) (slow|so slow)", "the download takes (too long|forever|hours)", "how long does a download take"],
       ["fetching the model takes for ever", "can i speed up hearth get"],
       ["Models are several gigabytes, so it takes minutes to hours on your line. You may stop and repeat `hearth get`; it continues where it was."],
       ["hearth get"])

intent("download-fails",
       ["(a download|the download|my download|hearth get|downloading) (fails|does not work|gives an error|failed)", "{can} use a proxy", "hearth get (fails|does not work)", "download error", "network error (while downloading|)"],
       ["hearth get only shows errors", "fetching a model ends with a network failure"],
       ["Check the name and your network, then run `hearth get` again: it continues. Behind a proxy set the variable https_proxy."],
       ["hearth get", "https_proxy"])

intent("permission",
       ["permission denied", "(i get|what does) permission denied( mean|)", "hearth (may not|cannot) (write|read) (its folder|the folder|files)", "no permission to write", "do i need root"],
       ["the system forbids hearth to write", "should hearth run as root"],
       ["Hearth needs no root. The folder ~/.hearth must belong to you: `chown -R $USER ~/.hearth`."],
       ["~/.hearth"])

intent("crash",
       ["hearth (crashed|crashes|died)", "the (model|server|program) (crashed|crashes)", "what do i do (when|if) hearth crashes", "there was a crash", "it crashed"],
       ["suddenly the program was gone", "the worker died in the middle of an answer"],
       ["Read the log in ~/.hearth/logs and try again; a crashed worker is started anew by the server. If it happens again, report it with the log and `hearth version`."],
       ["~/.hearth/logs"])

intent("report-bug",
       ["{how} report (a bug|an error|a problem)", "where do i report (bugs|a bug|problems|an error)", "i found (a bug|an error)", "{how} get (help|support)", "whom do i ask (for help|)"],
       ["i think i discovered a mistake in hearth", "what belongs into a bug report"],
       ["Open an issue at the project and include `hearth version`, `hearth inspect hardware`, the command and the log from ~/.hearth/logs."],
       ["hearth version"])

intent("hangs",
       ["(hearth|the model|it|the chat|nothing) (hangs|freezes|is stuck|does not react|does nothing|happens)", "no answer comes", "i get no answer", "it does not (answer|respond|react)", "why does nothing happen"],
       ["i asked something and nothing comes back", "the cursor blinks but there is no text"],
       ["A long prompt or a big model may need time before the first token. Look at `hearth ps`; press Ctrl+C to stop, and try a smaller model."],
       ["hearth ps"])

intent("fan-heat",
       ["(my|the) (fan|computer|laptop) is (loud|hot)", "why is my (computer|laptop) (loud|hot|so hot) (when|while) (i chat|it answers)", "does hearth (use|need) (much|a lot of) (power|cpu|energy)", "the cpu is at 100"],
       ["it gets warm and noisy while writing", "all cores are busy during an answer"],
       ["A model uses all physical cores while it answers, so that is normal. It rests as soon as the answer ends; a smaller model works less."],
       ["normal"])

intent("template-error",
       ["(template error|error in the template|the template fails|chat template error)", "the model has no (chat |)template", "raise_exception", "conversation roles must alternate"],
       ["rendering the prompt failed, why", "it says the chat template cannot be used"],
       ["The model's chat template refused the messages or is missing. Look at it with `hearth inspect template --model FILE`."],
       ["hearth inspect template"])

intent("json-broken",
       ["the json (is broken|is invalid|is cut off|is not valid)", "the model (writes|gives|returns) (invalid|broken) json", "the schema is refused", "why is my schema (refused|rejected)"],
       ["i asked for json but cannot parse the reply", "the answer is not parseable"],
       ["Send `response_format` with a JSON schema, so that only valid JSON can come; and set max_tokens high enough that it is not cut off."],
       ["response_format"])
