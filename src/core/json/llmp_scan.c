
/*
 * Copyright (C) llm-policy authors
 *
 * A state machine that is left at the end of each buffer and entered again at
 * the next.  Its functions take the rest of the buffer, and return where the
 * next one continues, or NULL after a refusal.
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

static const u_char *llmp_scan_read_structure(llmp_scan_t *scan,
    const u_char *p, const u_char *end);
static const u_char *llmp_scan_begin_value(llmp_scan_t *scan, const u_char *p);
static llmp_uint_t llmp_scan_begin_scalar(llmp_scan_t *scan, u_char ch);
static const u_char *llmp_scan_between_tokens(llmp_scan_t *scan,
    const u_char *p, const u_char *end);


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
    /* the stack and the texts are written before they are read, and those of
       the refusal are many for a request that has none */

    memset(scan, 0, offsetof(llmp_scan_t, refusal));

    scan->refusal.code = LLMP_REFUSE_NONE;
    scan->refusal.param[0] = '\0';
    scan->refusal.message[0] = '\0';

    memset(&scan->lax, 0, offsetof(llmp_scan_t, stack)
                          - offsetof(llmp_scan_t, lax));

    scan->pool = pool;
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

        /* what is no character may have swallowed the end of the document */

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

        } else if (scan->state != LLMP_SCAN_DONE) {
            p = llmp_scan_between_tokens(scan, p, end);

        } else if (scan->single) {
            return p;

        } else {
            p = llmp_scan_read_structure(scan, p, end);
        }
    }

    return p;
}


static const u_char *
llmp_scan_between_tokens(llmp_scan_t *scan, const u_char *p, const u_char *end)
{
    const u_char  *next;

    next = p;

    if (scan->path->quick && (scan->depth != 0 || scan->lax)) {
        next = scan->lax ? llmp_scan_lax(scan, p, end)
                         : llmp_scan_strict(scan, p, end);
    }

    return (next == p) ? llmp_scan_read_structure(scan, p, end) : next;
}


static const u_char *
llmp_scan_read_structure(llmp_scan_t *scan, const u_char *p, const u_char *end)
{
    for ( /* void */ ; p < end; p++) {

        if (llmp_json_char_is_white(*p)) {
            continue;
        }

        switch (scan->state) {

        case LLMP_SCAN_START:
            return (*p == '{') ? llmp_scan_container_open(scan, p)
                               : llmp_scan_error_unexpected(scan, p);

        case LLMP_SCAN_FIRST_NAME:
            if (*p == '}') {
                return llmp_scan_container_close(scan, p);
            }

            /* fall through */

        case LLMP_SCAN_NAME:
            if (*p != '"') {
                return llmp_scan_error_unexpected(scan, p);
            }

            llmp_scan_record_item(scan, llmp_scan_pos(scan, p));
            llmp_scan_name_start(scan);
            scan->state = LLMP_SCAN_STRING;

            return p + 1;

        case LLMP_SCAN_COLON:
            if (*p != ':') {
                return llmp_scan_error_unexpected(scan, p);
            }

            scan->state = LLMP_SCAN_VALUE;
            break;

        case LLMP_SCAN_FIRST_ELEMENT:
            if (*p == ']') {
                return llmp_scan_container_close(scan, p);
            }

            /* fall through */

        case LLMP_SCAN_VALUE:
            return llmp_scan_begin_value(scan, p);

        case LLMP_SCAN_AFTER_MEMBER:
        case LLMP_SCAN_AFTER_ELEMENT:
            if (*p != ',') {
                return llmp_scan_container_close(scan, p);
            }

            scan->comma = llmp_scan_pos(scan, p);
            scan->state = (scan->state == LLMP_SCAN_AFTER_MEMBER)
                          ? LLMP_SCAN_NAME : LLMP_SCAN_VALUE;
            break;

        default: /* LLMP_SCAN_DONE */
            return llmp_scan_error_unexpected(scan, p);
        }
    }

    return p;
}


static const u_char *
llmp_scan_begin_value(llmp_scan_t *scan, const u_char *p)
{
    uint64_t     pos;
    llmp_uint_t  type;

    pos = llmp_scan_pos(scan, p);

    if (!llmp_scan_frame(scan)->object
        && llmp_scan_record_element(scan, pos) != LLMP_OK)
    {
        return NULL;
    }

    if (*p == '{' || *p == '[') {
        return llmp_scan_container_open(scan, p);
    }

    type = llmp_scan_begin_scalar(scan, *p);
    if (type == 0) {
        return llmp_scan_error_unexpected(scan, p);
    }

    if (scan->watch != NULL
        && llmp_scan_record_scalar(scan, type, pos) != LLMP_OK)
    {
        return NULL;
    }

    return p + 1;
}


/* enters the state for a scalar by its first byte; returns its type, or 0 */

static llmp_uint_t
llmp_scan_begin_scalar(llmp_scan_t *scan, u_char ch)
{
    switch (ch) {

    case '"':
        scan->state = LLMP_SCAN_STRING;
        return LLMP_TYPE_STRING;

    case 't':
        scan->literal = "rue";
        scan->state = LLMP_SCAN_LITERAL;
        return LLMP_TYPE_BOOLEAN;

    case 'f':
        scan->literal = "alse";
        scan->state = LLMP_SCAN_LITERAL;
        return LLMP_TYPE_BOOLEAN;

    case 'n':
        scan->literal = "ull";
        scan->state = LLMP_SCAN_LITERAL;
        return LLMP_TYPE_NULL;

    case '-':
        scan->state = LLMP_SCAN_MINUS;
        return LLMP_TYPE_NUMBER;

    case '0':
        scan->state = LLMP_SCAN_ZERO;
        return LLMP_TYPE_NUMBER;
    }

    if (ch < '1' || ch > '9') {
        return 0;
    }

    scan->state = LLMP_SCAN_INTEGER;

    return LLMP_TYPE_NUMBER;
}
