
/*
 * Copyright (C) llm-policy authors
 */


#include "policy/llmp_template.h"


/* begins the names of all variables of this module */
#define LLMP_VARIABLE_PREFIX  "llm_"


/* indexed by llmp_variable_e */

static const char *const  llmp_variable_names[LLMP_VARIABLE_KNOWN] = {
    "llm_tenant", "llm_tier", "llm_model", "llm_dialect", "llm_key_name"
};


const llmp_variables_t  llmp_variables_sample = { NULL, NULL };


llmp_variable_e
llmp_variable_find(const llmp_str_t *name)
{
    llmp_uint_t  i;

    for (i = 0; i < LLMP_VARIABLE_KNOWN; i++) {
        if (llmp_str_is(name, llmp_variable_names[i])) {
            return (llmp_variable_e) i;
        }
    }

    return LLMP_VARIABLE_NGINX;
}


llmp_uint_t
llmp_variable_is_later(const llmp_str_t *name)
{
    size_t  len;

    len = sizeof(LLMP_VARIABLE_PREFIX) - 1;

    return name->len >= len
           && memcmp(name->data, LLMP_VARIABLE_PREFIX, len) == 0
           && llmp_variable_find(name) == LLMP_VARIABLE_NGINX;
}
