
/*
 * Copyright (C) llm-policy authors
 *
 * Refuses a large prompt while it passes.  What was read of it only grows: its
 * bytes, the elements of its conversation, and the least number of its tokens.
 */


#include "body/llmp_streaming_state.h"


static uint64_t llmp_streaming_prompt_medium(const llmp_scan_t *scan);
static int64_t llmp_streaming_prompt_messages(const llmp_scan_t *scan);


llmp_int_t
llmp_streaming_prompt(llmp_streaming_t *st)
{
    uint64_t            media;
    llmp_prompt_t       sent;
    llmp_decision_t    *decision;
    const llmp_scan_t  *scan;
    const llmp_tier_t  *tier;

    if (st->unchanged) {
        return LLMP_OK;
    }

    decision = &st->body->decision;
    scan = &st->body->scan;
    tier = decision->tier;

    media = scan->media_bytes + llmp_streaming_prompt_medium(scan);

    sent.n[LLMP_PROMPT_BYTES] = (int64_t) st->fed;
    sent.n[LLMP_PROMPT_TOKENS] = llmp_prompt_tokens(&decision->rates, st->fed,
                                                    scan->media_count, media);
    sent.n[LLMP_PROMPT_MESSAGES] = llmp_streaming_prompt_messages(scan);

    return llmp_prompt_check(&tier->prompt, &tier->name, &sent, 1,
                             &decision->refusal);
}


/* returns the bytes of the current string, if it may become a medium */

static uint64_t
llmp_streaming_prompt_medium(const llmp_scan_t *scan)
{
    return (scan->media.kind != 0) ? scan->media.size : 0;
}


/* returns the elements so far of the conversation that is read now: the one of
   a request is a member of its root */

static int64_t
llmp_streaming_prompt_messages(const llmp_scan_t *scan)
{
    llmp_uint_t               i;
    const llmp_scan_frame_t  *frame;

    for (i = 1; i < scan->depth; i++) {
        frame = &scan->stack[i];

        if (frame->watch == NULL) {
            break;
        }

        if (frame->watch->rules.messages) {
            return frame->count;
        }
    }

    return 0;
}
