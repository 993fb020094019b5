
/*
 * Copyright (C) llm-policy authors
 *
 * The limits of a tier or tenant in the policy document.
 */


#include "loader/llmp_loader.h"


/* in the order of llmp_limit_e */

static const llmp_doc_member_t  llmp_limit_members[LLMP_LIMIT_MAX] = {
    { "requests_per_minute", LLMP_TYPE_NUMBER, 0 },
    { "tokens_per_minute", LLMP_TYPE_NUMBER, 0 },
    { "tokens_per_day", LLMP_TYPE_NUMBER, 0 },
    { "concurrent_requests", LLMP_TYPE_NUMBER, 0 }
};


void
llmp_policy_load_limits(llmp_loader_t *loader, const llmp_doc_node_t *node,
    llmp_limits_t *limits)
{
    double                  value;
    llmp_doc_t             *doc;
    llmp_limit_e            i;
    const llmp_doc_node_t  *members[LLMP_LIMIT_MAX];

    doc = &loader->doc;

    llmp_doc_members(doc, node, llmp_limit_members, LLMP_LIMIT_MAX, members);

    for (i = 0; i < LLMP_LIMIT_MAX; i++) {

        if (members[i] == NULL) {
            continue;
        }

        /* a double holds every whole number of this range */

        value = json_number_value(members[i]->json);

        if (!(value >= 1 && value <= (double) LLMP_LIMIT_VALUE_MAX)
            || value != (double) (int64_t) value)
        {
            llmp_doc_error(doc, members[i], "must be a whole number from 1 to "
                           "1000000000000");
            continue;
        }

        limits->max[i] = (int64_t) value;
    }
}


const char *
llmp_limit_name(llmp_limit_e limit)
{
    return llmp_limit_members[limit].name;
}
