
/*
 * Copyright (C) llm-policy authors
 *
 * A form with a file of requests, one per line.  The field "purpose" selects
 * whether its file contains requests; it may follow the file.
 */


#include "body/llmp_body_state.h"
#include "dialect/llmp_dialect.h"
#include "watch/llmp_watch.h"


static llmp_int_t llmp_body_form_batch_init(llmp_body_t *body);
static llmp_int_t llmp_body_form_batch_restart(llmp_body_t *body);
static llmp_int_t llmp_body_form_batch_init_form(llmp_body_t *body);
static llmp_int_t llmp_body_form_batch_feed_file(void *data, uint64_t offset,
    const u_char *buf, size_t len, llmp_refusal_t *refusal);
static llmp_int_t llmp_body_form_batch_decide(llmp_body_t *body);
static llmp_int_t llmp_body_form_batch_check_file(llmp_body_t *body);
static llmp_int_t llmp_body_form_batch_check_purpose(llmp_body_t *body,
    llmp_refusal_t *refusal);
static llmp_int_t llmp_body_form_batch_join(llmp_body_t *body);
static const llmp_member_t *llmp_body_form_batch_purpose(llmp_body_t *body);
static llmp_uint_t llmp_body_form_batch_text_is(const llmp_str_t *text,
    const char *value);


const llmp_body_kind_t  llmp_body_form_batch = {
    llmp_body_form_batch_init,
    llmp_body_form_feed,
    llmp_body_form_batch_decide,
    llmp_body_form_batch_restart
};


static llmp_int_t
llmp_body_form_batch_init(llmp_body_t *body)
{
    body->lines = llmp_palloc(body->pool, sizeof(llmp_body_lines_t));
    if (body->lines == NULL) {
        return LLMP_ERROR;
    }

    llmp_body_lines_init(body->lines, &body->decision, body->pool,
                         body->seed);

    return llmp_body_form_batch_init_form(body);
}


static llmp_int_t
llmp_body_form_batch_restart(llmp_body_t *body)
{
    llmp_body_lines_restart(body->lines);

    return llmp_body_form_batch_init_form(body);
}


static llmp_int_t
llmp_body_form_batch_init_form(llmp_body_t *body)
{
    if (llmp_body_form_init(body) != LLMP_OK) {
        return LLMP_ERROR;
    }

    body->form.file = body->decision.dialect->batch->file;
    body->form.handler = llmp_body_form_batch_feed_file;
    body->form.data = body;

    return LLMP_OK;
}


/*
 * Reads a piece of the file; called by the form's parser.  Lines before the
 * purpose are read as requests, and errors in them are reported at the end,
 * since the purpose may turn out to be another one.
 */

static llmp_int_t
llmp_body_form_batch_feed_file(void *data, uint64_t offset,
    const u_char *buf, size_t len, llmp_refusal_t *refusal)
{
    llmp_body_t *body = data;

    llmp_int_t  rc;

    if (llmp_body_form_batch_purpose(body) == NULL) {
        (void) llmp_body_lines_feed(body->lines, offset, buf, len);
        return LLMP_OK;
    }

    rc = llmp_body_form_batch_check_purpose(body, refusal);

    if (rc == LLMP_DECLINED) {
        return LLMP_OK;
    }

    if (rc == LLMP_OK
        && llmp_body_lines_feed(body->lines, offset, buf, len) != LLMP_OK)
    {
        *refusal = body->lines->refusal;
        return LLMP_ERROR;
    }

    return rc;
}


static llmp_int_t
llmp_body_form_batch_decide(llmp_body_t *body)
{
    llmp_int_t          rc;
    llmp_decision_t    *decision;
    llmp_body_batch_t  *batch;

    decision = &body->decision;
    batch = &body->lines->batch;

    if (llmp_form_feed(&body->form, (u_char *) "", 0, 1) != LLMP_OK) {
        decision->refusal = body->form.refusal;
        llmp_body_batch_log_refused(batch, decision);
        return LLMP_ERROR;
    }

    rc = llmp_body_form_batch_check_file(body);

    if (rc == LLMP_DECLINED) {

        if (decision->media_min != 0
            && body->form.file_bytes >= decision->media_min)
        {
            decision->media_count = 1;
            decision->media_bytes = body->form.file_bytes;
        }

        return llmp_decide(decision, &body->form.members, body->pool);
    }

    if (rc != LLMP_OK) {
        return LLMP_ERROR;
    }

    rc = llmp_body_lines_finish(body->lines);

    decision->media_count = body->lines->media_count;
    decision->media_bytes = body->lines->media_bytes;

    if (rc != LLMP_OK) {
        decision->refusal = body->lines->refusal;
        llmp_body_batch_log_refused(batch, decision);
        return rc;
    }

    if (llmp_decide(decision, &body->form.members, body->pool) != LLMP_OK) {
        return LLMP_ERROR;
    }

    return llmp_body_form_batch_join(body);
}


/* joins the edits of the lines to those of the fields; a file that is changed
   loses its Content-Length */

static llmp_int_t
llmp_body_form_batch_join(llmp_body_t *body)
{
    llmp_edit_t   *elts;
    llmp_form_t   *form;
    llmp_edits_t  *edits;

    form = &body->form;
    edits = &body->decision.edits;

    if (form->file_length_size != 0
        && body->lines->batch.all.edits.nelts != 0)
    {
        elts = llmp_palloc(body->pool,
                           (edits->nelts + 1) * sizeof(llmp_edit_t));
        if (elts == NULL) {
            return llmp_refuse(&body->decision.refusal, LLMP_REFUSE_INTERNAL,
                               NULL, "no memory to change the body");
        }

        if (edits->nelts != 0) {
            memcpy(elts, edits->elts, edits->nelts * sizeof(llmp_edit_t));
        }

        memset(&elts[edits->nelts], 0, sizeof(llmp_edit_t));

        elts[edits->nelts].offset = form->file_length_offset;
        elts[edits->nelts].len = form->file_length_size;
        elts[edits->nelts].exact = 1;

        edits->elts = elts;
        edits->nelts++;
    }

    return llmp_body_batch_join(&body->lines->batch, &body->decision);
}


/* returns LLMP_DECLINED if the file does not contain requests */

static llmp_int_t
llmp_body_form_batch_check_file(llmp_body_t *body)
{
    llmp_refusal_t      *refusal;
    const llmp_batch_t  *batch;

    refusal = &body->decision.refusal;
    batch = body->decision.dialect->batch;

    if (body->form.files == 0) {
        return llmp_refuse(refusal, LLMP_REFUSE_PARAMETER_REQUIRED,
                           batch->file, "%s is required", batch->file);
    }

    return llmp_body_form_batch_check_purpose(body, refusal);
}


/* returns LLMP_DECLINED if the purpose is one without requests */

static llmp_int_t
llmp_body_form_batch_check_purpose(llmp_body_t *body,
    llmp_refusal_t *refusal)
{
    const llmp_batch_t   *batch;
    const char *const    *other;
    const llmp_member_t  *m;

    batch = body->decision.dialect->batch;
    m = llmp_body_form_batch_purpose(body);

    if (m == NULL) {
        return llmp_refuse(refusal, LLMP_REFUSE_PARAMETER_REQUIRED,
                           batch->purpose, "%s is required", batch->purpose);
    }

    if (llmp_body_form_batch_text_is(&m->text, batch->batch)) {
        return LLMP_OK;
    }

    for (other = batch->others; *other != NULL; other++) {
        if (llmp_body_form_batch_text_is(&m->text, *other)) {
            return LLMP_DECLINED;
        }
    }

    return llmp_refuse(refusal, LLMP_REFUSE_VALUE_NOT_ALLOWED, batch->purpose,
                       "%s is unknown, and its file may contain requests",
                       batch->purpose);
}


static const llmp_member_t *
llmp_body_form_batch_purpose(llmp_body_t *body)
{
    uint32_t         i;
    llmp_members_t  *members;

    members = &body->form.members;

    for (i = 0; i < members->nelts; i++) {
        if (members->elts[i].watch->rules.role == LLMP_ROLE_PURPOSE) {
            return &members->elts[i];
        }
    }

    return NULL;
}


/* compares a JSON string with a value that needs no escape in JSON */

static llmp_uint_t
llmp_body_form_batch_text_is(const llmp_str_t *text, const char *value)
{
    size_t  len;

    len = strlen(value);

    return text->len == len + 2
           && memcmp(text->data + 1, value, len) == 0;
}
