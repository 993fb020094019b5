
/*
 * Copyright (C) llm-policy authors
 *
 * The refusal of a request: its reason, and the message for its caller.
 */


#ifndef LLMP_REFUSAL_H_INCLUDED_
#define LLMP_REFUSAL_H_INCLUDED_


#include "base/llmp.h"


typedef enum {
    LLMP_REFUSE_NONE = 0,
    LLMP_REFUSE_INVALID_JSON,
    LLMP_REFUSE_INVALID_FORM,
    LLMP_REFUSE_DUPLICATE_MEMBER,
    LLMP_REFUSE_AMBIGUOUS_MEMBER,
    LLMP_REFUSE_INVALID_TYPE,
    LLMP_REFUSE_UNKNOWN_MEMBER,
    LLMP_REFUSE_VALUE_NOT_ALLOWED,
    LLMP_REFUSE_PARAMETER_DENIED,
    LLMP_REFUSE_PARAMETER_REQUIRED,
    LLMP_REFUSE_UNDERMINES_POLICY,
    LLMP_REFUSE_AMBIGUOUS_PATH,
    LLMP_REFUSE_UNKNOWN_KEY,
    LLMP_REFUSE_KEY_EXPIRED,
    LLMP_REFUSE_KEY_BLOCKED,
    LLMP_REFUSE_MODEL_NOT_ALLOWED,
    LLMP_REFUSE_MODEL_NOT_PRICED,
    LLMP_REFUSE_UNKNOWN_ROUTE,
    LLMP_REFUSE_CONTENT_TYPE,
    LLMP_REFUSE_CONTENT_ENCODING,
    LLMP_REFUSE_PROMPT,
    LLMP_REFUSE_HOLD,
    LLMP_REFUSE_UPGRADE,
    LLMP_REFUSE_RATE_LIMIT,
    LLMP_REFUSE_QUOTA,
    LLMP_REFUSE_INTERNAL
} llmp_refusal_e;


#define LLMP_MESSAGE_MAX  384
#define LLMP_PARAM_NAME   96


/*
 * A refusal contains its texts, so that no memory is needed to fill it.  The
 * message may be logged: it never contains a prompt or an API key.
 */

typedef struct {
    llmp_refusal_e  code;
    char            param[LLMP_PARAM_NAME];  /* parameter's path, or "" */
    char            message[LLMP_MESSAGE_MAX];
} llmp_refusal_t;


/*
 * Fills a refusal.  param is the path of a parameter, or NULL.  The message is
 * formatted as by printf() and cut at a character boundary if it is too long.
 * Always returns LLMP_ERROR, for "return llmp_refuse(...)".
 */
llmp_int_t llmp_refuse(llmp_refusal_t *refusal, llmp_refusal_e code,
    const char *param, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* return the HTTP status (400 to 429, or 500) and the name of a code */
llmp_uint_t llmp_refusal_status(llmp_refusal_e code);
const char *llmp_refusal_name(llmp_refusal_e code);


/* clears a refusal: the code, and the first byte of each text */

static inline void
llmp_refusal_clear(llmp_refusal_t *refusal)
{
    refusal->code = LLMP_REFUSE_NONE;
    refusal->param[0] = '\0';
    refusal->message[0] = '\0';
}


#endif /* LLMP_REFUSAL_H_INCLUDED_ */
