/*
 * Copyright (C) llm-policy authors
 *
 * Text Generation Inference, as far as its clients use it: OpenAI's API with
 * further parameters, and its own.
 */

'use strict';

const openai = require('./openai');
const {
    said, pieces, parts, knowsOnly, firstOf, ranges,
} = require('./words');

const SAMPLING = ['temperature', 'top_p', 'top_k', 'max_new_tokens', 'best_of'];

const PARAMETERS = [...SAMPLING, 'stop', 'seed', 'repetition_penalty',
    'return_full_text'];

const words = ({ parameters = {} }) => said(parameters, SAMPLING);


/* errors of its own routes */

function refusal(status, { message }) {
    return { error: message };
}


function events(params) {
    const tokens = pieces(words(params)).map((text, id) => (
        { id, text, logprob: -1, special: false }));
    const end = {
        token: { id: 99, text: '', logprob: 0, special: true },
        generated_text: words(params),
    };

    return parts([], tokens.map(
        (token) => ({ data: { token, generated_text: null } })),
    [{ data: end }]);
}


const own = {
    dialect: 'tgi.generate', refusal,
    places: {
        temperature: [['parameters', 'temperature']],
        top_p: [['parameters', 'top_p']],
        top_k: [['parameters', 'top_k']],
        max_tokens: [['parameters', 'max_new_tokens']],
        n: [['parameters', 'best_of']],
    },
    objection: firstOf(knowsOnly(['inputs', 'parameters', 'stream']),
        ({ parameters = {} }) => knowsOnly(PARAMETERS)(parameters),
        ranges({ temperature: [0.01, Infinity], top_p: [0.01, 0.99] },
            ({ parameters }) => parameters)),
};


module.exports = {
    refusal: openai.refusal,

    routes: [
        openai.chat, openai.completions,
        {
            ...own, path: /^\/generate$/,
            answer: (params) => ({ generated_text: words(params) }),
        },
        { ...own, path: /^\/generate_stream$/, streams: () => true, events },
    ],
};
