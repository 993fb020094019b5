
/*
 * Copyright (C) llm-policy authors
 */


#include "response/llmp_documents.h"


enum {
    sw_top = 0,
    sw_document,
    sw_skip
};


static const u_char *llmp_documents_find_start(llmp_documents_t *docs,
    const u_char *p, const u_char *end);
static void llmp_documents_start(llmp_documents_t *docs, const u_char *p);
static const u_char *llmp_documents_scan(llmp_documents_t *docs,
    const u_char *p, const u_char *end);
static const u_char *llmp_documents_skip(llmp_documents_t *docs,
    const u_char *p, const u_char *end);
static const u_char *llmp_documents_skip_string(llmp_documents_t *docs,
    const u_char *p, const u_char *end);


void
llmp_documents_init(llmp_documents_t *docs, const llmp_watch_t *root,
    llmp_documents_pt handler, void *data, llmp_pool_t *pool)
{
    docs->handler = handler;
    docs->data = data;
    docs->root = root;

    llmp_scratch_init(&docs->scratch, pool);
    llmp_documents_reset(docs);
}


void
llmp_documents_reset(llmp_documents_t *docs)
{
    docs->state = sw_top;
    docs->array = 0;
    docs->offset = 0;
}


const llmp_scan_t *
llmp_documents_unfinished(const llmp_documents_t *docs)
{
    return (docs->state == sw_document) ? &docs->scan : NULL;
}


void
llmp_documents_feed(llmp_documents_t *docs, const u_char *buf, size_t len)
{
    const u_char  *p, *end;

    end = buf + len;
    docs->buf = buf;

    for (p = buf; p < end; /* void */ ) {

        switch (docs->state) {

        case sw_top:
            p = llmp_documents_find_start(docs, p, end);
            break;

        case sw_document:
            p = llmp_documents_scan(docs, p, end);
            break;

        default: /* sw_skip */
            p = llmp_documents_skip(docs, p, end);
        }
    }

    docs->offset += len;
}


static const u_char *
llmp_documents_find_start(llmp_documents_t *docs, const u_char *p,
    const u_char *end)
{
    for ( /* void */ ; p < end; p++) {

        switch (*p) {

        case '{':
            llmp_documents_start(docs, p);
            return p;

        case '[':
            if (!docs->array) {
                docs->array = 1;
                break;
            }

            /* objects in an inner array are not documents */

            /* fall through */

        case '"':
            docs->place.depth = 0;
            docs->place.string = 0;
            docs->place.escape = 0;
            docs->state = sw_skip;
            return p;

        case ']':
            docs->array = 0;
            break;
        }
    }

    return p;
}


static void
llmp_documents_start(llmp_documents_t *docs, const u_char *p)
{
    llmp_scratch_reset(&docs->scratch);
    llmp_scan_init_lax(&docs->scan, docs->root, &docs->scratch.pool);

    docs->scan.members.elts = docs->members;
    docs->scan.members.size = LLMP_DOCUMENTS_MEMBERS;
    docs->start = docs->offset + (uint64_t) (p - docs->buf);
    docs->state = sw_document;
}


static const u_char *
llmp_documents_scan(llmp_documents_t *docs, const u_char *p, const u_char *end)
{
    size_t  taken;

    /* keep the place, since the scan may fail anywhere in this buffer */

    llmp_scan_get_place(&docs->scan, &docs->place);

    switch (llmp_scan_feed_first(&docs->scan, p, end - p, &taken)) {

    case LLMP_AGAIN:
        return end;

    case LLMP_OK:
        docs->state = sw_top;
        docs->handler(docs->data, &docs->scan.members);
        return p + taken;
    }

    docs->state = sw_skip;

    (void) llmp_documents_skip(docs, docs->place.rest,
                               docs->place.rest + docs->place.nrest);

    return p;
}


static const u_char *
llmp_documents_skip(llmp_documents_t *docs, const u_char *p, const u_char *end)
{
    llmp_scan_place_t  *place;

    place = &docs->place;

    while (p < end) {

        if (place->string) {
            p = llmp_documents_skip_string(docs, p, end);

        } else {

            switch (*p++) {

            case '"':
                place->string = 1;
                continue;

            case '{':
            case '[':
                place->depth++;
                continue;

            case '}':
            case ']':
                place->depth--;
                break;

            default:
                continue;
            }
        }

        if (place->depth == 0 && !place->string) {
            docs->state = sw_top;
            return p;
        }
    }

    return p;
}


static const u_char *
llmp_documents_skip_string(llmp_documents_t *docs, const u_char *p,
    const u_char *end)
{
    llmp_scan_place_t  *place;

    place = &docs->place;

    for ( /* void */ ; p < end; p++) {

        if (place->escape) {
            place->escape = 0;

        } else if (*p == '\\') {
            place->escape = 1;

        } else if (*p == '"') {
            place->string = 0;
            return p + 1;
        }
    }

    return p;
}
