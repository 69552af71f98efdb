"""More ways of asking about quantisation and file sizes."""
from .phrases import ways

ways("what-is-quant", """
(quantisation|quantization|quant|quants|quantised|quantized|quantised models|quantized model|4-bit|weights with fewer bits)
(why|what for) (are|do|does|is|would|should) (models|weights|people|publishers|one|llms|a model) (quantised|quantized|quantise models|quantize models|
    quantise|compressed|made smaller|stored with 4 bits|come in quants)
(what|how) (is|does|are|happens|do) (a quantised model|quantised weights|quantisation|quantization|a quantized model|when a model is quantised|quants)
    (mean|work|made|do|good for|exactly|different|smaller)
(the word|the term|this) (quantisation|quantization|quant|quantised) (is|appears|stands|confuses) (everywhere|in every file name|new to me|me|on every
    page)(, what is it|, what does it mean|)
(what|which) (does|do) (the q|q4|the letters after the model name|q and the number) (mean|stand for)
(compress|shrink|make smaller) (a model|weights|models)(, what is that called|, how does that work|)
(what|why) (is|are) (4 bit|4-bit|8-bit|8 bit|low bit) (weights|models)( for| good for| smaller|)
how can a model (be made smaller|get smaller|be compressed|shrink|use fewer bits)
how do (they|publishers) (make|get) (models|a model) (so small|smaller|fit at home)
is (quantisation|quantization) (like zip|compression|lossy|like jpeg|good|bad)
difference between (a quantised|the quantised|a 4-bit) and (the original|the full|a normal) model
(quantised|quantized) vs (full|original|unquantised|16-bit) (model|weights)
""", what="""quantisation|quantization|a quant|quants|a quantised model|a quantized model|quantised models|model quantization""",
     follow=("which do i choose|so which one|and what would you take|and the best one|which is the usual one|which one would you recommend",
             "does it lose quality|is it worse then|are the answers worse|what about the quality|does it hurt|is a quantised model dumber"))

ways("which-quant", """
(which quant|best quant|recommended quant|quant choice|quant recommendation|best quantisation|best quantization|q4 or q8|q4 q5 q6 q8|q4_k_m or q8_0|
    which file|which bits)
(which|what) (quant|quantisation|quantization|quantised version|variant|number of bits|q) (should|do|would|shall|can) (i|you|one) (use|take|choose|
    pick|download|recommend|suggest|get|go for|prefer)( for my model| as a beginner| for a 7b model| normally| for chatting|)
(which|what) (quant|quantisation|quantization|variant|number of bits) is (best|good|recommended|the best|right|usual|normal|sensible|the standard|the
    sweet spot|the best compromise|a good choice)( for me| for most people| for chatting|)
(recommend|suggest|advise|name|tell) (me |)(a|the right|the best|a good) (quant|quantisation|quantization|variant)( please| for beginners|)
there are (so many|many|ten|several|lots of) (files|variants|quants|versions|ggufs|q files) (of|for) (the|one|this|a) model(, which one|, which do i
    take|, what is the difference. which one|, which file do i need|)
(i|we) (see|have|find|am offered|can choose between) (q4 and q8|a q4, a q5 and a q8|q3, q4, q5, q6 and q8|many quants|q4_k_m, q5_k_m and q8_0|lots of
    files)(, which one|, which one should i take|, what now|, which is right|)
(q4|q4_k_m|q5_k_m|q6_k|q5|4 bits) (or|vs|versus) (q8|q8_0|q6_k|q6|8 bits|q5_k_m)(, which one|, what is better|)
how (do|should|can) i (choose|pick|select|decide on|find) (a|the|the right|the best|a good) (quant|quantisation|quantization|number of bits|file)( of
    a model|)
(which|what) (file|gguf) of (the|a|this) (model|repo|list) (should|do|must) i (download|take|get|choose|need)
(4|5|6|8) (or 8 |or 6 |)bits(, what should i take|, which one|)
how many bits (should i take|do i need|are enough|are good|are sensible)
is (q4|q5|q6|q8|4 bits) (enough|the right choice|a good choice|ok)( for me| for chatting|)
what is (the best|a good) (trade-off|compromise|balance) (between|of) (size and quality|quality and memory|speed and quality)
what do (most|other) people (use|take|download)( as quant| as quantisation|)
the (usual|standard|default|normal|common) (quant|quantisation|quantization)
which quant for (16 gb|8 gb|a laptop|everyday use|coding)
""", how="""choose (a quant|a quantisation|the right quantisation|the right quant)|decide between q4 and q8""",
     follow=("what's the reason|why exactly that|why not less|why not fewer bits|explain why|how come",
             "and with plenty of ram|memory is no problem, what then|and if quality matters most|i have 64 gb|and for top quality|what if i have a lot of ram"))

ways("q4km", """
(q4_k_m|q4km|q4 k m|q4-k-m|q4_k_m meaning|q4_k_m explained|q4_k_m quality|k quants|k-quants)
(what|which) (does|do|is|are) (the letters|the k|the m|k and m|q4_k_m|the k and the m|the q) (mean|stand for|in q4_k_m|for)( in q4_k_m|)
(is|would|will) q4_k_m (good|enough|good enough|ok|be ok|fine|sufficient|the best|be enough|worse than q8_0|lossy|usable|a good choice|a 4-bit
    format)( for me| for chatting| for everyday use|)
(why|when) (q4_k_m|does everybody recommend q4_k_m|is q4_k_m so popular|is q4_k_m the default|should i use q4_k_m|do you recommend q4_k_m|would i take
    q4_k_m)
(the file|the model|it) is (called|named) something q4_k_m(, what is that|, what does it mean|)
(how|about how) many bits (per weight |)(does|are in|has|is) q4_k_m( have| use|)
(file names|models|ggufs) (end with|contain|have) q4_k_m(, what is that|, why|)
q4_k_m (or|vs|versus) (q4_0|q4_k_s|q4_1)
(bits|size|precision) of q4_k_m
k quants, what are they
what is special about q4_k_m
difference between q4_k_m and (q4_0|q4_k_s)
q4_k_m in plain english
m like medium
""", what="""q4_k_m|the q4_k_m format|q4_k_m quantisation|q4km""")

ways("q8", """
(q8_0|q8|q8 0|8-bit quant|8 bit quantisation|q8_0 meaning|q8_0 explained|8 bits|8-bit model)
(is|would|will) q8_0 (better|good|worth it|lossless|be better|nearly lossless|as good as f16|the best|too big|overkill|slower|necessary|noticeably
    better)( than q4_k_m| for me| really|)
(when|why) (should|would|do) i (use|take|choose|need|download|prefer|get) q8_0( instead of q4_k_m|)
(how|how much) (good|lossy|big|large|better|accurate|bigger|slower) is q8_0( than q4_k_m|)
(do|should|must) i (need|use|take|download) (q8_0|the q8|8 bits|the q8_0 file)( if i have enough memory|)
q8_0 (quality|loss|size|precision|bits per weight|file|speed)
(how many|what are the) bits (does|has|of|per weight in) q8_0( have|)
(quality|loss|precision) (of|with) (q8_0|8 bits|an 8-bit model)
does q8_0 (lose|cost) (quality|anything|much)
what does q8_0 (mean|bring|cost)
q8_0 (or|vs|versus) (f16|bf16)
the q8 file is twice as big(, is it worth it|, why|)
""", what="""q8_0|q8|8-bit quantisation|the q8_0 format""")

ways("f16", """
(f16|bf16|fp16|half precision|16-bit|16 bit|float16|bfloat16|full precision|unquantised|unquantized|16-bit weights)
(should|must|do|would) i (use|download|take|need|get|want|choose) (f16|bf16|the f16 file|fp16|the unquantised model|full precision|16 bits|the
    original weights)( instead of q8_0| for good quality|)
(is|are) (f16|bf16|fp16|16 bits|full precision|the unquantised file|16-bit weights) (better|worth it|needed|necessary|too big|overkill|noticeably
    better|slow|the original)( than q8_0| than q4_k_m| for chatting|)
(what|which) (does|do|is|are) (f16|bf16|fp16|float16|16-bit weights|half precision|bfloat16) (mean|stand for|good for|for)
(the|a) file (is|ends with|is called) (f16|bf16|fp16)(, what is that|, do i need it|, should i take it|)
(f16|bf16) (or|vs|versus) (bf16|f16|q8_0|q4_k_m|fp32)
(how|how much) (big|bigger|better|larger) is (f16|bf16|an f16 file)( than q8_0|)
difference between (f16 and bf16|f16 and q8_0|fp16 and bf16)
(who|when) (needs|does one need) (f16|full precision|16 bits)
(original|uncompressed|full) weights
is there any (reason|point) to (use|take) f16
""", what="""f16|bf16|fp16|half precision|an f16 file|16-bit weights|full precision""")

ways("low-bits", """
(2 bits|3 bits|2-bit|3-bit|q2_k|q3_k_s|q2|q3|iq2|low bits|below 4 bits|very small quants|1 bit|q3_k_m|iq3)
(is|are|would|will) (q2_k|q3_k_s|2 bits|3 bits|a 2-bit model|a 3-bit model|q2|q3|fewer than 4 bits|less than four bits|very low bits|iq2) (good|ok|
    usable|worth it|enough|too bad|still usable|be ok|be usable|a good idea|sensible|terrible|too little)( for chatting| for a big model|)
(can|should|could|may|would) i (use|take|go down to|download|try|go as low as) (2 bits|3 bits|q2_k|q3_k_s|a 2-bit model|a 3-bit model|the q2 file|the
    smallest quant|the q3 file)( to save memory| for a bigger model|)
how (low|small|far down|few bits) (can|may|should) (i|one) (go|use|take)( with quantisation| with the bits|)
(a|the) (big|large|70b|14b) model (in|with) (2 bits|q2_k|3 bits|q3) or (a|the) (small|8b|smaller) (model |one |)(in|with) (4 bits|q4_k_m)
(what|how) (happens|bad is it|about|is it like) (with|below|under|to use) (2 bits|4 bits|q2_k|3 bits|fewer than 4 bits)
(the|a) (smallest|tiniest) (quant|file)(, is it usable|, is it any good|, should i take it|)
(quality|loss) (of|with|below|at) (q2_k|q3_k_s|2 bits|3 bits|4 bits)
only q2 fits (in my memory|my ram)(, is it ok|, should i take it|)
is (it|there) a (lower limit|minimum) (for|of) (bits|quantisation)
does (q2_k|q3_k_s|a 2-bit model) (still |)(give sensible answers|work|make sense)
extreme quantisation
fewer bits (and|or) a (bigger|larger) model
""", can="""use (2 bits|3 bits|q2_k|q3_k_s|very few bits)|go below 4 bits""", what="""q2_k|q3_k_s|a 2-bit model|a 3-bit quant""")

ways("quality-loss", """
(quality loss|loss of quality|quantisation loss|quantization loss|quality of quants|quality|loss|perplexity|accuracy loss|degradation)
(how|about how) (much|big|large|bad|noticeable|strong) (is|are|quality is) (the loss|the quality loss|lost|the loss of quality|the difference|the
    damage|the degradation)( with| by| from| of| through|) (quantisation|quantization|4 bits|q4_k_m|a quantised model|quants)
(does|will|can|do) (quantisation|quantization|quants|4 bits|fewer bits|q4_k_m) (hurt|harm|make a model worse|lose quality|reduce quality|damage the
    model|make it dumber|cost quality|change the answers|make mistakes|make the model stupid)
(is|are) (a quantised model|quantised models|a 4-bit model|a q4 model|a quantized model|the answers of a 4-bit model|a small quant) (worse|dumber|less
    accurate|bad|less smart|much worse|noticeably worse|as good as the original)( than the original|)
(what|how much) (do|does|will) (i|one|a model) lose (with|by|through|in) (4 bits|q4_k_m|quantisation|quantization|8 bits|a quant)
(do|will|can) i (notice|see|feel|hear) (the difference|a difference|it|the loss)( between q4_k_m and f16| with 4 bits| with a quantised model|)
(quality|accuracy|smartness) (of|difference of|difference between) (a quantised model|quantised and original models|4 bits and 16 bits|q4 and f16|a q4
    model)
is (much|some|any|a lot of) (quality|intelligence|knowledge|precision) lost (with|by) (quantisation|quantization|4 bits|q4_k_m)
what is the (price|downside|disadvantage|drawback) of (quantisation|quantization|4 bits|quants|fewer bits)
does the model get (dumber|worse|stupid) (when|if) it is (quantised|quantized|compressed)
how (good|accurate|close to the original) is (a 4-bit|a q4_k_m|a quantised) model
""", does="""quantisation (hurt|lose quality|make a model worse|matter)""")

ways("how-to-quantise", """
(quantise|quantize|quantise a model|quantize a model|quantise myself|convert|conversion|convert a model|make a quant|hearth quantize|gguf conversion|
    llama-quantize|convert to gguf)
(can|does|will|could) (hearth|it|the program) (quantise|quantize|convert|make quants of|shrink|compress|create) (models|a model|my model|safetensors
    to gguf|f16 to q4|quants|ggufs|weights)( itself| for me|)
(is there|do you have|does hearth have) (a|any|some) (quantiser|quantizer|tool to quantise|command to quantise|converter|way to quantise|quantise
    command|conversion tool|tool that makes quants)( in hearth|)
how (can|do) i (make|create|produce|get|build|generate) (a|my own|an own|the) (quant|quantised model|q4 of my model|quantised file|q4 file|gguf in q4|
    smaller version of a model)( from f16| of a model| myself|)
(i|we) (have|downloaded|own|trained) (an f16 model|f16 weights|the original weights|a safetensors model|an unquantised model|a 16-bit file)(, how do i
    quantise it|, how do i get q4|, and want q4|. how do i make a q4|)
(turn|convert|change|transform|shrink|compress) (an f16|a 16-bit|a safetensors|my|a) (model|file) (into|to) (q4|q8|q4_k_m|4 bits|gguf|a smaller one|a
    quant)
(must|do|should) i quantise (a model|models|it) (myself|by hand|before using it)
(do it yourself|own|home-made|diy) (quant|quantisation|quantization|quants)
who (makes|publishes|quantises) the quants
where do quantised models come from
q4 from f16
""", how="""(quantise|quantize) (a model|my model|models|it)|convert (a model|safetensors to gguf|f16 to q4)|make a quantised model|make my own quants""", can="""(quantise|quantize|convert) (a model|models|my own model|it)( myself| with hearth|)|make my own quants""")

ways("file-size", """
{b}b {q}
{b}b {q} (size|file size|gb|gigabytes)
(size|file size) of (a |an |){b}b (model |)(in|as|with) {q}
{b}b (model |)(in|as|with) {q}(, how big|, what size|, how many gb|, how large)
how (big|large|huge|heavy) (is|will be|would be|gets) (a|an|the) {b}b (model|file|llm) (in|as|with|at) {q}
how many (gb|gigabytes|gigs) (is|has|are|does|will|would) (a|an) {b}b (model |file |)(in|as|with) {q}( have| take| be| need| use|)
how much (disk space|space|room|storage) (does|will|would) (a|an|the) {b}b (model |)(in|as|with) {q} (need|take|use|occupy|require)
how much (must|do|will) i download for (a|an) {b}b (model |)(in|as|with) {q}
(what|which) (size|file size) (does|has|will|is) (a|an) {b}b (model |)(in|as|with) {q}( have| be|)
(i|we) (want|need|will download|am going to get) (a|an) {b}b (model |)(in|as|with) {q}(, how big is that|, how many gigabytes|, what size is the file|
    . how large is it)
(calculate|compute|estimate|tell me|give me) the (size|file size) of (a|an) {b}b (model |)(in|as|with) {q}
(does|is) (a|an) {b}b (model |)(in|as) {q} (very |)(big|large)
(gigabytes|gb) (of|for) (a|an) {b}b (model |)(in|as|with) {q}
{b} billion (parameters|weights) (in|as|with|at) {q}(, how many gigabytes|, how big|, how large is the file|)
what does (a|an) {b}b {q} (model |file |)(weigh|take on disk)
the (gguf|file) of (a|an) {b}b (model |)(in|as) {q}(, how large|, how big is it)
(a|an) {b}b {q} (gguf|file|model|download)(, how big|, size|)
is {q} of (a|an) {b}b (model |)(large|big)(, how many gb|)
{q} {b}b
how large is {q} for {b}b
""")

ways("size-rule", """
(file size|model size|size formula|size of models|file sizes|model file size|size rule|rule of thumb|disk space needed|gigabytes per model|size
    calculation)
(how|what) (can|do|could|does one|should) (i|) (calculate|compute|estimate|work out|guess|predict|figure out|find) (the |)(size|file size|gigabytes|
    disk space|size of a file)( of a model| a model needs| a model has| by hand| in my head|)
(what|is there) (is |)(the|a) (formula|rule|rule of thumb|calculation|equation|way to calculate|simple formula) (for|of) (the |)(size|file size|file
    sizes|size of a model|disk space)( of a model| of models|)
(how|about how|roughly how) (big|large|huge|heavy) (is|are|gets|can|do) (a model|models|model files|an llm|the file|a typical model|language models|
    downloads|a model file|these files)( get| usually| normally|)
(how|about how) many (gigabytes|gb|gigs) (is|are|does|do|has|have|will) (a model|models|an llm|a typical model|model files|a download|a normal
    model)( have| take| need| be| usually|)
how much (disk space|space|room|storage|disk) (do|does|will|should) (i|a model|models|hearth|an llm|one model) (need|take|use|have|require|occupy|
    free)( for a model| for models| on my disk|)
(why|how come) (is|are) (a model|models|model files|the files|llms) so (big|large|huge)
(bits|bits per weight|parameters) (and|times|give|determine) (parameters|bits|the size|the file size|size)
how do (bits|parameters|bits and parameters|bits per weight) (give|determine|relate to|influence) the (size|file size)
(does|is) the (size|file size) (depend on|follow from|proportional to) (the parameters|bits|the quantisation|the number of weights)
size in gb from (parameters|billions|the b in the name)
how is the (file size|size of a model) (computed|calculated|determined)
(average|typical|usual) (size|file size) of (a model|an llm|models)
""", how="""(calculate|compute|estimate|work out) (the size of a model|the file size|how big a model is)|know how big a download (is|will be)""", what="""the formula for the size|the rule for file sizes""")

ways("kv-quant", """
(kv cache quantisation|kv quant|quantised kv cache|quantized kv cache|q8_0 cache|q4_0 cache|cache type|kv cache type|8-bit cache|cache-type-k|kv cache
    in 8 bits)
(can|could|does|will|is) (the kv cache|hearth|it|the cache|the context|a kv cache) (be |)(quantised|quantized|use fewer bits|use 8 bits|smaller|stored
    in 8 bits|quantise the kv cache|quantize the kv cache|made smaller|use q8_0)( in hearth| to save memory|)
(which|what) (types|formats|type|bits|precision) (can|does|do|is|are|may) (the kv cache|the cache|k and v|there|possible) (have|use|be|for the kv
    cache|used|in)( of the kv cache|)
how (can|do|could) i (make|get|have) (the |a |)(kv cache|cache|context memory|memory of the context) (smaller|use fewer bits|quantised|in 8 bits|use
    less memory|q8_0)
(the|my) (kv cache|cache) (takes|uses|eats|needs|is) (too much memory|a lot of memory|too big|much ram|gigabytes|too large)(, can it be smaller|, how
    do i shrink it|, can it use fewer bits|)
(what|how) (is|does|about|good is) (q8_0|q4_0|an 8-bit type|8 bits) (for|as|in|do to) the (kv cache|cache)
(shrink|compress|halve|reduce|quantise|quantize) (the |)(kv cache|cache|memory of the kv cache)
(does|is) a (quantised|q8_0|q4_0|8-bit) (kv cache|cache) (worse|good|bad|lossy|slower|worth it|lose quality|hurt)
(f16|q8_0|q4_0|bf16) (for|as) (the |)(kv cache|cache)
(k and v|keys and values) (in|with) (8 bits|q8_0|fewer bits|different types)
save memory (with|by) (a quantised|a smaller) (kv |)cache
long context with less memory(, quantise the cache|)
""", what="""a quantised kv cache|kv cache quantisation|the type of the kv cache|a q8_0 kv cache""", can="""(quantise|quantize|shrink|compress) the (kv cache|cache)|use (q8_0|8 bits|fewer bits) for the kv cache""", how="""(quantise|quantize|shrink) the (kv cache|cache)|make the kv cache smaller""")
