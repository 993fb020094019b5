
/*
 * Copyright (C) llm-policy authors
 *
 * JSON documents one after another, as they pass: objects with anything
 * but objects between them, or the elements of an array.
 */


#ifndef LLMP_DOCUMENTS_H_INCLUDED_
#define LLMP_DOCUMENTS_H_INCLUDED_


#include "base/llmp.h"
#include "json/llmp_scan.h"
#include "base/llmp_scratch.h"


/* takes the members of a document that has ended; they are gone when it
   returns */
typedef void (*llmp_docs_pt)(void *data, const llmp_members_t *members);


/* so many members need no memory of the pool */
#define LLMP_DOCS_MEMBERS  16


typedef struct {
    llmp_docs_pt         handler;
    void                *data;
    const llmp_watch_t  *root;

    /* counted from the first byte, or the last llmp_docs_end(): */

    uint64_t             offset;     /* of what llmp_docs_feed() was given */
    uint64_t             start;      /* of the document at hand */

    const u_char        *buf;
    llmp_scan_place_t    place;      /* in what is skipped */

    uint8_t              state;
    uint8_t              array;      /* the documents are its elements */

    llmp_scratch_t       scratch;    /* for what the document at hand needs */
    llmp_scan_t          scan;       /* of it */
    llmp_member_t        members[LLMP_DOCS_MEMBERS];
} llmp_docs_t;


/*
 * Prepares to read documents for what root watches.  root and pool must outlive
 * it.  The memory of a document is used for the next one.
 */
void llmp_docs_init(llmp_docs_t *docs, const llmp_watch_t *root,
    llmp_docs_pt handler, void *data, llmp_pool_t *pool);

/*
 * Takes the next len bytes, split anywhere.  A document that the scanner does
 * not accept is skipped up to where its object ends.
 */
void llmp_docs_feed(llmp_docs_t *docs, const u_char *buf, size_t len);

/* forgets what has not ended: whatever comes next is at the top */
void llmp_docs_end(llmp_docs_t *docs);

/* the scan of a document that has not ended, or NULL */
const llmp_scan_t *llmp_docs_open(const llmp_docs_t *docs);


#endif /* LLMP_DOCUMENTS_H_INCLUDED_ */
