
/*
 * Copyright (C) llm-policy authors
 *
 * Facts about the model of a request: those of the policy, then those of
 * llmp_known_models_find().
 */


#ifndef LLMP_DECIDE_FACTS_H_INCLUDED_
#define LLMP_DECIDE_FACTS_H_INCLUDED_


#include "decide/llmp_decider.h"


/* removes the facts of the last request */
void llmp_decide_facts_clear(llmp_decider_t *dc);

/* adds facts of a tier or a model entry, where none is known */
void llmp_decide_facts_add(llmp_decider_t *dc, const llmp_rules_t *rules);

/* returns whether the model takes a value; text is JSON, and type is its
   type */
llmp_uint_t llmp_decide_facts_take(llmp_decider_t *dc, llmp_uint_t param,
    llmp_uint_t type, const llmp_str_t *text);

/* returns the parameters next to which the model refuses a parameter */
uint64_t llmp_decide_facts_rivals(llmp_decider_t *dc, llmp_uint_t param);

/* returns the node with the name to write into an object: the one that the
   model takes, or else the first one of the dialect */
const llmp_watch_t *llmp_decide_facts_node(llmp_decider_t *dc,
    llmp_uint_t param, const llmp_watch_t *object);

/* replaces the value of member i by a JSON text, and its name, if the model
   takes another one that is not in the object */
llmp_int_t llmp_decide_facts_set_value(llmp_decider_t *dc, llmp_uint_t param,
    uint32_t i, const llmp_str_t *text);

/* replaces the name of member i, if the policy has another one that is not in
   the object */
llmp_int_t llmp_decide_facts_set_name(llmp_decider_t *dc, uint32_t i);


#endif /* LLMP_DECIDE_FACTS_H_INCLUDED_ */
