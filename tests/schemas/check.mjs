// Lines {"schema":…,"texts":[…]} on standard input: validates every text with ajv, which shares no
// code and no author with Hearth. One line of sums; exit code 1 when a text does not validate.
import { createInterface } from 'node:readline';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

let schemas = 0, texts = 0, wrong = 0;

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
    if (!line) continue;
    const { schema, texts: list } = JSON.parse(line);
    // Decimal fractions are no binary ones: 0.3 is a multiple of 0.1.
    const ajv = new Ajv2020({ strict: false, logger: false, multipleOfPrecision: 9 });
    addFormats(ajv);
    const validate = ajv.compile(schema);
    schemas++;
    for (const text of list) {
        let value, why = '';
        texts++;
        try {
            value = JSON.parse(text);
            if (!validate(value)) why = ajv.errorsText(validate.errors);
        } catch (e) {
            why = e.message;
        }
        if (why && wrong++ < 20)
            console.error(`${why}\n  text   ${text}\n  schema ${JSON.stringify(schema)}`);
    }
}
console.log(`${schemas} schemas, ${texts} texts, ${wrong} wrong`);
process.exit(wrong ? 1 : 0);
