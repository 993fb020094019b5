
/*
 * Copyright (C) llm-policy authors
 */


#include "json/llmp_scan_container.h"
#include "json/llmp_scan_error.h"
#include "json/llmp_scan_name.h"
#include "json/llmp_scan_record.h"


const u_char *
llmp_scan_container_open(llmp_scan_t *scan, const u_char *p)
{
    llmp_uint_t  type;

    if (scan->depth == LLMP_SCAN_DEPTH_MAX) {
        (void) llmp_refuse(&scan->refusal, LLMP_REFUSE_INVALID_JSON, NULL,
                           "more than %d nested objects and arrays",
                           LLMP_SCAN_DEPTH_MAX);
        return NULL;
    }

    type = (*p == '{') ? LLMP_TYPE_OBJECT : LLMP_TYPE_ARRAY;

    if (scan->watch != NULL
        && llmp_scan_record(scan, type, llmp_scan_pos(scan, p)) != LLMP_OK)
    {
        return NULL;
    }

    (void) llmp_scan_container_push(scan, type == LLMP_TYPE_OBJECT);

    if (scan->handler != NULL && scan->watch != NULL
        && scan->watch->rules.scope)
    {
        scan->inside = (scan->depth > 1);
    }

    return p + 1;
}


const u_char *
llmp_scan_container_close(llmp_scan_t *scan, const u_char *p)
{
    llmp_member_t      *m;
    llmp_scan_frame_t  *frame;

    frame = llmp_scan_frame(scan);

    if (*p != (frame->object ? '}' : ']')) {
        return llmp_scan_error_unexpected(scan, p);
    }

    p++;

    if (frame->recorded) {
        m = &scan->members.elts[frame->member];
        m->end = llmp_scan_pos(scan, p);
        m->last = scan->members.nelts - 1;
        m->count = frame->count;
    }

    llmp_scan_name_forget(scan, frame->names);

    scan->depth--;

    llmp_scan_container_after(scan);

    if (scan->handler != NULL && frame->watch != NULL && scan->depth != 0
        && llmp_scan_record_batch_end(scan, frame) != LLMP_OK)
    {
        return NULL;
    }

    return p;
}
