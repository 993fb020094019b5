/*
 * Copyright (C) llm-policy authors
 *
 * Hugging Face's official client, with an endpoint that runs Text Generation
 * Inference, as applications use it.
 *
 * Its tasks use the endpoint's OpenAI API.  The server's own API is called with
 * the client's functions for other kinds of calls.
 */

'use strict';

const assert = require('node:assert/strict');

const {
    InferenceClient, InferenceClientProviderApiError, setLogger,
} = require('@huggingface/inference');

const { gateway, collected, END, IMAGE } = require('./gateway');

/* calls of other kinds are deprecated, and log a warning */
setLogger({ log() {}, warn() {} });

const { check, held, refusals, streamed } = gateway({
    api: require('./api/tgi'),

    client: (server, key) => ({
        tasks: new InferenceClient(key, { endpointUrl: server }),
        generate: new InferenceClient(key,
            { endpointUrl: `${server}/generate` }),
        stream: new InferenceClient(key,
            { endpointUrl: `${server}/generate_stream` }),
    }),

    raises: () => InferenceClientProviderApiError,

    /*
     * the client has the message of an error in OpenAI's shape only in a stream
     */
    told: ({ message, httpResponse: { status, body } }) => ({
        status, document: body,
        message: message.includes('an HTTP error occurred')
            ? body.error.message : message,
    }),
});

/* Gateway.pm searches the logs for the word that is in each prompt */
const PROMPT = 'Weather in Malm\u00f6? \ud83c\udf27 "temperature": 2';
const CHAT = { model: 'tgi', messages: [{ role: 'user', content: PROMPT }] };

const chat = (params) => ({ tasks }) => tasks.chatCompletion(
    { ...CHAT, ...params });

const complete = (parameters) => ({ tasks }) => tasks.textGeneration(
    { model: 'tgi', inputs: PROMPT, parameters });

const generate = (parameters) => (clients) => clients.generate.request(
    { inputs: PROMPT, parameters });


/* The tasks */

check('chatCompletion: a value beyond its bound is brought to it', async () => {
    const { answer, line } = await held(
        chat({ temperature: 1.9, top_p: 0.99, max_tokens: 4096, seed: 1 }), [
            ['"temperature":1.9', '"temperature":1'],
            ['"top_p":0.99', '"top_p":0.95'],
            ['"max_tokens":4096', '"max_tokens":1024'],
        ]);

    assert.equal(answer.choices[0].message.content,
        'temperature=1 top_p=0.95 max_tokens=1024 seed=1');
    assert.equal(line.llm.tenant, 'trial');
    assert.equal(line.llm.model, 'tgi');
});


check('chatCompletion: absent parameters are added', async () => {
    const { line } = await held(chat({}),
        [[END, ',"temperature":0.7,"top_p":0.95,"max_tokens":512']]);

    assert.equal(line.llm.temperature.action, 'default');
});


check('permitted values pass byte for byte', async () => {
    for (const key of ['pro', 'internal']) {
        const { line } = await held(
            chat({ temperature: 1.25, top_p: 1, n: 2 }), [], key);

        assert.equal(line.llm.tier, key);
    }

    await held(chat({ temperature: 0, top_p: 0.1, max_tokens: 1 }));
});


check('an image, in a temporary file', async () => {
    const { original } = await held(chat({
        temperature: 1.7, top_p: 0.1, max_tokens: 1,
        messages: [{
            role: 'user',
            content: [
                { type: 'text', text: 'What weather is this?' },
                {
                    type: 'image_url',
                    image_url: { url: `data:image/png;base64,${IMAGE}` },
                },
            ],
        }],
    }), [['"temperature":1.7', '"temperature":1  ']]);

    assert.ok(original.length > 300000);
});


check('textGeneration', async () => {
    const { answer, line } = await held(
        complete({ temperature: 1.2, max_new_tokens: 2000, top_p: 0.5 }), [
            ['"temperature":1.2', '"temperature":1'],
            ['"max_tokens":2000', '"max_tokens":1024'],
        ]);

    assert.equal(answer.generated_text,
        'temperature=1 top_p=0.5 max_tokens=1024');
    assert.equal(line.llm.dialect, 'openai.completions');

    await held(complete({ seed: 7 }),
        [[END, ',"temperature":0.7,"top_p":0.95,"max_tokens":512']]);
});


/* The server's own API, whose requests contain no model */

check('generate: a value beyond its bound is brought to it', async () => {
    const { answer } = await held(
        generate({ temperature: 1.9, top_k: 500, max_new_tokens: 7 }),
        [['"temperature":1.9', '"temperature":1.5']], 'pro');

    assert.equal(answer.generated_text,
        'temperature=1.5 top_k=500 max_new_tokens=7');
});


check('generate: absent parameters are added, with their object', async () => {
    await held(({ generate: client }) => client.request({ inputs: PROMPT }),
        [[END, ',"parameters":{"temperature":0.7}']], 'pro');
    await held(generate({ seed: 7 }),
        [['"seed":7', '"seed":7,"temperature":0.7']], 'pro');
    await held(generate({ temperature: 1.25 }), [], 'pro');
});


/* Streams */

check('chatCompletionStream: policed, and forwarded at once', async () => {
    const { answer, line } = await held(({ tasks }) => streamed(
        tasks.chatCompletionStream(
            { ...CHAT, temperature: 1.9, top_p: 0.3, max_tokens: 9 }),
        ({ choices }) => choices[0].delta.content),
    [['"temperature":1.9', '"temperature":1']]);

    assert.equal(answer.map(({ choices }) => choices[0].delta.content ?? '')
        .join(''), 'temperature=1 top_p=0.3 max_tokens=9');
    assert.equal(line.llm.stream, 'true');
});


check('textGenerationStream', async () => {
    const { answer } = await held(({ tasks }) => streamed(
        tasks.textGenerationStream({ model: 'tgi', inputs: PROMPT }),
        ({ choices }) => choices[0].text),
    [[END, ',"temperature":0.7,"top_p":0.95,"max_tokens":512']]);

    assert.equal(answer.map(({ choices }) => choices[0].text).join(''),
        'temperature=0.7 top_p=0.95 max_tokens=512');
});


check('generate_stream', async () => {
    const { answer } = await held(({ stream }) => streamed(
        stream.streamingRequest(
            { inputs: PROMPT, parameters: { temperature: 1.6, top_k: 3 } }),
        ({ token }) => token.text),
    [['"temperature":1.6', '"temperature":1.5']], 'pro');

    assert.equal(answer.at(-1).generated_text, 'temperature=1.5 top_k=3');
});


/* Refusals */

const WRONG_TYPE = {
    code: 'invalid_type', param: 'temperature', requested: '"1.9"',
    message: /temperature.*number/,
};

refusals({
    'a value of the wrong type': [chat({ temperature: '1.9' }), WRONG_TYPE],
    'the same in a stream': [
        ({ tasks }) => collected(tasks.chatCompletionStream(
            { ...CHAT, temperature: '1.9' })), WRONG_TYPE],
    'the same in the server\'s own API': [
        generate({ temperature: '1.9' }), WRONG_TYPE, 'pro'],
    'the same in a stream of that': [
        ({ stream }) => collected(stream.streamingRequest(
            { inputs: PROMPT, parameters: { temperature: '1.9' } })),
        WRONG_TYPE, 'pro'],
    'a value beyond a bound that rejects': [chat({ n: 2 }), {
        code: 'value_not_allowed', param: 'n', requested: '2',
        message: /\bn 2\b.*\b1\b/,
    }],
    'a parameter of another API': [complete({ do_sample: false }), {
        code: 'unknown_member', param: 'do_sample',
        message: /do_sample.*openai\.completions.*free/,
    }],
    'a model that the tier does not have': [chat({ model: 'gpt2' }), {
        code: 'model_not_allowed', param: 'model', message: /gpt2.*free/,
    }],
    'a request without a model, with rules about models': [
        generate({}), {
            code: 'model_not_allowed', param: 'model', message: /model/,
        }],
    'a key that no tenant has': [
        chat({}), { code: 'unknown_key', message: /key/ }, 'unknown'],
});
