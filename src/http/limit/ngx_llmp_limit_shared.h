
/*
 * Copyright (C) llm-policy authors
 *
 * Memory of limits that all workers share: the callers, and the requests that
 * each worker has admitted.
 *
 * All allocations except the head have one size, so that memory freed by one
 * kind can be used for the other.
 */


#ifndef _NGX_LLMP_LIMIT_SHARED_H_INCLUDED_
#define _NGX_LLMP_LIMIT_SHARED_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>

#include "limit/ngx_llmp_limit_key.h"
#include "limit/ngx_llmp_reservation.h"

#include "limit/llmp_lease.h"


#define NGX_LLMP_LIMIT_CELL  512   /* bytes of an allocation */


typedef struct ngx_llmp_lease_block_s  ngx_llmp_lease_block_t;
typedef struct ngx_llmp_saved_s        ngx_llmp_saved_t;


/* the counts of an object of limits, for a caller or for several */

typedef struct {
    ngx_rbtree_node_t          node;      /* node.key: hash of the key */
    ngx_queue_t                queue;
    uint64_t                   pin;       /* sh->admissions of the last one */
    llmp_limit_state_t         state;
    ngx_llmp_limit_key_t       key;
} ngx_llmp_limit_entry_t;


/* a request that was admitted and is not settled */

struct ngx_llmp_lease_s {
    llmp_lease_t               lease;
    ngx_llmp_lease_t          *next;      /* next free lease of the worker */
};


#define NGX_LLMP_BLOCK_LEASES                                                 \
    ((NGX_LLMP_LIMIT_CELL - sizeof(void *)) / sizeof(ngx_llmp_lease_t))

struct ngx_llmp_lease_block_s {
    ngx_llmp_lease_block_t    *next;
    ngx_llmp_lease_t           leases[NGX_LLMP_BLOCK_LEASES];
};


typedef struct {
    ngx_queue_t                queue;
    ngx_pid_t                  pid;
    ngx_uint_t                 cycle;
    ngx_uint_t                 number;    /* ngx_worker */
    ngx_llmp_lease_block_t    *blocks;
} ngx_llmp_worker_t;


/* a file as it was found last; all zeros if there was none */

typedef struct {
    uint64_t                   device;
    uint64_t                   inode;
    uint64_t                   size;
    int64_t                    mtime;     /* nanoseconds */
} ngx_llmp_saved_identity_t;


/* the file of "state", for all workers */

typedef struct {
    uint64_t                   writer;    /* this zone */
    uint64_t                   answered;  /* last writer that began later */
    ngx_llmp_saved_identity_t  seen;      /* last file read or written */
    ngx_uint_t                 failed;    /* an error was logged since the last
                                             success */
} ngx_llmp_saved_shared_t;


typedef struct {
    ngx_rbtree_t               rbtree;
    ngx_rbtree_node_t          sentinel;
    ngx_queue_t                entries;   /* last used first */
    ngx_queue_t                workers;   /* also those that were killed */
    ngx_pid_t                  locker;    /* 0 if the lock is not held */
    ngx_uint_t                 nentries;
    ngx_uint_t                 evicted;
    ngx_uint_t                 lost;      /* evicted with usage, not logged */
    ngx_msec_t                 logged;    /* last log of that, 0 if never */
    ngx_uint_t                 cycles;    /* number of reloads */
    ngx_msec_t                 released;  /* last check for killed workers */
    uint64_t                   recounts;
    uint64_t                   admissions;
    ngx_llmp_saved_shared_t    saved;
} ngx_llmp_limit_shared_t;


/* the zone of a configuration */

struct ngx_llmp_limit_zone_s {
    ngx_llmp_limit_shared_t   *sh;
    ngx_slab_pool_t           *shpool;
    ngx_uint_t                 cycle;
    ngx_llmp_worker_t         *worker;    /* this process */
    ngx_llmp_lease_t          *free;      /* free leases of this process */
    ngx_str_t                  path;      /* file of "state", or empty */
    ngx_llmp_saved_t          *saved;     /* its writing by this process */
};


#endif /* _NGX_LLMP_LIMIT_SHARED_H_INCLUDED_ */
