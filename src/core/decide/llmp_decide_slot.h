
/*
 * Copyright (C) llm-policy authors
 *
 * The legal range of a parameter in a dialect.
 */


#ifndef LLMP_DECIDE_SLOT_H_INCLUDED_
#define LLMP_DECIDE_SLOT_H_INCLUDED_


#include "decide/llmp_decider.h"
#include "dialect/llmp_dialect.h"


/* returns the slot of a parameter if the member has a native name, or NULL */
const llmp_slot_t *llmp_decide_slot(llmp_decider_t *dc, const llmp_member_t *m,
    llmp_uint_t param);

/* returns the text of a value, clamped to the legal range if it is a number;
   slot may be NULL */
llmp_str_t llmp_decide_slot_clamp(const llmp_slot_t *slot,
    const llmp_value_t *value);


#endif /* LLMP_DECIDE_SLOT_H_INCLUDED_ */
