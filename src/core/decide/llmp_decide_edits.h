
/*
 * Copyright (C) llm-policy authors
 *
 * Edits of the document that a decision needs.
 */


#ifndef LLMP_DECIDE_EDITS_H_INCLUDED_
#define LLMP_DECIDE_EDITS_H_INCLUDED_


#include "decide/llmp_decider.h"


/* replaces a member's value by a JSON text */
llmp_int_t llmp_decide_edits_set_value(llmp_decider_t *dc,
    const llmp_member_t *m, const llmp_str_t *text);

/* replaces a member's name in a JSON document */
llmp_int_t llmp_decide_edits_set_name(llmp_decider_t *dc,
    const llmp_member_t *m, const llmp_str_t *name);

/* removes member i, which is not removed yet */
void llmp_decide_edits_remove_member(llmp_decider_t *dc, uint32_t i);

/*
 * Adds a member that is a spelling of params, see llmp_decider_addition_t;
 * place->steps must remain valid.
 */
llmp_int_t llmp_decide_edits_add_member(llmp_decider_t *dc,
    const llmp_decider_place_t *place, uint64_t params, const llmp_str_t *text);

/* returns whether a member was added at a place: it will not be added twice */
llmp_uint_t llmp_decide_edits_has_member(llmp_decider_t *dc,
    const llmp_decider_place_t *place);

/* completes and merges the edits of the document: removed and added members;
   refuses if the body must not change, see llmp_decision_t.digest */
llmp_int_t llmp_decide_edits_finish(llmp_decider_t *dc);

/* writes a name in quotes, and returns the end; the loader refuses names that
   need an escape */
u_char *llmp_decide_edits_write_name(u_char *p, const llmp_str_t *name);


#endif /* LLMP_DECIDE_EDITS_H_INCLUDED_ */
