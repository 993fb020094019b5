
/*
 * Copyright (C) llm-policy authors
 *
 * A request in multipart/form-data: its fields are the members of the request.
 */


#include "body/llmp_body_state.h"


static llmp_int_t llmp_body_form_decide(llmp_body_t *body);


const llmp_body_kind_t  llmp_body_form = {
    llmp_body_form_init,
    llmp_body_form_feed,
    llmp_body_form_decide,
    NULL
};


llmp_int_t
llmp_body_form_init(llmp_body_t *body)
{
    if (llmp_form_init(&body->form, llmp_body_watch(body),
                       &body->decision.boundary, body->pool)
        != LLMP_OK)
    {
        return LLMP_ERROR;
    }

    body->form.media_min = body->decision.media_min;
    body->form.unknown = llmp_body_polices_unknown(body);

    return LLMP_OK;
}


llmp_int_t
llmp_body_form_feed(llmp_body_t *body, const u_char *buf, size_t len)
{
    return llmp_form_feed(&body->form, buf, len, 0);
}


static llmp_int_t
llmp_body_form_decide(llmp_body_t *body)
{
    if (llmp_form_feed(&body->form, (u_char *) "", 0, 1) != LLMP_OK) {
        body->decision.refusal = body->form.refusal;
        return LLMP_ERROR;
    }

    body->read = 1;
    body->decision.size = body->form.offset;
    body->decision.media_count = body->form.media_count;
    body->decision.media_bytes = body->form.media_bytes;

    return llmp_decide(&body->decision, &body->form.members, body->pool);
}
