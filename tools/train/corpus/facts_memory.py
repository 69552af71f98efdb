"""Memory: what a model needs, how to know before, what to do when it does not fit."""
from .phrases import intent

intent("memory-need",
       ["how much (memory|ram) (do i need|does a model need|is needed|do models need|does hearth need|is required)", "how much (ram|memory) for (a model|an llm|models)", "what determines (the memory|how much memory a model needs)", "memory (requirements|needs|use) of a model",
        "how do i (calculate|work out|know) the memory (of a model|a model needs)", "what uses the memory"],
       ["which things add up to the memory of a loaded model", "before i buy ram, how much does a model take"],
       ["About the size of the file plus the KV cache, which grows with the context length. An 8B model in Q4_K_M needs roughly 6 GB."],
       ["KV cache"],
       [(["and on the gpu", "and how much vram", "and with a gpu"], ["The same amount, but in the GPU's memory. What does not fit there stays in RAM: that is partial offload."], ["offload"]),
        (["how do i make it smaller", "how can i reduce that", "that is too much", "and if that is too much"], ["Take a smaller model or quantisation, or a shorter context with `hearth load NAME -c 4096`."], ["-c 4096|shorter context"])], weight=1.5)

intent("fit-check",
       ["(will|does) (a model|this model|it|my model) fit (into memory|in my memory|on my computer|in ram|)", "{how} (check|know|see|find out) (if|whether) a model fits", "{can} (estimate|check) the memory (before loading|first|of a model)", "what does --estimate-only do", "how do i estimate the memory"],
       ["i want to know the needed memory without loading the model", "can hearth tell me in advance if a model is too big"],
       ["Run `hearth load NAME --estimate-only`: it prints the memory the model would need and whether it fits, and loads nothing."],
       ["--estimate-only"], weight=1.3)

intent("out-of-memory",
       ["(i get|there is|what about) (an out of memory error|out of memory|an error about memory)", "out of memory", "(hearth|it|the model) runs out of memory", "(there is|i have) not enough memory", "the model is too (big|large) (for my memory|for my computer|)", "my {computer} has too little (memory|ram)",
        "what (do i do|can i do) when memory is (full|short)", "insufficient memory", "loading fails because of memory", "error insufficient_memory"],
       ["loading stops with a complaint about memory, what can i do", "the model does not fit into my ram"],
       ["Take a smaller model or quantisation such as Q4_K_M, shorten the context with `hearth load NAME -c 4096`, or free memory with `hearth unload --all`."],
       ["hearth unload", "-c 4096"], weight=1.5)

intent("context-memory",
       ["does (the context|a long context|context length|a longer context) (need|cost|take|use) (memory|more memory|ram)", "why does (a long context|the context) (need|use|take) (so much |)memory", "how much memory does the context (need|take)", "what is the memory of the context"],
       ["is a long context expensive in memory", "why did memory use grow when i raised the context length"],
       ["Yes: every token in the context has an entry in the KV cache, so memory grows with the context length. Set it with `hearth load NAME -c 4096`."],
       ["KV cache"])

intent("kv-cache",
       ["{what} (the kv cache|a kv cache|kv cache|kv)", "what does kv cache mean", "what is the kv cache (for|good for)", "how big is the kv cache"],
       ["i read about keys and values being cached, what is that", "what is stored in the kv cache"],
       ["The KV cache keeps the keys and values of all tokens seen so far, so that they need not be computed again. It grows with the context length."],
       ["keys and values"])

intent("guardrails",
       ["{what} (the guardrails|guardrails|the loading guardrail|the guardrail)", "why does hearth refuse to load (my|a) model", "hearth (says|thinks) the model (does not fit|is too large)", "{can} load (a model|it) anyway", "what is a loading guardrail"],
       ["a load was refused before it began, why", "what stops me from loading a model that is too big"],
       ["Before loading, Hearth estimates the memory and refuses what would not fit, so that your computer does not freeze. Take a smaller model or a shorter context."],
       ["memory"])

intent("ttl",
       ["{what} (ttl|the ttl|--ttl)", "when is a model unloaded (by itself|automatically|)", "{how} unload a model automatically", "does hearth unload (models|idle models) (by itself|automatically)", "how long does a model stay (loaded|in memory)", "what does --ttl (do|mean)"],
       ["after which time does an idle model leave the memory", "i want models to disappear from memory when unused"],
       ["TTL is the idle time after which a model is unloaded: `hearth load NAME --ttl 600` unloads it after 600 idle seconds. Models loaded on demand go after an hour."],
       ["--ttl"])

intent("mmap",
       ["{what} mmap", "why is the memory (use|usage) (lower|smaller) than the file", "does hearth (use|do) (mmap|memory mapping)", "are model files mapped into memory"],
       ["is the file read completely or mapped", "what does memory mapping mean here"],
       ["Hearth maps model files into memory (mmap), so loading starts quickly and the system reads pages when they are needed."],
       ["map"])

intent("swap",
       ["{can} use (swap|a swap file|virtual memory)", "my {computer} (freezes|swaps|hangs) when (i load a model|a model is loaded)", "the disk is busy while (the model answers|i chat)", "is swap (ok|good|bad|useful)", "what about swap"],
       ["everything becomes terribly slow after loading a big model", "does it help to add swap space"],
       ["Avoid swap: a model that does not fit into RAM becomes very slow. Take a smaller model or quantisation, or a shorter context."],
       ["smaller model"])

intent("memory-used-now",
       ["{how} {see} (how much memory|the memory) (a model uses|hearth uses|is used)", "how much memory does (my model|hearth|the loaded model) use (now|right now|)", "memory (usage|use) right now"],
       ["where is the current memory use shown", "how many gigabytes does the loaded model occupy"],
       ["`hearth ps` shows the size of each loaded model; the process list of your system shows its worker."],
       ["hearth ps"])

intent("moe",
       ["{what} (a mixture of experts|moe|mixture of experts|a moe model)", "what does (a3b|30b-a3b|moe) mean", "are moe models (faster|good)", "why is a 30b-a3b model (fast|so fast)"],
       ["what does the a3b in a model's name tell me", "which models use only some of their weights per token"],
       ["A mixture of experts uses only a part of its weights for each token. A 30B-A3B model needs the memory of 30B but runs about as fast as 3B."],
       ["experts"])


def ram_fit(rng):
    """Whether b billion weights in Q4_K_M, with a fifth more for cache and buffers, fit into a memory."""
    b, have = rng.choice([1, 3, 4, 7, 8, 13, 14, 24, 32, 70]), rng.choice([4, 8, 12, 16, 24, 32, 64])
    need = b * 0.6 * 1.2
    word = "Yes" if need < 0.8 * have else "No"
    return {"b": str(b), "have": str(have), "word": word, "need": f"{need:.1f}" if need < 10 else f"{need:.0f}"}


intent("ram-fit",
       ["(does|will|can) a {b}b model (fit in|fit into|run in|run with|work with) {have} gb (of ram|of memory|ram|)", "{can} run a {b}b model (with|on|in) {have} gb (of ram|ram|)", "is {have} gb enough for (a|an) {b}b (model|)", "{b}b model in {have} gb (ram|)", "i have {have} gb, {can} run {b}b"],
       ["{have} gb of ram and a {b}b model, does that go together", "would {b}b be too much for my {have} gb"],
       ["{word}: a {b}B model in Q4_K_M needs about {need} GB with a normal context."],
       ["{word}", "{need} GB"], fill=ram_fit, weight=2)
