/*
 * Copyright (C) llm-policy authors
 *
 * An upstream that speaks OpenAI's API as far as its official clients ask:
 * it refuses what the API refuses, and keeps the exact bytes that it got.
 */

'use strict';

const assert = require('node:assert/strict');
const http = require('node:http');
const { once } = require('node:events');

const REASONING = /^(?:o\d|gpt-5)/;

const SAMPLING = ['temperature', 'top_p', 'max_tokens',
    'max_completion_tokens', 'max_output_tokens', 'n', 'seed'];

const COMMON = ['model', 'temperature', 'top_p', 'stream', 'user',
    'metadata', 'store', 'service_tier', 'top_logprobs',
    'parallel_tool_calls', 'tools', 'tool_choice'];

const MEMBERS = {
    chat: [...COMMON, 'messages', 'max_tokens', 'max_completion_tokens', 'n',
        'seed', 'stop', 'stream_options', 'response_format', 'logprobs',
        'presence_penalty', 'frequency_penalty', 'reasoning_effort'],
    completions: ['model', 'prompt', 'temperature', 'top_p', 'max_tokens',
        'n', 'seed', 'stop', 'stream', 'stream_options', 'logprobs', 'echo'],
    responses: [...COMMON, 'input', 'instructions', 'max_output_tokens',
        'reasoning', 'text', 'previous_response_id', 'truncation'],
    embeddings: ['model', 'input', 'encoding_format', 'dimensions', 'user'],
    moderations: ['model', 'input'],
};


/* why the API would refuse these parameters, or undefined */

function objection(route, params) {
    const unknown = Object.keys(params).find(
        (name) => !MEMBERS[route].includes(name));

    if (unknown !== undefined) {
        return ['unknown_parameter', unknown];
    }

    if (params.temperature < 0 || params.temperature > 2) {
        return ['decimal_out_of_range', 'temperature'];
    }

    if (!REASONING.test(params.model)) {
        return undefined;
    }

    const unsupported = ['temperature', 'top_p', 'max_tokens'].find(
        (name) => name in params);

    return unsupported && ['unsupported_parameter', unsupported];
}


/* what the model says: the sampling parameters that it was given */

function text(params) {
    const given = SAMPLING.filter((name) => name in params);
    const format = params.response_format ?? params.text?.format ?? {};

    return format.type === 'json_schema'
        ? JSON.stringify({ temperature: params.temperature })
        : given.map((name) => `${name}=${params[name]}`).join(' ');
}


function usage() {
    return { prompt_tokens: 7, completion_tokens: 5, total_tokens: 12 };
}


function toolCall(params) {
    const last = params.messages.at(-1);

    if (params.tools === undefined || last.role === 'tool') {
        return undefined;
    }

    return {
        id: 'call_1', type: 'function',
        function: {
            name: params.tools[0].function.name, arguments: '{"city":"Oslo"}',
        },
    };
}


function chatAnswer(params, id) {
    const call = toolCall(params);

    return {
        id, object: 'chat.completion', created: 1, model: params.model,
        choices: [{
            index: 0, logprobs: null,
            finish_reason: call ? 'tool_calls' : 'stop',
            message: {
                role: 'assistant', refusal: null,
                content: call ? null : text(params),
                ...(call && { tool_calls: [call] }),
            },
        }],
        usage: usage(),
    };
}


/* a stream's events, its first token and its last apart */

function chatEvents(params, id) {
    const call = toolCall(params);
    const event = (choices, more) => ({
        data: {
            id, object: 'chat.completion.chunk', created: 1,
            model: params.model, choices, ...more,
        },
    });
    const chunk = (delta, reason) => event(
        [{ index: 0, delta, logprobs: null, finish_reason: reason ?? null }]);

    const deltas = call
        ? [{ tool_calls: [{ index: 0, ...call }] }]
        : pieces(text(params)).map((content) => ({ content }));

    const last = [chunk({}, call ? 'tool_calls' : 'stop')];

    if (params.stream_options?.include_usage) {
        last.push(event([], { usage: usage() }));
    }

    return [
        [chunk({ role: 'assistant', content: '' }), chunk(deltas[0])],
        [...deltas.slice(1).map((delta) => chunk(delta)), ...last,
            { data: '[DONE]' }],
    ];
}


function completionsAnswer(params, id, said = text(params), reason = 'stop') {
    return {
        id, object: 'text_completion', created: 1, model: params.model,
        choices: [{
            index: 0, text: said, logprobs: null, finish_reason: reason,
        }],
    };
}


function completionsEvents(params, id) {
    const [first, ...others] = pieces(text(params)).map(
        (piece) => ({ data: completionsAnswer(params, id, piece, null) }));

    return [
        [first],
        [...others, { data: completionsAnswer(params, id, '') },
            { data: '[DONE]' }],
    ];
}


function responsesAnswer(params, id, status = 'completed', output) {
    return {
        id, object: 'response', created_at: 1, status, model: params.model,
        error: null, incomplete_details: null, instructions: null,
        metadata: {}, parallel_tool_calls: true, tool_choice: 'auto',
        tools: [], temperature: params.temperature ?? null,
        top_p: params.top_p ?? null,
        output: output ?? [message('completed', [part(text(params))])],
    };
}


function message(status, content) {
    return { id: 'msg_1', type: 'message', role: 'assistant', status, content };
}


function part(said) {
    return { type: 'output_text', text: said, annotations: [], logprobs: [] };
}


function responsesEvents(params, id) {
    const said = text(params);
    const [first, ...others] = pieces(said);
    const started = responsesAnswer(params, id, 'in_progress', []);
    const item = { item_id: 'msg_1', output_index: 0 };
    const place = { ...item, content_index: 0 };
    let number = 0;

    const event = (name, more) => ({
        name,
        data: { type: name, sequence_number: number++, ...more },
    });
    const delta = (piece) => event('response.output_text.delta',
        { ...place, delta: piece, logprobs: [] });

    return [
        [
            event('response.created', { response: started }),
            event('response.in_progress', { response: started }),
            event('response.output_item.added',
                { output_index: 0, item: message('in_progress', []) }),
            event('response.content_part.added',
                { ...place, part: part('') }),
            delta(first),
        ],
        [
            ...others.map(delta),
            event('response.output_text.done',
                { ...place, text: said, logprobs: [] }),
            event('response.content_part.done',
                { ...place, part: part(said) }),
            event('response.output_item.done',
                { output_index: 0, item: message('completed', [part(said)]) }),
            event('response.completed',
                { response: responsesAnswer(params, id) }),
        ],
    ];
}


function embeddingsAnswer(params) {
    const vector = Float32Array.of(0.5, -0.25, 8);
    const encoded = params.encoding_format === 'base64'
        ? Buffer.from(vector.buffer).toString('base64') : [...vector];

    return {
        object: 'list', model: params.model,
        data: [{ object: 'embedding', index: 0, embedding: encoded }],
        usage: { prompt_tokens: 3, total_tokens: 3 },
    };
}


function moderationsAnswer(params, id) {
    return {
        id, model: params.model,
        results: [{ flagged: false, categories: {}, category_scores: {} }],
    };
}


/* tokens: each word with the space before it */

function pieces(said) {
    return said.match(/ ?[^ ]+/g) ?? [''];
}


const ROUTES = {
    'POST /chat/completions': ['chat', chatAnswer, chatEvents],
    'POST /completions': ['completions', completionsAnswer, completionsEvents],
    'POST /responses': ['responses', responsesAnswer, responsesEvents],
    'POST /embeddings': ['embeddings', embeddingsAnswer],
    'POST /moderations': ['moderations', moderationsAnswer],
};

const MODELS = ['gpt-4o-mini', 'o3-mini'].map(
    (id) => ({ id, object: 'model', created: 1, owned_by: 'tests' }));


function sendJson(response, status, document) {
    response.writeHead(status, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify(document));
}


function sendEvents(response, events) {
    for (const { name, data } of events) {
        const line = typeof data === 'string' ? data : JSON.stringify(data);

        response.write(`${name ? `event: ${name}\n` : ''}data: ${line}\n\n`);
    }
}


class Upstream {

    /* { method, path, headers, body }, of all requests not yet taken */

    #requests = [];

    #failures = [];
    #held;
    #waiting = 0;

    #server = http.createServer(
        /* one that goes wrong must show in a test, and not end them all */
        (request, response) => this.#serve(request, response).catch(
            () => response.destroy()));

    async listen(port) {
        /* nginx keeps connections: it is to close them, not we under it */
        this.#server.keepAliveTimeout = 0;

        this.#server.listen(port, '127.0.0.1');
        await once(this.#server, 'listening');
    }

    close() {
        this.#server.close();
        this.#server.closeAllConnections();
    }

    /* the requests since the last time */

    take() {
        return this.#requests.splice(0);
    }

    /* the next requests are answered so, each once */

    fail(...failures) {
        this.#failures.push(...failures);
    }

    /*
     * The next streams wait behind their first token, until what is returned
     * is called for the first time.  A stream must be waiting then.
     */

    hold() {
        let release;

        this.#held = new Promise((resolve) => {
            release = resolve;
        });

        return () => {
            if (this.#held) {
                assert.ok(this.#waiting > 0, 'the stream waits');
                this.#held = undefined;
                release();
            }
        };
    }

    async #serve(request, response) {
        const chunks = [];

        for await (const chunk of request) {
            chunks.push(chunk);
        }

        const [path] = request.url.split('?');
        const { method, headers } = request;
        const body = Buffer.concat(chunks);

        this.#requests.push({ method, path, headers, body });

        const failure = this.#failures.shift();

        if (failure) {
            failure(response);
            return;
        }

        const name = path.replace(/^(?:\/openai)?\/v1\b/, '');

        if (method === 'GET' && name.startsWith('/models')) {
            this.#sendModels(name.slice('/models/'.length), response);
            return;
        }

        await this.#sendAnswer(ROUTES[`${method} ${name}`], body, response);
    }

    #sendModels(id, response) {
        const model = MODELS.find((entry) => entry.id === id);

        sendJson(response, id && !model ? 404 : 200,
            id ? model ?? { error: { message: 'no such model' } }
                : { object: 'list', data: MODELS });
    }

    async #sendAnswer(route, body, response) {
        if (!route) {
            sendJson(response, 404, { error: { message: 'no such path' } });
            return;
        }

        const [name, answer, events] = route;
        const params = JSON.parse(body);
        const [code, param] = objection(name, params) ?? [];
        const id = `${name}-1`;

        if (code) {
            sendJson(response, 400, {
                error: {
                    message: `upstream: ${code}: ${param}`,
                    type: 'invalid_request_error', param, code,
                },
            });
            return;
        }

        if (!params.stream) {
            sendJson(response, 200, answer(params, id));
            return;
        }

        const [first, others] = events(params, id);

        response.writeHead(200, { 'Content-Type': 'text/event-stream' });
        sendEvents(response, first);

        this.#waiting++;
        await this.#held;
        this.#waiting--;

        sendEvents(response, others);
        response.end();
    }
}


/* failures: a status, and a connection closed without a word */

function status(code) {
    return (response) => {
        response.setHeader('retry-after-ms', '1');
        sendJson(response, code, { error: { message: 'try again' } });
    };
}


function hangUp(response) {
    response.destroy();
}


module.exports = { Upstream, status, hangUp };
