
/*
 * Copyright (C) llm-policy authors
 *
 * The canonical parameters, under the names that a policy uses for them.
 */


#ifndef LLMP_PARAM_H_INCLUDED_
#define LLMP_PARAM_H_INCLUDED_


#include "base/llmp.h"
#include "base/llmp_decimal.h"


/* the same order as llmp_params[]; at most 64, since sets of them are masks */

typedef enum {
    LLMP_TEMPERATURE = 0,
    LLMP_TOP_P,
    LLMP_TOP_K,
    LLMP_MIN_P,
    LLMP_TYPICAL_P,
    LLMP_MAX_TOKENS,
    LLMP_N,
    LLMP_PRESENCE_PENALTY,
    LLMP_FREQUENCY_PENALTY,
    LLMP_REPETITION_PENALTY,
    LLMP_STOP,
    LLMP_SEED,
    LLMP_STREAM,
    LLMP_LOGPROBS,
    LLMP_TOP_LOGPROBS,
    LLMP_LOGIT_BIAS,
    LLMP_REASONING_EFFORT,
    LLMP_THINKING_BUDGET,
    LLMP_VERBOSITY,
    LLMP_SERVICE_TIER,
    LLMP_STORE,
    LLMP_PARALLEL_TOOL_CALLS,
    LLMP_PARAM_MAX
} llmp_param_e;


#define llmp_mask(param)  ((uint64_t) 1 << (param))


/* executes the next statement with i set to each parameter of the set left,
   which is empty afterwards */

#define llmp_param_for_each(i, left)                                          \
    for ( /* void */ ;                                                        \
         (left) != 0 && ((i) = llmp_param_lowest(left), 1);                   \
         (left) &= (left) - 1)


#define LLMP_PARAM_INTEGER    0x01  /* values are whole numbers */
#define LLMP_PARAM_UNLIMITED  0x02  /* below 1 means "no limit" to a server */
#define LLMP_PARAM_COUNT      0x04  /* servers store it in 32 bits */
#define LLMP_PARAM_NEGATIVE   0x08  /* below 0 means "no limit", but not 0 */
#define LLMP_PARAM_OFF        0x10  /* 0 is off: not added to a request that
                                       does not use it */
#define LLMP_PARAM_ZERO       0x20  /* 0 in 32 bits means "no limit" to a server
                                       of the dialect; not in llmp_params[] */

typedef struct {
    llmp_str_t          name;
    llmp_uint_t         types;  /* LLMP_TYPE_*, of its values */
    llmp_uint_t         flags;  /* LLMP_PARAM_* */
    const char *const  *order;  /* strings that bounds compare, in any case, the
                                   least first, at most 9, ended by NULL; or
                                   NULL */
} llmp_param_t;


extern const llmp_param_t  llmp_params[LLMP_PARAM_MAX];


/* returns a parameter by its name, or LLMP_PARAM_MAX if there is none */
llmp_param_e llmp_param_find(const llmp_str_t *name);


/* sets the rank of a string, in any case, among the ordered values of a
   parameter; returns LLMP_DECLINED if it is not one of them */
llmp_int_t llmp_param_rank(const llmp_param_t *param, const llmp_str_t *value,
    llmp_decimal_t *rank);

/* writes the ordered values of a parameter, "low, medium, high", to a buffer of
   LLMP_PARAM_ORDER bytes; returns it */

#define LLMP_PARAM_ORDER  64

char *llmp_param_list(char *buf, const llmp_param_t *param);

/* sets a rank to a small number */
void llmp_param_set_rank(llmp_decimal_t *rank, llmp_uint_t i);


/* returns the first parameter of a set that is not empty */

static inline llmp_uint_t
llmp_param_lowest(uint64_t mask)
{
    return (llmp_uint_t) __builtin_ctzll(mask);
}


#endif /* LLMP_PARAM_H_INCLUDED_ */
