
/*
 * Copyright (C) llm-policy authors
 */


#include <stdlib.h>

#include "base/llmp_array.h"
#include "base/llmp_date.h"
#include "base/llmp_key.h"
#include "loader/llmp_load_limits.h"
#include "loader/llmp_load_number.h"


/* largest "utc_offset", in seconds: that of Kiribati */
#define LLMP_LOAD_LIMITS_OFFSET  (14 * 3600)

/* first "models" of limits for which there is room */
#define LLMP_LOAD_LIMITS_MATCHERS  8


/* members after those of llmp_limit_e */

enum {
    LLMP_LIMITS_BY = LLMP_LIMIT_MAX,
    LLMP_LIMITS_MODELS,
    LLMP_LIMITS_WARN_AT,
    LLMP_LIMITS_OVER,
    LLMP_LIMITS_MEMBERS
};


/* an object of limits while it is read */

typedef struct {
    llmp_load_limits_scope_e   scope;
    const llmp_str_t          *name;       /* tier or tenant */
    llmp_uint_t                listed;     /* it is in an array */
    llmp_uint_t                index;      /* there */
    llmp_limits_t             *limits;
    const llmp_doc_node_t     *node;
    const llmp_doc_node_t     *members[LLMP_LIMITS_MEMBERS];
} llmp_load_limits_t;


static void llmp_load_limits_one(llmp_loader_t *loader, llmp_load_limits_t *l);
static void llmp_load_limits_members(llmp_loader_t *loader,
    llmp_load_limits_t *l);
static void llmp_load_limits_values(llmp_loader_t *loader,
    const llmp_load_limits_t *l);
static llmp_uint_t llmp_load_limits_is_empty(const llmp_doc_node_t *node);
static uint32_t llmp_load_limits_named(const llmp_doc_node_t *node);
static void llmp_load_limits_value(llmp_loader_t *loader,
    const llmp_doc_node_t *node, llmp_limits_t *limits, llmp_limit_e limit);
static void llmp_load_limits_by(llmp_loader_t *loader,
    const llmp_load_limits_t *l);
static uint32_t llmp_load_limits_by_list(llmp_loader_t *loader,
    const llmp_doc_node_t *node);
static void llmp_load_limits_models(llmp_loader_t *loader,
    const llmp_doc_node_t *node, llmp_limits_t *limits);
static char *llmp_load_limits_patterns_text(const llmp_doc_node_t *node);
static llmp_uint_t llmp_load_limits_add_matcher(llmp_loader_t *loader,
    const llmp_doc_node_t *node);
static void llmp_load_limits_over(llmp_loader_t *loader,
    const llmp_load_limits_t *l);
static void llmp_load_limits_identify(llmp_loader_t *loader,
    const llmp_load_limits_t *l);


static const char *const  llmp_load_limits_names[] = {
    "by", "models", "warn_at", "over"
};


static const llmp_doc_member_t  llmp_load_limits_over_members[] = {
    { "tier", LLMP_TYPE_STRING, 1 }
};


void
llmp_load_limits(llmp_loader_t *loader, const llmp_doc_node_t *node,
    llmp_load_limits_scope_e scope, const llmp_str_t *name,
    llmp_limits_list_t *list)
{
    llmp_uint_t             i, n;
    llmp_limits_t          *limits;
    llmp_load_limits_t      l;
    const llmp_doc_node_t  *child;

    memset(&l, 0, sizeof(llmp_load_limits_t));

    l.scope = scope;
    l.name = name;
    l.listed = (llmp_doc_type(node) == LLMP_TYPE_ARRAY);

    n = l.listed ? llmp_doc_size(node) : 1;

    if (n == 0) {
        llmp_doc_error(&loader->doc, node, "must have at least one object");
        return;
    }

    limits = llmp_loader_alloc(loader, n, sizeof(llmp_limits_t));
    if (limits == NULL) {
        return;
    }

    list->elts = limits;
    list->nelts = n;

    child = l.listed ? node + 1 : node;

    for (i = 0; i < n; i++) {
        l.node = child;
        l.index = i;
        l.limits = &limits[i];

        llmp_load_limits_one(loader, &l);

        child += child->count;
    }
}


static void
llmp_load_limits_one(llmp_loader_t *loader, llmp_load_limits_t *l)
{
    int64_t                 n;
    llmp_limits_t          *limits;
    const llmp_doc_node_t  *warn_at;

    limits = l->limits;
    limits->matcher = LLMP_LIMITS_ALL_MODELS;
    limits->place = llmp_loader_place(loader, l->node);

    /* an object with errors is none that would be joined with others */

    limits->id = 1;

    if (!llmp_doc_is(&loader->doc, l->node, LLMP_TYPE_OBJECT)) {
        return;
    }

    llmp_load_limits_members(loader, l);
    llmp_load_limits_values(loader, l);
    llmp_load_limits_by(loader, l);

    if (l->members[LLMP_LIMITS_MODELS] != NULL) {
        llmp_load_limits_models(loader, l->members[LLMP_LIMITS_MODELS], limits);
    }

    warn_at = l->members[LLMP_LIMITS_WARN_AT];

    if (warn_at != NULL) {
        n = llmp_load_number(loader, warn_at, LLMP_LOAD_SHARE);
        limits->warn_at = (n > 0) ? (uint32_t) n : 0;
    }

    if (l->members[LLMP_LIMITS_OVER] != NULL) {
        llmp_load_limits_over(loader, l);
    }

    llmp_load_limits_identify(loader, l);

    if ((limits->set & llmp_limit_kind_bits(LLMP_LIMIT_COST)) != 0
        || (limits->by & LLMP_LIMITS_BY_MODEL) != 0
        || limits->matcher != LLMP_LIMITS_ALL_MODELS)
    {
        loader->policy->limits_by_model = 1;
    }
}


static void
llmp_load_limits_members(llmp_loader_t *loader, llmp_load_limits_t *l)
{
    llmp_uint_t        i;
    llmp_doc_member_t  known[LLMP_LIMITS_MEMBERS];

    for (i = 0; i < LLMP_LIMITS_MEMBERS; i++) {
        known[i].name = (i < LLMP_LIMIT_MAX)
                        ? llmp_limits_name((llmp_limit_e) i)
                        : llmp_load_limits_names[i - LLMP_LIMIT_MAX];
        known[i].types = LLMP_TYPE_NUMBER;
        known[i].required = 0;
    }

    known[LLMP_LIMITS_BY].types = LLMP_TYPE_ARRAY;
    known[LLMP_LIMITS_MODELS].types = LLMP_TYPE_ARRAY;
    known[LLMP_LIMITS_OVER].types = LLMP_TYPE_OBJECT;

    llmp_doc_members(&loader->doc, l->node, known, LLMP_LIMITS_MEMBERS,
                     l->members);
}


static void
llmp_load_limits_values(llmp_loader_t *loader, const llmp_load_limits_t *l)
{
    llmp_uint_t   n;
    llmp_limit_e  i;

    n = llmp_limits_count(llmp_load_limits_named(l->node));

    if (llmp_load_limits_is_empty(l->node)) {
        llmp_doc_error(&loader->doc, l->node, "must have a limit, such as "
                       "\"requests_per_minute\"");

    } else if (n > LLMP_LIMITS_VALUES) {
        llmp_doc_error(&loader->doc, l->node, "has %zu limits; an object has "
                       "%d at most, and an array may have several objects",
                       (size_t) n, LLMP_LIMITS_VALUES);
    }

    for (i = 0; i < LLMP_LIMIT_MAX; i++) {
        if (l->members[i] != NULL) {
            llmp_load_limits_value(loader, l->members[i], l->limits, i);
        }
    }
}


/* a misspelt limit is none that is missing */

static llmp_uint_t
llmp_load_limits_is_empty(const llmp_doc_node_t *node)
{
    llmp_uint_t  i, n;

    n = llmp_doc_size(node);

    for (i = 0; i < LLMP_LIMITS_MEMBERS - LLMP_LIMIT_MAX; i++) {
        n -= (llmp_doc_member(node, llmp_load_limits_names[i]) != NULL);
    }

    return n == 0;
}


/* returns the limits that an object has, with or without errors */

static uint32_t
llmp_load_limits_named(const llmp_doc_node_t *node)
{
    uint32_t                set;
    llmp_str_t              name;
    llmp_limit_e            limit;
    const llmp_doc_node_t  *child;

    set = 0;

    llmp_doc_each(child, node) {
        name.data = (u_char *) child->name;
        name.len = strlen(child->name);

        limit = llmp_limits_by_name(&name);

        if (limit != LLMP_LIMIT_MAX) {
            set |= llmp_limit_bit(limit);
        }
    }

    return set;
}


static void
llmp_load_limits_value(llmp_loader_t *loader, const llmp_doc_node_t *node,
    llmp_limits_t *limits, llmp_limit_e limit)
{
    int64_t      n, unit;
    llmp_uint_t  is_cost;

    is_cost = (llmp_limit_kind(limit) == LLMP_LIMIT_COST);

    n = llmp_load_number(loader, node, is_cost ? LLMP_LOAD_COST
                                               : LLMP_LOAD_WHOLE);
    if (n < 0) {
        return;
    }

    unit = llmp_limits_unit(limit);

    if (is_cost) {

        /* the number is in 10^-6 */

        unit /= 1000000;

        if (loader->cost == NULL) {
            loader->cost = node;
        }
    }

    limits->set |= llmp_limit_bit(limit);
    limits->max[limit] = n * unit;
}


/* limits of an API key never count others */

static void
llmp_load_limits_by(llmp_loader_t *loader, const llmp_load_limits_t *l)
{
    const llmp_doc_node_t  *by;

    by = l->members[LLMP_LIMITS_BY];

    l->limits->by = (by != NULL) ? llmp_load_limits_by_list(loader, by)
                                 : LLMP_LIMITS_BY_CALLER;

    if (l->scope == LLMP_LOAD_LIMITS_KEY) {
        l->limits->by |= LLMP_LIMITS_BY_KEY;
    }
}


static uint32_t
llmp_load_limits_by_list(llmp_loader_t *loader, const llmp_doc_node_t *node)
{
    uint32_t                by, bit;
    llmp_uint_t             i;
    const llmp_doc_node_t  *child;

    by = 0;

    llmp_doc_each(child, node) {

        if (!llmp_doc_is(&loader->doc, child, LLMP_TYPE_STRING)) {
            continue;
        }

        i = llmp_doc_one_of(&loader->doc, child, llmp_limits_bys,
                            LLMP_LIMITS_BYS);

        if (i == LLMP_LIMITS_BYS) {
            continue;
        }

        bit = (uint32_t) 1 << i;

        if ((by & bit) != 0) {
            llmp_doc_error(&loader->doc, child, "\"%s\" is already in this "
                           "list", llmp_limits_bys[i]);
        }

        by |= bit;
    }

    return by;
}


/* equal lists are one matcher: each model that is sent is matched with all */

static void
llmp_load_limits_models(llmp_loader_t *loader, const llmp_doc_node_t *node,
    llmp_limits_t *limits)
{
    char    *text;
    json_t  *index;

    if (llmp_doc_size(node) == 0) {
        llmp_doc_error(&loader->doc, node, "must have at least one pattern; "
                       "limits without \"models\" count all of them");
        return;
    }

    if (loader->matchers == NULL) {
        loader->matchers = json_object();
    }

    text = llmp_load_limits_patterns_text(node);

    if (loader->matchers == NULL || text == NULL) {
        loader->doc.failed = 1;
        free(text);
        return;
    }

    index = json_object_get(loader->matchers, text);

    if (index != NULL) {
        limits->matcher = (llmp_uint_t) json_integer_value(index);

    } else {
        limits->matcher = llmp_load_limits_add_matcher(loader, node);
        index = json_integer((json_int_t) limits->matcher);

        if (json_object_set_new(loader->matchers, text, index) != 0) {
            loader->doc.failed = 1;
        }
    }

    free(text);
}


/* returns the same text for lists with the same patterns, which the caller
   frees; or NULL */

static char *
llmp_load_limits_patterns_text(const llmp_doc_node_t *node)
{
    char                   *text;
    json_t                 *list;
    const llmp_doc_node_t  *child;

    list = json_array();

    llmp_doc_each(child, node) {
        if (child->string != NULL
            && json_array_append_new(list, json_string(child->string)) != 0)
        {
            json_decref(list);
            return NULL;
        }
    }

    text = (list != NULL) ? json_dumps(list, JSON_COMPACT) : NULL;

    json_decref(list);

    return text;
}


static llmp_uint_t
llmp_load_limits_add_matcher(llmp_loader_t *loader, const llmp_doc_node_t *node)
{
    llmp_policy_t    *policy;
    llmp_patterns_t  *matchers;

    policy = loader->policy;

    matchers = llmp_array_grow(loader->pool, policy->matchers,
                               policy->nmatchers, &loader->nmatchers,
                               LLMP_LOAD_LIMITS_MATCHERS,
                               sizeof(llmp_patterns_t));
    if (matchers == NULL) {
        loader->doc.failed = 1;
        return 0;
    }

    policy->matchers = matchers;

    memset(&matchers[policy->nmatchers], 0, sizeof(llmp_patterns_t));
    llmp_loader_patterns(loader, node, &matchers[policy->nmatchers]);

    return policy->nmatchers++;
}


static void
llmp_load_limits_over(llmp_loader_t *loader, const llmp_load_limits_t *l)
{
    llmp_doc_t             *doc;
    llmp_tier_t            *tier;
    const llmp_doc_node_t  *over, *name;

    doc = &loader->doc;
    over = l->members[LLMP_LIMITS_OVER];

    if (llmp_load_limits_named(l->node)
        == llmp_limit_bit(LLMP_LIMIT_CONCURRENT_REQUESTS))
    {
        llmp_doc_error_at_name(doc, over, "\"concurrent_requests\" refuses in "
                               "any case: \"over\" must be beside another "
                               "limit");

    } else if (l->scope != LLMP_LOAD_LIMITS_TIER
               && (l->limits->set
                   & llmp_limit_bit(LLMP_LIMIT_CONCURRENT_REQUESTS)))
    {
        llmp_doc_error_at_name(doc, over, "does not hold for "
                               "\"concurrent_requests\": put that limit into "
                               "an object of its own");
    }

    llmp_doc_members(doc, over, llmp_load_limits_over_members, 1, &name);

    if (name == NULL) {
        return;
    }

    tier = llmp_loader_tier(loader, name);

    if (tier == NULL) {
        return;
    }

    if (l->scope == LLMP_LOAD_LIMITS_TIER && llmp_str_eq(&tier->name, l->name))
    {
        llmp_doc_error(doc, name, "must be another tier than the one that has "
                       "these limits");
    }

    l->limits->over = tier;
}


/*
 * Sets the identity of the counts of limits, which is the same after each
 * loading, on each machine.  It must not depend on limits: their change does
 * not forget what was counted.
 */

static void
llmp_load_limits_identify(llmp_loader_t *loader, const llmp_load_limits_t *l)
{
    u_char       hash[LLMP_KEY_HASH], bytes[LLMP_KEY_HASH + 6];
    uint64_t     id;
    llmp_str_t   text;
    llmp_uint_t  i;

    if ((l->scope == LLMP_LOAD_LIMITS_TIER
         || l->scope == LLMP_LOAD_LIMITS_TENANT)
        && !l->listed
        && l->members[LLMP_LIMITS_BY] == NULL
        && l->members[LLMP_LIMITS_MODELS] == NULL)
    {
        l->limits->id = 0;
        return;
    }

    bytes[0] = (u_char) l->scope;
    bytes[1] = (u_char) l->limits->by;

    for (i = 0; i < 4; i++) {
        bytes[2 + i] = (u_char) (l->index >> (8 * i));
    }

    text.data = bytes;
    text.len = sizeof(bytes);

    if (llmp_key_hash(&bytes[6], l->name) != LLMP_OK
        || llmp_key_hash(hash, &text) != LLMP_OK)
    {
        loader->doc.failed = 1;
        return;
    }

    for (id = 0, i = 0; i < 8; i++) {
        id |= (uint64_t) hash[i] << (8 * i);
    }

    l->limits->id = (id != 0) ? id : 1;
}


void
llmp_load_limits_utc_offset(llmp_loader_t *loader, const llmp_doc_node_t *node)
{
    int64_t     offset;
    llmp_str_t  text;

    text = llmp_doc_string(node);

    if (llmp_date_parse_zone(&offset, &text) != LLMP_OK
        || offset < -LLMP_LOAD_LIMITS_OFFSET
        || offset > LLMP_LOAD_LIMITS_OFFSET)
    {
        llmp_doc_error(&loader->doc, node, "must be an offset from UTC, "
                       "\"-14:00\" to \"+14:00\", such as \"+02:00\"");
        return;
    }

    loader->policy->utc_offset = offset;
}
