/*
 * Copyright (C) llm-policy authors
 *
 * Anthropic's API, as far as its clients use it.  It refuses the same requests
 * as the API.
 */

'use strict';

const {
    said, pieces, parts, knowsOnly, firstOf, ranges,
} = require('./words');

const SAMPLING = ['temperature', 'top_p', 'top_k', 'max_tokens'];

const MEMBERS = ['model', 'messages', 'system', 'tools', 'tool_choice',
    'thinking', 'output_config', 'metadata', 'stop_sequences', 'stream',
    'service_tier', 'cache_control', 'context_management'];

const TYPES = {
    400: 'invalid_request_error', 401: 'authentication_error',
    403: 'permission_error', 404: 'not_found_error',
    415: 'invalid_request_error',
};


function refusal(status, { message }) {
    return { type: 'error', error: { type: TYPES[status], message } };
}


/* newer models sample in their own way, and no model accepts both */

function sampling(params) {
    const thinks = params.thinking && params.thinking.type !== 'disabled';

    if (/^claude-opus-/.test(params.model)) {
        const unsupported = ['temperature', 'top_p', 'top_k'].find(
            (name) => name in params);

        return unsupported && ['unsupported_parameter', unsupported];
    }

    if ('temperature' in params && 'top_p' in params) {
        return ['both', 'temperature'];
    }

    return thinks && (params.temperature ?? 1) !== 1
        ? ['thinking', 'temperature'] : undefined;
}


const objection = firstOf(knowsOnly([...MEMBERS, ...SAMPLING]),
    ranges({ temperature: [0, 1], top_p: [0, 1], max_tokens: [1, Infinity] }),
    ({ max_tokens: max }) => (max ? undefined : ['required', 'max_tokens']),
    sampling);


function message(params, content, reason = null) {
    return {
        id: 'msg_1', type: 'message', role: 'assistant', model: params.model,
        content, stop_reason: reason, stop_sequence: null,
        usage: { input_tokens: 7, output_tokens: 5 },
    };
}


/* a tool is called once, then its result is present */

function calls(params) {
    const content = params.messages.at(-1).content;
    const done = Array.isArray(content)
        && content.some(({ type }) => type === 'tool_result');

    return params.tools !== undefined && !done;
}


function answer(params) {
    return calls(params)
        ? message(params, [toolUse(params, { city: 'Oslo' })], 'tool_use')
        : message(params, [{ type: 'text', text: said(params, SAMPLING) }],
            'end_turn');
}


function toolUse(params, input) {
    return {
        type: 'tool_use', id: 'toolu_1', name: params.tools[0].name, input,
    };
}


function events(params) {
    const event = (name, more) => ({ name, data: { type: name, ...more } });
    const delta = (value) => event('content_block_delta',
        { index: 0, delta: value });

    const called = calls(params);
    const block = called ? toolUse(params, {}) : { type: 'text', text: '' };
    const tokens = called
        ? ['{"city":', '"Oslo"}'].map((piece) => (
            { type: 'input_json_delta', partial_json: piece }))
        : pieces(said(params, SAMPLING)).map((piece) => (
            { type: 'text_delta', text: piece }));

    return parts(
        [
            event('message_start', { message: message(params, []) }),
            event('content_block_start', { index: 0, content_block: block }),
            event('ping'),
        ],
        tokens.map(delta),
        [
            event('content_block_stop', { index: 0 }),
            event('message_delta', {
                delta: {
                    stop_reason: called ? 'tool_use' : 'end_turn',
                    stop_sequence: null,
                },
                usage: { output_tokens: 5 },
            }),
            event('message_stop'),
        ],
    );
}


function batch({ requests }) {
    return {
        id: 'msgbatch_1', type: 'message_batch',
        processing_status: 'in_progress',
        request_counts: {
            processing: requests.length, succeeded: 0, errored: 0,
            canceled: 0, expired: 0,
        },
        created_at: '2026-08-01T00:00:00Z',
    };
}


/* each of them is a request of its own */

function batchObjection({ requests }) {
    return firstOf(...requests.map(({ params }) => () => objection(params)))();
}


function places(...before) {
    return {
        temperature: [[...before, 'temperature']],
        top_p: [[...before, 'top_p']], top_k: [[...before, 'top_k']],
        max_tokens: [[...before, 'max_tokens']],
        reasoning_effort: [[...before, 'output_config', 'effort']],
    };
}


module.exports = {
    refusal,

    routes: [
        {
            path: /^\/v1\/messages$/,
            dialect: 'anthropic.messages', places: places(), objection,
            streams: ({ stream }) => stream, answer, events,
        },
        {
            path: /^\/v1\/messages\/batches$/,
            dialect: 'anthropic.batches',
            places: places('requests', 0, 'params'),
            objection: batchObjection, answer: batch,
        },
        {
            path: /^\/v1\/messages\/count_tokens$/,
            dialect: 'anthropic.count_tokens',
            objection: knowsOnly(['model', 'messages', 'system', 'tools',
                'tool_choice', 'thinking']),
            answer: () => ({ input_tokens: 7 }),
        },
        {
            method: 'GET', path: /^\/v1\/models$/,
            answer: () => ({
                data: [{ type: 'model', id: 'claude-haiku-4-5' }],
                has_more: false,
            }),
        },
    ],
};
