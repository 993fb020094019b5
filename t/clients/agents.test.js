/*
 * Copyright (C) llm-policy authors
 *
 * Agents, LangChain's client for Azure, and the JDK's HTTP client, under a
 * policy of conf.
 *
 * Claude Code and Codex are too large to be installed for each run of the
 * tests: agents/record.js has recorded their requests (Claude Code 2.1.332 and
 * Codex 0.171.0, 2026-11-30).  They pass byte for byte, except for the edits
 * below, each of which is a rule of the tier.
 */

'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const { once } = require('node:events');
const { spawn } = require('node:child_process');

const { AzureChatOpenAI } = require('@langchain/openai');

const { setup, accessLog, gateway, END } = require('./gateway');
const anthropic = require('./api/anthropic');
const openai = require('./api/openai');

/* by tenant of the policy: what its tier's rules change in a request */

const TENANTS = {
    keys: {
        research: {
            'claude-code-opus': [], 'claude-code-sonnet': [], codex: [],
            'codex-tools': [], azure: [], jdk: [],
        },
        acme: {
            'claude-code-opus': [
                ['"max_tokens":128000', '"max_tokens":8192  ']],
            codex: [[END, ',"max_output_tokens":8192']],
            'codex-tools': [[END, ',"max_output_tokens":8192']],
            azure: [], jdk: [],
        },
    },
    hosted: {
        lab: {
            'claude-code-opus': [], 'claude-code-sonnet': [],
            codex: [[END, ',"max_output_tokens":128000']],
            'codex-tools': [[END, ',"max_output_tokens":128000']],
            azure: [[END, ',"store":false']], jdk: [[END, ',"store":false']],
        },
        acme: {
            azure: [[END, ',"service_tier":"default","store":false']],
            jdk: [[END, ',"service_tier":"default","store":false']],
        },
    },
}[setup.policy];

/* with the members in Spring AI's order */

const SPRING = JSON.stringify({
    messages: [{ content: 'Weather in Malm\u00f6?', role: 'user' }],
    model: 'gpt-4o-mini', stream: false, max_tokens: 512, temperature: 0.5,
});


class Refused extends Error {

    constructor(status, text) {
        super(text);
        this.status = status;
    }
}


/* returns a recorded request: { method, url, headers, body } */

function recorded(name) {
    const text = fs.readFileSync(path.join(__dirname, 'agents', `${name}.http`),
        'utf8');
    const [, head, body] = /^([^]*?)\n\n([^]*)\n$/.exec(text);
    const [line, ...fields] = head.split('\n');
    const [method, url] = line.split(' ');

    return {
        method, url, body,
        headers: Object.fromEntries(fields.map(
            (field) => /^(.*?): (.*)$/.exec(field).slice(1))),
    };
}


function answered(status, text) {
    if (status >= 400) {
        throw new Refused(status, text);
    }

    return text;
}


/* sends a recorded request with an API key, returns the body of the answer */

async function send(server, key, { method, url, headers, body }) {
    const request = http.request(new URL(url, server), {
        method,
        headers: Object.fromEntries(Object.entries(headers).map(
            ([name, value]) => [name, value.replace(/\bKEY$/, key)])),
    });

    if (body) {
        request.setHeader('Content-Length', Buffer.byteLength(body));
    }

    request.end(body);

    const [response] = await once(request, 'response');

    return answered(response.statusCode,
        Buffer.concat(await response.toArray()).toString());
}


async function java(...args) {
    const child = spawn('java', ['-cp', setup.classes, 'Jdk', ...args],
        { stdio: ['pipe', 'pipe', 'inherit'] });

    child.stdin.end(SPRING);

    const [, status, text] = /^(\d+)\n([^]*)$/.exec(
        Buffer.concat(await child.stdout.toArray()).toString());

    return answered(+status, text);
}


const { check, held, upstream } = gateway({
    /* the first one's node of paths that both have, such as that of models */
    api: {
        refusal: openai.refusal,
        routes: [...openai.routes, ...anthropic.routes],
    },

    client: (server, key) => ({ server, key }),
    raises: () => Refused,
    told: ({ status, message }) => ({ status, message }),
});

const CALLS = {
    ...Object.fromEntries(['claude-code-opus', 'claude-code-sonnet', 'codex',
        'codex-tools'].map((name) => [name,
        ({ server, key }) => send(server, key, recorded(name))])),

    /* Azure goes by the deployment, and ignores the model of the body */
    azure: ({ server, key }) => new AzureChatOpenAI({
        azureOpenAIBasePath: `${server}/openai/deployments`,
        azureOpenAIApiDeploymentName: 'gpt-4o-mini',
        azureOpenAIApiKey: key, azureOpenAIApiVersion: '2024-10-21',
        model: 'prod', temperature: 0.5, maxTokens: 512,
    }).invoke('Weather?').then(({ content }) => content),

    jdk: ({ server, key }) => java('POST', `${server}/v1/chat/completions`,
        key, 'length'),
};

const ANSWERS = {
    'claude-code-opus': /^event: message_start\n/,
    'claude-code-sonnet': /^event: message_start\n/,
    codex: /^event: response\.created\n/,
    'codex-tools': /^event: response\.created\n/,
    azure: /temperature=0\.5 max_tokens=512/,
    jdk: /temperature=0\.5 max_tokens=512/,
};


for (const [tenant, requests] of Object.entries(TENANTS)) {
    for (const [name, edits] of Object.entries(requests)) {
        check(`${tenant}, ${name}: only what rules say`, async () => {
            const { answer } = await held(CALLS[name], edits, tenant);

            assert.match(answer, ANSWERS[name]);
        });
    }
}


const [first] = Object.keys(TENANTS);


check('Codex: a WebSocket is 426, and the same over HTTP passes', async () => {
    await assert.rejects(
        send(setup.gateway, setup.keys[first], recorded('codex-websocket')),
        { status: 426 });

    assert.equal(upstream.take().length, 0, 'the upstream saw nothing');

    const [line] = await accessLog.take(1);

    assert.equal(line.llm.reason, 'upgrade_refused');
    await held(CALLS.codex, TENANTS[first].codex, first);
});


/* each of its requests offers HTTP/2, which nginx ignores */

check('JDK: a body in chunks', () => held(({ server, key }) => java('POST',
    `${server}/v1/chat/completions`, key, 'chunked'), TENANTS[first].jdk,
first));


check('JDK: no body', async () => {
    const { answer } = await held(({ server, key }) => java('GET',
        `${server}/v1/models`, key), [], first);

    assert.match(answer, /gpt-4o-mini/);
});
