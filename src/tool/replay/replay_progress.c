
/*
 * Copyright (C) llm-policy authors
 *
 * Progress bar for the reading of logs.
 */


#include <time.h>
#include <unistd.h>

#include <sys/stat.h>

#include "replay/replay.h"


#define REPLAY_PROGRESS_BAR       24
#define REPLAY_PROGRESS_INTERVAL  0.2


static double replay_progress_now(void);
static void replay_progress_bar(double part);


void
replay_progress_init(replay_progress_t *p, char **names, int n)
{
    int          i, rc;
    struct stat  st;

    p->start = replay_progress_now();
    p->next = p->start + REPLAY_PROGRESS_INTERVAL;

    for (i = 0; i < n; i++) {
        rc = (strcmp(names[i], "-") == 0) ? fstat(STDIN_FILENO, &st)
                                          : stat(names[i], &st);

        if (rc == -1 || !S_ISREG(st.st_mode)) {
            p->total = 0;
            return;
        }

        p->total += st.st_size;
    }
}


void
replay_progress_show(replay_progress_t *p, uint64_t offset, uint64_t lines)
{
    double  now, part, spent;

    if (!p->enabled) {
        return;
    }

    now = replay_progress_now();

    if (now < p->next) {
        return;
    }

    p->next = now + REPLAY_PROGRESS_INTERVAL;
    p->shown = 1;
    spent = now - p->start;

    fprintf(stderr, "\r");

    if (p->total != 0) {
        part = (double) (p->done + offset) / (double) p->total;
        part = (part < 1) ? part : 1;

        replay_progress_bar(part);

        if (part > 0.01) {
            fprintf(stderr, "%.0f s left, ", spent / part - spent);
        }
    }

    fprintf(stderr, "%llu lines, %.0f MB/s\033[K", (unsigned long long) lines,
            (double) p->bytes / spent / 1e6);
    fflush(stderr);
}


static void
replay_progress_bar(double part)
{
    int   i, full;
    char  bar[REPLAY_PROGRESS_BAR + 1];

    full = (int) (part * REPLAY_PROGRESS_BAR);

    for (i = 0; i < REPLAY_PROGRESS_BAR; i++) {
        bar[i] = (i < full) ? '#' : '.';
    }

    bar[REPLAY_PROGRESS_BAR] = '\0';

    fprintf(stderr, "[%s] %3d%%, ", bar, (int) (part * 100));
}


void
replay_progress_end(replay_progress_t *p)
{
    if (p->shown) {
        fprintf(stderr, "\r\033[K");
        fflush(stderr);
    }
}


static double
replay_progress_now(void)
{
    struct timespec  ts;

    (void) clock_gettime(CLOCK_MONOTONIC, &ts);

    return (double) ts.tv_sec + (double) ts.tv_nsec / 1e9;
}
