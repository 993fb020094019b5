
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
    int64_t   time;    /* seconds since 1970, UTC */
    int64_t   offset;  /* seconds from UTC to the time of the calendar */
} llmp_limit_clock_t;


/* returns the milliseconds of a window that is a bucket */
#define llmp_limit_clock_bucket(window)                                       \
    ((window) == LLMP_LIMIT_MINUTE ? (int64_t) 60000 : (int64_t) 3600000)


/* returns the number of the day, the week (from Monday) or the month */
uint32_t llmp_limit_clock_period(const llmp_limit_clock_t *clock,
    llmp_limit_window_e window);

/* returns the milliseconds until its end */
int64_t llmp_limit_clock_left(const llmp_limit_clock_t *clock,
    llmp_limit_window_e window);


#endif /* LLMP_LIMIT_CLOCK_H_INCLUDED_ */
