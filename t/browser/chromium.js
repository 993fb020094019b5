/*
 * Copyright (C) llm-policy authors
 *
 * Pages in a headless Chromium, and checks that apply to each of them.
 *
 * Environment: TEST_CHROMIUM, "chromium"; TEST_TIMEOUT, in seconds.
 */

'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { after, before } = require('node:test');

const { chromium } = require('playwright-core');

const TIMEOUT = 1000 * (process.env.TEST_TIMEOUT ?? 30);

const AXE = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

/*
 * Chromium's own message about a response with an error status, such as a
 * refusal
 */
const STATUS = /^Failed to load resource: .* status of \d+/;

let browser;


function executable() {
    const name = process.env.TEST_CHROMIUM ?? 'chromium';

    return process.env.PATH.split(':').map((dir) => path.resolve(dir, name))
        .find((file) => fs.existsSync(file)) ?? name;
}


function launch() {
    return chromium.launch({
        executablePath: executable(),
        chromiumSandbox: process.getuid() !== 0,
    });
}


/* Starts a browser for all tests of a file. */

function inChromium() {
    before(async () => {
        browser = await launch();
    });

    after(() => browser.close());
}


/*
 * Calls a function with a new page.  At its end the page must have had no
 * error, no violation of its own policy (Chromium reports those on the
 * console), and no request to another server.
 */

async function withPage(url, options, use) {
    const context = await browser.newContext(options);
    const page = await context.newPage();
    const { origin } = new URL(url);
    const wrong = [];

    context.setDefaultTimeout(TIMEOUT);

    page.on('pageerror', (error) => wrong.push(error.message));

    page.on('console', (message) => {
        if (/^(?:error|warning)$/.test(message.type())
            && !STATUS.test(message.text()))
        {
            wrong.push(message.text());
        }
    });

    page.on('request', (request) => {
        if (!request.url().startsWith(`${origin}/`)) {
            wrong.push(`asked for ${request.url()}`);
        }
    });

    try {
        await page.goto(url);
        await use(page);
        assert.deepEqual(wrong, []);

    } finally {
        await context.close();
    }
}


async function assertAccessible(page) {
    await page.evaluate(AXE);

    const { violations } = await page.evaluate(() => globalThis.axe.run());

    assert.deepEqual(violations.flatMap(({ id, nodes }) => nodes.map(
        ({ target, failureSummary }) => `${id}: ${target} ${failureSummary}`
    )), []);
}


/* Asserts that no line is wider than the window. */

async function assertFits(page) {
    const [wanted, there] = await page.evaluate(() => [
        document.documentElement.scrollWidth, window.innerWidth,
    ]);

    assert.ok(wanted <= there, `${wanted} pixels in a window of ${there}`);
}


module.exports = {
    TIMEOUT, assertAccessible, assertFits, inChromium, launch, withPage,
};
