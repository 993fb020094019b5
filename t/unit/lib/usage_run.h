
/*
 * Copyright (C) llm-policy authors
 *
 * Readers of usage in unit tests.
 */


#ifndef LLMP_TEST_USAGE_RUN_H_INCLUDED_
#define LLMP_TEST_USAGE_RUN_H_INCLUDED_


#include "test.h"
#include "policy_load.h"

#include "response/llmp_usage.h"


#define JSON    "application/json"
#define SSE     "text/event-stream"
#define NDJSON  "application/x-ndjson"
#define FRAMES  "application/vnd.amazon.eventstream"


typedef struct {
    policy_fixture_t            p;
    llmp_usage_t               *usage;
    const llmp_usage_result_t  *result;
} usage_fixture_t;


/* Sets up a usage_fixture_t with an empty policy. */
int usage_setup(void **state);

/* Creates a reader of responses of a dialect and a Content-Type. */
llmp_int_t usage_prepare(usage_fixture_t *f, const char *dialect,
    const char *type);

/* Feeds pieces of a size, the first one of another. */
void usage_feed(llmp_usage_t *usage, const char *body, size_t len,
    size_t first, size_t size);


#endif /* LLMP_TEST_USAGE_RUN_H_INCLUDED_ */
