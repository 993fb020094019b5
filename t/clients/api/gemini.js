/*
 * Copyright (C) llm-policy authors
 *
 * Gemini's API, as far as its clients use it.  Like protobuf, it refuses
 * unknown names, including those inside the configuration.
 */

'use strict';

const {
    said, pieces, parts, knowsOnly, firstOf, ranges,
} = require('./words');

const SAMPLING = ['temperature', 'topP', 'topK', 'maxOutputTokens', 'seed'];

const CONFIG = [...SAMPLING, 'candidateCount', 'stopSequences',
    'presencePenalty', 'frequencyPenalty', 'responseMimeType',
    'responseSchema', 'responseJsonSchema', 'thinkingConfig'];

const STATUS = {
    400: 'INVALID_ARGUMENT', 401: 'UNAUTHENTICATED', 403: 'PERMISSION_DENIED',
    404: 'NOT_FOUND', 415: 'INVALID_ARGUMENT',
};

const MEMBERS = ['contents', 'systemInstruction', 'tools', 'toolConfig',
    'safetySettings', 'generationConfig'];

const config = ({ generationConfig }) => generationConfig ?? {};


function refusal(status, { message }) {
    return { error: { code: status, message, status: STATUS[status] } };
}


function words(params) {
    return config(params).responseMimeType === 'application/json'
        ? JSON.stringify({ temperature: config(params).temperature })
        : said(config(params), SAMPLING);
}


function candidate(parts, more) {
    return {
        candidates: [{ index: 0, content: { role: 'model', parts }, ...more }],
        usageMetadata: {
            promptTokenCount: 7, candidatesTokenCount: 5, totalTokenCount: 12,
        },
        modelVersion: 'gemini', responseId: 'response-1',
    };
}


const STOP = { finishReason: 'STOP' };


/* A function is called once, then its response is present. */

function call({ contents, tools }) {
    const done = contents.at(-1).parts.some((part) => part.functionResponse);
    const name = tools?.[0].functionDeclarations[0].name;

    return tools && !done && { functionCall: { name, args: { city: 'Oslo' } } };
}


function answer(params) {
    return candidate([call(params) || { text: words(params) }], STOP);
}


function events(params) {
    const called = call(params);
    const tokens = called ? [called]
        : pieces(words(params)).map((text) => ({ text }));

    return parts([], tokens.map((token) => ({ data: candidate([token]) })),
        [{ data: candidate([{ text: '' }], STOP) }]);
}


const objection = firstOf(knowsOnly(MEMBERS),
    (params) => knowsOnly(CONFIG)(config(params)),
    ranges({ temperature: [0, 2], topP: [0, 1] }, config));


/* the place of the logged parameters */

function places(...before) {
    const place = (name) => [[...before, 'generationConfig', name]];

    return {
        temperature: place('temperature'), top_p: place('topP'),
        top_k: place('topK'), max_tokens: place('maxOutputTokens'),
        n: place('candidateCount'),
    };
}


/* each of them is a request of its own */

function batchObjection({ batch }) {
    return firstOf(...batch.inputConfig.requests.requests.map(
        ({ request }) => () => objection(request)))();
}


module.exports = {
    refusal,

    routes: [
        {
            path: /^\/v1(?:beta)?\/models\/[^/:]+:(?:g|streamG)enerateContent$/,
            dialect: 'gemini.generate', places: places(), objection,
            streams: (params, path) => path.includes(':stream'),
            answer, events,
        },
        {
            path: /^\/v1(?:beta)?\/models\/[^/:]+:batchGenerateContent$/,
            dialect: 'gemini.batch', objection: batchObjection,
            places: places('batch', 'inputConfig', 'requests', 'requests', 0,
                'request'),
            answer: () => ({
                name: 'batches/1', metadata: { state: 'BATCH_STATE_PENDING' },
            }),
        },
        {
            path: /^\/v1(?:beta)?\/models\/[^/:]+:countTokens$/,
            dialect: 'gemini.plain', objection: knowsOnly(['contents']),
            answer: () => ({ totalTokens: 7 }),
        },
        {
            path: /^\/v1(?:beta)?\/models\/[^/:]+:batchEmbedContents$/,
            dialect: 'gemini.plain', objection: knowsOnly(['requests']),
            answer: ({ requests }) => ({
                embeddings: requests.map(() => ({ values: [0.5, -0.25, 8] })),
            }),
        },
        {
            method: 'GET', path: /^\/v1(?:beta)?\/models\/[^/:]+$/,
            answer: (params, path) => (
                { name: path.replace(/.*(?=models)/, '') }),
        },
    ],
};
