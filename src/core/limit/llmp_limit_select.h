
/*
 * Copyright (C) llm-policy authors
 *
 * The limits that count a request, by the model that it sends, and the price of
 * that model.
 */


#ifndef LLMP_LIMIT_SELECT_H_INCLUDED_
#define LLMP_LIMIT_SELECT_H_INCLUDED_


#include "base/llmp_refusal.h"
#include "limit/llmp_limit.h"
#include "policy/llmp_policy.h"


typedef struct {

    /* a request, to be set before llmp_limit_select() */

    const llmp_policy_t         *policy;
    const llmp_tier_t           *tier;           /* tier of the caller */
    const llmp_limits_t *const  *limits;         /* all of the caller */
    llmp_uint_t                  nlimits;
    const llmp_str_t            *model;          /* NULL if needs_model will
                                                    be 0 */
    llmp_uint_t                  models_differ;  /* requests of a batch are for
                                                    several models */
    llmp_limit_entry_t          *entries;        /* room for nlimits; their
                                                    limits are set */

    /* set by it */

    llmp_uint_t                  nentries;
    llmp_uint_t                  needs_model;
    const llmp_price_t          *price;          /* the model's; NULL if it has
                                                    none or is not needed */
} llmp_limit_select_t;


/* returns whether some of the limits depend on the model of a request */
llmp_uint_t llmp_limit_select_needs_model(const llmp_limits_t *const *limits,
    llmp_uint_t nlimits);

/*
 * Selects the limits that count a request, in the order of all of them.
 * Returns LLMP_OK, or LLMP_ERROR with refusal set: if limits depend on the
 * model of a batch for several models, if costs are limited and the model has
 * no price, or if the model cannot be matched.  The entries are set in the
 * second case, too.
 */
llmp_int_t llmp_limit_select(llmp_limit_select_t *select,
    llmp_refusal_t *refusal);


#endif /* LLMP_LIMIT_SELECT_H_INCLUDED_ */
