
/*
 * Copyright (C) llm-policy authors
 */


#include "base/llmp_decimal.h"
#include "decide/llmp_decide_output.h"
#include "dialect/llmp_dialect.h"


/* parameters that bound the length of the output */
#define LLMP_DECIDE_OUTPUT                                                    \
    (llmp_mask(LLMP_MAX_TOKENS) | llmp_mask(LLMP_THINKING_BUDGET)             \
     | llmp_mask(LLMP_N))


static llmp_uint_t llmp_decide_output_is_inside(llmp_decider_t *dc,
    const llmp_member_t *m);
static uint64_t llmp_decide_output_max(llmp_decider_t *dc, llmp_param_e param,
    const llmp_decimal_t *number, uint64_t most);
static uint64_t llmp_decide_output_absent(llmp_decider_t *dc,
    llmp_param_e param);
static uint64_t llmp_decide_output_ruled(const llmp_rule_t *rule,
    const llmp_decimal_t *number);


void
llmp_decide_output(llmp_decider_t *dc)
{
    uint32_t              i;
    uint64_t              tokens, inside, beyond, choices, seen, params;
    llmp_decimal_t        number;
    const llmp_member_t  *m;

    if (!dc->decision->dialect->generates) {
        return;
    }

    tokens = 0;
    inside = 0;
    beyond = 0;
    choices = 0;
    seen = 0;

    for (i = dc->scope; i <= dc->end; i++) {
        m = &dc->members->elts[i];
        params = m->watch->rules.params & LLMP_DECIDE_OUTPUT;

        if (params == 0 || m->type != LLMP_TYPE_NUMBER
            || dc->state[i].remove || dc->state[i].replaced
            || llmp_decimal_parse(&number, &m->text) != LLMP_OK)
        {
            continue;
        }

        seen |= params;

        if (params & llmp_mask(LLMP_MAX_TOKENS)) {
            tokens = llmp_decide_output_max(dc, LLMP_MAX_TOKENS, &number,
                                            tokens);
        }

        if ((params & llmp_mask(LLMP_THINKING_BUDGET))
            && dc->state[i].thinking == 0 && number.ndigits != 0)
        {
            if (llmp_decide_output_is_inside(dc, m)) {
                inside = llmp_decide_output_max(dc, LLMP_THINKING_BUDGET,
                                                &number, inside);
            } else {
                beyond = llmp_decide_output_max(dc, LLMP_THINKING_BUDGET,
                                                &number, beyond);
            }
        }

        if (params & llmp_mask(LLMP_N)) {
            choices = llmp_decide_output_max(dc, LLMP_N, &number, choices);
        }
    }

    if (!(seen & llmp_mask(LLMP_MAX_TOKENS))) {
        tokens = llmp_decide_output_absent(dc, LLMP_MAX_TOKENS);
    }

    if (!(seen & llmp_mask(LLMP_N))) {
        choices = llmp_decide_output_absent(dc, LLMP_N);
    }

    /* a budget may exceed max_tokens with Anthropic's interleaved thinking */

    if (tokens < inside) {
        tokens = inside;
    }

    tokens = llmp_decision_add_tokens(tokens, beyond);
    tokens = llmp_decision_mul_tokens(tokens, choices);

    dc->decision->output = llmp_decision_add_tokens(dc->decision->output,
                                                    tokens);
}


/* returns whether max_tokens includes the tokens of a budget: not always, as
   with DashScope's thinking_budget */

static llmp_uint_t
llmp_decide_output_is_inside(llmp_decider_t *dc, const llmp_member_t *m)
{
    return dc->decision->dialect->thinks_inside
           || dc->members->elts[m->parent].watch->rules.thinking != NULL;
}


static uint64_t
llmp_decide_output_max(llmp_decider_t *dc, llmp_param_e param,
    const llmp_decimal_t *number, uint64_t most)
{
    uint64_t  n;

    n = llmp_decide_output_ruled(dc->params[param], number);

    return (n > most) ? n : most;
}


static uint64_t
llmp_decide_output_absent(llmp_decider_t *dc, llmp_param_e param)
{
    llmp_str_t           text;
    llmp_decimal_t       number;
    const llmp_rule_t   *rule;
    const llmp_slot_t   *slot;
    const llmp_value_t  *value;

    rule = dc->params[param];

    if (rule != NULL && !rule->remove) {

        value = llmp_rule_value(rule);

        if (value == NULL) {
            value = rule->max;
        }

        if (value != NULL && value->type == LLMP_TYPE_NUMBER) {
            return llmp_decide_output_ruled(rule, &value->number);
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

    return llmp_decide_output_ruled(rule, &number);
}


/* returns a number after its rule is applied; rule may be NULL */

static uint64_t
llmp_decide_output_ruled(const llmp_rule_t *rule, const llmp_decimal_t *number)
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
        /* 0 means no limit */

        return llmp_decimal_whole(&rule->max->number);
    }

    return n;
}
