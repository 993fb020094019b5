
/*
 * Copyright (C) llm-policy authors
 */


#include "loader/llmp_load_access.h"


enum {
    LLMP_ACCESS_ALLOW = 0,
    LLMP_ACCESS_DENY,
    LLMP_ACCESS_MEMBERS
};


static const llmp_doc_member_t  llmp_access_members[LLMP_ACCESS_MEMBERS] = {
    { "allow", LLMP_TYPE_ARRAY, 0 },
    { "deny", LLMP_TYPE_ARRAY, 0 }
};


void
llmp_load_access(llmp_loader_t *loader, const llmp_doc_node_t *node,
    llmp_tier_t *tier)
{
    const llmp_doc_node_t  *members[LLMP_ACCESS_MEMBERS];

    llmp_doc_members(&loader->doc, node, llmp_access_members,
                     LLMP_ACCESS_MEMBERS, members);

    if (members[LLMP_ACCESS_ALLOW] != NULL) {
        tier->allow_set = 1;
        llmp_loader_patterns(loader, members[LLMP_ACCESS_ALLOW], &tier->allow);
    }

    if (members[LLMP_ACCESS_DENY] != NULL) {
        tier->deny_set = 1;
        llmp_loader_patterns(loader, members[LLMP_ACCESS_DENY], &tier->deny);
    }
}
