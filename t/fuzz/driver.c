
/*
 * Copyright (C) llm-policy authors
 *
 * Runs the core for t/fuzz/requests.  Standard input has
 *
 *     policy LENGTH
 *     body LENGTH DIALECT TIER SEED
 *
 * one per line, each followed by LENGTH bytes; standard output has "ok",
 * "refused CODE", or "sent LENGTH" and that many bytes.  A body is scanned at
 * once, and again in pieces selected by the seed: both must have the same
 * result.
 */


#include "base/llmp_arena.h"
#include "decide/llmp_decide.h"
#include "dialect/llmp_dialect.h"
#include "fuzz.h"
#include "json/llmp_scan.h"


#define NAME_MAX_LEN  64


typedef struct {
    llmp_policy_t         *policy;
    const llmp_tier_t     *tier;
    const llmp_dialect_t  *dialect;
    llmp_str_t             body;
} driver_request_t;


typedef struct {
    llmp_refusal_e         code;
    llmp_str_t             sent;
} driver_verdict_t;


static void load(llmp_arena_t *arena, driver_request_t *request, size_t len);
static void answer(driver_request_t *request, const char *dialect,
    const char *tier, unsigned long seed);
static driver_verdict_t decide(llmp_arena_t *arena,
    const driver_request_t *request, unsigned long seed);
static llmp_int_t feed(llmp_scan_t *scan, const llmp_str_t *body,
    unsigned long seed);
static void read_bytes(llmp_str_t *bytes, size_t len);


int
main(void)
{
    size_t            len;
    char              what[NAME_MAX_LEN], dialect[NAME_MAX_LEN];
    char              tier[NAME_MAX_LEN];
    llmp_arena_t      arena;
    unsigned long     seed;
    driver_request_t  request;

    memset(&request, 0, sizeof(driver_request_t));
    llmp_arena_init(&arena);

    while (scanf(" %63s %zu", what, &len) == 2) {

        if (strcmp(what, "policy") == 0) {
            load(&arena, &request, len);
            printf("ok\n");

        } else {
            must(scanf(" %63s %63s %lu", dialect, tier, &seed) == 3, "usage");
            read_bytes(&request.body, len);
            answer(&request, dialect, tier, seed);
            free(request.body.data);
        }

        fflush(stdout);
    }

    if (request.policy != NULL) {
        llmp_policy_free(request.policy);
    }

    llmp_arena_reset(&arena);

    return 0;
}


static void
load(llmp_arena_t *arena, driver_request_t *request, size_t len)
{
    llmp_str_t          text, file = llmp_string("policy.json");
    llmp_load_errors_t  errors;

    if (request->policy != NULL) {
        llmp_policy_free(request->policy);
    }

    llmp_arena_reset(arena);
    llmp_arena_init(arena);

    read_bytes(&text, len);

    request->policy = llmp_load_policy(&arena->pool, &file, text.data,
                                       text.len, &errors);

    if (request->policy == NULL) {
        fprintf(stderr, "%.*s\n", (int) text.len, (char *) text.data);
        must(0, "the policy does not load");
    }

    free(text.data);
}


static void
answer(driver_request_t *request, const char *dialect, const char *tier,
    unsigned long seed)
{
    llmp_str_t        name;
    llmp_arena_t      arena;
    driver_verdict_t  whole, pieces;

    name.data = (u_char *) dialect;
    name.len = strlen(dialect);
    request->dialect = llmp_dialect_find(&name);
    must(request->dialect != NULL, "no such dialect");

    name.data = (u_char *) tier;
    name.len = strlen(tier);
    request->tier = llmp_policy_tier(request->policy, &name);
    must(request->tier != NULL, "no such tier");

    llmp_arena_init(&arena);

    whole = decide(&arena, request, 0);
    pieces = decide(&arena, request, seed);

    must(whole.code == pieces.code, "refused for another reason in pieces");
    must(whole.sent.len == pieces.sent.len
         && (whole.sent.len == 0
             || memcmp(whole.sent.data, pieces.sent.data, whole.sent.len)
                == 0),
         "another body in pieces");

    if (whole.code != LLMP_REFUSE_NONE) {
        printf("refused %s\n", llmp_refusal_name(whole.code));

    } else {
        printf("sent %zu\n", whole.sent.len);
        fwrite(whole.sent.data, 1, whole.sent.len, stdout);
    }

    llmp_arena_reset(&arena);
}


static driver_verdict_t
decide(llmp_arena_t *arena, const driver_request_t *request,
    unsigned long seed)
{
    llmp_scan_t       scan;
    llmp_decision_t   d;
    driver_verdict_t  verdict;

    memset(&verdict, 0, sizeof(driver_verdict_t));

    llmp_scan_init(&scan,
                   request->policy->watch[llmp_dialect_index(request->dialect)],
                   &arena->pool, seed);

    scan.unknown = llmp_tier_polices_unknown(request->tier);

    if (feed(&scan, &request->body, seed) != LLMP_OK) {
        verdict.code = scan.refusal.code;
        return verdict;
    }

    llmp_decision_init(&d);

    d.policy = request->policy;
    d.tier = request->tier;
    d.dialect = request->dialect;

    if (llmp_decide(&d, &scan.members, &arena->pool) != LLMP_OK) {
        must(d.refusal.code != LLMP_REFUSE_INTERNAL, d.refusal.message);
        verdict.code = d.refusal.code;
        return verdict;
    }

    verdict.sent = llmp_edit_apply(&d.edits, &arena->pool, &request->body);

    must(verdict.sent.data != NULL, "the edits cannot be applied");
    must((int64_t) verdict.sent.len
         == (int64_t) request->body.len + d.edits.growth,
         "another length than announced");

    return verdict;
}


/* pieces of 1 to 16 bytes, or one piece if the seed is 0 */

static llmp_int_t
feed(llmp_scan_t *scan, const llmp_str_t *body, unsigned long seed)
{
    size_t      pos, len;
    llmp_int_t  rc;

    pos = 0;

    do {
        len = body->len - pos;
        seed = seed * 6364136223846793005ul + (seed != 0);

        if (seed != 0 && len > 1 + (seed >> 60)) {
            len = 1 + (seed >> 60);
        }

        rc = llmp_scan_feed(scan, body->data + pos, len,
                            pos + len == body->len);
        pos += len;

    } while (rc == LLMP_AGAIN);

    return rc;
}


/* memory of the exact size, so that a sanitizer detects reads beyond it */

static void
read_bytes(llmp_str_t *bytes, size_t len)
{
    must(getchar() == '\n', "usage");

    bytes->len = len;
    bytes->data = malloc(len);

    must(len == 0 || bytes->data != NULL, "no memory");
    must(fread(bytes->data, 1, len, stdin) == len, "cut short");
}
