/*
 * Copyright (C) llm-policy authors
 *
 * Sends a request through the gateway and shows the result: a decision as in
 * the gateway's headers, a refusal as in its JSON, a response as in the
 * upstream's events.
 */

const $ = (id) => document.getElementById(id);
const form = $('ask');
const narrow = matchMedia('(max-width: 52rem)');

/* text for each $llm_action_temperature */

const WHY = {
    max: 'Above the maximum of the tier: lowered to it.',
    min: 'Below the minimum of the tier: raised to it.',
    default: 'Not requested: the tier’s default was added.',
    force: 'The tier has one value for all requests: it was sent.',
    remove: 'The model takes no temperature: it was removed.',
    none: 'Within the policy: sent unchanged, byte for byte.',
    '': 'Not requested, and not added.',
};

const ROWS = 6;

/* AbortController of the current request, or null */
let controller = null;

/* decision that moves to the history when the next request is sent */
let last = null;


function choice(name) {
    return new FormData(form).get(name);
}


function showSlider() {
    const slider = $('temperature'), kind = choice('kind');
    const value = Number(slider.value).toFixed(1);

    slider.disabled = kind === 'unset';
    $('value').textContent = {
        number: value, unset: 'unset', text: `"${value}"`,
    }[kind];
}


function showOwnKey() {
    const field = $('own-key');

    /* the browser does not validate a disabled field */
    field.hidden = field.disabled = !$('own').checked;
}


function body() {
    const value = $('temperature').value;
    const temperature = {
        number: Number(value), text: value, unset: undefined,
    }[choice('kind')];

    return JSON.stringify({
        model: choice('model'),
        temperature,
        stream: true,
        stream_options: { include_usage: true },
        messages: [{ role: 'user', content: $('prompt').value }],
    });
}


function headers() {
    const key = $('own').checked ? $('own-key').value.trim() : choice('key');
    const tier = choice('tier');

    return {
        'Content-Type': 'application/json',
        ...key && { Authorization: `Bearer ${key}` },
        ...tier && { 'X-Demo-Tier': tier },
    };
}


/* Returns the decision in the gateway's headers; absent ones were empty. */

function decision(response) {
    const said = (name) => response.headers.get(`X-LLM-${name}`) ?? '';

    return {
        code: response.status,
        status: said('Status'),
        reason: said('Reason'),
        requested: said('Requested-Temperature'),
        effective: said('Effective-Temperature'),
        action: said('Action-Temperature'),
        adjustments: said('Adjustments'),
        tier: said('Tier'),
        tenant: said('Tenant'),
        model: said('Model'),
        headers: [...response.headers]
            .filter(([name]) => name.startsWith('x-llm-')),
    };
}


function isRefused({ status }) {
    return status.startsWith('rejected');
}


/* Returns whether a caller was refused before its body was read. */

function isUnread(made) {
    return isRefused(made) && !made.requested && !made.model;
}


function asked(made) {
    return made.requested || (isUnread(made) ? 'not read' : 'unset');
}


function sent(made) {
    return made.effective || (isRefused(made) ? 'nothing' : 'none');
}


/* Yields the data of server-sent events as they arrive. */

async function* events(response) {
    const reader = response.body.pipeThrough(new TextDecoderStream())
        .getReader();
    let text = '';

    for (;;) {
        const { done, value } = await reader.read();

        if (done) {
            return;
        }

        const blocks = (text + value).split('\n\n');

        text = blocks.pop();

        for (const block of blocks) {
            yield block.replace(/^data: /, '');
        }
    }
}


function place(mark, value) {
    const number = value === '' ? NaN : Number(value);
    const element = $(mark);

    element.hidden = !(number >= 0 && number <= 2);
    element.style.left = `${element.hidden ? 0 : 50 * number}%`;

    return element.hidden ? null : number;
}


function showScale({ requested, effective }) {
    const from = place('asked-mark', requested);
    const to = place('sent-mark', effective);
    const moved = $('moved');

    moved.hidden = from === null || to === null || from === to;

    if (!moved.hidden) {
        moved.style.left = `${50 * Math.min(from, to)}%`;
        moved.style.width = `${50 * Math.abs(from - to)}%`;
    }

    $('scale').hidden = from === null && to === null;
    $('scale').ariaLabel = `On a scale from 0 to 2: asked `
        + `${requested || 'nothing'}, sent ${effective || 'nothing'}`;
}


function item(name, value) {
    const term = document.createElement('dt');
    const text = document.createElement('dd');

    term.textContent = name;
    text.textContent = value;

    return [term, text];
}


function showFacts({ code, reason, adjustments, tier, tenant, model }) {
    const facts = [
        ['Tier', tier], ['Tenant', tenant], ['Model', model],
        ['HTTP', reason ? `${code} ${reason}` : String(code)],
        ['Changes', adjustments],
    ];

    $('facts').replaceChildren(...facts.filter(([, value]) => value)
        .flatMap(([name, value]) => item(name, value)));
}


function showDecision(made) {
    const refused = isRefused(made);
    const failed = !refused && made.code >= 400;

    $('empty').hidden = true;
    $('told').hidden = false;
    $('decision').dataset.status = failed ? 'failed' : made.status;

    $('status').hidden = false;
    $('status').textContent = refused ? 'refused'
        : failed ? 'failed' : made.status;

    $('hero').hidden = isUnread(made);
    $('asked').textContent = asked(made);
    $('sent').textContent = sent(made);

    /* showRefusal() adds the message of the gateway */
    $('why').textContent = refused ? '' : WHY[made.action] ?? made.action;

    showScale(made);
    showFacts(made);

    $('headers').textContent = made.headers
        .map(([name, value]) => `${name}: ${value}`).join('\n');
}


function cell(text, name) {
    const element = document.createElement('td');

    element.textContent = text;
    element.className = name ?? '';

    return element;
}


function showHistory(made) {
    const row = document.createElement('tr');

    row.dataset.status = made.status;
    row.append(
        cell(`${asked(made)} → ${sent(made)}`),
        cell(made.reason || made.action || '–'),
        cell(made.tier || '–'),
        cell(made.model || '–', 'model'),
        cell(made.code));

    $('rows').prepend(row);
    [...$('rows').rows].slice(ROWS).forEach((old) => old.remove());
    $('history').hidden = false;
}


async function showRefusal(response) {
    const { error } = await response.json();

    $('why').textContent = error.message;
    $('answer').textContent = '';
}


async function showAnswer(response) {
    for await (const data of events(response)) {
        if (data === '[DONE]') {
            return;
        }

        const { choices, usage } = JSON.parse(data);

        $('answer').append(choices[0]?.delta.content ?? '');

        if (usage) {
            $('usage').textContent = `${usage.total_tokens} tokens`;
        }
    }
}


function busy(is) {
    $('answer').ariaBusy = String(is);
    $('send').textContent = is ? 'Stop' : 'Send';
    document.body.classList.toggle('busy', is);
}


async function send() {
    if (last) {
        showHistory(last);
        last = null;
    }

    $('answer').textContent = '';
    $('usage').textContent = '';
    controller = new AbortController();
    busy(true);

    try {
        const response = await fetch('/v1/chat/completions', {
            method: 'POST',
            headers: headers(),
            body: body(),
            signal: controller.signal,
        });

        last = decision(response);
        showDecision(last);

        if (narrow.matches) {
            $('decision').scrollIntoView();
        }

        await (response.ok ? showAnswer : showRefusal)(response);

    } catch (error) {
        $('answer').append(error.name === 'AbortError' ? ' (stopped)'
            : 'No response.');

    } finally {
        controller = null;
        busy(false);
    }
}


form.addEventListener('submit', (event) => {
    event.preventDefault();

    if (controller) {
        controller.abort();

    } else {
        send();
    }
});

form.addEventListener('keydown', (event) => {
    const anywhere = event.ctrlKey || event.metaKey;
    const here = event.target === $('prompt') && !event.shiftKey
        && !event.isComposing;

    if (event.key === 'Enter' && (anywhere || here)) {
        event.preventDefault();

        if (!controller) {
            form.requestSubmit();
        }
    }
});

form.addEventListener('input', () => {
    showSlider();
    showOwnKey();
});

/* the browser may have kept earlier choices */
showSlider();
showOwnKey();
