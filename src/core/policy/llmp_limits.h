
/*
 * Copyright (C) llm-policy authors
 *
 * The limits that a document sets: of a tier, a tenant, an API key, or of all
 * callers.
 */


#ifndef LLMP_LIMITS_H_INCLUDED_
#define LLMP_LIMITS_H_INCLUDED_


#include "base/llmp.h"
#include "base/llmp_pattern.h"


typedef struct llmp_tier_s  llmp_tier_t;


/* kinds of counts; their units: llmp_limits_unit() */

typedef enum {
    LLMP_LIMIT_REQUESTS = 0,
    LLMP_LIMIT_TOKENS,
    LLMP_LIMIT_INPUT,
    LLMP_LIMIT_OUTPUT,
    LLMP_LIMIT_COST,
    LLMP_LIMIT_KINDS
} llmp_limit_kind_e;


/* buckets of a minute and an hour, then parts of the calendar */

typedef enum {
    LLMP_LIMIT_MINUTE = 0,
    LLMP_LIMIT_HOUR,
    LLMP_LIMIT_DAY,
    LLMP_LIMIT_WEEK,
    LLMP_LIMIT_MONTH,
    LLMP_LIMIT_WINDOWS
} llmp_limit_window_e;


/* all windows of a kind are in the order of llmp_limit_window_e */

typedef enum {
    LLMP_LIMIT_REQUESTS_PER_MINUTE = 0,
    LLMP_LIMIT_REQUESTS_PER_HOUR,
    LLMP_LIMIT_REQUESTS_PER_DAY,
    LLMP_LIMIT_REQUESTS_PER_WEEK,
    LLMP_LIMIT_REQUESTS_PER_MONTH,
    LLMP_LIMIT_TOKENS_PER_MINUTE,
    LLMP_LIMIT_TOKENS_PER_HOUR,
    LLMP_LIMIT_TOKENS_PER_DAY,
    LLMP_LIMIT_TOKENS_PER_WEEK,
    LLMP_LIMIT_TOKENS_PER_MONTH,
    LLMP_LIMIT_INPUT_TOKENS_PER_MINUTE,
    LLMP_LIMIT_INPUT_TOKENS_PER_HOUR,
    LLMP_LIMIT_INPUT_TOKENS_PER_DAY,
    LLMP_LIMIT_INPUT_TOKENS_PER_WEEK,
    LLMP_LIMIT_INPUT_TOKENS_PER_MONTH,
    LLMP_LIMIT_OUTPUT_TOKENS_PER_MINUTE,
    LLMP_LIMIT_OUTPUT_TOKENS_PER_HOUR,
    LLMP_LIMIT_OUTPUT_TOKENS_PER_DAY,
    LLMP_LIMIT_OUTPUT_TOKENS_PER_WEEK,
    LLMP_LIMIT_OUTPUT_TOKENS_PER_MONTH,
    LLMP_LIMIT_COST_PER_MINUTE,
    LLMP_LIMIT_COST_PER_HOUR,
    LLMP_LIMIT_COST_PER_DAY,
    LLMP_LIMIT_COST_PER_WEEK,
    LLMP_LIMIT_COST_PER_MONTH,
    LLMP_LIMIT_CONCURRENT_REQUESTS,
    LLMP_LIMIT_MAX
} llmp_limit_e;


/* kind and window of a limit other than LLMP_LIMIT_CONCURRENT_REQUESTS */
#define llmp_limit_kind(limit)    ((limit) / LLMP_LIMIT_WINDOWS)
#define llmp_limit_window(limit)  ((limit) % LLMP_LIMIT_WINDOWS)

#define llmp_limit_bit(limit)     ((uint32_t) 1 << (limit))

/* bits of all limits of a kind */
#define llmp_limit_kind_bits(kind)                                            \
    ((uint32_t) 0x1f << ((kind) * LLMP_LIMIT_WINDOWS))


/* largest limit in a document, for all kinds but cost; and of cost */
#define LLMP_LIMIT_VALUE_MAX  ((int64_t) 1000000000000)
#define LLMP_LIMIT_COST_MAX   ((int64_t) 1000000)

/* most limits in one object, and most objects that count one request */
#define LLMP_LIMITS_VALUES    10
#define LLMP_LIMITS_OBJECTS   16

/* "by": who has a count of its own; none: all callers share it */
#define LLMP_LIMITS_BY_CALLER  1
#define LLMP_LIMITS_BY_KEY     2
#define LLMP_LIMITS_BY_MODEL   4


/* an object of limits */

typedef struct {
    uint64_t              id;       /* identity of its counts; 0: they are the
                                       caller's in all tiers */
    uint32_t              set;      /* llmp_limit_bit() of each limit */
    uint32_t              by;       /* LLMP_LIMITS_BY_* */
    uint32_t              warn_at;  /* thousandths; 0: no warning */
    llmp_uint_t           matcher;  /* index in policy->matchers, of "models";
                                       LLMP_LIMITS_ALL_MODELS without it */
    const llmp_tier_t    *over;     /* tier of what would be refused, or NULL */
    int64_t               max[LLMP_LIMIT_MAX];  /* units of its kind */
} llmp_limits_t;

#define LLMP_LIMITS_ALL_MODELS  ((llmp_uint_t) -1)


/* all of them hold at once; elts is NULL if there are none */

typedef struct {
    const llmp_limits_t  *elts;
    llmp_uint_t           nelts;
} llmp_limits_list_t;


/* returns whether the counts belong to the caller alone, so that the limits of
   a tenant and of its tier are joined */
#define llmp_limits_are_plain(list)                                           \
    ((list)->nelts == 1 && (list)->elts->id == 0)


/* returns the plain object of a list, which is its last element, or NULL */

static inline const llmp_limits_t *
llmp_limits_plain(const llmp_limits_list_t *list)
{
    const llmp_limits_t  *last;

    if (list->nelts == 0) {
        return NULL;
    }

    last = &list->elts[list->nelts - 1];

    return (last->id == 0) ? last : NULL;
}


/* returns the number of limits in a set */
#define llmp_limits_count(set)  ((llmp_uint_t) __builtin_popcount(set))


/* costs of a model, in 10^-12 of the currency for each token, and for each
   request */

typedef struct {
    int64_t               input;
    int64_t               cached_input;
    int64_t               cache_write;
    int64_t               output;
    int64_t               request;
} llmp_price_t;


/* thousandths of a token that each token counts */

typedef struct {
    int64_t               input;
    int64_t               cached_input;
    int64_t               output;
    int64_t               reasoning;
} llmp_weights_t;


/* largest price, for 10^6 tokens or a request, and largest weight */
#define LLMP_PRICE_MAX        ((int64_t) 1000000)
#define LLMP_WEIGHT_MAX       ((int64_t) 1000)


/* sets limits to those of one, and where it has none to those of two; all of
   them are plain, and limits may be one of both */
void llmp_limits_join(llmp_limits_t *limits, const llmp_limits_t *one,
    const llmp_limits_t *two);

/* returns whether both are the same limits, with the same counts */
llmp_uint_t llmp_limits_are_equal(const llmp_limits_t *one,
    const llmp_limits_t *two);

/* returns the name of a limit in the document, such as "requests_per_minute" */
const char *llmp_limits_name(llmp_limit_e limit);

/* returns the limit of a name, or LLMP_LIMIT_MAX */
llmp_limit_e llmp_limits_by_name(const llmp_str_t *name);

/*
 * Returns how many units are 1 of what a limit counts: 1 request, 1000
 * thousandths of a token for weights, 1 token of input or output, 10^12 parts
 * of the currency.
 */
int64_t llmp_limits_unit(llmp_limit_e limit);


/* bytes for llmp_limits_write(), with a NUL */
#define LLMP_LIMITS_TEXT  32

/*
 * Writes a value, which is not negative, as the document would have it: "20",
 * or "0.35" for costs; a part of a token is cut.  Returns its length.
 */
size_t llmp_limits_write(char text[LLMP_LIMITS_TEXT], llmp_limit_e limit,
    int64_t value);


#endif /* LLMP_LIMITS_H_INCLUDED_ */
