
/*
 * Copyright (C) llm-policy authors
 */


#include "base/llmp_field.h"
#include "base/llmp_media_type.h"
#include "dialect/llmp_dialect.h"
#include "policy/llmp_policy.h"
#include "response/llmp_usage.h"
#include "response/llmp_usage_state.h"


typedef void (*llmp_usage_feed_pt)(llmp_usage_t *usage, const u_char *buf,
    size_t len);


typedef struct {
    const char          *media_type;
    llmp_usage_feed_pt   feed;
} llmp_usage_format_t;


static llmp_usage_feed_pt llmp_usage_find_format(
    const llmp_str_t *content_type);
static void llmp_usage_feed_json(llmp_usage_t *usage, const u_char *buf,
    size_t len);
static void llmp_usage_feed_lines(llmp_usage_t *usage, const u_char *buf,
    size_t len);
static void llmp_usage_feed_sse(llmp_usage_t *usage, const u_char *buf,
    size_t len);
static void llmp_usage_feed_eventstream(llmp_usage_t *usage,
    const u_char *buf, size_t len);
static void llmp_usage_feed_document(void *ctx, const u_char *p, size_t len);
static void llmp_usage_end_event(void *ctx, const u_char *line,
    const u_char *p);
static void llmp_usage_end_frame(void *ctx);
static void llmp_usage_count_document(void *data,
    const llmp_members_t *members);
static void llmp_usage_add_text(llmp_usage_t *usage, const llmp_member_t *m,
    uint64_t len);
static void llmp_usage_count_unfinished(llmp_usage_t *usage,
    const llmp_scan_t *scan);


static const llmp_usage_format_t  llmp_usage_formats[] = {
    { "application/json", llmp_usage_feed_json },
    { "text/event-stream", llmp_usage_feed_sse },
    { "application/x-ndjson", llmp_usage_feed_lines },
    { "application/ndjson", llmp_usage_feed_lines },
    { "application/jsonl", llmp_usage_feed_lines },
    { "application/x-jsonlines", llmp_usage_feed_lines },
    { "application/json-lines", llmp_usage_feed_lines },
    { "application/stream+json", llmp_usage_feed_lines },
    { "application/vnd.amazon.eventstream", llmp_usage_feed_eventstream },
    { NULL, NULL }
};

static const llmp_usage_result_t  llmp_usage_empty = {
    -1, -1, -1, -1, -1, -1, 0, 0
};


llmp_int_t
llmp_usage_create(llmp_usage_t **usage, const llmp_usage_settings_t *settings)
{
    llmp_int_t     rc;
    llmp_usage_t  *created;

    *usage = NULL;

    created = llmp_palloc(settings->pool, sizeof(llmp_usage_t));
    if (created == NULL) {
        return LLMP_ERROR;
    }

    rc = llmp_usage_init(created, settings);

    if (rc == LLMP_OK) {
        *usage = created;
    }

    return rc;
}


llmp_int_t
llmp_usage_init(llmp_usage_t *usage, const llmp_usage_settings_t *settings)
{
    const llmp_watch_t  *root;

    usage->feed = llmp_usage_find_format(&settings->content_type);

    if (usage->feed == NULL) {
        return LLMP_DECLINED;
    }

    usage->result = llmp_usage_empty;
    usage->seen = NULL;
    usage->generates = settings->dialect->generates;
    usage->whole = 0;

    llmp_usage_counts_init(&usage->counts);

    if (usage->feed == llmp_usage_feed_sse) {
        usage->sse.data = llmp_usage_feed_document;
        usage->sse.end = llmp_usage_end_event;
        usage->sse.rest = NULL;
        usage->sse.ctx = usage;

        llmp_sse_init(&usage->sse);

    } else if (usage->feed == llmp_usage_feed_eventstream) {
        usage->eventstream.data = llmp_usage_feed_document;
        usage->eventstream.end = llmp_usage_end_frame;
        usage->eventstream.ctx = usage;

        llmp_eventstream_init(&usage->eventstream);
    }

    root = settings->policy->responses[llmp_dialect_index(settings->dialect)];

    llmp_documents_init(&usage->docs, root, llmp_usage_count_document, usage,
                        settings->pool);

    return LLMP_OK;
}


/*
 * Parameters of the media type are ignored: JSON is UTF-8 (RFC 8259), and so
 * are server-sent events.
 */

static llmp_usage_feed_pt
llmp_usage_find_format(const llmp_str_t *content_type)
{
    llmp_str_t                  rest;
    const llmp_usage_format_t  *format;

    for (format = llmp_usage_formats; format->media_type != NULL; format++) {
        rest = *content_type;
        llmp_field_skip_spaces(&rest);

        if (!llmp_field_skip_token(&rest, format->media_type)) {
            continue;
        }

        llmp_field_skip_spaces(&rest);

        if (rest.len == 0 || *rest.data == ';') {
            return format->feed;
        }
    }

    return NULL;
}


llmp_sse_t *
llmp_usage_sse(llmp_usage_t *usage)
{
    return (usage->feed == llmp_usage_feed_sse) ? &usage->sse : NULL;
}


const llmp_usage_result_t *
llmp_usage_result(const llmp_usage_t *usage)
{
    return (usage != NULL) ? &usage->result : &llmp_usage_empty;
}


void
llmp_usage_feed(llmp_usage_t *usage, const u_char *buf, size_t len)
{
    if (len != 0) {
        usage->feed(usage, buf, len);
    }
}


static void
llmp_usage_feed_json(llmp_usage_t *usage, const u_char *buf, size_t len)
{
    llmp_documents_feed(&usage->docs, buf, len);
}


/* feeds one document per line; an error ends with its line */

static void
llmp_usage_feed_lines(llmp_usage_t *usage, const u_char *buf, size_t len)
{
    const u_char  *p, *end, *lf;

    end = buf + len;

    for (p = buf; p < end; p = lf + 1) {
        lf = memchr(p, '\n', end - p);

        if (lf == NULL) {
            llmp_documents_feed(&usage->docs, p, end - p);
            return;
        }

        llmp_documents_feed(&usage->docs, p, lf - p);
        llmp_documents_reset(&usage->docs);
    }
}


static void
llmp_usage_feed_sse(llmp_usage_t *usage, const u_char *buf, size_t len)
{
    llmp_sse_feed(&usage->sse, buf, len);
}


static void
llmp_usage_feed_eventstream(llmp_usage_t *usage, const u_char *buf,
    size_t len)
{
    llmp_eventstream_feed(&usage->eventstream, buf, len);
}


static void
llmp_usage_feed_document(void *ctx, const u_char *p, size_t len)
{
    llmp_usage_t *usage = ctx;

    llmp_documents_feed(&usage->docs, p, len);
}


static void
llmp_usage_end_event(void *ctx, const u_char *line, const u_char *p)
{
    llmp_usage_t *usage = ctx;

    (void) line;
    (void) p;

    llmp_documents_reset(&usage->docs);
}


static void
llmp_usage_end_frame(void *ctx)
{
    llmp_usage_t *usage = ctx;

    llmp_documents_reset(&usage->docs);
}


static void
llmp_usage_count_document(void *data, const llmp_members_t *members)
{
    llmp_usage_t *usage = data;

    uint32_t              i;
    llmp_uint_t           counted;
    const llmp_member_t  *m;

    counted = 0;
    usage->given = 0;
    usage->counts.document = 0;

    for (i = 0; i < members->nelts; i++) {
        m = &members->elts[i];

        if (m->watch->rules.usage == LLMP_USAGE_NONE) {
            continue;
        }

        if (m->watch->rules.usage < LLMP_USAGE_COUNTS) {
            counted |= llmp_usage_counts_take(&usage->counts, m,
                                              usage->docs.array);

        } else if (m->type == LLMP_TYPE_STRING) {
            llmp_usage_add_text(usage, m, m->end - m->start - 2);

        } else if (m->type == LLMP_TYPE_OBJECT && m->watch->nchildren == 0) {
            llmp_usage_add_text(usage, m, m->end - m->start);
        }
    }

    if (usage->whole < usage->given) {
        usage->whole = usage->given;
    }

    if (counted) {
        llmp_usage_counts_sum(&usage->counts, usage->generates,
                              &usage->result);
    }

    if (usage->seen != NULL) {
        usage->seen(usage->data, members);
    }
}


/* counts len bytes of generated text */

static void
llmp_usage_add_text(llmp_usage_t *usage, const llmp_member_t *m, uint64_t len)
{
    switch (m->watch->rules.usage) {

    case LLMP_USAGE_TEXT:
        usage->result.text += len;
        break;

    case LLMP_USAGE_WHOLE:
        usage->given += len;
        break;
    }
}


void
llmp_usage_finish(llmp_usage_t *usage)
{
    const llmp_scan_t  *scan;

    scan = llmp_documents_unfinished(&usage->docs);

    if (scan != NULL) {
        llmp_usage_count_unfinished(usage, scan);
        llmp_documents_reset(&usage->docs);
    }

    if (usage->result.text < usage->whole) {
        usage->result.text = usage->whole;
    }
}


/* counts the text of an unfinished document, but not its tokens */

static void
llmp_usage_count_unfinished(llmp_usage_t *usage, const llmp_scan_t *scan)
{
    uint32_t              i;
    uint64_t              end;
    const llmp_member_t  *m;

    usage->given = 0;

    for (i = 0; i < scan->members.nelts; i++) {
        m = &scan->members.elts[i];

        if (m->type != LLMP_TYPE_STRING) {
            continue;
        }

        /* the last string may be unfinished */

        end = (m->end != 0) ? m->end - 1 : scan->offset;

        llmp_usage_add_text(usage, m, end - m->start - 1);
    }

    if (usage->whole < usage->given) {
        usage->whole = usage->given;
    }
}
