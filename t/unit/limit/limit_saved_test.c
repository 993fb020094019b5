
/*
 * Copyright (C) llm-policy authors
 *
 * Counts as bytes: what is written is read again, with the time between; any
 * other bytes are refused, or harmless.
 */


#include "limit/llmp_limit_saved.h"

#include "limit_values.h"
#include "test.h"


#define DAY      86400
#define NOON     ((int64_t) 20788 * DAY + DAY / 2)    /* December 1, 2026 */
#define UPTIME   5000000                              /* ms */
#define FILE_MAX 4096


typedef struct {
    u_char                bytes[FILE_MAX];
    size_t                len;
    llmp_limit_saved_t    saved;
} file_t;


static llmp_limits_t  limits;


static int
setup(void **state)
{
    (void) state;

    memset(&limits, 0, sizeof(limits));

    limit_values_add(&limits, LLMP_LIMIT_REQUESTS_PER_HOUR, 60);
    limit_values_add(&limits, LLMP_LIMIT_TOKENS_PER_MINUTE, 600);
    limit_values_add(&limits, LLMP_LIMIT_OUTPUT_TOKENS_PER_DAY, 1000);
    limit_values_add(&limits, LLMP_LIMIT_TOKENS_PER_WEEK, 1000);
    limit_values_add(&limits, LLMP_LIMIT_COST_PER_MONTH, 1000);

    return 0;
}


/* returns the state of 30 requests of 10 tokens each */

static llmp_limit_state_t
used(const llmp_limit_clock_t *clock)
{
    int                   i;
    llmp_limit_state_t    state;
    llmp_limit_entry_t    entry;
    llmp_limit_amounts_t  amounts;
    llmp_limit_verdict_t  verdict;

    memset(&state, 0, sizeof(state));

    entry.limits = &limits;
    entry.state = &state;

    amounts = limit_values_tokens(10);
    amounts.n[LLMP_LIMIT_COST] = 1000000;

    for (i = 0; i < 30; i++) {
        llmp_limit_verdict_init(&verdict);
        llmp_limit_check(&entry, 0, &amounts, NULL, clock, &verdict);
        assert_int_equal(verdict.limit, LLMP_LIMIT_MAX);

        llmp_limit_take(&entry, &amounts, &verdict);
        llmp_limit_settle(&state, &amounts, &amounts);
    }

    return state;
}


/* returns the use of a limit, 0 if there is no slot */

static int64_t
use(const llmp_limit_state_t *state, llmp_limit_e limit)
{
    llmp_uint_t  i;

    for (i = 0; i < state->nslots; i++) {
        if (state->slots[i].limit == limit) {
            return state->slots[i].used;
        }
    }

    return 0;
}


static int64_t
tokens(const llmp_limit_state_t *state, llmp_limit_e limit)
{
    return use(state, limit) / llmp_limits_unit(limit);
}


static void
begin(file_t *file)
{
    memset(file, 0, sizeof(file_t));

    file->saved.writer = 7;

    llmp_limit_saved_write_head(file->bytes, &file->saved);

    file->len = LLMP_LIMIT_SAVED_HEAD;
}


static size_t
add(file_t *file, const char *key, const llmp_limit_state_t *state,
    const llmp_limit_clock_t *clock)
{
    size_t      len;
    llmp_str_t  name;

    name = test_cstr(key);

    len = llmp_limit_saved_write(file->bytes + file->len, &name, state, clock);

    file->len += len;
    file->saved.nentries += (len != 0);

    return len;
}


static void
end(file_t *file, int64_t time)
{
    file->saved.time = time;

    llmp_limit_saved_write_end(file->bytes + file->len, &file->saved);

    file->len += LLMP_LIMIT_SAVED_END;
}


/* reads all entries, and returns the result of the last one */

static llmp_int_t
read_all(const file_t *file, size_t len, const llmp_limit_clock_t *clock,
    llmp_limit_state_t *last, llmp_uint_t *n)
{
    u_char              *copy;
    llmp_int_t           rc;
    llmp_str_t           key;
    llmp_limit_state_t   state;
    llmp_limit_saved_t   saved;

    *n = 0;

    copy = malloc(len + 1);
    assert_non_null(copy);
    memcpy(copy, file->bytes, len);
    copy = realloc(copy, len ? len : 1);

    rc = llmp_limit_saved_open(&saved, copy, len);

    while (rc == LLMP_OK) {
        rc = llmp_limit_saved_read(&saved, &key, &state, clock);

        if (rc == LLMP_OK) {
            *last = state;
            (*n)++;
        }
    }

    free(copy);

    return rc;
}


/* writes a state, and returns what is read at another time */

static llmp_limit_state_t
round_trip(const llmp_limit_state_t *state, const llmp_limit_clock_t *then,
    const llmp_limit_clock_t *now)
{
    file_t              file;
    llmp_uint_t         n;
    llmp_limit_state_t  result;

    begin(&file);
    assert_int_not_equal(add(&file, "a caller", state, then), 0);
    end(&file, then->time);

    assert_int_equal(read_all(&file, file.len, now, &result, &n),
                     LLMP_DECLINED);
    assert_int_equal(n, 1);

    return result;
}


static void
test_same_time(void **unused)
{
    llmp_limit_clock_t  clock = { UPTIME, NOON, 0 };
    llmp_limit_state_t  state, result;

    (void) unused;

    state = used(&clock);
    result = round_trip(&state, &clock, &clock);

    assert_int_equal(result.nslots, 5);
    assert_int_equal(use(&result, LLMP_LIMIT_REQUESTS_PER_HOUR), 30);
    assert_int_equal(tokens(&result, LLMP_LIMIT_TOKENS_PER_MINUTE), 300);
    assert_int_equal(tokens(&result, LLMP_LIMIT_OUTPUT_TOKENS_PER_DAY), 300);
    assert_int_equal(tokens(&result, LLMP_LIMIT_TOKENS_PER_WEEK), 300);
    assert_int_equal(use(&result, LLMP_LIMIT_COST_PER_MONTH), 30000000);
    assert_int_equal(result.active, 0);
    assert_int_equal(result.last, UPTIME);
}


/* the machine was started again: its clock of milliseconds begins at 0 */

static void
test_time_passes(void **unused)
{
    llmp_limit_clock_t  clock = { UPTIME, NOON, 0 };
    llmp_limit_clock_t  later = { 1000, NOON + 600, 0 };
    llmp_limit_clock_t  tomorrow = { 1000, NOON + DAY, 0 };
    llmp_limit_state_t  state, result;

    (void) unused;

    state = used(&clock);
    result = round_trip(&state, &clock, &later);

    assert_int_equal(use(&result, LLMP_LIMIT_REQUESTS_PER_HOUR), 20);
    assert_int_equal(use(&result, LLMP_LIMIT_TOKENS_PER_MINUTE), 0);
    assert_int_equal(tokens(&result, LLMP_LIMIT_OUTPUT_TOKENS_PER_DAY), 300);

    result = round_trip(&state, &clock, &tomorrow);

    assert_int_equal(result.nslots, 2);
    assert_int_equal(tokens(&result, LLMP_LIMIT_TOKENS_PER_WEEK), 300);
    assert_int_equal(use(&result, LLMP_LIMIT_COST_PER_MONTH), 30000000);
}


static void
test_clock_went_back(void **unused)
{
    int                 i;
    llmp_limit_clock_t  clock = { UPTIME, NOON, 0 };
    llmp_limit_clock_t  earlier = { UPTIME, NOON, 0 };
    llmp_limit_state_t  state, result;

    (void) unused;

    static const int64_t  steps[] = { 1, 3600, DAY, 40 * DAY, NOON };

    state = used(&clock);

    for (i = 0; i < (int) test_nelts(steps); i++) {
        earlier.time = NOON - steps[i];

        result = round_trip(&state, &clock, &earlier);

        assert_int_equal(result.nslots, 5);
        assert_int_equal(use(&result, LLMP_LIMIT_REQUESTS_PER_HOUR), 30);
        assert_int_equal(use(&result, LLMP_LIMIT_COST_PER_MONTH), 30000000);
        assert_int_equal(tokens(&result, LLMP_LIMIT_OUTPUT_TOKENS_PER_DAY),
                         300);

        /* the next day of the clock forgets it, not the one of the file */

        earlier.time += DAY;
        state = round_trip(&result, &earlier, &earlier);

        assert_int_equal(tokens(&state, LLMP_LIMIT_OUTPUT_TOKENS_PER_DAY), 0);

        state = used(&clock);
    }
}


static void
test_far_future(void **unused)
{
    llmp_limit_clock_t  clock = { UPTIME, NOON, 0 };
    llmp_limit_clock_t  later = { UPTIME, NOON * 1000, 0 };
    llmp_limit_state_t  state, result;

    (void) unused;

    state = used(&clock);
    result = round_trip(&state, &clock, &later);

    assert_int_equal(result.nslots, 0);
}


/* the calendar of the document is kept with the entry */

static void
test_offset(void **unused)
{
    llmp_limit_clock_t  clock = { UPTIME, NOON, 14 * 3600 };
    llmp_limit_clock_t  later = { UPTIME + 3600000, NOON + 3600, 0 };
    llmp_limit_state_t  state, result;

    (void) unused;

    state = used(&clock);
    result = round_trip(&state, &clock, &later);

    assert_int_equal(result.offset, 14 * 3600);
    assert_int_equal(tokens(&result, LLMP_LIMIT_OUTPUT_TOKENS_PER_DAY), 300);
}


static void
test_unused(void **unused)
{
    file_t              file;
    llmp_limit_clock_t  clock = { UPTIME, NOON, 0 };
    llmp_limit_state_t  state;

    (void) unused;

    memset(&state, 0, sizeof(state));
    state.active = 1;
    state.reserved.n[LLMP_LIMIT_TOKENS] = 1000;

    begin(&file);
    assert_int_equal(add(&file, "idle", &state, &clock), 0);
}


/* a merge takes the greater use of each limit, and can be repeated */

static void
test_merge(void **unused)
{
    llmp_limit_clock_t  clock = { UPTIME, NOON, 0 };
    llmp_limit_clock_t  later = { UPTIME + 60000, NOON + 60, 0 };
    llmp_limit_state_t  less, more, state;

    (void) unused;

    more = used(&clock);
    less = round_trip(&more, &clock, &later);

    /* into nothing */

    memset(&state, 0, sizeof(state));
    state.active = 2;

    llmp_limit_saved_merge(&state, &less, &later);
    assert_int_equal(use(&state, LLMP_LIMIT_REQUESTS_PER_HOUR), 29);
    assert_int_equal(state.active, 2);

    /* repeated */

    llmp_limit_saved_merge(&state, &less, &later);
    assert_int_equal(use(&state, LLMP_LIMIT_REQUESTS_PER_HOUR), 29);
    assert_int_equal(tokens(&state, LLMP_LIMIT_TOKENS_PER_WEEK), 300);

    /* the greater use of each limit, in either direction */

    state = less;
    more = used(&later);
    more.slots[0].used = 5;

    llmp_limit_saved_merge(&state, &more, &later);
    assert_int_equal(use(&state, LLMP_LIMIT_REQUESTS_PER_HOUR), 29);

    more.slots[0].used = 50;

    llmp_limit_saved_merge(&state, &more, &later);
    assert_int_equal(use(&state, LLMP_LIMIT_REQUESTS_PER_HOUR), 50);
}


static void
test_merge_without_room(void **unused)
{
    llmp_uint_t         i;
    llmp_limit_clock_t  clock = { UPTIME, NOON, 0 };
    llmp_limit_state_t  state, entry;

    (void) unused;

    memset(&state, 0, sizeof(state));
    memset(&entry, 0, sizeof(entry));

    state.nslots = LLMP_LIMITS_VALUES;

    for (i = 0; i < LLMP_LIMITS_VALUES; i++) {
        state.slots[i].limit = (uint32_t) i;
        state.slots[i].max = 100;
    }

    entry.nslots = 1;
    entry.slots[0].limit = LLMP_LIMIT_COST_PER_MONTH;
    entry.slots[0].used = 1;
    entry.slots[0].max = 1;

    llmp_limit_saved_merge(&state, &entry, &clock);

    assert_int_equal(state.nslots, LLMP_LIMITS_VALUES);
    assert_int_equal(use(&state, LLMP_LIMIT_COST_PER_MONTH), 0);
}


static void
test_cut(void **unused)
{
    size_t              len;
    file_t              file;
    llmp_uint_t         n;
    llmp_limit_clock_t  clock = { UPTIME, NOON, 0 };
    llmp_limit_state_t  state;

    (void) unused;

    state = used(&clock);

    begin(&file);
    (void) add(&file, "one", &state, &clock);
    (void) add(&file, "two", &state, &clock);
    end(&file, NOON);

    assert_int_equal(read_all(&file, file.len, &clock, &state, &n),
                     LLMP_DECLINED);
    assert_int_equal(n, 2);

    for (len = 0; len < file.len; len++) {
        assert_int_equal(read_all(&file, len, &clock, &state, &n), LLMP_ERROR);
    }
}


static void
test_another_format(void **unused)
{
    file_t              file;
    llmp_limit_saved_t  saved;

    (void) unused;

    begin(&file);
    end(&file, NOON);

    file.bytes[8] = 2;

    assert_int_equal(llmp_limit_saved_open(&saved, file.bytes, file.len),
                     LLMP_DECLINED);
    assert_int_equal(saved.format, 2);

    file.bytes[0] ^= 1;

    assert_int_equal(llmp_limit_saved_open(&saved, file.bytes, file.len),
                     LLMP_ERROR);
}


static void
assert_valid(const llmp_limit_state_t *state)
{
    llmp_uint_t               i;
    const llmp_limit_slot_t  *slot;

    assert_true(state->nslots <= LLMP_LIMITS_VALUES);

    for (i = 0; i < state->nslots; i++) {
        slot = &state->slots[i];

        assert_true(slot->limit < LLMP_LIMIT_CONCURRENT_REQUESTS);
        assert_true(slot->used > 0);
        assert_true(slot->max >= 0 && slot->max <= LLMP_LIMIT_AMOUNT_MAX);
    }
}


/* each byte takes each value: no result breaks the arithmetic */

static void
test_damaged(void **unused)
{
    int                 value;
    size_t              i;
    file_t              file, damaged;
    llmp_uint_t         n;
    llmp_limit_clock_t  clock = { UPTIME, NOON, 0 };
    llmp_limit_state_t  state, last;

    (void) unused;

    state = used(&clock);

    begin(&file);
    (void) add(&file, "one", &state, &clock);
    end(&file, NOON);

    for (i = 0; i < file.len; i++) {
        for (value = 0; value < 256; value++) {
            damaged = file;
            damaged.bytes[i] = (u_char) value;

            memset(&last, 0, sizeof(last));

            (void) read_all(&damaged, file.len, &clock, &last, &n);

            assert_valid(&last);

            state = used(&clock);
            llmp_limit_saved_merge(&state, &last, &clock);
        }
    }
}


static void
test_invalid_slots(void **unused)
{
    int                 i;
    file_t              file;
    llmp_uint_t         n;
    llmp_limit_clock_t  clock = { UPTIME, NOON, 0 };
    llmp_limit_state_t  state, last;

    (void) unused;

    static const llmp_limit_slot_t  slots[] = {
        { LLMP_LIMIT_CONCURRENT_REQUESTS, 0, 0, 0, 1, 1 },
        { LLMP_LIMIT_MAX, 0, 0, 0, 1, 1 },
        { LLMP_LIMIT_REQUESTS_PER_MINUTE, 0, 0, 60000, 1, 0 },
        { LLMP_LIMIT_TOKENS_PER_HOUR, 0, 0, 3600000, 1, 0 },
        { LLMP_LIMIT_TOKENS_PER_DAY, 0, 0, 20788, 1, -1 },
        { LLMP_LIMIT_TOKENS_PER_DAY, 0, 0, 20788, 1, INT64_MAX }
    };

    for (i = 0; i < (int) test_nelts(slots); i++) {
        memset(&state, 0, sizeof(state));

        state.last = clock.now;
        state.nslots = 1;
        state.slots[0].limit = LLMP_LIMIT_TOKENS_PER_DAY;
        state.slots[0].kind = LLMP_LIMIT_TOKENS;
        state.slots[0].window = LLMP_LIMIT_DAY;
        state.slots[0].rest = 20788;
        state.slots[0].used = 1;
        state.slots[0].max = 1;

        begin(&file);
        (void) add(&file, "x", &state, &clock);

        /* behind the key, the offset and the number of slots */

        file.bytes[file.len - 21] = (u_char) slots[i].limit;
        memcpy(&file.bytes[file.len - 20], &slots[i].rest, 4);
        memcpy(&file.bytes[file.len - 16], &slots[i].used, 8);
        memcpy(&file.bytes[file.len - 8], &slots[i].max, 8);

        end(&file, NOON);

        assert_int_equal(read_all(&file, file.len, &clock, &last, &n),
                         LLMP_ERROR);
        assert_int_equal(n, 0);
    }
}


int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_same_time, setup),
        cmocka_unit_test_setup(test_time_passes, setup),
        cmocka_unit_test_setup(test_clock_went_back, setup),
        cmocka_unit_test_setup(test_far_future, setup),
        cmocka_unit_test_setup(test_offset, setup),
        cmocka_unit_test_setup(test_unused, setup),
        cmocka_unit_test_setup(test_merge, setup),
        cmocka_unit_test_setup(test_merge_without_room, setup),
        cmocka_unit_test_setup(test_cut, setup),
        cmocka_unit_test_setup(test_another_format, setup),
        cmocka_unit_test_setup(test_damaged, setup),
        cmocka_unit_test_setup(test_invalid_slots, setup)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
