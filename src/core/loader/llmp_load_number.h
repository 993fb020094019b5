
/*
 * Copyright (C) llm-policy authors
 *
 * Exact numbers of a document: they are read from its text, and become
 * integers.
 */


#ifndef LLMP_LOAD_NUMBER_H_INCLUDED_
#define LLMP_LOAD_NUMBER_H_INCLUDED_


#include "loader/llmp_loader.h"


typedef enum {
    LLMP_LOAD_WHOLE = 0,   /* 1 to LLMP_LIMIT_VALUE_MAX */
    LLMP_LOAD_COST,        /* 10^-6 to LLMP_LIMIT_COST_MAX */
    LLMP_LOAD_SHARE,       /* 10^-3 to 1 */
    LLMP_LOAD_PRICE,       /* 0 to LLMP_PRICE_MAX */
    LLMP_LOAD_WEIGHT       /* 0 to LLMP_WEIGHT_MAX */
} llmp_load_number_e;


/* digits behind the point that costs and prices, shares and weights may have */
#define LLMP_LOAD_COST_DIGITS    6
#define LLMP_LOAD_SHARE_DIGITS   3


/*
 * Returns the number of a node, which must have that type: in 10^-6 for costs
 * and prices, in thousandths for shares and weights.  Notes an error and
 * returns -1 if it is out of range, or has more digits.
 */
int64_t llmp_load_number(llmp_loader_t *loader, const llmp_doc_node_t *node,
    llmp_load_number_e kind);


#endif /* LLMP_LOAD_NUMBER_H_INCLUDED_ */
