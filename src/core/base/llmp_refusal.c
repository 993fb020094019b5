
/*
 * Copyright (C) llm-policy authors
 */


#include <stdarg.h>
#include <stdio.h>

#include "base/llmp_refusal.h"
#include "base/llmp_utf8.h"


typedef struct {
    const char   *name;
    llmp_uint_t   status;
} llmp_refusal_code_t;


/* indexed by llmp_refusal_e */

static const llmp_refusal_code_t  llmp_refusal_codes[] = {
    { "", 500 },
    { "invalid_json", 400 },
    { "invalid_form", 400 },
    { "duplicate_member", 400 },
    { "ambiguous_member", 400 },
    { "invalid_type", 400 },
    { "unknown_member", 400 },
    { "value_not_allowed", 400 },
    { "parameter_denied", 400 },
    { "parameter_required", 400 },
    { "undermines_policy", 400 },
    { "ambiguous_path", 400 },
    { "unknown_key", 401 },
    { "key_expired", 401 },
    { "key_blocked", 401 },
    { "model_not_allowed", 403 },
    { "model_not_priced", 403 },
    { "unknown_route", 403 },
    { "unsupported_content_type", 415 },
    { "unsupported_content_encoding", 415 },
    { "prompt_too_large", 413 },
    { "hold_exceeded", 413 },
    { "upgrade_refused", 426 },
    { "rate_limit_exceeded", 429 },
    { "quota_exceeded", 429 },
    { "internal_error", 500 }
};


llmp_int_t
llmp_refuse(llmp_refusal_t *refusal, llmp_refusal_e code, const char *param,
    const char *fmt, ...)
{
    char     buf[LLMP_MESSAGE_MAX + 4];
    va_list  args;

    /*
     * The buffer has room for one more character than the message, so that
     * a character that vsnprintf() cuts would not fit the message anyway.
     */

    va_start(args, fmt);

    if (vsnprintf(buf, sizeof(buf), fmt, args) < 0) {
        buf[0] = '\0';
    }

    va_end(args);

    refusal->code = code;

    (void) llmp_utf8_copy(refusal->param, LLMP_PARAM_NAME,
                          param != NULL ? param : "");
    (void) llmp_utf8_copy(refusal->message, LLMP_MESSAGE_MAX, buf);

    return LLMP_ERROR;
}


llmp_uint_t
llmp_refusal_status(llmp_refusal_e code)
{
    return llmp_refusal_codes[code].status;
}


const char *
llmp_refusal_name(llmp_refusal_e code)
{
    return llmp_refusal_codes[code].name;
}
