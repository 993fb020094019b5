
/*
 * Copyright (C) llm-policy authors
 *
 * Changes to a document, as a short list: what no edit names stays as it is.
 */


#ifndef LLMP_EDIT_H_INCLUDED_
#define LLMP_EDIT_H_INCLUDED_


#include "base/llmp.h"


typedef struct {
    uint64_t      offset;   /* where, in the original document */
    uint64_t      len;      /* how many bytes go */
    llmp_str_t    text;     /* what comes in their place */
    llmp_uint_t   exact;    /* white space must not be left there */
} llmp_edit_t;


typedef struct {
    llmp_edit_t  *elts;     /* ordered by offset, apart from each other */
    llmp_uint_t   nelts;
    int64_t       growth;   /* what the edits add to the length, or take */
} llmp_edits_t;


/*
 * Puts edits in order, in place: sorts them, drops those inside what another
 * edit takes out, joins insertions at one offset in the order they were given,
 * computes the growth.  Returns LLMP_OK, or LLMP_ERROR if two edits
 * overlap in part or there is no memory: never to be applied then.
 */
llmp_int_t llmp_edit_merge(llmp_edits_t *edits, llmp_pool_t *pool);

/*
 * Applies edits to a document that is in one piece; returns the new document,
 * in pool, or an empty string with data == NULL if there is no memory or
 * an edit lies outside the document.
 */
llmp_str_t llmp_edit_apply(const llmp_edits_t *edits, llmp_pool_t *pool,
    const llmp_str_t *document);


#endif /* LLMP_EDIT_H_INCLUDED_ */
