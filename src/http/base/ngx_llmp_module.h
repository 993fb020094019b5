
/*
 * Copyright (C) llm-policy authors
 */


#ifndef _NGX_LLMP_MODULE_H_INCLUDED_
#define _NGX_LLMP_MODULE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "base/ngx_llmp_compat.h"

#include "base/llmp.h"
#include "body/llmp_body.h"
#include "base/llmp_edit.h"
#include "limit/llmp_limit.h"
#include "policy/llmp_policy.h"
#include "base/llmp_refusal.h"
#include "request/llmp_request.h"
#include "response/llmp_usage_strip.h"
#include "response/llmp_usage.h"


typedef enum {
    NGX_LLMP_UNDECIDED = 0,
    NGX_LLMP_PASSED,
    NGX_LLMP_MODIFIED,
    NGX_LLMP_REJECTED,
    NGX_LLMP_BYPASSED
} ngx_llmp_status_e;


/* what is counted of a tier; and what became of a document, for all workers */

typedef struct ngx_llmp_metrics_tier_s   ngx_llmp_metrics_tier_t;
typedef struct ngx_llmp_document_state_s  ngx_llmp_document_state_t;


#define NGX_LLMP_SHA256  64   /* in hex */


/* a document as it was read once; the requests that began with it keep it */

typedef struct {
    llmp_policy_t                *policy;
    ngx_pool_t                   *pool;       /* all of it, and this */
    ngx_uint_t                    refs;       /* those, and the file */
    uint32_t                      id;         /* of the file's name */
    uint64_t                      loaded;     /* when, in ms */
    u_char                        sha256[NGX_LLMP_SHA256];
    ngx_llmp_metrics_tier_t     **tiers;      /* as the policy's; NULL: not
                                                 yet counted here */
} ngx_llmp_version_t;


/* what changes whenever a file is written to, or put in another's place */

typedef struct {
    off_t                            size;
    dev_t                            dev;
    ino_t                            ino;
    struct timespec                  mtime;
    struct timespec                  ctime;
} ngx_llmp_file_identity_t;


typedef struct {
    ngx_str_t                    name;
    ngx_llmp_version_t          *version;    /* in force */
    ngx_llmp_file_identity_t     read_identity;  /* when it was read last */
    ngx_llmp_file_identity_t     seen_identity;  /* when it was looked at */
    ngx_llmp_document_state_t   *state;      /* NULL: nobody is told */
    ngx_shmtx_t                 *mutex;      /* of that */
    ngx_msec_t                   read_started;  /* reading it, last */
    unsigned                     missing:1;  /* and that was said */
    unsigned                     loading:1;
} ngx_llmp_file_t;


typedef struct ngx_llmp_limit_zone_s    ngx_llmp_limit_zone_t;
typedef struct ngx_llmp_lease_s  ngx_llmp_lease_t;
typedef struct ngx_llmp_usage_filter_s  ngx_llmp_usage_filter_t;
typedef struct ngx_llmp_streaming_s    ngx_llmp_streaming_t;


typedef struct {
    ngx_array_t                      files;      /* of pointers to the above */
    ngx_shm_zone_t                  *limit_zone;  /* NULL: not used */
    ngx_shm_zone_t                  *metrics_zone;  /* the same */
    ngx_array_t                      body_vars;  /* of ngx_int_t */
    ngx_msec_t                       reload;     /* 0: off */
    ngx_uint_t                       count_tokens;  /* somebody asks for them */
    ngx_uint_t                       status;     /* there is a page for it */
    ngx_event_t                      reload_event;  /* the next look */
    ngx_cycle_t                     *cycle;
} ngx_llmp_main_conf_t;


typedef struct {
    ngx_flag_t                     enable;
    ngx_flag_t                     dry_run;
    ngx_uint_t                     status;     /* of the gateway, is here */
    ngx_uint_t                     pass_unmatched;
    ngx_uint_t                     change_signed;
    ngx_uint_t                     reject_log_level;
    ngx_uint_t                     change_log_level;
    ngx_llmp_file_t               *file;
    ngx_http_complex_value_t      *tier;
    ngx_http_complex_value_t      *key;

    ngx_http_complex_value_t      *limit_key;
    ngx_flag_t                     limit_dry_run;
    ngx_flag_t                     limit_headers;
    ngx_uint_t                     token_bytes;  /* in hundredths */
    ngx_flag_t                     stream_usage;
    ngx_flag_t                     streaming;
    size_t                         hold;
} ngx_llmp_loc_conf_t;


/* what a model answers, as far as it was read */

typedef struct {
    llmp_usage_t               *usage;
    ngx_llmp_usage_filter_t    *usage_filter;  /* NULL: it is not changed */
    void                       *inflate;  /* NULL: not compressed */
    unsigned                    reading:1;
    unsigned                    begun:1;
    unsigned                    finished:1;
    unsigned                    failed:1;  /* nothing was taken */
    unsigned                    unreadable:1;  /* it cannot be read, or not
                                                  all of it */
} ngx_llmp_response_t;


/* what a request took */

typedef struct {
    int64_t                          prompt;
    int64_t                          completion;
    int64_t                          total;
    unsigned                         prompt_estimated:1;
    unsigned                         completion_estimated:1;
} ngx_llmp_tokens_t;


typedef struct ngx_llmp_ctx_s  ngx_llmp_ctx_t;
typedef union ngx_llmp_body_cache_u  ngx_llmp_body_cache_t;


/* a request that limits were asked for, until it is settled */

typedef struct {
    ngx_http_request_t       *request;
    ngx_llmp_ctx_t           *ctx;      /* the one that was answered */
    ngx_llmp_limit_zone_t    *zone;
    ngx_llmp_lease_t         *lease;   /* NULL: settled, or refused */
    const llmp_limits_t      *limits;
    llmp_limit_verdict_t      verdict;
    int64_t                   prompt;  /* tokens, estimated */
    unsigned                  dry_run:1;
    unsigned                  provisional:1;  /* it was not decided on */
} ngx_llmp_reservation_t;


/* what is known of a request, or of a subrequest with a body */

struct ngx_llmp_ctx_s {
    ngx_llmp_loc_conf_t     *conf;
    llmp_policy_t           *policy;   /* of its file at the start */
    llmp_pool_t              pool;     /* takes of room, then of rest */
    u_char                  *arena;    /* beside the body, or NULL */
    u_char                  *arena_end;
    ngx_pool_t              *request_pool;  /* the request's */

    llmp_request_t           request;
    llmp_caller_t            caller;
    ngx_llmp_body_cache_t   *body_cache;  /* that body and room are of */
    llmp_body_t             *body;
    llmp_int_t               verdict;  /* of llmp_body_decide() */
    llmp_decision_t         *decision;  /* of the body, once made */
    ngx_llmp_streaming_t    *streaming;  /* NULL: the body is read before
                                            it is decided on */
    ngx_str_t                refusal_page;  /* of a refusal that nginx is to
                                               answer with; or empty */
    llmp_str_t               adjustments;

    llmp_str_t               api_key;  /* the API key, or empty */
    ngx_llmp_reservation_t  *reservation;  /* NULL: no limits, or not yet */
    ngx_llmp_response_t     *response;  /* NULL: none, or not read */

    ngx_llmp_version_t      *version;  /* that the policy is of */
    uint64_t                 decide_time;  /* ns, scanning and deciding */

    off_t                    body_size;  /* of the body, as it came */
    off_t                    scanned;  /* by the body filter */

    ngx_llmp_status_e        status;
    llmp_refusal_e           reason;

    unsigned                 reading:1;
    unsigned                 own:1;      /* nobody had the body before
                                            it was read for this */
    unsigned                 passing:1;  /* the body, as it comes */
    unsigned                 keepalive:1;  /* after a refusal */
    unsigned                 drop:1;     /* the body, once read */
    unsigned                 forward:1;  /* the body may go on */
    unsigned                 whole:1;    /* read it, whatever the
                                            configuration says */
    unsigned                 judged:1;   /* there is a verdict */
    unsigned                 timed:1;    /* spent is counted */
};


/* llmp_str_t and ngx_str_t are alike, but the compiler may not know that */

static ngx_inline llmp_str_t
ngx_llmp_str(ngx_str_t *str)
{
    llmp_str_t  s;

    s.len = str->len;
    s.data = str->data;

    return s;
}


/* in nanoseconds, since whenever; 0 if nobody wants to know */

static ngx_inline uint64_t
ngx_llmp_ctx_clock(ngx_llmp_ctx_t *ctx)
{
    struct timespec  ts;

    if (!ctx->timed) {
        return 0;
    }

    (void) clock_gettime(CLOCK_MONOTONIC, &ts);

    return (uint64_t) ts.tv_sec * 1000000000 + ts.tv_nsec;
}


/* the next of a list of header fields, from *i of *part on; NULL at its end */

static ngx_inline ngx_table_elt_t *
ngx_llmp_header_next(ngx_list_part_t **part, ngx_uint_t *i)
{
    while (*i >= (*part)->nelts) {

        if ((*part)->next == NULL) {
            return NULL;
        }

        *part = (*part)->next;
        *i = 0;
    }

    return (ngx_table_elt_t *) (*part)->elts + (*i)++;
}


/*
 * ngx_llmp_file.c
 *
 * document() reads and checks one; it only touches what it is given, and so
 * may run in a thread.  Whatever comes of it is in a pool of its own, which
 * is the caller's.  log_errors() tells what was wrong, and first_error() writes
 * the first of it, for those who do not see the log.
 */

typedef struct {
    ngx_str_t              name;
    ngx_log_t             *log;
    ngx_conf_t            *conf;     /* NULL: in a worker */

    ngx_llmp_version_t    *version;  /* NULL: there are errors */
    ngx_pool_t            *pool;     /* NULL: no memory */

    ngx_err_t              err;
    const char            *failed;   /* the call that did, or NULL */
    unsigned               too_large:1;
    llmp_policy_errors_t   errors;
} ngx_llmp_document_read_t;

void ngx_llmp_document_read(ngx_llmp_document_read_t *reading);
void ngx_llmp_document_log_errors(ngx_llmp_document_read_t *reading);
u_char *ngx_llmp_document_first_error(ngx_llmp_document_read_t *reading,
    u_char *buf, u_char *last);
ngx_int_t ngx_llmp_document_identity(ngx_str_t *name,
    ngx_llmp_file_identity_t *stamp);
void ngx_llmp_version_release(void *data);


/* ngx_llmp_conf.c */

ngx_llmp_file_t *ngx_llmp_document_open(ngx_conf_t *cf, ngx_str_t *name);


/* ngx_llmp_reload.c */

ngx_int_t ngx_llmp_reload_init(ngx_conf_t *cf);
void ngx_llmp_reload_init_process(ngx_cycle_t *cycle);


/*
 * ngx_llmp_zone.c
 *
 * zone() is the handler of the directive; init_zone() sees to it that there is
 * a zone wherever a document is used.  enter_zone() and leave_zone() are for a
 * worker that begins and ends.
 *
 * admit() returns what llmp_limit_admit() does, with the request's record in
 * hold if it was admitted; or NGX_ERROR if there is no room.  key has KEY_MAX
 * bytes at the most.  resize() does as llmp_limit_resize() does; settle() ends
 * what was admitted.
 *
 * A key is a number of the document, in 4 bytes, what the caller is named by,
 * and the name, or its hash.
 */

#define NGX_LLMP_LIMIT_KEY_MAX     64
#define NGX_LLMP_LIMIT_KEY_NAME    5

#define NGX_LLMP_LIMIT_BY_TENANT   't'
#define NGX_LLMP_LIMIT_BY_API_KEY      'k'
#define NGX_LLMP_LIMIT_BY_ADDRESS  'a'
#define NGX_LLMP_LIMIT_BY_STRING   's'
#define NGX_LLMP_LIMIT_NOT_HASHED        0x20   /* in upper case: its hash */

char *ngx_llmp_limit_zone_set(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
ngx_int_t ngx_llmp_limit_zone_init(ngx_conf_t *cf);
ngx_int_t ngx_llmp_limit_zone_init_process(ngx_cycle_t *cycle);
void ngx_llmp_limit_zone_exit_process(ngx_cycle_t *cycle);
ngx_int_t ngx_llmp_limit_zone_admit(ngx_llmp_reservation_t *hold,
    ngx_str_t *key, int64_t tokens);
ngx_int_t ngx_llmp_limit_zone_resize(ngx_llmp_reservation_t *hold,
    int64_t tokens);
void ngx_llmp_limit_zone_settle(ngx_llmp_reservation_t *hold, int64_t tokens);


/*
 * ngx_llmp_entries.c
 *
 * Tells what is in the zone, and of the tenants that were seen last, who is
 * nearest to a limit.
 */

#define NGX_LLMP_LIMIT_CLOSE_CALLERS  10

typedef struct {
    u_char                           name[NGX_LLMP_LIMIT_KEY_MAX];
    size_t                           len;
    llmp_limit_e                     limit;
    llmp_uint_t                      taken;    /* of 1000 */
    int64_t                          used;
    int64_t                          allowed;
} ngx_llmp_close_caller_t;

typedef struct {
    ngx_str_t                     name;
    size_t                        size;
    size_t                        free;     /* in whole pages */
    ngx_uint_t                    keys;
    ngx_uint_t                    evicted;
    ngx_uint_t                    n;
    ngx_llmp_close_caller_t       near[NGX_LLMP_LIMIT_CLOSE_CALLERS];
} ngx_llmp_limit_status_t;

void ngx_llmp_limit_status(ngx_shm_zone_t *shm_zone,
    ngx_llmp_limit_status_t *report);


/*
 * ngx_llmp_limit.c
 *
 * limit() returns NGX_OK if the request may go on, or what the phase handler is
 * to return.  It is called before a request that is decided on while it passes,
 * and again when that is done.  settle() ends what it began, once.
 */

ngx_int_t ngx_llmp_limit_admit(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx);
void ngx_llmp_limit_settle(void *hold);


/*
 * ngx_llmp_limit_headers.c
 *
 * Adds what the caller is told of its limits to a response of any kind.
 */

ngx_int_t ngx_llmp_limit_headers_add(ngx_http_request_t *r,
    ngx_llmp_ctx_t *ctx);


/*
 * ngx_llmp_response.c
 *
 * estimate() tells the tokens of a text of so many bytes.  tokens() tells what
 * a request took, or has taken so far; NGX_DECLINED if it was none, or if
 * nobody wanted to know.
 */

ngx_int_t ngx_llmp_response_init(ngx_conf_t *cf);
int64_t ngx_llmp_tokens_estimate(ngx_llmp_ctx_t *ctx, off_t size);
ngx_int_t ngx_llmp_tokens_get(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx,
    ngx_llmp_tokens_t *tokens);


/*
 * ngx_llmp_stream.c
 *
 * ask_plain() is for a request, the others for its response: feed() takes bytes
 * of a buffer, taken() ends with it, and send() passes on what is left.
 */

void ngx_llmp_request_head_set_identity(ngx_http_request_t *r);
ngx_int_t ngx_llmp_usage_filter_init(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx,
    llmp_str_t *type);
ngx_int_t ngx_llmp_usage_filter_feed(ngx_llmp_usage_filter_t *st, u_char *buf,
    size_t len);
ngx_int_t ngx_llmp_usage_filter_end_buf(ngx_llmp_usage_filter_t *st,
    ngx_buf_t *b);
ngx_int_t ngx_llmp_usage_filter_send(ngx_http_request_t *r,
    ngx_llmp_usage_filter_t *st, ngx_http_output_body_filter_pt next);


/* ngx_llmp_inflate.c */

ngx_int_t ngx_llmp_inflate_init(ngx_http_request_t *r,
    ngx_llmp_response_t *answer);
ngx_int_t ngx_llmp_inflate_feed(ngx_llmp_response_t *answer, u_char *buf,
    size_t len);


/*
 * ngx_llmp_metrics_zone.c, ngx_llmp_metrics.c
 *
 * count() is the handler of the log phase.  count_limit() counts a request that
 * is beyond a limit.
 */

typedef enum {
    NGX_LLMP_METRICS_PROMPT = 0,
    NGX_LLMP_METRICS_COMPLETION,
    NGX_LLMP_METRICS_PROMPT_ESTIMATED,
    NGX_LLMP_METRICS_COMPLETION_ESTIMATED,
    NGX_LLMP_METRICS_TOKENS
} ngx_llmp_metrics_tokens_e;

ngx_int_t ngx_llmp_metrics_zone_init(ngx_conf_t *cf);
ngx_int_t ngx_llmp_metrics_count(ngx_http_request_t *r);
void ngx_llmp_metrics_count_limit(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx,
    ngx_uint_t limit);


/*
 * ngx_llmp_state.c
 *
 * A worker tells what became of a document that it has read, or has not.
 */

void ngx_llmp_metrics_document_in_force(ngx_llmp_file_t *file);
void ngx_llmp_metrics_document_failed(ngx_llmp_file_t *file, u_char *message,
    size_t len);


/* ngx_llmp_status.c */

ngx_int_t ngx_llmp_status_handler(ngx_http_request_t *r);


/* ngx_llmp_dashboard.c */

ngx_int_t ngx_llmp_dashboard_handler(ngx_http_request_t *r);


/*
 * ngx_llmp_handler.c
 *
 * decided() does what a decision says, which llmp_body_decide() or
 * llmp_flow_decide() returned as rc; it returns what the phase handler, or
 * the body filter, is to return: NGX_DECLINED if the request goes on.
 */

ngx_int_t ngx_llmp_decide_init_seed(ngx_cycle_t *cycle);
uint64_t ngx_llmp_random(void);
ngx_int_t ngx_llmp_handler(ngx_http_request_t *r);
ngx_int_t ngx_llmp_decide_apply(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx,
    llmp_int_t rc);


/*
 * ngx_llmp_ctx.c
 *
 * get_ctx() returns the record of the main request, or NULL; forward() ends a
 * decision and returns NGX_DECLINED, for the phase handler.
 */

ngx_llmp_ctx_t *ngx_llmp_ctx_create(ngx_http_request_t *r,
    ngx_llmp_loc_conf_t *lpcf);
ngx_int_t ngx_llmp_ctx_take_body(ngx_llmp_ctx_t *ctx);
ngx_int_t ngx_llmp_ctx_set(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx);
ngx_llmp_ctx_t *ngx_llmp_ctx_get(ngx_http_request_t *r);
ngx_int_t ngx_llmp_body_forward(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx,
    ngx_llmp_status_e status);
void ngx_llmp_document_pool(llmp_pool_t *pool, ngx_pool_t *p);


/* ngx_llmp_filter.c */

ngx_int_t ngx_llmp_request_filter_init(ngx_conf_t *cf);


/*
 * ngx_llmp_body.c
 *
 * Files are read and written at once, as nginx itself does with bodies.
 * scan() returns NGX_ERROR if the body cannot be read.
 * drop() returns NGX_DECLINED, or NGX_ERROR if the body cannot be dropped.
 * mark() makes a body known to is(), as long as nobody replaces it.
 * length() tells nginx, and whoever gets the body, how long it is.
 * read() reads of the file of a buffer, and leaves the file's offset as it is.
 */

ngx_uint_t ngx_llmp_body_is_complete(ngx_http_request_t *r);
off_t ngx_llmp_body_size(ngx_http_request_t *r);
ngx_int_t ngx_llmp_body_scan(ngx_http_request_t *r, llmp_body_t *body);
ngx_int_t ngx_llmp_body_edit(ngx_http_request_t *r, llmp_edits_t *edits,
    ngx_uint_t own);
ngx_int_t ngx_llmp_body_drop(ngx_http_request_t *r);
void ngx_llmp_body_mark(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx);
ngx_uint_t ngx_llmp_body_is_marked(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx);
ngx_int_t ngx_llmp_body_set_length(ngx_http_request_t *r, off_t length);
ssize_t ngx_llmp_read_at(ngx_buf_t *b, u_char *buf, size_t size, off_t pos);


/*
 * ngx_llmp_flow.c
 *
 * may() tells whether a body is to be decided on while it passes; start() makes
 * ready for that and returns what the phase handler is to return.  filter() and
 * passed() are for the body filter, before and after the next one.  gone()
 * tells whether a body has passed, and is not there any more.
 */

ngx_uint_t ngx_llmp_streaming_is_possible(ngx_http_request_t *r,
    ngx_llmp_ctx_t *ctx);
ngx_int_t ngx_llmp_streaming_start(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx);
ngx_int_t ngx_llmp_streaming_filter(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx,
    ngx_chain_t **in);
void ngx_llmp_streaming_filtered(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx);
ngx_uint_t ngx_llmp_streaming_body_is_gone(ngx_http_request_t *r,
    ngx_llmp_ctx_t *ctx);


/*
 * ngx_llmp_variables.c
 *
 * statuses[] has the names of ngx_llmp_status_e, and after them
 * those in a dry run.
 */

extern llmp_str_t  ngx_llmp_ctx_statuses[];

ngx_int_t ngx_llmp_variables_add(ngx_conf_t *cf);
ngx_int_t ngx_llmp_body_init(ngx_conf_t *cf);
void ngx_llmp_body_forget_variables(ngx_http_request_t *r);
ngx_int_t ngx_llmp_variables_add_list(ngx_conf_t *cf, ngx_http_variable_t *v);
ngx_llmp_ctx_t *ngx_llmp_variables_ctx(ngx_http_request_t *r,
    ngx_http_variable_value_t *v);
void ngx_llmp_variables_set(ngx_http_variable_value_t *v, llmp_str_t *value);
llmp_str_t ngx_llmp_str_c(const char *name);


/*
 * ngx_llmp_limit_variables.c
 *
 * wants_tokens() tells whether the configuration has a variable of tokens.
 */

ngx_int_t ngx_llmp_limit_variables_add(ngx_conf_t *cf);
ngx_uint_t ngx_llmp_limit_variables_use_tokens(ngx_conf_t *cf);


/*
 * ngx_llmp_errors.c
 *
 * refuse() and fail() return what the phase handler is to return, or the body
 * filter.  In dry run they log, and the request goes on: NGX_DECLINED.
 *
 * page_header() and page_body() make of the page that nginx answers with, where
 * the body filter has refused, the document that callers expect.
 */

ngx_int_t ngx_llmp_refuse(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx,
    llmp_refusal_t *refusal);
ngx_int_t ngx_llmp_refuse_internal(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx,
    const char *message);
void ngx_llmp_refusal_page_header(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx);
ngx_int_t ngx_llmp_refusal_page_body(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx,
    ngx_chain_t *in, ngx_chain_t *out);
void ngx_llmp_refusal_log(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx,
    llmp_refusal_t *refusal, ngx_uint_t dry_run);
void ngx_llmp_decide_log_changes(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx);


extern ngx_module_t  ngx_http_llm_policy_module;


#endif /* _NGX_LLMP_MODULE_H_INCLUDED_ */
