
/*
 * Copyright (C) llm-policy authors
 */


#include "dialect/llmp_dialect.h"
#include "response/llmp_usage_state.h"
#include "response/llmp_usage_strip.h"


#define LLMP_USAGE_STRIP_HELD_MIN  4096    /* bytes */


struct llmp_usage_strip_s {
    llmp_usage_t           usage;

    llmp_usage_strip_pt    handler;
    void                  *data;
    llmp_pool_t           *pool;
    llmp_int_t             rc;       /* last result of the handler */

    u_char                *held;     /* start of the event, fed before */
    size_t                 nheld;
    size_t                 size;     /* allocated for it */

    const u_char          *out;      /* first byte that was not passed yet */
    const u_char          *start;    /* first byte of the event in the buffer */

    /* offsets in the event */

    size_t                 line;     /* start of its data */
    size_t                 from;     /* start of the removed member */
    size_t                 to;       /* end of the removed member; 0: none */

    unsigned               seen:1;     /* the event has a document */
    unsigned               plain:1;    /* the event must not be changed */
    unsigned               drop:1;     /* the event will be removed */
    unsigned               dropped:1;  /* the event before was removed */
    unsigned               passing:1;  /* the event is too long to hold */
};


static llmp_int_t llmp_usage_strip_init_usage(llmp_usage_strip_t *strip,
    const llmp_usage_settings_t *settings);
static void llmp_usage_strip_next_event(llmp_usage_strip_t *strip);
static void llmp_usage_strip_feed_document(void *ctx, const u_char *p,
    size_t len);
static void llmp_usage_strip_find_usage(void *data,
    const llmp_members_t *members);
static void llmp_usage_strip_cut_member(llmp_usage_strip_t *strip,
    const llmp_member_t *m);
static void llmp_usage_strip_end_event(void *ctx, const u_char *line,
    const u_char *p);
static void llmp_usage_strip_edit_event(llmp_usage_strip_t *strip);
static void llmp_usage_strip_end_line(void *ctx, const u_char *p);
static void llmp_usage_strip_hold(llmp_usage_strip_t *strip,
    const u_char *end);
static llmp_int_t llmp_usage_strip_grow(llmp_usage_strip_t *strip,
    size_t size);
static void llmp_usage_strip_send_held(llmp_usage_strip_t *strip, size_t from,
    size_t to);
static void llmp_usage_strip_send(llmp_usage_strip_t *strip, const u_char *p,
    const u_char *end);


llmp_int_t
llmp_usage_strip_create(llmp_usage_strip_t **strip,
    const llmp_usage_strip_settings_t *settings)
{
    llmp_int_t           rc;
    llmp_pool_t         *pool;
    llmp_usage_strip_t  *created;

    *strip = NULL;
    pool = settings->usage.pool;

    created = llmp_palloc(pool, sizeof(llmp_usage_strip_t));
    if (created == NULL) {
        return LLMP_ERROR;
    }

    rc = llmp_usage_strip_init_usage(created, &settings->usage);

    if (rc != LLMP_OK) {
        return rc;
    }

    created->handler = settings->handler;
    created->data = settings->data;
    created->pool = pool;
    created->rc = LLMP_OK;

    created->held = NULL;
    created->size = 0;
    created->dropped = 0;

    llmp_usage_strip_next_event(created);

    *strip = created;

    return LLMP_OK;
}


static llmp_int_t
llmp_usage_strip_init_usage(llmp_usage_strip_t *strip,
    const llmp_usage_settings_t *settings)
{
    llmp_int_t     rc;
    llmp_sse_t    *sse;
    llmp_usage_t  *usage;

    usage = &strip->usage;

    rc = llmp_usage_init(usage, settings);

    if (rc != LLMP_OK) {
        return rc;
    }

    sse = llmp_usage_sse(usage);

    if (sse == NULL) {
        return LLMP_DECLINED;
    }

    sse->data = llmp_usage_strip_feed_document;
    sse->end = llmp_usage_strip_end_event;
    sse->rest = llmp_usage_strip_end_line;
    sse->ctx = strip;

    usage->seen = llmp_usage_strip_find_usage;
    usage->data = strip;

    return LLMP_OK;
}


static void
llmp_usage_strip_next_event(llmp_usage_strip_t *strip)
{
    strip->nheld = 0;
    strip->line = 0;
    strip->from = 0;
    strip->to = 0;
    strip->seen = 0;
    strip->plain = 0;
    strip->drop = 0;
    strip->passing = 0;
}


llmp_usage_t *
llmp_usage_strip_usage(llmp_usage_strip_t *strip)
{
    return &strip->usage;
}


llmp_int_t
llmp_usage_strip_feed(llmp_usage_strip_t *strip, const u_char *buf, size_t len)
{
    if (strip->rc != LLMP_OK || len == 0) {
        return strip->rc;
    }

    strip->out = buf;
    strip->start = buf;

    llmp_sse_feed(&strip->usage.sse, buf, len);

    /* pass consecutive unchanged events together */

    llmp_usage_strip_send(strip, strip->out, strip->start);
    llmp_usage_strip_hold(strip, buf + len);

    return strip->rc;
}


static void
llmp_usage_strip_feed_document(void *ctx, const u_char *p, size_t len)
{
    llmp_usage_strip_t *strip = ctx;

    /* offsets in a document on several lines are not those in the event */

    if (strip->usage.sse.lines != 1) {
        strip->plain = 1;

    } else if (strip->line == 0) {
        strip->line = strip->nheld + (size_t) (p - strip->start);
    }

    llmp_documents_feed(&strip->usage.docs, p, len);
}


static void
llmp_usage_strip_find_usage(void *data, const llmp_members_t *members)
{
    llmp_usage_strip_t *strip = data;

    uint32_t              i;
    const llmp_member_t  *m, *usage, *choices;

    if (strip->seen) {
        strip->plain = 1;
        return;
    }

    strip->seen = 1;

    usage = NULL;
    choices = NULL;

    for (i = 0; i < members->nelts; i++) {
        m = &members->elts[i];

        if (m->watch->rules.usage == LLMP_USAGE_REPORT) {

            if (usage != NULL) {

                /* no server sends two members of this name */

                strip->plain = 1;
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
        strip->drop = 1;

    } else if (usage->type & (LLMP_TYPE_OBJECT|LLMP_TYPE_NULL)) {
        llmp_usage_strip_cut_member(strip, usage);
    }
}


/* marks a member for removal, with the comma before or after it */

static void
llmp_usage_strip_cut_member(llmp_usage_strip_t *strip, const llmp_member_t *m)
{
    uint64_t  from, to;

    from = m->key;
    to = m->end;

    if (m->index != 0) {
        from = m->comma;

    } else if (m->next != 0) {
        to = m->next;
    }

    strip->from = strip->line + strip->usage.docs.start + from;
    strip->to = strip->line + strip->usage.docs.start + to;
}


static void
llmp_usage_strip_end_event(void *ctx, const u_char *line, const u_char *p)
{
    llmp_usage_strip_t *strip = ctx;

    llmp_documents_reset(&strip->usage.docs);

    /* the result must not depend on how the stream was split into buffers */

    if (strip->nheld + (size_t) (line - strip->start)
        > LLMP_USAGE_STRIP_EVENT_MAX)
    {
        strip->plain = 1;
    }

    strip->dropped = (strip->drop && !strip->plain && !strip->passing);

    if (strip->dropped) {
        llmp_usage_strip_send(strip, strip->out, strip->start);
        strip->out = p;

    } else if (strip->to != 0 && !strip->plain && !strip->passing) {
        llmp_usage_strip_edit_event(strip);

    } else {
        llmp_usage_strip_send_held(strip, 0, strip->nheld);
    }

    strip->start = p;

    llmp_usage_strip_next_event(strip);
}


/*
 * Removes [from, to) from the event: from the held bytes, from the buffer, or
 * from both.
 */

static void
llmp_usage_strip_edit_event(llmp_usage_strip_t *strip)
{
    size_t  from, to, nheld;

    nheld = strip->nheld;
    from = strip->from;
    to = strip->to;

    llmp_usage_strip_send_held(strip, 0, (from < nheld) ? from : nheld);
    llmp_usage_strip_send_held(strip, (to < nheld) ? to : nheld, nheld);

    from = (from > nheld) ? from - nheld : 0;
    to = (to > nheld) ? to - nheld : 0;

    llmp_usage_strip_send(strip, strip->out, strip->start + from);

    strip->out = strip->start + to;
}


/* handles a line feed that belongs to the event before */

static void
llmp_usage_strip_end_line(void *ctx, const u_char *p)
{
    llmp_usage_strip_t *strip = ctx;

    if (strip->dropped) {
        strip->out = p;
    }

    strip->start = p;
}


/* holds the rest of the buffer, or passes it if the event is too long */

static void
llmp_usage_strip_hold(llmp_usage_strip_t *strip, const u_char *end)
{
    size_t  n;

    n = (size_t) (end - strip->start);

    if (n == 0) {
        return;
    }

    if (!strip->passing
        && llmp_usage_strip_grow(strip, strip->nheld + n) == LLMP_OK)
    {
        memcpy(strip->held + strip->nheld, strip->start, n);
        strip->nheld += n;
        return;
    }

    llmp_usage_strip_send_held(strip, 0, strip->nheld);
    llmp_usage_strip_send(strip, strip->start, end);

    strip->nheld = 0;
    strip->passing = 1;
}


static llmp_int_t
llmp_usage_strip_grow(llmp_usage_strip_t *strip, size_t size)
{
    size_t   room;
    u_char  *held;

    if (size <= strip->size) {
        return LLMP_OK;
    }

    if (size > LLMP_USAGE_STRIP_EVENT_MAX) {
        return LLMP_ERROR;
    }

    room = LLMP_USAGE_STRIP_HELD_MIN;

    while (room < size) {
        room *= 2;
    }

    held = llmp_palloc(strip->pool, room);
    if (held == NULL) {
        return LLMP_ERROR;
    }

    if (strip->nheld != 0) {
        memcpy(held, strip->held, strip->nheld);
    }

    strip->held = held;
    strip->size = room;

    return LLMP_OK;
}


static void
llmp_usage_strip_send_held(llmp_usage_strip_t *strip, size_t from, size_t to)
{
    if (from != to) {
        llmp_usage_strip_send(strip, strip->held + from, strip->held + to);
    }
}


static void
llmp_usage_strip_send(llmp_usage_strip_t *strip, const u_char *p,
    const u_char *end)
{
    if (p != end && strip->rc == LLMP_OK) {
        strip->rc = strip->handler(strip->data, p, (size_t) (end - p));
    }
}


llmp_int_t
llmp_usage_strip_finish(llmp_usage_strip_t *strip)
{
    llmp_usage_finish(&strip->usage);

    llmp_usage_strip_send_held(strip, 0, strip->nheld);

    strip->nheld = 0;

    return strip->rc;
}
