/*
 * Copyright (C) llm-policy authors
 *
 * Vercel's AI SDK with its provider for OpenAI, as applications use it.  It
 * uses the Responses API unless chat is selected.
 */

import assert from 'node:assert/strict';

import { createOpenAI } from '@ai-sdk/openai';
import {
    APICallError, embed, generateText, jsonSchema, stepCountIs, streamText,
    tool,
} from 'ai';

import api from './api/openai.js';
import { setup, accessLog, gateway, written, END, IMAGE } from './gateway.js';

const {
    check, client, held, refusals, streamed, upstream,
} = gateway({
    api,

    client: (server, apiKey) => createOpenAI(
        { baseURL: `${server}/v1`, apiKey }),

    raises: () => APICallError,

    told: ({ statusCode: status, message, responseBody }) => (
        { status, message, document: JSON.parse(responseBody) }),
});

const MODEL = 'gpt-4o-mini';

/* Gateway.pm searches the logs for the word that is in each prompt */
const PROMPT = 'Weather in Malm\u00f6? \ud83c\udf27 "temperature": 2';

const chat = (params, model = MODEL) => (openai) => generateText(
    { model: openai.chat(model), prompt: PROMPT, ...params });

const respond = (params, model = MODEL) => (openai) => generateText(
    { model: openai(model), prompt: PROMPT, ...params });


/* an error within a stream is one of its parts, and is not thrown */

function parts(params) {
    return async function* stream(openai) {
        const { fullStream } = streamText({
            model: openai.chat(MODEL), prompt: PROMPT, onError() {}, ...params,
        });

        for await (const part of fullStream) {
            if (part.type === 'error') {
                throw part.error;
            }

            yield part;
        }
    };
}


const isToken = ({ type }) => type === 'text-delta';


/* Parameters */

check('chat: a value beyond its bound is brought to it', async () => {
    const { answer, line } = await held(
        chat({ temperature: 1.9, topP: 0.99, maxOutputTokens: 4096 }), [
            ['"temperature":1.9', '"temperature":1'],
            ['"top_p":0.99', '"top_p":0.95'],
            ['"max_tokens":4096', '"max_tokens":1024'],
        ]);

    assert.equal(answer.text, 'temperature=1 top_p=0.95 max_tokens=1024');
    assert.equal(answer.usage.totalTokens, 12);
    assert.equal(line.llm.tenant, 'trial');
});


check('chat: absent parameters are added', async () => {
    const { answer, line } = await held(chat({}),
        [[END, ',"temperature":0.7,"top_p":0.95,"max_tokens":512']]);

    assert.match(answer.text, /^temperature=0.7 /);
    assert.equal(line.llm.temperature.action, 'default');
});


check('chat: permitted values pass byte for byte', async () => {
    for (const key of ['pro', 'internal']) {
        const { line } = await held(
            chat({ temperature: 1.25, topP: 1, seed: 7 }), [], key);

        assert.equal(line.llm.tier, key);
    }

    await held(chat({ temperature: 0, topP: 0.1, maxOutputTokens: 1 }));
});


check('chat: a reasoning model gets no temperature', async () => {
    await held(chat({ maxOutputTokens: 5000 }, 'o3-mini'), [[
        '"max_completion_tokens":5000', '"max_completion_tokens":1024',
    ]]);
    await held(chat({}, 'o3-mini'), [[END, ',"max_completion_tokens":512']]);
});


check('responses', async () => {
    const { answer, line } = await held(
        respond({ temperature: 1.5, topP: 0.2 }), [
            ['"temperature":1.5', '"temperature":1'],
            [END, ',"max_output_tokens":512'],
        ]);

    assert.equal(answer.text, 'temperature=1 top_p=0.2 max_output_tokens=512');
    assert.equal(line.llm.dialect, 'openai.responses');
});


const WITHIN = { topP: 0.5, maxOutputTokens: 99 };

const TOOLS = {
    look_up: tool({
        inputSchema: jsonSchema({
            type: 'object',
            properties: {
                city: { type: 'string' }, temperature: { default: 9 },
            },
        }),
        execute: ({ city }) => `4 degrees in ${city}`,
    }),
};


check('tools: their parameters are not the model\'s', async () => {
    for (const call of [chat, respond]) {
        const { answer } = await held(
            call({ ...WITHIN, temperature: 1.2, tools: TOOLS }),
            [['"temperature":1.2', '"temperature":1']]);

        assert.equal(answer.toolResults[0].output, '4 degrees in Oslo');
    }
});


check('tools: each step is held to the policy', async () => {
    const { text } = await chat(
        { temperature: 1.8, tools: TOOLS, stopWhen: stepCountIs(3) })(
        client(setup.gateway, 'free'));

    assert.match(text, /^temperature=1 /);

    const steps = upstream.take();

    assert.deepEqual(steps.map(({ body }) => written(body, [['temperature']])),
        ['1', '1']);
    assert.equal(JSON.parse(steps[1].body).messages.at(-1).role, 'tool');

    for (const { llm } of await accessLog.take(2)) {
        assert.equal(llm.temperature.requested, '1.8');
    }
});


check('an image, in a temporary file', async () => {
    const { original } = await held(chat({
        ...WITHIN, temperature: 1.2, prompt: undefined,
        messages: [{
            role: 'user',
            content: [
                { type: 'text', text: 'What weather is this?' },
                { type: 'image', image: IMAGE, mediaType: 'image/png' },
            ],
        }],
    }), [['"temperature":1.2', '"temperature":1  ']]);

    assert.ok(original.length > 300000);
});


check('embed: nothing is ever added', async () => {
    const { answer, line } = await held((openai) => embed(
        { model: openai.embedding(MODEL), value: 'Weather' }));

    assert.deepEqual(answer.embedding, [0.5, -0.25, 8]);
    assert.equal(line.llm.status, 'passed');
});


/* Streams */

check('streamText: policed, and forwarded at once', async () => {
    const { answer, line } = await held(async (openai) => streamed(
        parts({ ...WITHIN, temperature: 1.9 })(openai), isToken),
    [['"temperature":1.9', '"temperature":1']]);

    assert.equal(answer.filter(isToken).map(({ text }) => text).join(''),
        'temperature=1 top_p=0.5 max_tokens=99');
    assert.equal(answer.at(-1).finishReason, 'stop');
    assert.equal(line.llm.stream, 'true');
});


check('streamText: responses', async () => {
    const { answer } = await held(async (openai) => streamed(
        parts({ model: openai(MODEL) })(openai), isToken),
    [[END, ',"temperature":0.7,"top_p":0.95,"max_output_tokens":512']]);

    assert.equal(answer.filter(isToken).map(({ text }) => text).join(''),
        'temperature=0.7 top_p=0.95 max_output_tokens=512');
});


check('streamText: a tool is called', async () => {
    const { answer } = await held(async (openai) => streamed(
        parts({ ...WITHIN, temperature: 1.9, tools: TOOLS })(openai),
        ({ type }) => type === 'tool-input-start'),
    [['"temperature":1.9', '"temperature":1']]);

    assert.equal(answer.find(({ type }) => type === 'tool-result').output,
        '4 degrees in Oslo');
});


/* Refusals */

const EFFORT = {
    code: 'value_not_allowed', param: 'reasoning_effort', requested: '"high"',
    message: /reasoning_effort.*high/,
};

const EFFORT_OPTIONS = {
    providerOptions: { openai: { reasoningEffort: 'high' } },
};

const drained = (stream) => async (openai) => {
    for await (const part of stream(openai)) {
        assert.notEqual(part.type, 'text-delta');
    }
};

refusals({
    'a value that is not allowed': [chat(EFFORT_OPTIONS, 'o3-mini'), EFFORT],
    'the same in responses': [respond(EFFORT_OPTIONS, 'o3-mini'), EFFORT],
    'the same in a stream': [
        drained((openai) => parts(
            { ...EFFORT_OPTIONS, model: openai.chat('o3-mini') })(openai)),
        EFFORT],
    'a denied parameter': [
        chat({ providerOptions: { openai: { logitBias: { 50256: -100 } } } }), {
            code: 'parameter_denied', param: 'logit_bias',
            message: /logit_bias/,
        }],
    'a model that the tier does not have': [chat({}, 'gpt-4o'), {
        code: 'model_not_allowed', param: 'model', message: /gpt-4o.*free/,
    }],
    'a key that no tenant has': [
        chat({}), { code: 'unknown_key', message: /key/ }, 'unknown'],
});
