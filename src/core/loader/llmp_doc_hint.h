
/*
 * Copyright (C) llm-policy authors
 *
 * Suggestions for an unknown name.
 */


#ifndef LLMP_DOC_HINT_H_INCLUDED_
#define LLMP_DOC_HINT_H_INCLUDED_


#include "base/llmp.h"


typedef struct {
    const char  *word;        /* unknown name */
    const char  *near;        /* nearest known name; NULL if none is near */
    size_t       distance;    /* of near */
    size_t       len;         /* of list */
    char         list[1536];  /* known names: "a", "b", ... */
    char         text[1664];  /* result of llmp_doc_hint_text() */
} llmp_doc_hint_t;


void llmp_doc_hint_init(llmp_doc_hint_t *hint, const char *word);

/* adds a known name, which must remain valid */
void llmp_doc_hint_add(llmp_doc_hint_t *hint, const char *name);

/*
 * Returns the end of a message: did you mean "NAME"? or, if no known name is
 * near, the introduction and the list: expected one of "a", "b".
 */
const char *llmp_doc_hint_text(llmp_doc_hint_t *hint, const char *introduction);


#endif /* LLMP_DOC_HINT_H_INCLUDED_ */
