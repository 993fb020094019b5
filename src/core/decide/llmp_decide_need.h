
/*
 * Copyright (C) llm-policy authors
 *
 * Members that an API accepts next to another one only, see llmp_need_t.
 */


#ifndef LLMP_DECIDE_NEED_H_INCLUDED_
#define LLMP_DECIDE_NEED_H_INCLUDED_


#include "decide/llmp_decider.h"


/*
 * Returns whether the member of a node, which may be NULL, can be written to
 * the current request: neither it nor a member around it needs another one, or
 * the request will be sent with that one.
 */
llmp_uint_t llmp_decide_need_is_met(llmp_decider_t *dc, const llmp_watch_t *w);

/*
 * Removes the members that the client has sent next to another one, if the
 * policy removes or changes that other one.  Called if dc->needs is set, before
 * the rules of members are applied, and after that: a rule may remove a part of
 * the other member.
 */
llmp_int_t llmp_decide_need_remove(llmp_decider_t *dc);

/*
 * Returns whether the current request, as it will be sent after all rules, has
 * the member of a node with the value true, or with an object or array that is
 * not empty.
 */
llmp_uint_t llmp_decide_need_is_sent(llmp_decider_t *dc, const llmp_watch_t *w);


#endif /* LLMP_DECIDE_NEED_H_INCLUDED_ */
