
/*
 * Copyright (C) llm-policy authors
 */


#include "base/llmp_date.h"
#include "limit/llmp_limit_clock.h"


#define LLMP_LIMIT_CLOCK_DAY  ((int64_t) 86400)    /* seconds */


uint32_t
llmp_limit_clock_period(llmp_limit_window_e window, int64_t time, int64_t *end)
{
    int64_t  day, n, next;

    day = time / LLMP_LIMIT_CLOCK_DAY;

    switch (window) {

    case LLMP_LIMIT_DAY:
        n = day;
        next = day + 1;
        break;

    case LLMP_LIMIT_WEEK:

        /* January 1, 1970 was a Thursday */

        n = (day + 3) / 7;
        next = (n + 1) * 7 - 3;
        break;

    default: /* LLMP_LIMIT_MONTH */
        n = llmp_date_month(day, &next);
    }

    if (end != NULL) {
        *end = next * LLMP_LIMIT_CLOCK_DAY;
    }

    return (uint32_t) n;
}
