
/*
 * Copyright (C) llm-policy authors
 *
 * The counts of a replay, as a table.
 */


#include "replay/llm_policy_replay.h"


/* the widest count: 18,446,744,073,709,551,615 */
#define LLM_POLICY_NUMBER  32

/* columns of names; a longer one moves what is behind it */
#define LLM_POLICY_COLUMN  24
#define LLM_POLICY_NAMES   20


static void llm_policy_print_head(const llm_policy_replay_t *rp);
static void llm_policy_print_skipped(const llm_policy_replay_t *rp);
static void llm_policy_print_count(const char *name, uint64_t count,
    const char *text);
static void llm_policy_print_notes(const llm_policy_replay_t *rp);
static void llm_policy_print_tally(const llm_policy_tally_t *tally,
    const char *text);
static void llm_policy_print_lacking(const llm_policy_replay_t *rp);
static void llm_policy_print_table(const llm_policy_replay_t *rp);
static void llm_policy_print_rows(const llm_policy_replay_t *rp, size_t width);
static size_t llm_policy_tier_width(const llm_policy_replay_t *rp);
static llmp_uint_t llm_policy_differs(const uint64_t *counts);
static void llm_policy_print_name(const char *name, size_t width);
static void llm_policy_print_counts(const uint64_t *counts);
static void llm_policy_print_examples(const llm_policy_replay_t *rp);
static size_t llm_policy_text_width(const char *text);
static const char *llm_policy_number(char *buf, uint64_t n);


static const char *const  llm_policy_heads[2][LLM_POLICY_OUTCOMES] = {
    { "newly", "newly", "no longer", "no longer", "changed", NULL },
    { "changed", "refused", "changed", "refused", "otherwise", "unchanged" }
};


void
llm_policy_replay_print(const llm_policy_replay_t *rp)
{
    llm_policy_print_head(rp);
    llm_policy_print_skipped(rp);
    llm_policy_print_notes(rp);

    printf("\n");

    if (rp->replayed == 0) {
        printf("Nothing could be replayed.\n");
        return;
    }

    if (rp->different == 0) {
        printf("No request would be treated differently.\n");
        return;
    }

    llm_policy_print_table(rp);
    llm_policy_print_examples(rp);
}


static void
llm_policy_print_head(const llm_policy_replay_t *rp)
{
    char         text[16];
    double       part;
    uint64_t     skipped;
    llmp_uint_t  i;

    skipped = llm_policy_tally_sum(&rp->refused);

    for (i = 0; i < LLM_POLICY_SKIPPED_MAX; i++) {
        skipped += rp->skipped[i];
    }

    text[0] = '\0';

    if (rp->different != 0) {
        part = 100.0 * (double) rp->different / (double) rp->replayed;
        snprintf(text, sizeof(text), "%.*f%%", (part < 1) ? 2 : 1, part);
    }

    llm_policy_print_count("lines read", rp->lines, "");
    llm_policy_print_count("requests replayed", rp->replayed, "");
    llm_policy_print_count("  treated differently", rp->different, text);
    llm_policy_print_count("not replayable", skipped, "");
}


static void
llm_policy_print_skipped(const llm_policy_replay_t *rp)
{
    char                       name[LLM_POLICY_TALLY_NAME + 4];
    llmp_uint_t                i;
    const llm_policy_count_t  *count;

    static const char  refused[] = "refused for what the log does not have";

    for (i = 0; i < LLM_POLICY_SKIPPED_MAX; i++) {
        if (rp->skipped[i] != 0) {
            snprintf(name, sizeof(name), "  %s", llm_policy_skipped[i].name);
            llm_policy_print_count(name, rp->skipped[i],
                                   llm_policy_skipped[i].text);
        }
    }

    for (i = 0; i < rp->refused.nelts; i++) {
        count = &rp->refused.elts[i];

        snprintf(name, sizeof(name), "  %s",
                 (count->name[0] != '\0') ? count->name : "-");
        llm_policy_print_count(name, count->count, refused);
    }

    if (rp->refused.others != 0) {
        llm_policy_print_count("  others", rp->refused.others, refused);
    }
}


static void
llm_policy_print_count(const char *name, uint64_t count, const char *text)
{
    char  buf[LLM_POLICY_NUMBER];

    llm_policy_print_name(name, LLM_POLICY_COLUMN);
    printf("%13s%s%s\n", llm_policy_number(buf, count),
           (text[0] != '\0') ? "  " : "", text);
}


static void
llm_policy_print_notes(const llm_policy_replay_t *rp)
{
    llm_policy_print_tally(&rp->unknown_tiers, "tiers that the document does "
                           "not have: default_tier was taken");
    llm_policy_print_tally(&rp->moved, "tenants that have another tier now");
    llm_policy_print_lacking(rp);
}


static void
llm_policy_print_tally(const llm_policy_tally_t *tally, const char *text)
{
    char         name[LLM_POLICY_TALLY_NAME + 4];
    llmp_uint_t  i;

    if (tally->nelts == 0) {
        return;
    }

    printf("\n%s\n", text);

    for (i = 0; i < tally->nelts; i++) {
        snprintf(name, sizeof(name), "  %s", tally->elts[i].name);
        llm_policy_print_count(name, tally->elts[i].count, "requests");
    }

    if (tally->others != 0) {
        llm_policy_print_count("  others", tally->others, "requests");
    }
}


/* rules whose effect nobody can tell from the log */

static void
llm_policy_print_lacking(const llm_policy_replay_t *rp)
{
    llmp_uint_t           i, n;
    const llmp_policy_t  *policy;

    policy = rp->terms.loaded;
    n = 0;

    for (i = 0; i < LLMP_PARAM_MAX; i++) {
        if (rp->lacking & llmp_mask(i)) {
            printf("%s%s", (n++ == 0) ? "\nnot in the log, and so not judged: "
                                      : ", ",
                   (char *) llmp_params[i].name.data);
        }
    }

    for (i = 0; i < policy->npointers; i++) {
        printf("%s%s", (n++ == 0) ? "\nnot in the log, and so not judged: "
                                  : ", ",
               (char *) policy->pointers[i].text.data);
    }

    if (n != 0) {
        printf("\n");
    }
}


static void
llm_policy_print_table(const llm_policy_replay_t *rp)
{
    size_t       width;
    llmp_uint_t  i, row;

    width = llm_policy_tier_width(rp);

    for (i = 0; i < 2; i++) {
        llm_policy_print_name((i == 0) ? "" : "tier", width);
        llm_policy_print_name((i == 0) ? "" : "parameter", LLM_POLICY_NAMES);

        for (row = 0; row < LLM_POLICY_OUTCOMES; row++) {
            if (llm_policy_heads[i][row] != NULL) {
                printf(" %10s", llm_policy_heads[i][row]);
            }
        }

        printf("\n");
    }

    llm_policy_print_rows(rp, width);

    llm_policy_print_name("total", width);
    llm_policy_print_name("", LLM_POLICY_NAMES);
    llm_policy_print_counts(rp->total);
}


/* what is unchanged throughout is in the total alone */

static void
llm_policy_print_rows(const llm_policy_replay_t *rp, size_t width)
{
    llmp_uint_t         i, row;
    const uint64_t     *counts;
    const llmp_tier_t  *tier;

    for (i = 0; i < rp->terms.loaded->ntiers; i++) {
        tier = &rp->terms.loaded->tiers[i];

        for (row = 0; row < LLM_POLICY_ROWS; row++) {
            counts = rp->tiers[i].counts[row];

            if (llm_policy_differs(counts)) {
                llm_policy_print_name((char *) tier->name.data, width);
                llm_policy_print_name(llm_policy_row_name(row),
                                      LLM_POLICY_NAMES);
                llm_policy_print_counts(counts);
            }
        }
    }
}


static size_t
llm_policy_tier_width(const llm_policy_replay_t *rp)
{
    size_t                len, width;
    llmp_uint_t           i, row;
    const llmp_policy_t  *policy;

    policy = rp->terms.loaded;
    width = sizeof("total") - 1;

    for (i = 0; i < policy->ntiers; i++) {

        for (row = 0; row < LLM_POLICY_ROWS; row++) {
            if (llm_policy_differs(rp->tiers[i].counts[row])) {
                break;
            }
        }

        len = llm_policy_text_width((char *) policy->tiers[i].name.data);

        if (row < LLM_POLICY_ROWS && len > width) {
            width = len;
        }
    }

    return width + 2;
}


static llmp_uint_t
llm_policy_differs(const uint64_t *counts)
{
    llmp_uint_t  i;

    for (i = 0; i < LLM_POLICY_UNCHANGED; i++) {
        if (counts[i] != 0) {
            return 1;
        }
    }

    return 0;
}


llmp_uint_t
llm_policy_row_is_empty(const uint64_t *counts)
{
    return !llm_policy_differs(counts) && counts[LLM_POLICY_UNCHANGED] == 0;
}


static void
llm_policy_print_name(const char *name, size_t width)
{
    size_t  len;

    printf("%s", name);

    for (len = llm_policy_text_width(name); len < width; len++) {
        printf(" ");
    }
}


static void
llm_policy_print_counts(const uint64_t *counts)
{
    char         buf[LLM_POLICY_NUMBER];
    llmp_uint_t  i;

    for (i = 0; i < LLM_POLICY_OUTCOMES; i++) {
        printf(" %10s", llm_policy_number(buf, counts[i]));
    }

    printf("\n");
}


static void
llm_policy_print_examples(const llm_policy_replay_t *rp)
{
    llmp_uint_t                  i;
    const llm_policy_example_t  *e;

    for (i = 0; i < rp->nexamples; i++) {
        e = &rp->examples[i];

        printf("%s%s  %s  %s  %s -> %s\n", (i == 0) ? "\n" : "",
               (e->id[0] != '\0') ? e->id : "-",
               (char *) rp->terms.loaded->tiers[e->tier].name.data,
               llm_policy_row_name(e->row), e->before, e->after);
    }
}


/* in characters */

static size_t
llm_policy_text_width(const char *text)
{
    size_t  width;

    width = 0;

    for ( /* void */ ; *text != '\0'; text++) {
        width += ((*text & 0xc0) != 0x80);
    }

    return width;
}


/* with commas between thousands */

static const char *
llm_policy_number(char *buf, uint64_t n)
{
    char         *p;
    llmp_uint_t   digits;

    p = buf + LLM_POLICY_NUMBER - 1;
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
