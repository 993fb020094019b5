
/*
 * Copyright (C) llm-policy authors
 *
 * Reads the token usage from a response while it passes.
 */


#ifndef LLMP_USAGE_H_INCLUDED_
#define LLMP_USAGE_H_INCLUDED_


#include "base/llmp.h"


typedef struct llmp_policy_s   llmp_policy_t;
typedef struct llmp_dialect_s  llmp_dialect_t;


typedef struct {
    const llmp_policy_t   *policy;
    const llmp_dialect_t  *dialect;
    llmp_str_t             content_type;  /* value of the Content-Type field */
    llmp_pool_t           *pool;
} llmp_usage_settings_t;


/*
 * Tokens that were reported; -1: not reported.  The parts are never larger than
 * what they are parts of: cached + written <= prompt, reasoning <= completion.
 */

typedef struct {
    int64_t       prompt;      /* all of the input, also what was read from or
                                  written to a cache, results of tools, sound
                                  and images */
    int64_t       completion;  /* all of the output, also reasoning and sound */
    int64_t       total;
    int64_t       cached;      /* part of prompt: read from a cache */
    int64_t       written;     /* part of prompt: written to a cache */
    int64_t       reasoning;   /* part of completion */
    uint64_t      text;        /* bytes of generated text as encoded in JSON,
                                  for an estimate */
    llmp_uint_t   partial;     /* completion is the first report of a stream
                                  without a later one: too low */
} llmp_usage_result_t;


typedef struct llmp_usage_s  llmp_usage_t;


/*
 * Creates a reader of a response.  policy and pool must outlive it.
 *
 * Returns LLMP_OK; LLMP_DECLINED if responses of this Content-Type cannot be
 * read; or LLMP_ERROR if there is no memory.  *usage is set to NULL unless
 * LLMP_OK is returned.
 */
llmp_int_t llmp_usage_create(llmp_usage_t **usage,
    const llmp_usage_settings_t *settings);

/*
 * Reads the next len bytes of the body, decoded, split anywhere.  They are not
 * kept.  Unreadable documents are skipped.  Memory does not grow with the
 * number of documents of a stream.
 */
void llmp_usage_feed(llmp_usage_t *usage, const u_char *buf, size_t len);

/* ends the response, complete or cut short */
void llmp_usage_finish(llmp_usage_t *usage);

/*
 * Returns the result, which is valid after each call; text includes an
 * unfinished document only after llmp_usage_finish().  Returns an empty result
 * if usage is NULL.
 */
const llmp_usage_result_t *llmp_usage_result(const llmp_usage_t *usage);


#endif /* LLMP_USAGE_H_INCLUDED_ */
