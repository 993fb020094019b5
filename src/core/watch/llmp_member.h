
/*
 * Copyright (C) llm-policy authors
 *
 * Where in a body the watched members are: what the scanners of bodies find,
 * and the decision is made of.
 */


#ifndef LLMP_MEMBER_H_INCLUDED_
#define LLMP_MEMBER_H_INCLUDED_


#include "base/llmp.h"
#include "watch/llmp_watch.h"


#define LLMP_MEMBER_TEXT_MAX     256      /* bytes kept of a watched scalar */
#define LLMP_MEMBERS_MAX  4096     /* watched members in one document */


/*
 * A watched member (or element) that the document has.  Offsets are bytes
 * from the start of the document.  Members stand in the order of
 * the document, each before those inside it; the first is the root object.
 *
 * In a form, which is its root, a member is a field: its name begins at the
 * delimiter before it, its comma is the end of the line before that, and
 * another field, or the last delimiter, is always next.
 */

typedef struct {
    const llmp_watch_t  *watch;

    uint64_t             comma;   /* the comma before it, if index > 0 */
    uint64_t             key;     /* the opening quote of its name; for an
                                     element, its first byte */
    uint64_t             start;   /* the value: [start, end) */
    uint64_t             end;
    uint64_t             next;    /* key of the next member or element, 0 if it
                                     is the last */

    uint32_t             parent;  /* the enclosing watched member */
    uint32_t             last;    /* the last member inside it, or itself */
    uint32_t             index;   /* its place in the object or array, from 0 */
    uint32_t             count;   /* members or elements inside it */

    uint8_t              type;    /* LLMP_TYPE_* */
    uint8_t              cut;     /* text is only the start of the value */

    llmp_str_t           text;    /* a scalar as written, quotes included; of
                                     a form's string, as JSON would have it */
} llmp_member_t;


typedef struct {
    llmp_member_t       *elts;
    uint32_t             nelts;
    llmp_uint_t          size;
} llmp_members_t;


/*
 * Makes room for one member more.  Returns LLMP_OK, LLMP_DECLINED if there are
 * LLMP_MEMBERS_MAX already, or LLMP_ERROR if there is no memory.  Memory comes
 * from pool; members that were there before may have moved.
 */
llmp_int_t llmp_member_reserve(llmp_members_t *members, llmp_pool_t *pool);


/* adds a member where there is room for it, cleared but for its watch, type,
   start, and last (itself) */

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


/* the same wherever there is none yet; returns as llmp_member_reserve() does */

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
