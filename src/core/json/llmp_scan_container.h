
/*
 * Copyright (C) llm-policy authors
 *
 * The begin and end of objects and arrays.
 */


#ifndef LLMP_SCAN_CONTAINER_H_INCLUDED_
#define LLMP_SCAN_CONTAINER_H_INCLUDED_


#include "json/llmp_scan_state.h"


/*
 * Opens the object or array at p, or closes the innermost one there.  Returns
 * the position after that byte, or NULL after a refusal.
 */
const u_char *llmp_scan_container_open(llmp_scan_t *scan, const u_char *p);
const u_char *llmp_scan_container_close(llmp_scan_t *scan, const u_char *p);


/* state after a value in the object or array of a frame */
#define llmp_scan_container_state(frame)                                      \
    ((frame)->object ? LLMP_SCAN_AFTER_MEMBER : LLMP_SCAN_AFTER_ELEMENT)


/* sets the state after a value */

static inline void
llmp_scan_container_after(llmp_scan_t *scan)
{
    if (scan->depth == 0) {
        scan->state = LLMP_SCAN_DONE;
        return;
    }

    scan->state = llmp_scan_container_state(llmp_scan_frame(scan));
}


/* opens the object or array at p; returns its frame, or NULL after a refusal */

static inline llmp_scan_frame_t *
llmp_scan_container_enter(llmp_scan_t *scan, const u_char *p)
{
    return (llmp_scan_container_open(scan, p) != NULL) ? llmp_scan_frame(scan)
                                                       : NULL;
}


/*
 * Closes the object or array at *pos, and moves *pos behind it, or to NULL
 * after a refusal.  Returns the frame around it; NULL if there is none.
 */

static inline llmp_scan_frame_t *
llmp_scan_container_leave(llmp_scan_t *scan, const u_char **pos)
{
    *pos = llmp_scan_container_close(scan, *pos);

    return (*pos != NULL && scan->depth != 0) ? llmp_scan_frame(scan) : NULL;
}


/* pushes an object or array whose node is scan->watch; depth is below
   LLMP_SCAN_DEPTH_MAX */

static inline llmp_scan_frame_t *
llmp_scan_container_push(llmp_scan_t *scan, llmp_uint_t object)
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
        frame->room = (scan->nnames + LLMP_SCAN_NAMES_LINEAR
                       < scan->names_size)
                      ? scan->nnames + LLMP_SCAN_NAMES_LINEAR
                      : scan->names_size;
    }

    scan->state = object ? LLMP_SCAN_FIRST_NAME : LLMP_SCAN_FIRST_ELEMENT;

    return frame;
}


#endif /* LLMP_SCAN_CONTAINER_H_INCLUDED_ */
