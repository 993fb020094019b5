/*
 * Copyright (C) llm-policy authors
 *
 * Ollama's own API, as far as its clients use it.
 */

'use strict';

const { said, pieces, parts, knowsOnly } = require('./words');

const SAMPLING = ['temperature', 'top_p', 'top_k', 'num_predict'];

const COMMON = ['model', 'stream', 'options', 'format', 'keep_alive', 'think'];

/* the place of the logged parameters */
const PLACES = {
    temperature: [['options', 'temperature']],
    top_p: [['options', 'top_p']],
    top_k: [['options', 'top_k']],
    max_tokens: [['options', 'num_predict']],
    reasoning_effort: [['think']],
};


function refusal(status, { message }) {
    return { error: message };
}


function words({ options = {}, format }) {
    return format ? JSON.stringify({ temperature: options.temperature })
        : said(options, SAMPLING);
}


function part(params, more, done = false) {
    return {
        model: params.model, created_at: '2026-08-01T00:00:00Z', ...more, done,
        ...(done && { done_reason: 'stop', prompt_eval_count: 7 }),
    };
}


/* A tool is called once, then its result is present. */

function message(params, content) {
    const calls = params.tools !== undefined
        && params.messages.at(-1).role !== 'tool';
    const call = {
        function: {
            name: params.tools?.[0].function.name, arguments: { city: 'Oslo' },
        },
    };

    return {
        message: {
            role: 'assistant', content: calls ? '' : content,
            ...(calls && { tool_calls: [call] }),
        },
    };
}


function response(params, content) {
    return { response: content };
}


/* a response and a stream with the text at "place" */

function generating(path, members, place) {
    return {
        path, dialect: 'ollama', places: PLACES, lines: true,
        objection: knowsOnly([...COMMON, ...members]),
        streams: ({ stream = true }) => stream,

        answer: (params) => part(params, place(params, words(params)), true),

        events: (params) => parts([],
            pieces(words(params)).map(
                (piece) => ({ data: part(params, place(params, piece)) })),
            [{ data: part(params, place(params, ''), true) }]),
    };
}


module.exports = {
    refusal,

    routes: [
        generating(/^\/api\/chat$/, ['messages', 'tools'], message),
        generating(/^\/api\/generate$/, ['prompt', 'suffix', 'system', 'images',
            'raw', 'template'], response),
        {
            path: /^\/api\/embed$/, dialect: 'ollama.embed',
            objection: knowsOnly(['model', 'input', 'truncate', 'options',
                'keep_alive', 'dimensions']),
            answer: ({ model, input }) => (
                { model, embeddings: input.map(() => [0.5, -0.25, 8]) }),
        },
        {
            method: 'GET', path: /^\/api\/tags$/,
            answer: () => ({ models: [{ name: 'llama3.2' }] }),
        },
    ],
};
