
/*
 * Copyright (C) llm-policy authors
 *
 * Refuses paths that an upstream may read as another path.
 */


#include "base/llmp_ascii.h"
#include "base/llmp_hex.h"
#include "base/llmp_pattern.h"
#include "policy/llmp_policy.h"
#include "request/llmp_request.h"
#include "request/llmp_request_target.h"


/* longest path in bytes that may have an escaped slash outside of the model */
#define LLMP_REQUEST_TARGET_MAX  1024


/* the decoded path, as far as it was read */

typedef struct {
    const llmp_request_t  *req;
    size_t                 len;
    size_t                 segment;   /* start of the segment */
    size_t                 slashes;   /* escaped ones outside of the model */
    u_char                 last[2];   /* the last two characters */
    unsigned               rewritten:1;  /* it is not the path of req */
    unsigned               escapes:1;
    unsigned               last_escaped:1;
    u_char                 opaque[LLMP_REQUEST_TARGET_MAX];
} llmp_request_target_t;


static llmp_uint_t llmp_request_target_is_ambiguous(const llmp_str_t *target);
static llmp_uint_t llmp_request_target_is_plain(const u_char *p,
    const u_char *end);
static llmp_uint_t llmp_request_target_is_dots(const u_char *p,
    const u_char *end);
static llmp_int_t llmp_request_target_decode(llmp_request_target_t *decoded);
static llmp_int_t llmp_request_target_add(llmp_request_target_t *decoded,
    u_char ch, llmp_uint_t escaped);
static llmp_int_t llmp_request_target_end_segment(
    llmp_request_target_t *decoded);
static llmp_uint_t llmp_request_target_in_model(const llmp_request_t *req,
    size_t offset);


/* marks characters of a path that are checked: controls, spaces, "#", "%", "/",
   ";", "?", "\\", and those that are not ASCII */

static const u_char  llmp_request_target_marks[256] = {
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
    1, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1
};


llmp_int_t
llmp_request_target_check(const llmp_request_t *req, const llmp_route_t *route,
    llmp_refusal_t *refusal)
{
    llmp_str_t             opaque;
    llmp_request_target_t  decoded;

    /*
     * nginx matches the normalised path; the upstream gets the path as sent by
     * the client, and may normalise it differently
     */

    if (route == NULL || !route->encoded) {

        if (!llmp_request_target_is_ambiguous(&req->target)) {
            return LLMP_OK;
        }

        return llmp_refuse(refusal, LLMP_REFUSE_AMBIGUOUS_PATH, NULL,
                           "the path must be written without escapes, \";\", "
                           "\"\\\", \"//\" and dot segments");
    }

    decoded.req = req;

    if (llmp_request_target_decode(&decoded) != LLMP_OK) {
        return llmp_refuse(refusal, LLMP_REFUSE_AMBIGUOUS_PATH, NULL,
                           "the path must not have, also not escaped, \";\", "
                           "\"\\\", \"?\", \"#\", \"//\", dot segments, "
                           "escapes of escapes, or characters that are not "
                           "visible ASCII");
    }

    if (decoded.slashes == 0) {
        return LLMP_OK;
    }

    /* an upstream that splits the path before it decodes must find the same
       route */

    opaque.data = decoded.opaque;
    opaque.len = decoded.len;

    if (req->model.len == 0 && decoded.len <= LLMP_REQUEST_TARGET_MAX
        && llmp_pattern_match(&route->path, &opaque, NULL) == LLMP_OK)
    {
        return LLMP_OK;
    }

    return llmp_refuse(refusal, LLMP_REFUSE_AMBIGUOUS_PATH, NULL,
                       "an escaped \"/\" must be part of the model in the "
                       "path");
}


static llmp_uint_t
llmp_request_target_is_ambiguous(const llmp_str_t *target)
{
    u_char  *p, *end;

    p = target->data;
    end = p + target->len;

    for ( /* void */ ; p < end; p++) {

        if (!llmp_request_target_marks[*p]) {
            continue;
        }

        if (*p == '?') {
            return 0;
        }

        if (*p == '/') {

            if (llmp_request_target_is_dots(p + 1, end)) {
                return 1;
            }

            continue;
        }

        if (*p == '%' && llmp_request_target_is_plain(p, end)) {
            p += 2;
            continue;
        }

        return 1;
    }

    return 0;
}


/*
 * Returns 1 if an escape is one of ":" or "@", which mean the same in a path
 * whether they are escaped or not (RFC 3986, section 3.3).  The AWS SDKs escape
 * the ":" in the name of a model (botocore 1.43, 2026-08), encodeURIComponent()
 * also the "@" in one of Vertex.
 */

static llmp_uint_t
llmp_request_target_is_plain(const u_char *p, const u_char *end)
{
    if (end - p < 3) {
        return 0;
    }

    return (p[1] == '3' && llmp_ascii_lower(p[2]) == 'a')
           || (p[1] == '4' && p[2] == '0');
}


/* returns 1 if a slash, or a segment "." or "..", begins at p */

static llmp_uint_t
llmp_request_target_is_dots(const u_char *p, const u_char *end)
{
    if (p == end || (*p != '/' && *p != '.')) {
        return 0;
    }

    if (*p++ == '/') {
        return 1;
    }

    if (p < end && *p == '.') {
        p++;
    }

    return p == end || *p == '/' || *p == '?';
}


/*
 * Decodes the path of a route with "encoded" once.  Returns LLMP_ERROR for what
 * a reader may take for another path whatever the route is: those that decode
 * twice, or before they look for "?", "#" and ";"; that take "\\" for "/";
 * that merge slashes and resolve dot segments before they decode, or after it;
 * and that trim white space, cut at controls, or read malformed UTF-8.
 */

static llmp_int_t
llmp_request_target_decode(llmp_request_target_t *decoded)
{
    int                high, low;
    u_char             ch;
    llmp_uint_t        escaped;
    const u_char      *p, *end;
    const llmp_str_t  *target;

    decoded->len = 0;
    decoded->segment = 0;
    decoded->slashes = 0;
    decoded->last[0] = '\0';
    decoded->last[1] = '\0';
    decoded->rewritten = 0;
    decoded->escapes = 0;

    target = &decoded->req->target;
    end = target->data + target->len;

    for (p = target->data; p < end && *p != '?'; p++) {
        ch = *p;
        escaped = (ch == '%');

        if (escaped) {
            high = (end - p > 2) ? llmp_hex_value(p[1]) : -1;
            low = (high >= 0) ? llmp_hex_value(p[2]) : -1;

            if (low < 0) {
                return LLMP_ERROR;
            }

            ch = (u_char) (high << 4 | low);
            p += 2;
        }

        if (llmp_request_target_add(decoded, ch, escaped) != LLMP_OK) {
            return LLMP_ERROR;
        }
    }

    /* nginx escapes a rewritten path anew, without the slashes */

    if (decoded->escapes
        && (decoded->rewritten || decoded->len != decoded->req->path.len))
    {
        return LLMP_ERROR;
    }

    /* a "/" at the end is the route's to match, unless it is escaped */

    return (decoded->len == decoded->segment && !decoded->last_escaped)
           ? LLMP_OK : llmp_request_target_end_segment(decoded);
}


static llmp_int_t
llmp_request_target_add(llmp_request_target_t *decoded, u_char ch,
    llmp_uint_t escaped)
{
    const llmp_str_t  *path;

    if (ch <= 0x20 || ch >= 0x7f || ch == ';' || ch == '\\' || ch == '?'
        || ch == '#')
    {
        return LLMP_ERROR;
    }

    /* "%2F" in the decoded path, or "%u002F", which IIS decodes */

    if ((decoded->last[0] == '%' && llmp_hex_value(decoded->last[1]) >= 0
         && llmp_hex_value(ch) >= 0)
        || (decoded->last[1] == '%' && llmp_ascii_lower(ch) == 'u'))
    {
        return LLMP_ERROR;
    }

    path = &decoded->req->path;

    if (decoded->len >= path->len || path->data[decoded->len] != ch) {
        decoded->rewritten = 1;
    }

    if (ch == '/') {

        if (decoded->len != 0
            && llmp_request_target_end_segment(decoded) != LLMP_OK)
        {
            return LLMP_ERROR;
        }

        decoded->segment = decoded->len + 1;

        if (escaped
            && !llmp_request_target_in_model(decoded->req, decoded->len))
        {
            decoded->slashes++;
            ch = 'a';
        }
    }

    if (decoded->len < LLMP_REQUEST_TARGET_MAX) {
        decoded->opaque[decoded->len] = ch;
    }

    decoded->last[0] = decoded->last[1];
    decoded->last[1] = ch;
    decoded->last_escaped = escaped;
    decoded->escapes |= escaped;
    decoded->len++;

    return LLMP_OK;
}


/* returns LLMP_ERROR for an empty segment and for dot segments */

static llmp_int_t
llmp_request_target_end_segment(llmp_request_target_t *decoded)
{
    size_t  len;

    len = decoded->len - decoded->segment;

    if (len == 0 || (len == 1 && decoded->last[1] == '.')
        || (len == 2 && decoded->last[0] == '.' && decoded->last[1] == '.'))
    {
        return LLMP_ERROR;
    }

    return LLMP_OK;
}


static llmp_uint_t
llmp_request_target_in_model(const llmp_request_t *req, size_t offset)
{
    size_t  start;

    if (req->model.len == 0) {
        return 0;
    }

    start = req->model.data - req->path.data;

    return offset >= start && offset < start + req->model.len;
}
