
/*
 * Copyright (C) llm-policy authors
 *
 * Error documents in the shapes of the APIs, for refusals.
 */


#ifndef LLMP_ERROR_BODY_H_INCLUDED_
#define LLMP_ERROR_BODY_H_INCLUDED_


#include "base/llmp_refusal.h"


/* shape of an API's error documents */

typedef enum {
    LLMP_SHAPE_OPENAI = 0,
    LLMP_SHAPE_ANTHROPIC,
    LLMP_SHAPE_GOOGLE,
    LLMP_SHAPE_OLLAMA,
    LLMP_SHAPE_MESSAGE
} llmp_shape_e;


/* large enough for any refusal in any shape */
#define LLMP_ERROR_BODY_MAX  (6 * (LLMP_MESSAGE_MAX + LLMP_PARAM_NAME) + 256)

/*
 * Writes the error document of a refusal to buf, which has
 * LLMP_ERROR_BODY_MAX bytes.  Returns its length.  The shapes, from the
 * documentation and the SDKs of the APIs:
 *
 *   OpenAI     {"error": {"message", "type", "param", "code"}}
 *   Anthropic  {"type": "error", "error": {"type", "message"}}
 *   Google     {"error": {"code", "message", "status"}}
 *   Ollama     {"error": "message"}
 *   message    {"message": "message"}, of Bedrock and Cohere
 */
size_t llmp_error_body(const llmp_refusal_t *refusal, llmp_shape_e shape,
    u_char *buf);


#endif /* LLMP_ERROR_BODY_H_INCLUDED_ */
