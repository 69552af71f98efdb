// The official clients, unmodified, against a server of their own. Run by tests/clients/run.
import { after } from 'node:test';
import { anthropicTests } from './anthropic.mjs';
import { accessTests, nativeTests, otherTests } from './http.mjs';
import { openaiTests } from './openai.mjs';
import { fixtures, start } from './server.mjs';

const server = await start({ models: fixtures() ? ['bert', 'bert-rerank'] : [] });
after(() => server.stop());

openaiTests(server.base);
anthropicTests(server.base);
nativeTests(server.base);
otherTests(server.base);
accessTests();
