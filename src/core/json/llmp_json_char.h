
/*
 * Copyright (C) llm-policy authors
 *
 * Characters of JSON: white space, escapes, surrogates.
 */


#ifndef LLMP_JSON_CHAR_H_INCLUDED_
#define LLMP_JSON_CHAR_H_INCLUDED_


#include "base/llmp.h"


#define llmp_json_char_is_white(ch)                                           \
    ((ch) == ' ' || (ch) == '\n' || (ch) == '\r' || (ch) == '\t')


/* the first and second half of a surrogate pair, and the character it
   encodes */

#define llmp_json_char_is_high(code)  ((code) >= 0xd800 && (code) < 0xdc00)
#define llmp_json_char_is_low(code)   ((code) >= 0xdc00 && (code) < 0xe000)

#define llmp_json_char_pair(high, low)                                        \
    (0x10000 + (((high) & 0x3ff) << 10) + ((low) & 0x3ff))


/* returns the character encoded by a backslash and ch, or 0 if ch is invalid */

static inline u_char
llmp_json_char_unescape(u_char ch)
{
    switch (ch) {

    case '"':
    case '\\':
    case '/':
        return ch;

    case 'b':
        return '\b';

    case 'f':
        return '\f';

    case 'n':
        return '\n';

    case 'r':
        return '\r';

    case 't':
        return '\t';
    }

    return 0;
}


#endif /* LLMP_JSON_CHAR_H_INCLUDED_ */
