
/*
 * Copyright (C) llm-policy authors
 *
 * Patterns of the policy document: a literal, "~regex" or "~*regex" (without
 * regard to case), as in nginx's map.
 */


#ifndef LLMP_PATTERN_H_INCLUDED_
#define LLMP_PATTERN_H_INCLUDED_


#define PCRE2_CODE_UNIT_WIDTH  8
#include <pcre2.h>

#include "base/llmp.h"


typedef struct {
    llmp_str_t           text;     /* as in the document */
    pcre2_code          *code;     /* NULL: a literal */
    pcre2_match_data    *data;     /* scratch: one thread at a time */
    pcre2_match_context *limits;
} llmp_pattern_t;


/*
 * Makes a pattern of text, which is copied.  Regular expressions are compiled
 * with JIT where PCRE2 has it; "$" is the very end, also before a line feed.
 * Returns LLMP_OK; LLMP_ERROR with *message set (a static text, or one in pool;
 * NULL if there is no memory) and *offset the byte in text where the trouble
 * is.  After LLMP_OK llmp_pattern_free() must be called in the end.
 */
llmp_int_t llmp_pattern_compile(llmp_pattern_t *pattern, llmp_pool_t *pool,
    const llmp_str_t *text, const char **message, size_t *offset);

/*
 * Returns LLMP_OK if the pattern matches, LLMP_DECLINED if not, LLMP_ERROR if
 * PCRE2 gave up: the match limit bounds the time that a subject can cost, and
 * the caller must then refuse.  If capture is not NULL, it is set to the part
 * of subject that the group named "model" took, or to an empty string.
 */
llmp_int_t llmp_pattern_match(const llmp_pattern_t *pattern,
    const llmp_str_t *subject, llmp_str_t *capture);

void llmp_pattern_free(llmp_pattern_t *pattern);


#endif /* LLMP_PATTERN_H_INCLUDED_ */
