
/*
 * Copyright (C) llm-policy authors
 *
 * The way of most tokens of a document that is not held to a policy: those that
 * are whole in the buffer and plain.  No name is remembered, and of texts only
 * those of numbers are kept.  As llmp_scan_strict.c, it leaves off in a state
 * of the machine of llmp_scan.c, before whatever is anything else.
 */


#include "json/llmp_json_char.h"
#include "json/llmp_scan_container.h"
#include "json/llmp_scan_lax.h"
#include "json/llmp_scan_record.h"
#include "json/llmp_scan_token.h"
#include "json/llmp_text_plain.h"


/* what is looked at by one mask */
#define LLMP_SCAN_LAX_STEP    16

/* the longest text that is passed over so */
#define LLMP_SCAN_LAX_TEXT  64


static const u_char *llmp_scan_lax_tokens(llmp_scan_t *scan, const u_char *p,
    const u_char *end);
static llmp_int_t llmp_scan_lax_copy_texts(llmp_scan_t *scan, uint32_t first);
static inline const u_char *llmp_scan_lax_skip_white(const u_char *p,
    const u_char *end);
static inline const u_char *llmp_scan_lax_skip_text(llmp_scan_t *scan,
    const u_char *p, const u_char *end);
static inline void llmp_scan_lax_set_number(llmp_member_t *m, const u_char *p,
    size_t n);
static inline llmp_uint_t llmp_scan_lax_is_recorded(const llmp_watch_t *watch);
static inline llmp_scan_frame_t *llmp_scan_lax_push(llmp_scan_t *scan,
    llmp_uint_t object, llmp_uint_t recorded);
static inline const llmp_watch_t *llmp_scan_lax_find(const llmp_watch_t *watch,
    const u_char *p, const u_char *end);


const u_char *
llmp_scan_lax(llmp_scan_t *scan, const u_char *p, const u_char *end)
{
    uint32_t  first;

    if (end - scan->buf < LLMP_SCAN_LAX_STEP) {
        return p;
    }

    first = scan->members.nelts;

    p = llmp_scan_lax_tokens(scan, p, end);

    /* until then, the texts are in the buffer, where whoever takes the document
       that is complete can read them, too */

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
            && llmp_scan_record_copy_text(scan, m, m->text.data,
                                          m->text.len) != LLMP_OK)
        {
            return LLMP_ERROR;
        }
    }

    return LLMP_OK;
}


/*
 * The one state machine in one function, as llmp_scan_strict_tokens() is.
 * White space is looked for where there is nothing that is more common.
 */

static const u_char *
llmp_scan_lax_tokens(llmp_scan_t *scan, const u_char *p, const u_char *end)
{
    uint64_t            zero;
    llmp_uint_t         type, recorded;
    const u_char       *next;
    llmp_member_t      *m;
    llmp_scan_frame_t  *frame;

    if (scan->state == LLMP_SCAN_START && *p == '{') {
        (void) llmp_scan_lax_push(scan, 1, 0);
        p++;
    }

    if (scan->depth == 0) {
        return p;
    }

    frame = llmp_scan_frame(scan);

    /* where p is in the document, less p */

    zero = scan->offset - (uintptr_t) scan->buf;

    switch (scan->state) {

    case LLMP_SCAN_FIRST_NAME:
        goto first_name;

    case LLMP_SCAN_NAME:
        goto name;

    case LLMP_SCAN_FIRST_ELEMENT:
        goto first_element;

    case LLMP_SCAN_VALUE:
        goto value;

    case LLMP_SCAN_AFTER_MEMBER:
    case LLMP_SCAN_AFTER_ELEMENT:
        goto after;

    default:
        return p;
    }

first_name:

    p = llmp_scan_lax_skip_white(p, end);

    if (p == end) {
        scan->state = LLMP_SCAN_FIRST_NAME;
        return p;
    }

    if (*p == '}') {
        goto close;
    }

name:

    if (p == end) {
        goto no_name;
    }

    if (*p != '"') {

        if (llmp_json_char_is_white(*p)) {
            p++;
            goto name;
        }

        goto no_name;
    }

    next = llmp_text_plain(scan->buf, p + 1, end);

    if (end - next < 2 || memcmp(next, "\":", 2) != 0) {
        goto no_name;
    }

    llmp_scan_record_item_in(scan, frame, zero + (uintptr_t) p);

    scan->watch = (frame->watch != NULL)
                  ? llmp_scan_lax_find(frame->watch, p + 1, next) : NULL;

    p = next + 2;

value:

    if (p == end) {
        goto no_value;
    }

    if (*p == '"') {

        if (!frame->object
            && llmp_scan_record_element_in(scan, frame, zero + (uintptr_t) p)
               != LLMP_OK)
        {
            return NULL;
        }

        next = llmp_scan_lax_skip_text(scan, p + 1, end);

        if (next == end || *next != '"') {
            return llmp_scan_token_enter_string(scan, p, next);
        }

        type = LLMP_TYPE_STRING;
        next++;

    } else if (*p == '{' || *p == '[') {

        if (scan->depth == LLMP_SCAN_DEPTH_MAX) {
            goto no_value;
        }

        if (!frame->object
            && llmp_scan_record_element_in(scan, frame, zero + (uintptr_t) p)
               != LLMP_OK)
        {
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

        p++;
        frame = llmp_scan_lax_push(scan, type == LLMP_TYPE_OBJECT, recorded);

        if (type == LLMP_TYPE_OBJECT) {
            goto first_name;
        }

        goto first_element;

    } else if (llmp_json_char_is_white(*p)) {
        p++;
        goto value;

    } else {
        /* a number ends before the buffer does */

        type = (*p <= '9' || end - p >= LLMP_SCAN_LITERAL_MAX)
               ? llmp_scan_token_find_scalar(p, end, &next) : 0;

        if (type == 0) {
            goto no_value;
        }

        if (!frame->object
            && llmp_scan_record_element_in(scan, frame, zero + (uintptr_t) p)
               != LLMP_OK)
        {
            return NULL;
        }
    }

    if (llmp_scan_lax_is_recorded(scan->watch)) {
        m = llmp_scan_record_in(scan, frame, type, zero + (uintptr_t) p);
        if (m == NULL) {
            return NULL;
        }

        m->end = zero + (uintptr_t) next;

        if (type == LLMP_TYPE_NUMBER) {
            llmp_scan_lax_set_number(m, p, (size_t) (next - p));
        }
    }

    p = next;

after:

    if (p == end) {
        goto no_after;
    }

    if (*p == ',') {
        scan->comma = zero + (uintptr_t) p;
        p++;

        if (frame->object) {
            goto name;
        }

        goto value;
    }

    if (*p != (frame->object ? '}' : ']')) {

        if (llmp_json_char_is_white(*p)) {
            p++;
            goto after;
        }

        goto no_after;
    }

close:

    p++;

    if (frame->recorded) {
        m = &scan->members.elts[frame->member];
        m->end = zero + (uintptr_t) p;
        m->last = scan->members.nelts - 1;
        m->count = frame->count;
    }

    if (--scan->depth == 0) {
        scan->state = LLMP_SCAN_DONE;
        return p;
    }

    frame--;
    goto after;

first_element:

    p = llmp_scan_lax_skip_white(p, end);

    if (p == end) {
        scan->state = LLMP_SCAN_FIRST_ELEMENT;
        return p;
    }

    if (*p == ']') {
        goto close;
    }

    goto value;

no_name:

    scan->state = LLMP_SCAN_NAME;
    return p;

no_value:

    scan->state = LLMP_SCAN_VALUE;
    return p;

no_after:

    scan->state = llmp_scan_container_state(frame);
    return p;
}


static inline const u_char *
llmp_scan_lax_skip_white(const u_char *p, const u_char *end)
{
    while (p < end && llmp_json_char_is_white(*p)) {
        p++;
    }

    return p;
}


/* the first byte that is not text of a string, or may not be */

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


/* its text is where it is, for the time being */

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


/* of what only leads to others, there is nothing to tell */

static inline llmp_uint_t
llmp_scan_lax_is_recorded(const llmp_watch_t *watch)
{
    return watch != NULL && watch->rules.usage != 0;
}


static inline llmp_scan_frame_t *
llmp_scan_lax_push(llmp_scan_t *scan, llmp_uint_t object, llmp_uint_t recorded)
{
    llmp_scan_frame_t  *frame;

    frame = llmp_scan_container_push(scan, object);
    frame->recorded = (uint8_t) recorded;

    return frame;
}


/* the child of that name */

static inline const llmp_watch_t *
llmp_scan_lax_find(const llmp_watch_t *watch, const u_char *p,
    const u_char *end)
{
    llmp_str_t  name;

    name.data = (u_char *) p;
    name.len = (size_t) (end - p);

    return llmp_watch_find_exact(watch, &name);
}
