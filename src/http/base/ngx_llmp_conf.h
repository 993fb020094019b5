
/*
 * Copyright (C) llm-policy authors
 *
 * The module's configuration.
 */


#ifndef _NGX_LLMP_CONF_H_INCLUDED_
#define _NGX_LLMP_CONF_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "base/ngx_llmp_compat.h"


typedef struct ngx_llmp_file_s     ngx_llmp_file_t;
typedef struct ngx_llmp_version_s  ngx_llmp_version_t;


typedef struct {
    ngx_array_t                files;         /* ngx_llmp_file_t pointers */
    ngx_shm_zone_t            *limit_zone;    /* NULL if there are no files */
    ngx_shm_zone_t            *metrics_zone;  /* NULL if there is no status
                                                 page, or no file */
    ngx_array_t                body_vars;     /* variable indices, ngx_int_t */
    ngx_array_t                early_vars;    /* names of variables that were
                                                 used too early, ngx_str_t */
    ngx_msec_t                 reload;        /* ms; 0 if off */
    ngx_uint_t                 count_tokens;  /* tokens are used somewhere */
    ngx_uint_t                 status_page;   /* there is a status page */
    ngx_event_t                reload_event;  /* timer of the next check */
    ngx_cycle_t               *cycle;
} ngx_llmp_main_conf_t;


typedef struct {
    ngx_flag_t                 enable;
    ngx_flag_t                 dry_run;
    ngx_uint_t                 status_page;   /* this location is one */
    ngx_uint_t                 pass_unmatched;
    ngx_uint_t                 change_signed;
    ngx_uint_t                 reject_log_level;
    ngx_uint_t                 change_log_level;
    ngx_llmp_file_t           *file;
    ngx_llmp_file_t           *candidate;     /* NULL if there is none */
    ngx_uint_t                 share;         /* callers for which the candidate
                                                 is enforced, 1/100 percent */
    ngx_http_complex_value_t  *tenant;
    ngx_http_complex_value_t  *tier;
    ngx_http_complex_value_t  *key;           /* API key */

    ngx_http_complex_value_t  *limit_key;
    ngx_flag_t                 limit_dry_run;
    ngx_flag_t                 limit_headers;
    ngx_uint_t                 token_bytes;   /* bytes per token, times 100 */
    ngx_int_t                  token_media;   /* tokens of an image, a sound or
                                                 a file */
    ngx_flag_t                 stream_usage;
    ngx_flag_t                 streaming;
    size_t                     hold;          /* bytes */
} ngx_llmp_loc_conf_t;


extern ngx_module_t  ngx_http_llm_policy_module;


#endif /* _NGX_LLMP_CONF_H_INCLUDED_ */
