"""More ways of asking about the local server and its APIs."""
from .phrases import ways

ways("start-server", """
(server|start server|server start|run server|local server|api server|rest server|http server)
(start|launch|run|open|begin|activate|boot|fire up) (the |a |your |my |)(hearth |)(server|api|local server|http server|rest api|openai server)
hearth server start
(lms server start|ollama serve) (in|for|with) hearth
(my|a|some) (program|programs|app|apps|script|editor|application|plugin|website) (should|wants to|needs to|must|would like to) (reach|talk to|use|
    call|ask|query) (hearth|the model|a model|the llm)( over http| through an api|)(, how|, what do i start|)
i (want|need|would like) (an|a local|a) (api|http api|rest api|endpoint|openai endpoint|server)( for my programs| for my app| for my models| on my
    computer|)
how (can|do|could) (my|other|external) (program|programs|app|apps|script|software|editor|tools) (talk to|use|call|reach|ask|access) (hearth|the model|
    my model|a local model)
(which|what) command (starts|launches|runs|opens|brings up) the (server|api|http server|local server)
(serve|host|publish|expose|offer) (a|my|the|some) (model|llm|models)( over http| as an api| with an api| locally| over the network|)
(use|run) hearth as (a|an|the) (server|api|backend|service|local api)
turn my (computer|pc|laptop|machine) into (an llm|a model|an ai|an openai) server
the server is (off|not running|stopped|down)(, how do i start it|, how do i turn it on|, please start it)
get the server (running|going|up|started)
i need (hearth|the model) as a (backend|service) for (my app|vs code|open webui|my website)
how does the (server|api) (start|come up|work|begin)
make (hearth|the model) answer (http requests|over http|requests from my code|requests)
connect (my app|my editor|vs code|open webui|a chat ui|my script) (to|with) hearth
hearth as (a|an) (openai|local|http) (server|replacement|api)
what do i (type|run) to (start|have|get) (the|a) server
server on
""", how="""{begin} (the|a|my) (server|hearth server|api|local server|http server)|(serve|host|expose) (a model|my model|models)( over http| as an api|)|use hearth from (my program|another program|my code)|make a model available to (my programs|other programs)""",
     can="""(use|run) hearth as (a server|an api|a backend)|serve models( over http|)|call hearth from (my program|code|my app)|let other programs use
    my model""",
     follow=("and to stop it|how do i shut it down|how do i switch it off|stop it again|and how does it end|how can i kill it|how do i close it",
             "which port|what port is that|under which address|what url|where can i reach it|what's the url|and the address|on what port does it run",
             "does it run|how do i know it is up|is it up now|how can i see that it works|did it start|how do i make sure it is running"))

ways("stop-server", """
(stop|end|kill|quit|halt|terminate|shut down|shutdown|close) (the |my |)(server|hearth server|api|daemon|http server)
hearth server stop
server (stop|off|shutdown|end)
(the|my) server (is|should be|must be) (no longer needed|off|stopped|closed|shut down|ended)(, how|)
(switch|turn|shut) (the server|hearth|the daemon|the api) (off|down)
(switch|turn|shut) (off|down) (the server|hearth|the daemon|the api|everything)
i (don't|do not) need the (server|api|daemon) (any more|anymore|right now|any longer)(, how do i stop it|)
(which|what) command (stops|ends|kills|shuts down|closes) (the server|hearth|the daemon|the api)
the server (still runs|keeps running|is still running|runs in the background)(, how do i stop it|, how do i end it|)
hearth (still runs|is still running|keeps running|runs) in the background(, how do i stop it|, how do i end it|)
something (of hearth|from hearth) is still running(, how do i end it|)
how (can|do) i (get rid of|end|kill|close) the (background process|daemon|server process|hearth process)
stop (everything|all|all of hearth|serving)
make the server stop
free port 1234( again|)
bring the server down
(please |)end the server
(lms server stop) (in|for|with) hearth
shutting down the (server|daemon)
""", how="""{end} (the|my) (server|hearth server|daemon|api)|{end} (hearth|the daemon|everything)|free port 1234 again""",
     can="""{end} (the server|the daemon|hearth)( again| cleanly|)""",
     follow=("and back on|start it once more please|how do i turn it on again|how do i bring it back|and to restart it|how do i restart it|and on again",))

ways("server-status", """
(server status|status|hearth server status|server state|server check)
(is|was) (the|my|your) (server|api|daemon|hearth server) (running|on|up|alive|started|online|active|there|working)( right now| now| already| still|)
(does|is) the (server|api|daemon) (run|running|work|working|answer|up)( right now| now|)
how (can|do) i (see|check|know|tell|find out|test|verify|be sure) (that|if|whether) (the|my) (server|api|daemon|hearth server) (is|was) (running|up|
    on|alive|working|started|online)
(check|see|test|show) (the |)(status of the server|server status|server state|state of the server|if the server is up|whether the server runs)
(which|what) command (shows|tells|checks) (whether the server runs|the server status|the state of the server|if the server is on)
did (the server|hearth server) (start|come up|stop)( really| correctly|)
i (don't|do not) know (if|whether) the (server|daemon|api) (is running|runs|is on|is up)
am i running (a|the) server( right now|)
is (anything|something|hearth) (listening|running) on port 1234
on which port is my server running (right now|at the moment)
is hearth (up|running|alive|on)
(lms server status|systemctl status) (in|for|with) hearth
health check (of the server|)
ping the server
server on or off
does the api (respond|work|live)( at the moment|)
""", how="""(check|see|know|find out|test) (if|whether|that) the (server|api|daemon) (is running|runs|works|is up)|see the (server status|state of the server)""")

ways("serve-vs-server", """
(hearth serve|serve|the daemon|daemon|foreground|hearth serve command)
(hearth serve|serve) (or|vs|versus|and) (hearth server start|server start)(, which one|, what is the difference|, what should i use|)
(hearth server start|server start) (or|vs|versus|and) (hearth serve|serve)(, which one|, what is the difference|, what should i use|)
(what's|what is|explain|tell me) the difference (between|of) (serve and server start|hearth serve and hearth server start|the daemon and the server|
    foreground and background|hearth serve and hearth server)
why (are there|do you have|does hearth have) (two commands for the server|both serve and server start|hearth serve and hearth server start)
how (can|do) i (run|start|keep) the (server|daemon) (in the foreground|in my terminal|attached to the terminal|with its output visible|without going
    to the background)
i want to see the server's (output|messages) in (my|the) terminal
(is|does) hearth serve (in the foreground|block the terminal|a daemon|go to the background|the same as server start)
(run|start|have|keep) the server in the (foreground|terminal)
what (is|does|means) the (word |)(daemon|hearth daemon)( do| in hearth|)
which process (owns|holds) the sockets
hearth serve blocks my terminal(, is that right|, why|)
(should i|do i) use (hearth serve|serve) or (hearth server start|server start)
server in foreground
is there a daemon
""", what="""hearth serve|the daemon|the hearth daemon|the command hearth serve|a daemon""")

ways("port-default", """
(port|address|url|base url|base_url|endpoint|host|api url|server url|server address|server port|localhost|api address|1234)
(the |)(default |standard |)(port|url|address|base url|endpoint|host)( of (hearth|the server|the api)| please|)
(what|which) (is the |)(port|address|url|base url|host|endpoint|ip)( do i| should i| must i| to|) (enter|use|type|put in|give|fill in|configure)( in
    my client| in my app| in open webui| in vs code| in the settings|)
my (client|app|editor|plugin|chat ui|program|frontend|script) (asks for|wants|needs|requires) (a|the) (url|base url|address|host|port|endpoint|api
    base)(, what do i enter|, what is it|)
(what|which) (base url|url|address|endpoint|port|host) (does|has|is) (hearth|the server|the api|your api)( have| use| listen on| using|)
(at|on|under) (which|what) (url|address|port|host) (is|can i reach|do i find|does one find|does) (the server|hearth|the api)( listen| run|)
where (is|can i reach|do i reach|do i find|can i find|do programs find|does my program find) (the server|the api|hearth's api|the http server)
(tell|give) me (the|your) (url|address|port|base url|endpoint)( of the server| of the api|)
how (can|do|should) (a client|my client|my program|an app) (find|connect to|reach) (hearth|the server)
(localhost|127.0.0.1) (which|what) port
is it port (1234|8080|11434|8000|5000)
is the port (1234|8080|11434)
openai base url for hearth
where does (hearth|the server|the api) (listen|live|run|answer)
api base
what do i put (as|for|into) (base_url|the base url|the api base|the host)
which address (is used|is it) (by default|if i change nothing)
""", what="""the base url|the address of the server|the default port|the api url|the port of the server""")

ways("port-change", """
port {port}
(use|take|set|want|choose) port {port}( please| instead| for the server|)
(change|switch|move|set) (the |my |)(server |)port( to {port}| of the server|)
(the server|hearth|it|the api) (should|must|has to|shall) (listen on|use|run on|answer on|be on|start on) (port |)({port})
(can|could|may) (the server|hearth|i|it) (use|have|run on|listen on|take) (port |)({port})( instead|)
i (want|need|would like|prefer) (the server on |hearth on |)(port |)({port})( for the server| instead of 1234|)
(start|run|launch|open) (the server|hearth|the api) (on|at|with) (port |)({port})
(how|what do i type) (do i |to |)(start|run|put|have|get) (the server|hearth|the api) (on|at) (port |)({port})
(1234|port 1234|the default port) (is not what i want|does not work for me|is no good for me|is blocked here)(, i want {port}|, how do i use {port}|,
    can i use {port})
my (firewall|company|router|client) (only allows|wants|expects|needs|allows) port {port}
(which|what) option (sets|changes|selects) the (port|server port)
(a|another|a different|some other|an other|my own) port( please| for the server| than 1234| instead of 1234|)
instead of 1234 (i want|use|take|i'd like) {port}
listen on {port}
server port {port}
(is|would) port {port} (be |)(possible|ok|allowed)
make (hearth|the server) (use|listen on) (port |)({port})
port {port} instead of 1234
change port
let the server run on {port}
""", how="""change the port( to {port}| of the server|)|set the port to {port}|(run|start) (the server|hearth) on (port {port}|another port)|use (port {port}|another port|a different port)|make the server listen on {port}""")

ways("port-busy", """
(port|port 1234|1234|the port|the address) (is |)(busy|taken|occupied|in use|already in use|used|blocked|not free|already taken|allocated)
(address already in use|eaddrinuse|bind failed|bind: address already in use|port in use)
(something|somebody|another program|another app|another server|ollama|lm studio|a different program) (already |)(uses|is using|has|occupies|blocks|
    took|sits on|listens on|is on|runs on) (port |)(1234|the port|that port|the same port)
(the server|hearth|hearth server|hearth server start) (does not|doesn't|can't|cannot|won't|refuses to) start because (the port|port 1234|1234|the
    address) is (taken|used|busy|in use|occupied|not free)
(which|what) program (uses|blocks|occupies|has|sits on) (port |my port |)(1234|the port)
i (already |)(run|have) (another server|lm studio|a second server|another program) on (port |)(1234|the same port)
(error|message|i get|it says)(:|) (address already in use|port 1234 is in use|the port is taken|port already in use|cannot bind to port 1234|failed to
    bind)
(conflict|collision|clash) (of ports|with port 1234|with lm studio on the port)
two servers on (one|the same) port
what if (port 1234|the port|1234) is (already |)(taken|used|busy|in use|occupied)
lm studio and hearth (use|want) the same port
the port is not free
could not bind
""", wrong="""port 1234 is (in use|busy|taken|occupied|already used)|the server says (address already in use|the port is taken|the port is busy)|another program (uses|blocks|is on) port 1234""")

ways("lan", """
(lan|network|local network|remote access|0.0.0.0|home network|wifi access|bind|--bind|network access)
(reach|use|access|open|share|call|ask|contact) (hearth|the server|the model|my models|the api) (from|over|in|through|on) (the |my |)(lan|network|home
    network|wifi|local network|another computer|my phone|my tablet|my laptop|other devices|another room|the office)
(my|a) (phone|tablet|laptop|second computer|other pc|smart tv|wife's laptop|raspberry pi|colleague) (should|wants to|must|needs to|cannot|can't) (use|
    reach|connect to|talk to|ask|access|see) (hearth|the server|the model on my pc|my model|the api)
how (can|do) (other|more|several|different) (computers|devices|machines|people|users|pcs) (in|on|at) (my|the) (network|house|home|office|lan|family)
    (use|reach|connect to|access) (hearth|the server|my model)
(hearth|the server) runs on (my pc|one computer|the big machine|a server in the cellar), (how do i reach it from|can i use it from|i want to use it
    from) (my phone|another computer|my laptop|the living room|elsewhere)
(make|let) (hearth|the server) (visible|reachable|available|accessible|open|listen) (in|to|on|for) (the |my |)(network|lan|other computers|others|my
    family|everybody at home|all interfaces|0.0.0.0)
(from|on) another (computer|machine|pc|device) (the server is not reachable|i cannot connect|nothing answers|it does not work|i can't reach it)
the server (only|just) (listens|answers) (on|at) (127.0.0.1|localhost|this computer)(, how do i open it|, how do i change that|)
(can|could|may) (my phone|other computers|other people|my family|another machine|my colleagues) (use|reach|connect to|access) (hearth|the server|my
    model)
(share|offer|open) (my |the |)(server|model|models|hearth) (with|to|for) (my family|others|my colleagues|the network|other machines|the whole house)
(bind|listen) (to|on) (0.0.0.0|all interfaces|the network|my lan address|another address)
what (does|is) --bind( for| do| mean|)
i want to (use|ask|reach) the model on my (desktop|pc|server) from (the sofa|my phone|my laptop|my tablet|work)
does (hearth|the server) (listen|answer) (on the network|to other computers|outside|on the lan)
remote (access|connection|use)( to hearth| of the server|)
(server|hearth) for the (whole family|office|team|class)
connect (from|with) (my phone|another pc|a different machine|the ipad)
""", how="""(use|reach|access) (hearth|the server|the model) from (another computer|my phone|the network|other machines|my tablet)|(open|bind) the server to (the network|the lan|0.0.0.0|all interfaces)|share (my model|the server|hearth) (with my family|in the network|with other computers)""",
     can="""(use|reach|access) (hearth|the server) from (another computer|my phone|my tablet|the network)|share (the server|hearth|my models) in (the|
    my) network|connect from (another computer|my phone)""",
     follow=("what is the key for|what do i need that key for|and why is a key needed|is the key necessary|why must there be a key|do i really need a key",))

ways("api-key", """
(api key|apikey|api_key|password|authentication|secret|credentials|login|auth)
(what|which) (api key|key|token|password|secret) (must|should|do|shall|can) i (enter|use|give|type|fill in|put in|send|set)( in my client| in the
    app| for hearth|)
(my|the|an) (client|app|editor|plugin|program|openai library|sdk|frontend|library) (wants|asks for|needs|demands|requires|insists on|does not work
    without) (a|an|the) (api key|key|token|password|secret)(, what do i enter|, which one|, where do i get it|)
(do|must|should) (i|we) (need|have|enter|buy|get|pay for|create|set) (an|a) (api key|key|token|password|account|login)( for hearth| for the server| to
    use the api|)
(is|are) (an api key|a key|a token|a password|authentication|a login|credentials|keys) (needed|required|necessary|used|mandatory)( locally| for the
    server| on my own computer|)
where (do|can) i (get|find|create|generate|set|enter) (an|the|my|a) (api key|key|token)
how (does|do) (hearth|the server|i) (check|authenticate|protect|secure) (requests|who asks|the server with a key|clients)
what (is|do i write for) the api key (of|for) hearth
(is|can) the (server|api) (be |)(protected|secured|locked)( by| with|) (a|an) (key|api key|password)
(leave|can i leave) the api key (field |)(empty|blank)
the (field|box|setting) (for the |)(api key) (may not be|must not be|cannot be) empty
does hearth (need|use|have|want|require) (keys|an api key|a key|api keys|authentication|a token)
openai_api_key( for hearth|)
api key (for|in) hearth
(any|some|dummy|fake) (key|api key)( ok| allowed|)
key for the server
""", how="""(set|use|send|get|create|enter) (an|the|my) api key|protect the server with a (key|password)|authenticate( requests| my client|)""",
     what="""the api key|the api key of hearth""")

ways("error-401", """
(401|error 401|http 401|status 401|code 401|401 unauthorized|unauthorized|unauthorised|invalid_api_key|invalid api key|missing api key|not authorised|
    authentication failed|wrong api key)
(i get|i got|the server says|the server returns|the server answers|it says|curl shows|my client shows|there is|the response is) (a |an |the error |
    error |)(401|401 unauthorized|unauthorized|invalid api key|invalid_api_key|status 401|authentication error|not authorized)
(my|the|every|each) request (is|was|gets) (rejected|refused|denied|answered) (with|as|because of) (401|unauthorized|an authentication error|a wrong
    key|invalid api key)
what (does|is|means) (401|error 401|unauthorized|invalid_api_key|a 401)( mean| about| from the server|)
why (do i get|does the server say|is there) (a |)(401|unauthorized|invalid api key|an authentication error)
(the server|hearth) (does not accept|rejects|refuses|doesn't like) my (key|api key|token)
the (key|api key|token) (is|was) (wrong|missing|refused|rejected|not accepted|invalid)
(how|where) do i (send|put|pass|write) the (key|api key|token) (in|with|into) (a request|the request|curl|the header)
(which|what) header (does|is|carries|contains) the (api key|key|token)( need| go in|)
authorization header
bearer (header|token)( format|)
access denied by the server
from my phone i get (401|unauthorized)
""", wrong="""(i get|the server says|my client shows) (401|unauthorized|error 401|invalid api key)|my request is unauthorized|my api key is (refused|rejected|not accepted)""")

ways("curl-example", """
(curl|curl example|curl command|example request|sample request|http example|api example|request example|minimal request|api test|http request|example
    call)
(show|give|write|send) (me |)(a|an|one|some) (example|sample|minimal|simple|working|complete|short) (request|curl command|api call|http request|call|
    query)( with curl| please| to the server| for the api|)
(show|give) me (a curl|curl|an example with curl|how to use curl|a command line request)
how (does|do|would|should|must) (a|an|the|my) (request|api call|http request|chat request|post request) (to hearth|to the server|to the
    api|)( look| look like|)
how (can|do) i (call|try|test|ask|query|use|reach) (the api|the server|hearth's api|the endpoint|the model) (with|from|using|in) (curl|the shell|the
    command line|bash|wget|postman|a terminal)
what (do|must|should) i (post|send|write|put in the body)( to the server| to the api| in a request|)
i want to (try|test) the api( with curl| by hand| from the shell| quickly|)
(a|an) (example|sample) of (a request|an api call|the api|using the api)
how do i (send|make|post) (a|an|my first) (request|api call|http request|post request)( to hearth| to the server| with curl|)
what is the (json|body|payload|format) of a (request|chat request)
(test|try) (the api|the server|the endpoint) (with|using) curl
curl (to|for|with|and) (hearth|the server|localhost:1234)
(copy and paste|ready-made) (request|example)( for the api|)
hello world (of|for) the api
""", how="""(call|use|test|try) the (api|server) (with curl|from the shell|by hand)|send a (request|chat request|http request)( with curl|)""",
     can="""(call|use|test|try) the (api|server) (with curl|from the shell)|use curl|see an example request""")

ways("python-openai", """
(openai|openai library|openai python|openai sdk|openai client|openai package|python client|python api|langchain|javascript client|node client|
    typescript|llamaindex)
(python|openai|code|client|sdk) (example|sample|snippet|code|program)( please| for hearth|)
(use|call|reach|ask|connect to) (hearth|the server|the model|a local model) (from|in|with|using|through) (python|my python script|a python program|the
    openai library|the openai sdk|openai|langchain|javascript|node|typescript|a jupyter notebook|my code)
(i have|my program uses|my app uses|we have|my code uses|my script uses) (code for openai|the openai library|the openai sdk|openai|the openai api|a
    program written for openai|chatgpt code)(, what do i change|, how do i switch to hearth|, can hearth replace it|, does it work with hearth|)
(what|which) (lines|line|settings|code) (do|must) i change (to use hearth instead of openai|in my openai code|in my openai program|for hearth)
(replace|swap) (openai|chatgpt|the cloud) (by|with) hearth( in my code| in my program|)
(does|do|will|can) (the |)(openai (library|sdk|client|package|python module)|openai clients|langchain|existing openai programs|my openai code) (work|
    works|talk|connect)( with hearth| to hearth| here|)
(point|direct|connect|switch) (the |my |an |)(openai (sdk|library|client|program|code)|python code|langchain) (to|at|with) (hearth|my server|the local
    server|localhost|my own machine)
(is there|do you have) a (python|javascript) (library|package|client|module|sdk|api)( for hearth|)
(which|what) (library|package|python package) (do|should) i use( to talk to hearth| for hearth|)
how (do|would|can) i (write|make) a (python|javascript|node) (program|script|app) that (uses|asks|talks to) (hearth|a local model|the model)
import openai
from openai import openai
do i need a special (library|client)( for hearth| for python|)
how does my python code (talk|speak) to hearth
drop-in replacement for openai
""", how="""use (hearth|the server|a local model) (from|in|with) (python|the openai library|my openai code|javascript|langchain)|connect (the openai library|an openai client|my python program)( to hearth|)|switch my (code|program) from openai to hearth""",
     can="""use the openai (library|package|client|sdk)|use hearth (from|in) (python|javascript|my code)|replace openai (by|with) hearth|keep my
    openai code""")

ways("anthropic-api", """
(anthropic|anthropic api|claude|claude code|messages api|/v1/messages|anthropic sdk|anthropic client|claude client|anthropic endpoint)
(use|run|connect|point) (claude code|an anthropic client|the anthropic sdk|the anthropic library|a claude client|anthropic code) (with|to|at|against)
    (hearth|my server|the local server|my own models)
(does|do|can|will) (hearth|the server|it) (speak|support|understand|have|offer|know|emulate|imitate) (the |)(anthropic|anthropic's|claude|anthropic
    messages|messages) (api|protocol|format|endpoint)
(is|are) (the anthropic api|anthropic clients|claude code|/v1/messages|anthropic's api|claude clients) (supported|usable|possible|available|
    compatible)( with hearth| here|)
(what|which) (base url|url|address|endpoint|path) (do|does|is|for|has) (anthropic clients|an anthropic client|the anthropic api|claude code|
    anthropic)( need| use| want| in hearth|)
my (program|app|client|tool|editor) (uses|needs|expects|was written for|speaks) (anthropic|the anthropic api|anthropic's api|the messages api|the
    claude api)(, does it work with hearth|, what do i change|, what url|)
(where is|what is) (the anthropic endpoint|/v1/messages|the messages endpoint)
anthropic_base_url
i have (code|a program|an app) for (claude|anthropic)(, can i use it with hearth|, what do i change|)
claude code with (a local model|hearth|my own model)
how (do|can|would) i (use|set up|connect|configure) (claude code|anthropic clients|the anthropic sdk)( with hearth| for hearth|)
compatible with (anthropic|claude)
anthropic instead of openai
""", how="""use (the anthropic api|claude code|an anthropic client|the anthropic sdk)( with hearth|)|connect (claude code|an anthropic client) to hearth|point an anthropic client at hearth""",
     can="""use (anthropic clients|claude code|the anthropic sdk|the anthropic api)( with hearth| here|)""", what="""/v1/messages|the anthropic
    endpoint""",
     does="""(support|speak|have|understand) (the anthropic api|anthropic clients|/v1/messages|the messages api)""")

ways("endpoints", """
(endpoints|routes|paths|urls|api endpoints|api reference|api overview|api docs|api documentation|http paths|rest endpoints|swagger|openapi)
(list|show|name|tell me|give me) (of |)(the |all |all the |)(endpoints|routes|paths|urls|api calls|http paths)( of the server| of the api| please|)
(what|which) (endpoints|routes|paths|urls|http paths|api calls|requests|calls) (does|do|are|exist|can|has) (the server|hearth|the api|there|supported|
    i call|you have|it)( have| offer| support| answer| know| understand|)
(what|which) (can|could) i (call|request|ask for|use) (over|through|via|with|on) (the api|http|the server)
what (is|are) (in|the parts of|the functions of) the api
(what|which) (functions|calls|services|parts) does the (api|server) (offer|have|provide|support)
(is there|do you have) (an|a) (api reference|list of endpoints|overview of the api|documentation of the api|api description)
how is the (api|server) (organised|structured|organized|laid out)
everything (the server|the api) can (do|answer)
what does the (server|api) (offer|provide|answer|understand|serve)
(overview|summary) of (the api|the endpoints|the server's urls)
(which|what) paths are there (for openai|for anthropic|under /v1|natively)
api (calls|functions|methods)
what is under /v1
""", which="""(endpoints|paths|routes|urls) (are there|exist|does the server have|does the api have|does hearth answer)""")

ways("api-chat", """
(/v1/chat/completions|chat completions|chat endpoint|chat api|chat url|chat path|chat request)
(which|what) (endpoint|path|url|route|address) (is|do i use|does|must i call|should i call|do i post to|takes|answers|serves|for|handles) (for |the
    |)(chat|chats|chat messages|chatting|chat requests|messages|conversations|a conversation)
(where|to which url|to which path|to which endpoint) (do|should|must|can) i (post|send|put) (my |the |)(messages|chat messages|chat request|chat
    requests|prompts|questions|conversation)
how (can|do|does) (i|a program|my program|one) (chat|talk|converse|have a conversation) (over|through|via|with|using) (the api|http|the server|an http
    request)
(what|which) fields (does|do|must) a chat request (need|have)
(what|which) endpoint (is|works) like chatgpt
endpoint (for|to) chat(ting|)
chat (over|via|through) (the api|http|the server)
what is (the chat endpoint|chat/completions|/v1/chat/completions)
post (messages|a chat)( to the server| to hearth| where|)
(send|post) a (chat|conversation|message) to the server( path|)
openai chat endpoint
url for chatting by (program|http)
""", what="""/v1/chat/completions|the chat endpoint|chat completions""", how="""chat over (the api|http)|post (messages|a chat) to the server""")

ways("api-embeddings", """
(/v1/embeddings|embeddings endpoint|embedding api|embeddings api|embedding request|embeddings url|vector api)
(which|what) (endpoint|path|url|route) (is|do i use|makes|computes|gives|returns|for|does|do i call for|creates) (for |)(embeddings|embedding|vectors|
    text embeddings)
how (can|do) i (get|compute|make|create|request|calculate) (embeddings|vectors|an embedding|text vectors)( over the api| over http| with the
    server| with hearth| of a text|)
(can|does|will|could) (hearth|the server|the api) (compute|make|do|support|give|return|create|calculate) (embeddings|vectors|text embeddings)
my (program|app|search|database|vector database|script) (needs|wants|uses) (embeddings|vectors)( from hearth| from the server|)
(where|to which path) do i (send|post) (texts|text|sentences|documents) (to get|for) (embeddings|vectors)
(embeddings|vectors) (over|via|through|from) (the api|http|the server|hearth)
turn (text|sentences|documents) into (vectors|embeddings) (with the server|over http|over the api)
does (hearth|the server) have an (embeddings|embedding) (endpoint|api|function)
(compute|get|make) (embeddings|vectors)( please| over the api|)
(are|is) (embeddings|/v1/embeddings|the embeddings endpoint) (supported|available|possible)
openai embeddings (endpoint|with hearth)
""", how="""(get|compute|make|request) embeddings( over the api| with hearth| from the server|)|get vectors (from|over) the (server|api)""", what="""/v1/embeddings|the embeddings endpoint""")

ways("api-models", """
(/v1/models|models endpoint|models api|get models|list models api|model list over http)
(which|what) (endpoint|path|url|route|request|call) (lists|shows|returns|gives|for|is for|tells) (the |all |my |)(models|model names|available models|
    model list|list of models)
how (can|does|do) (a|my|the) (program|app|client|script) (know|see|find out|list|get|learn|ask) (which models|the models|the model names|what models|
    the list of models)( are there| exist| over http| from the server|)
how (can|do) i (list|get|see|query|read) (the models|models|the model names|my models|available models) (over|via|through|with) (http|the api|curl|the
    server|a request|json)
(list|get|query) (the |)(models|model names) (over|via|through) (http|the api|curl|the server)
my (program|client|app|script) (wants|needs|should get) (a list of|to list|the names of|to know) (models|the models|all models)( from the server|)
(does|can) the (api|server) (list|tell|return|show) (its |the |)(models|model names)
(curl|http|api) (command |request |call |)(to list|for listing|for) (models|the models)
which (name|model name|id) do i put (in|into) (model|the model field|the request)
model ids (over|from) the api
openai models endpoint
""", how="""(list|get) (the models|models|the model names) (over the api|over http|with curl)""", what="""/v1/models|the models endpoint""")

ways("streaming", """
(streaming|stream|stream true|sse|server-sent events|server sent events|token streaming|stream mode|streamed answer|streamed responses)
(does|can|will) (hearth|the server|the api|it) (stream|do streaming|send tokens one by one|support sse|support streaming|stream answers|stream tokens)
how (can|do) i (stream|get|receive|show|have) (an answer|answers|tokens|the answer|words|text|the text|a response) (token by token|word by word|as it
    is written|while it is written|piece by piece|one by one|live|in real time|bit by bit|as they come)
(show|print|display|send|deliver) (words|tokens|the text|the answer) (as soon as they are|while they are|when they are|as they are|while it is)
    (produced|written|generated|ready|there)
(i|my program|my app) (don't want|does not want|do not want) to wait (for|until) the (whole|complete|full|entire) (answer|text|response)
(i|my app|my users) (want|wants|should) to see the (answer|text|words) (live|appear|grow|while it is being written|immediately)
the api (sends|returns|gives) (everything|the answer|the whole text) at (once|the end)(, how do i stream|, can it stream|)
what (does|is|means) (stream|"stream"|stream true|stream=true|data: [done]|[done])( do| mean| change|)
like chatgpt, word by word
(turn|switch) on streaming
the answer (comes|arrives) only (at the end|when it is finished) over the api
answers in (pieces|parts|chunks)
how does streaming work
partial (answers|results|responses)
(is|are) (streaming|sse|server-sent events|chunks) (supported|possible|available)
""", what="""streaming|server-sent events|sse|stream true|token streaming""", how="""(stream|turn on streaming for) (an answer|answers|tokens|responses)|get tokens (one by one|as they are written|live)""",
     does="""(support streaming|stream|stream answers|send server-sent events)""")

ways("jit", """
(jit|jit loading|just in time|just-in-time|just in time loading|on demand loading|auto load|autoload|automatic loading|load on demand|lazy loading)
(must|do|should) i (load|run hearth load for|preload|start) (a|the|my) model (first|before|by hand|myself|beforehand|manually)( before i use the
    api| before a request| before asking the server| for the server|)
(does|will|can) (the server|hearth|the api) (load|fetch|open|bring up) (a model|models|the model|the right model)( by itself| automatically| on
    demand| on its own| when needed| when i ask| at the first request|)
what (happens|does the server do) (if|when) (a request|my request|a client|i) (names|asks for|wants|uses|ask for) a model (that is not loaded|that
    isn't in memory|which is only on disk|not in memory)
(is|are) (a model|models) loaded (automatically|by itself|on demand|by a request|when needed|at the first request)
why (does|is|was) the first (request|call|api call) (take|slow|so slow|taking)( so long| long| much longer|)
do requests load models
can i (send|make) a request without loading (a|the) model
the server (loads|loaded) a model (by itself|although i did not ask|on its own|without me)
(automatic|automatical) (loading|model loading)( in the server| of models|)
(is|does) hearth load (needed|necessary|required) (before|for) (the server|the api|a request)
how long does a model loaded by (a request|the server) stay
(manual|automatic) loading of models (for|by) the server
""", what="""jit loading|just-in-time loading|jit|loading on demand|automatic loading""", does="""load models (automatically|on demand|by itself|when a request comes)""")

ways("model-not-found", """
(model not found|model_not_found|404|error 404|unknown model|no such model|http 404|model does not exist|not found)
(the server|hearth|the api|it|my client) (says|claims|answers|complains|reports|tells me|shows) (that |)(model not found|model_not_found|404|there is
    no such model|the model does not exist|my model is unknown|it does not know the model|unknown model|error 404)
(the server|hearth|hearth load|hearth chat|it) (can't|cannot|does not|doesn't|could not|won't) (find|see|know|recognise|locate) (my|the|a) (model|llm|
    model i downloaded)
i get (a |an |)(404|model not found|model_not_found|unknown model error)( when i load a model| when i send a request| for my model| from the api|)
(what|why) (does|is|do i get|means) (a |)(404|model_not_found|model not found)( mean| error|)
my model (is not|isn't|was not) (found|known|there|recognised)( by hearth| by the server|)
(is|was) the name of (my|the) model (wrong|right|correct)
(which|what) name (do|must|should) i (use|write|give) (for|in) (the model|a request|hearth load)(, model not found|)
(the|a) model (name|id) (is|was) (refused|rejected|not accepted|unknown|wrong|not recognised)
i (spelled|wrote|typed) the (model|name of the model) (wrong|right but it is not found|correctly but it is unknown)
(i downloaded|i have) (it|the model|this model) but (hearth|the server) does not (find|know|see) it
it says there is no model (of|with) (this|that|my) name
no model with that name
""", wrong="""(the server|hearth) (does not find|does not know|cannot find) my model|i get (model_not_found|model not found|a 404)|the model name is (refused|unknown|not found)""")

ways("connection-refused", """
(connection refused|econnrefused|connection error|connect error|connection failed|no connection|failed to connect|cannot connect|unable to connect|
    connection reset|server unreachable|server not reachable|apiconnectionerror)
(curl|python|my client|my program|my app|the browser|open webui|my editor|the openai library) (says|shows|reports|gives|prints|complains|gets|ends
    with) (connection refused|it could not connect|failed to connect|a connection error|econnrefused|unable to connect|no connection|site can't be
    reached)
(my|the|a) (program|client|app|script|browser|editor|plugin) (can't|cannot|could not|does not|doesn't|is unable to) (connect|reach the server|connect
    to hearth|reach hearth|find the server|open the connection|connect to the api|reach localhost:1234)
(i|we) (can't|cannot|could not) (connect|reach the server|reach the api|reach hearth|get through|open http://127.0.0.1:1234|open localhost:1234)
(nobody|nothing|no one) (answers|listens|responds|is there) (at|on) (port |)(1234|localhost|localhost:1234|127.0.0.1|127.0.0.1:1234)
(port 1234|localhost:1234|127.0.0.1:1234|the server|the api) (does not|doesn't|won't) (answer|respond|react|work|open|accept connections)
(what|why) (does|is|do i get|means) (connection refused|econnrefused|this connection error)( mean|)
the server (is down|is dead|is gone|is not there|seems to be off|is not running)( i think|, my client fails|)
the connection to (hearth|the server|localhost|the api) (fails|failed|is refused|does not work|breaks)
no (answer|reply|response) from (the server|port 1234|localhost|the api)
(request|api call) fails with (connection refused|a connection error|no connection)
could not connect to (the server|hearth|localhost|127.0.0.1)
hearth is unreachable
timeout (when|while) connecting
""", wrong="""my (program|client) (can't|cannot) (connect|reach the server)|curl says (connection refused|failed to connect)|nothing answers on port 1234|i (can't|cannot) connect to the (server|api)|i get connection refused""")

ways("cors", """
(cors|cors error|cross origin|cross-origin|access-control-allow-origin|cross origin request|same origin policy|cors header|--cors|origin not allowed|
    cors policy|blocked by cors policy)
(the|my) (browser|chrome|firefox|safari|console) (blocks|forbids|refuses|shows a cors error for|complains about|rejects|does not allow|stops) (the
    request|my request|requests|calls to hearth|calls to the server|the call|fetch|my javascript)
(my|a|the) (web page|website|web app|javascript|html page|browser app|frontend|react app|page|site) (can't|cannot|may not|is not allowed to|does not|
    should|must) (call|reach|use|access|talk to|ask) (hearth|the server|the api)
(allow|enable|permit|let) (web pages|my website|a web page|browsers|my web app|cross origin requests|all origins|my page|other origins) (to |)(call
    the server|use the server|use hearth|reach the api|in hearth|)
(fetch|xmlhttprequest|javascript) (fails|is blocked|does not work|gets an error) (in the browser|from my page|because of cors|on my website)
curl works but (the browser|my web page|javascript|fetch in the page) does not
(which|what) option (allows|permits|enables|turns on) (web pages|cors|other origins|browsers|websites)
no access-control-allow-origin header
how (can|do) i (turn on|enable|allow|switch on|activate|set|configure|solve|fix) (cors|cross origin requests|cross-origin requests|cors headers|the
    cors error|cors problems)
(does|is) cors (on|off|enabled|supported|allowed)( by default| in hearth|)
what does --cors do
which (web pages|websites|origins) may (call|use) (hearth|the server)
""", what="""cors|--cors|a cors error|cross origin""", how="""(enable|allow|switch on|turn on|activate) cors|call (hearth|the server) from (a web page|javascript|my website)|get rid of the cors error""",
     wrong="""my (web page|website|browser app) (can't|cannot) (call|reach|use) the server|the browser blocks (my request|the request|requests)|i get
    a cors error""")

ways("safe-server", """
(security|server security|safety|secure|attack|attacks|hackers|firewall|intruders|sandbox|safe)
(is|are|how) (the server|hearth|it|the api|my server|hearth server) (safe|secure|dangerous|protected|hardened|risky|vulnerable)( against attacks| from
    hackers| to run| to use| on my laptop|)
(can|could|may) (someone|somebody|anybody|anyone|a stranger|a hacker|hackers|strangers|people on the internet|my neighbour|other people|an attacker|
    others) (reach|use|attack|break into|connect to|access|abuse|misuse|get into|hack) (my server|the server|my model|hearth|my computer through
    hearth|the api)
who (can|could|may|is able to) (reach|use|connect to|access|talk to|see) (my server|the server|hearth|my model|the api)
how (safe|secure|well protected) (is|are) (the server|hearth|it|the api|my computer with hearth)
(what|how) (protects|secures|guards|is protected|is secured|keeps strangers out of) (the server|hearth|my server|me)( against attacks| against
    strangers|)
(is it|would it be) (safe|dangerous|risky|a risk|ok) to (run|have|leave|keep) (hearth|the server|it) (on|running|open)( all day| on my laptop| in a
    cafe| at night| in a public wifi|)
(does|is) (hearth|the server) (a security risk|open a hole|open my computer to the internet|visible on the internet|exposed to the internet|expose my
    computer)
do i (need|have) to (worry|be afraid|configure a firewall|protect the server|secure hearth|use a firewall)
(is|are) (my|the) (port|server) (open|visible|exposed) to (the internet|everybody|the world|others)
what (security|protection|safety) (measures|features|mechanisms) (does hearth have|are there|exist)
i am (worried|concerned|afraid) about (security|hackers|strangers using my server|safety)
can a (web page|request|prompt|model) (read my files|attack my computer|steal my files|break out|fetch urls|harm my computer)
(dns rebinding|ssrf|prompt injection)( protection|)
in a public wifi, can others use my model
""", does="""(protect me|protect the server|protect itself|keep strangers out|keep attackers out|expose my computer to the internet)""")

ways("worker", """
(worker|workers|worker process|hearth worker|worker processes|process per model)
(what|why) (is|are|does|do i see) (a |the |)(hearth worker|worker|worker process|process named hearth worker|processes called worker)( in top| in the
    process list| do| for|)
why (is there|are there|does hearth start|does hearth use|has) (a|one|several|many|another) (process|processes|worker|workers)( per model| for each
    model| for every model|)
(what|is the server) (happens|dead|lost|affected|gone) (if|when) (a model|the engine|one model|a worker|the worker) (crashes|dies|fails|breaks down|is
    killed)
(does|will|can) (a crash|a broken model|one model|a bad model|a model that crashes) (stop|kill|harm|take down|end|affect|crash) (the server|
    everything|other models|the other models|hearth)
does (each|every) model (run in|have|get) (its own process|a process of its own|a separate process|its own worker)
(is|are) (models|each model|a model) (isolated|separated|sandboxed|in a process of its own|in one process)
(in|with) (top|htop|ps|the task manager|the process list) i see (hearth worker|several hearth processes|a worker|two hearth processes)
how many processes does hearth (have|start|use)
can i kill (a|the) worker( process|)
(purpose|job|role|task) of (a|the) worker
one process per model
does a crash (of a model |)(matter|stop everything|kill the server)
what survives (a crash|when a model crashes)
""", what="""a worker|the worker|hearth worker|a worker process|the worker process""")

ways("docker-service", """
(systemd|docker|service|autostart|daemon at boot|boot|startup|container|systemd unit|unit file|background service|start at boot|system service|cron|
    reboot)
(start|launch|run) (hearth|the server) (at boot|automatically|on startup|when the computer starts|at login|after a reboot|as a service|with systemd|in
    docker|in a container|when i turn on the computer|every time my pc starts)
(hearth|the server) (should|must|has to) (start|run|be there|come up|be running) (automatically|by itself|at boot|after a reboot|after every restart|
    always|when the computer boots|all the time|as a service)
how (can|do) i (make|write|create|set up|have|configure) (a|the|an|hearth as a) (systemd unit|service|systemd service|autostart|service file|unit
    file|docker container|container|background service|daemon)( for hearth| of hearth|)
(after|when) (a reboot|restarting|my computer restarts|a restart|rebooting|booting) (the server is gone|hearth is not running|i have to start the
    server by hand|the server does not start|nothing runs)
(is there|do you have|can i have) (a|an) (docker image|systemd unit|service file|container|autostart|dockerfile|system service)( for hearth|)
(run|use|put|install) hearth (in|on|inside|with) (docker|a container|a server|kubernetes|systemd|a vps|a headless machine|podman)
i (want|need|would like) (hearth|the server) (as a service|to run all the time|to start with the computer|to run permanently|always on|to start
    automatically)
keep (hearth|the server) (running|alive|up) (all the time|after logout|forever|day and night|when i log out)
(which|what) command (goes|belongs|do i put) (into|in) (a |the |)(unit file|systemd unit|service file|execstart)
execstart
i have to start the server (by hand|manually|again) every (day|time|morning)
hearth on a (headless server|home server|nas)
""", how="""start (hearth|the server) (at boot|automatically|as a service|when the computer starts|after a reboot)|run hearth (with systemd|in docker|as a service|in a container)|make a service of hearth""",
     can="""run hearth (as a service|with systemd|in docker|on a headless server|in a container)|start hearth (automatically|at boot)""")

ways("error-400", """
(400|error 400|http 400|status 400|code 400|bad request|400 bad request|invalid request|invalid_request_error|malformed request)
(i get|i got|the server says|the server returns|the server answers|it says|curl shows|my client shows|there is|the response is) (a |an |the error |
    error |)(400|400 bad request|bad request|invalid request|status 400|invalid_request_error)
(my|the|every|each) request (is|was|gets) (rejected|refused|denied|invalid|wrong|not accepted|bad|malformed)( with 400| by the server| as invalid|)
what (does|is|means) (400|error 400|bad request|invalid_request_error|a 400)( mean| about| from the server|)
why (do i get|does the server say|is there|does the server answer with) (a |)(400|bad request|invalid request|error 400)
what is wrong (with|in) my (request|json body|http request)
(the server|hearth) (does not accept|rejects|refuses|doesn't like|does not understand) my (request|json|body|parameters)
which (field|parameter) (of my request |)is (wrong|invalid|bad)
how (can|do) i (find|see|learn|know) (what is wrong in|the mistake in|the error in|which field is wrong in) (my|a|the) request
(something|a field|a parameter) in my request is (wrong|invalid|not accepted)
(invalid|wrong|unknown) (parameter|field|value) in (the|my) request
the api (complains|returns an error) about (my request|a parameter)
""", wrong="""(i get|the server says|my client shows) (400|bad request|error 400|invalid request)|my request is (refused|rejected|invalid)|the server (rejects|refuses|does not accept) my request""")

ways("usage-tokens", """
(usage|token count|token usage|prompt_tokens|completion_tokens|total_tokens|token counts|tokens used|token statistics)
(how many|what number of) tokens (did|does|has|had) (my|the|a) (request|prompt|api call|call|response|question over the api) (use|have|take|cost|need|
    contain)( over the api|)
how (can|do) (i|my program) (count|see|know|measure|get|read|find) (the |)(tokens|number of tokens|token count|token usage|tokens used)( of a
    request| over the api| of a response| of my prompt| in the response| of an answer|)
(where|in which field) (in|of) (the|an) (answer|response|reply|json) (is|are|do i find|can i see) (the |)(token numbers|number of tokens|token count|
    tokens|token counts|token usage)
(does|can|will) (the api|the server|hearth|the response) (report|count|tell|return|show|include|contain) (the |)(tokens|token counts|token usage|
    number of tokens|usage)
what (is|does|means) (usage|the usage field|prompt_tokens|completion_tokens|total_tokens|the field usage)( mean| in the response| in the answer|)
(i want|my program wants) to (count|know|log|track) (the |)(tokens|token usage|number of tokens)( of each request|)
(tokens|token count) per (request|answer|response)
count tokens (over|with|through) the api
is there a token count in the (response|answer|reply)
difference between prompt_tokens and completion_tokens
""", how="""(count|see|get|measure) the tokens (of a request|of a response|over the api|of a prompt)""", what="""usage in the response|the usage field|prompt_tokens|total_tokens""")

ways("max-tokens", """
(max_tokens|max tokens|maximum tokens|answer length|length limit|finish_reason|finish_reason length|answer limit|cut off|truncated answer|truncated)
(the|my) (answer|text|reply|output|response|story) (is|was|gets) (cut off|cut|truncated|incomplete|not finished|too short|chopped|unfinished|broken
    off)( in the middle| at the end| after some words|)
(the|my) (answer|text|reply|output|response|story) (stops|ends|breaks off|finishes|is over) (in the middle|too early|suddenly|before it is finished|
    mid sentence|half way|after 100 tokens|in mid-sentence|abruptly)
(the model|it) (stops|ends|quits) (writing |)(in the middle|too early|mid sentence|before it is done|half way|abruptly|in the middle of a sentence)
why (is|does|was|are) (the answer|my answer|the text|the output|answers|it) (cut off|incomplete|truncated|stop in the middle|end in the middle|so
    short|stop early|unfinished)
how (can|do) i (limit|restrict|set|change|control|reduce|increase|raise|shorten) (the |)(length of an answer|length of the answer|answer length|number
    of tokens of an answer|maximum length|size of the answer|output length)
(i want|i need|give me) (shorter|longer|at most 100 tokens in|only short) (answers|answer|texts|an answer)( over the api|)
(what|which) (does|is|parameter|option|field) (max_tokens|limits the answer|limits the length|sets the length|controls the length)( mean| do| for|)
what does finish_reason (length|stop|"length") mean
finish_reason is length
(make|get) (the model|it) (stop after|write at most|write no more than) (100|50|200|500) (tokens|words)
(limit|cap) (the |)(answer|output|reply|tokens|length)
the (sentence|answer) is not (finished|complete)
(longer|shorter) answers
only half (of |)(the|an) answer (comes|arrives)
""", what="""max_tokens|max tokens|finish_reason length|the token limit of an answer""", how="""(limit|set|change|control) the length of (an answer|answers|the answer)|get (longer|shorter) answers over the api""",
     wrong="""the answer (is cut off|stops in the middle|ends too early)|my text breaks off|the model stops (in the middle of a sentence|too
    early)""")

ways("bigger-clusters", """
(cluster|mpi|distributed|distributed inference|several machines|several computers|two computers|multi node|multi-node|load balancer|balancer|scale
    out|scaling)
(use|combine|join|connect|link|pool|couple) (two|several|many|multiple|three|all my) (computers|machines|pcs|laptops|servers|nodes)( together| for one
    model| for a big model|)
(can|could|may|does) (a|one|the|this) (big |large |)(model|llm) (be |)(split|spread|distributed|divided|run) (over|across|between|on) (two|several|
    many|multiple) (computers|machines|pcs|nodes|servers)
(one|a single|my) (computer|machine|pc) is (too small|too weak|not enough)(, can i use two|, can i join two|, can i add a second one|)
i have (two|three|several|a rack of|a cluster of|ten old) (computers|machines|pcs|servers|nodes)(, can hearth use them all|, can they work together|,
    can i combine them|)
(does|can) hearth (run on|support|use|scale to|work on|work with) (a cluster|several machines|mpi|multiple nodes|two computers|many servers|
    distributed inference|a supercomputer)
(is|are) (distributed inference|clusters|mpi|several machines|multi-node setups) (supported|possible|available)
how (can|do) i (scale|run|serve) hearth (for many users|on several machines|on a cluster|over several servers|to more users)
(put|run|have) (hearth|several servers|servers) behind a (balancer|load balancer|proxy|reverse proxy)
(layers|a model) (on|over) (different|several|two) (machines|computers)
what is a rank
combine the memory of two (computers|machines|pcs)
(many|hundreds of|thousands of) users(, one machine is not enough|)
""", can="""(use|combine|join) (several|two|many) (computers|machines|pcs)|(run|split|spread) (a model|one model) (on|over|across) (several|two) (machines|computers)|run hearth on a cluster|build a cluster""",
     what="""mpi|distributed inference|a rank""", does="""(support|run on|use) (a cluster|mpi|several machines|distributed inference)""")
