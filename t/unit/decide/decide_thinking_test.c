
/*
 * Copyright (C) llm-policy authors
 *
 * Budgets of thinking: below max_tokens, under a rule of their own, and next to
 * a rule about the effort.  Each decision is also made while the body passes.
 */


#include "decide_run.h"
#include "policy_load.h"
#include "test.h"


typedef struct {
    const char  *dialect;
    const char  *rules;
    const char  *body;
    const char  *expected;   /* the forwarded body; NULL: unchanged; or code */
    const char  *changes;    /* NULL: not checked */
} case_t;


static void check(const case_t *c, const char *models);


static const char  policy_text[] =
    "{\"version\":1,\"default_tier\":\"t\","
    "\"tiers\":{\"t\":{\"parameters\":%s}}%s}";


#define CLAUDE  "anthropic.messages"
#define CHAT    "openai.chat"
#define GEMINI  "gemini.generate"

#define MAX     "{\"max_tokens\":{\"max\":8192}}"
#define BUDGET  "{\"thinking_budget\":{\"max\":2000}}"
#define EFFORT  "{\"reasoning_effort\":{\"allow\":[\"low\"]}}"
#define BOTH    "{\"reasoning_effort\":{\"allow\":[\"low\"]},"                \
                "\"thinking_budget\":{\"max\":2000}}"

#define THINK(budget)                                                         \
    "\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":" budget "}"
#define OFF  "\"thinking\":{\"type\":\"disabled\"}"


#define REMOVE_UNKNOWN  ",\"unknown_members\":\"remove\""


static const case_t  tokens[] = {

    /* a member that turns thinking off belongs to the budget, in any dialect */
    { CHAT, BUDGET REMOVE_UNKNOWN, "{" OFF "}", NULL, NULL },
    { CHAT, BUDGET REMOVE_UNKNOWN,
      "{\"thinking\":{\"x\":1,\"type\":\"enabled\",\"budget_tokens\":9000}}",
      "{" THINK("2000") "}", NULL },
    { CHAT, BUDGET REMOVE_UNKNOWN,
      "{\"reasoning\":{\"enabled\":false,\"x\":1}}",
      "{\"reasoning\":{\"enabled\":false}}", NULL },

    /* lowered with max_tokens, in either order */
    { CLAUDE, MAX, "{\"max_tokens\":32000," THINK("10000") "}",
      "{\"max_tokens\":8192," THINK("8191") "}",
      "max_tokens=32000->8192 (max), thinking_budget=10000->8191 (max)" },
    { CLAUDE, MAX, "{" THINK("10000") ",\"max_tokens\":32000}",
      "{" THINK("8191") ",\"max_tokens\":8192}", NULL },
    { CLAUDE, "{\"max_tokens\":{\"max\":10000}}",
      "{\"max_tokens\":32000," THINK("10000") "}",
      "{\"max_tokens\":10000," THINK("9999") "}", NULL },
    { CLAUDE, "{\"max_tokens\":{\"force\":4096}}",
      "{\"max_tokens\":32000," THINK("10000") "}",
      "{\"max_tokens\":4096," THINK("4095") "}", NULL },
    { CLAUDE, "{\"max_tokens\":{\"force\":4096}}",
      "{\"max_tokens\":32000," THINK("4095") "}",
      "{\"max_tokens\":4096," THINK("4095") "}", NULL },

    /* nothing, the default, or null as max_tokens */
    { CLAUDE, MAX, "{" THINK("10000") "}",
      "{" THINK("8191") ",\"max_tokens\":8192}", NULL },
    { CLAUDE, "{\"max_tokens\":{\"default\":2048}}",
      "{" THINK("10000") ",\"a\":1}",
      "{" THINK("2047") ",\"a\":1,\"max_tokens\":2048}", NULL },
    { CLAUDE, MAX, "{\"max_tokens\":null," THINK("10000") "}",
      "{\"max_tokens\":8192," THINK("8191") "}", NULL },

    /* no legal budget is left */
    { CLAUDE, "{\"max_tokens\":{\"max\":1025}}",
      "{\"max_tokens\":32000," THINK("10000") "}",
      "{\"max_tokens\":1025," THINK("1024") "}", NULL },
    { CLAUDE, "{\"max_tokens\":{\"max\":1024}}",
      "{\"max_tokens\":32000," THINK("10000") ",\"a\":[]}",
      "{\"max_tokens\":1024," OFF ",\"a\":[]}",
      "max_tokens=32000->1024 (max), thinking_budget=10000-> (remove)" },
    { CLAUDE, "{\"max_tokens\":{\"max\":9}}",
      "{\"thinking\" : { \"x\":{\"y\":[]},\"budget_tokens\":2e3 } }",
      "{\"thinking\" : {\"type\":\"disabled\"} ,\"max_tokens\":9}", NULL },

    /* the policy changes nothing: with interleaved thinking, a budget may
       exceed max_tokens; but not a bound of the policy */
    { CLAUDE, "{\"temperature\":{\"max\":1}}",
      "{\"max_tokens\":4000," THINK("9000") "}", NULL, "" },
    { CLAUDE, "{\"max_tokens\":{\"default\":9}}",
      "{\"max_tokens\":4000," THINK("9000") "}", NULL, "" },
    { CLAUDE, MAX, "{\"max_tokens\":9000," THINK("8191") "}",
      "{\"max_tokens\":8192," THINK("8191") "}", NULL },
    { CLAUDE, MAX, "{\"max_tokens\":8192," THINK("100000") "}",
      "{\"max_tokens\":8192," THINK("8191") "}", NULL },
    { CLAUDE, MAX, "{\"max_tokens\":8192," THINK("1e99") "}",
      "{\"max_tokens\":8192," THINK("8191") "}", NULL },
    { CLAUDE, MAX, "{\"max_tokens\":8192," THINK("-1") "}",
      "{\"max_tokens\":8192," THINK("8191") "}", NULL },
    { CLAUDE, MAX, "{\"max_tokens\":8192," THINK("500") "}", NULL, "" },

    /* max_tokens is refused, removed, or under a pointer */
    { CLAUDE, "{\"max_tokens\":{\"max\":9,\"on_violation\":\"reject\"}}",
      "{\"max_tokens\":8192," THINK("5000") "}", "value_not_allowed", NULL },
    { CLAUDE, "{\"max_tokens\":{\"remove\":true}}",
      "{\"max_tokens\":8192," THINK("5000") "}", "{" THINK("5000") "}", NULL },
    { CLAUDE, "{\"/max_tokens\":{\"max\":4096}}",
      "{" THINK("5000") ",\"max_tokens\":8192}",
      "{" THINK("4095") ",\"max_tokens\":4096}",
      "thinking_budget=5000->4095 (max), /max_tokens=8192->4096 (max)" },
    { CLAUDE, "{\"/max_tokens\":{\"default\":4096}}",
      "{" THINK("5000") "}",
      "{" THINK("4095") ",\"max_tokens\":4096}", NULL },
    { CLAUDE, "{\"/max_tokens\":{\"force\":4096}}",
      "{\"max_tokens\":1," THINK("5000") "}",
      "{\"max_tokens\":4096," THINK("4095") "}", NULL },
    { CLAUDE, "{\"max_tokens\":{\"max\":4096},\"/thinking\":{\"deny\":true}}",
      "{" THINK("5000") "}", "parameter_denied", NULL },
    { CLAUDE, "{\"max_tokens\":{\"max\":4096},\"/thinking\":{\"remove\":true}}",
      "{" THINK("5000") "}", "{\"max_tokens\":4096}", NULL },
    { CLAUDE, "{\"max_tokens\":{\"max\":4096},"
      "\"/thinking/budget_tokens\":{\"max\":4500}}",
      "{" THINK("5000") "}", "{" THINK("4095") ",\"max_tokens\":4096}", NULL },
    { CLAUDE, "{\"max_tokens\":{\"max\":1000},\"/thinking/display\":"
      "{\"force\":\"omitted\"}}",
      "{" THINK("5000") "}", "{" OFF ",\"max_tokens\":1000}", NULL },

    /* members that conflict with thinking, after it is turned off */
    { CLAUDE, "{\"max_tokens\":{\"max\":9},\"temperature\":{\"max\":0.5}}",
      "{\"temperature\":1," THINK("5000") "}",
      "{\"temperature\":0.5," OFF ",\"max_tokens\":9}", NULL },
    { CLAUDE, "{\"max_tokens\":{\"max\":9},\"temperature\":{\"default\":0.5}}",
      "{" THINK("5000") "}",
      "{" OFF ",\"temperature\":0.5,\"max_tokens\":9}", NULL },
    { CLAUDE, "{\"max_tokens\":{\"max\":9999},\"temperature\":{\"max\":0.5}}",
      "{\"temperature\":1," THINK("5000") "}", "value_not_allowed", NULL },

    /* the same in other routes to Claude */
    { "bedrock.anthropic", MAX, "{\"max_tokens\":32000," THINK("10000") "}",
      "{\"max_tokens\":8192," THINK("8191") "}", NULL },
    { "anthropic.batches", MAX,
      "{\"requests\":[{\"params\":{" THINK("9000") "}},{\"params\":"
      "{\"max_tokens\":5000," THINK("4000") "}}]}",
      "{\"requests\":[{\"params\":{" THINK("8191") ",\"max_tokens\":8192}},"
      "{\"params\":{\"max_tokens\":5000," THINK("4000") "}}]}", NULL },
    { CHAT, MAX, "{" THINK("10000") ",\"max_tokens\":32000}",
      "{" THINK("8191") ",\"max_tokens\":8192}", NULL },
    { CHAT, MAX,
      "{\"reasoning\":{\"max_tokens\":9999,\"exclude\":true}}",
      "{\"reasoning\":{\"max_tokens\":8191,\"exclude\":true},"
      "\"max_tokens\":8192}", NULL },
    { CHAT, "{\"max_tokens\":{\"max\":9}}",
      "{\"max_tokens\":32000,\"reasoning\":{\"max_tokens\":9999}}",
      "{\"max_tokens\":9,\"reasoning\":{\"enabled\":false}}", NULL },
    { "openai.responses", MAX,
      "{\"max_output_tokens\":32000,\"reasoning\":{\"max_tokens\":9999,"
      "\"effort\":\"low\"}}",
      "{\"max_output_tokens\":8192,\"reasoning\":{\"max_tokens\":8191,"
      "\"effort\":\"low\"}}", NULL },
    { "compatible.chat", MAX,
      "{" THINK("10000") ",\"max_completion_tokens\":100}",
      "{" THINK("8191") ",\"max_completion_tokens\":100,\"max_tokens\":8192}",
      NULL },

    /* the first of two names that the API has */
    { CHAT, MAX,
      "{\"max_tokens\":9000," THINK("10000") ",\"max_completion_tokens\":50}",
      "{\"max_tokens\":8192," THINK("8191") ",\"max_completion_tokens\":50}",
      NULL },

    /* it is no spelling of max_tokens */
    { CHAT, MAX, "{\"max_tokens\":9,\"thinking_budget\":99999}", NULL, "" },
    { CHAT, MAX, "{\"max_tokens\":9,\"thinking_budget_tokens\":-1}", NULL,
      "" },
    { CHAT, MAX, "{\"max_tokens\":9," THINK("0") "}", NULL, "" },
    { CHAT, MAX, "{\"max_tokens\":9,\"thinking\":true}", NULL, "" },
    { CHAT, MAX, "{\"max_tokens\":9,\"thinking\":null}", NULL, "" },

    { NULL, NULL, NULL, NULL, NULL }
};


static const case_t  budgets[] = {

    { CLAUDE, BUDGET, "{\"max_tokens\":32000," THINK("10000") "}",
      "{\"max_tokens\":32000," THINK("2000") "}",
      "thinking_budget=10000->2000 (max)" },
    { CLAUDE, BUDGET, "{" THINK("2000") "}", NULL, "" },
    { CLAUDE, BUDGET, "{" THINK("-1") "}", "{" THINK("2000") "}", NULL },
    { CLAUDE, BUDGET, "{" THINK("\"9\"") "}", "invalid_type", NULL },
    { CLAUDE, BUDGET, "{}", NULL, "" },
    { CLAUDE, BUDGET, "{" OFF "}", NULL, "" },

    /* and below max_tokens */
    { CLAUDE, BUDGET, "{\"max_tokens\":1500," THINK("10000") "}",
      "{\"max_tokens\":1500," THINK("1499") "}", NULL },
    { CLAUDE, "{\"thinking_budget\":{\"max\":2000},"
      "\"max_tokens\":{\"max\":1500}}",
      "{" THINK("10000") ",\"max_tokens\":1600}",
      "{" THINK("1499") ",\"max_tokens\":1500}", NULL },
    { CLAUDE, "{\"thinking_budget\":{\"min\":5000}}",
      "{\"max_tokens\":4000," THINK("2000") "}",
      "{\"max_tokens\":4000," THINK("3999") "}", NULL },
    { CLAUDE, BUDGET, "{\"max_tokens\":1500," THINK("1800") "}", NULL, "" },

    /* below what the API accepts */
    { CLAUDE, "{\"thinking_budget\":{\"max\":1023}}", "{" THINK("4000") "}",
      "{" OFF "}", "thinking_budget=4000-> (remove)" },
    { CLAUDE, "{\"thinking_budget\":{\"max\":0}}", "{" THINK("4000") "}",
      "{" OFF "}", NULL },
    { CLAUDE, "{\"thinking_budget\":{\"force\":0}}", "{" THINK("4000") "}",
      "{" OFF "}", NULL },
    { CLAUDE, "{\"thinking_budget\":{\"remove\":true}}", "{" THINK("4000") "}",
      "{" OFF "}", NULL },
    { CLAUDE, "{\"thinking_budget\":{\"min\":1500}}", "{" THINK("1024") "}",
      "{" THINK("1500") "}", NULL },
    { CHAT, "{\"thinking_budget\":{\"min\":1500}}", "{\"thinking_budget\":-1}",
      NULL, "" },
    { CHAT, "{\"thinking_budget\":{\"min\":1500}}", "{\"thinking_budget\":0}",
      "{\"thinking_budget\":1500}", NULL },
    { CHAT, "{\"thinking_budget\":{\"max\":100}}", "{\"thinking_budget\":999}",
      "{\"thinking_budget\":100}", NULL },

    /* other verbs; nothing turns thinking on */
    { CLAUDE, "{\"thinking_budget\":{\"force\":3000}}",
      "{\"max_tokens\":9999," THINK("4000") "}",
      "{\"max_tokens\":9999," THINK("3000") "}", NULL },
    { CLAUDE, "{\"thinking_budget\":{\"force\":3000}}", "{}", NULL, "" },
    { CLAUDE, "{\"thinking_budget\":{\"default\":3000}}", "{}", NULL, "" },
    { CLAUDE, "{\"thinking_budget\":{\"min\":3000}}", "{}", NULL, "" },
    { CLAUDE, "{\"thinking_budget\":{\"deny\":true}}", "{" THINK("4000") "}",
      "parameter_denied", NULL },
    { CLAUDE, "{\"thinking_budget\":{\"max\":9,\"on_violation\":\"reject\"}}",
      "{\"max_tokens\":2," THINK("4000") "}", "value_not_allowed", NULL },
    { CLAUDE, "{\"thinking_budget\":{\"allow\":[2000,4000,9000]},"
      "\"max_tokens\":{\"max\":8192}}",
      "{\"max_tokens\":9999," THINK("9000") "}",
      "{\"max_tokens\":8192," THINK("4000") "}", NULL },
    { CLAUDE, "{\"thinking_budget\":{\"allow\":[2000,9000]},"
      "\"max_tokens\":{\"max\":2000}}",
      "{\"max_tokens\":9999," THINK("9000") "}",
      "{\"max_tokens\":2000," OFF "}", NULL },
    { CLAUDE, "{\"thinking_budget\":{\"allow\":[2000]},"
      "\"max_tokens\":{\"max\":2000}}",
      "{\"max_tokens\":9999," THINK("9000") "}", "value_not_allowed", NULL },

    /* types that leave the budget to the model */
    { CLAUDE, BUDGET, "{\"thinking\":{\"type\":\"adaptive\"}}",
      "undermines_policy", NULL },
    { CLAUDE, BUDGET, "{\"thinking\":{\"type\":\"enabled\"}}",
      "undermines_policy", NULL },
    { CLAUDE, BUDGET,
      "{\"thinking\":{\"type\":\"adaptive\",\"budget_tokens\":1500}}",
      "undermines_policy", NULL },
    { CLAUDE, BUDGET, "{\"thinking\":{\"type\":\"\\u0061daptive\"}}",
      "undermines_policy", NULL },

    /* without an effort, it is high */
    { CLAUDE, BOTH, "{\"thinking\":{\"type\":\"adaptive\"}}",
      "undermines_policy", NULL },
    { CLAUDE, BOTH, "{\"thinking\":{\"type\":\"adaptive\"},"
      "\"output_config\":{\"effort\":\"low\"}}", NULL, "" },
    { CLAUDE, "{\"reasoning_effort\":{\"allow\":[\"low\"]},"
      "\"thinking_budget\":{\"max\":2000},\"/thinking/type\":{}}",
      "{\"thinking\":{\"type\":\"adaptive\"}}", NULL, "" },
    { CLAUDE, "{\"reasoning_effort\":{\"max\":\"low\"},"
      "\"thinking_budget\":{\"max\":2000}}",
      "{\"thinking\":{\"type\":\"adaptive\"}}",
      "{\"thinking\":{\"type\":\"adaptive\"},"
      "\"output_config\":{\"effort\":\"low\"}}", NULL },

    { CLAUDE, "{\"thinking_budget\":{\"max\":2000},\"/thinking/type\":{}}",
      "{\"thinking\":{\"type\":\"adaptive\"}}", NULL, "" },
    { CHAT, BOTH, "{\"thinking\":{\"type\":\"adaptive\"}}",
      "undermines_policy", NULL },
    { CHAT, BUDGET, "{\"thinking\":true}", "undermines_policy", NULL },
    { CHAT, BUDGET, "{\"thinking\":false}", NULL, "" },
    { CHAT, BUDGET, "{\"thinking\":{\"type\":\"auto\"}}", "undermines_policy",
      NULL },
    { CHAT, BUDGET, "{" THINK("9000") "}", "{" THINK("2000") "}", NULL },
    { CHAT, BUDGET, "{\"thinking\":{\"type\":\"enabled\",\"token_budget\":9}}",
      NULL, "" },
    { CHAT, BUDGET,
      "{\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":null}}",
      "undermines_policy", NULL },
    { CHAT, "{\"thinking_budget\":{\"remove\":true}}",
      "{\"thinking\":{\"type\":\"enabled\",\"token_budget\":9}}",
      "undermines_policy", NULL },

    /* hostile spellings */
    { CLAUDE, BUDGET, "{\"thinking\":{\"type\":\"enabled\","
      "\"budgetTokens\":9000}}", "ambiguous_member", NULL },
    { CLAUDE, BUDGET, "{\"Thinking\":{\"budget_tokens\":9000}}",
      "ambiguous_member", NULL },
    { CLAUDE, BUDGET,
      "{\"th\\u0069nking\":{\"budget_tokens\":9e9}}", "ambiguous_member",
      NULL },
    { CLAUDE, BUDGET, "{\"thinking\":{\"budget\\u005ftokens\":9e9}}",
      "ambiguous_member", NULL },
    { CLAUDE, BUDGET, "{\"thinking\":[{\"budget_tokens\":9000}]}",
      "undermines_policy", NULL },
    { CLAUDE, BUDGET, "{\"thinking\":\"{}\"}", "undermines_policy", NULL },
    { CLAUDE, BUDGET, "{\"thinking\":[]}", "invalid_type", NULL },
    { CLAUDE, MAX, "{" THINK("9000") ",\"thinking\":{}}", "duplicate_member",
      NULL },

    { NULL, NULL, NULL, NULL, NULL }
};


#define CONFIG(text)                                                          \
    "{\"generationConfig\":{\"thinkingConfig\":{" text "}}}"

static const case_t  gemini[] = {
    { GEMINI, BUDGET, CONFIG("\"thinkingBudget\":9000"),
      CONFIG("\"thinkingBudget\":2000"), "thinking_budget=9000->2000 (max)" },
    { GEMINI, BUDGET, CONFIG("\"thinkingBudget\":-1"),
      CONFIG("\"thinkingBudget\":2000"), NULL },
    { GEMINI, BUDGET, CONFIG("\"thinkingBudget\":0"), NULL, "" },
    { GEMINI, BUDGET,
      "{\"generation_config\":{\"thinking_config\":{\"thinking_budget\":-1}}}",
      "{\"generation_config\":{\"thinking_config\":{\"thinking_budget\":2000}}"
      "}", NULL },
    { GEMINI, BUDGET,
      "{\"generationConfig\":{\"thinking_config\":{\"thinkingBudget\":2001}}}",
      "{\"generationConfig\":{\"thinking_config\":{\"thinkingBudget\":2000}}}",
      NULL },

    /* an absent budget is the model's own choice */
    { GEMINI, BUDGET, "{}",
      "{\"generationConfig\":{\"thinkingConfig\":{\"thinkingBudget\":2000}}}",
      "thinking_budget=->2000 (max)" },
    { GEMINI, BUDGET, "{\"generationConfig\":{\"topK\":1},\"a\":[]}",
      "{\"generationConfig\":{\"topK\":1,\"thinkingConfig\":"
      "{\"thinkingBudget\":2000}},\"a\":[]}", NULL },
    { GEMINI, BUDGET,
      "{\"generation_config\":{\"thinking_config\":{\"includeThoughts\":true}},"
      "\"a\":[]}",
      "{\"generation_config\":{\"thinking_config\":{\"includeThoughts\":true,"
      "\"thinkingBudget\":2000}},\"a\":[]}", NULL },
    { GEMINI, BUDGET, "{\"generationConfig\":null,\"a\":1}",
      "{\"generationConfig\":{\"thinkingConfig\":{\"thinkingBudget\":2000}},"
      "\"a\":1}", NULL },
    { GEMINI, "{\"thinking_budget\":{\"max\":30000}}", "{}",
      "{\"generationConfig\":{\"thinkingConfig\":{\"thinkingBudget\":24576}}}",
      NULL },
    { GEMINI, "{\"thinking_budget\":{\"default\":512}}", "{}",
      "{\"generationConfig\":{\"thinkingConfig\":{\"thinkingBudget\":512}}}",
      NULL },
    { GEMINI, "{\"thinking_budget\":{\"max\":2000},\"temperature\":"
      "{\"max\":0.5}}", "{\"generationConfig\":{},\"a\":1}",
      "{\"generationConfig\":{\"temperature\":0.5,\"thinkingConfig\":"
      "{\"thinkingBudget\":2000}},\"a\":1}", NULL },

    /* next to a level, the API refuses a budget */
    { GEMINI, BUDGET, CONFIG("\"thinkingLevel\":\"low\""), NULL, "" },
    { GEMINI, BUDGET,
      "{\"generation_config\":{\"thinkingConfig\":{\"thinking_level\":\"LOW\"}}"
      ",\"a\":1}", NULL, "" },

    /* two objects, of which readers use either */
    { GEMINI, BUDGET, "{\"generationConfig\":{\"thinkingConfig\":{},"
      "\"thinking_config\":{}}}", "ambiguous_member", NULL },
    { GEMINI, BUDGET, "{\"generationConfig\":{\"thinkingConfig\":{}},"
      "\"generation_config\":{}}", "ambiguous_member", NULL },
    { GEMINI, BUDGET, CONFIG("\"thinkingBudget\":1,\"thinking_budget\":1"),
      "ambiguous_member", NULL },
    { GEMINI, BUDGET, CONFIG("\"thinking-budget\":1"), "ambiguous_member",
      NULL },
    { GEMINI, BUDGET, "{\"generationConfig\":{\"thinkingConfig\":[]}}",
      "invalid_type", NULL },

    { "gemini.batch", BUDGET,
      "{\"batch\":{\"inputConfig\":{\"requests\":{\"requests\":[{\"request\":"
      "{\"a\":1}}]}}}}",
      "{\"batch\":{\"inputConfig\":{\"requests\":{\"requests\":[{\"request\":"
      "{\"a\":1,\"generationConfig\":{\"thinkingConfig\":"
      "{\"thinkingBudget\":2000}}}}]}}}}", NULL },

    { NULL, NULL, NULL, NULL, NULL }
};


static const case_t  efforts[] = {

    /* a budget stands for an effort */
    { CLAUDE, EFFORT, "{" THINK("63999") "}", "undermines_policy", NULL },
    { CLAUDE, EFFORT, "{" THINK("0") "}", NULL, "" },
    { CLAUDE, EFFORT, "{" OFF "}", NULL, "" },
    { CLAUDE, EFFORT, "{\"thinking\":{\"type\":\"adaptive\"}}", NULL, "" },
    { CLAUDE, BOTH, "{" THINK("63999") "}", "{" THINK("2000") "}", NULL },
    { CLAUDE, "{\"reasoning_effort\":{\"allow\":[\"low\"]},"
      "\"thinking_budget\":{\"default\":1}}", "{" THINK("63999") "}", NULL,
      "" },
    { CLAUDE, "{\"reasoning_effort\":{\"default\":\"low\"}}",
      "{" THINK("63999") "}",
      "{" THINK("63999") ",\"output_config\":{\"effort\":\"low\"}}", NULL },
    { "bedrock.anthropic", EFFORT, "{" THINK("1024") "}", "undermines_policy",
      NULL },
    { GEMINI, EFFORT, CONFIG("\"thinkingBudget\":1"), "undermines_policy",
      NULL },
    { GEMINI, EFFORT, CONFIG("\"thinking_budget\":-1"), "undermines_policy",
      NULL },
    { GEMINI, EFFORT, CONFIG("\"thinkingBudget\":0"), NULL, "" },
    { CHAT, EFFORT, "{\"reasoning\":{\"max_tokens\":1}}", "undermines_policy",
      NULL },
    { CHAT, EFFORT, "{\"reasoning_budget\":-1}", "undermines_policy", NULL },
    { CHAT, EFFORT, "{\"thinking_budget\":\"9\"}", "undermines_policy", NULL },
    { CHAT, EFFORT, "{\"thinking_budget\":null}", NULL, "" },
    { CHAT, EFFORT,
      "{\"google\":{\"thinking_config\":{\"thinking_budget\":9}}}",
      "undermines_policy", NULL },
    { CHAT, EFFORT, "{\"extra_body\":{\"google\":{\"thinking_config\":"
      "{\"thinking_budget\":9}}}}", "undermines_policy", NULL },

    /* thinking that is turned on */
    { CHAT, EFFORT, "{\"thinking\":{\"type\":\"enabled\"}}",
      "undermines_policy", NULL },
    { CHAT, EFFORT, "{\"thinking\":{\"type\":\"disabled\"}}", NULL, "" },
    { CHAT, EFFORT, "{\"thinking\":{\"type\":\"adaptive\"}}",
      "undermines_policy", NULL },
    { CHAT, EFFORT, "{\"thinking\":{}}", NULL, "" },
    { CHAT, EFFORT, "{\"thinking\":true}", "undermines_policy", NULL },
    { CHAT, EFFORT, "{\"enable_thinking\":true}", "undermines_policy", NULL },
    { CHAT, EFFORT, "{\"enable_thinking\":false}", NULL, "" },
    { CHAT, EFFORT, "{\"reasoning\":{\"enabled\":false}}", NULL, "" },
    { CHAT, EFFORT, "{\"reasoning\":{\"enabled\":true}}", "undermines_policy",
      NULL },
    { CHAT, EFFORT, "{\"reasoning_enabled\":true}", "undermines_policy", NULL },

    /* any case; a written value has that of the API */
    { GEMINI, EFFORT, CONFIG("\"thinkingLevel\":\"LOW\""), NULL, "" },
    { GEMINI, EFFORT, CONFIG("\"thinking_level\":\"low\""), NULL, "" },
    { GEMINI, EFFORT, CONFIG("\"thinkingLevel\":\"HIGH\""),
      "value_not_allowed", NULL },
    { GEMINI, EFFORT, CONFIG("\"thinkingLevel\":\"LOWER\""),
      "value_not_allowed", NULL },
    { GEMINI, "{\"reasoning_effort\":{\"force\":\"low\"}}",
      CONFIG("\"thinkingLevel\":\"HIGH\""), CONFIG("\"thinkingLevel\":\"LOW\""),
      "reasoning_effort=\"HIGH\"->\"LOW\" (force)" },
    { GEMINI, "{\"reasoning_effort\":{\"force\":\"low\"}}",
      CONFIG("\"thinkingLevel\":\"low\""), NULL, "" },
    { CHAT, EFFORT, "{\"reasoning_effort\":\"LOW\"}", NULL, "" },
    { CHAT, "{\"reasoning_effort\":{\"force\":\"low\"}}",
      "{\"reasoning_effort\":\"LOW\"}", "{\"reasoning_effort\":\"low\"}",
      NULL },
    { CHAT, "{\"verbosity\":{\"allow\":[\"low\"]}}",
      "{\"verbosity\":\"Low\"}", NULL, "" },
    { CHAT, "{\"service_tier\":{\"allow\":[\"flex\"]}}",
      "{\"service_tier\":\"Flex\"}", "value_not_allowed", NULL },

    { NULL, NULL, NULL, NULL, NULL }
};


/* efforts and verbosities have an order */

#define MEDIUM  "{\"reasoning_effort\":{\"max\":\"medium\"}}"

static const case_t  orders[] = {
    { CHAT, MEDIUM, "{\"reasoning_effort\":\"high\"}",
      "{\"reasoning_effort\":\"medium\"}",
      "reasoning_effort=\"high\"->\"medium\" (max)" },
    { CHAT, MEDIUM, "{\"reasoning_effort\":\"max\"}",
      "{\"reasoning_effort\":\"medium\"}", NULL },
    { CHAT, MEDIUM, "{\"reasoning_effort\":\"x\\u0048igh\"}",
      "{\"reasoning_effort\":\"medium\"}", NULL },
    { CHAT, MEDIUM, "{\"reasoning_effort\":\"medium\"}", NULL, "" },
    { CHAT, MEDIUM, "{\"reasoning_effort\":\"Minimal\"}", NULL, "" },
    { CHAT, MEDIUM, "{\"reasoning_effort\":\"none\"}", NULL, "" },
    { CHAT, MEDIUM, "{\"reasoning_effort\":\"ultra\"}", "value_not_allowed",
      NULL },
    { CHAT, MEDIUM, "{\"reasoning_effort\":\"\"}", "value_not_allowed", NULL },
    { CHAT, MEDIUM, "{\"reasoning_effort\":3}", "invalid_type", NULL },
    { CHAT, MEDIUM, "{\"reasoning_effort\":null}", NULL, "" },
    { CHAT, MEDIUM, "{}", NULL, "" },
    { CHAT, MEDIUM, "{\"think\":true}", "{\"think\":\"medium\"}", NULL },
    { CHAT, MEDIUM, "{\"think\":false}", NULL, "" },
    { CHAT, MEDIUM, "{" THINK("9") "}", "undermines_policy", NULL },
    { CHAT, "{\"reasoning_effort\":{\"min\":\"low\"}}",
      "{\"reasoning_effort\":\"none\"}", "{\"reasoning_effort\":\"low\"}",
      "reasoning_effort=\"none\"->\"low\" (min)" },
    { CHAT, "{\"reasoning_effort\":{\"min\":\"low\"}}", "{\"think\":false}",
      "{\"think\":\"low\"}", NULL },
    { CHAT, "{\"reasoning_effort\":{\"min\":\"low\"}}", "{\"think\":true}",
      NULL, "" },
    { CHAT, "{\"reasoning_effort\":{\"default\":\"low\",\"max\":\"medium\"}}",
      "{}", "{\"reasoning_effort\":\"low\"}", NULL },
    { CHAT, "{\"reasoning_effort\":{\"max\":\"low\","
      "\"on_violation\":\"reject\"}}", "{\"reasoning_effort\":\"high\"}",
      "value_not_allowed", NULL },
    { "openai.responses", MEDIUM, "{\"reasoning\":{\"effort\":\"xhigh\"}}",
      "{\"reasoning\":{\"effort\":\"medium\"}}", NULL },
    { CLAUDE, MEDIUM, "{\"output_config\":{\"effort\":\"max\"}}",
      "{\"output_config\":{\"effort\":\"medium\"}}", NULL },
    { GEMINI, MEDIUM, CONFIG("\"thinkingLevel\":\"HIGH\""),
      CONFIG("\"thinkingLevel\":\"MEDIUM\""), NULL },
    { GEMINI, MEDIUM, CONFIG("\"thinking_level\":\"high\""),
      CONFIG("\"thinking_level\":\"MEDIUM\""), NULL },
    { CHAT, "{\"verbosity\":{\"min\":\"medium\"}}", "{\"verbosity\":\"low\"}",
      "{\"verbosity\":\"medium\"}", NULL },
    { "openai.responses", "{\"verbosity\":{\"max\":\"medium\"}}",
      "{\"text\":{\"verbosity\":\"high\"}}",
      "{\"text\":{\"verbosity\":\"medium\"}}", NULL },
    { CHAT, "{\"verbosity\":{\"max\":\"medium\"}}", "{\"verbosity\":\"xhigh\"}",
      "value_not_allowed", NULL },
    { NULL, NULL, NULL, NULL, NULL }
};


/* the value that the API requires next to thinking */

#define ON  "\"thinking\":{\"type\":\"adaptive\"}"

static const case_t  frozen[] = {
    { CLAUDE, "{\"temperature\":{\"force\":1}}", "{\"temperature\":0," ON "}",
      "{\"temperature\":1," ON "}", "temperature=0->1 (force)" },
    { CLAUDE, "{\"temperature\":{\"force\":1.00}}",
      "{" ON ",\"temperature\":0}", "{" ON ",\"temperature\":1.00}", NULL },
    { CLAUDE, "{\"temperature\":{\"min\":1}}",
      "{\"temperature\":0," THINK("9999") "}",
      "{\"temperature\":1," THINK("9999") "}", NULL },
    { CLAUDE, "{\"temperature\":{\"force\":2}}", "{\"temperature\":0," ON "}",
      "{\"temperature\":1," ON "}", NULL },
    { CLAUDE, "{\"temperature\":{\"force\":0.9}}",
      "{\"temperature\":0," ON "}", "value_not_allowed", NULL },
    { CLAUDE, "{\"temperature\":{\"force\":1}}", "{" ON "}", NULL, "" },
    { "bedrock.anthropic", "{\"temperature\":{\"force\":1}}",
      "{\"temperature\":0," ON "}", "{\"temperature\":1," ON "}", NULL },
    { "anthropic.batches", "{\"temperature\":{\"force\":1}}",
      "{\"requests\":[{\"params\":{\"temperature\":0," ON "}}]}",
      "{\"requests\":[{\"params\":{\"temperature\":1," ON "}}]}", NULL },
    { NULL, NULL, NULL, NULL, NULL }
};


/* rules of the model, which may follow the members that depend on it */

static const char  of_model[] =
    ",\"models\":[{\"match\":[\"small\"],\"parameters\":"
    "{\"max_tokens\":{\"max\":1024},\"thinking_budget\":{\"max\":4000}}}]";

static const case_t  by_model[] = {
    { CLAUDE, MAX, "{\"max_tokens\":9000," THINK("8500") ",\"model\":\"x\"}",
      "{\"max_tokens\":8192," THINK("8191") ",\"model\":\"x\"}", NULL },
    { CLAUDE, MAX,
      "{" THINK("8500") ",\"max_tokens\":9000,\"model\":\"small\"}",
      "{" OFF ",\"max_tokens\":1024,\"model\":\"small\"}", NULL },
    { CLAUDE, "{}", "{\"model\":\"small\"," THINK("5000") "}",
      "{\"model\":\"small\"," OFF ",\"max_tokens\":1024}", NULL },
    { CLAUDE, "{}", "{\"model\":\"x\"," THINK("5000") "}", NULL, "" },
    { NULL, NULL, NULL, NULL, NULL }
};


static void
check(const case_t *c, const char *models)
{
    llmp_str_t        sent, line, body;
    llmp_int_t        rc;
    llmp_arena_t      arena;
    llmp_policy_t    *policy;
    llmp_decision_t   d;

    for ( /* void */ ; c->rules != NULL; c++) {
        llmp_arena_init(&arena);

        policy = load_policy(&arena, policy_text, c->rules, models);
        body = test_cstr(c->body);
        rc = decide_as(&arena, policy, c->dialect, &body, &d, &sent);

        if (rc != LLMP_OK) {
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

            if (c->changes != NULL) {
                line = llmp_decision_changes_line(&d, &arena.pool);
                assert_str_is(line, c->changes);
            }
        }

        llmp_policy_free(policy);
        llmp_arena_reset(&arena);
    }
}


static void
test_below_max_tokens(void **state)
{
    (void) state;

    check(tokens, "");
}


static void
test_rules_of_budget(void **state)
{
    (void) state;

    check(budgets, "");
}


static void
test_gemini(void **state)
{
    (void) state;

    check(gemini, "");
}


static void
test_efforts(void **state)
{
    (void) state;

    check(efforts, "");
}


static void
test_orders(void **state)
{
    (void) state;

    check(orders, "");
}


static void
test_frozen(void **state)
{
    (void) state;

    check(frozen, "");
}


static void
test_rules_of_model(void **state)
{
    (void) state;

    check(by_model, of_model);
}


/* models that do not think get no budget */

static void
test_gemini_models(void **state)
{
    llmp_str_t        sent, body;
    llmp_uint_t       i;
    llmp_arena_t      arena;
    llmp_policy_t    *policy;
    llmp_request_t    request;
    llmp_decision_t   d;

    static const struct {
        const char   *model;
        llmp_uint_t   thinks;
    } models[] = {
        { "gemini-2.5-pro", 1 },
        { "gemini-2.5-flash", 1 },
        { "gemini-3-pro-preview", 1 },
        { "gemini-flash-latest", 1 },
        { "gemini-2.5-flash-lite", 0 },
        { "gemini-2.5-flash-lite-001", 0 },
        { "gemini-2.5-flash-image", 0 },
        { "gemini-2.5-pro-preview-tts", 0 },
        { "gemini-2.0-flash-001", 0 },
        { "gemini-1.5-pro", 0 },
        { "gemma-3-27b-it", 0 }
    };

    (void) state;

    for (i = 0; i < sizeof(models) / sizeof(models[0]); i++) {
        llmp_arena_init(&arena);

        policy = load_policy(&arena, policy_text,
                             "{\"thinking_budget\":{\"min\":1,\"max\":9}}", "");

        body = test_str("gemini.generate");

        llmp_request_init(&request);
        request.dialect = llmp_dialect_find(&body);
        request.model = test_cstr(models[i].model);

        body = test_str("{\"contents\":[]}");

        assert_int_equal(decide_request(&arena, policy, &request, &body, &d,
                                        &sent),
                         LLMP_OK);

        if ((d.edits.nelts != 0) != models[i].thinks) {
            fail_msg("%s", models[i].model);
        }

        llmp_policy_free(policy);
        llmp_arena_reset(&arena);
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_below_max_tokens),
        cmocka_unit_test(test_rules_of_budget),
        cmocka_unit_test(test_gemini),
        cmocka_unit_test(test_gemini_models),
        cmocka_unit_test(test_efforts),
        cmocka_unit_test(test_orders),
        cmocka_unit_test(test_frozen),
        cmocka_unit_test(test_rules_of_model)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
