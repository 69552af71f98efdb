"""More ways of asking about the chat in the terminal, and about the words of the trade."""
from .phrases import ways

ways("start-chat", """
(chat|hearth chat|start chat|start a chat|new chat|terminal chat|talk|begin chat|open chat|chat command|conversation)
(start|open|begin|launch|have|run) (a|the|a new) (chat|conversation|dialogue|talk)( with a model| with the model| in the terminal| please|)
i (want|need|would like|wish|am ready) to (chat|talk|speak|converse|have a conversation|write with a model|ask a model something|talk to an ai|chat
    with my model)( now| please|)(, how|, what do i type|)
how (can|do|does one) (i |)(chat|talk|speak|converse|communicate|write) (with|to) (a model|the model|my model|an llm|hearth|the ai|a downloaded model|
    it|qwen)( in the terminal| with hearth|)
i (downloaded|installed|have|got|fetched) (a model|qwen|one|an llm)(, how do i (talk to|chat with|speak to|use) it|. how do i (talk to|chat with|use)
    it|, now i want to chat)
(which|what) command (starts|opens|begins|is for|runs) (a chat|the chat|chatting|a conversation|talking to a model)
what do i (type|enter|run) (to|in order to|for) (chat|talk to a model|a conversation|start a chat|speak with the model|a chat)
(let me|let us|let's) (chat|talk|talk to a model|chat with a model)
(chat|talk|speak) (to|with) (a|the|my|another|a downloaded) (model|llm|ai)
(use|run|try) (a|my|the) model (in|from|on) (the terminal|the shell|the command line|a console)
(ollama run|lms chat) (in|for|with) hearth
hearth chat (usage|syntax|example|how|command|help)
how do i use hearth chat
(where|how) do i (ask|put|type) (my |)(questions|question) (to a model|to the model|for the model)
how do i (ask|question) (the|a|my) model (something|questions|in the terminal)
(interactive|chat) (mode|session)
chat like (chatgpt|with chatgpt)
(does|is) hearth chat (open a chat|the right command|for talking)
(name|choose) the model (for|of) the chat at the start
""", how="""({begin}|open|have) a chat|(chat|talk|speak) (with|to) (a model|my model|the model|an llm)|have a conversation with a model|use a model in the terminal|use hearth chat""",
     can="""(chat|talk) (with|to) (a model|my model|the model)( in the terminal|)|have a conversation with a model""",
     follow=("how do i exit|and how do i quit it|how do i get back to the shell|how do i close it again|how do i finish|and to leave|how does it end",
             "how can i use a different model|and to change the model|how do i pick the model|with which model|how do i say which model|can i choose the model"))

ways("leave-chat", """
(exit|quit|leave|close|end|bye command|/exit|get out|logout|log out|esc|ctrl+d|:q|:wq|q)
(exit|quit|leave|close|end|finish|terminate) (the |this |)(chat|conversation|hearth chat|session|dialogue|terminal chat)
how (can|do) i (get out|exit|quit|leave|escape|go back|get back to the shell|close this|end this|return to the terminal|get my prompt back|come
    out)( of here| of the chat| of hearth chat| again|)
i (want|need|have|would like|must) to (leave|quit|exit|close|stop|end|go|get out|go back to the shell|finish)( the chat| here| this| now|)(, how|)
(which|what) (word|command|key|keys) (ends|leaves|closes|quits|exits|stops|is for leaving) (the chat|hearth chat|the conversation|this)
(let me|please let me) (out|go|leave)
i am (stuck|trapped|caught) in the chat(, how do i get out|)
(back|return) to (the |my |)(shell|terminal|prompt|command line|bash)
what do i (type|press) to (leave|quit|exit|end the chat|get out|close it)
the chat (won't|does not|doesn't) (close|end|go away)(, how do i leave|)
(close|shut) (it|this|the chat)( please| now|)
(does|is) (exit|quit|bye|ctrl+c|ctrl+d) (work|end the chat|the way out|right)
how does the chat end
end of chat
(finish|done with) the (chat|conversation)
let me out of here
""", how="""(leave|quit|exit|end|close|get out of) (the chat|hearth chat|the conversation|this chat)|get back to (the shell|my terminal|the prompt)""")

ways("stop-answer", """
(stop answer|interrupt|cancel|abort|ctrl+c|ctrl-c|stop generation|stop generating|cancel answer|stop the model|interrupt the answer|stop writing|
    enough)
(stop|interrupt|cancel|abort|break off|halt|end|cut) (the|this|an|a running|the running|the current) (answer|generation|reply|text|response|output)
(the model|it) (talks|writes|goes on|babbles|chatters|rambles|keeps writing|types) (too long|too much|forever|on and on|without end|and writes|and
    does not stop|endlessly)(, how do i stop it|)
(the model|it) (does not|doesn't|won't|will not|never) (stop|end|shut up|finish|stop writing|stop talking)(, what do i press|, how do i stop it|)
how (can|do) i (stop|interrupt|cancel|abort|silence|break off|shut up|halt|end) (the model|it|an answer|the answer|the running answer|generation|a
    long answer|the text|the output|writing)( while it writes| in the middle| without leaving the chat|)
(the|this|an) answer (is|gets|was) (too long|much too long|endless|wrong, i want to stop it|not what i want)(, how do i stop it|, how do i interrupt
    it|)
(which|what) (key|keys|key combination) (stops|interrupts|cancels|aborts|breaks off) (the answer|an answer|the model|generation|writing)
i (want|need|would like) to (stop|interrupt|cancel|abort) (the answer|it|the model|generation|the text)( now| while it writes|)
(can|may|could) i (interrupt|stop|cancel) (the model|an answer|it|the answer|generation)( while it is writing| in the middle|)
(stop|quiet|silence|shut up)( now|, model|)
make (it|the model) (stop|be quiet|shut up|stop talking|stop writing)
what (does|happens with) ctrl+c( do in the chat| during an answer|)
is (the chat|the text|everything) lost when i (stop|interrupt) an answer
(stop|interrupt) without (leaving|closing) the chat
""", how="""(stop|interrupt|cancel|abort) (an answer|the answer|the model|generation|a running answer|the output)|make the model stop writing""", can="""(stop|interrupt|cancel|abort) (an answer|the answer|the model|generation)( in the middle|)""")

ways("one-shot", """
(one shot|single question|one question|-p|script|scripts|non-interactive|batch mode|command line question|one-off question|hearth chat -p|shell
    script|cron job|non interactive mode)
(ask|answer|put) (a single|just one|one|only one|a quick) question (from|on|in|without) (the shell|a script|the command line|bash|a chat|the terminal|
    opening a chat)
how (can|do) i (ask|get|put) (a single|just one|one|only one|a quick) (question|answer)( from the shell| from a script| without a chat| on the command
    line| in bash|)
(use|run|call|embed|start) hearth (in|from|inside) (a script|scripts|a shell script|bash|cron|a cron job|a makefile|my scripts|python's subprocess)
(my|a|the) (script|shell script|cron job|bash script) (needs|wants|should get|should ask|calls|has to get) (a|an|one|the) (answer|question|reply|
    single answer|model)( from the model|)
(is there|does hearth have) (a|an) (non-interactive|batch|one-shot|single question|scripting|quiet) (mode|option|way)
(which|what) (option|flag) (asks|is for|answers|puts) (one question|a single question|scripts|a question and quits)( and quits|)
(what|which) does (-p|the option -p|hearth chat -p) (do|mean|stand for)
(print|give) (the|an) answer and (quit|exit|end|leave)
(get|have) an answer (without|instead of) (a chat|an interactive chat|a conversation|staying in the chat)
(one|a) question, one answer, (done|finished|end)
i (don't|do not) want a (chat|conversation|dialogue), (only|just) (one|an) answer
prompt (on|from|as argument on) the command line
(automate|automation with) hearth
ask from bash
(answers|answer) in a variable of my script
""", how="""ask (one question|a single question|just one question)( from the shell| from a script|)|use hearth in (a script|scripts|a cron job)|get an answer without (a chat|opening a chat)""", can="""use hearth (in|from) (a script|scripts|cron)|ask (just |)(one|a single) question|call hearth from bash""")

ways("pipe", """
(pipe|stdin|standard input|piping|pipe a file|pipe text|redirect|redirection|cat file|input from a file|unix pipe)
(can|could|does|will|may|how do|how can) (i |hearth |hearth chat |it |)(pipe|read|accept|take|feed|send|get|use|pass|give) (text|a file|stdin|standard
    input|the output of a command|a log file|input from a pipe|git diff|a text file|something)( into| to| from|)( hearth| the model| hearth chat| a
    pipe|)
(send|give|feed|pass|show|hand) (a file|a text file|my log|the output of a command|the output of git diff|a text|my notes|a source file|command
    output) (to|into) (hearth|the model|hearth chat|it)
(the output of|the result of) (a command|git diff|ls|my script|a program|dmesg) (should|must|has to) (go|be sent|come|be given|get) (to|into) (the
    model|hearth|the prompt)
(summarise|summarize|explain|translate|review|analyse|check) (a file|a text file|my log file|the output of a command|a long text file|my code file|a
    diff)( with hearth| from the shell| on the command line|)
how (can|do) i (summarise|summarize|explain|review|analyse|process) (a file|a text file|a log|a diff|my notes|command output)( with hearth| on the
    command line|)
(does|can|will) (hearth|hearth chat|it) (read|support|accept|understand|use) (stdin|standard input|piped text|pipes|redirected input|input from a
    pipe)
(cat|git diff|echo|dmesg|tail) (file |)(into|to) hearth( chat|)
(put|have) a (file|text file) in the prompt( from the shell|)
unix (pipes|style) with hearth
(combine|use|join) hearth with (other commands|unix commands|grep|cat|shell tools|pipes)
(text|content) (from|of) a file as (prompt|part of the prompt|input)
hearth in a pipeline
ask something about (a file|the output of a command|a log) (in|from|at) the shell
""", how="""pipe (text|a file|the output of a command)( into hearth| to the model|)|(send|give|feed) (a file|the output of a command) to (the model|hearth)|(summarise|summarize) a file( with hearth|)|use hearth in a pipe""", can="""pipe (text|a file|something) (into|to) hearth|use hearth in a pipe|send a file to the model""", does="""(read|accept) (stdin|standard input|piped text)|work in a pipe""")

ways("system-prompt", """
(system prompt|system message|/system-prompt|-s|role of the model|persona|behaviour|behavior|instructions for the model|standing instructions|custom
    instructions|system role|personality)
(what|how) (is|does|can|are) (a system prompt|the system prompt|a system message|the role system|custom instructions) (good for|do|for|work|look like|
    mean|be used)
how (can|do) i (tell|make|instruct|get|force|teach) (the model|it|my model|the assistant) (to |)(be|act as|speak like|behave like|always answer|play|
    write like|talk like|pretend to be) (a pirate|a teacher|a doctor|in german|shortly|polite|a poet|an expert|briefly|formal|friendly|my secretary)
how (can|do) i (set|change|give|write|use|edit|define|enter|replace) (a|the|my own|another|my|a custom) (system prompt|system message|persona|custom
    instruction|role|instruction)( for the chat| in hearth chat|)
(the model|it) (should|must) (always|never|only) (answer|speak|be|talk|reply) (briefly|polite|in german|like a pirate|in french|formal|in one
    sentence|friendly)(, how|, where do i say that|)
(set|change|give|use|define|edit|replace) (a|the|my own|my|another) (system prompt|system message|persona|role)
(give|hand) the model (instructions|rules|a role|a personality|a character|general instructions|standing orders)( for the whole chat| before the
    chat| once and for all|)
(where|how) (do|can) i (put|write|enter|say|state) (general instructions|rules for the model|how it should behave|the role|my instructions|the system
    prompt)
(can|may|could) i (change|set|write|see|use|edit) (the|a|my own) (system prompt|system message|persona|instructions)
(which|what) (option|command|flag) (sets|changes|is for) (the system prompt|the role|a system message|the persona)
(change|customise|customize|adjust) (the |)(behaviour|behavior|personality|style|tone|character) of the model
what does (-s|hearth chat -s|/system-prompt) (do|mean)
(let|make) the model (play a role|act as a teacher|be somebody|behave)
speak like (a pirate|shakespeare|yoda)(, how do i tell the model|)
a role for the assistant
""", what="""a system prompt|the system prompt|a system message|/system-prompt|the system role""", how="""(set|change|give|write) (a|the|my own) system prompt|tell the model how to behave|give the model (a role|a personality|instructions)""", can="""(set|change|write) (the|my own|a) system prompt|give the model a role|tell the model how to behave""")

ways("chat-commands", """
(chat commands|slash commands|/help|help in the chat|commands in the chat|slash|chat help|in-chat commands|list of slash commands|commands inside
    hearth chat)
(which|what) (commands|slash commands|slash words|special words|things|words with a slash) (are there|exist|work|can i use|can i type|are possible|do
    you know|does it understand|are known) (in the chat|inside the chat|in hearth chat|inside hearth chat|during a chat|while chatting)
(list|show|name|tell me|give me|explain) (of |me |all |)(the |all |)(chat commands|slash commands|commands in the chat|commands of the chat|commands
    for the chat)
what (can|could|may) i (type|enter|write|do|use) (in|inside|during|within) (the chat|hearth chat|a chat)( besides questions| apart from questions|)
(is|are) there (a help|any help|commands|special commands|slash commands|a list of commands|a menu|hidden commands|shortcuts) (in|inside|for|during)
    (the chat|hearth chat|a chat)
what (does|is|happens with|do) (/help|a slash|the slash|slash commands|commands with a slash)( do| mean| for| in the chat|)
how (can|do) i (see|get|find|learn|list) (the |all |)(chat commands|slash commands|help in the chat|commands of the chat|commands inside the chat)
(commands|words) (starting|beginning|that start) with (a slash|/)
i am in the chat, (which commands are there|what can i type|is there help|what commands do i have)
help (inside|within|for) (the chat|hearth chat)
(do|does) (you|the chat) (have|know|understand) (commands|slash commands)
(all|the) (slash commands|chat commands)( please|)
how many slash commands are there
type / and then what
""", what="""slash commands|/help|the slash commands|chat commands|the chat commands""")

ways("clear-chat", """
(clear|/clear|reset|new conversation|clear chat|clear history|start over|forget|reset chat|wipe history|empty chat|fresh start|clear the context)
(clear|reset|empty|delete|wipe|erase|forget|drop|clean) (the |this |my |our |)(chat|history|conversation|chat history|context|dialogue|messages)( so
    far| please|)
(start|begin) (over|again|a new chat|from scratch|fresh|a new conversation|a fresh chat|anew|a new topic|from zero)( without leaving| with the same
    model| in the same window| in the chat|)
(the model|it|you) (should|must|has to) (forget|lose|drop) (everything|what we said|the conversation|what i said|our talk|the history|all we talked
    about)(, how|)
how (can|do) i (make|get|let) (the model|it) (forget|to forget) (everything|what we said|what i told it|the conversation|the history|our chat)
how (can|do) i (clear|reset|empty|wipe|start|begin|delete|erase) (the chat|the conversation|the history|over|a new conversation|a fresh chat|the
    context|a new topic|from scratch)( without leaving| in the chat|)
(forget|ignore) (everything|all|what i said|what we talked about|our conversation)
i (want|need|would like) (a new|a fresh|an empty|a clean) (conversation|chat|start|page|history)
(which|what) command (clears|resets|empties|wipes) (the chat|the history|the conversation|the context)
what does (/clear|the command /clear|clear) (do|delete|forget|mean)
(new|another|different) (topic|subject|theme)(, how do i start over|, forget the old one|)
(does|is) (/clear|clearing) (delete the system prompt|keep the system prompt|remove the model|unload the model)
(the chat|the conversation) is (too long|full|confusing), (clear it|start over|how do i clear it|i want to begin again)
tabula rasa
(can|may) i (clear|reset|empty|wipe) (the history|the chat|the conversation)
""", how="""(clear|reset|empty|wipe) (the chat|the history|the conversation)|start (over|a new conversation|from scratch|a new chat)|make the model forget (everything|what we said)""", can="""(clear|reset|empty) the (chat|history|conversation)|start over without leaving""")

ways("switch-model", """
(switch model|change model|/model|another model|different model|model switch|other model|swap model|select model|model selection|change the llm)
(switch|change|swap|go|move) (to |)(the |a |my |)(another model|other model|different model|model|models|bigger model|smaller model|second model)( in
    the chat| during the chat| while chatting| without leaving|)
how (can|do) i (switch|change|swap|choose|select|replace|use) (to |)(the model|models|another model|a different model|a bigger model|to another model|
    the model of the chat|the llm)( in the chat| during a chat| while chatting| without leaving the chat|)
(can|could|may) i (switch|change|swap|use|choose|select) (the model|models|another model|a different one|a bigger model|to a different model)( in the
    chat| during a chat| while chatting| without leaving|)
(i|we) (chat|talk|am chatting) with (a small model|the wrong model|hearth-guide|one model|you) (and|but) (want|would like|need) (another|a larger one|
    a different one|a better one|qwen|to change it)
(in|during) the (chat|conversation|middle of a chat) i (want|need|would like) (another|a different|a better|a larger) model
(which|what) command (switches|changes|selects) the model( in the chat|)
(use|take|give me|i want) (another|a different|the other|a better) (model|llm)( in this chat| please| now|)
what does (/model|the command /model) (do|mean)
(how|where) do i (say|tell|choose|set) (which|what) model (to chat with|the chat uses|hearth chat uses|to use in the chat)
(start|open) (the chat|hearth chat) with (another|a certain|my own|a particular|a given) model
hearth chat uses the wrong model
(talk|speak) to another model
(list|see) models (inside|within|from) the chat
(the chat|it) always (takes|uses|starts with) (hearth-guide|the wrong model|the same model)(, how do i change that|)
""", how="""(switch|change|swap) (the model|models|to another model)( in the chat| during a chat|)|use (another|a different) model in the chat""", can="""(switch|change|swap) (the model|models)( in the chat| during a chat| while chatting|)|use another model in the chat""")

ways("chat-stats", """
(stats|/stats|--stats|statistics|chat statistics|tokens per second in the chat|speed of the answer|answer speed|token count of the answer|speed
    display|timing of the answer)
(show|see|display|print|tell|give) (me |)(the |)(statistics|stats|tokens per second|speed|number of tokens|time to first token|timing)( of the last
    answer| of an answer| after each answer| in the chat| of the answer| after an answer|)
how (fast|quick|long|many tokens) (was|were|did|had|has) (the|my|that|this|your|in the) (last |)(answer|reply|response)( have| take| in tokens|)
how (can|do) i (see|show|display|get|know|find out) (the speed|statistics|the stats|tokens per second|how fast the answer was|how many tokens the
    answer had|the timing|the time to the first token)( in the chat| of an answer| after each answer| in hearth chat|)
(what|which) (does|do|is) (/stats|--stats|the command /stats|hearth chat --stats|the option --stats) (do|show|mean|for)
(is|are) there (statistics|a statistics command|a speed display|stats|figures about the answer) (in|inside|after an answer in) the chat
(after|behind) (an|each|every|the) answer (i want to|i would like to|i'd like to|let me) (see|know) (the speed|how fast it was|the number of tokens|
    the statistics|tokens per second)
(which|what) command (shows|prints|displays) (the statistics|the speed of the answer|tokens per second in the chat|stats)
(turn on|enable|always show) (the |)(statistics|stats|speed display)( in the chat| after each answer|)
(speed|tokens|length|duration) of (the|an|my) last answer
how many tokens per second (did i get|was that|was this answer|were that)
(was|is) that (answer|reply) fast(, how do i see it|, numbers please|)
count the tokens of (the|an|your) answer in the chat
""", how="""see (the statistics|tokens per second|the speed) (in the chat|of an answer|after an answer)|show (stats|statistics) after each answer""", what="""/stats|--stats|the command /stats""")

ways("documents", """
(documents|pdf|pdfs|rag|retrieval|document chat|files|attach|attachment|docx|word files|chat with documents|chat with pdf|upload|my files|knowledge
    base|retrieval augmented generation)
(can|could|does|will|may) (hearth|it|the model|a model|i) (read|use|understand|open|process|load|answer from|search|ask about|attach|upload|chat with|
    work with|add|summarise) (pdf|pdfs|a pdf|documents|word files|docx|my documents|my files|my own files|a long document|text files|a book|my notes|
    my thesis|contracts|a document|several files|excel files)( in the chat|)
(i|we) (have|got|wrote|received|own) (a|a long|many|some|hundreds of|my|a big|an important) (pdf|document|documents|report|pdfs|book|contract|thesis|
    papers|manual|word file|files)(, can i ask about it| and questions about it|, can hearth read it| and want to ask about it|, how do i chat with
    it|, can the model read it)
how (can|do|does) (i|hearth|the model|it) (attach|add|use|ask about|upload|chat with|read|search|summarise|give it|work with) (a pdf|documents|a
    document|my documents|files|pdf files|a long text|my files|my own documents|a word file)( to the chat| in the chat| with hearth|)
(which|what) (documents|files|file types|formats|document formats) (can|does|are|do|could) (hearth|it|i|supported|the chat|attach|
    possible)( read| attach| support| use| upload|)( for documents| as documents|)
(the model|it|answers) (should|must|to) (answer|come|know|use) (from|what is in|only from|with) (my documents|my own files|a pdf|my notes|the
    document|a company manual)
(what|how) (is|does|are|happens with) (rag|retrieval|document chat|chat with documents|a long document|a long pdf|long documents) (work|done|for|
    mean|)( in hearth|)
(ask|put) questions (about|to) (a pdf|my documents|a document|my files|a book|my notes)
(attach|add|upload|load|give it|insert) (a pdf|a document|a file|my documents|documents|files|a word file|a text file)( to the chat|)
(summarise|summarize) (a pdf|a document|a long report|my thesis|a book)( with hearth| in the chat|)
(search|look) (in|through) my (documents|files|pdfs|notes)
is a long (pdf|document) (read completely|cut|put into the prompt|possible|too long)
(pdf|docx|word|txt|markdown) (support|files|documents)( in hearth|)
(talk|chat|speak) (to|with|about) (my |a |)(documents|document|pdf|files|books)
is there (document chat|rag|a way to use my documents|retrieval)( in hearth|)
""", can="""(chat with|ask about|use|attach|add|upload) (my documents|documents|a document|a pdf|files|pdf files|a word file)|search my (documents|files)""", what="""rag|retrieval|document chat|retrieval augmented generation""", does="""(read|support|understand) (pdf|pdfs|documents|word files|docx|my files)|do rag""", how="""(chat with|ask about|attach|add|use) (my documents|a document|a pdf|files|my own files)""")

ways("chat-history", """
(chat history|saved chats|old chats|chat log|history file|hearth.db|conversation history|stored chats|previous chats|past conversations|chat database|
    database)
(where|in which file|in which folder|in what place) (are|is|does hearth keep|does hearth save|does hearth store|do i find|can i find) (my |the
    |)(chats|chat history|conversations|old chats|past conversations|earlier chats|history of my chats|saved chats|what i wrote|previous
    conversations)( stored| saved| kept|)( on disk| on my disk|)
(are|is|will) (my |the |)(chats|conversations|chat history|what i write|dialogues|messages|questions|everything i write) (be |)(saved|stored|kept|
    written to disk|recorded on my disk|in a file|in a database|kept on disk)( by hearth| on my computer| somewhere|)
(does|will|can) hearth (save|store|keep|record|archive) (my |the |)(chats|conversations|history|chat history|messages|what i write|dialogues)( on
    disk| in a file|)
(can|could|may|how can|how do) i (find|see|read|open|delete|continue|get back|export|back up|reopen|search) (my |an |the |)(old chats|chat history|
    earlier conversations|saved chats|history|yesterday's chat|old conversation|past chats|conversations from last week)
(which|what) (file|database|folder) (holds|contains|has|stores|keeps) (my |the |)(chats|chat history|conversations|old conversations)
(what|where) is hearth.db
(i closed|i left) the chat(, is it saved|, is it lost|, where is the conversation now|, can i get it back)
(delete|erase|remove|back up|copy) (all |)my (chats|chat history|old conversations|saved chats)( from disk|)
(chat|conversation) (storage|location|file|archive|backup)
(history|list) of my (chats|conversations)
do chats stay (on my disk|somewhere|after i close the program)
where did my conversation go
(is|are) old (chats|conversations) (kept|lost|available)
""", where="""my chats|my chat history|my old chats|my conversations|the saved chats|my old conversations|hearth.db""")

ways("remember", """
(memory of you|long term memory|do you remember|learning|learn from me|remember me|your memory|remember|do you learn|self-learning|training on my
    chats)
(do|will|can|could) (you|u|the model|it) (remember|recall|know|still know|keep in mind|memorise|memorize|recognise) (me|my name|our last chat|what i
    said yesterday|things|what i told you|our conversation|this|that|last week|everything i say|what we talked about|who i am|my
    birthday)( tomorrow| next time| later| forever| in the next chat| when i come back|)
(do|does|will|can|could) (you|the model|it|hearth|models|an llm|a model) (learn|get smarter|improve|train|adapt|be trained|remember|evolve) (from|
    through|by|on|with) (me|my chats|our conversations|what i say|my questions|my corrections|chatting|talking|use|my conversations|feedback)
(is|are|will) (the model|you|my data|my chats|what i write|my conversations|models) (be |)(trained|learning|used for training|used to train you|
    improved|updated) (on|from|with|by|) (my conversations|my chats|me|what i write|training|you|)
(can|could|may|how do|how can) i (teach|train|tell|make) (you|the model|it) (something|new things|my name|facts|to remember me|to remember something|
    about me|something permanently|to learn)
(you|the model) (forgot|forget|forgets|does not remember|don't remember|no longer know|knows nothing of) (me|what i said|our last chat|my name|
    everything|what i told it yesterday|the beginning)
(tomorrow|next time|next week|in the next chat)(,|) (will you|do you|does the model) (still |)(know|remember) (me|this|what i said|my name|our chat)
(have|do) (you|models) (got |have |)(a memory|memory|long term memory|a memory of me|any memory of earlier chats)
(remember|memorise|note|keep in mind) (this|that|my name|that i like tea|it for later)( please|)
(what|how much) do you (remember|know) (about me|of our last chat|from yesterday|of me)
do you (know|recognise) me( from yesterday| from last time|)
(does|will) (chatting|using it) make (the model|you) (smarter|better)
are you getting (smarter|better|wiser) (over time|by talking to me|with use)
my name is (anna|tom|peter|maria), (remember it|will you remember it|don't forget it)
""")

ways("token", """
(token|tokens|tokenization|tokenisation|tokenizer|tokens meaning|what token|word pieces|token count meaning)
(what|how) (is|are|does|do|long is|big is|many letters has|many words are|many letters are in|many characters is) (a token|tokens|one token|100
    tokens|1000 tokens|the tokens|token)( mean| work| in words| in letters|)
(are|is) (tokens|a token|one token) (words|a word|letters|a letter|characters|the same as words|a syllable|money|the same as a word|parts of words)
(models|llms|everything|the api|people) (count|counts|speak of|measure in|talk about|read|write|work with) tokens(, what is that|, what are they|, why
    not words|)
how many (words|letters|characters|pages) (is|are|has|does|do|make|in) (a token|1000 tokens|one token|4096 tokens|100 tokens|8192
    tokens)( have| make|)
how many tokens (is|are|has|does|make|in) (a word|a page|a sentence|this sentence|a book|100 words|one word)( have|)
(into|in) (which|what) (pieces|units|parts) (is|do models cut|does a model split|do they cut) (text|the text|a sentence|words)( cut| split|)
(why|what for) (tokens|do models use tokens|not words|are there tokens|do they count tokens)
(text|words|a sentence) (is|are) (cut|split|chopped|divided) into (pieces|tokens|parts)(, how|, why|, what are they called|)
(convert|translate) tokens (to|into) words
the unit of text (for|in) a model
(difference between|relation of) (a token|tokens) and (a word|words)
what does tokens per second count
what is counted as a token
""", what="""a token|tokens|the word token|one token|tokens in a language model""")

ways("context-length", """
(context|context length|context window|context size|ctx|n_ctx|context limit|length of the context|maximum prompt length|window size|conversation
    length)
(what|how) (is|does|do|long is|big is|large is|many tokens has|many tokens is) (the context|context|a context window|context length|the context
    window|context size|the context length|n_ctx|the context limit)( mean| good for| for| work| normally|)
how (long|big|large) (can|may|could|is|must) (a|the|my|an|our) (prompt|conversation|chat|question|text|input|message|dialogue|
    talk)( be| get| become| at most|)
how (much|many) (text|words|tokens|pages) (can|could|does|will|do|may|fit|fits) (a model|it|you|the model|i|a prompt|into the context|in one
    conversation|a conversation|a chat|into a prompt)( read| remember| take| see| hold| process| enter| have|)( at once| at the same time|)
(what|which) (limits|restricts|determines|bounds) the length of (a chat|a conversation|a prompt|the conversation|a text|my prompt)
(is there|what is) (a|the) (limit|maximum) (for|of|to) (the length of a prompt|the conversation|the context|the number of tokens in a prompt|my text|a
    conversation)
(how far back|how long) (can|does) (a model|the model|it) (remember|look back|see|keep in mind)( in a conversation| in a chat|)
(does|can) (the model|it) (see|read|remember) the (whole|entire) (conversation|chat|text|document)( at once|)
(context|ctx) (of|has|is) (4096|8192|32k|128k)( tokens|)(, what does that mean|, what is that|)
(8k|32k|128k|4k) context( meaning|, what is that|)
(the model|it) (forgets|no longer knows) the (beginning|start) of (a long|our|the) (chat|conversation)
(maximum|max) (length|number of tokens)( of a conversation| of a prompt| a model can see|)
what (counts|goes) (as|into) context
short term memory of the model
working memory of a model
""", what="""the context|the context length|the context window|context length|a context window|the context size""",
     follow=("how do i raise it|how can i set it|how do i extend it|make it longer please|and to enlarge it|can i change that|i need more|and with more tokens",
             "and if it overflows|what if it is full|what happens if i write more|and when the chat is too long|what does hearth do then|and beyond the limit"))

ways("set-context", """
(set context|context setting|change context|longer context|bigger context|increase context|context option|-c|--context|enlarge context|extend context|
    set n_ctx|more context|context size setting)
(set|change|increase|raise|extend|enlarge|double|reduce|shorten|adjust|lower) (the |my |a model's |)(context|context length|context window|context
    size|ctx)( of a model| of my model| to 8192| to 32k| to 16384 tokens|)
(i|we|my program) (need|want|needs|would like|have to have) (a longer|more|a bigger|a larger|a shorter|16k of|32k|8192 tokens of|a 32k) (context|
    context window|context length)( for long texts| for my document| for coding|)(, how|, what do i type|)
how (can|do) i (set|change|increase|raise|extend|enlarge|double|reduce|shorten|get|choose|configure|give) (the |a |a model a |)(context|context
    length|context window|context size|longer context|bigger context|more context|number of context tokens|shorter context)( of a model| in
    hearth| when loading|)
(which|what) (option|flag|parameter|setting) (sets|changes|is for|controls|raises|gives) (the context|the context length|the context size|more
    context|a longer context|the number of tokens in the context)
(what|which) does (-c|the option -c|hearth load -c) (do|mean|stand for)( in hearth load|)
(my|the) (prompt|text|document|conversation|code) (needs|is longer than|does not fit into|is bigger than) (more context|the context|a longer context|
    4096 tokens|the context window)(, how do i enlarge it|, how do i get more|)
(the|my) (context|context window|context length) (is|of 4096 is) (too small|too short|not enough|only 4096|too little)(, how do i raise it|, how do i
    change it|, how do i enlarge it)
(load|start|run) (a|the|my) model with (a longer|more|a bigger|16384 tokens of|32k|a shorter|8192 tokens of|a certain) context( length|)
(room|space) for more tokens( in the conversation|)
(make|let) the (context|model's window) (longer|bigger|larger|smaller|8192)
context (to|of) (8192|16384|32768)( please|)
(more|longer) (memory|window) for the conversation(, which option|)
the model should (remember|read|see) (more|longer texts|more tokens|a longer conversation)(, which option|)
""", how="""(set|change|increase|raise|extend|enlarge) the (context|context length|context window|context size)|get a longer context|load a model with (more|a longer) context""", can="""(set|change|increase|raise|extend|enlarge) the (context|context length|context window|context size)|have a longer context|use 32k of context""")

ways("context-overflow", """
(context overflow|context full|context_length_exceeded|prompt too long|conversation too long|overflow|overflow policy|context exceeded|truncated
    prompt|too many tokens|maximum context length exceeded|context limit reached)
(what|how) (happens|does hearth do|does hearth react|is done|will happen|do i do|can i do) (when|if) (the|my|a) (context|context window|conversation|
    chat|prompt|window) (is|gets|becomes|was|overflows) (full|too long|exceeded|too big|longer than the context|at its end|)
(the|my|our) (prompt|conversation|chat|text|document|message|question|dialogue) (is|was|got|became|gets) (too long|longer than the context|too big for
    the context|too large|longer than allowed|over the limit)(, what now|, what happens|, what can i do|)
(an|the) (error|message|api|server|hearth) (says|is|reports|returns|shows|complains|:) (context_length_exceeded|prompt too long|too many tokens|the
    context is full|the prompt does not fit|context length exceeded|the conversation is too long)
(the|my) (context|context window|window) (is|was|got|seems) (full|exceeded|used up|exhausted|at its limit|at the end)(, what now|, what can i do|)
(does|will|is) (hearth|it|my prompt|the prompt|old text|the beginning|the conversation) (cut|truncate|shorten|forget|be cut|cut off|drop) (silently|my
    prompt|the prompt|old messages|the beginning|without telling me|the conversation|)( when the context is full| when it is too long|)
(my|the) (prompt|text|document) (does not|doesn't|won't) fit( into the context| in the context window|)
(i|we) (get|got|see|receive) (context_length_exceeded|an error that the prompt is too long|a context overflow|too many tokens)
(what|which) (is|does|are) (context_length_exceeded|the overflow policy|a context overflow|overflow policies)( mean| for|)
why (is|was|do i get) (my prompt refused because of its length|context_length_exceeded|the prompt too long|an overflow|my long prompt rejected)
(after|when) (a long chat|many questions|hours of chatting) (the model stops|an error comes|it refuses|i get an error about the context)
(my|the) chat (reached|hit|has reached) the (end|limit) of the context
(too many|more) tokens (than the context|in my prompt|for the context)
does it (cut|forget) (the start|old messages) (silently|when full)
""", what="""context_length_exceeded|a context overflow|the overflow policy""", wrong="""my prompt (is too long|does not fit into the context)|i get context_length_exceeded|the conversation is too long|the context is full""")

ways("temperature", """
(temperature|temp|temperature setting|randomness|creativity|temperature value|heat of the model|creative|temperature parameter|best temperature|
    temperature 0.7)
(what|how) (is|does|do|happens with|changes with) (temperature|the temperature|a high temperature|a low temperature|temperature 1|the temperature
    setting|temperature 0.7)( do| mean| good for| work| of a model| influence| change|)
(which|what) (temperature|value of temperature|temperature value) (is|should i|do i|do you|would be|gives) (good|use|set|take|recommend|best|normal|
    right|for coding|sensible|the best answers|for stories)( for chatting| for code|)
(answers|the answers|texts|the texts|replies) (are|get|should be|must be) (too random|too wild|too boring|more creative|less random|more precise|too
    creative|more varied|too dull|more predictable|more surprising|crazy)(, which setting helps|, what do i change|, which knob helps|, how|)
how (can|do) i (make|get) (the |)(answers|model|texts|it) (more |less |)(creative|random|precise|varied|boring|predictable|surprising|strict|focused|
    wild|conservative)
how (can|do) i (set|change|raise|lower|adjust|increase|reduce|choose) (the |)(temperature|temp|randomness|creativity)( of the model| in the chat| of
    answers|)
(what|which) (changes|happens) (when|if) (the |)temperature (goes up|is high|is low|is raised|goes down|is above 1|is 2)
(is|does) (a |)(high|low|higher) temperature (good|bad|better|make it creative|make it better|dangerous|more creative)
(set|change|raise|lower|adjust) (the |)temperature( to 0.5| of the answers|)
(the model|it) is (too creative|too random|too boring|too wild|not creative enough)(, what do i change|)
(which|what) (parameter|knob|setting|number) (controls|sets|makes) (randomness|the randomness|creativity|answers more creative|how random the answers
    are)
(temperature) (of|is) (0.2|1.5|0.7|2|1)(, what does that mean|, is that good|)
hot or cold (model|answers)
does temperature have to do with heat
(more|less) (creativity|randomness|imagination)( please|)
""", what="""temperature|the temperature|temperature of a model|a high temperature""", how="""(set|change|raise|lower) the temperature|make (answers|the model) (more creative|less random|more precise|more predictable)""")

ways("sampling", """
(sampling|top_p|top_k|min_p|top p|top k|min p|nucleus sampling|samplers|sampler|sampling parameters|sampling settings|top-p|top-k|min-p)
(what|how) (is|are|does|do) (top_p|top_k|min_p|top p|top k|min p|nucleus sampling|sampling|samplers|sampler settings|top-k sampling|the
    samplers)( do| mean| work| good for| for| exactly|)
how (is|does) (the next token|the next word|a token|the model|the next piece of text) (chosen|picked|selected|choose the next token|drawn|decide which
    word comes next|pick the next word|sampled)
(which|what) (samplers|sampling parameters|sampling settings|sampling methods|samplers and settings) (are there|does hearth have|exist|does hearth
    support|can i set|should i use|are good)
(which|what) (value|values) (of|for) (top_p|top_k|min_p) (is|are|should i use|is good)( good| sensible| usual|)
(difference between|what is the difference between) (top_p and top_k|top_k and min_p|top p and min p|temperature and top_p|min_p and top_p)
how (can|do) i (set|change|use) (top_p|top_k|min_p|the sampler|sampling settings)
(in|among) the (settings|parameters) (there is|i see) (top_p|top_k|min_p)(, what is that|, what does it do|)
(meaning|effect|use|explanation) of (top_p|top_k|min_p|nucleus sampling)
(top_p|top_k|min_p) (or|vs|versus) (top_k|top_p|min_p)
(limit|restrict|narrow) the choice of (the next token|tokens|words)
what is the next token (chosen from|drawn from)
(drop|cut off|exclude) (unlikely|improbable) (tokens|words)
how does a model pick words
""", what="""top_p|top_k|min_p|nucleus sampling|sampling|a sampler|samplers""")

ways("llm", """
(llm|llms|large language model|language model|language models|what llm|ai model|neural network|how ai works|llm meaning|how llms work)
(what|how) (is|are|does|do) (an llm|llms|a language model|a large language model|language models|a model|models|an ai model|such a model|the thing
    called model|chatgpt-like models)( work| do| exactly| inside| function| good for| mean| anyway|)
(what|which) (does|do) (llm|the abbreviation llm|the letters llm) (mean|stand for)
(explain|describe|teach me|tell me about|define) (to me |)(an llm|llms|large language models|language models|how llms work|what a model is|how a
    language model works)( in two sentences| simply| in simple words| like i'm five| briefly|)
(is|are) (an llm|a model|a language model|llms|models) (a program|an ai|intelligent|a database|a brain|like a brain|a file|a search engine|software|
    alive|a chatbot|a neural network)
how (does|can|do) (a computer|a model|an llm|the machine|ai) (write|produce|understand|generate|know|make|answer) (text|language|sentences|so much|my
    questions|words|texts)
(which|what) kind of (program|software|thing|ai|network) (predicts text|writes text|is a model|is an llm|answers questions)
(i|my mother|a beginner) (don't|does not|do not) (know|understand) what (a model|an llm|a language model) is
(what|why) do (people|they|you) (mean by|call it) (a model|model|an llm|language model)
where (does|is) (a model|an llm) (get its knowledge from|have its knowledge|the knowledge of a model|keep what it knows)
(everyone|everybody|the news) (talks about|speaks of) (llms|language models|ai models)(, what are they|, what is that|)
(does|can) (a model|an llm) (think|understand|reason|know what it says)
(difference between|what is the difference between) (an llm and ai|a model and a program|a model and hearth|chatgpt and an llm)
(predicting|guessing) the next word
""", what="""an llm|a large language model|a language model|llms|language models|a model""")

ways("inference", """
(inference|local inference|generation|decoding|inference meaning|inference engine|inference vs training|training or inference)
(what|how) (is|does|do people mean by|is meant by) (inference|local inference|decoding|generation|an inference engine|running inference|llm
    inference)( mean| work| for| in ai| exactly|)
(difference between|what is the difference between|compare) (training and inference|inference and training|learning and inference)
(running|using|executing) a (model|trained model) (has a special name|is called|has a name)(, which|, what is it called| what|)
(does|can|will) hearth (do |train |finetune |)(training|inference|models|a model|train|fine-tuning|finetuning|learn)( or inference| too|)
(can|could|may) i (train|finetune|fine-tune) (a model|models|my own model|an llm) (with|in) hearth
(is|does) hearth (only |just |)(for inference|an inference engine|for running models|train models|a training program)
(inference|training)( or training| or inference|), (what|which) does hearth do
what (do they|do people) mean by (inference|local inference|running inference)
(the word|the term) inference(, what does it mean|, what is it| explained|)
(lora|finetuning|fine-tuning|training a model)( with hearth| in hearth|)
(what|which) (happens|is done) during inference
what's an inference (engine|server)
the opposite of training
""", what="""inference|local inference|an inference engine|inference in ai|decoding""")

ways("weights", """
(weights|model weights|weight|parameters of a model|weights meaning|open weights|weights of a model|learned numbers)
(what|how) (is|are|does|do) (weights|the weights|model weights|a weight|the weights of a model|open weights|parameters and
    weights)( mean| do| for| stored| good for| exactly| look like|)
(what|which) (do|are) the (billions of|many|huge) numbers (in|inside) a (model|file)( do| for| called|)
(what|which) (is|things are) (learned|stored|saved|inside|in) (in |)(a model|a model file|the model|training)( exactly|)
(the word|the term) (weights|weight)(, what does it mean|, what is that|)
(why|how come) (are they|is it|are the numbers) called weights
(what|how) (is|are) (in|inside|contained in) (the file|a model file) (mostly|mainly)
(where|how) (is|does) (the knowledge|a model) (of a model |)(stored|keep its knowledge|saved)
(are|is) (weights|parameters|a weight) (the same as (parameters|weights)|numbers|code|secret|learned|heavy|a number)
(difference between|relation of) (weights and parameters|a model and its weights|weights and tokens)
(what|which) (does|do) (open weights|releasing the weights|the weights are open) mean
what exactly are (the parameters|weights|the numbers) of a model
(numbers|values) (in|of) a neural network
how heavy are weights
""", what="""weights|model weights|the weights|a weight|the weights of a model|open weights""")

ways("embedding", """
(embedding|embeddings|text embedding|vector|vectors|embedding meaning|semantic search|vector of a text|word vectors|embedding vector)
(what|how) (is|are|does|do) (an embedding|embeddings|a text embedding|text embeddings|vectors of text|a vector of a text|embedding|the embedding of a
    sentence)( mean| work| good for| for| used for| exactly| look like|)
(text|words|sentences|a sentence) (is|are|turned|as|become|converted) (turned into|converted to|represented by|into|a list of|as) (vectors|numbers|a
    vector)(, what is that good for|, what is that called|, why|, what for)
how (can|does|do) (a computer|a program|hearth|search|one) (compare|know|find|measure|search) (the meaning of two texts|which texts are similar|
    similar texts|similarity of texts|texts of the same meaning|by meaning)
(what|why) (for|do i need|would i need|should i use|are) (embeddings|an embedding|vectors of text)( useful| good|)
(search|find) (by|with) (meaning|embeddings|vectors)(, how does that work|)
(the word|the term) (embedding|embeddings)(, what does it mean|, what is it|)
(similar|related) (texts|sentences) (have|get) similar (vectors|numbers)(, what is that|)
(difference between|what is the difference between) (an embedding and a token|embeddings and chat|an embedding model and a chat model)
(vector|semantic) (search|database|similarity)( explained| meaning|)
(numbers|a list of numbers) for the meaning of a (text|sentence)
(everyone|the docs|an article) (mentions|talks about) embeddings
(is|are) (an embedding|embeddings) (a vector|numbers|a list of numbers|for search)
what do embeddings (do|bring|express)
""", what="""an embedding|embeddings|a text embedding|text embeddings|embedding vectors|semantic search""")

ways("template", """
(chat template|template|templates|jinja|prompt template|chatml|prompt format|jinja template|chat format|message format|instruct template)
(what|how) (is|are|does|do) (a chat template|the chat template|chat templates|jinja|chatml|a prompt template|the prompt format|a jinja
    template)( mean| do| for| work| good for| look like| used|)
(where|from where) (does|is|do|comes) (the chat template|the template|a template|chat templates|the prompt format)( come from| stored| taken
    from| from|)
(do|must|should) i (have to |need to |)(set|choose|write|pick|give|know|care about|select) (a|the) (template|chat template|prompt format|prompt
    template)( myself| by hand|)
(can|could|may|how can|how do) i (change|see|edit|replace|override|look at|write|use) (the|a|my own|another) (chat template|prompt template|template|
    prompt format)
(how|who) (does|do|decides|is|turns) (messages|a list of messages|the conversation|the messages|how the prompt is formatted|the prompt|a chat) (become
    one text|turned into a prompt|turned into text|become a prompt|formatted|into the text of the prompt|)( for the model|)
(which|what) (template|chat template|prompt format) (does|do|is) (my model|a model|hearth|i|it|used|qwen)( use| need| have|)
(is|are) (the template|a chat template|chat templates|jinja) (in the file|part of the model|automatic|needed|in the gguf|set automatically|important|
    the same for all models)
how (does|can) hearth (know|find) (the right|which) (template|chat template|format)( to use|)
(special tokens|im_start|im_end|user and assistant tags)
(what|why) (is|are) (the tokens around|im_start and im_end in) (messages|a prompt)
(formatting|format) of the (prompt|messages|conversation)
(the term|the word) (chat template|jinja)
why do models (have|need) (different|a) (templates|chat template|prompt formats)
""", what="""a chat template|the chat template|chat templates|jinja|a prompt template|chatml""")

ways("hallucination", """
(hallucination|hallucinations|hallucinate|made up|wrong facts|false information|invented facts|truth|accuracy|trust|reliability|fake facts|lies)
(the model|it|my model|the answer|this ai|the llm) (lies|invents things|makes things up|made something up|told me something false|says wrong things|is
    wrong|invents facts|invented a book|hallucinates|fantasises|gave me false facts|contradicts itself|made up a source|claims false things|cites
    papers that do not exist)(, why|)
why (does|do|did|is|are) (the model|it|models|llms|the ai|the answer|answers) (lie|invent things|make things up|say wrong things|hallucinate|wrong|
    give false facts|false|so sure of false things|tell me nonsense as a fact|invent sources|sometimes wrong)
(can|may|should|could) i (trust|believe|rely on|depend on) (the answers|a model|what a model says|everything it writes|it|what it says|the model|
    everything|an llm|its facts)( blindly| completely| always|)
(are|is) (the answers|answers|it|the model|what a model says|everything it writes|the information) (always |)(right|correct|true|reliable|trustworthy|
    accurate|wrong|facts)
(an|the|my) answer (sounded|sounds|looked|was|is|seems) (right but was false|convincing but wrong|made up|wrong|invented|plausible but false|
    incorrect|fake)
how (reliable|trustworthy|accurate|correct|true) (is|are) (a model|the answers|models|llms|what it says|it)
how (can|do) i (avoid|prevent|reduce|stop|detect|recognise) (hallucinations|invented facts|made up answers|false answers|wrong facts|the model from
    making things up)
(how often|why) (are|is) (answers|models|it) wrong
(what|when) (is|does) (a hallucination|hallucinating|a model hallucinate)( mean| in ai|)
(the facts|the numbers|the quotes|the sources) (are|were) (wrong|made up|invented|false)
(do|must|should) i (check|verify|double check) (the answers|facts|what it says|everything)
(does|do) (models|a model|llms) (know|notice) when they are wrong
do (bigger|larger) models (lie|hallucinate|invent) less
it is so sure but wrong
""", what="""a hallucination|hallucinations|hallucinating|hallucination in ai""", wrong="""the model (makes things up|invents facts|hallucinates|lies)|an answer was (false|invented|made up)""")

ways("tool-calling", """
(tool calling|tools|function calling|tool use|tool call|functions|tool_calls|function call|agents|agent|tools array|mcp|external functions)
(what|how) (is|are|does|do|happens in) (tool calling|tools|function calling|a tool call|tool use|tool_calls|function calls|an
    agent)( work| mean| do| for| look like| exactly|)
(can|could|does|will|may|is) (the model|a model|hearth|it|i|an llm) (able to |)(call|use|give the model|run|support|do|execute|define|work with|offer)
    (my functions|tools|functions|a function|tool calling|function calling|external tools|programs|a calculator|the weather api|agents)( in my
    program| of mine|)
(the model|it|my assistant) (should|must|has to) (call|use|run|be able to call|be able to use) (my functions|a function|tools|my code|a calculator|an
    api|a search)(, how|, is that possible|)
(which|what) (models|model) (can|could|do|support|is good at|are good at|understand) (call tools|use tools|tool calling|function calling|tools|
    functions)
how (can|do) i (give|define|offer|use|make|write|pass|describe|let) (the model |a |)(tools|functions|tool|call my functions|a tool definition|the
    model use tools|tool calling)( to the model| in a request| over the api| with hearth|)
(what|which) (happens|is done|does the model do) (when|if|with) (a request has a tools array|a tools array|the model wants to call a tool|i send
    tools|tool_calls come back|the tools field)
(who|what) (runs|executes|calls) (the tool|the function|the functions|my function)
(is|are) (tool calling|tools|function calling|tools and functions|agents) (supported|possible|available|safe|built in)( in hearth| by the server|)
(build|make|write) (an agent|agents) with hearth
(send|give) (the|a) tool('s|) result back
(role tool|tool message|message of role tool)
(difference|what is the difference) between (tools and functions|tool calling and structured output)
connect the model to my (code|functions|program|database)
let the model (look things up|do actions|press buttons|run code)
""", what="""tool calling|a tool call|function calling|tool use|tools in an llm|tool_calls""", can="""(give|offer) the model (tools|functions)|use (tools|function calling|tool calling)|let the model call my functions""", does="""(support|do|have) (tools|tool calling|function calling|agents)""")

ways("structured", """
(structured output|json mode|json schema|response_format|json output|json|grammar|gbnf|constrained decoding|schema|valid json|json answers|output
    format)
(what|how) (is|are|does|do) (structured output|json mode|a json schema|json schema|response_format|constrained decoding|grammars|structured
    outputs)( mean| work| do| for| good for|)
(can|could|does|will|is) (the model|hearth|it|i|the api|the server) (able to |)(answer in|force|give|return|write|produce|support|enforce|get|make)
    (json|valid json|a schema|structured output|json schema|json mode|only json|structured answers|grammars|a fixed format|answers in json|a
    table)( from the model|)
how (can|do) i (get|force|make|have|receive|obtain|ask for|enforce) (json|valid json|json as an answer|the model to answer in json|structured output|
    an answer in json|the model answer in json|a fixed format|answers my program can parse|structured data|only json)( from the model| over the
    api| in hearth|)
(my|the) (program|script|app|code) (needs|wants|has to parse|expects|reads|can only use) (json|answers it can parse|a fixed format|structured answers|
    valid json|machine readable answers)( from the model|)
(the|my) (reply|answer|output|answers) (must|should|has to|have to) (follow|be|match|fit|obey|have) (a schema|json|valid json|a json schema|a fixed
    form|machine readable|my schema|parseable)(, how|, is that possible|)
(i|we) (want|need|would like) (json|only json|structured output|a json answer|valid json|data instead of text|machine readable output|answers in a
    fixed format)( from the model|)(, how|)
(which|what) (field|parameter|option) (forces|gives|is for|sets|makes) (json|the schema|structured output|valid json|the output format)
(is|are) (json mode|structured output|grammars|a json schema|json schemas|response_format) (supported|possible|available|enforced|guaranteed)( in
    hearth|)
(force|make|get|have) (the model|it) (to |)(write|answer in|output|return|reply in|produce) (json|valid json|only json|a schema)
(always|guaranteed|only) (valid |)json
(extract|get) data (from text |)(as|into|in) json( over the api|)
(answer|output|reply) in (json|a fixed format|a schema)
(what|how) do i (write|put) (in|into) response_format
text to json
""", what="""structured output|json mode|a json schema|response_format|constrained decoding""", how="""get (json|valid json|structured output)( from the model|)|(make|force) the model (to answer|answer) in json|use (a json schema|response_format|json mode)""", can="""(force|get|enforce) (json|valid json|a schema|structured output)|use a json schema""", does="""support (structured output|json schema|json mode|grammars)""")

ways("presets", """
(preset|presets|profile|profiles|saved settings|save settings|preset file|preset folder|my presets|settings profile|save system prompt)
(what|how) (is|are|does|do) (a preset|presets|preset files|a profile|the presets)( work| for| good for| mean| stored| made| look like|)
(can|could|may|how can|how do) i (save|keep|store|reuse|name|remember) (my |the |a |)(settings|system prompt|temperature|sampling settings|settings
    under a name|favourite settings|system prompt and temperature|settings for later|prompt and settings|configuration of a chat)
(i|we) (always|often|every day|every time) (use|type|enter|need|write) the same (system prompt|settings|temperature|instructions|options)(, can i save
    them|, can i keep it|, how do i store that|, is there a preset|)
(where|in which folder) (are|is|does hearth keep|do i put|do i find) (the |my |)(presets|preset|preset files|saved settings|
    profiles)( stored| kept| saved|)
(is there|does hearth have) (a place for|something like|a way to keep|a way to save) (saved settings|profiles|presets|my settings|settings under a
    name|favourite settings)
how (can|do) i (make|create|use|write|save|load|define|delete|share|add) (a|my own|my|the) (preset|presets|profile|settings profile)
(make|create|save|load|use|define) (a|my|the) (preset|profile)
(different|several) (settings|system prompts|profiles) for different (tasks|chats|jobs|purposes)(, how do i keep them|)
(avoid|without) typing the (system prompt|settings) (every time|again and again|each time)
(a|one) name for (a set of|my) settings
(~/.hearth/presets|presets folder)
(system prompt|settings) (as|in) a file
(share|copy) (my |)presets
""", what="""a preset|presets|preset files|the presets""", how="""(make|use|save|create|load) a preset|save my (settings|system prompt)|keep (a system prompt|my settings) for later""", can="""save (my settings|settings|a system prompt|the temperature)|have several presets|make (a preset|presets)""")
