
/*
 * Copyright (C) llm-policy authors
 *
 * Policies of unit tests.
 */


#ifndef LLMP_TEST_POLICY_LOAD_H_INCLUDED_
#define LLMP_TEST_POLICY_LOAD_H_INCLUDED_


#include "test.h"

#include "base/llmp_arena.h"
#include "loader/llmp_load.h"


/* first member of the fixtures of tests that have one policy at a time */

typedef struct {
    llmp_policy_t  *policy;
    llmp_arena_t    policies;   /* memory of the policy */
    llmp_arena_t    arena;      /* memory of the last request or response */
} policy_fixture_t;


/* a document, and its errors and warnings: a line each, "2:7: /tiers/t: TEXT";
   written as quote() reads them */

typedef struct {
    const char  *document;
    const char  *errors;     /* "" if it loads */
} errors_case_t;


void policy_init(policy_fixture_t *f);

/* Replaces the policy by that of load_tier(). */
void policy_use(policy_fixture_t *f, const char *tier,
    const char *rest);

/* Are functions of cmocka: a setup with policy_init(), and its teardown. */
int policy_setup(void **state);
int policy_teardown(void **state);

/* Loads a valid document, given as a printf format. */
llmp_policy_t *load_policy(llmp_arena_t *arena, const char *format,
    ...) __attribute__((format(printf, 2, 3)));

/*
 * Loads a valid document with the members of its only tier, and the text after
 * the "tiers" of the document: empty, or a comma with further members.
 */
llmp_policy_t *load_tier(llmp_arena_t *arena, const char *tier,
    const char *rest);

/*
 * Loads a document that may be invalid; returns NULL then.  The arena is
 * initialized here, and must be reset in both cases.
 */
llmp_policy_t *load_text(llmp_arena_t *arena, const char *document, size_t len,
    llmp_load_errors_t *errors);

/* Loads a valid document of up to 2 KB, written as quote() reads it. */
llmp_policy_t *load_quoted(llmp_arena_t *arena, const char *text);

/* Loads documents of up to 2 KB, written as quote() reads them, and compares
   their errors and warnings. */
void check_errors(const errors_case_t *cases, size_t n);

/* Writes JSON for a text with ' instead of ", and ` instead of '. */
void quote(char *buf, size_t size, const char *text);


#endif /* LLMP_TEST_POLICY_LOAD_H_INCLUDED_ */
