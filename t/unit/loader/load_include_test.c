
/*
 * Copyright (C) llm-policy authors
 *
 * Documents in parts: what they define together, and their mistakes, each with
 * its file.
 */


#include <stdio.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "base/llmp_arena.h"
#include "base/llmp_file.h"
#include "loader/llmp_load.h"

#include "files.h"
#include "policy_load.h"


#define ZEROS  "000000000000000000000000000000000000000000000000000000000000000"
#define KEY1   "sha256:" ZEROS "1"
#define KEY2   "sha256:" ZEROS "2"

#define MIB    (1024 * 1024)

/* a document that includes the files of a case, and its end */
#define INCLUDE(files)                                                        \
    "{'version':1,'default_tier':'t','tiers':{'t':{}},\n'include':[" files "]}"


/* files are written before the document is loaded, and removed after it */

typedef struct {
    const char  *document;
    const char  *files[4][2];  /* names and texts */
    const char  *errors;       /* "" if it loads */
} case_t;


static void case_run(const case_t *c);
static llmp_policy_t *load(llmp_arena_t *arena, llmp_source_t *source,
    llmp_load_errors_t *errors);
static void errors_text(const llmp_load_errors_t *errors, char *buf,
    size_t size);
static void write_large(const char *name, size_t size, const char *text);
static void write_good(void);


static void
test_merged(void **state)
{
    llmp_str_t           name;
    llmp_tier_t         *pro, *free;
    llmp_arena_t         arena;
    llmp_policy_t       *policy;
    llmp_source_t        source;
    llmp_load_errors_t   errors;

    (void) state;

    write_good();

    policy = load(&arena, &source, &errors);
    assert_non_null(policy);

    assert_str_is(policy->file, "policy.json");
    assert_int_equal(policy->nparts, 3);
    assert_int_equal(policy->ntiers, 2);
    assert_int_equal(policy->nmodels, 3);
    assert_int_equal(policy->ntenants, 2);
    assert_int_equal(policy->nkeys, 2);
    assert_int_equal(policy->nroutes, 2);

    /* the document's own elements, then those of parts, in their order */

    assert_str_is(policy->models[0].match.elts[0].text, "own");
    assert_str_is(policy->models[1].match.elts[0].text, "m1");
    assert_str_is(policy->models[2].match.elts[0].text, "m2");
    assert_str_is(policy->routes[0].path.text, "/a");
    assert_str_is(policy->routes[1].path.text, "/b");

    free = policy->default_tier;
    name = test_str("pro");
    pro = llmp_policy_tier(policy, &name);

    assert_str_is(free->name, "free");
    assert_str_is(policy->keys[0].tenant->name, "a");
    assert_ptr_equal(policy->keys[0].tenant->tier, pro);
    assert_ptr_equal(policy->keys[1].tenant->tier, free);

    assert_str_is(pro->rules.pointers[0]->place, "/tiers/pro/parameters/~1x");
    assert_str_is(free->rules.params[LLMP_TEMPERATURE]->place,
                  "tenants/a.json#/tiers/free/parameters/temperature");
    assert_str_is(policy->models[1].rules.params[LLMP_TOP_P]->place,
                  "models.json#/models/0/parameters/top_p");
    assert_str_is(policy->models[2].rules.pointers[0]->place,
                  "models.json#/models/1/parameters/~1x");

    llmp_policy_free(policy);
    llmp_arena_reset(&arena);
}


/* the identity is that of the next look, the hash that of "cat" */

static void
test_hash(void **state)
{
    u_char                   sha256[LLMP_SOURCE_HASH];
    llmp_str_t               text;
    llmp_arena_t             arena;
    llmp_policy_t           *policy;
    llmp_source_t            source;
    llmp_file_error_t        error;
    llmp_load_errors_t       errors;
    llmp_source_identity_t   identity;

    (void) state;

    write_good();

    policy = load(&arena, &source, &errors);
    assert_non_null(policy);
    llmp_policy_free(policy);

    assert_int_equal(llmp_source_look(&source, &arena.pool, &identity),
                     LLMP_OK);
    assert_memory_equal(&identity, &source.identity, sizeof(identity));

    assert_int_equal(system("cat policy.json models.json tenants/a.json "
                            "tenants/b.json >all"), 0);
    assert_int_equal(llmp_file_read(&arena.pool, "all", 0, MIB, &text, &error),
                     LLMP_OK);
    assert_int_equal(EVP_Digest(text.data, text.len, sha256, NULL,
                                EVP_sha256(), NULL), 1);
    assert_memory_equal(sha256, source.sha256, sizeof(sha256));

    llmp_arena_reset(&arena);
}


static void
test_names(void **state)
{
    size_t  i;

    static const case_t  cases[] = {

        /* a part may be empty, and a pattern may match nothing */

        { INCLUDE("'a.json','none/*.json','*.none'"),
          { { "a.json", "{}" } },
          "" },

        { INCLUDE("'a.json'"),
          { { "a.json", "{'$schema':'x','version':1,'tiers':{'u':{}},"
                        "'models':[],'tenants':{},'routes':[]}" } },
          "" },

        /* only the parts have tiers */

        { "{'version':1,'default_tier':'u','include':['a.json']}",
          { { "a.json", "{'tiers':{'u':{}}}" } },
          "" },

        { "{'version':1,'default_tier':'u','tiers':{},'include':['a.json']}",
          { { "a.json", "{'tiers':{'u':{}}}" } },
          "" },

        { "{'version':1,'default_tier':'u','include':['a.json']}",
          { { "a.json", "{'tiers':{}}" } },
          "policy.json:1:1: : required member 'tiers' is missing\n" },

        /* names that are defined twice: in a part and the document, in two
           parts; the same name may be a tier and a tenant */

        { INCLUDE("'a.json','b.json','c.json'"),
          { { "a.json", "{'tiers':{'u':{},\n't':{}}}" },
            { "b.json", "{'tenants':{'t':{'tier':'t','keys':[]}}}" },
            { "c.json", "{\n 'tiers':{'u':{}},\n'tenants':{ 't':"
                        "{'tier':'u','keys':[]}}}" } },
          "a.json:2:1: /tiers/t: tier 't' is already defined at "
            "policy.json:1:42\n"
          "c.json:2:11: /tiers/u: tier 'u' is already defined at "
            "a.json:1:11\n"
          "c.json:3:13: /tenants/t: tenant 't' is already defined at "
            "b.json:1:13\n" },

        /* references to names in other files */

        { INCLUDE("'a.json'"),
          { { "a.json", "{'tenants':{'a':{'tier':'v','keys':['" KEY1 "']},"
                        "\n'b':{'tier':'t','keys':['" KEY1 "']}}}" } },
          "a.json:1:25: /tenants/a/tier: tier 'v' is not defined; expected "
            "one of 't'\n"
          "a.json:2:25: /tenants/b/keys/0: this API key is already listed for "
            "tenant 'a'\n" },

        { INCLUDE("'a.json','b.json'"),
          { { "a.json", "{'tenants':{'a':{'tier':'t','keys':['" KEY1 "']}}}" },
            { "b.json", "{'tenants':{'b':{'tier':'t','keys':['" KEY1 "']}}}"
            } },
          "b.json:1:37: /tenants/b/keys/0: this API key is already listed for "
            "tenant 'a'\n" }
    };

    (void) state;

    for (i = 0; i < test_nelts(cases); i++) {
        case_run(&cases[i]);
    }
}


static void
test_mistakes(void **state)
{
    size_t  i;

    static const case_t  cases[] = {

        /* mistakes of each kind of check */

        { INCLUDE("'a.json'"),
          { { "a.json", "{'version':2,\n'tiers':{'u':{'parameters':\n"
                        "  {'temprature':{}}}},\n"
                        "'models':[{'match':['\xc3\xa9','~('],"
                        "'parameters':{}}],\n'routes':[{'path':'x'}],'y':1}" }
          },
          "a.json:1:12: /version: must be 1, the only version of the format\n"
          "a.json:3:4: /tiers/u/parameters/temprature: unknown parameter "
            "'temprature'; did you mean 'temperature'?\n"
          "a.json:4:25: /models/0/match/1: pattern does not compile: missing "
            "closing parenthesis at offset 2\n"
          "a.json:5:11: /routes/0: must have 'dialect' or 'action'\n"
          "a.json:5:19: /routes/0/path: must start with '/', or with '~' if "
            "it is a regular expression\n"
          "a.json:5:25: /y: unknown member 'y'; expected one of '$schema', "
            "'version', 'tiers', 'models', 'tenants', 'routes'\n" },

        /* a rule of a part, about a value of another */

        { INCLUDE("'a.json','b.json'"),
          { { "a.json", "{}" },
            { "b.json", "{'tiers':{'u':{'parameters':{'/m':{'default':"
                        "{'u':1}},'/m/u':{'max':0}}}}}" } },
          "b.json:1:46: /tiers/u/parameters/~1m/default: the default of /m "
            "breaks the rule of /m/u, which would change it\n" },

        /* members that belong to the document */

        { INCLUDE("'a.json'"),
          { { "a.json", "{'default_tier':'t','unknown_key':'reject',\n"
                        "'include':['b.json']}" } },
          "a.json:1:2: /default_tier: 'default_tier' must be in the document "
            "itself, not in a part of it\n"
          "a.json:1:21: /unknown_key: 'unknown_key' must be in the document "
            "itself, not in a part of it\n"
          "a.json:2:1: /include: 'include' must be in the document itself, "
            "not in a part of it\n" },

        /* parts that are no documents: what they define is missing, and that
           is no further mistake */

        { "{'version':1,'default_tier':'u',\n"
          "'include':['a.json','b.json','c.json']}",
          { { "a.json", "{'a':\n}" },
            { "b.json", "\xff" },
            { "c.json", "[]" } },
          "a.json:2:1: : unexpected token\n"
          "b.json:1:1: : the document must be UTF-8\n" },

        { INCLUDE("'c.json'"),
          { { "c.json", "[]" } },
          "c.json:1:1: : must be an object, not an array\n" },

        { INCLUDE("'c.json'"),
          { { "c.json", "" } },
          "c.json:1:1: : the document is empty\n" },

        /* parts that are no files */

        { INCLUDE("'none.json','folder','loop/*.json'"),
          { { NULL } },
          "policy.json:2:12: /include/0: 'none.json' cannot be read: No such "
            "file or directory\n"
          "policy.json:2:24: /include/1: 'folder' cannot be read: Is a "
            "directory\n"
          "policy.json:2:33: /include/2: 'loop/*.json' cannot be read: Too "
            "many levels of symbolic links\n" },

        { INCLUDE("'a.json','*.json'"),
          { { "a.json", "{}" } },
          "policy.json:2:21: /include/1: 'a.json' is already included\n"
          "policy.json:2:21: /include/1: the document must not include "
            "itself, 'policy.json'\n" },

        /* the list */

        { INCLUDE("'',1,'a.json'"),
          { { "a.json", "x" } },
          "policy.json:2:12: /include/0: must be the name of a file, or a "
            "pattern such as 'tenants/*.json'\n"
          "policy.json:2:15: /include/1: must be a string, not a number\n" },

        { "{'version':1,'default_tier':'t','tiers':{'t':{}},"
          "'include':'a.json'}",
          { { NULL } },
          "policy.json:1:60: /include: must be an array, not a string\n" }
    };

    (void) state;

    files_folder("folder");
    files_link("loop", "loop");

    for (i = 0; i < test_nelts(cases); i++) {
        case_run(&cases[i]);
    }
}


/* the size is that of all files together */

static void
test_size(void **state)
{
    case_t  c;

    (void) state;

    memset(&c, 0, sizeof(case_t));

    c.document = INCLUDE("'large.json','a.json'");
    c.files[0][0] = "a.json";
    c.files[0][1] = "{}";
    c.errors = "";

    write_large("large.json", LLMP_POLICY_MAX - strlen(c.document) - 2, "{}");
    case_run(&c);

    c.errors = "policy.json:2:25: /include/1: with 'a.json', the document is "
               "larger than 16 MiB\n";

    write_large("large.json", LLMP_POLICY_MAX - strlen(c.document) - 1, "{}");
    case_run(&c);

    assert_int_equal(unlink("large.json"), 0);
}


static void
test_number(void **state)
{
    char    name[32], *p;
    char   *document;
    size_t  i;
    case_t  c;

    (void) state;

    files_folder("many");

    for (i = 0; i <= LLMP_SOURCE_PARTS; i++) {
        snprintf(name, sizeof(name), "many/%04zu.json", i);
        files_write(name, "{}");
    }

    memset(&c, 0, sizeof(case_t));

    c.document = INCLUDE("'many/*.json'");
    c.errors = "policy.json:2:12: /include/0: the document must have at most "
               "1000 parts\n";

    case_run(&c);

    assert_int_equal(unlink(name), 0);
    c.errors = "";

    case_run(&c);

    document = malloc(8192);
    assert_non_null(document);

    p = document + sprintf(document, "{'include':[''");

    for (i = 0; i < LLMP_SOURCE_PARTS; i++) {
        p += sprintf(p, ",''");
    }

    (void) sprintf(p, "],'version':1,'default_tier':'t','tiers':{'t':{}}}");

    c.document = document;
    c.errors = "policy.json:1:12: /include: must have at most 1000 elements\n";

    case_run(&c);
    free(document);
}


static void
test_in_memory(void **state)
{
    char                 text[1024], document[256];
    llmp_arena_t         arena;
    llmp_load_errors_t   errors;

    (void) state;

    quote(document, sizeof(document), INCLUDE("'a.json'"));

    assert_null(load_text(&arena, document, strlen(document), &errors));

    errors_text(&errors, text, sizeof(text));
    assert_string_equal(text, "policy.json:2:11: /include: only a document in "
                              "a file can have parts\n");
    llmp_arena_reset(&arena);
}


/* the document's own file */

static void
test_own(void **state)
{
    llmp_arena_t         arena;
    llmp_source_t        source;
    llmp_load_errors_t   errors;

    (void) state;

    (void) unlink("policy.json");

    assert_null(load(&arena, &source, &errors));
    assert_string_equal(errors.failed, "open()");
    assert_int_equal(errors.nelts, 0);
    llmp_arena_reset(&arena);

    write_large("policy.json", LLMP_POLICY_MAX + 1, "{}");

    assert_null(load(&arena, &source, &errors));
    assert_null(errors.failed);
    assert_true(errors.too_large);
    assert_int_equal(errors.nelts, 0);
    llmp_arena_reset(&arena);
}


/* without memory there is no policy, no error, and no leak */

static void
test_no_memory(void **state)
{
    size_t               allocs, i;
    llmp_arena_t         arena;
    llmp_policy_t       *policy;
    llmp_source_t        source;
    llmp_load_errors_t   errors;

    (void) state;

    write_good();

    policy = load(&arena, &source, &errors);
    assert_non_null(policy);
    llmp_policy_free(policy);

    allocs = arena.allocs;
    llmp_arena_reset(&arena);

    for (i = 1; i <= allocs; i += (i < 300) ? 1 : 41) {
        llmp_arena_init(&arena);
        arena.fail_after = i;
        source.name = test_str("policy.json");

        assert_null(llmp_load_file(&arena.pool, &source, 0, &errors));
        assert_int_equal(errors.nelts, 0);
        assert_null(errors.failed);

        llmp_arena_reset(&arena);
    }
}


static void
case_run(const case_t *c)
{
    char                 text[8192], wanted[4096];
    size_t               i;
    llmp_arena_t         arena;
    llmp_policy_t       *policy;
    llmp_source_t        source;
    llmp_load_errors_t   errors;

    files_write("policy.json", c->document);

    for (i = 0; i < 4 && c->files[i][0] != NULL; i++) {
        files_write(c->files[i][0], c->files[i][1]);
    }

    policy = load(&arena, &source, &errors);

    errors_text(&errors, text, sizeof(text));
    quote(wanted, sizeof(wanted), c->errors);
    assert_string_equal(text, wanted);

    assert_int_equal(policy != NULL, errors.nelts == 0);

    if (policy != NULL) {
        llmp_policy_free(policy);
    }

    llmp_arena_reset(&arena);

    for (i = 0; i < 4 && c->files[i][0] != NULL; i++) {
        assert_int_equal(unlink(c->files[i][0]), 0);
    }
}


static llmp_policy_t *
load(llmp_arena_t *arena, llmp_source_t *source, llmp_load_errors_t *errors)
{
    llmp_arena_init(arena);

    memset(source, 0, sizeof(llmp_source_t));
    source->name = test_str("policy.json");

    return llmp_load_file(&arena->pool, source, 0, errors);
}


static void
errors_text(const llmp_load_errors_t *errors, char *buf, size_t size)
{
    char               *p, *end;
    llmp_uint_t         i;
    llmp_load_error_t  *error;

    p = buf;
    end = buf + size;
    *p = '\0';

    for (i = 0; i < errors->nelts; i++) {
        error = &errors->elts[i];

        p += snprintf(p, end - p, "%s:%zu:%zu: %s: %s\n",
                      (char *) error->file.data, (size_t) error->line,
                      (size_t) error->column, (char *) error->path.data,
                      (char *) error->message.data);

        assert_true(p < end);
    }
}


/* Writes a file that begins with spaces. */

static void
write_large(const char *name, size_t size, const char *text)
{
    FILE  *file;

    file = fopen(name, "w");
    assert_non_null(file);
    assert_int_equal(fprintf(file, "%*s", (int) size, text), size);
    assert_int_equal(fclose(file), 0);
}


/* Writes a document with three parts. */

static void
write_good(void)
{
    files_write("policy.json",
                "{'include':['models.json','tenants/*.json'],'version':1,"
                "'default_tier':'free',"
                "'models':[{'match':['own'],'parameters':{}}],"
                "'tiers':{'pro':{'parameters':{'/x':{'max':1}}}}}");

    files_write("models.json",
                "{'$schema':'x','version':1,'models':["
                "{'match':['m1'],'parameters':{'top_p':{'remove':true}}},"
                "{'match':['m2'],'parameters':{'/x':{'remove':true}}}]}\n");

    files_write("tenants/b.json",
                "{'tenants':{'b':{'tier':'free','keys':['" KEY2 "']}},"
                "'routes':[{'path':'/b','action':'pass'}]}");

    files_write("tenants/a.json",
                "{'tiers':{'free':{'parameters':{'temperature':{'max':1}}}},"
                "'tenants':{'a':{'tier':'pro','keys':['" KEY1 "']}},"
                "'routes':[{'path':'/a','action':'pass'}]}");
}


static int
set_up(void **state)
{
    if (files_setup(state) != 0) {
        return -1;
    }

    files_folder("tenants");

    return 0;
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_merged),
        cmocka_unit_test(test_hash),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_mistakes),
        cmocka_unit_test(test_size),
        cmocka_unit_test(test_number),
        cmocka_unit_test(test_in_memory),
        cmocka_unit_test(test_own),
        cmocka_unit_test(test_no_memory)
    };

    return cmocka_run_group_tests_name("load_include", tests, set_up,
                                       files_teardown);
}
