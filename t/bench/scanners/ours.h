
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

/* loads a policy, whose tree for OpenAI chats is looked for; 0 or -1 */
int ours_init(void);

/* the name of a way to scan that this CPU has, or NULL behind the last one */
const char *ours_path(size_t path);

/* scans a request from nothing, in pieces; returns whether it is accepted */
int ours_scan(size_t path, const char *body, size_t len, size_t piece);

#ifdef __cplusplus
}
#endif


#endif /* OURS_H_INCLUDED_ */
