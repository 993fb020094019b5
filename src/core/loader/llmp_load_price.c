
/*
 * Copyright (C) llm-policy authors
 */


#include "loader/llmp_load_number.h"
#include "loader/llmp_load_price.h"


/* 10^-12 of the currency in a price that is read: a token of 10^6 costs 10^-6
   of it, a request all of it */
#define LLMP_LOAD_PRICE_REQUEST  ((int64_t) 1000000)

/* thousandths of a token */
#define LLMP_LOAD_PRICE_WEIGHT   1000


enum {
    LLMP_PRICE_INPUT = 0,
    LLMP_PRICE_OUTPUT,
    LLMP_PRICE_CACHED_INPUT,
    LLMP_PRICE_CACHE_WRITE,
    LLMP_PRICE_REQUEST,
    LLMP_PRICE_MEMBERS
};


static const llmp_doc_member_t  llmp_price_members[LLMP_PRICE_MEMBERS] = {
    { "input", LLMP_TYPE_NUMBER, 1 },
    { "output", LLMP_TYPE_NUMBER, 1 },
    { "cached_input", LLMP_TYPE_NUMBER, 0 },
    { "cache_write", LLMP_TYPE_NUMBER, 0 },
    { "request", LLMP_TYPE_NUMBER, 0 }
};


enum {
    LLMP_WEIGHT_INPUT = 0,
    LLMP_WEIGHT_OUTPUT,
    LLMP_WEIGHT_CACHED_INPUT,
    LLMP_WEIGHT_REASONING,
    LLMP_WEIGHT_MEMBERS
};


static const llmp_doc_member_t  llmp_weight_members[LLMP_WEIGHT_MEMBERS] = {
    { "input", LLMP_TYPE_NUMBER, 0 },
    { "output", LLMP_TYPE_NUMBER, 0 },
    { "cached_input", LLMP_TYPE_NUMBER, 0 },
    { "reasoning", LLMP_TYPE_NUMBER, 0 }
};


static int64_t llmp_load_price_number(llmp_loader_t *loader,
    const llmp_doc_node_t *node, llmp_load_number_e kind, int64_t absent);


const llmp_price_t *
llmp_load_price(llmp_loader_t *loader, const llmp_doc_node_t *node)
{
    llmp_price_t           *price;
    const llmp_doc_node_t  *members[LLMP_PRICE_MEMBERS];

    llmp_doc_members(&loader->doc, node, llmp_price_members,
                     LLMP_PRICE_MEMBERS, members);

    price = llmp_loader_alloc(loader, 1, sizeof(llmp_price_t));
    if (price == NULL) {
        return NULL;
    }

    price->input = llmp_load_price_number(loader, members[LLMP_PRICE_INPUT],
                                          LLMP_LOAD_PRICE, 0);
    price->output = llmp_load_price_number(loader, members[LLMP_PRICE_OUTPUT],
                                           LLMP_LOAD_PRICE, 0);

    price->cached_input =
        llmp_load_price_number(loader, members[LLMP_PRICE_CACHED_INPUT],
                               LLMP_LOAD_PRICE, price->input);
    price->cache_write =
        llmp_load_price_number(loader, members[LLMP_PRICE_CACHE_WRITE],
                               LLMP_LOAD_PRICE, price->input);
    price->request =
        llmp_load_price_number(loader, members[LLMP_PRICE_REQUEST],
                               LLMP_LOAD_PRICE, 0)
        * LLMP_LOAD_PRICE_REQUEST;

    return price;
}


/* returns the value of an absent number after an error */

static int64_t
llmp_load_price_number(llmp_loader_t *loader, const llmp_doc_node_t *node,
    llmp_load_number_e kind, int64_t absent)
{
    int64_t  n;

    if (node == NULL) {
        return absent;
    }

    n = llmp_load_number(loader, node, kind);

    return (n >= 0) ? n : absent;
}


void
llmp_load_price_weights(llmp_loader_t *loader, const llmp_doc_node_t *node)
{
    llmp_weights_t         *weights;
    const llmp_doc_node_t  *members[LLMP_WEIGHT_MEMBERS];

    memset(members, 0, sizeof(members));

    if (node != NULL) {
        llmp_doc_members(&loader->doc, node, llmp_weight_members,
                         LLMP_WEIGHT_MEMBERS, members);
    }

    weights = &loader->policy->weights;

    weights->input = llmp_load_price_number(loader, members[LLMP_WEIGHT_INPUT],
                                            LLMP_LOAD_WEIGHT,
                                            LLMP_LOAD_PRICE_WEIGHT);
    weights->output =
        llmp_load_price_number(loader, members[LLMP_WEIGHT_OUTPUT],
                               LLMP_LOAD_WEIGHT, LLMP_LOAD_PRICE_WEIGHT);
    weights->cached_input =
        llmp_load_price_number(loader, members[LLMP_WEIGHT_CACHED_INPUT],
                               LLMP_LOAD_WEIGHT, weights->input);
    weights->reasoning =
        llmp_load_price_number(loader, members[LLMP_WEIGHT_REASONING],
                               LLMP_LOAD_WEIGHT, weights->output);

    weights->equal = (weights->input == LLMP_WEIGHT_ONE
                      && weights->cached_input == LLMP_WEIGHT_ONE
                      && weights->output == LLMP_WEIGHT_ONE
                      && weights->reasoning == LLMP_WEIGHT_ONE);
}
