
/*
 * Copyright (C) llm-policy authors
 *
 * The header fields by which callers learn of their limits, as the APIs' own
 * documentation has them: those of OpenAI, or of Anthropic.  Their libraries
 * know them, and wait.
 */


#include "base/ngx_llmp_module.h"


typedef struct {
    ngx_str_t     limit;
    ngx_str_t     remaining;
    ngx_str_t     reset;
} ngx_llmp_limit_names_t;


static ngx_int_t ngx_llmp_limit_headers_add_limit(ngx_http_request_t *r,
    ngx_llmp_reservation_t *rsv, llmp_limit_e limit, ngx_uint_t tokens,
    ngx_uint_t anthropic);
static ngx_int_t ngx_llmp_limit_headers_add_number(ngx_http_request_t *r,
    ngx_str_t *name, int64_t n);
static ngx_int_t ngx_llmp_limit_headers_add_reset(ngx_http_request_t *r,
    ngx_str_t *name, int64_t ms, ngx_uint_t anthropic);
static ngx_int_t ngx_llmp_limit_headers_replace(ngx_http_request_t *r,
    ngx_str_t *name, u_char *value, size_t len);


/* by the last argument of fields(): of requests, of tokens */

static ngx_llmp_limit_names_t  ngx_llmp_limit_headers_openai[] = {
    { ngx_string("x-ratelimit-limit-requests"),
      ngx_string("x-ratelimit-remaining-requests"),
      ngx_string("x-ratelimit-reset-requests") },

    { ngx_string("x-ratelimit-limit-tokens"),
      ngx_string("x-ratelimit-remaining-tokens"),
      ngx_string("x-ratelimit-reset-tokens") }
};


static ngx_llmp_limit_names_t  ngx_llmp_limit_headers_anthropic[] = {
    { ngx_string("anthropic-ratelimit-requests-limit"),
      ngx_string("anthropic-ratelimit-requests-remaining"),
      ngx_string("anthropic-ratelimit-requests-reset") },

    { ngx_string("anthropic-ratelimit-tokens-limit"),
      ngx_string("anthropic-ratelimit-tokens-remaining"),
      ngx_string("anthropic-ratelimit-tokens-reset") }
};


ngx_int_t
ngx_llmp_limit_headers_add(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx)
{
    llmp_limit_e             tokens;
    ngx_uint_t               anthropic;
    const int64_t           *max;
    llmp_limit_verdict_t    *verdict;
    ngx_llmp_reservation_t  *rsv;

    static ngx_str_t  retry_after = ngx_string("retry-after");
    static ngx_str_t  should_retry = ngx_string("x-should-retry");

    rsv = ctx->reservation;
    verdict = &rsv->verdict;
    max = rsv->limits->max;

    anthropic = ctx->request.dialect
                && ctx->request.dialect->shape == LLMP_SHAPE_ANTHROPIC;

    if (verdict->limit != LLMP_LIMIT_MAX && !rsv->dry_run) {

        if (verdict->wait == LLMP_LIMIT_NEVER) {
            if (ngx_llmp_limit_headers_replace(r, &should_retry,
                                               (u_char *) "false", 5)
                != NGX_OK)
            {
                return NGX_ERROR;
            }

        } else if (ngx_llmp_limit_headers_add_number(r, &retry_after,
                                                (verdict->wait + 999) / 1000)
                   != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    if (max[LLMP_LIMIT_REQUESTS_PER_MINUTE]
        && ngx_llmp_limit_headers_add_limit(r, rsv,
                                            LLMP_LIMIT_REQUESTS_PER_MINUTE, 0,
                                            anthropic)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    /* there is one place for two limits: it is for what is nearer */

    tokens = LLMP_LIMIT_TOKENS_PER_MINUTE;

    if (max[LLMP_LIMIT_TOKENS_PER_DAY]
        && (max[tokens] == 0
            || llmp_limit_remaining(verdict, rsv->limits,
                                    LLMP_LIMIT_TOKENS_PER_DAY)
               < llmp_limit_remaining(verdict, rsv->limits, tokens)))
    {
        tokens = LLMP_LIMIT_TOKENS_PER_DAY;
    }

    if (max[tokens] == 0) {
        return NGX_OK;
    }

    return ngx_llmp_limit_headers_add_limit(r, rsv, tokens, 1,
                                            anthropic);
}


static ngx_int_t
ngx_llmp_limit_headers_add_limit(ngx_http_request_t *r,
    ngx_llmp_reservation_t *rsv, llmp_limit_e limit, ngx_uint_t tokens,
    ngx_uint_t anthropic)
{
    ngx_llmp_limit_names_t  *names;

    names = anthropic ? ngx_llmp_limit_headers_anthropic
                      : ngx_llmp_limit_headers_openai;
    names += tokens;

    if (ngx_llmp_limit_headers_add_number(r, &names->limit,
                                          rsv->limits->max[limit])
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (ngx_llmp_limit_headers_add_number(r, &names->remaining,
                                          llmp_limit_remaining(&rsv->verdict,
                                                               rsv->limits,
                                                               limit))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_llmp_limit_headers_add_reset(r, &names->reset,
                                            llmp_limit_reset(&rsv->verdict,
                                                             rsv->limits,
                                                             limit),
                                            anthropic);
}


static ngx_int_t
ngx_llmp_limit_headers_add_number(ngx_http_request_t *r, ngx_str_t *name,
    int64_t n)
{
    u_char  *p, buf[NGX_INT64_LEN];

    p = ngx_sprintf(buf, "%L", n);

    return ngx_llmp_limit_headers_replace(r, name, buf, p - buf);
}


/* OpenAI says in how long ("1m12s"), Anthropic at what time (RFC 3339) */

static ngx_int_t
ngx_llmp_limit_headers_add_reset(ngx_http_request_t *r, ngx_str_t *name,
    int64_t ms, ngx_uint_t anthropic)
{
    u_char   *p;
    int64_t   s;
    ngx_tm_t  tm;
    u_char    buf[NGX_INT64_LEN + sizeof("h00m00s")];

    s = (ms + 999) / 1000;

    if (anthropic) {
        ngx_gmtime(ngx_time() + s, &tm);

        p = ngx_sprintf(buf, "%4d-%02d-%02dT%02d:%02d:%02dZ",
                        tm.ngx_tm_year, tm.ngx_tm_mon, tm.ngx_tm_mday,
                        tm.ngx_tm_hour, tm.ngx_tm_min, tm.ngx_tm_sec);

    } else if (ms < 1000) {
        p = ngx_sprintf(buf, "%Lms", ms);

    } else if (s < 60) {
        p = ngx_sprintf(buf, "%Ls", s);

    } else if (s < 3600) {
        p = ngx_sprintf(buf, "%Lm%Ls", s / 60, s % 60);

    } else {
        p = ngx_sprintf(buf, "%Lh%Lm%Ls", s / 3600, s / 60 % 60, s % 60);
    }

    return ngx_llmp_limit_headers_replace(r, name, buf, p - buf);
}


/* those of the upstream's own limits, which are not the caller's, go */

static ngx_int_t
ngx_llmp_limit_headers_replace(ngx_http_request_t *r, ngx_str_t *name,
    u_char *value, size_t len)
{
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    i = 0;
    part = &r->headers_out.headers.part;

    while ((h = ngx_llmp_header_next(&part, &i)) != NULL) {
        if (h->key.len == name->len
            && ngx_strncasecmp(h->key.data, name->data, name->len) == 0)
        {
            h->hash = 0;
        }
    }

    h = ngx_list_push(&r->headers_out.headers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(h, sizeof(ngx_table_elt_t));

    h->value.data = ngx_pnalloc(r->pool, len);
    if (h->value.data == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(h->value.data, value, len);
    h->value.len = len;
    h->key = *name;
    h->hash = 1;

    return NGX_OK;
}
