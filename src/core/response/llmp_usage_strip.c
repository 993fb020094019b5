
/*
 * Copyright (C) llm-policy authors
 */


#include "response/llmp_usage_strip.h"


#define LLMP_STREAM_HELD  4096


static void llmp_stream_usage_next(llmp_stream_usage_t *stream);
static void llmp_stream_usage_data(void *ctx, const u_char *p, size_t len);
static void llmp_stream_usage_seen(void *data, const llmp_members_t *members);
static void llmp_stream_usage_cut(llmp_stream_usage_t *stream,
    const llmp_member_t *m);
static void llmp_stream_usage_end(void *ctx, const u_char *line,
    const u_char *p);
static void llmp_stream_usage_edit(llmp_stream_usage_t *stream);
static void llmp_stream_usage_rest(void *ctx, const u_char *p);
static void llmp_stream_usage_hold(llmp_stream_usage_t *stream,
    const u_char *end);
static llmp_int_t llmp_stream_usage_room(llmp_stream_usage_t *stream,
    size_t size);
static void llmp_stream_usage_release(llmp_stream_usage_t *stream,
    size_t from, size_t to);
static void llmp_stream_usage_send(llmp_stream_usage_t *stream,
    const u_char *p, const u_char *end);


llmp_int_t
llmp_stream_usage_init(llmp_stream_usage_t *stream,
    const llmp_policy_t *policy, const llmp_dialect_t *dialect,
    const llmp_str_t *content_type, llmp_pool_t *pool,
    llmp_stream_usage_pt handler, void *data)
{
    llmp_int_t      rc;
    llmp_usage_t   *usage;
    llmp_events_t  *events;

    usage = &stream->usage;

    rc = llmp_usage_init(usage, policy, dialect, content_type, pool);

    if (rc != LLMP_OK) {
        return rc;
    }

    events = llmp_usage_stream(usage);

    if (events == NULL) {
        return LLMP_DECLINED;
    }

    events->data = llmp_stream_usage_data;
    events->end = llmp_stream_usage_end;
    events->rest = llmp_stream_usage_rest;
    events->ctx = stream;

    usage->seen = llmp_stream_usage_seen;
    usage->data = stream;

    stream->handler = handler;
    stream->data = data;
    stream->pool = pool;
    stream->rc = LLMP_OK;

    stream->held = NULL;
    stream->size = 0;
    stream->dropped = 0;

    llmp_stream_usage_next(stream);

    return LLMP_OK;
}


static void
llmp_stream_usage_next(llmp_stream_usage_t *stream)
{
    stream->nheld = 0;
    stream->line = 0;
    stream->from = 0;
    stream->to = 0;
    stream->seen = 0;
    stream->plain = 0;
    stream->drop = 0;
    stream->passing = 0;
}


llmp_int_t
llmp_stream_usage_feed(llmp_stream_usage_t *stream, const u_char *buf,
    size_t len)
{
    if (stream->rc != LLMP_OK || len == 0) {
        return stream->rc;
    }

    stream->out = buf;
    stream->start = buf;

    llmp_events_feed(&stream->usage.events, buf, len);

    /* events that were left as they are go on together */

    llmp_stream_usage_send(stream, stream->out, stream->start);
    llmp_stream_usage_hold(stream, buf + len);

    return stream->rc;
}


static void
llmp_stream_usage_data(void *ctx, const u_char *p, size_t len)
{
    llmp_stream_usage_t *stream = ctx;

    /* where there are several lines, documents are not as they are sent */

    if (stream->usage.events.lines != 1) {
        stream->plain = 1;

    } else if (stream->line == 0) {
        stream->line = stream->nheld + (size_t) (p - stream->start);
    }

    llmp_docs_feed(&stream->usage.docs, p, len);
}


static void
llmp_stream_usage_seen(void *data, const llmp_members_t *members)
{
    llmp_stream_usage_t *stream = data;

    uint32_t              i;
    const llmp_member_t  *m, *usage, *choices;

    if (stream->seen) {
        stream->plain = 1;
        return;
    }

    stream->seen = 1;

    usage = NULL;
    choices = NULL;

    for (i = 0; i < members->nelts; i++) {
        m = &members->elts[i];

        if (m->watch->rules.usage == LLMP_USAGE_REPORT) {

            if (usage != NULL) {

                /* two of a name are no server's: left as they are */

                stream->plain = 1;
                return;
            }

            usage = m;

        } else if (m->watch->rules.usage == LLMP_USAGE_CHOICES) {
            choices = m;
        }
    }

    if (usage == NULL) {
        return;
    }

    if (usage->type == LLMP_TYPE_OBJECT && choices != NULL
        && choices->type == LLMP_TYPE_ARRAY && choices->count == 0)
    {
        stream->drop = 1;

    } else if (usage->type & (LLMP_TYPE_OBJECT|LLMP_TYPE_NULL)) {
        llmp_stream_usage_cut(stream, usage);
    }
}


/* removes a member of a document with the comma before or behind it */

static void
llmp_stream_usage_cut(llmp_stream_usage_t *stream, const llmp_member_t *m)
{
    uint64_t  from, to;

    from = m->key;
    to = m->end;

    if (m->index != 0) {
        from = m->comma;

    } else if (m->next != 0) {
        to = m->next;
    }

    stream->from = stream->line + stream->usage.docs.start + from;
    stream->to = stream->line + stream->usage.docs.start + to;
}


static void
llmp_stream_usage_end(void *ctx, const u_char *line, const u_char *p)
{
    llmp_stream_usage_t *stream = ctx;

    llmp_docs_end(&stream->usage.docs);

    /* however it is split: what would not have been held is not changed */

    if (stream->nheld + (size_t) (line - stream->start) > LLMP_EVENT_MAX) {
        stream->plain = 1;
    }

    stream->dropped = (stream->drop && !stream->plain && !stream->passing);

    if (stream->dropped) {
        llmp_stream_usage_send(stream, stream->out, stream->start);
        stream->out = p;

    } else if (stream->to != 0 && !stream->plain && !stream->passing) {
        llmp_stream_usage_edit(stream);

    } else {
        llmp_stream_usage_release(stream, 0, stream->nheld);
    }

    stream->start = p;

    llmp_stream_usage_next(stream);
}


/* [from, to) of the event does not go on; it is held, in the buffer, or both */

static void
llmp_stream_usage_edit(llmp_stream_usage_t *stream)
{
    size_t  from, to, nheld;

    nheld = stream->nheld;
    from = stream->from;
    to = stream->to;

    llmp_stream_usage_release(stream, 0, (from < nheld) ? from : nheld);
    llmp_stream_usage_release(stream, (to < nheld) ? to : nheld, nheld);

    from = (from > nheld) ? from - nheld : 0;
    to = (to > nheld) ? to - nheld : 0;

    llmp_stream_usage_send(stream, stream->out, stream->start + from);

    stream->out = stream->start + to;
}


/* a line feed that belongs to the event before */

static void
llmp_stream_usage_rest(void *ctx, const u_char *p)
{
    llmp_stream_usage_t *stream = ctx;

    if (stream->dropped) {
        stream->out = p;
    }

    stream->start = p;
}


/* keeps the rest of the buffer, or lets it go on if that would be too much */

static void
llmp_stream_usage_hold(llmp_stream_usage_t *stream, const u_char *end)
{
    size_t  n;

    n = (size_t) (end - stream->start);

    if (n == 0) {
        return;
    }

    if (!stream->passing
        && llmp_stream_usage_room(stream, stream->nheld + n) == LLMP_OK)
    {
        memcpy(stream->held + stream->nheld, stream->start, n);
        stream->nheld += n;
        return;
    }

    llmp_stream_usage_release(stream, 0, stream->nheld);
    llmp_stream_usage_send(stream, stream->start, end);

    stream->nheld = 0;
    stream->passing = 1;
}


static llmp_int_t
llmp_stream_usage_room(llmp_stream_usage_t *stream, size_t size)
{
    size_t   room;
    u_char  *held;

    if (size <= stream->size) {
        return LLMP_OK;
    }

    if (size > LLMP_EVENT_MAX) {
        return LLMP_ERROR;
    }

    room = LLMP_STREAM_HELD;

    while (room < size) {
        room *= 2;
    }

    held = llmp_palloc(stream->pool, room);
    if (held == NULL) {
        return LLMP_ERROR;
    }

    if (stream->nheld != 0) {
        memcpy(held, stream->held, stream->nheld);
    }

    stream->held = held;
    stream->size = room;

    return LLMP_OK;
}


static void
llmp_stream_usage_release(llmp_stream_usage_t *stream, size_t from, size_t to)
{
    if (from != to) {
        llmp_stream_usage_send(stream, stream->held + from,
                               stream->held + to);
    }
}


static void
llmp_stream_usage_send(llmp_stream_usage_t *stream, const u_char *p,
    const u_char *end)
{
    if (p != end && stream->rc == LLMP_OK) {
        stream->rc = stream->handler(stream->data, p, (size_t) (end - p));
    }
}


llmp_int_t
llmp_stream_usage_finish(llmp_stream_usage_t *stream)
{
    llmp_usage_finish(&stream->usage);

    llmp_stream_usage_release(stream, 0, stream->nheld);

    stream->nheld = 0;

    return stream->rc;
}
