
/*
 * Copyright (C) llm-policy authors
 *
 * The scanner: reads a JSON text in one pass, as it arrives, split anywhere,
 * and reports where the watched members are.
 */


#ifndef LLMP_SCAN_H_INCLUDED_
#define LLMP_SCAN_H_INCLUDED_


#include "json/llmp_scan_state.h"


/*
 * Prepares to scan one document.  root says what to look for; it is not
 * changed and must outlive the scan, as must pool.  seed is a secret
 * random number: it keys the hash that finds duplicate names, so that no
 * client can choose names that collide.
 */
void llmp_scan_init(llmp_scan_t *scan, const llmp_watch_t *root,
    llmp_pool_t *pool, uint64_t seed);

/*
 * The same for a document that is not held to a policy: names may be any, even
 * the same twice, those that are watched are those spelt so, and surrogates
 * need no pair.  Of scalars, only numbers need have a text, which may be in the
 * buffer if the document is complete.  Room for the first members may be set in
 * scan->members; a handler may not.
 */
void llmp_scan_init_lax(llmp_scan_t *scan, const llmp_watch_t *root,
    llmp_pool_t *pool);

/*
 * Takes the next len bytes; last is set with the final ones (len may be 0).
 * The bytes are not kept and not changed.
 *
 * Returns LLMP_AGAIN while more is to come, LLMP_OK if last was set and the
 * text is one JSON object by RFC 8259 in UTF-8 (RFC 3629), and LLMP_ERROR with
 * scan->refusal filled otherwise; every later call returns the same error.
 * Messages count bytes from 0, and never hold any of the document.
 *
 * Refused as well, because JSON readers differ in what they take them for:
 *
 *   - a name that stands twice in one object, after decoding its escapes;
 *     where something is watched, also after folding (llmp_fold());
 *   - there, a name that equals a watched one only after folding, or is
 *     written with escapes;
 *   - a name with a control character;
 *   - an unpaired surrogate escape, a byte order mark, a NUL byte;
 *   - nesting and counts beyond the limits above.
 *
 * Time is linear in the bytes; memory does not depend on them but for
 * names and members, within the limits above.
 */
llmp_int_t llmp_scan_feed(llmp_scan_t *scan, const u_char *buf, size_t len,
    llmp_int_t last);

/*
 * The same of a document that others may follow.  Returns LLMP_OK where its
 * object ends, with the bytes that were taken in *taken; LLMP_AGAIN if all
 * were taken and more is to come; or LLMP_ERROR as above.
 */
llmp_int_t llmp_scan_feed_first(llmp_scan_t *scan, const u_char *buf,
    size_t len, size_t *taken);


/* how what has been fed leaves off, for whoever skips what is refused next */

typedef struct {
    uint64_t             depth;       /* objects and arrays that are open */
    uint8_t              string;      /* in a string, */
    uint8_t              escape;      /* just behind a backslash */
    uint8_t              nrest;       /* or of a character, */
    u_char               rest[4];     /* unless these are not one: then some of
                                         them mean something else */
} llmp_scan_place_t;

void llmp_scan_get_place(const llmp_scan_t *scan, llmp_scan_place_t *place);


/*
 * Where the first byte is that what comes next may take out or change, if it is
 * a member or an element that may be watched: its comma, or its first byte.
 * All that has been fed if there is no such thing, but for bytes that are not
 * known to be a character yet; for a document that is complete, its last brace.
 * What is watched already does not count.
 */
uint64_t llmp_scan_stable_offset(const llmp_scan_t *scan);

/*
 * The members so far, as of a document that ends here with all that is open; a
 * scalar that is not complete is not among them.  llmp_scan_snapshot_end()
 * makes them again what the scanner needs.
 */
void llmp_scan_snapshot(llmp_scan_t *scan, llmp_members_t *members);
void llmp_scan_snapshot_end(llmp_scan_t *scan);


#endif /* LLMP_SCAN_H_INCLUDED_ */
