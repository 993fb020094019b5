
/*
 * Copyright (C) llm-policy authors
 *
 * Documents for the tests of the policy loader.
 */


#ifndef LLMP_POLICY_CHECK_H_INCLUDED_
#define LLMP_POLICY_CHECK_H_INCLUDED_


#include "test.h"

#include "base/llmp_arena.h"
#include "loader/llmp_load.h"


/* makes JSON of a text that is written with ' for " and ` for ' */

static inline void
quote(char *buf, size_t size, const char *text)
{
    size_t  i, len;

    len = strlen(text);
    assert_true(len < size);

    for (i = 0; i <= len; i++) {
        buf[i] = (text[i] == '\'') ? '"' : (text[i] == '`') ? '\'' : text[i];
    }
}


/* the arena is new, and to be reset, also if there is no policy */

static inline llmp_policy_t *
load(llmp_arena_t *arena, const char *document, size_t len,
    llmp_policy_errors_t *errors)
{
    llmp_str_t  file;

    llmp_arena_init(arena);

    file = test_str("policy.json");

    return llmp_policy_load(&arena->pool, &file, (const u_char *) document, len,
                            errors);
}


#endif /* LLMP_POLICY_CHECK_H_INCLUDED_ */
