
/*
 * Copyright (C) llm-policy authors
 */


#include "base/llmp_decimal.h"
#include "decide/llmp_decide_output.h"
#include "decide/llmp_decide_record.h"
#include "dialect/llmp_dialect.h"


/* parameters that bound the length of the output */
#define LLMP_DECIDE_OUTPUT                                                    \
    (llmp_mask(LLMP_MAX_TOKENS) | llmp_mask(LLMP_THINKING_BUDGET)             \
     | llmp_mask(LLMP_N))


/* the largest values that are sent, 0 if they are unlimited or not known */

typedef struct {
    uint64_t  seen;     /* parameters that are sent */
    uint64_t  tokens;
    uint64_t  inside;   /* tokens of thinking that max_tokens includes */
    uint64_t  beyond;   /* tokens of thinking in addition to max_tokens */
    uint64_t  choices;
} llmp_decide_output_t;


static void llmp_decide_output_member(llmp_decider_t *dc, uint32_t i,
    llmp_decide_output_t *out);
static llmp_uint_t llmp_decide_output_is_inside(llmp_decider_t *dc, uint32_t i);
static void llmp_decide_output_add(llmp_decide_output_t *out, uint64_t params,
    const llmp_decimal_t *number, llmp_uint_t inside);
static uint64_t llmp_decide_output_absent(llmp_decider_t *dc,
    llmp_param_e param);
static uint64_t llmp_decide_output_absent_tokens(llmp_decider_t *dc);


void
llmp_decide_output(llmp_decider_t *dc)
{
    uint32_t                        i;
    llmp_uint_t                     n;
    llmp_decimal_t                  number;
    llmp_decide_output_t            out;
    const llmp_decider_addition_t  *a;

    if (!dc->decision->dialect->generates) {
        return;
    }

    memset(&out, 0, sizeof(llmp_decide_output_t));

    for (i = dc->scope; i <= dc->end; i++) {
        if (dc->members->elts[i].watch->rules.params & LLMP_DECIDE_OUTPUT) {
            llmp_decide_output_member(dc, i, &out);
        }
    }

    for (n = dc->first_addition; n < dc->nadditions; n++) {
        a = &dc->additions[n];

        if ((a->params & LLMP_DECIDE_OUTPUT)
            && llmp_decimal_parse(&number, &a->text) == LLMP_OK)
        {
            llmp_decide_output_add(&out, a->params, &number,
                                   dc->decision->dialect->thinks_inside);
        }
    }

    if (!(out.seen & llmp_mask(LLMP_MAX_TOKENS))) {
        out.tokens = llmp_decide_output_absent_tokens(dc);
    }

    if (!(out.seen & llmp_mask(LLMP_N))) {
        out.choices = llmp_decide_output_absent(dc, LLMP_N);
    }

    /* with Anthropic's interleaved thinking, a budget may exceed max_tokens */

    if (out.tokens < out.inside) {
        out.tokens = out.inside;
    }

    out.tokens = llmp_decision_add_tokens(out.tokens, out.beyond);
    out.tokens = llmp_decision_mul_tokens(out.tokens, out.choices);

    dc->decision->output = llmp_decision_add_tokens(dc->decision->output,
                                                    out.tokens);
}


/* adds a member that bounds the output, as it will be sent */

static void
llmp_decide_output_member(llmp_decider_t *dc, uint32_t i,
    llmp_decide_output_t *out)
{
    llmp_str_t            text;
    llmp_decimal_t        number;
    const llmp_member_t  *m;

    m = &dc->members->elts[i];
    text = dc->state[i].sent;

    if (llmp_decide_record_is_gone(dc, i)) {
        return;
    }

    if (text.len == 0) {

        if (m->type != LLMP_TYPE_NUMBER) {
            return;
        }

        text = m->text;
    }

    if (llmp_decimal_parse(&number, &text) != LLMP_OK) {
        return;
    }

    llmp_decide_output_add(out, m->watch->rules.params, &number,
                           llmp_decide_output_is_inside(dc, i));
}


/* returns whether max_tokens includes the tokens of budget i: not always, as
   with DashScope's thinking_budget */

static llmp_uint_t
llmp_decide_output_is_inside(llmp_decider_t *dc, uint32_t i)
{
    const llmp_member_t  *members;

    members = dc->members->elts;

    return dc->decision->dialect->thinks_inside
           || members[members[i].parent].watch->rules.thinking != NULL;
}


static void
llmp_decide_output_add(llmp_decide_output_t *out, uint64_t params,
    const llmp_decimal_t *number, llmp_uint_t inside)
{
    uint64_t  n, *thinking;

    n = llmp_decimal_whole(number);

    out->seen |= params;

    if ((params & llmp_mask(LLMP_MAX_TOKENS)) && n > out->tokens) {
        out->tokens = n;
    }

    thinking = inside ? &out->inside : &out->beyond;

    if ((params & llmp_mask(LLMP_THINKING_BUDGET)) && n > *thinking) {
        *thinking = n;
    }

    if ((params & llmp_mask(LLMP_N)) && n > out->choices) {
        out->choices = n;
    }
}


/* returns what the API takes if a parameter is absent, 0 if it is not known */

static uint64_t
llmp_decide_output_absent(llmp_decider_t *dc, llmp_param_e param)
{
    llmp_str_t          text;
    llmp_decimal_t      number;
    const llmp_slot_t  *slot;

    slot = llmp_dialect_slot(dc->decision->dialect, param);

    if (slot == NULL || slot->absent == NULL) {
        return 0;
    }

    text.data = (u_char *) slot->absent;
    text.len = strlen(slot->absent);

    return (llmp_decimal_parse(&number, &text) == LLMP_OK)
           ? llmp_decimal_whole(&number) : 0;
}


/*
 * Returns the bound of max_tokens if the API's own value is not known: it could
 * not be added, but the answer is hardly longer.
 */

static uint64_t
llmp_decide_output_absent_tokens(llmp_decider_t *dc)
{
    uint64_t             tokens;
    const llmp_rule_t   *rule;
    const llmp_value_t  *value;

    tokens = llmp_decide_output_absent(dc, LLMP_MAX_TOKENS);
    rule = dc->params[LLMP_MAX_TOKENS];

    if (tokens != 0 || rule == NULL || rule->remove) {
        return tokens;
    }

    value = llmp_rule_value(rule);

    if (value == NULL) {
        value = rule->max;
    }

    return (value != NULL && value->type == LLMP_TYPE_NUMBER)
           ? llmp_decimal_whole(&value->number) : 0;
}
