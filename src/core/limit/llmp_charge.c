
/*
 * Copyright (C) llm-policy authors
 */


#include "limit/llmp_charge.h"


static llmp_uint_t llmp_charge_plainly(llmp_limit_amounts_t *amounts,
    int64_t input, int64_t output, const llmp_weights_t *weights,
    const llmp_price_t *price);
static int64_t llmp_charge_dearest(const llmp_price_t *price);
static void llmp_charge_add(llmp_uint128_t *sum, int64_t n, int64_t each);
static int64_t llmp_charge_sum(llmp_uint128_t sum);
static int64_t llmp_charge_max(int64_t a, int64_t b);


void
llmp_charge_used(llmp_limit_amounts_t *amounts,
    const llmp_charge_tokens_t *tokens, const llmp_weights_t *weights,
    const llmp_price_t *price)
{
    llmp_uint128_t  sum;

    if (llmp_charge_plainly(amounts, tokens->input, tokens->output, weights,
                            price))
    {
        return;
    }

    sum = 0;

    llmp_charge_add(&sum, tokens->input - tokens->cached, weights->input);
    llmp_charge_add(&sum, tokens->cached, weights->cached_input);
    llmp_charge_add(&sum, tokens->output - tokens->reasoning, weights->output);
    llmp_charge_add(&sum, tokens->reasoning, weights->reasoning);

    amounts->n[LLMP_LIMIT_TOKENS] = llmp_charge_sum(sum);

    sum = 0;

    if (price != NULL) {
        llmp_charge_add(&sum, 1, price->request);
        llmp_charge_add(&sum, tokens->input - tokens->cached - tokens->written,
                        price->input);
        llmp_charge_add(&sum, tokens->cached, price->cached_input);
        llmp_charge_add(&sum, tokens->written, price->cache_write);
        llmp_charge_add(&sum, tokens->output, price->output);
    }

    amounts->n[LLMP_LIMIT_COST] = llmp_charge_sum(sum);
}


void
llmp_charge_most(llmp_limit_amounts_t *amounts, int64_t input, int64_t output,
    const llmp_weights_t *weights, const llmp_price_t *price)
{
    llmp_uint128_t  sum;

    if (llmp_charge_plainly(amounts, input, output, weights, price)) {
        return;
    }

    sum = 0;

    llmp_charge_add(&sum, input,
                    llmp_charge_max(weights->input, weights->cached_input));
    llmp_charge_add(&sum, output,
                    llmp_charge_max(weights->output, weights->reasoning));

    amounts->n[LLMP_LIMIT_TOKENS] = llmp_charge_sum(sum);

    sum = 0;

    if (price != NULL) {
        llmp_charge_add(&sum, 1, price->request);
        llmp_charge_add(&sum, input, llmp_charge_dearest(price));
        llmp_charge_add(&sum, output, price->output);
    }

    amounts->n[LLMP_LIMIT_COST] = llmp_charge_sum(sum);
}


/* sets the amounts that do not depend on weights and prices, and returns
   whether these are all: most documents have none */

static llmp_uint_t
llmp_charge_plainly(llmp_limit_amounts_t *amounts, int64_t input,
    int64_t output, const llmp_weights_t *weights, const llmp_price_t *price)
{
    amounts->n[LLMP_LIMIT_REQUESTS] = 1;
    amounts->n[LLMP_LIMIT_INPUT] = input;
    amounts->n[LLMP_LIMIT_OUTPUT] = output;
    amounts->n[LLMP_LIMIT_COST] = 0;

    if (price != NULL || !weights->equal
        || input > LLMP_LIMIT_VALUE_MAX || output > LLMP_LIMIT_VALUE_MAX)
    {
        return 0;
    }

    amounts->n[LLMP_LIMIT_TOKENS] = (input + output) * LLMP_WEIGHT_ONE;

    return 1;
}


/* returns the most that a token of input may cost */

static int64_t
llmp_charge_dearest(const llmp_price_t *price)
{
    return llmp_charge_max(price->input, llmp_charge_max(price->cached_input,
                                                         price->cache_write));
}


static void
llmp_charge_add(llmp_uint128_t *sum, int64_t n, int64_t each)
{
    *sum += (llmp_uint128_t) n * (uint64_t) each;
}


static int64_t
llmp_charge_sum(llmp_uint128_t sum)
{
    return (sum < LLMP_LIMIT_AMOUNT_MAX) ? (int64_t) sum
                                         : LLMP_LIMIT_AMOUNT_MAX;
}


static int64_t
llmp_charge_max(int64_t a, int64_t b)
{
    return (a > b) ? a : b;
}


void
llmp_charge_cut(llmp_limit_amounts_t *amounts, const llmp_limits_t *limits)
{
    uint32_t           left;
    llmp_limit_e       limit;
    llmp_limit_kind_e  kind;

    left = limits->set & ~llmp_limit_bit(LLMP_LIMIT_CONCURRENT_REQUESTS);

    while (left != 0) {
        limit = (llmp_limit_e) __builtin_ctz(left);
        left &= left - 1;

        kind = (llmp_limit_kind_e) llmp_limit_kind(limit);

        if (amounts->n[kind] > limits->max[limit]) {
            amounts->n[kind] = limits->max[limit];
        }
    }
}
