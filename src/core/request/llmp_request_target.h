
/*
 * Copyright (C) llm-policy authors
 *
 * The path of a request as it was sent.
 */


#ifndef LLMP_REQUEST_TARGET_H_INCLUDED_
#define LLMP_REQUEST_TARGET_H_INCLUDED_


#include "policy/llmp_policy.h"
#include "request/llmp_request.h"


/*
 * Checks req->target, whose path has matched a route of the document, or none
 * (NULL).  Returns LLMP_OK, or LLMP_ERROR with refusal set if an upstream may
 * read it as another path.
 */
llmp_int_t llmp_request_target_check(const llmp_request_t *req,
    const llmp_route_t *route, llmp_refusal_t *refusal);


#endif /* LLMP_REQUEST_TARGET_H_INCLUDED_ */
