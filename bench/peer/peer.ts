// Measures llama.cpp, through the pinned npm package, on one model file: prompt processing and
// generation, each after a warm-up. Prints one JSON object in the form of `hearth bench --json`.
//   node peer.mjs FILE [prompt tokens] [generated tokens] [runs] [threads] [sequences]
// With several sequences, generation is that of all of them at once.
import { getLlama, LlamaLogLevel, type Token } from "node-llama-cpp";

const [file, pp = "512", tg = "128", runs = "5", threads = "2", parallel = "1"] = process.argv.slice(2);
if (!file) {
    console.error("usage: node peer.mjs FILE [prompt tokens] [generated tokens] [runs] [threads] [sequences]");
    process.exit(2);
}
const nPrompt = Number(pp), nGenerate = Number(tg), nRuns = Number(runs), nThreads = Number(threads);
const nParallel = Number(parallel);

const llama = await getLlama({ gpu: false, build: "never", logLevel: LlamaLogLevel.error, maxThreads: nThreads });
const loadStart = performance.now();
const model = await llama.loadModel({ modelPath: file, gpuLayers: 0 });
const loadMs = performance.now() - loadStart;
const context = await model.createContext({
    contextSize: Math.max(nPrompt, nGenerate) + 64,
    sequences: nParallel,
    batchSize: 512,
    threads: { ideal: nThreads, min: nThreads },
});
const sequences = Array.from({ length: nParallel }, () => context.getSequence());
const sequence = sequences[0];
const nVocab = 30000;

function tokens(n: number, salt: number): Token[] {
    return Array.from({ length: n }, (_, i) => Math.floor(((i + 1 + salt) * 2654435761) % nVocab) as Token);
}

async function prompt(salt: number): Promise<number> {
    await sequence.clearHistory();
    const ids = tokens(nPrompt, salt);
    const start = performance.now();
    await sequence.evaluateWithoutGeneratingNewTokens(ids);
    return nPrompt / ((performance.now() - start) / 1000);
}

// Tokens per second of all sequences, from the first token of the first to the last of the last.
async function generate(salt: number): Promise<number> {
    let start = 0, total = 0;
    await Promise.all(sequences.map(async (one, i) => {
        await one.clearHistory();
        let n = 0;
        for await (const _ of one.evaluate(tokens(1, salt + i), { temperature: 0, yieldEogToken: true })) {
            if (start === 0)
                start = performance.now(); // the first token pays for the prompt
            else
                total++;
            if (n++ === nGenerate)
                break;
        }
    }));
    return total / ((performance.now() - start) / 1000);
}

const result = { pp: [] as number[], tg: [] as number[] };
for (let r = 0; r <= nRuns; r++) {
    const a = nPrompt > 0 ? await prompt(r * 7919) : 0;
    const b = nGenerate > 0 ? await generate(r * 7919) : 0;
    if (r > 0) {
        result.pp.push(Number(a.toFixed(2)));
        result.tg.push(Number(b.toFixed(2)));
    }
}
console.log(JSON.stringify({
    model: file, engine: "llama.cpp (node-llama-cpp 3.22.1)", threads: nThreads, device: "cpu",
    load_ms: Number(loadMs.toFixed(1)), peak_rss_bytes: process.resourceUsage().maxRSS * 1024,
    pp: { n: nPrompt, tok_s: result.pp }, tg: { n: nGenerate, tok_s: result.tg },
}));
process.exit(0);
