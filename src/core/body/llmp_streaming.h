
/*
 * Copyright (C) llm-policy authors
 *
 * Streaming of request bodies: a JSON body is decided on and edited while it
 * passes.  Bytes are forwarded as soon as they are final, that is, when no
 * later byte can change the edits before them.  All other bytes are held.
 */


#ifndef LLMP_STREAMING_H_INCLUDED_
#define LLMP_STREAMING_H_INCLUDED_


#include "base/llmp.h"
#include "base/llmp_edit.h"
#include "base/llmp_scratch.h"
#include "body/llmp_body.h"
#include "watch/llmp_watch.h"


/* maximum number of unfinished objects that members may be added to */
#define LLMP_STREAMING_OPEN_MAX  64


/* the owner of forwarded bytes */

typedef enum {
    LLMP_STREAMING_FED = 0,  /* the buffer that was fed */
    LLMP_STREAMING_HELD,     /* memory that is reused after the call */
    LLMP_STREAMING_TEXT      /* the policy or the pool */
} llmp_streaming_source_e;


/* when the bytes after a fed buffer arrive */

typedef enum {
    LLMP_STREAMING_LATER = 0,  /* unknown */
    LLMP_STREAMING_SOON,       /* they are available, and fed next */
    LLMP_STREAMING_LAST        /* there are none: llmp_streaming_decide() and
                                  llmp_streaming_finish() are called while the
                                  buffer is valid */
} llmp_streaming_more_e;


/*
 * Receives len forwarded bytes, at least 1.  Returns LLMP_OK, or LLMP_ERROR if
 * there is no memory.
 */

typedef llmp_int_t (*llmp_streaming_pt)(void *data,
    llmp_streaming_source_e source, const u_char *p, size_t len);


/*
 * Admits a request whose model, which is sent, is known.  Returns LLMP_OK;
 * LLMP_AGAIN with *tier set to the tier that the body is decided on for, once
 * more; or LLMP_ERROR with the refusal of the body's decision set.
 */

typedef llmp_int_t (*llmp_streaming_admit_pt)(void *data,
    const llmp_str_t *model, const llmp_tier_t **tier);


/* the event that makes a member final */

typedef enum {
    LLMP_STREAMING_WAIT_NONE = 0,
    LLMP_STREAMING_WAIT_VALUE,   /* the end of its value */
    LLMP_STREAMING_WAIT_NEXT,    /* the next member: its comma may be removed */
    LLMP_STREAMING_WAIT_MODEL,   /* the model */
    LLMP_STREAMING_WAIT_STREAM,  /* the member "stream" */
    LLMP_STREAMING_WAIT_TOKENS,  /* max_tokens */
    LLMP_STREAMING_WAIT_END      /* the end of the body */
} llmp_streaming_wait_e;


/*
 * State of the decision on the members read so far:
 *
 *     event                         CURRENT    DUE          UNDECIDED
 *
 *     members became final          DUE        DUE          UNDECIDED
 *     decision made                            CURRENT      CURRENT
 *     decision failed                          UNDECIDED    UNDECIDED
 *     more than the maximum held    refused    refused      DROPPED
 *
 * A failed decision is made again when the next member was read.  In DROPPED,
 * the body will be refused at its end, for the reason that is known there.
 */

typedef enum {
    LLMP_STREAMING_CURRENT = 0,  /* the edits of all final members are known */
    LLMP_STREAMING_DUE,          /* a decision must be made before forwarding */
    LLMP_STREAMING_UNDECIDED,    /* the last decision has failed */
    LLMP_STREAMING_DROPPED       /* nothing is held or forwarded any more */
} llmp_streaming_state_e;


typedef struct {
    llmp_body_t             *body;
    llmp_streaming_pt        handler;
    void                    *data;        /* first argument of handlers */
    size_t                   hold;        /* most bytes that are held */

    /* may be set after llmp_streaming_init() */

    llmp_streaming_admit_pt  admit;       /* or NULL; no byte is forwarded
                                             before it */
    uint64_t                 growth_max;  /* bytes that edits may add; initially
                                             the bound of the policy */
    llmp_uint_t              unchanged;   /* forward all bytes as they are */

    /* to be read */

    uint64_t                 fed;         /* bytes of the body */
    int64_t                  growth;      /* bytes that edits have added to the
                                             forwarded part */

    /* private: the bytes */

    const u_char            *buf;         /* the fed buffer */
    uint64_t                 base;        /* its offset in the body */
    uint64_t                 sent;        /* forwarded bytes of the body */

    u_char                  *held;        /* bytes from sent to base */
    size_t                   first;       /* their offset in held */
    size_t                   nheld;
    size_t                   size;        /* allocated for held */

    /* the decisions */

    llmp_streaming_state_e   state;
    uint32_t                 nundecided;  /* members when a decision failed */
    uint64_t                 ndecided;    /* members of all decisions */
    llmp_scratch_t           scratch;     /* memory of a decision */

    llmp_edit_t             *done;        /* forwarded edits */
    llmp_uint_t              ndone;
    llmp_uint_t              done_size;

    uint64_t                 cut_from;    /* start of the edit whose end is not
                                             final */
    uint64_t                 cut_to;      /* end of that edit so far; 0 if there
                                             is no such edit */

    /* the rules: masks of parameters */

    uint64_t                 params;      /* that rules may change */
    uint64_t                 removes;     /* that rules may remove */
    uint64_t                 by_model;    /* with rules in models */
    uint64_t                 renamed;     /* with a name in the policy */
    uint64_t                 blocked_by;  /* addition depends on later
                                             members */

    unsigned                 prompt:1;    /* the tier limits prompts */
    unsigned                 choosing:1;  /* the dialect is not known yet */
    unsigned                 usage:1;     /* usage may be requested */
    unsigned                 usage_by_model:1;  /* depending on the model */

    /* the members */

    unsigned                 model_seen:1;
    unsigned                 stream_seen:1;
    unsigned                 tokens_seen:1;  /* max_tokens */
    unsigned                 thinks:1;       /* thinking may be changed ... */
    unsigned                 thinks_known:1; /* ... if this is set */

    uint32_t                 nseen;       /* searched for model and stream */
    uint32_t                 nfinal;      /* final members; ends of objects in
                                             open[] may still change */
    uint32_t                 open[LLMP_STREAMING_OPEN_MAX];
    uint32_t                 nopen;

    const llmp_watch_t      *waiting;     /* first member that is not final */
    llmp_streaming_wait_e    wait;        /* event that it waits for */
} llmp_streaming_t;


/*
 * Returns whether requests of a dialect can be decided on while they pass:
 * forms and batches cannot.
 */
llmp_uint_t llmp_streaming_is_possible(const llmp_dialect_t *dialect);

/*
 * Prepares to stream a body that llmp_body_init() has prepared.  At most hold
 * bytes are held.  The functions below call the handler.  All memory is that of
 * the body's pool.
 */
void llmp_streaming_init(llmp_streaming_t *st, llmp_body_t *body, size_t hold,
    llmp_streaming_pt handler, void *data);

/*
 * Reads the next len bytes, split anywhere, and forwards the final part.  Small
 * pieces are only collected if more bytes are available.  The last byte of the
 * document is never forwarded.
 *
 * Returns LLMP_AGAIN, or LLMP_ERROR if the body will be refused, with the
 * refusal in the decision of the body.
 */
llmp_int_t llmp_streaming_feed(llmp_streaming_t *st, const u_char *buf,
    size_t len, llmp_streaming_more_e more);

/*
 * Decides after the complete body was fed, as llmp_body_decide() does, and
 * with the same result.  Also fails if the forwarded part does not agree with
 * the decision.  Forwards nothing.
 */
llmp_int_t llmp_streaming_decide(llmp_streaming_t *st);

/*
 * Forwards the rest of a body that was decided on.  Returns LLMP_OK, or
 * LLMP_ERROR if there is no memory.
 */
llmp_int_t llmp_streaming_finish(llmp_streaming_t *st);


#endif /* LLMP_STREAMING_H_INCLUDED_ */
