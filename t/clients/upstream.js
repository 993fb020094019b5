/*
 * Copyright (C) llm-policy authors
 *
 * The upstream of a client: it keeps the exact bytes of requests, and responds
 * as one of the APIs in api/.
 *
 * An API is { refusal, routes }.  refusal() makes the document of an error of
 * this API or of one of its routes.  A route has
 *
 *   path       what it answers (POST, if there is no other method)
 *   dialect    what the gateway's log says of it
 *   places     where the parameters that are logged stand
 *   objection  (params) => [code, name], why the API would refuse them
 *   streams    (params, path) => whether a stream is asked for
 *   answer     (params, path) => the document of an answer
 *   events     (params, path) => the events of a stream in parts, as parts()
 *              of api/words.js makes them
 *   lines      a stream is lines of JSON instead of server-sent events
 */

'use strict';

const assert = require('node:assert/strict');
const http = require('node:http');
const { once } = require('node:events');

const BOUNDARY = 'boundary';


function sendJson(response, status, document) {
    response.writeHead(status, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify(document));
}


function sendEvents(response, events) {
    for (const { name, data } of events) {
        const line = typeof data === 'string' ? data : JSON.stringify(data);

        response.write(`${name ? `event: ${name}\n` : ''}data: ${line}\n\n`);
    }
}


function sendLines(response, events) {
    for (const { data } of events) {
        response.write(`${JSON.stringify(data)}\n`);
    }
}


/* The boundary of a form is random: it is replaced by a constant one. */

function sameBoundary(headers, body) {
    const [, boundary] = /boundary=(.*)/.exec(headers['content-type']) ?? [];

    if (!boundary) {
        return { headers, body };
    }

    return {
        headers: { ...headers, 'content-type': 'multipart/form-data' },
        body: Buffer.from(body.toString('latin1').replaceAll(boundary,
            BOUNDARY), 'latin1'),
    };
}


/*
 * returns the requested parameters: the members of its JSON, or the fields of
 * its form
 */

function parameters(headers, body) {
    if (headers['content-type'] !== 'multipart/form-data') {
        return body.length ? JSON.parse(body) : {};
    }

    const fields = body.toString().split(`--${BOUNDARY}`).slice(1, -1).map(
        (part) => /name="(.*?)"[^]*?\r\n\r\n([^]*)\r\n$/.exec(part).slice(1));

    return Object.fromEntries(fields);
}


class Upstream {

    #api;

    /* { method, url, headers, body, length }, of all requests not yet taken */

    #requests = [];

    #failures = [];
    #held;

    #server = http.createServer(
        /* an error must fail its test, and not end the others */
        (request, response) => this.#serve(request, response).catch(
            () => response.destroy()));

    constructor(api) {
        this.#api = api;
    }

    async listen(port) {
        /* nginx keeps connections: nginx must close them, not this server */
        this.#server.keepAliveTimeout = 0;

        this.#server.listen(port, '127.0.0.1');
        await once(this.#server, 'listening');
    }

    close() {
        this.#server.close();
        this.#server.closeAllConnections();
    }

    /* returns the API's route for a request */

    route({ method, url }) {
        const [path] = url.split('?');

        return this.#api.routes.find((route) => route.path.test(path)
            && (route.method ?? 'POST') === method);
    }

    /* returns the document of an error there */

    refusal(request, status, details) {
        const { refusal } = this.route(request) ?? this.#api;

        return (refusal ?? this.#api.refusal)(status, details);
    }

    /* returns the requests since the last call */

    take() {
        return this.#requests.splice(0);
    }

    /* sets the responses to the next requests, one each */

    fail(...failures) {
        this.#failures.push(...failures);
    }

    /*
     * Makes the next stream wait between its parts, each time until the
     * returned function is called.  By then, it must have begun to wait.
     */

    hold() {
        const held = {};

        this.#held = held;

        return () => {
            assert.ok(held.release, 'the stream waits');
            held.release();
        };
    }

    async #serve(request, response) {
        const chunks = [];

        for await (const chunk of request) {
            chunks.push(chunk);
        }

        const { method, url } = request;
        const { length } = Buffer.concat(chunks);
        const { headers, body } = sameBoundary(request.headers,
            Buffer.concat(chunks));

        this.#requests.push({ method, url, headers, body, length });

        const failure = this.#failures.shift();

        if (failure) {
            failure(response);
            return;
        }

        const route = this.route(request);

        if (!route) {
            sendJson(response, 404, this.refusal(request, 404,
                { message: `upstream: no ${url}` }));
            return;
        }

        await this.#answer(route, request, parameters(headers, body), response);
    }

    async #answer(route, request, params, response) {
        const [path] = request.url.split('?');
        const [code, param] = route.objection?.(params) ?? [];

        if (code) {
            sendJson(response, 400, this.refusal(request, 400,
                { message: `upstream: ${code}: ${param}`, param, code }));
            return;
        }

        if (!route.streams?.(params, path)) {
            sendJson(response, 200, route.answer(params, path));
            return;
        }

        const [first, ...others] = route.events(params, path);
        const send = route.lines ? sendLines : sendEvents;
        const held = this.#held;

        this.#held = undefined;

        response.writeHead(200, {
            'Content-Type': route.lines ? 'application/x-ndjson'
                : 'text/event-stream',
        });

        send(response, first);

        for (const part of others) {
            if (held) {
                await new Promise((resolve) => {
                    held.release = resolve;
                });
            }

            send(response, part);
        }

        response.end();
    }
}


/* failures: a status, and a connection closed without a response */

function status(code) {
    return (response) => {
        response.setHeader('retry-after-ms', '1');
        sendJson(response, code, { error: { message: 'try again' } });
    };
}


function hangUp(response) {
    response.destroy();
}


module.exports = { Upstream, status, hangUp };
