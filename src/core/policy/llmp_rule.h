
/*
 * Copyright (C) llm-policy authors
 *
 * Rules about the parameters and pointers of a tier or a model entry.
 */


#ifndef LLMP_RULE_H_INCLUDED_
#define LLMP_RULE_H_INCLUDED_


#include "base/llmp_decimal.h"
#include "dialect/llmp_facts.h"
#include "dialect/llmp_param.h"
#include "policy/llmp_template.h"


typedef struct {
    llmp_uint_t           type;    /* LLMP_TYPE_* */
    llmp_str_t            text;    /* JSON, as in the document */
    llmp_str_t            string;  /* decoded value of a string */
    llmp_decimal_t        number;  /* value of a number, or rank of a string
                                      among ordered ones */
} llmp_value_t;


/* rule about one parameter or pointer */

typedef struct {
    llmp_str_t            name;      /* "temperature", "/metadata/trace" */
    llmp_str_t            place;     /* JSON Pointer in the document, or in
                                        a part, "models.json#/models/0/..." */

    /* NULL if absent */

    llmp_value_t         *fallback;  /* "default" */
    llmp_value_t         *force;
    llmp_value_t         *min;
    llmp_value_t         *max;
    llmp_value_t         *allow;     /* nallow values */

    /* NULL, or replaced by "default" or "force" with the value that it has for
       a request, see llmp_decide_template() */

    llmp_template_t      *fallback_from;  /* "default_from" */
    llmp_template_t      *force_from;

    llmp_uint_t           nallow;
    unsigned              reject:1;  /* "on_violation": "reject" */
    unsigned              remove:1;
    unsigned              deny:1;
    unsigned              require:1;
    unsigned              hidden:1;  /* its "default" or "force" is not
                                        logged */
} llmp_rule_t;


typedef struct {
    /* NULL: no rule; pointers is NULL if there is none at all */

    llmp_rule_t          *params[LLMP_PARAM_MAX];
    llmp_rule_t         **pointers;  /* by index of pointer */

    /* facts apart from rules: an entry may have facts about a parameter, and
       no rule */

    llmp_facts_t         *facts[LLMP_PARAM_MAX];

    /* sets of parameters, kept by llmp_rules_set() */

    uint64_t              ruled;     /* parameters with a rule */
    uint64_t              bounded;   /* parameters whose value a rule bounds */
    uint64_t              removed;   /* parameters that a rule removes */

    uint64_t              known;     /* parameters with facts */
} llmp_rules_t;


/* sets the rule of a parameter, or clears it if rule is NULL */
void llmp_rules_set(llmp_rules_t *rules, llmp_param_e param,
    llmp_rule_t *rule);

/* sets the facts about a parameter */
void llmp_rules_set_facts(llmp_rules_t *rules, llmp_param_e param,
    llmp_facts_t *facts);

/* returns whether a rule bounds the value of its member */
llmp_uint_t llmp_rule_bounds(const llmp_rule_t *rule);


/* returns the value that a rule writes if the member is absent, or NULL */

static inline const llmp_value_t *
llmp_rule_value(const llmp_rule_t *rule)
{
    return (rule->force != NULL) ? rule->force : rule->fallback;
}


/* returns the template of the value that a rule writes, or NULL */

static inline const llmp_template_t *
llmp_rule_template(const llmp_rule_t *rule)
{
    return (rule->force_from != NULL) ? rule->force_from : rule->fallback_from;
}


#endif /* LLMP_RULE_H_INCLUDED_ */
