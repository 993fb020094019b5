
/*
 * Copyright (C) llm-policy authors
 */


#include "limit/llmp_limit_saved.h"
#include "limit/llmp_limit_state.h"


#define LLMP_LIMIT_SAVED_OFFSET_MAX  86400    /* seconds from UTC */


static const u_char  llmp_limit_saved_magic[] = "llmp\r\n\032\n";

#define LLMP_LIMIT_SAVED_MAGIC  (sizeof(llmp_limit_saved_magic) - 1)


static llmp_int_t llmp_limit_saved_read_slots(llmp_limit_saved_t *saved,
    llmp_limit_state_t *state);
static llmp_int_t llmp_limit_saved_check_slot(const llmp_limit_state_t *state,
    const llmp_limit_slot_t *slot);
static void llmp_limit_saved_bring(const llmp_limit_saved_t *saved,
    llmp_limit_state_t *state, const llmp_limit_clock_t *clock);
static void llmp_limit_saved_drop_unused(llmp_limit_state_t *state);
static void llmp_limit_saved_merge_slot(llmp_limit_state_t *state,
    const llmp_limit_slot_t *slot);
static u_char *llmp_limit_saved_put(u_char *p, uint64_t value, size_t len);
static uint64_t llmp_limit_saved_get(const u_char **p, size_t len);


void
llmp_limit_saved_write_head(u_char *p, const llmp_limit_saved_t *saved)
{
    memcpy(p, llmp_limit_saved_magic, LLMP_LIMIT_SAVED_MAGIC);
    p += LLMP_LIMIT_SAVED_MAGIC;

    p = llmp_limit_saved_put(p, LLMP_LIMIT_SAVED_FORMAT, 4);

    (void) llmp_limit_saved_put(p, saved->writer, 8);
}


size_t
llmp_limit_saved_write(u_char *p, const llmp_str_t *key,
    const llmp_limit_state_t *state, const llmp_limit_clock_t *clock)
{
    u_char              *start;
    llmp_uint_t          i;
    llmp_limit_slot_t   *slot;
    llmp_limit_state_t   copy;

    copy = *state;

    llmp_limit_state_refresh(&copy, clock);
    llmp_limit_saved_drop_unused(&copy);

    if (copy.nslots == 0) {
        return 0;
    }

    start = p;

    *p++ = (u_char) key->len;

    memcpy(p, key->data, key->len);
    p += key->len;

    p = llmp_limit_saved_put(p, (uint32_t) copy.offset, 4);
    p = llmp_limit_saved_put(p, copy.nslots, 1);

    for (i = 0; i < copy.nslots; i++) {
        slot = &copy.slots[i];

        p = llmp_limit_saved_put(p, slot->limit, 1);
        p = llmp_limit_saved_put(p, slot->rest, 4);
        p = llmp_limit_saved_put(p, (uint64_t) slot->used, 8);
        p = llmp_limit_saved_put(p, (uint64_t) slot->max, 8);
    }

    return p - start;
}


void
llmp_limit_saved_write_end(u_char *p, const llmp_limit_saved_t *saved)
{
    /* no key is empty */

    *p++ = 0;

    p = llmp_limit_saved_put(p, saved->nentries, 8);

    (void) llmp_limit_saved_put(p, (uint64_t) saved->time, 8);
}


llmp_int_t
llmp_limit_saved_open(llmp_limit_saved_t *saved, const u_char *data, size_t len)
{
    const u_char  *p;

    if (len < LLMP_LIMIT_SAVED_MAGIC + 4
        || memcmp(data, llmp_limit_saved_magic, LLMP_LIMIT_SAVED_MAGIC) != 0)
    {
        return LLMP_ERROR;
    }

    p = data + LLMP_LIMIT_SAVED_MAGIC;

    saved->format = (uint32_t) llmp_limit_saved_get(&p, 4);

    if (saved->format != LLMP_LIMIT_SAVED_FORMAT) {
        return LLMP_DECLINED;
    }

    if (len < LLMP_LIMIT_SAVED_HEAD + LLMP_LIMIT_SAVED_END) {
        return LLMP_ERROR;
    }

    saved->writer = llmp_limit_saved_get(&p, 8);

    saved->pos = p;
    saved->last = data + len - LLMP_LIMIT_SAVED_END;

    p = saved->last;

    if (*p++ != 0) {
        return LLMP_ERROR;
    }

    saved->nentries = llmp_limit_saved_get(&p, 8);
    saved->time = (int64_t) llmp_limit_saved_get(&p, 8);

    /* times are multiplied */

    return (saved->time >= 0 && saved->time <= INT64_MAX / 2000)
           ? LLMP_OK : LLMP_ERROR;
}


llmp_int_t
llmp_limit_saved_read(llmp_limit_saved_t *saved, llmp_str_t *key,
    llmp_limit_state_t *state, const llmp_limit_clock_t *clock)
{
    if (saved->pos == saved->last) {
        return (saved->nentries == 0) ? LLMP_DECLINED : LLMP_ERROR;
    }

    if (saved->nentries-- == 0) {
        return LLMP_ERROR;
    }

    key->len = *saved->pos++;

    if (key->len == 0
        || (size_t) (saved->last - saved->pos) < key->len + 5)
    {
        return LLMP_ERROR;
    }

    key->data = (u_char *) saved->pos;
    saved->pos += key->len;

    memset(state, 0, sizeof(llmp_limit_state_t));

    if (llmp_limit_saved_read_slots(saved, state) != LLMP_OK) {
        return LLMP_ERROR;
    }

    llmp_limit_saved_bring(saved, state, clock);
    llmp_limit_saved_drop_unused(state);

    return LLMP_OK;
}


static llmp_int_t
llmp_limit_saved_read_slots(llmp_limit_saved_t *saved,
    llmp_limit_state_t *state)
{
    llmp_uint_t         n;
    llmp_limit_e        limit;
    llmp_limit_slot_t  *slot;

    state->offset = (int32_t) llmp_limit_saved_get(&saved->pos, 4);
    n = llmp_limit_saved_get(&saved->pos, 1);

    if (state->offset < -LLMP_LIMIT_SAVED_OFFSET_MAX
        || state->offset > LLMP_LIMIT_SAVED_OFFSET_MAX
        || n > LLMP_LIMITS_VALUES
        || (size_t) (saved->last - saved->pos) < n * 21)
    {
        return LLMP_ERROR;
    }

    while (state->nslots < n) {
        slot = &state->slots[state->nslots];

        limit = (llmp_limit_e) llmp_limit_saved_get(&saved->pos, 1);

        llmp_limit_state_name_slot(slot, limit);

        slot->rest = (uint32_t) llmp_limit_saved_get(&saved->pos, 4);
        slot->used = (int64_t) llmp_limit_saved_get(&saved->pos, 8);
        slot->max = (int64_t) llmp_limit_saved_get(&saved->pos, 8);

        if (llmp_limit_saved_check_slot(state, slot) != LLMP_OK) {
            return LLMP_ERROR;
        }

        state->nslots++;
    }

    return LLMP_OK;
}


static llmp_int_t
llmp_limit_saved_check_slot(const llmp_limit_state_t *state,
    const llmp_limit_slot_t *slot)
{
    llmp_uint_t          i;
    llmp_limit_window_e  window;

    if (slot->limit >= LLMP_LIMIT_CONCURRENT_REQUESTS
        || slot->used < 0
        || slot->max < 0
        || slot->max > LLMP_LIMIT_AMOUNT_MAX)
    {
        return LLMP_ERROR;
    }

    window = (llmp_limit_window_e) llmp_limit_window(slot->limit);

    if (window < LLMP_LIMIT_DAY
        && slot->rest >= llmp_limit_clock_bucket(window))
    {
        return LLMP_ERROR;
    }

    for (i = 0; i < state->nslots; i++) {
        if (state->slots[i].limit == slot->limit) {
            return LLMP_ERROR;
        }
    }

    return LLMP_OK;
}


/* brings a state of the file's time up to date */

static void
llmp_limit_saved_bring(const llmp_limit_saved_t *saved,
    llmp_limit_state_t *state, const llmp_limit_clock_t *clock)
{
    uint32_t             period;
    llmp_uint_t          i;
    llmp_limit_slot_t   *slot;
    llmp_limit_clock_t   own;
    llmp_limit_window_e  window;

    /* "now" may be less than the age: that clock begins with the machine */

    state->last = clock->now;

    if (clock->time > saved->time) {
        state->last -= (clock->time - saved->time) * 1000;
    }

    own = *clock;
    own.offset = state->offset;

    for (i = 0; i < state->nslots; i++) {
        slot = &state->slots[i];
        window = (llmp_limit_window_e) llmp_limit_window(slot->limit);

        if (window < LLMP_LIMIT_DAY) {
            continue;
        }

        period = llmp_limit_clock_period(&own, window);

        if (slot->rest > period) {
            slot->rest = period;
        }
    }

    llmp_limit_state_refresh(state, clock);
}


static void
llmp_limit_saved_drop_unused(llmp_limit_state_t *state)
{
    llmp_uint_t  i, n;

    n = 0;
    state->set = 0;

    for (i = 0; i < state->nslots; i++) {
        if (state->slots[i].used != 0) {
            state->set |= llmp_limit_bit(state->slots[i].limit);
            state->slots[n++] = state->slots[i];
        }
    }

    state->nslots = (uint32_t) n;
}


void
llmp_limit_saved_merge(llmp_limit_state_t *state,
    const llmp_limit_state_t *entry, const llmp_limit_clock_t *clock)
{
    llmp_uint_t  i;

    if (state->nslots == 0) {
        state->offset = entry->offset;
    }

    llmp_limit_state_refresh(state, clock);

    for (i = 0; i < entry->nslots; i++) {
        llmp_limit_saved_merge_slot(state, &entry->slots[i]);
    }
}


static void
llmp_limit_saved_merge_slot(llmp_limit_state_t *state,
    const llmp_limit_slot_t *slot)
{
    llmp_uint_t         i;
    llmp_limit_slot_t  *own;

    for (i = 0; i < state->nslots; i++) {
        own = &state->slots[i];

        if (own->limit != slot->limit) {
            continue;
        }

        /* a period of another "utc_offset" is over, or has not begun */

        if (llmp_limit_window(slot->limit) >= LLMP_LIMIT_DAY
            && own->rest != slot->rest)
        {
            return;
        }

        if (own->used < slot->used
            || (own->used == slot->used && own->rest > slot->rest))
        {
            own->rest = slot->rest;
            own->used = slot->used;
        }

        return;
    }

    /* without room, the entry has limits that the document had earlier */

    if (state->nslots < LLMP_LIMITS_VALUES) {
        state->slots[state->nslots] = *slot;
        state->set |= llmp_limit_bit(slot->limit);
        state->nslots++;
    }
}


static u_char *
llmp_limit_saved_put(u_char *p, uint64_t value, size_t len)
{
    while (len--) {
        *p++ = (u_char) value;
        value >>= 8;
    }

    return p;
}


static uint64_t
llmp_limit_saved_get(const u_char **p, size_t len)
{
    size_t    i;
    uint64_t  value;

    value = 0;

    for (i = 0; i < len; i++) {
        value |= (uint64_t) *(*p)++ << (8 * i);
    }

    return value;
}
