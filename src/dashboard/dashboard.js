/*
 * Copyright (C) llm-policy authors
 *
 * The dashboard: reads the status every few seconds and shows it.
 *
 * Names come from the operator's document and are always written as text.  The
 * page computes the history from differences of counters, and keeps it only
 * while it is open.
 */

/* global uPlot */

(function () {
    'use strict';

    const INTERVAL = 5000;
    const PATIENCE = 10000;
    const KEPT = 3600000 / INTERVAL;
    const LATELY = 60;              /* seconds of the key figures */
    const RECENT = 300;             /* seconds of the time to decide */
    const ROWS = 10;                /* rows of a table */

    const OUTCOMES = ['passed', 'modified', 'rejected', 'bypassed'];

    const TITLES = {
        passed: 'Passed',
        modified: 'Changed',
        rejected: 'Refused',
        bypassed: 'Not policed',
    };

    /* lines differ without their colours, too */

    const DASHES = {
        passed: [], modified: [8, 4], rejected: [], bypassed: [2, 4],
    };

    /* 'requests_per_minute': 'requests a minute' */

    const limitName = (limit) => limit === 'concurrent_requests'
        ? 'requests at once'
        : limit.replace('_per_', ' a ').replace('_', ' ');

    /* 0, up to 0.1, up to 0.2, ... 2, above */

    const BOUNDS = Array.from({ length: 21 }, (_, i) => i / 10);

    const element = (id) => document.getElementById(id);
    const dark = matchMedia('(prefers-color-scheme: dark)');
    const plots = [];

    let status = null;              /* last status that was read */
    let history = [];               /* entries of remember() */
    let failure = null;
    let paused = false;
    let timer = 0;
    let reading = false;
    let highest = 1;                /* highest bar of the histograms */
    let flow, requested, effective;


    /* Text. */

    function number(value, digits = 0) {
        if (Math.abs(value) >= 1e7) {
            return new Intl.NumberFormat('en', {
                notation: 'compact', maximumFractionDigits: 2,
            }).format(value);
        }

        return new Intl.NumberFormat('en', {
            maximumFractionDigits: digits,
        }).format(value);
    }

    function rate(value) {
        return number(value, value < 10 ? 1 : 0);
    }

    function percent(part, whole) {
        const share = 100 * part / whole;

        return `${number(share, share < 10 ? 1 : 0)} %`;
    }

    /* a time between two bounds is not exact: two digits */

    function duration(seconds) {
        const two = (value) => number(Number(value.toPrecision(2)), 2);

        if (seconds >= 1) {
            return `${two(seconds)} s`;
        }

        return seconds >= 0.001 ? `${two(1e3 * seconds)} ms`
            : `${two(1e6 * seconds)} µs`;
    }

    function bytes(value) {
        const units = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'];
        let i = 0;

        while (value >= 1024 && i < units.length - 1) {
            value /= 1024;
            i++;
        }

        return `${number(value, i && value < 100 ? 1 : 0)} ${units[i]}`;
    }

    function clock(seconds) {
        return new Date(1000 * seconds).toLocaleTimeString('en-GB');
    }

    function moment(seconds) {
        const date = new Date(1000 * seconds);

        return `${date.toLocaleDateString('en-CA')} ${clock(seconds)}`;
    }

    function bound(i) {
        return i < BOUNDS.length ? BOUNDS[i].toFixed(i ? 1 : 0) : 'above 2';
    }

    function tierName(tier) {
        return tier === '' ? '(none)' : tier;
    }


    /* Elements. */

    function make(name, className, ...content) {
        const made = document.createElement(name);

        if (className) {
            made.className = className;
        }

        made.append(...content);

        return made;
    }

    /* a cell is text, or an element, or { number: text } */

    function row(...cells) {
        return make('tr', '', ...cells.map((cell) => {
            return cell.number === undefined ? make('td', '', cell)
                : make('td', 'number', cell.number);
        }));
    }

    function bar(share) {
        const filled = make('i');

        filled.style.width = `${100 * Math.min(1, Math.max(0, share))}%`;

        return make('div', 'bar', filled);
    }

    function write(id, text) {
        if (element(id).textContent !== text) {
            element(id).textContent = text;
        }
    }

    /* shows the rows of a table, or its text for no rows */

    function fill(id, rows) {
        element(`${id}-rows`).replaceChildren(...rows);
        element(id).hidden = rows.length === 0;
        element(`${id}-empty`).hidden = rows.length !== 0;
    }


    /* Values of the status. */

    function list(value) {
        return Array.isArray(value) ? value : [];
    }

    function chosen(item) {
        const tier = element('tier').value;

        return tier === '' || tierName(item.tier) === tier;
    }

    function sum(items) {
        return items.reduce((total, item) => total + item.count, 0);
    }

    function outcome(item) {
        return item.outcome.replace(/_dry_run$/, '');
    }

    function estimated(item) {
        return item.kind.endsWith('_estimated');
    }

    /* Adds up items that have the same names. */

    function merged(items, ...names) {
        const groups = new Map();

        for (const item of items) {
            const key = JSON.stringify(names.map((name) => item[name]));
            const group = groups.get(key);

            if (group) {
                group.count += item.count;

            } else {
                groups.set(key, { ...item });
            }
        }

        return [...groups.values()].sort((a, b) => b.count - a.count);
    }

    /*
     * Returns pairs of a bound and the requests between it and the bound
     * before; the last one is infinite.
     */

    function buckets(what) {
        let below = 0;

        return [...list(what?.buckets), [Infinity, what?.count ?? 0]]
            .map(([upper, cumulative]) => {
                const count = cumulative - below;

                below = cumulative;
                return [upper, count];
            });
    }

    /* Returns the requests in each bar, of all chosen tiers. */

    function histogram(which) {
        const bars = new Array(BOUNDS.length + 1).fill(0);
        let total = 0;
        let count = 0;

        for (const item of list(status.temperature).filter(chosen)) {
            for (const [upper, requests] of buckets(item[which])) {
                const i = BOUNDS.findIndex((b) => upper <= b + 1e-9);

                bars[i < 0 ? BOUNDS.length : i] += requests;
            }

            total += item[which].sum;
            count += item[which].count;
        }

        return { bars, count, mean: count ? total / count : 0 };
    }


    /*
     * Adds the difference of two readings to the history: requests by
     * [tier, outcome], tokens by tier, and decisions by their time.  A counter
     * that has become smaller was reset; a reading after a long time makes a
     * gap.
     */

    function counters(of) {
        const counts = new Map();
        const add = (key, count) => {
            counts.set(key, (counts.get(key) ?? 0) + count);
        };

        for (const item of list(of.requests)) {
            add(JSON.stringify([item.tier, outcome(item)]), item.count);
        }

        for (const item of list(of.tokens)) {
            add(JSON.stringify([item.tier, 'tokens']), item.count);
        }

        return counts;
    }

    /* one smaller count means that all of them were reset */

    function decided(next, before) {
        const were = new Map(before);
        const counts = buckets(next.decide_seconds);
        const more = counts.map(([upper, count]) => {
            return [upper, count - (were.get(upper) ?? 0)];
        });

        return more.some(([, count]) => count < 0) ? counts : more;
    }

    function remember(next) {
        const before = status && counters(status);
        const seconds = status ? next.time - status.time : 0;

        if (!before || seconds <= 0) {
            return;
        }

        if (seconds > 3 * INTERVAL / 1000) {
            history.push({ at: status.time + 1, seconds: 0, counts: null });
        }

        const anew = next.since !== status.since;
        const counts = new Map();

        for (const [key, count] of counters(next)) {
            const was = anew ? 0 : before.get(key) ?? 0;

            counts.set(key, count < was ? count : count - was);
        }

        history.push({
            at: next.time, seconds, counts,
            decisions: decided(next,
                anew ? [] : buckets(status.decide_seconds)),
        });

        history = history.slice(-KEPT);
    }

    function happened(entry, what) {
        let total = 0;

        for (const [key, count] of entry.counts) {
            const [tier, name] = JSON.parse(key);

            if (name === what && chosen({ tier })) {
                total += count;
            }
        }

        return total;
    }

    function perMinute(entry, what) {
        return entry.counts && 60 * happened(entry, what) / entry.seconds;
    }

    /* Returns the counts of the last minute, and the seconds they took. */

    function lately() {
        const found = { seconds: 0, tokens: 0, requests: 0 };

        for (const name of OUTCOMES) {
            found[name] = 0;
        }

        for (let i = history.length - 1; i >= 0; i--) {
            const entry = history[i];

            if (!entry.counts || found.seconds >= LATELY) {
                break;
            }

            for (const name of OUTCOMES) {
                const count = happened(entry, name);

                found[name] += count;
                found.requests += count;
            }

            found.tokens += happened(entry, 'tokens');
            found.seconds += entry.seconds;
        }

        return found;
    }

    /*
     * Returns the decisions of the last minutes by their time, and the seconds
     * that were read of them.  A reading that began before them is omitted.
     */

    function recently() {
        const counts = new Map();
        const first = status.time - RECENT - INTERVAL / 1000;
        const entries = history.filter((entry) => {
            return entry.counts && entry.at <= status.time
                && entry.at - entry.seconds >= first;
        });

        for (const [upper, count] of entries.flatMap((e) => e.decisions)) {
            counts.set(upper, (counts.get(upper) ?? 0) + count);
        }

        return {
            entries,
            seconds: entries.reduce((total, entry) => total + entry.seconds, 0),
            count: [...counts.values()].reduce((a, b) => a + b, 0),
            buckets: [...counts].sort(([a], [b]) => a - b),
        };
    }

    /*
     * Returns the bucket that a share of all decisions reaches into, and how
     * far.
     */

    function quantile(of, share) {
        const wanted = share * of.count;
        let lower = 0;
        let below = 0;

        for (const [upper, count] of of.buckets) {
            if (count > 0 && below + count >= wanted) {
                return { lower, upper, part: (wanted - below) / count };
            }

            below += count;
            lower = upper;
        }

        return null;
    }


    /* Charts. */

    function colour(name) {
        return getComputedStyle(document.documentElement)
            .getPropertyValue(`--${name}`).trim();
    }

    function axis(options) {
        return {
            stroke: () => colour('faint'),
            grid: { stroke: () => colour('line'), width: 1 },
            ticks: { show: false },
            font: '12px system-ui, sans-serif',
            ...options,
        };
    }

    /* makes a chart that follows the size of its element */

    function plot(id, options, data) {
        const place = element(id);
        const size = () => ({
            width: Math.max(120, place.clientWidth),
            height: place.clientHeight,
        });

        const made = new uPlot({
            ...size(), legend: { show: false }, ...options,
        }, data, place);

        new ResizeObserver(() => made.setSize(size())).observe(place);
        plots.push(made);

        return made;
    }

    function makeFlow() {
        return plot('flow', {
            cursor: { y: false, drag: { x: false, y: false } },
            hooks: { setCursor: [showLegend] },
            scales: {
                x: { range: (u, min, max) => [Math.min(min, max - 120), max] },
                y: { range: (u, min, max) => [0, Math.max(1, 1.1 * max)] },
            },
            axes: [
                axis({
                    size: 28,
                    grid: { show: false },
                    space: 80,
                    values: (u, ticks) => ticks.map((at) => {
                        return clock(at).slice(0, at % 60 ? 8 : 5);
                    }),
                }),
                axis({
                    size: 48,
                    values: (u, ticks) => ticks.map((tick) => number(tick, 2)),
                }),
            ],
            series: [{}, ...OUTCOMES.map((name) => ({
                label: TITLES[name],
                stroke: () => colour(name),
                fill: name === 'passed' ? () => `${colour(name)}22` : undefined,
                width: 2,
                dash: DASHES[name],
                points: { show: () => history.length === 1 },
            }))],
        }, [[], ...OUTCOMES.map(() => [])]);
    }

    /* both histograms have one scale */

    function makeHistogram(id) {
        return plot(id, {
            cursor: { show: false },
            scales: {
                x: { time: false, range: () => [-0.7, BOUNDS.length + 0.7] },
                y: { range: () => [0, Math.max(1, 1.08 * highest)] },
            },
            axes: [
                axis({
                    size: 28,
                    grid: { show: false },
                    splits: () => [0, 5, 10, 15, 20],
                    values: (u, ticks) => ticks.map((i) => String(i / 10)),
                }),
                axis({
                    size: 52,
                    incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3,
                        1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6, 2e6, 5e6, 1e7, 1e8,
                        1e9, 1e10, 1e11, 1e12],
                    values: (u, ticks) => ticks.map((tick) => {
                        return new Intl.NumberFormat('en', {
                            notation: 'compact',
                        }).format(tick);
                    }),
                }),
            ],
            series: [{}, {
                stroke: () => colour(id),
                fill: () => colour(id),
                width: 0,
                paths: uPlot.paths.bars({ size: [0.8, 40], radius: 0.15 }),
                points: { show: false },
            }],
        }, [[], []]);
    }


    /* Parts of the page. */

    /* shows the rates at the cursor, or the last ones */

    function showLegend() {
        const i = flow?.cursor.idx ?? history.length - 1;
        const entry = history[i];

        element('flow-legend').replaceChildren(...OUTCOMES.map((name) => {
            const value = entry?.counts ? rate(perMinute(entry, name)) : '–';

            return make('li', '', make('i', `key ${name}`),
                `${TITLES[name]} `, make('b', '', value));
        }));
    }

    function showFlow() {
        const data = [
            history.map((entry) => entry.at),
            ...OUTCOMES.map((name) => history.map((entry) => {
                return perMinute(entry, name);
            })),
        ];

        const last = history.at(-1);

        element('flow').hidden = !last;
        element('flow-empty').hidden = !!last;

        if (!last) {
            return;
        }

        flow ??= makeFlow();
        flow.setData(data);
        showLegend();

        element('flow').setAttribute('aria-label',
            `Requests per minute at ${clock(last.at)}: ${OUTCOMES
                .map((name) => `${TITLES[name]} ${
                    rate(perMinute(last, name))}`).join(', ')}`);

        element('flow-rows').replaceChildren(...history.slice(-12).reverse()
            .filter((entry) => entry.counts).map((entry) => row(
                clock(entry.at), ...OUTCOMES.map((name) => ({
                    number: rate(perMinute(entry, name)),
                })))));
    }

    function showHistogram(id, made, what) {
        const said = what.count === 0 ? 'none' : `${number(what.count)}${
            what.count === 1 ? ' request' : ' requests'}, mean ${
            number(what.mean, 2)}`;

        write(`${id}-note`, said);

        element(id).setAttribute('aria-label', `${said}. ${what.bars
            .map((count, i) => count && `${bound(i)}: ${number(count)}`)
            .filter(Boolean).join(', ')}`);

        made.setData([what.bars.map((_, i) => i), what.bars]);
    }

    function showTemperature() {
        const asked = histogram('requested');
        const sent = histogram('effective');
        const some = asked.count + sent.count > 0;

        element('temperature').hidden = !some;
        element('temperature-empty').hidden = some;

        if (!some) {
            return;
        }

        highest = Math.max(...asked.bars, ...sent.bars);
        requested ??= makeHistogram('requested');
        effective ??= makeHistogram('effective');

        showHistogram('requested', requested, asked);
        showHistogram('effective', effective, sent);

        element('temperature-rows').replaceChildren(...asked.bars
            .map((count, i) => (count || sent.bars[i]) && row(
                bound(i), { number: number(count) },
                { number: number(sent.bars[i]) }))
            .filter(Boolean));
    }

    function showFigures() {
        const requests = list(status.requests).filter(chosen);
        const tokens = list(status.tokens).filter(chosen);
        const guessed = tokens.filter(estimated);
        const tried = requests.filter((item) => /_dry_run$/.test(item.outcome));
        const now = lately();

        const known = now.seconds > 0;

        write('requests-rate',
            known ? rate(60 * now.requests / now.seconds) : '–');
        write('requests-total', number(sum(requests)));
        write('dry-run',
            tried.length ? `, ${number(sum(tried))} in dry run` : '');

        for (const name of ['modified', 'rejected']) {
            write(`${name}-share`,
                now.requests ? percent(now[name], now.requests) : '–');
            write(`${name}-total`, number(sum(requests.filter((item) => {
                return outcome(item) === name;
            }))));
        }

        write('tokens-rate', known ? rate(60 * now.tokens / now.seconds) : '–');
        write('tokens-total', number(sum(tokens)));
        write('tokens-estimated',
            guessed.length ? `, ${number(sum(guessed))} estimated` : '');
    }

    /* there are fewer readings in a page just opened, or after a gap */

    function period({ entries, seconds }, preposition) {
        const [first] = entries;

        if (seconds < RECENT && first === history.find((e) => e.counts)) {
            return 'since the page was opened';
        }

        return seconds < 0.9 * RECENT
            ? `since ${clock(first.at - first.seconds)}`
            : `${preposition} the last ${RECENT / 60} minutes`;
    }

    function showTimes() {
        const recent = recently();
        const median = quantile(recent, 0.5);
        const most = quantile(recent, 0.99);
        const read = `${bytes(status.request_body_bytes ?? 0)} read in total`;

        if (recent.entries.length === 0) {
            write('decide-period', 'median from the next reading on');

        } else {
            write('decide-period', median ? `median ${period(recent, 'of')}`
                : `no decision ${period(recent, 'in')}`);
        }

        if (!median) {
            write('decide-median', '–');
            write('decide-most', read);
            return;
        }

        write('decide-median', median.upper === Infinity
            ? `above ${duration(median.lower)}`
            : duration(median.lower
                + median.part * (median.upper - median.lower)));

        write('decide-most', `${most.upper === Infinity
            ? `more than 1 % above ${duration(most.lower)}`
            : `99 % within ${duration(most.upper)}`}, ${read}`);
    }

    function showAdjustments() {
        const items = merged(list(status.adjustments).filter(chosen),
            'parameter', 'action');
        const most = items.length ? items[0].count : 0;

        fill('adjustments', items.slice(0, ROWS).map((item) => row(
            make('div', '', item.parameter, bar(item.count / most)),
            item.action, { number: number(item.count) })));
    }

    /* the card is hidden until a request has been compared */

    function showCandidate() {
        const requests = list(status.candidate_requests);
        const of = (result) => sum(requests.filter((item) => {
            return item.result === result;
        }));

        element('candidate-card').hidden = requests.length === 0;

        fill('candidate', merged(
            list(status.candidate_differences).filter(chosen),
            'parameter', 'kind',
        ).slice(0, ROWS).map((item) => row(item.parameter,
            item.kind.replaceAll('_', ' '), { number: number(item.count) })));

        const compared = of('same') + of('different');

        write('candidate-requests', `${number(of('different'))} of ${
            counted(compared, 'request', 'requests')} would be treated ${
            'otherwise'}; the candidate was enforced for ${
            number(of('enforced'))}${
            of('failed') ? `, and failed for ${number(of('failed'))}` : ''}.`);
    }

    function showNearest() {
        const limits = status.limits ?? {};

        fill('nearest', list(limits.nearest).filter(chosen).slice(0, ROWS)
            .map((item) => {
                const share = item.allowed > 0 ? item.used / item.allowed : 1;
                const filled = bar(share);

                filled.classList.toggle('near', share >= 0.8 && share < 1);
                filled.classList.toggle('full', share >= 1);

                return row(
                    make('div', '', item.tenant,
                        make('small', '', tierName(item.tier))),
                    make('div', '', limitName(item.limit), filled),
                    { number: make('div', '',
                        percent(item.used, item.allowed || 1),
                        make('small', '', `${number(item.used)} of ${
                            number(item.allowed)}`)) });
            }));

        write('zone', limits.size ? `Zone ${limits.zone}: ${
            number(limits.keys)} callers, ${
            percent(limits.free, limits.size)} of ${bytes(limits.size)} free, ${
            number(limits.evicted)} evicted because it was full` : '');
    }

    function showTables() {
        fill('refusals', merged(list(status.refusals), 'code').slice(0, ROWS)
            .map((item) => row(item.code, { number: number(item.count) })));

        fill('limited',
            merged(list(status.limit_refusals).filter(chosen), 'tier', 'limit')
                .slice(0, ROWS).map((item) => row(
                    tierName(item.tier), limitName(item.limit),
                    { number: number(item.count) })));

        const tokens = list(status.tokens).filter(chosen);

        fill('tokens', merged(tokens, 'tier').slice(0, ROWS)
            .map(({ tier }) => {
                const of = (test) => ({
                    number: number(sum(tokens.filter((item) => {
                        return item.tier === tier && test(item);
                    }))),
                });

                return row(tierName(tier),
                    of((item) => item.kind === 'prompt'),
                    of((item) => item.kind === 'completion'),
                    of(estimated));
            }));
    }

    function counted(count, one, many) {
        return `${number(count)} ${count === 1 ? one : many}`;
    }

    function showDocuments() {
        const documents = list(status.documents);

        element('documents-empty').hidden = documents.length > 0;

        element('documents').replaceChildren(...documents.map((item) => make(
            'li', '',
            make('b', '', item.file),
            item.in_force ? make('span', 'pill', 'in force')
                : make('span', 'pill bad', 'change not loaded'),
            make('p', 'note', `Loaded ${moment(item.loaded)}, ${
                counted(item.tiers, 'tier', 'tiers')}, ${
                counted(item.tenants, 'tenant', 'tenants')}${
                item.failures ? `, ${counted(item.failures, 'change',
                    'changes')} not loaded` : ''}`),
            make('code', '', `sha256 ${item.sha256}`))));
    }

    function banner(title, text, code) {
        const made = make('div', 'banner', make('strong', '', title), text);

        if (code) {
            made.append(make('code', '', code));
        }

        return made;
    }

    /* written only if it changes, since screen readers read it out then */

    function showAlerts() {
        const banners = [];

        if (failure) {
            banners.push(banner('The status cannot be read', `${failure}. ${
                status ? `The figures are from ${clock(status.time)}. ` : ''
            }The page retries every ${INTERVAL / 1000} seconds.`));
        }

        for (const item of list(status?.documents)) {
            if (!item.in_force) {
                banners.push(banner('A changed policy was not loaded',
                    `${item.file} cannot be used. The document loaded at `
                    + `${moment(item.loaded)} remains in force.`, item.error));
            }
        }

        const text = (nodes) => nodes.map((node) => node.textContent).join();

        if (text(banners) !== text([...element('alerts').children])) {
            element('alerts').replaceChildren(...banners);
        }

        document.body.classList.toggle('old', !!failure);
    }

    function showTiers() {
        const select = element('tier');
        const names = new Set(['requests', 'adjustments', 'temperature',
            'tokens', 'limit_refusals', 'candidate_differences',
        ].flatMap((name) => {
            return list(status[name]).map((item) => tierName(item.tier));
        }));

        /* the chosen tier is kept, even if counters were reset */

        if (select.value) {
            names.add(select.value);
        }

        const wanted = [...names].sort();
        const there = [...select.options].slice(1).map(({ value }) => value);

        if (JSON.stringify(wanted) === JSON.stringify(there)) {
            return;
        }

        const { value } = select;

        while (select.options.length > 1) {
            select.remove(1);
        }

        select.append(...wanted.map((name) => {
            const option = make('option', '', name);

            option.value = name;
            return option;
        }));

        select.value = value;
    }

    function showState() {
        const state = element('state');

        state.classList.toggle('live', !failure && !paused && !!status);
        state.classList.toggle('lost', !!failure);

        if (paused) {
            write('state', 'Paused');

        } else if (failure) {
            write('state', 'No connection');

        } else if (status) {
            write('state', `Live, read at ${clock(status.time)}`);
        }
    }

    function show() {
        showAlerts();
        showState();

        if (!status) {
            return;
        }

        write('version', status.version ?? '');
        write('since', moment(status.since));

        showTiers();
        showFigures();
        showTimes();
        showFlow();
        showTemperature();
        showAdjustments();
        showCandidate();
        showNearest();
        showTables();
        showDocuments();
    }


    /* Reading the status. */

    async function fetched() {
        const response = await fetch(`${location.pathname}?format=json`, {
            cache: 'no-store',
            headers: { accept: 'application/json' },
            signal: AbortSignal.timeout(PATIENCE),
        });

        if (!response.ok) {
            throw new Error(`The gateway responded with ${response.status}`);
        }

        let value;

        try {
            value = await response.json();

        } catch {
            value = null;
        }

        if (typeof value?.time !== 'number') {
            throw new Error('The response is not a status');
        }

        return value;
    }

    function why(error) {
        if (error.name === 'TimeoutError') {
            return `No response within ${PATIENCE / 1000} seconds`;
        }

        return error instanceof TypeError ? 'The gateway cannot be reached'
            : error.message;
    }

    async function read() {
        if (reading) {
            return;
        }

        reading = true;
        clearTimeout(timer);

        try {
            const next = await fetched();

            remember(next);
            status = next;
            failure = null;

        } catch (error) {
            failure = why(error);
        }

        reading = false;
        show();
        schedule();
    }

    /* a hidden page sends no requests */

    function schedule() {
        clearTimeout(timer);

        if (!paused && !document.hidden) {
            timer = setTimeout(read, INTERVAL);
        }
    }

    function proceed() {
        if (paused || document.hidden) {
            clearTimeout(timer);

        } else {
            read();
        }
    }


    element('tier').addEventListener('change', show);

    element('pause').addEventListener('click', () => {
        paused = !paused;
        element('pause').setAttribute('aria-pressed', String(paused));
        showState();
        proceed();
    });

    document.addEventListener('visibilitychange', proceed);

    dark.addEventListener('change', () => {
        plots.forEach((made) => made.redraw(false));
    });

    element('flow-head').append(make('tr', '', ...['time',
        ...OUTCOMES.map((name) => TITLES[name])].map((title, i) => {
        const cell = make('th', i ? 'number' : '', title);

        cell.scope = 'col';
        return cell;
    })));

    element('temperature').hidden = true;
    element('flow').hidden = true;
    read();
}());
