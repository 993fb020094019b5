
/*
 * Copyright (C) llm-policy authors
 *
 * Changes to a document, as a list; bytes outside the edits are not changed.
 */


#ifndef LLMP_EDIT_H_INCLUDED_
#define LLMP_EDIT_H_INCLUDED_


#include "base/llmp.h"


typedef struct {
    uint64_t      offset;   /* bytes from the start of the original document */
    uint64_t      len;      /* bytes removed */
    llmp_str_t    text;     /* bytes inserted */
    llmp_uint_t   exact;    /* removed bytes must not become white space */
} llmp_edit_t;


typedef struct {
    llmp_edit_t  *elts;     /* ordered by offset, without overlaps */
    llmp_uint_t   nelts;
    int64_t       growth;   /* bytes by which the document becomes longer */
} llmp_edits_t;


/*
 * Puts edits in order, in place: sorts them, drops edits inside a range that
 * another edit removes, joins insertions at one offset in the order they were
 * given, computes the growth.  Returns LLMP_OK, or LLMP_ERROR if two edits
 * overlap in part or there is no memory; the edits must not be applied then.
 */
llmp_int_t llmp_edit_merge(llmp_edits_t *edits, llmp_pool_t *pool);

/*
 * Applies merged edits to a contiguous document.  Returns the new document,
 * allocated from pool, or an empty string with data == NULL if there is no
 * memory or an edit is not within the document.
 */
llmp_str_t llmp_edit_apply(const llmp_edits_t *edits, llmp_pool_t *pool,
    const llmp_str_t *document);


#endif /* LLMP_EDIT_H_INCLUDED_ */
