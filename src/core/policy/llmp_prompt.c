
/*
 * Copyright (C) llm-policy authors
 */


#include <inttypes.h>

#include "policy/llmp_prompt.h"


/* shorter strings are counted as text: no medium is so short */
#define LLMP_PROMPT_MEDIA_MIN  256


typedef struct {
    const char  *name;
    const char  *subject;
    const char  *unit;
} llmp_prompt_limit_t;


/* index: llmp_prompt_e */

static const llmp_prompt_limit_t  llmp_prompt_limits[LLMP_PROMPT_MAX] = {
    { "max_bytes", "request", "bytes" },
    { "max_tokens", "prompt", "tokens, as estimated" },
    { "max_messages", "prompt", "messages" }
};


void
llmp_prompt_join(llmp_prompt_t *limits, const llmp_prompt_t *one,
    const llmp_prompt_t *two)
{
    llmp_prompt_e  i;

    for (i = 0; i < LLMP_PROMPT_MAX; i++) {
        limits->n[i] = (one->n[i] != 0) ? one->n[i] : two->n[i];
    }
}


const char *
llmp_prompt_name(llmp_prompt_e limit)
{
    return llmp_prompt_limits[limit].name;
}


int64_t
llmp_prompt_tokens(const llmp_prompt_rates_t *rates, uint64_t size,
    uint64_t media_count, uint64_t media_bytes)
{
    if (rates->bytes == 0) {
        return 0;
    }

    size -= (media_bytes < size) ? media_bytes : size;

    return (int64_t) ((size * 100 + rates->bytes - 1) / rates->bytes
                      + media_count * rates->media);
}


size_t
llmp_prompt_media_min(const llmp_prompt_rates_t *rates)
{
    size_t  size;

    size = rates->media * rates->bytes / 100;

    return (size > LLMP_PROMPT_MEDIA_MIN) ? size : LLMP_PROMPT_MEDIA_MIN;
}


llmp_int_t
llmp_prompt_check(const llmp_prompt_t *limits, const llmp_str_t *tier,
    const llmp_prompt_t *sent, llmp_uint_t more, llmp_refusal_t *refusal)
{
    llmp_prompt_e  i;

    for (i = 0; i < LLMP_PROMPT_MAX; i++) {

        if (limits->n[i] == 0 || sent->n[i] <= limits->n[i]) {
            continue;
        }

        return llmp_refuse(refusal, LLMP_REFUSE_PROMPT, NULL,
                           "the %s has %s%" PRId64 " %s, above the maximum "
                           "%" PRId64 " for tier \"%s\"",
                           llmp_prompt_limits[i].subject,
                           more ? "at least " : "", sent->n[i],
                           llmp_prompt_limits[i].unit, limits->n[i],
                           (char *) tier->data);
    }

    return LLMP_OK;
}
