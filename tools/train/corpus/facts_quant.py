"""Quantisation: what the letters mean, what to take, and how large a file gets."""
from .phrases import intent

WORD = "(quantisation|quantization)"

intent("what-is-quant",
       ["{what} " + WORD, "{what} (a quant|quants|quantised models|a quantized model)", "why are models (quantised|quantized)", "what does (quantised|quantized|quantisation) mean", "how does " + WORD + " work",
        "what is " + WORD + " (good for|for)"],
       ["why would one store weights with fewer bits", "the word quantization appears everywhere, what is it"],
       ["Quantisation stores a model's weights with fewer bits, for example 4 instead of 16. The file gets smaller and faster, and loses little quality."],
       ["bits"],
       [(["and which one should i take", "which one is best", "what do you recommend", "which should i use"], ["Q4_K_M is the usual choice; Q8_0 if you have the memory."], ["Q4_K_M"]),
        (["does it make the model worse", "do i lose quality", "and the quality"], ["A little: with Q4_K_M you hardly notice, below 4 bits you do."], ["Q4_K_M|4 bits"])], weight=1.5)

intent("which-quant",
       ["which " + WORD + " (should i|do i) (use|take|choose|pick|download)", "(which|what) (quant|quantisation|quantization) is (best|good|recommended|the best)", "best (quant|quantisation|quantization)", "(recommend|suggest) a (quant|quantisation|quantization)",
        "which file of a model should i (download|take)", "there are many files, which one", "what is the usual " + WORD, "q4 or q8"],
       ["there is a q3, a q4, a q6 and a q8, which do i take", "what is a sensible quantization for most people"],
       ["Q4_K_M is the usual choice: small and nearly as good as the original. If memory allows, Q8_0 is nearly lossless."],
       ["Q4_K_M"],
       [(["why", "why that one", "why not smaller"], ["Below 4 bits the answers get noticeably worse; above, the file grows and the gain is small."], ["4 bits"]),
        (["and if i have lots of memory", "and with more memory", "and the best quality"], ["Then take Q8_0; it is nearly lossless at about 8.5 bits per weight."], ["Q8_0"])], weight=1.5)

intent("q4km",
       ["{what} q4_k_m", "what does q4_k_m mean", "what (do the letters|does the k|does the m) in q4_k_m mean", "is q4_k_m (good|enough|good enough)", "why q4_k_m"],
       ["i see q4_k_m in file names", "how many bits does q4_k_m have"],
       ["Q4_K_M stores weights with about 4.8 bits each; the K types share scales in blocks, M is the medium mix. It is the usual choice."],
       ["4.8 bits"])

intent("q8",
       ["{what} q8_0", "what does q8_0 mean", "is q8_0 (better|good|worth it|lossless)", "when should i use q8_0", "q8_0 quality"],
       ["is it worth taking q8_0", "how lossy is q8_0"],
       ["Q8_0 stores 8.5 bits per weight and is nearly lossless. Take it when you have the memory; Q4_K_M needs about half."],
       ["nearly lossless"])

intent("f16",
       ["{what} (f16|bf16|fp16|half precision)", "should i (use|download|take) (f16|bf16|the f16 file)", "what does (f16|bf16|fp16) mean", "is f16 better (than q8_0|)"],
       ["do i need the unquantised f16 file", "what are 16-bit weights"],
       ["F16 means 16 bits per weight, not quantised. It needs twice the memory of Q8_0 for hardly better answers, so you seldom need it."],
       ["16 bits"])

intent("low-bits",
       ["(what about|are|is) (q2_k|q3_k_s|2-bit|3-bit|q2|q3|very small quants) (good|ok|usable|worth it|)", "{can} use (2 bits|3 bits|q2_k|q3_k_s)", "how (low|small) can i go (with quantisation|with bits|)", "should i use (q2_k|q3_k_s|a 3-bit model)"],
       ["would a 2-bit file still give sensible answers", "is going below 4 bits a good idea"],
       ["Below 4 bits the answers get noticeably worse. A smaller model in Q4_K_M is usually better than a bigger one in Q2_K."],
       ["4 bits|Q4_K_M"])

intent("quality-loss",
       ["how much quality (do i lose|is lost) (with quantisation|by quantisation|with q4_k_m|)", "does " + WORD + " (hurt|harm|make a model worse|lose quality|reduce quality)", "is a quantised model (worse|dumber)", "what do i lose with (4 bits|q4_k_m|quantisation)"],
       ["are the answers of a 4-bit model worse", "how bad is the loss from quantization"],
       ["Little: Q8_0 is nearly lossless, Q4_K_M loses a bit that you hardly notice, and below 4 bits the loss becomes clear."],
       ["Q4_K_M"])

intent("how-to-quantise",
       ["{can} quantise (a model|models) (myself|with hearth|)", "{how} (quantise|quantize) a model", "{can} convert a model", "can hearth quantise models"],
       ["is there a tool in hearth that makes quantised files", "i have f16 weights and want q4"],
       ["You seldom need to: most models are published in many quantisations, and `hearth get NAME@q4_k_m` fetches the one you want."],
       ["hearth get"])

BITS = {"q4_k_m": 4.8, "q8_0": 8.5, "f16": 16.0, "q6_k": 6.6}
SIZES = [1, 2, 3, 4, 7, 8, 12, 13, 14, 20, 24, 27, 30, 32, 70]


def file_size(rng):
    """Parameters times bits by eight: the table of sizes a newcomer asks for."""
    b, q = rng.choice(SIZES), rng.choice(["q4_k_m", "q4_k_m", "q4_k_m", "q8_0", "f16"])
    gb = b * BITS[q] / 8
    return {"b": str(b), "q": q, "qq": q.upper(), "bits": f"{BITS[q]:g}", "gb": f"{gb:.1f}" if gb < 10 else f"{gb:.0f}"}


intent("file-size",
       ["how (big|large) is a {b}b model (in|as|with) {q}", "what is the size of a {b}b model in {q}", "how many (gb|gigabytes) (is|has|does|are) a {b}b {q} (model|file) (have|take|)", "how much (disk space|space) does a {b}b model in {q} (need|take)", "size of {b}b in {q}"],
       ["i want a {b}b model as {q}, how many gigabytes will that be", "how much must i download for {b}b in {q}"],
       ["About {gb} GB: {b} billion weights at {bits} bits each."],
       ["{gb} GB"], fill=file_size, weight=2)

intent("size-rule",
       ["{how} (calculate|compute|estimate|work out) the size of a model", "what is the (formula|rule) for the (size|file size) of a model", "how (big|large) (is|are) (a model|models|model files)", "how many gigabytes does a model (have|take)", "how is the file size (computed|calculated)",
        "how much disk space do i need"],
       ["is there a rule of thumb for file sizes", "how do bits per weight and parameters give the size"],
       ["Multiply the parameters by the bits per weight and divide by 8: an 8B model in Q4_K_M is 8 x 4.8 / 8, about 4.8 GB."],
       ["4.8 GB"])

intent("kv-quant",
       ["{can} quantise the (kv cache|cache|context)", "{what} a quantised kv cache", "{how} make the (kv cache|cache) smaller", "what is q8_0 for the kv cache", "which types can the kv cache have"],
       ["the cache takes a lot of memory, can it use fewer bits", "does hearth offer an 8-bit kv cache"],
       ["The KV cache can be f32, f16, bf16, q8_0 or q4_0, for K and V separately. q8_0 halves the memory of the context compared with f16."],
       ["q8_0"])
