
/*
 * Copyright (C) llm-policy authors
 *
 * Reads and writes the file of a zone in steps, each of which takes a bounded
 * time and may be executed in a thread.
 */


#ifndef _NGX_LLMP_SAVED_FILE_H_INCLUDED_
#define _NGX_LLMP_SAVED_FILE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>

#include "limit/ngx_llmp_limit_shared.h"

#include "limit/llmp_limit_saved.h"


#define NGX_LLMP_SAVED_PART  65536   /* bytes that are read or written */


typedef struct ngx_llmp_saved_job_s  ngx_llmp_saved_job_t;

/*
 * Executes a step, and sets the next one.  Returns NGX_OK after the last one,
 * else NGX_AGAIN.
 */

typedef ngx_int_t (*ngx_llmp_saved_step_pt)(ngx_llmp_saved_job_t *job);


/* reading, then writing */

struct ngx_llmp_saved_job_s {
    ngx_llmp_limit_zone_t     *zone;
    ngx_log_t                 *log;
    ngx_llmp_saved_step_pt     step;
    ngx_fd_t                   fd;

    ngx_llmp_saved_identity_t  identity;   /* file that is read */
    u_char                    *data;       /* its contents */
    size_t                     size;
    size_t                     len;        /* bytes that were read so far */
    uint32_t                   crc;        /* checksum so far */
    ngx_uint_t                 merged;     /* entries */
    llmp_limit_saved_t         saved;      /* file that is read, or written */

    ngx_llmp_limit_key_t       key;        /* last one that was written */
    u_char                    *part;       /* buffer of what is written */
    unsigned                   write:1;    /* the file is to be written */
    unsigned                   sync:1;     /* no step may leave much to sync */
    unsigned                   written:1;  /* an attempt to write has ended */
};


/* begins with a look at the file, and reads it if another one has written it */

ngx_int_t ngx_llmp_saved_read_look(ngx_llmp_saved_job_t *job);

/* continues with writing, if job->write is set; it remains set if another
   process is writing */

ngx_int_t ngx_llmp_saved_write_begin(ngx_llmp_saved_job_t *job);

/* sets the identity of a file */

void ngx_llmp_saved_identify(ngx_llmp_saved_identity_t *identity,
    ngx_file_info_t *fi);

/* sets the time, in a thread too */

void ngx_llmp_saved_clock(llmp_limit_clock_t *clock);


#endif /* _NGX_LLMP_SAVED_FILE_H_INCLUDED_ */
