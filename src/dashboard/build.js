/*
 * Copyright (C) llm-policy authors
 *
 * Builds the dashboard, for util/dashboard: node build.js SOURCE OUT.
 *
 * The result is one document that includes its style and its script, and
 * a Content-Security-Policy with the hashes of both.
 */

'use strict';

const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');

const [source, out] = process.argv.slice(2);
const uplot = path.join(out, 'node_modules/uplot');


function read(...names) {
    return fs.readFileSync(path.join(...names), 'utf8').trim();
}


function sha256(text, encoding) {
    return createHash('sha256').update(text).digest(encoding);
}


/* a function as replacement, since "$" is special in a string */

function put(page, element, text) {
    if (text.toLowerCase().includes(`</${element}`)) {
        throw new Error(`the ${element} would end early`);
    }

    return page.replace(`<${element}></${element}>`,
        () => `<${element}>${text}</${element}>`);
}


function comment(text) {
    return `/*\n${text}\n*/\n`;
}


function bytes(page) {
    const lines = [];

    for (let i = 0; i < page.length; i += 12) {
        lines.push(`    ${[...page.subarray(i, i + 12)].map((byte) => {
            return `0x${byte.toString(16).padStart(2, '0')},`;
        }).join(' ')}`);
    }

    return lines.join('\n');
}


function header(page, policy) {
    return `
/* made by util/dashboard */


#define NGX_LLMP_PAGE_CSP${' '.repeat(53)}\\
    "${policy}"

#define NGX_LLMP_PAGE_ETAG${' '.repeat(52)}\\
    "\\"${sha256(page, 'hex').slice(0, 32)}\\""


static const unsigned char  ngx_llmp_page[] = {
${bytes(page)}
};
`;
}


const licence = read(uplot, 'LICENSE');

const style = comment(`uPlot\n\n${licence}`)
    + `${read(uplot, 'dist/uPlot.min.css')}\n${read(source, 'dashboard.css')}`;

const script = comment(licence)
    + `${read(uplot, 'dist/uPlot.iife.min.js')}\n`
    + `${read(source, 'dashboard.js')}`;

const page = Buffer.from(`${put(put(read(source, 'index.html'), 'style', style),
    'script', script)}\n`);

const policy = [
    "default-src 'none'",
    `script-src 'sha256-${sha256(script, 'base64')}'`,
    `style-src 'sha256-${sha256(style, 'base64')}'`,
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
].join('; ');

fs.writeFileSync(path.join(out, 'LICENSE.uPlot'), `${licence}\n`);
fs.writeFileSync(path.join(out, 'dashboard.html'), page);
fs.writeFileSync(path.join(out, 'ngx_llmp_dashboard_page.h'),
    header(page, policy));
