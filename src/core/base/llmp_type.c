
/*
 * Copyright (C) llm-policy authors
 */


#include "base/llmp_type.h"


#define LLMP_TYPES  (sizeof(llmp_types) / sizeof(llmp_types[0]))


/* ordered as in llmp_type_list() */

static const struct {
    llmp_uint_t   type;
    const char   *name;
}  llmp_types[] = {
    { LLMP_TYPE_NUMBER, "a number" },
    { LLMP_TYPE_STRING, "a string" },
    { LLMP_TYPE_BOOLEAN, "a boolean" },
    { LLMP_TYPE_ARRAY, "an array" },
    { LLMP_TYPE_OBJECT, "an object" },
    { LLMP_TYPE_NULL, "null" }
};


const char *
llmp_type_name(llmp_uint_t type)
{
    llmp_uint_t  i;

    for (i = 0; i < LLMP_TYPES - 1; i++) {
        if (llmp_types[i].type == type) {
            break;
        }
    }

    return llmp_types[i].name;
}


const char *
llmp_type_list(char buf[LLMP_TYPE_LIST], llmp_uint_t types)
{
    llmp_uint_t  i;
    const char  *separator;

    buf[0] = '\0';
    separator = "";

    for (i = 0; i < LLMP_TYPES; i++) {

        if (types & llmp_types[i].type) {
            strcat(buf, separator);
            strcat(buf, llmp_types[i].name);
            separator = " or ";
        }
    }

    return buf;
}
