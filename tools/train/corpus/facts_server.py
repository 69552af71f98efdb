"""The local server and its APIs."""
from .phrases import intent

intent("start-server",
       ["{how} {begin} (the|a) server", "{how} {begin} the (api|local server|http server)", "(start|run|launch) the server", "{can} (run|use) hearth as a server", "what does hearth server start do", "{how} use hearth (over http|as an api|from my program|from a program)", "how do i serve a model", "{how} make a model available (over http|to programs|as an api)"],
       ["my programs should reach the model over http", "how does the thing on port 1234 come to life"],
       ["Run `hearth server start`. It then answers at http://127.0.0.1:1234."],
       ["hearth server start"],
       [(["how do i stop it", "and how do i stop it", "how do i turn it off again", "how do i end it", "and the other way round"], ["Run `hearth server stop`."], ["hearth server stop"]),
        (["on which port", "and the port", "where does it listen", "what is the address"], ["On http://127.0.0.1:1234. For another port use `hearth server start --port 8080`."], ["1234"]),
        (["is it running", "how do i see that it runs", "how do i check it"], ["Run `hearth server status`."], ["hearth server status"])], weight=2)

intent("stop-server",
       ["{how} {end} (the|a) server", "(stop|shut down|quit|kill|end) the server", "{how} {end} (hearth|the daemon|the api)", "what does hearth server stop do", "the server should stop", "{can} stop the server"],
       ["the server is no longer needed, how does it go away", "get rid of the process on port 1234"],
       ["Run `hearth server stop`."],
       ["hearth server stop"],
       [(["and how do i start it again", "how do i start it again"], ["With `hearth server start`."], ["hearth server start"])], weight=1.3)

intent("server-status",
       ["{how} (check|see|know|find out) (if|whether) the server (is running|runs|works)", "is the server (running|on|up)", "what does hearth server status do", "(server status|status of the server)", "does the server run"],
       ["how can i be sure that the server answers", "is there a command that says server on or off"],
       ["Run `hearth server status`: it says whether the server runs and on which port."],
       ["hearth server status"])

intent("serve-vs-server",
       ["{what} hearth serve", "what does hearth serve do", "what is the difference between hearth serve and hearth server start", "{how} run the server in the foreground", "{what} the (hearth |)daemon", "what is the daemon (for|)"],
       ["hearth serve or hearth server start, which one", "the server should run under systemd, which command"],
       ["`hearth serve` is the daemon itself, in the foreground; `hearth server start` starts it in the background. The daemon owns the sockets and the library."],
       ["hearth serve", "background"])

intent("port-default",
       ["(which|what) port (does hearth use|does the server use|is used|is it)", "what is the (address|url|base url|endpoint|port) of (the server|the api|hearth)", "where does the server listen", "what is (the base url|base_url|the api url)", "on which (port|address) does (it|the server|hearth) (listen|run)", "default port"],
       ["i need to enter a base url in my client", "at which address can programs find hearth"],
       ["The server listens on http://127.0.0.1:1234; the OpenAI base URL is http://127.0.0.1:1234/v1."],
       ["1234"], weight=1.3)

intent("port-change",
       ["{how} (change|set) the port( to {port}|)", "{can} use (port {port}|another port|a different port)", "{how} (start|run) the server on port {port}", "the server should (use|listen on) port {port}", "i want port {port}", "start the server on port {port}"],
       ["port 1234 does not suit me, i prefer {port}", "make it listen on {port} instead"],
       ["Run `hearth server start --port {port}`."],
       ["--port {port}"], fill=lambda rng: {"port": str(rng.choice([8080, 8000, 9000, 5000, 3000, 11434, rng.randint(1025, 65000), rng.randint(1025, 65000)]))}, weight=1.5)

intent("port-busy",
       ["port 1234 is (in use|busy|taken|already used|occupied)", "address already in use", "the server does not start because of the port", "another program uses (port 1234|the port)", "error: port in use", "what if the port is (taken|busy|in use)"],
       ["the server says that something else listens there", "lm studio already sits on 1234"],
       ["Another program uses port 1234. Choose a different one: `hearth server start --port 8080`."],
       ["--port"])

intent("lan",
       ["{how} (use|reach|access) hearth from (another computer|my phone|the network|other machines|another machine)", "{can} (share|use) the server (in|on) (the network|my network|the lan|my lan)", "{how} (open|serve|bind) (the server|hearth) (to the network|on the local network|to 0.0.0.0|on the lan)", "does the server listen on the network", "{can} connect from another computer", "what does --bind do"],
       ["my phone should ask the model on my pc", "make the server visible to the other computers at home"],
       ["By default only this computer can connect. Use `hearth server start --bind 0.0.0.0`; this demands an API key."],
       ["--bind 0.0.0.0", "API key"],
       [(["why a key", "why do i need a key", "why"], ["Because everybody in the network could use your models and see your answers otherwise."], ["network"])])

intent("api-key",
       ["do i need an api key", "(what|which) api key (do i use|should i use|is needed|must i give)", "{what} the api key", "{how} (set|use|send) (an|the) api key", "is there a password for the server", "my client (wants|asks for|needs) an api key", "does hearth need a key"],
       ["the client insists on a key, what do i enter", "how are requests authenticated"],
       ["On your own computer no API key is needed; if a client insists, give any text such as `hearth`. A key is required only when the server is open to the network."],
       ["API key|any text|anything"])

intent("error-401",
       ["(i get|what is|what does) (a 401|error 401|401 unauthorized|unauthorized) (mean|)", "invalid api key", "the server says (401|unauthorized|invalid_api_key)", "error 401"],
       ["my request is rejected with unauthorized", "status 401, what is wrong"],
       ["401 means the server wants an API key. Send it as `Authorization: Bearer KEY`."],
       ["Authorization: Bearer"])

intent("curl-example",
       ["{how} (call|use|test|try) the (api|server) with curl", "(show me|give me) (a|an) (curl example|example request|example of a request|curl command)", "what does a request look like", "{how} send a (request|chat request)", "curl example", "example of the api"],
       ["i want to test the api from the shell", "what would a minimal http request to hearth be"],
       ["`curl http://127.0.0.1:1234/v1/chat/completions -H 'Content-Type: application/json' -d '{\"model\": \"hearth-guide\", \"messages\": [{\"role\": \"user\", \"content\": \"Hello\"}]}'`"],
       ["curl http://127.0.0.1:1234/v1/chat/completions"], weight=1.2)

intent("python-openai",
       ["{how} use (hearth|it|the server) (from|with|in) (python|the openai library|the openai package|my openai program|openai clients|openai code)", "{can} use the openai (library|package|client|sdk)", "python example", "how do i connect (an openai client|the openai library)", "does the openai (library|sdk|client) work"],
       ["i have code for openai, what do i change", "how do i point the openai sdk to my machine"],
       ["Set the base URL: `OpenAI(base_url=\"http://127.0.0.1:1234/v1\", api_key=\"hearth\")`. The rest of your code stays as it is."],
       ["http://127.0.0.1:1234/v1"])

intent("anthropic-api",
       ["{how} use (the anthropic api|the anthropic library|an anthropic client|claude clients|the anthropic sdk)", "does hearth (support|speak|have) the anthropic api", "{where} the anthropic endpoint", "what is /v1/messages", "{can} use (anthropic clients|claude code) with hearth"],
       ["a program that expects anthropic's messages api", "base url for anthropic clients"],
       ["Anthropic clients use the base URL http://127.0.0.1:1234; the endpoint is POST /v1/messages."],
       ["/v1/messages|http://127.0.0.1:1234"])

intent("endpoints",
       ["(which|what) (endpoints|paths|routes|urls) (are there|does the server have|does hearth have|exist|are supported)", "list the (endpoints|routes)", "what can i call (on the server|over the api|)", "api (endpoints|overview|reference)", "what does the api offer"],
       ["name the http paths of the server", "which urls does it answer"],
       ["GET /v1/models, POST /v1/chat/completions, /v1/completions, /v1/embeddings and /v1/responses for OpenAI clients, /v1/messages for Anthropic, /api/v1/chat natively."],
       ["/v1/chat/completions", "/v1/models"])

intent("api-chat",
       ["which endpoint (is for chat|do i use for chat|do i call to chat|answers a chat)", "what is /v1/chat/completions", "{how} chat over the api", "where do i send (messages|chat requests)"],
       ["the url for chat requests, please", "to which path do i post my messages"],
       ["POST /v1/chat/completions with `model` and `messages`."],
       ["/v1/chat/completions"])

intent("api-embeddings",
       ["{how} (get|compute|make) embeddings (over the api|with hearth|)", "what is /v1/embeddings", "which endpoint (is for|makes) embeddings", "does hearth (support|do|compute) embeddings"],
       ["my search program needs vectors from the server", "to which path do i post texts for embeddings"],
       ["POST /v1/embeddings with `model` and `input`; load an embedding model such as nomic-embed-text-v1.5."],
       ["/v1/embeddings"])

intent("api-models",
       ["{how} list (the models|models) over the api", "what is /v1/models", "which endpoint lists (the |)models", "{how} get the model names (over http|with curl|)"],
       ["my program wants to know which models the server offers"],
       ["GET /v1/models lists them: `curl http://127.0.0.1:1234/v1/models`."],
       ["/v1/models"])

intent("streaming",
       ["{what} streaming", "{how} stream (an answer|answers|tokens|the answer)", "does (hearth|the api|the server) (support streaming|stream)", "{what} (sse|server-sent events)", "how do i get tokens as they are written"],
       ["i want to show words as soon as they are produced", "what does stream true change"],
       ["Set `\"stream\": true` in the request: the tokens arrive one by one as server-sent events, ending with `data: [DONE]`."],
       ["\"stream\": true"])

intent("jit",
       ["does the server load models (by itself|automatically|on demand)", "{what} (jit loading|just-in-time loading|jit)", "do i have to load a model before (a request|i use the api|using the server)", "what happens when the model is not loaded"],
       ["must i run hearth load before calling the api", "a request names a model that is not in memory"],
       ["The server loads a model when a request names it (just-in-time loading) and unloads it after an hour without work. The first request waits for the load."],
       ["hour"])

intent("model-not-found",
       ["(i get|what does|what is) (model_not_found|a 404|model not found)( mean|)", "model not found", "the server does not (know|find) my model", "error 404 model_not_found", "hearth does not find my model", "hearth (says|complains) that the model does not exist"],
       ["the model name in my request is refused", "it claims there is no such model"],
       ["The name is not on your disk. Check the exact name with `hearth ls`, or download the model with `hearth get`."],
       ["hearth ls", "hearth get"])

intent("connection-refused",
       ["connection refused", "(i get|what does) connection refused( mean|)", "(my program|the client|curl|i) (can't|cannot|could not) (connect|connect to the server|reach the server)", "the server does not (answer|respond)", "failed to connect to 127.0.0.1 port 1234", "cannot connect to the api"],
       ["curl says it could not reach 127.0.0.1:1234", "nothing answers at localhost:1234"],
       ["The server is not running: start it with `hearth server start` and check with `hearth server status`."],
       ["hearth server start"], weight=1.2)

intent("cors",
       ["{what} cors", "(a web page|my web page|my website|my browser app) (can't|cannot) (reach|use|call) the server", "{how} (enable|allow|switch on) cors", "the browser blocks (the request|my request|requests)", "cors error"],
       ["javascript in my page is not allowed to call hearth", "the browser console shows a cross origin error"],
       ["Pages from this computer are allowed by default; for other origins start the server with `hearth server start --cors`. CORS decides which web pages may call it."],
       ["--cors"])

intent("safe-server",
       ["is the server (safe|secure)", "{can} (others|strangers|somebody else) use my server", "is it (safe|dangerous) to run (the server|hearth)", "who can (connect|reach my server|use my server)", "how does hearth protect me"],
       ["could a stranger on the internet use my model", "what protects the server against attacks"],
       ["It listens on 127.0.0.1 only, so nobody else can connect; other addresses demand an API key. Host and Origin of each request are checked."],
       ["127.0.0.1|only this computer"])

intent("worker",
       ["{what} (a worker|the worker|hearth worker|a worker process)", "what happens (when|if) (a model|the engine) crashes", "why is there (one|a) process per model", "does a crash stop the server"],
       ["is the whole server lost when a model fails", "i see a process named hearth worker"],
       ["Each loaded model runs in a worker process of its own. If it crashes, only that worker ends; the server reports an error and loads the model again."],
       ["process|worker"])

intent("docker-service",
       ["{how} start hearth (at boot|automatically|when the computer starts|as a service)", "{can} run hearth (as a service|with systemd|in the background|in docker|on a server)", "autostart", "systemd service"],
       ["after a reboot the server should be there again", "how do i make a system service of it"],
       ["Let systemd run `hearth serve`: it stays in the foreground, which is what a service needs."],
       ["hearth serve"])

intent("error-400",
       ["(i get|what is|what does) (a 400|error 400|bad request)( mean|)", "the server says (400|bad request|invalid request)", "my request is (refused|rejected)", "error 400"],
       ["status 400 comes back, what did i do wrong", "bad request, how do i find the mistake"],
       ["400 means the request is wrong; the error message names the field in `param` and what to change."],
       ["param"])

intent("usage-tokens",
       ["{how} (count|see) (the tokens|tokens) of (a request|an answer|a prompt)", "what is usage in the answer", "how many tokens did my request (have|use)", "does the api report token counts"],
       ["where in the response are the token numbers"],
       ["Each answer has `usage` with prompt_tokens, completion_tokens and total_tokens."],
       ["usage"])

intent("max-tokens",
       ["{how} (limit|set|change) the length of (an answer|answers|the answer)", "{what} (max_tokens|max tokens)", "what does max_tokens do", "the answer is cut off", "the answer (stops|ends) in the middle", "why is the answer cut off", "finish_reason length"],
       ["my text breaks off in the middle of a sentence", "how do i get at most 100 tokens"],
       ["`max_tokens` limits the answer. If finish_reason is \"length\", the limit or the context was reached: raise max_tokens or load with a longer context."],
       ["max_tokens"])

intent("bigger-clusters",
       ["{can} (use|combine) (several|many|two) (computers|machines)", "does hearth (support|run on) a cluster", "{what} mpi", "can a model be split over (several|two) (computers|machines)"],
       ["one machine is too small, may i join two", "is distributed inference possible"],
       ["Yes: layers can be placed on the ranks of an MPI job, one rank a machine. Several servers can also stand behind an HTTP balancer."],
       ["MPI"])
