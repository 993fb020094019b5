
/*
 * Copyright (C) llm-policy authors
 *
 * Incremental reader of consecutive JSON documents: objects with anything but
 * objects between them, or the elements of an array.
 */


#ifndef LLMP_DOCUMENTS_H_INCLUDED_
#define LLMP_DOCUMENTS_H_INCLUDED_


#include "base/llmp.h"
#include "base/llmp_scratch.h"
#include "json/llmp_scan.h"


/* receives the members of a complete document, valid during the call */
typedef void (*llmp_documents_pt)(void *data, const llmp_members_t *members);


/* members of a document that need no memory of the pool */
#define LLMP_DOCUMENTS_MEMBERS  16


typedef struct {
    llmp_documents_pt    handler;
    void                *data;       /* first argument of the handler */
    const llmp_watch_t  *root;

    /* offsets since the first byte, or since llmp_documents_reset() */

    uint64_t             offset;     /* start of the fed buffer */
    uint64_t             start;      /* start of the document */

    const u_char        *buf;        /* the fed buffer */
    llmp_scan_place_t    place;      /* nesting within a skipped document */

    uint8_t              state;
    uint8_t              array;      /* the documents are array elements */

    llmp_scratch_t       scratch;    /* memory of the current document */
    llmp_scan_t          scan;
    llmp_member_t        members[LLMP_DOCUMENTS_MEMBERS];
} llmp_documents_t;


/*
 * Prepares to read documents and to record the members watched by root.  root
 * and pool must outlive docs.  Memory of a document is reused for the next one.
 */
void llmp_documents_init(llmp_documents_t *docs, const llmp_watch_t *root,
    llmp_documents_pt handler, void *data, llmp_pool_t *pool);

/*
 * Reads the next len bytes, split anywhere.  A document that the scanner
 * rejects is skipped up to the end of its object.
 */
void llmp_documents_feed(llmp_documents_t *docs, const u_char *buf, size_t len);

/* drops an unfinished document and returns to the top level */
void llmp_documents_reset(llmp_documents_t *docs);

/* returns the scan of the unfinished document, or NULL */
const llmp_scan_t *llmp_documents_unfinished(const llmp_documents_t *docs);


#endif /* LLMP_DOCUMENTS_H_INCLUDED_ */
