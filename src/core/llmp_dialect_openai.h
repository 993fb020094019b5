
/*
 * Copyright (C) llm-policy authors
 */


#ifndef LLMP_DIALECT_OPENAI_H_INCLUDED_
#define LLMP_DIALECT_OPENAI_H_INCLUDED_


#include "llmp_dialect.h"


extern const llmp_dialect_t  llmp_openai_chat;
extern const llmp_dialect_t  llmp_openai_completions;
extern const llmp_dialect_t  llmp_openai_responses;

/* nothing is generated there, or nothing with a temperature */

extern const llmp_dialect_t  llmp_openai_embeddings;
extern const llmp_dialect_t  llmp_openai_moderations;
extern const llmp_dialect_t  llmp_openai_images;
extern const llmp_dialect_t  llmp_openai_speech;
extern const llmp_dialect_t  llmp_openai_input;   /* counts, compacts input */
extern const llmp_dialect_t  llmp_rerank;
extern const llmp_dialect_t  llmp_tokenize;


#endif /* LLMP_DIALECT_OPENAI_H_INCLUDED_ */
