
/*
 * Copyright (C) llm-policy authors
 */


#include "llmp_media.h"
#include "llmp_words.h"


static const llmp_watch_t *llmp_words_find(llmp_words_t *words,
    u_char *data, size_t len);


void
llmp_words_init(llmp_words_t *words, const llmp_watch_t *root)
{
    words->root = root;
    words->word_len = 0;
    words->name_len = 0;
}


const llmp_watch_t *
llmp_words_take(llmp_words_t *words, u_char ch)
{
    size_t  len;

    if (llmp_is_alnum(ch) || ch == '_' || ch >= 0x80) {

        /* what is longer is no name that is known */

        if (words->word_len < LLMP_NAME_MAX) {
            words->word[words->word_len] = ch;
        }

        if (words->name_len < LLMP_NAME_MAX) {
            words->name[words->name_len] = ch;
        }

        words->word_len++;
        words->name_len++;

        return NULL;
    }

    len = words->word_len;
    words->word_len = 0;

    return llmp_words_find(words, words->word, len);
}


const llmp_watch_t *
llmp_words_end(llmp_words_t *words)
{
    size_t               len;
    const llmp_watch_t  *w;

    w = llmp_words_take(words, '.');

    len = words->name_len;
    words->name_len = 0;

    return (w != NULL) ? w : llmp_words_find(words, words->name, len);
}


static const llmp_watch_t *
llmp_words_find(llmp_words_t *words, u_char *data, size_t len)
{
    llmp_int_t           folds;
    llmp_str_t           word;
    const llmp_watch_t  *w;

    if (len == 0 || len > LLMP_NAME_MAX) {
        return NULL;
    }

    word.data = data;
    word.len = len;

    w = llmp_watch_find(words->root, &word, &folds);

    /* whether an answer is streamed, many APIs let the query say */

    if (w == NULL
        || !((w->params & ~llmp_mask(LLMP_STREAM)) || w->undermines
             || w->model || w->meaning))
    {
        return NULL;
    }

    return w;
}
