
/*
 * Copyright (C) llm-policy authors
 */


#include <inttypes.h>
#include <stdio.h>

#include "base/llmp_decimal.h"
#include "decide/llmp_decide_absent.h"
#include "decide/llmp_decide_edits.h"
#include "decide/llmp_decide_place.h"
#include "decide/llmp_decide_record.h"
#include "decide/llmp_decide_slot.h"
#include "decide/llmp_decide_thinking.h"
#include "decide/llmp_decide_value.h"
#include "dialect/llmp_dialect.h"
#include "dialect/llmp_dialect_watch.h"
#include "json/llmp_json_string.h"


typedef enum {
    LLMP_THINKING_KEEP = 0,  /* within bounds, or left to the rule alone */
    LLMP_THINKING_LOWER,
    LLMP_THINKING_OFF
} llmp_thinking_e;


static void llmp_decide_thinking_find_tokens(llmp_decider_t *dc);
static llmp_int_t llmp_decide_thinking_sent_tokens(llmp_decider_t *dc,
    uint32_t i);
static void llmp_decide_thinking_added_tokens(llmp_decider_t *dc);
static const llmp_rule_t *llmp_decide_thinking_pointer_tokens(
    llmp_decider_t *dc);
static void llmp_decide_thinking_mark(llmp_decider_t *dc, uint32_t i);
static uint32_t llmp_decide_thinking_budget(llmp_decider_t *dc, uint32_t i);
static const llmp_rule_t *llmp_decide_thinking_rule(llmp_decider_t *dc,
    const llmp_member_t *m, llmp_uint_t *param);
static llmp_thinking_e llmp_decide_thinking_compare(llmp_decider_t *dc,
    const llmp_member_t *m, const llmp_thinking_t *thinking,
    uint64_t *lowered);
static llmp_int_t llmp_decide_thinking_apply(const llmp_rule_t *rule,
    llmp_uint_t param, llmp_decimal_t *number);
static uint64_t llmp_decide_thinking_listed(const llmp_rule_t *rule,
    uint64_t least, uint64_t most);
static uint64_t llmp_decide_thinking_whole(const char *text);
static void llmp_decide_thinking_record(llmp_decider_t *dc, uint32_t i,
    const llmp_str_t *text, llmp_action_e action);
static llmp_uint_t llmp_decide_thinking_is_beyond(llmp_decider_t *dc);
static llmp_uint_t llmp_decide_thinking_has_effort(llmp_decider_t *dc);
static llmp_uint_t llmp_decide_thinking_has_budget(llmp_decider_t *dc,
    uint32_t i);


void
llmp_decide_thinking_find(llmp_decider_t *dc)
{
    uint32_t              i;
    const llmp_member_t  *m;

    llmp_decide_thinking_find_tokens(dc);

    for (i = dc->scope; i <= dc->end; i++) {
        m = &dc->members->elts[i];

        if (m->watch->rules.thinking != NULL && m->type == LLMP_TYPE_OBJECT
            && !dc->state[i].replaced)
        {
            llmp_decide_thinking_mark(dc, i);
        }
    }
}


/* finds max_tokens as it is sent: the first member that the API documents, or
   what a rule adds */

static void
llmp_decide_thinking_find_tokens(llmp_decider_t *dc)
{
    uint32_t              i;
    const llmp_member_t  *m;

    dc->tokens = 0;
    dc->tokens_rule = NULL;

    for (i = dc->scope; i <= dc->end; i++) {
        m = &dc->members->elts[i];

        if (m->watch->rules.native && m->type != LLMP_TYPE_NULL
            && (m->watch->rules.params & llmp_mask(LLMP_MAX_TOKENS)))
        {
            if (llmp_decide_thinking_sent_tokens(dc, i) == LLMP_OK) {
                return;
            }

            break;
        }
    }

    llmp_decide_thinking_added_tokens(dc);
}


/* sets max_tokens from member i; returns LLMP_DECLINED if a rule removes it */

static llmp_int_t
llmp_decide_thinking_sent_tokens(llmp_decider_t *dc, uint32_t i)
{
    llmp_str_t            text;
    llmp_uint_t           param;
    llmp_value_t          value;
    const llmp_rule_t    *rule;
    const llmp_slot_t    *slot;
    const llmp_member_t  *m;

    param = LLMP_MAX_TOKENS;

    m = &dc->members->elts[i];
    slot = llmp_decide_slot(dc, m, param);
    rule = llmp_decide_thinking_rule(dc, m, &param);

    if (rule != NULL && rule->remove) {
        return LLMP_DECLINED;
    }

    if (m->type != LLMP_TYPE_NUMBER || m->cut
        || llmp_decimal_parse(&value.number, &m->text) != LLMP_OK)
    {
        return LLMP_OK;
    }

    if (rule != NULL
        && llmp_decide_thinking_apply(rule, LLMP_MAX_TOKENS,
                                      &value.number) == LLMP_OK)
    {
        /* values of the policy are brought into the legal range */

        value.type = LLMP_TYPE_NUMBER;
        value.text.len = 0;

        text = llmp_decide_slot_clamp(slot, &value);

        if (text.len != 0) {
            (void) llmp_decimal_parse(&value.number, &text);
        }
    }

    dc->tokens = llmp_decimal_whole(&value.number);
    dc->tokens_rule = (rule != NULL && llmp_rule_bounds(rule)) ? rule : NULL;

    return LLMP_OK;
}


static void
llmp_decide_thinking_added_tokens(llmp_decider_t *dc)
{
    llmp_str_t           text;
    llmp_action_e        action;
    llmp_decimal_t       number;
    const llmp_rule_t   *rule;

    rule = llmp_decide_thinking_pointer_tokens(dc);

    if (rule != NULL) {
        dc->tokens = llmp_decimal_whole(&llmp_rule_value(rule)->number);
        dc->tokens_rule = rule;
        return;
    }

    if ((dc->ruled & llmp_mask(LLMP_MAX_TOKENS))
        && llmp_decide_absent_value(dc, LLMP_MAX_TOKENS, &text,
                                    &action) == LLMP_OK
        && llmp_decimal_parse(&number, &text) == LLMP_OK)
    {
        dc->tokens = llmp_decimal_whole(&number);
        dc->tokens_rule = dc->params[LLMP_MAX_TOKENS];
    }
}


/* returns the pointer rule that adds a number as max_tokens, or NULL */

static const llmp_rule_t *
llmp_decide_thinking_pointer_tokens(llmp_decider_t *dc)
{
    llmp_uint_t            i;
    const llmp_watch_t    *w;
    const llmp_value_t    *value;
    const llmp_policy_t   *policy;
    const llmp_pointer_t  *p;

    policy = dc->decision->policy;

    for (i = 0; dc->pointers != NULL && i < policy->npointers; i++) {

        value = (dc->pointers[i] != NULL) ? llmp_rule_value(dc->pointers[i])
                                          : NULL;

        if (value == NULL || value->type != LLMP_TYPE_NUMBER) {
            continue;
        }

        p = &policy->pointers[i];
        w = llmp_decide_place_watch(dc, p->steps, p->nsteps);

        if (w != NULL && w->rules.native
            && (w->rules.params & llmp_mask(LLMP_MAX_TOKENS)))
        {
            return dc->pointers[i];
        }
    }

    return NULL;
}


/* marks object i, or the budget inside it */

static void
llmp_decide_thinking_mark(llmp_decider_t *dc, uint32_t i)
{
    uint32_t              j;
    uint64_t              lowered;
    const llmp_watch_t   *w;
    const llmp_member_t  *m;

    w = dc->members->elts[i].watch;
    j = llmp_decide_thinking_budget(dc, i);

    if (j == 0) {
        return;
    }

    m = &dc->members->elts[j];

    switch (llmp_decide_thinking_compare(dc, m, w->rules.thinking, &lowered)) {

    case LLMP_THINKING_LOWER:
        dc->state[j].thinking = LLMP_DECIDER_LOWERED;
        return;

    case LLMP_THINKING_OFF:
        dc->state[i].thinking = LLMP_DECIDER_OFF;

        for (j = i; j <= dc->members->elts[i].last; j++) {
            dc->state[j].replaced = 1;
        }

        return;

    case LLMP_THINKING_KEEP:
        return;
    }
}


/* returns the index of the budget in object i, if it is a number that no
   pointer rule replaces; or 0 */

static uint32_t
llmp_decide_thinking_budget(llmp_decider_t *dc, uint32_t i)
{
    uint32_t              j;
    const llmp_member_t  *m, *members;

    members = dc->members->elts;

    for (j = i + 1; j <= members[i].last; j = members[j].last + 1) {
        m = &members[j];

        if (llmp_str_is(&m->watch->name, members[i].watch->rules.thinking
                                                                    ->budget))
        {
            return (m->type == LLMP_TYPE_NUMBER && !m->cut) ? j : 0;
        }
    }

    return 0;
}


/* returns the rule that applies to a member for a parameter, or NULL; sets
   *param to LLMP_PARAM_MAX if it is that of a pointer */

static const llmp_rule_t *
llmp_decide_thinking_rule(llmp_decider_t *dc, const llmp_member_t *m,
    llmp_uint_t *param)
{
    const llmp_rule_t  *rule;

    rule = llmp_decider_pointer_rule(dc, m->watch);

    if (rule != NULL) {
        *param = LLMP_PARAM_MAX;
        return rule;
    }

    return (dc->ruled & llmp_mask(*param)) ? dc->params[*param] : NULL;
}


/*
 * Compares a budget, after its rule is applied, with max_tokens and the least
 * legal budget.  A budget that the policy changes in no way is left to the API:
 * with interleaved thinking, it may exceed max_tokens.
 */

static llmp_thinking_e
llmp_decide_thinking_compare(llmp_decider_t *dc, const llmp_member_t *m,
    const llmp_thinking_t *thinking, uint64_t *lowered)
{
    uint64_t            budget, least;
    llmp_uint_t         param, changed;
    llmp_decimal_t      number;
    const llmp_rule_t  *rule;

    if (llmp_decimal_parse(&number, &m->text) != LLMP_OK) {
        return LLMP_THINKING_KEEP;
    }

    changed = 0;
    param = LLMP_THINKING_BUDGET;
    rule = llmp_decide_thinking_rule(dc, m, &param);

    if (rule != NULL) {

        if (rule->remove) {
            return LLMP_THINKING_OFF;
        }

        if (rule->deny
            || (rule->reject
                && llmp_decide_value_exceeded(rule,
                                      llmp_params[LLMP_THINKING_BUDGET].flags,
                                      &number)
                   != NULL))
        {
            return LLMP_THINKING_KEEP;
        }

        changed = llmp_decide_thinking_apply(rule, LLMP_THINKING_BUDGET,
                                             &number)
                  == LLMP_OK;
    }

    budget = llmp_decimal_whole(&number);
    least = llmp_decide_thinking_whole(thinking->least);

    if (dc->tokens == 0 || !(dc->tokens_rule != NULL || changed)
        || (budget < dc->tokens && !number.negative))
    {
        return (changed && budget < least) ? LLMP_THINKING_OFF
                                           : LLMP_THINKING_KEEP;
    }

    *lowered = dc->tokens - 1;

    if (rule != NULL && rule->allow != NULL) {

        if (llmp_decide_thinking_listed(rule, budget, budget) == 0) {

            /* it is refused */

            return LLMP_THINKING_KEEP;
        }

        *lowered = llmp_decide_thinking_listed(rule, least, *lowered);
    }

    return (*lowered < least) ? LLMP_THINKING_OFF : LLMP_THINKING_LOWER;
}


/* changes a number as its rule does; returns LLMP_DECLINED if it remains */

static llmp_int_t
llmp_decide_thinking_apply(const llmp_rule_t *rule, llmp_uint_t param,
    llmp_decimal_t *number)
{
    const llmp_value_t  *value;

    value = (rule->force != NULL)
            ? rule->force
            : llmp_decide_value_exceeded(rule, llmp_params[param].flags,
                                         number);

    if (value == NULL || value->type != LLMP_TYPE_NUMBER
        || llmp_decimal_cmp(&value->number, number) == 0)
    {
        return LLMP_DECLINED;
    }

    *number = value->number;

    return LLMP_OK;
}


/* returns the largest number from least to most that "allow" has, or 0 */

static uint64_t
llmp_decide_thinking_listed(const llmp_rule_t *rule, uint64_t least,
    uint64_t most)
{
    uint64_t     n, found;
    llmp_uint_t  i;

    found = 0;

    for (i = 0; i < rule->nallow; i++) {
        n = llmp_decimal_whole(&rule->allow[i].number);

        if (n >= least && n <= most && n > found) {
            found = n;
        }
    }

    return found;
}


static uint64_t
llmp_decide_thinking_whole(const char *text)
{
    llmp_str_t      str;
    llmp_decimal_t  number;

    str.data = (u_char *) text;
    str.len = strlen(text);

    return (llmp_decimal_parse(&number, &str) == LLMP_OK)
           ? llmp_decimal_whole(&number) : 0;
}


llmp_int_t
llmp_decide_thinking_turn_off(llmp_decider_t *dc, uint32_t i)
{
    llmp_str_t            off, absent = llmp_null_string;
    const llmp_member_t  *m;

    m = &dc->members->elts[i];

    off.data = (u_char *) m->watch->rules.thinking->off;
    off.len = strlen(m->watch->rules.thinking->off);

    llmp_decide_thinking_record(dc, llmp_decide_thinking_budget(dc, i),
                                &absent, LLMP_ACTION_REMOVE);

    dc->state[i].sent = off;

    return llmp_decide_edits_set_value(dc, m, &off);
}


llmp_int_t
llmp_decide_thinking_lower(llmp_decider_t *dc, uint32_t i)
{
    uint64_t              lowered;
    llmp_str_t            text;
    const llmp_member_t  *m, *object;

    m = &dc->members->elts[i];
    object = &dc->members->elts[m->parent];

    (void) llmp_decide_thinking_compare(dc, m, object->watch->rules.thinking,
                                        &lowered);

    text.data = llmp_palloc(dc->pool, LLMP_DECIMAL_MAX);
    if (text.data == NULL) {
        return llmp_decider_fail(dc);
    }

    text.len = (size_t) snprintf((char *) text.data, LLMP_DECIMAL_MAX,
                                 "%" PRIu64, lowered);

    llmp_decide_thinking_record(dc, i, &text, LLMP_ACTION_MAX);

    return llmp_decide_edits_set_value(dc, m, &text);
}


static void
llmp_decide_thinking_record(llmp_decider_t *dc, uint32_t i,
    const llmp_str_t *text, llmp_action_e action)
{
    llmp_uint_t           param;
    const llmp_rule_t    *rule;
    const llmp_member_t  *m;

    param = LLMP_THINKING_BUDGET;

    m = &dc->members->elts[i];
    rule = llmp_decide_thinking_rule(dc, m, &param);

    if (rule == NULL) {
        rule = dc->tokens_rule;
    }

    llmp_decide_record_change(dc, rule, param, m, text, action);
}


uint64_t
llmp_decide_thinking_evades(llmp_decider_t *dc, const llmp_member_t *m,
    uint64_t params)
{
    u_char      buf[LLMP_MEMBER_TEXT_MAX];
    llmp_str_t  type;

    if (m->type != LLMP_TYPE_STRING || m->cut) {
        return params;
    }

    type.data = buf;
    type.len = llmp_json_string_decode(buf, &m->text);

    if (llmp_str_is(&type, "enabled")
        && llmp_decide_thinking_has_budget(dc, m->parent))
    {
        return 0;
    }

    if (llmp_str_is(&type, "adaptive") && dc->decision->dialect->adaptive) {
        return (dc->ruled & llmp_mask(LLMP_REASONING_EFFORT))
               ? 0 : params & ~llmp_mask(LLMP_REASONING_EFFORT);
    }

    return params;
}


uint32_t
llmp_decide_thinking_adaptive(llmp_decider_t *dc)
{
    u_char                buf[LLMP_MEMBER_TEXT_MAX];
    uint32_t              i;
    llmp_str_t            type;
    const llmp_member_t  *m;

    if (!dc->decision->dialect->adaptive) {
        return 0;
    }

    for (i = dc->scope; i <= dc->end; i++) {
        m = &dc->members->elts[i];

        if (!m->watch->rules.thinking_type || m->type != LLMP_TYPE_STRING
            || m->cut || dc->state[i].replaced || dc->state[i].remove)
        {
            continue;
        }

        type.data = buf;
        type.len = llmp_json_string_decode(buf, &m->text);

        if (llmp_str_is(&type, "adaptive")) {
            return i;
        }
    }

    return 0;
}


llmp_int_t
llmp_decide_thinking_check_adaptive(llmp_decider_t *dc)
{
    uint32_t           i;
    llmp_param_e       undone;
    const llmp_str_t  *tier;

    if (!(dc->ruled & llmp_mask(LLMP_REASONING_EFFORT))) {
        return LLMP_OK;
    }

    i = llmp_decide_thinking_adaptive(dc);

    if (i == 0 || llmp_decide_thinking_has_effort(dc)
        || llmp_decider_pointer_rule(dc, dc->members->elts[i].watch) != NULL)
    {
        return LLMP_OK;
    }

    if ((dc->ruled & llmp_mask(LLMP_THINKING_BUDGET))
        && llmp_rule_bounds(dc->params[LLMP_THINKING_BUDGET]))
    {
        undone = LLMP_THINKING_BUDGET;

    } else if (llmp_decide_thinking_is_beyond(dc)) {
        undone = LLMP_REASONING_EFFORT;

    } else {
        return LLMP_OK;
    }

    tier = &dc->decision->tier->name;

    return llmp_refuse(&dc->decision->refusal, LLMP_REFUSE_UNDERMINES_POLICY,
                       "thinking.type",
                       "thinking.type can undo the bound on %s for tier "
                       "\"%.*s\"; send an effort",
                       (char *) llmp_params[undone].name.data,
                       (int) tier->len, tier->data);
}


/* returns whether the effort of absent members is beyond a bound that the
   dialect has no place for */

static llmp_uint_t
llmp_decide_thinking_is_beyond(llmp_decider_t *dc)
{
    llmp_decimal_t           rank;
    static const llmp_str_t  high = llmp_string(LLMP_DECIDE_THINKING_EFFORT);

    return llmp_param_rank(&llmp_params[LLMP_REASONING_EFFORT], &high, &rank)
           == LLMP_OK
           && llmp_decide_value_exceeded(dc->params[LLMP_REASONING_EFFORT], 0,
                                         &rank)
              != NULL;
}


/* returns whether a request has an effort, or gets one by its rule */

static llmp_uint_t
llmp_decide_thinking_has_effort(llmp_decider_t *dc)
{
    uint32_t              i;
    const llmp_rule_t    *rule;
    const llmp_member_t  *m;

    rule = dc->params[LLMP_REASONING_EFFORT];

    if (llmp_dialect_slot(dc->decision->dialect, LLMP_REASONING_EFFORT) != NULL
        && (rule->min != NULL || rule->max != NULL
            || llmp_rule_value(rule) != NULL))
    {
        return 1;
    }

    for (i = dc->scope; i <= dc->end && !rule->remove; i++) {
        m = &dc->members->elts[i];

        if ((m->watch->rules.params & llmp_mask(LLMP_REASONING_EFFORT))
            && m->type != LLMP_TYPE_NULL && !dc->state[i].replaced)
        {
            return 1;
        }
    }

    return 0;
}


/* returns whether object i has a budget that is not removed */

static llmp_uint_t
llmp_decide_thinking_has_budget(llmp_decider_t *dc, uint32_t i)
{
    uint32_t              j;
    const llmp_rule_t    *rule;
    const llmp_member_t  *m, *members;

    members = dc->members->elts;
    rule = (dc->ruled & llmp_mask(LLMP_THINKING_BUDGET))
           ? dc->params[LLMP_THINKING_BUDGET] : NULL;

    if (rule != NULL && rule->remove) {
        return 0;
    }

    for (j = i + 1; j <= members[i].last; j = members[j].last + 1) {
        m = &members[j];

        if ((m->watch->rules.params & llmp_mask(LLMP_THINKING_BUDGET))
            && m->type != LLMP_TYPE_NULL && !dc->state[j].replaced)
        {
            return 1;
        }
    }

    return 0;
}
