
/*
 * Copyright (C) llm-policy authors
 */


#include "base/llmp_field.h"
#include "base/llmp_media_type.h"
#include "response/llmp_usage.h"


/* the largest number of tokens that is believed */
#define LLMP_TOKENS_MAX     1000000000000
#define LLMP_TOKENS_DIGITS  13


typedef void (*llmp_usage_feed_pt)(llmp_usage_t *usage, const u_char *buf,
    size_t len);


typedef struct {
    const char          *type;
    llmp_usage_feed_pt   feed;
} llmp_usage_media_t;


static llmp_usage_feed_pt llmp_usage_media(const llmp_str_t *content_type);
static void llmp_usage_json(llmp_usage_t *usage, const u_char *buf,
    size_t len);
static void llmp_usage_lines(llmp_usage_t *usage, const u_char *buf,
    size_t len);
static void llmp_usage_events(llmp_usage_t *usage, const u_char *buf,
    size_t len);
static void llmp_usage_frames(llmp_usage_t *usage, const u_char *buf,
    size_t len);
static void llmp_usage_frame_end(void *ctx);
static void llmp_usage_data(void *ctx, const u_char *p, size_t len);
static void llmp_usage_event_end(void *ctx, const u_char *line,
    const u_char *p);
static void llmp_usage_document(void *data, const llmp_members_t *members);
static llmp_uint_t llmp_usage_count(llmp_usage_t *usage,
    const llmp_member_t *m);
static void llmp_usage_text(llmp_usage_t *usage, const llmp_member_t *m,
    uint64_t len);
static void llmp_usage_open(llmp_usage_t *usage, const llmp_scan_t *scan);
static int64_t llmp_usage_number(const llmp_member_t *m);
static void llmp_usage_sums(llmp_usage_t *usage);
static int64_t llmp_usage_sum(const int64_t *counts, llmp_usage_e first,
    llmp_usage_e last);


static const llmp_usage_media_t  llmp_usage_types[] = {
    { "application/json", llmp_usage_json },
    { "text/event-stream", llmp_usage_events },
    { "application/x-ndjson", llmp_usage_lines },
    { "application/ndjson", llmp_usage_lines },
    { "application/jsonl", llmp_usage_lines },
    { "application/x-jsonlines", llmp_usage_lines },
    { "application/json-lines", llmp_usage_lines },
    { "application/stream+json", llmp_usage_lines },
    { "application/vnd.amazon.eventstream", llmp_usage_frames },
    { NULL, NULL }
};


llmp_int_t
llmp_usage_init(llmp_usage_t *usage, const llmp_policy_t *policy,
    const llmp_dialect_t *dialect, const llmp_str_t *content_type,
    llmp_pool_t *pool)
{
    usage->prompt = -1;
    usage->completion = -1;
    usage->total = -1;
    usage->text = 0;
    usage->partial = 0;

    usage->feed = llmp_usage_media(content_type);

    if (usage->feed == NULL) {
        return LLMP_DECLINED;
    }

    usage->seen = NULL;
    usage->generates = dialect->generates;
    usage->whole = 0;

    /* none is reported: -1 */

    memset(usage->counts, 0xff, sizeof(usage->counts));

    if (usage->feed == llmp_usage_events) {
        usage->events.data = llmp_usage_data;
        usage->events.end = llmp_usage_event_end;
        usage->events.rest = NULL;
        usage->events.ctx = usage;

        llmp_events_init(&usage->events);

    } else if (usage->feed == llmp_usage_frames) {
        usage->frames.data = llmp_usage_data;
        usage->frames.end = llmp_usage_frame_end;
        usage->frames.ctx = usage;

        llmp_frames_init(&usage->frames);
    }

    llmp_docs_init(&usage->docs,
                   policy->responses[llmp_dialect_index(dialect)],
                   llmp_usage_document, usage, pool);

    return LLMP_OK;
}


/* parameters say nothing here: JSON is UTF-8 (RFC 8259), and so are events */

static llmp_usage_feed_pt
llmp_usage_media(const llmp_str_t *content_type)
{
    llmp_str_t                 rest;
    const llmp_usage_media_t  *media;

    for (media = llmp_usage_types; media->type != NULL; media++) {
        rest = *content_type;
        llmp_field_spaces(&rest);

        if (!llmp_field_token(&rest, media->type)) {
            continue;
        }

        llmp_field_spaces(&rest);

        if (rest.len == 0 || *rest.data == ';') {
            return media->feed;
        }
    }

    return NULL;
}


llmp_events_t *
llmp_usage_stream(llmp_usage_t *usage)
{
    return (usage->feed == llmp_usage_events) ? &usage->events : NULL;
}


void
llmp_usage_feed(llmp_usage_t *usage, const u_char *buf, size_t len)
{
    if (len != 0) {
        usage->feed(usage, buf, len);
    }
}


static void
llmp_usage_json(llmp_usage_t *usage, const u_char *buf, size_t len)
{
    llmp_docs_feed(&usage->docs, buf, len);
}


/* one in each line: whatever is wrong with one ends with its line */

static void
llmp_usage_lines(llmp_usage_t *usage, const u_char *buf, size_t len)
{
    const u_char  *p, *end, *lf;

    end = buf + len;

    for (p = buf; p < end; p = lf + 1) {
        lf = memchr(p, '\n', end - p);

        if (lf == NULL) {
            llmp_docs_feed(&usage->docs, p, end - p);
            return;
        }

        llmp_docs_feed(&usage->docs, p, lf - p);
        llmp_docs_end(&usage->docs);
    }
}


static void
llmp_usage_events(llmp_usage_t *usage, const u_char *buf, size_t len)
{
    llmp_events_feed(&usage->events, buf, len);
}


static void
llmp_usage_frames(llmp_usage_t *usage, const u_char *buf, size_t len)
{
    llmp_frames_feed(&usage->frames, buf, len);
}


static void
llmp_usage_frame_end(void *ctx)
{
    llmp_usage_t *usage = ctx;

    llmp_docs_end(&usage->docs);
}


static void
llmp_usage_data(void *ctx, const u_char *p, size_t len)
{
    llmp_usage_t *usage = ctx;

    llmp_docs_feed(&usage->docs, p, len);
}


static void
llmp_usage_event_end(void *ctx, const u_char *line, const u_char *p)
{
    llmp_usage_t *usage = ctx;

    (void) line;
    (void) p;

    llmp_docs_end(&usage->docs);
}


static void
llmp_usage_document(void *data, const llmp_members_t *members)
{
    llmp_usage_t *usage = data;

    uint32_t              i;
    llmp_uint_t           counted;
    const llmp_member_t  *m;

    counted = 0;
    usage->given = 0;

    for (i = 0; i < members->nelts; i++) {
        m = &members->elts[i];

        if (m->watch->rules.usage == LLMP_USAGE_NONE) {
            continue;
        }

        if (m->watch->rules.usage < LLMP_USAGE_COUNTS) {
            counted |= llmp_usage_count(usage, m);

        } else if (m->type == LLMP_TYPE_STRING) {
            llmp_usage_text(usage, m, m->end - m->start - 2);

        } else if (m->type == LLMP_TYPE_OBJECT && m->watch->nchildren == 0) {
            llmp_usage_text(usage, m, m->end - m->start);
        }
    }

    if (usage->whole < usage->given) {
        usage->whole = usage->given;
    }

    if (counted) {
        llmp_usage_sums(usage);
    }

    if (usage->seen != NULL) {
        usage->seen(usage->data, members);
    }
}


static llmp_uint_t
llmp_usage_count(llmp_usage_t *usage, const llmp_member_t *m)
{
    int64_t              n, *count;
    const llmp_watch_t  *w;

    n = llmp_usage_number(m);

    if (n < 0) {
        return 0;
    }

    w = m->watch;
    count = &usage->counts[w->rules.source][w->rules.usage];

    if (w->rules.source == LLMP_SOURCE_EACH && usage->docs.array
        && *count > 0)
    {
        n += *count;
    }

    if (n > LLMP_TOKENS_MAX) {
        return 0;
    }

    *count = n;

    return 1;
}


/* of text, len bytes */

static void
llmp_usage_text(llmp_usage_t *usage, const llmp_member_t *m, uint64_t len)
{
    switch (m->watch->rules.usage) {

    case LLMP_USAGE_TEXT:
        usage->text += len;
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

    scan = llmp_docs_open(&usage->docs);

    if (scan != NULL) {
        llmp_usage_open(usage, scan);
        llmp_docs_end(&usage->docs);
    }

    if (usage->text < usage->whole) {
        usage->text = usage->whole;
    }
}


/* what a document that was cut short has of text; its counts are not taken */

static void
llmp_usage_open(llmp_usage_t *usage, const llmp_scan_t *scan)
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

        /* the last one may have been cut short */

        end = (m->end != 0) ? m->end - 1 : scan->offset;

        llmp_usage_text(usage, m, end - m->start - 1);
    }

    if (usage->whole < usage->given) {
        usage->whole = usage->given;
    }
}


/*
 * A whole number of tokens, or -1.  Some APIs write it with a fraction of 0;
 * the text of what is no number has no digit in front, or is empty.
 */

static int64_t
llmp_usage_number(const llmp_member_t *m)
{
    size_t         i, len, most;
    int64_t        n;
    unsigned       digit;
    const u_char  *p;

    if (m->cut) {
        return -1;
    }

    n = 0;
    p = m->text.data;
    len = m->text.len;
    most = (len < LLMP_TOKENS_DIGITS) ? len : LLMP_TOKENS_DIGITS;

    for (i = 0; i < most; i++) {
        digit = p[i] - '0';

        if (digit > 9) {
            break;
        }

        n = 10 * n + digit;
    }

    if (n > LLMP_TOKENS_MAX) {
        return -1;
    }

    if (i == 0) {
        return -1;
    }

    if (i < len && p[i] == '.') {
        do {
            i++;
        } while (i < len && p[i] == '0');
    }

    return (i == len) ? n : -1;
}


static void
llmp_usage_sums(llmp_usage_t *usage)
{
    llmp_uint_t     source;
    const int64_t  *counts;

    usage->prompt = -1;
    usage->completion = -1;
    usage->total = -1;
    usage->partial = 0;

    for (source = 0; source < LLMP_SOURCE_MAX; source++) {
        counts = usage->counts[source];

        if (usage->prompt < 0) {
            usage->prompt = llmp_usage_sum(counts, LLMP_USAGE_INPUT,
                                           LLMP_USAGE_TOOLS);
        }

        if (usage->completion < 0) {
            usage->completion = llmp_usage_sum(counts, LLMP_USAGE_OUTPUT,
                                               LLMP_USAGE_THOUGHTS);

            usage->partial = (usage->completion >= 0
                              && source == LLMP_SOURCE_FIRST);
        }

        if (usage->total < 0) {
            usage->total = counts[LLMP_USAGE_TOTAL];
        }

        if ((usage->prompt | usage->completion | usage->total) >= 0) {
            return;
        }
    }

    if (usage->total < 0 && usage->prompt >= 0 && usage->completion >= 0) {
        usage->total = usage->prompt + usage->completion;
    }

    if (usage->total < 0 && !usage->generates) {
        usage->total = usage->prompt;
    }
}


/* the first of some counts and what is to be added to it, or -1 */

static int64_t
llmp_usage_sum(const int64_t *counts, llmp_usage_e first, llmp_usage_e last)
{
    int64_t      sum;
    llmp_uint_t  i;

    sum = counts[first];

    for (i = first + 1; sum >= 0 && i <= last; i++) {
        if (counts[i] > 0) {
            sum += counts[i];
        }
    }

    return sum;
}
