
/*
 * Copyright (C) llm-policy authors
 *
 * The size of a prompt: that of the body, or of one request of a batch.
 */


#include "decide/llmp_decide_prompt.h"


llmp_int_t
llmp_decide_prompt(llmp_decider_t *dc)
{
    int64_t                 messages;
    uint32_t                i;
    llmp_prompt_t           sent;
    const llmp_member_t    *m;
    const llmp_decision_t  *decision;

    decision = dc->decision;
    m = &dc->members->elts[dc->scope];

    if (decision->size != 0) {
        sent.n[LLMP_PROMPT_BYTES] = (int64_t) decision->size;
        sent.n[LLMP_PROMPT_TOKENS] = llmp_prompt_tokens(&decision->rates,
                                                        decision->size,
                                                        decision->media_count,
                                                        decision->media_bytes);

    } else {

        /* the media of several requests are not told apart: they are text */

        sent.n[LLMP_PROMPT_BYTES] = (int64_t) (m->end - m->start);
        sent.n[LLMP_PROMPT_TOKENS] = llmp_prompt_tokens(&decision->rates,
                                                        m->end - m->start,
                                                        0, 0);
    }

    messages = 0;

    for (i = dc->scope; i <= dc->end; i++) {
        m = &dc->members->elts[i];

        if (m->watch->rules.messages) {
            messages += m->count;
        }
    }

    sent.n[LLMP_PROMPT_MESSAGES] = messages;

    return llmp_prompt_check(&decision->tier->prompt, &decision->tier->name,
                             &sent, 0, &dc->decision->refusal);
}
