
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

#include "test.h"

#include "limit/llmp_lease.h"


#define NOON    43200    /* a time of day, in seconds */
#define LEASES  3

/* tokens of each request */

#define RESERVED  100
#define RESIZED   70
#define PROMPT    7
#define USED      40


/* memory that the processes share */

typedef struct {
    uint64_t            recounts;
    llmp_limit_state_t  states[2];
    llmp_lease_t        killed[LEASES];
    llmp_lease_t        others[LEASES];
} shared_t;


typedef void (*run_pt)(shared_t *sh);


static const llmp_limits_t  limits = { { 100, 100000, 1000000, 3 } };


static llmp_int_t
admit(llmp_lease_t *lease, llmp_limit_state_t *state,
    llmp_limit_verdict_t *verdict)
{
    return llmp_lease_admit(lease, state, &limits, RESERVED, PROMPT, 0, NOON,
                            verdict);
}


/* the requests of a process that is killed */

static void
run_requests(shared_t *sh)
{
    int                   i;
    llmp_limit_verdict_t  verdict;

    (void) admit(&sh->killed[0], &sh->states[1], &verdict);
    llmp_lease_return(&sh->killed[0]);

    for (i = 0; i < LEASES; i++) {

        /* the third one is declined by the first state */

        (void) admit(&sh->killed[i], &sh->states[0], &verdict);
    }

    (void) admit(&sh->killed[2], &sh->states[1], &verdict);

    llmp_lease_resize(&sh->killed[2], &limits, RESIZED, PROMPT, 0, NOON,
                      &verdict);

    llmp_lease_settle(&sh->killed[0], USED);
    llmp_lease_settle(&sh->killed[2], USED);
    (void) admit(&sh->killed[0], &sh->states[1], &verdict);
    llmp_lease_settle(&sh->killed[1], USED);
    llmp_lease_settle(&sh->killed[0], USED);
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
    int                   i;
    llmp_limit_verdict_t  verdict;

    memset(sh, 0, sizeof(shared_t));

    assert_int_equal(admit(&sh->others[0], &sh->states[0], &verdict), LLMP_OK);
    assert_int_equal(admit(&sh->others[1], &sh->states[1], &verdict), LLMP_OK);

    for (i = 0; i < requests; i++) {
        assert_int_equal(admit(&sh->killed[i], &sh->states[i], &verdict),
                         LLMP_OK);
    }
}


static void
check_recovered(shared_t *sh, int64_t least, int64_t most)
{
    int      i;
    int64_t  used;

    run_recount(sh);

    used = 0;

    for (i = 0; i < 2; i++) {
        assert_int_equal(sh->states[i].active, 1);
        assert_int_equal(sh->states[i].reserved, RESERVED);

        used += llmp_limit_used(&sh->states[i], LLMP_LIMIT_TOKENS_PER_DAY, 0,
                                NOON) - RESERVED;
    }

    for (i = 0; i < LEASES; i++) {
        assert_null(sh->killed[i].state);
    }

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
    shared_t              sh;
    llmp_limits_t         none = { { 0, 0, 0, 1 } };
    llmp_limit_verdict_t  verdict;

    (void) state;

    memset(&sh, 0, sizeof(shared_t));

    assert_int_equal(llmp_lease_admit(&sh.killed[0], &sh.states[0], &none, 5, 5,
                                      0, NOON, &verdict), LLMP_OK);
    assert_int_equal(llmp_lease_admit(&sh.killed[1], &sh.states[0], &none, 5, 5,
                                      0, NOON, &verdict), LLMP_DECLINED);
    assert_null(sh.killed[1].state);

    /* tokens have no limit, and are not charged */

    llmp_lease_settle(&sh.killed[0], 1000);
    assert_int_equal(sh.states[0].active, 0);
    assert_int_equal(sh.states[0].charged, 0);
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
