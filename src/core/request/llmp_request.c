
/*
 * Copyright (C) llm-policy authors
 */


#include "base/llmp_field.h"
#include "base/llmp_media_type.h"
#include "request/llmp_request.h"
#include "base/llmp_ascii.h"
#include "watch/llmp_watch_words.h"


/* a longer path is taken to resemble some route */
#define LLMP_LIKE_MAX  1024


typedef void (*llmp_header_pt)(llmp_request_t *req, const llmp_str_t *value);


typedef struct {
    llmp_str_t       name;     /* in lower case */
    llmp_header_pt   note;
} llmp_header_t;


static llmp_uint_t llmp_header_is(const llmp_str_t *known,
    const llmp_str_t *name);
static void llmp_header_content_type(llmp_request_t *req,
    const llmp_str_t *value);
static void llmp_header_content_encoding(llmp_request_t *req,
    const llmp_str_t *value);
static void llmp_header_upgrade(llmp_request_t *req, const llmp_str_t *value);
static void llmp_header_override(llmp_request_t *req,
    const llmp_str_t *value);
static void llmp_header_digest(llmp_request_t *req, const llmp_str_t *value);
static void llmp_header_authorization(llmp_request_t *req,
    const llmp_str_t *value);
static void llmp_header_x_api_key(llmp_request_t *req,
    const llmp_str_t *value);
static void llmp_header_api_key(llmp_request_t *req, const llmp_str_t *value);
static void llmp_header_x_goog_api_key(llmp_request_t *req,
    const llmp_str_t *value);
static void llmp_header_key(llmp_request_t *req, const llmp_str_t *value,
    llmp_uint_t rank);

static llmp_int_t llmp_request_route(llmp_request_t *req,
    const llmp_policy_t *policy, llmp_refusal_t *refusal);
static llmp_int_t llmp_request_builtin(llmp_request_t *req,
    const llmp_policy_t *policy, llmp_refusal_t *refusal);
static llmp_uint_t llmp_request_like(const llmp_str_t *path,
    const llmp_policy_t *policy);
static llmp_uint_t llmp_request_like_route(const llmp_route_t *route,
    const llmp_str_t *trimmed, const llmp_str_t *lower);
static llmp_uint_t llmp_request_ambiguous(const llmp_str_t *target);
static llmp_uint_t llmp_request_dots(const u_char *p, const u_char *end);
static llmp_int_t llmp_request_head(llmp_request_t *req,
    const llmp_policy_t *policy, llmp_refusal_t *refusal);
static llmp_int_t llmp_request_media(llmp_request_t *req,
    llmp_refusal_t *refusal);
static const llmp_watch_t *llmp_request_query(const llmp_str_t *target,
    const llmp_watch_t *root);
static llmp_int_t llmp_request_tier(llmp_caller_t *caller,
    const llmp_policy_t *policy, const llmp_str_t *tier_name,
    const llmp_str_t *key, llmp_refusal_t *refusal);
static const llmp_limits_t *llmp_request_limits(const llmp_caller_t *caller);
static void llmp_query_decode(u_char *dst, const u_char **src,
    const u_char *end);


static const llmp_header_t  llmp_headers_6[] = {
    { llmp_string("digest"), llmp_header_digest },
    { llmp_null_string, NULL }
};

static const llmp_header_t  llmp_headers_7[] = {
    { llmp_string("upgrade"), llmp_header_upgrade },
    { llmp_string("api-key"), llmp_header_api_key },
    { llmp_null_string, NULL }
};

static const llmp_header_t  llmp_headers_9[] = {
    { llmp_string("x-api-key"), llmp_header_x_api_key },
    { llmp_string("signature"), llmp_header_digest },
    { llmp_null_string, NULL }
};

static const llmp_header_t  llmp_headers_11[] = {
    { llmp_string("content-md5"), llmp_header_digest },
    { llmp_string("repr-digest"), llmp_header_digest },
    { llmp_null_string, NULL }
};

static const llmp_header_t  llmp_headers_12[] = {
    { llmp_string("content-type"), llmp_header_content_type },
    { llmp_null_string, NULL }
};

static const llmp_header_t  llmp_headers_13[] = {
    { llmp_string("authorization"), llmp_header_authorization },
    { llmp_string("x-http-method"), llmp_header_override },
    { llmp_string("x-rewrite-url"), llmp_header_override },
    { llmp_null_string, NULL }
};

static const llmp_header_t  llmp_headers_14[] = {
    { llmp_string("x-goog-api-key"), llmp_header_x_goog_api_key },
    { llmp_string("x-original-url"), llmp_header_override },
    { llmp_string("content-digest"), llmp_header_digest },
    { llmp_null_string, NULL }
};

static const llmp_header_t  llmp_headers_16[] = {
    { llmp_string("content-encoding"), llmp_header_content_encoding },
    { llmp_null_string, NULL }
};

static const llmp_header_t  llmp_headers_17[] = {
    { llmp_string("x-method-override"), llmp_header_override },
    { llmp_null_string, NULL }
};

static const llmp_header_t  llmp_headers_20[] = {
    { llmp_string("x-amz-content-sha256"), llmp_header_digest },
    { llmp_null_string, NULL }
};

static const llmp_header_t  llmp_headers_22[] = {
    { llmp_string("x-http-method-override"), llmp_header_override },
    { llmp_null_string, NULL }
};


/* by the length of their names: a request has many that do not matter */

static const llmp_header_t *const  llmp_headers[] = {
    [6] = llmp_headers_6,
    [7] = llmp_headers_7,
    [9] = llmp_headers_9,
    [11] = llmp_headers_11,
    [12] = llmp_headers_12,
    [13] = llmp_headers_13,
    [14] = llmp_headers_14,
    [16] = llmp_headers_16,
    [17] = llmp_headers_17,
    [20] = llmp_headers_20,
    [22] = llmp_headers_22
};

#define LLMP_HEADERS  (sizeof(llmp_headers) / sizeof(llmp_headers[0]))


/* what may not stand in a path wherever it likes: controls, spaces, "#", "%",
   "/", ";", "?", "\\", and what is not ASCII */

static const u_char  llmp_path_marks[256] = {
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


void
llmp_request_init(llmp_request_t *req)
{
    memset(req, 0, sizeof(llmp_request_t));
}


void
llmp_request_header(llmp_request_t *req, const llmp_str_t *name,
    const llmp_str_t *value)
{
    const llmp_header_t  *h;

    h = (name->len < LLMP_HEADERS) ? llmp_headers[name->len] : NULL;

    for ( /* void */ ; h != NULL && h->note != NULL; h++) {

        if (llmp_header_is(&h->name, name)) {
            h->note(req, value);
            return;
        }
    }
}


/* most names are given in lower case; many begin alike */

static llmp_uint_t
llmp_header_is(const llmp_str_t *known, const llmp_str_t *name)
{
    u_char  ch;
    size_t  i;

    i = name->len - 1;

    if (llmp_ascii_lower(name->data[i]) != known->data[i]) {
        return 0;
    }

    if (memcmp(known->data, name->data, i) == 0) {
        return 1;
    }

    for ( /* void */ ; i != 0; i--) {
        ch = llmp_ascii_lower(name->data[i - 1]);

        if (ch == '_') {
            ch = '-';
        }

        if (ch != known->data[i - 1]) {
            return 0;
        }
    }

    return 1;
}


static void
llmp_header_content_type(llmp_request_t *req, const llmp_str_t *value)
{
    req->content_type = *value;
    req->content_types = (req->content_types == 0) ? 1 : 2;
}


static void
llmp_header_content_encoding(llmp_request_t *req, const llmp_str_t *value)
{
    req->content_encoding = *value;
    req->content_encodings = (req->content_encodings == 0) ? 1 : 2;
}


static void
llmp_header_upgrade(llmp_request_t *req, const llmp_str_t *value)
{
    (void) value;

    req->upgrade = 1;
}


static void
llmp_header_override(llmp_request_t *req, const llmp_str_t *value)
{
    (void) value;

    req->override = 1;
}


static void
llmp_header_digest(llmp_request_t *req, const llmp_str_t *value)
{
    (void) value;

    req->digest = 1;
}


static void
llmp_header_authorization(llmp_request_t *req, const llmp_str_t *value)
{
    llmp_str_t  rest;

    rest = *value;
    llmp_field_spaces(&rest);

    if (llmp_field_token(&rest, "aws4-")) {

        /* AWS Signature Version 4 covers a hash of the body */

        req->digest = 1;
        return;
    }

    if (!llmp_field_token(&rest, "bearer") || rest.len == 0
        || (rest.data[0] != ' ' && rest.data[0] != '\t'))
    {
        return;
    }

    llmp_header_key(req, &rest, 4);
}


static void
llmp_header_x_api_key(llmp_request_t *req, const llmp_str_t *value)
{
    llmp_header_key(req, value, 3);
}


static void
llmp_header_api_key(llmp_request_t *req, const llmp_str_t *value)
{
    llmp_header_key(req, value, 2);
}


static void
llmp_header_x_goog_api_key(llmp_request_t *req, const llmp_str_t *value)
{
    llmp_header_key(req, value, 1);
}


/* of several, the first of the highest rank */

static void
llmp_header_key(llmp_request_t *req, const llmp_str_t *value,
    llmp_uint_t rank)
{
    llmp_str_t  key;

    key = *value;
    llmp_field_spaces(&key);

    while (key.len != 0
           && (key.data[key.len - 1] == ' ' || key.data[key.len - 1] == '\t'))
    {
        key.len--;
    }

    if (key.len != 0 && rank > req->key_rank) {
        req->key = key;
        req->key_rank = rank;
    }
}


llmp_int_t
llmp_request_check(llmp_request_t *req, const llmp_policy_t *policy,
    llmp_refusal_t *refusal)
{
    llmp_int_t  rc;

    req->dialect = NULL;

    if (!req->body && !req->upgrade) {
        return LLMP_DECLINED;
    }

    rc = llmp_request_path(req, policy, refusal);

    if (rc != LLMP_OK) {
        return rc;
    }

    return llmp_request_head(req, policy, refusal);
}


llmp_int_t
llmp_request_path(llmp_request_t *req, const llmp_policy_t *policy,
    llmp_refusal_t *refusal)
{
    llmp_int_t  rc;

    rc = llmp_request_route(req, policy, refusal);

    /*
     * nginx has matched the normalised path; the upstream gets the client's
     * spelling of it, and may normalise otherwise
     */

    if (req->body && llmp_request_ambiguous(&req->target)) {
        return llmp_refuse(refusal, LLMP_REFUSE_AMBIGUOUS_PATH, NULL,
                           "the path must be written without escapes, \";\", "
                           "\"\\\", \"//\" and dot segments");
    }

    return rc;
}


static llmp_int_t
llmp_request_route(llmp_request_t *req, const llmp_policy_t *policy,
    llmp_refusal_t *refusal)
{
    llmp_int_t           rc;
    llmp_uint_t          i;
    const llmp_route_t  *route;

    for (i = 0; i < policy->nroutes; i++) {
        route = &policy->routes[i];

        rc = llmp_pattern_match(&route->path, &req->path, &req->model);

        if (rc == LLMP_DECLINED) {
            continue;
        }

        if (rc != LLMP_OK) {
            return llmp_refuse(refusal, LLMP_REFUSE_INTERNAL, NULL,
                               "the path could not be matched");
        }

        if (route->action == LLMP_ROUTE_PASS) {
            return LLMP_DECLINED;
        }

        if (route->action == LLMP_ROUTE_REJECT) {
            return llmp_refuse(refusal, LLMP_REFUSE_UNKNOWN_ROUTE, NULL,
                               "requests to this path are not permitted");
        }

        req->dialect = route->dialect;
        return LLMP_OK;
    }

    return llmp_request_builtin(req, policy, refusal);
}


static llmp_int_t
llmp_request_builtin(llmp_request_t *req, const llmp_policy_t *policy,
    llmp_refusal_t *refusal)
{
    if (req->upgrade) {
        return llmp_refuse(refusal, LLMP_REFUSE_UNKNOWN_ROUTE, NULL,
                           "the connection cannot be upgraded here");
    }

    req->dialect = llmp_dialect_path(policy->paths, &req->path, &req->model);

    if (req->dialect != NULL) {
        return LLMP_OK;
    }

    if (!req->pass_unmatched) {
        return llmp_refuse(refusal, LLMP_REFUSE_UNKNOWN_ROUTE, NULL,
                           "no route is known for this path, and the request "
                           "has a body");
    }

    if (llmp_request_like(&req->path, policy)) {
        return llmp_refuse(refusal, LLMP_REFUSE_AMBIGUOUS_PATH, NULL,
                           "the path is spelt almost like a known one");
    }

    return LLMP_DECLINED;
}


/*
 * Whether a lax upstream could take the path for that of a policed route: in
 * another case, with slashes or white space at its end, with parameters, or
 * with something before it.
 */

static llmp_uint_t
llmp_request_like(const llmp_str_t *path, const llmp_policy_t *policy)
{
    u_char       *p, buf[LLMP_LIKE_MAX];
    size_t        i;
    llmp_str_t    trimmed, lower, model;
    llmp_uint_t   n;

    trimmed = *path;

    p = memchr(path->data, ';', path->len);
    if (p != NULL) {
        trimmed.len = p - path->data;
    }

    while (trimmed.len > 0
           && (trimmed.data[trimmed.len - 1] == '/'
               || trimmed.data[trimmed.len - 1] <= ' '))
    {
        trimmed.len--;
    }

    if (trimmed.len > LLMP_LIKE_MAX) {
        return 1;
    }

    for (i = 0; i < trimmed.len; i++) {
        buf[i] = llmp_ascii_lower(trimmed.data[i]);
    }

    lower.data = buf;
    lower.len = trimmed.len;

    for (n = 0; n < policy->nroutes; n++) {
        if (llmp_request_like_route(&policy->routes[n], &trimmed, &lower)) {
            return 1;
        }
    }

    return llmp_dialect_route(&lower, &model) != NULL
           || llmp_dialect_route_like(&lower);
}


static llmp_uint_t
llmp_request_like_route(const llmp_route_t *route, const llmp_str_t *trimmed,
    const llmp_str_t *lower)
{
    size_t             i;
    const llmp_str_t  *text;

    if (route->action == LLMP_ROUTE_PASS) {
        return 0;
    }

    if (route->path.code != NULL) {
        return llmp_pattern_match(&route->path, trimmed, NULL)
               != LLMP_DECLINED
               || llmp_pattern_match(&route->path, lower, NULL)
                  != LLMP_DECLINED;
    }

    text = &route->path.text;

    if (text->len != lower->len) {
        return 0;
    }

    for (i = 0; i < text->len; i++) {
        if (llmp_ascii_lower(text->data[i]) != lower->data[i]) {
            return 0;
        }
    }

    return 1;
}


static llmp_uint_t
llmp_request_ambiguous(const llmp_str_t *target)
{
    u_char  *p, *end;

    p = target->data;
    end = p + target->len;

    for ( /* void */ ; p < end; p++) {

        if (!llmp_path_marks[*p]) {
            continue;
        }

        if (*p == '?') {
            return 0;
        }

        if (*p == '/') {

            if (llmp_request_dots(p + 1, end)) {
                return 1;
            }

            continue;
        }

        if (*p == '%' && end - p > 2 && p[1] == '3'
            && llmp_ascii_lower(p[2]) == 'a')
        {
            /* clients of AWS write the colons of a model's name so */

            p += 2;
            continue;
        }

        return 1;
    }

    return 0;
}


/* "/", or "." or ".." that is ended by a slash or by the path's end */

static llmp_uint_t
llmp_request_dots(const u_char *p, const u_char *end)
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


static llmp_int_t
llmp_request_head(llmp_request_t *req, const llmp_policy_t *policy,
    llmp_refusal_t *refusal)
{
    char                 path[LLMP_PARAM_NAME];
    const llmp_watch_t  *w;

    if (req->upgrade) {
        return llmp_refuse(refusal, LLMP_REFUSE_UNKNOWN_ROUTE, NULL,
                           "the connection cannot be upgraded here");
    }

    if (!req->post) {
        return llmp_refuse(refusal, LLMP_REFUSE_UNKNOWN_ROUTE, NULL,
                           "a request with a body to this path must be a "
                           "POST");
    }

    if (req->override) {
        return llmp_refuse(refusal, LLMP_REFUSE_AMBIGUOUS_PATH, NULL,
                           "a header field asks for another method or path");
    }

    w = llmp_request_query(&req->target,
                           policy->watch[llmp_dialect_index(req->dialect)]);

    if (w != NULL) {
        return llmp_refuse(refusal, LLMP_REFUSE_UNDERMINES_POLICY,
                           llmp_watch_path(w, path, sizeof(path)),
                           "%s must not stand in the query", path);
    }

    return llmp_request_media(req, refusal);
}


static llmp_int_t
llmp_request_media(llmp_request_t *req, llmp_refusal_t *refusal)
{
    llmp_str_t  rest;

    if (req->dialect->form) {

        if (req->content_types != 1
            || !llmp_media_form(&req->content_type, &req->boundary))
        {
            return llmp_refuse(refusal, LLMP_REFUSE_CONTENT_TYPE, NULL,
                               "the request must have one Content-Type, "
                               "multipart/form-data, with a boundary alone");
        }

    } else if (req->content_types != 1
               || !llmp_media_json(&req->content_type))
    {
        return llmp_refuse(refusal, LLMP_REFUSE_CONTENT_TYPE, NULL,
                           "the request must have one Content-Type, "
                           "application/json, in UTF-8");
    }

    if (req->content_encodings == 0) {
        return LLMP_OK;
    }

    rest = req->content_encoding;
    llmp_field_spaces(&rest);

    if (req->content_encodings == 1 && llmp_field_token(&rest, "identity")) {
        llmp_field_spaces(&rest);

        if (rest.len == 0) {
            return LLMP_OK;
        }
    }

    return llmp_refuse(refusal, LLMP_REFUSE_CONTENT_ENCODING, NULL,
                       "the request must not have a Content-Encoding");
}


/*
 * Some frameworks mix the query's arguments with the body's members, under
 * names such as "temperature", "options[temperature]", or "max.tokens".
 * Returns what an argument's name, or a word in it, names.
 */

static const llmp_watch_t *
llmp_request_query(const llmp_str_t *target, const llmp_watch_t *root)
{
    u_char               ch;
    llmp_uint_t          in_name;
    const u_char        *p, *end;
    llmp_words_t         words;
    const llmp_watch_t  *w;

    end = target->data + target->len;
    p = memchr(target->data, '?', target->len);

    if (p == NULL) {
        return NULL;
    }

    p++;
    in_name = 1;

    /* whether an answer is streamed, many APIs let the query say */

    llmp_words_init(&words, root, llmp_mask(LLMP_STREAM));

    while (p <= end) {

        if (p == end || *p == '&' || *p == ';') {
            ch = 0;
            p++;

        } else if (*p == '=') {
            ch = '=';
            p++;

        } else {
            llmp_query_decode(&ch, &p, end);
        }

        if (in_name && ch != 0 && ch != '=') {
            w = llmp_words_take(&words, ch);

        } else {
            w = in_name ? llmp_words_end(&words) : NULL;
            in_name = (ch == 0);
        }

        if (w != NULL) {
            return w;
        }
    }

    return NULL;
}


static void
llmp_query_decode(u_char *dst, const u_char **src, const u_char *end)
{
    u_char         ch, hex;
    llmp_uint_t    i;
    const u_char  *p;

    p = *src;
    ch = *p++;
    *src = p;
    *dst = ch;

    if (ch != '%' || end - p < 2) {
        return;
    }

    ch = 0;

    for (i = 0; i < 2; i++) {
        hex = p[i] | 0x20;

        if (p[i] >= '0' && p[i] <= '9') {
            hex = p[i] - '0';

        } else if (hex >= 'a' && hex <= 'f') {
            hex = hex - 'a' + 10;

        } else {
            return;
        }

        ch = (u_char) (ch << 4 | hex);
    }

    /* an escaped separator is part of the name, but of no word */

    *dst = (ch == 0 || ch == '=') ? '.' : ch;
    *src = p + 2;
}


llmp_int_t
llmp_request_caller(llmp_caller_t *caller, const llmp_policy_t *policy,
    const llmp_str_t *tier_name, const llmp_str_t *key,
    llmp_refusal_t *refusal)
{
    llmp_int_t  rc;

    caller->tenant = NULL;
    caller->unknown_tier = 0;
    caller->hashed = 0;

    rc = llmp_request_tier(caller, policy, tier_name, key, refusal);

    caller->limits = (rc == LLMP_OK) ? llmp_request_limits(caller) : NULL;

    return rc;
}


static llmp_int_t
llmp_request_tier(llmp_caller_t *caller, const llmp_policy_t *policy,
    const llmp_str_t *tier_name, const llmp_str_t *key,
    llmp_refusal_t *refusal)
{
    caller->tier = policy->default_tier;

    if (tier_name->len != 0) {
        caller->tier = llmp_policy_tier(policy, tier_name);

        if (caller->tier == NULL) {
            caller->tier = policy->default_tier;
            caller->unknown_tier = 1;
        }

        return LLMP_OK;
    }

    if (key->len != 0 && policy->nkeys != 0) {

        if (llmp_key_hash(caller->hash, key) != LLMP_OK) {
            return llmp_refuse(refusal, LLMP_REFUSE_INTERNAL, NULL,
                               "the API key could not be looked up");
        }

        caller->hashed = 1;
        caller->tenant = llmp_policy_tenant(policy, caller->hash);
    }

    if (caller->tenant != NULL) {
        caller->tier = caller->tenant->tier;
        return LLMP_OK;
    }

    if (policy->reject_unknown_key) {
        return llmp_refuse(refusal, LLMP_REFUSE_UNKNOWN_KEY, NULL,
                           (key->len != 0) ? "the API key is not known"
                                           : "an API key is required");
    }

    return LLMP_OK;
}


static const llmp_limits_t *
llmp_request_limits(const llmp_caller_t *caller)
{
    llmp_limit_e          i;
    const llmp_limits_t  *limits;

    limits = (caller->tenant != NULL) ? &caller->tenant->limits
                                      : &caller->tier->limits;

    for (i = 0; i < LLMP_LIMIT_MAX; i++) {
        if (limits->max[i] != 0) {
            return limits;
        }
    }

    return NULL;
}
