
/*
 * Copyright (C) llm-policy authors
 *
 * The core's time for a request, in nanoseconds: from its head to the list of
 * edits, called as the module calls it.  On standard input, one case per line,
 *
 *     POLICY BODY KEY
 *
 * two files, and the caller's API key, or "-".  All cases are run in turn, as
 * many rounds as the argument; standard output has a line for each, with the
 * median, the minimum and the maximum.
 */


#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/llmp_arena.h"
#include "body/llmp_body_state.h"
#include "loader/llmp_load.h"
#include "base/llmp_scratch.h"


#define CASES_MAX   256
#define ROUNDS_MAX  1000
#define PATH_LEN    512

/* size of nginx's reads */
#define PIECE       (16 * 1024)

/* time of a case in a round */
#define SLICE       2000000


typedef struct {
    llmp_policy_t   *policy;
    llmp_str_t       body;
    llmp_str_t       key;
    size_t           times;               /* runs in a round */
    double           took[ROUNDS_MAX];    /* time of one request */
} growth_case_t;


static growth_case_t   cases[CASES_MAX];
static llmp_arena_t    arena;
static llmp_scratch_t  scratch;


static void die(const char *what, const char *which)
    __attribute__((noreturn));
static llmp_str_t read_file(const char *name);
static llmp_policy_t *load(const char *name);
static size_t read_cases(void);
static void decide(const growth_case_t *c);
static double run(const growth_case_t *c);
static void calibrate(growth_case_t *c);
static int compare(const void *a, const void *b);


int
main(int argc, char **argv)
{
    size_t  i, n, round, rounds;

    rounds = (argc == 2) ? strtoul(argv[1], NULL, 10) : 0;

    if (rounds == 0 || rounds > ROUNDS_MAX) {
        die("usage: growth ROUNDS", "");
    }

    llmp_arena_init(&arena);
    llmp_scratch_init(&scratch, &arena.pool);

    n = read_cases();

    for (i = 0; i < n; i++) {
        calibrate(&cases[i]);
    }

    for (round = 0; round < rounds; round++) {
        for (i = 0; i < n; i++) {
            cases[i].took[round] = run(&cases[i]) / (double) cases[i].times;
        }
    }

    for (i = 0; i < n; i++) {
        qsort(cases[i].took, rounds, sizeof(double), compare);

        printf("%.1f %.1f %.1f\n", cases[i].took[rounds / 2],
               cases[i].took[0], cases[i].took[rounds - 1]);
    }

    return 0;
}


static void
die(const char *what, const char *which)
{
    fprintf(stderr, "%s%s\n", what, which);
    exit(2);
}


static llmp_str_t
read_file(const char *name)
{
    FILE        *file;
    long         size;
    llmp_str_t   text;

    file = fopen(name, "rb");

    if (file == NULL || fseek(file, 0, SEEK_END) != 0) {
        die("cannot read ", name);
    }

    size = ftell(file);

    if (size < 0) {
        die("cannot read ", name);
    }

    rewind(file);

    text.len = (size_t) size;
    text.data = malloc(text.len + 1);

    if (text.data == NULL || fread(text.data, 1, text.len, file) != text.len) {
        die("cannot read ", name);
    }

    fclose(file);

    return text;
}


static llmp_policy_t *
load(const char *name)
{
    llmp_str_t           text, file = llmp_string("policy.json");
    llmp_policy_t       *policy;
    llmp_load_errors_t   errors;

    text = read_file(name);

    policy = llmp_load_policy(&arena.pool, &file, text.data, text.len, &errors);

    if (policy == NULL) {
        die("the policy does not load: ", errors.nelts == 0 ? "no memory"
            : (char *) errors.elts[0].message.data);
    }

    free(text.data);

    return policy;
}


static size_t
read_cases(void)
{
    char    policy[PATH_LEN], body[PATH_LEN], key[PATH_LEN];
    size_t  n;

    for (n = 0; scanf("%511s %511s %511s", policy, body, key) == 3; n++) {

        if (n == CASES_MAX) {
            die("too many cases", "");
        }

        cases[n].policy = load(policy);
        cases[n].body = read_file(body);
        cases[n].key.data = (u_char *) strdup(strcmp(key, "-") ? key : "");
        cases[n].key.len = strlen((char *) cases[n].key.data);
    }

    return n;
}


/* as the module does; refused requests are not measured */

static void
decide(const growth_case_t *c)
{
    size_t           pos, len;
    llmp_body_t      body;
    llmp_caller_t    caller;
    llmp_request_t   request;
    llmp_refusal_t   refusal;
    llmp_identity_t  identity;

    static const llmp_str_t  path = llmp_string("/v1/chat/completions");
    static const llmp_str_t  name = llmp_string("Content-Type");
    static const llmp_str_t  json = llmp_string("application/json");

    llmp_scratch_reset(&scratch);
    llmp_request_init(&request);

    request.path = path;
    request.target = path;
    request.post = 1;
    request.body = 1;
    request.key = c->key;

    memset(&identity, 0, sizeof(llmp_identity_t));
    identity.key = c->key;

    llmp_request_header(&request, &name, &json);

    if (llmp_request_check(&request, c->policy, &refusal) != LLMP_OK
        || llmp_request_caller(&caller, c->policy, &identity, &refusal)
           != LLMP_OK)
    {
        die("refused: ", refusal.message);
    }

    if (llmp_body_init(&body, c->policy, &request, &caller, &scratch.pool, 1)
        != LLMP_OK)
    {
        die("no memory", "");
    }

    for (pos = 0; pos < c->body.len; pos += len) {
        len = c->body.len - pos;
        len = (len < PIECE) ? len : PIECE;

        (void) llmp_body_feed(&body, c->body.data + pos, len);
    }

    if (llmp_body_decide(&body) != LLMP_OK) {
        die("refused: ", body.decision.refusal.message);
    }
}


static double
run(const growth_case_t *c)
{
    size_t           i;
    struct timespec  start, end;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &start);

    for (i = 0; i < c->times; i++) {
        decide(c);
    }

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end);

    return (double) (end.tv_sec - start.tv_sec) * 1e9
           + (double) (end.tv_nsec - start.tv_nsec);
}


static void
calibrate(growth_case_t *c)
{
    /* one-time work, such as OpenSSL's, is not measured */

    c->times = 2;
    (void) run(c);

    for (c->times = 1; run(c) < SLICE / 2; c->times *= 2) {
        /* void */
    }
}


static int
compare(const void *a, const void *b)
{
    double  x, y;

    x = *(const double *) a;
    y = *(const double *) b;

    return (x > y) - (x < y);
}
