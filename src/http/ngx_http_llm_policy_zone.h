
/*
 * Copyright (C) llm-policy authors
 *
 * What is in the memory that workers share.  Private to the two files that
 * keep it.
 *
 * All of it but for the head has one size, so that what one gives up another
 * can take.
 */


#ifndef _NGX_HTTP_LLM_POLICY_ZONE_H_INCLUDED_
#define _NGX_HTTP_LLM_POLICY_ZONE_H_INCLUDED_


#include "ngx_http_llm_policy_module.h"


#define NGX_HTTP_LLM_POLICY_CELL  256


/* of a caller */

typedef struct {
    ngx_rbtree_node_t                    node;    /* key: a hash */
    ngx_queue_t                          queue;
    llmp_limit_state_t                   state;
    u_char                               len;
    u_char                               key[NGX_HTTP_LLM_POLICY_KEY_MAX];
} ngx_http_llm_policy_entry_t;


struct ngx_http_llm_policy_record_s {
    ngx_http_llm_policy_entry_t         *entry;   /* NULL: free */
    int64_t                              reserved;
    int64_t                              prompt;  /* what is charged if the
                                                     worker is killed */
    ngx_http_llm_policy_record_t        *next;    /* free; for its worker */
};


typedef struct ngx_http_llm_policy_chunk_s  ngx_http_llm_policy_chunk_t;

#define NGX_HTTP_LLM_POLICY_RECORDS                                           \
    ((NGX_HTTP_LLM_POLICY_CELL - sizeof(void *))                              \
     / sizeof(ngx_http_llm_policy_record_t))

struct ngx_http_llm_policy_chunk_s {
    ngx_http_llm_policy_chunk_t         *next;
    ngx_http_llm_policy_record_t         records[NGX_HTTP_LLM_POLICY_RECORDS];
};


/* a worker, or one that was killed */

typedef struct {
    ngx_queue_t                          queue;
    ngx_pid_t                            pid;
    ngx_uint_t                           cycle;
    ngx_uint_t                           worker;
    ngx_http_llm_policy_chunk_t         *chunks;
} ngx_http_llm_policy_owner_t;


typedef struct {
    ngx_rbtree_t                         rbtree;
    ngx_rbtree_node_t                    sentinel;
    ngx_queue_t                          entries;  /* last used first */
    ngx_queue_t                          owners;
    ngx_uint_t                           nentries;
    ngx_uint_t                           evicted;
    ngx_uint_t                           cycles;   /* one for each reload */
    ngx_msec_t                           reaped;   /* last */
} ngx_http_llm_policy_shared_t;


/* of a configuration; shared but for what its process has put in it */

struct ngx_http_llm_policy_zone_s {
    ngx_http_llm_policy_shared_t        *sh;
    ngx_slab_pool_t                     *shpool;
    ngx_uint_t                           cycle;
    ngx_http_llm_policy_owner_t         *owner;
    ngx_http_llm_policy_record_t        *free;
};


/*
 * ngx_http_llm_policy_entries.c
 *
 * All are called with the lock held.  entry() finds the caller's, or makes it,
 * and cell() returns memory of that one size: NULL if nobody can be forgotten.
 */

ngx_http_llm_policy_entry_t *ngx_http_llm_policy_entry(
    ngx_http_llm_policy_zone_t *zone, ngx_str_t *key);
void *ngx_http_llm_policy_cell(ngx_http_llm_policy_zone_t *zone);


#endif /* _NGX_HTTP_LLM_POLICY_ZONE_H_INCLUDED_ */
