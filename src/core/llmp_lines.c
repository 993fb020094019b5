
/*
 * Copyright (C) llm-policy authors
 */


#include "llmp_dialects.h"
#include "llmp_lines.h"
#include "llmp_request.h"


/* how many changes back a text may be the same */
#define LLMP_LINES_RECENT  8

#define LLMP_LINES_EDITS   64


static llmp_int_t llmp_lines_part(llmp_lines_t *lines, const u_char *p,
    const u_char *end);
static llmp_int_t llmp_lines_start(llmp_lines_t *lines, uint64_t offset);
static llmp_int_t llmp_lines_end(llmp_lines_t *lines);
static llmp_int_t llmp_lines_dialect(llmp_lines_t *lines);
static llmp_int_t llmp_lines_url(llmp_lines_t *lines, const llmp_member_t *m);
static llmp_int_t llmp_lines_method(llmp_lines_t *lines,
    const llmp_member_t *m);
static llmp_int_t llmp_lines_decide(llmp_lines_t *lines);
static llmp_int_t llmp_lines_add(llmp_lines_t *lines);
static llmp_int_t llmp_lines_log(llmp_lines_t *lines);
static llmp_int_t llmp_lines_grow(llmp_lines_t *lines, llmp_uint_t n);
static llmp_int_t llmp_lines_text(llmp_lines_t *lines, llmp_str_t *text);
static llmp_int_t llmp_lines_copy(llmp_pool_t *pool, llmp_str_t *text);
static llmp_int_t llmp_lines_nomem(llmp_lines_t *lines);
static llmp_int_t llmp_lines_refuse(llmp_lines_t *lines,
    const llmp_refusal_t *refusal);


void
llmp_lines_init(llmp_lines_t *lines, const llmp_decision_t *decision,
    llmp_pool_t *pool, uint64_t seed)
{
    memset(lines, 0, offsetof(llmp_lines_t, scan));

    lines->pool = pool;
    lines->seed = seed;

    llmp_decision_init(&lines->all);
    llmp_scratch_init(&lines->scratch, pool);

    lines->all.policy = decision->policy;
    lines->all.tier = decision->tier;
    lines->all.digest = decision->digest;

    lines->dialect = decision->dialect->batch->dialect;
    lines->fixed = (lines->dialect != NULL);
    lines->known = lines->fixed;

    if (!lines->fixed) {

        /* until a line says, what most files are for */

        lines->dialect = &llmp_openai_chat;
    }
}


void
llmp_lines_again(llmp_lines_t *lines)
{
    lines->again = 0;
    lines->inside = 0;
    lines->cr = 0;
    lines->nlines = 0;
}


llmp_int_t
llmp_lines_feed(llmp_lines_t *lines, uint64_t offset, const u_char *buf,
    size_t len)
{
    const u_char  *p, *end, *next;

    end = buf + len;

    for (p = buf; p < end && !lines->again; p = next) {

        if (lines->refusal.code != LLMP_REFUSE_NONE) {
            return LLMP_ERROR;
        }

        /* white space before a line, or a line of nothing else */

        if (!lines->inside) {
            next = p + 1;

            if (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n') {
                continue;
            }

            if (llmp_lines_start(lines, offset + (p - buf)) != LLMP_OK) {
                return LLMP_ERROR;
            }
        }

        next = memchr(p, '\n', end - p);

        if (llmp_lines_part(lines, p, (next != NULL) ? next : end)
            != LLMP_OK)
        {
            return LLMP_ERROR;
        }

        if (next == NULL) {
            break;
        }

        next++;

        if (llmp_lines_end(lines) != LLMP_OK) {
            return LLMP_ERROR;
        }
    }

    return (lines->refusal.code == LLMP_REFUSE_NONE) ? LLMP_OK : LLMP_ERROR;
}


/* some readers take a carriage return alone for the end of a line */

static llmp_int_t
llmp_lines_part(llmp_lines_t *lines, const u_char *p, const u_char *end)
{
    const u_char    *cr;
    llmp_refusal_t   refusal;

    if (p == end) {
        return LLMP_OK;
    }

    cr = memchr(p, '\r', end - p);

    if (lines->cr || (cr != NULL && cr != end - 1)) {
        (void) llmp_refuse(&refusal, LLMP_REFUSE_INVALID_JSON, NULL,
                           "a carriage return must be before a line feed");

        return llmp_lines_refuse(lines, &refusal);
    }

    lines->cr = (cr != NULL);

    if (llmp_scan_feed(&lines->scan, p, end - p, 0) == LLMP_ERROR) {
        return llmp_lines_refuse(lines, &lines->scan.refusal);
    }

    return LLMP_OK;
}


static llmp_int_t
llmp_lines_start(llmp_lines_t *lines, uint64_t offset)
{
    const llmp_policy_t  *policy;

    policy = lines->all.policy;

    if (lines->nlines == LLMP_LINES_MAX) {
        return llmp_refuse(&lines->refusal, LLMP_REFUSE_INVALID_FORM, NULL,
                           "more than %d requests in a file", LLMP_LINES_MAX);
    }

    lines->nlines++;
    lines->start = offset;
    lines->inside = 1;
    lines->cr = 0;

    llmp_scratch_reset(&lines->scratch);

    llmp_scan_init(&lines->scan,
                   policy->lines[llmp_dialect_index(lines->dialect)],
                   &lines->scratch.pool, lines->seed);

    return LLMP_OK;
}


static llmp_int_t
llmp_lines_end(llmp_lines_t *lines)
{
    llmp_int_t  rc;

    lines->inside = 0;

    if (llmp_scan_feed(&lines->scan, (u_char *) "", 0, 1) != LLMP_OK) {
        return llmp_lines_refuse(lines, &lines->scan.refusal);
    }

    llmp_decision_init(&lines->one);

    rc = llmp_lines_dialect(lines);

    if (rc == LLMP_DECLINED) {
        lines->again = 1;
        return LLMP_OK;
    }

    if (rc != LLMP_OK || llmp_lines_decide(lines) != LLMP_OK) {
        (void) llmp_lines_log(lines);
        return llmp_lines_refuse(lines, &lines->one.refusal);
    }

    return llmp_lines_add(lines);
}


llmp_int_t
llmp_lines_finish(llmp_lines_t *lines)
{
    if (lines->refusal.code != LLMP_REFUSE_NONE) {
        return LLMP_ERROR;
    }

    /* the last line need not have an end */

    if (lines->inside && !lines->again && llmp_lines_end(lines) != LLMP_OK) {
        return LLMP_ERROR;
    }

    if (lines->again) {
        return LLMP_DECLINED;
    }

    if (lines->nlines == 0) {
        return llmp_refuse(&lines->refusal, LLMP_REFUSE_INVALID_FORM, NULL,
                           "the file has no request");
    }

    return LLMP_OK;
}


/* LLMP_DECLINED: the line is a request to another API than was guessed */

static llmp_int_t
llmp_lines_dialect(llmp_lines_t *lines)
{
    uint32_t              i;
    llmp_int_t            rc;
    llmp_refusal_t       *refusal;
    const llmp_member_t  *m, *url, *body;

    refusal = &lines->one.refusal;
    url = NULL;
    body = NULL;

    for (i = 0; i < lines->scan.members.nelts; i++) {
        m = &lines->scan.members.elts[i];

        if (m->watch->scope) {
            body = m;
        }

        if (m->watch->meaning == LLMP_MEANS_URL) {
            url = m;
        }

        if (m->watch->meaning == LLMP_MEANS_METHOD
            && llmp_lines_method(lines, m) != LLMP_OK)
        {
            return LLMP_ERROR;
        }
    }

    if (body == NULL) {
        return llmp_refuse(refusal, LLMP_REFUSE_PARAMETER_REQUIRED,
                           LLMP_LINE_BODY, "%s is required", LLMP_LINE_BODY);
    }

    if (lines->fixed) {
        return LLMP_OK;
    }

    if (url == NULL) {
        return llmp_refuse(refusal, LLMP_REFUSE_PARAMETER_REQUIRED,
                           LLMP_LINE_URL, "%s is required", LLMP_LINE_URL);
    }

    rc = llmp_lines_url(lines, url);

    lines->known = (rc != LLMP_ERROR);

    return rc;
}


static llmp_int_t
llmp_lines_url(llmp_lines_t *lines, const llmp_member_t *m)
{
    u_char           url[LLMP_TEXT_MAX];
    llmp_int_t       rc;
    llmp_refusal_t  *refusal;
    llmp_request_t   request;

    refusal = &lines->one.refusal;

    if (m->type != LLMP_TYPE_STRING || m->cut) {
        return llmp_refuse(refusal, LLMP_REFUSE_INVALID_TYPE, LLMP_LINE_URL,
                           "%s must be a string of at most %d bytes",
                           LLMP_LINE_URL, LLMP_TEXT_MAX);
    }

    llmp_request_init(&request);

    request.body = 1;
    request.target.data = url;
    request.target.len = llmp_unescape(url, &m->text);
    request.path = request.target;

    rc = llmp_request_path(&request, lines->all.policy, refusal);

    if (rc == LLMP_ERROR) {
        return LLMP_ERROR;
    }

    if (rc != LLMP_OK || !request.dialect->in_line) {
        return llmp_refuse(refusal, LLMP_REFUSE_UNKNOWN_ROUTE, LLMP_LINE_URL,
                           "a file must not have requests to this url");
    }

    if (llmp_lines_copy(&lines->scratch.pool, &request.model) != LLMP_OK) {
        return llmp_refuse(refusal, LLMP_REFUSE_INTERNAL, NULL,
                           "no memory to read the file");
    }

    lines->one.path_model = request.model;

    if (request.dialect == lines->dialect) {
        return LLMP_OK;
    }

    if (lines->known) {
        return llmp_refuse(refusal, LLMP_REFUSE_VALUE_NOT_ALLOWED,
                           LLMP_LINE_URL, "%s is not that of the lines before",
                           LLMP_LINE_URL);
    }

    lines->dialect = request.dialect;

    return LLMP_DECLINED;
}


static llmp_int_t
llmp_lines_method(llmp_lines_t *lines, const llmp_member_t *m)
{
    static const llmp_str_t  post = llmp_string("\"POST\"");

    if (llmp_str_eq(&m->text, &post)) {
        return LLMP_OK;
    }

    return llmp_refuse(&lines->one.refusal, LLMP_REFUSE_VALUE_NOT_ALLOWED,
                       LLMP_LINE_METHOD, "%s must be \"POST\"",
                       LLMP_LINE_METHOD);
}


static llmp_int_t
llmp_lines_decide(llmp_lines_t *lines)
{
    llmp_decision_t  *one;

    one = &lines->one;

    one->policy = lines->all.policy;
    one->tier = lines->all.tier;
    one->dialect = lines->dialect;
    one->digest = lines->all.digest;

    return llmp_decide(one, &lines->scan.members, &lines->scratch.pool);
}


/* what was decided on a line joins what was on those before */

static llmp_int_t
llmp_lines_add(llmp_lines_t *lines)
{
    llmp_uint_t    i;
    llmp_edit_t   *e;
    llmp_edits_t  *from, *to;

    from = &lines->one.edits;
    to = &lines->all.edits;

    if (to->nelts + from->nelts > LLMP_LINE_EDITS_MAX) {
        return llmp_refuse(&lines->refusal, LLMP_REFUSE_INVALID_FORM, NULL,
                           "more than %d changes in a file",
                           LLMP_LINE_EDITS_MAX);
    }

    if (llmp_lines_grow(lines, from->nelts) != LLMP_OK) {
        return llmp_lines_nomem(lines);
    }

    for (i = 0; i < from->nelts; i++) {
        e = &to->elts[to->nelts];

        *e = from->elts[i];
        e->offset += lines->start;

        if (llmp_lines_text(lines, &e->text) != LLMP_OK) {
            return llmp_lines_nomem(lines);
        }

        to->nelts++;
    }

    to->growth += from->growth;

    return (llmp_lines_log(lines) == LLMP_OK) ? LLMP_OK
                                              : llmp_lines_nomem(lines);
}


static llmp_int_t
llmp_lines_log(llmp_lines_t *lines)
{
    llmp_uint_t       i;
    llmp_change_t    *change;
    llmp_decision_t  *one, *all;

    one = &lines->one;
    all = &lines->all;

    for (i = 0; i < one->nchanges && i < LLMP_CHANGES_MAX; i++) {

        if (all->nchanges + i >= LLMP_CHANGES_MAX) {
            break;
        }

        change = &all->changes[all->nchanges + i];
        *change = one->changes[i];

        if (llmp_lines_copy(lines->pool, &change->requested) != LLMP_OK
            || llmp_lines_copy(lines->pool, &change->effective) != LLMP_OK)
        {
            return LLMP_ERROR;
        }
    }

    all->nchanges += one->nchanges;

    if (lines->nlines != 1) {
        return LLMP_OK;
    }

    all->model = one->model;

    if (llmp_lines_copy(lines->pool, &all->model) != LLMP_OK) {
        return LLMP_ERROR;
    }

    for (i = 0; i < LLMP_PARAM_MAX; i++) {
        change = &all->params[i];
        *change = one->params[i];

        if (llmp_lines_copy(lines->pool, &change->requested) != LLMP_OK
            || llmp_lines_copy(lines->pool, &change->effective) != LLMP_OK)
        {
            return LLMP_ERROR;
        }
    }

    return LLMP_OK;
}


static llmp_int_t
llmp_lines_grow(llmp_lines_t *lines, llmp_uint_t n)
{
    llmp_uint_t    size;
    llmp_edit_t   *elts;
    llmp_edits_t  *edits;

    edits = &lines->all.edits;
    size = lines->edits_size;

    if (edits->nelts + n <= size) {
        return LLMP_OK;
    }

    if (size == 0) {
        size = LLMP_LINES_EDITS;
    }

    while (size < edits->nelts + n) {
        size *= 2;
    }

    elts = llmp_palloc(lines->pool, size * sizeof(llmp_edit_t));
    if (elts == NULL) {
        return LLMP_ERROR;
    }

    if (edits->nelts != 0) {
        memcpy(elts, edits->elts, edits->nelts * sizeof(llmp_edit_t));
    }

    edits->elts = elts;
    lines->edits_size = size;

    return LLMP_OK;
}


/* most lines are changed alike: they share the text */

static llmp_int_t
llmp_lines_text(llmp_lines_t *lines, llmp_str_t *text)
{
    llmp_uint_t    i, n;
    llmp_edits_t  *edits;

    edits = &lines->all.edits;
    n = edits->nelts;

    for (i = 1; i <= LLMP_LINES_RECENT && i <= n; i++) {
        if (llmp_str_eq(&edits->elts[n - i].text, text)) {
            *text = edits->elts[n - i].text;
            return LLMP_OK;
        }
    }

    return llmp_lines_copy(lines->pool, text);
}


static llmp_int_t
llmp_lines_copy(llmp_pool_t *pool, llmp_str_t *text)
{
    u_char  *p;

    if (text->len == 0) {
        return LLMP_OK;
    }

    p = llmp_palloc(pool, text->len);
    if (p == NULL) {
        return LLMP_ERROR;
    }

    text->data = memcpy(p, text->data, text->len);

    return LLMP_OK;
}


static llmp_int_t
llmp_lines_nomem(llmp_lines_t *lines)
{
    return llmp_refuse(&lines->refusal, LLMP_REFUSE_INTERNAL, NULL,
                       "no memory to read the file");
}


static llmp_int_t
llmp_lines_refuse(llmp_lines_t *lines, const llmp_refusal_t *refusal)
{
    return llmp_refuse(&lines->refusal, refusal->code, refusal->param,
                       "line %zu: %s", (size_t) lines->nlines,
                       refusal->message);
}
