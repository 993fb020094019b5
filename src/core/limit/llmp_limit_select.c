
/*
 * Copyright (C) llm-policy authors
 */


#include "limit/llmp_limit_select.h"
#include "policy/llmp_models.h"


static const uint64_t *llmp_limit_select_match(llmp_limit_select_t *select,
    llmp_refusal_t *refusal);


llmp_uint_t
llmp_limit_select_needs_model(const llmp_limits_t *const *limits,
    llmp_uint_t nlimits)
{
    llmp_uint_t  i;

    for (i = 0; i < nlimits; i++) {
        if (limits[i]->matcher != LLMP_LIMITS_ALL_MODELS
            || (limits[i]->by & LLMP_LIMITS_BY_MODEL) != 0
            || (limits[i]->set & llmp_limit_kind_bits(LLMP_LIMIT_COST)) != 0)
        {
            return 1;
        }
    }

    return 0;
}


llmp_int_t
llmp_limit_select(llmp_limit_select_t *select, llmp_refusal_t *refusal)
{
    uint32_t              set;
    llmp_uint_t           i;
    const uint64_t       *matched;
    const llmp_limits_t  *limits;

    set = 0;
    matched = NULL;

    select->price = NULL;
    select->nentries = 0;
    select->needs_model = llmp_limit_select_needs_model(select->limits,
                                                        select->nlimits);

    if (select->needs_model) {
        matched = llmp_limit_select_match(select, refusal);

        if (matched == NULL) {
            return LLMP_ERROR;
        }

        select->price = llmp_models_price(select->policy, matched,
                                          select->tier);
    }

    for (i = 0; i < select->nlimits; i++) {
        limits = select->limits[i];

        if (llmp_models_has_limits(select->policy, matched, limits)) {
            select->entries[select->nentries++].limits = limits;
            set |= limits->set;
        }
    }

    if ((set & llmp_limit_kind_bits(LLMP_LIMIT_COST)) != 0
        && select->price == NULL)
    {
        return llmp_refuse(refusal, LLMP_REFUSE_MODEL_NOT_PRICED, "model",
                           "the model has no price, and your costs are "
                           "limited: use another model, or ask the operator of "
                           "this service for a price of it");
    }

    return LLMP_OK;
}


/* returns NULL with refusal set if the model cannot be matched */

static const uint64_t *
llmp_limit_select_match(llmp_limit_select_t *select, llmp_refusal_t *refusal)
{
    const uint64_t  *matched;

    if (select->models_differ) {
        (void) llmp_refuse(refusal, LLMP_REFUSE_MODEL_NOT_ALLOWED, "model",
                           "the requests of a batch must have one model, "
                           "since limits depend on it: send a batch for "
                           "each model");
        return NULL;
    }

    matched = llmp_models_match(select->policy, select->model);

    if (matched == NULL) {
        (void) llmp_refuse(refusal, LLMP_REFUSE_INTERNAL, NULL,
                           "the limits of the model could not be checked");
    }

    return matched;
}
