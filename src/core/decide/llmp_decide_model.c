
/*
 * Copyright (C) llm-policy authors
 */


#include "decide/llmp_decide_model.h"
#include "decide/llmp_decide_template.h"
#include "dialect/llmp_dialect.h"
#include "dialect/llmp_dialect_watch.h"
#include "json/llmp_json_string.h"
#include "policy/llmp_models.h"


static llmp_uint_t llmp_decide_model_pointer(llmp_decider_t *dc);
static llmp_uint_t llmp_decide_model_is_pointer(llmp_decider_t *dc,
    const llmp_pointer_t *p);
static llmp_int_t llmp_decide_model_find_rule(llmp_decider_t *dc,
    const llmp_member_t *m);
static llmp_int_t llmp_decide_model_use(llmp_decider_t *dc);
static llmp_int_t llmp_decide_model_from_member(llmp_decider_t *dc,
    const llmp_member_t *m);
static llmp_int_t llmp_decide_model_check_name(llmp_decider_t *dc,
    const llmp_str_t *name);
static llmp_int_t llmp_decide_model_from_rule(llmp_decider_t *dc,
    const llmp_member_t *m);
static llmp_int_t llmp_decide_model_from_value(llmp_decider_t *dc,
    const llmp_value_t *value);
static llmp_int_t llmp_decide_model_check_access(llmp_decider_t *dc);


llmp_int_t
llmp_decide_model_of_all(llmp_decider_t *dc)
{
    uint32_t              i;
    const llmp_member_t  *m;

    dc->model = dc->decision->path_model;
    dc->model_text = dc->model;
    dc->model_pointer = llmp_decide_model_pointer(dc);

    for (i = 0; dc->decision->dialect->outer_model && i < dc->members->nelts;
         i++)
    {
        m = &dc->members->elts[i];

        if (m->watch->rules.scope) {
            i = m->last;
            continue;
        }

        if (m->watch->rules.model && m->type != LLMP_TYPE_NULL
            && llmp_decide_model_from_member(dc, m) != LLMP_OK)
        {
            return LLMP_ERROR;
        }
    }

    dc->outer_model = dc->model;
    dc->outer_text = dc->model_text;

    return LLMP_OK;
}


llmp_int_t
llmp_decide_model(llmp_decider_t *dc)
{
    uint32_t              i;
    const llmp_member_t  *m, *named;

    named = NULL;

    dc->model = dc->outer_model;
    dc->model_text = dc->outer_text;

    /*
     * Azure uses the deployment in the path, and clients write any name into
     * the body, such as that of the model behind it: LangChain's reference of
     * AzureChatOpenAI says that "model" does not affect the completion.
     * LiteLLM prefers the path as well.
     */

    if (dc->decision->deployment) {
        return (llmp_decide_model_find_rule(dc, NULL) == LLMP_OK)
               ? llmp_decide_model_use(dc) : LLMP_ERROR;
    }

    for (i = dc->scope; i <= dc->end; i++) {
        m = &dc->members->elts[i];

        if (m->watch->rules.model && m->type != LLMP_TYPE_NULL) {
            named = m;
            break;
        }
    }

    if ((named != NULL && llmp_decide_model_from_member(dc, named) != LLMP_OK)
        || llmp_decide_model_find_rule(dc, named) != LLMP_OK)
    {
        return LLMP_ERROR;
    }

    if (dc->model_rule != NULL
        && (llmp_decide_template_model(dc) != LLMP_OK
            || llmp_decide_model_from_rule(dc, named) != LLMP_OK))
    {
        return LLMP_ERROR;
    }

    return llmp_decide_model_use(dc);
}


/* returns 1 + the index of the pointer to the model of a request, or 0 */

static llmp_uint_t
llmp_decide_model_pointer(llmp_decider_t *dc)
{
    llmp_uint_t           i;
    const llmp_policy_t  *policy;

    policy = dc->decision->policy;

    for (i = 0; i < policy->npointers; i++) {
        if (llmp_decide_model_is_pointer(dc, &policy->pointers[i])) {
            return i + 1;
        }
    }

    return 0;
}


/* returns whether a pointer leads to the model of the request */

static llmp_uint_t
llmp_decide_model_is_pointer(llmp_decider_t *dc, const llmp_pointer_t *p)
{
    size_t        len;
    const char   *path;
    llmp_uint_t   i;

    path = dc->decision->dialect->model;

    if (path == NULL && dc->decision->path_model.len != 0) {

        /* the path has the model instead */

        path = "model";
    }

    for (i = 0; path != NULL && i < p->nsteps; i++) {
        len = strcspn(path, ".");

        if (len != p->steps[i].name.len
            || memcmp(path, p->steps[i].name.data, len) != 0)
        {
            return 0;
        }

        path += len + (path[len] == '.');
    }

    return path != NULL && *path == '\0';
}


/*
 * Finds the rule about the member "model": the first one in the entries for the
 * model that the client names, or that of the tier.  All other rules are those
 * for the model that is sent, so that no second rule about "model" applies.
 */

static llmp_int_t
llmp_decide_model_find_rule(llmp_decider_t *dc, const llmp_member_t *m)
{
    llmp_uint_t           i, pointer;
    const uint64_t       *set;
    const llmp_rules_t   *rules;
    const llmp_policy_t  *policy;

    dc->model_rule = NULL;

    if (dc->model_pointer == 0) {
        return LLMP_OK;
    }

    policy = dc->decision->policy;
    pointer = dc->model_pointer - 1;

    if (policy->pointers_by_model[pointer]) {

        if (dc->so_far && m == NULL && dc->model.len == 0) {

            /* the model, and so its rule, may follow */

            return LLMP_OK;
        }

        set = llmp_models_match(policy, &dc->model);

        if (set == NULL) {
            return llmp_decider_fail(dc);
        }

        llmp_models_for_each(i, policy, set, dc->decision->tier) {
            rules = &policy->models[i].rules;

            if (rules->pointers != NULL && rules->pointers[pointer] != NULL) {
                dc->model_rule = rules->pointers[pointer];
                return LLMP_OK;
            }
        }
    }

    rules = &dc->decision->tier->rules;

    if (rules->pointers != NULL) {
        dc->model_rule = rules->pointers[pointer];
    }

    return LLMP_OK;
}


/* reports the model of the first request, and checks access to it */

static llmp_int_t
llmp_decide_model_use(llmp_decider_t *dc)
{
    if (dc->first) {
        dc->decision->model = dc->model;

    } else if (!llmp_str_eq(&dc->model, &dc->decision->model)) {
        dc->decision->models_differ = 1;
    }

    return llmp_decide_model_check_access(dc);
}


/*
 * Sets the model from a member.  A name that is no string, or is too long to be
 * matched, is refused only if there are rules about models.
 */

static llmp_int_t
llmp_decide_model_from_member(llmp_decider_t *dc, const llmp_member_t *m)
{
    llmp_str_t  name;

    if (m->type != LLMP_TYPE_STRING || m->cut) {

        if (!dc->models) {
            return LLMP_OK;
        }

        return llmp_refuse(&dc->decision->refusal,
                           m->cut ? LLMP_REFUSE_MODEL_NOT_ALLOWED
                                  : LLMP_REFUSE_INVALID_TYPE,
                           "model", "model must be a string of at most %d "
                           "bytes", LLMP_MEMBER_TEXT_MAX);
    }

    if (llmp_json_string(dc->pool, &m->text, &name) != LLMP_OK) {
        return llmp_decider_fail(dc);
    }

    if (llmp_decide_model_check_name(dc, &name) != LLMP_OK) {
        return LLMP_ERROR;
    }

    if (dc->model.len == 0) {
        dc->model = name;
        dc->model_text = m->text;

    } else if (dc->models && !llmp_str_eq(&dc->model, &name)) {

        /* the upstream may use either of them */

        return llmp_refuse(&dc->decision->refusal,
                           LLMP_REFUSE_AMBIGUOUS_MEMBER, "model",
                           "model %.*s is not the one in the path",
                           (int) m->text.len, m->text.data);
    }

    return LLMP_OK;
}


/*
 * Refuses control characters in a model name, since a variable with the name
 * may be sent in a header field.  If there are rules about models, refuses
 * separators, too, since some gateways read such a name as a list of models.
 */

static llmp_int_t
llmp_decide_model_check_name(llmp_decider_t *dc, const llmp_str_t *name)
{
    u_char  *p, *end;

    end = name->data + name->len;

    for (p = name->data; p < end; p++) {

        if (*p < 0x20 || *p == 0x7f) {
            return llmp_refuse(&dc->decision->refusal,
                               LLMP_REFUSE_INVALID_TYPE, "model",
                               "model must not have control characters");
        }

        if (dc->models && (*p == ',' || *p == ';' || *p == '|')) {
            return llmp_refuse(&dc->decision->refusal,
                               LLMP_REFUSE_MODEL_NOT_ALLOWED, "model",
                               "model must be one name, not a list");
        }
    }

    return LLMP_OK;
}


/*
 * Sets the model to the one that dc->model_rule writes, since that one is
 * sent.  Such a rule does not change a model in the path, or next to the
 * requests of a batch.
 */

static llmp_int_t
llmp_decide_model_from_rule(llmp_decider_t *dc, const llmp_member_t *m)
{
    const llmp_rule_t   *rule;
    const llmp_value_t  *value;

    rule = dc->model_rule;

    if (rule->remove) {
        dc->model = dc->outer_model;
        dc->model_text = dc->outer_text;
    }

    if (rule->force != NULL) {
        value = rule->force;

    } else if (m == NULL && dc->outer_model.len != 0) {

        /* a model outside of the member needs no default beside it */

        dc->model_rule = rule->remove ? rule : NULL;
        return LLMP_OK;

    } else {
        value = (m == NULL && !dc->so_far) ? rule->fallback : NULL;
    }

    if (value == NULL || (m == NULL && !dc->decision->dialect->generates)) {
        return LLMP_OK;
    }

    return llmp_decide_model_from_value(dc, value);
}


static llmp_int_t
llmp_decide_model_from_value(llmp_decider_t *dc, const llmp_value_t *value)
{
    llmp_str_t  name = llmp_null_string;

    if (value->type == LLMP_TYPE_STRING) {
        name = value->string;
    }

    if (dc->outer_model.len != 0 && !llmp_str_eq(&dc->outer_model, &name)) {
        return llmp_refuse(&dc->decision->refusal,
                           LLMP_REFUSE_AMBIGUOUS_MEMBER, "model",
                           "model %.*s is not the one that the policy sends",
                           (int) dc->outer_text.len, dc->outer_text.data);
    }

    if (dc->outer_model.len == 0) {
        dc->model = name;
        dc->model_text = value->text;
    }

    return LLMP_OK;
}


static llmp_int_t
llmp_decide_model_check_access(llmp_decider_t *dc)
{
    llmp_int_t          rc;
    const llmp_str_t   *owner;
    const llmp_tier_t  *tier;

    tier = dc->decision->tier;
    owner = llmp_tier_owner(tier);
    rc = LLMP_OK;

    if ((dc->decision->dialect->model_optional || dc->so_far)
        && dc->model.len == 0)
    {
        return LLMP_OK;
    }

    if (tier->allow_set) {
        rc = llmp_policy_match(&tier->allow, &dc->model);

        if (rc == LLMP_DECLINED && dc->model.len == 0) {
            return llmp_refuse(&dc->decision->refusal,
                               LLMP_REFUSE_MODEL_NOT_ALLOWED, "model",
                               "the request must have a model: %s \"%.*s\" "
                               "permits only some models",
                               llmp_tier_kind(tier), (int) owner->len,
                               owner->data);
        }
    }

    if (rc == LLMP_OK && tier->deny.nelts != 0) {

        switch (llmp_policy_match(&tier->deny, &dc->model)) {

        case LLMP_OK:
            rc = LLMP_DECLINED;
            break;

        case LLMP_DECLINED:
            break;

        default:
            rc = LLMP_ERROR;
        }
    }

    if (rc == LLMP_DECLINED) {
        return llmp_refuse(&dc->decision->refusal,
                           LLMP_REFUSE_MODEL_NOT_ALLOWED, "model",
                           "model %.*s is not permitted for %s \"%.*s\"",
                           (int) dc->model_text.len, dc->model_text.data,
                           llmp_tier_kind(tier), (int) owner->len,
                           owner->data);
    }

    return (rc == LLMP_OK) ? LLMP_OK : llmp_decider_fail(dc);
}
