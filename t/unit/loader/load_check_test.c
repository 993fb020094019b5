
/*
 * Copyright (C) llm-policy authors
 *
 * Written values, and rules about their members: in each document that loads,
 * the value is sent as if the client had sent it.
 */


#include <stdio.h>

#include "loader/llmp_load.h"

#include "test.h"
#include "decide_run.h"


#define CHAT    "openai.chat"
#define GEMINI  "gemini.generate"


/* rules in the tier, or in an entry of "models", which has precedence */

#define TIER(a, b, c)                                                         \
    "{\"version\":1,\"default_tier\":\"t\",\"tiers\":{\"t\":{\"parameters\":" \
    "{" a "," b "," c "}}}}"

#define MODEL(a, b, c)                                                        \
    "{\"version\":1,\"default_tier\":\"t\",\"tiers\":{\"t\":{\"parameters\":" \
    "{" b "}}},\"models\":[{\"match\":[\"~.\"],\"parameters\":{" a "}},"      \
    "{\"match\":[\"~.\"],\"parameters\":{" c "}}]}"


static const char *const  formats[] = {
    TIER("%s", "%s", "%s"), MODEL("%s", "%s", "%s")
};


static const char *const  outer[] = {
    "\"/m\":{}",
    "\"/m\":{\"default\":{\"a\":{\"b\":2},\"c\":1}}",
    "\"/m\":{\"default\":{\"a\":{\"b\":\"x\"}}}",
    "\"/m\":{\"force\":{\"a\":{\"b\":2}}}",
    "\"/m\":{\"force\":{\"a\":5,\"c\":null}}",
    "\"/m\":{\"default\":null}",
    "\"/m\":{\"default\":\"x\"}",
    "\"/m\":{\"remove\":true}",
    "\"/m\":{\"allow\":[1,\"x\"]}",
    "\"/m\":{\"max\":1}"
};


static const char *const  inner[] = {
    "\"/m/a\":{}",
    "\"/m/a\":{\"default\":{\"b\":3}}",
    "\"/m/a\":{\"force\":{\"b\":2}}",
    "\"/m/a\":{\"remove\":true}",
    "\"/m/a\":{\"require\":true}",
    "\"/m/a\":{\"max\":4}"
};


static const char *const  deepest[] = {
    "\"/m/a/b\":{}",
    "\"/m/a/b\":{\"default\":2,\"max\":2}",
    "\"/m/a/b\":{\"force\":2}",
    "\"/m/a/b\":{\"allow\":[2,\"x\"]}",
    "\"/m/a/b\":{\"deny\":true}",
    "\"/m/c\":{\"min\":1}",
    "\"/m/c\":{\"default\":1}"
};


static const char *const  bodies[] = {
    "{\"model\":\"o\"}",
    "{\"model\":\"o\",\"m\":null}",
    "{\"model\":\"o\",\"m\":{}}",
    "{\"m\":{\"a\":{},\"c\":7},\"model\":\"o\"}",
    "{\"model\":\"o\",\"m\":{\"a\":null}}",
    "{\"model\":\"o\",\"m\":{\"a\":{\"b\":9},\"c\":0}}",
    "{\"model\":\"o\",\"m\":{\"a\":{\"b\":2},\"c\":1}}",
    "{\"model\":\"o\",\"m\":{\"a\":4}}",
    "{\"model\":\"o\",\"m\":1}",
    "{\"model\":\"o\",\"m\":[\"x\"]}"
};


static llmp_policy_t *try_policy(llmp_arena_t *arena, const char *format,
    size_t i, size_t j, size_t k);
static void check(llmp_policy_t *policy, const char *dialect,
    const char *text);


static void
test_kept(void **state)
{
    size_t          f, i, j, k, n, loaded, refused;
    llmp_arena_t    arena;
    llmp_policy_t  *policy;

    (void) state;

    loaded = 0;
    refused = 0;

    for (n = 0; n < test_nelts(formats) * test_nelts(outer)
                    * test_nelts(inner) * test_nelts(deepest); n++)
    {
        f = n % test_nelts(formats);
        i = n / test_nelts(formats) % test_nelts(outer);
        j = n / test_nelts(formats) / test_nelts(outer) % test_nelts(inner);
        k = n / test_nelts(formats) / test_nelts(outer) / test_nelts(inner);

        llmp_arena_init(&arena);

        policy = try_policy(&arena, formats[f], i, j, k);

        if (policy == NULL) {
            refused++;

        } else {
            loaded++;

            for (i = 0; i < test_nelts(bodies); i++) {
                check(policy, (n + i) % 3 ? CHAT : GEMINI, bodies[i]);
            }

            llmp_policy_free(policy);
        }

        llmp_arena_reset(&arena);
    }

    /* neither all nor none */

    assert_true(loaded > n / 4);
    assert_true(refused > n / 4);
}


static llmp_policy_t *
try_policy(llmp_arena_t *arena, const char *format, size_t i, size_t j,
    size_t k)
{
    char                text[1024];
    llmp_str_t          file = llmp_string("test");
    llmp_policy_t      *policy;
    llmp_load_errors_t  errors;

    snprintf(text, sizeof(text), format, outer[i], inner[j], deepest[k]);

    policy = llmp_load_policy(&arena->pool, &file, (u_char *) text,
                              strlen(text), &errors);

    assert_true(policy != NULL || errors.nelts != 0);

    return policy;
}


/* a second decision changes nothing, nor does one while the body passes */

static void
check(llmp_policy_t *policy, const char *dialect, const char *text)
{
    llmp_str_t       body, sent, again;
    llmp_arena_t     arena;
    llmp_decision_t  d;

    llmp_arena_init(&arena);

    body = test_cstr(text);

    if (decide_as(&arena, policy, dialect, &body, &d, &sent) == LLMP_OK) {

        if (decide_as(&arena, policy, dialect, &sent, &d, &again) != LLMP_OK) {
            fail_msg("%s: %.*s: %s", text, (int) sent.len, sent.data,
                     d.refusal.message);
        }

        if (!llmp_str_eq(&again, &sent)) {
            fail_msg("%s: %.*s, then %.*s", text, (int) sent.len, sent.data,
                     (int) again.len, again.data);
        }
    }

    llmp_arena_reset(&arena);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_kept)
    };

    return cmocka_run_group_tests_name("load_check", tests, NULL, NULL);
}
