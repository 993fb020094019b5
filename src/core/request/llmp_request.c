
/*
 * Copyright (C) llm-policy authors
 */


#include "base/llmp_field.h"
#include "base/llmp_media_type.h"
#include "policy/llmp_policy.h"
#include "request/llmp_request.h"
#include "request/llmp_request_query.h"
#include "watch/llmp_watch.h"


static llmp_int_t llmp_request_check_head(llmp_request_t *req,
    const llmp_policy_t *policy, llmp_refusal_t *refusal);
static llmp_int_t llmp_request_check_media(llmp_request_t *req,
    llmp_refusal_t *refusal);


void
llmp_request_init(llmp_request_t *req)
{
    memset(req, 0, sizeof(llmp_request_t));
}


llmp_int_t
llmp_request_check(llmp_request_t *req, const llmp_policy_t *policy,
    llmp_refusal_t *refusal)
{
    llmp_int_t  rc;

    req->dialect = NULL;

    /*
     * nginx ignores an Upgrade unless it is configured to forward it, and so
     * does the policy: every JDK client offers "h2c" on plain HTTP.  If it is
     * forwarded, an upstream could open a connection to which other requests
     * are sent unpoliced, so it is dropped.
     */

    req->drop_upgrade = req->upgrade && !llmp_request_path_passes(req, policy);

    if (!req->body && !req->websocket) {
        return LLMP_DECLINED;
    }

    rc = llmp_request_path(req, policy, refusal);

    if (rc != LLMP_OK) {
        return rc;
    }

    return llmp_request_check_head(req, policy, refusal);
}


static llmp_int_t
llmp_request_check_head(llmp_request_t *req, const llmp_policy_t *policy,
    llmp_refusal_t *refusal)
{
    char                 path[LLMP_PARAM_NAME];
    const llmp_watch_t  *w;

    if (req->websocket) {
        return llmp_request_path_refuse_websocket(refusal);
    }

    if (!req->post) {
        return llmp_refuse(refusal, LLMP_REFUSE_UNKNOWN_ROUTE, NULL,
                           "a request with a body to this path must be a "
                           "POST");
    }

    if (req->override) {
        return llmp_refuse(refusal, LLMP_REFUSE_AMBIGUOUS_PATH, NULL,
                           "a header field overrides the method or the path");
    }

    w = llmp_request_query(&req->target,
                           policy->watch[llmp_dialect_index(req->dialect)]);

    if (w != NULL) {
        return llmp_refuse(refusal, LLMP_REFUSE_UNDERMINES_POLICY,
                           llmp_watch_write_path(w, path, sizeof(path)),
                           "%s must not be in the query", path);
    }

    return llmp_request_check_media(req, refusal);
}


static llmp_int_t
llmp_request_check_media(llmp_request_t *req, llmp_refusal_t *refusal)
{
    llmp_str_t  rest;

    if (req->dialect->form) {

        if (req->content_types != 1
            || !llmp_media_type_is_form(&req->content_type, &req->boundary))
        {
            return llmp_refuse(refusal, LLMP_REFUSE_CONTENT_TYPE, NULL,
                               "the request must have one Content-Type, "
                               "multipart/form-data, with a boundary and no "
                               "other parameter");
        }

    } else if (req->content_types != 1
               || !llmp_media_type_is_json(&req->content_type))
    {
        return llmp_refuse(refusal, LLMP_REFUSE_CONTENT_TYPE, NULL,
                           "the request must have one Content-Type, "
                           "application/json, in UTF-8");
    }

    if (req->content_encodings == 0) {
        return LLMP_OK;
    }

    rest = req->content_encoding;
    llmp_field_skip_spaces(&rest);

    if (req->content_encodings == 1 && llmp_field_skip_token(&rest,
                                                             "identity"))
    {
        llmp_field_skip_spaces(&rest);

        if (rest.len == 0) {
            return LLMP_OK;
        }
    }

    return llmp_refuse(refusal, LLMP_REFUSE_CONTENT_ENCODING, NULL,
                       "the request must not have a Content-Encoding");
}


llmp_uint_t
llmp_request_needs_key(const llmp_request_t *req, const llmp_policy_t *policy)
{
    return (policy->reject_unknown_key || policy->judges_keys)
           && !req->options && !llmp_request_path_passes(req, policy);
}


llmp_int_t
llmp_request_check_size(const llmp_request_t *req, const llmp_tier_t *tier,
    llmp_refusal_t *refusal)
{
    llmp_prompt_t  sent;

    if (tier->prompt.n[LLMP_PROMPT_BYTES] == 0
        || req->dialect->scope != NULL || req->dialect->batch != NULL)
    {
        return LLMP_OK;
    }

    memset(&sent, 0, sizeof(llmp_prompt_t));
    sent.n[LLMP_PROMPT_BYTES] = (int64_t) req->size;

    return llmp_prompt_check(&tier->prompt, &tier->name, &sent, 0, refusal);
}


llmp_int_t
llmp_request_key(const llmp_request_t *req, const llmp_str_t *given,
    llmp_pool_t *pool, llmp_str_t *key)
{
    *key = (given->len != 0) ? *given : req->key;

    /*
     * Google's REST APIs take "?key=" (cloud.google.com/apis/docs/
     * system-parameters), which clients without an SDK send.  A header field
     * comes first, so that the query cannot replace the API key of a caller
     * for whom a proxy has set the field.  A path without a dialect may be
     * one of Google's, such as "GET /v1beta/models".
     */

    if (key->len != 0
        || (req->dialect != NULL && req->dialect->shape != LLMP_SHAPE_GOOGLE))
    {
        return LLMP_OK;
    }

    return llmp_request_query_key(&req->target, pool, key);
}
