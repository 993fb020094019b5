
/*
 * Copyright (C) llm-policy authors
 */


#include "loader/llmp_load_limits.h"


void
llmp_load_limits(llmp_loader_t *loader, const llmp_doc_node_t *node,
    llmp_limits_t *limits)
{
    double                  value;
    llmp_doc_t             *doc;
    llmp_limit_e            i;
    llmp_doc_member_t       known[LLMP_LIMIT_MAX];
    const llmp_doc_node_t  *members[LLMP_LIMIT_MAX];

    doc = &loader->doc;

    for (i = 0; i < LLMP_LIMIT_MAX; i++) {
        known[i].name = llmp_limits_name(i);
        known[i].types = LLMP_TYPE_NUMBER;
        known[i].required = 0;
    }

    llmp_doc_members(doc, node, known, LLMP_LIMIT_MAX, members);

    for (i = 0; i < LLMP_LIMIT_MAX; i++) {

        if (members[i] == NULL) {
            continue;
        }

        /* a double holds each whole number of this range exactly */

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
