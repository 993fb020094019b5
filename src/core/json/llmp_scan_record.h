
/*
 * Copyright (C) llm-policy authors
 *
 * Records of watched members.  Functions that return llmp_int_t return LLMP_OK,
 * or LLMP_ERROR after a refusal.
 */


#ifndef LLMP_SCAN_RECORD_H_INCLUDED_
#define LLMP_SCAN_RECORD_H_INCLUDED_


#include "json/llmp_scan_state.h"


/* begins an element at pos and sets scan->watch for its value */
llmp_int_t llmp_scan_record_element(llmp_scan_t *scan, uint64_t pos);

/* records the value at pos, which is watched */
llmp_int_t llmp_scan_record(llmp_scan_t *scan, llmp_uint_t type, uint64_t pos);

/* records the scalar at pos, which is watched, and starts to keep its text */
llmp_int_t llmp_scan_record_scalar(llmp_scan_t *scan, llmp_uint_t type,
    uint64_t pos);

/* records the complete scalar [p, end), which is watched */
llmp_int_t llmp_scan_record_whole(llmp_scan_t *scan, llmp_uint_t type,
    const u_char *p, const u_char *end);

/* passes a batch item to the handler when the object or array of its frame,
   which is watched, is closed */
llmp_int_t llmp_scan_record_batch_end(llmp_scan_t *scan,
    const llmp_scan_frame_t *frame);

/* ensures that there is room for another member */
llmp_int_t llmp_scan_record_reserve(llmp_scan_t *scan);

/* copies n bytes as the text of a member */
llmp_int_t llmp_scan_record_copy_text(llmp_scan_t *scan, llmp_member_t *m,
    const u_char *text, size_t n);

/* appends the bytes up to end to the kept text */
void llmp_scan_record_append_text(llmp_scan_t *scan, const u_char *end);

/* ends the kept text before end, and sets it in the last member */
llmp_int_t llmp_scan_record_end_text(llmp_scan_t *scan, const u_char *end);


/* sets next of the last watched member, if the item at pos follows it */

static inline void
llmp_scan_record_set_next(llmp_scan_t *scan, const llmp_scan_frame_t *frame,
    uint64_t pos)
{
    llmp_member_t  *m;

    m = &scan->members.elts[frame->child - 1];

    if (m->index + 1 == frame->count) {
        m->next = pos;
    }
}


/* begins a member or element at pos, in the object or array of a frame */

static inline void
llmp_scan_record_item_in(llmp_scan_t *scan, llmp_scan_frame_t *frame,
    uint64_t pos)
{
    if (frame->child != 0) {
        llmp_scan_record_set_next(scan, frame, pos);
    }

    frame->count++;
    scan->key_start = pos;
}


/* begins a member at pos, the quote of its name */

static inline void
llmp_scan_record_item(llmp_scan_t *scan, uint64_t pos)
{
    llmp_scan_record_item_in(scan, llmp_scan_frame(scan), pos);
}


/* records the value at pos in the object or array of a frame; returns the
   member, or NULL after a refusal */

static inline llmp_member_t *
llmp_scan_record_in(llmp_scan_t *scan, llmp_scan_frame_t *frame,
    llmp_uint_t type, uint64_t pos)
{
    llmp_member_t  *m;

    if (scan->members.nelts == scan->members.size
        && llmp_scan_record_reserve(scan) != LLMP_OK)
    {
        return NULL;
    }

    m = llmp_member_put(&scan->members, scan->watch, type, pos);

    m->parent = frame->member;
    m->index = frame->count - 1;
    m->key = scan->key_start;
    m->comma = (m->index != 0) ? scan->comma : 0;

    frame->child = m->last + 1;

    return m;
}


/* begins an element as llmp_scan_record_element() does, without a call in most
   arrays */

static inline llmp_int_t
llmp_scan_record_element_in(llmp_scan_t *scan, llmp_scan_frame_t *frame,
    uint64_t pos)
{
    if (frame->watch != NULL || frame->count == UINT32_MAX) {
        return llmp_scan_record_element(scan, pos);
    }

    frame->count++;
    scan->key_start = pos;
    scan->watch = NULL;

    return LLMP_OK;
}


#endif /* LLMP_SCAN_RECORD_H_INCLUDED_ */
