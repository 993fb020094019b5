
/*
 * Copyright (C) llm-policy authors
 *
 * What an author may have meant by a name that is not known.  Private to
 * the loader.
 */


#ifndef LLMP_DOC_HINT_H_INCLUDED_
#define LLMP_DOC_HINT_H_INCLUDED_


#include "base/llmp.h"


typedef struct {
    const char  *word;       /* as written */
    const char  *near;       /* the nearest known name; NULL: none is near */
    size_t       distance;
    size_t       len;
    char         list[1536];  /* the known names: "a", "b", ... */
    char         text[1664];
} llmp_doc_hint_t;


void llmp_doc_hint_init(llmp_doc_hint_t *hint, const char *word);

/* takes one of the known names into account; it is not copied */
void llmp_doc_hint_add(llmp_doc_hint_t *hint, const char *name);

/*
 * Returns what to say: did you mean "NAME"? or, if none is near, the
 * introduction and the list, known are "a", "b".
 */
const char *llmp_doc_hint_text(llmp_doc_hint_t *hint, const char *introduction);


#endif /* LLMP_DOC_HINT_H_INCLUDED_ */
