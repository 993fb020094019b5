
/*
 * Copyright (C) llm-policy authors
 *
 * The fields are those that OpenAI and Anthropic document: the client libraries
 * read them, and wait before they retry.
 */


#include "limit/ngx_llmp_limit_headers.h"

#include "base/ngx_llmp_header.h"
#include "limit/ngx_llmp_reservation.h"

#include "dialect/llmp_dialect.h"
#include "dialect/llmp_error_body.h"


/* longest wait, in milliseconds, after which client libraries may retry */
#define NGX_LLMP_LIMIT_HEADERS_RETRY  60000


typedef struct {
    ngx_str_t     limit;
    ngx_str_t     remaining;
    ngx_str_t     reset;
} ngx_llmp_limit_names_t;


static ngx_int_t ngx_llmp_limit_headers_add_retry(ngx_http_request_t *r,
    ngx_llmp_reservation_t *rsv);
static ngx_int_t ngx_llmp_limit_headers_add_kind(ngx_http_request_t *r,
    ngx_llmp_reservation_t *rsv, llmp_limit_kind_e kind,
    ngx_llmp_limit_names_t *names, ngx_uint_t anthropic);
static ngx_int_t ngx_llmp_limit_headers_add_limit(ngx_http_request_t *r,
    ngx_llmp_reservation_t *rsv, llmp_limit_entry_t *entry, llmp_limit_e limit,
    ngx_llmp_limit_names_t *names, ngx_uint_t anthropic);
static ngx_int_t ngx_llmp_limit_headers_add_number(ngx_http_request_t *r,
    ngx_str_t *name, int64_t n);
static ngx_int_t ngx_llmp_limit_headers_add_reset(ngx_http_request_t *r,
    ngx_str_t *name, int64_t ms, ngx_uint_t anthropic);
static ngx_int_t ngx_llmp_limit_headers_replace(ngx_http_request_t *r,
    ngx_str_t *name, u_char *value, size_t len);


/* names for limits of requests, and for limits of tokens */

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
    ngx_uint_t               anthropic;
    ngx_llmp_limit_names_t  *names;
    ngx_llmp_reservation_t  *rsv;

    rsv = ctx->reservation;

    anthropic = ctx->request.dialect
                && ctx->request.dialect->shape == LLMP_SHAPE_ANTHROPIC;

    names = anthropic ? ngx_llmp_limit_headers_anthropic
                      : ngx_llmp_limit_headers_openai;

    if (ngx_llmp_limit_headers_add_retry(r, rsv) != NGX_OK
        || ngx_llmp_limit_headers_add_kind(r, rsv, LLMP_LIMIT_REQUESTS,
                                           &names[0], anthropic)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_llmp_limit_headers_add_kind(r, rsv, LLMP_LIMIT_TOKENS,
                                           &names[1], anthropic);
}


/*
 * Adds when to retry a refused request, and that no client library should do so
 * by itself if that is never or far away: OpenAI's and Anthropic's would wait
 * for hours, in a call that seems to hang.
 */

static ngx_int_t
ngx_llmp_limit_headers_add_retry(ngx_http_request_t *r,
    ngx_llmp_reservation_t *rsv)
{
    llmp_limit_verdict_t  *verdict;

    static ngx_str_t  retry_after = ngx_string("retry-after");
    static ngx_str_t  should_retry = ngx_string("x-should-retry");

    verdict = &rsv->verdict;

    if (verdict->limit == LLMP_LIMIT_MAX || rsv->dry_run) {
        return NGX_OK;
    }

    if ((verdict->wait == LLMP_LIMIT_NEVER
         || verdict->wait > NGX_LLMP_LIMIT_HEADERS_RETRY)
        && ngx_llmp_limit_headers_replace(r, &should_retry, (u_char *) "false",
                                          sizeof("false") - 1)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (verdict->wait == LLMP_LIMIT_NEVER) {
        return NGX_OK;
    }

    return ngx_llmp_limit_headers_add_number(r, &retry_after,
                                             (verdict->wait + 999) / 1000);
}


/*
 * Adds the limit of a kind that has least left: there are fields for one of
 * them only.
 */

static ngx_int_t
ngx_llmp_limit_headers_add_kind(ngx_http_request_t *r,
    ngx_llmp_reservation_t *rsv, llmp_limit_kind_e kind,
    ngx_llmp_limit_names_t *names, ngx_uint_t anthropic)
{
    int64_t              left, least;
    llmp_limit_e         limit, found;
    llmp_limit_entry_t  *entry, *of;

    of = NULL;
    found = LLMP_LIMIT_MAX;
    least = 0;

    for (limit = kind * LLMP_LIMIT_WINDOWS;
         limit < (kind + 1) * LLMP_LIMIT_WINDOWS;
         limit++)
    {
        entry = ngx_llmp_reservation_least(rsv, limit);

        if (entry == NULL) {
            continue;
        }

        left = llmp_limit_remaining(entry, limit);

        if (of == NULL || left < least) {
            of = entry;
            found = limit;
            least = left;
        }
    }

    return of ? ngx_llmp_limit_headers_add_limit(r, rsv, of, found, names,
                                                 anthropic)
              : NGX_OK;
}


static ngx_int_t
ngx_llmp_limit_headers_add_limit(ngx_http_request_t *r,
    ngx_llmp_reservation_t *rsv, llmp_limit_entry_t *entry, llmp_limit_e limit,
    ngx_llmp_limit_names_t *names, ngx_uint_t anthropic)
{
    int64_t  unit, remaining, reset;

    unit = llmp_limits_unit(limit);
    remaining = llmp_limit_remaining(entry, limit) / unit;
    reset = llmp_limit_reset(entry, limit, &rsv->clock);

    if (ngx_llmp_limit_headers_add_number(r, &names->limit,
                                          entry->limits->max[limit] / unit)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (ngx_llmp_limit_headers_add_number(r, &names->remaining, remaining)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_llmp_limit_headers_add_reset(r, &names->reset, reset, anthropic);
}


static ngx_int_t
ngx_llmp_limit_headers_add_number(ngx_http_request_t *r, ngx_str_t *name,
    int64_t n)
{
    u_char  *p, buf[NGX_INT64_LEN];

    p = ngx_sprintf(buf, "%L", n);

    return ngx_llmp_limit_headers_replace(r, name, buf, p - buf);
}


/* OpenAI sends a duration ("1m12s"), Anthropic a time (RFC 3339) */

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


/* replaces fields of the upstream: its limits are not those of the caller */

static ngx_int_t
ngx_llmp_limit_headers_replace(ngx_http_request_t *r, ngx_str_t *name,
    u_char *value, size_t len)
{
    ngx_str_t         copy;
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

    copy.len = len;
    copy.data = ngx_pnalloc(r->pool, len);
    if (copy.data == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(copy.data, value, len);

    return ngx_llmp_header_add(r, name, &copy) ? NGX_OK : NGX_ERROR;
}
