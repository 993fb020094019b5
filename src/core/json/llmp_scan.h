
/*
 * Copyright (C) llm-policy authors
 *
 * The scanner: reads a JSON text in one pass, in pieces split anywhere, and
 * records the watched members.
 */


#ifndef LLMP_SCAN_H_INCLUDED_
#define LLMP_SCAN_H_INCLUDED_


#include "json/llmp_scan_state.h"


/*
 * Prepares to scan one document.  root is the tree of watched members; it is
 * not changed, and must outlive the scan, as must pool.  seed is a secret
 * random number: it keys the hash that finds duplicate names, so that no client
 * can choose names that collide.
 */
void llmp_scan_init(llmp_scan_t *scan, const llmp_watch_t *root,
    llmp_pool_t *pool, uint64_t seed);

/*
 * Prepares to scan a document that is not policed: duplicate names and unpaired
 * surrogates are accepted, and only members whose name equals that of a watched
 * one are recorded.  Only numbers need have a text, which may be in the buffer
 * of llmp_scan_feed() if the document is complete.  The caller may set room for
 * the first members in scan->members, but no handler.
 */
void llmp_scan_init_lax(llmp_scan_t *scan, const llmp_watch_t *root,
    llmp_pool_t *pool);

/*
 * Takes the next len bytes, which are neither kept nor changed; last is set
 * with the final ones (len may be 0).
 *
 * Returns LLMP_AGAIN until last is set, then LLMP_OK if the text is one JSON
 * object by RFC 8259 in UTF-8 (RFC 3629).  Returns LLMP_ERROR with
 * scan->refusal set otherwise; every later call returns the same error.
 * Messages count bytes from 0, and never contain bytes of the document.
 *
 * A document is refused as well if it has the following, which JSON readers
 * interpret differently:
 *
 *   - a duplicate name in one object, after decoding its escapes; in objects
 *     with watched members, also after folding (llmp_fold());
 *   - in these objects, a name that equals a watched one only after folding, or
 *     is written with escapes;
 *   - a name with a control character;
 *   - an unpaired surrogate escape, a byte order mark, a NUL byte;
 *   - nesting and counts beyond the limits of llmp_scan_state.h.
 *
 * Time is linear in the number of bytes.  Memory depends only on the numbers of
 * names and members, which are limited.
 */
llmp_int_t llmp_scan_feed(llmp_scan_t *scan, const u_char *buf, size_t len,
    llmp_int_t last);

/*
 * Takes the next len bytes of a document that others may follow.  Returns
 * LLMP_OK if its object ends, with the number of bytes taken in *taken;
 * LLMP_AGAIN if all bytes were taken and more must follow; or LLMP_ERROR as
 * llmp_scan_feed().
 */
llmp_int_t llmp_scan_feed_first(llmp_scan_t *scan, const u_char *buf,
    size_t len, size_t *taken);


/* place where the fed bytes end, from which a caller can skip the rest of
   a document that is refused */

typedef struct {
    uint64_t             depth;       /* number of open objects and arrays */
    uint8_t              string;      /* inside a string */
    uint8_t              escape;      /* after a backslash */
    uint8_t              nrest;       /* number of bytes in rest */
    u_char               rest[4];     /* bytes of a character that is split, or
                                         not well formed: some of these may have
                                         another meaning */
} llmp_scan_place_t;

/* sets *place to the end of the bytes fed so far */
void llmp_scan_get_place(const llmp_scan_t *scan, llmp_scan_place_t *place);


/*
 * Returns the offset up to which the document can no longer change, except in
 * members that are already recorded: that of the comma, or of the first byte,
 * of the member or element now being read, if it may be watched; for a complete
 * document, that of its last brace; otherwise the number of bytes fed, without
 * those of an incomplete character.
 */
uint64_t llmp_scan_stable_offset(const llmp_scan_t *scan);

/*
 * llmp_scan_snapshot() sets *members to the members so far, as if all open
 * objects and arrays ended here; a scalar that is incomplete is not among them.
 * llmp_scan_snapshot_end() must be called before more bytes are fed.
 */
void llmp_scan_snapshot(llmp_scan_t *scan, llmp_members_t *members);
void llmp_scan_snapshot_end(llmp_scan_t *scan);


#endif /* LLMP_SCAN_H_INCLUDED_ */
