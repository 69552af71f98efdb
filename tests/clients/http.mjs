// What clients without a library of their own see: the native API, keys, origins, unknown paths.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { execFileSync } from 'node:child_process';
import { fixtures, model, post, records, start } from './server.mjs';

function curl(...args) {
    return execFileSync('curl', ['-sS', '--max-time', '60', ...args], { encoding: 'utf8' });
}

export function nativeTests(base) {
    test('native: the stream ends with the whole answer', async () => {
        const body = { model, input: 'What is Hearth?', temperature: 0, max_output_tokens: 16, store: false };
        const whole = await (await post(base, '/api/v1/chat', body)).json();
        const all = await records(await post(base, '/api/v1/chat', { ...body, stream: true }));
        const end = all.at(-1);
        assert.equal(all[0].event, 'chat.start');
        assert.equal(end.event, 'chat.end');
        assert.deepEqual(end.data.result.output, whole.output);
        assert.equal(all.filter((r) => r.event === 'message.delta').map((r) => r.data.content).join(''),
                     whole.output[0].content);
        for (const r of all) assert.equal(r.event, r.data.type);
    });
    test('native: chats go on, and branch', async () => {
        const first = await (await post(base, '/api/v1/chat',
                                        { model, input: 'What is Hearth?', max_output_tokens: 8 })).json();
        assert.match(first.response_id, /^resp_[0-9a-f]{48}$/);
        for (const input of ['Which port?', 'Who made it?']) {
            const next = await (await post(base, '/api/v1/chat', {
                model, input, previous_response_id: first.response_id, max_output_tokens: 8 })).json();
            assert.ok(next.stats.input_tokens > first.stats.input_tokens);
        }
        const lost = await post(base, '/api/v1/chat', { model, input: 'x', previous_response_id: 'resp_0' });
        assert.equal(lost.status, 404);
    });
    test('native: load under a name, use it, unload it', async () => {
        const loaded = await (await post(base, '/api/v1/models/load', {
            model, identifier: 'mine', context_length: 512, echo_load_config: true })).json();
        assert.equal(loaded.instance_id, 'mine');
        assert.equal(loaded.load_config.context_length, 512);
        const list = await (await fetch(`${base}/api/v1/models`)).json();
        const ids = list.models.find((m) => m.key === model).loaded_instances.map((i) => i.id);
        assert.ok(ids.includes('mine'));
        const c = await (await post(base, '/v1/chat/completions', {
            model: 'mine', max_tokens: 4, messages: [{ role: 'user', content: 'Hi' }] })).json();
        assert.equal(c.model, 'mine');
        const gone = await (await post(base, '/api/v1/models/unload', { instance_id: 'mine' })).json();
        assert.deepEqual(gone, { instance_id: 'mine' });
        assert.equal((await post(base, '/api/v1/models/unload', { instance_id: 'mine' })).status, 404);
    });
    test('native: an unknown key is refused', async () => {
        const r = await post(base, '/api/v1/models/load', { model, colour: 'red' });
        assert.equal(r.status, 400);
        assert.equal((await r.json()).error.code, 'unrecognized_keys');
    });
    test('native beta: statistics', async () => {
        const c = await (await post(base, '/api/v0/chat/completions', {
            model, max_tokens: 8, messages: [{ role: 'user', content: 'Hi' }] })).json();
        assert.ok(c.stats.tokens_per_second > 0);
        assert.equal(c.model_info.format, 'gguf');
    });
}

export function otherTests(base) {
    const skip = fixtures() ? false : 'no fixtures';

    test('curl: a stream line by line', () => {
        const text = curl('-N', `${base}/v1/chat/completions`, '-d', JSON.stringify({
            model, stream: true, max_tokens: 4, messages: [{ role: 'user', content: 'Hi' }] }));
        assert.match(text, /^data: \{"id":"chatcmpl-[0-9a-z]{21}"/);
        assert.match(text, /data: \[DONE\]\n\n$/);
    });
    test('curl: unknown paths and methods', () => {
        assert.match(curl('-i', `${base}/v1/nothing`), /^HTTP\/1.1 404 /);
        assert.match(curl('-i', `${base}/v1/chat/completions`), /^HTTP\/1.1 405 /);
        assert.match(curl('-i', `${base}/v1/chat/completions`, '-d', '{'), /^HTTP\/1.1 400 [^]*invalid_json/);
    });
    test('tokens, there and back', async () => {
        const { tokens, count } = await (await post(base, '/tokenize', { model, content: 'Hearth runs' })).json();
        assert.equal(tokens.length, count);
        const { content } = await (await post(base, '/detokenize', { model, tokens })).json();
        assert.equal(content.trim(), 'Hearth runs');
    });
    test('ranking, best first', { skip }, async () => {
        const r = await (await post(base, '/v1/rerank', {
            model: 'bert-rerank', query: 'warm', documents: ['a stove', 'snow', 'fire'], top_n: 2 })).json();
        assert.equal(r.results.length, 2);
        assert.ok(r.results[0].relevance_score >= r.results[1].relevance_score);
    });
}

async function statuses(base, headers) {
    const chat = { model, max_tokens: 2, messages: [{ role: 'user', content: 'Hi' }] };
    return Promise.all([
        fetch(`${base}/v1/models`, { headers }),
        post(base, '/v1/chat/completions', chat, headers),
        post(base, '/v1/messages', chat, headers),
        fetch(`${base}/api/v1/models`, { headers }),
        fetch(`${base}/lmstudio-greeting`, { headers }),
    ]);
}

export function accessTests() {
    test('keys: without one nothing but the greeting; each family says so in its shape', async () => {
        const server = await start({ config: { server: { requireKey: true } } });
        try {
            const all = await statuses(server.base, {});
            assert.deepEqual(all.map((r) => r.status), [401, 401, 401, 401, 200]);
            assert.equal((await all[1].json()).error.code, 'invalid_api_key');
            assert.equal((await all[2].json()).error.type, 'authentication_error');
            assert.equal((await all[3].json()).error.type, 'invalid_request');
            const key = /sk-lm-[A-Za-z0-9]{8}:[A-Za-z0-9]{20}/.exec(server.run('key', 'create', 'test'))[0];
            assert.match(server.run('key', 'ls'), /test +inference models\.read/);
            for (const headers of [{ authorization: `Bearer ${key}` }, { 'x-api-key': key }]) {
                const open = await statuses(server.base, headers);
                assert.deepEqual(open.map((r) => r.status), [200, 200, 200, 200, 200]);
                await Promise.all(open.map((r) => r.arrayBuffer()));
            }
            const load = await post(server.base, '/api/v1/models/load', { model },
                                    { authorization: `Bearer ${key}` });
            assert.equal(load.status, 403);
        } finally {
            await server.stop();
        }
    });
    test('origins: preflights are answered when that is switched on', async () => {
        const ask = (base) => fetch(`${base}/v1/chat/completions`, {
            method: 'OPTIONS', headers: {
                origin: 'https://example.org', 'access-control-request-method': 'POST',
                'access-control-request-headers': 'authorization,content-type' } });
        const server = await start({ args: ['--cors'] });
        try {
            const on = await ask(server.base);
            assert.equal(on.status, 204);
            assert.equal(on.headers.get('access-control-allow-origin'), '*');
            assert.match(on.headers.get('access-control-allow-headers'), /authorization/);
        } finally {
            await server.stop();
        }
        const closed = await start();
        try {
            assert.equal((await ask(closed.base)).headers.get('access-control-allow-origin'), null);
        } finally {
            await closed.stop();
        }
    });
}
