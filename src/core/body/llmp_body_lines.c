
/*
 * Copyright (C) llm-policy authors
 */


#include "body/llmp_body_lines.h"
#include "dialect/llmp_dialect_tables.h"
#include "json/llmp_json_string.h"
#include "request/llmp_request.h"


static llmp_int_t llmp_body_lines_scan(llmp_body_lines_t *lines,
    const u_char *p, const u_char *end);
static llmp_int_t llmp_body_lines_start(llmp_body_lines_t *lines,
    uint64_t offset);
static llmp_int_t llmp_body_lines_end(llmp_body_lines_t *lines);
static llmp_int_t llmp_body_lines_check_members(llmp_body_lines_t *lines,
    llmp_refusal_t *refusal);
static llmp_int_t llmp_body_lines_check_url(llmp_body_lines_t *lines,
    const llmp_member_t *m, llmp_refusal_t *refusal);
static llmp_int_t llmp_body_lines_check_method(const llmp_member_t *m,
    llmp_refusal_t *refusal);
static llmp_int_t llmp_body_lines_refuse(llmp_body_lines_t *lines,
    const llmp_refusal_t *refusal);


void
llmp_body_lines_init(llmp_body_lines_t *lines, const llmp_decision_t *decision,
    llmp_pool_t *pool, uint64_t seed)
{
    memset(lines, 0, offsetof(llmp_body_lines_t, batch));

    lines->seed = seed;
    lines->policy = decision->policy;

    llmp_body_batch_init(&lines->batch, decision, pool);

    lines->dialect = decision->dialect->batch->dialect;
    lines->fixed = (lines->dialect != NULL);
    lines->known = lines->fixed;

    if (!lines->fixed) {

        /* assume the most common API until the first line is read */

        lines->dialect = &llmp_openai_chat;
    }
}


void
llmp_body_lines_restart(llmp_body_lines_t *lines)
{
    lines->again = 0;
    lines->inside = 0;
    lines->cr = 0;
    lines->nlines = 0;
    lines->media_count = 0;
    lines->media_bytes = 0;
}


llmp_int_t
llmp_body_lines_feed(llmp_body_lines_t *lines, uint64_t offset,
    const u_char *buf, size_t len)
{
    const u_char  *p, *end, *next;

    end = buf + len;

    for (p = buf; p < end && !lines->again; p = next) {

        if (lines->refusal.code != LLMP_REFUSE_NONE) {
            return LLMP_ERROR;
        }

        /* skip white space before a line, and empty lines */

        if (!lines->inside) {
            next = p + 1;

            if (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n') {
                continue;
            }

            if (llmp_body_lines_start(lines, offset + (p - buf)) != LLMP_OK) {
                return LLMP_ERROR;
            }
        }

        next = memchr(p, '\n', end - p);

        if (llmp_body_lines_scan(lines, p, (next != NULL) ? next : end)
            != LLMP_OK)
        {
            return LLMP_ERROR;
        }

        if (next == NULL) {
            break;
        }

        next++;

        if (llmp_body_lines_end(lines) != LLMP_OK) {
            return LLMP_ERROR;
        }
    }

    return (lines->refusal.code == LLMP_REFUSE_NONE) ? LLMP_OK : LLMP_ERROR;
}


/* refuses a carriage return alone: some readers take it for a line end */

static llmp_int_t
llmp_body_lines_scan(llmp_body_lines_t *lines, const u_char *p,
    const u_char *end)
{
    const u_char    *cr;
    llmp_refusal_t   refusal;

    if (p == end) {
        return LLMP_OK;
    }

    cr = memchr(p, '\r', end - p);

    /* report errors before it first, however the file is split */

    if (!lines->cr
        && llmp_scan_feed(&lines->scan, p, ((cr != NULL) ? cr : end) - p, 0)
           == LLMP_ERROR)
    {
        return llmp_body_lines_refuse(lines, &lines->scan.refusal);
    }

    if (lines->cr || (cr != NULL && cr != end - 1)) {
        (void) llmp_refuse(&refusal, LLMP_REFUSE_INVALID_JSON, NULL,
                           "a carriage return must be before a line feed");

        return llmp_body_lines_refuse(lines, &refusal);
    }

    lines->cr = (cr != NULL);

    return LLMP_OK;
}


static llmp_int_t
llmp_body_lines_start(llmp_body_lines_t *lines, uint64_t offset)
{
    if (lines->nlines == LLMP_BODY_LINES_MAX) {
        return llmp_refuse(&lines->refusal, LLMP_REFUSE_INVALID_FORM, NULL,
                           "more than %d requests in a file",
                           LLMP_BODY_LINES_MAX);
    }

    lines->nlines++;
    lines->start = offset;
    lines->inside = 1;
    lines->cr = 0;

    llmp_body_batch_next(&lines->batch);

    lines->batch.one.dialect = lines->dialect;

    /* the file's path may have a deployment, the url of a line has none */

    lines->batch.one.deployment = 0;

    llmp_scan_init(&lines->scan,
                   lines->policy->lines[llmp_dialect_index(lines->dialect)],
                   &lines->batch.scratch.pool, lines->seed);

    if (lines->batch.all.media_min != 0) {
        lines->scan.media_min = lines->batch.all.media_min;
    }

    lines->scan.unknown = llmp_tier_polices_unknown(lines->batch.one.tier);

    return LLMP_OK;
}


static llmp_int_t
llmp_body_lines_end(llmp_body_lines_t *lines)
{
    llmp_int_t      rc;
    llmp_refusal_t  refusal;

    lines->inside = 0;

    if (llmp_scan_feed(&lines->scan, (u_char *) "", 0, 1) != LLMP_OK) {
        return llmp_body_lines_refuse(lines, &lines->scan.refusal);
    }

    lines->batch.one.size = lines->scan.offset;
    lines->batch.one.media_count = lines->scan.media_count;
    lines->batch.one.media_bytes = lines->scan.media_bytes;

    lines->media_count += lines->scan.media_count;
    lines->media_bytes += lines->scan.media_bytes;

    rc = llmp_body_lines_check_members(lines, &refusal);

    if (rc == LLMP_DECLINED) {
        lines->again = 1;
        return LLMP_OK;
    }

    if (rc != LLMP_OK
        || llmp_body_batch_decide(&lines->batch, &lines->scan.members,
                                  lines->start, &refusal)
           != LLMP_OK)
    {
        return llmp_body_lines_refuse(lines, &refusal);
    }

    return LLMP_OK;
}


llmp_int_t
llmp_body_lines_finish(llmp_body_lines_t *lines)
{
    if (lines->refusal.code != LLMP_REFUSE_NONE) {
        return LLMP_ERROR;
    }

    /* the last line may lack its line feed */

    if (lines->inside && !lines->again
        && llmp_body_lines_end(lines) != LLMP_OK)
    {
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


/* returns LLMP_DECLINED if the request is to another API than assumed */

static llmp_int_t
llmp_body_lines_check_members(llmp_body_lines_t *lines, llmp_refusal_t *refusal)
{
    uint32_t              i;
    llmp_int_t            rc;
    const llmp_member_t  *m, *url, *body;

    url = NULL;
    body = NULL;

    for (i = 0; i < lines->scan.members.nelts; i++) {
        m = &lines->scan.members.elts[i];

        if (m->watch->rules.scope) {
            body = m;
        }

        if (m->watch->rules.role == LLMP_ROLE_URL) {
            url = m;
        }

        if (m->watch->rules.role == LLMP_ROLE_METHOD
            && llmp_body_lines_check_method(m, refusal) != LLMP_OK)
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

    rc = llmp_body_lines_check_url(lines, url, refusal);

    lines->known = (rc != LLMP_ERROR);

    return rc;
}


static llmp_int_t
llmp_body_lines_check_url(llmp_body_lines_t *lines, const llmp_member_t *m,
    llmp_refusal_t *refusal)
{
    u_char          *url;
    llmp_int_t       rc;
    llmp_request_t   request;

    if (m->type != LLMP_TYPE_STRING || m->cut) {
        return llmp_refuse(refusal, LLMP_REFUSE_INVALID_TYPE, LLMP_LINE_URL,
                           "%s must be a string of at most %d bytes",
                           LLMP_LINE_URL, LLMP_MEMBER_TEXT_MAX);
    }

    url = llmp_palloc(&lines->batch.scratch.pool, m->text.len);
    if (url == NULL) {
        return llmp_refuse(refusal, LLMP_REFUSE_INTERNAL, NULL,
                           "no memory to read the file");
    }

    llmp_request_init(&request);

    request.body = 1;
    request.target.data = url;
    request.target.len = llmp_json_string_decode(url, &m->text);
    request.path = request.target;

    rc = llmp_request_path(&request, lines->policy, refusal);

    if (rc == LLMP_ERROR) {
        return LLMP_ERROR;
    }

    if (rc != LLMP_OK || !request.dialect->batchable) {
        return llmp_refuse(refusal, LLMP_REFUSE_UNKNOWN_ROUTE, LLMP_LINE_URL,
                           "a file must not have requests to this url");
    }

    if (llmp_str_has(&request.target, "?", 1)) {

        /* an open pattern may match it, and the query is not checked */

        return llmp_refuse(refusal, LLMP_REFUSE_AMBIGUOUS_PATH, LLMP_LINE_URL,
                           "%s must have no query", LLMP_LINE_URL);
    }

    lines->batch.one.path_model = request.model;

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
llmp_body_lines_check_method(const llmp_member_t *m, llmp_refusal_t *refusal)
{
    if (llmp_str_is(&m->text, "\"POST\"")) {
        return LLMP_OK;
    }

    return llmp_refuse(refusal, LLMP_REFUSE_VALUE_NOT_ALLOWED,
                       LLMP_LINE_METHOD, "%s must be \"POST\"",
                       LLMP_LINE_METHOD);
}


static llmp_int_t
llmp_body_lines_refuse(llmp_body_lines_t *lines, const llmp_refusal_t *refusal)
{
    return llmp_refuse(&lines->refusal, refusal->code, refusal->param,
                       "line %zu: %s", (size_t) lines->nlines,
                       refusal->message);
}
