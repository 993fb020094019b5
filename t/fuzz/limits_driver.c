
/*
 * Copyright (C) llm-policy authors
 *
 * Executes steps of limits, for t/fuzz/limits.  A line of the standard input is
 * a step, and gets a line of the answer:
 *
 *   object N WARN_AT LIMIT=MAX ...    sets an object of limits
 *   admit ID NOW TIME OFFSET KINDS OBJECT ...
 *   resize ID NOW TIME OFFSET KINDS
 *   settle ID KINDS
 *   return ID
 *
 * KINDS are five amounts, separated by commas.
 */


#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "limit/llmp_lease.h"


#define OBJECTS   64
#define REQUESTS  256


typedef struct {
    llmp_lease_t          lease;
    llmp_uint_t           n;
    llmp_limit_entry_t    entries[LLMP_LIMITS_OBJECTS];
} request_t;


static llmp_limits_t       limits[OBJECTS];
static llmp_limit_state_t  states[OBJECTS];
static request_t           requests[REQUESTS];

static char               *words;


static int64_t
number(void)
{
    int64_t  n;

    n = strtoll(words, &words, 10);

    if (*words == ',' || *words == '=') {
        words++;
    }

    return n;
}


static llmp_uint_t
more(void)
{
    while (*words == ' ') {
        words++;
    }

    return *words != '\0' && *words != '\n';
}


static void
read_object(void)
{
    llmp_limit_e    limit;
    llmp_limits_t  *object;

    object = &limits[number() % OBJECTS];

    memset(object, 0, sizeof(llmp_limits_t));

    object->warn_at = (uint32_t) number();

    while (more()) {
        limit = (llmp_limit_e) (number() % LLMP_LIMIT_MAX);

        object->set |= llmp_limit_bit(limit);
        object->max[limit] = number();
    }

    (void) puts("ok");
}


static llmp_limit_clock_t
read_clock(void)
{
    llmp_limit_clock_t  clock;

    clock.now = number();
    clock.time = number();
    clock.offset = number();

    return clock;
}


static llmp_limit_amounts_t
read_amounts(void)
{
    int                   i;
    llmp_limit_amounts_t  amounts;

    for (i = 0; i < LLMP_LIMIT_KINDS; i++) {
        amounts.n[i] = number();
    }

    return amounts;
}


/* writes the verdict, then the rest and the reset of each limit */

static void
write_verdict(const request_t *request, const llmp_limit_verdict_t *verdict,
    const llmp_limit_clock_t *clock)
{
    llmp_uint_t                i;
    llmp_limit_e               limit;
    const llmp_limit_entry_t  *entry;

    (void) printf("%d %d %" PRId64 " %d", (int) verdict->limit,
                  (int) verdict->entry, verdict->wait,
                  verdict->near != LLMP_LIMIT_MAX);

    for (i = 0; i < request->n; i++) {
        entry = &request->entries[i];

        for (limit = 0; limit < LLMP_LIMIT_MAX; limit++) {
            if (entry->limits->set & llmp_limit_bit(limit)) {
                (void) printf(" %" PRId64 ",%" PRId64,
                              llmp_limit_remaining(entry, limit),
                              llmp_limit_reset(entry, limit, clock));
            }
        }
    }

    (void) puts("");
}


static void
read_admission(llmp_uint_t resizes)
{
    llmp_uint_t            n;
    request_t             *request;
    llmp_limit_clock_t     clock;
    llmp_limit_amounts_t   amounts;
    llmp_limit_verdict_t   verdict;

    request = &requests[number() % REQUESTS];
    clock = read_clock();
    amounts = read_amounts();

    if (resizes) {
        (void) llmp_lease_resize(&request->lease, request->entries, request->n,
                                 &amounts, &amounts, &clock, &verdict);

    } else {
        for (n = 0; more() && n < LLMP_LIMITS_OBJECTS; n++) {
            request->entries[n].limits = &limits[number() % OBJECTS];
            request->entries[n].state =
                &states[request->entries[n].limits - limits];
        }

        request->n = n;

        (void) llmp_lease_admit(&request->lease, request->entries, n, &amounts,
                                &amounts, &clock, &verdict);
    }

    write_verdict(request, &verdict, &clock);
}


static void
read_end(llmp_uint_t settles)
{
    request_t             *request;
    llmp_limit_amounts_t   amounts;

    request = &requests[number() % REQUESTS];

    if (settles) {
        amounts = read_amounts();
        llmp_lease_settle(&request->lease, &amounts);

    } else {
        llmp_lease_return(&request->lease);
    }

    (void) puts("ok");
}


int
main(void)
{
    char  line[4096];

    (void) setvbuf(stdout, NULL, _IOLBF, BUFSIZ);

    while (fgets(line, sizeof(line), stdin) != NULL) {
        words = line + strcspn(line, " ");

        switch (line[0]) {

        case 'o':
            read_object();
            break;

        case 'a':
            read_admission(0);
            break;

        case 's':
            read_end(1);
            break;

        default:
            if (strncmp(line, "return", 6) == 0) {
                read_end(0);

            } else {
                read_admission(1);
            }
        }
    }

    return 0;
}
