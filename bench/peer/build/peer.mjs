import { getLlama, LlamaLogLevel } from "node-llama-cpp";
const [file, pp = "512", tg = "128", runs = "5", threads = "2"] = process.argv.slice(2);
if (!file) {
  console.error("usage: node peer.mjs FILE [prompt tokens] [generated tokens] [runs] [threads]");
  process.exit(2);
}
const nPrompt = Number(pp), nGenerate = Number(tg), nRuns = Number(runs), nThreads = Number(threads);
const llama = await getLlama({ gpu: false, build: "never", logLevel: LlamaLogLevel.error, maxThreads: nThreads });
const loadStart = performance.now();
const model = await llama.loadModel({ modelPath: file, gpuLayers: 0 });
const loadMs = performance.now() - loadStart;
const context = await model.createContext({
  contextSize: Math.max(nPrompt, nGenerate) + 64,
  batchSize: 512,
  threads: { ideal: nThreads, min: nThreads }
});
const sequence = context.getSequence();
const nVocab = 3e4;
function tokens(n, salt) {
  return Array.from({ length: n }, (_, i) => Math.floor((i + 1 + salt) * 2654435761 % nVocab));
}
async function prompt(salt) {
  await sequence.clearHistory();
  const ids = tokens(nPrompt, salt);
  const start = performance.now();
  await sequence.evaluateWithoutGeneratingNewTokens(ids);
  return nPrompt / ((performance.now() - start) / 1e3);
}
async function generate(salt) {
  await sequence.clearHistory();
  let n = 0, start = 0;
  for await (const _ of sequence.evaluate(tokens(1, salt), { temperature: 0, yieldEogToken: true })) {
    if (n === 0)
      start = performance.now();
    if (n++ === nGenerate)
      break;
  }
  return nGenerate / ((performance.now() - start) / 1e3);
}
const result = { pp: [], tg: [] };
for (let r = 0; r <= nRuns; r++) {
  const a = nPrompt > 0 ? await prompt(r * 7919) : 0;
  const b = nGenerate > 0 ? await generate(r * 7919) : 0;
  if (r > 0) {
    result.pp.push(Number(a.toFixed(2)));
    result.tg.push(Number(b.toFixed(2)));
  }
}
console.log(JSON.stringify({
  model: file,
  engine: "llama.cpp (node-llama-cpp 3.22.1)",
  threads: nThreads,
  device: "cpu",
  load_ms: Number(loadMs.toFixed(1)),
  peak_rss_bytes: process.resourceUsage().maxRSS * 1024,
  pp: { n: nPrompt, tok_s: result.pp },
  tg: { n: nGenerate, tok_s: result.tg }
}));
process.exit(0);
