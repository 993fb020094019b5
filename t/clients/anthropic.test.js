/*
 * Copyright (C) llm-policy authors
 *
 * Anthropic's official client, as applications use it.
 */

'use strict';

const assert = require('node:assert/strict');

const Anthropic = require('@anthropic-ai/sdk');

const { gateway, written, collected, END, IMAGE } = require('./gateway');

const ERRORS = {
    400: Anthropic.BadRequestError, 401: Anthropic.AuthenticationError,
    403: Anthropic.PermissionDeniedError, 415: Anthropic.APIError,
    429: Anthropic.RateLimitError,
};

const {
    check, held, forwarded, refusals, limited, spent, streamed, upstream,
} = gateway({
    api: require('./api/anthropic'),

    client: (server, apiKey, options) => new Anthropic(
        { baseURL: server, apiKey, ...options }),

    raises: (status) => ERRORS[status],

    told: ({ status, message, error }) => (
        { status, message, document: error }),
});

/* Gateway.pm searches the logs for the word that is in each prompt */
const QUESTION = {
    role: 'user',
    content: 'Weather in Malm\u00f6? \ud83c\udf27 "temperature": 2',
};
const MESSAGE = {
    model: 'claude-haiku-4-5', max_tokens: 100, messages: [QUESTION],
};

const create = (params) => (anthropic) => anthropic.messages.create(
    { ...MESSAGE, ...params });


/* Parameters */

check('a value beyond its bound is brought to it', async () => {
    const { answer, line } = await held(
        create({ temperature: 1.5, top_k: 100, max_tokens: 4096 }),
        [
            ['"temperature":1.5', '"temperature":1'],
            ['"top_k":100', '"top_k":40'],
            ['"max_tokens":4096', '"max_tokens":1024'],
        ]);

    assert.deepEqual(answer.content, [{
        type: 'text', text: 'temperature=1 top_k=40 max_tokens=1024',
    }]);
    assert.equal(line.llm.tier, 'free');
    assert.equal(line.llm.tenant, 'trial');
    assert.equal(line.llm.model, 'claude-haiku-4-5');
});


check('absent parameters are added, top_p not to temperature', async () => {
    const { line } = await held(create({}),
        [[END, ',"temperature":0.7,"top_k":40']]);

    assert.equal(line.llm.temperature.action, 'default');
});


check('top_p is held, and no temperature added to it', async () => {
    await held(create({ top_p: 0.99, top_k: 5 }),
        [['"top_p":0.99', '"top_p":0.95']]);
});


check('nothing is added to a request that thinks', async () => {
    await held(create({ thinking: { type: 'adaptive' } }));
    await held(create({ thinking: { type: 'adaptive' }, temperature: 1 }));
});


check('a model that takes no temperature gets none', async () => {
    await held(create({ model: 'claude-opus-5', top_k: 3, temperature: 0.5 }), [
        [',"top_k":3', ''], [',"temperature":0.5', ''],
    ]);
});


check('permitted values pass byte for byte', async () => {
    const params = { temperature: 1, top_k: 200, stop_sequences: ['.'] };

    for (const key of ['pro', 'internal']) {
        const { line } = await held(create(params), [], key);

        assert.equal(line.llm.tier, key);
    }

    await held(create({ temperature: 0.25, top_k: 1 }));
});


check('other members: system, metadata, effort', async () => {
    const params = {
        system: [{
            type: 'text', text: 'You tell the weather.',
            cache_control: { type: 'ephemeral' },
        }],
        metadata: { user_id: 'u', trace: 't' },
        output_config: { effort: 'low' },
        temperature: 2, top_k: 1,
    };

    await held(create(params), [
        ['"user_id":"u","trace":"t"', '"user_id":"u"'],
        ['"temperature":2,', '"temperature":1,'],
    ]);
});


const TOOL = {
    name: 'look_up',
    input_schema: {
        type: 'object',
        properties: {
            city: { type: 'string' },
            temperature: { type: 'number', minimum: -90, maximum: 60 },
            max_tokens: { type: 'integer', default: 99999 },
        },
    },
};


check('tools: their parameters are not the model\'s', async () => {
    const first = await held(create({ tools: [TOOL], temperature: 1.9 }), [
        ['"temperature":1.9', '"temperature":1'], [END, ',"top_k":40'],
    ]);

    const [call] = first.answer.content;

    assert.deepEqual(call.input, { city: 'Oslo' });

    const { answer } = await held(create({
        tools: [TOOL], temperature: 1.9, top_k: 9,
        messages: [QUESTION, { role: 'assistant', content: [call] }, {
            role: 'user',
            content: [{
                type: 'tool_result', tool_use_id: call.id,
                content: '{"temperature":4}',
            }],
        }],
    }), [['"temperature":1.9', '"temperature":1']]);

    assert.match(answer.content[0].text, /^temperature=1 /);
});


check('an image, in a temporary file', async () => {
    const { original } = await held(create({
        temperature: 1.7, top_k: 40, max_tokens: 5000,
        messages: [{
            role: 'user',
            content: [{
                type: 'image',
                source: {
                    type: 'base64', media_type: 'image/png', data: IMAGE,
                },
            }, { type: 'text', text: 'What weather is this?' }],
        }],
    }), [
        ['"temperature":1.7', '"temperature":1  '],
        ['"max_tokens":5000', '"max_tokens":1024'],
    ]);

    assert.ok(original.length > 300000);
});


check('beta: an argument in the query, and a header', async () => {
    const { answer } = await held(
        (anthropic) => anthropic.beta.messages.create({
            ...MESSAGE, temperature: 1.2, top_k: 3,
            betas: ['context-management-2025-06-27'],
        }), [['"temperature":1.2', '"temperature":1']]);

    assert.match(answer.content[0].text, /^temperature=1 /);
});


check('count_tokens: nothing is ever added', async () => {
    const params = { model: MESSAGE.model, messages: MESSAGE.messages };

    const { answer, line } = await held(
        (anthropic) => anthropic.messages.countTokens(params));

    assert.equal(answer.input_tokens, 7);
    assert.equal(line.llm.status, 'passed');

    await held((anthropic) => anthropic.beta.messages.countTokens(params));
});


check('batches: each request is held to the policy', async () => {
    const batch = (temperature) => (anthropic) => (
        anthropic.messages.batches.create({
            requests: [
                { custom_id: 'a', params: { ...MESSAGE, temperature } },
                { custom_id: 'b', params: { ...MESSAGE, top_k: 7 } },
                {
                    custom_id: 'c',
                    params: {
                        ...MESSAGE, max_tokens: 2048,
                        messages: [{ role: 'user', content: 'Weather now?' }],
                    },
                },
            ],
        }));

    const { answer, line } = await held(batch(1.9), [
        ['"temperature":1.9}', '"temperature":1,"top_k":40}'],
        ['"top_k":7}', '"top_k":7,"temperature":0.7}'],
        ['"max_tokens":2048', '"max_tokens":1024'],
        ['now?"}]}', 'now?"}],"temperature":0.7,"top_k":40}'],
    ]);

    assert.equal(answer.request_counts.processing, 3);
    assert.equal(line.llm.temperature.requested, '1.9');

    await held(batch(0.1), [], 'internal');
});


check('models: a request without a body passes', async () => {
    const { answer, line } = await held((anthropic) => anthropic.models.list());

    assert.equal(answer.data[0].id, 'claude-haiku-4-5');
    assert.equal(line.llm.status, 'bypassed');
});


/* Streams */

check('stream: policed, and forwarded at once', async () => {
    const { answer, line } = await held((anthropic) => streamed(
        anthropic.messages.create(
            { ...MESSAGE, temperature: 1.9, top_k: 4, stream: true }),
        ({ type }) => type === 'content_block_delta'),
    [['"temperature":1.9', '"temperature":1']]);

    assert.equal(answer[0].type, 'message_start');
    assert.equal(answer.at(-1).type, 'message_stop');
    assert.equal(answer.map(({ delta }) => delta?.text ?? '').join(''),
        'temperature=1 top_k=4 max_tokens=100');
    assert.equal(line.llm.stream, 'true');
});


check('stream: the stream() helper', async () => {
    const { answer } = await forwarded(async (anthropic) => {
        const stream = anthropic.messages.stream(MESSAGE);

        stream.on('text', upstream.hold());

        return stream.finalMessage();
    });

    assert.equal(answer.content[0].text,
        'temperature=0.7 top_k=40 max_tokens=100');
    assert.equal(answer.stop_reason, 'end_turn');
});


check('stream: a tool is called', async () => {
    const { answer, got } = await forwarded((anthropic) => streamed(
        anthropic.messages.create({ ...MESSAGE, tools: [TOOL], stream: true }),
        ({ delta }) => delta?.type === 'input_json_delta'));

    assert.equal(answer.map(({ delta }) => delta?.partial_json ?? '').join(''),
        '{"city":"Oslo"}');
    assert.equal(written(got, [['temperature']]), '0.7');
});


/* Refusals */

refusals({
    'a value of the wrong type': [create({ temperature: '0.5' }), {
        code: 'invalid_type', param: 'temperature', requested: '"0.5"',
        message: /temperature.*number/,
    }],
    'the same in a stream': [
        (anthropic) => collected(anthropic.messages.create(
            { ...MESSAGE, temperature: '0.5', stream: true })), {
            code: 'invalid_type', param: 'temperature', requested: '"0.5"',
            message: /temperature.*number/,
        }],
    'a nested value that is not allowed': [
        create({ output_config: { effort: 'max' } }), {
            code: 'value_not_allowed', param: 'reasoning_effort',
            requested: '"max"', message: /reasoning_effort.*max/,
        }],
    'a chain of other models': [
        (anthropic) => anthropic.beta.messages.create(
            { ...MESSAGE, fallbacks: [{ model: 'claude-opus-5' }] }), {
            code: 'undermines_policy', param: 'fallbacks',
            message: /fallbacks/,
        }],
    'a request of a batch, and with it the batch': [
        (anthropic) => anthropic.messages.batches.create({
            requests: [
                { custom_id: 'a', params: MESSAGE },
                { custom_id: 'b', params: { ...MESSAGE, temperature: true } },
            ],
        }), {
            code: 'invalid_type', param: 'temperature', requested: '',
            message: /temperature.*number/,
        }],
    'a model that the tier does not have': [
        create({ model: 'gpt-4o' }), {
            code: 'model_not_allowed', param: 'model', message: /gpt-4o.*free/,
        }],
    'a key that no tenant has': [
        create({}), { code: 'unknown_key', message: /key/ }, 'unknown'],
});


check('a limit: the client waits, and succeeds', () => limited(
    create({}), (error) => error.headers));


check('a day\'s quota: the client gives up at once', () => spent(
    create({}), (error) => error.headers));
