
/*
 * Copyright (C) llm-policy authors
 *
 * The body of a request, of whichever media type its dialect has: read as it
 * arrives, and decided on.
 */


#ifndef LLMP_BODY_H_INCLUDED_
#define LLMP_BODY_H_INCLUDED_


#include "base/llmp.h"
#include "decide/llmp_decide.h"
#include "form/llmp_form.h"
#include "body/llmp_body_lines.h"
#include "request/llmp_request.h"
#include "request/llmp_request_caller.h"
#include "json/llmp_scan.h"


typedef struct {
    llmp_decision_t    decision;  /* what llmp_body_decide() came to */

    /* the rest is private */

    llmp_pool_t       *pool;
    uint64_t           seed;
    llmp_form_t       *form;      /* NULL: the body is JSON */
    llmp_lines_t      *lines;     /* of the form's file, or NULL */
    llmp_decisions_t  *requests;  /* of a batch in JSON, or NULL */
    llmp_scan_t        scan;      /* if it is JSON */
} llmp_body_t;


/*
 * Prepares to read the body of a request that llmp_request_check() accepted,
 * for a caller that llmp_request_caller() found.  seed is that of
 * llmp_scan_init().  Returns LLMP_OK, or LLMP_ERROR if there is no memory.
 */
llmp_int_t llmp_body_init(llmp_body_t *body, const llmp_policy_t *policy,
    const llmp_request_t *request, const llmp_caller_t *caller,
    llmp_pool_t *pool, uint64_t seed);

/*
 * Takes the next len bytes, split anywhere.  Returns LLMP_AGAIN, or LLMP_ERROR
 * if the body is to be refused: llmp_body_decide() then says why.
 */
llmp_int_t llmp_body_feed(llmp_body_t *body, const u_char *buf, size_t len);

/*
 * Decides, once all of the body was fed.  Returns as llmp_decide() does, with
 * the same in body->decision; or LLMP_DECLINED if all of the body has to be fed
 * once more, after llmp_body_again(), before it can be decided on.
 */
llmp_int_t llmp_body_decide(llmp_body_t *body);

/* prepares to read the same body again; returns as llmp_body_init() does */
llmp_int_t llmp_body_again(llmp_body_t *body);


#endif /* LLMP_BODY_H_INCLUDED_ */
