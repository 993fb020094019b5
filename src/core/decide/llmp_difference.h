
/*
 * Copyright (C) llm-policy authors
 *
 * Differences between two decisions on the same request.
 */


#ifndef LLMP_DIFFERENCE_H_INCLUDED_
#define LLMP_DIFFERENCE_H_INCLUDED_


#include "base/llmp.h"
#include "decide/llmp_decision.h"


/* the kind of a difference; all before LLMP_DIFFERENCE_NONE are counted */

typedef enum {
    LLMP_DIFFERENCE_NEWLY_CHANGED = 0,
    LLMP_DIFFERENCE_NEWLY_REFUSED,
    LLMP_DIFFERENCE_NO_LONGER_CHANGED,
    LLMP_DIFFERENCE_NO_LONGER_REFUSED,
    LLMP_DIFFERENCE_CHANGED_OTHERWISE,
    LLMP_DIFFERENCE_NONE
} llmp_difference_e;


/* the row of a difference: a parameter, or one of these */

#define LLMP_DIFFERENCE_MODEL  LLMP_PARAM_MAX
#define LLMP_DIFFERENCE_OTHER  (LLMP_PARAM_MAX + 1)   /* JSON Pointers, unknown
                                                         members, syntax */
#define LLMP_DIFFERENCE_ROWS   (LLMP_PARAM_MAX + 2)


typedef void (*llmp_difference_pt)(void *data, llmp_uint_t row,
    llmp_difference_e kind);


/*
 * Calls the handler for each difference of two decisions, with their results in
 * refusal, params and changes.  Refusals differ if one of them is none; changes
 * of a request that was refused are not compared.  Returns the number of calls.
 */
llmp_uint_t llmp_difference_find(const llmp_decision_t *before,
    const llmp_decision_t *after, llmp_difference_pt handler, void *data);

/* returns whether two JSON texts are the same value; 1 and 1.0 are */
llmp_uint_t llmp_difference_same_value(const llmp_str_t *one,
    const llmp_str_t *two);

/* returns "newly_changed", ..., or "unchanged" */
const char *llmp_difference_name(llmp_difference_e kind);

/* returns the row of a refusal's param: "" and paths have the last one */
llmp_uint_t llmp_difference_row(const llmp_str_t *param);

/* returns the name of a parameter, "model" or "other" */
const char *llmp_difference_row_name(llmp_uint_t row);


#endif /* LLMP_DIFFERENCE_H_INCLUDED_ */
