
/*
 * Copyright (C) llm-policy authors
 *
 * A policy document as it was read once, and the file that it was read from.
 */


#ifndef _NGX_LLMP_VERSION_H_INCLUDED_
#define _NGX_LLMP_VERSION_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>

#include "base/ngx_llmp_conf.h"

#include "loader/llmp_source.h"


#define NGX_LLMP_SHA256  64   /* hexadecimal digits */


typedef struct llmp_policy_s              llmp_policy_t;

typedef struct ngx_llmp_metrics_tier_s    ngx_llmp_metrics_tier_t;
typedef struct ngx_llmp_document_state_s  ngx_llmp_document_state_t;


struct ngx_llmp_version_s {
    llmp_policy_t               *policy;
    ngx_pool_t                  *pool;    /* memory of all of it */
    ngx_cycle_t                 *cycle;   /* cycle whose threads free it; NULL:
                                             it is freed at once */
    ngx_uint_t                   refs;    /* requests, and the file */
    uint32_t                     id;      /* CRC of the file's name */
    uint64_t                     loaded;  /* ms since 1970 */
    u_char                       sha256[NGX_LLMP_SHA256];
    ngx_llmp_metrics_tier_t    **tiers;   /* counters in the policy's order;
                                             NULL until they are looked up */
    ngx_int_t                   *variables;  /* indexes of the policy's ones,
                                                see ngx_llmp_values_find() */
};


struct ngx_llmp_file_s {
    ngx_str_t                    name;
    ngx_llmp_version_t          *version;        /* version in force */
    llmp_source_t                source;         /* files to look at: those of
                                                    the last read */
    ngx_pool_t                  *pool;           /* memory of the source, or
                                                    NULL */
    llmp_source_identity_t       read_identity;  /* files at the last read */
    llmp_source_identity_t       seen_identity;  /* files at the last look */
    ngx_llmp_document_state_t   *state;          /* shared by all workers; NULL
                                                    if there is none */
    ngx_shmtx_t                 *mutex;          /* lock of the state */
    ngx_msec_t                   read_started;   /* time of the last read */
    void                        *unknown_tier;   /* llm_policy_tier that was
                                                    reported */
    unsigned                     checking:1;     /* a thread looks at it */
    unsigned                     unnamed:1;      /* its file system counts no
                                                    names of files */
    unsigned                     stale:1;        /* only a mount leads to it,
                                                    and this was logged */
};


/*
 * Drops a reference to a version, a ngx_llmp_version_t; frees it with the last.
 */

void ngx_llmp_version_release(void *data);

/* frees a policy, which may be NULL, and its pool in a thread of a cycle that
   processes events, or at once if nginx has none */

void ngx_llmp_version_free(ngx_cycle_t *cycle, llmp_policy_t *policy,
    ngx_pool_t *pool);

#if (NGX_THREADS)

/* passes a task to the default threads of a cycle */

ngx_int_t ngx_llmp_version_post(ngx_cycle_t *cycle, ngx_thread_task_t *task);

/* returns freed memory to the kernel; takes long, and is called in a thread */

void ngx_llmp_version_trim(void);

#endif


#endif /* _NGX_LLMP_VERSION_H_INCLUDED_ */
