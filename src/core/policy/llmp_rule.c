
/*
 * Copyright (C) llm-policy authors
 */


#include "policy/llmp_rule.h"


void
llmp_rules_set(llmp_rules_t *rules, llmp_param_e param, llmp_rule_t *rule)
{
    uint64_t  mask;

    mask = llmp_mask(param);

    rules->params[param] = rule;

    rules->ruled &= ~mask;
    rules->bounded &= ~mask;
    rules->removed &= ~mask;

    if (rule == NULL) {
        return;
    }

    rules->ruled |= mask;

    if (llmp_rule_bounds(rule)) {
        rules->bounded |= mask;
    }

    if (rule->remove) {
        rules->removed |= mask;
    }
}


void
llmp_rules_set_facts(llmp_rules_t *rules, llmp_param_e param,
    llmp_facts_t *facts)
{
    rules->facts[param] = facts;
    rules->known |= llmp_mask(param);
}


llmp_uint_t
llmp_rule_bounds(const llmp_rule_t *rule)
{
    return rule->min || rule->max || rule->force || rule->allow || rule->deny;
}
