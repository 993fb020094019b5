
/*
 * Copyright (C) llm-policy authors
 */


#include "dialect/llmp_dialect.h"
#include "loader/llmp_doc_hint.h"
#include "loader/llmp_load_routes.h"


static void llmp_load_routes_one(llmp_loader_t *loader,
    const llmp_doc_node_t *node, llmp_route_t *route);
static void llmp_load_routes_path(llmp_loader_t *loader,
    const llmp_doc_node_t *node, llmp_pattern_t *pattern);
static const llmp_dialect_t *llmp_load_routes_dialect(llmp_loader_t *loader,
    const llmp_doc_node_t *node);


enum {
    LLMP_ROUTE_PATH = 0,
    LLMP_ROUTE_DIALECT,
    LLMP_ROUTE_ACTION,
    LLMP_ROUTE_ENCODED,
    LLMP_ROUTE_MEMBERS
};


static const llmp_doc_member_t  llmp_route_members[LLMP_ROUTE_MEMBERS] = {
    { "path", LLMP_TYPE_STRING, 1 },
    { "dialect", LLMP_TYPE_STRING, 0 },
    { "action", LLMP_TYPE_STRING, 0 },
    { "encoded", LLMP_TYPE_BOOLEAN, 0 }
};


/* index: llmp_route_action_e - 1, without LLMP_ROUTE_POLICE */

static const char *const  llmp_route_actions[] = { "pass", "reject" };


void
llmp_load_routes(llmp_loader_t *loader)
{
    llmp_uint_t    i, n;
    llmp_route_t  *route;

    n = loader->routes.nelts;

    route = llmp_loader_alloc(loader, n, sizeof(llmp_route_t));
    if (route == NULL) {
        return;
    }

    loader->policy->routes = route;
    loader->policy->nroutes = n;

    for (i = 0; i < n; i++) {
        llmp_load_routes_one(loader, loader->routes.elts[i], &route[i]);
    }
}


static void
llmp_load_routes_one(llmp_loader_t *loader, const llmp_doc_node_t *node,
    llmp_route_t *route)
{
    llmp_doc_t              *doc;
    const llmp_doc_node_t   *members[LLMP_ROUTE_MEMBERS];
    const llmp_doc_node_t  **dialect, **action;

    doc = &loader->doc;

    if (!llmp_doc_is(doc, node, LLMP_TYPE_OBJECT)) {
        return;
    }

    llmp_doc_find(doc, node, llmp_route_members, LLMP_ROUTE_MEMBERS, members);

    dialect = &members[LLMP_ROUTE_DIALECT];
    action = &members[LLMP_ROUTE_ACTION];

    if (*dialect == NULL && *action == NULL) {
        llmp_doc_error(doc, node, "must have \"dialect\" or \"action\"");

    } else if (*dialect != NULL && *action != NULL) {
        llmp_doc_error(doc, *action, "\"action\" excludes \"dialect\"; use one "
                       "of them");
    }

    llmp_doc_check(doc, llmp_route_members, LLMP_ROUTE_MEMBERS, members);

    if (members[LLMP_ROUTE_PATH] != NULL) {
        llmp_load_routes_path(loader, members[LLMP_ROUTE_PATH], &route->path);
    }

    if (*dialect != NULL) {
        route->action = LLMP_ROUTE_POLICE;
        route->dialect = llmp_load_routes_dialect(loader, *dialect);
    }

    if (*action != NULL) {
        route->action = llmp_doc_one_of(doc, *action, llmp_route_actions, 2)
                        == 0
                        ? LLMP_ROUTE_PASS : LLMP_ROUTE_REJECT;
    }

    if (members[LLMP_ROUTE_ENCODED] != NULL) {
        route->encoded = members[LLMP_ROUTE_ENCODED]->is_true;

        if (route->encoded && route->action == LLMP_ROUTE_REJECT) {
            llmp_doc_error(doc, members[LLMP_ROUTE_ENCODED], "\"encoded\" has "
                           "no effect beside \"action\": \"reject\"");
        }
    }
}


static void
llmp_load_routes_path(llmp_loader_t *loader, const llmp_doc_node_t *node,
    llmp_pattern_t *pattern)
{
    llmp_str_t  path;

    path = llmp_doc_string(node);

    if (path.data[0] != '/' && path.data[0] != '~') {
        llmp_doc_error(&loader->doc, node,
                       "must start with \"/\", or with \"~\" if it is "
                       "a regular expression");
        return;
    }

    llmp_loader_pattern(loader, node, pattern);
}


static const llmp_dialect_t *
llmp_load_routes_dialect(llmp_loader_t *loader, const llmp_doc_node_t *node)
{
    llmp_str_t             name;
    llmp_doc_hint_t        hint;
    llmp_uint_t            i;
    const llmp_dialect_t  *dialect;

    name = llmp_doc_string(node);
    dialect = llmp_dialect_find(&name);

    if (dialect != NULL) {
        return dialect;
    }

    llmp_doc_hint_init(&hint, (char *) name.data);

    for (i = 0; i < llmp_ndialects; i++) {
        llmp_doc_hint_add(&hint, (char *) llmp_dialects[i]->name.data);
    }

    llmp_doc_error(&loader->doc, node, "unknown dialect \"%s\"; %s",
                   (char *) name.data,
                   llmp_doc_hint_text(&hint, "expected one of"));

    return NULL;
}
