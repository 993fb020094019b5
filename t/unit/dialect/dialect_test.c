
/*
 * Copyright (C) llm-policy authors
 *
 * One policy has the same effect on every API: the same decisions for each
 * dialect.
 */


#include <stdio.h>

#include "dialect/llmp_dialect_paths.h"
#include "dialect/llmp_dialect_routes.h"

#include "test.h"
#include "decide_run.h"
#include "policy_load.h"


static const char  plain[] =
    "{\"version\":1,\"default_tier\":\"t\","
    "\"tiers\":{\"t\":{\"parameters\":%s}}}";


typedef struct {
    const char  *path;       /* path of a route to the dialect */
    const char  *dialect;
    const char  *absent;     /* request without temperature */
    const char  *present;    /* request with a temperature, %s */
    const char  *written;    /* `absent` after a temperature %s was added */
    const char  *removed;    /* `present` after it was removed */
} dialect_case_t;


typedef struct {
    const char  *dialect;
    const char  *rules;
    const char  *body;
    const char  *expected;   /* NULL: unchanged; or the code of the refusal */
} special_case_t;


static void assert_same_route(const llmp_paths_t *paths, const char *prefix,
    const char *path);
static const char *verdict(llmp_arena_t *arena, llmp_policy_t *policy,
    const char *dialect, const char *body);
static void expect(llmp_arena_t *arena, llmp_policy_t *policy,
    const dialect_case_t *c, const char *format, const char *value,
    const char *wanted, const char *wanted_value);


#define TOP      "{\"temperature\":%s}"
#define IN(name) "{\"" name "\":{\"temperature\":%s}}"


static const dialect_case_t  dialects[] = {
    { "/v1/chat/completions", "openai.chat", "{}", TOP, TOP, "{}" },
    { "/v1/completions", "openai.completions", "{}", TOP, TOP, "{}" },
    { "/v1/responses", "openai.responses", "{}", TOP, TOP, "{}" },
    { "/v1/threads/runs", "openai.assistants", "{}", TOP, TOP, "{}" },
    { "/v1/threads/t1/runs", "openai.assistants", "{}", TOP, TOP, "{}" },
    { "/v1/assistants/a1", "openai.assistants", "{}", TOP, TOP, "{}" },
    { "/openai/deployments/d/chat/completions", "openai.chat",
      "{}", TOP, TOP, "{}" },
    { "/openai/v1/chat/completions", "openai.chat", "{}", TOP, TOP, "{}" },

    { "/v1/evals/e1/runs", "openai.evals",
      "{\"data_source\":{\"sampling_params\":{}}}",
      "{\"data_source\":{\"sampling_params\":{\"temperature\":%s}}}",
      "{\"data_source\":{\"sampling_params\":{\"temperature\":%s}}}",
      "{\"data_source\":{\"sampling_params\":{}}}" },

    { "/v1/messages", "anthropic.messages", "{}", TOP, TOP, "{}" },
    { "/v1/complete", "anthropic.complete", "{}", TOP, TOP, "{}" },

    { "/v1/messages/batches", "anthropic.batches",
      "{\"requests\":[{\"params\":{}}]}",
      "{\"requests\":[{\"params\":{\"temperature\":%s}}]}",
      "{\"requests\":[{\"params\":{\"temperature\":%s}}]}",
      "{\"requests\":[{\"params\":{}}]}" },

    { "/v1beta/models/m:generateContent", "gemini.generate", "{}",
      IN("generationConfig"), IN("generationConfig"),
      "{\"generationConfig\":{}}" },

    { "/v1/projects/p/locations/l/publishers/google/models/m:"
      "streamGenerateContent", "gemini.generate",
      "{\"generation_config\":{}}", IN("generation_config"),
      IN("generation_config"), "{\"generation_config\":{}}" },

    { "/model/m/converse", "bedrock.converse", "{}", IN("inferenceConfig"),
      IN("inferenceConfig"), "{\"inferenceConfig\":{}}" },

    { "/v2/chat", "cohere.chat", "{}", TOP, TOP, "{}" },
    { "/v1/fim/completions", "mistral.chat", "{}", TOP, TOP, "{}" },

    { NULL, "mistral.conversations", "{}", IN("completion_args"),
      IN("completion_args"), "{\"completion_args\":{}}" },

    { "/api/chat", "ollama", "{}", IN("options"), IN("options"),
      "{\"options\":{}}" },
    { "/api/generate", "ollama", "{\"options\":null}", IN("options"),
      IN("options"), "{\"options\":{}}" },

    { "/completion", "llamacpp.completion", "{}", TOP, TOP, "{}" },

    { NULL, "sglang.generate", "{}", IN("sampling_params"),
      IN("sampling_params"), "{\"sampling_params\":{}}" },

    { NULL, "sglang.generate", "{\"sampling_params\":[{}]}",
      "{\"sampling_params\":[{\"temperature\":%s}]}",
      "{\"sampling_params\":[{\"temperature\":%s}]}",
      "{\"sampling_params\":[{}]}" },

    { "/inference/v1/generate", "vllm.generate", "{}", IN("sampling_params"),
      IN("sampling_params"), "{\"sampling_params\":{}}" },

    { "/generate_stream", "tgi.generate", "{}", IN("parameters"),
      IN("parameters"), "{\"parameters\":{}}" },

    { NULL, NULL, NULL, NULL, NULL, NULL }
};


static const special_case_t  specials[] = {

    /* servers that have Anthropic's API accept what Anthropic refuses */
    { "compatible.messages", "{\"temperature\":{\"default\":0.7}}",
      "{\"top_p\":0.5}", "{\"top_p\":0.5,\"temperature\":0.7}" },
    { "compatible.messages", "{\"temperature\":{\"max\":0.5}}",
      "{\"thinking\":{\"type\":\"enabled\"}}",
      "{\"thinking\":{\"type\":\"enabled\"},\"temperature\":0.5}" },
    { "compatible.messages", "{\"top_p\":{\"max\":0.9}}",
      "{\"temperature\":0.5}", "{\"temperature\":0.5,\"top_p\":0.9}" },

    /* members that are documented, and resemble others */
    { "bedrock.converse", "{}",
      "{\"serviceTier\":{\"type\":\"flex\"},\"outputConfig\":{}}", NULL },
    { "bedrock.converse", "{\"service_tier\":{\"allow\":[\"flex\"]}}",
      "{\"serviceTier\":{\"type\":\"priority\"}}", "value_not_allowed" },
    { "bedrock.converse", "{\"service_tier\":{\"allow\":[\"flex\"]}}",
      "{\"performanceConfig\":{\"latency\":\"optimized\"}}",
      "undermines_policy" },
    { "gemini.generate", "{}", "{\"serviceTier\":\"flex\"}", NULL },
    { "gemini.generate", "{\"service_tier\":{\"allow\":[\"flex\"]}}",
      "{\"serviceTier\":\"priority\"}", "value_not_allowed" },

    /* names with another meaning */
    { "openai.images", "{\"temperature\":{\"max\":1}}",
      "{\"guidance_scale\":7}", NULL },
    { "openai.speech", "{\"temperature\":{\"max\":1}}",
      "{\"guidance_scale\":7}", NULL },
    { "openai.chat", "{\"temperature\":{\"max\":1}}",
      "{\"guidance_scale\":7}", "undermines_policy" },
    { "rerank", "{\"top_k\":{\"max\":4}}", "{\"top_k\":9}", NULL },
    { "cohere.plain", "{\"max_tokens\":{\"max\":4}}", "{\"max_tokens\":9}",
      NULL },
    { "openai.images", "{\"n\":{\"max\":1}}", "{\"batch_size\":9}",
      "undermines_policy" },
    { "openai.images", "{\"n\":{\"max\":1}}", "{\"batch_size\":1}", NULL },

    /* KoboldCpp: values of absent members */
    { "openai.chat", "{\"temperature\":{\"max\":1}}",
      "{\"adapter\":{\"temperature\":5.0}}",
      "{\"adapter\":{\"temperature\":1}}" },
    { "ollama", "{\"temperature\":{\"max\":1}}",
      "{\"adapter\":{\"temperature\":5.0},\"options\":{\"temperature\":1}}",
      "{\"adapter\":{\"temperature\":1},\"options\":{\"temperature\":1}}" },

    /* SGLang: precedes reasoning_effort */
    { "openai.chat", "{\"reasoning_effort\":{\"force\":\"low\"}}",
      "{\"reasoning_effort\":\"low\","
      "\"reasoning\":{\"reasoning_effort\":\"high\"}}",
      "{\"reasoning_effort\":\"low\","
      "\"reasoning\":{\"reasoning_effort\":\"low\"}}" },

    /* llama.cpp: keeps more candidates; takes a number in "logprobs" */
    { "openai.chat", "{\"top_p\":{\"max\":1}}", "{\"min_keep\":5}",
      "undermines_policy" },
    { "openai.chat", "{\"top_p\":{\"max\":1}}", "{\"min_keep\":0}", NULL },
    { "openai.chat", "{\"temperature\":{\"max\":1}}", "{\"min_keep\":5}",
      NULL },
    { "openai.chat", "{\"top_logprobs\":{\"max\":2}}", "{\"logprobs\":5}",
      "undermines_policy" },
    { "openai.chat", "{\"top_logprobs\":{\"max\":2}}", "{\"logprobs\":true}",
      NULL },

    /* TensorRT-LLM: precedes reasoning_effort; SGLang: tokens of thinking, a
       prompt that no template has made, another search */
    { "compatible.chat", "{\"reasoning_effort\":{\"max\":\"low\"}}",
      "{\"thinking\":{\"effort\":\"max\"}}",
      "{\"thinking\":{\"effort\":\"low\"}}" },
    { "sglang.generate", "{\"thinking_budget\":{\"max\":2000}}",
      "{\"text\":\"\",\"max_thinking_tokens\":9999}",
      "{\"text\":\"\",\"max_thinking_tokens\":2000}" },
    { "compatible.chat", "{\"reasoning_effort\":{\"deny\":true}}",
      "{\"input_ids\":[1]}", "undermines_policy" },
    { "sglang.generate", "{\"reasoning_effort\":{\"deny\":true}}",
      "{\"input_ids\":[1]}", NULL },
    { "sglang.generate", "{\"temperature\":{\"deny\":true}}",
      "{\"text\":\"\",\"sampling_params\":{\"beam_width\":4}}",
      "undermines_policy" },
    { "sglang.generate", "{\"stop\":{\"deny\":true}}",
      "{\"text\":\"\",\"sampling_params\":{\"is_normalized\":true,"
      "\"stop_strs\":[\"x\"]}}", "undermines_policy" },

    /* vLLM: a host in what its plugins take */
    { "vllm.generate", "{\"temperature\":{\"deny\":true}}",
      "{\"sampling_params\":{\"extra_args\":{\"kv_transfer_params\":"
      "{\"remote_host\":\"x\"}}}}", "undermines_policy" },

    /* OpenAI: probabilities without logprobs */
    { "openai.responses", "{\"logprobs\":{\"deny\":true}}",
      "{\"include\":[\"reasoning.encrypted_content\","
      "\"message.output_text.logprobs\"]}", "undermines_policy" },
    { "openai.responses", "{\"logprobs\":{\"deny\":true}}",
      "{\"include\":[\"reasoning.encrypted_content\"]}", NULL },

    /* Ollama takes 0 for absent, and numbers of 32 bits */
    { "openai.completions", "{\"top_p\":{\"max\":0.9}}", "{\"top_p\":0.0}",
      "{\"top_p\":0.9}" },
    { "openai.completions", "{\"top_p\":{\"max\":0.9}}",
      "{\"top_p\":1e-50}", "{\"top_p\":0.9}" },
    { "openai.completions", "{\"/top_p\":{\"max\":0.9}}", "{\"top_p\":0}",
      "{\"top_p\":0.9}" },
    { "openai.completions", "{\"top_p\":{\"max\":0.9}}", "{\"top_p\":0.1}",
      NULL },
    { "openai.chat", "{\"top_p\":{\"max\":0.9}}", "{\"top_p\":0}", NULL },

    /* settings stored under the name of a model apply to absent members */
    { "openai.chat", "{\"temperature\":{\"max\":1}}",
      "{\"model\":\"@preset/a\"}",
      "{\"model\":\"@preset/a\",\"temperature\":1}" },
    { "openai.chat", "{\"temperature\":{\"max\":1.5}}",
      "{\"model\":\"m@preset/a\"}",
      "{\"model\":\"m@preset/a\",\"temperature\":1}" },
    { "openai.chat", "{\"temperature\":{\"max\":1}}",
      "{\"model\":\"presets/a\"}",
      "{\"model\":\"presets/a\",\"temperature\":1}" },
    { "openai.chat", "{\"temperature\":{\"max\":1}}",
      "{\"model\":\"m/presets/a\"}", NULL },

    /* combinations that Anthropic refuses are not written */
    { "anthropic.messages", "{\"temperature\":{\"default\":0.7}}",
      "{\"top_p\":0.5}", NULL },
    { "anthropic.messages",
      "{\"temperature\":{\"default\":0.7},\"top_p\":{\"max\":0.9}}",
      "{}", "{\"temperature\":0.7}" },
    { "anthropic.messages",
      "{\"temperature\":{\"max\":0.5},\"top_p\":{\"remove\":true}}",
      "{\"top_p\":0.5}", "{\"temperature\":0.5}" },
    { "anthropic.messages", "{\"temperature\":{\"default\":0.7}}",
      "{\"thinking\":{\"type\":\"enabled\"}}", NULL },
    { "anthropic.messages", "{\"temperature\":{\"default\":0.7}}",
      "{\"thinking\":{\"type\":\"disabled\"}}",
      "{\"thinking\":{\"type\":\"disabled\"},\"temperature\":0.7}" },
    { "anthropic.messages", "{\"temperature\":{\"max\":0.5}}",
      "{\"temperature\":1,\"thinking\":{\"type\":\"enabled\"}}",
      "value_not_allowed" },
    { "anthropic.messages", "{\"temperature\":{\"force\":1.5}}",
      "{\"temperature\":0.5}", "{\"temperature\":1}" },
    { "anthropic.messages", "{\"max_tokens\":{\"max\":9}}",
      "{\"max_tokens\":99,\"thinking\":{\"budget_tokens\":7}}",
      "{\"max_tokens\":9,\"thinking\":{\"budget_tokens\":7}}" },
    { "anthropic.messages", "{\"max_tokens\":{\"max\":9}}",
      "{\"max_tokens\":99,\"thinking\":{\"budget_tokens\":77}}",
      "{\"max_tokens\":9,\"thinking\":{\"type\":\"disabled\"}}" },

    /* the value counts, not its spelling */
    { "anthropic.messages", "{\"temperature\":{\"max\":0.5}}",
      "{\"thinking\":{\"type\":\"disable\\u0064\"}}",
      "{\"thinking\":{\"type\":\"disable\\u0064\"},\"temperature\":0.5}" },
    { "anthropic.messages", "{\"temperature\":{\"max\":0.5}}",
      "{\"thinking\":{\"type\":\"\\u0065nabled\"}}", NULL },
    { "anthropic.messages", "{\"temperature\":{\"max\":0.5}}",
      "{\"thinking\":{\"type\":1}}",
      "{\"thinking\":{\"type\":1},\"temperature\":0.5}" },
    { "anthropic.messages", "{\"temperature\":{\"max\":0.5}}",
      "{\"thinking\":{\"type\":\"other\"}}",
      "{\"thinking\":{\"type\":\"other\"},\"temperature\":0.5}" },

    /* rules apply after a pointer has removed or written values */
    { "anthropic.messages",
      "{\"temperature\":{\"max\":0.5},\"/thinking\":{\"remove\":true}}",
      "{\"thinking\":{\"type\":\"enabled\"}}", "{\"temperature\":0.5}" },
    { "anthropic.messages",
      "{\"temperature\":{\"max\":0.5},\"/thinking\":{\"force\":"
      "{\"type\":\"disabled\"}}}",
      "{\"thinking\":{\"type\":\"enabled\"}}",
      "{\"thinking\":{\"type\":\"disabled\"},\"temperature\":0.5}" },
    { "anthropic.messages",
      "{\"temperature\":{\"max\":0.5},\"/thinking\":{\"force\":"
      "{\"type\":\"enabled\"}}}",
      "{}", "{\"thinking\":{\"type\":\"enabled\"}}" },
    { "anthropic.messages",
      "{\"temperature\":{\"max\":0.5},\"/thinking/type\":{\"force\":"
      "\"disabled\"}}",
      "{\"thinking\":{\"type\":\"enabled\"}}",
      "{\"thinking\":{\"type\":\"disabled\"},\"temperature\":0.5}" },
    { "anthropic.messages",
      "{\"temperature\":{\"max\":0.5},\"/thinking\":{\"remove\":true}}",
      "{\"temperature\":1,\"thinking\":{\"type\":\"enabled\"}}",
      "{\"temperature\":0.5}" },
    { "ollama",
      "{\"temperature\":{\"max\":0.5},\"/options\":{\"remove\":true}}",
      "{\"model\":\"x\",\"options\":{\"temperature\":2,\"seed\":1}}",
      "{\"model\":\"x\",\"options\":{\"temperature\":0.5}}" },
    { "ollama",
      "{\"temperature\":{\"max\":0.5},\"/options/num_ctx\":"
      "{\"default\":4096}}",
      "{}", "{\"options\":{\"num_ctx\":4096,\"temperature\":0.5}}" },

    /* a pointer starts at the top of each request */
    { "anthropic.batches", "{\"/thinking\":{\"deny\":true}}",
      "{\"requests\":[{\"params\":{\"thinking\":{\"type\":\"enabled\"}}}]}",
      "parameter_denied" },
    { "anthropic.batches", "{\"/service_tier\":{\"force\":\"auto\"}}",
      "{\"requests\":[{\"params\":{}},{\"params\":{\"service_tier\":\"x\"}}]}",
      "{\"requests\":[{\"params\":{\"service_tier\":\"auto\"}},"
      "{\"params\":{\"service_tier\":\"auto\"}}]}" },
    { "anthropic.batches", "{\"temperature\":{\"max\":0.5}}",
      "{\"requests\":{\"params\":{\"temperature\":1}}}", "invalid_type" },

    /* a pointer means both spellings */
    { "gemini.generate",
      "{\"/generationConfig/thinkingConfig\":{\"deny\":true}}",
      "{\"generation_config\":{\"thinkingConfig\":{}}}", "parameter_denied" },
    { "gemini.generate",
      "{\"/generationConfig/thinkingConfig\":{\"deny\":true}}",
      "{\"generation_config\":{\"thinking_config\":{}}}",
      "parameter_denied" },
    { "gemini.generate",
      "{\"/generation_config/media_resolution\":{\"deny\":true}}",
      "{\"generationConfig\":{\"mediaResolution\":1}}", "parameter_denied" },
    { "gemini.generate",
      "{\"/generationConfig/mediaResolution\":{\"force\":\"LOW\"}}",
      "{\"generation_config\":{}}",
      "{\"generation_config\":{\"mediaResolution\":\"LOW\"}}" },
    { "gemini.generate",
      "{\"/generationConfig/mediaResolution\":{\"force\":\"LOW\"}}",
      "{\"generation_config\":null}",
      "{\"generation_config\":{\"mediaResolution\":\"LOW\"}}" },

    { "gemini.batch", "{\"temperature\":{\"max\":0.5}}",
      "{\"batch\":{\"input_config\":{\"requests\":{\"requests\":[{\"request\":"
      "{\"generation_config\":{\"temperature\":2}}},{\"request\":{}}]}}}}",
      "{\"batch\":{\"input_config\":{\"requests\":{\"requests\":[{\"request\":"
      "{\"generation_config\":{\"temperature\":0.5}}},{\"request\":"
      "{\"generationConfig\":{\"temperature\":0.5}}}]}}}}" },
    { "gemini.batch", "{\"/tools\":{\"deny\":true}}",
      "{\"batch\":{\"input_config\":{\"requests\":{\"requests\":[{\"request\":"
      "{\"tools\":[]}}]}}}}", "parameter_denied" },
    { "gemini.batch", "{\"temperature\":{\"max\":0.5}}",
      "{\"batch\":{\"input_config\":{\"file_name\":\"files/f\"}}}",
      "undermines_policy" },

    /* values that leave no place for a bound */
    { "ollama", "{\"temperature\":{\"max\":0.5}}", "{\"options\":0}",
      "invalid_type" },
    { "sglang.generate", "{\"temperature\":{\"max\":0.5}}",
      "{\"sampling_params\":[1]}", "invalid_type" },

    { "sglang.generate", "{\"temperature\":{\"max\":0.5}}",
      "{\"sampling_params\":[]}", "invalid_type" },
    { "vllm.generate", "{\"temperature\":{\"max\":0.5}}",
      "{\"sampling_params\":[{}]}", "invalid_type" },
    { "anthropic.batches", "{\"temperature\":{\"max\":0.5}}",
      "{\"requests\":[7]}", "invalid_type" },

    /* a member with another meaning in this API is not changed */
    { "rerank", "{\"max_tokens\":{\"max\":9}}", "{\"max_length\":512}", NULL },
    { "openai.chat", "{\"max_tokens\":{\"max\":9}}", "{\"max_length\":512}",
      "{\"max_length\":9,\"max_tokens\":9}" },
    { "sglang.generate", "{\"verbosity\":{\"allow\":[\"low\"]}}",
      "{\"text\":\"a\"}", NULL },

    /* graders have a name of their own */
    { "openai.evals", "{\"max_tokens\":{\"max\":9}}",
      "{\"data_source\":{\"sampling_params\":{}},"
      "\"testing_criteria\":[{\"sampling_params\":{}},"
      "{\"sampling_params\":{\"max_completions_tokens\":99}}]}",
      "{\"data_source\":{\"sampling_params\":{\"max_completion_tokens\":9}},"
      "\"testing_criteria\":[{\"sampling_params\":"
      "{\"max_completions_tokens\":9}},"
      "{\"sampling_params\":{\"max_completions_tokens\":9}}]}" },

    /* tools that call a model */
    { "openai.chat", "{\"temperature\":{\"max\":0.5}}",
      "{\"temperature\":0,\"tools\":[{\"parameters\":{\"temperature\":2}}]}",
      "{\"temperature\":0,\"tools\":[{\"parameters\":"
      "{\"temperature\":0.5}}]}" },
    { "openai.chat", "{\"temperature\":{\"max\":0.5}}",
      "{\"temperature\":0,\"tools\":[{\"function\":{\"parameters\":"
      "{\"temperature\":2}}}],\"plugins\":[\"a\"]}", "invalid_type" },

    /* a server may know only one of the two names */
    { "compatible.chat", "{\"max_tokens\":{\"max\":9}}",
      "{\"max_completion_tokens\":1}",
      "{\"max_completion_tokens\":1,\"max_tokens\":9}" },
    { "openai.chat", "{\"max_tokens\":{\"max\":9}}",
      "{\"max_completion_tokens\":1}", NULL },

    /* a negative number means all */
    { "openai.chat", "{\"top_logprobs\":{\"max\":5}}",
      "{\"top_logprobs\":-1}", "{\"top_logprobs\":5}" },
    { "openai.chat", "{\"top_logprobs\":{\"max\":5}}",
      "{\"top_logprobs\":0}", NULL },

    { "ollama", "{\"reasoning_effort\":{\"allow\":[\"low\",false]}}",
      "{\"think\":\"high\"}", "value_not_allowed" },
    { "ollama", "{\"reasoning_effort\":{\"allow\":[\"low\",false]}}",
      "{\"think\":false}", NULL },

    /* every request of a batch, and members next to them */
    { "anthropic.batches",
      "{\"temperature\":{\"default\":0.7,\"max\":0.9}}",
      "{\"requests\":[{\"params\":{\"temperature\":1}},"
      "{\"custom_id\":\"a\",\"params\":{\"top_p\":1}},"
      "{\"params\":{\"model\":\"m\"}}]}",
      "{\"requests\":[{\"params\":{\"temperature\":0.9}},"
      "{\"custom_id\":\"a\",\"params\":{\"top_p\":1}},"
      "{\"params\":{\"model\":\"m\",\"temperature\":0.7}}]}" },
    { "anthropic.batches", "{\"temperature\":{\"max\":0.9}}",
      "{\"temperature\":2,\"requests\":[]}",
      "{\"temperature\":0.9,\"requests\":[]}" },
    { "anthropic.batches", "{\"temperature\":{\"max\":0.9}}",
      "{\"requests\":[{\"params\":{\"temperature\":0.5,"
      "\"options\":{\"temperature\":2}}}]}",
      "{\"requests\":[{\"params\":{\"temperature\":0.5,"
      "\"options\":{\"temperature\":0.9}}}]}" },
    { "anthropic.batches", "{\"temperature\":{\"max\":0.9}}",
      "{\"requests\":[],\"fallbacks\":[1]}", "undermines_policy" },
    { "anthropic.batches", "{\"temperature\":{\"max\":0.9}}",
      "{\"requests\":[],\"fallbacks\":[]}", NULL },
    { "anthropic.batches", "{},\"models\":{\"allow\":[\"m\"]}",
      "{\"fallbacks\":[1],\"requests\":[{\"params\":{\"model\":\"m\"}}]}",
      "undermines_policy" },
    { "anthropic.batches", "{\"temperature\":{\"max\":0.9}}",
      "{\"requests\":\"x\"}", "invalid_type" },
    { "anthropic.batches", "{\"temperature\":{\"max\":0.9}}",
      "{\"requests\":[{\"params\":\"{}\"}]}", "invalid_type" },

    /* both spellings of protobuf */
    { "gemini.generate", "{\"top_p\":{\"max\":0.9}}",
      "{\"generation_config\":{\"top_p\":1}}",
      "{\"generation_config\":{\"top_p\":0.9}}" },
    { "gemini.generate", "{\"top_p\":{\"max\":0.9}}",
      "{\"generationConfig\":{\"top_p\":0.5,\"topP\":0.6}}",
      "ambiguous_member" },
    { "gemini.generate", "{\"top_p\":{\"max\":0.9}}",
      "{\"generationConfig\":{\"top_p\":0.5},\"generation_config\":{}}",
      "ambiguous_member" },
    { "gemini.generate", "{\"seed\":{\"remove\":true}}",
      "{\"generationConfig\":{\"top_p\":0.5,\"topP\":0.6}}", NULL },

    /* several parameters in an object that is absent */
    { "ollama", "{\"temperature\":{\"default\":0.7},"
      "\"max_tokens\":{\"default\":5}}", "{\"model\":\"m\"}",
      "{\"model\":\"m\",\"options\":{\"temperature\":0.7,"
      "\"num_predict\":5}}" },
    { "ollama", "{\"temperature\":{\"max\":0.5}}", "{}",
      "{\"options\":{\"temperature\":0.5}}" },
    { "ollama", "{\"temperature\":{\"max\":0.5}}", "{\"options\":[]}",
      "invalid_type" },

    /* TGI requires more than 0 */
    { "tgi.generate", "{\"temperature\":{\"force\":0}}", "{}",
      "{\"parameters\":{\"temperature\":0.01}}" },
    { "tgi.generate", "{\"top_p\":{\"default\":1}}", "{}",
      "{\"parameters\":{\"top_p\":0.99}}" },

    /* Cohere's own names */
    { "cohere.chat", "{\"top_p\":{\"max\":0.5},\"top_k\":{\"max\":40}}",
      "{}", "{\"p\":0.5,\"k\":40}" },

    /* containers are not created where they might not belong */
    { "openai.evals", "{\"temperature\":{\"default\":0.7}}",
      "{\"data_source\":{\"type\":\"jsonl\"}}", NULL },
    { "openai.evals", "{\"temperature\":{\"max\":1}}",
      "{\"testing_criteria\":[{\"sampling_params\":{\"temperature\":2}}]}",
      "{\"testing_criteria\":[{\"sampling_params\":{\"temperature\":1}}]}" },
    { "openai.evals", "{\"temperature\":{\"max\":1}}",
      "{\"grader\":{\"graders\":{\"a\":{}}}}", "undermines_policy" },
    { "openai.evals", "{\"temperature\":{\"max\":1}}",
      "{\"grader\":{\"graders\":{}}}", NULL },

    /* the settings of a stored assistant are unknown */
    { "openai.assistants", "{\"temperature\":{\"max\":1.5}}",
      "{\"assistant_id\":\"a\"}",
      "{\"assistant_id\":\"a\",\"temperature\":1}" },

    /* this API generates nothing */
    { "anthropic.count_tokens", "{\"temperature\":{\"default\":0.7}}", "{}",
      NULL },
    { "ollama.embed", "{\"temperature\":{\"default\":0.7}}", "{}", NULL },
    { "gemini.plain", "{\"temperature\":{\"default\":0.7}}", "{}", NULL },

    { NULL, NULL, NULL, NULL }
};


/* Returns the forwarded body as a C string, or the code of the refusal. */

static const char *
verdict(llmp_arena_t *arena, llmp_policy_t *policy, const char *dialect,
    const char *body)
{
    char             *text;
    llmp_str_t        document, sent;
    llmp_decision_t   d;

    document = test_cstr(body);

    if (decide_as(arena, policy, dialect, &document, &d, &sent) != LLMP_OK) {
        return llmp_refusal_name(d.refusal.code);
    }

    text = llmp_palloc(&arena->pool, sent.len + 1);
    assert_non_null(text);

    memcpy(text, sent.data, sent.len);
    text[sent.len] = '\0';

    return text;
}


static void
expect(llmp_arena_t *arena, llmp_policy_t *policy, const dialect_case_t *c,
    const char *format, const char *value, const char *wanted,
    const char *wanted_value)
{
    char         body[256], result[256];
    const char  *sent;

    snprintf(body, sizeof(body), format, value);
    snprintf(result, sizeof(result), wanted, wanted_value);

    sent = verdict(arena, policy, c->dialect, body);

    if (strcmp(sent, result) != 0) {
        fail_msg("%s, %s: %s, not %s", c->dialect, body, sent, result);
    }
}


static void
test_routes(void **state)
{
    llmp_str_t             path, model;
    const dialect_case_t  *c;
    const llmp_dialect_t  *dialect;

    (void) state;

    for (c = dialects; c->dialect != NULL; c++) {

        if (c->path == NULL) {
            continue;
        }

        path = test_cstr(c->path);
        dialect = llmp_dialect_routes_find(&path, &model);

        if (dialect == NULL
            || strcmp((char *) dialect->name.data, c->dialect) != 0)
        {
            fail_msg("%s is not %s", c->path, c->dialect);
        }
    }

    path = test_str("/openai/deployments/gpt-4o/chat/completions");
    assert_non_null(llmp_dialect_routes_find(&path, &model));
    assert_str_is(model, "gpt-4o");

    path = test_str("/v1beta/models/gemini-2:generateContent");
    assert_non_null(llmp_dialect_routes_find(&path, &model));
    assert_str_is(model, "gemini-2");

    path = test_str("/v1/projects/p/locations/l/publishers/anthropic/models/"
                    "claude:rawPredict");
    assert_non_null(llmp_dialect_routes_find(&path, &model));
    assert_str_is(model, "claude");

    path = test_str("/v1/threads/t1/runs");
    assert_non_null(llmp_dialect_routes_find(&path, &model));
    assert_int_equal(model.len, 0);

    path = test_str("/openai/deployments//chat/completions");
    assert_null(llmp_dialect_routes_find(&path, &model));

    path = test_str("/v1beta/models/a/b:generateContent");
    assert_null(llmp_dialect_routes_find(&path, &model));
}


/* the table of paths contains those of the routes, and no others */

static void
test_paths(void **state)
{
    llmp_uint_t                  i, n;
    llmp_arena_t                 arena;
    const char *const           *prefix;
    const llmp_paths_t          *paths;
    const llmp_dialect_route_t  *route;

    (void) state;

    llmp_arena_init(&arena);

    paths = llmp_dialect_paths_create(&arena.pool);
    assert_non_null(paths);

    for (route = llmp_routes; route->path != NULL; route++) {
        for (prefix = llmp_route_prefixes; *prefix != NULL; prefix++) {
            assert_same_route(paths, *prefix, route->path);
        }
    }

    assert_same_route(paths, "", "");
    assert_same_route(paths, "", "/");

    n = 0;

    for (i = 0; i <= paths->mask; i++) {
        n += (paths->elts[i].dialect != NULL);
    }

    assert_true(n > 200 && n < paths->mask);

    llmp_arena_reset(&arena);
}


/* a path, and similar ones that do not match */

static void
assert_same_route(const llmp_paths_t *paths, const char *prefix,
    const char *path)
{
    char        text[256];
    size_t      len;
    llmp_str_t  s, model, other;

    len = (size_t) snprintf(text, sizeof(text), "%s%s!", prefix, path);

    for (s.len = len; s.len + 3 > len; s.len--) {
        s.data = (u_char *) text;

        assert_ptr_equal(llmp_dialect_paths_find(paths, &s, &model),
                         llmp_dialect_routes_find(&s, &other));
        assert_int_equal(model.len, other.len);
        assert_ptr_equal(model.data, other.data);

        if (s.len == 0) {
            break;
        }
    }

    s.len = len - 1;
    text[len / 2] ^= 1;

    assert_ptr_equal(llmp_dialect_paths_find(paths, &s, &model),
                     llmp_dialect_routes_find(&s, &other));
}


static void
test_same_decisions(void **state)
{
    llmp_arena_t           arena;
    llmp_policy_t         *bounds, *removes, *refuses;
    const dialect_case_t  *c;

    (void) state;

    llmp_arena_init(&arena);

    bounds = load_policy(&arena, plain,
                         "{\"temperature\":{\"default\":0.7,\"min\":0.2,"
                         "\"max\":0.9}}");
    removes = load_policy(&arena, plain,
                          "{\"temperature\":{\"remove\":true}}");
    refuses = load_policy(&arena, plain,
                          "{\"temperature\":{\"max\":0.9,"
                          "\"on_violation\":\"reject\"}}");

    for (c = dialects; c->dialect != NULL; c++) {

        expect(&arena, bounds, c, c->absent, "", c->written, "0.7");
        expect(&arena, bounds, c, c->present, "null", c->present, "0.7");
        expect(&arena, bounds, c, c->present, "1.9", c->present, "0.9");
        expect(&arena, bounds, c, c->present, "0.1", c->present, "0.2");
        expect(&arena, bounds, c, c->present, "0.50", c->present, "0.50");
        expect(&arena, bounds, c, c->present, "\"0.5\"", "invalid_type", "");
        expect(&arena, removes, c, c->present, "1", c->removed, "");
        expect(&arena, refuses, c, c->present, "1.9",
               "value_not_allowed", "");
    }

    llmp_policy_free(bounds);
    llmp_policy_free(removes);
    llmp_policy_free(refuses);
    llmp_arena_reset(&arena);
}


static void
test_specials(void **state)
{
    const char            *sent, *wanted;
    llmp_arena_t           arena;
    llmp_policy_t         *policy;
    const special_case_t  *c;

    (void) state;

    for (c = specials; c->dialect != NULL; c++) {
        llmp_arena_init(&arena);

        policy = load_policy(&arena, plain, c->rules);
        sent = verdict(&arena, policy, c->dialect, c->body);
        wanted = (c->expected != NULL) ? c->expected : c->body;

        if (strcmp(sent, wanted) != 0) {
            fail_msg("%s, %s, %s: %s", c->dialect, c->rules, c->body, sent);
        }

        llmp_policy_free(policy);
        llmp_arena_reset(&arena);
    }
}


/* a batch of more requests than a document may have policed members */

static void
test_large_batch(void **state)
{
    char             *p;
    size_t            i, size;
    llmp_str_t        body, sent = llmp_null_string;
    llmp_arena_t      arena;
    llmp_policy_t    *policy;
    llmp_decision_t   d;

    static const char  request[] =
        "{\"custom_id\":\"c\",\"params\":{\"temperature\":2}},";

    (void) state;

    llmp_arena_init(&arena);

    policy = load_policy(&arena, "{\"version\":1,\"default_tier\":\"t\","
                         "\"tiers\":{\"t\":{\"parameters\":"
                         "{\"temperature\":{\"max\":1}}}}}");

    size = 2 * LLMP_MEMBERS_MAX * (sizeof(request) - 1);

    body.data = malloc(size + 32);
    assert_non_null(body.data);

    p = (char *) body.data;
    p += sprintf(p, "{\"requests\":[");

    for (i = 0; i < 2 * LLMP_MEMBERS_MAX; i++) {
        p += sprintf(p, "%s", request);
    }

    p += sprintf(p - 1, "]}") - 1;

    body.len = p - (char *) body.data;

    assert_int_equal(decide_as(&arena, policy, "anthropic.batches", &body, &d,
                               &sent),
                     LLMP_OK);

    assert_int_equal(sent.len, body.len);
    assert_int_equal(d.edits.nelts, 2 * LLMP_MEMBERS_MAX);
    assert_int_equal(d.nchanges, 2 * LLMP_MEMBERS_MAX);

    for (i = 0; i < body.len; i++) {
        assert_int_equal(sent.data[i],
                         (body.data[i] == '2') ? '1' : body.data[i]);
    }

    free(body.data);
    llmp_policy_free(policy);
    llmp_arena_reset(&arena);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_routes),
        cmocka_unit_test(test_paths),
        cmocka_unit_test(test_same_decisions),
        cmocka_unit_test(test_specials),
        cmocka_unit_test(test_large_batch)
    };

    return cmocka_run_group_tests_name("dialect", tests, NULL, NULL);
}
