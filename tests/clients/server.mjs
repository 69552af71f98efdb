// A `hearth serve` of its own for the tests: a free port, a home that is thrown away.
import { spawn, execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const hearth = process.env.HEARTH;
const START_MS = 60000;
const STOP_MS = 20000;

export const model = 'hearth/hearth-guide'; // built in

// The folder of small models with known answers, or undefined: tests that need it are skipped.
export function fixtures() {
    const dir = process.env.HEARTH_FIXTURES ?? resolve(here, '../../../shared/fixtures');
    return existsSync(join(dir, 'archs', 'bert.gguf')) ? dir : undefined;
}

function addModel(home, name) {
    const to = join(home, 'models', 'test', name);
    mkdirSync(to, { recursive: true });
    cpSync(join(fixtures(), 'archs', `${name}.gguf`), join(to, `${name}.gguf`));
}

// options: args (of the command), config (config.json), models (names of fixtures).
export async function start({ args = [], config, models = [] } = {}) {
    const home = mkdtempSync(join(tmpdir(), 'hearth-clients-'));
    const env = { ...process.env, HOME: home, HEARTH_HOME: home }; // no models of the user's
    if (config) writeFileSync(join(home, 'config.json'), JSON.stringify(config));
    for (const name of models) addModel(home, name);

    const child = spawn(hearth, ['serve', '--port', '0', ...args],
                        { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    const gone = new Promise((done) => child.once('exit', done));
    const base = await new Promise((done, fail) => {
        const timer = setTimeout(() => fail(new Error(`no port in ${START_MS} ms: ${said}`)), START_MS);
        const look = (chunk) => {
            said += chunk;
            const at = /serves on (http:\/\/127\.0\.0\.1:\d+)/.exec(said);
            if (at) { clearTimeout(timer); done(at[1]); }
        };
        child.stdout.on('data', look);
        child.stderr.on('data', look);
        child.once('error', fail);
        gone.then((code) => fail(new Error(`ended with ${code}: ${said}`)));
    });
    return {
        base,
        run: (...words) => execFileSync(hearth, words, { env, encoding: 'utf8' }),
        stop: async () => {
            const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
            child.kill('SIGTERM');
            await gone;
            clearTimeout(timer);
            rmSync(home, { recursive: true, force: true });
        },
    };
}

// The records of a stream of server-sent events: [{ event, data }], data parsed unless it is [DONE].
export async function records(response) {
    const out = [];
    for (const block of (await response.text()).split('\n\n')) {
        const lines = block.split('\n').filter((line) => line && !line.startsWith(':'));
        if (!lines.length) continue;
        const event = lines.find((line) => line.startsWith('event: '))?.slice(7);
        const data = lines.find((line) => line.startsWith('data: ')).slice(6);
        out.push({ event, data: data === '[DONE]' ? data : JSON.parse(data) });
    }
    return out;
}

export function post(base, path, body, headers = {}) {
    return fetch(base + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
    });
}
