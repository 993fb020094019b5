
/*
 * Copyright (C) llm-policy authors
 *
 * What is in the memory that workers share.  Private to the two files that
 * keep it.
 *
 * All of it but for the head has one size, so that what one gives up another
 * can take.
 */


#ifndef _NGX_LLMP_LIMIT_ZONE_H_INCLUDED_
#define _NGX_LLMP_LIMIT_ZONE_H_INCLUDED_


#include "base/ngx_llmp_module.h"


#define NGX_LLMP_LIMIT_CELL  256


/* of a caller */

typedef struct {
    ngx_rbtree_node_t                    node;    /* key: a hash */
    ngx_queue_t                          queue;
    llmp_limit_state_t                   state;
    u_char                               len;
    u_char                               key[NGX_LLMP_LIMIT_KEY_MAX];
} ngx_llmp_limit_entry_t;


struct ngx_llmp_lease_s {
    ngx_llmp_limit_entry_t        *entry;   /* NULL: free */
    int64_t                        reserved;
    int64_t                        prompt;  /* what is charged if the
                                               worker is killed */
    ngx_llmp_lease_t              *next;    /* free; for its worker */
};


typedef struct ngx_llmp_lease_block_s  ngx_llmp_lease_block_t;

#define NGX_LLMP_BLOCK_LEASES                                           \
    ((NGX_LLMP_LIMIT_CELL - sizeof(void *))                              \
     / sizeof(ngx_llmp_lease_t))

struct ngx_llmp_lease_block_s {
    ngx_llmp_lease_block_t         *next;
    ngx_llmp_lease_t                leases[NGX_LLMP_BLOCK_LEASES];
};


/* a worker, or one that was killed */

typedef struct {
    ngx_queue_t                     queue;
    ngx_pid_t                       pid;
    ngx_uint_t                      cycle;
    ngx_uint_t                      number;
    ngx_llmp_lease_block_t         *blocks;
} ngx_llmp_worker_t;


typedef struct {
    ngx_rbtree_t                         rbtree;
    ngx_rbtree_node_t                    sentinel;
    ngx_queue_t                          entries;  /* last used first */
    ngx_queue_t                          workers;
    ngx_uint_t                           nentries;
    ngx_uint_t                           evicted;
    ngx_uint_t                           cycles;   /* one for each reload */
    ngx_msec_t                           released;  /* last */
} ngx_llmp_limit_shared_t;


/* of a configuration; shared but for what its process has put in it */

struct ngx_llmp_limit_zone_s {
    ngx_llmp_limit_shared_t        *sh;
    ngx_slab_pool_t                *shpool;
    ngx_uint_t                      cycle;
    ngx_llmp_worker_t              *worker;
    ngx_llmp_lease_t               *free;
};


/*
 * ngx_llmp_entries.c
 *
 * All are called with the lock held.  entry() finds the caller's, or makes it,
 * and cell() returns memory of that one size: NULL if nobody can be forgotten.
 */

ngx_llmp_limit_entry_t *ngx_llmp_limit_entries_lookup(
    ngx_llmp_limit_zone_t *zone, ngx_str_t *key);
void *ngx_llmp_limit_entries_alloc(ngx_llmp_limit_zone_t *zone);


#endif /* _NGX_LLMP_LIMIT_ZONE_H_INCLUDED_ */
