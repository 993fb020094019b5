
/*
 * Copyright (C) llm-policy authors
 *
 * Strings with variables of nginx, "t-${llm_tenant}", and the values of these
 * variables.
 */


#ifndef LLMP_TEMPLATE_H_INCLUDED_
#define LLMP_TEMPLATE_H_INCLUDED_


#include "base/llmp.h"


/* longest value of a template, in bytes of JSON */
#define LLMP_TEMPLATE_MAX   1024

/* most variables in a document */
#define LLMP_VARIABLES_MAX  64


/* the decision itself has the values of these variables */

typedef enum {
    LLMP_VARIABLE_TENANT = 0,
    LLMP_VARIABLE_TIER,
    LLMP_VARIABLE_MODEL,    /* model that is sent */
    LLMP_VARIABLE_DIALECT,
    LLMP_VARIABLE_KEY_NAME,
    LLMP_VARIABLE_KNOWN,    /* number of those above */
    LLMP_VARIABLE_NGINX,    /* a variable of llmp_policy_t */
    LLMP_VARIABLE_NONE      /* a literal text */
} llmp_variable_e;


typedef struct {
    llmp_variable_e       variable;
    llmp_uint_t           index;     /* number of LLMP_VARIABLE_NGINX */
    llmp_str_t            literal;   /* text of LLMP_VARIABLE_NONE */
} llmp_template_part_t;


typedef struct {
    llmp_str_t             text;      /* JSON, as in the document */
    llmp_str_t             string;    /* its decoded value */
    llmp_template_part_t  *parts;
    llmp_uint_t            nparts;
    unsigned               by_model:1;  /* contains $llm_model */
    unsigned               hidden:1;  /* its values are not logged: a client
                                         may have written them */
} llmp_template_t;


/* a variable of nginx, and its first place in the document, for errors */

typedef struct {
    llmp_str_t            name;      /* without the "$", in lower case */
    llmp_str_t            place;     /* "FILE:LINE:COLUMN: JSON Pointer" */
} llmp_variable_t;


/*
 * Sets *value to that of the i-th variable of the policy, empty if it has none.
 * Returns the same value whenever it is called for a request; it remains valid
 * as long as the request.  Returns LLMP_ERROR if it cannot be evaluated.
 */

typedef llmp_int_t (*llmp_variable_pt)(void *data, llmp_uint_t i,
    llmp_str_t *value);

typedef struct {
    llmp_variable_pt      get;
    void                 *data;      /* first argument of get */
} llmp_variables_t;


/* variables of a check of rules: a template is its own value */
extern const llmp_variables_t  llmp_variables_sample;


/* returns the variable with this name, in lower case, or LLMP_VARIABLE_NGINX */
llmp_variable_e llmp_variable_find(const llmp_str_t *name);

/* returns whether this module defines a variable of this name, which is not
   among those above: its value depends on the decision */
llmp_uint_t llmp_variable_is_later(const llmp_str_t *name);


#endif /* LLMP_TEMPLATE_H_INCLUDED_ */
