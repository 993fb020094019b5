
/*
 * Copyright (C) llm-policy authors
 *
 * A body in JSON that is decided on, and edited, while it passes: what of it
 * is settled goes on, what is not is held.
 */


#ifndef LLMP_STREAMING_H_INCLUDED_
#define LLMP_STREAMING_H_INCLUDED_


#include "base/llmp.h"
#include "body/llmp_body.h"
#include "base/llmp_scratch.h"


/* where the bytes are that go on */

typedef enum {
    LLMP_FLOW_FED = 0,       /* in the buffer that was fed */
    LLMP_FLOW_HELD,          /* in memory that is used again after the call */
    LLMP_FLOW_TEXT           /* in the policy, or in the pool */
} llmp_flow_e;


/* when what follows the bytes that are fed is there */

typedef enum {
    LLMP_FLOW_LATER = 0,     /* nobody knows */
    LLMP_FLOW_SOON,          /* it is at hand, and will be fed next */
    LLMP_FLOW_LAST           /* nothing follows: llmp_flow_decide() and
                                llmp_flow_finish() are called while the bytes
                                are where they are */
} llmp_flow_rest_e;


/*
 * Takes bytes that go on, len of them, at least 1.  Returns LLMP_OK, or
 * LLMP_ERROR if there is no memory.
 */

typedef llmp_int_t (*llmp_flow_pt)(void *data, llmp_flow_e where,
    const u_char *p, size_t len);


/* what has to come before a member is settled */

typedef enum {
    LLMP_WAIT_NONE = 0,
    LLMP_WAIT_VALUE,         /* its value's end */
    LLMP_WAIT_NEXT,          /* the next member, whose comma may have to go */
    LLMP_WAIT_MODEL,
    LLMP_WAIT_STREAM,
    LLMP_WAIT_END            /* of the request */
} llmp_wait_e;


typedef struct {
    llmp_body_t         *body;
    llmp_flow_pt         handler;
    void                *data;
    size_t               hold;

    /* may be set after llmp_flow_init() */

    uint64_t             room;        /* bytes that it may grow by: the
                                         policy's bound, or any */
    llmp_uint_t          pass;        /* all goes on as it is */

    int64_t              growth;      /* of what went on */

    /* the rest is private */

    const u_char        *buf;         /* what is fed, */
    uint64_t             base;        /* from this byte of the body, */
    uint64_t             fed;         /* to this one */
    uint64_t             sent;        /* all before it is gone */

    u_char              *held;        /* bytes from sent to base */
    size_t               first;       /* where they begin there */
    size_t               nheld;
    size_t               size;

    llmp_edit_t         *done;        /* the edits that went on */
    llmp_uint_t          ndone;
    llmp_uint_t          done_size;
    llmp_scratch_t       scratch;     /* of decisions so far */
    uint64_t             spent;       /* members that they were made of */

    uint64_t             params;      /* that rules may change, */
    uint64_t             removes;     /* take out, */
    uint64_t             modelled;    /* or that depends on the model */
    uint64_t             hinders;     /* that later members may keep from
                                         being added */

    uint64_t             cut_from;    /* an edit that was decided on, but for */
    uint64_t             cut_to;      /* whose end something waits; or 0 */

    uint32_t             looked;      /* members before it were seen */
    uint32_t             next;        /* and those before it are settled, but */
    uint32_t             open[LLMP_DEPTH_MAX];  /* for the ends of these */
    uint32_t             nopen;
    uint32_t             failed;      /* 1 + members when no decision was
                                         possible, or 0 */

    const llmp_watch_t  *waiting;     /* for what, and who */
    llmp_wait_e          wait;

    unsigned             due:1;       /* a decision is to be made */
    unsigned             dropped:1;   /* what was held: nothing goes on */
    unsigned             model:1;     /* is known */
    unsigned             stream:1;    /* was seen */
    unsigned             usage:1;     /* may be asked for, */
    unsigned             by_model:1;  /* and it depends on the model whether */
} llmp_flow_t;


/*
 * Whether requests of a dialect can be decided on while they pass: those in a
 * form, and batches, cannot.
 */
llmp_uint_t llmp_flow_may(const llmp_dialect_t *dialect);

/*
 * Prepares; body is as llmp_body_init() left it, for a request that
 * llmp_flow_may() speaks for.  At most hold bytes are held.  handler is called
 * by the functions below.  All memory is the body's pool.
 */
void llmp_flow_init(llmp_flow_t *flow, llmp_body_t *body, size_t hold,
    llmp_flow_pt handler, void *data);

/*
 * Takes the next len bytes, split anywhere, and hands on what is settled; but
 * if that is little, and rest says that more comes at once, it is not worth a
 * decision yet.  The last byte of the document is never handed on.
 *
 * Returns LLMP_AGAIN, or LLMP_ERROR if the body is to be refused, which
 * body->decision.refusal then has.
 */
llmp_int_t llmp_flow_feed(llmp_flow_t *flow, const u_char *buf, size_t len,
    llmp_flow_rest_e rest);

/*
 * Decides, once all of the body was fed, as llmp_body_decide() does, and with
 * the same result; it is an error, too, if what has gone on is not what
 * was decided.  Nothing is handed on.
 */
llmp_int_t llmp_flow_decide(llmp_flow_t *flow);

/*
 * Hands on the rest, after that.  Returns LLMP_OK, or LLMP_ERROR if there is no
 * memory.
 */
llmp_int_t llmp_flow_finish(llmp_flow_t *flow);


#endif /* LLMP_STREAMING_H_INCLUDED_ */
