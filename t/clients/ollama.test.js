/*
 * Copyright (C) llm-policy authors
 *
 * Ollama's official client, as applications use it.  It sends an API key only
 * if it is given a header.
 */

'use strict';

const assert = require('node:assert/strict');

const { Ollama } = require('ollama');

const { gateway, collected, END, IMAGE } = require('./gateway');

const { check, held, refusals, streamed } = gateway({
    api: require('./api/ollama'),

    client: (server, key) => new Ollama(
        { host: server, headers: { Authorization: `Bearer ${key}` } }),

    raises: () => 'ResponseError',

    told: ({ status_code: status, message, error }) => (
        { status, message, document: { error } }),
});

/* Gateway.pm searches the logs for the word that is in each prompt */
const MESSAGES = [
    { role: 'system', content: 'You tell the weather.' },
    {
        role: 'user',
        content: 'Weather in Malm\u00f6? \ud83c\udf27 "temperature": 2',
    },
];

/* everything that the policy adds to an empty configuration */
const DEFAULTS = '"temperature":0.7,"top_p":0.95,"top_k":40,"num_predict":512';

const chat = (params) => (ollama) => ollama.chat(
    { model: 'llama3.2', messages: MESSAGES, ...params });


/* Parameters */

check('chat: a value beyond its bound is brought to it', async () => {
    const { answer, line } = await held(chat({
        options: {
            seed: 7, temperature: 1.9, top_p: 0.99, top_k: 0, num_ctx: 4096,
            num_predict: 2000, stop: ['.'],
        },
    }), [
        ['"temperature":1.9', '"temperature":1'],
        ['"top_p":0.99', '"top_p":0.95'], ['"top_k":0', '"top_k":40'],
        ['"num_predict":2000', '"num_predict":1024'],
    ]);

    assert.equal(answer.message.content,
        'temperature=1 top_p=0.95 top_k=40 num_predict=1024');
    assert.equal(line.llm.tenant, 'trial');
    assert.equal(line.llm.model, 'llama3.2');
});


check('chat: without options, they are added', async () => {
    const { answer, line } = await held(chat({}),
        [[END, `,"options":{${DEFAULTS}}`]]);

    assert.match(answer.message.content, /^temperature=0.7 /);
    assert.equal(line.llm.temperature.action, 'default');
});


check('chat: absent members of the options are added', async () => {
    await held(chat({ options: { num_ctx: 8 }, keep_alive: '5m' }),
        [['"num_ctx":8', `"num_ctx":8,${DEFAULTS}`]]);
    await held(chat({ options: {} }),
        [['"options":{}', `"options":{${DEFAULTS}}`]]);
});


check('chat: no limit is above any limit', async () => {
    const options = { temperature: 0, top_p: 0.5, top_k: 1, num_predict: -1 };

    await held(chat({ options }),
        [['"num_predict":-1', '"num_predict":1024']]);
});


check('permitted values pass byte for byte', async () => {
    const options = { temperature: 1.25, top_p: 1, num_predict: -1 };

    for (const key of ['pro', 'internal']) {
        const { line } = await held(chat({ options }), [], key);

        assert.equal(line.llm.tier, key);
    }

    await held(chat({
        options: { temperature: 1, top_p: 0.1, top_k: 2, num_predict: 9 },
    }));
});


check('chat: a schema with members of policed names', async () => {
    const { answer } = await held(chat({
        options: { temperature: 1.5, top_p: 0.1, top_k: 2, num_predict: 9 },
        format: {
            type: 'object', properties: { temperature: { type: 'number' } },
        },
    }), [['"temperature":1.5', '"temperature":1']]);

    assert.deepEqual(JSON.parse(answer.message.content), { temperature: 1 });
});


check('chat: tools, whose parameters are not the model\'s', async () => {
    const tools = [{
        type: 'function',
        function: {
            name: 'look_up',
            parameters: {
                type: 'object',
                properties: {
                    city: { type: 'string' }, temperature: { type: 'number' },
                    options: { type: 'object', default: { temperature: 2 } },
                },
            },
        },
    }];

    const { answer } = await held(chat({ tools, think: 'low' }),
        [[END, `,"options":{${DEFAULTS}}`]]);

    assert.deepEqual(answer.message.tool_calls[0].function,
        { name: 'look_up', arguments: { city: 'Oslo' } });
});


check('chat: an image of bytes, in a temporary file', async () => {
    const { original } = await held((ollama) => ollama.chat({
        model: 'llama3.2',
        options: { temperature: 1.7, top_p: 0.1, top_k: 2, num_predict: 9999 },
        messages: [{
            role: 'user', content: 'What weather is this?',
            images: [Buffer.from(IMAGE, 'base64')],
        }],
    }), [
        ['"temperature":1.7', '"temperature":1  '],
        ['"num_predict":9999', '"num_predict":1024'],
    ]);

    assert.ok(original.length > 300000);
});


check('generate', async () => {
    const { answer, line } = await held((ollama) => ollama.generate({
        model: 'llama3.2', prompt: 'Weather: ', raw: true,
        options: { top_k: 41, top_p: 0.5, num_predict: 3 },
    }), [[
        '"top_k":41,"top_p":0.5,"num_predict":3',
        '"top_k":40,"top_p":0.5,"num_predict":3,"temperature":0.7',
    ]]);

    assert.equal(answer.response,
        'temperature=0.7 top_p=0.5 top_k=40 num_predict=3');
    assert.equal(line.llm.top_k.action, 'max');
});


check('embed: nothing is ever added', async () => {
    const { answer, line } = await held((ollama) => ollama.embed(
        { model: 'llama3.2', input: ['Weather', '\ud83c\udf27'] }));

    assert.equal(answer.embeddings.length, 2);
    assert.equal(line.llm.status, 'passed');
});


check('list: a request without a body passes', async () => {
    const { answer, line } = await held((ollama) => ollama.list());

    assert.equal(answer.models[0].name, 'llama3.2');
    assert.equal(line.llm.status, 'bypassed');
});


/* Streams: lines of JSON */

check('chat stream: policed, and forwarded at once', async () => {
    const { answer, line } = await held((ollama) => streamed(
        chat({ stream: true, options: { temperature: 1.1, top_k: 1 } })(ollama),
        ({ message }) => message.content), [[
        '"temperature":1.1,"top_k":1',
        '"temperature":1,"top_k":1,"top_p":0.95,"num_predict":512',
    ]]);

    assert.equal(answer.map(({ message }) => message.content).join(''),
        'temperature=1 top_p=0.95 top_k=1 num_predict=512');
    assert.equal(answer.at(-1).done_reason, 'stop');
    assert.equal(line.llm.stream, 'true');
});


check('generate stream', async () => {
    const { answer } = await held((ollama) => streamed(ollama.generate(
        { model: 'llama3.2', prompt: 'Weather: ', stream: true }),
    ({ response }) => response), [[END, `,"options":{${DEFAULTS}}`]]);

    assert.equal(answer.map(({ response }) => response).join(''),
        'temperature=0.7 top_p=0.95 top_k=40 num_predict=512');
});


/* Refusals */

const WRONG_TYPE = {
    code: 'invalid_type', param: 'temperature', requested: '"1.9"',
    message: /temperature.*number/,
};

refusals({
    'a value of the wrong type': [
        chat({ options: { temperature: '1.9' } }), WRONG_TYPE],
    'the same in a stream': [
        (ollama) => collected(chat(
            { options: { temperature: '1.9' }, stream: true })(ollama)),
        WRONG_TYPE],
    'a value that is not allowed': [chat({ think: 'high' }), {
        code: 'value_not_allowed', param: 'reasoning_effort',
        requested: '"high"', message: /reasoning_effort.*high/,
    }],
    'an option that undoes a bound': [chat({ options: { mirostat: 2 } }), {
        code: 'undermines_policy', param: 'mirostat',
        message: /mirostat.*temperature/,
    }],
    'a model that the tier does not have': [chat({ model: 'llama3.3' }), {
        code: 'model_not_allowed', param: 'model', message: /llama3.3.*free/,
    }],
    'the same for embed': [
        (ollama) => ollama.embed({ model: 'bge', input: ['Weather'] }), {
            code: 'model_not_allowed', param: 'model', message: /bge/,
        }],
    'a key that no tenant has': [
        chat({}), { code: 'unknown_key', message: /key/ }, 'unknown'],
});
