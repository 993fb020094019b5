
/*
 * Copyright (C) llm-policy authors
 */


#include "base/llmp_buf.h"
#include "decide/llmp_decision.h"
#include "dialect/llmp_dialect.h"
#include "dialect/llmp_dialect_watch.h"
#include "policy/llmp_models.h"
#include "watch/llmp_watch.h"


typedef void (*llmp_decision_print_pt)(llmp_buf_t *buf,
    const llmp_change_t *change);


static uint64_t llmp_decision_output_param(const llmp_decision_t *decision,
    llmp_param_e param);
static uint64_t llmp_decision_output_rules(const llmp_decision_t *decision,
    const llmp_rules_t *rules, llmp_param_e param);
static uint64_t llmp_decision_output_rule(const llmp_rule_t *rule);
static llmp_str_t llmp_decision_changes_text(const llmp_decision_t *decision,
    llmp_pool_t *pool, llmp_decision_print_pt print);
static void llmp_decision_print_changes(llmp_buf_t *buf,
    const llmp_decision_t *decision, llmp_decision_print_pt print);
static const llmp_str_t *llmp_decision_shown(const llmp_change_t *change);
static void llmp_decision_print_line(llmp_buf_t *buf,
    const llmp_change_t *change);
static void llmp_decision_print_sentence(llmp_buf_t *buf,
    const llmp_change_t *change);


static const char *const  llmp_decision_actions[] = {
    "none", "default", "min", "max", "force", "remove"
};


void
llmp_decision_init(llmp_decision_t *decision)
{
    memset(decision, 0, offsetof(llmp_decision_t, refusal));

    llmp_refusal_clear(&decision->refusal);

    memset(&decision->output, 0, offsetof(llmp_decision_t, records)
                                 - offsetof(llmp_decision_t, output));

    decision->nchanges = 0;
}


void
llmp_decision_start(llmp_decision_t *decision, const llmp_decision_t *terms)
{
    llmp_decision_init(decision);

    decision->policy = terms->policy;
    decision->tier = terms->tier;
    decision->dialect = terms->dialect;
    decision->caller = terms->caller;
    decision->variables = terms->variables;
    decision->path_model = terms->path_model;
    decision->deployment = terms->deployment;
    decision->digest = terms->digest;
    decision->media_min = terms->media_min;
    decision->rates = terms->rates;
}


void
llmp_decision_note_refused(llmp_decision_t *decision)
{
    uint64_t     left;
    llmp_uint_t  i;

    left = decision->noted;

    llmp_param_for_each(i, left) {
        decision->records[i].effective.len = 0;
        decision->records[i].action = LLMP_ACTION_NONE;
    }
}


uint64_t
llmp_decision_output_max(const llmp_decision_t *decision)
{
    uint64_t  tokens, choices;

    if (!decision->dialect->generates) {
        return 0;
    }

    tokens = llmp_decision_output_param(decision, LLMP_MAX_TOKENS);
    choices = (llmp_dialect_slot(decision->dialect, LLMP_N) != NULL)
              ? llmp_decision_output_param(decision, LLMP_N) : 1;

    if (tokens != 0 && !decision->dialect->thinks_inside) {
        tokens += llmp_decision_output_param(decision, LLMP_THINKING_BUDGET);
    }

    return llmp_decision_mul_tokens(tokens, choices);
}


/* returns the largest value that the policy permits for a parameter, with any
   model, or 0 if there is no bound */

static uint64_t
llmp_decision_output_param(const llmp_decision_t *decision, llmp_param_e param)
{
    uint64_t              n, most;
    llmp_uint_t           i;
    const llmp_policy_t  *policy;

    policy = decision->policy;
    most = llmp_decision_output_rules(decision, &decision->tier->rules, param);

    for (i = 0; i < policy->nmodels; i++) {

        if (!llmp_models_holds(decision->tier, i)) {
            continue;
        }

        n = llmp_decision_output_rules(decision, &policy->models[i].rules,
                                       param);
        if (n > most) {
            most = n;
        }
    }

    return most;
}


/* returns the largest value that rules permit for a parameter, under its name
   or by a pointer to one of its spellings, or 0 */

static uint64_t
llmp_decision_output_rules(const llmp_decision_t *decision,
    const llmp_rules_t *rules, llmp_param_e param)
{
    uint64_t               n, most;
    llmp_uint_t            i;
    llmp_watch_t          *root, *w;
    const llmp_policy_t   *policy;
    const llmp_pointer_t  *pointer;

    policy = decision->policy;
    root = policy->watch[llmp_dialect_index(decision->dialect)];
    most = llmp_decision_output_rule(rules->params[param]);

    for (i = 0; rules->pointers != NULL && i < policy->npointers; i++) {
        pointer = &policy->pointers[i];

        w = (rules->pointers[i] != NULL)
            ? llmp_watch_find_path(root, pointer->steps, pointer->nsteps)
            : NULL;

        if (w == NULL || !(w->rules.params & llmp_mask(param))) {
            continue;
        }

        n = llmp_decision_output_rule(rules->pointers[i]);

        if (n > most) {
            most = n;
        }
    }

    return most;
}


static uint64_t
llmp_decision_output_rule(const llmp_rule_t *rule)
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


const char *
llmp_decision_action_name(llmp_action_e action)
{
    return llmp_decision_actions[action];
}


llmp_str_t
llmp_decision_changes_line(const llmp_decision_t *decision, llmp_pool_t *pool)
{
    return llmp_decision_changes_text(decision, pool, llmp_decision_print_line);
}


llmp_str_t
llmp_decision_changes_sentence(const llmp_decision_t *decision,
    llmp_pool_t *pool)
{
    return llmp_decision_changes_text(decision, pool,
                                      llmp_decision_print_sentence);
}


static llmp_str_t
llmp_decision_changes_text(const llmp_decision_t *decision, llmp_pool_t *pool,
    llmp_decision_print_pt print)
{
    llmp_str_t  line = llmp_null_string;
    llmp_buf_t  buf;

    /* the first pass computes the length */

    llmp_buf_init(&buf, NULL, 0);
    llmp_decision_print_changes(&buf, decision, print);

    line.data = llmp_palloc(pool, buf.len + 1);
    if (line.data == NULL) {
        return line;
    }

    llmp_buf_init(&buf, line.data, buf.len);
    llmp_decision_print_changes(&buf, decision, print);

    line.len = buf.len;

    return line;
}


static void
llmp_decision_print_changes(llmp_buf_t *buf, const llmp_decision_t *decision,
    llmp_decision_print_pt print)
{
    llmp_uint_t  i;

    for (i = 0; i < decision->nchanges; i++) {

        if (i != 0) {
            llmp_buf_add_text(buf, ", ");
        }

        if (i == LLMP_CHANGES_MAX) {
            llmp_buf_add_text(buf, "...");
            break;
        }

        print(buf, &decision->changes[i]);
    }
}


/* returns the effective value for logs: a client may have written that of a
   variable */

static const llmp_str_t *
llmp_decision_shown(const llmp_change_t *change)
{
    static const llmp_str_t  hidden = llmp_string("\"...\"");

    return (change->rule != NULL && change->rule->hidden
            && change->effective.len != 0)
           ? &hidden : &change->effective;
}


static void
llmp_decision_print_line(llmp_buf_t *buf, const llmp_change_t *change)
{
    llmp_buf_add_str(buf, &change->name);
    llmp_buf_add_text(buf, "=");
    llmp_buf_add_str(buf, &change->requested);
    llmp_buf_add_text(buf, "->");
    llmp_buf_add_str(buf, llmp_decision_shown(change));
    llmp_buf_add_text(buf, " (");
    llmp_buf_add_text(buf, llmp_decision_action_name(change->action));
    llmp_buf_add_text(buf, ")");
}


static void
llmp_decision_print_sentence(llmp_buf_t *buf, const llmp_change_t *change)
{
    llmp_buf_add_str(buf, &change->name);
    llmp_buf_add_text(buf, " ");

    if (change->requested.len == 0) {
        llmp_buf_add_str(buf, llmp_decision_shown(change));
        llmp_buf_add_text(buf, " added (");

    } else {
        llmp_buf_add_str(buf, &change->requested);

        if (change->action == LLMP_ACTION_REMOVE) {
            llmp_buf_add_text(buf, " removed (");

        } else {
            llmp_buf_add_text(buf, " changed to ");
            llmp_buf_add_str(buf, llmp_decision_shown(change));
            llmp_buf_add_text(buf, " (");
        }
    }

    llmp_buf_add_text(buf, llmp_decision_action_name(change->action));
    llmp_buf_add_text(buf, ")");
}
