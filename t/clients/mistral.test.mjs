/*
 * Copyright (C) llm-policy authors
 *
 * Mistral's official client, as applications use it.
 */

import assert from 'node:assert/strict';

import { Mistral } from '@mistralai/mistralai';
import { SDKError } from '@mistralai/mistralai/models/errors';

import api from './api/mistral.js';
import { gateway, collected, END, IMAGE } from './gateway.js';

const { check, held, refusals, streamed } = gateway({
    api,

    client: (serverURL, apiKey) => new Mistral({ serverURL, apiKey }),

    raises: () => SDKError,

    told: ({ statusCode: status, message, body }) => (
        { status, message, document: JSON.parse(body) }),
});

const MODEL = 'mistral-small-latest';

/* Gateway.pm searches the logs for the word that is in each prompt */
const MESSAGES = [
    { role: 'system', content: 'You tell the weather.' },
    {
        role: 'user',
        content: 'Weather in Malm\u00f6? \ud83c\udf27 "temperature": 2',
    },
];

const complete = (params) => (mistral) => mistral.chat.complete(
    { model: MODEL, messages: MESSAGES, ...params });

const said = (events) => events.map(
    ({ data }) => data.choices[0].delta.content ?? '').join('');

const isToken = ({ data }) => data.choices[0].delta.content;


/* Parameters */

check('a value beyond its bound is brought to it', async () => {
    const { answer, line } = await held(
        complete({ temperature: 1.5, topP: 0.99, maxTokens: 4096 }), [
            ['"temperature":1.5', '"temperature":1'],
            ['"top_p":0.99', '"top_p":0.95'],
            ['"max_tokens":4096', '"max_tokens":1024'],
        ]);

    assert.equal(answer.choices[0].message.content,
        'temperature=1 top_p=0.95 max_tokens=1024');
    assert.equal(answer.usage.totalTokens, 12);
    assert.equal(line.llm.tenant, 'trial');
    assert.equal(line.llm.model, MODEL);
});


check('absent parameters are added after all others', async () => {
    const { line } = await held(complete({ randomSeed: 7, safePrompt: true }),
        [[END, ',"temperature":0.7,"top_p":0.95,"max_tokens":512']]);

    assert.equal(line.llm.temperature.action, 'default');
});


check('null is absent, and replaced in its place', async () => {
    await held(complete({ temperature: null, topP: 0.5, maxTokens: null }), [
        ['"temperature":null', '"temperature":0.7'],
        ['"max_tokens":null', '"max_tokens":512'],
    ]);
});


check('permitted values pass byte for byte', async () => {
    for (const key of ['pro', 'internal']) {
        const { line } = await held(
            complete({ temperature: 1.25, topP: 1, n: 2 }), [], key);

        assert.equal(line.llm.tier, key);
    }

    await held(complete({ temperature: 0, topP: 0.1, maxTokens: 1 }));
});


const WITHIN = { topP: 0.5, maxTokens: 9 };


check('tools: their parameters are not the model\'s', async () => {
    const { answer } = await held(complete({
        ...WITHIN, temperature: 1.2,
        tools: [{
            type: 'function',
            function: {
                name: 'look_up',
                parameters: {
                    type: 'object',
                    properties: {
                        city: { type: 'string' }, temperature: { default: 9 },
                    },
                },
            },
        }],
    }), [['"temperature":1.2', '"temperature":1']]);

    assert.equal(answer.choices[0].message.toolCalls[0].function.name,
        'look_up');
});


check('an image, in a temporary file', async () => {
    const { original } = await held(complete({
        ...WITHIN, temperature: 1.2,
        messages: [{
            role: 'user',
            content: [
                { type: 'text', text: 'What weather is this?' },
                {
                    type: 'image_url',
                    imageUrl: `data:image/png;base64,${IMAGE}`,
                },
            ],
        }],
    }), [['"temperature":1.2', '"temperature":1  ']]);

    assert.ok(original.length > 300000);
});


check('fim', async () => {
    const { answer } = await held((mistral) => mistral.fim.complete({
        model: 'codestral-latest', prompt: 'weather(', suffix: ')',
        temperature: 1.01, topP: 0.3,
    }), [
        ['"temperature":1.01', '"temperature":1'], [END, ',"max_tokens":512'],
    ]);

    assert.equal(answer.choices[0].message.content,
        'temperature=1 top_p=0.3 max_tokens=512');
});


check('agents: without a model, and no temperature is added', async () => {
    const { line } = await held((mistral) => mistral.agents.complete(
        { agentId: 'ag:1', messages: MESSAGES, maxTokens: 9 }), [], 'pro');

    assert.equal(line.llm.model, '');
});


check('batch jobs: each request is held to the policy', async () => {
    const job = ({ batch }) => batch.jobs.create({
        endpoint: '/v1/chat/completions', model: MODEL,
        requests: [
            { temperature: 1.2, top_p: 0, max_tokens: 1 }, { top_p: 0.5 },
        ].map((params, i) => (
            { customId: `${i}`, body: { messages: MESSAGES, ...params } })),
    });

    const { answer } = await held(job, [
        ['"temperature":1.2', '"temperature":1'],
        ['"top_p":0.5', '"top_p":0.5,"temperature":0.7,"max_tokens":512'],
    ]);

    assert.equal(answer.totalRequests, 2);

    await held(job, [], 'internal');
});


check('embeddings: nothing is ever added', async () => {
    const { answer, line } = await held((mistral) => mistral.embeddings.create(
        { model: 'mistral-embed', inputs: ['Weather'] }));

    assert.deepEqual(answer.data[0].embedding, [0.5, -0.25, 8]);
    assert.equal(line.llm.status, 'passed');
});


/* Streams */

check('stream: policed, and forwarded at once', async () => {
    const { answer, line } = await held((mistral) => streamed(
        mistral.chat.stream({
            model: MODEL, messages: MESSAGES, temperature: 1.3, ...WITHIN,
        }), isToken), [['"temperature":1.3', '"temperature":1']]);

    assert.equal(said(answer), 'temperature=1 top_p=0.5 max_tokens=9');
    assert.equal(answer.at(-1).data.choices[0].finishReason, 'stop');
    assert.equal(line.llm.stream, 'true');
});


check('stream: absent parameters are added', async () => {
    const { answer } = await held((mistral) => streamed(
        mistral.chat.stream({ model: MODEL, messages: MESSAGES }), isToken),
    [[END, ',"temperature":0.7,"top_p":0.95,"max_tokens":512']]);

    assert.equal(said(answer), 'temperature=0.7 top_p=0.95 max_tokens=512');
});


/* Refusals; the client itself refuses values of the wrong type */

refusals({
    'a value beyond a bound that rejects': [complete({ n: 2 }), {
        code: 'value_not_allowed', param: 'n', requested: '2',
        message: /\bn 2\b.*\b1\b/,
    }],
    'the same in a stream': [
        (mistral) => collected(mistral.chat.stream(
            { model: MODEL, messages: MESSAGES, n: 2 })), {
            code: 'value_not_allowed', param: 'n', requested: '2',
            message: /\bn 2\b.*\b1\b/,
        }],
    'a value that is not allowed': [complete({ reasoningEffort: 'high' }), {
        code: 'value_not_allowed', param: 'reasoning_effort',
        requested: '"high"', message: /reasoning_effort.*high/,
    }],
    'a model that the tier does not have': [
        complete({ model: 'open-mixtral-8x7b' }), {
            code: 'model_not_allowed', param: 'model',
            message: /open-mixtral-8x7b.*free/,
        }],
    'an agent, whose model is unknown': [
        (mistral) => mistral.agents.complete(
            { agentId: 'ag:1', messages: MESSAGES }), {
            code: 'model_not_allowed', param: 'model', message: /model/,
        }],
    'a key that no tenant has': [
        complete({}), { code: 'unknown_key', message: /key/ }, 'unknown'],
});
