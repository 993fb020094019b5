
/*
 * Copyright (C) llm-policy authors
 *
 * Values of a document in words, as several subcommands print them.
 */


#ifndef WORDS_H_INCLUDED_
#define WORDS_H_INCLUDED_


#include <stdio.h>

#include "policy/llmp_policy.h"


/* digits behind the point for words_number(): 10^-12 of the currency for each
   request, the same for each of 10^6 tokens, and thousandths */
#define WORDS_REQUEST      12
#define WORDS_PRICE        6
#define WORDS_THOUSANDTHS  3


/* writes number / 10^digits, without zeros at the end */
void words_number(FILE *out, int64_t number, llmp_uint_t digits);

/* writes patterns, separated by commas; they are llmp_patterns_t */
void words_patterns(FILE *out, const void *patterns);

/* writes a price as the document has it; it is a llmp_price_t */
void words_price(FILE *out, const void *price);

/* writes the models that limits count: patterns, or "all" */
void words_models(FILE *out, const llmp_policy_t *policy,
    const llmp_limits_t *limits);


#endif /* WORDS_H_INCLUDED_ */
