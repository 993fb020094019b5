/*
 * Copyright (C) llm-policy authors
 *
 * The page of the demo, used like a visitor would, in TEST_DEMO.
 */

'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');

const {
    assertAccessible, assertFits, inChromium, withPage,
} = require('./chromium');

const url = process.env.TEST_DEMO;
const api = `${url}v1/chat/completions`;


inChromium();


function open(name, use, options = {}) {
    test(name, () => withPage(url, options, use));
}


async function choose(page, ...labels) {
    for (const label of labels) {
        await page.getByRole('radio', { name: label, exact: true }).check();
    }
}


async function send(page) {
    await page.getByRole('button', { name: 'Send' }).click();
    await ended(page);
}


/* the label of the button is restored */

async function ended(page) {
    await page.locator('body:not(.busy)').waitFor();
}


/* Returns the page's description of the last request. */

async function shown(page) {
    const text = (selector) => page.locator(selector).textContent();

    return {
        asked: await text('#asked'),
        sent: await text('#sent'),
        status: await text('#status'),
        why: await text('#why'),
        facts: Object.fromEntries(await page.locator('dt').evaluateAll(
            (terms) => terms.map((term) => [
                term.textContent, term.nextElementSibling.textContent,
            ]))),
    };
}


/* Returns the position of a mark on the scale, from 0 to 2. */

async function markAt(page, id) {
    const track = await page.locator('.track').boundingBox();

    /* a mark moves for some time */
    await page.waitForFunction((mark) => document.getElementById(mark)
        .getAnimations().length === 0, id);

    const mark = await page.locator(`#${id}`).boundingBox();

    return mark && Math.round(200 * (mark.x + mark.width / 2 - track.x)
        / track.width) / 100;
}


/*
 * Returns the text of the response in each frame until its end: a response that
 * arrives at once would never be partial.
 */

function watchAnswer(page) {
    return page.evaluate(() => new Promise((resolve) => {
        const answer = document.getElementById('answer');
        const seen = new Set();

        function look() {
            seen.add(answer.textContent);

            if (answer.textContent.endsWith('answer.')) {
                resolve([...seen]);

            } else {
                requestAnimationFrame(look);
            }
        }

        look();
    }));
}


open('above the bound: the maximum of the tier is sent', async (page) => {
    await send(page);

    assert.deepEqual(await shown(page), {
        asked: '1.9', sent: '1', status: 'modified',
        why: 'Above the maximum of the tier: lowered to it.',
        facts: {
            Tier: 'free', Tenant: 'visitor', Model: 'gpt-4o-mini', HTTP: '200',
            Changes: 'temperature=1.9->1 (max), max_tokens=->512 (default)',
        },
    });

    assert.equal(await markAt(page, 'asked-mark'), 1.9);
    assert.equal(await markAt(page, 'sent-mark'), 1);
    assert.equal(await page.getByRole('img').getAttribute('aria-label'),
        'On a scale from 0 to 2: asked 1.9, sent 1');

    /* the upstream reports the same */
    assert.match(await page.locator('#answer').textContent(),
        /^temperature: 1, max_tokens: 512\./);
});


open('within the policy: the requested value', async (page) => {
    await page.getByRole('slider').fill('0.4');
    await send(page);

    const { asked, sent, why } = await shown(page);

    assert.deepEqual([asked, sent], ['0.4', '0.4']);
    assert.match(why, /^Within the policy/);
    assert.equal(await markAt(page, 'asked-mark'), 0.4);
    assert.equal(await markAt(page, 'sent-mark'), 0.4);
    assert.ok(await page.locator('#moved').isHidden());
});


open('unset: the default of the tier is sent', async (page) => {
    await choose(page, 'unset');
    assert.ok(await page.getByRole('slider').isDisabled());
    assert.equal(await page.locator('#value').textContent(), 'unset');
    await send(page);

    const { asked, sent, why } = await shown(page);

    assert.deepEqual([asked, sent], ['unset', '0.7']);
    assert.match(why, /default was added/);
    assert.equal(await markAt(page, 'asked-mark'), null);
    assert.equal(await markAt(page, 'sent-mark'), 0.7);
});


open('a reasoning model: none is sent', async (page) => {
    await choose(page, 'o3-mini reasons');
    await send(page);

    const { asked, sent, why, facts } = await shown(page);

    assert.deepEqual([asked, sent], ['1.9', 'none']);
    assert.match(why, /takes no temperature/);
    assert.equal(facts.Model, 'o3-mini');
    assert.equal(await markAt(page, 'sent-mark'), null);
    assert.match(await page.locator('#answer').textContent(),
        /^temperature: none/);
});


open('the tier is that of the key, or the one chosen', async (page) => {
    const sentBy = async (...choices) => {
        await choose(page, ...choices);
        await send(page);

        const { sent, facts: { Tier, Tenant } } = await shown(page);

        return [sent, Tier, Tenant];
    };

    assert.deepEqual(await sentBy('demo-pro-key'), ['1.5', 'pro', 'acme']);
    assert.deepEqual((await sentBy('free')).slice(0, 2), ['1', 'free']);
    assert.deepEqual((await sentBy('none', 'pro')).slice(0, 2),
        ['1.5', 'pro']);
});


open('another key can be typed', async (page) => {
    const field = page.getByRole('textbox', { name: 'Another API key' });

    assert.ok(await field.isHidden());
    await choose(page, 'another');
    await field.fill('demo-pro-key');
    await send(page);

    assert.equal((await shown(page)).facts.Tenant, 'acme');
});


/* Returns the gateway's response to the same request without a page. */

async function message(key, temperature) {
    const response = await fetch(api, {
        method: 'POST',
        headers: {
            'Content-Type': 'application/json',
            ...key && { Authorization: `Bearer ${key}` },
        },
        body: JSON.stringify({ model: 'gpt-4o-mini', temperature }),
    });

    return (await response.json()).error.message;
}


open('a refusal: a value of the wrong type', async (page) => {
    await choose(page, 'as text');
    await send(page);

    const { asked, sent, status, why, facts } = await shown(page);

    assert.deepEqual([asked, sent, status], ['"1.9"', 'nothing', 'refused']);
    assert.equal(why, await message('', '1.9'));
    assert.equal(facts.HTTP, '400 invalid_type');
    assert.equal(await page.locator('#answer').textContent(), '');
});


open('a refusal: a key that is not known', async (page) => {
    await choose(page, 'no-such-key');
    await send(page);

    const { status, why, facts } = await shown(page);

    assert.deepEqual([status, why], ['refused', await message('no', 1)]);
    assert.equal(facts.HTTP, '401 unknown_key');
    assert.ok(await page.locator('#hero').isHidden(), 'the body was not read');
});


open('the page shows the values of the headers', async (page) => {
    await page.route('**/v1/chat/completions', (route) => route.fulfill({
        status: 200,
        headers: {
            'content-type': 'text/event-stream',
            'x-llm-status': 'modified', 'x-llm-tier': '<b>gold</b>',
            'x-llm-requested-temperature': '0.25',
            'x-llm-effective-temperature': '1.75',
            'x-llm-action-temperature': 'min',
        },
        body: 'data: {"choices": [{"delta": {"content": "<i>yes"}}]}\n\n'
            + 'data: [DONE]\n\n',
    }));
    await send(page);

    const { asked, sent, why, facts } = await shown(page);

    assert.deepEqual([asked, sent, facts.Tier],
        ['0.25', '1.75', '<b>gold</b>']);
    assert.match(why, /minimum/);
    assert.equal(await page.locator('#answer').textContent(), '<i>yes');
    assert.equal(await page.locator('#headers').textContent(), [
        'x-llm-action-temperature: min', 'x-llm-effective-temperature: 1.75',
        'x-llm-requested-temperature: 0.25', 'x-llm-status: modified',
        'x-llm-tier: <b>gold</b>',
    ].join('\n'));
});


open('a failure of the upstream is shown', async (page) => {
    await page.route('**/v1/chat/completions', (route) => route.fulfill({
        status: 502, body: '{"error": {"message": "the server is away"}}',
    }));
    await send(page);

    const { status, why } = await shown(page);

    assert.deepEqual([status, why], ['failed', 'the server is away']);
});


open('the response appears word by word', async (page) => {
    const watched = watchAnswer(page);

    await send(page);

    const seen = await watched;
    const all = seen.at(-1);

    assert.ok(seen.length > 4, `seen in ${seen.length} states`);
    assert.ok(seen.every((text) => all.startsWith(text)));
    assert.match(await page.locator('#usage').textContent(), /^\d+ tokens$/);
});


open('a response can be stopped', async (page) => {
    /* by the page itself, before the rest can arrive */
    const underWay = page.evaluate(() => new Promise((resolve) => {
        const answer = document.getElementById('answer');
        const button = document.getElementById('send');

        new MutationObserver((records, observer) => {
            if (answer.textContent.includes('max_tokens')) {
                observer.disconnect();
                resolve({
                    busy: answer.getAttribute('aria-busy'),
                    button: button.textContent,
                    sent: document.getElementById('sent').textContent,
                });
                button.click();
            }
        }).observe(answer, { childList: true });
    }));

    await send(page);

    assert.deepEqual(await underWay,
        { busy: 'true', button: 'Stop', sent: '1' });

    const answer = page.locator('#answer');

    assert.match(await answer.textContent(), / \(stopped\)$/);
    assert.doesNotMatch(await answer.textContent(), /answer\./);
    assert.equal(await answer.getAttribute('aria-busy'), 'false');
    assert.equal(await page.locator('#send').textContent(), 'Send');
});


open('the keyboard is enough', async (page) => {
    const focused = () => page.evaluate(() => document.activeElement.id
        || document.activeElement.value);
    const press = async (...keys) => {
        for (const key of keys) {
            await page.keyboard.press(key);
        }
    };
    const value = () => page.locator('#value').textContent();

    await press('Tab');
    assert.equal(await focused(), 'prompt');

    /* Tab enters a group of choices, arrows select one */
    await press('Tab', 'ArrowRight');
    assert.equal(await focused(), 'unset');
    await press('ArrowLeft', 'Tab');
    assert.equal(await focused(), 'temperature');

    await press('ArrowLeft', 'ArrowLeft');
    assert.equal(await value(), '1.7');
    await press('Home');
    assert.equal(await value(), '0.0');
    await press('End');
    assert.equal(await value(), '2.0');
    await press('ArrowLeft');

    const outline = await page.locator('#temperature').evaluate(
        (slider) => getComputedStyle(slider).outlineStyle);

    assert.equal(outline, 'solid', 'the focus is visible');

    await press('Control+Enter');
    await page.locator('#told').waitFor();
    await ended(page);
    assert.equal((await shown(page)).asked, '1.9');

    await press('Tab', 'ArrowRight', 'Tab', 'ArrowRight', 'Tab', 'Tab');
    assert.equal(await focused(), 'send');
    await press('Enter');
    await page.locator('#history').waitFor();
    await ended(page);

    const { facts } = await shown(page);

    assert.deepEqual([facts.Model, facts.Tenant], ['o3-mini', 'acme']);
});


open('Enter sends a prompt, Shift and Enter do not', async (page) => {
    const prompt = page.getByRole('textbox', { name: 'Prompt' });

    await prompt.fill('a');
    await prompt.press('Shift+Enter');
    await prompt.press('b');
    assert.equal(await prompt.inputValue(), 'a\nb');
    assert.ok(await page.locator('#told').isHidden());

    /* the response waits until the key has been pressed again */
    const requests = [];
    let release;
    const pressed = new Promise((resolve) => {
        release = resolve;
    });

    await page.route(api, async (route) => {
        requests.push(route.request());
        await pressed;
        await route.continue();
    });

    await prompt.press('Enter');
    await page.locator('body.busy').waitFor();
    await prompt.press('Enter');
    release();
    await ended(page);

    assert.deepEqual(requests.map((sent) => sent.postDataJSON().messages),
        [[{ role: 'user', content: 'a\nb' }]]);
    assert.match(await page.locator('#answer').textContent(), /answer\.$/);
});


open('earlier requests are listed, the last few', async (page) => {
    const rows = () => page.locator('tbody tr').evaluateAll((all) => all.map(
        (row) => [...row.cells].map((cell) => cell.textContent)));

    await send(page);
    await choose(page, 'as text');
    await send(page);
    await choose(page, 'unset', 'no-such-key');
    await send(page);
    await send(page);

    assert.deepEqual(await rows(), [
        ['not read → nothing', 'unknown_key', '–', '–', '401'],
        ['"1.9" → nothing', 'invalid_type', 'free', 'gpt-4o-mini', '400'],
        ['1.9 → 1', 'max', 'free', 'gpt-4o-mini', '200'],
    ]);

    for (let i = 0; i < 4; i++) {
        await send(page);
    }

    assert.equal((await rows()).length, 6);
});


/* each state of the page, for each reader */

const LOOKS = [
    { colorScheme: 'light', viewport: { width: 1100, height: 800 } },
    { colorScheme: 'dark', viewport: { width: 1100, height: 800 } },
    { colorScheme: 'light', viewport: { width: 360, height: 740 } },
    { colorScheme: 'dark', viewport: { width: 360, height: 740 } },
    { colorScheme: 'dark', viewport: { width: 320, height: 640 } },
];

for (const look of LOOKS) {
    const name = `${look.colorScheme}, ${look.viewport.width} pixels wide`;

    open(`fits and is accessible: ${name}`, async (page) => {
        const lookAt = async () => {
            await assertFits(page);
            await assertAccessible(page);
        };

        await lookAt();
        await send(page);
        await lookAt();
        await page.getByText('The gateway’s headers').click();
        await choose(page, 'as text', 'another');
        await send(page);
        await lookAt();
        await choose(page, 'no-such-key');
        await send(page);
        await lookAt();
        await page.getByRole('button', { name: 'Send' }).hover();
        await choose(page, 'o3-mini reasons', 'number', 'demo-pro-key');
        await page.getByRole('button', { name: 'Send' }).click();
        await page.locator('#answer:not(:empty)').waitFor();
        await lookAt();
        await ended(page);
    }, look);
}


open('dark is dark', async (page) => {
    const ground = await page.locator('body').evaluate(
        (body) => getComputedStyle(body).backgroundColor);

    assert.ok(ground.match(/\d+/g).every((part) => part < 40), ground);
}, { colorScheme: 'dark' });
