
/*
 * Copyright (C) llm-policy authors
 *
 * Reads the tokens of a document that is held to a policy.  Names and scalars
 * that are plain and complete in the buffer are taken whole: a window of masks
 * has the bytes where text ends.  All others are read byte by byte.
 */


#include "json/llmp_json_char.h"
#include "json/llmp_scan_bytewise.h"
#include "json/llmp_scan_container.h"
#include "json/llmp_scan_error.h"
#include "json/llmp_scan_media.h"
#include "json/llmp_scan_name.h"
#include "json/llmp_scan_record.h"
#include "json/llmp_scan_strict.h"
#include "json/llmp_scan_token.h"
#include "json/llmp_text_plain.h"


/* readable bytes from the start of a token: two masks */
#define LLMP_SCAN_READ_AHEAD    128

#define LLMP_SCAN_STRICT_MASKS   16

/* bits in 8 bytes of masks, from any bit of the first byte */
#define LLMP_SCAN_STRICT_PLAIN   56

/* fewer bytes are read byte by byte, without a copy */
#define LLMP_SCAN_COPY_MIN  8


/*
 * The bytes that are not plain text, a bit each, from base to base + len.  The
 * masks are computed before the start of a token is known, so that the next
 * token need not wait for them.
 */

typedef struct {
    const u_char  *base;
    size_t         len;
    uint64_t       masks[LLMP_SCAN_STRICT_MASKS];
} llmp_scan_strict_window_t;


static inline const u_char *llmp_scan_strict_name_end(
    llmp_scan_strict_window_t *w, const u_char *p, const u_char *limit);
static inline llmp_uint_t llmp_scan_strict_string(
    llmp_scan_strict_window_t *w, llmp_scan_t *scan, const u_char *p,
    const u_char *end, const u_char *limit, const u_char **next);
static inline llmp_int_t llmp_scan_strict_record(llmp_scan_t *scan,
    llmp_uint_t type, const u_char *p, const u_char *end);
static inline llmp_scan_frame_t *llmp_scan_strict_open(llmp_scan_t *scan,
    const u_char *p);
static inline llmp_scan_frame_t *llmp_scan_strict_close(llmp_scan_t *scan,
    llmp_scan_frame_t *frame, const u_char **pos);
static inline size_t llmp_scan_strict_plain(llmp_scan_strict_window_t *w,
    const u_char *p, const u_char *limit);
static void llmp_scan_strict_read_ahead(llmp_scan_strict_window_t *w,
    const u_char *p, const u_char *limit, size_t most);


#define LLMP_GRAMMAR  llmp_scan_strict_tokens
#define LLMP_GRAMMAR_READER  llmp_scan_strict_window_t

#define LLMP_GRAMMAR_START(w, p, end, limit)                                  \
    llmp_scan_strict_read_ahead(w, p, limit, 2)

#define LLMP_GRAMMAR_NAME_END(w, p, limit)                                    \
    llmp_scan_strict_name_end(w, p, limit)

#define LLMP_GRAMMAR_NAME(scan, frame, p, n)                                  \
    llmp_scan_name_short(scan, frame, p, n)

/* LLMP_SCAN_READ_AHEAD bytes can be read from the name on */
#define LLMP_GRAMMAR_HAS_COLON(p, limit)  (*(p) == ':')

#define LLMP_GRAMMAR_STRING(w, scan, p, end, limit, next)                     \
    llmp_scan_strict_string(w, scan, p, end, limit, next)

#define LLMP_GRAMMAR_SCALAR(p, end, next)                                     \
    llmp_scan_token_find_scalar(p, end, next)

#define LLMP_GRAMMAR_RECORD(scan, frame, type, p, next, zero)                 \
    llmp_scan_strict_record(scan, type, p, next)

#define LLMP_GRAMMAR_OPEN(scan, frame, p, zero)                               \
    llmp_scan_strict_open(scan, p)

#define LLMP_GRAMMAR_CLOSE(scan, frame, p, zero)                              \
    llmp_scan_strict_close(scan, frame, p)

#include "json/llmp_scan_grammar.h"


const u_char *
llmp_scan_strict(llmp_scan_t *scan, const u_char *p, const u_char *end)
{
    size_t         n;
    u_char         rest[2 * LLMP_SCAN_READ_AHEAD];
    const u_char  *buf, *next;

    if (!scan->path->quick) {
        return llmp_scan_bytewise(scan, p, end);
    }

    if (end - p >= LLMP_SCAN_READ_AHEAD) {
        p = llmp_scan_strict_tokens(scan, p, end, end - LLMP_SCAN_READ_AHEAD);

        if (p == NULL || end - p >= LLMP_SCAN_READ_AHEAD || p == end
            || scan->state > LLMP_SCAN_DONE)
        {
            return p;
        }
    }

    n = (size_t) (end - p);

    if (n < LLMP_SCAN_COPY_MIN) {
        return llmp_scan_bytewise(scan, p, end);
    }

    /* the end of the buffer is read from a copy, which is followed by zeros:
       no token contains them */

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


static inline const u_char *
llmp_scan_strict_name_end(llmp_scan_strict_window_t *w, const u_char *p,
    const u_char *limit)
{
    p += 1 + llmp_scan_strict_plain(w, p, limit);

    return (*p == '"') ? p : NULL;
}


static inline llmp_uint_t
llmp_scan_strict_string(llmp_scan_strict_window_t *w, llmp_scan_t *scan,
    const u_char *p, const u_char *end, const u_char *limit,
    const u_char **next)
{
    const u_char  *start;

    start = p + 1;
    p = start + llmp_scan_strict_plain(w, p, limit);

    if (*p != '"') {
        p = scan->path->text(scan->buf, p, end);

        if (p == end || *p != '"') {
            *next = p;
            return 0;
        }

        if ((size_t) (p - start) >= scan->media_min) {
            llmp_scan_media_whole(scan, start, p);
        }
    }

    *next = p + 1;

    return 1;
}


static inline llmp_int_t
llmp_scan_strict_record(llmp_scan_t *scan, llmp_uint_t type, const u_char *p,
    const u_char *end)
{
    return (scan->watch != NULL) ? llmp_scan_record_whole(scan, type, p, end)
                                 : LLMP_OK;
}


static inline llmp_scan_frame_t *
llmp_scan_strict_open(llmp_scan_t *scan, const u_char *p)
{
    if (scan->watch == NULL && scan->depth != LLMP_SCAN_DEPTH_MAX) {
        return llmp_scan_container_push(scan, *p == '{');
    }

    return llmp_scan_container_enter(scan, p);
}


static inline llmp_scan_frame_t *
llmp_scan_strict_close(llmp_scan_t *scan, llmp_scan_frame_t *frame,
    const u_char **pos)
{
    if (frame->watch == NULL && !scan->chained && frame != scan->stack) {
        (*pos)++;
        scan->nnames = frame->names;
        scan->depth--;

        return frame - 1;
    }

    return llmp_scan_container_leave(scan, pos);
}


/* returns the length of the plain text after the quote at p, at most
   LLMP_SCAN_STRICT_PLAIN bytes */

static inline size_t
llmp_scan_strict_plain(llmp_scan_strict_window_t *w, const u_char *p,
    const u_char *limit)
{
    size_t    n;
    uint64_t  special;

    n = (size_t) (p - w->base);

    if (n >= w->len) {

        /* tokens in a row need twice as many each time, others only two */

        llmp_scan_strict_read_ahead(w, p, limit,
                             (n < w->len + 64) ? 2 * w->len / 64 + 1 : 2);
        n = 0;
    }

    /* the first byte of a mask is its lowest: path->quick is set */

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
