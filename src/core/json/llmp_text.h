
/*
 * Copyright (C) llm-policy authors
 *
 * Passing over what most of a request is: the text inside its strings.
 */


#ifndef LLMP_TEXT_H_INCLUDED_
#define LLMP_TEXT_H_INCLUDED_


#include "base/llmp.h"


/*
 * Passes over text from p, where a character of a string begins, as long as
 * what follows is one of these, and whole:
 *
 *   - a character by RFC 3629 but a quote, a backslash, a control character;
 *   - an escape of one character, \n or \" for example;
 *   - \uXXXX that is no surrogate, or two that are a pair.
 *
 * Returns where it stopped, which is end if there was nothing else.  buf is
 * where the bytes that may be read begin: what is before p is text that was
 * passed over, or what is between strings.
 */
typedef const u_char *(*llmp_text_pt)(const u_char *buf, const u_char *p,
    const u_char *end);


/* a way to do so; all give the same results */

typedef struct {
    const char    *name;
    llmp_text_pt   text;
    llmp_uint_t    quick;      /* llmp_text_plain_special() may be used as well,
                                  and the lowest byte is the first */
} llmp_text_path_t;


/* the fastest that this CPU runs */
const llmp_text_path_t *llmp_text_best_path(void);

/* the i-th that this CPU runs, or NULL; the first is the plain one, which is
   what the others have to agree with */
const llmp_text_path_t *llmp_text_nth_path(llmp_uint_t i);


#endif /* LLMP_TEXT_H_INCLUDED_ */
