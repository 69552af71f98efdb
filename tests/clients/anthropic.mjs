// The official client of Anthropic, as it comes from npm, against a running server.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import { model } from './server.mjs';

const messages = [{ role: 'user', content: 'What is Hearth?' }];
const greedy = { model, max_tokens: 24, temperature: 0 };
const tools = [{
    name: 'get_stock', description: 'How many are left',
    input_schema: {
        type: 'object', properties: { sku: { enum: ['A-17', 'B-2'] } }, required: ['sku'],
        additionalProperties: false,
    },
}];

function plain(client) {
    test('anthropic: create', async () => {
        const m = await client.messages.create({ ...greedy, messages, system: [{ type: 'text', text: 'Be brief.' }] });
        assert.equal(m.type, 'message');
        assert.equal(m.content[0].type, 'text');
        assert.ok(m.content[0].text.length > 5);
        assert.ok(['end_turn', 'max_tokens'].includes(m.stop_reason));
        assert.ok(m.usage.output_tokens > 0);
    });
    test('anthropic: create, as a beta', async () => {
        const m = await client.beta.messages.create({ ...greedy, messages, betas: ['none-2025-01-01'] });
        assert.equal(m.content[0].type, 'text');
    });
    test('anthropic: held to a schema', async () => {
        const m = await client.messages.create({
            model, max_tokens: 60, messages, output_config: { format: { type: 'json_schema', schema: {
                type: 'object', properties: { n: { type: 'integer', minimum: 1, maximum: 9 } },
                required: ['n'], additionalProperties: false } } } });
        assert.ok(JSON.parse(m.content[0].text).n >= 1);
    });
    test('anthropic: a stop text is named', async () => {
        // Words of the answer itself, whatever the model says.
        const whole = (await client.messages.create({ ...greedy, messages })).content[0].text;
        const words = whole.slice(9, 18);
        const m = await client.messages.create({ ...greedy, messages, stop_sequences: [words] });
        assert.equal(m.stop_reason, 'stop_sequence');
        assert.equal(m.stop_sequence, words);
        assert.equal(m.content[0].text, whole.slice(0, whole.indexOf(words)));
    });
    test('anthropic: the helper for streams', async () => {
        const whole = await client.messages.create({ ...greedy, messages });
        const stream = client.messages.stream({ ...greedy, messages });
        let text = '';
        stream.on('text', (piece) => { text += piece; });
        const final = await stream.finalMessage();
        assert.equal(text, whole.content[0].text);
        assert.equal(final.content[0].text, text);
        assert.equal(final.stop_reason, whole.stop_reason);
        assert.equal(final.usage.output_tokens, whole.usage.output_tokens);
    });
    test('anthropic: a prefilled answer goes on', async () => {
        const m = await client.messages.create(
            { ...greedy, messages: [...messages, { role: 'assistant', content: 'Hearth runs large' }] });
        assert.ok(m.content[0].text.length > 0);
        assert.ok(!m.content[0].text.startsWith('Hearth runs large'));
    });
    test('anthropic: tokens are counted as they are used', async () => {
        const n = await client.messages.countTokens({ model, messages });
        const m = await client.messages.create({ ...greedy, messages });
        assert.equal(n.input_tokens, m.usage.input_tokens + m.usage.cache_read_input_tokens);
    });
    test('anthropic: errors are of their kinds', async () => {
        await assert.rejects(client.messages.create({ ...greedy, model: 'no/such', messages }),
                             (e) => e instanceof Anthropic.NotFoundError &&
                                 e.error.error.type === 'not_found_error');
        await assert.rejects(client.messages.create({ ...greedy, messages: [] }),
                             (e) => e instanceof Anthropic.BadRequestError &&
                                 e.error.error.type === 'invalid_request_error');
    });
}

function withTools(client) {
    test('anthropic: tools, there and back', async () => {
        const first = await client.messages.create(
            { model, max_tokens: 60, messages, tools,
              tool_choice: { type: 'any', disable_parallel_tool_use: true } });
        const use = first.content.find((block) => block.type === 'tool_use');
        assert.equal(first.stop_reason, 'tool_use');
        assert.equal(use.name, 'get_stock');
        assert.ok(['A-17', 'B-2'].includes(use.input.sku));
        const second = await client.messages.create(
            { ...greedy, tools, tool_choice: { type: 'none' }, messages: [
                ...messages, { role: 'assistant', content: first.content },
                { role: 'user', content: [{ type: 'tool_result', tool_use_id: use.id, content: '3 left' }] }] });
        assert.equal(second.content.every((block) => block.type === 'text'), true);
    });
    test('anthropic: a tool in a stream', async () => {
        const stream = client.messages.stream(
            { model, max_tokens: 60, messages, tools, tool_choice: { type: 'tool', name: 'get_stock' } });
        let json = '';
        stream.on('inputJson', (piece) => { json += piece; });
        const final = await stream.finalMessage();
        const use = final.content.find((block) => block.type === 'tool_use');
        assert.deepEqual(JSON.parse(json), use.input);
    });
    test('anthropic: thinking is asked for and replayed', async () => {
        const m = await client.messages.create(
            { model, max_tokens: 2048, stop_sequences: ['.'], thinking: { type: 'enabled', budget_tokens: 1024 },
              messages: [...messages, { role: 'assistant', content: [
                  { type: 'thinking', thinking: 'A program.', signature: 'local' },
                  { type: 'text', text: 'A program.' }] }, { role: 'user', content: 'Which port?' }] });
        assert.ok(m.content.length > 0);
    });
}

export function anthropicTests(base) {
    const client = new Anthropic({ baseURL: base, apiKey: 'none', maxRetries: 0, timeout: 60000 });

    plain(client);
    withTools(client);
}
