
/*
 * Copyright (C) llm-policy authors
 *
 * The variables of nginx that --variable gives.
 */


#ifndef EXPLAIN_VARIABLES_H_INCLUDED_
#define EXPLAIN_VARIABLES_H_INCLUDED_


#include "policy/llmp_policy.h"


typedef struct {
    llmp_str_t              name;
    llmp_str_t              value;
} explain_variable_t;


typedef struct {
    llmp_variables_t        variables;  /* for the decision */
    const llmp_policy_t    *policy;
    explain_variable_t      given[LLMP_VARIABLES_MAX];
    llmp_uint_t             ngiven;
    const llmp_variable_t  *missing;    /* one that a decision needed and that
                                           was not given, or NULL */
} explain_variables_t;


void explain_variables_init(explain_variables_t *ev);

/* these functions print an error, and return LLMP_ERROR */

/* adds "name=value", which is changed */
llmp_int_t explain_variables_add(explain_variables_t *ev, char *arg);

/* checks the names of the given ones against a document */
llmp_int_t explain_variables_check(explain_variables_t *ev,
    const llmp_policy_t *policy);

/* reports a variable that a decision needed, and was not given */
llmp_int_t explain_variables_finish(const explain_variables_t *ev);


#endif /* EXPLAIN_VARIABLES_H_INCLUDED_ */
