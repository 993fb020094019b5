/*
 * Copyright (C) llm-policy authors
 *
 * Calls through the gateway that Gateway.pm has started, and checks that apply
 * to each call, with any client.
 *
 * The client's own request is known from a second server of that nginx, without
 * a policy: each call is made there too, and the bytes that the upstream
 * received in both cases are compared.
 */

'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const { setTimeout: sleep } = require('node:timers/promises');
const { after, before, test } = require('node:test');

const { Upstream } = require('./upstream');

const setup = JSON.parse(process.env.TEST_CLIENT);

const TIMEOUT = 1000 * (process.env.TEST_TIMEOUT ?? 30);

const STATUS = {
    unknown_key: 401, model_not_allowed: 403, unknown_route: 403,
    unsupported_content_type: 415, unsupported_content_encoding: 415,
};

/* the place of an edit: before the closing brace */
const END = Symbol('end');

/* an image of 300 KB: its request goes to a temporary file */
const IMAGE = Buffer.from(Array.from({ length: 225000 },
    (_, i) => (i * i + 13 * i) >> 3)).toString('base64');


const accessLog = {
    read: 0,

    lines() {
        return fs.readFileSync(setup.access_log, 'utf8').split('\n')
            .slice(this.read, -1).map(JSON.parse);
    },

    skip() {
        this.read += this.lines().length;
    },

    /* nginx writes a line after the client has its response */

    async take(n) {
        const end = Date.now() + TIMEOUT;

        while (this.lines().length < n) {
            assert.ok(Date.now() < end, 'the access log lacks a line');
            await sleep(5);
        }

        const lines = this.lines();
        this.read += lines.length;

        assert.equal(lines.length, n, 'one line for each request');

        return lines;
    },
};


/*
 * Returns the members of an object, or of an array, as written: name => text.
 */

function members(object) {
    const found = new Map();
    const token = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;
    const inArray = object.startsWith('[');
    let depth = 0;
    let name;
    let start;

    for (const { 0: text, index } of object.matchAll(token)) {
        const closing = '}]'.includes(text);

        if (depth === 1 && start !== undefined && (closing || text === ',')) {
            found.set(inArray ? found.size : JSON.parse(name),
                object.slice(start, index).trim());
            start = undefined;
            name = undefined;

        } else if (depth === 1 && text === ':') {
            start = index + 1;

        } else if (depth === 1 && text !== ',') {
            name ??= text;
        }

        depth += '{['.includes(text) - closing;

        if (inArray && depth === 1 && '[,'.includes(text)) {
            start = index + 1;
        }
    }

    return found;
}


/* Returns the text of the first of these members in the body, or ''. */

function written(body, paths) {
    for (const path of paths) {
        const text = path.reduce((object, name) => (
            /^[{[]/.test(object) ? members(object).get(name) ?? '' : ''
        ), body.toString());

        if (text !== '') {
            return text;
        }
    }

    return '';
}


/* Reports the position of a difference, but not the text there. */

function sameBytes(actual, expected) {
    const a = Buffer.from(actual);
    const b = Buffer.from(expected);

    if (!a.equals(b)) {
        const at = a.findIndex((byte, i) => byte !== b[i]);

        assert.fail(`differ at ${at}, ${a.length} and ${b.length} bytes`);
    }
}


/* Returns the body with texts replaced, in ASCII, each of which occurs once. */

function edited(body, ...edits) {
    const text = edits.reduce((before, [from, to]) => {
        if (from === END) {
            return `${before.slice(0, -1)}${to}}`;
        }

        const parts = before.split(from);

        assert.equal(parts.length, 2, `${from} stands there once`);

        return parts.join(to);
    }, Buffer.from(body).toString('latin1'));

    return Buffer.from(text, 'latin1');
}


async function collected(stream) {
    const events = [];

    for await (const event of await stream) {
        events.push(event);
    }

    return events;
}


/*
 * For a client:
 *
 *   api      what the upstream speaks, of api/
 *   client   (server, apiKey, options) => the client of that address
 *   raises   status => the class of error that the client has for it, by
 *            name if it is not exported
 *   told     error => { status, message, document }: the status, our message
 *            and the whole document, as the client hands them to its caller
 */

function gateway({ api, client: make, raises, told }) {
    const upstream = new Upstream(api);

    before(() => upstream.listen(setup.upstream));
    after(() => upstream.close());

    function client(server, key, options) {
        return make(server, setup.keys[key], options);
    }

    /*
     * Makes a call through the policy, and without it to record the client's
     * request.  Checks that head and log agree with the upstream's request.
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

    /* The same for a call that is changed by these edits only, or unchanged. */

    async function held(call, edits = [], key = 'free') {
        const result = await forwarded(call, key);

        sameBytes(result.got, edited(result.original, ...edits));

        return result;
    }

    /* requests that are invalid without the policy */

    function refusedByUpstream(error) {
        assert.match(told(error).message,
            /upstream: (?:unsupported_parameter|out_of_range)/);
    }

    function sameHead(got, original) {
        const head = ({ method, url, headers }) => ({
            ...headers, method, url, 'content-length': undefined,
            'x-request-id': undefined,
        });

        assert.deepEqual(head(got), head(original), 'the head is the same');

        if (got.method === 'POST') {
            assert.equal(got.headers['content-length'], `${got.length}`);
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

        const { dialect, places = {} } = upstream.route(got);

        assert.equal(llm.dialect, dialect);

        for (const [name, paths] of Object.entries(places)) {
            const requested = written(original.body, paths);
            const effective = written(got.body, paths);

            assert.equal(llm[name].requested, requested, `requested ${name}`);
            assert.equal(llm[name].effective, effective, `effective ${name}`);

            if (requested === effective) {
                assert.equal(llm[name].action, requested && 'none');
            }
        }
    }

    /* Makes a call that is refused on each attempt of the client. */

    async function refused(call, expected, key = 'free') {
        const error = await call(client(setup.gateway, key)).then(
            () => assert.fail('not refused'), (reason) => reason);
        const { code, param, requested } = expected;
        const status = STATUS[code] ?? 400;
        const raised = raises(status);

        assert.equal(typeof raised === 'string' ? error.constructor.name
            : error.constructor, raised, 'the client\'s own error');

        const [line] = await accessLog.take(1);
        const { llm } = line;

        assert.equal(upstream.take().length, 0, 'the upstream saw nothing');

        const { document, message, ...more } = told(error);
        const text = document.error?.message ?? document.message
            ?? document.error;

        assert.equal(more.status, status);
        assert.match(text, expected.message);
        assert.ok(message.includes(text) || message.includes(
            JSON.stringify(text).slice(1, -1)), 'our message');
        assert.deepEqual(document, upstream.refusal(
            { method: line.method, url: line.uri }, status,
            { message: text, param, code }));

        assert.equal(line.status, status);
        assert.equal(llm.status, 'rejected');
        assert.equal(llm.reason, code);
        assert.equal(llm.temperature.effective, '', 'nothing was sent');
        assert.equal(llm[param]?.requested, requested);
    }

    /* Makes a test for each of { name: [call, expected, key] }. */

    function refusals(table) {
        for (const [name, parameters] of Object.entries(table)) {
            check(`refused: ${name}`, () => refused(...parameters));
        }
    }

    /*
     * Makes calls until the caller has used up its limit, then one that waits
     * for the announced time, and succeeds.  headers() returns those of an
     * error.
     */

    async function limited(call, headers) {
        const once = client(setup.gateway, 'limited', { maxRetries: 0 });
        let answers = 0;
        let error;

        for ( ; error === undefined; answers += 1) {
            await call(once).catch((reason) => {
                error = reason;
            });
        }

        assert.ok(answers - 1 >= 30 && answers - 1 <= 32,
            `${answers - 1} before the limit`);
        assert.equal(error.status, 429);
        assert.equal(error.constructor, raises(429), 'the client\'s own error');
        assert.match(told(error).message,
            /rate limit reached: 30 \(requests_per_minute\)/);

        const wait = Number(headers(error).get('retry-after'));

        assert.ok(wait === 1 || wait === 2, `retry-after: ${wait}`);

        const start = Date.now();

        await call(client(setup.gateway, 'limited'));

        const took = Date.now() - start;
        const lines = (await accessLog.take(answers + 2)).slice(-2);

        assert.ok(took >= 500, `it came back after ${took} ms`);
        assert.deepEqual(lines.map((line) => [line.status, line.llm.reason]),
            [[429, 'rate_limit_exceeded'], [200, '']]);
        assert.equal(upstream.take().length, answers,
            'the upstream received the admitted ones');
    }

    /*
     * Makes calls until the caller has used up its day, then one with the
     * client's own retries: it fails at once.
     */

    async function spent(call, headers) {
        const once = client(setup.gateway, 'spent', { maxRetries: 0 });
        let answers = 0;
        let error;

        for ( ; error === undefined; answers += 1) {
            await call(once).catch((reason) => {
                error = reason;
            });
        }

        await accessLog.take(answers);
        upstream.take();

        const start = Date.now();
        const last = await call(client(setup.gateway, 'spent')).then(
            () => assert.fail('it succeeded'), (reason) => reason);

        assert.ok(Date.now() - start < TIMEOUT, 'it did not wait');
        assert.equal(last.status, 429);
        assert.equal(last.constructor, raises(429), 'the client\'s own error');
        assert.match(told(last).message, /quota reached: 1000/);
        assert.equal(headers(last).get('x-should-retry'), 'false');

        const lines = await accessLog.take(1);

        assert.deepEqual(lines.map((line) => [line.status, line.llm.reason]),
            [[429, 'quota_exceeded']], 'it was not sent again');
        assert.equal(upstream.take().length, 0);
    }

    /*
     * Reads a stream whose upstream sends each token only after the previous
     * one has been read here.
     */

    async function streamed(stream, isToken) {
        const release = upstream.hold();
        const events = [];

        for await (const event of await stream) {
            events.push(event);

            if (isToken(event)) {
                release();
            }
        }

        return events;
    }

    /* data left by a failed test is not for the next one */

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

    return {
        upstream, check, client, forwarded, held, refused, refusals, limited,
        spent,
        streamed,
    };
}


module.exports = {
    setup, accessLog, gateway, members, written, edited, sameBytes, collected,
    END, IMAGE,
};
