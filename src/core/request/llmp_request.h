
/*
 * Copyright (C) llm-policy authors
 *
 * Checks a request before its body is read: finds its route, and refuses heads
 * that upstreams may read differently.
 */


#ifndef LLMP_REQUEST_H_INCLUDED_
#define LLMP_REQUEST_H_INCLUDED_


#include "base/llmp.h"
#include "base/llmp_refusal.h"
#include "policy/llmp_prompt.h"
#include "policy/llmp_template.h"


typedef struct llmp_tier_s     llmp_tier_t;
typedef struct llmp_policy_s   llmp_policy_t;
typedef struct llmp_dialect_s  llmp_dialect_t;


typedef struct {
    /* set by the caller after llmp_request_init() */

    llmp_str_t             path;                 /* normalised, without query */
    llmp_str_t             target;               /* as sent, with query */
    llmp_uint_t            post;                 /* the method is POST */
    llmp_uint_t            options;              /* the method is OPTIONS */
    llmp_uint_t            body;                 /* the head announces a body */
    llmp_uint_t            pass_unmatched;       /* llm_policy_unmatched is
                                                    "pass" */
    llmp_uint_t            change_signed;        /* llm_policy_signed_body is
                                                    "change" */
    llmp_uint_t            stream_usage;         /* streams must report usage */
    uint64_t               size;                 /* bytes of the body; 0 if
                                                    they are not known yet */
    llmp_prompt_rates_t    rates;                /* see llmp_decision_t */
    size_t                 media_min;            /* see llmp_decision_t */
    const llmp_variables_t
                          *variables;            /* those of nginx, or NULL */

    /* set by llmp_request_header() */

    llmp_str_t             content_type;         /* the last one */
    llmp_str_t             content_encoding;     /* the last one */
    llmp_str_t             key;                  /* API key, or empty */
    llmp_uint_t            key_rank;             /* rank of its header field */
    unsigned               content_types:2;      /* 0, 1, or 2 for more */
    unsigned               content_encodings:2;  /* 0, 1, or 2 for more */
    unsigned               websocket:1;          /* has an Upgrade to a
                                                    WebSocket */
    unsigned               upgrade:1;            /* has another Upgrade, such
                                                    as "h2c" */
    unsigned               no_bearer:1;          /* has an Authorization field
                                                    that is not "Bearer KEY" */
    unsigned               override:1;           /* overrides method or path */
    unsigned               digest:1;             /* has a digest or signature
                                                    of the body */

    /* set by llmp_request_check() */

    const llmp_dialect_t  *dialect;              /* NULL if not policed */
    llmp_uint_t            drop_upgrade;         /* no Upgrade may reach the
                                                    upstream */
    llmp_str_t             model;                /* model in the path, or
                                                    empty */
    llmp_uint_t            deployment;           /* the model is a deployment,
                                                    see llmp_decision_t */
    llmp_str_t             boundary;             /* boundary of a form; empty if
                                                    the body is JSON */
} llmp_request_t;


void llmp_request_init(llmp_request_t *req);

/*
 * Notes a header field of any name.  The strings are not copied and must
 * outlive req.  A "_" in a name counts as "-", as it does for CGI-like
 * upstreams.
 */
void llmp_request_header(llmp_request_t *req, const llmp_str_t *name,
    const llmp_str_t *value);

/*
 * Decides on a request by its head.  Returns LLMP_OK if the body must be
 * policed, by req->dialect; LLMP_DECLINED if the request passes unpoliced; or
 * LLMP_ERROR with refusal set.
 */
llmp_int_t llmp_request_check(llmp_request_t *req, const llmp_policy_t *policy,
    llmp_refusal_t *refusal);

/*
 * Does the part of llmp_request_check() for the path and target of a request
 * with a body: sets req->dialect, req->model and
 * req->deployment.  Returns as llmp_request_check().
 */
llmp_int_t llmp_request_path(llmp_request_t *req, const llmp_policy_t *policy,
    llmp_refusal_t *refusal);

/* refuses the Upgrade to a WebSocket; returns LLMP_ERROR */
llmp_int_t llmp_request_path_refuse_websocket(llmp_refusal_t *refusal);

/* returns 1 if a route of the document passes the path unpoliced */
llmp_uint_t llmp_request_path_passes(const llmp_request_t *req,
    const llmp_policy_t *policy);

/*
 * Returns 1 if the caller must be found, with llmp_request_caller(), whatever
 * llmp_request_check() has returned: the policy rejects unknown API keys, or
 * some known ones, and the request is neither OPTIONS, which browsers send
 * without a key, nor on a route of the document that passes it.
 */
llmp_uint_t llmp_request_needs_key(const llmp_request_t *req,
    const llmp_policy_t *policy);

/*
 * Refuses a body that is announced to be larger than a tier's prompts may be,
 * before it is read, after llmp_request_check(); not a batch, each request of
 * which is a prompt by itself.  Returns LLMP_OK, or LLMP_ERROR with refusal
 * set.
 */
llmp_int_t llmp_request_check_size(const llmp_request_t *req,
    const llmp_tier_t *tier, llmp_refusal_t *refusal);

/*
 * Sets *key to the caller's API key, after llmp_request_check(): given, if it
 * is not empty; else that of a header field; else that of the query, in an API
 * of Google and on paths without a dialect.  Returns LLMP_OK, or LLMP_ERROR if
 * there is no memory.
 */
llmp_int_t llmp_request_key(const llmp_request_t *req, const llmp_str_t *given,
    llmp_pool_t *pool, llmp_str_t *key);


#endif /* LLMP_REQUEST_H_INCLUDED_ */
