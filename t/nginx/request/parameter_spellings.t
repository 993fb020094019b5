#!/usr/bin/perl

# The server behind an OpenAI route may be any compatible one.  Every name and
# every place that some server reads is the same parameter.

use strict;
use warnings;

use FindBin;
use Test::More;

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Conf;
use LLMPolicy::Test;
use LLMPolicy::Verdict;

my $t = LLMPolicy::Test->new;
my $up = $t->upstream(1, \&echo);

# Each has a tier of its own, in which this is its maximum.

my %max = (
    temperature => 1, top_p => 1, top_k => 40, min_p => 0.5, typical_p => 0.9,
    max_tokens => 100, n => 1, presence_penalty => 0, frequency_penalty => 0,
    repetition_penalty => 1.1, seed => 5, thinking_budget => 2000,
);

my %names = (
    temperature => [ qw(temperature) ],
    top_p => [ qw(top_p topP p) ],
    top_k => [ qw(top_k topK k) ],
    min_p => [ qw(min_p) ],
    typical_p => [ qw(typical_p typical) ],
    max_tokens => [ qw(max_tokens max_completion_tokens max_completions_tokens
        max_output_tokens max_new_tokens maxOutputTokens maxTokens max_length
        n_predict num_predict max_tokens_to_sample max_gen_len
        max_response_output_tokens) ],
    thinking_budget => [ qw(thinking_budget thinking_budget_tokens
        thinking_token_budget thinking.budget_tokens thinking.token_budget
        reasoning_budget reasoning_budget_tokens reasoning_max_tokens
        max_thinking_tokens
        reasoning.max_tokens reasoning_config.budget_tokens thinkingBudget
        thinkingConfig.thinkingBudget thinking_config.thinking_budget) ],
    n => [ qw(n n_cmpl best_of candidateCount candidate_count num_generations
        num_return_sequences) ],
    presence_penalty => [ qw(presence_penalty presencePenalty) ],
    frequency_penalty => [ qw(frequency_penalty frequencyPenalty) ],
    repetition_penalty => [ qw(repetition_penalty repeat_penalty) ],
    seed => [ qw(seed random_seed sampling_seed sampler_seed image_seed) ],
);

my @places = (
    '{%s}',
    '{"options":{%s}}',
    '{"parameters":{%s}}',
    '{"generationConfig":{%s}}',
    '{"generation_config":{%s}}',
    '{"inferenceConfig":{%s}}',
    '{"sampling_params":{%s}}',
    '{"sampling_params":[{},{"x":1,%s}]}',
    '{"completion_args":{%s}}',
    '{"requests":[{"params":{"x":[]}},{"custom_id":"1","params":{%s}}]}',
    '{"instances":[{"x":1},{%s}]}',
    '{"instances":[{"parameters":{%s}}]}',
);

# The dialects' own names of max_tokens; each is the one that is written.

my %own = (
    '/v1/chat/completions' => [ qw(max_tokens max_completion_tokens) ],
    '/v1/completions' => [ qw(max_tokens) ],
    '/v1/responses' => [ qw(max_output_tokens) ],
);

$t->write_file('policy.json', '{ "version": 1, "default_tier": "n", "tiers": {'
    . join(',', map { qq("$_": { "parameters":
        { "$_": { "max": $max{$_} } } }) } sort keys %max)
    . <<'EOP');
    ,
    "stop":    { "parameters": { "stop": { "deny": true } } },
    "effort":  { "parameters": { "reasoning_effort": { "allow": ["low"] } } },
    "default": { "parameters": { "max_tokens": { "default": 10 } } },
    "force":   { "parameters": { "max_tokens": { "force": 10 } } },
    "remove":  { "parameters": { "max_tokens": { "remove": true } } },
    "deny":    { "parameters": { "max_tokens": { "deny": true } } },
    "allow":   { "parameters": { "max_tokens": { "allow": [10] } } },
    "require": { "parameters": { "max_tokens": { "require": true } } }
  }
}
EOP

$t->run(gateway(server => <<'EOF'));

llm_policy_tier $http_x_tier;

location / {
    proxy_pass http://%%UPSTREAM%%;
}

EOF

my $chat = '/v1/chat/completions';

for my $path (sort keys %own) {
    for my $parameter (sort keys %names) {
        for my $name (@{ $names{$parameter} }) {
            for my $place ($path eq $chat ? @places : @places[0, 1]) {
                my $added = added($path, $parameter, $name, $place);

                check($path, $parameter, sprintf($place, member($name, 7777)),
                    sprintf($place, member($name, $max{$parameter}))
                        =~ s/\}$/$added}/r);
            }
        }
    }
}

# "thinking.budget_tokens" is a member of a member.

sub member {
    my ($name, $value) = @_;
    my ($outer, $inner) = split /\./, $name;

    return $inner ? qq("$outer":{"$inner":$value}) : qq("$outer":$value);
}

# The meaning of an absent max_tokens is unknown, and only the API's own names
# count as present.

sub added {
    my ($path, $parameter, $name, $place) = @_;
    my @own = @{ $own{$path} };

    return '' if $parameter ne 'max_tokens';
    return '' if $place eq $places[0] && grep { $_ eq $name } @own;

    return qq(,"$own[0]":$max{max_tokens});
}

# Several at once: each is bounded.

my $same;    # forwarded as it came

check($chat, @$_) for (
    [ top_p => '{"top_p":0.5,"topP":2,"p":3,"options":{"top_p":4}}',
        '{"top_p":0.5,"topP":1,"p":1,"options":{"top_p":1}}' ],

    [ top_p => '{"top_p":0.5,"topP":"2"}', '400 invalid_type' ],
    [ top_p => '{"top_p":0.5,"options":{"topP":[2]}}', '400 invalid_type' ],
    [ top_p => '{"top_p":0.5,"topP":null}', $same ],

    # case and place: no server reads this as temperature
    [ temperature => '{"metadata":{"temperature":7}}', $same ],
    [ temperature => '{"messages":[{"temperature":7}]}', $same ],
    [ temperature => '{"requests":[{"temperature":7}]}', $same ],
    [ temperature => '{"options":{"options":{"temperature":7}}}', $same ],

    # other values instead of such an object
    [ temperature => '{"options":null}', $same ],
    [ temperature => '{"options":1}', $same ],
    [ temperature => '{"options":"{\"temperature\":7}"}', '400 invalid_type' ],
    [ temperature => '{"options":[{"temperature":7}]}', '400 invalid_type' ],
    [ temperature => '{"sampling_params":"x"}', '400 invalid_type' ],
    [ temperature => '{"requests":[{"params":"x"}]}', '400 invalid_type' ],
    [ temperature => '{"instances":["x",1,null]}', '400 invalid_type' ],
    [ seed => '{"options":[]}', '400 invalid_type' ],

    [ stop => '{"stop_sequences":["x"]}', '400 parameter_denied' ],
    [ stop => '{"stopSequences":"x"}', '400 parameter_denied' ],
    [ stop => '{"options":{"stop":["x"]}}', '400 parameter_denied' ],

    [ effort => '{"reasoning":{"effort":"high"}}', '400 value_not_allowed' ],
    [ effort => '{"options":{"reasoning_effort":"high"}}',
        '400 value_not_allowed' ],
    [ effort => '{"reasoning":{"effort":"low"}}', $same ],

    # the other verbs
    [ default => '{"n_predict":5}', '{"n_predict":5,"max_tokens":10}' ],
    [ default => '{"n_predict":"5"}', '400 invalid_type' ],
    [ force => '{"n_predict":5,"options":{"num_predict":null}}',
        '{"n_predict":10,"options":{"num_predict":10},"max_tokens":10}' ],
    [ remove => '{"n_predict":5,"a":1,"options":{"num_predict":5}}',
        '{"a":1,"options":{}}' ],
    [ remove => '{"max_tokens":1,"n_predict":2,"maxTokens":3}', '{}' ],
    [ deny => '{"n_predict":5}', '400 parameter_denied' ],
    [ allow => '{"options":{"num_predict":11}}', '400 value_not_allowed' ],
    [ require => '{"n_predict":5}', '400 parameter_required' ],
    [ require => '{"n_predict":5,"max_completion_tokens":5}', $same ],
);

$t->done;

sub check {
    my ($path, $tier, $body, $expected) = @_;

    is(verdict($t->post($path, $body, 'X-Tier' => $tier)),
        $expected // $body, "$path, $tier: $body");
}
