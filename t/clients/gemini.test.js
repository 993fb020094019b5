/*
 * Copyright (C) llm-policy authors
 *
 * Google's official client for Gemini, as applications use it.
 */

'use strict';

const assert = require('node:assert/strict');

const { ApiError, GoogleGenAI } = require('@google/genai');

const { gateway, collected, END, IMAGE } = require('./gateway');

const { check, held, refusals, streamed } = gateway({
    api: require('./api/gemini'),

    client: (server, apiKey) => new GoogleGenAI(
        { apiKey, httpOptions: { baseUrl: server } }),

    raises: () => ApiError,

    told: ({ status, message }) => (
        { status, message, document: JSON.parse(message) }),
});

const MODEL = 'gemini-2.5-flash';

/* Gateway.pm searches the logs for the word that is in each prompt */
const PROMPT = 'Weather in Malm\u00f6? \ud83c\udf27 "temperature": 2';

/* everything that the policy adds to an empty configuration */
const DEFAULTS
    = '"temperature":0.7,"topP":0.95,"topK":40,"maxOutputTokens":512';

const generate = (config, more) => ({ models }) => models.generateContent(
    { model: MODEL, contents: PROMPT, config, ...more });


/* Parameters */

check('a value beyond its bound is brought to it', async () => {
    const { answer, line } = await held(generate({
        temperature: 1.9, topP: 0.99, topK: 41, candidateCount: 1,
        maxOutputTokens: 5000, stopSequences: ['.'],
    }), [
        ['"temperature":1.9', '"temperature":1'],
        ['"topP":0.99', '"topP":0.95'], ['"topK":41', '"topK":40'],
        ['"maxOutputTokens":5000', '"maxOutputTokens":1024'],
    ]);

    assert.equal(answer.text,
        'temperature=1 topP=0.95 topK=40 maxOutputTokens=1024');
    assert.equal(answer.usageMetadata.totalTokenCount, 12);
    assert.equal(line.llm.tenant, 'trial');
    assert.equal(line.llm.model, MODEL, 'the model of the path');
});


check('an absent configuration is added', async () => {
    const { answer, line } = await held(generate(undefined),
        [[END, `,"generationConfig":{${DEFAULTS}}`]]);

    assert.match(answer.text, /^temperature=0.7 /);
    assert.equal(line.llm.temperature.action, 'default');
});


check('absent members of the configuration are added', async () => {
    await held(generate({ seed: 7 }), [['"seed":7', `"seed":7,${DEFAULTS}`]]);
});


check('permitted values pass byte for byte', async () => {
    for (const key of ['pro', 'internal']) {
        const { line } = await held(
            generate({ temperature: 1.25, topP: 1, topK: 64 }), [], key);

        assert.equal(line.llm.tier, key);
    }

    await held(generate(
        { temperature: 1, topP: 0, topK: 1, maxOutputTokens: 1 }));
});


const WITHIN = { topP: 0.5, topK: 9, maxOutputTokens: 99 };


check('other members: instruction, schema, thinking', async () => {
    const { answer } = await held(generate({
        ...WITHIN, temperature: 1.5, systemInstruction: 'You tell the weather.',
        responseMimeType: 'application/json',
        responseSchema: {
            type: 'OBJECT', properties: { temperature: { type: 'NUMBER' } },
        },
        thinkingConfig: { thinkingBudget: 0 },
    }), [['"temperature":1.5', '"temperature":1']]);

    assert.deepEqual(JSON.parse(answer.text), { temperature: 1 });
});


check('tools: their parameters are not the model\'s', async () => {
    const { answer } = await held(generate({
        ...WITHIN, temperature: 1.5,
        tools: [{
            functionDeclarations: [{
                name: 'look_up',
                parametersJsonSchema: {
                    type: 'object',
                    properties: {
                        city: { type: 'string' }, temperature: { default: 9 },
                        generationConfig: { default: { temperature: 9 } },
                    },
                },
            }],
        }],
    }), [['"temperature":1.5', '"temperature":1']]);

    assert.deepEqual(answer.functionCalls,
        [{ name: 'look_up', args: { city: 'Oslo' } }]);
});


check('an image, in a temporary file', async () => {
    const { original } = await held(generate({
        ...WITHIN, temperature: 1.7,
    }, {
        contents: [
            { inlineData: { mimeType: 'image/png', data: IMAGE } },
            'What weather is this?',
        ],
    }), [['"temperature":1.7', '"temperature":1  ']]);

    assert.ok(original.length > 300000);
});


check('chat: each turn has its configuration', async () => {
    const turn = (n) => async ({ chats }) => {
        const chat = chats.create({
            model: MODEL, config: { ...WITHIN, temperature: 1.75 },
            history: Array(n).fill([
                { role: 'user', parts: [{ text: PROMPT }] },
                { role: 'model', parts: [{ text: 'Rain.' }] },
            ]).flat(),
        });

        return chat.sendMessage({ message: 'And the weather tomorrow?' });
    };

    for (const n of [0, 2]) {
        const { answer } = await held(turn(n),
            [['"temperature":1.75', '"temperature":1']]);

        assert.match(answer.text, /^temperature=1 /);
    }
});


check('batches: each request is held to the policy', async () => {
    const batch = ({ batches }) => batches.create({
        model: MODEL,
        src: [{ temperature: 1.9, ...WITHIN }, { seed: 7 }].map((config) => (
            { contents: [{ role: 'user', parts: [{ text: PROMPT }] }], config }
        )),
    });

    const { answer, line } = await held(batch, [
        ['"temperature":1.9', '"temperature":1'],
        ['"seed":7', `"seed":7,${DEFAULTS}`],
    ]);

    assert.equal(answer.name, 'batches/1');
    assert.equal(line.llm.temperature.requested, '1.9');

    await held(batch, [], 'internal');
});


check('countTokens, embedContent: nothing is ever added', async () => {
    const count = await held(({ models }) => models.countTokens(
        { model: MODEL, contents: PROMPT }));
    const embedding = await held(({ models }) => models.embedContent(
        { model: 'gemini-embedding-001', contents: ['Weather', PROMPT] }));

    assert.equal(count.answer.totalTokens, 7);
    assert.equal(count.line.llm.status, 'passed');
    assert.equal(embedding.answer.embeddings.length, 2);
});


check('models: a request without a body passes', async () => {
    const { answer, line } = await held(
        ({ models }) => models.get({ model: MODEL }));

    assert.equal(answer.name, `models/${MODEL}`);
    assert.equal(line.llm.status, 'bypassed');
});


/* Streams */

check('stream: policed, and forwarded at once', async () => {
    const { answer, line } = await held(({ models }) => streamed(
        models.generateContentStream({
            model: MODEL, contents: PROMPT,
            config: { ...WITHIN, temperature: 1.01 },
        }), ({ text }) => text), [['"temperature":1.01', '"temperature":1']]);

    assert.equal(answer.map(({ text }) => text).join(''),
        'temperature=1 topP=0.5 topK=9 maxOutputTokens=99');
    assert.equal(answer.at(-1).candidates[0].finishReason, 'STOP');
    assert.equal(line.llm.model, MODEL);
});


check('stream: a chat', async () => {
    const { answer } = await held(({ chats }) => streamed(
        chats.create({ model: MODEL }).sendMessageStream({ message: PROMPT }),
        ({ text }) => text),
    [['"generationConfig":{}', `"generationConfig":{${DEFAULTS}}`]]);

    assert.match(answer.map(({ text }) => text).join(''), /^temperature=0.7 /);
});


/* Refusals */

const WRONG_TYPE = {
    code: 'invalid_type', param: 'temperature', requested: '"1.9"',
    message: /temperature.*number/,
};

refusals({
    'a value of the wrong type': [
        generate({ temperature: '1.9' }), WRONG_TYPE],
    'the same in a stream': [
        ({ models }) => collected(models.generateContentStream({
            model: MODEL, contents: PROMPT, config: { temperature: '1.9' },
        })), WRONG_TYPE],
    'a value beyond a bound that rejects': [
        generate({ candidateCount: 2 }), {
            code: 'value_not_allowed', param: 'n', requested: '2',
            message: /\b2\b.*\b1\b/,
        }],
    'two spellings of a name in one request': [
        generate({
            temperature: 1, topK: 3,
            httpOptions: { extraBody: { generationConfig: { top_k: 99 } } },
        }), {
            code: 'ambiguous_member', param: 'top_k', requested: '3',
            message: /top_k/,
        }],
    'a model that the tier does not have': [
        generate({}, { model: 'gemma-3' }), {
            code: 'model_not_allowed', param: 'model', message: /gemma-3.*free/,
        }],
    'a key that no tenant has': [
        generate({}), { code: 'unknown_key', message: /key/ }, 'unknown'],
});
