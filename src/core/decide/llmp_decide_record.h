
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
 * Records a change of the current request, for the log and as the parameter's
 * record.  m is the member that is changed, or NULL if one is added; param is
 * LLMP_PARAM_MAX for a pointer.
 */
void llmp_decide_record_change(llmp_decider_t *dc, const llmp_rule_t *rule,
    llmp_uint_t param, const llmp_member_t *m, const llmp_str_t *effective,
    llmp_action_e action);

/* records a number of unknown members that are removed */
void llmp_decide_record_unknown(llmp_decider_t *dc, const llmp_str_t *number);

/* returns the value of a member for messages and logs: its text, which is not
   copied, or "..." for a string of a pointer rule, [...] and {...} */
llmp_str_t llmp_decide_record_text(const llmp_member_t *m, llmp_uint_t param);


#endif /* LLMP_DECIDE_RECORD_H_INCLUDED_ */
