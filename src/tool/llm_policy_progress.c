
/*
 * Copyright (C) llm-policy authors
 *
 * A bar on a terminal, of how far the reading of logs is.
 */


#include <time.h>
#include <unistd.h>

#include <sys/stat.h>

#include "replay/llm_policy_replay.h"


#define LLM_POLICY_BAR       24
#define LLM_POLICY_INTERVAL  0.2


static double llm_policy_now(void);
static void llm_policy_progress_bar(double part);


void
llm_policy_progress_init(llm_policy_progress_t *p, char **names, int n)
{
    int          i, rc;
    struct stat  st;

    p->start = llm_policy_now();
    p->next = p->start + LLM_POLICY_INTERVAL;

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


/* offset is that in the file at hand, of bytes as they are on the disk */

void
llm_policy_progress_show(llm_policy_progress_t *p, uint64_t offset,
    uint64_t lines)
{
    double  now, part, spent;

    if (!p->enabled) {
        return;
    }

    now = llm_policy_now();

    if (now < p->next) {
        return;
    }

    p->next = now + LLM_POLICY_INTERVAL;
    p->shown = 1;
    spent = now - p->start;

    fprintf(stderr, "\r");

    if (p->total != 0) {
        part = (double) (p->done + offset) / (double) p->total;
        part = (part < 1) ? part : 1;

        llm_policy_progress_bar(part);

        if (part > 0.01) {
            fprintf(stderr, "%.0f s left, ", spent / part - spent);
        }
    }

    fprintf(stderr, "%llu lines, %.0f MB/s\033[K", (unsigned long long) lines,
            (double) p->bytes / spent / 1e6);
    fflush(stderr);
}


static void
llm_policy_progress_bar(double part)
{
    int   i, full;
    char  bar[LLM_POLICY_BAR + 1];

    full = (int) (part * LLM_POLICY_BAR);

    for (i = 0; i < LLM_POLICY_BAR; i++) {
        bar[i] = (i < full) ? '#' : '.';
    }

    bar[LLM_POLICY_BAR] = '\0';

    fprintf(stderr, "[%s] %3d%%, ", bar, (int) (part * 100));
}


void
llm_policy_progress_end(llm_policy_progress_t *p)
{
    if (p->shown) {
        fprintf(stderr, "\r\033[K");
        fflush(stderr);
    }
}


static double
llm_policy_now(void)
{
    struct timespec  ts;

    (void) clock_gettime(CLOCK_MONOTONIC, &ts);

    return (double) ts.tv_sec + (double) ts.tv_nsec / 1e9;
}
