// JSON.parse, and members of what it returns; "node.js assigned": of what
// Object.assign makes of that.  reader.hh says what is asked and answered.

'use strict';

const assigned = process.argv.includes('assigned');

// C's %.17g, near enough: what Perl reads as the same double

function text(value) {
    switch (typeof value) {
    case 'undefined':
        return 'absent';
    case 'number':
        return Number.isFinite(value) ? String(value)
            : value > 0 ? 'inf' : '-inf';
    case 'string':
        return '"' + Buffer.from(value).toString('latin1').replace(
            /[^!-~]|[%,]/g,
            (c) => '%' + c.charCodeAt(0).toString(16).padStart(2, '0'));
    case 'boolean':
        return String(value);
    default:
        return value === null ? 'null' : 'other';
    }
}

function isObject(value) {
    return typeof value === 'object' && value !== null;
}

function lookUp(value, steps) {
    if (steps.length === 0) {
        return [text(value)];
    }

    const [step, ...rest] = steps;

    if (step === '*') {
        return Array.isArray(value)
            ? value.flatMap((element) => lookUp(element, rest)) : [];
    }

    const object = !isObject(value) || Array.isArray(value) ? {}
        : assigned ? Object.assign({}, value) : value;

    // "constructor" of any object is not from the document

    const inner = object[step] === Object.prototype[step] ? undefined
        : object[step];

    return inner === undefined && rest.includes('*') ? []
        : lookUp(inner, rest);
}

function answer(body, paths) {
    let document;

    try {
        document = JSON.parse(body.toString('utf8'));
    } catch (error) {
        return 'rejected';
    }

    return paths.map((path) =>
        lookUp(document, path.split('/')).join(',') || '-').join(' ');
}

let input = Buffer.alloc(0);

process.stdin.on('data', (chunk) => {
    input = Buffer.concat([input, chunk]);

    for (;;) {
        const end = input.indexOf('\n');

        if (end < 0) {
            return;
        }

        const [length, ...paths] = input.subarray(0, end).toString()
            .split(' ');
        const next = end + 1 + Number(length);

        if (input.length < next) {
            return;
        }

        process.stdout.write(answer(input.subarray(end + 1, next), paths)
            + '\n');
        input = input.subarray(next);
    }
});
