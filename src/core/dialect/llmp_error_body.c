
/*
 * Copyright (C) llm-policy authors
 */


#include "base/llmp_buf.h"
#include "base/llmp_json_write.h"
#include "dialect/llmp_error_body.h"


typedef struct {
    llmp_uint_t   status;
    const char   *digits;
    const char   *openai;
    const char   *anthropic;
    const char   *google;
} llmp_error_body_type_t;


static void llmp_error_body_openai(llmp_buf_t *body,
    const llmp_refusal_t *refusal);
static void llmp_error_body_anthropic(llmp_buf_t *body,
    const llmp_refusal_t *refusal);
static void llmp_error_body_google(llmp_buf_t *body,
    const llmp_refusal_t *refusal);
static void llmp_error_body_message(llmp_buf_t *body,
    const llmp_refusal_t *refusal, const char *start);
static const llmp_error_body_type_t *llmp_error_body_type(llmp_refusal_e code);
static void llmp_error_body_string(llmp_buf_t *body, const char *text);


/* the last entry is for every other status */

static const llmp_error_body_type_t  llmp_error_body_types[] = {

    { 400, "400", "invalid_request_error", "invalid_request_error",
      "INVALID_ARGUMENT" },

    { 401, "401", "authentication_error", "authentication_error",
      "UNAUTHENTICATED" },

    { 403, "403", "permission_error", "permission_error",
      "PERMISSION_DENIED" },

    { 413, "413", "invalid_request_error", "request_too_large",
      "INVALID_ARGUMENT" },

    { 415, "415", "invalid_request_error", "invalid_request_error",
      "INVALID_ARGUMENT" },

    { 426, "426", "invalid_request_error", "invalid_request_error",
      "FAILED_PRECONDITION" },

    { 429, "429", "rate_limit_error", "rate_limit_error",
      "RESOURCE_EXHAUSTED" },

    { 500, "500", "server_error", "api_error", "INTERNAL" }
};


size_t
llmp_error_body(const llmp_refusal_t *refusal, llmp_shape_e shape, u_char *buf)
{
    llmp_buf_t  body;

    llmp_buf_init(&body, buf, LLMP_ERROR_BODY_MAX);

    switch (shape) {

    case LLMP_SHAPE_ANTHROPIC:
        llmp_error_body_anthropic(&body, refusal);
        break;

    case LLMP_SHAPE_GOOGLE:
        llmp_error_body_google(&body, refusal);
        break;

    case LLMP_SHAPE_OLLAMA:
        llmp_error_body_message(&body, refusal, "{\"error\":");
        break;

    case LLMP_SHAPE_MESSAGE:
        llmp_error_body_message(&body, refusal, "{\"message\":");
        break;

    default: /* LLMP_SHAPE_OPENAI */
        llmp_error_body_openai(&body, refusal);
        break;
    }

    return body.len;
}


static void
llmp_error_body_openai(llmp_buf_t *body, const llmp_refusal_t *refusal)
{
    llmp_buf_add_text(body, "{\"error\":{\"message\":");
    llmp_error_body_string(body, refusal->message);
    llmp_buf_add_text(body, ",\"type\":");
    llmp_error_body_string(body, llmp_error_body_type(refusal->code)->openai);
    llmp_buf_add_text(body, ",\"param\":");

    if (refusal->param[0] != '\0') {
        llmp_error_body_string(body, refusal->param);

    } else {
        llmp_buf_add_text(body, "null");
    }

    llmp_buf_add_text(body, ",\"code\":");
    llmp_error_body_string(body, llmp_refusal_name(refusal->code));
    llmp_buf_add_text(body, "}}");
}


static void
llmp_error_body_anthropic(llmp_buf_t *body, const llmp_refusal_t *refusal)
{
    llmp_buf_add_text(body, "{\"type\":\"error\",\"error\":{\"type\":");
    llmp_error_body_string(body,
                           llmp_error_body_type(refusal->code)->anthropic);
    llmp_buf_add_text(body, ",\"message\":");
    llmp_error_body_string(body, refusal->message);
    llmp_buf_add_text(body, "}}");
}


static void
llmp_error_body_google(llmp_buf_t *body, const llmp_refusal_t *refusal)
{
    const llmp_error_body_type_t  *type;

    type = llmp_error_body_type(refusal->code);

    llmp_buf_add_text(body, "{\"error\":{\"code\":");
    llmp_buf_add_text(body, type->digits);
    llmp_buf_add_text(body, ",\"message\":");
    llmp_error_body_string(body, refusal->message);
    llmp_buf_add_text(body, ",\"status\":");
    llmp_error_body_string(body, type->google);
    llmp_buf_add_text(body, "}}");
}


static void
llmp_error_body_message(llmp_buf_t *body, const llmp_refusal_t *refusal,
    const char *start)
{
    llmp_buf_add_text(body, start);
    llmp_error_body_string(body, refusal->message);
    llmp_buf_add_text(body, "}");
}


static const llmp_error_body_type_t *
llmp_error_body_type(llmp_refusal_e code)
{
    llmp_uint_t                    status;
    const llmp_error_body_type_t  *type;

    status = llmp_refusal_status(code);

    for (type = llmp_error_body_types; type->status != 500; type++) {
        if (type->status == status) {
            break;
        }
    }

    return type;
}


static void
llmp_error_body_string(llmp_buf_t *body, const char *text)
{
    llmp_str_t  str;

    str.data = (u_char *) text;
    str.len = strlen(text);

    llmp_json_write_string(body, &str);
}
