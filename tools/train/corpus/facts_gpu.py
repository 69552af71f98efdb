"""Graphics cards, offload and speed."""
from .phrases import intent

intent("use-gpu",
       ["{how} use (my gpu|the gpu|a gpu|my graphics card|the graphics card)", "(does hearth|can hearth|will hearth) use (my gpu|the gpu|a gpu|my graphics card|gpus)", "{can} run (a model|models|it) on (the gpu|my gpu|my graphics card)", "does hearth (support|have) gpu (support|acceleration|offload)",
        "{how} (enable|switch on|turn on) the gpu", "gpu support", "{how} load a model (on|onto) the gpu", "is my gpu used"],
       ["i own a graphics card, does hearth profit from it", "how do i tell hearth to compute on the gpu"],
       ["Hearth uses the GPU by itself when it finds one and puts as many layers there as fit. To choose, run `hearth load NAME --gpu max`, or off, or a share such as 0.5."],
       ["--gpu"],
       [(["and if it does not fit", "and when the memory of the gpu is too small", "and with too little vram"], ["Then some layers stay on the CPU: that is partial offload. It works, only slower."], ["partial offload"]),
        (["how do i know that it works", "how do i see that it is used", "is it really used"], ["`hearth inspect hardware` lists the GPUs that Hearth sees, and `hearth ps` shows the loaded models."], ["hearth inspect hardware"])], weight=1.5)

intent("which-gpus",
       ["which (gpus|graphics cards|gpu brands) (are supported|does hearth support|work|can i use)", "does hearth (support|work with) (amd|nvidia|intel|radeon|geforce|arc) (gpus|cards|graphics|)", "{can} use (an amd|an nvidia|an intel|a radeon|a geforce) (card|gpu)", "do i need (nvidia|an nvidia card|cuda)", "cuda, vulkan or (rocm|hip)"],
       ["my card is from amd, is that fine", "must the graphics card be an nvidia one"],
       ["NVIDIA cards through CUDA, AMD cards through HIP, and nearly every GPU, Intel's too, through Vulkan."],
       ["CUDA", "Vulkan"])

intent("vulkan",
       ["{what} vulkan", "does hearth (use|support) vulkan", "what is vulkan (for|good for)", "do i need (vulkan|a vulkan driver)", "why vulkan"],
       ["what role does vulkan play in hearth", "is a vulkan driver necessary for my gpu"],
       ["Vulkan is the way to use nearly any GPU: AMD, Intel or NVIDIA. Hearth opens libvulkan when it is there; without it, it runs on the CPU."],
       ["GPU"])

intent("offload",
       ["{what} (gpu offload|offload|offloading|partial offload|layer offload)", "what does (offload|partial offload|gpu offload) mean", "{how} (put|move) (only |)some layers on the gpu", "how many layers (should i put|go|can go|fit) on the gpu", "what does --gpu 0.5 (mean|do)", "what does --gpu max do"],
       ["only a part of the model fits into my vram", "what happens to the layers that the gpu cannot hold"],
       ["Offload means putting layers of the model on the GPU. With `hearth load NAME --gpu 0.5` half of them go there; the rest runs on the CPU."],
       ["layers", "--gpu"], weight=1.3)

intent("vram-need",
       ["how much (vram|gpu memory|video memory) (do i need|is needed|does a model need)", "is {v} gb (of |)vram enough", "what can i run (with|on) {v} gb (of |)(vram|gpu memory)", "which model fits (into|in) {v} gb (of |)vram", "my (gpu|card|graphics card) has {v} gb"],
       ["a graphics card with {v} gb, what does it carry", "what do i run on {v} gb of video memory"],
       ["With {v} GB of VRAM {vfits} in Q4_K_M fits entirely on the GPU. Larger ones run with partial offload."],
       ["{vfits}"],
       fill=lambda rng: (lambda v: {"v": v, "vfits": {"4": "a 3B or 4B model", "6": "a 4B model", "8": "a 7B or 8B model", "12": "a 12B model", "16": "a 14B model", "24": "a 32B model"}[v]})(rng.choice(["4", "6", "8", "12", "16", "24"])),
       weight=1.5)

intent("gpu-not-found",
       ["(hearth|it) does not (find|see|use|detect) my (gpu|graphics card)", "my (gpu|graphics card) is not (used|found|detected|recognised|visible)", "why is (my gpu|the gpu|my graphics card) not used", "gpu not (found|detected|used)", "hearth (only uses|runs on) the cpu", "it runs on the cpu although i have a gpu"],
       ["there is a graphics card in my pc but everything runs on the cpu", "hearth ignores my gpu"],
       ["Run `hearth inspect hardware`: it lists the GPUs Hearth sees. If yours is missing, install or update its driver with Vulkan or CUDA support."],
       ["hearth inspect hardware", "driver"])

intent("no-gpu",
       ["{can} use hearth without a (gpu|graphics card)", "do i need a (gpu|graphics card)", "is a (gpu|graphics card) (needed|required|necessary)", "i have no (gpu|graphics card)", "does it run on the cpu (only|)", "can it run without a gpu", "is the cpu enough"],
       ["my laptop has no graphics card", "is it worth trying on a cpu only"],
       ["No GPU is needed: Hearth runs on the CPU with fast integer kernels. Take a small model, up to about 8B in Q4_K_M, for a good speed."],
       ["CPU"])

intent("cpu-only",
       ["{how} (run|load) (a model|models|it) on the cpu (only|)", "{how} (disable|switch off|turn off|not use) the gpu", "{can} force the cpu", "i don't want hearth to use (my|the) gpu", "cpu only"],
       ["the graphics card should stay free, how do i run on the processor", "keep the model off my gpu"],
       ["Run `hearth load NAME --gpu off`: nothing goes to the GPU."],
       ["--gpu off"])

intent("multi-gpu",
       ["{can} use (two|several|multiple|more than one) (gpus|graphics cards)", "does hearth support (multiple|several|two) gpus", "how is a model split over (two|several) gpus", "multi gpu"],
       ["i have a pair of graphics cards, are both used", "can a model be spread over more gpus"],
       ["Yes: layers are placed on several GPUs, as many as fit on each, and the rest stays on the CPU."],
       ["layers|layer"])

intent("hardware",
       ["{how} {see} my hardware", "what hardware does hearth see", "{how} {see} (which gpus|what gpu) hearth (sees|finds|detects)", "what does hearth inspect hardware do", "which cpu (features|instructions) are used", "show my hardware"],
       ["is there a command for a hardware survey", "what does hearth know about my machine"],
       ["Run `hearth inspect hardware`: CPU model, cores, instruction sets, memory, and each GPU with its memory and driver."],
       ["hearth inspect hardware"])

intent("slow",
       ["{why} (hearth|the model|it|the answer|my model) (slow|so slow|very slow)", "(hearth|the model|it|generation|the answer) is (too |very |so |)slow", "{how} make (it|hearth|the model|answers) {fast}", "{how} (speed up|accelerate) (hearth|the model|generation|answers)", "{how} get (more speed|more tokens per second)", "slow answers", "why does it take so long", "what can i do about slow answers"],
       ["i wait ages for every word", "my answers come at a crawl, any advice"],
       ["Take a smaller model or quantisation such as Q4_K_M, use the GPU if you have one, and keep the context short. Measure with `hearth bench`."],
       ["smaller model"],
       [(["and on a gpu", "and with a gpu"], ["On a GPU check that all layers fit: `hearth load NAME --gpu max`. A model that fits completely is many times faster."], ["--gpu max"]),
        (["how do i measure it", "how fast is it", "how do i measure the speed"], ["Run `hearth bench --model FILE`; it prints tokens per second."], ["hearth bench"]),
        (["why does a smaller model help", "why"], ["For every token all weights are read from memory, so fewer bytes mean more tokens per second."], ["memory"])], weight=1.5)

intent("speed-expect",
       ["how fast (is hearth|is it|is a model|will it be)", "how many tokens per second (do i get|can i expect|are normal|is good)", "what speed (can i expect|is normal)", "what is a good (speed|number of tokens per second)", "how fast is a (4b|7b|8b) model"],
       ["which tokens per second are normal on a cpu", "roughly what speed will i get"],
       ["It depends on memory bandwidth and model size: an 8B model in Q4_K_M gives about 5 to 10 tokens per second on a CPU and 40 to 100 on a good GPU. Measure with `hearth bench`."],
       ["hearth bench"])

intent("bench",
       ["{how} (measure|benchmark|test) (the speed|speed|performance|my model|a model)", "{what} hearth bench", "what does hearth bench do", "is there a (benchmark|speed test)", "{how} {see} tokens per second", "run a benchmark"],
       ["compare the speed of two models, how", "which command prints how many tokens per second i get"],
       ["Run `hearth bench --model FILE`: it measures prompt processing and generation in tokens per second."],
       ["hearth bench"])

intent("threads",
       ["how many (threads|cores) (does hearth use|should i use|are used)", "{how} (set|change) the (number of threads|threads)", "does hearth use all (cores|my cores|threads)", "{can} limit the (threads|cores|cpu use)", "why are not all (threads|cores) used"],
       ["hyperthreading: does hearth use every logical core", "how does it choose its thread count"],
       ["Hearth uses as many threads as there are physical cores for it. More do not help, because memory is the limit."],
       ["physical core"])

intent("first-token",
       ["{why} the first (token|word|answer) (slow|so slow)", "why does it take (long|so long|time) (until|before) the (first word|answer starts|answer begins)", "what is (time to first token|the time to first token|ttft)", "what is prompt processing", "why is the second question faster"],
       ["there is a pause before the answer begins", "the model thinks long before writing its first word"],
       ["Before the first token the whole prompt must be read; that is prompt processing. A prompt whose beginning was seen before comes from the cache and starts at once."],
       ["prompt"])

intent("prompt-cache",
       ["{what} (the prompt cache|prompt caching|prefix caching|the prefix cache)", "does hearth (cache|reuse) (prompts|the prompt)", "how does prompt caching work", "is the prompt (cached|computed again)"],
       ["is the same beginning of a prompt computed twice", "what does caching of prompts bring"],
       ["Hearth keeps the KV cache of earlier prompts: a new prompt with the same beginning continues from there instead of computing it again. The answer is the same, only sooner."],
       ["KV cache"])

intent("speculative",
       ["{what} (speculative decoding|speculation|a draft model)", "how does (speculative decoding|a draft model) work", "what is a draft model (for|)", "{can} use a draft model", "does speculative decoding change the (answer|answers|text)", "{how} use speculative decoding"],
       ["what does a small model guessing for a large one bring", "is the text different when i use a draft model"],
       ["In speculative decoding a small draft model guesses several tokens and the large model checks them in one step. The text stays the same, it only comes faster."],
       ["draft model"])

intent("batching",
       ["(how many|can several|can many|can multiple) (requests|users|clients|questions) (can it handle|can run|be answered) (at once|at the same time|in parallel)", "{what} (continuous batching|batching|--parallel)", "{can} (ask|send) (several|many|parallel) (requests|questions) (at once|at the same time)", "does hearth (support|do) parallel requests"],
       ["ten people want to use one server together", "are simultaneous requests queued or answered together"],
       ["Yes: requests to one model run together by continuous batching, 4 at once by default (`hearth load NAME --parallel 8` for more), and the others wait in line."],
       ["continuous batching|--parallel"])

intent("deterministic",
       ["{can} get the same answer (again|every time|twice)", "are answers (deterministic|reproducible)", "why (is|are) the (answer|answers) different (each time|every time|now)", "{how} make answers (reproducible|deterministic|repeatable)", "{what} (a seed|the seed|temperature 0)"],
       ["i asked twice and got two different texts", "how do i get exactly the same output again"],
       ["Set the temperature to 0, or give a seed: then the same question gets the same answer, bit for bit, on the same device."],
       ["temperature", "seed"])
