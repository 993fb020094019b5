
/*
 * Copyright (C) llm-policy authors
 *
 * Finds the route of a path, and refuses paths that resemble a known one.
 */


#include "base/llmp_ascii.h"
#include "base/llmp_media_type.h"
#include "base/llmp_pattern.h"
#include "dialect/llmp_dialect_paths.h"
#include "dialect/llmp_dialect_routes.h"
#include "policy/llmp_policy.h"
#include "request/llmp_request.h"
#include "request/llmp_request_target.h"


/* longest path in bytes; a longer one counts as resembling a route */
#define LLMP_REQUEST_PATH_MAX  1024


static llmp_int_t llmp_request_path_route(llmp_request_t *req,
    const llmp_policy_t *policy, const llmp_route_t **matched,
    llmp_refusal_t *refusal);
static llmp_int_t llmp_request_path_builtin(llmp_request_t *req,
    const llmp_policy_t *policy, llmp_refusal_t *refusal);
static llmp_uint_t llmp_request_path_has_deployment(const llmp_request_t *req);
static const char *llmp_request_path_resembles(const llmp_str_t *path,
    const llmp_policy_t *policy);
static llmp_uint_t llmp_request_path_resembles_route(const llmp_route_t *route,
    const llmp_str_t *trimmed, const llmp_str_t *lower);


llmp_int_t
llmp_request_path(llmp_request_t *req, const llmp_policy_t *policy,
    llmp_refusal_t *refusal)
{
    llmp_int_t           rc;
    const llmp_route_t  *route;

    rc = llmp_request_path_route(req, policy, &route, refusal);

    req->deployment = (rc == LLMP_OK && req->model.len != 0
                       && llmp_request_path_has_deployment(req));

    if (req->body
        && llmp_request_target_check(req, route, refusal) != LLMP_OK)
    {
        /* it may have control characters, and a variable has it */

        req->model.len = 0;

        return LLMP_ERROR;
    }

    return rc;
}


/* sets *matched to the route of the document, or NULL */

static llmp_int_t
llmp_request_path_route(llmp_request_t *req, const llmp_policy_t *policy,
    const llmp_route_t **matched, llmp_refusal_t *refusal)
{
    llmp_int_t           rc;
    llmp_uint_t          i;
    const llmp_route_t  *route;

    *matched = NULL;

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

        *matched = route;

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

    return llmp_request_path_builtin(req, policy, refusal);
}


/* frames are not policed; Codex falls back to HTTP at once after 426 */

llmp_int_t
llmp_request_path_refuse_websocket(llmp_refusal_t *refusal)
{
    return llmp_refuse(refusal, LLMP_REFUSE_UPGRADE, NULL,
                       "a WebSocket cannot be opened here; use HTTP requests");
}


llmp_uint_t
llmp_request_path_passes(const llmp_request_t *req, const llmp_policy_t *policy)
{
    llmp_int_t           rc;
    llmp_uint_t          i;
    const llmp_route_t  *route;

    for (i = 0; i < policy->nroutes; i++) {
        route = &policy->routes[i];

        rc = llmp_pattern_match(&route->path, &req->path, NULL);

        if (rc != LLMP_DECLINED) {
            return rc == LLMP_OK && route->action == LLMP_ROUTE_PASS;
        }
    }

    return 0;
}


static llmp_int_t
llmp_request_path_builtin(llmp_request_t *req, const llmp_policy_t *policy,
    llmp_refusal_t *refusal)
{
    const char  *what;

    if (req->websocket) {
        return llmp_request_path_refuse_websocket(refusal);
    }

    req->dialect = llmp_dialect_paths_find(policy->paths, &req->path,
                                           &req->model);

    if (req->dialect != NULL) {
        return LLMP_OK;
    }

    if (!req->pass_unmatched) {
        return llmp_refuse(refusal, LLMP_REFUSE_UNKNOWN_ROUTE, NULL,
                           "no route is known for this path, and the request "
                           "has a body");
    }

    what = llmp_request_path_resembles(&req->path, policy);

    if (what != NULL) {
        return llmp_refuse(refusal, LLMP_REFUSE_AMBIGUOUS_PATH, NULL, "%s",
                           what);
    }

    return LLMP_DECLINED;
}


/*
 * Returns 1 if the model in the path is a deployment of Azure OpenAI, also
 * behind a prefix.  The built-in routes and those of the document have the same
 * path: /openai/deployments/{model}/...
 */

static llmp_uint_t
llmp_request_path_has_deployment(const llmp_request_t *req)
{
    size_t  before;

    static const char  parent[] = "/openai/deployments/";

    before = req->model.data - req->path.data;

    return before >= sizeof(parent) - 1
           && memcmp(req->model.data - (sizeof(parent) - 1), parent,
                     sizeof(parent) - 1)
              == 0;
}


/*
 * Returns the reason to refuse a path that a lax upstream could route as that
 * of a policed route: in another case, with slashes or white space at its end,
 * with parameters, or with a prefix; or on which one generates something; or
 * NULL.
 */

static const char *
llmp_request_path_resembles(const llmp_str_t *path, const llmp_policy_t *policy)
{
    static const char  resembles[] =
        "the path is spelt almost like a known one";
    static const char  generates[] =
        "APIs generate on such a path: the policy must have a route for it";

    u_char       *p, buf[LLMP_REQUEST_PATH_MAX];
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

    if (trimmed.len > LLMP_REQUEST_PATH_MAX) {
        return resembles;
    }

    for (i = 0; i < trimmed.len; i++) {
        buf[i] = llmp_ascii_lower(trimmed.data[i]);
    }

    lower.data = buf;
    lower.len = trimmed.len;

    for (n = 0; n < policy->nroutes; n++) {
        if (llmp_request_path_resembles_route(&policy->routes[n], &trimmed,
                                              &lower))
        {
            return resembles;
        }
    }

    if (llmp_dialect_routes_find(&lower, &model) != NULL
        || llmp_dialect_routes_resemble(&lower))
    {
        return resembles;
    }

    return llmp_dialect_routes_generate(&lower) ? generates : NULL;
}


static llmp_uint_t
llmp_request_path_resembles_route(const llmp_route_t *route,
    const llmp_str_t *trimmed, const llmp_str_t *lower)
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
