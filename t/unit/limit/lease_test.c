
/*
 * Copyright (C) llm-policy authors
 *
 * Leases of a process that is killed: it is stopped after each instruction, and
 * recovered from what it has written so far.
 */


#include <signal.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "limit/llmp_lease.h"

#include "limit_values.h"
#include "test.h"


#define NOON    43200    /* a time of day, in seconds */
#define LEASES  3
#define STATES  3

/* tokens of each request */

#define RESERVED  100
#define RESIZED   70
#define PROMPT    7
#define USED      40


/* memory that the processes share */

typedef struct {
    uint64_t            recounts;
    llmp_limit_state_t  states[STATES];
    llmp_lease_t        killed[LEASES];
    llmp_lease_t        others[LEASES];
} shared_t;


typedef void (*run_pt)(shared_t *sh);


/* by index of a state; the third counts all requests */

static llmp_limits_t  limits[STATES];


/* admits a request by one of the first two states, and by the third */

static llmp_int_t
admit(shared_t *sh, llmp_lease_t *lease, int i)
{
    llmp_limit_clock_t    clock = { 0, NOON, 0 };
    llmp_limit_entry_t    entries[2];
    llmp_limit_amounts_t  amounts, charge;
    llmp_limit_verdict_t  verdict;

    entries[0].limits = &limits[i];
    entries[0].state = &sh->states[i];
    entries[1].limits = &limits[STATES - 1];
    entries[1].state = &sh->states[STATES - 1];

    amounts = limit_values_tokens(RESERVED);
    charge = limit_values_tokens(PROMPT);

    return llmp_lease_admit(lease, entries, 2, &amounts, &charge, &clock,
                            &verdict);
}


static void
resize(shared_t *sh, llmp_lease_t *lease, int i)
{
    llmp_limit_clock_t    clock = { 0, NOON, 0 };
    llmp_limit_entry_t    entries[2];
    llmp_limit_amounts_t  amounts, charge;
    llmp_limit_verdict_t  verdict;

    entries[0].limits = &limits[i];
    entries[0].state = &sh->states[i];
    entries[1].limits = &limits[STATES - 1];
    entries[1].state = &sh->states[STATES - 1];

    amounts = limit_values_tokens(RESIZED);
    charge = limit_values_tokens(PROMPT);

    (void) llmp_lease_resize(lease, entries, 2, &amounts, &charge, &clock,
                             &verdict);
}


static void
settle(llmp_lease_t *lease)
{
    llmp_limit_amounts_t  amounts;

    amounts = limit_values_tokens(USED);

    llmp_lease_settle(lease, &amounts);
}


/* the requests of a process that is killed */

static void
run_requests(shared_t *sh)
{
    int  i;

    (void) admit(sh, &sh->killed[0], 1);
    llmp_lease_return(&sh->killed[0]);

    for (i = 0; i < LEASES; i++) {

        /* the third one is declined by the first state */

        (void) admit(sh, &sh->killed[i], 0);
    }

    (void) admit(sh, &sh->killed[2], 1);

    resize(sh, &sh->killed[2], 1);

    settle(&sh->killed[0]);
    settle(&sh->killed[2]);
    (void) admit(sh, &sh->killed[0], 1);
    settle(&sh->killed[1]);
    settle(&sh->killed[0]);
}


static void
run_recount(shared_t *sh)
{
    int       i;
    uint64_t  id;

    id = ++sh->recounts;

    for (i = 0; i < LEASES; i++) {
        llmp_lease_recount_begin(&sh->killed[i], id);
    }

    for (i = 0; i < LEASES; i++) {
        llmp_lease_recount_add(&sh->others[i], id);
    }

    for (i = 0; i < LEASES; i++) {
        llmp_lease_recount_end(&sh->killed[i]);
    }
}


/* the state of each other process, before any is killed */

static void
prepare(shared_t *sh, int requests)
{
    int  i;

    memset(sh, 0, sizeof(shared_t));
    memset(limits, 0, sizeof(limits));

    for (i = 0; i < STATES; i++) {
        limit_values_add(&limits[i], LLMP_LIMIT_REQUESTS_PER_MINUTE, 100);
        limit_values_add(&limits[i], LLMP_LIMIT_TOKENS_PER_MINUTE, 100000);
        limit_values_add(&limits[i], LLMP_LIMIT_TOKENS_PER_DAY, 1000000);
        limit_values_add(&limits[i], LLMP_LIMIT_CONCURRENT_REQUESTS,
                         i == STATES - 1 ? 100 : 3);
    }

    assert_int_equal(admit(sh, &sh->others[0], 0), LLMP_OK);
    assert_int_equal(admit(sh, &sh->others[1], 1), LLMP_OK);

    for (i = 0; i < requests; i++) {
        assert_int_equal(admit(sh, &sh->killed[i], i), LLMP_OK);
    }
}


/* returns the tokens of a day that are charged, without what is reserved */

static int64_t
charged(llmp_limit_state_t *state)
{
    int64_t      tokens;
    llmp_uint_t  i;

    tokens = state->charged.n[LLMP_LIMIT_TOKENS];

    for (i = 0; i < state->nslots; i++) {
        if (state->slots[i].limit == LLMP_LIMIT_TOKENS_PER_DAY) {
            tokens += state->slots[i].used;
        }
    }

    return tokens / llmp_limits_unit(LLMP_LIMIT_TOKENS_PER_DAY);
}


static void
check_recovered(shared_t *sh, int64_t least, int64_t most)
{
    int      i;
    int64_t  used;

    run_recount(sh);

    used = 0;

    for (i = 0; i < STATES; i++) {
        assert_int_equal(sh->states[i].active, i == STATES - 1 ? 2 : 1);
        assert_int_equal(sh->states[i].reserved.n[LLMP_LIMIT_OUTPUT],
                         i == STATES - 1 ? 2 * RESERVED : RESERVED);
    }

    for (i = 0; i < STATES - 1; i++) {
        used += charged(&sh->states[i]);
    }

    for (i = 0; i < LEASES; i++) {
        assert_int_equal(sh->killed[i].nstates, 0);
    }

    assert_true(used >= least && used <= most);

    used = charged(&sh->states[STATES - 1]);

    assert_true(used >= least && used <= most);
}


static void
run_child(shared_t *sh, run_pt run)
{
    if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0) {
        (void) raise(SIGSTOP);
        run(sh);
        (void) raise(SIGSTOP);
    }

    _exit(1);
}


/*
 * Runs a process step by step.  Each time that it has written something, copies
 * what it has written, recovers from it, and puts it back.  Returns the number
 * of different writes.
 */

static int
step_through(shared_t *sh, run_pt run, int64_t least, int64_t most)
{
    int       n, status;
    pid_t     pid;
    shared_t  before;

    pid = fork();
    assert_true(pid != -1);

    if (pid == 0) {
        run_child(sh, run);
    }

    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP);

    before = *sh;

    for (n = 0; /* void */; /* void */) {
        assert_int_equal(ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL), 0);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFSTOPPED(status));

        if (WSTOPSIG(status) == SIGSTOP) {
            break;
        }

        if (memcmp(&before, sh, sizeof(shared_t)) == 0) {
            continue;
        }

        n++;
        before = *sh;
        check_recovered(sh, least, most);
        *sh = before;
    }

    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);

    return n;
}


static shared_t *
map_shared(void)
{
    shared_t  *sh;

    sh = mmap(NULL, sizeof(shared_t), PROT_READ|PROT_WRITE,
              MAP_SHARED|MAP_ANONYMOUS, -1, 0);
    assert_true(sh != MAP_FAILED);

    return sh;
}


/* no slot is lost, and what was used is charged */

static void
test_killed(void **state)
{
    shared_t  *sh;

    (void) state;

    sh = map_shared();
    prepare(sh, 0);

    assert_true(step_through(sh, run_requests, 0, 4 * USED + PROMPT) > 30);

    /* the whole of it is exact */

    check_recovered(sh, 4 * USED, 4 * USED);

    assert_int_equal(munmap(sh, sizeof(shared_t)), 0);
}


/* nor if the process that recovers is killed, too */

static void
test_killed_in_recount(void **state)
{
    shared_t  *sh;

    (void) state;

    sh = map_shared();
    prepare(sh, 2);

    assert_true(step_through(sh, run_recount, 2 * PROMPT, 3 * PROMPT) > 8);

    check_recovered(sh, 2 * PROMPT, 2 * PROMPT);

    assert_int_equal(munmap(sh, sizeof(shared_t)), 0);
}


/* a free lease, and one that was declined, count nowhere */

static void
test_declined(void **state)
{
    shared_t  sh;

    (void) state;

    prepare(&sh, 0);

    assert_int_equal(admit(&sh, &sh.killed[0], 0), LLMP_OK);
    assert_int_equal(admit(&sh, &sh.killed[1], 0), LLMP_OK);
    assert_int_equal(admit(&sh, &sh.killed[2], 0), LLMP_DECLINED);
    assert_int_equal(sh.killed[2].nstates, 0);
    assert_int_equal(sh.states[0].active, 3);
    assert_int_equal(sh.states[STATES - 1].active, 4);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_killed),
        cmocka_unit_test(test_killed_in_recount),
        cmocka_unit_test(test_declined)
    };

    return cmocka_run_group_tests_name("lease", tests, NULL, NULL);
}
