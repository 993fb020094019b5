// Forms as busboy reads them, of which multer and others are made: the last of
// equal names.  forms.py says what is asked and answered; a text that Number()
// takes is a number.

'use strict';

const busboy = require('busboy');

function text(value) {
    if (value === null) {
        return 'other';
    }

    const number = value.trim() === '' ? NaN : Number(value);

    return !Number.isNaN(number) ? String(number)
        : '"' + Buffer.from(value).toString('latin1').replace(
            /[^!-~]|[%,]/g,
            (c) => '%' + c.charCodeAt(0).toString(16).padStart(2, '0'));
}

function answer(type, body, names) {
    return new Promise((resolve) => {
        const form = new Map();
        const reject = () => resolve('rejected');
        let parser;

        try {
            parser = busboy({ headers: { 'content-type': type } });
        } catch (error) {
            reject();
            return;
        }

        parser.on('field', (name, value) => form.set(name, value));
        parser.on('file', (name, stream) => {
            form.set(name, null);
            stream.on('error', reject);
            stream.resume();
        });
        parser.on('error', reject);
        parser.on('close', () => resolve(names.map((name) =>
            form.has(name) ? text(form.get(name)) : 'absent').join(' ')));
        parser.end(body);
    });
}

async function main() {
    let input = Buffer.alloc(0);

    for await (const chunk of process.stdin) {
        input = Buffer.concat([input, chunk]);

        for (let end; (end = input.indexOf('\n')) >= 0;) {
            const [length, ...names] = input.subarray(0, end).toString()
                .split(' ');
            const next = end + 1 + Number(length);

            if (input.length < next) {
                break;
            }

            const whole = input.subarray(end + 1, next);
            const head = whole.indexOf('\n');

            process.stdout.write(await answer(
                whole.subarray(0, head).toString('latin1'),
                whole.subarray(head + 1), names) + '\n');
            input = input.subarray(next);
        }
    }
}

main();
