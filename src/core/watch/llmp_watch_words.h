
/*
 * Copyright (C) llm-policy authors
 *
 * Names of arguments and of a form's fields, which frameworks make members of:
 * "options[temperature]", "a.temperature", "max.tokens".
 */


#ifndef LLMP_WATCH_WORDS_H_INCLUDED_
#define LLMP_WATCH_WORDS_H_INCLUDED_


#include "base/llmp.h"
#include "watch/llmp_watch.h"


typedef struct {
    const llmp_watch_t  *root;
    const llmp_watch_t  *outer;                /* what the last word names */
    uint64_t             harmless;             /* parameters let pass */
    size_t               word_len;
    size_t               name_len;
    u_char               word[LLMP_WATCH_NAME_MAX];  /* the one at hand */
    u_char               name[LLMP_WATCH_NAME_MAX];  /* all of them, joined */
} llmp_watch_words_t;


void llmp_watch_words_init(llmp_watch_words_t *words, const llmp_watch_t *root,
    uint64_t harmless);

/*
 * Takes the next byte of a name; ends it.  Both return the member among those
 * of root, or of what the word before names, that the word just ended, or at
 * last the words together, could be taken for; or NULL if it is none that a
 * policy could be about.  After the end, the next name may follow.
 */
const llmp_watch_t *llmp_watch_words_add(llmp_watch_words_t *words, u_char ch);
const llmp_watch_t *llmp_watch_words_end(llmp_watch_words_t *words);


#endif /* LLMP_WATCH_WORDS_H_INCLUDED_ */
