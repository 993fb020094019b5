
/*
 * Copyright (C) llm-policy authors
 */


#include "base/llmp_decimal.h"
#include "loader/llmp_load_number.h"


typedef struct {
    llmp_uint_t   digits;  /* behind the point, at most */
    int64_t       min;     /* both in 10^-digits */
    int64_t       max;
    const char   *form;    /* the right form, for messages */
} llmp_load_number_kind_t;


/* index: llmp_load_number_e */

static const llmp_load_number_kind_t  llmp_load_number_kinds[] = {
    { 0, 1, LLMP_LIMIT_VALUE_MAX, "a whole number from 1 to 1000000000000" },

    { LLMP_LOAD_COST_DIGITS, 1, LLMP_LIMIT_COST_MAX * 1000000,
      "a number above 0 and up to 1000000, with at most 6 digits behind the "
      "point" },

    { LLMP_LOAD_SHARE_DIGITS, 1, 1000,
      "a number above 0 and up to 1, with at most 3 digits behind the point" },

    { LLMP_LOAD_COST_DIGITS, 0, LLMP_PRICE_MAX * 1000000,
      "a number from 0 to 1000000, with at most 6 digits behind the point" },

    { LLMP_LOAD_SHARE_DIGITS, 0, LLMP_WEIGHT_MAX * 1000,
      "a number from 0 to 1000, with at most 3 digits behind the point" }
};


int64_t
llmp_load_number(llmp_loader_t *loader, const llmp_doc_node_t *node,
    llmp_load_number_e kind)
{
    int64_t                         n;
    llmp_str_t                      text;
    llmp_decimal_t                  decimal;
    const llmp_load_number_kind_t  *k;

    k = &llmp_load_number_kinds[kind];
    text = llmp_doc_text(&loader->doc, node);

    n = (llmp_decimal_parse(&decimal, &text) == LLMP_OK)
        ? llmp_decimal_scale(&decimal, k->digits) : -1;

    if (n < k->min || n > k->max) {
        llmp_doc_error(&loader->doc, node, "must be %s", k->form);
        return -1;
    }

    return n;
}
