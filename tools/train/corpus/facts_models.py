"""Finding, downloading, choosing, listing and deleting models."""
from .phrases import intent

OWNERS = ["qwen", "google", "meta", "mistralai", "microsoft", "openai", "ibm", "deepseek", "nomic", "lmstudio-community",
          "bartowski", "unsloth", "tinyllm", "allenai", "huggingface", "nvidia", "acme", "openlab", "northlight", "blueriver"]
STEMS = ["qwen3", "qwen2.5", "gemma-3", "llama-3.2", "llama-3.1", "mistral", "phi-4", "granite", "smollm", "olmo", "deepseek-r1",
         "gpt-oss", "falcon", "starling", "zephyr", "orca", "nova", "lumen", "kestrel", "otter", "maple", "pico", "atlas", "willow"]
ENDS = ["-4b", "-8b", "-7b", "-1b", "-0.6b", "-3b", "-14b", "-30b-a3b", "-20b", "-mini", "-small", "-instruct", "-coder", "-base", "-32b",
        "-12b", "-1.7b", "-70b", "-2b", "-tiny"]
QUANTS = ["q4_k_m", "q8_0", "q5_k_m", "q6_k", "q3_k_s", "q4_0", "f16", "q2_k", "iq4_xs"]


def model_name(rng):
    """A model key, made by combination so that copying it is the only way to get it right."""
    return {"name": f"{rng.choice(OWNERS)}/{rng.choice(STEMS)}{rng.choice(ENDS)}", "quant": rng.choice(QUANTS)}


intent("download",
       ["{how} {get} {amodel}", "{how} {get} {amodel}", "{where} {get} {amodel}", "where do i get {amodel}", "how (does downloading|do downloads) work",
        "i have no model(, what now|)", "(i'd like|i would like|i want) {amodel}", "{can} {get} {amodel}", "how are models (downloaded|installed|fetched)",
        "(download|install|get) {amodel}", "where (do|can) i find {amodel}", "what is hearth get", "how does hearth get work",
        "get me {amodel}", "i have no {model} yet", "which command downloads {amodel}"],
       ["how do I download a model", "my computer has no model yet, where does one come from", "what is the right command for fetching a model"],
       ["Run `hearth get` with the model's name, for example `hearth get qwen/qwen3-4b`. A GGUF file that you have opens by its path: `hearth chat FILE.gguf`."],
       ["hearth get"],
       [(["and then", "what then", "and what do i do next", "how do i use it then", "and how do i talk to it"],
         ["Talk to it with `hearth chat qwen/qwen3-4b`, or load it for the server with `hearth load qwen/qwen3-4b`."], ["hearth chat"]),
        (["where is it stored", "where does it go", "where do i find it then"],
         ["In ~/.hearth/models/<publisher>/<model>/."], ["~/.hearth/models"]),
        (["which one should i take", "which model", "which one is good", "and which one do you recommend"],
         ["With 8 GB of RAM take `qwen/qwen3-4b` in Q4_K_M; with 16 GB an 8B model such as `qwen/qwen3-8b`."], ["qwen/qwen3"])], weight=3)

intent("download-named",
       ["{how} {get} {name}", "(download|get|fetch|install|pull) {name}", "i want {name}", "{can} {get} {name}", "where do i get {name}",
        "how do i (use|run|try) {name}", "please (download|get|fetch) {name} (for me|)", "is {name} available"],
       ["i would like to try out {name}, how", "what must i type for {name} to arrive on my disk"],
       ["Run `hearth get {name}`, then `hearth chat {name}`."],
       ["hearth get {name}"],
       [(["and how do i load it", "how do i load it", "and load it"], ["Run `hearth load {name}`."], ["hearth load {name}"]),
        (["and how do i remove it later", "how do i delete it"], ["Delete its folder ~/.hearth/models/{name}."], ["~/.hearth/models/{name}"]),
        (["where is it stored", "where will it be", "in which folder"], ["In ~/.hearth/models/{name}."], ["~/.hearth/models/{name}"])],
       fill=model_name, weight=3)

intent("download-quant",
       ["{how} {get} (a certain|another|a specific|the right) (quantisation|quantization|quant|variant)", "{how} {get} {name} in {quant}",
        "(download|get) the {quant} (version|variant|file) of {name}", "how do i choose the (quantisation|quantization|quant) (of a download|when i download|)",
        "{can} choose the (quantisation|quantization|quant) of {name}", "i want {name} as {quant}"],
       ["which suffix selects the quantization in hearth get", "i need {name}, but in {quant}"],
       ["Add it after an @: `hearth get {name}@{quant}`."],
       ["@{quant}"], fill=model_name)

intent("download-url",
       ["{can} (download|get) (a model|models) from (hugging face|huggingface|the hub|a url|a link)", "{how} {get} {amodel} from (hugging face|huggingface|a link|a url)",
        "does hearth (support|know|use) (hugging face|huggingface)", "i have a (hugging face|huggingface) link", "where do the models come from"],
       ["i found a model on huggingface, how does it get here", "does hearth get accept a link"],
       ["Yes: give the link to `hearth get`, for example `hearth get https://huggingface.co/owner/repo`, or just owner/repo."],
       ["hearth get"])

intent("download-resume",
       ["(what happens if|what if) (a|my|the) download (is interrupted|breaks off|stops|fails|gets interrupted)", "{can} (resume|continue|pause) a download",
        "my download (stopped|broke off|was interrupted|failed)", "how do i (resume|continue) a download", "what is a .part file", "(can i|may i) delete (.part files|the .part file)"],
       ["the connection dropped in the middle of a download", "do i have to start the download from zero again"],
       ["Run the same `hearth get` again: it continues where it stopped. Unfinished files end in .part and are renamed only when size and SHA-256 agree."],
       ["hearth get", ".part"])

intent("download-check",
       ["{how} (verify|check) a download", "how do i know (the file is complete|that a download is correct|that the model is not damaged)", "does hearth (check|verify) (downloads|the checksum|sha-256|the hash)",
        "(are downloads|is a download) (safe|checked|verified)"],
       ["could a downloaded file be damaged without me noticing", "is there a checksum test after downloading"],
       ["Hearth checks each download itself: the file gets its name only when size and SHA-256 agree."],
       ["SHA-256"])

intent("own-file",
       ["{how} (use|add|import|run|load|open) (my own|a|an existing|a local|a downloaded) (gguf|.gguf|gguf file|.gguf file|model file)", "{can} (use|run|import) (a gguf|my own gguf|a model) (i already have|from my disk|that i downloaded|)",
        "i (already have|have) (a gguf|a .gguf file|a model file)", "where do i put (a gguf|a .gguf file|my model file|a model file|my models)", "how do i import a (model|model file|gguf)",
        "hearth chat with a file"],
       ["there is a .gguf on my usb stick, how do i use it", "into which folder do i copy a gguf file"],
       ["Put the .gguf file into ~/.hearth/models/<publisher>/<model>/, or name it directly: `hearth chat model.gguf`."],
       [".gguf", "~/.hearth/models"])

intent("lmstudio-models",
       ["{can} use (my lm studio models|models from lm studio|the models of lm studio)", "does hearth (find|see|use|read) (my|the) lm studio models", "i have models (in|from) lm studio",
        "do i have to download (everything|my models) again", "{how} use models from another (program|folder)", "can hearth read ~/.lmstudio"],
       ["lm studio is installed here, can hearth share its models", "are the models in ~/.lmstudio visible for hearth"],
       ["Yes: Hearth reads ~/.lmstudio/models in place and never writes there. `hearth ls` shows those models too."],
       ["~/.lmstudio/models"])

intent("models-folder",
       ["where (are|does hearth keep|does hearth store|does hearth save|do i find) (the models|my models|the downloaded models|models|model files|the model files)", "{where} the models folder",
        "where (is|are) (a downloaded model|downloads|downloaded models) (stored|saved|kept)", "in which folder are (the models|my models|models)", "model folder", "what is the path of the models"],
       ["on which place of my disk do models end up", "i want to see the model files in my file manager, where are they"],
       ["In ~/.hearth/models, one folder per publisher and model: ~/.hearth/models/<publisher>/<model>/."],
       ["~/.hearth/models"],
       [(["can i change that", "can i move them", "and on another disk"], ["Yes, set HEARTH_HOME to another folder and move the models there."], ["HEARTH_HOME"])],
       weight=1.5)

intent("list-models",
       ["{how} {see} (my|all|the|the downloaded|the installed|local) models", "which models (do i have|are installed|are downloaded|are there|are on my disk|have i downloaded)", "(list|show) (my|all|the) (models|downloaded models)",
        "what models do i have", "what does hearth ls do", "{what} hearth ls", "how do i know which models are (on my disk|installed)"],
       ["i forgot which models i downloaded", "with what command do i get an overview of my models"],
       ["Run `hearth ls`: it lists the models on your disk with size and architecture."],
       ["hearth ls"],
       [(["and the loaded ones", "and which are loaded", "which of them are in memory"], ["`hearth ps` shows the models that are loaded right now."], ["hearth ps"])], weight=1.5)

intent("delete-model",
       ["{how} (delete|remove|erase|get rid of|uninstall) {amodel}", "{how} (delete|remove) {amodel} from (disk|my disk|my computer)", "{how} free (disk space|space on my disk|some disk space)",
        "(delete|remove) a model", "{can} (delete|remove) (a model|models) again", "a model takes too much (disk space|space), what now"],
       ["one of my models is no longer wanted, how does it go away", "my disk is full of models, how do i remove one"],
       ["Unload it with `hearth unload`, then delete its folder ~/.hearth/models/<publisher>/<model>/."],
       ["~/.hearth/models"])

intent("search-models",
       ["{how} (search|search for|find|discover|browse) (models|a model|new models)", "which models (are there|can i download|are available|exist)", "where (do i|can i) (see|find) (a list of|all|the available) models",
        "{can} search for models", "is there a (list|catalog|catalogue) of models", "what models can i use"],
       ["show me what could be downloaded", "i don't know the exact name of the model i am looking for"],
       ["Run `hearth get` with a word, for example `hearth get qwen`: it searches and lets you choose. Any GGUF model on Hugging Face works."],
       ["hearth get"])

intent("which-model",
       ["(which|what) model (should i|do i) (use|take|choose|pick|download|try|start with)", "(recommend|suggest) (me |)(a model|a good model|some model)", "what is (the best|a good|a good first|the right) model (for me|for beginners|to start with|)",
        "which model is (best|good|the best|right for me)", "what do you recommend", "best model", "{how} choose {amodel}", "which llm should i take"],
       ["there are so many models, what would you take", "name a model that suits a beginner"],
       ["It depends on your memory: with 8 GB of RAM take `qwen/qwen3-4b` in Q4_K_M, with 16 GB an 8B model such as `qwen/qwen3-8b`."],
       ["qwen/qwen3-4b"],
       [(["why that one", "why", "why q4_k_m"], ["It is small enough to leave room for the context, and Q4_K_M keeps nearly all of the quality."], ["Q4_K_M"]),
        (["and how do i get it", "how do i download it"], ["Run `hearth get qwen/qwen3-4b`."], ["hearth get"])], weight=1.5)

RAM = {"4": ("a 1B to 2B model", "qwen/qwen3-1.7b"), "6": ("a 3B or 4B model", "qwen/qwen3-4b"), "8": ("a 4B model", "qwen/qwen3-4b"),
       "12": ("a 7B or 8B model", "qwen/qwen3-8b"), "16": ("an 8B model", "qwen/qwen3-8b"), "24": ("a 14B model", "qwen/qwen3-14b"),
       "32": ("a 14B to 24B model, or a 30B mixture of experts", "qwen/qwen3-30b-a3b"), "48": ("a 32B model", "qwen/qwen3-32b"),
       "64": ("a 32B model with a long context", "qwen/qwen3-32b"), "96": ("a 70B model", "llama-3.3-70b"), "128": ("a 70B model or a large mixture of experts", "llama-3.3-70b")}


def ram(rng):
    gb = rng.choice(list(RAM))
    return {"gb": gb, "what_fits": RAM[gb][0], "pick": RAM[gb][1]}


intent("model-for-ram",
       ["(which|what) model (fits|fits into|runs in|can i run with|should i use with|do i take for|for) {gb} (gb|gigabytes) (of ram|of memory|ram|memory|)", "i have {gb} gb (of ram|of memory|ram|)(, which model|, what can i run|, what fits|)",
        "what can i run (on|with|in) {gb} gb (of ram|ram|)", "my {computer} has {gb} gb (of ram|of memory|ram|)(, which model should i use|, what now|, what do you recommend|)", "is {gb} gb (of ram|) enough", "best model for {gb} gb (ram|)",
        "{gb}gb ram"],
       ["suggest something for a laptop with {gb} GB of memory", "how large may a model be when i have {gb} gb"],
       ["With {gb} GB take {what_fits} in Q4_K_M, for example `hearth get {pick}`."],
       ["{gb} GB", "{what_fits}"], fill=ram, weight=2.5)

intent("model-coding",
       ["which model is (good|best) (for|at) (coding|programming|code|writing code)", "(recommend|suggest) a model for (programming|coding)", "i want a model (for programming|for code|that can program|that writes code)", "best coding model",
        "can a local model (write code|program)"],
       ["i am a programmer, which model helps me", "what should i download for writing python"],
       ["Look for a model with \"coder\" in its name that fits your memory; larger is better at code. Search with `hearth get coder`."],
       ["coder"])

intent("model-small",
       ["(what|which) is the smallest (model|good model|usable model)", "(i need|give me|recommend) a (small|tiny|very small) model", "which model (runs on|for) (an old|a slow|a weak|a cheap) {computer}", "what if my {computer} is (old|slow|weak)", "small model"],
       ["is there something tiny for weak hardware", "my laptop is ten years old, which model"],
       ["Try `hearth get qwen/qwen3-0.6b`: about half a gigabyte, and fast on any computer. With more memory take a 4B model."],
       ["qwen/qwen3-0.6b"])

intent("model-sizes",
       ["what does (4b|7b|8b|the b|1b|70b|the number in the name) mean", "what is (a 4b model|an 8b model|a 7b model|a 70b model)", "{what} (parameters|the number of parameters|model size)", "what does the b in (7b|4b|8b) (mean|stand for)",
        "why are there models with (4b and 8b|different sizes)", "is a bigger model better"],
       ["in the name of a model there is 8b, what is that", "do more parameters make a model smarter"],
       ["B means billions of parameters, the numbers a model has learned. More parameters mean better answers, but more memory and less speed."],
       ["billion"])

intent("formats",
       ["(which|what) (file formats|formats|model formats|files|kinds of model files) (does hearth support|are supported|can hearth read|does it read|work)", "does hearth (support|read|run) (gguf|safetensors|mlx|pytorch files|onnx)", "{can} use (safetensors|gguf|onnx) (models|files|)",
        "supported formats"],
       ["is safetensors okay or must it be gguf", "name the model formats hearth reads"],
       ["Hearth reads GGUF files and safetensors folders, including models split over several files."],
       ["GGUF", "safetensors"])

intent("gguf",
       ["{what} (gguf|a gguf file|a gguf|the gguf format|.gguf)", "what does gguf (mean|stand for|contain)", "what is in a (gguf|gguf file)", "what is (a .gguf|a .gguf file)"],
       ["i read the word gguf everywhere", "what kind of file ends in .gguf"],
       ["GGUF is the file format of local models: weights, tokenizer and chat template in one file. Hearth runs it directly."],
       ["one file"])

intent("inspect",
       ["{how} (look inside|inspect|examine) (a model|a gguf|a model file|a gguf file)", "{what} hearth inspect", "what does hearth inspect do", "{how} {see} the (metadata|tensors|details) of a (model|file)", "what is (in|inside) (a|my) model file"],
       ["i want to see the tensors of a file", "which command shows the metadata of a gguf"],
       ["Run `hearth inspect gguf FILE`: it shows the header, all keys and every tensor with type and size."],
       ["hearth inspect"])

intent("load-model",
       ["{how} load {amodel}", "{how} load a model (into memory|)", "what does hearth load do", "{what} hearth load", "load a model", "{can} load {amodel}", "how are models loaded", "put a model into memory"],
       ["a model is on my disk, how does it come into memory", "with which command is a model loaded"],
       ["Run `hearth load` with its name, for example `hearth load qwen/qwen3-4b`. `hearth ps` then shows it."],
       ["hearth load"],
       [(["and how do i unload it", "how do i get rid of it", "how do i undo that", "and the other way round"], ["Run `hearth unload qwen/qwen3-4b`, or `hearth unload --all` for everything."], ["hearth unload"]),
        (["and on the gpu", "and with a gpu"], ["Add --gpu max: `hearth load qwen/qwen3-4b --gpu max`. Without it Hearth decides by itself."], ["--gpu"])], weight=1.5)

intent("load-named",
       ["{how} load {name}", "load {name}", "put {name} into memory", "please load {name}", "i want to load {name}", "(load|start) the model {name}"],
       ["{name} should be in memory, what do i type", "make {name} ready for the server"],
       ["Run `hearth load {name}`."],
       ["hearth load {name}"],
       [(["and unload it", "how do i unload it", "how do i free the memory again"], ["Run `hearth unload {name}`."], ["hearth unload {name}"])],
       fill=model_name, weight=1.5)

intent("unload-model",
       ["{how} (unload|eject) {amodel}", "{how} (free|release) (the memory|memory|ram|vram) (again|)", "{how} remove a model from memory", "what does hearth unload do", "{what} hearth unload", "unload a model", "{how} unload (all models|everything)", "my memory is full of models"],
       ["a loaded model blocks my memory, how do i free it", "take the model out of the ram"],
       ["Run `hearth unload` with its name, or `hearth unload --all`. Unloading ends the model's process, so the memory really comes back."],
       ["hearth unload"], weight=1.3)

intent("unload-named",
       ["{how} unload {name}", "unload {name}", "remove {name} from memory", "please unload {name}", "eject {name}"],
       ["{name} should leave the memory, what do i type"],
       ["Run `hearth unload {name}`."],
       ["hearth unload {name}"], fill=model_name)

intent("loaded-models",
       ["{how} {see} (the loaded models|which models are loaded|what is loaded|running models)", "which (models are|model is) (loaded|running|in memory)", "what is (loaded|running|in memory) (right now|now|)", "what does hearth ps do", "{what} hearth ps", "is a model loaded",
        "which models are running (right now|)"],
       ["how do i find out what occupies my memory at the moment", "is there a list of running models"],
       ["Run `hearth ps`: it shows the loaded models with status, size and context."],
       ["hearth ps"],
       [(["how do i stop it", "how do i unload one", "and how do i remove one"], ["Run `hearth unload` with the name that `hearth ps` shows."], ["hearth unload"])], weight=1.3)

intent("several-models",
       ["{can} (load|run|use) (several|two|many|multiple|more than one) models (at once|at the same time|together|)", "how many models can i load", "can two models run (at the same time|together)", "can hearth run (several|multiple|two) models"],
       ["is one model the limit or may more be loaded", "i want two models in memory together"],
       ["Yes, as many as fit into memory: each loaded model is a process of its own. `hearth ps` shows them all."],
       ["memory"])

intent("embedding-models",
       ["(which|what) (embedding model|model for embeddings) (should i use|do i take|is good|can i use)", "{how} {get} an embedding model", "{can} use embedding models", "i need an embedding model", "recommend an embedding model"],
       ["what should i download to compute embeddings", "a model for vectors, please"],
       ["Take nomic-embed-text-v1.5: small and good. Get it with `hearth get nomic-embed-text-v1.5` and call /v1/embeddings."],
       ["nomic-embed-text"])

intent("vision-models",
       ["{can} (use|send|show) (images|pictures|photos|an image) (to a model|)", "does hearth (support|understand) (images|vision|vision models|pictures)", "{what} a vision model", "can (models|it|hearth) (see|describe|read) (pictures|images|photos)"],
       ["i have a photo and want it described", "are multimodal models possible"],
       ["Yes, with a vision model: images in JPEG, PNG or WebP go into the chat or the API. Text-only models refuse images."],
       ["vision model"])

intent("model-licence",
       ["(what|which) (licence|license) do (models|the models) have", "{can} use (a model|models) commercially", "are (the models|models) (free|open source|open)", "who owns the models"],
       ["do models have licences of their own", "is it legal to use a downloaded model in my company"],
       ["Each model has its own licence, set by its publisher; read the model's page. Hearth itself is MIT."],
       ["licence", "publisher"])

intent("reasoning-models",
       ["{what} a (reasoning|thinking) model", "what is <think>", "why does the model think (so long|first|before it answers)", "{how} (turn off|switch off|disable) (thinking|reasoning)", "what are reasoning models"],
       ["the model writes its thoughts before the answer, why", "can thinking be switched off"],
       ["A reasoning model thinks in text before it answers, between <think> and </think>. Switch it off with `hearth chat --reasoning off` where the model allows it."],
       ["reasoning"])

intent("delete-vs-unload",
       ["what is the difference between (unload and delete|deleting and unloading|hearth ls and hearth ps|hearth ps and hearth ls)", "does (hearth unload|unloading) delete the (model|file)", "is the model deleted when i unload it"],
       ["do i lose the file when i unload a model", "hearth ls or hearth ps, which one is for what"],
       ["Unloading frees memory only; the file stays on disk. `hearth ps` shows what is in memory, `hearth ls` what is on disk."],
       ["memory", "disk|hearth ls"])
