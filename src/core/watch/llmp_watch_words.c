
/*
 * Copyright (C) llm-policy authors
 */


#include "base/llmp_ascii.h"
#include "watch/llmp_watch_words.h"


static const llmp_watch_t *llmp_watch_words_find_inside(
    llmp_watch_words_t *words, size_t len);
static const llmp_watch_t *llmp_watch_words_find(
    const llmp_watch_words_t *words, const llmp_watch_t *node, u_char *data,
    size_t len);


void
llmp_watch_words_init(llmp_watch_words_t *words, const llmp_watch_t *root,
    uint64_t harmless)
{
    words->root = root;
    words->harmless = harmless;
    words->outer = NULL;
    words->word_len = 0;
    words->name_len = 0;
}


const llmp_watch_t *
llmp_watch_words_add(llmp_watch_words_t *words, u_char ch)
{
    size_t               len;
    const llmp_watch_t  *w;

    if (llmp_ascii_is_alnum(ch) || ch == '_' || ch >= 0x80) {

        /* a longer word is not a watched name */

        if (words->word_len < LLMP_WATCH_NAME_MAX) {
            words->word[words->word_len] = ch;
        }

        if (words->name_len < LLMP_WATCH_NAME_MAX) {
            words->name[words->name_len] = ch;
        }

        words->word_len++;
        words->name_len++;

        return NULL;
    }

    len = words->word_len;
    words->word_len = 0;

    w = llmp_watch_words_find_inside(words, len);

    return (w != NULL) ? w : llmp_watch_words_find(words, words->root,
                                                   words->word,
                                                   len);
}


/* finds a word inside the member named by the word before: "trace" inside
   "metadata" for "metadata[trace]" */

static const llmp_watch_t *
llmp_watch_words_find_inside(llmp_watch_words_t *words, size_t len)
{
    llmp_int_t           folds;
    llmp_str_t           word;
    const llmp_watch_t  *outer, *w;

    if (len == 0 || len > LLMP_WATCH_NAME_MAX) {
        return NULL;
    }

    word.data = words->word;
    word.len = len;

    outer = words->outer;

    w = NULL;

    if (outer != NULL) {
        w = llmp_watch_words_find(words, outer, words->word, len);
    }

    words->outer = llmp_watch_find(outer != NULL ? outer : words->root, &word,
                                   &folds);

    return w;
}


const llmp_watch_t *
llmp_watch_words_end(llmp_watch_words_t *words)
{
    size_t               len;
    const llmp_watch_t  *w;

    w = llmp_watch_words_add(words, '.');

    len = words->name_len;
    words->name_len = 0;
    words->outer = NULL;

    return (w != NULL) ? w : llmp_watch_words_find(words, words->root,
                                                   words->name,
                                                   len);
}


static const llmp_watch_t *
llmp_watch_words_find(const llmp_watch_words_t *words, const llmp_watch_t *node,
    u_char *data, size_t len)
{
    llmp_int_t           folds;
    llmp_str_t           word;
    const llmp_watch_t  *w;

    if (len == 0 || len > LLMP_WATCH_NAME_MAX) {
        return NULL;
    }

    word.data = data;
    word.len = len;

    w = llmp_watch_find(node, &word, &folds);

    if (w == NULL
        || !((w->rules.params & ~words->harmless) || w->rules.bypasses
             || w->rules.model || w->rules.role || w->rules.pointer))
    {
        return NULL;
    }

    return w;
}
