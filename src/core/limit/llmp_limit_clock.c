
/*
 * Copyright (C) llm-policy authors
 */


#include "base/llmp_date.h"
#include "limit/llmp_limit_clock.h"


#define LLMP_LIMIT_CLOCK_DAY  ((int64_t) 86400)    /* seconds */


static int64_t llmp_limit_clock_number(llmp_limit_window_e window, int64_t day,
    int64_t *next);


uint32_t
llmp_limit_clock_period(const llmp_limit_clock_t *clock,
    llmp_limit_window_e window)
{
    int64_t  next;

    return (uint32_t) llmp_limit_clock_number(window,
                                              (clock->time + clock->offset)
                                              / LLMP_LIMIT_CLOCK_DAY, &next);
}


int64_t
llmp_limit_clock_left(const llmp_limit_clock_t *clock,
    llmp_limit_window_e window)
{
    int64_t  time, next;

    time = clock->time + clock->offset;

    (void) llmp_limit_clock_number(window, time / LLMP_LIMIT_CLOCK_DAY, &next);

    return (next * LLMP_LIMIT_CLOCK_DAY - time) * 1000;
}


/* returns the number of the period of a day, and sets the first day of the
   next one; days are from 1970 on */

static int64_t
llmp_limit_clock_number(llmp_limit_window_e window, int64_t day, int64_t *next)
{
    int64_t  week;

    switch (window) {

    case LLMP_LIMIT_DAY:
        *next = day + 1;
        return day;

    case LLMP_LIMIT_WEEK:

        /* January 1, 1970 was a Thursday */

        week = (day + 3) / 7;
        *next = (week + 1) * 7 - 3;
        return week;

    default: /* LLMP_LIMIT_MONTH */
        return llmp_date_month(day, next);
    }
}
