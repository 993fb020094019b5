
/*
 * Copyright (C) llm-policy authors
 *
 * Counts names of a log, and makes its texts printable.
 */


#include "replay/replay.h"


void
replay_tally_add(replay_tally_t *tally, const char *name, size_t len)
{
    char             text[REPLAY_TALLY_NAME];
    llmp_uint_t      i;
    replay_count_t  *count;

    replay_tally_copy_text(text, sizeof(text), name, len);

    for (i = 0; i < tally->nelts; i++) {
        if (strcmp(tally->elts[i].name, text) == 0) {
            tally->elts[i].count++;
            return;
        }
    }

    if (tally->nelts == REPLAY_TALLY_MAX) {
        tally->others++;
        return;
    }

    count = &tally->elts[tally->nelts++];

    memcpy(count->name, text, sizeof(text));
    count->count = 1;
}


uint64_t
replay_tally_sum(const replay_tally_t *tally)
{
    uint64_t     sum;
    llmp_uint_t  i;

    sum = tally->others;

    for (i = 0; i < tally->nelts; i++) {
        sum += tally->elts[i].count;
    }

    return sum;
}


void
replay_tally_copy_text(char *buf, size_t size, const void *text, size_t len)
{
    size_t         i, n;
    u_char         ch;
    const u_char  *p;

    p = text;
    i = 0;
    n = 0;

    while (i < len && n + 1 < size) {
        ch = p[i++];

        /* control characters, including C1 in UTF-8 */

        if (ch < 0x20 || ch == 0x7f
            || (ch == 0xc2 && i < len && p[i] >= 0x80 && p[i] < 0xa0))
        {
            i += (ch == 0xc2);
            ch = '?';
        }

        buf[n++] = (char) ch;
    }

    if (i < len) {

        /* drop an incomplete character at the end */

        while (n > 0 && (buf[n - 1] & 0xc0) == 0x80) {
            n--;
        }

        if (n > 0 && (buf[n - 1] & 0x80)) {
            n--;
        }
    }

    buf[n] = '\0';
}
