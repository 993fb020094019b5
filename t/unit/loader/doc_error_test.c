
/*
 * Copyright (C) llm-policy authors
 */


#include <stdio.h>

#include "loader/llmp_doc.h"

#include "test.h"
#include "policy_load.h"


/* documents made by macros: the second line is the text of the case */

#define RULES(text)                                                           \
    "{'version':1,'default_tier':'t','tiers':{'t':{'parameters':{\n"          \
    text "\n}}}}"

#define TIER(text)                                                            \
    "{'version':1,'default_tier':'t','tiers':{'t':\n" text "\n}}"

#define TOP(text)                                                             \
    "{'version':1,'default_tier':'t','tiers':{'t':{}},\n" text "\n}"

#define INVISIBLE                                                             \
    ": the name must have only visible characters, and no space at its start " \
    "or end\n"

#define P  "/tiers/t/parameters"

static void check_pair(const char *one, const char *two, int together,
    int one_first);


/* texts that are refused before jansson parses them */

static void
test_text(void **state)
{
    static const errors_case_t  cases[] = {

        { "",
          "1:1: : the document is empty\n" },

        { " \n\t\x0d\n ",
          "1:1: : the document is empty\n" },

        { "\xef\xbb\xbf{}",
          "1:1: : the document must not start with a byte order mark\n" },

        { "{'\xc3\xa9':\n'\xc3\xa9\xe2\x82\xac\xff'}",
          "2:4: : the document must be UTF-8\n" }
    };

    (void) state;

    check_errors(cases, test_nelts(cases));
}


static void
test_syntax(void **state)
{
    static const errors_case_t  cases[] = {

        { "{",
          "1:2: : the document ends too early\n" },

        { "{'a':1\n",
          "2:1: : the document ends too early\n" },

        { "{'a': 'b",
          "1:9: : the document ends too early\n" },

        { "{'\xc3\xa9':1,\n}",
          "2:1: : a comma must not precede a closing bracket\n" },

        { "{'a':[1 , ]}",
          "1:11: : a comma must not precede a closing bracket\n" },

        { "{'a':[1 2]}",
          "1:9: : `]` expected\n" },

        { "{'a' 1}",
          "1:6: : `:` expected\n" },

        { "{'a':1\n'bcdefghijklmnopqrstuvwxyz':1}",
          "2:1: : `}` expected\n" },

        { "{'a':}",
          "1:6: : unexpected token\n" },

        { "]",
          "1:1: : unexpected token\n" },

        { "{'a':tru}",
          "1:6: : invalid token\n" },

        { "{'a':-}",
          "1:6: : invalid token\n" },

        { "// no\n{}",
          "1:1: : invalid token\n" },

        { "{'version':1}\n{}",
          "2:1: : nothing may follow the document\n" },

        { "{'a':1,\n 'b':2, 'a' :3}",
          "2:9: : the object already has a member of this name\n" },

        { "{'a':1e400}",
          "1:6: : the number is too large\n" },

        { "{'a':'\\u0000'}",
          "1:6: : \\u0000 is not supported\n" },

        { "{'\\u0000':1}",
          "1:2: : \\u0000 is not supported\n" },

        { "{'a':'x\ny'}",
          "1:6: : unexpected newline\n" },

        { "{'a':'\\q'}",
          "1:6: : invalid escape\n" },

        { "{'keys':sk-abcdef}",
          "1:9: : invalid token\n" }
    };

    (void) state;

    check_errors(cases, test_nelts(cases));
}


static void
test_top(void **state)
{
    static const errors_case_t  cases[] = {

        { "[]",
          "1:1: : must be an object, not an array\n" },

        { "\n null",
          "2:2: : must be an object, not null\n" },

        { "{}",
          "1:1: : required member 'version' is missing\n"
          "1:1: : required member 'default_tier' is missing\n"
          "1:1: : required member 'tiers' is missing\n" },

        { "{'version':1.0,\n'default_tier':'t','tiers':{'t':{}}}",
          "" },

        { "{'version':2,\n'default_tier':'t','tiers':{'t':{}}}",
          "1:12: /version: must be 1, the only version of the format\n" },

        { "{'version':'1',\n'default_tier':'t','tiers':{'t':{}}}",
          "1:12: /version: must be a number, not a string\n" },

        { "{'version':1,\n'default_tier':'t','tiers':{}}",
          "2:28: /tiers: must define at least one tier\n" },

        { "{'version':1,\n'default_tier':'t','tiers':[]}",
          "2:28: /tiers: must be an object, not an array\n" },

        { "{'version':1,\n'default_tier':'x','tiers':{'free':{},'pro':{}}}",
          "2:16: /default_tier: tier 'x' is not defined; expected one of "
            "'free', 'pro'\n" },

        { "{'version':1,\n'default_tier':'fre','tiers':{'free':{},"
          "'pro':{}}}",
          "2:16: /default_tier: tier 'fre' is not defined; did you mean "
            "'free'?\n" },

        { "{'version':1,\n'default_tier':null,'tiers':{'t':{}}}",
          "2:16: /default_tier: must be a string, not null\n" },

        { TOP("'$schema':'x','unknown_key':'default'"),
          "" },

        { TOP("'$schema':1"),
          "2:11: /$schema: must be a string, not a number\n" },

        { TOP("'unknown_key':'rejct'"),
          "2:15: /unknown_key: unknown value 'rejct'; did you mean "
            "'reject'?\n" },

        { TOP("'unknown_key':'no'"),
          "2:15: /unknown_key: unknown value 'no'; expected one of 'default', "
            "'reject'\n" },

        { TOP("'unknown_key':true"),
          "2:15: /unknown_key: must be a string, not a boolean\n" },

        { TOP("'unknown_members':'remove'"),
          "" },

        { TOP("'unknown_members':'rejct'"),
          "2:19: /unknown_members: unknown value 'rejct'; did you mean "
            "'reject'?\n" },

        { TOP("'unknown_members':'drop'"),
          "2:19: /unknown_members: unknown value 'drop'; expected one of "
            "'pass', 'remove', 'reject'\n" },

        { TOP("'unknown_members':false"),
          "2:19: /unknown_members: must be a string, not a boolean\n" },

        { TOP("'routs':[],\n'x/~':{'y':1}"),
          "2:1: /routs: unknown member 'routs'; did you mean 'routes'?\n"
          "3:1: /x~1~0: unknown member 'x/~'; expected one of '$schema', "
            "'version', 'default_tier', 'unknown_key', 'unknown_members', "
            "'tiers', 'models', "
            "'tenants', 'routes', 'include', 'parameters', 'limits', "
            "'weights', 'utc_offset'\n" },

        { TOP("'\xc3\xa9':1, '\\n':2"),
          "2:1: /\xc3\xa9: unknown member '\xc3\xa9'; expected one of "
            "'$schema', 'version', 'default_tier', 'unknown_key', "
            "'unknown_members', 'tiers', "
            "'models', 'tenants', 'routes', 'include', 'parameters', "
            "'limits', 'weights', 'utc_offset'\n"
          "2:8: /?: unknown member '?'; expected one of '$schema', 'version', "
            "'default_tier', 'unknown_key', 'unknown_members', 'tiers', "
            "'models', 'tenants', "
            "'routes', 'include', 'parameters', 'limits', 'weights', "
            "'utc_offset'\n" }
    };

    (void) state;

    check_errors(cases, test_nelts(cases));
}


static void
test_tiers(void **state)
{
    static const errors_case_t  cases[] = {

        { TIER("{}"),
          "" },

        { TIER("{'parameters':{},'models':{}}"),
          "" },

        { TIER("{'unknown_members':'pass'}"),
          "" },

        { TIER("{'unknown_members':['pass']}"),
          "2:20: /tiers/t/unknown_members: must be a string, not an array\n" },

        { TIER("1"),
          "2:1: /tiers/t: must be an object, not a number\n" },

        { TIER("{'parameters':[]}"),
          "2:15: " P ": must be an object, not an array\n" },

        { TIER("{'paramters':{}}"),
          "2:2: /tiers/t/paramters: unknown member 'paramters'; did you "
            "mean 'parameters'?\n" },

        { TIER("{'models':[]}"),
          "2:11: /tiers/t/models: must be an object, not an array\n" },

        { TIER("{'limits':{'requests_per_minute':60,"
                           "'tokens_per_day':1e12}}"),
          "" },

        { TIER("{'limits':[]}"),
          "2:11: /tiers/t/limits: must have at least one object\n" },

        { TIER("{'limits':{'request_per_minute':1}}"),
          "2:12: /tiers/t/limits/request_per_minute: unknown member "
            "'request_per_minute'; did you mean 'requests_per_minute'?\n" },

        { TIER("{'limits':{'tokens_per_day':'1', 'tokens_per_minute':0,\n"
               "'concurrent_requests':1.5, 'requests_per_minute':1e13}}"),
          "2:29: /tiers/t/limits/tokens_per_day: must be a number, not a "
            "string\n"
          "2:54: /tiers/t/limits/tokens_per_minute: must be a whole number "
            "from 1 to 1000000000000\n"
          "3:23: /tiers/t/limits/concurrent_requests: must be a whole number "
            "from 1 to 1000000000000\n"
          "3:50: /tiers/t/limits/requests_per_minute: must be a whole number "
            "from 1 to 1000000000000\n" },

        { TIER("{'models':{'alow':[]}}"),
          "2:12: /tiers/t/models/alow: unknown member 'alow'; did you "
            "mean 'allow'?\n" },

        { TIER("{'models':{'allow':'a'}}"),
          "2:20: /tiers/t/models/allow: must be an array, not a string\n" },

        { TIER("{'models':{'deny':['a', 1, '~(']}}"),
          "2:25: /tiers/t/models/deny/1: must be a string, not a number\n"
          "2:28: /tiers/t/models/deny/2: pattern does not compile: "
            "missing closing parenthesis at offset 2\n" },

        { TIER("{'models':{'allow':['', '~*']}}"),
          "2:21: /tiers/t/models/allow/0: pattern does not compile: the "
            "pattern is empty at offset 0\n"
          "2:25: /tiers/t/models/allow/1: pattern does not compile: the "
            "pattern is empty at offset 2\n" },

        { TIER("{}, '': {}"),
          "2:5: /tiers/: the name must not be empty\n" },

        /* CR LF, DEL, NEL, a zero width space, a direction, a tag, spaces */

        { TIER("{}, 'a\\r\\nX: 1': {}, 'a\x7f': {}, 'a\xc2\x85': {}, "
               "'a\xe2\x80\x8b': {}, 'a\xe2\x80\xae': {}, "
               "'a\xf3\xa0\x81\x81': {}, ' a': {}, 'a ': {}, ' ': {}"),
          "2:5: /tiers/a??X: 1" INVISIBLE "2:22: /tiers/a?" INVISIBLE
          "2:32: /tiers/a\xc2\x85" INVISIBLE
          "2:42: /tiers/a\xe2\x80\x8b" INVISIBLE
          "2:52: /tiers/a\xe2\x80\xae" INVISIBLE
          "2:62: /tiers/a\xf3\xa0\x81\x81" INVISIBLE
          "2:72: /tiers/ a" INVISIBLE "2:82: /tiers/a " INVISIBLE
          "2:92: /tiers/ " INVISIBLE },

        /* visible: punctuation, other scripts, an emoji */

        { TIER("{}, '\xe2\x9c\xa8 a/b (c), \xc3\xa4\xe4\xb8\xad': {}"), "" }
    };

    (void) state;

    check_errors(cases, test_nelts(cases));
}


static void
test_names(void **state)
{
    static const errors_case_t  cases[] = {

        { RULES("'temprature':{}"),
          "2:1: " P
            "/temprature: unknown parameter 'temprature'; did you mean "
            "'temperature'?\n" },

        { RULES("'Top-P':{}"),
          "2:1: " P
            "/Top-P: unknown parameter 'Top-P'; did you mean 'top_p'?\n" },

        { RULES("'max_completion_tokens':{}"),
          "2:1: " P "/max_completion_tokens: unknown parameter "
            "'max_completion_tokens'; use 'max_tokens', which includes it\n" },

        { RULES("'n_predict':{}"),
          "2:1: " P
            "/n_predict: unknown parameter 'n_predict'; use 'max_tokens', "
            "which includes it\n" },

        { RULES("'samplers':{}"),
          "2:1: " P
            "/samplers: unknown parameter 'samplers'; for a member of the "
            "body write a JSON Pointer, '/samplers'\n" },

        { RULES("'':{}"),
          "2:1: " P
            "/: unknown parameter ''; for a member of the body write a "
            "JSON Pointer, '/'\n" },

        { RULES("'/samplers':{},'/a/b/c/d/e/f/g/h':{},"
                "'/~0~1/\xc3\xa9/-/0':{}"),
          "" },

        { RULES("'/':{}"),
          "2:1: " P "/~1: a JSON Pointer must have a name after each '/'\n" },

        { RULES("'/a/':{}"),
          "2:1: " P
            "/~1a~1: a JSON Pointer must have a name after each '/'\n" },

        { RULES("'/a//b':{}"),
          "2:1: " P
            "/~1a~1~1b: a JSON Pointer must have a name after each '/'\n" },

        { RULES("'/a~':{}"),
          "2:1: " P
            "/~1a~0: '~' in a JSON Pointer must be written '~0' ('~1' is a "
            "'/')\n" },

        { RULES("'/~2/b':{}"),
          "2:1: " P
            "/~1~02~1b: '~' in a JSON Pointer must be written '~0' ('~1' "
            "is a '/')\n" },

        { RULES("'/a~/b':{}"),
          "2:1: " P
            "/~1a~0~1b: '~' in a JSON Pointer must be written '~0' ('~1' "
            "is a '/')\n" },

        { RULES("'/a\\tb':{}"),
          "2:1: " P
            "/~1a?b: a JSON Pointer must not have quotes, backslashes or "
            "control characters\n" },

        { RULES("'/a\x7f':{},'/a/\xe2\x80\xae':{}"),
          "2:1: " P
            "/~1a?: a JSON Pointer must have only visible characters\n"
          "2:10: " P "/~1a~1\xe2\x80\xae: a JSON Pointer must have only "
            "visible characters\n" },

        { RULES("'/model':{'force':'a\\r\\nb'},"
                "'/data_source/model':{'default':'a\\u202eb'}"),
          "2:10: " P "/~1model: the name of a model must have only visible "
            "characters\n"
          "2:50: " P "/~1data_source~1model: the name of a model must have "
            "only visible characters\n" },

        { RULES("'/model':{'default':'a/b:c d','allow':['a/b:c d']},"
                "'/metadata/a':{'force':'a\\r\\nb'}"), "" },

        { RULES("'/options':{'default':{'num_ctx':4096}}"),
          "2:12: " P "/~1options: /options of ollama contains parameters, and "
            "must not be written as a whole; write its members, such as "
            "'/options/name'\n" },

        { RULES("'/generationConfig':{'force':null}"),
          "2:21: " P "/~1generationConfig: /generationConfig of "
            "gemini.generate contains parameters, and must not be written "
            "as a whole; write its members, such as "
            "'/generationConfig/name'\n" },

        { RULES("'/Options/x':{}"),
          "2:1: " P "/~1Options~1x: '/Options/x' differs from options of "
            "openai.chat only in case or underscores; write that name\n" },

        { RULES("'/a/b/c/d/e/f/g/h/i':{}"),
          "2:1: " P
            "/~1a~1b~1c~1d~1e~1f~1g~1h~1i: a JSON Pointer must have at most 8 "
            "names\n" },

        { RULES("'/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
                "xxxxxxxx':{}"),
          "" },

        { RULES("'/a/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
                "xxxxxxxxxxx':{}"),
          "2:1: " P
            "/~1a~1xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
            "xxxxxxxxx: a name in a JSON Pointer must have at most 64 "
            "bytes\n" },

        { RULES("'/temperature':{'max':1}"),
          "" },

        { RULES("'/temperature':{}, 'temperature':{}"),
          "2:1: " P
            "/~1temperature: '/temperature' is the parameter 'temperature',"
            " which already has a rule here\n" },

        { RULES("'n':{}, '/n':{}, '/n/n':{}"),
          "2:9: " P
            "/~1n: '/n' is the parameter 'n', which already has a rule here\n" }
    };

    (void) state;

    check_errors(cases, test_nelts(cases));
}


/* every pair of verbs, in both orders */

static void
test_exclusions(void **state)
{
    size_t  i, j;

    static const char *const  verbs[] = {
        "'force':1", "'force_from':'$x'", "'remove':true", "'deny':true",
        "'require':true", "'allow':[1]", "'default':1", "'default_from':'$x'",
        "'min':1", "'max':2"
    };

    /* the pairs that the rows above permit */

    static const char *const  beside[] = {
        "----------",
        "----------",
        "----------",
        "----------",
        "-----+--++",
        "----+-++--",
        "-----+--++",
        "-----+----",
        "----+-+--+",
        "----+-+-+-"
    };

    (void) state;

    for (i = 0; i < test_nelts(verbs); i++) {

        for (j = 0; j < test_nelts(verbs); j++) {
            if (i != j) {
                check_pair(verbs[i], verbs[j], beside[i][j] == '+', i < j);
            }
        }
    }
}


static void
test_on_violation(void **state)
{
    static const errors_case_t  cases[] = {

        { RULES("'n':{'on_violation':'clamp'}"),
          "2:21: " P "/n/on_violation: 'on_violation' requires 'min' or "
            "'max'\n" },

        { RULES("'n':{'force':1,'on_violation':'reject'}"),
          "2:31: " P "/n/on_violation: 'on_violation' requires 'min' or "
            "'max'\n" },

        { RULES("'n':{'min':1,'on_violation':'reject'},\n"
                "'/x':{'on_violation':'clamp','max':1.5}"),
          "" },

        { RULES("'n':{'max':1,'on_violation':'rejects'}"),
          "2:29: " P "/n/on_violation: unknown value 'rejects'; did you mean "
          "'reject'?\n" },

        { RULES("'n':{'max':1,'on_violation':1}"),
          "2:29: " P "/n/on_violation: must be a string, not a number\n" },

        /* each excluded verb is an error of its own */

        { RULES("'/x':{'remove':true,'default':1,'min':1}"),
          "2:31: " P "/~1x/default: 'default' excludes 'remove'; use one of "
            "them\n"
          "2:39: " P "/~1x/min: 'min' excludes 'remove'; use one of "
            "them\n" }
    };

    (void) state;

    check_errors(cases, test_nelts(cases));
}


static void
test_facts(void **state)
{
    static const errors_case_t  cases[] = {

        { RULES("'max_tokens':{'as':'max_completion_tokens','max':9},\n"
                "'temperature':{'takes':[1],'not_beside':['top_p']},\n"
                "'top_k':{'takes':[],'default':4}"),
          "" },

        { RULES("'n':{'as':'n'}"),
          "2:6: " P "/n/as: 'as' is for 'max_tokens', which has two names in "
            "one API\n" },

        { RULES("'max_tokens':{'as':'max_tokins'}"),
          "2:20: " P "/max_tokens/as: 'max_tokins' is no name of 'max_tokens' "
            "in any API; write 'max_completion_tokens', or 'max_tokens'\n" },

        { RULES("'max_tokens':{'as':1}"),
          "2:20: " P "/max_tokens/as: must be a string, not a number\n" },

        { RULES("'/x':{'as':'y','takes':[],'not_beside':[]}"),
          "2:7: " P "/~1x/as: 'as' is for parameters, not for a JSON "
            "Pointer\n"
          "2:16: " P "/~1x/takes: 'takes' is for parameters, not for a JSON "
            "Pointer\n"
          "2:27: " P "/~1x/not_beside: 'not_beside' is for parameters, not "
            "for a JSON Pointer\n" },

        { RULES("'top_k':{'takes':[1,'a',[]]}"),
          "2:21: " P "/top_k/takes/1: 'top_k' takes a number, not a string\n"
          "2:25: " P "/top_k/takes/2: 'top_k' takes a number, not an array\n" },

        { RULES("'verbosity':{'takes':['l\\u006fw']}"),
          "2:23: " P "/verbosity/takes/0: must be written without '\\'\n" },

        { RULES("'top_p':{'not_beside':['top_p','x',1]}"),
          "2:24: " P "/top_p/not_beside/0: must be the name of another "
            "parameter, such as 'temperature'\n"
          "2:32: " P "/top_p/not_beside/1: must be the name of another "
            "parameter, such as 'temperature'\n"
          "2:36: " P "/top_p/not_beside/2: must be a string, not a number\n" }
    };

    (void) state;

    check_errors(cases, sizeof(cases) / sizeof(cases[0]));
}


static void
test_model_names(void **state)
{
    static const errors_case_t  cases[] = {

        { TOP("'models':[{'name':'a','match':['x'],'parameters':{},"
              "'source':['2026-11-30','b']},\n"
              "{'name':'b','match':['x'],'parameters':{}}]"),
          "" },

        { TOP("'models':[{'name':'a','match':['x'],'parameters':{}},\n"
              "{'name':'a','match':['x'],'parameters':{}},\n"
              "{'name':'a','match':['x'],'parameters':{}}]"),
          "3:1: /models/1: an entry before it has the name 'a'\n"
          "4:1: /models/2: an entry before it has the name 'a'\n" },

        { TOP("'models':[{'name':'','match':['x'],'parameters':{}},\n"
              "{'name':'a b','match':['x'],'parameters':{}},\n"
              "{'name':'a\\n','match':['x'],'parameters':{}},\n"
              "{'name':1,'match':['x'],'parameters':{}},\n"
              "{'name':'a\xe2\x80\xae','match':['x'],'parameters':{}}]"),
          "2:19: /models/0/name: must be one or more visible characters, such "
            "as 'gpt-5'\n"
          "3:9: /models/1/name: must be one or more visible characters, such "
            "as 'gpt-5'\n"
          "4:9: /models/2/name: must be one or more visible characters, such "
            "as 'gpt-5'\n"
          "5:9: /models/3/name: must be a string, not a number\n"
          "6:9: /models/4/name: must be one or more visible characters, such "
            "as 'gpt-5'\n" },

        { TOP("'models':[{'match':['x'],'parameters':{},'source':'x'},\n"
              "{'match':['x'],'parameters':{},'source':[1]}]"),
          "2:51: /models/0/source: must be an array, not a string\n"
          "3:42: /models/1/source/0: must be a string, not a number\n" }
    };

    (void) state;

    check_errors(cases, sizeof(cases) / sizeof(cases[0]));
}


/* strings with variables */

static void
test_templates(void **state)
{
    static const errors_case_t  cases[] = {

        { RULES("'/u':{'force_from':'$llm_tenant'}"), "" },
        { RULES("'/u':{'default_from':'t-${LLM_Tier}$x_1.$y'}"), "" },
        { RULES("'/u':{'default_from':'$x','allow':['a','b']}"), "" },

        { RULES("'reasoning_effort':{'force_from':'$x'}"),
          "2:34: " P "/reasoning_effort/force_from: 'force_from' is for JSON "
            "Pointers, such as '/user'; the value of 'reasoning_effort' must "
            "be known here: write 'force'\n" },

        { RULES("'n':{'default_from':'$x'}"),
          "2:21: " P "/n/default_from: 'default_from' is for JSON "
            "Pointers, such as '/user'; the value of 'n' must "
            "be known here: write 'default'\n" },

        { RULES("'/u':{'force_from':'gateway'}"),
          "2:20: " P "/~1u/force_from: must contain a variable, such as "
            "'$llm_tenant'; for a constant write 'force'\n" },

        { RULES("'/u':{'default_from':''}"),
          "2:22: " P "/~1u/default_from: must contain a variable, such as "
            "'$llm_tenant'; for a constant write 'default'\n" },

        { RULES("'/u':{'force_from':1}"),
          "2:20: " P "/~1u/force_from: must be a string, not a number\n" },

        { RULES("'/u':{'force_from':'5$'}"),
          "2:20: " P "/~1u/force_from: a '$' must begin a variable, '$name' or "
            "'${name}'\n" },

        { RULES("'/u':{'force_from':'${x'}"),
          "2:20: " P "/~1u/force_from: a '$' must begin a variable, '$name' or "
            "'${name}'\n" },

        { RULES("'/u':{'force_from':'${}'}"),
          "2:20: " P "/~1u/force_from: a '$' must begin a variable, '$name' or "
            "'${name}'\n" },

        { RULES("'/u':{'force_from':'$1'}"),
          "2:20: " P "/~1u/force_from: '$1' is no variable: groups of regular "
            "expressions need a name, '(?<name>...)'\n" },

        { RULES("'/u':{'force_from':'$llm_effective_n'}"),
          "2:20: " P "/~1u/force_from: '$llm_effective_n' is not known before "
            "the decision; of the variables '$llm_...', only '$llm_tenant', "
            "'$llm_key_name', '$llm_tier', '$llm_model' and '$llm_dialect' "
            "are\n" },

        { RULES("'/model':{'default_from':'$llm_model'}"),
          "2:10: " P "/~1model: '$llm_model' is the model that is sent, which "
            "this rule itself determines\n" },

        { RULES("'/metadata/model':{'default_from':'$llm_model'}"), "" },
        { RULES("'/model':{'force_from':'$model'}"), "" },

        { RULES("'/model':{'force_from':'a\\n$model'}"),
          "2:10: " P "/~1model: the name of a model must have only visible "
            "characters\n" },

        { RULES("'/seed':{'force_from':'$x'}"),
          "2:9: " P "/~1seed: 'seed' takes a number, and no string, which "
            "'force_from' writes\n" },
        { RULES("'/options/num_predict':{'default_from':'$x'}"),
          "2:24: " P "/~1options~1num_predict: 'max_tokens' takes a number, "
            "and no string, which 'default_from' writes\n" },
        { RULES("'/reasoning_effort':{'force_from':'$x'}"), "" },

        /* a string is written in place of an object */

        { RULES("'/options':{'force_from':'$x'}"),
          "2:12: " P "/~1options: /options of ollama contains parameters, and "
            "must not be written as a whole; write its members, such as "
            "'/options/name'\n" },

        { RULES("'/a':{'force_from':'$x'},'/a/b':{'require':true}"),
          "2:20: " P "/~1a/force_from: the forced value of /a breaks a rule: a "
            "must be an object, not a string: the policy checks /a/b inside "
            "it\n" },

        { RULES("'/a':{'force':{'b':1}},'/a/b':{'force_from':'$x'}"),
          "2:15: " P "/~1a/force: the forced value of /a breaks the rule of "
            "/a/b, which would change it\n" },

        /* the client's own text */

        { RULES("'/u':{'force_from':'a$http_x-$arg_y$cookie_z'}"),
          "2:20: " P "/~1u/force_from: warning: the client chooses this value: "
            "it writes all of the variables\n" },

        { RULES("'/u':{'force_from':'$http_x$llm_tenant'}"), "" },
        { RULES("'/u':{'force_from':'$http_x$remote_user'}"), "" },
        { RULES("'/u':{'default_from':'$http_x'}"), "" },
    };

    (void) state;

    check_errors(cases, sizeof(cases) / sizeof(cases[0]));
}


static void
test_values(void **state)
{
    static const errors_case_t  cases[] = {

        { RULES("'temperature':1"),
          "2:15: " P "/temperature: must be an object, not a number\n" },

        { RULES("'temperature':{'defualt':1}"),
          "2:16: " P
            "/temperature/defualt: unknown member 'defualt'; did you mean "
            "'default'?\n" },

        { RULES("'temperature':{'maximum':1}"),
          "2:16: " P
            "/temperature/maximum: unknown member 'maximum'; expected one of "
            "'force', 'force_from', 'remove', 'deny', 'require', 'allow', "
            "'default', 'default_from', 'min', 'max', 'on_violation', 'as', "
            "'takes', 'not_beside'\n" },

        { RULES("'temperature':{'default':'1'}"),
          "2:26: " P
            "/temperature/default: 'temperature' takes a number, not a "
            "string\n" },

        { RULES("'temperature':{'default':null}"),
          "2:26: " P
            "/temperature/default: 'temperature' takes a number, not null\n" },

        { RULES("'temperature':{'force':true}"),
          "2:24: " P
            "/temperature/force: 'temperature' takes a number, not a "
            "boolean\n" },

        { RULES("'temperature':{'min':'0'}"),
          "2:22: " P "/temperature/min: must be a number, not a string\n" },

        { RULES("'temperature':{'max':[1]}"),
          "2:22: " P "/temperature/max: must be a number, not an array\n" },

        { RULES("'temperature':{'remove':false}"),
          "2:25: " P "/temperature/remove: must be true, or absent\n" },

        { RULES("'temperature':{'deny':1}"),
          "2:23: " P "/temperature/deny: must be a boolean, not a number\n" },

        { RULES("'temperature':{'require':null}"),
          "2:26: " P "/temperature/require: must be a boolean, not null\n" },



        { RULES("'temperature':{'max':1.00000000000000000000000000000000000"
                "000000000000000000000000000}"),
          "" },

        { RULES("'temperature':{'max':1.00000000000000000000000000000000000"
                "0000000000000000000000000000}"),
          "2:22: " P
            "/temperature/max: a number must have at most 64 characters and "
            "be below 1e308\n" },

        { RULES("'temperature':{'force':1.5e308}"),
          "2:24: " P
            "/temperature/force: a number must have at most 64 characters and "
            "be below 1e308\n" },

        { RULES("'n':{'max':1.5}"),
          "2:12: " P "/n/max: 'n' takes a whole number\n" },

        { RULES("'n':{'max':15e-1,'default':1e0}"),
          "2:12: " P "/n/max: 'n' takes a whole number\n" },

        { RULES("'seed':{'force':0.5}"),
          "2:17: " P "/seed/force: 'seed' takes a whole number\n" },

        { RULES("'stop':{'max':1}"),
          "2:15: " P
            "/stop/max: 'max' is for numbers, but 'stop' takes a string or "
            "an array\n" },

        { RULES("'reasoning_effort':{'min':1}"),
          "2:27: " P "/reasoning_effort/min: 'reasoning_effort' takes a "
            "string or a boolean, not a number\n" },

        { RULES("'reasoning_effort':{'max':'ultra'}"),
          "2:27: " P "/reasoning_effort/max: must be one of the values of "
            "'reasoning_effort'; from the least: none, minimal, low, medium, "
            "high, xhigh, max\n" },

        { RULES("'verbosity':{'min':'high','max':'low'}"),
          "2:20: " P "/verbosity/min: min 'high' is greater than max "
            "'low'\n" },

        { RULES("'verbosity':{'max':'low','default':'high'}"),
          "2:36: " P "/verbosity/default: default 'high' is greater than max "
            "'low'\n" },

        { RULES("'verbosity':{'max':'low','default':'lower'}"),
          "2:36: " P "/verbosity/default: must be one of the values of "
            "'verbosity', since it has bounds; from the least: low, medium, "
            "high\n" },

        { RULES("'thinking_budget':{'max':-1}"),
          "2:26: " P "/thinking_budget/max: must be at least 0: some "
            "upstreams read 'thinking_budget' below 0 as no limit\n" },

        { RULES("'thinking_budget':{'max':0,'min':0,'default':0}"), "" },

        { RULES("'stream':{'force':1}"),
          "2:19: " P
            "/stream/force: 'stream' takes a boolean, not a number\n" },

        { RULES("'logprobs':{'default':'x'}"),
          "2:23: " P
            "/logprobs/default: 'logprobs' takes a number or a boolean, "
            "not a string\n" },

        { RULES("'stop':{'default':['a']},'logit_bias':{'force':{'50256':-1"
                "00}},'stream':{'force':false}"),
          "" },

        { RULES("'/x':{'force':null},'/y':{'default':[{}]},'/z':{'min':1.5,"
                "'max':2}"),
          "" },

        { RULES("'/x':{'min':'a'}"),
          "2:13: " P "/~1x/min: must be a number, not a string\n" }
    };

    (void) state;

    check_errors(cases, test_nelts(cases));
}


static void
test_bounds(void **state)
{
    static const errors_case_t  cases[] = {

        { RULES("'temperature':{'min':2,'max':1}"),
          "2:22: " P "/temperature/min: min 2 is greater than max 1\n" },

        { RULES("'temperature':{'min':1.0,'max':1e0,'default':10e-1}"),
          "" },

        { RULES("'temperature':{'max':0.1,\n'min':0.10000000000000000001}"),
          "3:7: " P
            "/temperature/min: min 0.10000000000000000001 is greater than "
            "max 0.1\n" },

        { RULES("'temperature':{'max':1,'default':1.00001}"),
          "2:34: " P
            "/temperature/default: default 1.00001 is greater than max 1\n" },

        { RULES("'temperature':{'min':0.5,'default':0}"),
          "2:36: " P
            "/temperature/default: default 0 is less than min 0.5\n" },

        { RULES("'/x':{'max':1,'default':2}"),
          "2:25: " P "/~1x/default: default 2 is greater than max 1\n" },

        { RULES("'/x':{'max':1,'default':'2'}"),
          "2:25: " P "/~1x/default: must be a number, since it has bounds\n" },

        { RULES("'logprobs':{'max':1,'default':true}"),
          "2:31: " P
            "/logprobs/default: must be a number, since it has bounds\n" },

        { RULES("'max_tokens':{'max':0}"),
          "2:21: " P
            "/max_tokens/max: must be at least 1: some upstreams read "
            "'max_tokens' below 1 as no limit\n" },

        { RULES("'max_tokens':{'max':-1}"),
          "2:21: " P
            "/max_tokens/max: must be at least 1: some upstreams read "
            "'max_tokens' below 1 as no limit\n" },

        { RULES("'max_tokens':{'max':9,'default':-1}"),
          "2:33: " P
            "/max_tokens/default: some upstreams read default -1 as no limit, "
            "which exceeds max 9\n" },

        { RULES("'max_tokens':{'default':-1},'top_k':{'min':0}"),
          "" },

        { RULES("'temperature':{'max':0,'default':0},'min_p':{'max':0}"),
          "" }
    };

    (void) state;

    check_errors(cases, test_nelts(cases));
}


static void
test_allow(void **state)
{
    static const errors_case_t  cases[] = {

        { RULES("'n':{'allow':[]}"),
          "2:14: " P "/n/allow: must have at least one value\n" },

        { RULES("'n':{'allow':1}"),
          "2:14: " P "/n/allow: must be an array, not a number\n" },

        { RULES("'n':{'allow':[1,'a',2.5]}"),
          "2:17: " P "/n/allow/1: 'n' takes a number, not a string\n"
          "2:21: " P "/n/allow/2: 'n' takes a whole number\n" },

        { RULES("'/x':{'allow':[null,[],{},true,1,'a']}"),
          "2:16: " P
            "/~1x/allow/0: must be a number or a string or a boolean, not "
            "null\n"
          "2:21: " P
            "/~1x/allow/1: must be a number or a string or a boolean, not "
            "an array\n"
          "2:24: " P
            "/~1x/allow/2: must be a number or a string or a boolean, not "
            "an object\n" },

        { RULES("'n':{'allow':[1,2,1.0,10e-1,3]}"),
          "2:19: " P "/n/allow/2: this value is already in the list\n"
          "2:23: " P "/n/allow/3: this value is already in the list\n" },

        { RULES("'verbosity':{'allow':['low','high','l\\u006fw']}"),
          "2:36: " P "/verbosity/allow/2: this value is already in the "
            "list\n" },

        { RULES("'/x':{'allow':[true,false,'true',1,'1',true,'tru']}"),
          "2:40: " P "/~1x/allow/5: this value is already in the list\n" },

        { RULES("'verbosity':{'allow':['low'],'default':'high'}"),
          "2:40: " P
            "/verbosity/default: must be one of the values of 'allow'\n" },

        { RULES("'n':{'allow':[1,2],'default':2.0}"),
          "" },

        { RULES("'/x':{'allow':['1',2],'default':1}"),
          "2:33: " P "/~1x/default: must be one of the values of 'allow'\n" },

        { RULES("'/x':{'allow':[1,[]],'default':3}"),
          "2:18: " P
            "/~1x/allow/1: must be a number or a string or a boolean, not "
            "an array\n" }
    };

    (void) state;

    check_errors(cases, test_nelts(cases));
}


/* written values that other rules apply to */

static void
test_constants(void **state)
{
    static const errors_case_t  cases[] = {

        /*
         * a rule inside a pointer's value: the same change as in a client's
         * value
         */
        { RULES("'/m':{'default':{'u':{'id':'x'}}},"
                "'/m/u/id':{'force':'y'}"),
          "2:17: " P
            "/~1m/default: the default of /m breaks the rule of "
            "/m/u/id, which would change it\n" },

        { RULES("'/m':{'default':{'u':{'id':'x'}}},"
                "'/m/u/id':{'force':'x'}"),
          "" },

        { RULES("'/m':{'default':{'u':{'id':'x'}}},"
                "'/m/u/id':{'allow':['x','y']}"),
          "" },

        { RULES("'/m':{'default':{'u':{'id':'x'}}},"
                "'/m/u/id':{'allow':['y']}"),
          "2:17: " P
            "/~1m/default: the default of /m breaks a rule: "
            "/m/u/id '...' is not among the values allowed for "
            "tier 't'\n" },

        { RULES("'/m':{'default':{'u':{'id':'x'}}},"
                "'/m/u/id':{'remove':true}"),
          "2:17: " P
            "/~1m/default: the default of /m breaks the rule of "
            "/m/u/id, which would remove it\n" },

        { RULES("'/m':{'default':{'u':{'id':'x'}}},"
                "'/m/u/id':{'deny':true}"),
          "2:17: " P
            "/~1m/default: the default of /m breaks a rule: "
            "/m/u/id is not permitted for tier 't'\n" },

        { RULES("'/m':{'default':{'u':{'id':'x'}}},"
                "'/m/u/id':{'require':true}"),
          "" },

        { RULES("'/m':{'default':{'u':{'id':null}}},"
                "'/m/u/id':{'require':true}"),
          "2:17: " P
            "/~1m/default: the default of /m breaks a rule: "
            "/m/u/id is required for tier 't'\n" },

        { RULES("'/m':{'default':{'u':{'id':null}}},"
                "'/m/u/id':{'default':1}"),
          "2:17: " P
            "/~1m/default: the default of /m breaks the rule of "
            "/m/u/id, which would change it\n" },

        { RULES("'/m':{'force':{'u':3}},'/m/u':{'max':2}"),
          "2:15: " P
            "/~1m/force: the forced value of /m breaks the rule of "
            "/m/u, which would change it\n" },

        { RULES("'/m':{'force':{'u':3}},'/m/u':{'max':2,"
                "'on_violation':'reject'}"),
          "2:15: " P
            "/~1m/force: the forced value of /m breaks a rule: "
            "/m/u 3 is above the maximum 2 for tier 't'\n" },

        { RULES("'/m':{'force':{'u':3}},'/m/u':{'min':3,'max':3.0}"),
          "" },

        { RULES("'/m':{'force':{'u':3}},'/m/v':{'max':2}"),
          "" },

        { RULES("'/m':{'force':{'u':3}},'/m/v':{'default':2}"),
          "2:15: " P
            "/~1m/force: the forced value of /m breaks the rule of "
            "/m/v, which would add it\n" },

        { RULES("'/m':{'force':{'u':3}},'/m/v':{'require':true}"),
          "2:15: " P
            "/~1m/force: the forced value of /m breaks a rule: "
            "/m/v is required for tier 't'\n" },

        { RULES("'/m':{'force':'x'},'/m/v':{'max':2}"),
          "2:15: " P
            "/~1m/force: the forced value of /m breaks a rule: m "
            "must be an object, not a string: the policy checks "
            "/m/v inside it\n" },

        { RULES("'/m':{'force':'x'},'/m/v':{'default':2}"),
          "" },

        { RULES("'/m':{'default':null},'/m/v':{'default':2}"),
          "2:17: " P
            "/~1m/default: the default of /m breaks the rule of "
            "/m/v, which would add it\n" },

        { RULES("'/m':{'force':{'U':3}},'/m/u':{'max':9}"),
          "2:15: " P
            "/~1m/force: the forced value of /m breaks a rule: a "
            "member is spelt almost like 'm.u'\n" },

        { RULES("'/m':{'allow':[1]},'/m/v':{'default':2}"),
          "2:38: " P
            "/~1m~1v/default: the default of /m/v breaks a rule: "
            "/m {...} is not among the values allowed for tier 't'\n" },

        { RULES("'/m':{'max':1},'/m/v':{'force':2}"),
          "2:32: " P
            "/~1m~1v/force: the forced value of /m/v breaks a "
            "rule: /m must be a number, not an object\n" },

        { RULES("'/m':{'deny':true},'/m/v':{'force':2}"),
          "" },

        { RULES("'/m':{'remove':true},'/m/v':{'force':2}"),
          "" },

        { RULES("'/m':{'require':true},'/m/v':{'force':2}"),
          "" },

        { RULES("'/a':{'force':{'b':{'c':4}}},"
                "'/a/b':{'default':{'c':2}},'/a/b/c':{'min':3}"),
          "2:48: " P
            "/~1a~1b/default: the default of /a/b breaks the rule "
            "of /a/b/c, which would change it\n" },

        { RULES("'/a':{'force':{'b':{'c':1}}},"
                "'/a/b':{'default':{'c':2}},'/a/b/c':{'min':3}"),
          "2:15: " P
            "/~1a/force: the forced value of /a breaks the rule of "
            "/a/b/c, which would change it\n"
          "2:48: " P
            "/~1a~1b/default: the default of /a/b breaks the rule "
            "of /a/b/c, which would change it\n" },

        { RULES("'/list':{'default':['a']},'/list/0':{'allow':['b']},"
                "'/list/1':{'max':1}"),
          "2:20: " P
            "/~1list/default: the default of /list breaks a rule: "
            "/list/0 '...' is not among the values allowed for "
            "tier 't'\n" },

        { RULES("'/list':{'default':['a']},'/list/0':{'allow':['a']},"
                "'/list/1':{'max':1}"),
          "" },

        /* the values of a parameter, at the places of each API */
        { RULES("'temperature':{'max':1},"
                "'/tools':{'default':[{'parameters':{'temperature':2}}]}"),
          "2:45: " P
            "/~1tools/default: the default of /tools breaks the "
            "rule of temperature, in openai.chat, which would "
            "change it\n" },

        { RULES("'temperature':{'max':1,'require':true},"
                "'top_p':{'force':1},"
                "'/tools':{'default':[{'parameters':{'temperature':1,"
                "'mirostat':2}}]}"),
          "" },

        { RULES("'temperature':{'max':1},"
                "'/plugins':{'force':[{'temperature':'1'}]}"),
          "2:45: " P
            "/~1plugins/force: the forced value of /plugins breaks "
            "a rule, in openai.chat: temperature must be a number, "
            "not a string\n" },

        { RULES("'temperature':{'max':1},"
                "'/requests':{'force':[{'params':{'temp':0}},"
                "{'params':{'temperature':9}}]}"),
          "2:46: " P
            "/~1requests/force: the forced value of /requests "
            "breaks the rule of temperature, in openai.chat, which "
            "would change it\n" },

        { RULES("'temperature':{'remove':true},"
                "'/instances':{'force':[{'temperature':0}]}"),
          "2:53: " P
            "/~1instances/force: the forced value of /instances "
            "breaks the rule of temperature, in openai.chat, which "
            "would remove it\n" },

        { RULES("'temperature':{'max':1},"
                "'/metadata':{'force':{'temperature':9}}"),
          "" },

        /* a pointer inside the value of a parameter */
        { RULES("'logit_bias':{'force':{'1':9}},"
                "'/logit_bias/1':{'max':0}"),
          "2:23: " P
            "/logit_bias/force: the forced value of logit_bias "
            "breaks the rule of /logit_bias/1, in openai.chat, "
            "which would change it\n" },

        { RULES("'logit_bias':{'default':{'1':0}},"
                "'/logit_bias/1':{'max':0}"),
          "" },

        { RULES("'stop':{'default':['a']},'/stop/0':{'allow':['b']}"),
          "2:19: " P
            "/stop/default: the default of stop breaks a rule, in "
            "openai.chat: /stop/0 '...' is not among the values "
            "allowed for tier 't'\n" },

        /* any spelling, if an API has two */
        { RULES("'/userMeta':{'default':{'userId':1}},"
                "'/user_meta/user_id':{'force':2}"),
          "2:24: " P
            "/~1userMeta/default: the default of /userMeta breaks "
            "the rule of /user_meta/user_id, in gemini.generate, "
            "which would change it\n" },

        { RULES("'/userMeta':{'default':{'user_id':2}},"
                "'/user_meta/userId':{'force':2}"),
          "" },

        /* rules that can apply to one request */
        { "{'version':1,'default_tier':'t',"
          "'tiers':{'t':{'parameters':{'/m/u':{'deny':true}}}},"
          "\n'models':[{'match':['m'],"
          "'parameters':{'/m':{'default':{'u':1}}}}]}",
          "2:56: /models/0/parameters/~1m/default: the default "
            "of /m breaks a rule in tier 't': /m/u is not "
            "permitted for tier 't'\n" },

        { "{'version':1,'default_tier':'t',"
          "'tiers':{'t':{'parameters':{'/m/u':{'max':0}}}},"
          "\n'models':[{'match':['m'],"
          "'parameters':{'/m':{'default':{'u':1}}}}]}",
          "2:56: /models/0/parameters/~1m/default: the default "
            "of /m breaks the rule of /m/u in tier 't', which "
            "would change it\n" },

        { "{'version':1,'default_tier':'t',"
          "'tiers':{'t':{'parameters':{'/m/u':{'max':1}}}},"
          "\n'models':[{'match':['m'],"
          "'parameters':{'/m':{'default':{'u':1}}}}]}",
          "" },

        { "{'version':1,'default_tier':'t',"
          "'tiers':{'t':{'parameters':{'/m/u':{'max':0}}}},"
          "\n'models':[{'match':['m'],"
          "'parameters':{'/m':{'default':{'u':1}},'/m/u':{}}}]}",
          "" },

        { "{'version':1,'default_tier':'t',"
          "'tiers':{'t':{'parameters':{'/m':{'default':{'u':1}}}}},"
          "\n'models':[{'match':['m'],"
          "'parameters':{'/m/u':{'max':0}}}]}",
          "1:77: /tiers/t/parameters/~1m/default: the default of "
            "/m breaks the rule of /m/u in 'models', which would "
            "change it\n" },

        { "{'version':1,'default_tier':'t',"
          "'tiers':{'t':{'parameters':{'/m':{'default':{'u':1}}}}},"
          "\n'models':[{'match':['m'],"
          "'parameters':{'/m/u':{'max':0},'/m':{}}}]}",
          "" },

        { "{'version':1,'default_tier':'t',"
          "'tiers':{'t':{'parameters':{'/m':{'default':{'u':1}}}}},"
          "\n'models':[{'match':['m'],'parameters':{'/m':{}}},"
          "{'match':['m'],'parameters':{'/m/u':{'max':0}}}]}",
          "1:77: /tiers/t/parameters/~1m/default: the default of "
            "/m breaks the rule of /m/u in 'models', which would "
            "change it\n" },

        { "{'version':1,'default_tier':'t',"
          "'tiers':{'t':{'parameters':{}}},"
          "\n'models':[{'match':['m'],"
          "'parameters':{'/m':{'default':{'u':1}}}},"
          "{'match':['m'],'parameters':{'/m/u':{'max':0}}}]}",
          "2:56: /models/0/parameters/~1m/default: the default "
            "of /m breaks the rule of /m/u in 'models', which "
            "would change it\n" },

        { "{'version':1,'default_tier':'t',"
          "'tiers':{'t':{'parameters':{}}},"
          "\n'models':[{'match':['m'],"
          "'parameters':{'/m/u':{'max':0}}},{'match':['m'],"
          "'parameters':{'/m':{'default':{'u':1}}}}]}",
          "2:104: /models/1/parameters/~1m/default: the default "
            "of /m breaks the rule of /m/u in 'models', which "
            "would change it\n" },

        { "{'version':1,'default_tier':'t',"
          "'tiers':{'t':{'parameters':{}}},"
          "\n'models':[{'match':['m'],"
          "'parameters':{'/m/u':{'max':0},'/m':{}}},"
          "{'match':['m'],"
          "'parameters':{'/m':{'default':{'u':1}}}}]}",
          "2:101: /models/1/parameters/~1m: warning: this rule "
            "never holds: earlier entries have one of '/m' for "
            "all of these models, and the first one wins\n" },

        { "{'version':1,'default_tier':'t','tiers':{'t':{'parameters':{"
          "'/model':{'force':'x'},'/m':{'default':{'u':1}},"
          "'/m/u':{'max':3}}}},\n'models':[{'match':['y'],'parameters':{"
          "'/model':{'force':'z'}}}]}",
          "" },

        { "{'version':1,'default_tier':'t',"
          "'tiers':{'t':{'parameters':{}}},"
          "\n'models':[{'match':['fast'],"
          "'parameters':{'n':{'max':1},'/model':{'force':'o3'}}}]}",
          "2:47: /models/0/parameters/n: warning: this rule does not "
            "hold for what '/model' sends: put it into an entry that "
            "matches 'o3'\n" },

        { "{'version':1,'default_tier':'t',"
          "'tiers':{'t':{'parameters':{}}},"
          "\n'models':[{'match':['~^o'],"
          "'parameters':{'n':{'max':1},'/model':{'force':'o3'}}},"
          "{'match':['m'],'parameters':{'/model':{'force':'o3'}}},"
          "{'match':['n'],"
          "'parameters':{'/model':{'default':'o3'},'n':{'max':1}}}]}",
          "" },

        { "{'version':1,'default_tier':'t',"
          "'tiers':{'t':{'parameters':{'/m':{'default':{'u':1}}}},"
          "'s':{'parameters':{'/m/u':{'max':0}}}},\n'models':[]}",
          "" },

        { "{'version':1,'default_tier':'t',"
          "'tiers':{'t':{'parameters':{'temperature':{'max':1}}}},"
          "\n'models':[{'match':['m'],"
          "'parameters':{'/tools':{'force':"
          "[{'parameters':{'temperature':2}}]}}}]}",
          "2:58: /models/0/parameters/~1tools/force: the forced "
            "value of /tools breaks the rule of temperature in "
            "tier 't', in openai.chat, which would change it\n" },

        { "{'version':1,'default_tier':'t',"
          "'tiers':{'t':{'parameters':{'temperature':{'max':1}}}},"
          "\n'models':[{'match':['m'],"
          "'parameters':{'temperature':{},"
          "'/tools':{'force':[{'parameters':{'temperature':2}}]}}}]}",
          "" },

        { "{'version':1,'default_tier':'t',"
          "'tiers':{'t':{'parameters':{'logit_bias':{'force':{'1':1}}}}},"
          "\n'models':[{'match':['m'],"
          "'parameters':{'/logit_bias/1':{'max':0}}}]}",
          "1:83: /tiers/t/parameters/logit_bias/force: the "
            "forced value of logit_bias breaks the rule of "
            "/logit_bias/1 in 'models', in openai.chat, which "
            "would change it\n" },

        { "{'version':1,'default_tier':'t',"
          "'tiers':{'t':{'parameters':{'logit_bias':{'force':{'1':1}}}}},"
          "\n'models':[{'match':['m'],"
          "'parameters':{'logit_bias':{},"
          "'/logit_bias/1':{'max':0}}}]}",
          "" },

        { "{'version':1,'default_tier':'t',"
          "'tiers':{'t':{'parameters':{'logit_bias':{'force':{'1':1}}}}},"
          "\n'models':[{'match':['m'],"
          "'parameters':{'/logit_bias':{},"
          "'/logit_bias/1':{'max':0}}}]}",
          "" }
    };

    (void) state;

    check_errors(cases, test_nelts(cases));
}


static void
test_models(void **state)
{
    static const errors_case_t  cases[] = {

        { TOP("'models':{}"),
          "2:10: /models: must be an array, not an object\n" },

        { TOP("'models':[]"),
          "" },

        { TOP("'models':[1,{'match':['a'],'parameters':{}}]"),
          "2:11: /models/0: must be an object, not a number\n" },

        { TOP("'models':[{'match':['a']}]"),
          "2:11: /models/0: required member 'parameters' or "
            "'price' is missing\n" },

        { TOP("'models':[{'parameters':{}}]"),
          "2:11: /models/0: required member 'match' is missing\n" },

        { TOP("'models':[{'match':[],'parameters':{}}]"),
          "2:20: /models/0/match: must have at least one pattern\n" },

        { TOP("'models':[{'match':'a','parameters':{}}]"),
          "2:20: /models/0/match: must be an array, not a string\n" },

        { TOP("'models':[{'match':['~['],'parameters':{'n':{'max':0.5}},"
              "'x':1}]"),
          "2:21: /models/0/match/0: pattern does not compile: missing "
            "terminating ] for character class at offset 2\n"
          "2:52: /models/0/parameters/n/max: 'n' takes a whole number\n"
          "2:58: /models/0/x: unknown member 'x'; expected one of 'name', "
            "'match', 'parameters', 'source', 'tiers', 'price'\n" }
    };

    (void) state;

    check_errors(cases, test_nelts(cases));
}


static void
test_tenants(void **state)
{
    static const errors_case_t  cases[] = {

        { TOP("'tenants':[]"),
          "2:11: /tenants: must be an object, not an array\n" },

        { TOP("'tenants':{}"),
          "" },

        { TOP("'tenants':{'a':1,'':{'tier':'t','keys':[]}}"),
          "2:16: /tenants/a: must be an object, not a number\n"
          "2:18: /tenants/: the name must not be empty\n" },

        { TOP("'tenants':{'a\\nb':{'tier':'t','keys':[]}}"),
          "2:12: /tenants/a?b" INVISIBLE },

        { TOP("'tenants':{'a':{}}"),
          "2:16: /tenants/a: required member 'tier' is missing\n" },

        { TOP("'tenants':{'a':{'tier':'gold','keys':[],'key':1}}"),
          "2:24: /tenants/a/tier: tier 'gold' is not defined; expected one of "
            "'t'\n"
          "2:41: /tenants/a/key: unknown member 'key'; did you mean "
            "'keys'?\n" },

        { TOP("'tenants':{'a':{'tier':1,'keys':{}}}"),
          "2:24: /tenants/a/tier: must be a string, not a number\n"
          "2:33: /tenants/a/keys: must be an array, not an object\n" },

        { TOP("'tenants':{'a':{'tier':'t','keys':['sk-clear',1,"
              "'sha256:00']}}"),
          "2:36: /tenants/a/keys/0: must be 'sha256:' and 64 hex digits, "
            "as 'llm-policy hash-key' prints them\n"
          "2:47: /tenants/a/keys/1: must be a string or an object, not a "
            "number\n"
          "2:49: /tenants/a/keys/2: must be 'sha256:' and 64 hex digits, "
            "as 'llm-policy hash-key' prints them\n" },

        { TOP("'tenants':{'a':{'tier':'t','keys':[\n'sha256:000000000000000"
              "000000000000000000000000000000000000000000000000a',"
              "\n'sha256:00000000000000000000000000000000000000000000000000"
              "0000000000000b']},'b':{'tier':'t',"
              "'keys':[\n'sha256:000000000000000000000000000000000000000000"
              "000000000000000000000A']}}"),
          "5:1: /tenants/b/keys/0: this API key is already listed for "
            "tenant 'a'\n" },

        { TOP("'tenants':{'a':{'tier':'t','keys':[\n'sha256:000000000000000"
              "000000000000000000000000000000000000000000000000a',"
              "\n'sha256:00000000000000000000000000000000000000000000000000"
              "0000000000000a',\n'sha256:0000000000000000000000000000000000"
              "00000000000000000000000000000a']}}"),
          "4:1: /tenants/a/keys/1: this API key is already listed for "
            "tenant 'a'\n"
          "5:1: /tenants/a/keys/2: this API key is already listed for "
            "tenant 'a'\n" }
    };

    (void) state;

    check_errors(cases, test_nelts(cases));
}


static void
test_routes(void **state)
{
    static const errors_case_t  cases[] = {

        { TOP("'routes':{}"),
          "2:10: /routes: must be an array, not an object\n" },

        { TOP("'routes':['/chat']"),
          "2:11: /routes/0: must be an object, not a string\n" },

        { TOP("'routes':[{'dialect':'openai.chat'}]"),
          "2:11: /routes/0: required member 'path' is missing\n" },

        { TOP("'routes':[{'path':'/chat'}]"),
          "2:11: /routes/0: must have 'dialect' or 'action'\n" },

        { TOP("'routes':[{'path':'/chat','dialect':'openai.chat',"
              "'action':'pass'}]"),
          "2:60: /routes/0/action: 'action' excludes 'dialect'; use one of "
            "them\n" },

        { TOP("'routes':[{'path':'chat','action':'pass'},{'path':'',"
              "'action':'pass'}]"),
          "2:19: /routes/0/path: must start with '/', or with '~' if it "
            "is a regular expression\n"
          "2:51: /routes/1/path: must start with '/', or with '~' if it "
            "is a regular expression\n" },

        { TOP("'routes':[{'path':1,'action':'pass'}]"),
          "2:19: /routes/0/path: must be a string, not a number\n" },

        { TOP("'routes':[{'path':'~(','action':'pass'}]"),
          "2:19: /routes/0/path: pattern does not compile: missing "
            "closing parenthesis at offset 2\n" },

        { TOP("'routes':[{'path':'/a','action':'pass','encoded':true},"
              "{'path':'/b','action':'reject','encoded':false},"
              "{'path':'/c','dialect':'openai.chat','encoded':true}]"), "" },

        { TOP("'routes':[{'path':'/a','action':'reject','encoded':true},"
              "{'path':'/b','action':'pass','encoded':1}]"),
          "2:52: /routes/0/encoded: 'encoded' has no effect beside 'action': "
            "'reject'\n"
          "2:97: /routes/1/encoded: must be a boolean, not a number\n" },

        { TOP("'routes':[{'path':'/a','action':'deny'}]"),
          "2:33: /routes/0/action: unknown value 'deny'; expected one of "
            "'pass', 'reject'\n" },

        { TOP("'routes':[{'path':'/a','action':1}]"),
          "2:33: /routes/0/action: must be a string, not a number\n" },

        { TOP("'routes':[{'path':'/a','dialect':'openai.cat'}]"),
          "2:34: /routes/0/dialect: unknown dialect 'openai.cat'; "
            "did you mean 'openai.chat'?\n" },

        { TOP("'routes':[{'path':'/a','dialect':2}]"),
          "2:34: /routes/0/dialect: must be a string, not a number\n" },

        { TOP("'routes':[{'path':'/a','action':'pass','methods':1}]"),
          "2:40: /routes/0/methods: unknown member 'methods'; expected one of "
            "'path', 'dialect', 'action', 'encoded'\n" }
    };

    (void) state;

    check_errors(cases, test_nelts(cases));
}


/* the first errors are kept, in the order of the document */

static void
test_many(void **state)
{
    char                  *p, *document;
    size_t                 i, len;
    llmp_arena_t           arena;
    llmp_load_errors_t     errors;

    static const char  head[] =
        "{\"version\":2,\"tiers\":{\"t\":{}},\"models\":[";

    (void) state;

    document = malloc(65536);
    assert_non_null(document);

    /* an array of 300 numbers, and a missing member found before them */

    p = document + sprintf(document, "%s", head);

    for (i = 0; i < 300; i++) {
        p += sprintf(p, "%s\n%zu", i ? "," : "", i);
    }

    p += sprintf(p, "],\"x\":1}");
    len = p - document;

    assert_null(load_text(&arena, document, len, &errors));

    assert_int_equal(errors.nelts, LLMP_DOC_ERRORS + 1);
    assert_str_is(errors.elts[0].path, "");
    assert_str_is(errors.elts[1].path, "/version");
    assert_str_is(errors.elts[2].path, "/models/0");

    i = LLMP_DOC_ERRORS - 1;
    assert_str_is(errors.elts[i].path, "/models/97");
    assert_int_equal(errors.elts[i].line, 99);
    assert_int_equal(errors.elts[i].column, 1);

    assert_str_is(errors.elts[i + 1].path, "");
    assert_str_is(errors.elts[i + 1].message,
                  "there are more errors after this one");
    assert_int_equal(errors.elts[i + 1].line, 99);

    llmp_arena_reset(&arena);
    free(document);
}


static void
test_too_large(void **state)
{
    char                  *document;
    llmp_arena_t           arena;
    llmp_policy_t         *policy;
    llmp_load_errors_t     errors;

    static const char  least[] =
        "{\"tiers\":{\"t\":{}},\"version\":1,\"default_tier\":\"t\"}";

    (void) state;

    document = malloc(LLMP_POLICY_MAX + 1);
    assert_non_null(document);
    memset(document, ' ', LLMP_POLICY_MAX + 1);
    memcpy(document, least, sizeof(least) - 1);

    policy = load_text(&arena, document, LLMP_POLICY_MAX, &errors);
    assert_non_null(policy);
    llmp_policy_free(policy);
    llmp_arena_reset(&arena);

    assert_null(load_text(&arena, document, LLMP_POLICY_MAX + 1, &errors));
    assert_int_equal(errors.nelts, 1);
    assert_int_equal(errors.elts[0].line, 1);
    assert_int_equal(errors.elts[0].column, 1);
    assert_str_is(errors.elts[0].message,
                  "the document is larger than 16 MiB");
    llmp_arena_reset(&arena);

    free(document);
}


/*
 * Checks a rule of two verbs.  If they exclude each other, the error is about
 * the one that is later in the list of all verbs.
 */

static void
check_pair(const char *one, const char *two, int together, int one_first)
{
    int          column;
    char         document[256], errors[256];
    size_t       len;
    errors_case_t       pair;
    const char  *strong, *weak;

    strong = one_first ? one : two;
    weak = one_first ? two : one;

    (void) snprintf(document, sizeof(document), RULES("'/v':{%s,%s}"), one,
                    two);

    errors[0] = '\0';

    if (!together) {
        len = strcspn(weak, ":");
        column = 7 + len + 1 + (one_first ? strlen(one) + 1 : 0);

        (void) snprintf(errors, sizeof(errors),
                        "2:%d: " P "/~1v/%.*s: %.*s excludes %.*s; "
                        "use one of them\n",
                        column, (int) len - 2, weak + 1, (int) len, weak,
                        (int) strcspn(strong, ":"), strong);
    }

    pair.document = document;
    pair.errors = errors;

    check_errors(&pair, 1);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_syntax),
        cmocka_unit_test(test_top),
        cmocka_unit_test(test_tiers),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_exclusions),
        cmocka_unit_test(test_on_violation),
        cmocka_unit_test(test_facts),
        cmocka_unit_test(test_templates),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_allow),
        cmocka_unit_test(test_constants),
        cmocka_unit_test(test_models),
        cmocka_unit_test(test_model_names),
        cmocka_unit_test(test_tenants),
        cmocka_unit_test(test_routes),
        cmocka_unit_test(test_many),
        cmocka_unit_test(test_too_large)
    };

    return cmocka_run_group_tests_name("doc_error", tests, NULL, NULL);
}
