
/*
 * Copyright (C) llm-policy authors
 */


#include <stdio.h>

#include "print_json.h"


llmp_int_t
print_json(json_t *root)
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
