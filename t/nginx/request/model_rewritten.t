#!/usr/bin/perl

# Rules about models use the model of the forwarded request: that of the edited
# body, or the one in the path, which no rule changes.  A rule about the model
# itself, of a "models" entry or of the tier, is applied first, and once.

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
  "default_tier": "free",
  "tiers": {
    "free": { "models": { "allow": ["cheap"] } },
    "force": {
      "parameters": { "/model": { "force": "cheap" } },
      "models": { "allow": ["cheap"] }
    },
    "default": {
      "parameters": { "/model": { "default": "cheap" } },
      "models": { "allow": ["cheap"] }
    },
    "remove": {
      "parameters": { "/model": { "remove": true } },
      "models": { "deny": ["opus"] }
    },
    "any": {
      "parameters": { "temperature": { "max": 0.9 } }
    },
    "pro": {
      "parameters": { "temperature": { "max": 1.5 } }
    },
    "deny": {
      "parameters": { "/tools": { "deny": true } }
    },
    "alias": {
      "parameters": {
        "temperature": { "max": 1 },
        "max_tokens": { "max": 50 },
        "/model": { "force": "cheap" }
      },
      "models": { "allow": ["o3-mini", "quick", "cheap"] }
    },
    "stated": { "models": { "allow": ["fast"] } }
  },
  "models": [
    { "match": ["fast"],
      "parameters": {
        "/model": { "force": "o3-mini" },
        "top_p": { "force": 0.5 } } },
    { "match": ["slow"],
      "parameters": { "/model": { "force": "quick" } } },
    { "match": ["quick"],
      "parameters": {
        "/model": { "force": "o3-mini" },
        "temperature": { "max": 0.2 } } },
    { "match": ["~^o3"], "parameters": { "temperature": { "remove": true } } },
    { "match": ["opus"], "parameters": { "temperature": { "max": 0.1 } } },
    { "match": ["~^gpt-5"],
      "parameters": { "temperature": { "remove": true } } }
  ]
}
EOP

$t->run(gateway(server => <<'EOF'));

llm_policy_tier $http_x_tier;

add_header X-Reason $llm_reason always;
add_header X-Model $llm_model always;

location / {
    proxy_pass http://%%UPSTREAM%%;
}

EOF

my $chat = '/v1/chat/completions';
my $azure = '/openai/deployments/opus/chat/completions';
my $batch = '/v1/messages/batches';
my $jobs = '/v1/batch/jobs';
my $ollama = '/api/chat';
my $denied = '403 model_not_allowed';
my $other = '400 ambiguous_member';
my $gemini = '/v1beta/models/%s:generateContent';

my @rows = (

    # the forced model counts
    [ force => $chat, '{"model":"opus"}', '{"model":"cheap"}' ],
    [ force => $chat, '{}', '{"model":"cheap"}' ],

    # each request of a batch by itself
    [ force => $batch, '{"requests":[{"params":{"model":"opus"}},'
        . '{"params":{}}]}', '{"requests":[{"params":{"model":"cheap"}},'
        . '{"params":{"model":"cheap"}}]}' ],
    [ remove => $batch, '{"requests":[{"params":{"model":"opus"}}]}',
        '{"requests":[{"params":{}}]}' ],

    # nothing is written if the API generates nothing
    [ force => '/v1/embeddings', '{}', $denied ],
    [ force => '/v1/embeddings', '{"model":"opus"}', '{"model":"cheap"}' ],

    # an empty model is not replaced by a default
    [ default => $chat, '{}', '{"model":"cheap"}' ],
    [ default => $chat, '{"model":null}', '{"model":"cheap"}' ],
    [ default => $chat, '{"model":""}', $denied ],
    [ default => $chat, '{"model":"opus"}', $denied ],

    # the deployment in the path is unchanged
    [ force => $azure, '{"model":"cheap"}', $denied ],
    [ force => $azure, '{}', $denied ],
    [ default => $azure, '{}', $denied ],
    [ remove => $azure, '{"model":"opus"}', $denied ],
    [ force => '/openai/deployments/cheap/chat/completions',
        '{"model":"cheap"}', '{"model":"cheap"}' ],

    # nor is the model in other paths; the policy must send that one
    [ force => sprintf($gemini, 'opus'), '{}', $other ],
    [ alias => sprintf($gemini, 'fast'), '{}', $other ],
    [ alias => '/model/fast/converse', '{}', $other ],
    [ default => sprintf($gemini, 'cheap'), '{}' ],
    [ default => sprintf($gemini, 'opus'), '{}', $denied ],
    [ any => sprintf($gemini, 'o3-mini'),
        '{"generationConfig":{"temperature":0.5}}',
        '{"generationConfig":{}}' ],
    [ alias => '/openai/deployments/quick/chat/completions',
        '{"model":"x","temperature":1,"max_tokens":9}',
        '{"model":"o3-mini","temperature":0.2,"max_tokens":9}' ],

    # an alias in an entry: its other rules are about what is sent as "fast"
    [ alias => $chat, '{"model":"fast","temperature":0.5,"max_tokens":99}',
        '{"model":"o3-mini","max_completion_tokens":50}' ],
    [ alias => $chat, '{"max_tokens":99,"temperature":0.5,"model":"fast"}',
        '{"max_completion_tokens":50,"model":"o3-mini"}' ],
    [ alias => $chat, '{"max_tokens":99,"model":"\u0066ast"}',
        '{"max_completion_tokens":50,"model":"o3-mini"}' ],
    [ any => '/v1/responses', '{"temperature":0.5,"model":"fast"}',
        '{"model":"o3-mini"}' ],
    [ any => $ollama, '{"options":{"temperature":0.5},"model":"fast"}',
        '{"options":{},"model":"o3-mini"}' ],
    [ any => '/v1/embeddings', '{"model":"fast"}', '{"model":"o3-mini"}' ],

    # in place of the tier's; one step
    [ alias => $chat, '{"model":"x","max_tokens":9}',
        '{"model":"cheap","max_tokens":9}' ],
    [ alias => $chat, '{"temperature":0.5,"model":"slow","max_tokens":9}',
        '{"temperature":0.2,"model":"quick","max_tokens":9}' ],

    # the model that is sent must be permitted, not the alias
    [ stated => $chat, '{"model":"fast"}', $denied ],
    [ force => $chat, '{"model":"fast"}', $denied ],

    # each request of a batch by itself, except if all have one model
    [ any => $batch, '{"requests":[{"params":{"model":"fast","temperature":1}'
        . '},{"params":{"model":"cheap","temperature":1}}]}',
        '{"requests":[{"params":{"model":"o3-mini"}},'
        . '{"params":{"model":"cheap","temperature":0.9}}]}' ],
    [ any => $jobs, '{"model":"fast","requests":[{"body":{}}]}', $other ],

    # also that of all requests of a batch
    [ free => $jobs, '{"requests":[{"body":{}}],"model":"cheap"}',
        '{"requests":[{"body":{}}],"model":"cheap"}' ],
    [ free => $jobs, '{"requests":[{"body":{}}],"model":"opus"}', $denied ],
    [ free => $jobs, '{"model":"cheap","requests":[{"body":{"model":"opus"}}]}',
        '400 ambiguous_member' ],
    [ any => $jobs, '{"model":"opus","temperature":1,'
        . '"requests":[{"body":{"temperature":1}},{"body":{}}],"options":'
        . '{"temperature":1}}', '{"model":"opus","temperature":0.1,"requests":'
        . '[{"body":{"temperature":0.1}},{"body":{"temperature":0.1}}],'
        . '"options":{"temperature":0.1}}' ],

    # a model that lifts the tier's bound does not permit all members that
    # bypass it
    [ pro => $chat, '{"model":"gpt-5","temperature":1.9}',
        '{"model":"gpt-5"}' ],
    [ pro => $chat, '{"model":"gpt-5","dynatemp_range":5}',
        '400 undermines_policy' ],
    [ pro => $chat, '{"model":"gpt-5","samplers":["xtc"]}',
        '400 undermines_policy' ],

    # members after a request are not bounded by its rules
    [ any => $batch, '{"requests":[{"params":{"model":"gpt-5"}}],'
        . '"temperature":1.9}', '{"requests":[{"params":{"model":"gpt-5"}}],'
        . '"temperature":0.9}' ],

    # other models, in tools and plugins
    map({ [ free => $chat, qq({"model":"cheap",$_}), '400 undermines_policy' ] }
        '"tools":[{"type":"advisor","model":"opus"}]',
        '"tools":[{"type":"a:b","parameters":{"model":"opus"}}]',
        '"plugins":[{"id":"fusion","model":"opus"}]', '"draft_model":"opus"',
        '"plugins":[{"id":"fusion","analysis_models":["opus"]}]'),
    [ free => $chat, '{"model":"cheap","tools":[{"type":"function","function":'
        . '{"name":"f","parameters":{"type":"object","properties":'
        . '{"model":{"type":"string"}}}}}]}' ],
    [ free => '/v1/messages', '{"model":"cheap","tools":'
        . '[{"type":"advisor_20260301","name":"advisor","model":"opus"}]}',
        '400 undermines_policy' ],

    # a pointer applies to each request of a batch
    [ deny => $batch, '{"requests":[{"params":{"tools":[]}}]}',
        '400 parameter_denied' ],
);

for my $row (@rows) {
    my ($tier, $path, $body, $expected) = @$row;

    my $r = $t->post($path, $body, 'X-Tier' => $tier);

    is($r->{status} == 200 ? $r->{body}
        : "$r->{status} " . $r->header('X-Reason'), $expected // $body,
        "$tier, $path: $body");
}

# $llm_model is the model that is sent

for my $row ([ any => 'fast', 'o3-mini' ], [ alias => 'slow', 'quick' ],
    [ alias => 'x', 'cheap' ], [ stated => 'fast', 'o3-mini' ])
{
    my ($tier, $model, $sent) = @$row;

    my $r = $t->post($chat, qq({"model":"$model"}), 'X-Tier' => $tier);

    is($r->header('X-Model'), $sent, "$tier, $model: model of the log");
}

$t->done;
