
/*
 * Copyright (C) llm-policy authors
 */


#include "loader/llmp_load_number.h"
#include "loader/llmp_load_prompt.h"


void
llmp_load_prompt(llmp_loader_t *loader, const llmp_doc_node_t *node,
    llmp_prompt_t *limits)
{
    int64_t                 n;
    llmp_prompt_e           i;
    llmp_doc_member_t       known[LLMP_PROMPT_MAX];
    const llmp_doc_node_t  *members[LLMP_PROMPT_MAX];

    for (i = 0; i < LLMP_PROMPT_MAX; i++) {
        known[i].name = llmp_prompt_name(i);
        known[i].types = LLMP_TYPE_NUMBER;
        known[i].required = 0;
    }

    llmp_doc_members(&loader->doc, node, known, LLMP_PROMPT_MAX, members);

    for (i = 0; i < LLMP_PROMPT_MAX; i++) {

        if (members[i] == NULL) {
            continue;
        }

        n = llmp_load_number(loader, members[i], LLMP_LOAD_WHOLE);

        if (n > 0) {
            limits->n[i] = n;
        }
    }

    if (limits->n[LLMP_PROMPT_MESSAGES] != 0) {
        loader->needs |= LLMP_DIALECT_WATCH_MESSAGES;
    }
}
