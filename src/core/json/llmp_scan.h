
/*
 * Copyright (C) llm-policy authors
 *
 * The scanner: reads a JSON text in one pass, as it arrives, split anywhere,
 * and reports where the watched members are.
 */


#ifndef LLMP_SCAN_H_INCLUDED_
#define LLMP_SCAN_H_INCLUDED_


#include "base/llmp.h"
#include "watch/llmp_member.h"
#include "base/llmp_refusal.h"
#include "json/llmp_text.h"
#include "watch/llmp_watch.h"


#define LLMP_DEPTH_MAX  64       /* nested objects and arrays */
#define LLMP_NAMES_MAX  16384    /* members of all objects that are open */


typedef struct {
    const llmp_watch_t  *watch;   /* if it is a watched member, or NULL */
    uint32_t             member;  /* its place in members, if watched */
    uint32_t             child;   /* 1 + the last watched member inside, or 0 */
    uint32_t             count;   /* members or elements so far */
    uint32_t             names;   /* names of the objects around this one */
    uint32_t             seen;    /* a bit for some of each name's hash */
    uint16_t             room;    /* for names of all objects that are told
                                     apart by that: 0 if others come first */
    uint8_t              object;
    uint8_t              recorded;  /* it is a member */
} llmp_scan_frame_t;


/* the hash of a name, as it is read; see llmp_scan_hash() */

typedef struct {
    uint64_t             value;
    uint64_t             chunk;   /* of n bytes */
    uint8_t              n;
    uint8_t              begun;   /* value has a chunk in it */
} llmp_scan_hash_t;


/* a name of an object that is open */

typedef struct {
    uint64_t             hash;
    uint32_t             exact;   /* tells a duplicate from one that folds */
    uint32_t             chain;   /* 1 + the one before in its bucket, or 0 */
} llmp_scan_name_t;


/*
 * Takes the members of one request of a batch, the first being the request;
 * they are gone when it returns.  Returns LLMP_OK, or LLMP_ERROR with refusal
 * set: the document is then refused.
 */

typedef llmp_int_t (*llmp_scan_request_pt)(void *data,
    llmp_members_t *members, llmp_refusal_t *refusal);


typedef struct {
    /* set by the caller between llmp_scan_init() and the first bytes, to be
       given the requests of a batch one by one: what has a watch that is a
       scope, but for the root */

    llmp_scan_request_pt handler;
    void                *data;
    llmp_pool_t         *texts;       /* for the texts within a request */

    /* set there, too, by tests and benchmarks: how text is passed over */

    const llmp_text_path_t *path;

    /* the result */

    llmp_members_t       members;
    llmp_refusal_t       refusal;     /* if llmp_scan_feed() failed */

    /* the rest is private */

    llmp_uint_t          lax;         /* see llmp_scan_init_lax() */

    llmp_pool_t         *pool;
    const u_char        *buf;         /* what llmp_scan_feed() was given, */
    uint64_t             offset;      /* and where it is in the document */

    uint64_t             comma;       /* the last one between members */
    uint64_t             key_start;
    uint64_t             start;       /* of a watched scalar */

    const llmp_watch_t  *watch;       /* of the coming value, or NULL */
    const char          *literal;     /* the rest of true, false, null */

    uint64_t             point;       /* secret, see llmp_scan_hash() */
    uint64_t             square;      /* of it, modulo the same prime */
    llmp_scan_hash_t     exact;       /* of the current name */
    llmp_scan_hash_t     folded;      /* and of its fold, where watched */

    llmp_scan_name_t    *names;
    uint32_t            *heads;       /* buckets: 1 + the last name, or 0 */
    uint32_t             nnames;
    uint32_t             names_size;  /* of names and heads; a power of 2 */

    uint32_t             code;        /* of the current \u escape */
    uint16_t             surrogate;   /* the first of a pair, or 0 */
    uint16_t             key_len;     /* above LLMP_KEY_MAX: too long */
    uint16_t             text_len;

    uint8_t              state;
    uint8_t              depth;
    uint8_t              in_name;     /* the string is a member's name */
    uint8_t              watched;     /* of an object with watched members */
    uint8_t              escaped;     /* and has an escape */
    uint8_t              keep;        /* in a watched scalar: keep its text */
    uint8_t              inside;      /* a request of a batch */
    uint8_t              single;      /* stop where the document ends */
    uint8_t              chained;     /* names are in their buckets */
    uint8_t              hex;         /* digits to come */
    uint8_t              utf8_len;

    llmp_scan_frame_t    stack[LLMP_DEPTH_MAX];
    u_char               utf8[4];     /* a character that is split */
    u_char               key[LLMP_KEY_MAX];
    u_char               text[LLMP_TEXT_MAX];
} llmp_scan_t;


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
llmp_int_t llmp_scan_first(llmp_scan_t *scan, const u_char *buf, size_t len,
    size_t *taken);


/* how what has been fed leaves off, for whoever skips what is refused next */

typedef struct {
    uint64_t             depth;       /* objects and arrays that are open */
    uint8_t              string;      /* in a string, */
    uint8_t              escape;      /* just behind a backslash */
    uint8_t              nrest;       /* or of a character, */
    u_char               rest[4];     /* unless these are not one: then some of
                                         them mean something else */
} llmp_scan_place_t;

void llmp_scan_place(const llmp_scan_t *scan, llmp_scan_place_t *place);


/*
 * Where the first byte is that what comes next may take out or change, if it is
 * a member or an element that may be watched: its comma, or its first byte.
 * All that has been fed if there is no such thing, but for bytes that are not
 * known to be a character yet; for a document that is complete, its last brace.
 * What is watched already does not count.
 */
uint64_t llmp_scan_edge(const llmp_scan_t *scan);

/*
 * The members so far, as of a document that ends here with all that is open; a
 * scalar that is not complete is not among them.  llmp_scan_so_far_end() makes
 * them again what the scanner needs.
 */
void llmp_scan_so_far(llmp_scan_t *scan, llmp_members_t *members);
void llmp_scan_so_far_end(llmp_scan_t *scan);


/*
 * Decodes a JSON string as written, quotes included, that the scanner has
 * accepted; dst must have text->len bytes.  Returns the decoded length.  A text
 * that was cut is decoded up to the last character that is whole.
 */
size_t llmp_unescape(u_char *dst, const llmp_str_t *text);


#endif /* LLMP_SCAN_H_INCLUDED_ */
