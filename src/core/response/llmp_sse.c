
/*
 * Copyright (C) llm-policy authors
 */


#include "response/llmp_sse.h"


#define LLMP_SSE_SEARCH_STEP  256    /* bytes */


enum {
    sw_mark = 0,
    sw_start,
    sw_name,
    sw_data,
    sw_other
};


static const u_char *llmp_sse_read_line_start(llmp_sse_t *sse,
    const u_char *p, const u_char *end);
static const u_char *llmp_sse_skip_bom(llmp_sse_t *sse, const u_char *p);
static const u_char *llmp_sse_read_name(llmp_sse_t *sse, const u_char *p);
static void llmp_sse_start_data(llmp_sse_t *sse);
static const u_char *llmp_sse_read_value(llmp_sse_t *sse, const u_char *p,
    const u_char *end);
static const u_char *llmp_sse_find_line_end(const u_char *p, const u_char *end);
static const u_char *llmp_sse_end_line(llmp_sse_t *sse, const u_char *p);


static const u_char  llmp_sse_bom[] = { 0xef, 0xbb, 0xbf };
static const u_char  llmp_sse_data_name[] = { 'd', 'a', 't', 'a' };

/* the start of most lines, matched at once */
static const u_char  llmp_sse_data_start[] = { 'd', 'a', 't', 'a', ':' };


void
llmp_sse_init(llmp_sse_t *sse)
{
    sse->state = sw_mark;
    sse->name = 0;
    sse->lines = 0;
    sse->cr = 0;
    sse->blank = 0;
}


void
llmp_sse_feed(llmp_sse_t *sse, const u_char *buf, size_t len)
{
    const u_char  *p, *end;

    end = buf + len;

    for (p = buf; p < end; /* void */ ) {

        switch (sse->state) {

        case sw_mark:
            p = llmp_sse_skip_bom(sse, p);
            break;

        case sw_start:
            p = llmp_sse_read_line_start(sse, p, end);
            break;

        case sw_name:
            p = llmp_sse_read_name(sse, p);
            break;

        default:
            p = llmp_sse_read_value(sse, p, end);
        }
    }
}


static const u_char *
llmp_sse_skip_bom(llmp_sse_t *sse, const u_char *p)
{
    if (*p == llmp_sse_bom[sse->name]) {
        sse->name++;

        if (sse->name == sizeof(llmp_sse_bom)) {
            sse->state = sw_start;
        }

        return p + 1;
    }

    /* a partial byte order mark is no name that matters */

    sse->state = (sse->name == 0) ? sw_start : sw_other;

    return p;
}


static const u_char *
llmp_sse_read_line_start(llmp_sse_t *sse, const u_char *p, const u_char *end)
{
    llmp_uint_t    cr;
    const u_char  *line;

    if (sse->cr) {
        sse->cr = 0;

        if (*p == '\n') {
            p++;

            if (sse->blank && sse->rest != NULL) {
                sse->rest(sse->ctx, p);
            }

            return p;
        }
    }

    sse->blank = 0;

    if ((size_t) (end - p) >= sizeof(llmp_sse_data_start)
        && memcmp(p, llmp_sse_data_start, sizeof(llmp_sse_data_start)) == 0)
    {
        llmp_sse_start_data(sse);
        sse->state = sw_data;
        return p + sizeof(llmp_sse_data_start);
    }

    if (*p != '\n' && *p != '\r') {
        sse->name = 0;
        sse->state = sw_name;
        return p;
    }

    line = p;
    cr = (*p++ == '\r');

    if (cr && p < end && *p == '\n') {
        p++;
        cr = 0;
    }

    sse->cr = (uint8_t) cr;
    sse->blank = (uint8_t) cr;
    sse->lines = 0;

    sse->end(sse->ctx, line, p);

    return p;
}


static const u_char *
llmp_sse_read_name(llmp_sse_t *sse, const u_char *p)
{
    if (sse->name < sizeof(llmp_sse_data_name)) {

        if (*p == llmp_sse_data_name[sse->name]) {
            sse->name++;
            return p + 1;
        }

        sse->state = sw_other;
        return p;
    }

    if (*p == ':') {
        llmp_sse_start_data(sse);
        sse->state = sw_data;
        return p + 1;
    }

    /* a name without a colon is a field with an empty value */

    if (*p == '\n' || *p == '\r') {
        llmp_sse_start_data(sse);
    }

    sse->state = sw_other;

    return p;
}


/* starts a data line; joins it with a line feed to the line before */

static void
llmp_sse_start_data(llmp_sse_t *sse)
{
    static const u_char  lf = '\n';

    if (sse->lines == 0) {
        sse->lines = 1;
        return;
    }

    sse->lines = 2;
    sse->data(sse->ctx, &lf, 1);
}


static const u_char *
llmp_sse_read_value(llmp_sse_t *sse, const u_char *p, const u_char *end)
{
    const u_char  *last;

    last = llmp_sse_find_line_end(p, end);

    if (sse->state == sw_data && last != p) {
        sse->data(sse->ctx, p, last - p);
    }

    return (last < end) ? llmp_sse_end_line(sse, last) : end;
}


static const u_char *
llmp_sse_find_line_end(const u_char *p, const u_char *end)
{
    const u_char  *part, *lf, *cr;

    /*
     * Step by step, so that lines that end with one of the two characters do
     * not make each search for the other one read the whole buffer.
     */

    for ( /* void */ ; p < end; p = part) {
        part = (end - p > LLMP_SSE_SEARCH_STEP) ? p + LLMP_SSE_SEARCH_STEP
                                                : end;

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
llmp_sse_end_line(llmp_sse_t *sse, const u_char *p)
{
    sse->cr = (*p == '\r');
    sse->blank = 0;
    sse->state = sw_start;

    return p + 1;
}
