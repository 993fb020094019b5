
/*
 * Copyright (C) llm-policy authors
 */


#include "dialect/llmp_param.h"


const llmp_param_t  llmp_params[LLMP_PARAM_MAX] = {

    { llmp_string("temperature"), LLMP_TYPE_NUMBER, 0 },
    { llmp_string("top_p"), LLMP_TYPE_NUMBER, 0 },

    { llmp_string("top_k"), LLMP_TYPE_NUMBER,
      LLMP_PARAM_INTEGER|LLMP_PARAM_UNLIMITED|LLMP_PARAM_COUNT },

    { llmp_string("min_p"), LLMP_TYPE_NUMBER, 0 },
    { llmp_string("typical_p"), LLMP_TYPE_NUMBER, 0 },

    { llmp_string("max_tokens"), LLMP_TYPE_NUMBER,
      LLMP_PARAM_INTEGER|LLMP_PARAM_UNLIMITED|LLMP_PARAM_COUNT },

    { llmp_string("n"), LLMP_TYPE_NUMBER,
      LLMP_PARAM_INTEGER|LLMP_PARAM_COUNT },

    { llmp_string("presence_penalty"), LLMP_TYPE_NUMBER, 0 },
    { llmp_string("frequency_penalty"), LLMP_TYPE_NUMBER, 0 },
    { llmp_string("repetition_penalty"), LLMP_TYPE_NUMBER, 0 },
    { llmp_string("stop"), LLMP_TYPE_STRING|LLMP_TYPE_ARRAY, 0 },
    { llmp_string("seed"), LLMP_TYPE_NUMBER, LLMP_PARAM_INTEGER },
    { llmp_string("stream"), LLMP_TYPE_BOOLEAN, 0 },
    { llmp_string("logprobs"), LLMP_TYPE_BOOLEAN|LLMP_TYPE_NUMBER,
      LLMP_PARAM_NEGATIVE },

    { llmp_string("top_logprobs"), LLMP_TYPE_NUMBER,
      LLMP_PARAM_INTEGER|LLMP_PARAM_NEGATIVE|LLMP_PARAM_COUNT },

    { llmp_string("logit_bias"), LLMP_TYPE_OBJECT|LLMP_TYPE_ARRAY, 0 },

    { llmp_string("reasoning_effort"), LLMP_TYPE_STRING|LLMP_TYPE_BOOLEAN,
      LLMP_PARAM_CASELESS },

    { llmp_string("thinking_budget"), LLMP_TYPE_NUMBER,
      LLMP_PARAM_INTEGER|LLMP_PARAM_NEGATIVE|LLMP_PARAM_COUNT|LLMP_PARAM_OFF },

    { llmp_string("verbosity"), LLMP_TYPE_STRING, LLMP_PARAM_CASELESS },
    { llmp_string("service_tier"), LLMP_TYPE_STRING, 0 },
    { llmp_string("store"), LLMP_TYPE_BOOLEAN, 0 },
    { llmp_string("parallel_tool_calls"), LLMP_TYPE_BOOLEAN, 0 }
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
