
/*
 * Copyright (C) llm-policy authors
 */


#include "response/llmp_usage_counts.h"


/* larger numbers of tokens are ignored */
#define LLMP_USAGE_TOKENS_MAX  1000000000000


/* bits of the numbers of a source, and of the parts among those of all */

#define LLMP_USAGE_BITS(source)                                               \
    ((((uint64_t) 1 << LLMP_USAGE_COUNTS) - 1)                                \
     << (source) * LLMP_USAGE_COUNTS)

#define LLMP_USAGE_PARTS(source)                                              \
    ((uint64_t) (1 << LLMP_USAGE_CACHE_READ | 1 << LLMP_USAGE_CACHE_WRITE     \
                 | 1 << LLMP_USAGE_THOUGHTS | 1 << LLMP_USAGE_CACHED          \
                 | 1 << LLMP_USAGE_WRITTEN | 1 << LLMP_USAGE_REASONING)       \
     << (source) * LLMP_USAGE_COUNTS)

#define LLMP_USAGE_ALL_PARTS                                                  \
    (LLMP_USAGE_PARTS(LLMP_SOURCE_OPENAI) | LLMP_USAGE_PARTS(LLMP_SOURCE_OWN) \
     | LLMP_USAGE_PARTS(LLMP_SOURCE_EACH)                                     \
     | LLMP_USAGE_PARTS(LLMP_SOURCE_SECOND)                                   \
     | LLMP_USAGE_PARTS(LLMP_SOURCE_FIRST))


_Static_assert(LLMP_SOURCE_MAX * LLMP_USAGE_COUNTS <= 64,
               "more numbers than bits");
_Static_assert(LLMP_SOURCE_MAX == LLMP_SOURCE_FIRST + 1,
               "a source without parts");


static int64_t llmp_usage_counts_parse(const llmp_member_t *m);
static int64_t llmp_usage_counts_add(const llmp_usage_counts_t *counts,
    llmp_uint_t source, llmp_usage_e first, llmp_usage_e last);
static inline int64_t llmp_usage_counts_get(const llmp_usage_counts_t *counts,
    llmp_uint_t source, llmp_usage_e usage);
static void llmp_usage_counts_complete(llmp_usage_result_t *result,
    llmp_uint_t generates);
static void llmp_usage_counts_divide(const llmp_usage_counts_t *counts,
    llmp_usage_result_t *result);
static int64_t llmp_usage_counts_part(const llmp_usage_counts_t *counts,
    llmp_usage_e inside, llmp_usage_e beside, int64_t max);


void
llmp_usage_counts_init(llmp_usage_counts_t *counts)
{
    counts->reported = 0;
    counts->document = 0;
}


llmp_uint_t
llmp_usage_counts_take(llmp_usage_counts_t *counts, const llmp_member_t *m,
    llmp_uint_t array)
{
    int64_t      n, *tokens;
    uint64_t     bit;
    llmp_uint_t  i;

    n = llmp_usage_counts_parse(m);

    if (n < 0) {
        return 0;
    }

    i = m->watch->rules.source * LLMP_USAGE_COUNTS + m->watch->rules.usage;

    tokens = &counts->tokens[i];
    bit = (uint64_t) 1 << i;

    if (array && m->watch->rules.source == LLMP_SOURCE_EACH
        && (counts->reported & bit))
    {
        n += *tokens;

        if (n > LLMP_USAGE_TOKENS_MAX) {
            return 0;
        }

    } else if ((counts->document & bit) && *tokens > n) {

        /* a server may leave all but one of the names at 0 */

        n = *tokens;
    }

    *tokens = n;

    counts->document |= bit;
    counts->reported |= bit;

    return 1;
}


/*
 * Returns a number of tokens, or -1 if the value is no integer.  Some APIs
 * write it with a fraction of 0.
 */

static int64_t
llmp_usage_counts_parse(const llmp_member_t *m)
{
    int64_t        n;
    unsigned       digit;
    const u_char  *p, *end;

    if (m->cut) {
        return -1;
    }

    n = 0;
    end = m->text.data + m->text.len;

    for (p = m->text.data; p < end; p++) {
        digit = *p - '0';

        if (digit > 9) {
            break;
        }

        n = 10 * n + digit;

        if (n > LLMP_USAGE_TOKENS_MAX) {
            return -1;
        }
    }

    if (p == m->text.data) {
        return -1;
    }

    if (p < end && *p == '.') {
        do {
            p++;
        } while (p < end && *p == '0');
    }

    return (p == end) ? n : -1;
}


void
llmp_usage_counts_sum(const llmp_usage_counts_t *counts, llmp_uint_t generates,
    llmp_usage_result_t *result)
{
    llmp_uint_t  source;

    result->prompt = -1;
    result->completion = -1;
    result->total = -1;
    result->partial = 0;

    for (source = 0; source < LLMP_SOURCE_MAX; source++) {

        if (!(counts->reported & LLMP_USAGE_BITS(source))) {
            continue;
        }

        if (result->prompt < 0) {
            result->prompt = llmp_usage_counts_add(counts, source,
                                                   LLMP_USAGE_INPUT,
                                                   LLMP_USAGE_TOOLS);
        }

        if (result->completion < 0) {
            result->completion = llmp_usage_counts_add(counts, source,
                                                       LLMP_USAGE_OUTPUT,
                                                       LLMP_USAGE_THOUGHTS);

            result->partial = (result->completion >= 0
                               && source == LLMP_SOURCE_FIRST);
        }

        if (result->total < 0) {
            result->total = llmp_usage_counts_get(counts, source,
                                                  LLMP_USAGE_TOTAL);
        }

        if ((result->prompt | result->completion | result->total) >= 0) {
            break;
        }
    }

    llmp_usage_counts_complete(result, generates);

    if (counts->reported & LLMP_USAGE_ALL_PARTS) {
        llmp_usage_counts_divide(counts, result);
    }
}


/* adds the counts after the first one to it; returns -1 without a first one */

static int64_t
llmp_usage_counts_add(const llmp_usage_counts_t *counts, llmp_uint_t source,
    llmp_usage_e first, llmp_usage_e last)
{
    int64_t      sum, n;
    llmp_uint_t  usage;

    sum = llmp_usage_counts_get(counts, source, first);

    for (usage = first + 1; sum >= 0 && usage <= last; usage++) {
        n = llmp_usage_counts_get(counts, source, (llmp_usage_e) usage);

        if (n > 0) {
            sum += n;
        }
    }

    return sum;
}


/* returns a number; -1 if it was not reported */

static inline int64_t
llmp_usage_counts_get(const llmp_usage_counts_t *counts, llmp_uint_t source,
    llmp_usage_e usage)
{
    llmp_uint_t  i;

    i = source * LLMP_USAGE_COUNTS + usage;

    return (counts->reported >> i & 1) ? counts->tokens[i] : -1;
}


/* sets what was not reported and follows from the total, or the total */

static void
llmp_usage_counts_complete(llmp_usage_result_t *result, llmp_uint_t generates)
{
    int64_t  completion;

    if (result->total < 0) {

        if (result->prompt >= 0 && result->completion >= 0) {
            result->total = result->prompt + result->completion;

        } else if (!generates) {
            result->total = result->prompt;
        }
    }

    if (result->partial || result->total < 0) {
        return;
    }

    completion = (result->completion > 0) ? result->completion : 0;

    if (result->prompt < 0) {

        /* some servers report one number for both */

        if (result->total >= completion) {
            result->prompt = result->total - completion;
            result->completion = completion;
        }

    } else if (result->total >= result->prompt + completion) {

        /*
         * some servers report no completion, or count reasoning and searches
         * in the total only
         */

        result->completion = result->total - result->prompt;
    }
}


/* sets the parts, which stay within their sums, whatever a server reports */

static void
llmp_usage_counts_divide(const llmp_usage_counts_t *counts,
    llmp_usage_result_t *result)
{
    int64_t  rest;

    result->cached = llmp_usage_counts_part(counts, LLMP_USAGE_CACHED,
                                            LLMP_USAGE_CACHE_READ,
                                            result->prompt);

    rest = result->prompt - (result->cached > 0 ? result->cached : 0);

    result->written = llmp_usage_counts_part(counts, LLMP_USAGE_WRITTEN,
                                             LLMP_USAGE_CACHE_WRITE, rest);

    result->reasoning = llmp_usage_counts_part(counts, LLMP_USAGE_REASONING,
                                               LLMP_USAGE_THOUGHTS,
                                               result->completion);
}


/*
 * Returns the part that the first source with any reports, inside a number or
 * beside it; -1 without a source.  It is at most max.
 */

static int64_t
llmp_usage_counts_part(const llmp_usage_counts_t *counts, llmp_usage_e inside,
    llmp_usage_e beside, int64_t max)
{
    int64_t      part, other;
    llmp_uint_t  source;

    part = -1;

    for (source = 0; part < 0 && source < LLMP_SOURCE_MAX; source++) {
        part = llmp_usage_counts_get(counts, source, inside);
        other = llmp_usage_counts_get(counts, source, beside);

        if (part < other) {
            part = other;
        }
    }

    return (part < max) ? part : max;
}
