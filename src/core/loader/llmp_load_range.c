
/*
 * Copyright (C) llm-policy authors
 */


#include "dialect/llmp_dialect.h"
#include "loader/llmp_load_range.h"


static const char *llmp_load_range_wider(const char *one, const char *two,
    int sign);
static int llmp_load_range_text_cmp(const char *text,
    const llmp_decimal_t *number);


llmp_load_range_t
llmp_load_range(const llmp_param_t *param)
{
    llmp_uint_t         i, found;
    llmp_load_range_t   range;
    const llmp_slot_t  *slot;

    range.min = NULL;
    range.max = NULL;
    found = 0;

    for (i = 0; i < llmp_ndialects; i++) {
        slot = llmp_dialect_slot(llmp_dialects[i],
                                 (llmp_param_e) (param - llmp_params));

        if (slot == NULL || !(slot->types & LLMP_TYPE_NUMBER)) {
            continue;
        }

        range.min = found ? llmp_load_range_wider(range.min, slot->min, -1)
                          : slot->min;
        range.max = found ? llmp_load_range_wider(range.max, slot->max, 1)
                          : slot->max;
        found = 1;
    }

    return range;
}


/* returns the smaller of two numbers, or the larger one if sign is 1; NULL is
   beyond all of them */

static const char *
llmp_load_range_wider(const char *one, const char *two, int sign)
{
    llmp_str_t      text;
    llmp_decimal_t  number;

    if (one == NULL || two == NULL) {
        return NULL;
    }

    text.data = (u_char *) two;
    text.len = strlen(two);

    if (llmp_decimal_parse(&number, &text) != LLMP_OK) {
        return NULL;
    }

    return (llmp_load_range_text_cmp(one, &number) * sign > 0) ? one : two;
}


int
llmp_load_range_cmp(const llmp_load_range_t *range,
    const llmp_decimal_t *number)
{
    if (range->min != NULL
        && llmp_load_range_text_cmp(range->min, number) > 0)
    {
        return -1;
    }

    return range->max != NULL
           && llmp_load_range_text_cmp(range->max, number) < 0;
}


static int
llmp_load_range_text_cmp(const char *text, const llmp_decimal_t *number)
{
    llmp_str_t      string;
    llmp_decimal_t  parsed;

    string.data = (u_char *) text;
    string.len = strlen(text);

    return (llmp_decimal_parse(&parsed, &string) == LLMP_OK)
           ? llmp_decimal_cmp(&parsed, number) : 0;
}
