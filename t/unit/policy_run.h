
/*
 * Copyright (C) llm-policy authors
 *
 * Loading a policy that must be right, and deciding by it: from a request's
 * body to what is sent.
 */


#ifndef LLMP_POLICY_RUN_H_INCLUDED_
#define LLMP_POLICY_RUN_H_INCLUDED_


#include <stdio.h>

#include "test.h"

#include "llmp_arena.h"
#include "llmp_body.h"


#define SEED  UINT64_C(0x9e3779b97f4a7c15)


/* the document is printf-formatted */

static inline llmp_policy_t *load_policy(llmp_arena_t *arena,
    const char *format, ...) __attribute__((format(printf, 2, 3)));


static inline llmp_policy_t *
load_policy(llmp_arena_t *arena, const char *format, ...)
{
    char                   text[4096];
    va_list                args;
    llmp_str_t             file = llmp_string("test");
    llmp_policy_t         *policy;
    llmp_policy_errors_t   errors;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);

    policy = llmp_policy_load(&arena->pool, &file, (u_char *) text,
                              strlen(text), &errors);

    if (policy == NULL && errors.nelts != 0) {
        print_error("%s: %s\n", (char *) errors.elts[0].path.data,
                    (char *) errors.elts[0].message.data);
    }

    assert_non_null(policy);

    return policy;
}


/* decides for the default tier; sent is what would be forwarded */

static inline llmp_int_t
decide(llmp_arena_t *arena, llmp_policy_t *policy, const char *dialect,
    const llmp_str_t *body, llmp_decision_t *d, llmp_str_t *sent)
{
    llmp_int_t      rc;
    llmp_str_t      name;
    llmp_body_t     read;
    llmp_caller_t   caller;
    llmp_request_t  request;

    name = test_cstr(dialect);

    llmp_request_init(&request);
    request.dialect = llmp_dialect_find(&name);
    assert_non_null(request.dialect);

    memset(&caller, 0, sizeof(llmp_caller_t));
    caller.tier = policy->default_tier;

    rc = llmp_body_init(&read, policy, &request, &caller, &arena->pool, SEED);

    if (rc == LLMP_OK) {
        (void) llmp_body_feed(&read, body->data, body->len);
        rc = llmp_body_decide(&read);
    }

    *d = read.decision;

    if (rc != LLMP_OK) {
        return LLMP_ERROR;
    }

    *sent = llmp_edits_apply(&d->edits, &arena->pool, body);

    if (sent->data == NULL) {
        return llmp_refuse(&d->refusal, LLMP_REFUSE_INTERNAL, NULL, "edits");
    }

    assert_int_equal(sent->len, body->len + d->edits.growth);

    return LLMP_OK;
}


#endif /* LLMP_POLICY_RUN_H_INCLUDED_ */
