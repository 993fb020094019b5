
/*
 * Copyright (C) llm-policy authors
 *
 * The request of a line of the log, rebuilt from what the line has, and decided
 * on by another document.  The body has the values that were asked for where
 * the API itself keeps them: what else was in it, nobody knows any more.
 */


#include <stdlib.h>

#include "replay/llm_policy_replay.h"


/* the longest path of a parameter, in steps */
#define LLM_POLICY_STEPS  5

/* room for a name and what is around it; values are LLMP_TEXT_MAX at most */
#define LLM_POLICY_NAMES  128

#define LLM_POLICY_BODY                                                       \
    (LLMP_PARAM_MAX * (LLMP_TEXT_MAX + LLM_POLICY_NAMES) + 2)


typedef struct {
    u_char        *pos;
    llmp_uint_t    comma;
    llmp_uint_t    depth;
    llmp_str_t     open[LLM_POLICY_STEPS];
} llm_policy_writer_t;


static void llm_policy_terms_sort(llm_policy_terms_t *terms);
static void llm_policy_terms_places(llm_policy_terms_t *terms);
static int llm_policy_compare_places(const void *one, const void *two);
static int llm_policy_compare_tenants(const void *one, const void *two);
static int llm_policy_compare_tiers(const void *one, const void *two);
static int llm_policy_compare_names(const llmp_str_t *a, const llmp_str_t *b);
static void llm_policy_terms_carry(llm_policy_terms_t *terms,
    uint64_t carried);
static void llm_policy_rules_carry(llmp_rules_t *rules,
    const llmp_rules_t *loaded, uint64_t carried);
static llmp_int_t llm_policy_find_caller(llm_policy_verdict_t *v,
    llm_policy_terms_t *terms, const llm_policy_entry_t *entry);
static llmp_tenant_t *llm_policy_find_tenant(const llm_policy_terms_t *terms,
    const llmp_str_t *name);
static llmp_tier_t *llm_policy_find_tier(const llm_policy_terms_t *terms,
    const llmp_str_t *name);
static llmp_int_t llm_policy_rebuild(const llm_policy_terms_t *terms,
    const llm_policy_entry_t *entry, const llmp_dialect_t *dialect,
    u_char *buf, size_t *len);
static llmp_int_t llm_policy_rebuild_value(const llm_policy_logged_t *logged,
    llmp_str_t *value);
static llmp_uint_t llm_policy_was_added(const llm_policy_logged_t *logged);
static llmp_uint_t llm_policy_is_string(const llmp_str_t *text);
static void llm_policy_write(llm_policy_writer_t *wr, const char *path,
    const llmp_str_t *value);
static void llm_policy_write_name(llm_policy_writer_t *wr,
    const llmp_str_t *name);
static const char *llm_policy_path(const llmp_dialect_t *dialect,
    llmp_uint_t param);


llmp_int_t
llm_policy_terms_load(llm_policy_terms_t *terms, const char *file)
{
    llmp_pool_t    *pool;
    llmp_policy_t  *loaded;

    llmp_arena_init(&terms->arena);
    pool = &terms->arena.pool;

    loaded = llm_policy_load(&terms->arena, file);
    if (loaded == NULL) {
        return LLMP_ERROR;
    }

    terms->loaded = loaded;
    terms->policy = *loaded;

    terms->policy.tiers = llmp_palloc(pool, loaded->ntiers
                                            * sizeof(llmp_tier_t));
    terms->policy.models = llmp_palloc(pool, loaded->nmodels
                                             * sizeof(llmp_model_t) + 1);
    terms->names = llmp_palloc(pool, loaded->ntiers * sizeof(llmp_tier_t *));
    terms->tenants = llmp_palloc(pool, loaded->ntenants
                                       * sizeof(llmp_tenant_t *) + 1);

    terms->places = llmp_palloc(pool, llmp_ndialects * LLMP_PARAM_MAX
                                      * sizeof(llm_policy_place_t));

    if (terms->policy.tiers == NULL || terms->policy.models == NULL
        || terms->names == NULL || terms->tenants == NULL
        || terms->places == NULL)
    {
        fprintf(stderr, "llm-policy: out of memory\n");
        return LLMP_ERROR;
    }

    llm_policy_terms_sort(terms);
    llm_policy_terms_places(terms);

    return LLMP_OK;
}


static void
llm_policy_terms_sort(llm_policy_terms_t *terms)
{
    llmp_uint_t     i;
    llmp_policy_t  *loaded;

    loaded = terms->loaded;

    for (i = 0; i < loaded->ntiers; i++) {
        terms->names[i] = &loaded->tiers[i];
    }

    for (i = 0; i < loaded->ntenants; i++) {
        terms->tenants[i] = &loaded->tenants[i];
    }

    qsort(terms->names, loaded->ntiers, sizeof(llmp_tier_t *),
          llm_policy_compare_tiers);

    qsort(terms->tenants, loaded->ntenants, sizeof(llmp_tenant_t *),
          llm_policy_compare_tenants);
}


/* members of one object are written one behind another: their paths begin
   alike */

static void
llm_policy_terms_places(llm_policy_terms_t *terms)
{
    llmp_uint_t          i, p;
    llm_policy_place_t  *places;

    for (i = 0; i < llmp_ndialects; i++) {
        places = &terms->places[i * LLMP_PARAM_MAX];

        for (p = 0; p < LLMP_PARAM_MAX; p++) {
            places[p].path = llm_policy_path(llmp_dialects[i], p);
            places[p].param = p;
        }

        qsort(places, LLMP_PARAM_MAX, sizeof(llm_policy_place_t),
              llm_policy_compare_places);
    }
}


static int
llm_policy_compare_places(const void *one, const void *two)
{
    const llm_policy_place_t *a = one;
    const llm_policy_place_t *b = two;

    return strcmp(a->path, b->path);
}


void
llm_policy_terms_free(llm_policy_terms_t *terms)
{
    if (terms->loaded != NULL) {
        llmp_policy_free(terms->loaded);
    }

    llmp_arena_reset(&terms->arena);
}


static int
llm_policy_compare_tenants(const void *one, const void *two)
{
    const llmp_tenant_t *const *a = one;
    const llmp_tenant_t *const *b = two;

    return llm_policy_compare_names(&(*a)->name, &(*b)->name);
}


static int
llm_policy_compare_tiers(const void *one, const void *two)
{
    const llmp_tier_t *const *a = one;
    const llmp_tier_t *const *b = two;

    return llm_policy_compare_names(&(*a)->name, &(*b)->name);
}


static int
llm_policy_compare_names(const llmp_str_t *a, const llmp_str_t *b)
{
    if (a->len != b->len) {
        return (a->len < b->len) ? -1 : 1;
    }

    return (a->len != 0) ? memcmp(a->data, b->data, a->len) : 0;
}


/*
 * A rule about what the log does not have must not be taken for one that all
 * requests keep, or that none does: it is left out.
 */

static void
llm_policy_terms_carry(llm_policy_terms_t *terms, uint64_t carried)
{
    llmp_uint_t           i;
    llmp_policy_t        *policy;
    const llmp_policy_t  *loaded;

    if (terms->ready && terms->carried == carried) {
        return;
    }

    policy = &terms->policy;
    loaded = terms->loaded;

    for (i = 0; i < loaded->ntiers; i++) {
        policy->tiers[i] = loaded->tiers[i];
        llm_policy_rules_carry(&policy->tiers[i].rules,
                               &loaded->tiers[i].rules, carried);
    }

    for (i = 0; i < loaded->nmodels; i++) {
        policy->models[i] = loaded->models[i];
        llm_policy_rules_carry(&policy->models[i].rules,
                               &loaded->models[i].rules, carried);
    }

    terms->carried = carried;
    terms->ready = 1;
}


static void
llm_policy_rules_carry(llmp_rules_t *rules, const llmp_rules_t *loaded,
    uint64_t carried)
{
    llmp_uint_t  i;

    for (i = 0; i < LLMP_PARAM_MAX; i++) {
        llmp_rules_set(rules, (llmp_param_e) i,
                       (carried & llmp_mask(i)) ? loaded->params[i] : NULL);
    }

    rules->pointers = NULL;
}


uint64_t
llm_policy_terms_lacking(const llm_policy_terms_t *terms, llmp_uint_t tier)
{
    uint64_t              lacking;
    llmp_uint_t           i;
    const llmp_policy_t  *loaded;

    loaded = terms->loaded;
    lacking = loaded->tiers[tier].rules.ruled;

    for (i = 0; i < loaded->nmodels; i++) {
        lacking |= loaded->models[i].rules.ruled;
    }

    return lacking & ~terms->carried;
}


llmp_int_t
llm_policy_decide_entry(llm_policy_verdict_t *v, llm_policy_terms_t *terms,
    const llm_policy_entry_t *entry, const llmp_dialect_t *dialect)
{
    size_t                   len;
    u_char                   buf[LLM_POLICY_BODY];
    llmp_decision_t         *decision;
    static const llmp_str_t  boundary = llmp_string("b");

    if (entry->cut
        || llm_policy_rebuild(terms, entry, dialect, buf, &len) != LLMP_OK)
    {
        return LLMP_DECLINED;
    }

    llmp_scratch_reset(&v->scratch);
    llm_policy_terms_carry(terms, entry->carried);

    decision = &v->decision;
    llmp_decision_init(decision);

    if (llm_policy_find_caller(v, terms, entry) != LLMP_OK) {
        return LLMP_OK;
    }

    decision->policy = &terms->policy;
    decision->tier = v->tier;
    decision->dialect = dialect;
    decision->path_model = entry->model;

    if (dialect->form) {

        /* strings look like numbers there; nothing is ever written */

        decision->boundary = boundary;
    }

    /* the tool's own names: the hash needs no secret */

    llmp_scan_init(&v->scan, terms->policy.watch[llmp_dialect_index(dialect)],
                   &v->scratch.pool, 1);

    if (llmp_scan_feed(&v->scan, buf, len, 1) != LLMP_OK) {
        return (v->scan.refusal.code == LLMP_REFUSE_INTERNAL) ? LLMP_ERROR
                                                              : LLMP_DECLINED;
    }

    (void) llmp_decide(decision, &v->scan.members, &v->scratch.pool);

    return (decision->refusal.code == LLMP_REFUSE_INTERNAL) ? LLMP_ERROR
                                                            : LLMP_OK;
}


/*
 * The tenant's tier, since the tenant is logged where its key was what told the
 * tier.
 */

static llmp_int_t
llm_policy_find_caller(llm_policy_verdict_t *v, llm_policy_terms_t *terms,
    const llm_policy_entry_t *entry)
{
    llmp_tier_t           *tier;
    llmp_tenant_t         *tenant;
    const llmp_policy_t   *loaded;

    loaded = terms->loaded;
    v->unknown_tier = 0;
    tenant = NULL;

    if (entry->tenant.len == 0) {
        tier = llm_policy_find_tier(terms, &entry->tier);
        v->unknown_tier = (tier == NULL);

    } else {
        tenant = llm_policy_find_tenant(terms, &entry->tenant);
        tier = (tenant != NULL) ? tenant->tier : NULL;
    }

    if (tier == NULL) {
        tier = loaded->default_tier;
    }

    v->tier = &terms->policy.tiers[tier - loaded->tiers];

    if (entry->tenant.len != 0 && tenant == NULL
        && loaded->reject_unknown_key)
    {
        return llmp_refuse(&v->decision.refusal, LLMP_REFUSE_UNKNOWN_KEY, NULL,
                           "the API key is not known");
    }

    return LLMP_OK;
}


static llmp_tenant_t *
llm_policy_find_tenant(const llm_policy_terms_t *terms, const llmp_str_t *name)
{
    llmp_tenant_t   key, *p, **found;

    key.name = *name;
    p = &key;

    found = bsearch(&p, terms->tenants, terms->loaded->ntenants,
                    sizeof(llmp_tenant_t *), llm_policy_compare_tenants);

    return (found != NULL) ? *found : NULL;
}


static llmp_tier_t *
llm_policy_find_tier(const llm_policy_terms_t *terms, const llmp_str_t *name)
{
    llmp_tier_t   key, *p, **found;

    key.name = *name;
    p = &key;

    found = bsearch(&p, terms->names, terms->loaded->ntiers,
                    sizeof(llmp_tier_t *), llm_policy_compare_tiers);

    return (found != NULL) ? *found : NULL;
}


static llmp_int_t
llm_policy_rebuild(const llm_policy_terms_t *terms,
    const llm_policy_entry_t *entry, const llmp_dialect_t *dialect,
    u_char *buf, size_t *len)
{
    llmp_str_t                  value;
    llmp_uint_t                 i;
    llm_policy_writer_t         wr;
    const llm_policy_place_t   *place;
    const llm_policy_logged_t  *logged;

    place = &terms->places[llmp_dialect_index(dialect) * LLMP_PARAM_MAX];

    wr.pos = buf;
    wr.comma = 0;
    wr.depth = 0;

    *wr.pos++ = '{';

    for (i = 0; i < LLMP_PARAM_MAX; i++, place++) {
        logged = &entry->params[place->param];

        if (logged->requested.len == 0) {

            /* it was added, and so there was an object to add it to */

            if (dialect->no_new_objects && llm_policy_was_added(logged)) {
                llm_policy_write(&wr, place->path, NULL);
            }

            continue;
        }

        if (llm_policy_rebuild_value(logged, &value) != LLMP_OK) {
            return LLMP_DECLINED;
        }

        llm_policy_write(&wr, place->path, &value);
    }

    while (wr.depth != 0) {
        *wr.pos++ = '}';
        wr.depth--;
    }

    *wr.pos++ = '}';

    *len = wr.pos - buf;

    return LLMP_OK;
}


static llmp_int_t
llm_policy_rebuild_value(const llm_policy_logged_t *logged, llmp_str_t *value)
{
    static const llmp_str_t  array = llmp_string("[]");
    static const llmp_str_t  object = llmp_string("{}");
    static const llmp_str_t  string = llmp_string("\"...\"");

    /* of more digits than any rule bears with */

    static const llmp_str_t  number = llmp_string(
        "11111111111111111111111111111111111111111111111111111111111111111111");

    if (llm_policy_was_added(logged)
        && llmp_str_is(&logged->action, "default")
        && !llmp_str_is(&logged->requested, "null"))
    {
        /* it was asked for under a name that the API itself does not have */

        return LLMP_DECLINED;
    }

    if (logged->cut) {
        *value = (logged->requested.data[0] == '"') ? string : number;
        return LLMP_OK;
    }

    if (llmp_str_is(&logged->requested, "[...]")) {
        *value = array;
        return LLMP_OK;
    }

    if (llmp_str_is(&logged->requested, "{...}")) {
        *value = object;
        return LLMP_OK;
    }

    *value = logged->requested;

    return llm_policy_is_scalar(value) ? LLMP_OK : LLMP_DECLINED;
}


static llmp_uint_t
llm_policy_was_added(const llm_policy_logged_t *logged)
{
    return logged->action.len != 0 && !llmp_str_is(&logged->action, "none")
           && !llmp_str_is(&logged->action, "remove");
}


/* what is no value alone would be more than one member of the body */

llmp_uint_t
llm_policy_is_scalar(const llmp_str_t *text)
{
    size_t  i;

    if (text->len == 0) {
        return 0;
    }

    if (text->data[0] == '"') {
        return llm_policy_is_string(text);
    }

    if (text->data[0] == '-'
        || (text->data[0] >= '0' && text->data[0] <= '9'))
    {
        for (i = 0; i < text->len; i++) {
            if (text->data[i] == '\0'
                || strchr("0123456789.eE+-", text->data[i]) == NULL)
            {
                return 0;
            }
        }

        return 1;
    }

    return llmp_str_is(text, "true") || llmp_str_is(text, "false")
           || llmp_str_is(text, "null");
}


static llmp_uint_t
llm_policy_is_string(const llmp_str_t *text)
{
    size_t  i;

    for (i = 1; i < text->len && text->data[i] != '"'; i++) {
        if (text->data[i] == '\\') {
            i++;
        }
    }

    return i + 1 == text->len;
}


/*
 * Writes a member at a path; objects that it shares with the member before are
 * still open.  Without a value, its objects alone are written.
 */

static void
llm_policy_write(llm_policy_writer_t *wr, const char *path,
    const llmp_str_t *value)
{
    llmp_str_t   name;
    llmp_uint_t  n;

    for (n = 0; /* void */; n++) {
        name.data = (u_char *) path;
        name.len = strcspn(path, ".");

        if (path[name.len] == '\0') {
            break;
        }

        path += name.len + 1;

        if (n < wr->depth && llmp_str_eq(&wr->open[n], &name)) {
            continue;
        }

        for ( /* void */ ; wr->depth > n; wr->depth--) {
            *wr->pos++ = '}';
            wr->comma = 1;
        }

        llm_policy_write_name(wr, &name);

        *wr->pos++ = '{';
        wr->comma = 0;
        wr->open[wr->depth++] = name;
    }

    for ( /* void */ ; wr->depth > n; wr->depth--) {
        *wr->pos++ = '}';
        wr->comma = 1;
    }

    if (value == NULL) {
        return;
    }

    llm_policy_write_name(wr, &name);

    wr->pos = (u_char *) memcpy(wr->pos, value->data, value->len) + value->len;
    wr->comma = 1;
}


static void
llm_policy_write_name(llm_policy_writer_t *wr, const llmp_str_t *name)
{
    if (wr->comma) {
        *wr->pos++ = ',';
    }

    *wr->pos++ = '"';
    wr->pos = (u_char *) memcpy(wr->pos, name->data, name->len) + name->len;
    *wr->pos++ = '"';
    *wr->pos++ = ':';
}


/* where the API keeps a parameter, or else a server that is like it */

static const char *
llm_policy_path(const llmp_dialect_t *dialect, llmp_uint_t param)
{
    const llmp_slot_t      *slot;
    const llmp_spelling_t  *spelling;

    slot = llmp_dialect_slot(dialect, (llmp_param_e) param);

    if (slot != NULL) {
        return slot->paths[0];
    }

    for (spelling = llmp_spellings; spelling->param != (llmp_param_e) param;
         spelling++)
    {
        /* void */
    }

    return spelling->path;
}
