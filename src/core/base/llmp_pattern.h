
/*
 * Copyright (C) llm-policy authors
 *
 * Patterns of the policy document: a literal, "~regex" or "~*regex" (ignoring
 * case), as in nginx's map.
 */


#ifndef LLMP_PATTERN_H_INCLUDED_
#define LLMP_PATTERN_H_INCLUDED_


#define PCRE2_CODE_UNIT_WIDTH  8
#include <pcre2.h>

#include "base/llmp.h"


typedef struct {
    llmp_str_t            text;    /* the pattern as in the document, followed
                                      by a NUL */
    pcre2_code           *code;    /* NULL for a literal */
    pcre2_match_data     *data;    /* scratch memory of one thread at a time */
    pcre2_match_context  *limits;  /* PCRE2's, against slow patterns */
} llmp_pattern_t;


/*
 * Compiles a pattern; text is copied to pool.  Regular expressions are compiled
 * with JIT if PCRE2 has it; "$" matches at the very end only, not before a line
 * feed.  Returns LLMP_OK, or LLMP_ERROR with *message set (a static text or one
 * in pool; NULL if there is no memory) and *offset set to the position of the
 * error in text, in bytes.  After LLMP_OK, the caller must call
 * llmp_pattern_free() when the pattern is no longer used.
 */
llmp_int_t llmp_pattern_compile(llmp_pattern_t *pattern, llmp_pool_t *pool,
    const llmp_str_t *text, const char **message, size_t *offset);

/*
 * Returns LLMP_OK if the pattern matches, LLMP_DECLINED if not, LLMP_ERROR if
 * PCRE2 reached a limit (limits bound the time that a subject can cost); the
 * caller must refuse the request then.  If capture is not NULL, it is set to
 * the part of subject that the group "model" matched, or to an empty string.
 */
llmp_int_t llmp_pattern_match(const llmp_pattern_t *pattern,
    const llmp_str_t *subject, llmp_str_t *capture);

/* frees the memory of PCRE2; the text remains in the pool */
void llmp_pattern_free(llmp_pattern_t *pattern);


#endif /* LLMP_PATTERN_H_INCLUDED_ */
