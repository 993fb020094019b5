
/*
 * Copyright (C) llm-policy authors
 *
 * A request in JSON: scanned as it arrives, decided on at its end.
 */


#include "body/llmp_body_state.h"


const llmp_body_kind_t  llmp_body_json = {
    llmp_body_json_init,
    llmp_body_json_feed,
    llmp_body_json_decide,
    NULL
};


llmp_int_t
llmp_body_json_init(llmp_body_t *body)
{
    llmp_scan_init(&body->scan, llmp_body_watch(body), body->pool, body->seed);

    if (body->decision.media_min != 0) {
        body->scan.media_min = body->decision.media_min;
    }

    body->scan.unknown = llmp_body_polices_unknown(body);

    return LLMP_OK;
}


llmp_int_t
llmp_body_json_feed(llmp_body_t *body, const u_char *buf, size_t len)
{
    return llmp_scan_feed(&body->scan, buf, len, 0);
}


llmp_int_t
llmp_body_json_decide(llmp_body_t *body)
{
    if (llmp_scan_feed(&body->scan, (u_char *) "", 0, 1) != LLMP_OK) {
        body->decision.refusal = body->scan.refusal;
        return LLMP_ERROR;
    }

    body->read = 1;
    if (body->decision.dialect->scope == NULL) {
        body->decision.size = body->scan.offset;
    }

    body->decision.media_count = body->scan.media_count;
    body->decision.media_bytes = body->scan.media_bytes;

    return llmp_decide(&body->decision, &body->scan.members, body->pool);
}
