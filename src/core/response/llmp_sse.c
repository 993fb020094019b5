
/*
 * Copyright (C) llm-policy authors
 */


#include "response/llmp_sse.h"


#define LLMP_EVENTS_PART  256


enum {
    sw_mark = 0,
    sw_start,
    sw_name,
    sw_data,
    sw_other
};


static const u_char *llmp_events_start(llmp_events_t *events, const u_char *p,
    const u_char *end);
static const u_char *llmp_events_mark(llmp_events_t *events,
    const u_char *p);
static const u_char *llmp_events_name(llmp_events_t *events, const u_char *p);
static void llmp_events_data(llmp_events_t *events);
static const u_char *llmp_events_value(llmp_events_t *events,
    const u_char *p, const u_char *end);
static const u_char *llmp_events_line_end(const u_char *p, const u_char *end);
static const u_char *llmp_events_newline(llmp_events_t *events,
    const u_char *p);


static const u_char  llmp_events_bom[] = { 0xef, 0xbb, 0xbf };
static const u_char  llmp_events_field[] = { 'd', 'a', 't', 'a' };

/* what most lines begin with */
static const u_char  llmp_events_line[] = { 'd', 'a', 't', 'a', ':' };


void
llmp_events_init(llmp_events_t *events)
{
    events->state = sw_mark;
    events->name = 0;
    events->lines = 0;
    events->cr = 0;
    events->blank = 0;
}


void
llmp_events_feed(llmp_events_t *events, const u_char *buf, size_t len)
{
    const u_char  *p, *end;

    end = buf + len;

    for (p = buf; p < end; /* void */ ) {

        switch (events->state) {

        case sw_mark:
            p = llmp_events_mark(events, p);
            break;

        case sw_start:
            p = llmp_events_start(events, p, end);
            break;

        case sw_name:
            p = llmp_events_name(events, p);
            break;

        default:
            p = llmp_events_value(events, p, end);
        }
    }
}


static const u_char *
llmp_events_mark(llmp_events_t *events, const u_char *p)
{
    if (*p == llmp_events_bom[events->name]) {
        events->name++;

        if (events->name == sizeof(llmp_events_bom)) {
            events->state = sw_start;
        }

        return p + 1;
    }

    /* a part of it is no name that matters */

    events->state = (events->name == 0) ? sw_start : sw_other;

    return p;
}


/* at the start of a line */

static const u_char *
llmp_events_start(llmp_events_t *events, const u_char *p, const u_char *end)
{
    llmp_uint_t    cr;
    const u_char  *line;

    if (events->cr) {
        events->cr = 0;

        if (*p == '\n') {
            p++;

            if (events->blank && events->rest != NULL) {
                events->rest(events->ctx, p);
            }

            return p;
        }
    }

    events->blank = 0;

    if ((size_t) (end - p) >= sizeof(llmp_events_line)
        && memcmp(p, llmp_events_line, sizeof(llmp_events_line)) == 0)
    {
        llmp_events_data(events);
        events->state = sw_data;
        return p + sizeof(llmp_events_line);
    }

    if (*p != '\n' && *p != '\r') {
        events->name = 0;
        events->state = sw_name;
        return p;
    }

    line = p;
    cr = (*p++ == '\r');

    if (cr && p < end && *p == '\n') {
        p++;
        cr = 0;
    }

    events->cr = (uint8_t) cr;
    events->blank = (uint8_t) cr;
    events->lines = 0;

    events->end(events->ctx, line, p);

    return p;
}


static const u_char *
llmp_events_name(llmp_events_t *events, const u_char *p)
{
    if (events->name < sizeof(llmp_events_field)) {

        if (*p == llmp_events_field[events->name]) {
            events->name++;
            return p + 1;
        }

        events->state = sw_other;
        return p;
    }

    if (*p == ':') {
        llmp_events_data(events);
        events->state = sw_data;
        return p + 1;
    }

    /* a name alone is a field with an empty value */

    if (*p == '\n' || *p == '\r') {
        llmp_events_data(events);
    }

    events->state = sw_other;

    return p;
}


/* another line of data */

static void
llmp_events_data(llmp_events_t *events)
{
    static const u_char  lf = '\n';

    if (events->lines == 0) {
        events->lines = 1;
        return;
    }

    events->lines = 2;
    events->data(events->ctx, &lf, 1);
}


static const u_char *
llmp_events_value(llmp_events_t *events, const u_char *p, const u_char *end)
{
    const u_char  *last;

    last = llmp_events_line_end(p, end);

    if (events->state == sw_data && last != p) {
        events->data(events->ctx, p, last - p);
    }

    return (last < end) ? llmp_events_newline(events, last) : end;
}


static const u_char *
llmp_events_line_end(const u_char *p, const u_char *end)
{
    const u_char  *part, *lf, *cr;

    /* in parts: not all of the buffer for each line, if they end otherwise */

    for ( /* void */ ; p < end; p = part) {
        part = (end - p > LLMP_EVENTS_PART) ? p + LLMP_EVENTS_PART : end;

        lf = memchr(p, '\n', part - p);
        cr = memchr(p, '\r', ((lf != NULL) ? lf : part) - p);

        if (cr != NULL) {
            return cr;
        }

        if (lf != NULL) {
            return lf;
        }
    }

    return end;
}


static const u_char *
llmp_events_newline(llmp_events_t *events, const u_char *p)
{
    events->cr = (*p == '\r');
    events->blank = 0;
    events->state = sw_start;

    return p + 1;
}
