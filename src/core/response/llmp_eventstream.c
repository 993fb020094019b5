
/*
 * Copyright (C) llm-policy authors
 */


#include "response/llmp_eventstream.h"


#define LLMP_EVENTSTREAM_CRC   4

/* length of a frame without headers and payload */
#define LLMP_EVENTSTREAM_MIN  (LLMP_EVENTSTREAM_PRELUDE + LLMP_EVENTSTREAM_CRC)

/* buffer for decoded base64 */
#define LLMP_EVENTSTREAM_DECODED  512


/* parts of a frame, in their order */

enum {
    sw_prelude = 0,
    sw_headers,
    sw_payload,
    sw_crc,
    sw_lost
};


/* parts of a payload: the start of {"bytes":"...", then JSON or base64 */

enum {
    sw_name = 0,
    sw_plain,
    sw_base64,
    sw_done
};


static void llmp_eventstream_read_prelude(llmp_eventstream_t *es);
static void llmp_eventstream_next_part(llmp_eventstream_t *es);
static void llmp_eventstream_read_payload(llmp_eventstream_t *es,
    const u_char *p, const u_char *end);
static const u_char *llmp_eventstream_match_wrapper(llmp_eventstream_t *es,
    const u_char *p);
static const u_char *llmp_eventstream_decode_base64(llmp_eventstream_t *es,
    const u_char *p, const u_char *end);
static int llmp_eventstream_base64_digit(u_char ch);
static uint32_t llmp_eventstream_uint32(const u_char *p);
static uint32_t llmp_eventstream_crc32(const u_char *p, size_t len);


static const char  llmp_eventstream_wrapper[] = "{\"bytes\":\"";


void
llmp_eventstream_init(llmp_eventstream_t *es)
{
    es->state = sw_prelude;
    es->left = LLMP_EVENTSTREAM_PRELUDE;
}


void
llmp_eventstream_feed(llmp_eventstream_t *es, const u_char *buf, size_t len)
{
    size_t         n;
    const u_char  *p, *end;

    end = buf + len;

    for (p = buf; p < end && es->state != sw_lost; p += n) {

        n = (size_t) (end - p);

        if (n > es->left) {
            n = es->left;
        }

        if (es->state == sw_prelude) {
            memcpy(es->prelude + LLMP_EVENTSTREAM_PRELUDE - es->left, p, n);

        } else if (es->state == sw_payload) {
            llmp_eventstream_read_payload(es, p, p + n);
        }

        es->left -= (uint32_t) n;

        if (es->left == 0) {
            llmp_eventstream_next_part(es);
        }
    }
}


/* enters the next part that is not empty */

static void
llmp_eventstream_next_part(llmp_eventstream_t *es)
{
    do {
        switch (es->state) {

        case sw_prelude:
            llmp_eventstream_read_prelude(es);
            break;

        case sw_headers:
            es->state = sw_payload;
            es->left = es->payload;
            es->wrap = sw_name;
            es->name = 0;
            break;

        case sw_payload:
            es->end(es->ctx);
            es->state = sw_crc;
            es->left = LLMP_EVENTSTREAM_CRC;
            break;

        case sw_crc:
            es->state = sw_prelude;
            es->left = LLMP_EVENTSTREAM_PRELUDE;
            break;

        default: /* sw_lost */
            return;
        }

    } while (es->left == 0);
}


static void
llmp_eventstream_read_prelude(llmp_eventstream_t *es)
{
    uint32_t  total, headers;

    total = llmp_eventstream_uint32(es->prelude);
    headers = llmp_eventstream_uint32(es->prelude + 4);

    if (llmp_eventstream_uint32(es->prelude + 8)
        != llmp_eventstream_crc32(es->prelude, 8)
        || total < LLMP_EVENTSTREAM_MIN
        || headers > total - LLMP_EVENTSTREAM_MIN)
    {
        es->state = sw_lost;
        return;
    }

    es->state = sw_headers;
    es->left = headers;
    es->payload = total - LLMP_EVENTSTREAM_MIN - headers;
}


static void
llmp_eventstream_read_payload(llmp_eventstream_t *es, const u_char *p,
    const u_char *end)
{
    while (p < end) {

        switch (es->wrap) {

        case sw_name:
            p = llmp_eventstream_match_wrapper(es, p);
            break;

        case sw_base64:
            p = llmp_eventstream_decode_base64(es, p, end);
            break;

        case sw_plain:
            es->data(es->ctx, p, (size_t) (end - p));
            return;

        default: /* sw_done: padding, which hides the length */
            return;
        }
    }
}


static const u_char *
llmp_eventstream_match_wrapper(llmp_eventstream_t *es, const u_char *p)
{
    if (*p != (u_char) llmp_eventstream_wrapper[es->name]) {

        es->wrap = sw_plain;

        if (es->name != 0) {
            es->data(es->ctx, (u_char *) llmp_eventstream_wrapper,
                         es->name);
        }

        return p;
    }

    es->name++;

    if (es->name == sizeof(llmp_eventstream_wrapper) - 1) {
        es->wrap = sw_base64;
        es->bits = 0;
        es->nbits = 0;
    }

    return p + 1;
}


static const u_char *
llmp_eventstream_decode_base64(llmp_eventstream_t *es, const u_char *p,
    const u_char *end)
{
    int      digit;
    size_t   n;
    u_char   part[LLMP_EVENTSTREAM_DECODED];

    for (n = 0; p < end && n < LLMP_EVENTSTREAM_DECODED; p++) {

        digit = llmp_eventstream_base64_digit(*p);

        if (digit < 0) {

            /* the closing quote, or base64's padding */

            es->wrap = sw_done;
            break;
        }

        es->bits = (es->bits << 6) | (uint32_t) digit;
        es->nbits += 6;

        if (es->nbits >= 8) {
            es->nbits -= 8;
            part[n++] = (u_char) (es->bits >> es->nbits);
        }
    }

    if (n != 0) {
        es->data(es->ctx, part, n);
    }

    return p;
}


static int
llmp_eventstream_base64_digit(u_char ch)
{
    if (ch >= 'A' && ch <= 'Z') {
        return ch - 'A';
    }

    if (ch >= 'a' && ch <= 'z') {
        return ch - 'a' + 26;
    }

    if (ch >= '0' && ch <= '9') {
        return ch - '0' + 52;
    }

    return (ch == '+') ? 62 : (ch == '/') ? 63 : -1;
}


static uint32_t
llmp_eventstream_uint32(const u_char *p)
{
    return (uint32_t) p[0] << 24 | (uint32_t) p[1] << 16
           | (uint32_t) p[2] << 8 | p[3];
}


/* CRC-32 of ISO 3309; without a table, since only 8 bytes are checked */

static uint32_t
llmp_eventstream_crc32(const u_char *p, size_t len)
{
    int       i;
    uint32_t  crc;

    crc = 0xffffffff;

    for ( /* void */ ; len != 0; len--) {
        crc ^= *p++;

        for (i = 0; i < 8; i++) {
            crc = (crc >> 1) ^ ((crc & 1) ? 0xedb88320 : 0);
        }
    }

    return crc ^ 0xffffffff;
}
