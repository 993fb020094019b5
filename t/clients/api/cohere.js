/*
 * Copyright (C) llm-policy authors
 *
 * Cohere's API, in both versions, as far as its clients use it.
 */

'use strict';

const {
    said, pieces, parts, knowsOnly, firstOf, ranges,
} = require('./words');

const SAMPLING = ['temperature', 'p', 'k', 'max_tokens', 'seed'];

const COMMON = ['model', 'stream', 'tools', 'documents', 'stop_sequences',
    'frequency_penalty', 'presence_penalty', 'safety_mode'];


function refusal(status, { message }) {
    return { message };
}


function objection(...members) {
    return firstOf(knowsOnly([...COMMON, ...SAMPLING, ...members]),
        ranges({ p: [0.01, 0.99], k: [0, 500] }));
}


const words = (params) => said(params, SAMPLING);


/* A tool is called once, then its result is present. */

function calls({ tools, messages }) {
    return tools !== undefined && messages.at(-1).role !== 'tool';
}


function answer(params) {
    const call = {
        id: 'call_1', type: 'function',
        function: {
            name: params.tools?.[0].function.name, arguments: '{"city":"Oslo"}',
        },
    };

    return {
        id: 'chat-1', finish_reason: calls(params) ? 'TOOL_CALL' : 'COMPLETE',
        message: {
            role: 'assistant',
            ...(calls(params) ? { tool_calls: [call] }
                : { content: [{ type: 'text', text: words(params) }] }),
        },
        usage: { tokens: { input_tokens: 7, output_tokens: 5 } },
    };
}


function events(params) {
    const event = (type, delta) => ({ name: type, data: { type, delta } });
    const token = (text) => event('content-delta',
        { message: { content: { text } } });

    return parts(
        [
            event('message-start', { message: { role: 'assistant' } }),
            event('content-start',
                { message: { content: { type: 'text', text: '' } } }),
        ],
        pieces(words(params)).map(token),
        [
            event('content-end'),
            event('message-end', { finish_reason: 'COMPLETE' }),
            { data: '[DONE]' },
        ],
    );
}


function answerV1(params) {
    return {
        text: words(params), generation_id: 'g-1', finish_reason: 'COMPLETE',
    };
}


function eventsV1(params) {
    const event = (type, more) => (
        { data: { event_type: type, is_finished: false, ...more } });
    const tokens = pieces(words(params)).map(
        (text) => event('text-generation', { text }));

    return parts([event('stream-start', { generation_id: 'g-1' })], tokens, [
        event('stream-end', {
            is_finished: true, finish_reason: 'COMPLETE',
            response: answerV1(params),
        }),
    ]);
}


const chat = {
    dialect: 'cohere.chat', streams: ({ stream }) => stream,
    places: {
        temperature: [['temperature']], top_p: [['p']], top_k: [['k']],
        max_tokens: [['max_tokens']],
    },
};


module.exports = {
    refusal,

    routes: [
        {
            ...chat, path: /^\/v2\/chat$/, answer, events,
            objection: objection('messages', 'response_format', 'tool_choice',
                'thinking', 'logprobs'),
        },
        {
            ...chat, path: /^\/v1\/chat$/, lines: true,
            objection: objection('message', 'chat_history', 'preamble'),
            answer: answerV1, events: eventsV1,
        },
        {
            path: /^\/v2\/rerank$/, dialect: 'cohere.plain',
            objection: knowsOnly(['model', 'query', 'documents', 'top_n']),
            answer: ({ documents }) => ({
                id: 'rerank-1',
                results: documents.map(
                    (_, index) => ({ index, relevance_score: 0.5 })),
            }),
        },
        {
            path: /^\/v1\/tokenize$/, dialect: 'tokenize',
            objection: knowsOnly(['model', 'text']),
            answer: () => ({ tokens: [1, 2], token_strings: ['a', 'b'] }),
        },
    ],
};
