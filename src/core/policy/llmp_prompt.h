
/*
 * Copyright (C) llm-policy authors
 *
 * The limits that a tier sets for the prompt of one request, and the estimate
 * of its tokens.
 */


#ifndef LLMP_PROMPT_H_INCLUDED_
#define LLMP_PROMPT_H_INCLUDED_


#include "base/llmp.h"
#include "base/llmp_refusal.h"


typedef enum {
    LLMP_PROMPT_BYTES = 0,   /* bytes of the body */
    LLMP_PROMPT_TOKENS,      /* estimated tokens */
    LLMP_PROMPT_MESSAGES,    /* elements of the conversation */
    LLMP_PROMPT_MAX
} llmp_prompt_e;


/* numbers by llmp_prompt_e: limits, of which 0 is none; or what was sent */

typedef struct {
    int64_t      n[LLMP_PROMPT_MAX];
} llmp_prompt_t;


/* how tokens of a prompt are estimated */

typedef struct {
    llmp_uint_t  bytes;   /* bytes of a token, times 100; 0: not estimated */
    llmp_uint_t  media;   /* tokens of an image, a sound or a file */
} llmp_prompt_rates_t;


/* defaults of llm_policy_token_bytes, times 100, and llm_policy_token_media */
#define LLMP_PROMPT_TOKEN_BYTES  400
#define LLMP_PROMPT_TOKEN_MEDIA  1000


/* sets limits to those of one, and where it has none to those of two */
void llmp_prompt_join(llmp_prompt_t *limits, const llmp_prompt_t *one,
    const llmp_prompt_t *two);

/* returns the name of a limit in the document, such as "max_bytes" */
const char *llmp_prompt_name(llmp_prompt_e limit);

/* returns the estimated tokens of a prompt of size bytes, media_bytes of which
   are those of media_count media */
int64_t llmp_prompt_tokens(const llmp_prompt_rates_t *rates, uint64_t size,
    uint64_t media_count, uint64_t media_bytes);

/* returns the least bytes of a medium that is counted: those of its tokens as
   text */
size_t llmp_prompt_media_min(const llmp_prompt_rates_t *rates);

/*
 * Returns LLMP_OK, or LLMP_ERROR with refusal set if a number that was sent is
 * above its limit.  tier is the name of the tier; more is set if more may be
 * sent.
 */
llmp_int_t llmp_prompt_check(const llmp_prompt_t *limits,
    const llmp_str_t *tier, const llmp_prompt_t *sent, llmp_uint_t more,
    llmp_refusal_t *refusal);


/* returns 1 if there is a limit */

static inline llmp_uint_t
llmp_prompt_any(const llmp_prompt_t *limits)
{
    return (limits->n[LLMP_PROMPT_BYTES] | limits->n[LLMP_PROMPT_TOKENS]
            | limits->n[LLMP_PROMPT_MESSAGES])
           != 0;
}


#endif /* LLMP_PROMPT_H_INCLUDED_ */
