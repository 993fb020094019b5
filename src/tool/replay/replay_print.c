
/*
 * Copyright (C) llm-policy authors
 *
 * Prints the counts of a replay as tables.
 */


#include "dialect/llmp_dialect_watch.h"
#include "replay/replay.h"


/* buffer for the widest count: 18,446,744,073,709,551,615 */
#define REPLAY_PRINT_NUMBER  32

/* columns of names; longer names move the next column */
#define REPLAY_PRINT_COLUMN  24
#define REPLAY_PRINT_NAMES   20


static void replay_print_summary(const replay_t *rp);
static void replay_print_skipped(const replay_t *rp);
static void replay_print_count(const char *name, uint64_t count,
    const char *text);
static void replay_print_notes(const replay_t *rp);
static void replay_print_tally(const replay_tally_t *tally, const char *text);
static void replay_print_missing(const replay_t *rp);
static void replay_print_table(const replay_t *rp);
static void replay_print_rows(const replay_t *rp, size_t width);
static size_t replay_print_tier_width(const replay_t *rp);
static void replay_print_padded(const char *name, size_t width);
static void replay_print_counts(const uint64_t *counts);
static void replay_print_examples(const replay_t *rp);
static size_t replay_print_width(const char *text);
static const char *replay_print_number(char *buf, uint64_t n);


static const char *const  replay_print_heads[2][REPLAY_OUTCOMES] = {
    { "newly", "newly", "no longer", "no longer", "changed", NULL },
    { "changed", "refused", "changed", "refused", "otherwise", "unchanged" }
};


void
replay_print(const replay_t *rp)
{
    replay_print_summary(rp);
    replay_print_skipped(rp);
    replay_print_notes(rp);

    printf("\n");

    if (rp->replayed == 0) {
        printf("Nothing could be replayed.\n");
        return;
    }

    if (rp->different == 0) {
        printf("No request would be treated differently.\n");
        return;
    }

    replay_print_table(rp);
    replay_print_examples(rp);
}


static void
replay_print_summary(const replay_t *rp)
{
    char         text[16];
    double       part;
    uint64_t     skipped;
    llmp_uint_t  i;

    skipped = replay_tally_sum(&rp->refused);

    for (i = 0; i < REPLAY_SKIP_MAX; i++) {
        skipped += rp->skipped[i];
    }

    text[0] = '\0';

    if (rp->different != 0) {
        part = 100.0 * (double) rp->different / (double) rp->replayed;
        snprintf(text, sizeof(text), "%.*f%%", (part < 1) ? 2 : 1, part);
    }

    replay_print_count("lines read", rp->lines, "");
    replay_print_count("requests replayed", rp->replayed, "");
    replay_print_count("  treated differently", rp->different, text);

    if (rp->near != 0) {
        replay_print_count("  near a limit", rp->near, "");
    }

    if (rp->over != 0) {
        replay_print_count("  over a limit", rp->over,
                           "decided by the tier to which it moved them");
    }

    replay_print_count("not replayable", skipped, "");
}


static void
replay_print_skipped(const replay_t *rp)
{
    char                   name[REPLAY_TALLY_NAME + 4];
    llmp_uint_t            i;
    const replay_count_t  *count;

    static const char  refused[] =
        "refused for parts of the request that are not logged";

    for (i = 0; i < REPLAY_SKIP_MAX; i++) {
        if (rp->skipped[i] != 0) {
            snprintf(name, sizeof(name), "  %s", replay_compare_skips[i].name);
            replay_print_count(name, rp->skipped[i],
                               replay_compare_skips[i].text);
        }
    }

    for (i = 0; i < rp->refused.nelts; i++) {
        count = &rp->refused.elts[i];

        snprintf(name, sizeof(name), "  %s",
                 (count->name[0] != '\0') ? count->name : "-");
        replay_print_count(name, count->count, refused);
    }

    if (rp->refused.others != 0) {
        replay_print_count("  others", rp->refused.others, refused);
    }
}


static void
replay_print_count(const char *name, uint64_t count, const char *text)
{
    char  buf[REPLAY_PRINT_NUMBER];

    replay_print_padded(name, REPLAY_PRINT_COLUMN);
    printf("%13s%s%s\n", replay_print_number(buf, count),
           (text[0] != '\0') ? "  " : "", text);
}


static void
replay_print_notes(const replay_t *rp)
{
    replay_print_tally(&rp->limits, "refused by limits");
    replay_print_tally(&rp->unknown_tiers, "tiers that are not in the "
                       "document: default_tier was used");
    replay_print_tally(&rp->moved, "tenants with another tier now");
    replay_print_missing(rp);
}


static void
replay_print_tally(const replay_tally_t *tally, const char *text)
{
    char         name[REPLAY_TALLY_NAME + 4];
    llmp_uint_t  i;

    if (tally->nelts == 0) {
        return;
    }

    printf("\n%s\n", text);

    for (i = 0; i < tally->nelts; i++) {
        snprintf(name, sizeof(name), "  %s", tally->elts[i].name);
        replay_print_count(name, tally->elts[i].count, "requests");
    }

    if (tally->others != 0) {
        replay_print_count("  others", tally->others, "requests");
    }
}


/* prints the rules for parameters that are not logged */

static void
replay_print_missing(const replay_t *rp)
{
    llmp_uint_t           i, n;
    const llmp_policy_t  *policy;

    policy = rp->now.loaded;
    n = 0;

    for (i = 0; i < LLMP_PARAM_MAX; i++) {
        if (rp->missing & llmp_mask(i)) {
            printf("%s%s", (n++ == 0) ? "\nnot in the log, and so not checked: "
                                      : ", ",
                   (char *) llmp_params[i].name.data);
        }
    }

    for (i = 0; i < policy->npointers; i++) {
        printf("%s%s", (n++ == 0) ? "\nnot in the log, and so not checked: "
                                  : ", ",
               (char *) policy->pointers[i].text.data);
    }

    if (n != 0) {
        printf("\n");
    }
}


static void
replay_print_table(const replay_t *rp)
{
    size_t       width;
    llmp_uint_t  i, row;

    width = replay_print_tier_width(rp);

    for (i = 0; i < 2; i++) {
        replay_print_padded((i == 0) ? "" : "tier", width);
        replay_print_padded((i == 0) ? "" : "parameter", REPLAY_PRINT_NAMES);

        for (row = 0; row < REPLAY_OUTCOMES; row++) {
            if (replay_print_heads[i][row] != NULL) {
                printf(" %10s", replay_print_heads[i][row]);
            }
        }

        printf("\n");
    }

    replay_print_rows(rp, width);

    replay_print_padded("total", width);
    replay_print_padded("", REPLAY_PRINT_NAMES);
    replay_print_counts(rp->total);
}


/* prints rows with differences; unchanged rows are part of the total only */

static void
replay_print_rows(const replay_t *rp, size_t width)
{
    llmp_uint_t         i, row;
    const uint64_t     *counts;
    const llmp_tier_t  *tier;

    for (i = 0; i < rp->now.loaded->ntiers; i++) {
        tier = &rp->now.loaded->tiers[i];

        for (row = 0; row < REPLAY_ROWS; row++) {
            counts = rp->tiers[i].counts[row];

            if (replay_compare_row_differs(counts)) {
                replay_print_padded((char *) tier->name.data, width);
                replay_print_padded(replay_compare_row_name(row),
                                    REPLAY_PRINT_NAMES);
                replay_print_counts(counts);
            }
        }
    }
}


static size_t
replay_print_tier_width(const replay_t *rp)
{
    size_t                len, width;
    llmp_uint_t           i, row;
    const llmp_policy_t  *policy;

    policy = rp->now.loaded;
    width = sizeof("total") - 1;

    for (i = 0; i < policy->ntiers; i++) {

        for (row = 0; row < REPLAY_ROWS; row++) {
            if (replay_compare_row_differs(rp->tiers[i].counts[row])) {
                break;
            }
        }

        len = replay_print_width((char *) policy->tiers[i].name.data);

        if (row < REPLAY_ROWS && len > width) {
            width = len;
        }
    }

    return width + 2;
}


static void
replay_print_padded(const char *name, size_t width)
{
    size_t  len;

    printf("%s", name);

    for (len = replay_print_width(name); len < width; len++) {
        printf(" ");
    }
}


static void
replay_print_counts(const uint64_t *counts)
{
    char         buf[REPLAY_PRINT_NUMBER];
    llmp_uint_t  i;

    for (i = 0; i < REPLAY_OUTCOMES; i++) {
        printf(" %10s", replay_print_number(buf, counts[i]));
    }

    printf("\n");
}


static void
replay_print_examples(const replay_t *rp)
{
    llmp_uint_t              i;
    const replay_example_t  *e;

    for (i = 0; i < rp->nexamples; i++) {
        e = &rp->examples[i];

        printf("%s%s  %s  %s  %s -> %s\n", (i == 0) ? "\n" : "",
               (e->id[0] != '\0') ? e->id : "-",
               (char *) rp->now.loaded->tiers[e->tier].name.data,
               replay_compare_row_name(e->row), e->before, e->after);
    }
}


/* returns the width in characters of UTF-8 */

static size_t
replay_print_width(const char *text)
{
    size_t  width;

    width = 0;

    for ( /* void */ ; *text != '\0'; text++) {
        width += ((*text & 0xc0) != 0x80);
    }

    return width;
}


/* formats a number with commas between thousands */

static const char *
replay_print_number(char *buf, uint64_t n)
{
    char         *p;
    llmp_uint_t   digits;

    p = buf + REPLAY_PRINT_NUMBER - 1;
    *p = '\0';
    digits = 0;

    do {

        if (digits != 0 && digits % 3 == 0) {
            *--p = ',';
        }

        *--p = (char) ('0' + n % 10);
        n /= 10;
        digits++;

    } while (n != 0);

    return p;
}
