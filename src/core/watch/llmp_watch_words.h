
/*
 * Copyright (C) llm-policy authors
 *
 * Words in the names of query arguments and form fields, which frameworks turn
 * into members: "options[temperature]", "a.temperature", "max.tokens".
 */


#ifndef LLMP_WATCH_WORDS_H_INCLUDED_
#define LLMP_WATCH_WORDS_H_INCLUDED_


#include "base/llmp.h"
#include "watch/llmp_watch.h"


typedef struct {
    const llmp_watch_t  *root;
    const llmp_watch_t  *outer;     /* member named by the last word, or NULL */
    uint64_t             harmless;  /* parameters that are never returned */
    size_t               word_len;
    size_t               name_len;
    u_char               word[LLMP_WATCH_NAME_MAX];  /* current word */
    u_char               name[LLMP_WATCH_NAME_MAX];  /* all words, joined */
} llmp_watch_words_t;


/* initialises words for names of members of root; harmless is a set of
   parameters (llmp_mask()) */
void llmp_watch_words_init(llmp_watch_words_t *words, const llmp_watch_t *root,
    uint64_t harmless);

/*
 * Take the next byte of a name, and the end of a name.  Both return the member
 * that the word which ended there may name, after folding (llmp_fold()), among
 * the members of root or of the member named by the word before; at the end of
 * the name, also the member that all words together may name.  They return NULL
 * if there is no such member, or if no rule can apply to it.  Another name may
 * follow the end.
 */
const llmp_watch_t *llmp_watch_words_add(llmp_watch_words_t *words, u_char ch);
const llmp_watch_t *llmp_watch_words_end(llmp_watch_words_t *words);


#endif /* LLMP_WATCH_WORDS_H_INCLUDED_ */
