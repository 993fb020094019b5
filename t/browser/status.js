/*
 * Copyright (C) llm-policy authors
 *
 * Makes the status of a gateway with traffic, in the format of
 * llm_policy_status, to show pages.
 */

'use strict';

const SINCE = 1790000000;

const BOUNDS = Array.from({ length: 21 }, (_, i) => i / 10);

/* bounds of the time to decide, in seconds */

const TIMES = [
    0.000001, 0.000002, 0.000005, 0.00001, 0.00002, 0.00005, 0.0001, 0.0002,
    0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 1,
];


/* from { 0.7: 12, ... } */

function histogram(values, bounds = BOUNDS) {
    const entries = Object.entries(values);
    let count = 0;

    const buckets = bounds.map((bound) => {
        count += values[bound] ?? 0;
        return [bound, count];
    });

    return {
        buckets,
        sum: entries.reduce((sum, [value, n]) => sum + value * n, 0),
        count: entries.reduce((sum, [, n]) => sum + n, 0),
    };
}


function empty() {
    return {
        version: '0.1.0',
        time: SINCE + 60,
        since: SINCE,
        documents: [],
        requests: [],
        adjustments: [],
        refusals: [],
        temperature: [],
        tokens: [],
        limit_refusals: [],
        candidate_differences: [],
        candidate_requests: [],
        decide_seconds: histogram({}, TIMES),
        request_body_bytes: 0,
    };
}


function busy() {
    return {
        ...empty(),
        time: SINCE + 86400,
        documents: [{
            file: '/etc/nginx/policy.json',
            sha256: '3f8a51c2'.repeat(8),
            loaded: SINCE + 5000,
            in_force: true,
            failures: 0,
            error: '',
            tiers: 3,
            tenants: 42,
        }],
        requests: [
            ['free', 'openai.chat', 'passed', 48210],
            ['free', 'openai.chat', 'modified', 20410],
            ['free', 'openai.chat', 'rejected', 3120],
            ['pro', 'openai.chat', 'passed', 88120],
            ['pro', 'anthropic.messages', 'passed', 31877],
            ['pro', 'openai.responses', 'modified', 6021],
            ['pro', 'openai.chat', 'rejected', 240],
            ['internal', 'openai.embeddings', 'passed', 12400],
            ['internal', 'openai.chat', 'modified_dry_run', 310],
            ['', '', 'bypassed', 9120],
        ].map(([tier, dialect, outcome, count]) => {
            return { tier, dialect, outcome, count };
        }),
        adjustments: [
            ['free', 'temperature', 'max', 11260],
            ['free', 'max_tokens', 'default', 7033],
            ['free', 'temperature', 'default', 4120],
            ['pro', 'max_tokens', 'max', 3310],
            ['pro', 'temperature', 'max', 2404],
            ['free', 'top_p', 'remove', 980],
            ['pro', 'pointer', 'remove', 212],
            ['internal', 'stream', 'force', 310],
        ].map(([tier, parameter, action, count]) => {
            return { tier, parameter, action, count };
        }),
        refusals: [
            { code: 'rate_limit_exceeded', count: 2010 },
            { code: 'value_not_allowed', count: 940 },
            { code: 'model_not_allowed', count: 282 },
            { code: 'invalid_type', count: 91 },
            { code: 'undermines_policy', count: 37 },
        ],
        temperature: [{
            tier: 'free',
            requested: histogram({
                0: 3200, 0.1: 900, 0.2: 2100, 0.3: 1500, 0.5: 3600, 0.7: 9800,
                0.8: 4100, 0.9: 2600, 1: 12100, 1.1: 1200, 1.2: 2600,
                1.3: 1500, 1.5: 2900, 1.7: 900, 1.9: 1100, 2: 1060,
            }),
            effective: histogram({
                0: 3200, 0.1: 900, 0.2: 2100, 0.3: 1500, 0.5: 3600, 0.7: 13920,
                0.8: 4100, 0.9: 2600, 1: 23360,
            }),
        }, {
            tier: 'pro',
            requested: histogram({
                0: 21000, 0.2: 18000, 0.4: 6100, 0.7: 30100, 1: 31000,
                1.2: 5400, 1.5: 3000, 1.8: 1404, 2: 1000,
            }),
            effective: histogram({
                0: 21000, 0.2: 18000, 0.4: 6100, 0.7: 30100, 1: 31000,
                1.2: 5400, 1.5: 5404,
            }),
        }],
        tokens: [
            ['free', 'prompt', 18210441], ['free', 'completion', 9220120],
            ['free', 'completion_estimated', 120331],
            ['pro', 'prompt', 88120993], ['pro', 'completion', 41002311],
            ['internal', 'prompt', 2200410],
        ].map(([tier, kind, count]) => ({ tier, kind, count })),
        limit_refusals: [
            { tier: 'free', limit: 'requests_per_minute', count: 1620 },
            { tier: 'free', limit: 'tokens_per_day', count: 310 },
            { tier: 'pro', limit: 'tokens_per_minute', count: 80 },
        ],
        candidate_differences: [
            ['free', 'temperature', 'changed_otherwise', 9120],
            ['pro', 'temperature', 'changed_otherwise', 310],
            ['pro', 'n', 'newly_refused', 42],
        ].map(([tier, parameter, kind, count]) => {
            return { tier, parameter, kind, count };
        }),
        candidate_requests: [
            { result: 'same', count: 180400 },
            { result: 'different', count: 9472 },
            { result: 'enforced', count: 9960 },
        ],
        limits: {
            zone: 'llm', size: 1048576, free: 734003, keys: 812, evicted: 3,
            nearest: [
                ['trial-ltd', 'free', 'tokens_per_day', 500000, 500000],
                ['acme', 'pro', 'tokens_per_minute', 18600, 20000],
                ['globex', 'pro', 'concurrent_requests', 3, 4],
                ['initech', 'free', 'requests_per_minute', 31, 60],
                ['umbrella', 'pro', 'tokens_per_day', 1204000, 5000000],
            ].map(([tenant, tier, limit, used, allowed]) => {
                return { tenant, tier, limit, used, allowed };
            }),
        },
        decide_seconds: histogram({
            0.000002: 20000, 0.000005: 120000, 0.00001: 40000, 0.00002: 25000,
            0.00005: 10000, 0.0001: 3900, 0.0005: 700, 0.001: 228,
        }, TIMES),
        request_body_bytes: 812340112,
    };
}


/* The same, after more decisions: { seconds: number of them, ... }. */

function decided(status, values) {
    const { buckets, sum, count } = status.decide_seconds;
    const more = histogram(values, TIMES);

    return {
        ...status,
        decide_seconds: {
            buckets: buckets.map(([bound, n], i) => {
                return [bound, n + more.buckets[i][1]];
            }),
            sum: sum + more.sum,
            count: count + more.count,
        },
    };
}


/* The same, some seconds and a wave of requests later. */

function later(status, seconds = 5) {
    const next = structuredClone(status);
    const wave = 1 + 0.5 * Math.sin(next.time / 190)
        + 0.18 * Math.sin(next.time / 23) + 0.1 * Math.sin(next.time / 7);

    next.time += seconds;

    for (const item of next.requests) {
        const burst = item.outcome === 'rejected' && next.time % 1300 < 200
            ? 6 : 1;

        item.count += Math.round(wave * burst * seconds * item.count / 20000);
    }

    for (const item of next.tokens) {
        item.count += Math.round(wave * seconds * item.count / 20000);
    }

    const decisions = Math.round(wave * seconds);

    return decided(next, {
        0.000005: 6 * decisions, 0.00001: 2 * decisions, 0.00005: decisions,
    });
}


module.exports = { SINCE, busy, decided, empty, histogram, later };
