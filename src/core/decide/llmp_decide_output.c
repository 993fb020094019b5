
/*
 * Copyright (C) llm-policy authors
 *
 * How long an answer may be: what is reserved of a caller's tokens.
 */


#include "decide/llmp_decide.h"
#include "decide/llmp_decider.h"


/* the parameters that tell how long the answers may be */
#define LLMP_OUTPUT  (llmp_mask(LLMP_MAX_TOKENS) | llmp_mask(LLMP_N))


static uint64_t llmp_output_bound(const llmp_decision_t *decision,
    llmp_param_e param);
static uint64_t llmp_output_rule(const llmp_rule_t *rule);
static uint64_t llmp_output_times(uint64_t tokens, uint64_t answers);
static uint64_t llmp_decide_most(llmp_decider_t *dc, llmp_param_e param,
    const llmp_decimal_t *number, uint64_t most);
static uint64_t llmp_decide_absent_count(llmp_decider_t *dc,
    llmp_param_e param);
static uint64_t llmp_decide_held(const llmp_rule_t *rule,
    const llmp_decimal_t *number);


/*
 * Where a parameter stands more than once, upstreams differ in which they
 * take: it is the largest that counts.
 */

void
llmp_decide_output(llmp_decider_t *dc)
{
    uint32_t              i;
    uint64_t              tokens, answers, seen, params;
    llmp_decimal_t        number;
    const llmp_member_t  *m;

    if (!dc->decision->dialect->generates) {
        return;
    }

    tokens = 0;
    answers = 0;
    seen = 0;

    for (i = dc->scope; i <= dc->end; i++) {
        m = &dc->members->elts[i];
        params = m->watch->rules.params & LLMP_OUTPUT;

        if (params == 0 || m->type != LLMP_TYPE_NUMBER
            || dc->state[i].remove || dc->state[i].gone
            || llmp_decimal_parse(&number, &m->text) != LLMP_OK)
        {
            continue;
        }

        seen |= params;

        if (params & llmp_mask(LLMP_MAX_TOKENS)) {
            tokens = llmp_decide_most(dc, LLMP_MAX_TOKENS, &number, tokens);
        }

        if (params & llmp_mask(LLMP_N)) {
            answers = llmp_decide_most(dc, LLMP_N, &number, answers);
        }
    }

    if (!(seen & llmp_mask(LLMP_MAX_TOKENS))) {
        tokens = llmp_decide_absent_count(dc, LLMP_MAX_TOKENS);
    }

    if (!(seen & llmp_mask(LLMP_N))) {
        answers = llmp_decide_absent_count(dc, LLMP_N);
    }

    dc->decision->output = llmp_tokens_add(dc->decision->output,
                                           llmp_output_times(tokens, answers));
}


static uint64_t
llmp_output_times(uint64_t tokens, uint64_t answers)
{
    if (answers <= 1) {
        return tokens;
    }

    return (tokens > LLMP_TOKENS_MAX / answers) ? LLMP_TOKENS_MAX
                                                : tokens * answers;
}


uint64_t
llmp_output_most(const llmp_decision_t *decision)
{
    if (!decision->dialect->generates) {
        return 0;
    }

    return llmp_output_times(llmp_output_bound(decision, LLMP_MAX_TOKENS),
                             llmp_output_bound(decision, LLMP_N));
}


/* whichever model it turns out to be */

static uint64_t
llmp_output_bound(const llmp_decision_t *decision, llmp_param_e param)
{
    uint64_t              n, most;
    llmp_uint_t           i;
    const llmp_policy_t  *policy;

    policy = decision->policy;
    most = llmp_output_rule(decision->tier->rules.params[param]);

    for (i = 0; i < policy->nmodels; i++) {
        n = llmp_output_rule(policy->models[i].rules.params[param]);

        if (n > most) {
            most = n;
        }
    }

    return most;
}


static uint64_t
llmp_output_rule(const llmp_rule_t *rule)
{
    const llmp_value_t  *value;

    if (rule == NULL || rule->remove) {
        return 0;
    }

    value = (rule->force != NULL) ? rule->force
            : (rule->max != NULL) ? rule->max : rule->fallback;

    return (value != NULL && value->type == LLMP_TYPE_NUMBER)
           ? llmp_decimal_whole(&value->number) : 0;
}


static uint64_t
llmp_decide_most(llmp_decider_t *dc, llmp_param_e param,
    const llmp_decimal_t *number, uint64_t most)
{
    uint64_t  n;

    n = llmp_decide_held(dc->params[param], number);

    return (n > most) ? n : most;
}


static uint64_t
llmp_decide_absent_count(llmp_decider_t *dc, llmp_param_e param)
{
    llmp_str_t           text;
    llmp_decimal_t       number;
    const llmp_rule_t   *rule;
    const llmp_slot_t   *slot;
    const llmp_value_t  *value;

    rule = dc->params[param];

    if (rule != NULL && !rule->remove) {

        value = (rule->force != NULL) ? rule->force
                : (rule->fallback != NULL) ? rule->fallback : rule->max;

        if (value != NULL && value->type == LLMP_TYPE_NUMBER) {
            return llmp_decide_held(rule, &value->number);
        }
    }

    slot = llmp_dialect_slot(dc->decision->dialect, param);

    if (slot == NULL || slot->absent == NULL) {
        return 0;
    }

    text.data = (u_char *) slot->absent;
    text.len = strlen(slot->absent);

    if (llmp_decimal_parse(&number, &text) != LLMP_OK) {
        return 0;
    }

    return llmp_decide_held(rule, &number);
}


/* the value, as the rule leaves it */

static uint64_t
llmp_decide_held(const llmp_rule_t *rule, const llmp_decimal_t *number)
{
    uint64_t  n;

    if (rule != NULL && rule->force != NULL
        && rule->force->type == LLMP_TYPE_NUMBER)
    {
        return llmp_decimal_whole(&rule->force->number);
    }

    n = llmp_decimal_whole(number);

    if (rule != NULL && rule->max != NULL
        && (n == 0 || llmp_decimal_cmp(number, &rule->max->number) > 0))
    {
        /* no limit at all is brought to the bound, too */

        return llmp_decimal_whole(&rule->max->number);
    }

    return n;
}
