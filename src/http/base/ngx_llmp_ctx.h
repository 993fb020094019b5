
/*
 * Copyright (C) llm-policy authors
 *
 * The context of a request.
 */


#ifndef _NGX_LLMP_CTX_H_INCLUDED_
#define _NGX_LLMP_CTX_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "base/ngx_llmp_conf.h"

#include "request/llmp_request.h"
#include "request/llmp_request_caller.h"


/* $llm_status */

typedef enum {
    NGX_LLMP_STATUS_NONE = 0,
    NGX_LLMP_STATUS_PASSED,
    NGX_LLMP_STATUS_MODIFIED,
    NGX_LLMP_STATUS_REJECTED,
    NGX_LLMP_STATUS_BYPASSED
} ngx_llmp_status_e;


/*
 * The state of a request.  The functions that change it, without the prefix
 * ngx_llmp_:
 *
 *   from             to               by
 *
 *   NEW              DROPPING         request_head_check(): the path has no
 *                                     policy, the body must not be forwarded
 *   DROPPING         DROPPED          handler_body_done()
 *   NEW              READING          handler_read_body()
 *   NEW              READ             handler_read_body(): another module has
 *                                     read the body
 *   READING          DECIDED          request_filter(): with the last byte
 *   READING          READ             handler_body_done(): the filter has not
 *                                     seen the last byte
 *   DECIDED          READ             decide_body(): the filter has not seen
 *                                     all of the body
 *   NEW              STREAMING_READY  streaming_start()
 *   STREAMING_READY  STREAMING        streaming_begin(): with the first byte
 *   STREAMING_READY  READING          handler_resume(): redirected to another
 *                                     configuration
 *   FORWARDED        READING          handler_resume(): likewise, after a
 *                                     refusal in dry run
 *   any              FORWARDED        body_permit()
 *   any              REFUSED          refuse(), unless in dry run; and, of a
 *                                     stranger, also then
 *   FORWARDED        REFUSED          request_filter(): the rest of the body
 *                                     cannot be forwarded
 *
 * Error pages get the body only in the state FORWARDED.
 *
 * An internal redirect of a FORWARDED request, also a second one, creates a new
 * context in the state NEW, unless the policy of the new location is the same.
 * ngx_llmp_ctx_get() returns the newest context.
 */

typedef enum {
    NGX_LLMP_STATE_NEW = 0,
    NGX_LLMP_STATE_DROPPING,         /* the body is read, to be dropped */
    NGX_LLMP_STATE_DROPPED,          /* the body was read, it will be dropped */
    NGX_LLMP_STATE_READING,          /* the body is read */
    NGX_LLMP_STATE_READ,             /* the body was read */
    NGX_LLMP_STATE_DECIDED,          /* the verdict is set */
    NGX_LLMP_STATE_STREAMING_READY,  /* waits for the first byte of the body */
    NGX_LLMP_STATE_STREAMING,        /* the body passes, no decision is made */
    NGX_LLMP_STATE_FORWARDED,        /* the body may be forwarded */
    NGX_LLMP_STATE_REFUSED
} ngx_llmp_state_e;


typedef struct llmp_body_s              llmp_body_t;
typedef struct llmp_usage_s             llmp_usage_t;
typedef struct llmp_decision_s          llmp_decision_t;

typedef struct ngx_llmp_ctx_s           ngx_llmp_ctx_t;
typedef struct ngx_llmp_body_cache_s    ngx_llmp_body_cache_t;
typedef struct ngx_llmp_streaming_s     ngx_llmp_streaming_t;
typedef struct ngx_llmp_reservation_s   ngx_llmp_reservation_t;
typedef struct ngx_llmp_usage_strip_s  ngx_llmp_usage_strip_t;


/* the response of a model, as far as it was read */

typedef struct {
    llmp_usage_t            *usage;
    ngx_llmp_usage_strip_t  *usage_strip;  /* NULL if it is not changed */
    void                    *inflate;       /* NULL if not compressed */
    unsigned                 reading:1;
    unsigned                 begun:1;
    unsigned                 finished:1;
    unsigned                 cached:1;      /* no tokens were used */
    unsigned                 failed:1;      /* only reported tokens were used */
    unsigned                 unreadable:1;  /* all of it, or a part */
} ngx_llmp_response_t;


/* the decision that llm_policy_candidate would make */

typedef struct {
    ngx_llmp_version_t      *version;
    const llmp_tier_t       *tier;        /* NULL: the request is refused by
                                             its head, or not policed */
    llmp_body_t             *body;        /* the body as read for it alone; NULL
                                             if ctx->body is enough */
    llmp_decision_t         *decision;    /* NULL until it is made */
    ngx_llmp_status_e        status;      /* NONE: no decision could be made */
    llmp_str_t               adjustments;
} ngx_llmp_candidate_t;


struct ngx_llmp_ctx_s {
    ngx_llmp_loc_conf_t      *conf;
    llmp_policy_t            *policy;        /* policy of the version */
    llmp_pool_t               pool;          /* allocates in the arena, then in
                                                the request's pool */
    u_char                   *arena;         /* free part of the body cache's
                                                memory, or NULL */
    u_char                   *arena_end;
    ngx_pool_t               *request_pool;

    llmp_request_t            request;
    llmp_caller_t             caller;
    ngx_llmp_body_cache_t    *body_cache;    /* memory of body and arena */
    llmp_body_t              *body;
    llmp_int_t                verdict;       /* result of llmp_body_decide() */
    llmp_decision_t          *decision;      /* NULL until it is made */
    ngx_llmp_candidate_t     *candidate;     /* NULL if there is none, or not
                                                yet */
    ngx_llmp_streaming_t     *streaming;     /* NULL if the body is read before
                                                it is decided on */
    ngx_str_t                 refusal_page;  /* body of the page that nginx
                                                will send, or empty */
    llmp_str_t                adjustments;   /* $llm_adjustments */

    llmp_str_t                api_key;       /* empty if there is none */
    ngx_llmp_reservation_t   *reservation;   /* NULL if there are no limits, or
                                                not yet */
    ngx_llmp_response_t      *response;      /* NULL if none is read */

    ngx_llmp_version_t       *version;       /* document at the start */
    uint64_t                  decide_time;   /* ns, scanning and deciding */

    off_t                     body_size;     /* bytes, before edits */
    off_t                     scanned;       /* bytes, by the request filter */

    ngx_llmp_status_e         status;
    llmp_refusal_e            reason;

    ngx_llmp_state_e          state;

    unsigned                  sole_reader:1;   /* no other module had the body
                                                  before */
    unsigned                  buffered:1;      /* not streaming, since it was
                                                  redirected before */
    unsigned                  keepalive:1;     /* after a refusal */
    unsigned                  time_counted:1;  /* decide_time is counted */
    unsigned                  evaluates:1;     /* the decision evaluates a
                                                  variable */
    unsigned                  enforced:1;      /* policy is the candidate */
    unsigned                  over:1;          /* limits have moved the caller
                                                  to another tier */
    unsigned                  tier_fixed:1;    /* a part of the body was
                                                  forwarded for the tier */
    unsigned                  tier_given:1;    /* llm_policy_tier is not
                                                  empty */
    unsigned                  stranger:1;      /* refused, also in dry run: it
                                                  has no key, or none that is
                                                  known and holds */
};


/* names of ngx_llmp_status_e, then those in dry run */

extern llmp_str_t  ngx_llmp_ctx_statuses[];


/* creates the context of a request to a location; NULL if there is no memory */

ngx_llmp_ctx_t *ngx_llmp_ctx_create(ngx_http_request_t *r,
    ngx_llmp_loc_conf_t *lpcf);

/* sets the version of a document that is enforced */

void ngx_llmp_ctx_set_version(ngx_llmp_ctx_t *ctx, ngx_llmp_version_t *version);

/* provides ctx->body and the arena; NGX_ERROR if there is no memory */

ngx_int_t ngx_llmp_ctx_take_body(ngx_llmp_ctx_t *ctx);

/*
 * Sets the context of a request, so that it is also found after internal
 * redirects; NGX_ERROR if there is no memory.
 */

ngx_int_t ngx_llmp_ctx_set(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx);

/* returns the dialect of a request: that of its path, of which the body may
   choose another one; NULL if it is not policed */

const llmp_dialect_t *ngx_llmp_ctx_dialect(ngx_llmp_ctx_t *ctx);

/* returns the context of the main request, or NULL */

ngx_llmp_ctx_t *ngx_llmp_ctx_get(ngx_http_request_t *r);


/* returns 1 if a decision changes and refuses nothing */

static ngx_inline ngx_uint_t
ngx_llmp_ctx_is_dry_run(ngx_llmp_ctx_t *ctx)
{
    return ctx->conf->dry_run && !ctx->stranger;
}


/* returns monotonic time in ns; 0 if time is not counted */

static ngx_inline uint64_t
ngx_llmp_ctx_clock(ngx_llmp_ctx_t *ctx)
{
    struct timespec  ts;

    if (!ctx->time_counted) {
        return 0;
    }

    (void) clock_gettime(CLOCK_MONOTONIC, &ts);

    return (uint64_t) ts.tv_sec * 1000000000 + ts.tv_nsec;
}


#endif /* _NGX_LLMP_CTX_H_INCLUDED_ */
