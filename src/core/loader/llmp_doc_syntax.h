
/*
 * Copyright (C) llm-policy authors
 *
 * Errors of syntax in a policy document.  jansson reads a text that our parser
 * refuses once more, for its messages.
 */


#ifndef LLMP_DOC_SYNTAX_H_INCLUDED_
#define LLMP_DOC_SYNTAX_H_INCLUDED_


#include "loader/llmp_doc.h"


/* notes the first error of a text that the parser refuses at an offset in it,
   or sets doc->failed */
void llmp_doc_syntax_error(llmp_doc_t *doc, const llmp_doc_file_t *file,
    size_t offset);

/* returns whether a number fits a double */
llmp_uint_t llmp_doc_syntax_is_number(const u_char *data, size_t len);


#endif /* LLMP_DOC_SYNTAX_H_INCLUDED_ */
