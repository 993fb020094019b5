
/*
 * Copyright (C) llm-policy authors
 *
 * Our scanner, for a program in C++.
 */


#ifndef OURS_H_INCLUDED_
#define OURS_H_INCLUDED_


#include <stddef.h>


#ifdef __cplusplus
extern "C" {
#endif

/* Loads a policy and finds its tree for OpenAI chats.  Returns 0, or -1. */
int ours_init(void);

/*
 * Returns the name of a code path that this CPU supports, or NULL after the
 * last one.
 */
const char *ours_path(size_t path);

/*
 * Scans a request in pieces, with a new scanner.  Returns 1 if it is accepted.
 */
int ours_scan(size_t path, const char *body, size_t len, size_t piece);

#ifdef __cplusplus
}
#endif


#endif /* OURS_H_INCLUDED_ */
