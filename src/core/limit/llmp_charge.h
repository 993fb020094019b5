
/*
 * Copyright (C) llm-policy authors
 *
 * The amounts of a request: what its tokens count and cost.
 */


#ifndef LLMP_CHARGE_H_INCLUDED_
#define LLMP_CHARGE_H_INCLUDED_


#include "limit/llmp_limit.h"


/* tokens of a request; none is negative */

typedef struct {
    int64_t               input;      /* including the next two */
    int64_t               cached;     /* read from a cache */
    int64_t               written;    /* written to a cache */
    int64_t               output;     /* including reasoning */
    int64_t               reasoning;
} llmp_charge_tokens_t;


/*
 * Sets the amounts of one request that has used these tokens.  Without a price,
 * which is NULL then, it costs nothing.  Too large amounts are cut to
 * LLMP_LIMIT_AMOUNT_MAX.
 */
void llmp_charge_used(llmp_limit_amounts_t *amounts,
    const llmp_charge_tokens_t *tokens, const llmp_weights_t *weights,
    const llmp_price_t *price);

/*
 * Sets the largest amounts of a request with so many tokens of input and
 * output: any of them may be written to a cache, and any may be reasoning.
 */
void llmp_charge_most(llmp_limit_amounts_t *amounts, int64_t input,
    int64_t output, const llmp_weights_t *weights, const llmp_price_t *price);

/* cuts amounts to the limits of an entry, which admit the request then if
   nothing else is used */
void llmp_charge_cut(llmp_limit_amounts_t *amounts,
    const llmp_limits_t *limits);


#endif /* LLMP_CHARGE_H_INCLUDED_ */
