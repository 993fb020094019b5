
/*
 * Copyright (C) llm-policy authors
 */


#include "limit/ngx_llmp_limit_entries.h"

#include "limit/ngx_llmp_limit_zone.h"


/* milliseconds between two messages about evicted usage */
#define NGX_LLMP_LIMIT_EVICT_LOG  60000

/* entries that are read before one is evicted, of those used least recently */
#define NGX_LLMP_LIMIT_EVICT_TRIES  16

/* keys of one hash are ordered, too: a client that finds some gains nothing */
#define ngx_llmp_limit_entries_hash(key)                                      \
    ngx_murmur_hash2((key)->data, (key)->len)


static ngx_int_t ngx_llmp_limit_entries_compare(uint32_t hash,
    ngx_llmp_limit_key_t *key, ngx_llmp_limit_entry_t *entry);
static void ngx_llmp_limit_entries_insert(ngx_rbtree_node_t *temp,
    ngx_rbtree_node_t *node, ngx_rbtree_node_t *sentinel);
static ngx_int_t ngx_llmp_limit_entries_evict(ngx_llmp_limit_zone_t *zone);


_Static_assert(sizeof(ngx_llmp_limit_entry_t) <= NGX_LLMP_LIMIT_CELL,
               "an entry is larger than a cell");


ngx_llmp_limit_entry_t *
ngx_llmp_limit_entries_lookup(ngx_llmp_limit_zone_t *zone,
    ngx_llmp_limit_key_t *key)
{
    uint32_t                 hash;
    ngx_int_t                rc;
    ngx_rbtree_t             tree;
    ngx_rbtree_node_t       *node;
    ngx_llmp_limit_entry_t  *entry;

    hash = ngx_llmp_limit_entries_hash(key);

    node = zone->sh->rbtree.root;

    while (node != &zone->sh->sentinel) {

        entry = (ngx_llmp_limit_entry_t *) node;
        rc = ngx_llmp_limit_entries_compare(hash, key, entry);

        if (rc == 0) {
            ngx_queue_remove(&entry->queue);
            ngx_queue_insert_head(&zone->sh->entries, &entry->queue);

            entry->pin = zone->sh->admissions;

            return entry;
        }

        node = (rc < 0) ? node->left : node->right;
    }

    entry = ngx_llmp_limit_entries_alloc(zone);
    if (entry == NULL) {
        return NULL;
    }

    ngx_memzero(entry, sizeof(ngx_llmp_limit_entry_t));

    entry->node.key = hash;
    entry->pin = zone->sh->admissions;
    entry->key.len = key->len;
    ngx_memcpy(entry->key.data, key->data, key->len);

    /*
     * the address of the function differs between processes if the file of the
     * module was replaced before a reload
     */

    tree = zone->sh->rbtree;
    tree.insert = ngx_llmp_limit_entries_insert;

    ngx_rbtree_insert(&tree, &entry->node);
    zone->sh->rbtree.root = tree.root;

    ngx_queue_insert_head(&zone->sh->entries, &entry->queue);
    zone->sh->nentries++;

    return entry;
}


static ngx_int_t
ngx_llmp_limit_entries_compare(uint32_t hash, ngx_llmp_limit_key_t *key,
    ngx_llmp_limit_entry_t *entry)
{
    if (hash != entry->node.key) {
        return (hash < entry->node.key) ? -1 : 1;
    }

    return ngx_memn2cmp(key->data, entry->key.data, key->len, entry->key.len);
}


static void
ngx_llmp_limit_entries_insert(ngx_rbtree_node_t *temp, ngx_rbtree_node_t *node,
    ngx_rbtree_node_t *sentinel)
{
    ngx_rbtree_node_t      **p;
    ngx_llmp_limit_entry_t  *entry;

    entry = (ngx_llmp_limit_entry_t *) node;

    for ( ;; ) {
        p = (ngx_llmp_limit_entries_compare(node->key, &entry->key,
                                            (ngx_llmp_limit_entry_t *) temp)
             < 0)
            ? &temp->left : &temp->right;

        if (*p == sentinel) {
            break;
        }

        temp = *p;
    }

    *p = node;
    node->parent = temp;
    node->left = sentinel;
    node->right = sentinel;
    ngx_rbt_red(node);
}


void *
ngx_llmp_limit_entries_alloc(ngx_llmp_limit_zone_t *zone)
{
    void  *cell;

    cell = ngx_slab_alloc_locked(zone->shpool, NGX_LLMP_LIMIT_CELL);

    if (cell == NULL && ngx_llmp_limit_entries_evict(zone) == NGX_OK) {
        cell = ngx_slab_alloc_locked(zone->shpool, NGX_LLMP_LIMIT_CELL);
    }

    return cell;
}


/*
 * Evicts the least recently used entry without usage.  If there is none, evicts
 * the one with the least usage: to erase its own usage, an attacker must
 * exhaust the limits of many other callers.  Entries that were examined are
 * moved to the head, so that the search ends.
 */

static ngx_int_t
ngx_llmp_limit_entries_evict(ngx_llmp_limit_zone_t *zone)
{
    ngx_uint_t               i;
    ngx_queue_t             *q;
    llmp_uint_t              least;
    llmp_limit_clock_t       clock;
    llmp_limit_nearest_t     nearest;
    ngx_llmp_limit_entry_t  *entry, *found;

    found = NULL;
    least = (llmp_uint_t) -1;

    ngx_llmp_limit_zone_clock(&clock, 0);

    for (i = 0; i < NGX_LLMP_LIMIT_EVICT_TRIES; i++) {

        if (ngx_queue_empty(&zone->sh->entries)) {
            break;
        }

        q = ngx_queue_last(&zone->sh->entries);
        entry = ngx_queue_data(q, ngx_llmp_limit_entry_t, queue);

        ngx_queue_remove(q);
        ngx_queue_insert_head(&zone->sh->entries, q);

        if (entry->state.active || entry->pin == zone->sh->admissions) {
            continue;
        }

        llmp_limit_nearest(&entry->state, &clock, &nearest);

        if (nearest.share < least) {
            least = nearest.share;
            found = entry;
        }

        if (nearest.share == 0) {
            break;
        }
    }

    if (found == NULL) {
        return NGX_DECLINED;
    }

    if (least != 0) {
        zone->sh->lost++;
    }

    ngx_rbtree_delete(&zone->sh->rbtree, &found->node);
    ngx_queue_remove(&found->queue);
    ngx_slab_free_locked(zone->shpool, found);

    zone->sh->nentries--;
    zone->sh->evicted++;

    return NGX_OK;
}


ngx_uint_t
ngx_llmp_limit_entries_lost(ngx_llmp_limit_zone_t *zone)
{
    ngx_uint_t                lost;
    ngx_llmp_limit_shared_t  *sh;

    sh = zone->sh;
    lost = sh->lost;

    if (lost == 0
        || (sh->logged
            && ngx_current_msec - sh->logged < NGX_LLMP_LIMIT_EVICT_LOG))
    {
        return 0;
    }

    sh->lost = 0;
    sh->logged = ngx_current_msec;

    return lost;
}


ngx_llmp_limit_entry_t *
ngx_llmp_limit_entries_after(ngx_llmp_limit_zone_t *zone,
    ngx_llmp_limit_key_t *key)
{
    uint32_t            hash;
    ngx_rbtree_node_t  *node, *found;

    if (zone->sh->rbtree.root == &zone->sh->sentinel) {
        return NULL;
    }

    node = zone->sh->rbtree.root;

    if (key->len == 0) {
        return (ngx_llmp_limit_entry_t *)
                   ngx_rbtree_min(node, &zone->sh->sentinel);
    }

    found = NULL;
    hash = ngx_llmp_limit_entries_hash(key);

    while (node != &zone->sh->sentinel) {

        if (ngx_llmp_limit_entries_compare(hash, key,
                                           (ngx_llmp_limit_entry_t *) node)
            < 0)
        {
            found = node;
            node = node->left;

        } else {
            node = node->right;
        }
    }

    return (ngx_llmp_limit_entry_t *) found;
}


ngx_llmp_limit_entry_t *
ngx_llmp_limit_entries_next(ngx_llmp_limit_zone_t *zone,
    ngx_llmp_limit_entry_t *entry)
{
    return (ngx_llmp_limit_entry_t *)
               ngx_rbtree_next(&zone->sh->rbtree, &entry->node);
}
