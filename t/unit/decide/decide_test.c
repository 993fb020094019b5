
/*
 * Copyright (C) llm-policy authors
 *
 * From a policy and a request to the forwarded body.  Every forwarded body is
 * parsed with jansson, and decided on again: the second decision must change
 * nothing.
 */


#include <jansson.h>

#include "json/llmp_scan.h"

#include "test.h"
#include "decide_run.h"
#include "policy_load.h"


typedef struct {
    const char  *rules;      /* the tier's parameters */
    const char  *dialect;
    const char  *body;
    const char  *expected;   /* the forwarded body; NULL: unchanged; or code */
    const char  *changes;    /* NULL: not checked */
} decide_case_t;


static void check(const decide_case_t *c);
static void check_again(llmp_arena_t *arena, llmp_policy_t *policy,
    const decide_case_t *c, const llmp_str_t *sent);


static const char  plain[] =
    "{\"version\":1,\"default_tier\":\"t\","
    "\"tiers\":{\"t\":{\"parameters\":%s%s}}}";


#define CHAT  "openai.chat"
#define COMP  "openai.completions"
#define RESP  "openai.responses"
#define EMB   "openai.embeddings"


static const decide_case_t  verbs[] = {

    /* default */
    { "{\"temperature\":{\"default\":0.7}}", CHAT, "{}",
      "{\"temperature\":0.7}", "temperature=->0.7 (default)" },
    { "{\"temperature\":{\"default\":0.70}}", CHAT, "{\"a\":1}",
      "{\"a\":1,\"temperature\":0.70}", "temperature=->0.70 (default)" },
    { "{\"temperature\":{\"default\":0.7}}", CHAT, "{ }",
      "{ \"temperature\":0.7}", NULL },
    { "{\"temperature\":{\"default\":0.7}}", CHAT, "{\"a\":1\n}\n",
      "{\"a\":1\n,\"temperature\":0.7}\n", NULL },
    { "{\"temperature\":{\"default\":0.7}}", CHAT,
      "{\"temperature\" : null , \"a\":1}",
      "{\"temperature\" : 0.7 , \"a\":1}", "temperature=null->0.7 (default)" },
    { "{\"temperature\":{\"default\":0.7}}", CHAT, "{\"temperature\":1.9}",
      NULL, "" },
    { "{\"temperature\":{\"default\":0.7},\"max_tokens\":{\"default\":5}}",
      CHAT, "{}", "{\"temperature\":0.7,\"max_tokens\":5}",
      "temperature=->0.7 (default), max_tokens=->5 (default)" },
    { "{\"stop\":{\"default\":[\"a\", \"b\"]}}", CHAT, "{}",
      "{\"stop\":[\"a\", \"b\"]}", NULL },

    /* min, max */
    { "{\"temperature\":{\"min\":0.2}}", CHAT,
      "{\"temperature\":0.50000000000000000000}", "invalid_type", "" },
    { "{\"temperature\":{\"min\":0.2}}", CHAT,
      "{\"temperature\":0.0000005000000000000000000}", "{\"temperature\":0.2}",
      NULL },
    { "{\"temperature\":{\"min\":0}}", CHAT,
      "{\"temperature\":0.50000000000000000000}", NULL, "" },
    { "{\"presence_penalty\":{\"max\":-0.5}}", CHAT,
      "{\"presence_penalty\":-0.90000000000000000000}", "invalid_type", "" },
    { "{\"temperature\":{\"allow\":[0.5]}}", CHAT,
      "{\"temperature\":0.50000000000000000000}", "invalid_type", "" },
    { "{\"top_p\":{\"max\":1}}", CHAT,
      "{\"__proto__\":{\"top_p\":9}}", "undermines_policy", "" },
    { "{\"top_p\":{\"max\":1}}", CHAT,
      "{\"constructor\":{\"prototype\":{\"top_p\":9}}}",
      "undermines_policy", "" },
    { "{\"/metadata/trace\":{\"force\":1}}", CHAT, "{\"metadata\":7}",
      "invalid_type", "" },
    { "{\"temperature\":{\"max\":1}}", CHAT, "{\"temperature\":1.9}",
      "{\"temperature\":1}", "temperature=1.9->1 (max)" },
    { "{\"temperature\":{\"max\":1.0}}", CHAT, "{\"temperature\":19e-1}",
      "{\"temperature\":1.0}", "temperature=19e-1->1.0 (max)" },
    { "{\"temperature\":{\"max\":1}}", CHAT,
      "{\"temperature\":1.00000000000000000000000001}",
      "{\"temperature\":1}", NULL },
    { "{\"temperature\":{\"max\":1}}", CHAT,
      "{\"temperature\":0.99999999999999999999999999}", NULL, "" },
    { "{\"temperature\":{\"max\":1}}", CHAT, "{\"temperature\":1e0}", NULL,
      "" },
    { "{\"temperature\":{\"max\":1}}", CHAT, "{\"temperature\":0.10}", NULL,
      "" },
    { "{\"temperature\":{\"min\":0,\"max\":1}}", CHAT, "{\"temperature\":-0}",
      NULL, "" },
    { "{\"temperature\":{\"min\":0.2}}", CHAT, "{\"temperature\":-1}",
      "{\"temperature\":0.2}", "temperature=-1->0.2 (min)" },
    { "{\"temperature\":{\"max\":1}}", CHAT, "{\"temperature\":1e400}",
      "invalid_type", NULL },
    { "{\"temperature\":{\"max\":1}}", CHAT, "{\"temperature\":null}", NULL,
      "" },
    { "{\"temperature\":{\"max\":1,\"on_violation\":\"reject\"}}", CHAT,
      "{\"temperature\":1.9}", "value_not_allowed", NULL },
    { "{\"temperature\":{\"max\":1,\"on_violation\":\"clamp\"}}", CHAT,
      "{\"temperature\":1.9}", "{\"temperature\":1}", NULL },
    { "{\"temperature\":{\"min\":1,\"on_violation\":\"reject\"}}", CHAT,
      "{\"temperature\":0.9}", "value_not_allowed", NULL },

    /* a bound applies to an absent member */
    { "{\"temperature\":{\"max\":1}}", CHAT, "{}", NULL, "" },
    { "{\"temperature\":{\"max\":0.5}}", CHAT, "{}", "{\"temperature\":0.5}",
      "temperature=->0.5 (max)" },
    { "{\"temperature\":{\"min\":1.5}}", CHAT, "{}", "{\"temperature\":1.5}",
      "temperature=->1.5 (min)" },
    { "{\"temperature\":{\"max\":0.5}}", CHAT, "{\"temperature\":null}",
      "{\"temperature\":0.5}", NULL },
    { "{\"max_tokens\":{\"max\":99}}", CHAT, "{}", "{\"max_tokens\":99}",
      "max_tokens=->99 (max)" },
    { "{\"max_tokens\":{\"max\":99}}", COMP, "{}", "{\"max_tokens\":99}",
      NULL },
    { "{\"max_tokens\":{\"max\":99}}", RESP, "{}",
      "{\"max_output_tokens\":99}", NULL },
    { "{\"max_tokens\":{\"max\":9}}", RESP, "{}",
      "{\"max_output_tokens\":16}", NULL },
    { "{\"seed\":{\"max\":9}}", CHAT, "{}", NULL, "" },
    { "{\"top_k\":{\"max\":9}}", CHAT, "{}", NULL, "" },
    { "{\"top_k\":{\"default\":9}}", CHAT, "{}", NULL, "" },

    /* the dialect's legal range */
    { "{\"temperature\":{\"max\":3}}", CHAT, "{\"temperature\":9}",
      "{\"temperature\":2}", NULL },
    { "{\"temperature\":{\"default\":3}}", CHAT, "{}", "{\"temperature\":2}",
      NULL },
    { "{\"temperature\":{\"force\":3}}", CHAT, "{\"temperature\":1}",
      "{\"temperature\":2}", NULL },

    /* force */
    { "{\"temperature\":{\"force\":0}}", CHAT, "{\"temperature\":0.3}",
      "{\"temperature\":0}", "temperature=0.3->0 (force)" },
    { "{\"temperature\":{\"force\":0}}", CHAT, "{\"temperature\":0.0}", NULL,
      "" },
    { "{\"temperature\":{\"force\":0}}", CHAT, "{\"temperature\":\"x\"}",
      "{\"temperature\":0}", NULL },
    { "{\"temperature\":{\"force\":0}}", CHAT, "{}", "{\"temperature\":0}",
      NULL },
    { "{\"temperature\":{\"force\":0}}", CHAT, "{\"temperature\":null}",
      "{\"temperature\":0}", NULL },
    { "{\"stream\":{\"force\":false}}", CHAT, "{\"stream\":true}",
      "{\"stream\":false}", "stream=true->false (force)" },
    { "{\"max_tokens\":{\"force\":7}}", CHAT,
      "{\"max_completion_tokens\":9,\"max_tokens\":8,\"n_predict\":-1}",
      "{\"max_completion_tokens\":7,\"max_tokens\":7,\"n_predict\":7}", NULL },

    /* allow */
    { "{\"reasoning_effort\":{\"allow\":[\"low\",\"medium\"]}}", CHAT,
      "{\"reasoning_effort\":\"low\"}", NULL, "" },
    { "{\"reasoning_effort\":{\"allow\":[\"low\",\"medium\"]}}", CHAT,
      "{\"reasoning_effort\":\"\\u006cow\"}", NULL, "" },
    { "{\"reasoning_effort\":{\"allow\":[\"low\",\"medium\"]}}", CHAT,
      "{\"reasoning_effort\":\"high\"}", "value_not_allowed", NULL },
    { "{\"reasoning_effort\":{\"allow\":[\"low\",\"medium\"]}}", RESP,
      "{\"reasoning\":{\"effort\":\"high\"}}", "value_not_allowed", NULL },
    { "{\"reasoning_effort\":{\"allow\":[\"low\",\"medium\"]}}", CHAT,
      "{\"reasoning_effort\":3}", "invalid_type", NULL },
    { "{\"temperature\":{\"allow\":[0,0.5]}}", CHAT, "{\"temperature\":5e-1}",
      NULL, "" },
    { "{\"temperature\":{\"allow\":[0,0.5]}}", CHAT, "{\"temperature\":0.6}",
      "value_not_allowed", NULL },
    { "{\"temperature\":{\"allow\":[0,0.5]}}", CHAT, "{}", NULL, "" },

    /* remove */
    { "{\"temperature\":{\"remove\":true}}", CHAT, "{\"temperature\":1}",
      "{}", "temperature=1-> (remove)" },
    { "{\"temperature\":{\"remove\":true}}", CHAT,
      "{\"temperature\":1, \"a\":2}", "{\"a\":2}", NULL },
    { "{\"temperature\":{\"remove\":true}}", CHAT,
      "{\"a\":2 , \"temperature\": \"x\" }", "{\"a\":2  }", NULL },
    { "{\"temperature\":{\"remove\":true}}", CHAT,
      "{\"a\":2,\"temperature\":null,\"b\":3}", "{\"a\":2,\"b\":3}", NULL },
    { "{\"temperature\":{\"remove\":true},\"top_p\":{\"remove\":true}}", CHAT,
      "{\"temperature\":1,\"top_p\":1}", "{}", NULL },
    { "{\"temperature\":{\"remove\":true},\"top_p\":{\"remove\":true}}", CHAT,
      "{\"temperature\":1,\"top_p\":1,\"a\":1}", "{\"a\":1}", NULL },
    { "{\"temperature\":{\"remove\":true},\"top_p\":{\"remove\":true}}", CHAT,
      "{\"temperature\":1,\"a\":1,\"top_p\":1}", "{\"a\":1}", NULL },
    { "{\"temperature\":{\"remove\":true},\"top_p\":{\"default\":0.5}}", CHAT,
      "{\"temperature\":1}", "{\"top_p\":0.5}", NULL },
    { "{\"temperature\":{\"remove\":true},\"top_p\":{\"default\":0.5}}", CHAT,
      "{\"a\":1,\"temperature\":1}", "{\"a\":1,\"top_p\":0.5}", NULL },
    { "{\"temperature\":{\"remove\":true}}", CHAT, "{}", NULL, "" },

    /* deny, require */
    { "{\"logit_bias\":{\"deny\":true}}", CHAT, "{\"logit_bias\":{\"1\":2}}",
      "parameter_denied", NULL },
    { "{\"logit_bias\":{\"deny\":true}}", CHAT, "{\"logit_bias\":null}",
      NULL, "" },
    { "{\"seed\":{\"require\":true}}", CHAT, "{}", "parameter_required",
      NULL },
    { "{\"seed\":{\"require\":true}}", CHAT, "{\"seed\":null}",
      "parameter_required", NULL },
    { "{\"seed\":{\"require\":true}}", CHAT,
      "{\"seed\":9007199254740993}", NULL, "" },
    { "{\"reasoning_effort\":{\"require\":true}}", RESP, "{}",
      "parameter_required", NULL },

    { NULL, NULL, NULL, NULL, NULL }
};


static const decide_case_t  types[] = {
    { "{\"temperature\":{\"max\":1}}", CHAT, "{\"temperature\":\"0.5\"}",
      "invalid_type", NULL },
    { "{\"temperature\":{\"max\":1}}", CHAT, "{\"temperature\":true}",
      "invalid_type", NULL },
    { "{\"temperature\":{\"max\":1}}", CHAT, "{\"temperature\":[0.5]}",
      "invalid_type", NULL },
    { "{\"temperature\":{\"max\":1}}", CHAT, "{\"temperature\":{}}",
      "invalid_type", NULL },
    { "{\"temperature\":{\"default\":1}}", CHAT, "{\"temperature\":\"0.5\"}",
      "invalid_type", NULL },
    { "{}", CHAT, "{\"temperature\":\"0.5\"}", NULL, "" },
    { "{\"stop\":{\"default\":\"x\"}}", CHAT, "{\"stop\":[\"a\"]}", NULL,
      "" },
    { "{\"stop\":{\"default\":\"x\"}}", CHAT, "{\"stop\":1}", "invalid_type",
      NULL },
    { "{\"logprobs\":{\"default\":false}}", CHAT, "{\"logprobs\":3}",
      "invalid_type", NULL },
    { "{\"logprobs\":{\"max\":3}}", COMP, "{\"logprobs\":5}",
      "{\"logprobs\":3}", NULL },
    { "{\"temperature\":{\"max\":1}}", CHAT,
      "{\"options\":\"{\\\"temperature\\\":1.9}\"}", "invalid_type", NULL },
    { "{\"temperature\":{\"max\":1}}", CHAT,
      "{\"options\":[{\"temperature\":1.9}]}", "invalid_type", NULL },
    { "{\"temperature\":{\"max\":1}}", CHAT, "{\"options\":null}", NULL, "" },
    { "{\"temperature\":{\"max\":1}}", CHAT, "{\"requests\":{}}", NULL, "" },
    { NULL, NULL, NULL, NULL, NULL }
};


static const decide_case_t  same_knob[] = {

    /* each spelling is policed, at the top and in containers */
    { "{\"max_tokens\":{\"max\":9}}", CHAT,
      "{\"max_tokens\":10,\"n_predict\":11,\"max_new_tokens\":12}",
      "{\"max_tokens\":9,\"n_predict\":9,\"max_new_tokens\":9}",
      "max_tokens=10->9 (max), max_tokens=11->9 (max), "
      "max_tokens=12->9 (max)" },
    { "{\"max_tokens\":{\"max\":9}}", CHAT, "{\"max_completion_tokens\":10}",
      "{\"max_completion_tokens\":9}", NULL },
    { "{\"temperature\":{\"max\":1}}", CHAT,
      "{\"temperature\":0.5,\"options\":{\"temperature\":1.9}}",
      "{\"temperature\":0.5,\"options\":{\"temperature\":1}}", NULL },
    { "{\"temperature\":{\"max\":1}}", CHAT,
      "{\"generationConfig\":{\"temperature\":1.9}}",
      "{\"generationConfig\":{\"temperature\":1}}", NULL },
    { "{\"temperature\":{\"max\":1}}", CHAT,
      "{\"sampling_params\":[{\"temperature\":1.9},{\"temperature\":0.1}]}",
      "{\"sampling_params\":[{\"temperature\":1},{\"temperature\":0.1}]}",
      NULL },
    { "{\"temperature\":{\"max\":1}}", CHAT,
      "{\"sampling_params\":{\"temperature\":1.9}}",
      "{\"sampling_params\":{\"temperature\":1}}", NULL },
    { "{\"temperature\":{\"max\":1}}", CHAT,
      "{\"requests\":[{\"params\":{\"temperature\":1.9}}]}",
      "{\"requests\":[{\"params\":{\"temperature\":1}}]}", NULL },
    { "{\"temperature\":{\"max\":1}}", CHAT,
      "{\"instances\":[{\"parameters\":{\"temperature\":1.9}}]}",
      "{\"instances\":[{\"parameters\":{\"temperature\":1}}]}", NULL },
    { "{\"top_p\":{\"max\":0.9}}", CHAT, "{\"p\":1,\"top_p\":0.5}",
      "{\"p\":0.9,\"top_p\":0.5}", NULL },

    /* a spelling of another server does not count as the API's own parameter */
    { "{\"max_tokens\":{\"max\":9}}", CHAT, "{\"n_predict\":5}",
      "{\"n_predict\":5,\"max_tokens\":9}", NULL },
    { "{\"temperature\":{\"default\":0.7}}", CHAT,
      "{\"options\":{\"temperature\":0.5}}",
      "{\"options\":{\"temperature\":0.5},\"temperature\":0.7}", NULL },

    /* "no limit" is above any maximum */
    { "{\"max_tokens\":{\"max\":9}}", CHAT, "{\"max_tokens\":-1}",
      "{\"max_tokens\":9}", NULL },
    { "{\"max_tokens\":{\"max\":9}}", CHAT, "{\"max_tokens\":0}",
      "{\"max_tokens\":9}", NULL },
    { "{\"top_k\":{\"max\":9}}", CHAT, "{\"top_k\":-1}", "{\"top_k\":9}",
      NULL },
    { "{\"max_tokens\":{\"max\":9,\"on_violation\":\"reject\"}}", CHAT,
      "{\"max_tokens\":-2}", "value_not_allowed", NULL },

    /* a count that overflows 32 bits */
    { "{\"n\":{\"max\":1}}", CHAT, "{\"n\":-4294967291}", "invalid_type",
      NULL },
    { "{\"n\":{\"min\":1}}", CHAT, "{\"n\":4294967297}", "invalid_type",
      NULL },
    { "{\"n\":{\"max\":1}}", CHAT, "{\"n\":4294967297}", "{\"n\":1}",
      NULL },
    { "{\"seed\":{\"min\":0}}", CHAT, "{\"seed\":9007199254740993}", NULL,
      "" },

    /* names that differ only in case, "_" and "-" */
    { "{\"max_tokens\":{\"max\":9}}", CHAT, "{\"maxCompletionTokens\":5}",
      "ambiguous_member", NULL },
    { "{\"top_p\":{\"max\":0.9}}", CHAT, "{\"top-p\":1}",
      "ambiguous_member", NULL },

    /* models that require the other name */
    { "{\"max_tokens\":{\"max\":9}}", CHAT, "{\"model\":\"o3-mini\"}",
      "{\"model\":\"o3-mini\",\"max_completion_tokens\":9}", NULL },
    { "{\"max_tokens\":{\"max\":9}}", CHAT, "{\"model\":\"gpt-4o\"}",
      "{\"model\":\"gpt-4o\",\"max_tokens\":9}", NULL },

    { "{\"max_tokens\":{\"max\":2048}}", CHAT,
      "{\"max_tokens\":9,\"n_predict\":0}",
      "{\"max_tokens\":9,\"n_predict\":2048}", NULL },

    /* decoys */
    { "{\"temperature\":{\"max\":1}}", CHAT,
      "{\"messages\":[{\"content\":\"\\\"temperature\\\":1.9\","
      "\"temperature\":1.9}],\"metadata\":{\"temperature\":1.9}}", NULL, "" },

    { NULL, NULL, NULL, NULL, NULL }
};


static const decide_case_t  undermining[] = {
    { "{\"temperature\":{\"max\":1}}", CHAT, "{\"dynatemp_range\":0.5}",
      "undermines_policy", NULL },
    { "{\"temperature\":{\"max\":1}}", CHAT, "{\"dynatemp_range\":null}",
      NULL, "" },
    { "{\"temperature\":{\"default\":1}}", CHAT,
      "{\"temperature\":1,\"dynatemp_range\":0.5}", NULL, "" },
    { "{\"temperature\":{\"max\":1}}", CHAT,
      "{\"options\":{\"mirostat\":2}}", "undermines_policy", NULL },
    { "{\"temperature\":{\"max\":1}}", CHAT, "{\"samplers\":[]}",
      "undermines_policy", NULL },
    { "{\"temperature\":{\"max\":1}}", CHAT, "{\"fallbacks\":[{}]}",
      "undermines_policy", NULL },
    { "{\"n\":{\"max\":1}}", CHAT, "{\"fallbacks\":[{}]}",
      "undermines_policy", NULL },
    { "{\"n\":{\"max\":1}}", CHAT, "{\"dynatemp_range\":1}", NULL, "" },
    { "{\"temperature\":{\"max\":1}}", CHAT, "{\"logit_bias\":{\"1\":5}}",
      NULL, "" },
    { "{\"temperature\":{\"max\":1},\"logit_bias\":{\"deny\":true}}", CHAT,
      "{\"logit_bias\":{}}", "parameter_denied", NULL },
    { "{\"logit_bias\":{\"deny\":true}}", CHAT, "{\"bad_words\":[\"a\"]}",
      "undermines_policy", NULL },
    { "{\"temperature\":{\"max\":1},\"/samplers\":{}}", CHAT,
      "{\"samplers\":[]}", NULL, "" },
    { "{\"temperature\":{\"max\":1},\"/dynatemp_range\":{\"max\":0}}", CHAT,
      "{\"dynatemp_range\":1}", "{\"dynatemp_range\":0}",
      "/dynatemp_range=1->0 (max)" },
    { "{\"temperature\":{\"max\":1}}", CHAT,
      "{\"generation_config\":\"{}\"}", "undermines_policy", NULL },
    { "{\"temperature\":{\"max\":1}}", CHAT,
      "{\"generation_config\":{\"temperature\":2}}",
      "{\"generation_config\":{\"temperature\":1}}", NULL },
    { "{\"temperature\":{\"remove\":true}}", CHAT, "{\"extra_body\":{\"a\":1}}",
      "undermines_policy", NULL },
    { "{\"temperature\":{\"max\":1}}", CHAT,
      "{\"tensorzero::params\":{\"a\":1}}", "undermines_policy", NULL },
    { "{\"temperature\":{\"max\":1},\"/options\":{}}", CHAT,
      "{\"options\":\"{}\"}", "invalid_type", NULL },
    { "{\"temperature\":{\"max\":1}}", RESP, "{\"prompt\":{\"id\":\"x\"}}",
      "undermines_policy", NULL },
    { "{\"temperature\":{\"max\":1}}", CHAT, "{\"prompt\":\"x\"}", NULL, "" },
    { "{\"temperature\":{\"max\":1}}", RESP,
      "{\"previous_response_id\":\"x\"}",
      "{\"previous_response_id\":\"x\",\"temperature\":1}", NULL },
    { NULL, NULL, NULL, NULL, NULL }
};


static const decide_case_t  pointers[] = {
    { "{\"/metadata/trace\":{\"remove\":true}}", CHAT,
      "{\"metadata\":{\"trace\":\"secret\",\"x\":1}}",
      "{\"metadata\":{\"x\":1}}", "/metadata/trace=\"...\"-> (remove)" },
    { "{\"/a/b\":{\"default\":1},\"/a/c\":{\"default\":{\"d\":2}}}", CHAT,
      "{}", "{\"a\":{\"b\":1,\"c\":{\"d\":2}}}", NULL },
    { "{\"/a/b\":{\"default\":1}}", CHAT, "{\"a\":null}",
      "{\"a\":{\"b\":1}}", NULL },
    { "{\"/a/b\":{\"default\":1}}", CHAT, "{\"a\":{}}", "{\"a\":{\"b\":1}}",
      NULL },
    { "{\"/a/b\":{\"default\":1}}", CHAT, "{\"a\":{\"x\":{}}}",
      "{\"a\":{\"x\":{},\"b\":1}}", NULL },
    { "{\"/a/b\":{\"remove\":true}}", CHAT, "{\"a\":\"{}\"}",
      "invalid_type", "" },
    { "{\"/a/b\":{\"deny\":true}}", CHAT, "{\"a\":[1]}",
      "invalid_type", "" },
    { "{\"/a/0\":{\"deny\":true}}", CHAT, "{\"a\":[]}", NULL, "" },
    { "{\"/a/b\":{\"remove\":true}}", CHAT, "{\"a\":null}", NULL, "" },
    { "{\"/a/b\":{\"default\":1}}", CHAT, "{\"a\":[1]}", NULL, "" },
    { "{\"/a/0/b\":{\"force\":1}}", CHAT, "{\"a\":[{\"b\":2},{\"b\":2}]}",
      "{\"a\":[{\"b\":1},{\"b\":2}]}", NULL },
    { "{\"/a/1\":{\"remove\":true}}", CHAT, "{\"a\":[1,2,3]}",
      "{\"a\":[1,3]}", NULL },
    { "{\"/a/0\":{\"remove\":true}}", CHAT, "{\"a\":[1,2,3]}",
      "{\"a\":[2,3]}", NULL },
    { "{\"/a~1b/~0c\":{\"force\":true}}", CHAT,
      "{\"a/b\":{\"~c\":false}}", "{\"a/b\":{\"~c\":true}}", NULL },
    { "{\"/a b/\u00e4\":{\"default\":1}}", CHAT, "{}",
      "{\"a b\":{\"\xc3\xa4\":1}}", NULL },
    { "{\"/x\":{\"max\":3}}", CHAT, "{\"x\":4}", "{\"x\":3}", NULL },
    { "{\"/x\":{\"max\":3}}", CHAT, "{\"x\":\"4\"}", "invalid_type", NULL },
    { "{\"/x\":{\"max\":3}}", CHAT, "{}", NULL, "" },
    { "{\"/x\":{\"require\":true}}", CHAT, "{}", "parameter_required", NULL },
    { "{\"/x\":{\"require\":true}}", EMB, "{}", "parameter_required", NULL },
    { "{\"/x\":{\"default\":1}}", EMB, "{}", NULL, "" },
    { "{\"/x\":{\"deny\":true}}", EMB, "{\"x\":1}", "parameter_denied",
      NULL },

    /*
     * a pointer has precedence over the parameter, for the member that it names
     */
    { "{\"max_tokens\":{\"max\":9},\"/max_completion_tokens\":{\"max\":5}}",
      CHAT, "{\"max_completion_tokens\":7,\"max_tokens\":10}",
      "{\"max_completion_tokens\":5,\"max_tokens\":9}", NULL },

    { "{\"max_tokens\":{\"max\":99},"
      "\"/max_output_tokens\":{\"default\":50}}",
      RESP, "{\"max_output_tokens\":null}",
      "{\"max_output_tokens\":50}", "/max_output_tokens=null->50 (default)" },

    /* a numbered element does not hide the members watched in all elements */
    { "{\"temperature\":{\"max\":1},\"/requests/0/x\":{\"remove\":true}}",
      CHAT, "{\"requests\":[{\"x\":1,\"params\":{\"temperature\":2}}]}",
      "{\"requests\":[{\"params\":{\"temperature\":1}}]}", NULL },

    /* members inside a removed one need no edits */
    { "{\"temperature\":{\"max\":1},\"/options\":{\"remove\":true}}", CHAT,
      "{\"options\":{\"temperature\":2},\"a\":1}", "{\"a\":1}", NULL },

    /* a written value complies with the rules about its members */
    { "{\"/m\":{\"default\":{\"a\":1,\"b\":2}},\"/m/a\":{\"force\":1},"
      "\"/m/b\":{\"default\":3,\"max\":5}}",
      CHAT, "{}",
      "{\"m\":{\"a\":1,\"b\":2}}", "/m=->{\"a\":1,\"b\":2} (default)" },
    { "{\"/m\":{\"default\":{\"a\":1,\"b\":2}},\"/m/a\":{\"force\":1},"
      "\"/m/b\":{\"default\":3,\"max\":5}}",
      CHAT, "{\"m\":null}",
      "{\"m\":{\"a\":1,\"b\":2}}", "/m=null->{\"a\":1,\"b\":2} (default)" },
    { "{\"/m\":{\"default\":{\"a\":1,\"b\":2}},\"/m/a\":{\"force\":1},"
      "\"/m/b\":{\"default\":3,\"max\":5}}",
      CHAT, "{\"m\":{}}",
      "{\"m\":{\"a\":1,\"b\":3}}", "/m/a=->1 (force), /m/b=->3 (default)" },
    { "{\"/m\":{\"default\":{\"a\":1,\"b\":2}},\"/m/a\":{\"force\":1},"
      "\"/m/b\":{\"default\":3,\"max\":5}}",
      CHAT, "{\"m\":{\"a\":2,\"b\":9}}",
      "{\"m\":{\"a\":1,\"b\":5}}", "/m/a=2->1 (force), /m/b=9->5 (max)" },
    { "{\"/m\":{\"default\":{\"a\":1,\"b\":2}},\"/m/a\":{\"force\":1},"
      "\"/m/b\":{\"default\":3,\"max\":5}}",
      CHAT, "{\"m\":{\"a\":1,\"b\":4}}",
      NULL, "" },
    { "{\"/m\":{\"default\":{\"a\":1,\"b\":2}},\"/m/a\":{\"force\":1},"
      "\"/m/b\":{\"default\":3,\"max\":5}}",
      CHAT, "{\"m\":\"x\"}",
      "invalid_type", NULL },
    { "{\"/m\":{\"force\":{\"a\":1,\"b\":2}},\"/m/a\":{\"force\":1},"
      "\"/m/b\":{\"default\":3,\"max\":5}}",
      CHAT, "{}",
      "{\"m\":{\"a\":1,\"b\":2}}", "/m=->{\"a\":1,\"b\":2} (force)" },
    { "{\"/m\":{\"force\":{\"a\":1,\"b\":2}},\"/m/a\":{\"force\":1},"
      "\"/m/b\":{\"default\":3,\"max\":5}}",
      CHAT, "{\"m\":null,\"x\":1}",
      "{\"m\":{\"a\":1,\"b\":2},\"x\":1}",
      "/m=null->{\"a\":1,\"b\":2} (force)" },
    { "{\"/m\":{\"force\":{\"a\":1,\"b\":2}},\"/m/a\":{\"force\":1},"
      "\"/m/b\":{\"default\":3,\"max\":5}}",
      CHAT, "{\"m\":{}}",
      "{\"m\":{\"a\":1,\"b\":2}}", "/m={...}->{\"a\":1,\"b\":2} (force)" },
    { "{\"/m\":{\"force\":{\"a\":1,\"b\":2}},\"/m/a\":{\"force\":1},"
      "\"/m/b\":{\"default\":3,\"max\":5}}",
      CHAT, "{\"m\":{\"a\":2,\"b\":9}}",
      "{\"m\":{\"a\":1,\"b\":2}}", "/m={...}->{\"a\":1,\"b\":2} (force)" },
    { "{\"/m\":{\"force\":{\"a\":1,\"b\":2}},\"/m/a\":{\"force\":1},"
      "\"/m/b\":{\"default\":3,\"max\":5}}",
      CHAT, "{\"m\":[\"a\"]}",
      "{\"m\":{\"a\":1,\"b\":2}}", "/m=[...]->{\"a\":1,\"b\":2} (force)" },
    { "{\"/a/b\":{\"default\":{\"c\":{\"d\":1}}},"
      "\"/a/b/c/d\":{\"force\":1}}",
      CHAT, "{}",
      "{\"a\":{\"b\":{\"c\":{\"d\":1}}}}",
      "/a/b=->{\"c\":{\"d\":1}} (default)" },
    { "{\"/a/b\":{\"default\":{\"c\":{\"d\":1}}},"
      "\"/a/b/c/d\":{\"force\":1}}",
      CHAT, "{\"a\":{\"b\":{\"c\":null}}}",
      "{\"a\":{\"b\":{\"c\":{\"d\":1}}}}", "/a/b/c/d=->1 (force)" },
    { "{\"/m\":{\"default\":{\"a\":1}},\"/m/a\":{\"require\":true}}",
      CHAT, "{}",
      "parameter_required", NULL },
    { "{\"/a\":{\"remove\":true},\"/a/b\":{\"force\":1}}",
      CHAT, "{\"a\":{\"b\":2,\"c\":1}}",
      "{\"a\":{\"b\":1}}", "/a={...}-> (remove), /a/b=->1 (force)" },

    /* also a written value of a parameter */
    { "{\"logit_bias\":{\"force\":{\"1\":0}},"
      "\"/logit_bias/1\":{\"max\":0}}",
      CHAT, "{}",
      "{\"logit_bias\":{\"1\":0}}", "logit_bias=->{\"1\":0} (force)" },
    { "{\"logit_bias\":{\"force\":{\"1\":0}},"
      "\"/logit_bias/1\":{\"max\":0}}",
      CHAT, "{\"logit_bias\":{\"1\":9}}",
      "{\"logit_bias\":{\"1\":0}}", "logit_bias={...}->{\"1\":0} (force)" },
    { "{\"logit_bias\":{\"default\":{\"1\":0}},"
      "\"/logit_bias/1\":{\"default\":5}}",
      CHAT, "{}",
      "{\"logit_bias\":{\"1\":0}}", "logit_bias=->{\"1\":0} (default)" },
    { "{\"logit_bias\":{\"default\":{\"1\":0}},"
      "\"/logit_bias/1\":{\"default\":5}}",
      CHAT, "{\"logit_bias\":null}",
      "{\"logit_bias\":{\"1\":0}}", "logit_bias=null->{\"1\":0} (default)" },
    { "{\"logit_bias\":{\"default\":{\"1\":0}},"
      "\"/logit_bias/1\":{\"default\":5}}",
      CHAT, "{\"logit_bias\":{\"2\":1}}",
      "{\"logit_bias\":{\"2\":1,\"1\":5}}", "/logit_bias/1=->5 (default)" },

    /*
     * a value added by a parameter's rule is within a pointer's bounds of that
     * place
     */
    { "{\"temperature\":{\"default\":1.5},"
      "\"/generationConfig/temperature\":{\"max\":1.0}}",
      "gemini.generate", "{}",
      "{\"generationConfig\":{\"temperature\":1.0}}",
      "temperature=->1.0 (max)" },
    { "{\"temperature\":{\"default\":1.5},"
      "\"/generationConfig/temperature\":{\"max\":1.0}}",
      "gemini.generate", "{\"generationConfig\":{}}",
      "{\"generationConfig\":{\"temperature\":1.0}}",
      "temperature=->1.0 (max)" },
    { "{\"temperature\":{\"default\":1.5},"
      "\"/generation_config/temperature\":{\"max\":1.0}}",
      "gemini.generate", "{\"generationConfig\":{\"temperature\":null}}",
      "{\"generationConfig\":{\"temperature\":1.0}}",
      "temperature=null->1.0 (max)" },
    { "{\"temperature\":{\"force\":0.1},"
      "\"/generationConfig/temperature\":{\"min\":0.5}}",
      "gemini.generate", "{}",
      "{\"generationConfig\":{\"temperature\":0.5}}",
      "temperature=->0.5 (min)" },
    { "{\"temperature\":{\"max\":0.5},"
      "\"/generationConfig/temperature\":{\"min\":0.1,\"max\":0.4}}",
      "gemini.generate", "{}",
      "{\"generationConfig\":{\"temperature\":0.4}}",
      "temperature=->0.4 (max)" },
    { "{\"temperature\":{\"default\":0.7},"
      "\"/generationConfig/temperature\":{\"min\":0.1,\"max\":1}}",
      "gemini.generate", "{}",
      "{\"generationConfig\":{\"temperature\":0.7}}",
      "temperature=->0.7 (default)" },
    { "{\"temperature\":{\"default\":0.7},"
      "\"/generationConfig/temperature\":{\"max\":5}}",
      CHAT, "{}",
      "{\"temperature\":0.7}", NULL },
    { "{\"temperature\":{\"default\":0.7},"
      "\"/generationConfig/temperature\":{\"allow\":[0.5,0.70]}}",
      "gemini.generate", "{}",
      "{\"generationConfig\":{\"temperature\":0.7}}", NULL },
    { "{\"temperature\":{\"default\":0.7},"
      "\"/generationConfig/temperature\":{\"allow\":[0.5,\"0.7\"]}}",
      "gemini.generate", "{}",
      NULL, "" },
    { "{\"temperature\":{\"default\":0.7},"
      "\"/generationConfig/temperature\":{\"deny\":true}}",
      "gemini.generate", "{\"generationConfig\":{}}",
      NULL, "" },
    { "{\"temperature\":{\"default\":0.7},"
      "\"/generationConfig/temperature\":{\"remove\":true}}",
      "gemini.generate", "{}",
      NULL, "" },
    { "{\"temperature\":{\"default\":0.7},"
      "\"/generationConfig/temperature\":{}}",
      "gemini.generate", "{}",
      NULL, "" },
    { "{\"temperature\":{\"force\":0.7},"
      "\"/generationConfig/temperature\":{\"default\":0.2}}",
      "gemini.generate", "{}",
      "{\"generationConfig\":{\"temperature\":0.2}}",
      "/generationConfig/temperature=->0.2 (default)" },
    { "{\"stop\":{\"default\":[\"a\"]},"
      "\"/generationConfig/stopSequences\":{\"max\":1}}",
      "gemini.generate", "{}",
      NULL, "" },
    { "{\"reasoning_effort\":{\"default\":\"low\"},"
      "\"/reasoning/effort\":{\"allow\":[\"high\",\"low\"]}}",
      RESP, "{}",
      "{\"reasoning\":{\"effort\":\"low\"}}", NULL },
    { "{\"reasoning_effort\":{\"default\":\"low\"},"
      "\"/reasoning/effort\":{\"allow\":[\"high\"]}}",
      RESP, "{}",
      NULL, "" },

    /* added members are written into one object, in any spelling of it */
    { "{\"temperature\":{\"default\":0.5},"
      "\"/generation_config/media_resolution\":{\"force\":\"LOW\"}}",
      "gemini.generate", "{}",
      "{\"generation_config\":{\"media_resolution\":\"LOW\","
      "\"temperature\":0.5}}", NULL },
    { "{\"/user_meta/a\":{\"force\":1},\"/userMeta/b\":{\"default\":2}}",
      "gemini.generate", "{}",
      "{\"userMeta\":{\"b\":2,\"a\":1}}", NULL },
    { "{\"/user_meta/a\":{\"force\":1},\"/userMeta/b\":{\"default\":2}}",
      CHAT, "{}",
      "{\"userMeta\":{\"b\":2},\"user_meta\":{\"a\":1}}", NULL },
    { "{\"/user_meta\":{\"default\":{\"aB\":1}},"
      "\"/userMeta/a_b\":{\"force\":1}}",
      "gemini.generate", "{}",
      "{\"user_meta\":{\"aB\":1}}", NULL },
    { "{\"/user_meta\":{\"force\":{\"aB\":1}},"
      "\"/userMeta/a_b\":{\"max\":1}}",
      "gemini.generate", "{\"userMeta\":{\"aB\":3}}",
      "{\"userMeta\":{\"aB\":1}}", NULL },

    { NULL, NULL, NULL, NULL, NULL }
};


/* values of members that bypass a bound on temperature */

static const struct {
    const char  *member;   /* name and values, of which the first are neutral */
    llmp_uint_t  nneutral;
    const char  *values[16];
} neutral[] = {
    { "mirostat", 8,
      { "0", "-0", "0.0", "0e5", "0e-999", "false", "{}", "[]", "1", "2",
        "0.0001", "1e-400", "\"0\"", "true", "\"\"", "[0]" } },
    { "dynatemp_range", 4,
      { "0", "[]", "{ }", "null", "0.5", "-1", "\"0\"", "false" } },
    { "top_n_sigma", 4, { "-1", "-1.0", "-10e-1", "0", "1", "-2", "5" } },
    { "xtc_probability", 2, { "0", "0.00", "1e-30", "0.5" } },
    { "do_sample", 2, { "true", "null", "false", "1", "\"true\"" } },
    { "use_beam_search", 1, { "false", "true", "0", "\"false\"" } },
    { "smoothing_curve", 3,
      { "1", "1.0", "100e-2", "1.0000000000000000000000000001", "0" } },
    { "models", 3, { "[]", "[ ]", "{}", "[[]]", "[null]", "[{}]", "{\"\":1}",
      "\"\"", "0", "false" } },
    { "extra_body", 2, { "{}", "[]", "{\"a\":{}}", "\"{}\"", "0" } },
    { "constructor", 1,
      { "{\"prototype\":{}}", "{\"prototype\":{\"a\":1}}",
        "{\"prototype\":0}" } },
    { "sampler_order", 1, { "[]", "[0]", "\"\"" } },

    /* without samplers, llama.cpp ignores the temperature */
    { "samplers", 1, { "null", "[]", "{}", "\"\"", "[\"temperature\"]" } },
    { "sampler_priority", 1, { "null", "[]" } },

    /* these only remove unlikely tokens */
    { "tfs", 2, { "0.5", "1" } },
    { "top_a", 2, { "0.5", "0" } },

    { NULL, 0, { NULL } }
};


static const decide_case_t  others[] = {

    /* bounds also apply to APIs that generate nothing */
    { "{\"temperature\":{\"max\":1}}", EMB, "{\"temperature\":2}",
      "{\"temperature\":1}", NULL },

    /* nothing is added to requests of APIs that generate nothing */
    { "{\"temperature\":{\"default\":0.7,\"max\":1},"
      "\"max_tokens\":{\"max\":9}}", EMB, "{\"input\":\"x\"}", NULL, "" },
    { "{\"n\":{\"max\":1}}", "openai.images", "{\"n\":4}", "{\"n\":1}",
      NULL },

    /* all bytes outside edits are unchanged */
    { "{\"temperature\":{\"max\":1}}", CHAT,
      "{ \"seed\" : 9223372036854775807 ,\t\"z\":0.10,\"y\":1e0,\r\n"
      "\"temperature\"\n:\n1.90\n,\"e\":\"\xf0\x9f\x98\x80 \\ud83d\\ude00\","
      "\"x\":-0.0}",
      "{ \"seed\" : 9223372036854775807 ,\t\"z\":0.10,\"y\":1e0,\r\n"
      "\"temperature\"\n:\n1\n,\"e\":\"\xf0\x9f\x98\x80 \\ud83d\\ude00\","
      "\"x\":-0.0}", NULL },

    { NULL, NULL, NULL, NULL, NULL }
};


static void
check(const decide_case_t *c)
{
    llmp_str_t        sent, line, body;
    llmp_arena_t      arena;
    llmp_policy_t    *policy;
    llmp_decision_t   d;

    for ( /* void */ ; c->rules != NULL; c++) {
        llmp_arena_init(&arena);

        policy = load_policy(&arena, plain, c->rules, "");

        body = test_cstr(c->body);

        if (decide_as(&arena, policy, c->dialect, &body, &d, &sent)
            != LLMP_OK)
        {

            if (c->expected == NULL
                || strcmp(c->expected, llmp_refusal_name(d.refusal.code)) != 0)
            {
                fail_msg("%s, %s: %s", c->rules, c->body, d.refusal.message);
            }

        } else {
            line = test_cstr(c->expected ? c->expected : c->body);

            if (!llmp_str_eq(&line, &sent)) {
                fail_msg("%s, %s: sent %.*s", c->rules, c->body,
                         (int) sent.len, (char *) sent.data);
            }

            assert_int_equal(c->expected == NULL, d.edits.nelts == 0);

            if (c->changes != NULL) {
                line = llmp_decision_changes_line(&d, &arena.pool);
                assert_str_is(line, c->changes);
            }

            check_again(&arena, policy, c, &sent);
        }

        llmp_policy_free(policy);
        llmp_arena_reset(&arena);
    }
}


static void
check_again(llmp_arena_t *arena, llmp_policy_t *policy,
    const decide_case_t *c, const llmp_str_t *sent)
{
    json_t           *json;
    llmp_str_t        again;
    json_error_t      error;
    llmp_decision_t   d;

    json = json_loadb((char *) sent->data, sent->len, JSON_REJECT_DUPLICATES,
                      &error);

    if (json == NULL) {
        fail_msg("%s, %s: %s", c->rules, c->body, error.text);
    }

    json_decref(json);

    if (strstr(c->rules, "/a/") != NULL) {

        /* later elements moved up */

        return;
    }

    if (decide_as(arena, policy, c->dialect, sent, &d, &again) != LLMP_OK) {
        fail_msg("%s, %s: then %s", c->rules, c->body, d.refusal.message);
    }

    /* a written object replaces any value */

    if (strstr(c->rules, "\"force\":{") != NULL
        ? !llmp_str_eq(&again, sent) : d.edits.nelts != 0)
    {
        fail_msg("%s, %s: changed again", c->rules, c->body);
    }
}


static void
test_verbs(void **state)
{
    (void) state;

    check(verbs);
}


static void
test_types(void **state)
{
    (void) state;

    check(types);
}


static void
test_same_knob(void **state)
{
    (void) state;

    check(same_knob);
}


static void
test_undermining(void **state)
{
    (void) state;

    check(undermining);
}


static void
test_neutral(void **state)
{
    char           body[256];
    decide_case_t  cases[2];
    llmp_uint_t    i, k;

    static const char *const  around[] = {
        "{\"%s\":%s}",
        "{\"options\":{\"%s\":%s}}",
        "{\"sampling_params\":[{\"seed\":1,\"%s\":%s}]}"
    };

    (void) state;

    memset(cases, 0, sizeof(cases));

    cases[0].rules = "{\"temperature\":{\"max\":1}}";
    cases[0].dialect = CHAT;
    cases[0].body = body;

    for (i = 0; neutral[i].member != NULL; i++) {

        for (k = 0; k < 16 * test_nelts(around); k++) {

            if (neutral[i].values[k / 3] == NULL) {
                break;
            }

            (void) snprintf(body, sizeof(body), around[k % 3],
                            neutral[i].member, neutral[i].values[k / 3]);

            cases[0].expected = (k / 3 < neutral[i].nneutral)
                                ? NULL : "undermines_policy";

            check(cases);
        }
    }
}


static void
test_pointers(void **state)
{
    (void) state;

    check(pointers);
}


static void
test_others(void **state)
{
    (void) state;

    check(others);
}


static void
test_models(void **state)
{
    size_t            i;
    llmp_str_t        sent, body;
    llmp_arena_t      arena;
    llmp_policy_t    *policy;
    llmp_decision_t   d;

    static const char  format[] =
        "{\"version\":1,\"default_tier\":\"t\",\"tiers\":{\"t\":{"
        "\"parameters\":%s,"
        "\"models\":{\"allow\":[\"gpt-4o\",\"~^(o|llama-)\"],"
        "\"deny\":[\"~-big$\"]}}},\"models\":["
        "{\"match\":[\"~^o[134](-|$)\"],"
        "\"parameters\":{\"temperature\":{\"remove\":true}}},"
        "{\"match\":[\"~*^O3\"],"
        "\"parameters\":{\"temperature\":{\"force\":0},"
        "\"top_p\":{\"remove\":true}}}]%s}";

    static const struct {
        const char  *body;
        const char  *expected;
    } cases[] = {
        { "{\"model\":\"gpt-4o\",\"temperature\":2}",
          "{\"model\":\"gpt-4o\",\"temperature\":1}" },
        { "{\"model\":\"o1\",\"temperature\":2}", "{\"model\":\"o1\"}" },
        { "{\"model\":\"o1\"}", "{\"model\":\"o1\"}" },
        { "{\"temperature\":2,\"model\":\"o3-mini\",\"top_p\":1}",
          "{\"model\":\"o3-mini\"}" },
        { "{\"model\":\"\\u006f1\",\"temperature\":2}",
          "{\"model\":\"\\u006f1\"}" },
        { "{\"model\":\"gpt-4o-mini\"}", "model_not_allowed" },
        { "{\"model\":\"llama-big\"}", "model_not_allowed" },
        { "{\"model\":\"\"}", "model_not_allowed" },
        { "{\"model\":null}", "model_not_allowed" },
        { "{}", "model_not_allowed" },
        { "{\"model\":1}", "invalid_type" },
        { "{\"model\":\"gpt-4o\\r\\nX: y\"}", "invalid_type" },
        { "{\"model\":\"llama-3,gpt-4\"}", "model_not_allowed" },
        { "{\"model\":\"llama-3/x:y@1.0\"}",
          "{\"model\":\"llama-3/x:y@1.0\"}" },
        { "{\"model\":\"gpt-4o\",\"models\":[\"x\"]}", "undermines_policy" },
        { "{\"model\":\"gpt-4o\",\"lora\":[]}", "undermines_policy" }
    };

    (void) state;

    llmp_arena_init(&arena);

    policy = load_policy(&arena, format, "{\"temperature\":{\"max\":1}}", "");

    for (i = 0; i < test_nelts(cases); i++) {
        body = test_cstr(cases[i].body);

        if (decide_as(&arena, policy, CHAT, &body, &d, &sent) != LLMP_OK) {
            assert_string_equal(llmp_refusal_name(d.refusal.code),
                                cases[i].expected);

        } else {
            assert_str_is(sent, cases[i].expected);
        }
    }

    llmp_policy_free(policy);
    llmp_arena_reset(&arena);
}


/* rules of an entry about the model itself: all others go by what is sent */

static void
test_sent_model(void **state)
{
    size_t            i;
    llmp_str_t        sent, body;
    llmp_arena_t      arena;
    llmp_policy_t    *policy;
    llmp_decision_t   d;

    static const char  format[] =
        "{\"version\":1,\"default_tier\":\"t\",\"tiers\":{\"t\":{"
        "\"parameters\":%s,"
        "\"models\":{\"allow\":[\"~^(o[13]|gpt-4o|loop|wide|new)\"],"
        "\"deny\":[\"o1-pro\"]}}},\"models\":["
        "{\"match\":[\"fast\"],\"parameters\":{"
        "\"/model\":{\"force\":\"o3-mini\"},\"seed\":{\"force\":7}}},"
        "{\"match\":[\"~^fast\",\"big\"],\"parameters\":{"
        "\"/model\":{\"force\":\"o1-pro\"}}},"
        "{\"match\":[\"quick\"],\"parameters\":{"
        "\"/model\":{\"force\":\"fast\"}}},"
        "{\"match\":[\"loop\"],\"parameters\":{"
        "\"/model\":{\"force\":\"loop\"}}},"
        "{\"match\":[\"~^$\"],\"parameters\":{"
        "\"/model\":{\"default\":\"o3\"}}},"
        "{\"match\":[\"wide\"],\"parameters\":{\"/model\":{}}},"
        "{\"match\":[\"old\"],\"parameters\":{\"/model\":{\"remove\":true}}},"
        "{\"match\":[\"no\"],\"parameters\":{\"/model\":{\"deny\":true}}},"
        "{\"match\":[\"~^gpt-4o-2\"],\"parameters\":{"
        "\"/model\":{\"allow\":[\"gpt-4o-2024\"]}}},"
        "{\"match\":[\"~^o3\"],\"parameters\":{"
        "\"/model\":{\"deny\":true},"
        "\"temperature\":{\"remove\":true}}}]%s}";

    static const struct {
        const char  *body;
        const char  *expected;
        const char  *model;
    } cases[] = {
        /* facts of known models, rules of entries, no rule of the alias */
        { "{\"model\":\"fast\",\"temperature\":2,\"max_tokens\":99}",
          "{\"model\":\"o3-mini\",\"max_completion_tokens\":9}", "o3-mini" },
        { "{\"temperature\":2,\"max_tokens\":99,\"model\":\"fast\"}",
          "{\"max_completion_tokens\":9,\"model\":\"o3-mini\"}", "o3-mini" },
        { "{\"model\":\"f\\u0061st\"}",
          "{\"model\":\"o3-mini\",\"max_completion_tokens\":9}", "o3-mini" },

        /* the model that is sent is permitted, or not */
        { "{\"model\":\"fast-2\"}", "model_not_allowed", "o1-pro" },
        { "{\"model\":\"big\"}", "model_not_allowed", "o1-pro" },

        /* one step */
        { "{\"model\":\"quick\"}", "model_not_allowed", "fast" },
        { "{\"model\":\"loop\"}", "{\"model\":\"loop\",\"max_tokens\":9}",
          "loop" },

        /* a rule of an entry replaces that of the tier */
        { "{\"model\":\"wide\"}", "{\"model\":\"wide\",\"max_tokens\":9}",
          "wide" },
        { "{\"model\":\"any\",\"temperature\":2}",
          "{\"model\":\"new\",\"temperature\":1,\"max_tokens\":9}", "new" },

        /* default and remove */
        { "{\"temperature\":2}",
          "{\"model\":\"o3\",\"max_completion_tokens\":9}", "o3" },
        { "{\"model\":null,\"temperature\":2}",
          "{\"model\":\"o3\",\"max_completion_tokens\":9}", "o3" },
        { "{\"model\":\"\"}", "model_not_allowed", "" },
        { "{\"model\":\"old\"}", "model_not_allowed", "" },

        /* deny and allow are about the model that the client names */
        { "{\"model\":\"no\"}", "model_not_allowed", "no" },
        { "{\"model\":\"o3-mini\"}", "parameter_denied", "o3-mini" },
        { "{\"model\":\"gpt-4o-2024\"}",
          "{\"model\":\"gpt-4o-2024\",\"max_tokens\":9}", "gpt-4o-2024" },
        { "{\"model\":\"gpt-4o-2025\"}", "value_not_allowed", "gpt-4o-2025" }
    };

    (void) state;

    llmp_arena_init(&arena);

    policy = load_policy(&arena, format, "{\"temperature\":{\"max\":1},"
                         "\"max_tokens\":{\"max\":9},"
                         "\"/model\":{\"force\":\"new\"}}", "");

    for (i = 0; i < test_nelts(cases); i++) {
        body = test_cstr(cases[i].body);

        if (decide_as(&arena, policy, CHAT, &body, &d, &sent) != LLMP_OK) {
            assert_string_equal(llmp_refusal_name(d.refusal.code),
                                cases[i].expected);

        } else {
            text_is(&sent, cases[i].expected, cases[i].body);
        }

        assert_str_is(d.model, cases[i].model);
    }

    llmp_policy_free(policy);
    llmp_arena_reset(&arena);
}


/* a model in the path and one in the body */

static void
test_two_models(void **state)
{
    size_t            i;
    llmp_scan_t       scan;
    llmp_str_t        body;
    llmp_arena_t      arena;
    llmp_policy_t    *policy;
    llmp_decision_t   d;

    static const struct {
        const char   *body;
        llmp_uint_t   deployment;
        const char   *code;
    } cases[] = {
        { "{}", 0, NULL },
        { "{\"model\":\"cheap\"}", 0, NULL },
        { "{\"model\":null}", 0, NULL },
        { "{\"model\":\"dear\"}", 0, "ambiguous_member" },
        { "{\"model\":\"dear\"}", 1, NULL },
        { "{\"model\":5}", 1, NULL }
    };

    (void) state;

    llmp_arena_init(&arena);

    policy = load_policy(&arena, plain, "{}",
                         ",\"models\":{\"allow\":[\"cheap\"]}");

    for (i = 0; i < test_nelts(cases); i++) {
        llmp_decision_init(&d);
        d.policy = policy;
        d.tier = policy->default_tier;
        d.dialect = llmp_dialects[0];
        d.path_model = test_str("cheap");
        d.deployment = cases[i].deployment;

        body = test_cstr(cases[i].body);

        llmp_scan_init(&scan, policy->watch[0], &arena.pool, SEED);
        assert_int_equal(llmp_scan_feed(&scan, body.data, body.len, 1),
                         LLMP_OK);

        if (llmp_decide(&d, &scan.members, &arena.pool) == LLMP_OK) {
            assert_null(cases[i].code);
            assert_str_is(d.model, "cheap");

        } else {
            assert_non_null(cases[i].code);
            assert_string_equal(llmp_refusal_name(d.refusal.code),
                                cases[i].code);
        }
    }

    llmp_policy_free(policy);
    llmp_arena_reset(&arena);
}


static void
test_log(void **state)
{
    llmp_str_t        sent, body, text;
    llmp_arena_t      arena;
    llmp_policy_t    *policy;
    llmp_decision_t   d;

    (void) state;

    llmp_arena_init(&arena);

    policy = load_policy(&arena, plain,
                         "{\"temperature\":{\"max\":1},"
                         "\"seed\":{\"remove\":true},"
                         "\"max_tokens\":{\"default\":512}}", "");

    body = test_str("{\"model\":\"m\",\"temperature\":1.9,\"seed\":7,"
                    "\"stop\":[\"secret\"],\"top_p\":0.5}");

    assert_int_equal(decide_as(&arena, policy, CHAT, &body, &d, &sent),
                     LLMP_OK);

    text = llmp_decision_changes_sentence(&d, &arena.pool);
    assert_str_is(text, "temperature 1.9 changed to 1 (max), seed 7 removed "
                        "(remove), max_tokens 512 added (default)");

    assert_str_is(d.model, "m");
    assert_str_is(llmp_decision_param(&d, LLMP_TEMPERATURE)->requested, "1.9");
    assert_str_is(llmp_decision_param(&d, LLMP_TEMPERATURE)->effective, "1");
    assert_int_equal(llmp_decision_param(&d, LLMP_TEMPERATURE)->action,
                     LLMP_ACTION_MAX);
    assert_str_is(llmp_decision_param(&d, LLMP_SEED)->requested, "7");
    assert_str_is(llmp_decision_param(&d, LLMP_SEED)->effective, "");
    assert_str_is(llmp_decision_param(&d, LLMP_MAX_TOKENS)->requested, "");
    assert_str_is(llmp_decision_param(&d, LLMP_MAX_TOKENS)->effective, "512");
    assert_str_is(llmp_decision_param(&d, LLMP_TOP_P)->requested, "0.5");
    assert_str_is(llmp_decision_param(&d, LLMP_TOP_P)->effective, "0.5");
    assert_int_equal(llmp_decision_param(&d, LLMP_TOP_P)->action,
                     LLMP_ACTION_NONE);
    assert_str_is(llmp_decision_param(&d, LLMP_STOP)->requested, "[...]");
    assert_null(llmp_decision_param(&d, LLMP_N)->name.data);

    llmp_policy_free(policy);
    llmp_arena_reset(&arena);
}


/* the record of a parameter is what is sent, also if a pointer decides it */

typedef struct {
    const char     *rules;
    const char     *dialect;
    const char     *body;
    llmp_param_e    param;
    const char     *requested;
    const char     *effective;
    llmp_action_e   action;
} record_case_t;


static const record_case_t  records[] = {
    { "\"/max_completion_tokens\":{\"max\":1024}", CHAT,
      "{\"max_completion_tokens\":99999}", LLMP_MAX_TOKENS,
      "99999", "1024", LLMP_ACTION_MAX },
    { "\"/max_completion_tokens\":{\"max\":1024}", CHAT,
      "{\"max_completion_tokens\":99}", LLMP_MAX_TOKENS,
      "99", "99", LLMP_ACTION_NONE },
    { "\"/options/num_predict\":{\"max\":1024}", "ollama",
      "{\"options\":{\"num_predict\":99999}}", LLMP_MAX_TOKENS,
      "99999", "1024", LLMP_ACTION_MAX },
    { "\"/options/num_predict\":{\"default\":9}", "ollama", "{}",
      LLMP_MAX_TOKENS, "", "9", LLMP_ACTION_DEFAULT },
    { "\"/options/temperature\":{\"default\":0.5}", "ollama",
      "{\"options\":{\"temperature\":null}}", LLMP_TEMPERATURE,
      "null", "0.5", LLMP_ACTION_DEFAULT },
    { "\"/temperature\":{\"remove\":true}", CHAT, "{\"temperature\":1}",
      LLMP_TEMPERATURE, "1", "", LLMP_ACTION_REMOVE },
    { "\"/temperature\":{\"force\":0.5}", CHAT, "{\"temperature\":1}",
      LLMP_TEMPERATURE, "1", "0.5", LLMP_ACTION_FORCE },
    { "\"/temperature\":{\"force\":0.5}", CHAT, "{}",
      LLMP_TEMPERATURE, "", "0.5", LLMP_ACTION_FORCE },
    { "\"/generationConfig/temperature\":{\"min\":0.5}", "gemini.generate",
      "{\"generationConfig\":{\"temperature\":0}}",
      LLMP_TEMPERATURE, "0", "0.5", LLMP_ACTION_MIN },
    { "\"/options\":{\"remove\":true}", "ollama",
      "{\"options\":{\"temperature\":1}}", LLMP_TEMPERATURE,
      "1", "", LLMP_ACTION_REMOVE },

    /* another name of it is still sent, or not the one that was recorded */
    { "\"/max_tokens\":{\"remove\":true}", CHAT,
      "{\"max_tokens\":7,\"max_completion_tokens\":8}", LLMP_MAX_TOKENS,
      "7", "8", LLMP_ACTION_NONE },
    { "\"/max_completion_tokens\":{\"default\":5}", CHAT,
      "{\"max_tokens\":7}", LLMP_MAX_TOKENS, "7", "7", LLMP_ACTION_NONE },
    { "\"/max_completion_tokens\":{\"remove\":true},"
      "\"max_tokens\":{\"default\":9}", CHAT, "{\"max_completion_tokens\":5}",
      LLMP_MAX_TOKENS, "5", "9", LLMP_ACTION_DEFAULT },

    /* a member is added once */
    { "\"/max_completion_tokens\":{\"default\":5,\"max\":9},"
      "\"max_tokens\":{\"max\":50}", CHAT, "{\"model\":\"o1\"}",
      LLMP_MAX_TOKENS, "", "5", LLMP_ACTION_DEFAULT },

    /* pointers about other members */
    { "\"/user\":{\"remove\":true},\"temperature\":{\"max\":1}", CHAT,
      "{\"temperature\":2,\"user\":\"u\"}", LLMP_TEMPERATURE,
      "2", "1", LLMP_ACTION_MAX },
    { "\"/user\":{\"remove\":true}", CHAT, "{\"temperature\":null}",
      LLMP_TEMPERATURE, "null", "null", LLMP_ACTION_NONE },
    { "\"/user\":{\"remove\":true},\"max_tokens\":{\"max\":5}", CHAT,
      "{\"n_predict\":9}", LLMP_MAX_TOKENS, "9", "5", LLMP_ACTION_MAX }
};


static void
test_records(void **state)
{
    size_t                i;
    char                  rules[256];
    llmp_int_t            rc;
    llmp_str_t            sent, body;
    llmp_arena_t          arena;
    llmp_policy_t        *policy;
    llmp_decision_t       d;
    const llmp_change_t  *r;

    (void) state;

    for (i = 0; i < test_nelts(records); i++) {
        llmp_arena_init(&arena);

        snprintf(rules, sizeof(rules), "{%s}", records[i].rules);
        policy = load_policy(&arena, plain, rules, "");
        body = test_cstr(records[i].body);

        rc = decide_as(&arena, policy, records[i].dialect, &body, &d, &sent);
        r = llmp_decision_param(&d, records[i].param);

        if (rc != LLMP_OK || !llmp_str_is(&r->requested, records[i].requested)
            || !llmp_str_is(&r->effective, records[i].effective)
            || r->action != records[i].action)
        {
            fail_msg("%s, %s: %.*s, %.*s, %s %s", records[i].rules,
                     records[i].body,
                     (int) r->requested.len, (char *) r->requested.data,
                     (int) r->effective.len, (char *) r->effective.data,
                     llmp_decision_action_name(r->action), d.refusal.message);
        }

        assert_true(d.nchanges <= 2);

        llmp_policy_free(policy);
        llmp_arena_reset(&arena);
    }
}


static void
test_digest(void **state)
{
    llmp_scan_t       scan;
    llmp_str_t        body;
    llmp_arena_t      arena;
    llmp_policy_t    *policy;
    llmp_decision_t   d;

    (void) state;

    llmp_arena_init(&arena);

    policy = load_policy(&arena, plain, "{\"temperature\":{\"max\":1}}", "");

    body = test_str("{\"temperature\":2}");

    llmp_decision_init(&d);
    d.policy = policy;
    d.tier = policy->default_tier;
    d.dialect = llmp_dialects[0];
    d.digest = 1;

    llmp_scan_init(&scan, policy->watch[0], &arena.pool, SEED);
    assert_int_equal(llmp_scan_feed(&scan, body.data, body.len, 1), LLMP_OK);

    assert_int_equal(llmp_decide(&d, &scan.members, &arena.pool), LLMP_ERROR);
    assert_int_equal(d.refusal.code, LLMP_REFUSE_UNDERMINES_POLICY);

    llmp_policy_free(policy);
    llmp_arena_reset(&arena);
}


/*
 * each failed allocation refuses the request; it is never sent without a
 * decision
 */

static void
test_no_memory(void **state)
{
    size_t            i, start, failed;
    llmp_str_t        sent, body;
    llmp_arena_t      arena;
    llmp_policy_t    *policy;
    llmp_decision_t   d;

    (void) state;

    llmp_arena_init(&arena);

    policy = load_policy(&arena, plain,
                         "{\"temperature\":{\"max\":1},"
                         "\"seed\":{\"remove\":true},"
                         "\"reasoning_effort\":{\"allow\":[\"low\"]},"
                         "\"/a/b\":{\"default\":1},"
                         "\"top_p\":{\"default\":0.5}}", "");

    body = test_str("{\"model\":\"m\",\"temperature\":1.9,\"seed\":7,"
                    "\"reasoning_effort\":\"low\"}");

    failed = 0;

    for (i = 1; ; i++) {
        start = arena.allocs;
        arena.fail_after = start + i;

        if (decide_as(&arena, policy, CHAT, &body, &d, &sent) == LLMP_OK) {
            break;
        }

        assert_int_equal(d.refusal.code, LLMP_REFUSE_INTERNAL);
        failed++;
    }

    assert_str_is(sent, "{\"model\":\"m\",\"temperature\":1,"
                        "\"reasoning_effort\":\"low\","
                        "\"a\":{\"b\":1},\"top_p\":0.5}");
    assert_true(failed > 8);

    llmp_policy_free(policy);
    llmp_arena_reset(&arena);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_verbs),
        cmocka_unit_test(test_types),
        cmocka_unit_test(test_same_knob),
        cmocka_unit_test(test_undermining),
        cmocka_unit_test(test_neutral),
        cmocka_unit_test(test_pointers),
        cmocka_unit_test(test_others),
        cmocka_unit_test(test_models),
        cmocka_unit_test(test_sent_model),
        cmocka_unit_test(test_two_models),
        cmocka_unit_test(test_log),
        cmocka_unit_test(test_records),
        cmocka_unit_test(test_digest),
        cmocka_unit_test(test_no_memory)
    };

    return cmocka_run_group_tests_name("decide", tests, NULL, NULL);
}
