
/*
 * Copyright (C) llm-policy authors
 */


#include <stdlib.h>

#include "base/llmp_date.h"
#include "loader/llmp_load_keys.h"
#include "loader/llmp_load_limits.h"


enum {
    LLMP_KEY_HASH_MEMBER = 0,
    LLMP_KEY_NAME,
    LLMP_KEY_NOT_AFTER,
    LLMP_KEY_BLOCKED,
    LLMP_KEY_LIMITS,
    LLMP_KEY_MEMBERS
};


static llmp_int_t llmp_load_keys_one(llmp_loader_t *loader,
    const llmp_doc_node_t *node, llmp_tenant_key_t *key);
static const llmp_key_terms_t *llmp_load_keys_terms(llmp_loader_t *loader,
    const llmp_doc_node_t *const *members);
static int64_t llmp_load_keys_date(llmp_loader_t *loader,
    const llmp_doc_node_t *node);
static int llmp_load_keys_cmp(const void *one, const void *two);
static int llmp_load_keys_order_cmp(const llmp_load_key_t *a,
    const llmp_load_key_t *b);
static void llmp_load_keys_check_names(llmp_loader_t *loader);
static llmp_uint_t llmp_load_keys_is_named(const llmp_load_key_t *key);
static int llmp_load_keys_name_cmp(const void *one, const void *two);


static const llmp_doc_member_t  llmp_key_members[LLMP_KEY_MEMBERS] = {
    { "hash", LLMP_TYPE_STRING, 1 },
    { "name", LLMP_TYPE_STRING, 0 },
    { "not_after", LLMP_TYPE_STRING, 0 },
    { "blocked", LLMP_TYPE_BOOLEAN, 0 },
    { "limits", LLMP_LOAD_LIMITS_TYPES, 0 }
};


void
llmp_load_keys(llmp_loader_t *loader, const llmp_doc_node_t *node,
    llmp_tenant_t *tenant)
{
    llmp_load_key_t        *next;
    const llmp_doc_node_t  *child;

    llmp_doc_each(child, node) {
        next = &loader->keys[loader->policy->nkeys];

        if (llmp_load_keys_one(loader, child, &next->key) != LLMP_OK) {
            continue;
        }

        next->key.tenant = tenant;
        next->node = child;

        loader->policy->nkeys++;
    }
}


/* returns LLMP_ERROR if the key has no valid hash */

static llmp_int_t
llmp_load_keys_one(llmp_loader_t *loader, const llmp_doc_node_t *node,
    llmp_tenant_key_t *key)
{
    llmp_str_t              text;
    llmp_doc_t             *doc;
    const llmp_doc_node_t  *hash, *members[LLMP_KEY_MEMBERS];

    doc = &loader->doc;

    if (!llmp_doc_is(doc, node, LLMP_TYPE_STRING|LLMP_TYPE_OBJECT)) {
        return LLMP_ERROR;
    }

    hash = node;
    key->terms = NULL;

    if (llmp_doc_type(node) == LLMP_TYPE_OBJECT) {
        llmp_doc_members(doc, node, llmp_key_members, LLMP_KEY_MEMBERS,
                         members);

        hash = members[LLMP_KEY_HASH_MEMBER];
        key->terms = llmp_load_keys_terms(loader, members);
    }

    if (hash == NULL) {
        return LLMP_ERROR;
    }

    text = llmp_doc_string(hash);

    /* the text may be an API key: it must not be in the message */

    if (llmp_key_parse(key->hash, &text) != LLMP_OK) {
        llmp_doc_error(doc, hash, "must be \"sha256:\" and 64 hex digits, "
                       "as \"llm-policy hash-key\" prints them");
        return LLMP_ERROR;
    }

    return LLMP_OK;
}


/* returns NULL if the object has no more than a string would */

static const llmp_key_terms_t *
llmp_load_keys_terms(llmp_loader_t *loader,
    const llmp_doc_node_t *const *members)
{
    llmp_key_terms_t        terms, *copy;
    const llmp_doc_node_t  *blocked, *name, *not_after;

    static llmp_str_t  empty = llmp_string("");

    name = members[LLMP_KEY_NAME];
    blocked = members[LLMP_KEY_BLOCKED];
    not_after = members[LLMP_KEY_NOT_AFTER];

    memset(&terms, 0, sizeof(llmp_key_terms_t));

    if (name != NULL) {
        terms.name = llmp_loader_name_value(loader, name);
    }

    terms.not_after = (not_after != NULL)
                      ? llmp_load_keys_date(loader, not_after) : INT64_MAX;

    terms.blocked = (blocked != NULL && blocked->is_true);

    if (members[LLMP_KEY_LIMITS] != NULL) {
        llmp_load_limits(loader, members[LLMP_KEY_LIMITS],
                         LLMP_LOAD_LIMITS_KEY, &empty, &terms.limits);
    }

    if (terms.name.len == 0 && terms.not_after == INT64_MAX && !terms.blocked
        && terms.limits.nelts == 0)
    {
        return NULL;
    }

    loader->policy->judges_keys |= (terms.not_after != INT64_MAX
                                    || terms.blocked);

    copy = llmp_loader_alloc(loader, 1, sizeof(llmp_key_terms_t));

    if (copy != NULL) {
        *copy = terms;
    }

    return copy;
}


static int64_t
llmp_load_keys_date(llmp_loader_t *loader, const llmp_doc_node_t *node)
{
    int64_t      time;
    llmp_str_t   text;
    const char  *wrong;

    text = llmp_doc_string(node);
    wrong = llmp_date_parse(&time, &text);

    if (wrong != NULL) {
        llmp_doc_error(&loader->doc, node, "%s", wrong);
        return INT64_MAX;
    }

    return time;
}


void
llmp_load_keys_finish(llmp_loader_t *loader)
{
    llmp_uint_t       i;
    llmp_policy_t    *policy;
    llmp_load_key_t  *listed;

    policy = loader->policy;
    listed = loader->keys;

    policy->keys = llmp_loader_alloc(loader, policy->nkeys,
                                     sizeof(llmp_tenant_key_t));
    if (policy->keys == NULL) {
        return;
    }

    qsort(listed, policy->nkeys, sizeof(llmp_load_key_t), llmp_load_keys_cmp);

    for (i = 0; i < policy->nkeys; i++) {

        if (i > 0 && memcmp(listed[i].key.hash, listed[i - 1].key.hash,
                            LLMP_KEY_HASH)
                     == 0)
        {
            llmp_doc_error(&loader->doc, listed[i].node,
                           "this API key is already listed for tenant \"%s\"",
                           (char *) listed[i - 1].key.tenant->name.data);
        }

        policy->keys[i] = listed[i].key;
    }

    llmp_load_keys_check_names(loader);
}


/* orders API keys by hash; equal ones in the order of the document */

static int
llmp_load_keys_cmp(const void *one, const void *two)
{
    int                     rc;
    const llmp_load_key_t  *a, *b;

    a = one;
    b = two;

    rc = memcmp(a->key.hash, b->key.hash, LLMP_KEY_HASH);

    return (rc != 0) ? rc : llmp_load_keys_order_cmp(a, b);
}


static int
llmp_load_keys_order_cmp(const llmp_load_key_t *a, const llmp_load_key_t *b)
{
    return (a->node->start > b->node->start)
           - (a->node->start < b->node->start);
}


static void
llmp_load_keys_check_names(llmp_loader_t *loader)
{
    llmp_uint_t             i, n, nkeys;
    const llmp_load_key_t  *a, *b, **named;

    nkeys = loader->policy->nkeys;
    n = 0;

    for (i = 0; i < nkeys; i++) {
        n += llmp_load_keys_is_named(&loader->keys[i]);
    }

    if (n == 0) {
        return;
    }

    named = llmp_loader_alloc(loader, n, sizeof(llmp_load_key_t *));
    if (named == NULL) {
        return;
    }

    n = 0;

    for (i = 0; i < nkeys; i++) {
        if (llmp_load_keys_is_named(&loader->keys[i])) {
            named[n++] = &loader->keys[i];
        }
    }

    qsort(named, n, sizeof(llmp_load_key_t *), llmp_load_keys_name_cmp);

    for (i = 1; i < n; i++) {
        a = named[i - 1];
        b = named[i];

        if (a->key.tenant == b->key.tenant
            && llmp_str_eq(&a->key.terms->name, &b->key.terms->name))
        {
            llmp_doc_error(&loader->doc, b->node,
                           "another key of this tenant has the name \"%s\"",
                           (char *) b->key.terms->name.data);
        }
    }

    llmp_pfree(loader->pool, named);
}


static llmp_uint_t
llmp_load_keys_is_named(const llmp_load_key_t *key)
{
    return key->key.terms != NULL && key->key.terms->name.len != 0;
}


/* orders by tenant and name; equal ones in the order of the document */

static int
llmp_load_keys_name_cmp(const void *one, const void *two)
{
    int                           rc;
    const llmp_load_key_t        *a, *b;
    const llmp_load_key_t *const *p, *const *q;

    p = one;
    q = two;
    a = *p;
    b = *q;

    if (a->key.tenant != b->key.tenant) {
        return (a->key.tenant > b->key.tenant) ? 1 : -1;
    }

    rc = llmp_str_cmp(&a->key.terms->name, &b->key.terms->name);

    return (rc != 0) ? rc : llmp_load_keys_order_cmp(a, b);
}


void
llmp_load_keys_warn(llmp_loader_t *loader, int64_t now)
{
    char                    date[LLMP_DATE_TEXT];
    llmp_uint_t             i;
    const llmp_load_key_t  *listed;

    if (!loader->policy->judges_keys) {
        return;
    }

    for (i = 0; i < loader->policy->nkeys; i++) {
        listed = &loader->keys[i];

        if (listed->key.terms != NULL && listed->key.terms->not_after < now) {
            llmp_date_write(date, listed->key.terms->not_after);

            llmp_doc_warning(&loader->doc, listed->node,
                             "this key has expired: it was valid until %s",
                             date);
        }
    }
}
