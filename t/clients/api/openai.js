/*
 * Copyright (C) llm-policy authors
 *
 * OpenAI's API, as far as its clients use it.  It refuses the same requests as
 * the API.
 */

'use strict';

const {
    said, pieces, parts, knowsOnly, firstOf, ranges,
} = require('./words');

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
        'reasoning', 'text', 'previous_response_id', 'truncation', 'include',
        'prompt_cache_key', 'client_metadata'],
    embeddings: ['model', 'input', 'encoding_format', 'dimensions', 'user'],
    moderations: ['model', 'input'],
    images: ['model', 'prompt', 'n', 'size', 'quality', 'stream', 'user'],
};

const TYPES = {
    400: 'invalid_request_error', 401: 'authentication_error',
    403: 'permission_error', 404: 'invalid_request_error',
    415: 'invalid_request_error',
};


function refusal(status, { message, param = null, code = null }) {
    return { error: { message, type: TYPES[status], param, code } };
}


/* reasoning models have fewer parameters */

function reasoning(params) {
    const unsupported = REASONING.test(params.model)
        && ['temperature', 'top_p', 'max_tokens'].find(
            (name) => name in params);

    return unsupported && ['unsupported_parameter', unsupported];
}


function objection(route) {
    return firstOf(knowsOnly(MEMBERS[route]), ranges({ temperature: [0, 2] }),
        reasoning);
}


function spoken(params) {
    const format = params.response_format ?? params.text?.format ?? {};

    return format.type === 'json_schema'
        ? JSON.stringify({ temperature: params.temperature })
        : said(params, SAMPLING);
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


function chatAnswer(params) {
    const call = toolCall(params);

    return {
        id: 'chat-1', object: 'chat.completion', created: 1,
        model: params.model,
        choices: [{
            index: 0, logprobs: null,
            finish_reason: call ? 'tool_calls' : 'stop',
            message: {
                role: 'assistant', refusal: null,
                content: call ? null : spoken(params),
                ...(call && { tool_calls: [call] }),
            },
        }],
        usage: usage(),
    };
}


function chatEvents(params) {
    const call = toolCall(params);
    const event = (choices, more) => ({
        data: {
            id: 'chat-1', object: 'chat.completion.chunk', created: 1,
            model: params.model, choices, ...more,
        },
    });
    const chunk = (delta, reason) => event(
        [{ index: 0, delta, logprobs: null, finish_reason: reason ?? null }]);

    const tokens = call
        ? [{ tool_calls: [{ index: 0, ...call }] }]
        : pieces(spoken(params)).map((content) => ({ content }));

    const last = [chunk({}, call ? 'tool_calls' : 'stop')];

    if (params.stream_options?.include_usage) {
        last.push(event([], { usage: usage() }));
    }

    return parts([chunk({ role: 'assistant', content: '' })],
        tokens.map((delta) => chunk(delta)), [...last, { data: '[DONE]' }]);
}


function completion(params, text, reason = null) {
    return {
        id: 'completion-1', object: 'text_completion', created: 1,
        model: params.model,
        choices: [{ index: 0, text, logprobs: null, finish_reason: reason }],
    };
}


function completionsEvents(params) {
    const tokens = pieces(spoken(params)).map(
        (piece) => ({ data: completion(params, piece) }));

    return parts([], tokens,
        [{ data: completion(params, '', 'stop') }, { data: '[DONE]' }]);
}


function responsesAnswer(params, status = 'completed', output) {
    return {
        id: 'response-1', object: 'response', created_at: 1, status,
        model: params.model, error: null, incomplete_details: null,
        instructions: null, metadata: {}, parallel_tool_calls: true,
        tool_choice: 'auto', tools: [],
        temperature: params.temperature ?? null, top_p: params.top_p ?? null,
        output: output ?? responsesOutput(params),
        usage: {
            input_tokens: 7, output_tokens: 5, total_tokens: 12,
            input_tokens_details: { cached_tokens: 0 },
            output_tokens_details: { reasoning_tokens: 0 },
        },
    };
}


/* a tool is called once, then its output is present */

function responsesOutput(params) {
    const done = params.input.at?.(-1).type === 'function_call_output';

    if (params.tools === undefined || done) {
        return [message('completed', [part(spoken(params))])];
    }

    return [{
        id: 'fc_1', type: 'function_call', status: 'completed',
        call_id: 'call_1', name: params.tools[0].name,
        arguments: '{"city":"Oslo"}',
    }];
}


function message(status, content) {
    return { id: 'msg_1', type: 'message', role: 'assistant', status, content };
}


function part(text) {
    return { type: 'output_text', text, annotations: [], logprobs: [] };
}


function responsesEvents(params) {
    const text = spoken(params);
    const started = responsesAnswer(params, 'in_progress', []);
    const item = { item_id: 'msg_1', output_index: 0 };
    const place = { ...item, content_index: 0 };
    let number = 0;

    const event = (name, more) => ({
        name,
        data: { type: name, sequence_number: number++, ...more },
    });
    const delta = (piece) => event('response.output_text.delta',
        { ...place, delta: piece, logprobs: [] });

    return parts(
        [
            event('response.created', { response: started }),
            event('response.in_progress', { response: started }),
            event('response.output_item.added',
                { output_index: 0, item: message('in_progress', []) }),
            event('response.content_part.added',
                { ...place, part: part('') }),
        ],
        pieces(text).map(delta),
        [
            event('response.output_text.done',
                { ...place, text, logprobs: [] }),
            event('response.content_part.done',
                { ...place, part: part(text) }),
            event('response.output_item.done',
                { output_index: 0, item: message('completed', [part(text)]) }),
            event('response.completed', { response: responsesAnswer(params) }),
        ],
    );
}


function embeddingsAnswer(params) {
    const vector = Float32Array.of(0.5, -0.25, 8);
    const encoded = params.encoding_format === 'base64'
        ? Buffer.from(vector.buffer).toString('base64') : [...vector];

    return {
        id: 'embedding-1', object: 'list', model: params.model,
        data: [{ object: 'embedding', index: 0, embedding: encoded }],
        usage: { ...usage(), prompt_tokens: 3, total_tokens: 3 },
    };
}


function moderationsAnswer(params) {
    return {
        id: 'moderation-1', model: params.model,
        results: [{ flagged: false, categories: {}, category_scores: {} }],
    };
}


function imagesAnswer(params) {
    return {
        created: 1,
        data: Array(params.n ?? 1).fill({ b64_json: 'aW1hZ2U=' }),
    };
}


const MODELS = ['gpt-4o-mini', 'o3-mini'].map(
    (id) => ({ id, object: 'model', created: 1, owned_by: 'tests' }));

const streams = ({ stream }) => stream;

const sampling = {
    temperature: [['temperature']], top_p: [['top_p']],
    max_tokens: [['max_tokens'], ['max_completion_tokens']], n: [['n']],
};

const AZURE = '/openai(?:/deployments/[^/]+)?';

const chat = {
    path: new RegExp(`^(?:${AZURE})?(?:/v1)?/chat/completions$`),
    dialect: 'openai.chat', objection: objection('chat'), streams,
    places: { ...sampling, reasoning_effort: [['reasoning_effort']] },
    answer: chatAnswer, events: chatEvents,
};

const completions = {
    path: /^\/v1\/completions$/,
    dialect: 'openai.completions', objection: objection('completions'),
    places: sampling, streams,
    answer: (params) => completion(params, spoken(params), 'stop'),
    events: completionsEvents,
};

const responses = {
    path: /^\/v1\/responses$/,
    dialect: 'openai.responses', objection: objection('responses'), streams,
    places: {
        temperature: [['temperature']], top_p: [['top_p']],
        max_tokens: [['max_output_tokens']],
        reasoning_effort: [['reasoning', 'effort']],
    },
    answer: (params) => responsesAnswer(params), events: responsesEvents,
};

const embeddings = {
    path: /^\/v1\/embeddings$/,
    dialect: 'openai.embeddings', objection: objection('embeddings'),
    answer: embeddingsAnswer,
};

const moderations = {
    path: /^\/v1\/moderations$/,
    dialect: 'openai.moderations', objection: objection('moderations'),
    answer: moderationsAnswer,
};

const images = {
    path: /^\/v1\/images\/generations$/,
    dialect: 'openai.images', objection: objection('images'),
    places: { n: [['n']] }, answer: imagesAnswer,
};

/* forms, whose values are all strings */

const transcriptions = {
    path: /^\/v1\/audio\/transcriptions$/, dialect: 'openai.transcriptions',
    objection: firstOf(knowsOnly(['model', 'file', 'temperature', 'language',
        'response_format']), ranges({ temperature: [0, 1] })),
    answer: (params) => ({ text: said(params, SAMPLING) }),
};

const imageEdits = {
    path: /^\/v1\/images\/edits$/, dialect: 'openai.image_edits',
    objection: knowsOnly(['model', 'image', 'prompt', 'n']),
    answer: ({ n }) => imagesAnswer({ n: +n }),
};

const files = {
    path: /^\/v1\/files$/, dialect: 'openai.files',
    objection: knowsOnly(['purpose', 'file']),
    answer: ({ purpose, file }) => (
        { id: 'file-1', object: 'file', purpose, bytes: file.length }),
};

const batches = {
    path: /^\/v1\/batches$/, dialect: 'openai.batches',
    objection: knowsOnly(['input_file_id', 'endpoint', 'completion_window']),
    answer: (params) => ({ id: 'batch-1', object: 'batch', ...params }),
};

const models = {
    method: 'GET', path: /^\/v1\/models$/,
    answer: () => ({ object: 'list', data: MODELS }),
};

const model = {
    method: 'GET', path: /^\/v1\/models\/./,
    answer: (params, path) => MODELS.find(
        ({ id }) => id === path.split('/').at(-1)),
};


module.exports = {
    refusal, chat, completions, embeddings, models,
    routes: [
        chat, completions, responses, embeddings, moderations, images,
        transcriptions, imageEdits, files, batches, models, model,
    ],
};
