
/*
 * Copyright (C) llm-policy authors
 *
 * The steps of the loader.
 */


#include "dialect/llmp_dialect_paths.h"
#include "loader/llmp_load.h"
#include "loader/llmp_load_access.h"
#include "loader/llmp_load_check.h"
#include "loader/llmp_load_include.h"
#include "loader/llmp_load_inherit.h"
#include "loader/llmp_load_limits.h"
#include "loader/llmp_load_limits_check.h"
#include "loader/llmp_load_models.h"
#include "loader/llmp_load_list.h"
#include "loader/llmp_load_own.h"
#include "loader/llmp_load_price.h"
#include "loader/llmp_load_prompt.h"
#include "loader/llmp_load_routes.h"
#include "loader/llmp_load_rules.h"
#include "loader/llmp_load_streaming.h"
#include "loader/llmp_load_tenants.h"
#include "loader/llmp_load_warn.h"
#include "loader/llmp_load_watch.h"
#include "policy/llmp_models.h"


/* bytes of a block of nodes, which malloc() keeps for others */
#define LLMP_LOAD_BLOCK  65536


static void llmp_load_init(llmp_loader_t *loader, llmp_pool_t *pool,
    llmp_load_errors_t *errors);
static llmp_policy_t *llmp_load_create(llmp_loader_t *loader, llmp_int_t rc);
static void llmp_load_free(llmp_loader_t *loader);
static void llmp_load_document(llmp_loader_t *loader);
static void llmp_load_lists(llmp_loader_t *loader,
    const llmp_doc_node_t **top);
static void llmp_load_part(llmp_loader_t *loader, llmp_uint_t i,
    const llmp_doc_node_t **top);
static void llmp_load_version(llmp_loader_t *loader,
    const llmp_doc_node_t *node);
static llmp_unknown_e llmp_load_unknown_members(llmp_loader_t *loader,
    const llmp_doc_node_t *node);
static void llmp_load_amounts(llmp_loader_t *loader,
    const llmp_doc_node_t **top);
static void llmp_load_common(llmp_loader_t *loader,
    const llmp_doc_node_t *node);
static void llmp_load_tiers(llmp_loader_t *loader, const llmp_doc_node_t *node);
static void llmp_load_tiers_missing(llmp_loader_t *loader,
    const llmp_doc_node_t *node);
static void llmp_load_tier(llmp_loader_t *loader, const llmp_doc_node_t *node,
    llmp_tier_t *tier);
static void llmp_load_finish(llmp_loader_t *loader);


enum {
    LLMP_TOP_SCHEMA = 0,
    LLMP_TOP_VERSION,
    LLMP_TOP_DEFAULT_TIER,
    LLMP_TOP_UNKNOWN_KEY,
    LLMP_TOP_UNKNOWN_MEMBERS,
    LLMP_TOP_TIERS,
    LLMP_TOP_MODELS,
    LLMP_TOP_TENANTS,
    LLMP_TOP_ROUTES,
    LLMP_TOP_INCLUDE,
    LLMP_TOP_PARAMETERS,
    LLMP_TOP_LIMITS,
    LLMP_TOP_WEIGHTS,
    LLMP_TOP_UTC_OFFSET,
    LLMP_TOP_MEMBERS
};


static const llmp_doc_member_t  llmp_top_members[LLMP_TOP_MEMBERS] = {
    { "$schema", LLMP_TYPE_STRING, 0 },
    { "version", LLMP_TYPE_NUMBER, 1 },
    { "default_tier", LLMP_TYPE_STRING, 1 },
    { "unknown_key", LLMP_TYPE_STRING, 0 },
    { "unknown_members", LLMP_TYPE_STRING, 0 },
    { "tiers", LLMP_TYPE_OBJECT, 0 },
    { "models", LLMP_TYPE_ARRAY, 0 },
    { "tenants", LLMP_TYPE_OBJECT, 0 },
    { "routes", LLMP_TYPE_ARRAY, 0 },
    { "include", LLMP_TYPE_ARRAY, 0 },
    { "parameters", LLMP_TYPE_OBJECT, 0 },
    { "limits", LLMP_LOAD_LIMITS_TYPES, 0 },
    { "weights", LLMP_TYPE_OBJECT, 0 },
    { "utc_offset", LLMP_TYPE_STRING, 0 }
};


/* a part must not include others: each file is named in one place */

static const llmp_doc_member_t  llmp_part_members[LLMP_TOP_MEMBERS] = {
    { "$schema", LLMP_TYPE_STRING, 0 },
    { "version", LLMP_TYPE_NUMBER, 0 },
    { "default_tier", 0, LLMP_DOC_ELSEWHERE },
    { "unknown_key", 0, LLMP_DOC_ELSEWHERE },
    { "unknown_members", 0, LLMP_DOC_ELSEWHERE },
    { "tiers", LLMP_TYPE_OBJECT, 0 },
    { "models", LLMP_TYPE_ARRAY, 0 },
    { "tenants", LLMP_TYPE_OBJECT, 0 },
    { "routes", LLMP_TYPE_ARRAY, 0 },
    { "include", 0, LLMP_DOC_ELSEWHERE },
    { "parameters", 0, LLMP_DOC_ELSEWHERE },
    { "limits", 0, LLMP_DOC_ELSEWHERE },
    { "weights", 0, LLMP_DOC_ELSEWHERE },
    { "utc_offset", 0, LLMP_DOC_ELSEWHERE }
};


enum {
    LLMP_TIER_PARAMETERS = 0,
    LLMP_TIER_MODELS,
    LLMP_TIER_LIMITS,
    LLMP_TIER_UNKNOWN_MEMBERS,
    LLMP_TIER_EXTENDS,
    LLMP_TIER_PROMPT,
    LLMP_TIER_MEMBERS
};


static const llmp_doc_member_t  llmp_tier_members[LLMP_TIER_MEMBERS] = {
    { "parameters", LLMP_TYPE_OBJECT, 0 },
    { "models", LLMP_TYPE_OBJECT, 0 },
    { "limits", LLMP_LOAD_LIMITS_TYPES, 0 },
    { "unknown_members", LLMP_TYPE_STRING, 0 },
    { "extends", LLMP_TYPE_STRING, 0 },
    { "prompt", LLMP_TYPE_OBJECT, 0 }
};


/* index: reject_unknown_key of llmp_policy_t */

static const char *const  llmp_unknown_keys[] = { "default", "reject" };


/* indexed by llmp_unknown_e */

static const char *const  llmp_unknown_members[] = {
    "pass", "remove", "reject"
};


llmp_policy_t *
llmp_load_policy(llmp_pool_t *pool, const llmp_str_t *file, const u_char *data,
    size_t len, llmp_load_errors_t *errors)
{
    llmp_int_t      rc;
    llmp_loader_t   loader;

    llmp_load_init(&loader, pool, errors);

    rc = llmp_doc_parse(&loader.doc, file, data, len, 0);

    return llmp_load_create(&loader, rc);
}


llmp_policy_t *
llmp_load_file(llmp_pool_t *pool, llmp_source_t *source, llmp_uint_t pipes,
    llmp_load_errors_t *errors)
{
    llmp_int_t      rc;
    llmp_loader_t   loader;

    source->includes = NULL;
    source->nincludes = 0;

    llmp_load_init(&loader, pool, errors);

    loader.source = source;

    rc = llmp_load_include_own(&loader, pipes);

    return llmp_load_create(&loader, rc);
}


static void
llmp_load_init(llmp_loader_t *loader, llmp_pool_t *pool,
    llmp_load_errors_t *errors)
{
    memset(loader, 0, sizeof(llmp_loader_t));

    loader->pool = pool;

    llmp_doc_init(&loader->doc, pool, errors);

    llmp_scratch_init(&loader->watches, pool);
    llmp_scratch_init(&loader->checks, pool);

    loader->watches.most = LLMP_LOAD_BLOCK;
    loader->checks.most = LLMP_LOAD_BLOCK;
}


/* creates the policy, if rc is LLMP_OK, and ends the loading */

static llmp_policy_t *
llmp_load_create(llmp_loader_t *loader, llmp_int_t rc)
{
    llmp_doc_t          *doc;
    llmp_policy_t       *policy;
    llmp_load_errors_t  *errors;

    doc = &loader->doc;
    errors = doc->errors;

    if (rc == LLMP_OK) {
        loader->policy = llmp_loader_alloc(loader, 1, sizeof(llmp_policy_t));

        if (loader->policy != NULL) {
            loader->policy->file = llmp_loader_copy(loader, &doc->files->name);
            llmp_load_document(loader);
            llmp_load_finish(loader);
        }
    }

    json_decref(loader->matchers);

    llmp_doc_errors_finish(doc);
    llmp_load_free(loader);

    policy = loader->policy;

    if (doc->failed) {
        memset(errors, 0, sizeof(llmp_load_errors_t));

    } else if (errors->nelts == 0 || doc->warns) {
        return policy;
    }

    if (policy != NULL) {
        llmp_policy_free(policy);
    }

    return NULL;
}


/* frees what is large, and not in the policy */

static void
llmp_load_free(llmp_loader_t *loader)
{
    llmp_doc_free(&loader->doc);

    llmp_pfree(loader->pool, loader->tenants.elts);
    llmp_pfree(loader->pool, loader->keys);

    llmp_scratch_free(&loader->checks);
}


static void
llmp_load_document(llmp_loader_t *loader)
{
    llmp_doc_t             *doc;
    const llmp_doc_node_t  *root, *top[LLMP_TOP_MEMBERS];

    doc = &loader->doc;
    root = doc->files->nodes;

    if (!llmp_doc_is(doc, root, LLMP_TYPE_OBJECT)) {
        return;
    }

    llmp_doc_members(doc, root, llmp_top_members, LLMP_TOP_MEMBERS, top);

    if (top[LLMP_TOP_VERSION] != NULL) {
        llmp_load_version(loader, top[LLMP_TOP_VERSION]);
    }

    if (top[LLMP_TOP_UNKNOWN_KEY] != NULL) {
        loader->policy->reject_unknown_key =
                           llmp_doc_one_of(doc, top[LLMP_TOP_UNKNOWN_KEY],
                                           llmp_unknown_keys, 2)
                           == 1;
    }

    if (top[LLMP_TOP_UNKNOWN_MEMBERS] != NULL) {
        loader->unknown_members =
                llmp_load_unknown_members(loader,
                                          top[LLMP_TOP_UNKNOWN_MEMBERS]);
    }

    if (top[LLMP_TOP_INCLUDE] != NULL
        && llmp_load_include(loader, top[LLMP_TOP_INCLUDE]) != LLMP_OK)
    {
        return;
    }

    llmp_load_lists(loader, top);

    if (top[LLMP_TOP_PARAMETERS] != NULL) {
        llmp_load_common(loader, top[LLMP_TOP_PARAMETERS]);
    }

    llmp_load_tiers(loader, top[LLMP_TOP_TIERS]);

    if (top[LLMP_TOP_DEFAULT_TIER] != NULL) {
        loader->policy->default_tier =
                       llmp_loader_tier(loader, top[LLMP_TOP_DEFAULT_TIER]);
    }

    llmp_load_amounts(loader, top);

    llmp_load_models(loader);
    llmp_load_tenants(loader);
    llmp_load_routes(loader);
    llmp_load_limits_check(loader);

    loader->policy->nparts = doc->nfiles - 1;

    if (loader->source != NULL) {
        (void) llmp_load_include_hash(loader);
    }
}


/* lists the tiers, models, tenants and routes of the document and its parts */

static void
llmp_load_lists(llmp_loader_t *loader, const llmp_doc_node_t **top)
{
    size_t                   n;
    llmp_uint_t              i;
    const llmp_doc_node_t  **all;

    n = loader->doc.nfiles;

    all = llmp_loader_alloc(loader, n * LLMP_TOP_MEMBERS,
                            sizeof(llmp_doc_node_t *));
    if (all == NULL) {
        return;
    }

    memcpy(all, top, LLMP_TOP_MEMBERS * sizeof(llmp_doc_node_t *));

    for (i = 1; i < n; i++) {
        llmp_load_part(loader, i, &all[i * LLMP_TOP_MEMBERS]);
    }

    llmp_load_list(loader, &loader->tiers, &all[LLMP_TOP_TIERS],
                   LLMP_TOP_MEMBERS);
    llmp_load_list(loader, &loader->models, &all[LLMP_TOP_MODELS],
                   LLMP_TOP_MEMBERS);
    llmp_load_list(loader, &loader->tenants, &all[LLMP_TOP_TENANTS],
                   LLMP_TOP_MEMBERS);
    llmp_load_list(loader, &loader->routes, &all[LLMP_TOP_ROUTES],
                   LLMP_TOP_MEMBERS);

    llmp_load_list_check_names(loader, &loader->tiers, "tier");
    llmp_load_list_check_names(loader, &loader->tenants, "tenant");
}


/* sets top to the members of the i-th text */

static void
llmp_load_part(llmp_loader_t *loader, llmp_uint_t i,
    const llmp_doc_node_t **top)
{
    const llmp_doc_node_t  *root;

    root = loader->doc.files[i].nodes;

    if (!llmp_doc_is(&loader->doc, root, LLMP_TYPE_OBJECT)) {
        return;
    }

    llmp_doc_members(&loader->doc, root, llmp_part_members, LLMP_TOP_MEMBERS,
                     top);

    if (top[LLMP_TOP_VERSION] != NULL) {
        llmp_load_version(loader, top[LLMP_TOP_VERSION]);
    }
}


static void
llmp_load_version(llmp_loader_t *loader, const llmp_doc_node_t *node)
{
    llmp_str_t      text;
    llmp_decimal_t  known, version;

    static llmp_str_t  one = llmp_string("1");

    text = llmp_doc_text(&loader->doc, node);

    if (llmp_decimal_parse(&version, &text) != LLMP_OK
        || llmp_decimal_parse(&known, &one) != LLMP_OK
        || llmp_decimal_cmp(&version, &known) != 0)
    {
        llmp_doc_error(&loader->doc, node, "must be 1, the only version of the "
                       "format");
    }
}


static llmp_unknown_e
llmp_load_unknown_members(llmp_loader_t *loader, const llmp_doc_node_t *node)
{
    llmp_uint_t  unknown;

    unknown = llmp_doc_one_of(&loader->doc, node, llmp_unknown_members, 3);

    if (unknown != LLMP_UNKNOWN_PASS) {
        loader->needs |= LLMP_DIALECT_WATCH_NAMES;
    }

    return (llmp_unknown_e) unknown;
}


/* reads what limits of all callers count, and how */

static void
llmp_load_amounts(llmp_loader_t *loader, const llmp_doc_node_t **top)
{
    static llmp_str_t  empty = llmp_string("");

    llmp_load_price_weights(loader, top[LLMP_TOP_WEIGHTS]);

    if (top[LLMP_TOP_UTC_OFFSET] != NULL) {
        llmp_load_limits_utc_offset(loader, top[LLMP_TOP_UTC_OFFSET]);
    }

    if (top[LLMP_TOP_LIMITS] != NULL) {
        loader->limits = top[LLMP_TOP_LIMITS];

        llmp_load_limits(loader, loader->limits, LLMP_LOAD_LIMITS_TOP, &empty,
                         &loader->policy->limits);
    }
}


/* reads the rules for all tiers */

static void
llmp_load_common(llmp_loader_t *loader, const llmp_doc_node_t *node)
{
    loader->common = llmp_loader_alloc(loader, 1, sizeof(llmp_tier_t));

    if (loader->common != NULL) {
        llmp_load_rules(loader, node, &loader->common->rules);
    }
}


/* node is "tiers" of the document itself, or NULL */

static void
llmp_load_tiers(llmp_loader_t *loader, const llmp_doc_node_t *node)
{
    llmp_uint_t   i, n;
    llmp_tier_t  *tier;

    n = loader->tiers.nelts;

    loader->nown = llmp_load_own_count(loader);

    tier = llmp_loader_alloc(loader, n + loader->nown, sizeof(llmp_tier_t));
    loader->extends = llmp_loader_alloc(loader, n, sizeof(llmp_doc_node_t *));

    if (tier == NULL || loader->extends == NULL) {
        return;
    }

    loader->policy->tiers = tier;
    loader->policy->ntiers = n;

    if (n == 0) {
        llmp_load_tiers_missing(loader, node);
        return;
    }

    /* limits of a tier may name any other one */

    for (i = 0; i < n; i++) {
        tier[i].name = llmp_loader_name(loader, loader->tiers.elts[i]);
        tier[i].named = &tier[i];
    }

    for (i = 0; i < n; i++) {
        llmp_load_tier(loader, loader->tiers.elts[i], &tier[i]);
    }

    llmp_load_inherit(loader);
}


static void
llmp_load_tiers_missing(llmp_loader_t *loader, const llmp_doc_node_t *node)
{
    const llmp_doc_node_t  *root;

    root = loader->doc.files->nodes;

    if (node != NULL) {
        llmp_doc_error(&loader->doc, node, "must define at least one tier");

    } else if (llmp_doc_member(root, "tiers") == NULL) {
        llmp_doc_error(&loader->doc, root,
                       "required member \"tiers\" is missing");
    }
}


static void
llmp_load_tier(llmp_loader_t *loader, const llmp_doc_node_t *node,
    llmp_tier_t *tier)
{
    llmp_doc_t             *doc;
    const llmp_doc_node_t  *members[LLMP_TIER_MEMBERS];

    doc = &loader->doc;

    if (!llmp_doc_is(doc, node, LLMP_TYPE_OBJECT)) {
        return;
    }

    llmp_doc_members(doc, node, llmp_tier_members, LLMP_TIER_MEMBERS, members);

    if (members[LLMP_TIER_PARAMETERS] != NULL) {
        llmp_load_rules(loader, members[LLMP_TIER_PARAMETERS], &tier->rules);
    }

    if (members[LLMP_TIER_UNKNOWN_MEMBERS] != NULL) {
        tier->unknown_set = 1;
        tier->unknown_members =
            llmp_load_unknown_members(loader,
                                      members[LLMP_TIER_UNKNOWN_MEMBERS]);
    }

    loader->extends[tier - loader->policy->tiers] = members[LLMP_TIER_EXTENDS];

    if (members[LLMP_TIER_LIMITS] != NULL) {
        llmp_load_limits(loader, members[LLMP_TIER_LIMITS],
                         LLMP_LOAD_LIMITS_TIER, &tier->name, &tier->limits);
    }

    if (members[LLMP_TIER_PROMPT] != NULL) {
        llmp_load_prompt(loader, members[LLMP_TIER_PROMPT], &tier->prompt);
    }

    if (members[LLMP_TIER_MODELS] != NULL) {
        llmp_load_access(loader, members[LLMP_TIER_MODELS], tier);
    }
}


/* creates the parts of the policy that depend on the whole document */

static void
llmp_load_finish(llmp_loader_t *loader)
{
    llmp_doc_t  *doc;

    doc = &loader->doc;

    if (doc->failed || doc->errors->nelts != 0) {
        return;
    }

    loader->policy->paths = llmp_dialect_paths_create(loader->pool);

    if (loader->policy->paths == NULL
        || llmp_models_create(loader->policy, loader->pool) != LLMP_OK)
    {
        doc->failed = 1;
        return;
    }

    llmp_load_watch(loader);
    llmp_load_inherit_pointers(loader);

    if (!doc->failed) {
        llmp_load_check_values(loader);
    }

    if (!doc->failed && doc->errors->nelts == 0
        && llmp_load_streaming(loader->policy, loader->pool) != LLMP_OK)
    {
        doc->failed = 1;
    }

    if (!doc->failed && doc->errors->nelts == 0) {
        llmp_load_warn(loader);
    }
}
