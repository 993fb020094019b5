
/*
 * Copyright (C) llm-policy authors
 *
 * The values of a parameter that some API accepts.
 */


#ifndef LLMP_LOAD_RANGE_H_INCLUDED_
#define LLMP_LOAD_RANGE_H_INCLUDED_


#include "base/llmp_decimal.h"
#include "dialect/llmp_param.h"


/* NULL: open, in at least one API */

typedef struct {
    const char  *min;
    const char  *max;
} llmp_load_range_t;


/* returns the range that includes those of all dialects */
llmp_load_range_t llmp_load_range(const llmp_param_t *param);

/* returns -1, 0 or 1 for a number below, in or above a range */
int llmp_load_range_cmp(const llmp_load_range_t *range,
    const llmp_decimal_t *number);


#endif /* LLMP_LOAD_RANGE_H_INCLUDED_ */
