
/*
 * Copyright (C) llm-policy authors
 *
 * Dates with a time, as RFC 3339 writes them.
 */


#ifndef LLMP_DATE_H_INCLUDED_
#define LLMP_DATE_H_INCLUDED_


#include "base/llmp.h"


/* size of "2027-01-31T00:00:00Z" with its NUL */
#define LLMP_DATE_TEXT  sizeof("2027-01-31T00:00:00Z")


/*
 * Parses a date-time of RFC 3339, such as "2027-01-31T00:00:00Z" or
 * "2027-01-31T01:00:00.5+01:00".  Sets *time to seconds since 1970, negative
 * before; a fraction of a second is dropped.  Returns NULL, or a text that
 * describes the right form: "must be ...".  A leap second, :60, is refused:
 * the time of computers has none.
 */
const char *llmp_date_parse(int64_t *time, const llmp_str_t *text);

/* parses an offset from UTC, "+02:00" or "-23:59"; sets *offset to seconds;
   returns LLMP_OK, or LLMP_ERROR for any other text */
llmp_int_t llmp_date_parse_zone(int64_t *offset, const llmp_str_t *text);

/*
 * Writes a time that llmp_date_parse() has set, in UTC, with a NUL.  Offsets
 * can bring it outside of the years 0000 to 9999: the nearest one of these is
 * written then.
 */
void llmp_date_write(char buf[LLMP_DATE_TEXT], int64_t time);

/*
 * Returns the number of the month of a day, from January 1970 on; and sets
 * *next to the first day of the next month.  Days are counted from January 1,
 * 1970 on, which is day 0, to the year 9999.
 */
int64_t llmp_date_month(int64_t days, int64_t *next);


#endif /* LLMP_DATE_H_INCLUDED_ */
