
/*
 * Copyright (C) llm-policy authors
 */


#include "base/llmp_ascii.h"
#include "base/llmp_decimal.h"
#include "base/llmp_type.h"
#include "decide/llmp_decide_edits.h"
#include "decide/llmp_decide_facts.h"
#include "decide/llmp_decide_record.h"
#include "decide/llmp_decide_slot.h"
#include "decide/llmp_decide_value.h"
#include "dialect/llmp_dialect.h"
#include "json/llmp_json_string.h"


/* limit of significant digits of a policed number */
#define LLMP_DECIDE_DIGITS_MAX  19


static llmp_int_t llmp_decide_value_rank(llmp_decider_t *dc,
    const llmp_rule_t *rule, const llmp_member_t *m, llmp_uint_t param,
    llmp_decimal_t *rank);
static llmp_int_t llmp_decide_value_remove(llmp_decider_t *dc,
    const llmp_rule_t *rule, uint32_t i, llmp_uint_t param);
static llmp_int_t llmp_decide_value_force_null(llmp_decider_t *dc,
    const llmp_rule_t *rule, uint32_t i, llmp_uint_t param);
static llmp_int_t llmp_decide_value_force(llmp_decider_t *dc,
    const llmp_rule_t *rule, uint32_t i, llmp_uint_t param);
static llmp_int_t llmp_decide_value_check_type(llmp_decider_t *dc,
    const llmp_rule_t *rule, const llmp_member_t *m, llmp_uint_t param,
    llmp_decimal_t *number);
static llmp_uint_t llmp_decide_value_types(llmp_decider_t *dc,
    const llmp_rule_t *rule, const llmp_member_t *m, llmp_uint_t param);
static llmp_int_t llmp_decide_value_check_allowed(llmp_decider_t *dc,
    const llmp_rule_t *rule, const llmp_member_t *m, llmp_uint_t param);
static llmp_int_t llmp_decide_value_check_bounds(llmp_decider_t *dc,
    const llmp_rule_t *rule, uint32_t i, llmp_uint_t param,
    const llmp_decimal_t *number);
static llmp_uint_t llmp_decide_value_flags(const llmp_member_t *m,
    llmp_uint_t param);
static llmp_int_t llmp_decide_value_check_size(llmp_decider_t *dc,
    const llmp_rule_t *rule, const llmp_member_t *m, llmp_uint_t param,
    const llmp_decimal_t *number);
static llmp_int_t llmp_decide_value_check_digits(llmp_decider_t *dc,
    const llmp_rule_t *rule, const llmp_member_t *m);
static llmp_int_t llmp_decide_value_check_width(llmp_decider_t *dc,
    const llmp_rule_t *rule, const llmp_decimal_t *number, llmp_uint_t flags);
static llmp_int_t llmp_decide_value_replace(llmp_decider_t *dc,
    const llmp_rule_t *rule, const llmp_value_t *value, uint32_t i,
    llmp_uint_t param, llmp_action_e action);
static llmp_int_t llmp_decide_value_to_upper(llmp_decider_t *dc,
    llmp_str_t *text);
static llmp_uint_t llmp_decide_value_is_number(const llmp_str_t *text,
    const char *number);
static llmp_int_t llmp_decide_value_equals(llmp_decider_t *dc,
    const llmp_value_t *value, const llmp_member_t *m, llmp_uint_t caseless);


static const llmp_decimal_t  llmp_decimal_one = { 1, 0, 1, { '1' } };

/* -2^31 and 2^31 - 1 */

static const llmp_decimal_t  llmp_decimal_least = {
    10, 1, 10, { '2', '1', '4', '7', '4', '8', '3', '6', '4', '8' }
};

static const llmp_decimal_t  llmp_decimal_most = {
    10, 0, 10, { '2', '1', '4', '7', '4', '8', '3', '6', '4', '7' }
};


llmp_int_t
llmp_decide_value(llmp_decider_t *dc, const llmp_rule_t *rule, uint32_t i,
    llmp_uint_t param)
{
    llmp_decimal_t        number;
    const llmp_str_t     *owner;
    const llmp_tier_t    *tier;
    const llmp_member_t  *m;

    m = &dc->members->elts[i];

    if (rule->remove) {
        return llmp_decide_value_remove(dc, rule, i, param);
    }

    if (m->type == LLMP_TYPE_NULL) {
        return llmp_decide_value_force_null(dc, rule, i, param);
    }

    if (rule->deny) {
        tier = dc->decision->tier;
        owner = llmp_tier_owner(tier);

        return llmp_refuse(&dc->decision->refusal,
                           LLMP_REFUSE_PARAMETER_DENIED,
                           (char *) rule->name.data,
                           "%s is not permitted for %s \"%.*s\"",
                           (char *) rule->name.data, llmp_tier_kind(tier),
                           (int) owner->len, owner->data);
    }

    if (rule->force != NULL) {
        return llmp_decide_value_force(dc, rule, i, param);
    }

    if (llmp_decide_value_check_type(dc, rule, m, param, &number) != LLMP_OK) {
        return LLMP_ERROR;
    }

    if (rule->allow != NULL) {
        return llmp_decide_value_check_allowed(dc, rule, m, param);
    }

    if (rule->min == NULL && rule->max == NULL) {
        return LLMP_OK;
    }

    if (param != LLMP_PARAM_MAX && llmp_params[param].order != NULL) {
        if (llmp_decide_value_rank(dc, rule, m, param, &number) != LLMP_OK) {
            return LLMP_ERROR;
        }

    } else if (m->type != LLMP_TYPE_NUMBER) {
        return LLMP_OK;
    }

    return llmp_decide_value_check_bounds(dc, rule, i, param, &number);
}


/* sets the rank of a member among the ordered values of its parameter: true
   turns on what false turns off, at a level that is not known */

static llmp_int_t
llmp_decide_value_rank(llmp_decider_t *dc, const llmp_rule_t *rule,
    const llmp_member_t *m, llmp_uint_t param, llmp_decimal_t *rank)
{
    char                 list[LLMP_PARAM_ORDER];
    llmp_str_t           string;
    const llmp_param_t  *p;

    p = &llmp_params[param];

    if (m->type == LLMP_TYPE_BOOLEAN) {
        llmp_param_set_rank(rank, (m->text.data[0] == 't') ? 9 : 0);
        return LLMP_OK;
    }

    if (!m->cut) {
        if (llmp_json_string(dc->pool, &m->text, &string) != LLMP_OK) {
            return llmp_decider_fail(dc);
        }

        if (llmp_param_rank(p, &string, rank) == LLMP_OK) {
            return LLMP_OK;
        }
    }

    return llmp_refuse(&dc->decision->refusal, LLMP_REFUSE_VALUE_NOT_ALLOWED,
                       (char *) rule->name.data, "%s must be one of %s",
                       (char *) rule->name.data, llmp_param_list(list, p));
}


static llmp_int_t
llmp_decide_value_remove(llmp_decider_t *dc, const llmp_rule_t *rule,
    uint32_t i, llmp_uint_t param)
{
    llmp_str_t            absent = llmp_null_string;
    const llmp_member_t  *m;

    m = &dc->members->elts[i];

    if (dc->state[i].remove) {

        /* the rule of another parameter has removed the same member */

        return LLMP_OK;
    }

    llmp_decide_edits_remove_member(dc, i);

    llmp_decide_record_change(dc, rule, param, m, &absent, LLMP_ACTION_REMOVE);

    return LLMP_OK;
}


/* Forces the value of a null under a name of another server.  A null under a
   native name counts as absent: llmp_decide_absent() replaces it. */

static llmp_int_t
llmp_decide_value_force_null(llmp_decider_t *dc, const llmp_rule_t *rule,
    uint32_t i, llmp_uint_t param)
{
    const llmp_member_t  *m;

    m = &dc->members->elts[i];

    if (rule->force != NULL && param != LLMP_PARAM_MAX
        && !m->watch->rules.native)
    {
        return llmp_decide_value_force(dc, rule, i, param);
    }

    return LLMP_OK;
}


static llmp_int_t
llmp_decide_value_force(llmp_decider_t *dc, const llmp_rule_t *rule, uint32_t i,
    llmp_uint_t param)
{
    const llmp_member_t  *m;

    m = &dc->members->elts[i];

    if (llmp_decide_value_equals(dc, rule->force, m,
                                 m->watch->rules.upper_case)
        == LLMP_OK)
    {
        return LLMP_OK;
    }

    return llmp_decide_value_replace(dc, rule, rule->force, i, param,
                                     LLMP_ACTION_FORCE);
}


/* refuses a wrong type of a member; parses it if it is a number */

static llmp_int_t
llmp_decide_value_check_type(llmp_decider_t *dc, const llmp_rule_t *rule,
    const llmp_member_t *m, llmp_uint_t param, llmp_decimal_t *number)
{
    llmp_uint_t  types;

    types = llmp_decide_value_types(dc, rule, m, param);

    if (types == 0) {
        return LLMP_OK;
    }

    if (!(m->type & types)) {
        return llmp_refuse(&dc->decision->refusal, LLMP_REFUSE_INVALID_TYPE,
                           (char *) rule->name.data, "%s must be %s, not %s",
                           (char *) rule->name.data,
                           llmp_type_name((llmp_uint_t) 1
                                          << llmp_param_lowest(types)),
                           llmp_type_name(m->type));
    }

    if (m->type == LLMP_TYPE_NUMBER
        && (m->cut || llmp_decimal_parse(number, &m->text) != LLMP_OK))
    {
        return llmp_refuse(&dc->decision->refusal, LLMP_REFUSE_INVALID_TYPE,
                           (char *) rule->name.data,
                           "%s must be a number of at most %d characters, "
                           "below 1e308", (char *) rule->name.data,
                           LLMP_DECIMAL_MAX);
    }

    return LLMP_OK;
}


/* returns the types that a rule permits, or 0 if it permits any */

static llmp_uint_t
llmp_decide_value_types(llmp_decider_t *dc, const llmp_rule_t *rule,
    const llmp_member_t *m, llmp_uint_t param)
{
    const llmp_slot_t  *slot;

    if (param == LLMP_PARAM_MAX) {
        return (rule->min || rule->max) ? LLMP_TYPE_NUMBER : 0;
    }

    if (!rule->min && !rule->max && !rule->fallback && !rule->allow
        && !rule->require)
    {
        return 0;
    }

    slot = llmp_decide_slot(dc, m, param);

    return (slot != NULL) ? slot->types : llmp_params[param].types;
}


static llmp_int_t
llmp_decide_value_check_allowed(llmp_decider_t *dc, const llmp_rule_t *rule,
    const llmp_member_t *m, llmp_uint_t param)
{
    llmp_int_t          rc;
    llmp_str_t          shown;
    llmp_uint_t         i, caseless;
    const llmp_str_t   *owner;
    const llmp_tier_t  *tier;

    caseless = param != LLMP_PARAM_MAX
               && llmp_params[param].order != NULL;

    for (i = 0; i < rule->nallow; i++) {
        rc = llmp_decide_value_equals(dc, &rule->allow[i], m, caseless);

        if (rc == LLMP_OK) {
            return llmp_decide_value_check_digits(dc, rule, m);
        }

        if (rc == LLMP_ERROR) {
            return llmp_decider_fail(dc);
        }
    }

    tier = dc->decision->tier;
    owner = llmp_tier_owner(tier);
    shown = llmp_decide_record_text(m, param);

    return llmp_refuse(&dc->decision->refusal, LLMP_REFUSE_VALUE_NOT_ALLOWED,
                       (char *) rule->name.data,
                       "%s %.*s is not among the values allowed for %s "
                       "\"%.*s\"", (char *) rule->name.data,
                       (int) shown.len, shown.data, llmp_tier_kind(tier),
                       (int) owner->len, owner->data);
}


static llmp_int_t
llmp_decide_value_check_bounds(llmp_decider_t *dc, const llmp_rule_t *rule,
    uint32_t i, llmp_uint_t param, const llmp_decimal_t *number)
{
    llmp_uint_t           above;
    llmp_action_e         action;
    const llmp_str_t     *owner;
    const llmp_tier_t    *tier;
    const llmp_value_t   *bound;
    const llmp_member_t  *m;

    m = &dc->members->elts[i];
    bound = llmp_decide_value_exceeded(rule, llmp_decide_value_flags(m, param),
                                       number);

    if (bound == NULL) {
        return llmp_decide_value_check_size(dc, rule, m, param, number);
    }

    above = (bound == rule->max);

    if (!rule->reject) {
        action = above ? LLMP_ACTION_MAX : LLMP_ACTION_MIN;

        return llmp_decide_value_replace(dc, rule, bound, i, param, action);
    }

    tier = dc->decision->tier;
    owner = llmp_tier_owner(tier);

    return llmp_refuse(&dc->decision->refusal, LLMP_REFUSE_VALUE_NOT_ALLOWED,
                       (char *) rule->name.data,
                       "%s %.*s is %s %.*s for %s \"%.*s\"",
                       (char *) rule->name.data,
                       (int) m->text.len, m->text.data,
                       above ? "above the maximum" : "below the minimum",
                       (int) bound->text.len, bound->text.data,
                       llmp_tier_kind(tier), (int) owner->len, owner->data);
}


/* returns the flags of a parameter, or of those that a pointer leads to */

static llmp_uint_t
llmp_decide_value_flags(const llmp_member_t *m, llmp_uint_t param)
{
    uint64_t     left;
    llmp_uint_t  flags, p;

    if (param != LLMP_PARAM_MAX) {
        return llmp_params[param].flags;
    }

    flags = 0;
    left = m->watch->rules.params;

    llmp_param_for_each(p, left) {
        flags |= llmp_params[p].flags;
    }

    return flags;
}


const llmp_value_t *
llmp_decide_value_exceeded(const llmp_rule_t *rule, llmp_uint_t flags,
    const llmp_decimal_t *number)
{
    llmp_uint_t  unlimited;

    /* a value that means "no limit", -1 or 0, is above any maximum */

    unlimited = ((flags & LLMP_PARAM_UNLIMITED)
                 && llmp_decimal_cmp(number, &llmp_decimal_one) < 0)
                || ((flags & LLMP_PARAM_NEGATIVE) && number->negative);

    if (rule->max != NULL
        && (unlimited || llmp_decimal_cmp(number, &rule->max->number) > 0))
    {
        return rule->max;
    }

    if (unlimited && (flags & LLMP_PARAM_OFF)) {

        /* above any minimum, too */

        return NULL;
    }

    if (rule->min != NULL && llmp_decimal_cmp(number, &rule->min->number) < 0)
    {
        return rule->min;
    }

    return NULL;
}


/* refuses a number within bounds that may exceed them for readers with numbers
   of 64 or 32 bits */

static llmp_int_t
llmp_decide_value_check_size(llmp_decider_t *dc, const llmp_rule_t *rule,
    const llmp_member_t *m, llmp_uint_t param, const llmp_decimal_t *number)
{
    const llmp_value_t  *nearest;

    nearest = number->negative ? rule->max : rule->min;

    if (nearest != NULL && nearest->number.ndigits != 0
        && nearest->number.negative == number->negative
        && llmp_decide_value_check_digits(dc, rule, m) != LLMP_OK)
    {
        return LLMP_ERROR;
    }

    return llmp_decide_value_check_width(dc, rule, number,
                                         llmp_decide_value_flags(m, param));
}


/*
 * Refuses a number with more digits than 64 bits hold: some readers take it as
 * a number nearer to zero (simdjson 3.0, on demand).
 */

static llmp_int_t
llmp_decide_value_check_digits(llmp_decider_t *dc, const llmp_rule_t *rule,
    const llmp_member_t *m)
{
    size_t       i;
    u_char       ch;
    llmp_uint_t  n;

    n = 0;

    for (i = 0; m->type == LLMP_TYPE_NUMBER && i < m->text.len; i++) {
        ch = m->text.data[i];

        if (ch == 'e' || ch == 'E') {
            break;
        }

        if (ch >= '0' && ch <= '9' && (n != 0 || ch != '0')) {
            n++;
        }
    }

    if (n <= LLMP_DECIDE_DIGITS_MAX) {
        return LLMP_OK;
    }

    return llmp_refuse(&dc->decision->refusal, LLMP_REFUSE_INVALID_TYPE,
                       (char *) rule->name.data,
                       "%s must be a number of at most %d significant digits",
                       (char *) rule->name.data, LLMP_DECIDE_DIGITS_MAX);
}


/* refuses a count that might be out of bounds when it is cut to 32 bits */

static llmp_int_t
llmp_decide_value_check_width(llmp_decider_t *dc, const llmp_rule_t *rule,
    const llmp_decimal_t *number, llmp_uint_t flags)
{
    if (!(flags & LLMP_PARAM_COUNT)
        || (llmp_decimal_cmp(number, &llmp_decimal_least) >= 0
            && llmp_decimal_cmp(number, &llmp_decimal_most) <= 0))
    {
        return LLMP_OK;
    }

    return llmp_refuse(&dc->decision->refusal, LLMP_REFUSE_INVALID_TYPE,
                       (char *) rule->name.data,
                       "%s must be a number from -2147483648 to 2147483647",
                       (char *) rule->name.data);
}


static llmp_int_t
llmp_decide_value_replace(llmp_decider_t *dc, const llmp_rule_t *rule,
    const llmp_value_t *value, uint32_t i, llmp_uint_t param,
    llmp_action_e action)
{
    llmp_str_t            text;
    const llmp_member_t  *m;

    m = &dc->members->elts[i];
    text = llmp_decide_slot_clamp(llmp_decide_slot(dc, m, param), value);

    if (llmp_str_eq(&text, &m->text)) {

        /* the bound, clamped to the legal range, is the value requested */

        return LLMP_OK;
    }

    if (m->watch->rules.upper_case
        && llmp_decide_value_to_upper(dc, &text) != LLMP_OK)
    {
        return llmp_decider_fail(dc);
    }

    if (param != LLMP_PARAM_MAX && (dc->frozen & llmp_mask(param))
        && !llmp_decide_value_is_number(&text, dc->frozen_at[param]))
    {
        return llmp_refuse(&dc->decision->refusal,
                           LLMP_REFUSE_VALUE_NOT_ALLOWED,
                           (char *) rule->name.data,
                           "%s must be %.*s, but the API refuses that value "
                           "next to other members of the request",
                           (char *) rule->name.data, (int) text.len,
                           (char *) text.data);
    }

    llmp_decide_record_change(dc, rule, param, m, &text, action);

    return llmp_decide_facts_set_value(dc, param, i, &text);
}


/* copies a text in upper case; a string with escapes remains */

static llmp_int_t
llmp_decide_value_to_upper(llmp_decider_t *dc, llmp_str_t *text)
{
    size_t   i;
    u_char  *p;

    if (memchr(text->data, '\\', text->len) != NULL) {
        return LLMP_OK;
    }

    p = llmp_palloc(dc->pool, text->len);
    if (p == NULL) {
        return LLMP_ERROR;
    }

    for (i = 0; i < text->len; i++) {
        p[i] = llmp_ascii_upper(text->data[i]);
    }

    text->data = p;

    return LLMP_OK;
}


/* returns whether a text is equal to a number, which may be NULL */

static llmp_uint_t
llmp_decide_value_is_number(const llmp_str_t *text, const char *number)
{
    llmp_str_t      other;
    llmp_decimal_t  a, b;

    if (number == NULL) {
        return 0;
    }

    other.data = (u_char *) number;
    other.len = strlen(number);

    return llmp_decimal_parse(&a, text) == LLMP_OK
           && llmp_decimal_parse(&b, &other) == LLMP_OK
           && llmp_decimal_cmp(&a, &b) == 0;
}


static llmp_int_t
llmp_decide_value_equals(llmp_decider_t *dc, const llmp_value_t *value,
    const llmp_member_t *m, llmp_uint_t caseless)
{
    llmp_str_t      string;
    llmp_decimal_t  number;

    if (dc->decision->boundary.len != 0 && value->type == LLMP_TYPE_STRING
        && m->type != LLMP_TYPE_STRING)
    {
        /* a string in a form may look like a number */

        return llmp_str_eq(&m->text, &value->string) ? LLMP_OK : LLMP_DECLINED;
    }

    if (value->type != m->type || m->cut) {
        return LLMP_DECLINED;
    }

    switch (m->type) {

    case LLMP_TYPE_NUMBER:

        if (llmp_decimal_parse(&number, &m->text) != LLMP_OK) {
            return LLMP_DECLINED;
        }

        return (llmp_decimal_cmp(&number, &value->number) == 0)
               ? LLMP_OK : LLMP_DECLINED;

    case LLMP_TYPE_STRING:

        if (llmp_json_string(dc->pool, &m->text, &string) != LLMP_OK) {
            return LLMP_ERROR;
        }

        return (llmp_str_eq(&string, &value->string)
                || (caseless
                    && llmp_ascii_same_letters(&string, &value->string)))
               ? LLMP_OK : LLMP_DECLINED;

    case LLMP_TYPE_BOOLEAN:

        return llmp_str_eq(&m->text, &value->text) ? LLMP_OK : LLMP_DECLINED;

    default:

        /* objects and arrays have no text to compare */

        return LLMP_DECLINED;
    }
}
