/*
 * Copyright (C) llm-policy authors
 *
 * Records the requests of an agent, as agents.test.js sends them:
 *
 *   node record.js PORT NAME
 *
 * listens there, and writes the requests to NAME-1.http, NAME-2.http, ...  It
 * answers as the API does: first with a call of the agent's shell, then with
 * text.  The agents, headless, each with a HOME of its own:
 *
 *   ANTHROPIC_BASE_URL=http://127.0.0.1:PORT ANTHROPIC_API_KEY=KEY \
 *       claude -p 'Weather?' --allowedTools Bash
 *
 *   OPENAI_API_KEY=KEY codex exec 'Weather?' \
 *       -c 'openai_base_url="http://127.0.0.1:PORT/v1"'
 *
 * Heads are as sent, except for the API key, the length and the address.  In
 * bodies, each text of some length is replaced by another one, since prompts
 * and descriptions belong to others and do not matter: names, values, numbers,
 * white space and order remain.
 */

'use strict';

const fs = require('node:fs');
const http = require('node:http');

const [, , PORT, NAME] = process.argv;

/* such a string is a prompt, or a description */
const TEXT = /\\n|[^\\] .* |.{80}/;

/* escapes, members with names of parameters, characters of four bytes */
const OTHER = JSON.stringify('Weather in Malm\u00f6? \ud83c\udf27\n'
    + '{"temperature": 2, "reasoning": {"effort": "max"}} \\').slice(1, -1);

const ID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{64}/g;

const FOLDER = /\/(?:home|root|tmp)\/[\w./-]+/g;

const sameId = (text) => text.replace(FOLDER, '/src').replace(ID,
    (id) => id.replace(/[0-9a-f]/g, '0'));


/* names have a colon behind them */

function shaped(body) {
    return body.replace(/"((?:[^"\\]|\\.)*)"(\s*:)?/g, (all, text, colon) => (
        !colon && TEXT.test(text) && !/^\{\\"/.test(text)
            ? `"${OTHER}"` : sameId(all)));
}


function shapedHead({ method, url, rawHeaders }) {
    const lines = [`${method} ${url}`];

    for (let i = 0; i < rawHeaders.length; i += 2) {
        const [name, value] = rawHeaders.slice(i, i + 2);

        if (/^(?:x-api-key|authorization)$/i.test(name)) {
            lines.push(`${name}: ${value.replace(/\S+$/, 'KEY')}`);

        } else if (!/^(?:host|content-length)$/i.test(name)) {
            lines.push(`${name}: ${sameId(value)}`);
        }
    }

    return lines.join('\n');
}


let written = 0;

function write(request, body) {
    written += 1;
    fs.writeFileSync(`${NAME}-${written}.http`,
        `${shapedHead(request)}\n\n${shaped(body)}\n`);
}


function send(response, events) {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });

    for (const [type, more] of events) {
        response.write(`event: ${type}\n`
            + `data: ${JSON.stringify({ type, ...more })}\n\n`);
    }

    response.end();
}


function anthropic(body, done) {
    const shell = !done && body.tools?.find(({ name }) => name === 'Bash');
    const block = shell
        ? { type: 'tool_use', id: 'toolu_1', name: shell.name, input: {} }
        : { type: 'text', text: '' };
    const delta = shell
        ? { type: 'input_json_delta', partial_json: '{"command":"true"}' }
        : { type: 'text_delta', text: 'Rain' };

    return [
        ['message_start', {
            message: {
                id: 'msg_1', type: 'message', role: 'assistant', content: [],
                model: body.model, stop_reason: null, stop_sequence: null,
                usage: { input_tokens: 7, output_tokens: 1 },
            },
        }],
        ['content_block_start', { index: 0, content_block: block }],
        ['content_block_delta', { index: 0, delta }],
        ['content_block_stop', { index: 0 }],
        ['message_delta', {
            delta: {
                stop_reason: shell ? 'tool_use' : 'end_turn',
                stop_sequence: null,
            },
            usage: { output_tokens: 5 },
        }],
        ['message_stop', {}],
    ];
}


function responses(body, done) {
    const shell = !done && body.tools?.find(
        ({ name }) => name === 'exec_command');
    const item = shell
        ? {
            type: 'function_call', id: 'fc_1', call_id: 'call_1',
            name: shell.name, arguments: '{"cmd":"true"}', status: 'completed',
        } : {
            type: 'message', id: 'msg_1', role: 'assistant',
            status: 'completed',
            content: [{ type: 'output_text', text: 'Rain', annotations: [] }],
        };
    const response = (status, output, usage) => ({
        response: {
            id: 'resp_1', object: 'response', created_at: 1, status,
            model: body.model, output, usage,
        },
    });

    return [
        ['response.created', response('in_progress', [], null)],
        ['response.output_item.added', { output_index: 0, item }],
        ['response.output_item.done', { output_index: 0, item }],
        ['response.completed', response('completed', [item],
            { input_tokens: 7, output_tokens: 5, total_tokens: 12 })],
    ];
}


const server = http.createServer(async (request, response) => {
    const chunks = [];

    for await (const chunk of request) {
        chunks.push(chunk);
    }

    const text = Buffer.concat(chunks).toString();

    write(request, text);

    const body = JSON.parse(text);
    const done = /"(?:tool_result|function_call_output)"/.test(text);
    const answer = /\/messages/.test(request.url) ? anthropic : responses;

    send(response, answer(body, done));
});

server.on('upgrade', (request, socket) => {
    write(request, '');
    socket.end('HTTP/1.1 426 Upgrade Required\r\nConnection: close\r\n'
        + 'Content-Length: 0\r\n\r\n');
});

server.listen(+PORT, '127.0.0.1');
