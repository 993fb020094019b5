/*
 * Copyright (C) llm-policy authors
 *
 * The dashboard of TEST_DASHBOARD, with a status made by the tests.
 *
 * Environment: TEST_PICTURES, a folder for pictures of the tested states.
 */

'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');

const {
    TIMEOUT, assertAccessible, assertFits, inChromium, withPage,
} = require('./chromium');

const {
    SINCE, busy, decided, empty, histogram, later,
} = require('./status');

const url = process.env.TEST_DASHBOARD;
const INTERVAL = 5000;


inChromium();


/*
 * Opens the dashboard.  The given gateway returns its status, or fails; tick()
 * makes the page read it again.
 */

function open(name, status, use, options = {}) {
    test(name, () => withPage(`${url}/blank`, {
        viewport: { width: 1280, height: 900 }, timezoneId: 'UTC', ...options,
    }, async (page) => {
        const gateway = { status, failure: null, asked: 0 };

        await page.clock.install({ time: 1000 * status.time });
        await page.clock.pauseAt(1000 * status.time + 1000);

        await page.route('**/llm?format=json', async (route) => {
            gateway.asked++;

            return gateway.failure ? route.fulfill(gateway.failure)
                : route.fulfill({ json: gateway.status });
        });

        const seen = async (read) => {
            const answered = page.waitForResponse('**/llm?format=json');

            await read();
            await (await answered).finished();

            /*
             * the code that reads it runs right after; the next read is then
             * scheduled
             */
            await page.evaluate(() => new Promise((resolve) => {
                const channel = new MessageChannel();

                channel.port1.onmessage = resolve;
                channel.port2.postMessage(0);
            }));
        };

        gateway.tick = async (next) => {
            gateway.status = next ?? gateway.status;
            await seen(() => page.clock.runFor(INTERVAL));
        };

        await seen(() => page.goto(`${url}/llm`));
        await use(page, gateway);
    }));
}


async function picture(page, name) {
    if (process.env.TEST_PICTURES) {
        await page.screenshot({
            path: `${process.env.TEST_PICTURES}/${name}.png`, fullPage: true,
        });
    }
}


/* axe uses timers */

async function accessible(page) {
    await page.clock.resume();
    await assertAccessible(page);
}


function text(page, id) {
    return page.locator(`#${id}`).innerText();
}


function rows(page, id) {
    return page.locator(`#${id}-rows tr`).evaluateAll((all) => all.map(
        (row) => [...row.cells].map((cell) => cell.innerText.trim()
            .replace(/\s+/g, ' '))));
}


/* Returns the number of different colors on a canvas. */

function colours(page, id) {
    return page.locator(`#${id} canvas`).evaluate((canvas) => {
        const { data } = canvas.getContext('2d')
            .getImageData(0, 0, canvas.width, canvas.height);

        return new Set(new Uint32Array(data.buffer)).size;
    });
}


/* Lets the page read many times in a row, which requires no network then. */

async function read(page, gateway, count, after = later) {
    const all = [];

    for (let i = 0; i < count; i++) {
        gateway.status = after(gateway.status);
        all.push(gateway.status);
    }

    await page.evaluate((statuses) => {
        const real = window.fetch;

        window.unread = () => statuses.length;

        window.fetch = async (...request) => {
            const status = statuses.shift();

            return status ? new Response(JSON.stringify(status))
                : real(...request);
        };
    }, all);

    /* some are not read if the clock is faster than the page */

    for (let left = count; left > 0; left = await page.evaluate('unread()')) {
        await page.clock.runFor(left * INTERVAL);
    }
}


test('the gateway\'s own status', () => withPage(`${url}/llm`, {
    viewport: { width: 1280, height: 900 },
}, async (page) => {
    await page.waitForFunction(
        () => document.getElementById('requests-total').innerText === '5');

    assert.equal(await text(page, 'modified-total'), '4');
    assert.equal(await text(page, 'rejected-total'), '1');
    assert.equal(await text(page, 'tokens-total'), '132');
    assert.deepEqual(await rows(page, 'adjustments'),
        [['temperature', 'max', '4']]);
    assert.deepEqual(await rows(page, 'refusals'),
        [['rate_limit_exceeded', '1']]);
    assert.match((await rows(page, 'nearest'))[0].join(' '),
        /^acme free requests a minute .* of 4$/);
    assert.match(await text(page, 'documents'), /policy\.json *in force/);
    assert.equal(await page.locator('.banner').count(), 0);
}));


open('numbers are those of the status', busy(), async (page, gateway) => {
    assert.equal(await text(page, 'version'), '0.1.0');
    assert.equal(await text(page, 'requests-total'), '219,828');
    assert.equal(await text(page, 'dry-run'), ', 310 in dry run');
    assert.equal(await text(page, 'modified-total'), '26,741');
    assert.equal(await text(page, 'rejected-total'), '3,360');
    assert.equal(await text(page, 'tokens-total'), '158.87M');
    assert.equal(await text(page, 'tokens-estimated'), ', 120,331 estimated');
    assert.equal(await text(page, 'decide-median'), '–', 'not known yet');
    assert.equal(await text(page, 'decide-most'), '775 MB read in total');
    assert.equal(await text(page, 'requests-rate'), '–', 'not known yet');

    assert.deepEqual((await rows(page, 'adjustments')).slice(0, 3), [
        ['temperature', 'max', '13,664'],
        ['max_tokens', 'default', '7,033'],
        ['temperature', 'default', '4,120'],
    ]);

    assert.deepEqual((await rows(page, 'nearest')).slice(0, 2), [
        ['trial-ltd free', 'tokens a day', '100 % 500,000 of 500,000'],
        ['acme pro', 'tokens a minute', '93 % 18,600 of 20,000'],
    ]);

    assert.deepEqual((await rows(page, 'refusals'))[0],
        ['rate_limit_exceeded', '2,010']);
    assert.deepEqual((await rows(page, 'limited'))[1],
        ['free', 'tokens a day', '310']);
    assert.deepEqual(await rows(page, 'candidate'), [
        ['temperature', 'changed otherwise', '9,430'],
        ['n', 'newly refused', '42'],
    ]);
    assert.equal(await text(page, 'candidate-requests'),
        '9,472 of 189,872 requests would be treated otherwise; the candidate '
        + 'was enforced for 9,960.');
    assert.deepEqual((await rows(page, 'tokens'))[1],
        ['free', '18.21M', '9,220,120', '120,331']);
    assert.match(await text(page, 'zone'),
        /^Zone llm: 812 callers, 70 % of 1 MB free, 3 evicted/);
    assert.match(await text(page, 'documents'), /policy\.json *in force/);
    assert.equal(await page.locator('.banner').count(), 0);

    /* 100 pass and 25 are refused in the next five seconds */

    const next = busy();

    next.time += 5;
    next.requests[0].count += 100;
    next.requests[2].count += 25;
    next.tokens[0].count += 1000;
    await gateway.tick(next);

    assert.equal(await text(page, 'requests-rate'), '1,500');
    assert.equal(await text(page, 'rejected-share'), '20 %');
    assert.equal(await text(page, 'modified-share'), '0 %');
    assert.equal(await text(page, 'tokens-rate'), '12,000');
    assert.match(await text(page, 'flow-legend'),
        /Passed 1,200\s+Changed 0\s+Refused 300\s+Not policed 0/);
});


open('a tier is chosen with keys alone', busy(), async (page) => {
    const notes = async () => [
        await text(page, 'requested-note'), await text(page, 'effective-note'),
    ];

    assert.deepEqual(await notes(), [
        '168,164 requests, mean 0.7', '172,284 requests, mean 0.66',
    ]);

    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'tier');
    await page.keyboard.type('free');

    assert.equal(await page.locator('#tier').inputValue(), 'free');
    assert.deepEqual(await notes(), [
        '51,160 requests, mean 0.86', '55,280 requests, mean 0.75',
    ]);
    assert.equal(await text(page, 'requests-total'), '71,740');
    assert.equal((await rows(page, 'limited')).length, 2);
    assert.equal((await rows(page, 'nearest')).length, 2);

    await page.locator('summary').nth(1).press('Enter');
    assert.deepEqual((await rows(page, 'temperature')).slice(-4), [
        ['1.5', '2,900', '0'], ['1.7', '900', '0'], ['1.9', '1,100', '0'],
        ['2.0', '1,060', '0'],
    ]);

    await page.locator('#tier').selectOption('(none)');
    assert.equal(await text(page, 'requests-total'), '9,120');
    assert.ok(await page.locator('#temperature-empty').isVisible());
});


open('values above the last bound', {
    ...busy(),
    temperature: [{
        tier: 'free',
        requested: histogram({ 0: 1, 0.7: 2, 5: 4 }), effective: histogram({}),
    }],
}, async (page) => {
    await page.locator('summary').nth(1).click();

    assert.deepEqual(await rows(page, 'temperature'),
        [['0', '1', '0'], ['0.7', '2', '0'], ['above 2', '4', '0']]);
    assert.equal(await text(page, 'effective-note'), 'none');
    assert.equal(await page.locator('#requested').getAttribute('aria-label'),
        '7 requests, mean 3.06. 0: 1, 0.7: 2, above 2: 4');
});


for (const colorScheme of ['light', 'dark']) {
    open(`in ${colorScheme} colours`, busy(), async (page, gateway) => {
        await read(page, gateway, 60);

        for (const id of ['flow', 'requested', 'effective']) {
            assert.ok(await colours(page, id) > 10, id);
        }

        await page.locator('summary').first().click();
        assert.equal((await rows(page, 'flow')).length, 12);
        await page.locator('summary').first().click();

        await assertFits(page);
        await picture(page, colorScheme);
        await accessible(page);
    }, { colorScheme });

    open(`on a phone, ${colorScheme}`, busy(), async (page, gateway) => {
        await read(page, gateway, 30);

        await page.locator('summary').first().click();
        await page.locator('summary').nth(1).click();
        await assertFits(page);
        await page.locator('summary').first().click();
        await page.locator('summary').nth(1).click();
        await picture(page, `phone-${colorScheme}`);
        await accessible(page);
    }, {
        colorScheme, viewport: { width: 360, height: 740 },
        deviceScaleFactor: 2, hasTouch: true,
    });
}


async function expectChange(page, read, before) {
    const end = Date.now() + TIMEOUT;

    while (await read() === before) {
        assert.ok(Date.now() < end, 'nothing changes');
        await page.clock.runFor(100);
    }
}


open('charts follow light and dark', busy(), async (page) => {
    const first = () => page.locator('#requested canvas').evaluate((canvas) => {
        return canvas.toDataURL();
    });
    const light = await first();

    await page.emulateMedia({ colorScheme: 'dark' });

    /* the page is notified with Chromium's next frame, which takes real time */

    await expectChange(page, first, light);
});


open('no data yet', empty(), async (page, gateway) => {
    assert.equal(await text(page, 'requests-total'), '0');
    assert.equal(await page.locator('.empty:visible').count(), 8);
    await gateway.tick({ ...empty(), time: SINCE + 65 });
    assert.equal(await text(page, 'requests-rate'), '0');
    assert.equal(await text(page, 'rejected-share'), '–');
    await picture(page, 'empty');
    await accessible(page);
});


const hostile = '<img src=x onerror=alert(1)>"\'&';

open('names are text', (() => {
    const status = busy();

    status.requests[0].tier = hostile;
    status.adjustments[0].tier = hostile;
    status.temperature[0].tier = hostile;
    status.limit_refusals[0].tier = hostile;
    status.tokens[0].tier = hostile;
    status.tokens[0].count = 1e9;
    status.refusals[0].code = hostile;
    status.limits.zone = hostile;
    Object.assign(status.limits.nearest[0], { tenant: hostile, tier: hostile });
    Object.assign(status.documents[0],
        { file: hostile, error: hostile, in_force: false });
    status.requests.push({ tier: 'x'.repeat(300), dialect: '',
        outcome: 'passed', count: 1 });

    return status;
})(), async (page) => {
    assert.equal(await page.locator('img').count(), 0);
    assert.equal((await rows(page, 'tokens'))[0][0], hostile);
    assert.match(await text(page, 'alerts'), /<img src=x/);

    await page.locator('#tier').selectOption(hostile);
    assert.equal(await text(page, 'requests-total'), '48,210');
    await page.setViewportSize({ width: 360, height: 740 });
    await assertFits(page);
});


open('a changed document was not loaded', busy(), async (page, gateway) => {
    const next = later(busy());
    const error = '/etc/nginx/policy.json:12:31: tiers.free.parameters'
        + '.temperature.max: 3 is above what any API takes, 2';

    Object.assign(next.documents[0],
        { in_force: false, failures: 2, error });
    await gateway.tick(next);

    const alert = page.getByRole('alert');

    assert.match(await alert.innerText(), /was not loaded/);
    assert.ok((await alert.innerText()).includes(error));
    assert.match(await text(page, 'documents'),
        /change not loaded[^]*2 changes not loaded/);
    await picture(page, 'document');

    await gateway.tick(later(busy(), 10));
    assert.equal(await alert.innerText(), '');

    await gateway.tick({ ...next, time: next.time + 10 });
    await accessible(page);
});


for (const [why, failure, says] of [
    ['an error', { status: 502, body: 'no' }, /responded with 502/],
    ['no JSON', { body: '<html>' }, /The response is not a status/],
    ['other JSON', { json: null }, /The response is not a status/],
]) {
    open(`the status cannot be read: ${why}`, busy(), async (page, gateway) => {
        gateway.failure = failure;
        await gateway.tick();

        assert.match(await page.getByRole('alert').innerText(), says);
        assert.match(await text(page, 'alerts'), /The figures are from/);
        assert.equal(await text(page, 'state'), 'No connection');
        assert.equal(await text(page, 'requests-total'), '219,828', 'stays');
        await picture(page, 'failure');

        gateway.failure = null;
        await gateway.tick(later(busy(), 10));

        assert.equal(await text(page, 'alerts'), '');
        assert.match(await text(page, 'state'), /^Live/);
        assert.notEqual(await text(page, 'requests-rate'), '–');

        gateway.failure = failure;
        await gateway.tick();
        await accessible(page);
    });
}


open('counters that start again', busy(), async (page, gateway) => {
    const next = empty();

    next.time = busy().time + 5;
    next.since = next.time - 2;
    next.requests = [{ tier: 'free', dialect: 'openai.chat',
        outcome: 'passed', count: 10 }];
    await gateway.tick(next);

    assert.equal(await text(page, 'requests-rate'), '120');
    assert.equal(await text(page, 'requests-total'), '10');

    /* also if its time is the same */

    await gateway.tick({ ...next, time: next.time + 5, requests: [
        { ...next.requests[0], count: 4 },
    ] });
    assert.match(await text(page, 'flow-legend'), /Passed 48\s/);
});


/* The same, five seconds and the given decisions later. */

function after(status, times = {}) {
    return { ...decided(status, times), time: status.time + 5 };
}


function times(page) {
    return Promise.all(['median', 'period', 'most'].map((id) => {
        return text(page, `decide-${id}`);
    }));
}


open('the time to decide is a median', busy(), async (page, gateway) => {
    const tick = (decisions) => gateway.tick(after(gateway.status, decisions));

    assert.deepEqual(await times(page),
        ['–', 'median from the next reading on', '775 MB read in total']);

    await tick();
    assert.deepEqual(await times(page), ['–',
        'no decision since the page was opened', '775 MB read in total']);

    /* half of them are at the middle of a bucket */

    await tick({ 0.000002: 50, 0.000005: 200, 0.00001: 50 });
    assert.deepEqual(await times(page), ['3.5 µs',
        'median since the page was opened',
        '99 % within 10 µs, 775 MB read in total']);

    /* one that takes a minute */

    await tick({ 60: 1 });
    assert.deepEqual(await times(page), ['3.5 µs',
        'median since the page was opened',
        '99 % within 10 µs, 775 MB read in total']);

    await tick({ 60: 10 });
    assert.deepEqual(await times(page), ['3.6 µs',
        'median since the page was opened',
        'more than 1 % above 1 s, 775 MB read in total']);

    await tick({ 60: 1000 });
    assert.equal((await times(page))[0], 'above 1 s');

    /* they are over after five minutes */

    await read(page, gateway, 54,
        (status) => after(status, { 0.001: 1, 0.005: 1, 1: 1 }));
    assert.deepEqual((await times(page)).slice(0, 2),
        ['above 1 s', 'median since the page was opened']);

    await read(page, gateway, 7,
        (status) => after(status, { 0.001: 1, 0.005: 1, 1: 1 }));
    assert.deepEqual(await times(page), ['3.5 ms',
        'median of the last 5 minutes',
        '99 % within 1 s, 775 MB read in total']);

    await read(page, gateway, 61, after);
    assert.deepEqual((await times(page)).slice(0, 2),
        ['–', 'no decision in the last 5 minutes']);
});


for (const [why, since] of [
    ['after a restart', SINCE + 86400], ['at the same time', SINCE],
]) {
    open(`decisions that are counted anew ${why}`, busy(),
        async (page, gateway) => {
            await gateway.tick(after(gateway.status, { 0.000005: 10 }));
            assert.equal((await times(page))[0], '3.5 µs');

            /* one bucket has more than before, the others have fewer */

            const anew = {
                ...decided(empty(), { 0.01: 9, 0.02: 200 }),
                time: gateway.status.time + 5, since,
            };

            await gateway.tick(anew);
            assert.equal((await times(page))[0], '15 ms');

            await gateway.tick(after(anew, { 0.01: 8192 }));
            assert.equal((await times(page))[0], '7.6 ms');
        });
}


open('the median after a gap', busy(), async (page, gateway) => {
    await gateway.tick({
        ...after(gateway.status, { 0.1: 10 }), time: busy().time + 200,
    });
    assert.deepEqual((await times(page)).slice(0, 2),
        ['75 ms', 'median since the page was opened']);

    /* the requests of a whole hour are not those of the last minutes */

    await gateway.tick({
        ...after(gateway.status, { 0.1: 10 }), time: busy().time + 3800,
    });
    assert.deepEqual((await times(page)).slice(0, 2),
        ['–', 'median from the next reading on']);

    await gateway.tick(after(gateway.status, { 0.005: 1 }));
    assert.deepEqual((await times(page)).slice(0, 2),
        ['3.5 ms', 'median since 15:16:40']);
});


open('a hidden or paused page makes no requests', busy(),
    async (page, gateway) => {
        const turn = (hidden) => page.evaluate((value) => {
            Object.defineProperty(document, 'hidden',
                { configurable: true, value });
            document.dispatchEvent(new Event('visibilitychange'));
        }, hidden);

        await turn(true);
        await page.clock.runFor(20 * INTERVAL);
        assert.equal(gateway.asked, 1);

        gateway.status = later(busy(), 100);
        await turn(false);
        await page.waitForFunction(() => {
            return document.querySelector('#flow-rows tr');
        });
        assert.equal(gateway.asked, 2);

        await page.getByRole('button', { name: 'Pause' }).click();
        assert.equal(await text(page, 'state'), 'Paused');
        await page.clock.runFor(20 * INTERVAL);
        assert.equal(gateway.asked, 2);

        gateway.status = later(gateway.status, 100);
        await page.getByRole('button', { name: 'Pause' }).click();
        await page.locator('.state.live').waitFor();
    });
