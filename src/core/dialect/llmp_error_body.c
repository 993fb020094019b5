
/*
 * Copyright (C) llm-policy authors
 */


#include "dialect/llmp_error_body.h"


typedef struct {
    llmp_uint_t   status;
    const char   *digits;
    const char   *openai;
    const char   *anthropic;
    const char   *google;
} llmp_error_body_type_t;


static u_char *llmp_error_body_openai(u_char *p, const llmp_refusal_t *refusal);
static u_char *llmp_error_body_anthropic(u_char *p,
    const llmp_refusal_t *refusal);
static u_char *llmp_error_body_google(u_char *p, const llmp_refusal_t *refusal);
static u_char *llmp_error_body_message(u_char *p, const llmp_refusal_t *refusal,
    const char *start);
static const llmp_error_body_type_t *llmp_error_body_type(llmp_refusal_e code);
static u_char *llmp_error_body_string(u_char *p, const char *text);
static u_char *llmp_error_body_text(u_char *p, const char *text);


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

    { 429, "429", "rate_limit_error", "rate_limit_error",
      "RESOURCE_EXHAUSTED" },

    { 500, "500", "server_error", "api_error", "INTERNAL" }
};


size_t
llmp_error_body(const llmp_refusal_t *refusal, llmp_shape_e shape, u_char *buf)
{
    u_char  *p;

    switch (shape) {

    case LLMP_SHAPE_ANTHROPIC:
        p = llmp_error_body_anthropic(buf, refusal);
        break;

    case LLMP_SHAPE_GOOGLE:
        p = llmp_error_body_google(buf, refusal);
        break;

    case LLMP_SHAPE_OLLAMA:
        p = llmp_error_body_message(buf, refusal, "{\"error\":");
        break;

    case LLMP_SHAPE_MESSAGE:
        p = llmp_error_body_message(buf, refusal, "{\"message\":");
        break;

    default: /* LLMP_SHAPE_OPENAI */
        p = llmp_error_body_openai(buf, refusal);
        break;
    }

    return p - buf;
}


static u_char *
llmp_error_body_openai(u_char *p, const llmp_refusal_t *refusal)
{
    p = llmp_error_body_text(p, "{\"error\":{\"message\":");
    p = llmp_error_body_string(p, refusal->message);
    p = llmp_error_body_text(p, ",\"type\":");
    p = llmp_error_body_string(p, llmp_error_body_type(refusal->code)->openai);
    p = llmp_error_body_text(p, ",\"param\":");

    if (refusal->param[0] != '\0') {
        p = llmp_error_body_string(p, refusal->param);

    } else {
        p = llmp_error_body_text(p, "null");
    }

    p = llmp_error_body_text(p, ",\"code\":");
    p = llmp_error_body_string(p, llmp_refusal_name(refusal->code));

    return llmp_error_body_text(p, "}}");
}


static u_char *
llmp_error_body_anthropic(u_char *p, const llmp_refusal_t *refusal)
{
    p = llmp_error_body_text(p, "{\"type\":\"error\",\"error\":{\"type\":");
    p = llmp_error_body_string(p,
                               llmp_error_body_type(refusal->code)->anthropic);
    p = llmp_error_body_text(p, ",\"message\":");
    p = llmp_error_body_string(p, refusal->message);

    return llmp_error_body_text(p, "}}");
}


static u_char *
llmp_error_body_google(u_char *p, const llmp_refusal_t *refusal)
{
    const llmp_error_body_type_t  *type;

    type = llmp_error_body_type(refusal->code);

    p = llmp_error_body_text(p, "{\"error\":{\"code\":");
    p = llmp_error_body_text(p, type->digits);
    p = llmp_error_body_text(p, ",\"message\":");
    p = llmp_error_body_string(p, refusal->message);
    p = llmp_error_body_text(p, ",\"status\":");
    p = llmp_error_body_string(p, type->google);

    return llmp_error_body_text(p, "}}");
}


static u_char *
llmp_error_body_message(u_char *p, const llmp_refusal_t *refusal,
    const char *start)
{
    p = llmp_error_body_text(p, start);
    p = llmp_error_body_string(p, refusal->message);

    return llmp_error_body_text(p, "}");
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


static u_char *
llmp_error_body_string(u_char *p, const char *text)
{
    static const char  hex[] = "0123456789abcdef";

    *p++ = '"';

    for ( /* void */ ; *text != '\0'; text++) {

        if (*text == '"' || *text == '\\') {
            *p++ = '\\';

        } else if ((u_char) *text < 0x20) {
            p = llmp_error_body_text(p, "\\u00");
            *p++ = hex[*text >> 4];
            *p++ = hex[*text & 0x0f];
            continue;
        }

        *p++ = *text;
    }

    *p++ = '"';

    return p;
}


static u_char *
llmp_error_body_text(u_char *p, const char *text)
{
    size_t  n;

    n = strlen(text);
    memcpy(p, text, n);

    return p + n;
}
