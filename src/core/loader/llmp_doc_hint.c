
/*
 * Copyright (C) llm-policy authors
 */


#include <stdio.h>

#include "loader/llmp_doc_hint.h"


/* most bytes of a name that is compared */
#define LLMP_DOC_HINT_WORD  32


static size_t llmp_doc_hint_distance(const char *a, const char *b);
static size_t llmp_doc_hint_min(size_t a, size_t b, size_t c);
static u_char llmp_doc_hint_lower(char c);


void
llmp_doc_hint_init(llmp_doc_hint_t *hint, const char *word)
{
    hint->word = word;
    hint->near = NULL;
    hint->distance = 0;
    hint->len = 0;
    hint->list[0] = '\0';
}


void
llmp_doc_hint_add(llmp_doc_hint_t *hint, const char *name)
{
    size_t  distance, limit, size;

    size = sizeof(hint->list) - hint->len;

    if (size > 1) {
        hint->len += snprintf(hint->list + hint->len, size, "%s\"%s\"",
                              hint->len != 0 ? ", " : "", name);

        if (hint->len >= sizeof(hint->list)) {
            hint->len = sizeof(hint->list) - 1;
            memcpy(hint->list + hint->len - 3, "...", 3);
        }
    }

    distance = llmp_doc_hint_distance(hint->word, name);

    /* a short name has a lower limit, since most names are near to it */

    limit = (strlen(name) + 1) / 3;

    if (limit > 2) {
        limit = 2;
    }

    if (distance <= limit
        && (hint->near == NULL || distance < hint->distance))
    {
        hint->near = name;
        hint->distance = distance;
    }
}


const char *
llmp_doc_hint_text(llmp_doc_hint_t *hint, const char *introduction)
{
    if (hint->near != NULL) {
        (void) snprintf(hint->text, sizeof(hint->text),
                        "did you mean \"%s\"?", hint->near);

    } else {
        (void) snprintf(hint->text, sizeof(hint->text), "%s %s",
                        introduction, hint->list);
    }

    return hint->text;
}


/* returns the number of characters that must be added, removed or changed
   (Levenshtein distance) */

static size_t
llmp_doc_hint_distance(const char *a, const char *b)
{
    size_t  above, cost, diagonal, i, j, alen, blen;
    size_t  row[LLMP_DOC_HINT_WORD + 1];

    alen = strlen(a);
    blen = strlen(b);

    if (alen > LLMP_DOC_HINT_WORD || blen > LLMP_DOC_HINT_WORD) {
        return LLMP_DOC_HINT_WORD;
    }

    for (j = 0; j <= blen; j++) {
        row[j] = j;
    }

    for (i = 1; i <= alen; i++) {
        diagonal = row[0];
        row[0] = i;

        for (j = 1; j <= blen; j++) {
            above = row[j];
            cost = (llmp_doc_hint_lower(a[i - 1])
                    != llmp_doc_hint_lower(b[j - 1]));
            row[j] = llmp_doc_hint_min(above + 1, row[j - 1] + 1,
                                       diagonal + cost);
            diagonal = above;
        }
    }

    return row[blen];
}


static size_t
llmp_doc_hint_min(size_t a, size_t b, size_t c)
{
    if (b < a) {
        a = b;
    }

    return c < a ? c : a;
}


static u_char
llmp_doc_hint_lower(char c)
{
    return (c >= 'A' && c <= 'Z') ? c | 0x20 : c;
}
