
/*
 * Copyright (C) llm-policy authors
 *
 * The values of "default_from" and "force_from".
 */


#ifndef LLMP_LOAD_TEMPLATE_H_INCLUDED_
#define LLMP_LOAD_TEMPLATE_H_INCLUDED_


#include "loader/llmp_loader.h"


/*
 * Reads a string with variables, which joins those of the policy.  constant is
 * the verb for values without variables.  Returns NULL with an error noted.
 */
llmp_template_t *llmp_load_template(llmp_loader_t *loader,
    const llmp_doc_node_t *node, const char *constant);

/* returns whether clients write all variables of a template, so that they
   choose its value */
llmp_uint_t llmp_load_template_is_chosen(const llmp_loader_t *loader,
    const llmp_template_t *template);


#endif /* LLMP_LOAD_TEMPLATE_H_INCLUDED_ */
