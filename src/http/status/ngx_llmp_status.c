
/*
 * Copyright (C) llm-policy authors
 */


#include "status/ngx_llmp_status.h"

#include "base/ngx_llmp_header.h"
#include "base/ngx_llmp_str.h"
#include "metrics/ngx_llmp_metrics_zone.h"
#include "status/ngx_llmp_status_json.h"
#include "status/ngx_llmp_status_text.h"


typedef void (*ngx_llmp_status_format_pt)(ngx_llmp_writer_t *w,
    ngx_http_request_t *r, ngx_llmp_metrics_counters_t *sh);


static ngx_llmp_status_format_pt ngx_llmp_status_format(ngx_http_request_t *r);
static ngx_llmp_status_format_pt ngx_llmp_status_accepted(
    ngx_http_request_t *r);
static ngx_int_t ngx_llmp_status_send(ngx_http_request_t *r,
    ngx_llmp_writer_t *w);


ngx_int_t
ngx_llmp_status_handler(ngx_http_request_t *r)
{
    ngx_int_t                     rc;
    ngx_time_t                   *tp;
    ngx_llmp_writer_t             w;
    ngx_llmp_status_format_pt     format;
    ngx_llmp_metrics_t           *metrics;
    ngx_llmp_metrics_counters_t  *sh, none;

    static ngx_str_t  text =
                         ngx_string("text/plain; version=0.0.4; charset=utf-8");

    if (!(r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD))) {
        return NGX_HTTP_NOT_ALLOWED;
    }

    rc = ngx_http_discard_request_body(r);

    if (rc != NGX_OK) {
        return rc;
    }

    format = ngx_llmp_status_format(r);
    if (format == NULL) {
        return NGX_HTTP_BAD_REQUEST;
    }

    metrics = ngx_llmp_metrics_zone_get(r);

    if (metrics) {
        sh = metrics->sh;

    } else {

        /* nothing is counted without policy documents */

        ngx_memzero(&none, sizeof(ngx_llmp_metrics_counters_t));

        tp = ngx_timeofday();
        none.since = (uint64_t) tp->sec * 1000 + tp->msec;
        sh = &none;
    }

    ngx_llmp_writer_init(&w, r->pool);
    format(&w, r, sh);

    if (w.failed) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    r->headers_out.content_type = (format == ngx_llmp_status_json)
                                  ? ngx_llmp_header_json : text;

    return ngx_llmp_status_send(r, &w);
}


/* returns NULL if there is no such format */

static ngx_llmp_status_format_pt
ngx_llmp_status_format(ngx_http_request_t *r)
{
    llmp_str_t  format;

    if (ngx_llmp_status_format_arg(r, &format) != NGX_OK) {
        return ngx_llmp_status_accepted(r);
    }

    if (llmp_str_is(&format, "json")) {
        return ngx_llmp_status_json;
    }

    if (llmp_str_is(&format, "prometheus")) {
        return ngx_llmp_status_text;
    }

    return NULL;
}


ngx_int_t
ngx_llmp_status_format_arg(ngx_http_request_t *r, llmp_str_t *format)
{
    ngx_str_t  value;

    if (ngx_http_arg(r, (u_char *) "format", sizeof("format") - 1, &value)
        != NGX_OK)
    {
        return NGX_DECLINED;
    }

    *format = ngx_llmp_str(&value);

    return NGX_OK;
}


/* returns JSON if only that is accepted; else text */

static ngx_llmp_status_format_pt
ngx_llmp_status_accepted(ngx_http_request_t *r)
{
    ngx_uint_t        i, json;
    llmp_str_t        name;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *header;

    json = 0;

    i = 0;
    part = &r->headers_in.headers.part;

    while ((header = ngx_llmp_header_next(&part, &i)) != NULL) {
        name.len = header->key.len;
        name.data = header->lowcase_key;

        if (!llmp_str_is(&name, "accept")) {
            continue;
        }

        if (ngx_strcasestrn(header->value.data, "text/plain",
                            sizeof("text/plain") - 2))
        {
            return ngx_llmp_status_text;
        }

        if (ngx_strcasestrn(header->value.data, "application/json",
                            sizeof("application/json") - 2))
        {
            json = 1;
        }
    }

    return json ? ngx_llmp_status_json
                : ngx_llmp_status_text;
}


static ngx_int_t
ngx_llmp_status_send(ngx_http_request_t *r, ngx_llmp_writer_t *w)
{
    ngx_int_t  rc;

    static ngx_str_t  name = ngx_string("Cache-Control");
    static ngx_str_t  value = ngx_string("no-store");

    r->headers_out.status = NGX_HTTP_OK;
    r->headers_out.content_type_len = r->headers_out.content_type.len;
    r->headers_out.content_length_n = w->size;

    if (ngx_llmp_header_add(r, &name, &value) == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    rc = ngx_http_send_header(r);

    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }

    w->buf->last_buf = (r == r->main) ? 1 : 0;
    w->buf->last_in_chain = 1;

    return ngx_http_output_filter(r, w->out);
}
