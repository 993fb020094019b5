
/*
 * Copyright (C) llm-policy authors
 *
 * Once a value is known, its rule is an ordinary one: no other part of the
 * decision has to know of variables.
 */


#include "base/llmp_buf.h"
#include "base/llmp_json_write.h"
#include "base/llmp_utf8.h"
#include "decide/llmp_decide_template.h"
#include "dialect/llmp_dialect.h"
#include "dialect/llmp_dialect_watch.h"
#include "request/llmp_request_caller.h"


static llmp_uint_t llmp_decide_template_is_needed(llmp_decider_t *dc,
    const llmp_rule_t *rule, llmp_uint_t pointer, uint32_t first, uint32_t last,
    llmp_uint_t adds);
static llmp_int_t llmp_decide_template_rule(llmp_decider_t *dc,
    const llmp_rule_t **rule, const char **failed);
static llmp_int_t llmp_decide_template_value(llmp_decider_t *dc,
    const llmp_template_t *template, llmp_value_t *value, const char **failed);
static llmp_int_t llmp_decide_template_print(llmp_decider_t *dc,
    const llmp_template_t *template, llmp_buf_t *buf);
static llmp_int_t llmp_decide_template_part(llmp_decider_t *dc,
    const llmp_template_part_t *part, llmp_str_t *text);
static const char *llmp_decide_template_check(const llmp_buf_t *buf);
static llmp_int_t llmp_decide_template_encode(llmp_decider_t *dc,
    const llmp_buf_t *buf, llmp_value_t *value);
static llmp_uint_t llmp_decide_template_is_allowed(llmp_decider_t *dc,
    const llmp_rule_t *rule, const llmp_value_t *value);
static llmp_int_t llmp_decide_template_fail(llmp_decider_t *dc,
    const llmp_rule_t *rule, const char *failed);


llmp_int_t
llmp_decide_template(llmp_decider_t *dc, uint32_t first, uint32_t last,
    llmp_uint_t adds)
{
    llmp_int_t          rc;
    const char         *failed;
    llmp_uint_t         i;
    const llmp_rule_t  *rule;

    for (i = 0; i < dc->decision->policy->npointers; i++) {
        rule = dc->pointers[i];

        if (rule == NULL || llmp_rule_template(rule) == NULL
            || !llmp_decide_template_is_needed(dc, rule, i, first, last,
                                               adds))
        {
            continue;
        }

        rc = llmp_decide_template_rule(dc, &dc->pointers[i], &failed);

        if (rc != LLMP_OK) {
            return (rc == LLMP_DECLINED)
                   ? llmp_decide_template_fail(dc, rule, failed)
                   : llmp_decider_fail(dc);
        }
    }

    return LLMP_OK;
}


/* returns whether a rule writes its value: a request that does not need the
   value need not have one */

static llmp_uint_t
llmp_decide_template_is_needed(llmp_decider_t *dc, const llmp_rule_t *rule,
    llmp_uint_t pointer, uint32_t first, uint32_t last, llmp_uint_t adds)
{
    uint32_t                i;
    llmp_uint_t             forces, present;
    const llmp_member_t    *m;
    const llmp_pointer_t   *p;
    const llmp_decision_t  *decision;

    decision = dc->decision;
    p = &decision->policy->pointers[pointer];
    forces = (rule->force_from != NULL);

    /* a form has no objects */

    adds = adds && decision->dialect->generates
           && (decision->boundary.len == 0 || p->nsteps == 1);

    if (adds && forces) {
        return 1;
    }

    present = 0;

    for (i = first; i <= last; i++) {
        m = &dc->members->elts[i];

        if (m->watch->rules.pointer != pointer + 1) {
            continue;
        }

        if (forces || m->type == LLMP_TYPE_NULL) {
            return 1;
        }

        present = 1;
    }

    return adds && !present;
}


llmp_int_t
llmp_decide_template_model(llmp_decider_t *dc)
{
    llmp_int_t           rc;
    const char          *failed;
    const llmp_rule_t   *rule;
    const llmp_value_t  *value;

    rule = dc->model_rule;

    if (llmp_rule_template(rule) == NULL
        || !llmp_decide_template_is_needed(dc, rule, dc->model_pointer - 1,
                                           dc->scope, dc->end, 1))
    {
        return LLMP_OK;
    }

    rc = llmp_decide_template_rule(dc, &dc->model_rule, &failed);

    if (rc == LLMP_OK) {
        value = llmp_rule_value(dc->model_rule);

        if (value == NULL || llmp_utf8_is_visible(&value->string)) {
            return LLMP_OK;
        }

        /* $llm_model may be sent in a header field */

        failed = "is no name of a model";

    } else if (rc == LLMP_ERROR) {
        return llmp_decider_fail(dc);
    }

    return llmp_decide_template_fail(dc, rule, failed);
}


/*
 * Replaces *rule.  Returns LLMP_OK; or LLMP_DECLINED, and the reason in failed,
 * if the value cannot be written; or LLMP_ERROR if there is no memory.
 */

static llmp_int_t
llmp_decide_template_rule(llmp_decider_t *dc, const llmp_rule_t **rule,
    const char **failed)
{
    llmp_int_t              rc;
    llmp_rule_t            *copy;
    llmp_value_t           *value;
    const llmp_template_t  *template;

    template = llmp_rule_template(*rule);

    copy = llmp_palloc(dc->pool, sizeof(llmp_rule_t));
    value = llmp_pcalloc(dc->pool, sizeof(llmp_value_t));

    if (copy == NULL || value == NULL) {
        return LLMP_ERROR;
    }

    *copy = **rule;

    copy->force_from = NULL;
    copy->fallback_from = NULL;
    copy->hidden = template->hidden;

    rc = llmp_decide_template_value(dc, template, value, failed);

    if (rc == LLMP_AGAIN) {

        if ((*rule)->force_from != NULL && *failed != NULL) {
            return LLMP_DECLINED;
        }

        *rule = copy;

        return LLMP_OK;
    }

    if (rc != LLMP_OK) {
        return rc;
    }

    if (!llmp_decide_template_is_allowed(dc, copy, value)) {
        *failed = "is not among the values of \"allow\"";
        return LLMP_DECLINED;
    }

    if ((*rule)->force_from != NULL) {
        copy->force = value;

    } else {
        copy->fallback = value;
    }

    *rule = copy;

    return LLMP_OK;
}


/*
 * Sets the value of a template.  Returns LLMP_AGAIN if there is none: with
 * failed set if its variables are empty, or NULL if the model may follow.
 */

static llmp_int_t
llmp_decide_template_value(llmp_decider_t *dc, const llmp_template_t *template,
    llmp_value_t *value, const char **failed)
{
    u_char      text[LLMP_TEMPLATE_MAX];
    llmp_int_t  rc;
    llmp_buf_t  buf;

    *failed = NULL;

    if (dc->decision->variables == &llmp_variables_sample) {
        value->type = LLMP_TYPE_STRING;
        value->text = template->text;
        value->string = template->string;

        return LLMP_OK;
    }

    if (template->by_model && dc->so_far && dc->model.len == 0) {
        return LLMP_AGAIN;
    }

    llmp_buf_init(&buf, text, sizeof(text));

    rc = llmp_decide_template_print(dc, template, &buf);

    if (rc == LLMP_ERROR) {
        *failed = "cannot be evaluated";
        return LLMP_DECLINED;
    }

    if (rc == LLMP_DECLINED) {
        *failed = "is empty";
        return LLMP_AGAIN;
    }

    *failed = llmp_decide_template_check(&buf);

    if (*failed != NULL) {
        return LLMP_DECLINED;
    }

    if (llmp_decide_template_encode(dc, &buf, value) != LLMP_OK) {
        return LLMP_ERROR;
    }

    if (value->text.len > LLMP_TEMPLATE_MAX) {
        *failed = "is too long";
        return LLMP_DECLINED;
    }

    return LLMP_OK;
}


/* returns LLMP_DECLINED if all variables are empty: "t-" that all strangers
   share is no name of a tenant */

static llmp_int_t
llmp_decide_template_print(llmp_decider_t *dc, const llmp_template_t *template,
    llmp_buf_t *buf)
{
    llmp_str_t                   text;
    llmp_uint_t                  i, found;
    const llmp_template_part_t  *part;

    found = 0;

    for (i = 0; i < template->nparts; i++) {
        part = &template->parts[i];

        if (part->variable == LLMP_VARIABLE_NONE) {
            llmp_buf_add_str(buf, &part->literal);
            continue;
        }

        if (llmp_decide_template_part(dc, part, &text) != LLMP_OK) {
            return LLMP_ERROR;
        }

        if (text.len != 0) {
            llmp_buf_add_str(buf, &text);
            found = 1;
        }
    }

    return found ? LLMP_OK : LLMP_DECLINED;
}


static llmp_int_t
llmp_decide_template_part(llmp_decider_t *dc, const llmp_template_part_t *part,
    llmp_str_t *text)
{
    const llmp_caller_t     *caller;
    const llmp_decision_t   *decision;
    const llmp_variables_t  *variables;

    decision = dc->decision;

    text->len = 0;

    switch (part->variable) {

    case LLMP_VARIABLE_TENANT:
        caller = decision->caller;

        if (caller != NULL && caller->tenant != NULL) {
            *text = caller->tenant->name;
        }

        return LLMP_OK;

    case LLMP_VARIABLE_TIER:
        *text = decision->tier->name;
        return LLMP_OK;

    case LLMP_VARIABLE_MODEL:
        *text = dc->model;
        return LLMP_OK;

    case LLMP_VARIABLE_DIALECT:
        *text = decision->dialect->name;
        return LLMP_OK;

    case LLMP_VARIABLE_KEY_NAME:
        caller = decision->caller;

        if (caller != NULL && caller->terms != NULL) {
            *text = caller->terms->name;
        }

        return LLMP_OK;

    default:
        variables = decision->variables;

        return (variables != NULL)
               ? variables->get(variables->data, part->index, text)
               : LLMP_ERROR;
    }
}


/* returns the reason why a text cannot be a value, or NULL */

static const char *
llmp_decide_template_check(const llmp_buf_t *buf)
{
    size_t         n;
    const u_char  *p, *end;

    if (buf->len > buf->size) {
        return "is too long";
    }

    end = buf->data + buf->len;

    for (p = buf->data; p < end; p += n) {
        n = llmp_utf8_len(p, end);

        if (n == 0) {
            return "is not UTF-8";
        }

        if (*p == '\0') {

            /* readers in C would end the string there */

            return "has a NUL";
        }
    }

    return NULL;
}


static llmp_int_t
llmp_decide_template_encode(llmp_decider_t *dc, const llmp_buf_t *buf,
    llmp_value_t *value)
{
    u_char      *p;
    llmp_buf_t   json;

    value->type = LLMP_TYPE_STRING;

    p = llmp_palloc(dc->pool, buf->len + llmp_json_write_size(buf->len));
    if (p == NULL) {
        return LLMP_ERROR;
    }

    memcpy(p, buf->data, buf->len);

    value->string.data = p;
    value->string.len = buf->len;

    llmp_buf_init(&json, p + buf->len, llmp_json_write_size(buf->len));
    llmp_json_write_string(&json, &value->string);

    value->text.data = json.data;
    value->text.len = json.len;

    return LLMP_OK;
}


static llmp_uint_t
llmp_decide_template_is_allowed(llmp_decider_t *dc, const llmp_rule_t *rule,
    const llmp_value_t *value)
{
    llmp_uint_t  i;

    if (rule->allow == NULL
        || dc->decision->variables == &llmp_variables_sample)
    {
        return 1;
    }

    for (i = 0; i < rule->nallow; i++) {
        if (rule->allow[i].type == LLMP_TYPE_STRING
            && llmp_str_eq(&rule->allow[i].string, &value->string))
        {
            return 1;
        }
    }

    return 0;
}


/* the client need not know the variables: the cause is for the log */

static llmp_int_t
llmp_decide_template_fail(llmp_decider_t *dc, const llmp_rule_t *rule,
    const char *failed)
{
    size_t                  size;
    llmp_buf_t              buf;
    llmp_str_t             *cause;
    const llmp_template_t  *template;

    cause = &dc->decision->cause;
    template = llmp_rule_template(rule);
    size = rule->place.len + template->text.len + strlen(failed) + 3;

    cause->data = llmp_palloc(dc->pool, size);

    if (cause->data != NULL) {
        llmp_buf_init(&buf, cause->data, size);

        llmp_buf_add_str(&buf, &template->text);
        llmp_buf_add_text(&buf, " ");
        llmp_buf_add_text(&buf, failed);
        llmp_buf_add_text(&buf, ": ");
        llmp_buf_add_str(&buf, &rule->place);

        cause->len = buf.len;
    }

    return llmp_refuse(&dc->decision->refusal, LLMP_REFUSE_INTERNAL,
                       (char *) rule->name.data,
                       "%s could not be set by the gateway",
                       (char *) rule->name.data);
}
