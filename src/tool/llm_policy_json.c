
/*
 * Copyright (C) llm-policy authors
 */


#include <stdio.h>

#include "llm_policy_json.h"


llmp_int_t
llm_policy_json_print(json_t *root)
{
    int  rc;

    if (root == NULL) {
        return LLMP_ERROR;
    }

    rc = json_dumpf(root, stdout, JSON_INDENT(2));
    json_decref(root);

    printf("\n");

    return (rc == 0) ? LLMP_OK : LLMP_ERROR;
}
