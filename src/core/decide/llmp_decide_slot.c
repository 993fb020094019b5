
/*
 * Copyright (C) llm-policy authors
 */


#include "decide/llmp_decide_slot.h"
#include "dialect/llmp_dialect.h"


const llmp_slot_t *
llmp_decide_slot(llmp_decider_t *dc, const llmp_member_t *m, llmp_uint_t param)
{
    if (param == LLMP_PARAM_MAX || !m->watch->rules.native) {
        return NULL;
    }

    return llmp_dialect_slot(dc->decision->dialect, (llmp_param_e) param);
}


llmp_str_t
llmp_decide_slot_clamp(const llmp_slot_t *slot, const llmp_value_t *value)
{
    llmp_str_t      text;
    llmp_decimal_t  bound;

    if (slot == NULL || value->type != LLMP_TYPE_NUMBER) {
        return value->text;
    }

    if (slot->min != NULL) {
        text.data = (u_char *) slot->min;
        text.len = strlen(slot->min);

        if (llmp_decimal_parse(&bound, &text) == LLMP_OK
            && llmp_decimal_cmp(&value->number, &bound) < 0)
        {
            return text;
        }
    }

    if (slot->max != NULL) {
        text.data = (u_char *) slot->max;
        text.len = strlen(slot->max);

        if (llmp_decimal_parse(&bound, &text) == LLMP_OK
            && llmp_decimal_cmp(&value->number, &bound) > 0)
        {
            return text;
        }
    }

    return value->text;
}
