
/*
 * Copyright (C) llm-policy authors
 *
 * What the files of the scanner share: llmp_scan.c (the state machine),
 * llmp_scan_quick.c (a shorter way through what is whole and plain), and
 * llmp_scan_lax.c (the same where nothing is held to a policy),
 * llmp_scan_member.c (the records of watched members), llmp_scan_name.c
 * (names, and whether one stands twice), llmp_scan_unescape.c.
 */


#ifndef LLMP_SCAN_STATE_H_INCLUDED_
#define LLMP_SCAN_STATE_H_INCLUDED_


#include <inttypes.h>

#include "json/llmp_scan.h"


/* where p, which is in the current buffer, is in the document */
#define llmp_scan_pos(scan, p)                                                \
    ((scan)->offset + (uint64_t) ((p) - (scan)->buf))

/* the innermost object or array; there is one unless depth is 0 */
#define llmp_scan_frame(scan)  (&(scan)->stack[(scan)->depth - 1])

/* the member that was recorded last */
#define llmp_scan_last(scan)                                                  \
    (&(scan)->members.elts[(scan)->members.nelts - 1])


typedef enum {

    /* between tokens: what comes next */

    sw_start = 0,
    sw_first_name,
    sw_name,
    sw_colon,
    sw_first_element,
    sw_value,
    sw_after_member,
    sw_after_element,
    sw_done,

    /* inside a string */

    sw_string,
    sw_utf8,
    sw_escape,
    sw_hex,
    sw_low_escape,
    sw_low_u,

    /* inside true, false, null */

    sw_literal,

    /* inside a number: after its minus sign, ... */

    sw_minus,
    sw_zero,
    sw_integer,
    sw_point,
    sw_fraction,
    sw_exponent,
    sw_exponent_sign,
    sw_exponent_digit
} llmp_scan_state_e;


#define llmp_scan_is_white(ch)                                                \
    ((ch) == ' ' || (ch) == '\n' || (ch) == '\r' || (ch) == '\t')


/*
 * Goes on from p, where there may be white space before a token, as long as
 * tokens are plain and whole, and not near the end.  Returns where the state
 * machine has to go on, which may be p; or NULL after a refusal.
 */
const u_char *llmp_scan_quick(llmp_scan_t *scan, const u_char *p,
    const u_char *end);

/* the same of a document that is not held to a policy */
const u_char *llmp_scan_lax(llmp_scan_t *scan, const u_char *p,
    const u_char *end);

/* opens and closes the object or array at p, where one may stand or end */
const u_char *llmp_scan_open(llmp_scan_t *scan, const u_char *p);
const u_char *llmp_scan_close(llmp_scan_t *scan, const u_char *p);


/* begins a member, at the quote of its name, or an element, which sets
   scan->watch for its value */
static inline void llmp_scan_item(llmp_scan_t *scan, uint64_t pos);
llmp_int_t llmp_scan_element(llmp_scan_t *scan, uint64_t pos);

/* records the value at pos, which is watched */
llmp_int_t llmp_scan_record(llmp_scan_t *scan, llmp_uint_t type, uint64_t pos);

/* the same, and lets its text be kept: it is a scalar */
llmp_int_t llmp_scan_record_scalar(llmp_scan_t *scan, llmp_uint_t type,
    uint64_t pos);

/* records a watched scalar that is whole: [p, end) */
llmp_int_t llmp_scan_record_whole(llmp_scan_t *scan, llmp_uint_t type,
    const u_char *p, const u_char *end);

/* the object or array of a frame, which is watched, was closed: it may be
   a request that is to be handed on */
llmp_int_t llmp_scan_handled(llmp_scan_t *scan,
    const llmp_scan_frame_t *frame);

/* makes room for another member */
llmp_int_t llmp_scan_members_grow(llmp_scan_t *scan);

/* makes a copy of n bytes the text of a member */
llmp_int_t llmp_scan_text(llmp_scan_t *scan, llmp_member_t *m,
    const u_char *text, size_t n);

/* keeps what the buffer, up to end, has of a scalar that is kept */
void llmp_scan_keep(llmp_scan_t *scan, const u_char *end);

/* ends the scalar that is kept, just before end */
llmp_int_t llmp_scan_kept(llmp_scan_t *scan, const u_char *end);


/* names of an object that need no buckets */
#define LLMP_SCAN_FEW    16

/* begins a name; then gives it plain text, or a character; then ends it, which
   sets scan->watch for the value */
void llmp_scan_name_start(llmp_scan_t *scan);
void llmp_scan_name_plain(llmp_scan_t *scan, const u_char *p,
    const u_char *end);
void llmp_scan_name_char(llmp_scan_t *scan, uint32_t code);
llmp_int_t llmp_scan_name_end(llmp_scan_t *scan);

/*
 * All of that for a name of n bytes that is whole and plain text.  15 bytes
 * more than it has can be read.
 */
llmp_int_t llmp_scan_name_whole(llmp_scan_t *scan, const u_char *p, size_t n);

/* forgets all but the first nnames names: their object is closed */
void llmp_scan_names_forget(llmp_scan_t *scan, uint32_t nnames);

/* makes of the seed the point where names are hashed */
uint64_t llmp_scan_name_point(uint64_t seed);


/* refuses because memory ran out; returns LLMP_ERROR */
llmp_int_t llmp_scan_nomem(llmp_scan_t *scan);


/* the two halves of a pair of surrogates, and what they stand for */

#define llmp_scan_is_high(code)  ((code) >= 0xd800 && (code) < 0xdc00)
#define llmp_scan_is_low(code)   ((code) >= 0xdc00 && (code) < 0xe000)

#define llmp_scan_pair(high, low)                                             \
    (0x10000 + (((high) & 0x3ff) << 10) + ((low) & 0x3ff))


/* the last watched member inside may be the one before that at pos */

static inline void
llmp_scan_item_next(llmp_scan_t *scan, const llmp_scan_frame_t *frame,
    uint64_t pos)
{
    llmp_member_t  *m;

    m = &scan->members.elts[frame->child - 1];

    if (m->index + 1 == frame->count) {
        m->next = pos;
    }
}


static inline void
llmp_scan_item_in(llmp_scan_t *scan, llmp_scan_frame_t *frame, uint64_t pos)
{
    if (frame->child != 0) {
        llmp_scan_item_next(scan, frame, pos);
    }

    frame->count++;
    scan->key_start = pos;
}


static inline void
llmp_scan_item(llmp_scan_t *scan, uint64_t pos)
{
    llmp_scan_item_in(scan, llmp_scan_frame(scan), pos);
}


/* what llmp_scan_record() does, in the object or array of a frame; returns the
   member, or NULL after a refusal */

static inline llmp_member_t *
llmp_scan_record_in(llmp_scan_t *scan, llmp_scan_frame_t *frame,
    llmp_uint_t type, uint64_t pos)
{
    llmp_member_t  *m;

    if (scan->members.nelts == scan->members.size
        && llmp_scan_members_grow(scan) != LLMP_OK)
    {
        return NULL;
    }

    m = llmp_members_put(&scan->members, scan->watch, type, pos);

    m->parent = frame->member;
    m->index = frame->count - 1;
    m->key = scan->key_start;
    m->comma = (m->index != 0) ? scan->comma : 0;

    frame->child = m->last + 1;

    return m;
}


/* goes on inside a string that begins at p: there is too little of it, or what
   is at next is not plain */

static inline const u_char *
llmp_scan_string_in(llmp_scan_t *scan, const u_char *p, const u_char *next)
{
    scan->state = sw_string;

    if (scan->watch != NULL
        && llmp_scan_record_scalar(scan, LLMP_TYPE_STRING,
                                   llmp_scan_pos(scan, p)) != LLMP_OK)
    {
        return NULL;
    }

    return next;
}


/* llmp_scan_element(), and in short for most */

static inline llmp_int_t
llmp_scan_quick_element(llmp_scan_t *scan, llmp_scan_frame_t *frame,
    uint64_t pos)
{
    if (frame->watch != NULL || frame->count == UINT32_MAX) {
        return llmp_scan_element(scan, pos);
    }

    frame->count++;
    scan->key_start = pos;
    scan->watch = NULL;

    return LLMP_OK;
}


/* where a number ends that is whole and right, as most are, or NULL */

static inline const u_char *
llmp_scan_quick_number(const u_char *p, const u_char *end)
{
    const u_char  *start;

    p += (*p == '-');

    start = p;

    while (p < end && *p >= '0' && *p <= '9') {
        p++;
    }

    if (p == start || (*start == '0' && p - start > 1)) {
        return NULL;
    }

    if (p < end && *p == '.') {
        start = ++p;

        while (p < end && *p >= '0' && *p <= '9') {
            p++;
        }

        if (p == start) {
            return NULL;
        }
    }

    /* exponents are rare; and a number ends where something else begins */

    return (p < end && *p != 'e' && *p != 'E') ? p : NULL;
}


/*
 * Returns the type of what is neither a string nor a container at p, and what
 * is behind it; or 0 if it is not known to be whole and right.
 * LLMP_SCAN_SCALAR bytes can be read, or one where a number may begin.
 */

#define LLMP_SCAN_SCALAR  5


static inline llmp_uint_t
llmp_scan_quick_scalar(const u_char *p, const u_char *end,
    const u_char **next)
{
    switch (*p) {

    case 't':
        *next = p + 4;
        return (memcmp(p, "true", 4) == 0) ? LLMP_TYPE_BOOLEAN : 0;

    case 'f':
        *next = p + 5;
        return (memcmp(p, "false", 5) == 0) ? LLMP_TYPE_BOOLEAN : 0;

    case 'n':
        *next = p + 4;
        return (memcmp(p, "null", 4) == 0) ? LLMP_TYPE_NULL : 0;
    }

    *next = llmp_scan_quick_number(p, end);

    return (*next != NULL) ? LLMP_TYPE_NUMBER : 0;
}


/* opens an object or array, scan->watch being its own; there is room for it */

static inline llmp_scan_frame_t *
llmp_scan_push(llmp_scan_t *scan, llmp_uint_t object)
{
    llmp_scan_frame_t  *frame;

    frame = &scan->stack[scan->depth++];

    frame->watch = scan->watch;
    frame->member = scan->members.nelts - 1;
    frame->child = 0;
    frame->count = 0;
    frame->names = scan->nnames;
    frame->seen = 0;
    frame->object = (uint8_t) object;
    frame->recorded = (scan->watch != NULL);

    frame->room = 0;

    if (scan->watch == NULL && !scan->lax && !scan->chained) {
        frame->room = (scan->nnames + LLMP_SCAN_FEW < scan->names_size)
                      ? scan->nnames + LLMP_SCAN_FEW : scan->names_size;
    }

    scan->state = object ? sw_first_name : sw_first_element;

    return frame;
}


/* what the character behind a backslash stands for, or 0 if it may not be */

static inline u_char
llmp_scan_unescape(u_char ch)
{
    switch (ch) {

    case '"':
    case '\\':
    case '/':
        return ch;

    case 'b':
        return '\b';

    case 'f':
        return '\f';

    case 'n':
        return '\n';

    case 'r':
        return '\r';

    case 't':
        return '\t';
    }

    return 0;
}


/* the value of a hexadecimal digit, or -1 */

static inline int
llmp_scan_digit(u_char ch)
{
    if (ch >= '0' && ch <= '9') {
        return ch - '0';
    }

    ch |= 0x20;

    return (ch >= 'a' && ch <= 'f') ? ch - 'a' + 10 : -1;
}


#endif /* LLMP_SCAN_STATE_H_INCLUDED_ */
