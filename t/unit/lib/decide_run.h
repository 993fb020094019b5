
/*
 * Copyright (C) llm-policy authors
 *
 * Decisions on requests in unit tests: from a policy and a body to the body
 * that is sent.
 */


#ifndef LLMP_TEST_DECIDE_RUN_H_INCLUDED_
#define LLMP_TEST_DECIDE_RUN_H_INCLUDED_


#include "test.h"

#include "base/llmp_arena.h"
#include "body/llmp_body_state.h"


#define SEED  UINT64_C(0x9e3779b97f4a7c15)


/*
 * Decides on a request of the first tenant, if there is one, with the default
 * tier; `sent` is the body to be sent.  Repeats the decision while the body
 * passes, in pieces of several sizes, if the dialect can be streamed: the
 * results must be the same.
 */
llmp_int_t decide_request(llmp_arena_t *arena, llmp_policy_t *policy,
    const llmp_request_t *request, const llmp_str_t *body, llmp_decision_t *d,
    llmp_str_t *sent);

/* Decides on a body of a dialect, as decide_request() does. */
llmp_int_t decide_as(llmp_arena_t *arena, llmp_policy_t *policy,
    const char *dialect, const llmp_str_t *body, llmp_decision_t *d,
    llmp_str_t *sent);

/* Fail if two results differ. */
void same_refusal(const llmp_refusal_t *a, const llmp_refusal_t *b);
void same_edits(const llmp_edits_t *a, const llmp_edits_t *b);

/* Fails, with the body in the message, if the text differs. */
void text_is(const llmp_str_t *text, const char *expected, const char *body);


#endif /* LLMP_TEST_DECIDE_RUN_H_INCLUDED_ */
