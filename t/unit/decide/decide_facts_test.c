
/*
 * Copyright (C) llm-policy authors
 *
 * Facts about models: what is written for a model, and under which name.
 */


#include <stdio.h>

#include "test.h"
#include "decide_run.h"
#include "policy_load.h"


typedef struct {
    const char  *rules;      /* the tier's parameters */
    const char  *models;     /* entries */
    const char  *dialect;
    const char  *body;
    const char  *expected;   /* the forwarded body; NULL: unchanged */
} facts_case_t;


#define CHAT      "openai.chat"
#define CONVERSE  "bedrock.converse"

#define TOKENS  "'max_tokens':{'default':5,'max':9}"

#define ONE(facts)  "{'match':['~^m'],'parameters':{" facts "}}"


static const facts_case_t  cases[] = {

    /* the name, by the model's own name */
    { TOKENS, "", CHAT, "{'model':'gpt-6-sol'}",
      "{'model':'gpt-6-sol','max_completion_tokens':5}" },
    { TOKENS, "", CHAT, "{'model':'gpt-4o'}",
      "{'model':'gpt-4o','max_tokens':5}" },
    { TOKENS, "", CHAT, "{'max_tokens' : null,'model':'gpt-5-mini'}",
      "{'max_completion_tokens':5,'model':'gpt-5-mini'}" },
    { TOKENS, "", CHAT, "{'model':'gpt-4o','max_tokens':null}",
      "{'model':'gpt-4o','max_tokens':5}" },

    /* a value that is changed is renamed, another one is not */
    { TOKENS, "", CHAT, "{'model':'o3','max_tokens':99}",
      "{'model':'o3','max_completion_tokens':9}" },
    { TOKENS, "", CHAT, "{'model':'o3','max_tokens' :\n-1 }",
      "{'model':'o3','max_completion_tokens':9 }" },
    { TOKENS, "", CHAT, "{'model':'o3','max_tokens':7}", NULL },
    { TOKENS, "", CHAT, "{'model':'o3','max_completion_tokens':99}",
      "{'model':'o3','max_completion_tokens':9}" },
    { "'max_tokens':{'force':3}", "", CHAT, "{'model':'o3','max_tokens':7}",
      "{'model':'o3','max_completion_tokens':3}" },
    { "'max_tokens':{'remove':true}", "", CHAT,
      "{'model':'o3','max_tokens':7}", "{'model':'o3'}" },

    /* no name is written twice */
    { TOKENS, "", CHAT, "{'model':'o3','max_tokens':99,"
      "'max_completion_tokens':98}",
      "{'model':'o3','max_tokens':9,'max_completion_tokens':9}" },
    { TOKENS, "", CHAT, "{'model':'o3','max_tokens':99,"
      "'max_completion_tokens':null}",
      "{'model':'o3','max_tokens':9,'max_completion_tokens':null}" },
    { TOKENS, "", CHAT, "{'model':'o3','max_tokens':null,"
      "'max_completion_tokens':null}",
      "{'model':'o3','max_tokens':null,'max_completion_tokens':5}" },
    { TOKENS, "", CHAT, "{'model':'o3','max_completion_tokens':null,"
      "'max_tokens':null}",
      "{'model':'o3','max_completion_tokens':5,'max_tokens':null}" },

    /* a spelling of another server keeps its name */
    { TOKENS, "", CHAT, "{'model':'o3','n_predict':99,'max_tokens':1}",
      "{'model':'o3','n_predict':9,'max_tokens':1}" },

    /* an API with one name */
    { TOKENS, "", "compatible.chat", "{'model':'gpt-5'}",
      "{'model':'gpt-5','max_tokens':5}" },
    { TOKENS, "", "openai.responses", "{'model':'gpt-5'}",
      "{'model':'gpt-5','max_output_tokens':16}" },

    /* the policy's name: the model takes no other */
    { TOKENS, ONE("'max_tokens':{'as':'max_completion_tokens'}"), CHAT,
      "{'model':'m'}", "{'model':'m','max_completion_tokens':5}" },
    { TOKENS, ONE("'max_tokens':{'as':'max_completion_tokens'}"), CHAT,
      "{'max_tokens':7,'model':'m'}",
      "{'max_completion_tokens':7,'model':'m'}" },
    { TOKENS, ONE("'max_tokens':{'as':'max_completion_tokens'}"), CHAT,
      "{'max_tokens':99,'model':'m'}",
      "{'max_completion_tokens':9,'model':'m'}" },
    { TOKENS, ONE("'max_tokens':{'as':'max_completion_tokens'}"), CHAT,
      "{'max_tokens':7,'model':'x'}", NULL },
    { "", ONE("'max_tokens':{'as':'max_completion_tokens'}"), CHAT,
      "{'max_tokens':7,'model':'m'}",
      "{'max_completion_tokens':7,'model':'m'}" },
    { "", ONE("'max_tokens':{'as':'max_completion_tokens'}"), CHAT,
      "{'max_tokens':7,'model':'m','max_completion_tokens':7}", NULL },
    { "'max_tokens':{'max':9,'as':'max_completion_tokens'}", "", CHAT,
      "{'max_tokens':7}", "{'max_completion_tokens':7}" },
    { "'max_tokens':{'max':9,'as':'max_completion_tokens'}", "", CHAT, "{}",
      "{'max_completion_tokens':9}" },
    { "'max_tokens':{'max':9,'as':'max_completion_tokens'}", "",
      "anthropic.messages", "{'max_tokens':99}", "{'max_tokens':9}" },
    { "'max_tokens':{'max':9,'as':'max_output_tokens'}", "", CHAT,
      "{'max_tokens':99}", "{'max_tokens':9}" },

    /* it has precedence over the known one; the first entry's over others */
    { TOKENS, "{'match':['gpt-5'],'parameters':{'max_tokens':"
      "{'as':'max_tokens'}}}", CHAT, "{'model':'gpt-5'}",
      "{'model':'gpt-5','max_tokens':5}" },
    { TOKENS, "{'match':['gpt-5'],'parameters':{'max_tokens':"
      "{'as':'max_tokens'}}}", CHAT,
      "{'model':'gpt-5','max_completion_tokens':5}",
      "{'model':'gpt-5','max_tokens':5}" },
    { TOKENS, ONE("'max_tokens':{'as':'max_tokens'}") ","
      ONE("'max_tokens':{'as':'max_completion_tokens'}"), CHAT,
      "{'model':'m'}", "{'model':'m','max_tokens':5}" },

    /* facts leave the tier's rule in force; verbs replace it */
    { "'temperature':{'max':1}",
      ONE("'temperature':{'takes':[1]},'max_tokens':{'as':'max_tokens'}"),
      CHAT, "{'model':'m','temperature':1.9}",
      "{'model':'m','temperature':1}" },
    { "'temperature':{'max':1}",
      ONE("'temperature':{'takes':[1]}") ","
      ONE("'temperature':{'remove':true}"),
      CHAT, "{'model':'m','temperature':1.9}", "{'model':'m'}" },
    { "'temperature':{'max':1}", ONE("'temperature':{}"), CHAT,
      "{'model':'m','temperature':1.9}", NULL },

    /* a default that the model does not take */
    { "'temperature':{'default':0.7}", "", CHAT, "{'model':'gpt-5'}", NULL },
    { "'temperature':{'default':0.7}", "", CHAT, "{'model':'gpt-4o'}",
      "{'model':'gpt-4o','temperature':0.7}" },
    { "'temperature':{'default':0.7}", "", CHAT,
      "{'model':'gpt-5','temperature':null}", NULL },
    { "'temperature':{'default':0.7}", "", "anthropic.messages",
      "{'model':'claude-opus-5'}", NULL },
    { "'temperature':{'default':1.0}", ONE("'temperature':{'takes':[1]}"),
      CHAT, "{'model':'m'}", "{'model':'m','temperature':1.0}" },
    { "'reasoning_effort':{'default':'minimal'}",
      ONE("'reasoning_effort':{'takes':['low','high']}"), CHAT,
      "{'model':'m'}", NULL },
    { "'reasoning_effort':{'default':'high'}",
      ONE("'reasoning_effort':{'takes':['low','high']}"), CHAT,
      "{'model':'m'}", "{'model':'m','reasoning_effort':'high'}" },
    { "'reasoning_effort':{'default':'high'}",
      ONE("'reasoning_effort':{'takes':[]}"), "openai.responses",
      "{'model':'m'}", NULL },

    /* bounds, forced values and the client's are no defaults */
    { "'temperature':{'default':0.2,'max':0.5}", "", CHAT,
      "{'model':'gpt-5'}", "{'model':'gpt-5','temperature':0.5}" },
    { "'temperature':{'default':0.2,'max':0.5}", "", CHAT,
      "{'model':'gpt-5','temperature':0.3}", NULL },
    { "'temperature':{'force':0.2}", "", CHAT, "{'model':'gpt-5'}",
      "{'model':'gpt-5','temperature':0.2}" },

    /* one of two: bounds before defaults, and never next to the client's */
    { "'temperature':{'default':0.2},'top_p':{'max':0.5}", "", CONVERSE,
      "{'model':'x'}",
      "{'model':'x','inferenceConfig':{'temperature':0.2,'topP':0.5}}" },
    { "'temperature':{'default':0.2},'top_p':{'max':0.5}", "", CHAT,
      "{'model':'claude-opus-4-5'}",
      "{'model':'claude-opus-4-5','top_p':0.5}" },
    { "'temperature':{'max':0.2},'top_p':{'max':0.5}", "", CHAT,
      "{'model':'claude-opus-4-5'}",
      "{'model':'claude-opus-4-5','temperature':0.2}" },
    { "'temperature':{'default':0.2},'top_p':{'default':0.5}", "", CHAT,
      "{'model':'claude-opus-4-5'}",
      "{'model':'claude-opus-4-5','temperature':0.2}" },
    { "'temperature':{'default':0.2},'top_p':{'max':0.5}", "", CHAT,
      "{'model':'claude-opus-4-5','temperature':0.9}", NULL },
    { "'temperature':{'default':0.2},'top_p':{'max':0.5}", "", CHAT,
      "{'model':'claude-opus-4-5','top_p':0.9}",
      "{'model':'claude-opus-4-5','top_p':0.5}" },
    { "'temperature':{'default':0.2},'top_p':{'max':0.5}", "", CHAT,
      "{'model':'claude-opus-4-5','temperature':null,'top_p':null}",
      "{'model':'claude-opus-4-5','temperature':null,'top_p':0.5}" },
    { "'temperature':{'default':0.2},'/top_p':{'default':0.5}", "", CHAT,
      "{'model':'claude-opus-4-5'}",
      "{'model':'claude-opus-4-5','top_p':0.5}" },
    { "'temperature':{'default':0.2}",
      "{'match':['~^claude'],'parameters':{'top_p':{'remove':true}}}", CHAT,
      "{'model':'claude-opus-4-5','top_p':0.5}",
      "{'model':'claude-opus-4-5','temperature':0.2}" },
    { "'top_k':{'default':4},'min_p':{'default':0.1}",
      ONE("'min_p':{'not_beside':['top_k']}"), "ollama", "{'model':'m'}",
      "{'model':'m','options':{'top_k':4}}" },
    { "'top_k':{'default':4},'min_p':{'default':0.1}",
      ONE("'min_p':{'not_beside':['top_k']}"), "ollama",
      "{'model':'m','options':{}}", "{'model':'m','options':{'top_k':4}}" },
    { "'top_k':{'default':4},'min_p':{'default':0.1}",
      ONE("'min_p':{'not_beside':['top_k']}"), "ollama",
      "{'model':'m','options':{'min_p':0.3}}", NULL }
};


static void
test_facts(void **state)
{
    size_t            i;
    char              document[2048], text[1024], expected[1024], raw[2048];
    llmp_str_t        body, sent;
    llmp_arena_t      arena;
    llmp_policy_t    *policy;
    llmp_decision_t   d;

    (void) state;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        llmp_arena_init(&arena);

        snprintf(raw, sizeof(raw), "{'version':1,'default_tier':'t','tiers':"
                 "{'t':{'parameters':{%s}}},'models':[%s]}", cases[i].rules,
                 cases[i].models);

        quote(document, sizeof(document), raw);
        quote(text, sizeof(text), cases[i].body);
        quote(expected, sizeof(expected),
              cases[i].expected != NULL ? cases[i].expected : cases[i].body);

        policy = load_policy(&arena, "%s", document);

        body.data = (u_char *) text;
        body.len = strlen(text);

        if (decide_as(&arena, policy, cases[i].dialect, &body, &d, &sent)
            != LLMP_OK)
        {
            fail_msg("%s: %s", text, d.refusal.message);
        }

        text_is(&sent, expected, text);

        llmp_policy_free(policy);
        llmp_arena_reset(&arena);
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_facts)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
