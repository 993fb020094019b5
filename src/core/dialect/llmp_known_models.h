
/*
 * Copyright (C) llm-policy authors
 *
 * Facts about families of hosted models, by the names of models.  A policy
 * document can contain more of them, see conf/models.json; its facts have
 * precedence.
 */


#ifndef LLMP_KNOWN_MODELS_H_INCLUDED_
#define LLMP_KNOWN_MODELS_H_INCLUDED_


#include "dialect/llmp_facts.h"
#include "dialect/llmp_param.h"


typedef struct {
    llmp_param_e          param;
    llmp_facts_t          facts;
} llmp_known_fact_t;


/* the parameters of all known facts, except for "as" */
#define LLMP_KNOWN_MODELS_PARAMS                                              \
    (llmp_mask(LLMP_TEMPERATURE) | llmp_mask(LLMP_TOP_P)                      \
     | llmp_mask(LLMP_TOP_K) | llmp_mask(LLMP_PRESENCE_PENALTY)               \
     | llmp_mask(LLMP_FREQUENCY_PENALTY) | llmp_mask(LLMP_STOP)               \
     | llmp_mask(LLMP_LOGPROBS) | llmp_mask(LLMP_TOP_LOGPROBS)                \
     | llmp_mask(LLMP_LOGIT_BIAS))

/* those that a model may refuse next to each other */
#define LLMP_KNOWN_MODELS_RIVALS                                              \
    (llmp_mask(LLMP_TEMPERATURE) | llmp_mask(LLMP_TOP_P))


/*
 * Returns the facts about a model, ended by LLMP_PARAM_MAX, or NULL if its name
 * belongs to no known family.  Versions later than the known ones belong to the
 * family, too.  What is around the family's name is ignored: "ft:" and the
 * parts after it, a provider, a region, the path of an ARN, dates, variants.
 */
const llmp_known_fact_t *llmp_known_models_find(const llmp_str_t *model);

/* returns 1 if the name is that of stored settings, which apply to absent
   members: "@preset/NAME", "MODEL@preset/NAME", "presets/NAME" */
llmp_uint_t llmp_known_models_is_preset(const llmp_str_t *model);


#endif /* LLMP_KNOWN_MODELS_H_INCLUDED_ */
