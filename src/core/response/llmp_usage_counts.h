
/*
 * Copyright (C) llm-policy authors
 *
 * Numbers of tokens that a response reports, and their sums.
 */


#ifndef LLMP_USAGE_COUNTS_H_INCLUDED_
#define LLMP_USAGE_COUNTS_H_INCLUDED_


#include "dialect/llmp_dialect.h"
#include "json/llmp_scan.h"
#include "response/llmp_usage.h"


typedef struct {
    uint64_t  reported;  /* bits of the numbers that were reported: the others
                            are not set */
    uint64_t  document;  /* the same, in the current document */
    int64_t   tokens[LLMP_SOURCE_MAX * LLMP_USAGE_COUNTS];
} llmp_usage_counts_t;


/* sets all numbers to "not reported" */
void llmp_usage_counts_init(llmp_usage_counts_t *counts);

/*
 * Takes the number of tokens of a member whose watch reports one.  array: the
 * document is an element of an array, see LLMP_SOURCE_EACH.
 *
 * Returns 0 if the value is no number of tokens, and is ignored; else 1.
 */
llmp_uint_t llmp_usage_counts_take(llmp_usage_counts_t *counts,
    const llmp_member_t *m, llmp_uint_t array);

/*
 * Sets all numbers of tokens of a result, and partial, by what was reported so
 * far.  generates: see llmp_dialect_t.
 */
void llmp_usage_counts_sum(const llmp_usage_counts_t *counts,
    llmp_uint_t generates, llmp_usage_result_t *result);


#endif /* LLMP_USAGE_COUNTS_H_INCLUDED_ */
