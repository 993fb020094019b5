
/*
 * Copyright (C) llm-policy authors
 *
 * Members that an API accepts next to another one only: they are written next
 * to it, wherever it is, and not without it.
 */


#include <stdio.h>

#include "decide_run.h"
#include "policy_load.h"
#include "test.h"


#define CHAT        "openai.chat"
#define OTHER       "compatible.chat"
#define TEXT        "openai.completions"
#define RESPONSES   "openai.responses"
#define MESSAGES    "anthropic.messages"
#define GEMINI      "gemini.generate"
#define CONVERSE    "bedrock.converse"
#define MISTRAL     "mistral.chat"

#define USAGE       "'/stream_options/include_usage':{'force':true}"
#define OPTIONS     "'/stream_options':{'default':{'include_usage':true}}"
#define PARALLEL    "'parallel_tool_calls':{'force':false}"
#define CHOICE      "'/tool_choice':{'default':'auto'}"
#define TOP         "'top_logprobs':{'default':3}"
#define MODE        "'/toolConfig/functionCallingConfig/mode':"               \
                    "{'default':'AUTO'}"

#define NO_STREAM   "'stream':{'force':false}"
#define NO_TOOLS    "'/tools':{'remove':true}"

#define ASKED       "'stream_options':{'include_usage':true}"


typedef struct {
    const char  *rules;
    const char  *dialect;
    const char  *body;
    const char  *sent;  /* NULL: unchanged */
} case_t;


static const case_t  cases[] = {

    /* a stream, also one that the policy makes */

    { USAGE, CHAT, "{'model':'m'}", NULL },
    { USAGE, CHAT, "{'stream':false}", NULL },
    { USAGE, CHAT, "{'stream':null}", NULL },
    { USAGE, CHAT, "{'stream':'true'}", NULL },
    { USAGE, CHAT, "{'stream_options':null}", NULL },
    { USAGE, CHAT, "{'stream_options':{}}", NULL },
    { USAGE, CHAT, "{'stream_options':{},'stream':false}", NULL },
    { USAGE, CHAT, "{'stream_options':{'include_usage':false}}",
      "{" ASKED "}" },

    { USAGE, CHAT, "{'stream':true}", "{'stream':true," ASKED "}" },
    { USAGE, CHAT, "{'stream_options':{},'a':[1],'stream':true}",
      "{" ASKED ",'a':[1],'stream':true}" },
    { USAGE, CHAT, "{'stream_options':null,'a':[1],'stream':true}",
      "{" ASKED ",'a':[1],'stream':true}" },
    { USAGE, OTHER, "{'stream':true}", "{'stream':true," ASKED "}" },
    { USAGE, TEXT, "{'stream':true}", "{'stream':true," ASKED "}" },
    { USAGE, TEXT, "{'prompt':'p'}", NULL },

    { OPTIONS, CHAT, "{'stream':false}", NULL },
    { OPTIONS, CHAT, "{'stream':true}", "{'stream':true," ASKED "}" },

    { USAGE ",'stream':{'force':true}", CHAT, "{'stream_options':{}}",
      "{" ASKED ",'stream':true}" },
    { USAGE ",'stream':{'force':false}", CHAT,
      "{'stream_options':{},'stream':true}",
      "{'stream':false}" },
    { USAGE ",'stream':{'remove':true}", CHAT, "{'stream':true,'a':1}",
      "{'a':1}" },
    { USAGE ",'/stream':{'default':true}", CHAT, "{'model':'m'}",
      "{'model':'m','stream':true," ASKED "}" },

    /* APIs that have no such member, or none inside it */

    { USAGE "," OPTIONS, RESPONSES, "{'stream':true}", NULL },
    { USAGE "," OPTIONS, MESSAGES, "{'stream':true}", NULL },
    { USAGE "," OPTIONS, MISTRAL, "{'stream':true}", NULL },
    { USAGE "," OPTIONS, GEMINI, "{'stream':true}", NULL },
    { USAGE, "ollama", "{'stream':true}", NULL },
    { "'/stream_options/include_obfuscation':{'default':false}", RESPONSES,
      "{'stream_options':{},'stream':true}",
      "{'stream_options':{'include_obfuscation':false},'stream':true}" },
    { "'/stream_options/include_obfuscation':{'default':false}", RESPONSES,
      "{'stream_options':{},'stream':false}", NULL },

    /* tools */

    { PARALLEL, CHAT, "{'model':'m'}", NULL },
    { PARALLEL, CHAT, "{'parallel_tool_calls':null}", NULL },
    { PARALLEL, CHAT, "{'tools':[]}", NULL },
    { PARALLEL, CHAT, "{'tools':null}", NULL },
    { PARALLEL, CHAT, "{'parallel_tool_calls':true}",
      "{'parallel_tool_calls':false}" },
    { PARALLEL, CHAT, "{'parallel_tool_calls':null,'tools':[{}]}",
      "{'parallel_tool_calls':false,'tools':[{}]}" },
    { PARALLEL, OTHER, "{'tools':[{}]}",
      "{'tools':[{}],'parallel_tool_calls':false}" },
    { "'/parallel_tool_calls':{'default':true}", CHAT, "{'a':1}", NULL },
    { "'/parallel_tool_calls':{'default':true}", MESSAGES, "{'tools':[{}]}",
      NULL },
    { PARALLEL, RESPONSES, "{'a':1}", "{'a':1,'parallel_tool_calls':false}" },
    { PARALLEL, MISTRAL, "{'a':1}", "{'a':1,'parallel_tool_calls':false}" },

    { PARALLEL ",'/tools':{'remove':true}", CHAT, "{'a':1,'tools':[{}]}",
      "{'a':1}" },
    { PARALLEL ",'/tools/0':{'remove':true}", CHAT, "{'tools':[{}]}",
      "{'tools':[]}" },
    { PARALLEL ",'/tools':{'force':[ ]}", CHAT, "{'tools':[{}]}",
      "{'tools':[ ]}" },
    { PARALLEL ",'/tools':{'default':[{}]}", CHAT, "{'a':1}",
      "{'a':1,'tools':[{}],'parallel_tool_calls':false}" },

    { CHOICE, CHAT, "{'a':1}", NULL },
    { CHOICE, CHAT, "{'tools':[{}]}", "{'tools':[{}],'tool_choice':'auto'}" },
    { "'/tool_choice/type':{'default':'auto'}", MESSAGES, "{'a':1}", NULL },
    { "'/tool_choice/type':{'default':'auto'}", MESSAGES,
      "{'tool_choice':{},'tools':[{}]}",
      "{'tool_choice':{'type':'auto'},'tools':[{}]}" },
    { "'/tool_choice/type':{'default':'auto'}", MESSAGES,
      "{'tool_choice':{},'a':1}", NULL },
    { "'/function_call':{'force':'none'}", CHAT, "{'tools':[{}]}", NULL },
    { "'/function_call':{'force':'none'}", CHAT, "{'functions':[{}]}",
      "{'functions':[{}],'function_call':'none'}" },

    { MODE, GEMINI, "{'tools':[{'googleSearch':{}}]}", NULL },
    { MODE, GEMINI, "{'toolConfig':{},'tools':[{'a':{}},"
      "{'function_declarations':[{}]}]}",
      "{'toolConfig':{'functionCallingConfig':{'mode':'AUTO'}},"
      "'tools':[{'a':{}},{'function_declarations':[{}]}]}" },
    { MODE, GEMINI, "{'tool_config':{},'tools':[{'functionDeclarations':[]}]}",
      NULL },
    { "'/toolConfig/toolChoice/auto':{'default':{}}", CONVERSE,
      "{'toolConfig':{'tools':[]}}", NULL },
    { "'/toolConfig/toolChoice/auto':{'default':{}}", CONVERSE,
      "{'toolConfig':{'tools':[{}]},'a':1}",
      "{'toolConfig':{'tools':[{}],'toolChoice':{'auto':{}}},'a':1}" },
    { "'/toolConfig/toolChoice/auto':{'default':{}}", CONVERSE, "{'a':1}",
      NULL },

    /* probabilities */

    { TOP, CHAT, "{'a':1}", NULL },
    { TOP, CHAT, "{'logprobs':false}", NULL },
    { TOP, CHAT, "{'logprobs':true}", "{'logprobs':true,'top_logprobs':3}" },
    { TOP ",'logprobs':{'default':true}", CHAT, "{'a':1}",
      "{'a':1,'logprobs':true,'top_logprobs':3}" },
    { TOP, RESPONSES, "{'a':1}", "{'a':1,'top_logprobs':3}" },
    { TOP, GEMINI, "{'generationConfig':{},'a':1}", NULL },
    { TOP, GEMINI, "{'generationConfig':{'response_logprobs':true},'a':1}",
      "{'generationConfig':{'response_logprobs':true,'logprobs':3},'a':1}" },

    /* the policy takes the other one out, or changes it */

    { NO_STREAM, CHAT, "{'stream_options':{'a':1},'stream':true,'b':1}",
      "{'stream':false,'b':1}" },
    { NO_STREAM, OTHER, "{'stream':true,'stream_options':{}}",
      "{'stream':false}" },
    { NO_STREAM, TEXT, "{'stream':true,'stream_options':{}}",
      "{'stream':false}" },
    { NO_STREAM, RESPONSES,
      "{'stream':true,'stream_options':{'include_obfuscation':false}}",
      "{'stream':false}" },
    { "'stream':{'remove':true}", CHAT, "{'stream':true,'stream_options':{}}",
      "{}" },
    { "'/stream':{'remove':true}", CHAT, "{'stream':true,'stream_options':{}}",
      "{}" },
    { "'/stream':{'force':false}", CHAT,
      "{'a':1,'stream_options':{},'stream':true}", "{'a':1,'stream':false}" },

    { NO_TOOLS, CHAT, "{'tools':[{}],'tool_choice':'auto','a':1,"
      "'parallel_tool_calls':true}", "{'a':1}" },
    { NO_TOOLS, CHAT, "{'tool_choice':{'type':'function','function':"
      "{'name':'f'}},'a':1,'tools':[{}]}", "{'a':1}" },
    { NO_TOOLS, RESPONSES, "{'tool_choice':'auto','a':1,'tools':[{}]}",
      "{'a':1}" },
    { NO_TOOLS, MESSAGES, "{'tool_choice':{'type':'auto'},'tools':[{}]}",
      "{}" },
    { NO_TOOLS, GEMINI, "{'toolConfig':{'functionCallingConfig':{'mode':'ANY'},"
      "'x':1},'tools':[{'functionDeclarations':[{}]}]}",
      "{'toolConfig':{'x':1}}" },
    { NO_TOOLS, GEMINI, "{'tool_config':{'function_calling_config':{'a':1}},"
      "'tools':[{'functionDeclarations':[{}]}]}", "{'tool_config':{}}" },
    { "'/toolConfig/tools':{'remove':true}", CONVERSE,
      "{'a':1,'toolConfig':{'toolChoice':{'auto':{}},'tools':[{}]}}",
      "{'a':1}" },
    { "'/toolConfig/tools':{'default':[{}]}", CONVERSE, "{'a':1}",
      "{'a':1,'toolConfig':{'tools':[{}]}}" },
    { "'/functions':{'remove':true}", CHAT,
      "{'function_call':'f','functions':[{}]}", "{}" },

    /* a part of it is not all */

    { "'/tools/0':{'remove':true}", CHAT,
      "{'tools':[{},{}],'tool_choice':'auto'}",
      "{'tools':[{}],'tool_choice':'auto'}" },
    { "'/tools/0':{'remove':true}", CHAT,
      "{'tools':[{}],'tool_choice':'auto'}", "{'tools':[]}" },

    /* also if a rule is about the member that needs it */

    { "'logprobs':{'remove':true},'top_logprobs':{'max':2}", CHAT,
      "{'logprobs':true,'top_logprobs':5,'a':1}", "{'a':1}" },
    { "'logprobs':{'force':false}", CHAT, "{'top_logprobs':5,'logprobs':true}",
      "{'logprobs':false}" },
    { "'logprobs':{'force':false}", GEMINI, "{'generationConfig':"
      "{'logprobs':3,'responseLogprobs':true}}",
      "{'generationConfig':{'responseLogprobs':false}}" },

    { "'store':{'force':false}", CHAT, "{'metadata':{'a':'b'},'store':true}",
      "{'store':false}" },
    { "'store':{'force':false}", OTHER, "{'metadata':{'a':'b'},'store':true}",
      "{'metadata':{'a':'b'},'store':false}" },
    { "'store':{'force':false},'/metadata/a':{'default':'b'}", CHAT,
      "{'metadata':{}}", "{'metadata':{'a':'b'},'store':false}" },

    /* a member without the other one in the request is the client's mistake */

    { NO_STREAM, CHAT, "{'stream':false,'stream_options':{}}", NULL },
    { NO_STREAM, CHAT, "{'stream':true,'stream_options':null}",
      "{'stream':false,'stream_options':null}" },
    { NO_TOOLS, CHAT, "{'tool_choice':'none'}", NULL },
    { NO_TOOLS, CHAT, "{'tool_choice':'none','tools':[]}",
      "{'tool_choice':'none'}" },

    /* a rule can require the member anyway */

    { "'parallel_tool_calls':{'require':true}", CHAT,
      "{'parallel_tool_calls':true}", NULL }
};


static void
test_cases(void **state)
{
    char               tier[2048], body[1024], sent[1024];
    size_t             i;
    llmp_str_t         doc, result;
    llmp_decision_t    decision;
    policy_fixture_t  *f = *state;

    for (i = 0; i < test_nelts(cases); i++) {
        quote(body, sizeof(body), "'parameters':{");
        quote(sent, sizeof(sent), cases[i].rules);
        snprintf(tier, sizeof(tier), "%s%s}", body, sent);

        policy_use(f, tier, "");

        quote(body, sizeof(body), cases[i].body);
        quote(sent, sizeof(sent), cases[i].sent != NULL ? cases[i].sent
                                                        : cases[i].body);

        doc = test_cstr(body);

        llmp_arena_reset(&f->arena);

        if (decide_as(&f->arena, f->policy, cases[i].dialect, &doc, &decision,
                      &result)
            != LLMP_OK)
        {
            fail_msg("%s: %s", body, decision.refusal.message);
        }

        text_is(&result, sent, body);
    }
}


/* a model's rule about the other member counts, wherever the model is */

static void
test_by_model(void **state)
{
    char               tier[256], rest[256], body[256];
    size_t             i;
    llmp_str_t         doc, result;
    llmp_decision_t    decision;
    policy_fixture_t  *f = *state;

    static const char *const  bodies[][2] = {
        { "{'stream_options':{},'stream':true,'model':'o1'}",
          "{\"stream\":false,\"model\":\"o1\"}" },
        { "{'stream_options':{},'stream':true,'model':'x'}",
          "{\"stream_options\":{\"include_usage\":true},\"stream\":true,"
          "\"model\":\"x\"}" }
    };

    quote(tier, sizeof(tier), "'parameters':{" USAGE "}");
    quote(rest, sizeof(rest), ",'models':[{'match':['~^o'],'parameters':"
                              "{'stream':{'force':false}}}]");

    policy_use(f, tier, rest);

    for (i = 0; i < test_nelts(bodies); i++) {
        quote(body, sizeof(body), bodies[i][0]);
        doc = test_cstr(body);

        llmp_arena_reset(&f->arena);

        assert_int_equal(decide_as(&f->arena, f->policy, CHAT, &doc, &decision,
                                   &result), LLMP_OK);
        text_is(&result, bodies[i][1], body);
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_by_model)
    };

    return cmocka_run_group_tests_name("decide_need", tests, policy_setup,
                                       policy_teardown);
}
