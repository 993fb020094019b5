
/*
 * Copyright (C) llm-policy authors
 *
 * The frames of application/vnd.amazon.eventstream, as they pass: lengths,
 * headers, a payload, and checksums.
 */


#ifndef LLMP_EVENTSTREAM_H_INCLUDED_
#define LLMP_EVENTSTREAM_H_INCLUDED_


#include "base/llmp.h"


#define LLMP_FRAME_PRELUDE  12


/*
 * data() takes a piece of the JSON of a frame, end() is told where it ends.
 * It is the payload; or what is in it, where Bedrock wraps what a model says,
 * in base64, as {"bytes":"..."}.
 */

typedef struct {
    void      (*data)(void *ctx, const u_char *p, size_t len);
    void      (*end)(void *ctx);
    void       *ctx;

    u_char      prelude[LLMP_FRAME_PRELUDE];
    uint32_t    left;      /* bytes of this part to come */
    uint32_t    payload;   /* and of the next one */
    uint32_t    bits;      /* of base64 that do not make a byte yet */
    uint8_t     nbits;
    uint8_t     name;      /* how much of "{"bytes":"" was there */
    uint8_t     state;
    uint8_t     wrap;
} llmp_frames_t;


/* prepares to read a stream; the handlers and ctx are set by the caller */
void llmp_frames_init(llmp_frames_t *frames);

/*
 * Takes the next len bytes, split anywhere.  Where a prelude is not what its
 * checksum says, no more is read.  What TCP has brought is not checked twice:
 * the payload is taken without its checksum.
 */
void llmp_frames_feed(llmp_frames_t *frames, const u_char *buf, size_t len);


#endif /* LLMP_EVENTSTREAM_H_INCLUDED_ */
