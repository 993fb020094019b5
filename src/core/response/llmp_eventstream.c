
/*
 * Copyright (C) llm-policy authors
 */


#include "response/llmp_eventstream.h"


#define LLMP_FRAME_CRC   4

/* bytes of a frame beside its headers and its payload */
#define LLMP_FRAME_REST  (LLMP_FRAME_PRELUDE + LLMP_FRAME_CRC)

/* bytes that are decoded at once */
#define LLMP_FRAME_PART  512


/* the parts of a frame, in their order */

enum {
    sw_prelude = 0,
    sw_headers,
    sw_payload,
    sw_crc,
    sw_lost
};


/* of a payload */

enum {
    sw_name = 0,
    sw_plain,
    sw_base64,
    sw_done
};


static void llmp_frames_prelude(llmp_frames_t *frames);
static void llmp_frames_next(llmp_frames_t *frames);
static void llmp_frames_payload(llmp_frames_t *frames, const u_char *p,
    const u_char *end);
static const u_char *llmp_frames_name(llmp_frames_t *frames, const u_char *p);
static const u_char *llmp_frames_base64(llmp_frames_t *frames,
    const u_char *p, const u_char *end);
static int llmp_frames_digit(u_char ch);
static uint32_t llmp_frames_number(const u_char *p);
static uint32_t llmp_frames_crc(const u_char *p, size_t len);


static const char  llmp_frames_bytes[] = "{\"bytes\":\"";


void
llmp_frames_init(llmp_frames_t *frames)
{
    frames->state = sw_prelude;
    frames->left = LLMP_FRAME_PRELUDE;
}


void
llmp_frames_feed(llmp_frames_t *frames, const u_char *buf, size_t len)
{
    size_t         n;
    const u_char  *p, *end;

    end = buf + len;

    for (p = buf; p < end && frames->state != sw_lost; p += n) {

        n = (size_t) (end - p);

        if (n > frames->left) {
            n = frames->left;
        }

        if (frames->state == sw_prelude) {
            memcpy(frames->prelude + LLMP_FRAME_PRELUDE - frames->left, p, n);

        } else if (frames->state == sw_payload) {
            llmp_frames_payload(frames, p, p + n);
        }

        frames->left -= (uint32_t) n;

        if (frames->left == 0) {
            llmp_frames_next(frames);
        }
    }
}


/* goes on to the next part that is not empty */

static void
llmp_frames_next(llmp_frames_t *frames)
{
    do {
        switch (frames->state) {

        case sw_prelude:
            llmp_frames_prelude(frames);
            break;

        case sw_headers:
            frames->state = sw_payload;
            frames->left = frames->payload;
            frames->wrap = sw_name;
            frames->name = 0;
            break;

        case sw_payload:
            frames->end(frames->ctx);
            frames->state = sw_crc;
            frames->left = LLMP_FRAME_CRC;
            break;

        case sw_crc:
            frames->state = sw_prelude;
            frames->left = LLMP_FRAME_PRELUDE;
            break;

        default: /* sw_lost */
            return;
        }

    } while (frames->left == 0);
}


static void
llmp_frames_prelude(llmp_frames_t *frames)
{
    uint32_t  total, headers;

    total = llmp_frames_number(frames->prelude);
    headers = llmp_frames_number(frames->prelude + 4);

    if (llmp_frames_number(frames->prelude + 8)
        != llmp_frames_crc(frames->prelude, 8)
        || total < LLMP_FRAME_REST
        || headers > total - LLMP_FRAME_REST)
    {
        frames->state = sw_lost;
        return;
    }

    frames->state = sw_headers;
    frames->left = headers;
    frames->payload = total - LLMP_FRAME_REST - headers;
}


static void
llmp_frames_payload(llmp_frames_t *frames, const u_char *p,
    const u_char *end)
{
    while (p < end) {

        switch (frames->wrap) {

        case sw_name:
            p = llmp_frames_name(frames, p);
            break;

        case sw_base64:
            p = llmp_frames_base64(frames, p, end);
            break;

        case sw_plain:
            frames->data(frames->ctx, p, (size_t) (end - p));
            return;

        default: /* sw_done: padding that hides the length */
            return;
        }
    }
}


static const u_char *
llmp_frames_name(llmp_frames_t *frames, const u_char *p)
{
    if (*p != (u_char) llmp_frames_bytes[frames->name]) {

        frames->wrap = sw_plain;

        if (frames->name != 0) {
            frames->data(frames->ctx, (u_char *) llmp_frames_bytes,
                         frames->name);
        }

        return p;
    }

    frames->name++;

    if (frames->name == sizeof(llmp_frames_bytes) - 1) {
        frames->wrap = sw_base64;
        frames->bits = 0;
        frames->nbits = 0;
    }

    return p + 1;
}


static const u_char *
llmp_frames_base64(llmp_frames_t *frames, const u_char *p, const u_char *end)
{
    int      digit;
    size_t   n;
    u_char   part[LLMP_FRAME_PART];

    for (n = 0; p < end && n < LLMP_FRAME_PART; p++) {

        digit = llmp_frames_digit(*p);

        if (digit < 0) {

            /* the end, or what fills it up */

            frames->wrap = sw_done;
            break;
        }

        frames->bits = (frames->bits << 6) | (uint32_t) digit;
        frames->nbits += 6;

        if (frames->nbits >= 8) {
            frames->nbits -= 8;
            part[n++] = (u_char) (frames->bits >> frames->nbits);
        }
    }

    if (n != 0) {
        frames->data(frames->ctx, part, n);
    }

    return p;
}


static int
llmp_frames_digit(u_char ch)
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
llmp_frames_number(const u_char *p)
{
    return (uint32_t) p[0] << 24 | (uint32_t) p[1] << 16
           | (uint32_t) p[2] << 8 | p[3];
}


/* CRC-32 of ISO 3309; of a few bytes, so without a table */

static uint32_t
llmp_frames_crc(const u_char *p, size_t len)
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
