
/*
 * Copyright (C) llm-policy authors
 *
 * Incremental parser of the frames of application/vnd.amazon.eventstream:
 * lengths, headers, a payload, and checksums.
 */


#ifndef LLMP_EVENTSTREAM_H_INCLUDED_
#define LLMP_EVENTSTREAM_H_INCLUDED_


#include "base/llmp.h"


#define LLMP_EVENTSTREAM_PRELUDE  12


/*
 * data() receives a piece of the JSON of a frame, end() is called at the end
 * of the frame's payload.  The JSON is the payload itself, or the document in
 * it if Bedrock has wrapped the model's output: {"bytes":"<base64>"}.
 */

typedef struct {
    void      (*data)(void *ctx, const u_char *p, size_t len);
    void      (*end)(void *ctx);
    void       *ctx;       /* first argument of the handlers */

    u_char      prelude[LLMP_EVENTSTREAM_PRELUDE];
    uint32_t    left;      /* bytes of the current part, not yet read */
    uint32_t    payload;   /* length of the payload */
    uint32_t    bits;      /* base64 bits, less than a byte */
    uint8_t     nbits;
    uint8_t     name;      /* matched bytes of {"bytes":" */
    uint8_t     state;     /* part of the frame */
    uint8_t     wrap;      /* part of the payload */
} llmp_eventstream_t;


/* resets the parser; the caller sets the handlers and ctx */
void llmp_eventstream_init(llmp_eventstream_t *es);

/*
 * Parses the next len bytes, split anywhere.  Stops for good if the checksum
 * of a prelude is wrong.  Checksums of payloads are not verified: TCP has done
 * that already.
 */
void llmp_eventstream_feed(llmp_eventstream_t *es, const u_char *buf,
    size_t len);


#endif /* LLMP_EVENTSTREAM_H_INCLUDED_ */
