
/*
 * Copyright (C) llm-policy authors
 */


#include <inttypes.h>

#include "words.h"


void
words_number(FILE *out, int64_t number, llmp_uint_t digits)
{
    int      width;
    int64_t  unit, rest;

    width = (int) digits;

    for (unit = 1; digits > 0; digits--) {
        unit *= 10;
    }

    fprintf(out, "%" PRId64, number / unit);

    rest = number % unit;

    if (rest == 0) {
        return;
    }

    for ( /* void */ ; rest % 10 == 0; rest /= 10) {
        width--;
    }

    fprintf(out, ".%0*" PRId64, width, rest);
}


void
words_patterns(FILE *out, const void *value)
{
    llmp_uint_t             i;
    const llmp_patterns_t  *patterns;

    patterns = value;

    for (i = 0; i < patterns->nelts; i++) {
        fprintf(out, "%s%s", (i != 0) ? ", " : "",
                (char *) patterns->elts[i].text.data);
    }

    if (patterns->nelts == 0) {
        fprintf(out, "none");
    }
}


void
words_price(FILE *out, const void *value)
{
    const llmp_price_t  *price;

    price = value;

    fprintf(out, "input ");
    words_number(out, price->input, WORDS_PRICE);

    if (price->cached_input != price->input) {
        fprintf(out, ", cached_input ");
        words_number(out, price->cached_input, WORDS_PRICE);
    }

    if (price->cache_write != price->input) {
        fprintf(out, ", cache_write ");
        words_number(out, price->cache_write, WORDS_PRICE);
    }

    fprintf(out, ", output ");
    words_number(out, price->output, WORDS_PRICE);

    if (price->request != 0) {
        fprintf(out, ", request ");
        words_number(out, price->request, WORDS_REQUEST);
    }
}


void
words_models(FILE *out, const llmp_policy_t *policy,
    const llmp_limits_t *limits)
{
    if (limits->matcher == LLMP_LIMITS_ALL_MODELS) {
        fprintf(out, "all");

    } else {
        words_patterns(out, &policy->matchers[limits->matcher]);
    }
}
