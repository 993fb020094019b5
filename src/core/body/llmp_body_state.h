
/*
 * Copyright (C) llm-policy authors
 *
 * State of a body, shared by the files of its kinds.
 *
 *     kind                   the body is                        file
 *
 *     llmp_body_json         a request in JSON                  _json.c
 *     llmp_body_choice       a request in JSON, of several      _choice.c
 *                            APIs
 *     llmp_body_json_batch   an array of requests in JSON       _json_batch.c
 *     llmp_body_form         a request in multipart/form-data   _form.c
 *     llmp_body_form_batch   a form with a file of requests     _form_batch.c
 */


#ifndef LLMP_BODY_STATE_H_INCLUDED_
#define LLMP_BODY_STATE_H_INCLUDED_


#include "body/llmp_body.h"
#include "body/llmp_body_batch.h"
#include "body/llmp_body_lines.h"
#include "dialect/llmp_dialect.h"
#include "form/llmp_form.h"
#include "json/llmp_scan.h"


/* the functions behind those of llmp_body.h */

typedef struct {
    llmp_int_t  (*init)(llmp_body_t *body);
    llmp_int_t  (*feed)(llmp_body_t *body, const u_char *buf, size_t len);
    llmp_int_t  (*decide)(llmp_body_t *body);

    /* NULL if decide() never returns LLMP_DECLINED */

    llmp_int_t  (*restart)(llmp_body_t *body);
} llmp_body_kind_t;


struct llmp_body_s {
    const llmp_body_kind_t  *kind;
    llmp_decision_t          decision;
    llmp_pool_t             *pool;
    uint64_t                 seed;
    llmp_uint_t              read;    /* kinds json, choice, form: all of it
                                         was read without an error */

    const llmp_dialect_t    *chooser; /* kind choice: dialect that chooses */
    uint32_t                 nseen;   /* kind choice: members searched */

    llmp_body_batch_t       *batch;   /* kind json_batch */
    llmp_body_lines_t       *lines;   /* kind form_batch */

    union {
        llmp_scan_t          scan;    /* kinds json, choice, json_batch */
        llmp_form_t          form;    /* kinds form and form_batch */
    };
};


extern const llmp_body_kind_t  llmp_body_json;
extern const llmp_body_kind_t  llmp_body_choice;
extern const llmp_body_kind_t  llmp_body_json_batch;
extern const llmp_body_kind_t  llmp_body_form;
extern const llmp_body_kind_t  llmp_body_form_batch;


/*
 * Sets the dialect of a body of the kind choice by the members read so far.
 * Returns LLMP_OK if it was set: the body must then be restarted, and fed again
 * from its start; LLMP_AGAIN if no member has decided yet.
 */
llmp_int_t llmp_body_choice_find(llmp_body_t *body);


/* used by the batches, which extend the kinds of a single request */

llmp_int_t llmp_body_json_init(llmp_body_t *body);
llmp_int_t llmp_body_json_feed(llmp_body_t *body, const u_char *buf,
    size_t len);
llmp_int_t llmp_body_json_decide(llmp_body_t *body);

llmp_int_t llmp_body_form_init(llmp_body_t *body);
llmp_int_t llmp_body_form_feed(llmp_body_t *body, const u_char *buf,
    size_t len);


/* returns whether unknown members must be read: for the tier of the caller, or
   for one in which a limit may have it decided on */
llmp_uint_t llmp_body_polices_unknown(const llmp_body_t *body);


/* returns the tree of watched members of the dialect of a body */

static inline llmp_watch_t *
llmp_body_watch(const llmp_body_t *body)
{
    const llmp_decision_t  *decision;

    decision = &body->decision;

    return decision->policy->watch[llmp_dialect_index(decision->dialect)];
}


#endif /* LLMP_BODY_STATE_H_INCLUDED_ */
