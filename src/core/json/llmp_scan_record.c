
/*
 * Copyright (C) llm-policy authors
 */


#include <inttypes.h>

#include "json/llmp_scan_error.h"
#include "json/llmp_scan_record.h"


static llmp_int_t llmp_scan_record_request(llmp_scan_t *scan, uint32_t first);


llmp_int_t
llmp_scan_record_element(llmp_scan_t *scan, uint64_t pos)
{
    llmp_scan_frame_t  *frame;

    frame = llmp_scan_frame(scan);

    if (frame->count == UINT32_MAX) {
        return llmp_refuse(&scan->refusal, LLMP_REFUSE_INVALID_JSON, NULL,
                           "more than %" PRIu32 " elements in an array",
                           UINT32_MAX);
    }

    llmp_scan_record_item(scan, pos);

    scan->watch = (frame->watch != NULL)
                  ? llmp_watch_find_element(frame->watch,
                                            frame->count - 1) : NULL;

    return LLMP_OK;
}


llmp_int_t
llmp_scan_record(llmp_scan_t *scan, llmp_uint_t type, uint64_t pos)
{
    if (scan->depth != 0) {
        return (llmp_scan_record_in(scan, llmp_scan_frame(scan), type, pos)
                != NULL) ? LLMP_OK : LLMP_ERROR;
    }

    if (scan->members.nelts == scan->members.size
        && llmp_scan_record_reserve(scan) != LLMP_OK)
    {
        return LLMP_ERROR;
    }

    (void) llmp_member_put(&scan->members, scan->watch, type, pos);

    return LLMP_OK;
}


llmp_int_t
llmp_scan_record_reserve(llmp_scan_t *scan)
{
    switch (llmp_member_reserve(&scan->members, scan->pool)) {

    case LLMP_OK:
        return LLMP_OK;

    case LLMP_DECLINED:
        return llmp_refuse(&scan->refusal, LLMP_REFUSE_INVALID_JSON, NULL,
                           "more than %d policed %smembers", LLMP_MEMBERS_MAX,
                           scan->unknown ? "and unknown " : "");
    }

    return llmp_scan_error_nomem(scan);
}


llmp_int_t
llmp_scan_record_scalar(llmp_scan_t *scan, llmp_uint_t type, uint64_t pos)
{
    scan->start = pos;
    scan->text_len = 0;
    scan->keep = 1;

    return llmp_scan_record(scan, type, pos);
}


llmp_int_t
llmp_scan_record_whole(llmp_scan_t *scan, llmp_uint_t type, const u_char *p,
    const u_char *end)
{
    size_t          n;
    llmp_member_t  *m;

    if (llmp_scan_record(scan, type, llmp_scan_pos(scan, p)) != LLMP_OK) {
        return LLMP_ERROR;
    }

    m = llmp_scan_last(scan);
    m->end = llmp_scan_pos(scan, end);

    n = (size_t) (end - p);

    if (n > LLMP_MEMBER_TEXT_MAX) {
        n = LLMP_MEMBER_TEXT_MAX;
        m->cut = 1;
    }

    return llmp_scan_record_copy_text(scan, m, p, n);
}


/*
 * Passes a request of a batch to the handler; drops the record of the object
 * around a request once the request was passed: `[{"body":{...}},...]`.
 */

llmp_int_t
llmp_scan_record_batch_end(llmp_scan_t *scan, const llmp_scan_frame_t *frame)
{
    if (frame->watch->rules.scope) {
        return llmp_scan_record_request(scan, frame->member);
    }

    if (frame->watch->rules.batch_container && frame->object
        && frame->member + 1 == scan->members.nelts)
    {
        scan->members.nelts--;
        llmp_scan_frame(scan)->child = 0;
    }

    return LLMP_OK;
}


/* passes the request that is member first, with its inner members, to the
   handler, and drops their records */

static llmp_int_t
llmp_scan_record_request(llmp_scan_t *scan, uint32_t first)
{
    uint32_t         i;
    llmp_member_t   *m;
    llmp_members_t   request;

    request.elts = &scan->members.elts[first];
    request.nelts = scan->members.nelts - first;
    request.size = request.nelts;

    /* the members become a document of their own */

    for (i = 0; i < request.nelts; i++) {
        m = &request.elts[i];

        m->parent = (i != 0) ? m->parent - first : 0;
        m->last -= first;
    }

    scan->inside = 0;

    if (scan->handler(scan->data, &request, &scan->refusal) != LLMP_OK) {
        return LLMP_ERROR;
    }

    scan->members.nelts = first;
    llmp_scan_frame(scan)->child = 0;

    return LLMP_OK;
}


void
llmp_scan_record_append_text(llmp_scan_t *scan, const u_char *end)
{
    size_t         n, room;
    const u_char  *start;

    start = scan->buf;

    if (scan->start > scan->offset) {
        start += scan->start - scan->offset;
    }

    n = (size_t) (end - start);
    room = LLMP_MEMBER_TEXT_MAX - scan->text_len;

    if (n > room) {
        n = room;
        llmp_scan_last(scan)->cut = 1;
    }

    memcpy(scan->text + scan->text_len, start, n);
    scan->text_len += (uint16_t) n;
}


llmp_int_t
llmp_scan_record_end_text(llmp_scan_t *scan, const u_char *end)
{
    llmp_member_t  *m;

    llmp_scan_record_append_text(scan, end);
    scan->keep = 0;

    m = llmp_scan_last(scan);
    m->end = llmp_scan_pos(scan, end);

    return llmp_scan_record_copy_text(scan, m, scan->text, scan->text_len);
}


llmp_int_t
llmp_scan_record_copy_text(llmp_scan_t *scan, llmp_member_t *m,
    const u_char *text, size_t n)
{
    m->text.data = llmp_palloc(scan->inside ? scan->texts : scan->pool, n);
    if (m->text.data == NULL) {
        return llmp_scan_error_nomem(scan);
    }

    memcpy(m->text.data, text, n);
    m->text.len = n;

    return LLMP_OK;
}
