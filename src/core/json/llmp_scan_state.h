
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

    /* between tokens: the token that must follow */

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

    /* inside a number: after its minus sign, a leading zero, ... */

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
#define LLMP_SCAN_NAMES_LINEAR  16


#define LLMP_SCAN_DEPTH_MAX     64       /* nested objects and arrays */
#define LLMP_SCAN_NAMES_MAX     16384    /* members of all open objects */


/* an open object or array */

typedef struct {
    const llmp_watch_t  *watch;     /* node of a watched one, or NULL */
    uint32_t             member;    /* index of its record, if recorded */
    uint32_t             child;     /* 1 + index of the last watched member
                                       inside, or 0 */
    uint32_t             count;     /* members or elements so far */
    uint32_t             names;     /* number of names of the outer objects */
    uint32_t             seen;      /* set of 5-bit parts of the names'
                                       hashes */
    uint16_t             room;      /* limit of nnames up to which
                                       llmp_scan_name_short() uses seen, or 0 */
    uint8_t              object;    /* 0 for an array */
    uint8_t              recorded;  /* it has a record */
} llmp_scan_frame_t;


/* the hash of a name while it is read, see llmp_scan_hash() */

typedef struct {
    uint64_t             value;     /* hash of the chunks before */
    uint64_t             chunk;     /* last n bytes */
    uint8_t              n;
    uint8_t              begun;     /* value includes a chunk */
} llmp_scan_hash_t;


/* a name in an open object */

typedef struct {
    uint64_t             hash;
    uint32_t             exact;     /* low bits of the hash without folding:
                                       equal for duplicates */
    uint32_t             chain;     /* 1 + index of the name before in its
                                       bucket, or 0 */
} llmp_scan_name_t;


/* a string that may be a medium, see llmp_scan_media.h */

#define LLMP_SCAN_MEDIA_HEAD  128

typedef struct {
    uint64_t             size;      /* bytes so far */
    uint8_t              kind;      /* forms that are possible, or 0 */
    uint8_t              head_len;
    u_char               head[LLMP_SCAN_MEDIA_HEAD];  /* first bytes */
} llmp_scan_media_t;


/*
 * Receives the members of one request of a batch; the first is the request.
 * They are valid during the call only.  Returns LLMP_OK, or LLMP_ERROR with
 * refusal set to refuse the document.
 */

typedef llmp_int_t (*llmp_scan_request_pt)(void *data,
    llmp_members_t *members, llmp_refusal_t *refusal);


typedef struct {
    /* set by the caller between llmp_scan_init() and the first bytes, to
       receive the requests of a batch one by one: members whose node is a
       scope, except the root */

    llmp_scan_request_pt     handler;     /* NULL if there is no batch */
    void                    *data;        /* first argument of the handler */
    llmp_pool_t             *texts;       /* memory for texts of a request */

    /* set at the same time by tests and benchmarks: code that skips text */

    const llmp_text_path_t  *path;

    size_t                   media_min;   /* least bytes of a counted medium, at
                                             least LLMP_SCAN_MEDIA_HEAD;
                                             initially none is counted */

    /* the result */

    llmp_members_t           members;
    uint64_t                 media_count;  /* strings that are media */
    uint64_t                 media_bytes;  /* their bytes */
    llmp_refusal_t           refusal;     /* set if llmp_scan_feed() failed */

    /* the rest is private */

    llmp_uint_t              lax;         /* see llmp_scan_init_lax() */

    llmp_pool_t             *pool;
    const u_char            *buf;         /* buffer of llmp_scan_feed() */
    uint64_t                 offset;      /* offset of buf in the document */

    uint64_t                 comma;       /* last comma between members */
    uint64_t                 key_start;   /* start of the member or element */
    uint64_t                 start;       /* start of a watched scalar */

    const llmp_watch_t      *watch;       /* node of the next value, or NULL */
    const char              *literal;     /* the rest of true, false, null */

    uint64_t                 point;       /* secret, see llmp_scan_hash() */
    uint64_t                 square;      /* square of point modulo the prime */
    llmp_scan_hash_t         exact;       /* hash of the current name */
    llmp_scan_hash_t         folded;      /* hash of its fold, if watched */

    llmp_scan_name_t        *names;       /* names of all open objects */
    uint32_t                *heads;       /* buckets: 1 + index of the last
                                             name, or 0 */
    uint32_t                 nnames;
    uint32_t                 names_size;  /* capacity of names and heads,
                                             a power of 2 */

    uint32_t                 code;        /* digits so far of a \u escape */
    uint16_t                 surrogate;   /* first half of a pair, or 0 */
    uint16_t                 key_len;     /* more than LLMP_WATCH_RAW_NAME_MAX
                                             if the name is too long */
    uint16_t                 text_len;

    uint8_t                  state;       /* LLMP_SCAN_* */
    uint8_t                  depth;       /* number of frames in stack */
    uint8_t                  in_name;     /* the string is a member's name */
    uint8_t                  watched;     /* the name is in an object with
                                             watched members */
    uint8_t                  escaped;     /* the name has an escape */
    uint8_t                  keep;        /* keep text of a watched scalar */
    uint8_t                  inside;      /* inside a request of a batch */
    uint8_t                  single;      /* stop at the end of the document */
    uint8_t                  chained;     /* the names are in buckets */
    uint8_t                  hex;         /* missing digits of a \u escape */
    uint8_t                  utf8_len;

    llmp_scan_media_t        media;       /* the string that is read in
                                             pieces */

    llmp_scan_frame_t        stack[LLMP_SCAN_DEPTH_MAX];
    u_char                   utf8[4];     /* bytes of a split character */
    u_char                   key[LLMP_WATCH_RAW_NAME_MAX];    /* watched name */
    u_char                   text[LLMP_MEMBER_TEXT_MAX];    /* watched scalar */
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
