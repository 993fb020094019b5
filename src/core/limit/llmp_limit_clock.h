
/*
 * Copyright (C) llm-policy authors
 *
 * The time for limits, and the periods of the calendar.
 */


#ifndef LLMP_LIMIT_CLOCK_H_INCLUDED_
#define LLMP_LIMIT_CLOCK_H_INCLUDED_


#include "base/llmp.h"
#include "policy/llmp_limits.h"


typedef struct {
    int64_t   now;     /* ms, of a clock that never goes back, the same for all
                          processes */
    int64_t   time;    /* seconds since 1970, of the calendar: UTC with its
                          offset */
} llmp_limit_clock_t;


/* returns the milliseconds of a window that is a bucket */
#define llmp_limit_clock_bucket(window)                                       \
    ((window) == LLMP_LIMIT_MINUTE ? (int64_t) 60000 : (int64_t) 3600000)


/*
 * Returns the number of the day, the week (from Monday) or the month at a time
 * in seconds since 1970, and sets *end to its end, unless end is NULL.
 */
uint32_t llmp_limit_clock_period(llmp_limit_window_e window, int64_t time,
    int64_t *end);


#endif /* LLMP_LIMIT_CLOCK_H_INCLUDED_ */
