/*
 * Copyright (C) llm-policy authors
 *
 * Takes the picture of the demo's page in README.md:
 *
 *   node t/browser/picture.js http://127.0.0.1:8080/ docs/demo.png
 */

'use strict';

const { launch } = require('./chromium');

const [url, file] = process.argv.slice(2);


async function send(page, ...choices) {
    for (const choice of choices) {
        await page.getByRole('radio', { name: choice, exact: true }).check();
    }

    await page.locator('#send').click();
    await page.locator('body:not(.busy)').waitFor();
}


async function take() {
    const browser = await launch();

    const page = await browser.newPage({
        viewport: { width: 1100, height: 600 },
        reducedMotion: 'reduce',
    });

    await page.goto(url);

    await send(page, 'o3-mini reasons');
    await send(page, 'gpt-4o-mini', 'demo-pro-key');
    await send(page, 'as text');
    await send(page, 'number', 'none');

    /* the pointer is not over the page's controls */
    await page.mouse.move(0, 0);
    await page.locator('#send').blur();
    await page.screenshot({ path: file, fullPage: true });

    await browser.close();
}

take();
