
/*
 * Copyright (C) llm-policy authors
 *
 * Reads the tokens of a document that is not held to a policy: a response.
 * Names are not remembered, and only the texts of numbers are kept.
 */


#include "json/llmp_json_char.h"
#include "json/llmp_scan_bytewise.h"
#include "json/llmp_scan_container.h"
#include "json/llmp_scan_error.h"
#include "json/llmp_scan_lax.h"
#include "json/llmp_scan_name.h"
#include "json/llmp_scan_record.h"
#include "json/llmp_scan_token.h"
#include "json/llmp_text_plain.h"


/* bytes of one mask */
#define LLMP_SCAN_LAX_STEP  16

/* longer texts are skipped by scan->path->text() */
#define LLMP_SCAN_LAX_TEXT  64


typedef struct {
    const u_char  *buf;
    const u_char  *end;
} llmp_scan_lax_t;


static llmp_int_t llmp_scan_lax_copy_texts(llmp_scan_t *scan, uint32_t first);
static inline const u_char *llmp_scan_lax_name_end(const llmp_scan_lax_t *lax,
    const u_char *p);
static inline llmp_int_t llmp_scan_lax_name(llmp_scan_t *scan,
    const llmp_scan_frame_t *frame, const u_char *p, size_t n);
static inline llmp_uint_t llmp_scan_lax_string(llmp_scan_t *scan,
    const u_char *p, const u_char *end, const u_char **next);
static inline llmp_uint_t llmp_scan_lax_scalar(const u_char *p,
    const u_char *end, const u_char **next);
static inline llmp_int_t llmp_scan_lax_record(llmp_scan_t *scan,
    llmp_scan_frame_t *frame, llmp_uint_t type, const u_char *p,
    const u_char *end, uint64_t zero);
static inline llmp_scan_frame_t *llmp_scan_lax_open(llmp_scan_t *scan,
    llmp_scan_frame_t *frame, const u_char *p, uint64_t zero);
static inline llmp_scan_frame_t *llmp_scan_lax_close(llmp_scan_t *scan,
    llmp_scan_frame_t *frame, const u_char **pos, uint64_t zero);
static inline const u_char *llmp_scan_lax_skip_text(llmp_scan_t *scan,
    const u_char *p, const u_char *end);
static inline void llmp_scan_lax_set_number(llmp_member_t *m, const u_char *p,
    size_t n);
static inline llmp_uint_t llmp_scan_lax_is_recorded(const llmp_watch_t *watch);


#define LLMP_GRAMMAR  llmp_scan_lax_tokens
#define LLMP_GRAMMAR_READER  llmp_scan_lax_t

#define LLMP_GRAMMAR_START(lax, p, last, limit)                               \
    (lax)->buf = scan->buf;                                                   \
    (lax)->end = last

#define LLMP_GRAMMAR_NAME_END(lax, p, limit)                                  \
    llmp_scan_lax_name_end(lax, p)

#define LLMP_GRAMMAR_NAME(scan, frame, p, n)                                  \
    llmp_scan_lax_name(scan, frame, p, n)

/* a name is taken with the byte behind it */
#define LLMP_GRAMMAR_HAS_COLON(p, limit)  (*(p) == ':')

#define LLMP_GRAMMAR_STRING(lax, scan, p, end, limit, next)                   \
    llmp_scan_lax_string(scan, p, end, next)

#define LLMP_GRAMMAR_SCALAR(p, end, next)                                     \
    llmp_scan_lax_scalar(p, end, next)

#define LLMP_GRAMMAR_RECORD(scan, frame, type, p, next, zero)                 \
    llmp_scan_lax_record(scan, frame, type, p, next, zero)

#define LLMP_GRAMMAR_OPEN(scan, frame, p, zero)                               \
    llmp_scan_lax_open(scan, frame, p, zero)

#define LLMP_GRAMMAR_CLOSE(scan, frame, p, zero)                              \
    llmp_scan_lax_close(scan, frame, p, zero)

#include "json/llmp_scan_grammar.h"


const u_char *
llmp_scan_lax(llmp_scan_t *scan, const u_char *p, const u_char *end)
{
    uint32_t  first;

    if (!scan->path->quick || end - scan->buf < LLMP_SCAN_LAX_STEP) {
        return llmp_scan_bytewise(scan, p, end);
    }

    first = scan->members.nelts;

    p = llmp_scan_lax_tokens(scan, p, end, end - 1);

    /* texts of a complete document stay in the buffer, where the caller reads
       them */

    if (p != NULL && scan->state != LLMP_SCAN_DONE
        && llmp_scan_lax_copy_texts(scan, first) != LLMP_OK)
    {
        return NULL;
    }

    return p;
}


static llmp_int_t
llmp_scan_lax_copy_texts(llmp_scan_t *scan, uint32_t first)
{
    uint32_t        i;
    llmp_member_t  *m;

    for (i = first; i < scan->members.nelts; i++) {
        m = &scan->members.elts[i];

        if (m->text.len != 0
            && llmp_scan_record_copy_text(scan, m, m->text.data, m->text.len)
               != LLMP_OK)
        {
            return LLMP_ERROR;
        }
    }

    return LLMP_OK;
}


static inline const u_char *
llmp_scan_lax_name_end(const llmp_scan_lax_t *lax, const u_char *p)
{
    p = llmp_text_plain(lax->buf, p + 1, lax->end);

    return (lax->end - p > 1 && *p == '"') ? p : NULL;
}


/* sets the watch of the child with that name, or NULL */

static inline llmp_int_t
llmp_scan_lax_name(llmp_scan_t *scan, const llmp_scan_frame_t *frame,
    const u_char *p, size_t n)
{
    llmp_str_t  name;

    scan->watch = NULL;

    if (frame->watch != NULL) {
        name.data = (u_char *) p;
        name.len = n;

        scan->watch = llmp_watch_find_exact(frame->watch, &name);
    }

    return LLMP_OK;
}


static inline llmp_uint_t
llmp_scan_lax_string(llmp_scan_t *scan, const u_char *p, const u_char *end,
    const u_char **next)
{
    p = llmp_scan_lax_skip_text(scan, p + 1, end);

    if (p == end || *p != '"') {
        *next = p;
        return 0;
    }

    *next = p + 1;

    return 1;
}


static inline llmp_uint_t
llmp_scan_lax_scalar(const u_char *p, const u_char *end, const u_char **next)
{
    /* a number ends before the buffer does */

    return (*p <= '9' || end - p >= LLMP_SCAN_LITERAL_MAX)
           ? llmp_scan_token_find_scalar(p, end, next) : 0;
}


static inline llmp_int_t
llmp_scan_lax_record(llmp_scan_t *scan, llmp_scan_frame_t *frame,
    llmp_uint_t type, const u_char *p, const u_char *end, uint64_t zero)
{
    llmp_member_t  *m;

    if (!llmp_scan_lax_is_recorded(scan->watch)) {
        return LLMP_OK;
    }

    m = llmp_scan_record_in(scan, frame, type, zero + (uintptr_t) p);
    if (m == NULL) {
        return LLMP_ERROR;
    }

    m->end = zero + (uintptr_t) end;

    if (type == LLMP_TYPE_NUMBER) {
        llmp_scan_lax_set_number(m, p, (size_t) (end - p));
    }

    return LLMP_OK;
}


static inline llmp_scan_frame_t *
llmp_scan_lax_open(llmp_scan_t *scan, llmp_scan_frame_t *frame,
    const u_char *p, uint64_t zero)
{
    llmp_uint_t  type, recorded;

    if (scan->depth == LLMP_SCAN_DEPTH_MAX) {
        (void) llmp_scan_container_open(scan, p);
        return NULL;
    }

    type = (*p == '{') ? LLMP_TYPE_OBJECT : LLMP_TYPE_ARRAY;

    recorded = llmp_scan_lax_is_recorded(scan->watch);

    if (recorded
        && llmp_scan_record_in(scan, frame, type, zero + (uintptr_t) p)
           == NULL)
    {
        return NULL;
    }

    frame = llmp_scan_container_push(scan, type == LLMP_TYPE_OBJECT);
    frame->recorded = (uint8_t) recorded;

    return frame;
}


static inline llmp_scan_frame_t *
llmp_scan_lax_close(llmp_scan_t *scan, llmp_scan_frame_t *frame,
    const u_char **pos, uint64_t zero)
{
    llmp_member_t  *m;

    (*pos)++;

    if (frame->recorded) {
        m = &scan->members.elts[frame->member];
        m->end = zero + (uintptr_t) *pos;
        m->last = scan->members.nelts - 1;
        m->count = frame->count;
    }

    if (--scan->depth == 0) {
        scan->state = LLMP_SCAN_DONE;
        return NULL;
    }

    return frame - 1;
}


/* returns the first byte that does not, or may not, belong to the string */

static inline const u_char *
llmp_scan_lax_skip_text(llmp_scan_t *scan, const u_char *p, const u_char *end)
{
    const u_char  *next, *most;

    most = (end - p > LLMP_SCAN_LAX_TEXT) ? p + LLMP_SCAN_LAX_TEXT : end;
    next = llmp_text_plain(scan->buf, p, most);

    if (next == end || *next == '"') {
        return next;
    }

    return scan->path->text(scan->buf, next, end);
}


/* sets the text of a number to its place in the buffer */

static inline void
llmp_scan_lax_set_number(llmp_member_t *m, const u_char *p, size_t n)
{
    if (n > LLMP_MEMBER_TEXT_MAX) {
        n = LLMP_MEMBER_TEXT_MAX;
        m->cut = 1;
    }

    m->text.data = (u_char *) p;
    m->text.len = n;
}


/* returns 0 for members that are watched only for those below them */

static inline llmp_uint_t
llmp_scan_lax_is_recorded(const llmp_watch_t *watch)
{
    return watch != NULL && watch->rules.usage != 0;
}
