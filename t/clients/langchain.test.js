/*
 * Copyright (C) llm-policy authors
 *
 * LangChain's package for OpenAI, as applications use it.
 */

'use strict';

const assert = require('node:assert/strict');

const { HumanMessage, SystemMessage } = require('@langchain/core/messages');
const { tool } = require('@langchain/core/tools');
const { ChatOpenAI, OpenAI, OpenAIEmbeddings } = require('@langchain/openai');

const {
    setup, accessLog, gateway, written, collected, END, IMAGE,
} = require('./gateway');

/* from the copy of OpenAI's client in the package */
const ERRORS = {
    400: 'BadRequestError', 401: 'AuthenticationError',
    403: 'PermissionDeniedError', 415: 'APIError',
};

const { check, client, held, refusals, streamed, upstream } = gateway({
    api: require('./api/openai'),

    /* the parameters belong to the calling object */
    client: (server, apiKey) => (Model, params) => new Model({
        model: 'gpt-4o-mini', apiKey, ...params,
        configuration: { baseURL: `${server}/v1` },
    }),

    raises: (status) => ERRORS[status],

    told: ({ status, message, error }) => (
        { status, message, document: { error } }),
});

/* Gateway.pm searches the logs for the word that is in each prompt */
const MESSAGES = [
    new SystemMessage('You tell the weather.'),
    new HumanMessage('Weather in Malm\u00f6? \ud83c\udf27 "temperature": 2'),
];

const invoke = (params, more = (chat) => chat) => (create) => (
    more(create(ChatOpenAI, params)).invoke(MESSAGES));

const text = (chunks) => chunks.map(({ content }) => content).join('');


/* Parameters */

check('invoke: a value beyond its bound is brought to it', async () => {
    const { answer, line } = await held(
        invoke({ temperature: 1.9, topP: 0.99, maxTokens: 4096 }), [
            ['"temperature":1.9', '"temperature":1'],
            ['"top_p":0.99', '"top_p":0.95'],
            ['"max_tokens":4096', '"max_tokens":1024'],
        ]);

    assert.equal(answer.content, 'temperature=1 top_p=0.95 max_tokens=1024');
    assert.equal(answer.usage_metadata.total_tokens, 12);
    assert.equal(line.llm.tenant, 'trial');
});


check('invoke: absent parameters are added', async () => {
    const { answer, line } = await held(invoke({}),
        [[END, ',"temperature":0.7,"top_p":0.95,"max_tokens":512']]);

    assert.match(answer.content, /^temperature=0.7 /);
    assert.equal(line.llm.temperature.action, 'default');
});


check('invoke: permitted values pass byte for byte', async () => {
    for (const key of ['pro', 'internal']) {
        const { line } = await held(
            invoke({ temperature: 1.25, topP: 1, n: 2 }), [], key);

        assert.equal(line.llm.tier, key);
    }

    await held(invoke({ temperature: 0, topP: 0.1, maxTokens: 1 }));
});


check('invoke: a reasoning model gets no temperature', async () => {
    await held(invoke({
        model: 'o3-mini', temperature: 0.2, maxTokens: 5000,
        reasoningEffort: 'low',
    }), [
        ['"temperature":0.2,', ''],
        ['"max_completion_tokens":5000', '"max_completion_tokens":1024'],
    ]);
});


check('invoke: responses', async () => {
    const { line } = await held(
        invoke({ temperature: 1.9, maxTokens: 99, useResponsesApi: true }),
        [['"temperature":1.9', '"temperature":1'], [END, ',"top_p":0.95']]);

    assert.equal(line.llm.dialect, 'openai.responses');
});


check('invoke: completions', async () => {
    const { answer } = await held((create) => create(OpenAI, {
        model: 'tgi', temperature: 1.3, topP: 0.2, maxTokens: 16,
    }).invoke('Weather: '), [['"temperature":1.3', '"temperature":1']]);

    assert.match(answer, /^temperature=1 /);
});


const WITHIN = { topP: 0.5, maxTokens: 99 };

const SCHEMA = {
    title: 'report', type: 'object', additionalProperties: false,
    properties: { temperature: { type: ['number', 'null'] } },
    required: ['temperature'],
};


check('bindTools: their parameters are not the model\'s', async () => {
    const lookUp = tool(() => '4 degrees', {
        name: 'look_up', description: 'Looks up', schema: SCHEMA,
    });
    const { answer } = await held(
        invoke({ ...WITHIN, temperature: 1.2 },
            (chat) => chat.bindTools([lookUp])),
        [['"temperature":1.2', '"temperature":1']]);

    assert.equal(answer.tool_calls[0].name, 'look_up');
});


check('withStructuredOutput: a schema with policed names', async () => {
    const { answer } = await held(
        invoke({ ...WITHIN, temperature: 1.2 }, (chat) => (
            chat.withStructuredOutput(SCHEMA, { method: 'jsonSchema' }))),
        [['"temperature":1.2', '"temperature":1']]);

    assert.deepEqual(answer, { temperature: 1 });
});


check('an image, in a temporary file', async () => {
    const { original } = await held((create) => create(ChatOpenAI,
        { ...WITHIN, temperature: 1.2 }).invoke([new HumanMessage({
        content: [
            { type: 'text', text: 'What weather is this?' },
            {
                type: 'image_url',
                image_url: { url: `data:image/png;base64,${IMAGE}` },
            },
        ],
    })]), [['"temperature":1.2', '"temperature":1  ']]);

    assert.ok(original.length > 300000);
});


check('batch: each of its requests is policed', async () => {
    const answers = await client(setup.gateway, 'free')(ChatOpenAI,
        { ...WITHIN, temperature: 1.6 }).batch(
        ['Weather here?', 'Weather there?', 'Weather?']);

    assert.equal(text(answers),
        'temperature=1 top_p=0.5 max_tokens=99'.repeat(3));

    assert.deepEqual(upstream.take().map(
        ({ body }) => written(body, [['temperature']])), ['1', '1', '1']);

    for (const { llm } of await accessLog.take(3)) {
        assert.equal(llm.adjustments, 'temperature=1.6->1 (max)');
    }
});


check('embeddings: nothing is ever added', async () => {
    const { answer, line } = await held((create) => create(
        OpenAIEmbeddings).embedDocuments(['Weather']));

    assert.deepEqual([...answer[0]], [0.5, -0.25, 8]);
    assert.equal(line.llm.status, 'passed');
});


/* Streams */

check('stream: policed, and forwarded at once', async () => {
    const { answer, line } = await held((create) => streamed(
        create(ChatOpenAI, { ...WITHIN, temperature: 1.9 }).stream(MESSAGES),
        ({ content }) => content), [['"temperature":1.9', '"temperature":1']]);

    assert.equal(text(answer), 'temperature=1 top_p=0.5 max_tokens=99');
    assert.equal(line.llm.stream, 'true');
});


check('stream: responses', async () => {
    const { answer } = await held((create) => streamed(
        create(ChatOpenAI, { useResponsesApi: true }).stream(MESSAGES),
        ({ text: token }) => token),
    [[END, ',"temperature":0.7,"top_p":0.95,"max_output_tokens":512']]);

    assert.equal(answer.map(({ text: token }) => token).join(''),
        'temperature=0.7 top_p=0.95 max_output_tokens=512');
});


/* Refusals */

const WRONG_TYPE = {
    code: 'invalid_type', param: 'temperature', requested: '"1.9"',
    message: /temperature.*number/,
};

refusals({
    'a value of the wrong type': [invoke({ temperature: '1.9' }), WRONG_TYPE],
    'the same in a stream': [
        (create) => collected(create(ChatOpenAI, { temperature: '1.9' })
            .stream(MESSAGES)), WRONG_TYPE],
    'a value beyond a bound that rejects': [invoke({ n: 2 }), {
        code: 'value_not_allowed', param: 'n', requested: '2',
        message: /\bn 2\b.*\b1\b/,
    }],
    'a denied parameter': [invoke({ logitBias: { 50256: -100 } }), {
        code: 'parameter_denied', param: 'logit_bias', message: /logit_bias/,
    }],
    'a member of another server': [
        invoke({ modelKwargs: { dynatemp_range: 1.5 } }), {
            code: 'unknown_member', param: 'dynatemp_range',
            message: /dynatemp_range.*openai\.chat.*free/,
        }],
    'a model that the tier does not have': [invoke({ model: 'gpt-4o' }), {
        code: 'model_not_allowed', param: 'model', message: /gpt-4o.*free/,
    }],
    'a key that no tenant has': [
        invoke({}), { code: 'unknown_key', message: /key/ }, 'unknown'],
});
