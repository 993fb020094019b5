/*
 * Copyright (C) llm-policy authors
 *
 * Calls by way of the gateway that openai.t has started, and what has to
 * hold for each of them.
 *
 * What the client itself sends is known from a second server of that nginx,
 * which has no policy: each call is made there too, and the bytes that the
 * upstream got either way are compared.
 */

'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const { setTimeout: sleep } = require('node:timers/promises');
const { after, before, test } = require('node:test');

const OpenAI = require('openai');

const { Upstream } = require('./upstream');

const setup = JSON.parse(process.env.TEST_CLIENT);
const upstream = new Upstream();

const TIMEOUT = 1000 * (process.env.TEST_TIMEOUT ?? 30);

/* where the logged parameters live, by dialect */
const MEMBERS = {
    'openai.chat': {
        temperature: [['temperature']],
        top_p: [['top_p']],
        max_tokens: [['max_tokens'], ['max_completion_tokens']],
        n: [['n']],
        reasoning_effort: [['reasoning_effort']],
    },
    'openai.completions': {
        temperature: [['temperature']],
        top_p: [['top_p']],
        max_tokens: [['max_tokens']],
        n: [['n']],
    },
    'openai.responses': {
        temperature: [['temperature']],
        top_p: [['top_p']],
        max_tokens: [['max_output_tokens']],
        reasoning_effort: [['reasoning', 'effort']],
    },
};


before(() => upstream.listen(setup.upstream));
after(() => upstream.close());


function client(server, key, options) {
    return new OpenAI({
        baseURL: `${server}/v1`, apiKey: setup.keys[key], ...options,
    });
}


const accessLog = {
    read: 0,

    lines() {
        return fs.readFileSync(setup.access_log, 'utf8').split('\n')
            .slice(this.read, -1).map(JSON.parse);
    },

    skip() {
        this.read += this.lines().length;
    },

    /* nginx writes a line after the client has its answer */

    async take(n) {
        const end = Date.now() + TIMEOUT;

        while (this.lines().length < n) {
            assert.ok(Date.now() < end, 'the access log lacks a line');
            await sleep(5);
        }

        const lines = this.lines();
        this.read += lines.length;

        assert.equal(lines.length, n, 'a line for each request, and no more');

        return lines;
    },
};


/* the members of an object as they are written: name => text */

function members(object) {
    const found = new Map();
    const token = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;
    let depth = 0;
    let name;
    let start;

    for (const { 0: text, index } of object.matchAll(token)) {
        const closing = '}]'.includes(text);

        if (depth === 1 && start !== undefined && (closing || text === ',')) {
            found.set(JSON.parse(name), object.slice(start, index).trim());
            start = undefined;
            name = undefined;

        } else if (depth === 1 && text === ':') {
            start = index + 1;

        } else if (depth === 1) {
            name ??= text;
        }

        depth += '{['.includes(text) - closing;
    }

    return found;
}


/* the text of the first of these members that the body has, or '' */

function written(body, paths) {
    for (const path of paths) {
        const text = path.reduce((object, name) => (
            object.startsWith('{') ? members(object).get(name) ?? '' : ''
        ), body.toString());

        if (text !== '') {
            return text;
        }
    }

    return '';
}


/* says where they differ, but not what stands there */

function sameBytes(actual, expected) {
    const a = Buffer.from(actual);
    const b = Buffer.from(expected);

    if (!a.equals(b)) {
        const at = a.findIndex((byte, i) => byte !== b[i]);

        assert.fail(`differ at ${at}, ${a.length} and ${b.length} bytes`);
    }
}


/* the body with texts replaced, each of which stands there once */

function edited(body, ...edits) {
    return edits.reduce((text, [from, to]) => {
        const parts = text.split(from);

        assert.equal(parts.length, 2, `${from} stands there once`);

        return parts.join(to);
    }, body.toString());
}


/*
 * Makes a call through the policy and, for what the client sends, without it.
 * Checks what holds for every call that is forwarded: head and log agree
 * with what the upstream has seen.
 */

async function forwarded(call, key = 'free') {
    await call(client(setup.plain, key)).catch(refusedByUpstream);
    const [original] = upstream.take();

    const answer = await call(client(setup.gateway, key));
    const [got, ...more] = upstream.take();
    const [line] = await accessLog.take(1);

    assert.equal(more.length, 0, 'forwarded once');
    sameHead(got, original);
    logAgrees(line, original, got);

    return { answer, original: original.body, got: got.body, line };
}


function refusedByUpstream(error) {
    assert.match(error.message, /upstream: unsupported_parameter/);
}


function sameHead(got, original) {
    const head = ({ method, path, headers }) => ({
        ...headers, method, path, 'content-length': undefined,
        'x-request-id': undefined,
    });

    assert.deepEqual(head(got), head(original), 'the head is the same');

    if (got.method === 'POST') {
        assert.equal(got.headers['content-length'], `${got.body.length}`);
    }
}


function logAgrees(line, original, got) {
    const { llm } = line;
    const same = got.body.equals(original.body);

    assert.equal(line.status, 200);
    assert.equal(line.request_id, got.headers['x-request-id']);
    assert.equal(llm.reason, '');

    if (llm.status === 'bypassed') {
        assert.ok(same);
        return;
    }

    assert.equal(llm.status, same ? 'passed' : 'modified');
    assert.equal(llm.adjustments === '', same);

    for (const [name, paths] of Object.entries(MEMBERS[llm.dialect] ?? {})) {
        const requested = written(original.body, paths);
        const effective = written(got.body, paths);

        assert.equal(llm[name].requested, requested, `requested ${name}`);
        assert.equal(llm[name].effective, effective, `effective ${name}`);

        if (requested === effective) {
            assert.equal(llm[name].action, requested && 'none');
        }
    }
}


/* Makes a call that is refused, however often the client would try again. */

async function refused(call, expected, key = 'free') {
    const error = await call(client(setup.gateway, key)).then(
        () => assert.fail('not refused'), (reason) => reason);
    const [line] = await accessLog.take(1);
    const { llm } = line;

    assert.equal(error.constructor, expected.error ?? OpenAI.BadRequestError);
    assert.equal(upstream.take().length, 0, 'the upstream saw nothing');

    assert.equal(error.code, expected.code);
    assert.equal(error.param, expected.param ?? null);
    assert.equal(error.type, expected.type ?? 'invalid_request_error');
    assert.match(error.message, new RegExp(`^${error.status} `));
    assert.match(error.message, expected.message);
    assert.equal(error.headers.get('content-type'), 'application/json');

    assert.equal(line.status, error.status);
    assert.equal(llm.status, 'rejected');
    assert.equal(llm.reason, expected.code);
    assert.equal(llm.temperature.effective, '', 'nothing was sent');
    assert.equal(llm[expected.param]?.requested, expected.requested);
}


/* what a test that fails has left is not for the next one */

function check(name, run) {
    test(name, { timeout: TIMEOUT }, async () => {
        try {
            await run();
            assert.equal(upstream.take().length, 0, 'no other request');

        } catch (error) {
            upstream.take();
            accessLog.skip();

            throw error;
        }
    });
}


module.exports = {
    setup, upstream, accessLog, check, client, forwarded, refused,
    members, written, edited, sameBytes,
};
