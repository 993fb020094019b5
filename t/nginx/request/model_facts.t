#!/usr/bin/perl

# Facts about models: what is written for a model, under which name, and beside
# which other parameters.

use strict;
use warnings;

use FindBin;
use Test::More;

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Conf;
use LLMPolicy::Test;
use LLMPolicy::Verdict qw(echo);

my $t = LLMPolicy::Test->new;
$t->upstream(1, \&echo);

$t->write_file('policy.json', <<'EOP');
{
  "version": 1,
  "default_tier": "tokens",
  "tiers": {
    "tokens": {
      "parameters": { "max_tokens": { "default": 512, "max": 4096 } }
    },
    "named": {
      "parameters": {
        "max_tokens": { "max": 4096, "as": "max_completion_tokens" }
      }
    },
    "sampling": {
      "parameters": {
        "temperature": { "default": 0.7, "max": 1 },
        "top_p": { "max": 0.95 }
      }
    },
    "effort": {
      "parameters": { "reasoning_effort": { "default": "minimal" } }
    }
  },
  "models": [
    {
      "name": "house",
      "match": ["~^house"],
      "parameters": {
        "max_tokens": { "as": "max_completion_tokens" },
        "temperature": { "not_beside": ["top_p"] },
        "reasoning_effort": { "takes": ["none", "low"] }
      },
      "source": ["2026-11-30: a note"]
    }
  ]
}
EOP

$t->run(gateway(server => <<'EOF'));

llm_policy_tier $http_x_tier;

add_header X-Reason $llm_reason always;
add_header X-Status $llm_status always;
add_header X-Requested $llm_requested_max_tokens always;
add_header X-Effective $llm_effective_max_tokens always;
add_header X-Action $llm_action_max_tokens always;

location / {
    proxy_pass http://%%UPSTREAM%%;
}

EOF

my $chat = '/v1/chat/completions';
my $azure = '/openai/deployments/%s/chat/completions?api-version=2024-10-21';
my $converse = '/model/us.anthropic.claude-sonnet-4-5-20250929-v1:0/converse';
my $old = '/model/anthropic.claude-3-haiku-20240307-v1:0/converse';

my @rows = (

    # the name of max_tokens
    map({
        [ tokens => $chat, qq({"model":"$_"}),
            qq({"model":"$_","max_completion_tokens":512}) ]
    } 'gpt-6-sol', 'ft:o4-mini-2025-04-16:acme::x', 'openai/gpt-5.4'),
    map({
        [ tokens => sprintf($azure, $_), '{"messages":[]}',
            '{"messages":[],"max_completion_tokens":512}' ]
    } 'prod-gpt5', 'o3'),
    [ tokens => sprintf($azure, 'prod-gpt41'), '{"model":"gpt-5"}',
        '{"model":"gpt-5","max_tokens":512}' ],
    [ named => sprintf($azure, 'prod'), '{"messages":[]}',
        '{"messages":[],"max_completion_tokens":4096}' ],
    [ named => sprintf($azure, 'prod'), '{"max_tokens":99,"messages":[]}',
        '{"max_completion_tokens":99,"messages":[]}' ],
    [ tokens => $chat, '{"model":"gpt-5-mini","max_tokens":null}',
        '{"model":"gpt-5-mini","max_completion_tokens":512}' ],
    [ tokens => $chat, '{"max_tokens": 9999,"messages":[],"model":"o3"}',
        '{"max_completion_tokens":4096,"messages":[],"model":"o3"}' ],
    [ tokens => $chat, '{"max_tokens": 9999,"messages":[],"model":"gpt-4o"}',
        '{"max_tokens": 4096,"messages":[],"model":"gpt-4o"}' ],
    [ tokens => $chat, '{"max_tokens": 99,"messages":[],"model":"house-1"}',
        '{"max_completion_tokens":99,"messages":[],"model":"house-1"}' ],
    [ effort => $chat, '{"max_tokens": 99,"messages":[],"model":"house-1"}',
        '{"max_completion_tokens":99,"messages":[],"model":"house-1"}' ],
    [ tokens => '/v1/responses', '{"model":"gpt-6-sol"}',
        '{"model":"gpt-6-sol","max_output_tokens":512}' ],

    # one of two
    [ sampling => $converse, '{"messages":[]}',
        '{"messages":[],"inferenceConfig":{"topP":0.95}}' ],
    [ sampling => $converse, '{"inferenceConfig":{},"messages":[]}',
        '{"inferenceConfig":{"topP":0.95},"messages":[]}' ],
    [ sampling => $converse, '{"inferenceConfig":{"topP":0.5},"messages":[]}' ],
    [ sampling => $converse,
        '{"inferenceConfig":{"temperature":2},"messages":[]}',
        '{"inferenceConfig":{"temperature":1},"messages":[]}' ],
    [ sampling => $old, '{"messages":[]}', '{"messages":[],"inferenceConfig":'
        . '{"temperature":0.7,"topP":0.95}}' ],
    [ sampling => $chat, '{"model":"anthropic/claude-opus-4.1"}',
        '{"model":"anthropic/claude-opus-4.1","top_p":0.95}' ],
    [ sampling => $chat, '{"top_p":0.5,"model":"claude-haiku-4-5"}' ],
    [ sampling => $chat, '{"top_p":0.5,"model":"house"}' ],
    [ sampling => '/api/chat', '{"options":{"top_p":0.5},"model":"house"}' ],
    [ sampling => '/api/chat', '{"options":{"top_p":0.5},"model":"x"}',
        '{"options":{"top_p":0.5,"temperature":0.7},"model":"x"}' ],

    # a default that the model does not take
    [ effort => $chat, '{"model":"house"}' ],
    [ effort => '/v1/responses', '{"reasoning":{},"model":"house"}' ],
    [ effort => '/v1/responses', '{"reasoning":{},"model":"x"}',
        '{"reasoning":{"effort":"minimal"},"model":"x"}' ]
);

for my $row (@rows) {
    my ($tier, $path, $body, $expected) = @$row;

    my $r = $t->post($path, $body, 'X-Tier' => $tier);

    is($r->{status} == 200 ? $r->{body}
        : "$r->{status} " . $r->header('X-Reason'), $expected // $body,
        "$tier, $path: $body");
}

# a name is no value: nothing is reported as changed

my $r = $t->post($chat, '{"max_tokens":99,"model":"house"}',
    'X-Tier' => 'tokens');

is($r->header('X-Status'), 'passed', 'status of a name');
is($r->header("X-$_->[0]"), $_->[1], $_->[0])
    for [ Requested => 99 ], [ Effective => 99 ], [ Action => 'none' ];

# a body with a digest must not change: its name is not replaced

$r = $t->post($chat, '{"max_tokens":99,"model":"house"}',
    'X-Tier' => 'tokens', 'Content-MD5' => 'AAAAAAAAAAAAAAAAAAAAAA==');

is($r->{body}, '{"max_tokens":99,"model":"house"}', 'digest');

$t->done;
