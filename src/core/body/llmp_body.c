
/*
 * Copyright (C) llm-policy authors
 */


#include "body/llmp_body.h"


static llmp_int_t llmp_body_init_requests(llmp_body_t *body);
static llmp_int_t llmp_body_request(void *data, llmp_members_t *members,
    llmp_refusal_t *refusal);
static llmp_int_t llmp_body_init_form(llmp_body_t *body);
static llmp_int_t llmp_body_file(void *data, uint64_t offset,
    const u_char *buf, size_t len, llmp_refusal_t *refusal);
static llmp_int_t llmp_body_is_batch(llmp_body_t *body,
    llmp_refusal_t *refusal);
static const llmp_member_t *llmp_body_purpose(llmp_body_t *body);
static llmp_uint_t llmp_body_text_is(const llmp_str_t *text,
    const char *value);
static llmp_int_t llmp_body_decide_form(llmp_body_t *body);
static llmp_int_t llmp_body_join(llmp_body_t *body, llmp_decisions_t *ds);
static llmp_int_t llmp_body_check_file(llmp_body_t *body);


llmp_int_t
llmp_body_init(llmp_body_t *body, const llmp_policy_t *policy,
    const llmp_request_t *request, const llmp_caller_t *caller,
    llmp_pool_t *pool, uint64_t seed)
{
    llmp_decision_t  *decision;

    decision = &body->decision;

    llmp_decision_init(decision);

    decision->policy = policy;
    decision->tier = caller->tier;
    decision->dialect = request->dialect;
    decision->path_model = request->model;
    decision->digest = request->digest && !request->change_signed;
    decision->boundary = request->boundary;
    decision->stream_usage = request->stream_usage;

    body->pool = pool;
    body->seed = seed;
    body->form = NULL;
    body->lines = NULL;
    body->requests = NULL;

    if (request->dialect->form) {
        return llmp_body_init_form(body);
    }

    llmp_scan_init(&body->scan,
                   policy->watch[llmp_dialect_index(request->dialect)],
                   pool, seed);

    /* what is said for all requests of a batch may stand behind them */

    if (request->dialect->scope != NULL
        && request->dialect->outer_model == NULL)
    {
        return llmp_body_init_requests(body);
    }

    return LLMP_OK;
}


static llmp_int_t
llmp_body_init_requests(llmp_body_t *body)
{
    body->requests = llmp_palloc(body->pool, sizeof(llmp_decisions_t));
    if (body->requests == NULL) {
        return LLMP_ERROR;
    }

    llmp_decisions_init(body->requests, &body->decision, body->pool);

    body->scan.handler = llmp_body_request;
    body->scan.data = body->requests;
    body->scan.texts = &body->requests->scratch.pool;

    return LLMP_OK;
}


/* one request of a batch is complete: only its changes are kept */

static llmp_int_t
llmp_body_request(void *data, llmp_members_t *members,
    llmp_refusal_t *refusal)
{
    llmp_decisions_t *ds = data;

    if (llmp_decisions_make(ds, members, 0, refusal) != LLMP_OK) {
        return LLMP_ERROR;
    }

    llmp_decisions_next(ds);

    return LLMP_OK;
}


static llmp_int_t
llmp_body_init_form(llmp_body_t *body)
{
    llmp_form_t           *form;
    llmp_watch_t          *root;
    const llmp_batch_t    *batch;
    const llmp_dialect_t  *dialect;

    dialect = body->decision.dialect;
    batch = dialect->batch;
    root = body->decision.policy->watch[llmp_dialect_index(dialect)];

    if (body->form == NULL) {
        body->form = llmp_palloc(body->pool, sizeof(llmp_form_t));
        if (body->form == NULL) {
            return LLMP_ERROR;
        }
    }

    form = body->form;

    if (llmp_form_init(form, root, &body->decision.boundary, body->pool)
        != LLMP_OK)
    {
        return LLMP_ERROR;
    }

    if (batch == NULL) {
        return LLMP_OK;
    }

    form->file = batch->file;
    form->handler = llmp_body_file;
    form->data = body;

    if (body->lines == NULL) {
        body->lines = llmp_palloc(body->pool, sizeof(llmp_lines_t));
        if (body->lines == NULL) {
            return LLMP_ERROR;
        }

        llmp_lines_init(body->lines, &body->decision, body->pool, body->seed);
    }

    return LLMP_OK;
}


llmp_int_t
llmp_body_again(llmp_body_t *body)
{
    llmp_lines_again(body->lines);

    return llmp_body_init_form(body);
}


llmp_int_t
llmp_body_feed(llmp_body_t *body, const u_char *buf, size_t len)
{
    if (body->form != NULL) {
        return llmp_form_feed(body->form, buf, len, 0);
    }

    return llmp_scan_feed(&body->scan, buf, len, 0);
}


/*
 * What the file is for may be said only behind it: then whatever is wrong with
 * its lines has to wait, too.
 */

static llmp_int_t
llmp_body_file(void *data, uint64_t offset, const u_char *buf, size_t len,
    llmp_refusal_t *refusal)
{
    llmp_body_t *body = data;

    llmp_int_t  rc;

    if (llmp_body_purpose(body) == NULL) {
        (void) llmp_lines_feed(body->lines, offset, buf, len);
        return LLMP_OK;
    }

    rc = llmp_body_is_batch(body, refusal);

    if (rc == LLMP_DECLINED) {
        return LLMP_OK;
    }

    if (rc == LLMP_OK
        && llmp_lines_feed(body->lines, offset, buf, len) != LLMP_OK)
    {
        *refusal = body->lines->refusal;
        return LLMP_ERROR;
    }

    return rc;
}


/* LLMP_DECLINED if the file is for something else */

static llmp_int_t
llmp_body_is_batch(llmp_body_t *body, llmp_refusal_t *refusal)
{
    const llmp_batch_t   *batch;
    const char *const    *other;
    const llmp_member_t  *m;

    batch = body->decision.dialect->batch;
    m = llmp_body_purpose(body);

    if (m == NULL) {
        return llmp_refuse(refusal, LLMP_REFUSE_PARAMETER_REQUIRED,
                           batch->purpose, "%s is required", batch->purpose);
    }

    if (llmp_body_text_is(&m->text, batch->batch)) {
        return LLMP_OK;
    }

    for (other = batch->others; *other != NULL; other++) {
        if (llmp_body_text_is(&m->text, *other)) {
            return LLMP_DECLINED;
        }
    }

    return llmp_refuse(refusal, LLMP_REFUSE_VALUE_NOT_ALLOWED, batch->purpose,
                       "%s is none that is known, and its file may have "
                       "requests", batch->purpose);
}


static const llmp_member_t *
llmp_body_purpose(llmp_body_t *body)
{
    uint32_t         i;
    llmp_members_t  *members;

    members = &body->form->members;

    for (i = 0; i < members->nelts; i++) {
        if (members->elts[i].watch->rules.role == LLMP_ROLE_PURPOSE) {
            return &members->elts[i];
        }
    }

    return NULL;
}


/* text is JSON; none of the values has an escape */

static llmp_uint_t
llmp_body_text_is(const llmp_str_t *text, const char *value)
{
    size_t  len;

    len = strlen(value);

    return text->len == len + 2
           && memcmp(text->data + 1, value, len) == 0;
}


llmp_int_t
llmp_body_decide(llmp_body_t *body)
{
    llmp_int_t  rc;

    if (body->form != NULL) {
        return llmp_body_decide_form(body);
    }

    rc = llmp_scan_feed(&body->scan, (u_char *) "", 0, 1);

    if (rc == LLMP_OK) {
        rc = llmp_decide(&body->decision, &body->scan.members, body->pool);

    } else {
        body->decision.refusal = body->scan.refusal;
    }

    if (body->requests == NULL) {
        return rc;
    }

    if (rc != LLMP_OK) {
        llmp_decisions_log(body->requests, &body->decision);
        return rc;
    }

    return llmp_body_join(body, body->requests);
}


static llmp_int_t
llmp_body_decide_form(llmp_body_t *body)
{
    llmp_int_t        rc;
    llmp_decision_t  *decision;

    decision = &body->decision;

    if (llmp_form_feed(body->form, (u_char *) "", 0, 1) != LLMP_OK) {
        decision->refusal = body->form->refusal;

        if (body->lines != NULL) {
            llmp_decisions_log(&body->lines->decisions, decision);
        }

        return LLMP_ERROR;
    }

    if (body->lines != NULL && llmp_body_check_file(body) != LLMP_OK) {
        return LLMP_ERROR;
    }

    if (body->lines != NULL) {
        rc = llmp_lines_finish(body->lines);

        if (rc != LLMP_OK) {
            decision->refusal = body->lines->refusal;
            llmp_decisions_log(&body->lines->decisions, decision);
            return rc;
        }
    }

    if (llmp_decide(decision, &body->form->members, body->pool) != LLMP_OK) {
        return LLMP_ERROR;
    }

    return (body->lines != NULL)
           ? llmp_body_join(body, &body->lines->decisions) : LLMP_OK;
}


static llmp_int_t
llmp_body_join(llmp_body_t *body, llmp_decisions_t *ds)
{
    if (llmp_decisions_join(ds, &body->decision) != LLMP_OK) {
        return llmp_refuse(&body->decision.refusal, LLMP_REFUSE_INTERNAL, NULL,
                           "no memory to change the body");
    }

    return LLMP_OK;
}


/* lets go of the lines if the file is not one of requests */

static llmp_int_t
llmp_body_check_file(llmp_body_t *body)
{
    llmp_int_t           rc;
    llmp_decision_t     *decision;
    const llmp_batch_t  *batch;

    decision = &body->decision;
    batch = decision->dialect->batch;

    if (body->form->files == 0) {
        return llmp_refuse(&decision->refusal, LLMP_REFUSE_PARAMETER_REQUIRED,
                           batch->file, "%s is required", batch->file);
    }

    rc = llmp_body_is_batch(body, &decision->refusal);

    if (rc == LLMP_DECLINED) {
        body->lines = NULL;
        return LLMP_OK;
    }

    return rc;
}
