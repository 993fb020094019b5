
/*
 * Copyright (C) llm-policy authors
 *
 * Records requested values and changes, for the log.
 */


#ifndef LLMP_DECIDE_RECORD_H_INCLUDED_
#define LLMP_DECIDE_RECORD_H_INCLUDED_


#include "decide/llmp_decider.h"


/*
 * Records the values that the client sent for the parameters of member i, if
 * none is recorded: a native spelling has precedence, then the first one.
 */
void llmp_decide_record_requested(llmp_decider_t *dc, uint32_t i);

/*
 * Record a change of member m, or the addition of a member that is a spelling
 * of params: in the list of changes, and as the record of its parameters.  For
 * a pointer, param is LLMP_PARAM_MAX, and params are those at its place.
 */
void llmp_decide_record_change(llmp_decider_t *dc, const llmp_rule_t *rule,
    llmp_uint_t param, const llmp_member_t *m, const llmp_str_t *effective,
    llmp_action_e action);
void llmp_decide_record_addition(llmp_decider_t *dc, const llmp_rule_t *rule,
    llmp_uint_t param, uint64_t params, const llmp_str_t *effective,
    llmp_action_e action);

/*
 * Completes the records of parameters, after all changes: a pointer changes a
 * member that is a parameter, too, and what surrounds a member may be removed.
 */
void llmp_decide_record_sent(llmp_decider_t *dc);

/* returns whether member i, or a member around it, is removed or replaced */
llmp_uint_t llmp_decide_record_is_gone(const llmp_decider_t *dc, uint32_t i);

/* records that member i, of the name in a list of changes, is removed since a
   rule, which may be NULL, removes another one */
void llmp_decide_record_dependent(llmp_decider_t *dc, const llmp_rule_t *rule,
    const llmp_str_t *name, uint32_t i);

/* records a number of unknown members that are removed */
void llmp_decide_record_unknown(llmp_decider_t *dc, const llmp_str_t *number);

/* returns the value of a member for messages and logs: its text, which is not
   copied, or "..." for a string of a pointer rule, [...] and {...} */
llmp_str_t llmp_decide_record_text(const llmp_member_t *m, llmp_uint_t param);


#endif /* LLMP_DECIDE_RECORD_H_INCLUDED_ */
