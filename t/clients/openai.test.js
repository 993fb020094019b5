/*
 * Copyright (C) llm-policy authors
 *
 * OpenAI's official client, as applications use it.
 */

'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const { setTimeout: sleep } = require('node:timers/promises');

const OpenAI = require('openai');

const {
    setup, accessLog, gateway, members, written, edited, sameBytes, collected,
    IMAGE,
} = require('./gateway');
const { hangUp, status } = require('./upstream');

/* the client requires this for uploads if Node lacks it, as 18 does */
globalThis.File ??= require('node:buffer').File;

const ERRORS = {
    400: OpenAI.BadRequestError, 401: OpenAI.AuthenticationError,
    403: OpenAI.PermissionDeniedError, 415: OpenAI.APIError,
    429: OpenAI.RateLimitError,
};

const {
    upstream, check, client, forwarded, held, refused, refusals, limited,
    spent,
    streamed,
} = gateway({
    api: require('./api/openai'),

    client: (server, apiKey, options) => new OpenAI(
        { baseURL: `${server}/v1`, apiKey, ...options }),

    raises: (code) => ERRORS[code],

    told: (error) => {
        const { status: code, message, type, param } = error;

        return {
            status: code, message,
            document: {
                error: {
                    message: message.replace(`${code} `, ''), type, param,
                    code: error.code,
                },
            },
        };
    },
});

/* Gateway.pm searches the logs for the word that is in each prompt */
const MESSAGES = [
    { role: 'system', content: 'You tell the weather.' },
    {
        role: 'user',
        content: 'Weather in Malm\u00f6? \ud83c\udf27 "temperature": 2',
    },
];
const CHAT = { model: 'gpt-4o-mini', messages: MESSAGES };


function said(events) {
    return events.map((event) => event.choices[0]?.delta.content ?? '')
        .join('');
}


/* Parameters */

check('chat: a value beyond its bound is brought to it', async () => {
    const { answer, original, got, line } = await forwarded(
        (openai) => openai.chat.completions.create(
            { ...CHAT, temperature: 1.9, top_p: 0.5, max_tokens: 4096 }));

    sameBytes(got, edited(original, ['"temperature":1.9', '"temperature":1'],
        ['"max_tokens":4096', '"max_tokens":1024']));

    assert.equal(answer.choices[0].message.content,
        'temperature=1 top_p=0.5 max_tokens=1024');
    assert.equal(answer.usage.total_tokens, 12);

    assert.equal(line.llm.adjustments,
        'temperature=1.9->1 (max), max_tokens=4096->1024 (max)');
    assert.equal(line.llm.temperature.action, 'max');
    assert.equal(line.llm.tier, 'free');
    assert.equal(line.llm.tenant, 'trial');
    assert.equal(line.llm.dialect, 'openai.chat');
    assert.equal(line.llm.model, 'gpt-4o-mini');
});


check('chat: absent parameters are added after all others', async () => {
    const { answer, original, got, line } = await forwarded(
        (openai) => openai.chat.completions.create(CHAT));

    const end = original.length - 1;

    sameBytes(got.subarray(0, end), original.subarray(0, end));
    assert.deepEqual(members(`{${got.subarray(end + 1)}`), new Map([
        ['temperature', '0.7'], ['top_p', '0.95'], ['max_tokens', '512'],
    ]));

    assert.equal(answer.choices[0].message.content,
        'temperature=0.7 top_p=0.95 max_tokens=512');
    assert.equal(line.llm.temperature.action, 'default');
});


check('chat: null is absent, and replaced in its place', async () => {
    const { original, got } = await forwarded(
        (openai) => openai.chat.completions.create(
            { temperature: null, top_p: 0.9, max_tokens: 9, ...CHAT }));

    sameBytes(got, edited(original,
        ['"temperature":null', '"temperature":0.7']));
});


check('chat: permitted values pass byte for byte', async () => {
    const params = { ...CHAT, temperature: 1.5, n: 1, seed: 7, stop: ['.'] };

    for (const key of ['pro', 'internal']) {
        const { original, got, line } = await forwarded(
            (openai) => openai.chat.completions.create(params), key);

        sameBytes(got, original);
        assert.equal(line.llm.tier, key);
    }
});


check('chat: a tier without rules passes everything', async () => {
    const { original, got } = await forwarded(
        (openai) => openai.chat.completions.create(
            { ...CHAT, temperature: 2, n: 3, max_tokens: 100000 }),
        'internal');

    sameBytes(got, original);
});


check('chat: a reasoning model gets no temperature', async () => {
    const { answer, original, got, line } = await forwarded(
        (openai) => openai.chat.completions.create({
            model: 'o3-mini', temperature: 0.2, messages: MESSAGES,
            reasoning_effort: 'low', top_p: 0.5,
        }));

    sameBytes(got, edited(original, ['"temperature":0.2,', ''],
        [',"top_p":0.5}', ',"max_completion_tokens":512}']));

    assert.equal(answer.choices[0].message.content,
        'max_completion_tokens=512');
    assert.equal(line.llm.temperature.action, 'remove');
    assert.equal(line.llm.top_p.action, 'remove');
});


check('chat: a member named by a JSON Pointer is removed', async () => {
    const { original, got } = await forwarded(
        (openai) => openai.chat.completions.create({
            ...CHAT, temperature: 0, top_p: 0.1, max_tokens: 1,
            metadata: { app: 'a', trace: 'b' },
        }));

    sameBytes(got, edited(original, [',"trace":"b"', '']));
});


check('chat: base URLs with other usual prefixes', async () => {
    for (const baseURL of ['', '/v1/', '/openai/v1']) {
        const openai = client(setup.gateway, 'free',
            { baseURL: setup.gateway + baseURL });
        const answer = await openai.chat.completions.create(
            { ...CHAT, temperature: 1.2 });

        assert.match(answer.choices[0].message.content, /^temperature=1 /);
    }

    upstream.take();

    for (const { llm } of await accessLog.take(3)) {
        assert.equal(llm.dialect, 'openai.chat');
        assert.equal(llm.adjustments.split(',')[0], 'temperature=1.2->1 (max)');
    }
});


check('completions', async () => {
    const { answer, original, got } = await forwarded(
        (openai) => openai.completions.create({
            model: 'gpt-4o-mini', temperature: 1.01, prompt: 'Weather: ',
            top_p: 0.96, max_tokens: 16,
        }));

    sameBytes(got, edited(original,
        ['"temperature":1.01', '"temperature":1'],
        ['"top_p":0.96', '"top_p":0.95']));

    assert.equal(answer.choices[0].text,
        'temperature=1 top_p=0.95 max_tokens=16');
});


check('responses', async () => {
    const { answer, original, got, line } = await forwarded(
        (openai) => openai.responses.create({
            model: 'gpt-4o-mini', temperature: 1.5, input: MESSAGES,
            top_p: 0.2, text: { format: { type: 'text' } },
        }));

    sameBytes(got, edited(original, ['"temperature":1.5', '"temperature":1'],
        ['"text"}}}', '"text"}},"max_output_tokens":512}']));

    assert.equal(answer.output_text,
        'temperature=1 top_p=0.2 max_output_tokens=512');
    assert.equal(line.llm.dialect, 'openai.responses');
});


check('responses: a nested parameter that is allowed', async () => {
    const { original, got } = await forwarded(
        (openai) => openai.responses.create({
            model: 'o3-mini', input: 'Weather?', max_output_tokens: 100,
            reasoning: { effort: 'medium', summary: 'auto' },
        }));

    sameBytes(got, original);
});


check('embeddings, moderations: nothing is ever added', async () => {
    const vectors = await forwarded((openai) => openai.embeddings.create(
        { model: 'gpt-4o-mini', input: ['Weather', '\ud83c\udf27'] }));
    const verdicts = await forwarded((openai) => openai.moderations.create(
        { model: 'gpt-4o-mini', input: 'Weather' }));

    sameBytes(vectors.got, vectors.original);
    sameBytes(verdicts.got, verdicts.original);

    assert.deepEqual([...vectors.answer.data[0].embedding], [0.5, -0.25, 8]);
    assert.equal(vectors.line.llm.dialect, 'openai.embeddings');
    assert.equal(vectors.line.llm.status, 'passed');
    assert.equal(verdicts.answer.results[0].flagged, false);
});


check('images: n is held, and nothing is ever added', async () => {
    const { answer, line } = await held((openai) => openai.images.generate(
        { model: 'gpt-4o-mini', prompt: 'Weather', n: 1, quality: 'low' }));

    assert.equal(answer.data.length, 1);
    assert.equal(line.llm.dialect, 'openai.images');
    assert.equal(line.llm.status, 'passed');
});


check('models: a request without a body passes', async () => {
    const list = await forwarded((openai) => openai.models.list());
    const one = await forwarded((openai) => openai.models.retrieve('o3-mini'));

    assert.deepEqual(list.answer.data.map(({ id }) => id),
        ['gpt-4o-mini', 'o3-mini']);
    assert.equal(list.line.llm.status, 'bypassed');
    assert.equal(one.answer.id, 'o3-mini');
});


/* Bodies */

const RAW = '{ "model" : "gpt-4o-mini",\r\n\t"seed": 9223372036854775807,'
    + ' "temperature" : 1.90e0 , "messages": [ {"role":"user", "content":'
    + '"Weather \\ud83d\\ude00 \\u00e9\\/\\u2028 \ud83c\udf27 \u00e9'
    + ' \\"temperature\\": 2, \\\\"} ],\n "top_p": 0.10, "max_tokens":1e2 ,'
    + '  "metadata": {"trace": "\\u0062", "b" : "\u4f60"}, "n":1e0,'
    + ' "stop": ["\\u000a"] }  \n';

const HELD = [['1.90e0', '1'], ['"trace": "\\u0062", ', '']];


check('bytes around an edit: spellings, escapes, space, order', async () => {
    const { original, got, line } = await forwarded(
        (openai) => openai.post('/chat/completions', {
            body: RAW, headers: { 'Content-Type': 'application/json' },
        }));

    sameBytes(original, RAW);
    sameBytes(got, edited(RAW, ...HELD));

    assert.equal(line.llm.temperature.requested, '1.90e0');
    assert.equal(line.llm.max_tokens.effective, '1e2');
    assert.equal(line.llm.n.effective, '1e0');
});


check('a body sent in chunks, cut within characters and values', async () => {
    async function* parts() {
        for (const byte of Buffer.from(RAW)) {
            yield Buffer.of(byte);
        }
    }

    const answer = await client(setup.gateway, 'free').post(
        '/chat/completions',
        { body: parts(), headers: { 'Content-Type': 'application/json' } });
    const [{ body, headers }] = upstream.take();

    sameBytes(body, edited(RAW, ...HELD));
    assert.equal(headers['content-length'], `${body.length}`);
    assert.match(answer.choices[0].message.content, /^temperature=1 /);

    await accessLog.take(1);
});


/* the member to be edited precedes it and follows it */

const IMAGE_MESSAGES = [{
    role: 'user',
    content: [
        { type: 'text', text: 'What weather is this?' },
        {
            type: 'image_url',
            image_url: { url: `data:image/png;base64,${IMAGE}` },
        },
    ],
}];


function temporaryFiles() {
    return fs.readFileSync(setup.error_log, 'utf8')
        .split('a client request body is buffered to a temporary file').length;
}


check('an image, in a temporary file', async () => {
    const files = temporaryFiles();

    const { answer, original, got } = await forwarded(
        (openai) => openai.chat.completions.create({
            temperature: 1.7, model: 'gpt-4o-mini', messages: IMAGE_MESSAGES,
            max_tokens: 5000, metadata: { trace: 'x' },
        }));

    assert.ok(original.length > 300000);
    assert.ok(temporaryFiles() > files, 'the body went to a file');

    /* nothing is moved in a file: spaces replace the rest of longer text */

    sameBytes(got, edited(original,
        ['"temperature":1.7', '"temperature":1  '],
        ['"max_tokens":5000', '"max_tokens":1024'],
        ['{"trace":"x"}}', '{           },"top_p":0.95}']));

    assert.equal(answer.choices[0].message.content,
        'temperature=1 top_p=0.95 max_tokens=1024');
});


check('an image that passes unchanged', async () => {
    const { original, got } = await forwarded(
        (openai) => openai.chat.completions.create(
            { model: 'gpt-4o-mini', messages: IMAGE_MESSAGES }),
        'internal');

    sameBytes(got, original);
});


const TOOL = {
    type: 'function',
    function: {
        name: 'look_up',
        parameters: {
            type: 'object',
            properties: {
                city: { type: 'string' },
                temperature: { type: 'number', minimum: -90, maximum: 60 },
                max_tokens: { type: 'integer', default: 99999 },
            },
        },
    },
};


check('tools: their parameters are not the model\'s', async () => {
    const { answer, original, got } = await forwarded(
        (openai) => openai.chat.completions.create({
            ...CHAT, tools: [TOOL], temperature: 2, top_p: 0, max_tokens: 5,
        }));

    sameBytes(got, edited(original, ['"temperature":2,', '"temperature":1,']));
    assert.equal(answer.choices[0].message.tool_calls[0].function.name,
        'look_up');
});


check('tools: the same in a stream', async () => {
    const { answer } = await held((openai) => streamed(
        openai.chat.completions.create({
            ...CHAT, tools: [TOOL], temperature: 2, top_p: 0, max_tokens: 5,
            stream: true,
        }), (chunk) => chunk.choices[0].delta.tool_calls),
    [['"temperature":2,', '"temperature":1,']]);

    const [{ function: called }] = answer[1].choices[0].delta.tool_calls;

    assert.equal(called.name, 'look_up');
    assert.equal(answer.at(-1).choices[0].finish_reason, 'tool_calls');
});


check('tools: the same in responses', async () => {
    const { answer } = await held((openai) => openai.responses.create({
        model: 'gpt-4o-mini', input: 'Weather?', temperature: 1.2, top_p: 0,
        max_output_tokens: 20, tools: [{ type: 'function', ...TOOL.function }],
    }), [['"temperature":1.2', '"temperature":1']]);

    assert.equal(answer.output[0].name, 'look_up');
});


check('tools: each turn of runTools() is held to the policy', async () => {
    let asked;

    const runner = client(setup.gateway, 'free').chat.completions.runTools({
        ...CHAT, temperature: 1.8,
        tools: [{
            ...TOOL,
            function: {
                ...TOOL.function, parse: JSON.parse,
                function: ({ city }) => {
                    asked = city;
                    return '4 degrees';
                },
            },
        }],
    });

    assert.match(await runner.finalContent(), /^temperature=1 /);
    assert.equal(asked, 'Oslo');

    const turns = upstream.take();

    assert.equal(turns.length, 2);
    assert.deepEqual(turns.map(({ body }) => written(body, [['temperature']])),
        ['1', '1']);
    assert.equal(JSON.parse(turns[1].body).messages.at(-1).role, 'tool');

    for (const { llm } of await accessLog.take(2)) {
        assert.equal(llm.temperature.requested, '1.8');
        assert.equal(llm.temperature.effective, '1');
    }
});


check('response_format: a JSON Schema with members of policed names',
    async () => {
        const schema = {
            type: 'object', additionalProperties: false,
            properties: { temperature: { type: ['number', 'null'] } },
            required: ['temperature'],
        };

        const { answer, original, got } = await forwarded(
            (openai) => openai.chat.completions.parse({
                ...CHAT, temperature: 1.1, top_p: 0.3, max_tokens: 30,
                response_format: {
                    type: 'json_schema',
                    json_schema: { name: 'report', strict: true, schema },
                },
            }));

        sameBytes(got, edited(original,
            ['"temperature":1.1', '"temperature":1']));
        assert.deepEqual(JSON.parse(answer.choices[0].message.content),
            { temperature: 1 });
    });


/* Forms */

const transcribe = (params, sound = 'RIFF') => async (openai) => (
    openai.audio.transcriptions.create({
        file: await OpenAI.toFile(Buffer.from(sound), 'weather.wav'),
        model: 'gpt-4o-mini', ...params,
    }));


check('transcriptions: the temperature is a field of a form', async () => {
    const { answer, line } = await held(
        transcribe({ temperature: 1.5, language: 'sv' }),
        [['\r\n1.5\r\n', '\r\n1\r\n']]);

    assert.equal(answer.text, 'temperature=1');
    assert.equal(line.llm.adjustments, 'temperature=1.5->1 (max)');

    const { original, got } = await forwarded(transcribe({}));

    sameBytes(got, edited(original, ['--boundary--',
        '--boundary\r\nContent-Disposition: form-data; name="temperature"\r\n'
        + '\r\n0.7\r\n--boundary--']));

    await held(transcribe({ temperature: 0.25 }, IMAGE));
    await held(transcribe({}, IMAGE), [], 'internal');
});


check('files: each line of a batch is held to the policy', async () => {
    const lines = [{ temperature: 1.9 }, { top_p: 0.99 }, { max_tokens: 4096 }]
        .map((params, i) => JSON.stringify({
            custom_id: `${i}`, method: 'POST', url: '/v1/chat/completions',
            body: {
                temperature: 0, top_p: 0, max_tokens: 1, ...CHAT, ...params,
            },
        }));

    const { answer, line } = await held(async (openai) => openai.files.create({
        purpose: 'batch',
        file: await OpenAI.toFile(Buffer.from(lines.join('\n')), 'b.jsonl'),
    }), [
        ['"temperature":1.9', '"temperature":1'],
        ['"top_p":0.99', '"top_p":0.95'],
        ['"max_tokens":4096', '"max_tokens":1024'],
    ]);

    assert.equal(answer.purpose, 'batch');
    assert.equal(line.llm.temperature.requested, '1.9');

    await held((openai) => openai.batches.create({
        input_file_id: answer.id, completion_window: '24h',
        endpoint: '/v1/chat/completions',
    }));
});


check('files: those that are no batch are passed unread', async () => {
    await held(async (openai) => openai.files.create({
        purpose: 'user_data',
        file: await OpenAI.toFile(Buffer.from(IMAGE), 'weather.txt'),
    }));
});


check('images: an edit is a form', async () => {
    const { answer } = await held(async (openai) => openai.images.edit({
        model: 'gpt-4o-mini', prompt: 'Weather', n: 1,
        image: await OpenAI.toFile(Buffer.from(IMAGE, 'base64'), 'a.png',
            { type: 'image/png' }),
    }));

    assert.equal(answer.data.length, 1);
});


/* Streams */

check('chat stream: policed, and forwarded at once', async () => {
    const { answer, original, got, line } = await forwarded(
        (openai) => streamed(openai.chat.completions.create({
            ...CHAT, temperature: 1.9, stream: true,
            stream_options: { include_usage: true },
        }), (chunk) => chunk.choices[0]?.delta.content));

    sameBytes(got, edited(original, ['"temperature":1.9', '"temperature":1'],
        ['true}}', 'true},"top_p":0.95,"max_tokens":512}']));

    assert.equal(said(answer), 'temperature=1 top_p=0.95 max_tokens=512');
    assert.equal(answer.at(-2).choices[0].finish_reason, 'stop');
    assert.equal(answer.at(-1).usage.total_tokens, 12);
    assert.equal(line.llm.stream, 'true');
});


check('chat stream: the stream() helper', async () => {
    const { answer } = await forwarded(async (openai) => {
        const stream = openai.chat.completions.stream(
            { ...CHAT, temperature: 1.3 });
        stream.on('content', upstream.hold());

        return stream.finalChatCompletion();
    });

    assert.equal(answer.choices[0].message.content,
        'temperature=1 top_p=0.95 max_tokens=512');
});


check('completions stream', async () => {
    const { answer } = await forwarded((openai) => streamed(
        openai.completions.create({
            model: 'gpt-4o-mini', prompt: 'Weather: ', temperature: 1.3,
            stream: true,
        }), (chunk) => chunk.choices[0].text));

    assert.equal(answer.map(({ choices: [{ text }] }) => text).join(''),
        'temperature=1 top_p=0.95 max_tokens=512');
});


check('responses stream', async () => {
    const { answer, original, got } = await forwarded((openai) => streamed(
        openai.responses.create({
            model: 'gpt-4o-mini', input: 'Weather?', temperature: 1.3,
            top_p: 0.4, max_output_tokens: 4000, stream: true,
        }), ({ type }) => type === 'response.output_text.delta'));

    sameBytes(got, edited(original, ['"temperature":1.3', '"temperature":1'],
        ['"max_output_tokens":4000', '"max_output_tokens":1024']));

    assert.equal(answer[0].type, 'response.created');
    assert.equal(answer.at(-1).type, 'response.completed');
    assert.equal(answer.at(-1).response.temperature, 1);
    assert.deepEqual(answer.map((event) => event.sequence_number),
        answer.map((_, i) => i));
});


check('responses stream: the stream() helper', async () => {
    const { answer } = await forwarded(async (openai) => {
        const stream = openai.responses.stream(
            { model: 'gpt-4o-mini', input: 'Weather?', temperature: 1.3 });
        stream.on('response.output_text.delta', upstream.hold());

        return stream.finalResponse();
    });

    assert.equal(answer.output_text,
        'temperature=1 top_p=0.95 max_output_tokens=512');
});


check('a stream that its reader leaves', async () => {
    const openai = client(setup.gateway, 'free');
    const release = upstream.hold();
    const stream = await openai.chat.completions.create(
        { ...CHAT, temperature: 1.9, stream: true });

    for await (const chunk of stream) {
        if (chunk.choices[0].delta.content) {
            break;
        }
    }

    const [line] = await accessLog.take(1);

    release();

    assert.equal(line.llm.status, 'modified');
    assert.equal(line.llm.temperature.effective, '1');
    assert.equal(upstream.take().length, 1);

    const next = await forwarded((another) => collected(
        another.chat.completions.create({ ...CHAT, stream: true })));

    assert.equal(said(next.answer),
        'temperature=0.7 top_p=0.95 max_tokens=512');
});


/* Refusals */

const create = (params, options) => (openai) => openai.chat.completions.create(
    { ...CHAT, ...params }, options);

refusals({
    'a value beyond a bound that rejects': [create({ n: 2 }), {
        code: 'value_not_allowed', param: 'n', requested: '2',
        message: /\bn 2\b.*\b1\b/,
    }],
    'the same in a stream': [create({ n: 2, stream: true }), {
        code: 'value_not_allowed', param: 'n', requested: '2',
        message: /\bn 2\b.*\b1\b/,
    }],
    'a value that is not allowed': [create({
        model: 'o3-mini', reasoning_effort: 'high',
    }), {
        code: 'value_not_allowed', param: 'reasoning_effort',
        requested: '"high"', message: /reasoning_effort.*high/,
    }],
    'more images than its bound allows': [
        (openai) => openai.images.generate(
            { model: 'gpt-4o-mini', prompt: 'Weather', n: 2 }), {
            code: 'value_not_allowed', param: 'n', requested: '2',
            message: /\bn 2\b.*\b1\b/,
        }],
    'a nested value that is not allowed': [
        (openai) => openai.responses.create({
            model: 'o3-mini', input: 'Weather?', reasoning: { effort: 'high' },
        }), {
            code: 'value_not_allowed', param: 'reasoning_effort',
            requested: '"high"', message: /reasoning_effort.*high/,
        }],
    'a value of the wrong type': [create({ temperature: '1.9' }), {
        code: 'invalid_type', param: 'temperature', requested: '"1.9"',
        message: /temperature.*number/,
    }],
    'a denied parameter': [create({ logit_bias: { 50256: -100 } }), {
        code: 'parameter_denied', param: 'logit_bias', message: /logit_bias/,
    }],
    'a member of another server': [
        create({ dynatemp_range: 1.5 }), {
            code: 'unknown_member', param: 'dynatemp_range',
            message: /dynatemp_range.*openai\.chat.*free/,
        }],
    'a stored prompt': [
        (openai) => openai.responses.create(
            { model: 'gpt-4o-mini', prompt: { id: 'pmpt_1' } }), {
            code: 'undermines_policy', param: 'prompt', message: /prompt/,
        }],
    'a parameter in the query': [
        create({}, { query: { temperature: 2 } }), {
            code: 'undermines_policy', param: 'temperature', requested: '',
            message: /temperature.*query/,
        }],
    'a duplicate member': [
        (openai) => openai.post('/chat/completions', {
            body: '{"temperature":0,"model":"gpt-4o-mini","temperature":2}',
            headers: { 'Content-Type': 'application/json' },
        }), {
            code: 'duplicate_member', param: 'temperature', requested: '',
            message: /temperature/,
        }],
    'a lone half of a character, as JSON.stringify() escapes it': [
        create({ user: '\ud83c' }),
        { code: 'invalid_json', message: /surrogate/ }],
    'an ambiguous path': [
        (openai) => openai.post('/chat%2fcompletions', { body: CHAT }),
        { code: 'ambiguous_path', message: /path/ }],
    'a model that the tier does not have': [create({ model: 'gpt-4o' }), {
        code: 'model_not_allowed', param: 'model', message: /gpt-4o.*free/,
    }],
    'the same for embeddings': [
        (openai) => openai.embeddings.create(
            { model: 'text-embedding-3-small', input: 'Weather' }), {
            code: 'model_not_allowed', param: 'model',
            message: /text-embedding-3-small/,
        }],
    'a route that is not policed': [
        (openai) => openai.fineTuning.jobs.create(
            { model: 'gpt-4o-mini', training_file: 'file-1' }), {
            code: 'unknown_route', message: /path/,
        }],
    'a value of the wrong type in a form': [
        transcribe({ temperature: 'hot' }), {
            code: 'invalid_type', param: 'temperature', requested: '"hot"',
            message: /temperature.*number/,
        }],
    'a request of a batch in a file': [
        async (openai) => openai.files.create({
            purpose: 'batch',
            file: await OpenAI.toFile(Buffer.from(JSON.stringify({
                custom_id: '1', method: 'POST', url: '/v1/chat/completions',
                body: { ...CHAT, temperature: '1.9' },
            })), 'b.jsonl'),
        }), {
            code: 'invalid_type', param: 'temperature', requested: '"1.9"',
            message: /temperature.*number/,
        }],
    'a form': [
        (openai) => openai.post('/chat/completions', {
            body: new URLSearchParams('model=gpt-4o-mini&temperature=2'),
        }), {
            code: 'unsupported_content_type', message: /application\/json/,
        }],
    'a coding of the content': [
        create({}, { headers: { 'Content-Encoding': 'gzip' } }), {
            code: 'unsupported_content_encoding', message: /Content-Encoding/,
        }],
});


check('refused: a key that no tenant has, with a large body', async () => {
    const expected = { code: 'unknown_key', message: /key/ };

    await refused(create({}), expected, 'unknown');
    await refused(create({ messages: IMAGE_MESSAGES }), expected, 'unknown');
});


check('a connection is used again after a refusal', async () => {
    const openai = client(setup.gateway, 'free');
    const params = { ...CHAT, temperature: 1.9 };
    const connections = [];

    for (const n of [1, 2, 1, 2, 2, 1]) {

        /* the connection is free when the client has looked up */
        await sleep(0);

        const { headers } = await openai.chat.completions.create(
            { ...params, n }).withResponse().then(
            ({ response }) => response, (error) => error);

        connections.push(headers.get('x-connection'));
    }

    assert.deepEqual(connections, Array(6).fill(connections[0]));

    assert.equal(upstream.take().length, 3);
    assert.deepEqual((await accessLog.take(6)).map(({ llm }) => llm.status),
        ['modified', 'rejected', 'modified', 'rejected', 'rejected',
            'modified']);
});


/* Retries, and concurrent calls */

/* The client retries: all attempts are forwarded, identically, each once. */

async function retried(call, failures) {
    upstream.fail(...failures);

    const answer = await call(client(setup.gateway, 'free'));
    const attempts = upstream.take();
    const lines = await accessLog.take(failures.length + 1);

    assert.equal(attempts.length, failures.length + 1);

    attempts.forEach(({ body, headers }, i) => {
        sameBytes(body, attempts[0].body);
        assert.equal(written(body, [['temperature']]), '1');
        assert.equal(headers['x-stainless-retry-count'], `${i}`);

        assert.equal(lines[i].request_id, headers['x-request-id']);
        assert.equal(lines[i].llm.status, 'modified');
        assert.equal(lines[i].llm.temperature.requested, '1.9');
        assert.equal(lines[i].llm.temperature.effective, '1');
    });

    return { answer, statuses: lines.map((line) => line.status) };
}


check('retries: the upstream fails', async () => {
    const { answer, statuses } = await retried(create({ temperature: 1.9 }),
        [status(500), status(429)]);

    assert.match(answer.choices[0].message.content, /^temperature=1 /);
    assert.deepEqual(statuses, [500, 429, 200]);
});


check('retries: the upstream fails, in a stream', async () => {
    const { answer, statuses } = await retried(
        (openai) => collected(create(
            { temperature: 1.9, stream: true })(openai)), [status(503)]);

    assert.match(said(answer), /^temperature=1 /);
    assert.deepEqual(statuses, [503, 200]);
});


check('retries: the upstream hangs up on a body in a file', async () => {
    const { statuses } = await retried(
        create({ temperature: 1.9, messages: IMAGE_MESSAGES }), [hangUp]);

    assert.deepEqual(statuses, [502, 200]);
});


check('retries: without them, the upstream\'s error is the caller\'s',
    async () => {
        const openai = client(setup.gateway, 'free', { maxRetries: 0 });

        upstream.fail(status(429));

        await assert.rejects(openai.chat.completions.create(CHAT),
            (error) => error instanceof OpenAI.RateLimitError
                && error.message === '429 try again');

        assert.equal(upstream.take().length, 1);
        assert.equal((await accessLog.take(1))[0].status, 429);
    });


check('many at once: none gets what is another\'s', async () => {
    const clients = ['free', 'pro', 'internal'].map(
        (key) => client(setup.gateway, key));
    const bound = [1, 1.5, 2];

    const calls = Array.from({ length: 36 }, (_, i) => ({
        openai: clients[i % 3], asked: (i + 1) / 20, max: bound[i % 3],
    }));

    await Promise.all(calls.map(async ({ openai, asked, max }) => {
        const answer = await openai.chat.completions.create({
            ...CHAT, temperature: asked, top_p: 0.5, max_tokens: 1,
        });

        assert.equal(answer.choices[0].message.content,
            `temperature=${Math.min(asked, max)} top_p=0.5 max_tokens=1`);
    }));

    const lines = await accessLog.take(calls.length);
    const requests = upstream.take();

    assert.equal(requests.length, calls.length);

    for (const { headers, body } of requests) {
        const { llm } = lines.find(
            (line) => line.request_id === headers['x-request-id']);

        assert.equal(llm.temperature.effective,
            written(body, [['temperature']]));
    }
});


check('a limit: the client waits, and succeeds', () => limited(
    (openai) => openai.chat.completions.create(CHAT),
    (error) => error.headers));


check('a day\'s quota: the client gives up at once', () => spent(
    (openai) => openai.chat.completions.create(CHAT),
    (error) => error.headers));


check('nothing else was logged', async () => {
    assert.equal(accessLog.lines().length, 0);
});
