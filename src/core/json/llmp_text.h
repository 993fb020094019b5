
/*
 * Copyright (C) llm-policy authors
 *
 * Skips text inside strings, which is most of a request.
 */


#ifndef LLMP_TEXT_H_INCLUDED_
#define LLMP_TEXT_H_INCLUDED_


#include "base/llmp.h"


/*
 * Skips text from p, where a character of a string begins, up to the first byte
 * that is not part of a complete
 *
 *   - character by RFC 3629, except a quote, a backslash, a control character;
 *   - escape of one character, such as \n or \";
 *   - \uXXXX that is no surrogate, or two that are a pair.
 *
 * Returns the position of that byte, or end.  The bytes from buf can be read:
 * those before p are skipped text, or tokens between strings.
 */
typedef const u_char *(*llmp_text_pt)(const u_char *buf, const u_char *p,
    const u_char *end);


/* an implementation of llmp_text_pt; all return the same results */

typedef struct {
    const char    *name;
    llmp_text_pt   text;
    llmp_uint_t    quick;      /* llmp_text_plain_special() may be used, and
                                  the machine is little-endian */
} llmp_text_path_t;


/* returns the fastest implementation that this CPU supports */
const llmp_text_path_t *llmp_text_best_path(void);

/* returns the i-th implementation that this CPU supports, from 0, or NULL; the
   first is the scalar one, the reference for the others */
const llmp_text_path_t *llmp_text_nth_path(llmp_uint_t i);


#endif /* LLMP_TEXT_H_INCLUDED_ */
