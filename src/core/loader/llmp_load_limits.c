
/*
 * Copyright (C) llm-policy authors
 */


#include "loader/llmp_load_limits.h"


/* most members of an object of limits */
#define LLMP_LOAD_LIMITS_MAX  (LLMP_LIMIT_MAX + LLMP_PROMPT_MAX)


static void llmp_load_limits_values(llmp_loader_t *loader,
    const llmp_doc_node_t *node, llmp_doc_member_t *known, llmp_uint_t n,
    int64_t *values);
static int64_t llmp_load_limits_value(llmp_loader_t *loader,
    const llmp_doc_node_t *node);


void
llmp_load_limits(llmp_loader_t *loader, const llmp_doc_node_t *node,
    llmp_limits_t *limits)
{
    llmp_limit_e       i;
    llmp_doc_member_t  known[LLMP_LIMIT_MAX];

    for (i = 0; i < LLMP_LIMIT_MAX; i++) {
        known[i].name = llmp_limits_name(i);
    }

    llmp_load_limits_values(loader, node, known, LLMP_LIMIT_MAX, limits->max);
}


/* reads n optional members, of which known has the names; the values of absent
   ones are not changed */

static void
llmp_load_limits_values(llmp_loader_t *loader, const llmp_doc_node_t *node,
    llmp_doc_member_t *known, llmp_uint_t n, int64_t *values)
{
    llmp_uint_t             i;
    const llmp_doc_node_t  *members[LLMP_LOAD_LIMITS_MAX];

    for (i = 0; i < n; i++) {
        known[i].types = LLMP_TYPE_NUMBER;
        known[i].required = 0;
    }

    llmp_doc_members(&loader->doc, node, known, n, members);

    for (i = 0; i < n; i++) {
        if (members[i] != NULL) {
            values[i] = llmp_load_limits_value(loader, members[i]);
        }
    }
}


/* returns 0, which is no limit, after an error */

static int64_t
llmp_load_limits_value(llmp_loader_t *loader, const llmp_doc_node_t *node)
{
    uint64_t        value;
    llmp_str_t      text;
    llmp_decimal_t  number;

    value = 0;
    text = llmp_doc_text(&loader->doc, node);

    if (llmp_decimal_parse(&number, &text) == LLMP_OK
        && llmp_decimal_is_integer(&number))
    {
        value = llmp_decimal_whole(&number);
    }

    if (value == 0 || value > (uint64_t) LLMP_LIMIT_VALUE_MAX) {
        llmp_doc_error(&loader->doc, node, "must be a whole number from 1 to "
                       "1000000000000");
        return 0;
    }

    return (int64_t) value;
}


void
llmp_load_limits_prompt(llmp_loader_t *loader, const llmp_doc_node_t *node,
    llmp_prompt_t *limits)
{
    llmp_prompt_e      i;
    llmp_doc_member_t  known[LLMP_PROMPT_MAX];

    for (i = 0; i < LLMP_PROMPT_MAX; i++) {
        known[i].name = llmp_prompt_name(i);
    }

    llmp_load_limits_values(loader, node, known, LLMP_PROMPT_MAX, limits->n);

    if (limits->n[LLMP_PROMPT_MESSAGES] != 0) {
        loader->needs |= LLMP_DIALECT_WATCH_MESSAGES;
    }
}
