
/*
 * Copyright (C) llm-policy authors
 *
 * Feeds buffers to the readers of tokens: between two tokens to one of the
 * readers (llmp_scan_grammar.h), inside a token to llmp_scan_token().
 */


#include "json/llmp_json_char.h"
#include "json/llmp_scan.h"
#include "json/llmp_scan_container.h"
#include "json/llmp_scan_error.h"
#include "json/llmp_scan_lax.h"
#include "json/llmp_scan_name.h"
#include "json/llmp_scan_record.h"
#include "json/llmp_scan_strict.h"
#include "json/llmp_scan_token.h"


static void llmp_scan_clear(llmp_scan_t *scan, const llmp_watch_t *root,
    llmp_pool_t *pool);
static llmp_int_t llmp_scan_refuse_end(llmp_scan_t *scan);
static inline const u_char *llmp_scan_run(llmp_scan_t *scan, const u_char *p,
    const u_char *end);


void
llmp_scan_init(llmp_scan_t *scan, const llmp_watch_t *root,
    llmp_pool_t *pool, uint64_t seed)
{
    llmp_scan_clear(scan, root, pool);

    llmp_scan_name_seed(scan, seed);
}


void
llmp_scan_init_lax(llmp_scan_t *scan, const llmp_watch_t *root,
    llmp_pool_t *pool)
{
    llmp_scan_clear(scan, root, pool);

    scan->lax = 1;
}


static void
llmp_scan_clear(llmp_scan_t *scan, const llmp_watch_t *root,
    llmp_pool_t *pool)
{
    /* the stack and the texts are written before they are read */

    memset(scan, 0, offsetof(llmp_scan_t, refusal));

    llmp_refusal_clear(&scan->refusal);

    memset(&scan->lax, 0, offsetof(llmp_scan_t, media)
                          - offsetof(llmp_scan_t, lax));

    scan->media.kind = 0;

    scan->pool = pool;
    scan->media_min = SIZE_MAX;
    scan->path = llmp_text_best_path();
    scan->watch = root;
    scan->state = LLMP_SCAN_START;
}


llmp_int_t
llmp_scan_feed(llmp_scan_t *scan, const u_char *buf, size_t len,
    llmp_int_t last)
{
    const u_char  *end;

    if (scan->refusal.code != LLMP_REFUSE_NONE) {
        return LLMP_ERROR;
    }

    if (len != 0) {
        scan->buf = buf;
        end = buf + len;

        if (llmp_scan_run(scan, buf, end) == NULL) {
            return LLMP_ERROR;
        }

        if (scan->keep) {
            llmp_scan_record_append_text(scan, end);
        }

        scan->offset += len;
    }

    if (!last) {
        return LLMP_AGAIN;
    }

    return (scan->state == LLMP_SCAN_DONE) ? LLMP_OK
                                           : llmp_scan_refuse_end(scan);
}


llmp_int_t
llmp_scan_feed_first(llmp_scan_t *scan, const u_char *buf, size_t len,
    size_t *taken)
{
    const u_char  *p;

    if (scan->refusal.code != LLMP_REFUSE_NONE) {
        return LLMP_ERROR;
    }

    scan->single = 1;
    scan->buf = buf;

    p = llmp_scan_run(scan, buf, buf + len);
    if (p == NULL) {
        return LLMP_ERROR;
    }

    if (scan->keep) {
        llmp_scan_record_append_text(scan, p);
    }

    *taken = (size_t) (p - buf);
    scan->offset += *taken;

    return (scan->state == LLMP_SCAN_DONE) ? LLMP_OK : LLMP_AGAIN;
}


void
llmp_scan_get_place(const llmp_scan_t *scan, llmp_scan_place_t *place)
{
    place->depth = scan->depth;
    place->string = (scan->state >= LLMP_SCAN_STRING
                     && scan->state <= LLMP_SCAN_LOW_U);
    place->escape = (scan->state == LLMP_SCAN_ESCAPE
                     || scan->state == LLMP_SCAN_LOW_U);
    place->nrest = 0;

    if (scan->state == LLMP_SCAN_UTF8) {
        place->nrest = scan->utf8_len;
        memcpy(place->rest, scan->utf8, sizeof(place->rest));
    }
}


uint64_t
llmp_scan_stable_offset(const llmp_scan_t *scan)
{
    uint64_t                  pos;
    const llmp_scan_frame_t  *frame;

    if (scan->state == LLMP_SCAN_DONE) {
        return scan->members.elts[0].end - 1;
    }

    pos = scan->offset;

    if (scan->state == LLMP_SCAN_UTF8) {

        /* an incomplete character may contain the end of the document */

        pos -= scan->utf8_len;
    }

    if (scan->depth == 0) {
        return pos;
    }

    frame = llmp_scan_frame(scan);

    if (frame->watch == NULL) {
        return pos;
    }

    switch (scan->state) {

    case LLMP_SCAN_NAME:
        return scan->comma;

    case LLMP_SCAN_VALUE:

        if (!frame->object) {
            return scan->comma;
        }

        /* fall through */

    case LLMP_SCAN_COLON:

        if (scan->watch == NULL) {
            return pos;
        }

        break;

    default:

        if (!scan->in_name || scan->key_len > LLMP_WATCH_RAW_NAME_MAX) {
            return pos;
        }
    }

    return (frame->count > 1) ? scan->comma : scan->key_start;
}


void
llmp_scan_snapshot(llmp_scan_t *scan, llmp_members_t *members)
{
    uint8_t             i;
    llmp_member_t      *m;
    llmp_scan_frame_t  *frame;

    *members = scan->members;

    if (scan->keep) {
        members->nelts--;
    }

    for (i = 0; i < scan->depth; i++) {
        frame = &scan->stack[i];

        if (frame->watch == NULL) {
            continue;
        }

        m = &members->elts[frame->member];

        m->end = scan->offset + 1;
        m->last = members->nelts - 1;
        m->count = frame->count;
    }
}


void
llmp_scan_snapshot_end(llmp_scan_t *scan)
{
    uint8_t             i;
    llmp_scan_frame_t  *frame;

    for (i = 0; i < scan->depth; i++) {
        frame = &scan->stack[i];

        if (frame->watch != NULL) {
            scan->members.elts[frame->member].end = 0;
        }
    }
}


static llmp_int_t
llmp_scan_refuse_end(llmp_scan_t *scan)
{
    uint64_t     pos;
    const char  *what;

    pos = scan->offset;
    what = "the body ends within the object";

    if (scan->state == LLMP_SCAN_START) {
        what = "the body is empty";

    } else if (scan->state == LLMP_SCAN_UTF8) {
        pos -= scan->utf8_len;
        what = llmp_scan_error_utf8;
    }

    return llmp_scan_error_offset(scan, pos, what);
}


static inline const u_char *
llmp_scan_run(llmp_scan_t *scan, const u_char *p, const u_char *end)
{
    while (p != NULL && p < end) {

        if (scan->state > LLMP_SCAN_DONE) {
            p = llmp_scan_token(scan, p, end);

        } else if (scan->state == LLMP_SCAN_DONE && scan->single) {
            return p;

        } else {
            p = scan->lax ? llmp_scan_lax(scan, p, end)
                          : llmp_scan_strict(scan, p, end);
        }
    }

    return p;
}
