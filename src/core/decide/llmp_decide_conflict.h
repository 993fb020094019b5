
/*
 * Copyright (C) llm-policy authors
 *
 * Conflicts of members with parameters, which must then not be added or
 * changed.
 */


#ifndef LLMP_DECIDE_CONFLICT_H_INCLUDED_
#define LLMP_DECIDE_CONFLICT_H_INCLUDED_


#include "decide/llmp_decider.h"


/* marks the members that pointer rules replace, if there are such rules */
llmp_int_t llmp_decide_conflict_find_replaced(llmp_decider_t *dc);

/* finds values of the client that freeze parameters or hide their defaults;
   called if dc->depends is not empty */
void llmp_decide_conflict_find(llmp_decider_t *dc);

/* collects the parameters that conflict with the members that remain; called
   as the one before */
void llmp_decide_conflict_collect(llmp_decider_t *dc);

/* notes the parameters that conflict with a value written by a pointer rule */
llmp_int_t llmp_decide_conflict_add_value(llmp_decider_t *dc,
    const llmp_watch_t *w, const llmp_value_t *value);


#endif /* LLMP_DECIDE_CONFLICT_H_INCLUDED_ */
