#!/usr/bin/perl

# Members that bypass a bound in some server are refused if there is a bound,
# unless the policy names them.  Their neutral values: neutral_members.t.

use strict;
use warnings;

use FindBin;
use Test::More;

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Test;
use LLMPolicy::Verdict;

my $t = LLMPolicy::Test->new;
my $up = $t->upstream(1, \&echo);

$t->write_file('policy.json', <<'EOP');
{
  "version": 1,
  "default_tier": "unbound",
  "tiers": {
    "unbound":     { "parameters": { "temperature": { "default": 1 } } },
    "temperature": { "parameters": { "temperature": { "max": 1 } } },
    "min":         { "parameters": { "temperature": { "min": 0 } } },
    "force":       { "parameters": { "temperature": { "force": 1 } } },
    "allow":       { "parameters": { "temperature": { "allow": [1] } } },
    "deny":        { "parameters": { "temperature": { "deny": true } } },
    "remove":      { "parameters": { "temperature": { "remove": true } } },
    "require":     { "parameters": { "temperature": { "require": true } } },
    "top_p":       { "parameters": { "top_p": { "max": 1 } } },
    "n":           { "parameters": { "n": { "max": 1 } } },
    "effort":      { "parameters":
                       { "reasoning_effort": { "allow": ["low"] } } },
    "budget":      { "parameters": { "thinking_budget": { "max": 2000 } } },
    "logprobs":    { "parameters": { "logprobs": { "deny": true } } },
    "penalty":     { "parameters": { "repetition_penalty": { "deny": true } } },
    "stop":        { "parameters": { "stop": { "deny": true } } },
    "top_logprobs": { "parameters": { "top_logprobs": { "deny": true } } },
    "allowed":     { "models": { "allow": ["m"] } },
    "denied":      { "models": { "deny": ["x"] } },
    "named":       { "parameters": {
      "temperature": { "max": 1 },
      "/mirostat": {},
      "/options/mirostat": {},
      "/samplers": { "remove": true },
      "/models": {},
      "/extra_body": { "deny": true }
    } }
  }
}
EOP

$t->write_file('models.json', <<'EOP');
{
  "version": 1,
  "default_tier": "any",
  "tiers": { "any": {} },
  "models": [
    { "match": ["strict"], "parameters": { "temperature": { "max": 1 } } }
  ]
}
EOP

$t->run(<<'EOC');

%%GLOBALS%%

load_module %%MODULE%%;

events {
}

http {
    %%GLOBALS_HTTP%%

    llm_policy on;
    llm_policy_file policy.json;
    llm_policy_tier $http_x_tier;

    server {
        listen 127.0.0.1:%%PORT_0%%;

        location / {
            proxy_pass http://%%UPSTREAM%%;
        }

        location /openai/ {
            llm_policy_file models.json;
            proxy_pass http://%%UPSTREAM%%;
        }
    }
}

EOC

my ($chat, $responses) = ('/v1/chat/completions', '/v1/responses');
my ($same, $refused) = (undef, '400 undermines_policy');

# The bounds that each of them bypasses.

my @temperature = qw(dynatemp_range dynatemp_exponent dynamic_temperature
    dynatemp_low dynatemp_high);

my @sampling = qw(samplers mirostat mirostat_tau mirostat_eta mirostat_mode
    xtc_probability xtc_threshold adaptive_target adaptive_decay top_n_sigma
    smoothing_factor smoothing_curve sampler_order sampler_priority
    custom_logit_processor custom_params logits_processors vllm_xargs
    use_beam_search beam_width trace_decode_token_ids negative_prompt_scale);

my @everything = qw(extra_body additionalModelRequestFields
    additional_model_request_fields fallbacks context_window_fallbacks
    content_policy_fallbacks models preset prompt_id user_config
    additional_drop_params drop_params extra_args kv_router_hint encoder_urls
    http_worker_ipc aws_sts_endpoint litellm_credential_name
    provider_specific_header);

my @models = qw(lora lora_path lora_id azure replicate hugging_face
    together_ai);

for my $name (@temperature, @sampling, @everything, @models) {
    my $in = sub { scalar grep { $_ eq $name } @_ };

    my %refused = (
        temperature => $in->(@temperature, @sampling, @everything),
        top_p => $in->(@sampling, @everything),
        n => $in->(@everything, qw(use_beam_search beam_width)),
        effort => $in->(@everything),
        unbound => 0,
        allowed => $in->(@everything, @models),
        denied => $in->(@everything, @models),
    );

    # this one names parameters, not a model
    @refused{qw(allowed denied)} = (0, 0) if $name =~ /drop_params/;

    for my $tier (sort keys %refused) {
        my $rest = $tier eq 'unbound' ? '"temperature":1' : '"a":1';

        check($chat, $tier, qq({"model":"m","$name":"x",$rest}),
            $refused{$tier} ? $refused : $same);
        check($chat, $tier, qq({"model":"m","$name":null,$rest}), $same);
    }

    check($chat, 'temperature', qq({"options":{"$name":["x"]}}),
        $refused{temperature} ? $refused : $same);

    check("/openai$chat", '', qq({"model":"m","$name":{"a":1}}),
        $refused{allowed} ? $refused : $same);
}

# Each of these bypasses a bound of few parameters.

for my $case (
    [ top_logprobs => qw(return_sampling_mask return_context_logits
        prompt_logprob_token_ids) ],
    [ stop => qw(stop_strs stop_regex_strs) ],
    [ penalty => qw(repetition_range repetition_penalty_range repetition_decay
        prompt_ignore_length) ],
    [ budget => qw(reasoning_budget_start_tag reasoning_budget_end_tag
        reasoning_budget_end_tags) ],
    [ effort => qw(do_preprocess input_ids prompt_token_ids
        prompt_token_ids_b64) ],
) {
    my ($tier, @names) = @$case;

    for my $name (@names) {
        check($chat, $tier, qq({"model":"m","$name":["x"]}), $refused);
        check($chat, 'temperature', qq({"model":"m","$name":["x"],)
            . '"temperature":1}', $same);
    }
}

check('/v1/responses', 'logprobs', '{"include":["reasoning.encrypted_content",'
    . '"message.output_text.logprobs"]}', $refused);
check('/v1/responses', 'logprobs',
    '{"include":["reasoning.encrypted_content"]}', $same);

# A model that names stored settings: no default is known.

check($chat, 'temperature', qq({"model":"$_"}),
    qq({"model":"$_","temperature":1})) for '@preset/a', 'm@preset/a';
check($chat, 'temperature', '{"model":"m/presets/a"}', $same);

# Any verb that bounds a value.

check($chat, $_, '{"mirostat":2,"temperature":1}', $refused)
    for qw(min force allow);
check($chat, 'deny', '{"mirostat":2}', $refused);
check($chat, 'remove', '{"mirostat":2}', $refused);
check($chat, 'require', '{"mirostat":2,"temperature":1}', $same);

# At any place, and in all dialects.

check($_, 'temperature', '{"samplers":["top_k"]}', $refused)
    for qw(/v1/completions /responses /api/v1/completions);

check($chat, 'temperature', $_, $refused) for (
    '{"sampling_params":[{"dynatemp_range":1}]}',
    '{"generation_config":{"dynatemp_range":1}}',
    '{"requests":[{"params":{"dynatemp_range":1}}]}',
    '{"instances":[{"parameters":{"dynatemp_range":1}}]}',
);

check($chat, 'temperature', '{"metadata":{"mirostat":2}}', $same);
check('/v1/embeddings', 'temperature', '{"mirostat":2}', $refused);

# transformers reads a document inside a string

check($chat, 'temperature',
    '{"generation_config":"{\"temperature\":1.9}"}', $refused);
check($chat, 'temperature', '{"generation_config":7}', $refused);
check($chat, 'unbound', '{"generation_config":"x","temperature":1}',
    '400 invalid_type');

# "prompt" is a stored template in responses, and a text elsewhere.  Settings of
# an earlier turn may still apply: bounds are then written.

check($responses, 'temperature', '{"prompt":{"id":"p"}}', $refused);
check($responses, 'temperature', '{"prompt":null}', $same);
check($responses, 'unbound', '{"prompt":{"id":"p"},"temperature":1}', $same);
check($_, 'temperature', '{"prompt":"p"}', $same) for $chat, '/v1/completions';

check($responses, 'temperature', '{"input":"i"}', $same);
check($responses, 'temperature', '{"previous_response_id":"r"}',
    '{"previous_response_id":"r","temperature":1}');
check($responses, 'temperature', '{"conversation":{"id":"c"}}',
    '{"conversation":{"id":"c"},"temperature":1}');
check($responses, 'temperature', '{"conversation":null}', $same);

# Members that the policy names are permitted, or bounded by its rule.

check($chat, 'named', @$_) for (
    [ '{"mirostat":2}', $same ],
    [ '{"options":{"mirostat":2}}', $same ],
    [ '{"parameters":{"mirostat":2}}', $refused ],
    [ '{"mirostat_tau":2}', $refused ],
    [ '{"samplers":["top_k"],"a":1}', '{"a":1}' ],
    [ '{"models":["a","b"]}', $same ],
    [ '{"extra_body":{}}', '400 parameter_denied' ],
    [ '{"extra_body":null}', $same ],
);

$t->done;

sub check {
    my ($path, $tier, $body, $expected) = @_;

    is(verdict($t->post($path, $body, 'X-Tier' => $tier)),
        $expected // $body, "$path, $tier: $body");
}
