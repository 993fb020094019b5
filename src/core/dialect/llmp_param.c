
/*
 * Copyright (C) llm-policy authors
 */


#include <stdio.h>

#include "base/llmp_ascii.h"
#include "dialect/llmp_param.h"


/* ordered values, the least first; ended by NULL */

static const char *const  llmp_param_efforts[] = {
    "none", "minimal", "low", "medium", "high", "xhigh", "max", NULL
};

static const char *const  llmp_param_verbosities[] = {
    "low", "medium", "high", NULL
};


const llmp_param_t  llmp_params[LLMP_PARAM_MAX] = {

    { llmp_string("temperature"), LLMP_TYPE_NUMBER, 0, NULL },
    { llmp_string("top_p"), LLMP_TYPE_NUMBER, 0, NULL },

    { llmp_string("top_k"), LLMP_TYPE_NUMBER,
      LLMP_PARAM_INTEGER|LLMP_PARAM_UNLIMITED|LLMP_PARAM_COUNT, NULL },

    { llmp_string("min_p"), LLMP_TYPE_NUMBER, 0, NULL },
    { llmp_string("typical_p"), LLMP_TYPE_NUMBER, 0, NULL },

    { llmp_string("max_tokens"), LLMP_TYPE_NUMBER,
      LLMP_PARAM_INTEGER|LLMP_PARAM_UNLIMITED|LLMP_PARAM_COUNT, NULL },

    { llmp_string("n"), LLMP_TYPE_NUMBER,
      LLMP_PARAM_INTEGER|LLMP_PARAM_COUNT, NULL },

    { llmp_string("presence_penalty"), LLMP_TYPE_NUMBER, 0, NULL },
    { llmp_string("frequency_penalty"), LLMP_TYPE_NUMBER, 0, NULL },
    { llmp_string("repetition_penalty"), LLMP_TYPE_NUMBER, 0, NULL },
    { llmp_string("stop"), LLMP_TYPE_STRING|LLMP_TYPE_ARRAY, 0, NULL },
    { llmp_string("seed"), LLMP_TYPE_NUMBER, LLMP_PARAM_INTEGER, NULL },
    { llmp_string("stream"), LLMP_TYPE_BOOLEAN, 0, NULL },
    { llmp_string("logprobs"), LLMP_TYPE_BOOLEAN|LLMP_TYPE_NUMBER,
      LLMP_PARAM_NEGATIVE, NULL },

    { llmp_string("top_logprobs"), LLMP_TYPE_NUMBER,
      LLMP_PARAM_INTEGER|LLMP_PARAM_NEGATIVE|LLMP_PARAM_COUNT, NULL },

    { llmp_string("logit_bias"), LLMP_TYPE_OBJECT|LLMP_TYPE_ARRAY, 0, NULL },

    { llmp_string("reasoning_effort"), LLMP_TYPE_STRING|LLMP_TYPE_BOOLEAN,
      0, llmp_param_efforts },

    { llmp_string("thinking_budget"), LLMP_TYPE_NUMBER,
      LLMP_PARAM_INTEGER|LLMP_PARAM_NEGATIVE|LLMP_PARAM_COUNT|LLMP_PARAM_OFF,
      NULL },

    { llmp_string("verbosity"), LLMP_TYPE_STRING, 0, llmp_param_verbosities },

    { llmp_string("service_tier"), LLMP_TYPE_STRING, 0, NULL },
    { llmp_string("store"), LLMP_TYPE_BOOLEAN, 0, NULL },
    { llmp_string("parallel_tool_calls"), LLMP_TYPE_BOOLEAN, 0, NULL }
};


llmp_param_e
llmp_param_find(const llmp_str_t *name)
{
    llmp_uint_t  i;

    for (i = 0; i < LLMP_PARAM_MAX; i++) {
        if (llmp_str_eq(&llmp_params[i].name, name)) {
            break;
        }
    }

    return (llmp_param_e) i;
}


llmp_int_t
llmp_param_rank(const llmp_param_t *param, const llmp_str_t *value,
    llmp_decimal_t *rank)
{
    llmp_str_t   name;
    llmp_uint_t  i;

    for (i = 0; param->order[i] != NULL; i++) {
        name.data = (u_char *) param->order[i];
        name.len = strlen(param->order[i]);

        if (llmp_ascii_same_letters(&name, value)) {
            llmp_param_set_rank(rank, i);
            return LLMP_OK;
        }
    }

    return LLMP_DECLINED;
}


void
llmp_param_set_rank(llmp_decimal_t *rank, llmp_uint_t i)
{
    memset(rank, 0, sizeof(llmp_decimal_t));

    if (i != 0) {
        rank->exponent = 1;
        rank->ndigits = 1;
        rank->digits[0] = (u_char) ('0' + i);
    }
}


char *
llmp_param_list(char *buf, const llmp_param_t *param)
{
    size_t       n;
    llmp_uint_t  i;

    n = 0;
    buf[0] = '\0';

    for (i = 0; param->order[i] != NULL && n < LLMP_PARAM_ORDER; i++) {
        n += (size_t) snprintf(buf + n, LLMP_PARAM_ORDER - n, "%s%s",
                               i ? ", " : "", param->order[i]);
    }

    return buf;
}
