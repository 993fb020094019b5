/*
 * Copyright (C) llm-policy authors
 *
 * What the upstreams of all APIs have in common: a model that says which
 * parameters it was given, and refuses those that it does not know.
 */

'use strict';


/* what the model says: the parameters of these names that it was given */

function said(params, names) {
    return names.filter((name) => name in params)
        .map((name) => `${name}=${params[name]}`).join(' ') || 'nothing';
}


/* tokens: each word with the space before it */

function pieces(text) {
    return text.match(/ ?[^ ]+/g);
}


/*
 * The parts of a stream: what stands before the first token is sent with it,
 * and every other part once the token before it has been read.
 */

function parts(before, [first, ...tokens], after) {
    return [[...before, first], ...tokens.map((token) => [token]), after];
}


/* the objection of an API that knows these members only */

function knowsOnly(names) {
    return (params) => {
        const unknown = Object.keys(params).find(
            (name) => !names.includes(name));

        return unknown && ['unknown_parameter', unknown];
    };
}


/* the first objection that one of these has */

function firstOf(...objections) {
    return (params) => {
        for (const objection of objections) {
            const found = objection(params);

            if (found) {
                return found;
            }
        }

        return undefined;
    };
}


/* the parameter is a number of this range, if it is there */

function ranges(bounds, inside = (params) => params) {
    return (params) => {
        const object = inside(params) ?? {};
        const beyond = Object.keys(bounds).find((name) => name in object
            && !(object[name] >= bounds[name][0]
                && object[name] <= bounds[name][1]));

        return beyond && ['out_of_range', beyond];
    };
}


module.exports = { said, pieces, parts, knowsOnly, firstOf, ranges };
