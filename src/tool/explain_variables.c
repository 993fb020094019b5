
/*
 * Copyright (C) llm-policy authors
 */


#include <stdio.h>

#include "base/llmp_ascii.h"
#include "explain_variables.h"


static llmp_int_t explain_variables_get(void *data, llmp_uint_t i,
    llmp_str_t *value);
static const explain_variable_t *explain_variables_find(
    const explain_variables_t *ev, const llmp_str_t *name);
static llmp_int_t explain_variables_check_name(const llmp_policy_t *policy,
    const llmp_str_t *name);


void
explain_variables_init(explain_variables_t *ev)
{
    memset(ev, 0, sizeof(explain_variables_t));

    ev->variables.get = explain_variables_get;
    ev->variables.data = ev;
}


llmp_int_t
explain_variables_add(explain_variables_t *ev, char *arg)
{
    char                *p, *equals;
    explain_variable_t  *variable;

    arg += (*arg == '$');
    equals = strchr(arg, '=');

    if (equals == NULL || equals == arg) {
        fprintf(stderr, "llm-policy: --variable %s: must be name=value\n",
                arg);
        return LLMP_ERROR;
    }

    if (ev->ngiven == LLMP_VARIABLES_MAX) {
        fprintf(stderr, "llm-policy: --variable %s: more than the %d of a "
                "document\n", arg, LLMP_VARIABLES_MAX);
        return LLMP_ERROR;
    }

    /* names of nginx's variables have no case */

    for (p = arg; p < equals; p++) {
        *p = (char) llmp_ascii_lower((u_char) *p);
    }

    variable = &ev->given[ev->ngiven];

    variable->name.data = (u_char *) arg;
    variable->name.len = equals - arg;
    variable->value.data = (u_char *) equals + 1;
    variable->value.len = strlen(equals + 1);

    if (explain_variables_find(ev, &variable->name) != NULL) {
        fprintf(stderr, "llm-policy: --variable %s: given twice\n", arg);
        return LLMP_ERROR;
    }

    ev->ngiven++;

    return LLMP_OK;
}


llmp_int_t
explain_variables_check(explain_variables_t *ev, const llmp_policy_t *policy)
{
    llmp_uint_t  i;

    ev->policy = policy;

    for (i = 0; i < ev->ngiven; i++) {
        if (explain_variables_check_name(policy, &ev->given[i].name)
            != LLMP_OK)
        {
            return LLMP_ERROR;
        }
    }

    return LLMP_OK;
}


static llmp_int_t
explain_variables_check_name(const llmp_policy_t *policy,
    const llmp_str_t *name)
{
    llmp_uint_t  i;

    for (i = 0; i < policy->nvariables; i++) {
        if (llmp_str_eq(&policy->variables[i].name, name)) {
            return LLMP_OK;
        }
    }

    if (llmp_variable_find(name) != LLMP_VARIABLE_NGINX) {
        fprintf(stderr, "llm-policy: --variable %.*s: its value is that of the "
                "explained request\n", (int) name->len, (char *) name->data);

    } else {
        fprintf(stderr, "llm-policy: --variable %.*s: the document has no such "
                "variable\n", (int) name->len, (char *) name->data);
    }

    return LLMP_ERROR;
}


static llmp_int_t
explain_variables_get(void *data, llmp_uint_t i, llmp_str_t *value)
{
    explain_variables_t       *ev;
    const explain_variable_t  *given;

    ev = data;
    given = explain_variables_find(ev, &ev->policy->variables[i].name);

    if (given == NULL) {
        ev->missing = &ev->policy->variables[i];
        return LLMP_ERROR;
    }

    *value = given->value;

    return LLMP_OK;
}


static const explain_variable_t *
explain_variables_find(const explain_variables_t *ev, const llmp_str_t *name)
{
    llmp_uint_t  i;

    for (i = 0; i < ev->ngiven; i++) {
        if (llmp_str_eq(&ev->given[i].name, name)) {
            return &ev->given[i];
        }
    }

    return NULL;
}


llmp_int_t
explain_variables_finish(const explain_variables_t *ev)
{
    if (ev->missing == NULL) {
        return LLMP_OK;
    }

    fprintf(stderr, "llm-policy: \"$%s\" has no value here; give it with "
            "--variable %s=VALUE\n", (char *) ev->missing->name.data,
            (char *) ev->missing->name.data);

    return LLMP_ERROR;
}
