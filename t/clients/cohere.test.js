/*
 * Copyright (C) llm-policy authors
 *
 * Cohere's official client, for both versions of its API, as applications use
 * it.
 */

'use strict';

const assert = require('node:assert/strict');

const {
    Cohere, CohereClient, CohereClientV2, CohereError,
} = require('cohere-ai');

const { gateway, collected, END } = require('./gateway');

const ERRORS = {
    400: Cohere.BadRequestError, 401: Cohere.UnauthorizedError,
    403: Cohere.ForbiddenError, 415: CohereError,
};

const { check, held, refusals, streamed } = gateway({
    api: require('./api/cohere'),

    client: (environment, token) => ({
        v1: new CohereClient({ environment, token }),
        v2: new CohereClientV2({ environment, token }),
    }),

    raises: (status) => ERRORS[status],

    told: ({ statusCode: status, message, body }) => (
        { status, message, document: body }),
});

const MODEL = 'command-a-03-2025';

/* Gateway.pm searches the logs for the word that is in each prompt */
const PROMPT = 'Weather in Malm\u00f6? \ud83c\udf27 "temperature": 2';
const CHAT = { model: MODEL, messages: [{ role: 'user', content: PROMPT }] };

const chat = (params) => ({ v2 }) => v2.chat({ ...CHAT, ...params });

const chatV1 = (params) => ({ v1 }) => v1.chat(
    { model: MODEL, message: PROMPT, ...params });


/* Parameters */

check('a value beyond its bound is brought to it', async () => {
    const { answer, line } = await held(
        chat({ temperature: 1.9, p: 0.96, k: 500, maxTokens: 4096 }), [
            ['"temperature":1.9', '"temperature":1'],
            ['"p":0.96', '"p":0.95'], ['"k":500', '"k":40'],
            ['"max_tokens":4096', '"max_tokens":1024'],
        ]);

    assert.equal(answer.message.content[0].text,
        'temperature=1 p=0.95 k=40 max_tokens=1024');
    assert.equal(line.llm.tenant, 'trial');
    assert.equal(line.llm.model, MODEL);
});


check('absent parameters are added, except p, whose default is permitted',
    async () => {
        const { line } = await held(chat({}),
            [[END, ',"temperature":0.7,"k":40,"max_tokens":512']]);

        assert.equal(line.llm.temperature.action, 'default');
    });


check('k 0, which means no limit, is clamped to the bound', async () => {
    await held(chat({ temperature: 0.1, k: 0, maxTokens: 5 }),
        [['"k":0', '"k":40']]);
});


check('permitted values pass byte for byte', async () => {
    for (const key of ['pro', 'internal']) {
        const { line } = await held(
            chat({ temperature: 1.5, p: 0.99, k: 0, seed: 7 }), [], key);

        assert.equal(line.llm.tier, key);
    }

    await held(chat({ temperature: 0, p: 0.01, k: 1, maxTokens: 1 }));
});


const WITHIN = { k: 9, maxTokens: 9 };


check('tools: their parameters are not the model\'s', async () => {
    const { answer } = await held(chat({
        ...WITHIN, temperature: 1.2,
        tools: [{
            type: 'function',
            function: {
                name: 'look_up',
                parameters: {
                    type: 'object',
                    properties: {
                        city: { type: 'string' }, temperature: { default: 9 },
                        k: { type: 'number' }, p: { type: 'number' },
                    },
                },
            },
        }],
    }), [['"temperature":1.2', '"temperature":1']]);

    assert.equal(answer.message.toolCalls[0].function.name, 'look_up');
});


check('version 1: a value beyond its bound is brought to it', async () => {
    const { answer } = await held(
        chatV1({ temperature: 5, p: 0.96, k: 41, maxTokens: 1025 }), [
            ['"temperature":5', '"temperature":1'],
            ['"p":0.96', '"p":0.95'], ['"k":41', '"k":40'],
            ['"max_tokens":1025', '"max_tokens":1024'],
        ]);

    assert.equal(answer.text, 'temperature=1 p=0.95 k=40 max_tokens=1024');
});


check('version 1: absent parameters are added', async () => {
    await held(chatV1({ p: 0.5, chatHistory: [] }),
        [[END, ',"temperature":0.7,"k":40,"max_tokens":512']]);
});


check('rerank, tokenize: nothing is ever added', async () => {
    const ranked = await held(({ v2 }) => v2.rerank({
        model: 'rerank-v3.5', query: 'Weather', documents: ['Rain', 'Snow'],
    }));
    const tokens = await held(({ v1 }) => v1.tokenize(
        { model: MODEL, text: 'Weather' }));

    assert.equal(ranked.answer.results.length, 2);
    assert.equal(ranked.line.llm.status, 'passed');
    assert.deepEqual(tokens.answer.tokens, [1, 2]);
});


/* Streams: of events, and of lines of JSON */

check('stream: policed, and forwarded at once', async () => {
    const { answer, line } = await held(({ v2 }) => streamed(
        v2.chatStream({ ...CHAT, ...WITHIN, temperature: 1.1 }),
        ({ type }) => type === 'content-delta'),
    [['"temperature":1.1', '"temperature":1']]);

    assert.equal(answer.filter(({ type }) => type === 'content-delta')
        .map(({ delta }) => delta.message.content.text).join(''),
    'temperature=1 k=9 max_tokens=9');
    assert.equal(answer.at(-1).type, 'message-end');
    assert.equal(line.llm.stream, 'true');
});


check('version 1 stream', async () => {
    const { answer } = await held(({ v1 }) => streamed(
        v1.chatStream({ model: MODEL, message: PROMPT, k: 41 }),
        ({ eventType }) => eventType === 'text-generation'),
    [['"k":41', '"k":40'], [END, ',"temperature":0.7,"max_tokens":512']]);

    assert.equal(answer.at(-1).response.text,
        'temperature=0.7 k=40 max_tokens=512');
});


/* Refusals; the client itself refuses values of the wrong type */

const MODEL_REFUSED = {
    code: 'model_not_allowed', param: 'model', message: /c4ai-aya.*free/,
};

refusals({
    'a value beyond a bound that rejects': [
        ({ v1 }) => v1.generate(
            { model: MODEL, prompt: PROMPT, numGenerations: 2 }), {
            code: 'value_not_allowed', param: 'n', requested: '2',
            message: /\b2\b.*\b1\b/,
        }],
    'a parameter in the query': [
        ({ v2 }) => v2.chat(CHAT, { queryParams: { temperature: 2 } }), {
            code: 'undermines_policy', param: 'temperature', requested: '',
            message: /temperature.*query/,
        }],
    'a model that the tier does not have': [
        chat({ model: 'c4ai-aya' }), MODEL_REFUSED],
    'the same in version 1': [chatV1({ model: 'c4ai-aya' }), MODEL_REFUSED],
    'the same in a stream': [
        async ({ v2 }) => collected(await v2.chatStream(
            { ...CHAT, model: 'c4ai-aya' })), MODEL_REFUSED],
    'a key that no tenant has': [
        chat({}), { code: 'unknown_key', message: /key/ }, 'unknown'],
});
