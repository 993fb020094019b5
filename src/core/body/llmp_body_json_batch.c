
/*
 * Copyright (C) llm-policy authors
 *
 * An array of requests in JSON: each is decided on at its end and dropped,
 * except for its edits.  The members around the array are decided on last.
 */


#include "body/llmp_body_state.h"


static llmp_int_t llmp_body_json_batch_init(llmp_body_t *body);
static llmp_int_t llmp_body_json_batch_request(void *data,
    llmp_members_t *members, llmp_refusal_t *refusal);
static llmp_int_t llmp_body_json_batch_decide(llmp_body_t *body);


const llmp_body_kind_t  llmp_body_json_batch = {
    llmp_body_json_batch_init,
    llmp_body_json_feed,
    llmp_body_json_batch_decide,
    NULL
};


static llmp_int_t
llmp_body_json_batch_init(llmp_body_t *body)
{
    body->batch = llmp_palloc(body->pool, sizeof(llmp_body_batch_t));
    if (body->batch == NULL) {
        return LLMP_ERROR;
    }

    llmp_body_batch_init(body->batch, &body->decision, body->pool);

    (void) llmp_body_json_init(body);

    body->scan.handler = llmp_body_json_batch_request;
    body->scan.data = body;
    body->scan.texts = &body->batch->scratch.pool;

    return LLMP_OK;
}


/* decides on a complete request of the batch; called by the scanner */

static llmp_int_t
llmp_body_json_batch_request(void *data, llmp_members_t *members,
    llmp_refusal_t *refusal)
{
    llmp_body_t *body = data;

    llmp_body_batch_t  *batch;

    batch = body->batch;

    /* media since the request before are those of this one */

    batch->one.size = members->elts[0].end - members->elts[0].start;
    batch->one.media_count = body->scan.media_count - batch->all.media_count;
    batch->one.media_bytes = body->scan.media_bytes - batch->all.media_bytes;

    batch->all.media_count = body->scan.media_count;
    batch->all.media_bytes = body->scan.media_bytes;

    if (llmp_body_batch_decide(batch, members, 0, refusal) != LLMP_OK) {
        return LLMP_ERROR;
    }

    llmp_body_batch_next(batch);

    return LLMP_OK;
}


static llmp_int_t
llmp_body_json_batch_decide(llmp_body_t *body)
{
    if (llmp_body_json_decide(body) != LLMP_OK) {
        llmp_body_batch_log_refused(body->batch, &body->decision);
        return LLMP_ERROR;
    }

    return llmp_body_batch_join(body->batch, &body->decision);
}
