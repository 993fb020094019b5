
/*
 * Copyright (C) llm-policy authors
 *
 * State of the scanner.
 */


#ifndef LLMP_SCAN_STATE_H_INCLUDED_
#define LLMP_SCAN_STATE_H_INCLUDED_


#include "base/llmp.h"
#include "base/llmp_refusal.h"
#include "json/llmp_text.h"
#include "watch/llmp_member.h"
#include "watch/llmp_watch.h"


typedef enum {

    /* between tokens: the next token */

    LLMP_SCAN_START = 0,
    LLMP_SCAN_FIRST_NAME,
    LLMP_SCAN_NAME,
    LLMP_SCAN_COLON,
    LLMP_SCAN_FIRST_ELEMENT,
    LLMP_SCAN_VALUE,
    LLMP_SCAN_AFTER_MEMBER,
    LLMP_SCAN_AFTER_ELEMENT,
    LLMP_SCAN_DONE,

    /* inside a string */

    LLMP_SCAN_STRING,
    LLMP_SCAN_UTF8,
    LLMP_SCAN_ESCAPE,
    LLMP_SCAN_HEX,
    LLMP_SCAN_LOW_ESCAPE,
    LLMP_SCAN_LOW_U,

    /* inside true, false, null */

    LLMP_SCAN_LITERAL,

    /* inside a number: after its minus sign, ... */

    LLMP_SCAN_MINUS,
    LLMP_SCAN_ZERO,
    LLMP_SCAN_INTEGER,
    LLMP_SCAN_POINT,
    LLMP_SCAN_FRACTION,
    LLMP_SCAN_EXPONENT,
    LLMP_SCAN_EXPONENT_SIGN,
    LLMP_SCAN_EXPONENT_DIGIT
} llmp_scan_state_e;


/* members of an object that are compared without a hash table */
#define LLMP_SCAN_NAMES_LINEAR    16


#define LLMP_SCAN_DEPTH_MAX  64       /* nested objects and arrays */
#define LLMP_SCAN_NAMES_MAX  16384    /* members of all objects that are open */


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

    llmp_scan_request_pt     handler;
    void                    *data;
    llmp_pool_t             *texts;       /* for the texts within a request */

    /* set there, too, by tests and benchmarks: how text is passed over */

    const llmp_text_path_t  *path;

    /* the result */

    llmp_members_t           members;
    llmp_refusal_t           refusal;     /* if llmp_scan_feed() failed */

    /* the rest is private */

    llmp_uint_t              lax;         /* see llmp_scan_init_lax() */

    llmp_pool_t             *pool;
    const u_char            *buf;         /* what llmp_scan_feed() was given, */
    uint64_t                 offset;      /* and where it is in the document */

    uint64_t                 comma;       /* the last one between members */
    uint64_t                 key_start;
    uint64_t                 start;       /* of a watched scalar */

    const llmp_watch_t      *watch;       /* of the coming value, or NULL */
    const char              *literal;     /* the rest of true, false, null */

    uint64_t                 point;       /* secret, see llmp_scan_hash() */
    uint64_t                 square;      /* of it, modulo the same prime */
    llmp_scan_hash_t         exact;       /* of the current name */
    llmp_scan_hash_t         folded;      /* and of its fold, where watched */

    llmp_scan_name_t        *names;
    uint32_t                *heads;       /* buckets: 1 + the last name, or 0 */
    uint32_t                 nnames;
    uint32_t                 names_size;  /* of names and heads; a power of 2 */

    uint32_t                 code;        /* of the current \u escape */
    uint16_t                 surrogate;   /* the first of a pair, or 0 */
    uint16_t                 key_len;  /* above LLMP_WATCH_RAW_NAME_MAX: too
                                          long */
    uint16_t                 text_len;

    uint8_t                  state;
    uint8_t                  depth;
    uint8_t                  in_name;     /* the string is a member's name */
    uint8_t                  watched;    /* of an object with watched members */
    uint8_t                  escaped;     /* and has an escape */
    uint8_t                  keep;      /* in a watched scalar: keep its text */
    uint8_t                  inside;      /* a request of a batch */
    uint8_t                  single;      /* stop where the document ends */
    uint8_t                  chained;     /* names are in their buckets */
    uint8_t                  hex;         /* digits to come */
    uint8_t                  utf8_len;

    llmp_scan_frame_t        stack[LLMP_SCAN_DEPTH_MAX];
    u_char                   utf8[4];     /* a character that is split */
    u_char                   key[LLMP_WATCH_RAW_NAME_MAX];
    u_char                   text[LLMP_MEMBER_TEXT_MAX];
} llmp_scan_t;


/* the offset in the document of p, a position in the current buffer */
#define llmp_scan_pos(scan, p)                                                \
    ((scan)->offset + (uint64_t) ((p) - (scan)->buf))

/* the innermost open object or array, if depth is not 0 */
#define llmp_scan_frame(scan)  (&(scan)->stack[(scan)->depth - 1])

/* the member that was recorded last */
#define llmp_scan_last(scan)                                                  \
    (&(scan)->members.elts[(scan)->members.nelts - 1])


#endif /* LLMP_SCAN_STATE_H_INCLUDED_ */
