
/*
 * Copyright (C) llm-policy authors
 *
 * Checks a request before its body is read: its route, and whether every
 * upstream reads its head alike.
 */


#ifndef LLMP_REQUEST_H_INCLUDED_
#define LLMP_REQUEST_H_INCLUDED_


#include "base/llmp.h"
#include "base/llmp_refusal.h"


typedef struct llmp_policy_s   llmp_policy_t;
typedef struct llmp_dialect_s  llmp_dialect_t;


typedef struct {
    /* filled by the caller, after llmp_request_init() */

    llmp_str_t             path;      /* normalised, without the query */
    llmp_str_t             target;    /* as the client wrote it, with query */
    llmp_uint_t            post;      /* the method is POST */
    llmp_uint_t            body;      /* a body is announced */
    llmp_uint_t            pass_unmatched;  /* llm_policy_unmatched pass */
    llmp_uint_t            change_signed;   /* llm_policy_signed_body change */
    llmp_uint_t            stream_usage;    /* streams are to tell usage */

    /* gathered by llmp_request_header() */

    llmp_str_t             content_type;
    llmp_str_t             content_encoding;
    llmp_str_t             key;       /* the API key; empty if none */
    llmp_uint_t            key_rank;
    unsigned               content_types:2;      /* 0, 1, or 2 for more */
    unsigned               content_encodings:2;
    unsigned               upgrade:1;
    unsigned               override:1;  /* asks for another method or path */
    unsigned               digest:1;  /* a digest or signature of the body */

    /* set by llmp_request_check() */

    const llmp_dialect_t  *dialect;   /* NULL if not policed */
    llmp_str_t             model;     /* from the path, or empty */
    llmp_str_t             boundary;  /* of a form; empty if it is JSON */
} llmp_request_t;


void llmp_request_init(llmp_request_t *req);

/*
 * Notes a header field, of any name.  The strings are kept, not copied.
 * "_" in a name counts as "-", as it does for CGI-like upstreams.
 */
void llmp_request_header(llmp_request_t *req, const llmp_str_t *name,
    const llmp_str_t *value);

/*
 * Decides by the head.  Returns LLMP_OK: police the body, by req->dialect;
 * LLMP_DECLINED: let the request pass; LLMP_ERROR: refuse it.
 */
llmp_int_t llmp_request_check(llmp_request_t *req, const llmp_policy_t *policy,
    llmp_refusal_t *refusal);

/*
 * The same by path and target alone, as if a body were there in any case.
 */
llmp_int_t llmp_request_path(llmp_request_t *req, const llmp_policy_t *policy,
    llmp_refusal_t *refusal);


#endif /* LLMP_REQUEST_H_INCLUDED_ */
