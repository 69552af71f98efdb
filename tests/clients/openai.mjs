// The official client of OpenAI, as it comes from npm, against a running server.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import OpenAI from 'openai';
import { zodResponseFormat, zodTextFormat } from 'openai/helpers/zod';
import { z } from 'zod';
import { fixtures, model } from './server.mjs';

const question = [{ role: 'user', content: 'What is Hearth?' }];
const greedy = { model, temperature: 0, max_tokens: 24 };
const color = z.object({ color: z.enum(['red', 'green']), sure: z.boolean() });
const tool = {
    name: 'get_stock', description: 'How many are left',
    parameters: {
        type: 'object', properties: { sku: { enum: ['A-17', 'B-2'] } }, required: ['sku'],
        additionalProperties: false,
    },
    strict: true,
};

function lists(client) {
    test('openai: models are listed', async () => {
        const ids = [];
        for await (const m of client.models.list()) ids.push(m.id);
        assert.ok(ids.includes(model), ids.join(' '));
    });
    test('openai: one model, its id with a slash', async () => {
        const m = await client.models.retrieve(model);
        assert.equal(m.id, model);
        assert.equal(m.object, 'model');
        assert.equal(typeof m.created, 'number');
    });
    test('openai: an unknown model is a 404 of its own kind', async () => {
        await assert.rejects(client.models.retrieve('no/such'), OpenAI.NotFoundError);
        await assert.rejects(client.chat.completions.create({ model: 'no/such', messages: question }),
                             (e) => e instanceof OpenAI.NotFoundError && e.code === 'model_not_found' &&
                                 e.param === 'model');
    });
    test('openai: what is wrong is named', async () => {
        await assert.rejects(
            client.chat.completions.create({ model, messages: [{ role: 'user' }] }),
            (e) => e instanceof OpenAI.BadRequestError && e.param === 'messages[0].content');
    });
}

function chats(client) {
    test('openai: chat', async () => {
        const c = await client.chat.completions.create({ ...greedy, messages: question });
        assert.ok(c.choices[0].message.content.length > 10);
        assert.equal(c.usage.total_tokens, c.usage.prompt_tokens + c.usage.completion_tokens);
        assert.ok(['stop', 'length'].includes(c.choices[0].finish_reason));
    });
    test('openai: a stream is the same answer in pieces', async () => {
        const whole = await client.chat.completions.create({ ...greedy, messages: question });
        const stream = await client.chat.completions.create(
            { ...greedy, messages: question, stream: true, stream_options: { include_usage: true } });
        let text = '', finish, usage;
        for await (const chunk of stream) {
            text += chunk.choices[0]?.delta.content ?? '';
            finish = chunk.choices[0]?.finish_reason ?? finish;
            usage = chunk.usage ?? usage;
        }
        assert.equal(text, whole.choices[0].message.content);
        assert.equal(finish, whole.choices[0].finish_reason);
        assert.equal(usage.completion_tokens, whole.usage.completion_tokens);
    });
    test('openai: the helper for streams', async () => {
        const stream = client.chat.completions.stream({ ...greedy, messages: question });
        let text = '';
        stream.on('content', (piece) => { text += piece; });
        const final = await stream.finalChatCompletion();
        assert.equal(final.choices[0].message.content, text);
    });
    test('openai: several choices, log probabilities, a stop text', async () => {
        const c = await client.chat.completions.create(
            { model, messages: question, n: 2, max_tokens: 8, logprobs: true, top_logprobs: 2, seed: 7 });
        assert.equal(c.choices.length, 2);
        for (const choice of c.choices) {
            assert.ok(choice.logprobs.content.length > 0);
            assert.equal(choice.logprobs.content[0].top_logprobs.length, 2);
            assert.ok(choice.logprobs.content[0].logprob <= 0);
        }
        const cut = await client.chat.completions.create({ ...greedy, messages: question, stop: ' large' });
        assert.ok(!cut.choices[0].message.content.includes(' large'));
    });
    test('openai: a stream that is left behind frees its place', async () => {
        const stream = await client.chat.completions.create(
            { model, messages: question, stream: true, max_tokens: 500 });
        for await (const chunk of stream) { assert.ok(chunk.id); break; }
        const c = await client.chat.completions.create({ ...greedy, messages: question });
        assert.ok(c.choices[0].message.content);
    });
    test('openai: completions without a template', async () => {
        const c = await client.completions.create({ model, prompt: 'Hearth is', max_tokens: 8 });
        assert.equal(c.object, 'text_completion');
        assert.equal(typeof c.choices[0].text, 'string');
        let n = 0;
        for await (const chunk of await client.completions.create(
            { model, prompt: 'Hearth is', max_tokens: 8, stream: true })) n += chunk.choices.length;
        assert.ok(n > 1);
    });
}

function shapes(client) {
    const tools = [{ type: 'function', function: tool }];

    test('openai: the helper for structured output', async () => {
        const c = await client.chat.completions.parse(
            { model, messages: question, max_tokens: 60, response_format: zodResponseFormat(color, 'color') });
        assert.ok(color.safeParse(c.choices[0].message.parsed).success);
    });
    test('openai: tools, there and back', async () => {
        const first = await client.chat.completions.create(
            { model, messages: question, tools, tool_choice: 'required', parallel_tool_calls: false,
              max_tokens: 60 });
        const [call] = first.choices[0].message.tool_calls;
        assert.equal(first.choices[0].finish_reason, 'tool_calls');
        assert.equal(call.function.name, 'get_stock');
        assert.ok(['A-17', 'B-2'].includes(JSON.parse(call.function.arguments).sku));
        const second = await client.chat.completions.create(
            { ...greedy, tools, tool_choice: 'none', messages: [
                ...question, first.choices[0].message,
                { role: 'tool', tool_call_id: call.id, content: '{"left":3}' }] });
        assert.equal(typeof second.choices[0].message.content, 'string');
    });
    test('openai: a forced call in a stream', async () => {
        const stream = client.chat.completions.stream(
            { model, messages: question, tools, max_tokens: 60,
              tool_choice: { type: 'function', function: { name: 'get_stock' } } });
        const final = await stream.finalChatCompletion();
        const [call] = final.choices[0].message.tool_calls;
        assert.equal(call.function.name, 'get_stock');
        assert.ok(JSON.parse(call.function.arguments).sku);
    });
}

function embeddings(client) {
    const skip = fixtures() ? false : 'no fixtures';

    test('openai: embeddings in both encodings', { skip }, async () => {
        const input = ['a stove', 'a hearth'];
        const base64 = await client.embeddings.create({ model: 'bert', input });
        const floats = await client.embeddings.create({ model: 'bert', input, encoding_format: 'float' });
        assert.equal(floats.data.length, 2);
        const a = base64.data[1].embedding, b = floats.data[1].embedding;
        assert.equal(a.length, b.length);
        for (let i = 0; i < a.length; i++) assert.ok(Math.abs(a[i] - b[i]) < 1e-7);
        assert.ok(Math.abs(Math.hypot(...b) - 1) < 1e-4);
        assert.ok(floats.usage.prompt_tokens > 0);
    });
    test('openai: a language model has no embeddings to give', async () => {
        await assert.rejects(client.embeddings.create({ model, input: 'x' }), OpenAI.APIError);
    });
}

function responses(client) {
    const input = 'What is Hearth?';

    test('openai: responses, continued', async () => {
        const first = await client.responses.create({ model, input, max_output_tokens: 40, temperature: 0 });
        assert.ok(first.output_text.length > 10);
        const second = await client.responses.create(
            { model, input: 'Which port?', previous_response_id: first.id, max_output_tokens: 16 });
        assert.equal(second.previous_response_id, first.id);
        assert.ok(second.usage.input_tokens > first.usage.input_tokens);
        await assert.rejects(client.responses.create({ model, input, previous_response_id: 'resp_0' }),
                             (e) => e.status === 400 && e.code === 'previous_response_not_found');
    });
    test('openai: responses, read again and deleted', async () => {
        const r = await client.responses.create({ model, input, max_output_tokens: 8 });
        assert.equal((await client.responses.retrieve(r.id)).output_text, r.output_text);
        await client.responses.delete(r.id);
        await assert.rejects(client.responses.retrieve(r.id), OpenAI.NotFoundError);
    });
    test('openai: responses in a stream', async () => {
        const stream = await client.responses.create({ model, input, stream: true, max_output_tokens: 12 });
        const types = [];
        let text = '', n = 0, last;
        for await (const event of stream) {
            assert.equal(event.sequence_number, n++);
            types.push(event.type);
            if (event.type === 'response.output_text.delta') text += event.delta;
            last = event;
        }
        assert.deepEqual(types.slice(0, 4), ['response.created', 'response.in_progress',
                                             'response.output_item.added', 'response.content_part.added']);
        assert.equal(last.response.output[0].content[0].text, text);
    });
    test('openai: the helper for streams of responses', async () => {
        const stream = client.responses.stream({ model, input, max_output_tokens: 12 });
        let text = '';
        stream.on('response.output_text.delta', (event) => { text += event.delta; });
        assert.equal((await stream.finalResponse()).output_text, text);
    });
    test('openai: responses held to a schema', async () => {
        const r = await client.responses.parse(
            { model, input, max_output_tokens: 60, text: { format: zodTextFormat(color, 'color') } });
        assert.ok(color.safeParse(r.output_parsed).success);
    });
    test('openai: functions of responses, there and back', async () => {
        const tools = [{ type: 'function', ...tool }];
        const first = await client.responses.create(
            { model, input, tools, tool_choice: 'required', parallel_tool_calls: false,
              max_output_tokens: 60 });
        const call = first.output.find((item) => item.type === 'function_call');
        assert.ok(JSON.parse(call.arguments).sku);
        const second = await client.responses.create(
            { model, tools, tool_choice: 'none', previous_response_id: first.id, max_output_tokens: 16,
              input: [{ type: 'function_call_output', call_id: call.call_id, output: '{"left":3}' }] });
        assert.equal(typeof second.output_text, 'string');
    });
}

export function openaiTests(base) {
    const client = new OpenAI({ baseURL: `${base}/v1`, apiKey: 'none', maxRetries: 0, timeout: 60000 });

    lists(client);
    chats(client);
    shapes(client);
    embeddings(client);
    responses(client);
}
