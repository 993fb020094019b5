
/*
 * Copyright (C) llm-policy authors
 *
 * Records of the watched members of a body: the scanners fill them, the
 * decision reads them.
 */


#ifndef LLMP_MEMBER_H_INCLUDED_
#define LLMP_MEMBER_H_INCLUDED_


#include "base/llmp.h"
#include "watch/llmp_watch.h"


#define LLMP_MEMBER_TEXT_MAX  256     /* bytes kept of a watched scalar */
#define LLMP_MEMBERS_MAX      4096    /* watched members of one document */


/*
 * A watched member or element of a document.  Offsets are bytes from the start
 * of the document.  Members are in the order of the document, each before its
 * inner members; the first is the root object.
 *
 * If the document is a form, the root is the form, and a member is a field: key
 * is the delimiter before the field, comma the line end before that delimiter,
 * and next the delimiter after the field, never 0.
 */

typedef struct {
    const llmp_watch_t  *watch;

    uint64_t             comma;   /* comma before it, if index > 0 */
    uint64_t             key;     /* opening quote of the name; first byte of an
                                     element */
    uint64_t             start;   /* first byte of the value */
    uint64_t             end;     /* byte after the value */
    uint64_t             next;    /* key of the next member or element, 0 if
                                     there is none */

    uint32_t             parent;  /* record of the enclosing watched member */
    uint32_t             last;    /* record of the last inner member, or its
                                     own */
    uint32_t             index;   /* position in the object or array, from 0 */
    uint32_t             count;   /* number of members or elements inside */

    uint8_t              type;    /* LLMP_TYPE_* */
    uint8_t              cut;     /* text is only the start of the value */

    uint16_t             length_start;  /* Content-Length line of a field of
                                           a form, bytes after key */
    uint16_t             length_size;   /* its bytes, 0 if there is none */

    llmp_str_t           text;    /* scalar as written, with its quotes; string
                                     of a form encoded as JSON */
} llmp_member_t;


typedef struct {
    llmp_member_t       *elts;
    uint32_t             nelts;
    llmp_uint_t          size;
} llmp_members_t;


/*
 * Makes room for one more member.  Returns LLMP_OK, LLMP_DECLINED if there are
 * LLMP_MEMBERS_MAX already, or LLMP_ERROR if there is no memory.  Memory comes
 * from pool; members->elts may have moved.
 */
llmp_int_t llmp_member_reserve(llmp_members_t *members, llmp_pool_t *pool);


/* adds a member, for which there must be room; sets its watch, type, start and
   last (itself), and clears the rest */

static inline llmp_member_t *
llmp_member_put(llmp_members_t *members, const llmp_watch_t *watch,
    llmp_uint_t type, uint64_t start)
{
    llmp_member_t  *m;

    m = &members->elts[members->nelts];

    memset(m, 0, sizeof(llmp_member_t));

    m->watch = watch;
    m->type = (uint8_t) type;
    m->start = start;
    m->last = members->nelts++;

    return m;
}


/* adds a member as llmp_member_put() does, after making room for it; returns as
   llmp_member_reserve() does */

static inline llmp_int_t
llmp_member_add(llmp_members_t *members, llmp_pool_t *pool,
    const llmp_watch_t *watch, llmp_uint_t type, uint64_t start)
{
    llmp_int_t  rc;

    if (members->nelts == members->size) {
        rc = llmp_member_reserve(members, pool);

        if (rc != LLMP_OK) {
            return rc;
        }
    }

    (void) llmp_member_put(members, watch, type, start);

    return LLMP_OK;
}


#endif /* LLMP_MEMBER_H_INCLUDED_ */
