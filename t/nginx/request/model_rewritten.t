#!/usr/bin/perl

# Rules about models use the model of the forwarded request: that of the edited
# body, or the one in the path, which no rule changes.

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
    }
  },
  "models": [
    { "match": ["opus"], "parameters": { "temperature": { "max": 0.1 } } },
    { "match": ["~^gpt-5"],
      "parameters": { "temperature": { "remove": true } } }
  ]
}
EOP

$t->run(gateway(server => <<'EOF'));

llm_policy_tier $http_x_tier;

add_header X-Reason $llm_reason always;

location / {
    proxy_pass http://%%UPSTREAM%%;
}

EOF

my $chat = '/v1/chat/completions';
my $azure = '/openai/deployments/opus/chat/completions';
my $batch = '/v1/messages/batches';
my $jobs = '/v1/batch/jobs';
my $denied = '403 model_not_allowed';

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

$t->done;
