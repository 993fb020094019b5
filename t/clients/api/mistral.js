/*
 * Copyright (C) llm-policy authors
 *
 * Mistral's API, as far as its clients use it: OpenAI's, except for some names.
 */

'use strict';

const openai = require('./openai');
const { knowsOnly, firstOf, ranges } = require('./words');

const COMMON = ['model', 'temperature', 'top_p', 'max_tokens', 'stream', 'stop',
    'random_seed', 'metadata', 'min_tokens'];

const CHAT = ['messages', 'tools', 'tool_choice', 'response_format', 'n',
    'presence_penalty', 'frequency_penalty', 'parallel_tool_calls',
    'reasoning_effort', 'safe_prompt'];


/* an agent is created with its sampling parameters */
const AGENT = ['agent_id', ...COMMON, ...CHAT].filter(
    (name) => !['model', 'temperature', 'top_p'].includes(name));


function objection(...members) {
    return firstOf(knowsOnly([...COMMON, ...members]),
        ranges({ temperature: [0, 1.5] }));
}


function job({ requests, endpoint, model }) {
    return {
        id: 'job-1', object: 'batch', input_files: [], errors: [], endpoint,
        model, status: 'QUEUED', created_at: 1, completed_requests: 0,
        succeeded_requests: 0, failed_requests: 0,
        total_requests: requests.length,
    };
}


module.exports = {
    refusal: openai.refusal,

    routes: [
        {
            ...openai.chat, path: /^\/v1\/chat\/completions$/,
            objection: objection(...CHAT),
        },
        {
            ...openai.chat, path: /^\/v1\/agents\/completions$/,
            dialect: 'mistral.agents', objection: knowsOnly(AGENT),
            answer: (params) => openai.chat.answer(
                { ...params, model: 'the agent\'s' }),
        },
        {
            /* its responses are those of a chat */
            ...openai.chat, path: /^\/v1\/fim\/completions$/,
            dialect: 'mistral.chat', objection: objection('prompt', 'suffix'),
            answer: (params) => openai.chat.answer(
                { ...params, messages: [params.prompt] }),
        },
        {
            path: /^\/v1\/batch\/jobs$/, dialect: 'mistral.jobs',
            objection: ({ requests }) => firstOf(...requests.map(
                ({ body }) => () => objection(...CHAT)(body)))(),
            answer: (params) => job(params),
        },
        { ...openai.embeddings, objection: knowsOnly(['model', 'input']) },
        openai.models,
    ],
};
