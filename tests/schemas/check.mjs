// Lines {"schema":…,"texts":[…]} on standard input: validates every text with ajv, which shares no
// code and no author with Hearth. One line of sums; exit code 1 when a text does not validate.
import { createInterface } from 'node:readline';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

// A number as [whole units, digits of the fraction].
function decimal(x) {
    const [digits, exponent = '0'] = String(x).split('e');
    const [whole, fraction = ''] = digits.split('.');
    const scale = fraction.length - Number(exponent);
    return [BigInt(whole + fraction) * 10n ** BigInt(Math.max(0, -scale)), Math.max(0, scale)];
}

function isMultiple(of, value) {
    const [a, n] = decimal(value), [b, m] = decimal(of);
    return (a * 10n ** BigInt(m)) % (b * 10n ** BigInt(n)) === 0n;
}

let schemas = 0, texts = 0, wrong = 0;

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
    if (!line) continue;
    const { schema, texts: list } = JSON.parse(line);
    const ajv = new Ajv2020({ strict: false, logger: false });
    // ajv divides doubles, for which 0.3 is no multiple of 0.1: decimals here.
    ajv.removeKeyword('multipleOf');
    ajv.addKeyword({ keyword: 'multipleOf', type: 'number', schemaType: 'number', validate: isMultiple });
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
