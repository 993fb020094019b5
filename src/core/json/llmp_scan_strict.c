
/*
 * Copyright (C) llm-policy authors
 *
 * The way of most tokens: names and scalars that are whole in the buffer and
 * plain.  It leaves off in a state of the machine of llmp_scan.c, before
 * whatever is anything else: what is wrong is found, and told, there alone.
 */


#include "json/llmp_json_char.h"
#include "json/llmp_scan_container.h"
#include "json/llmp_scan_name.h"
#include "json/llmp_scan_record.h"
#include "json/llmp_scan_strict.h"
#include "json/llmp_scan_token.h"
#include "json/llmp_text_plain.h"


/* what may be read where a token begins: two masks */
#define LLMP_SCAN_READ_AHEAD    128

#define LLMP_SCAN_STRICT_MASKS   16

/* of 8 bytes of masks, from any bit of the first on */
#define LLMP_SCAN_STRICT_PLAIN   56

/* so few bytes are not worth a copy */
#define LLMP_SCAN_COPY_MIN  8


/*
 * Where text ends, as far as len bytes from base.  The masks are there before
 * it is known where a token begins, so that the next has not to wait for them.
 */

typedef struct {
    const u_char  *base;
    size_t         len;
    uint64_t       masks[LLMP_SCAN_STRICT_MASKS];
} llmp_scan_strict_window_t;


/* most documents have none */

#define llmp_scan_strict_white(p, limit)                                      \
                                                                              \
    while ((p) <= (limit) && *(p) <= ' ' && llmp_json_char_is_white(*(p))) {  \
        (p)++;                                                                \
    }


static const u_char *llmp_scan_strict_tokens(llmp_scan_t *scan, const u_char *p,
    const u_char *end, const u_char *limit);
static inline size_t llmp_scan_strict_plain(llmp_scan_strict_window_t *w,
    const u_char *p, const u_char *limit);
static void llmp_scan_strict_read_ahead(llmp_scan_strict_window_t *w,
    const u_char *p, const u_char *limit, size_t most);


const u_char *
llmp_scan_strict(llmp_scan_t *scan, const u_char *p, const u_char *end)
{
    size_t         n;
    u_char         rest[2 * LLMP_SCAN_READ_AHEAD];
    const u_char  *buf, *next;

    if (end - p >= LLMP_SCAN_READ_AHEAD) {
        p = llmp_scan_strict_tokens(scan, p, end, end - LLMP_SCAN_READ_AHEAD);
    }

    if (p == NULL || end - p < LLMP_SCAN_COPY_MIN
        || end - p >= LLMP_SCAN_READ_AHEAD
        || scan->depth == 0)
    {
        return p;
    }

    /* near the end, in a copy that may be read beyond it: there it has what
       no token has */

    n = (size_t) (end - p);

    memcpy(rest, p, n);
    memset(rest + n, 0, LLMP_SCAN_READ_AHEAD);

    buf = scan->buf;

    scan->buf = rest;
    scan->offset += (uint64_t) (p - buf);

    next = llmp_scan_strict_tokens(scan, rest, rest + n, rest + n - 1);

    scan->buf = buf;
    scan->offset -= (uint64_t) (p - buf);

    return (next != NULL) ? p + (next - rest) : NULL;
}


/*
 * Tokens begin at limit at most; LLMP_SCAN_READ_AHEAD bytes from there can be
 * read. The one state machine in one function: what goes between its parts
 * stays in registers.
 */

static const u_char *
llmp_scan_strict_tokens(llmp_scan_t *scan, const u_char *p, const u_char *end,
    const u_char *limit)
{
    size_t                      n;
    uint64_t                    zero;
    llmp_uint_t                 state, type;
    const u_char               *next;
    llmp_scan_frame_t          *frame;
    llmp_scan_strict_window_t   w;

    frame = llmp_scan_frame(scan);
    state = scan->state;

    /* where p is in the document, less p */

    zero = scan->offset - (uintptr_t) scan->buf;

    llmp_scan_strict_read_ahead(&w, p, limit, 2);

    switch (state) {

    case LLMP_SCAN_FIRST_NAME:
    case LLMP_SCAN_NAME:
        goto name;

    case LLMP_SCAN_FIRST_ELEMENT:
    case LLMP_SCAN_VALUE:
        goto value;

    case LLMP_SCAN_AFTER_MEMBER:
    case LLMP_SCAN_AFTER_ELEMENT:
        goto after;

    default:
        return p;
    }

name:

    llmp_scan_strict_white(p, limit);

    if (p > limit || *p != '"') {
        goto leave;
    }

    n = llmp_scan_strict_plain(&w, p, limit);

    if (p[n + 1] != '"') {
        goto leave;
    }

    llmp_scan_record_item_in(scan, frame, zero + (uintptr_t) p);

    if (llmp_scan_name_short(scan, frame, p + 1, n) != LLMP_OK) {
        return NULL;
    }

    p += n + 2;

    if (*p != ':') {
        state = LLMP_SCAN_COLON;
        goto leave;
    }

    p++;
    state = LLMP_SCAN_VALUE;

value:

    llmp_scan_strict_white(p, limit);

    if (p > limit) {
        goto leave;
    }

    if (*p == '"') {

        if (!frame->object
            && llmp_scan_record_element_in(scan, frame, zero + (uintptr_t) p)
               != LLMP_OK)
        {
            return NULL;
        }

        next = p + 1 + llmp_scan_strict_plain(&w, p, limit);

        if (*next != '"') {
            next = scan->path->text(scan->buf, next, end);

            if (next == end || *next != '"') {
                return llmp_scan_token_enter_string(scan, p, next);
            }
        }

        type = LLMP_TYPE_STRING;
        next++;

    } else if (*p == '{' || *p == '[') {

        if (!frame->object
            && llmp_scan_record_element_in(scan, frame, zero + (uintptr_t) p)
               != LLMP_OK)
        {
            return NULL;
        }

        if (scan->watch == NULL && scan->depth != LLMP_SCAN_DEPTH_MAX) {
            frame = llmp_scan_container_push(scan, *p++ == '{');

        } else {
            p = llmp_scan_container_open(scan, p);

            if (p == NULL) {
                return NULL;
            }

            frame = llmp_scan_frame(scan);
        }

        if (frame->object) {
            state = LLMP_SCAN_FIRST_NAME;
            goto name;
        }

        state = LLMP_SCAN_FIRST_ELEMENT;
        goto value;

    } else {
        type = llmp_scan_token_find_scalar(p, end, &next);

        if (type == 0) {
            goto leave;
        }

        if (!frame->object
            && llmp_scan_record_element_in(scan, frame, zero + (uintptr_t) p)
               != LLMP_OK)
        {
            return NULL;
        }
    }

    if (scan->watch != NULL
        && llmp_scan_record_whole(scan, type, p, next) != LLMP_OK)
    {
        return NULL;
    }

    p = next;

after:

    llmp_scan_strict_white(p, limit);

    if (p > limit) {
        state = llmp_scan_container_state(frame);
        goto leave;
    }

    if (*p == ',') {
        scan->comma = zero + (uintptr_t) p;
        p++;

        if (frame->object) {
            state = LLMP_SCAN_NAME;
            goto name;
        }

        state = LLMP_SCAN_VALUE;
        goto value;
    }

    if (*p != (frame->object ? '}' : ']')) {
        state = llmp_scan_container_state(frame);
        goto leave;
    }

    if (frame->watch == NULL && !scan->chained && frame != scan->stack) {
        p++;
        scan->nnames = frame->names;
        scan->depth--;
        frame--;

        goto after;
    }

    scan->state = llmp_scan_container_state(frame);
    p = llmp_scan_container_close(scan, p);

    if (p == NULL || scan->depth == 0) {
        return p;
    }

    frame = llmp_scan_frame(scan);

    goto after;

leave:

    scan->state = (uint8_t) state;

    return p;
}


/* how much plain text follows the quote at p, LLMP_SCAN_STRICT_PLAIN bytes at
   most */

static inline size_t
llmp_scan_strict_plain(llmp_scan_strict_window_t *w, const u_char *p,
    const u_char *limit)
{
    size_t    n;
    uint64_t  special;

    n = (size_t) (p - w->base);

    if (n >= w->len) {

        /* one after the other takes ever more of them, a leap few */

        llmp_scan_strict_read_ahead(w, p, limit, (n < w->len + 64)
                                                 ? 2 * w->len / 64 + 1 : 2);
        n = 0;
    }

    /* of the masks' bytes the first is the lowest, as "quick" says */

    memcpy(&special, (const u_char *) w->masks + n / 8, sizeof(uint64_t));

    special = special >> (n % 8) >> 1 | (uint64_t) 1 << LLMP_SCAN_STRICT_PLAIN;

    return (size_t) __builtin_ctzll(special);
}


static void
llmp_scan_strict_read_ahead(llmp_scan_strict_window_t *w, const u_char *p,
    const u_char *limit, size_t most)
{
    size_t  i, n;

    n = (size_t) (limit + LLMP_SCAN_READ_AHEAD - p) / 64;
    n = (n < most) ? n : most;
    n = (n < LLMP_SCAN_STRICT_MASKS) ? n : LLMP_SCAN_STRICT_MASKS;

    for (i = 0; i < n; i++) {
        w->masks[i] = llmp_text_plain_special(p + 64 * i);
    }

    w->base = p;
    w->len = 64 * (n - 1);
}
