/*
 * Copyright (C) llm-policy authors
 *
 * Shared by the upstreams of all APIs: a model that responds with the
 * parameters that it was given, and refuses unknown ones.
 */

'use strict';


/* the model's text: the given parameters of these names */

function said(params, names) {
    return names.filter((name) => name in params)
        .map((name) => `${name}=${params[name]}`).join(' ') || 'nothing';
}


/* tokens: each word with the space before it */

function pieces(text) {
    return text.match(/ ?[^ ]+/g);
}


/*
 * Returns the parts of a stream: those before the first token are sent with it,
 * and each other part once the token before it has been read.
 */

function parts(before, [first, ...tokens], after) {
    return [[...before, first], ...tokens.map((token) => [token]), after];
}


/* returns the objection of an API that knows only these members */

function knowsOnly(names) {
    return (params) => {
        const unknown = Object.keys(params).find(
            (name) => !names.includes(name));

        return unknown && ['unknown_parameter', unknown];
    };
}


/* returns the first objection of these checks */

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


/* checks that the parameter is a number of this range, if present */

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
