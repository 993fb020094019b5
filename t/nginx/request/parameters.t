#!/usr/bin/perl

# Every canonical parameter, at its place in each dialect: the meaning of an
# absent one, written values, and values that are never added because the API
# does not have them.

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

my ($chat, $completions, $responses)
    = map { "/v1/$_" } qw(chat/completions completions responses);
my $same;    # forwarded as it came

# route, rules, body, result

my @rows = (

    # upstreams use 1 for an absent temperature, top_p or n, 0 for a penalty

    [ $chat, '"top_p": { "max": 0.95 }', '{}', '{"top_p":0.95}' ],
    [ $chat, '"top_p": { "max": 1 }', '{}', $same ],
    [ $chat, '"top_p": { "max": 0.95 }', '{"top_p":0.96}', '{"top_p":0.95}' ],
    [ $chat, '"n": { "max": 1 }', '{}', $same ],
    [ $chat, '"n": { "max": 1 }', '{"n":128}', '{"n":1}' ],
    [ $chat, '"n": { "max": 1 }', '{"n":1.5}', '{"n":1}' ],
    [ $chat, '"n": { "min": 2 }', '{}', '{"n":2}' ],
    [ $chat, '"presence_penalty": { "min": 0 }', '{}', $same ],
    [ $chat, '"presence_penalty": { "min": 0.5 }', '{}',
        '{"presence_penalty":0.5}' ],
    [ $chat, '"presence_penalty": { "min": -0.5, "max": 0.5 }',
        '{"presence_penalty":-2}', '{"presence_penalty":-0.5}' ],
    [ $chat, '"frequency_penalty": { "max": -0.5 }', '{}',
        '{"frequency_penalty":-0.5}' ],
    [ $completions, '"top_p": { "max": 0.95 }, "n": { "max": 1 }', '{}',
        '{"top_p":0.95}' ],
    [ $completions, '"frequency_penalty": { "max": -1 }', '{}',
        '{"frequency_penalty":-1}' ],
    [ $responses, '"top_p": { "max": 0.95 }', '{}', '{"top_p":0.95}' ],

    # the meaning of an absent max_tokens is unknown: the maximum is written

    [ $chat, '"max_tokens": { "max": 100 }', '{}', '{"max_tokens":100}' ],
    [ $chat, '"max_tokens": { "default": 50, "max": 100 }', '{}',
        '{"max_tokens":50}' ],
    [ $chat, '"max_tokens": { "max": 100 }', '{"max_tokens":101}',
        '{"max_tokens":100}' ],
    [ $chat, '"max_tokens": { "max": 100 }', '{"max_tokens":99}', $same ],
    [ $chat, '"max_tokens": { "min": 10 }', '{}', '{"max_tokens":10}' ],
    [ $chat, '"max_tokens": { "min": 10 }', '{"max_tokens":9}',
        '{"max_tokens":10}' ],

    # "no limit" is above any bound

    [ $chat, '"max_tokens": { "max": 100 }', '{"max_tokens":-1}',
        '{"max_tokens":100}' ],
    [ $chat, '"max_tokens": { "max": 100 }', '{"max_tokens":0}',
        '{"max_tokens":100}' ],
    [ $chat, '"max_tokens": { "max": 9, "on_violation": "reject" }',
        '{"max_tokens":-1}', '400 value_not_allowed' ],
    [ $chat, '"top_k": { "max": 40 }', '{"top_k":-1}', '{"top_k":40}' ],
    [ $chat, '"top_k": { "max": 40 }', '{"top_k":0}', '{"top_k":40}' ],

    # either name counts, and the newer one is for reasoning models

    [ $chat, '"max_tokens": { "max": 100 }', '{"max_completion_tokens":50}',
        $same ],
    [ $chat, '"max_tokens": { "max": 100 }', '{"max_completion_tokens":500}',
        '{"max_completion_tokens":100}' ],
    [ $chat, '"max_tokens": { "max": 100 }',
        '{"max_tokens":200,"max_completion_tokens":500}',
        '{"max_tokens":100,"max_completion_tokens":100}' ],
    [ $chat, '"max_tokens": { "max": 100 }',
        '{"max_tokens":null,"max_completion_tokens":50}', $same ],
    [ $chat, '"max_tokens": { "max": 100 }', '{"max_completion_tokens":null}',
        '{"max_completion_tokens":100}' ],
    map({ [ $chat, '"max_tokens": { "max": 100 }', qq({"model":"$_"}),
        qq({"model":"$_","max_completion_tokens":100}) ] }
        qw(o1 o1-mini o3 o4-mini gpt-5 gpt-5.1)),
    map({ [ $chat, '"max_tokens": { "max": 100 }', qq({"model":"$_"}),
        qq({"model":"$_","max_tokens":100}) ] }
        qw(gpt-4o-mini llama-3 x-gpt-5)),

    # completions and responses have their own names

    [ $completions, '"max_tokens": { "max": 100 }', '{}',
        '{"max_tokens":100}' ],
    [ $responses, '"max_tokens": { "max": 100 }', '{}',
        '{"max_output_tokens":100}' ],
    [ $responses, '"max_tokens": { "max": 100 }', '{"max_output_tokens":200}',
        '{"max_output_tokens":100}' ],

    # a value that the API would refuse is not written

    [ $responses, '"max_tokens": { "default": 5 }', '{}',
        '{"max_output_tokens":16}' ],
    [ $chat, '"temperature": { "force": 9 }', '{}', '{"temperature":2}' ],
    [ $chat, '"temperature": { "max": 9 }', '{"temperature":10}',
        '{"temperature":2}' ],
    [ $chat, '"n": { "default": 0 }', '{}', '{"n":1}' ],

    # strings, booleans, arrays and objects

    [ $chat, '"stop": { "default": ["\n", "\u0041"] }', '{"stop":null}',
        '{"stop":["\n", "\u0041"]}' ],
    [ $chat, '"stop": { "default": "." }', '{"stop":["x"]}', $same ],
    [ $chat, '"stop": { "default": "." }', '{"stop":5}', '400 invalid_type' ],
    [ $chat, '"stop": { "force": "END" }', '{"stop":["x","y"]}',
        '{"stop":"END"}' ],
    [ $chat, '"stream": { "force": false }', '{"stream":true}',
        '{"stream":false}' ],
    [ $chat, '"stream": { "force": false }', '{"stream":false}', $same ],
    [ $chat, '"stream": { "default": true }', '{"stream":"yes"}',
        '400 invalid_type' ],
    [ $chat, '"store": { "allow": [false] }', '{"store":true}',
        '400 value_not_allowed' ],
    [ $chat, '"parallel_tool_calls": { "default": false }', '{"tools":[{}]}',
        '{"tools":[{}],"parallel_tool_calls":false}' ],
    [ $chat, '"logit_bias": { "deny": true }', '{"logit_bias":{"50256":-100}}',
        '400 parameter_denied' ],
    [ $chat, '"logit_bias": { "remove": true }', '{"logit_bias":{"1":[]}}',
        '{}' ],
    [ $chat, '"logit_bias": { "require": true }', '{"logit_bias":[[1,2]]}',
        '400 invalid_type' ],
    [ $chat, '"seed": { "force": 18446744073709551615 }', '{"seed":1}',
        '{"seed":18446744073709551615}' ],
    [ $chat, '"seed": { "max": 9007199254740992 }',
        '{"seed":9007199254740993}', '{"seed":9007199254740992}' ],
    [ $chat, '"seed": { "max": 9007199254740992 }', '{}', $same ],
    [ $chat, '"logprobs": { "force": false }', '{"logprobs":true}',
        '{"logprobs":false}' ],
    [ $chat, '"logprobs": { "default": false }', '{"logprobs":3}',
        '400 invalid_type' ],
    [ $chat, '"top_logprobs": { "max": 5 }', '{"top_logprobs":20}',
        '{"top_logprobs":5}' ],
    [ $chat, '"top_logprobs": { "max": 5 }', '{}', $same ],
    [ $chat, '"verbosity": { "default": "low" }', '{}',
        '{"verbosity":"low"}' ],
    [ $chat, '"service_tier": { "force": "flex" }',
        '{"service_tier":"priority"}', '{"service_tier":"flex"}' ],
    [ $chat, '"reasoning_effort": { "allow": ["low", "medium"] }',
        '{"reasoning_effort":"high"}', '400 value_not_allowed' ],
    [ $chat, '"reasoning_effort": { "allow": ["low", "medium"] }',
        '{"reasoning_effort":"l\u006fw"}', $same ],

    # a number in completions, a boolean in chat completions

    [ $completions, '"logprobs": { "max": 3 }', '{"logprobs":5}',
        '{"logprobs":3}' ],
    [ $completions, '"logprobs": { "max": 3 }', '{"logprobs":true}',
        '400 invalid_type' ],

    # responses have some inside an object, which is created if it is absent

    [ $responses, '"reasoning_effort": { "default": "low" }', '{"input":"x"}',
        '{"input":"x","reasoning":{"effort":"low"}}' ],
    [ $responses, '"reasoning_effort": { "default": "low" }',
        '{"reasoning":{ "summary":"auto"}}',
        '{"reasoning":{ "summary":"auto","effort":"low"}}' ],
    [ $responses, '"reasoning_effort": { "default": "low" }',
        '{"reasoning":{}}', '{"reasoning":{"effort":"low"}}' ],
    [ $responses, '"reasoning_effort": { "default": "low" }',
        '{"reasoning":null}', '{"reasoning":{"effort":"low"}}' ],
    [ $responses, '"reasoning_effort": { "default": "low" }',
        '{"reasoning":{"effort":null}}', '{"reasoning":{"effort":"low"}}' ],
    [ $responses, '"reasoning_effort": { "default": "low" }',
        '{"reasoning":"high"}', '400 invalid_type' ],
    [ $responses, '"reasoning_effort": { "allow": ["low"] }',
        '{"reasoning":{"effort":"high"}}', '400 value_not_allowed' ],
    [ $responses, '"reasoning_effort": { "remove": true }',
        '{"reasoning":{"effort":"high","summary":"auto"}}',
        '{"reasoning":{"summary":"auto"}}' ],
    [ $responses, '"verbosity": { "force": "low" }',
        '{"text":{"format":{"type":"text"},"verbosity":"high"}}',
        '{"text":{"format":{"type":"text"},"verbosity":"low"}}' ],
    [ $responses, '"verbosity": { "force": "low" }', '{}',
        '{"text":{"verbosity":"low"}}' ],
    [ $responses, '"reasoning_effort": { "force": "low" },'
        . '"verbosity": { "force": "low" }, "store": { "force": false }', '{}',
        '{"reasoning":{"effort":"low"},"text":{"verbosity":"low"},'
        . '"store":false}' ],

    # parameters that an API does not have are never added

    map({ [ $chat, qq("$_": { "default": 0.5, "max": 0.6 }), '{}', $same ],
          [ $chat, qq("$_": { "default": 0.5, "max": 0.6 }), qq({"$_":0.7}),
            qq({"$_":0.6}) ] }
        qw(min_p typical_p repetition_penalty)),
    [ $chat, '"top_k": { "default": 40, "max": 40 }', '{}', $same ],
    [ $chat, '"top_k": { "force": 40 }', '{}', $same ],
    [ $completions, '"reasoning_effort": { "default": "low" },'
        . '"store": { "force": false }', '{}', $same ],
    [ $responses, '"n": { "force": 1 }, "stop": { "default": "." },'
        . '"seed": { "default": 1 }, "presence_penalty": { "force": 0 }',
        '{}', $same ],
    [ $responses, '"n": { "max": 1 }', '{"n":5}', '{"n":1}' ],

    # images have n, and no temperature

    [ '/v1/images/generations', '"n": { "max": 2 },'
        . '"temperature": { "default": 0.7 }, "max_tokens": { "max": 9 }',
        '{"prompt":"p","n":10}', '{"prompt":"p","n":2}' ],
    [ '/v1/images/generations', '"n": { "force": 2 }', '{"prompt":"p"}',
        $same ],
);

# Nothing is added for APIs without a temperature, and members that only look
# like a parameter are unchanged.

my $everything = '"temperature": { "default": 0.7, "max": 1 },'
    . '"top_p": { "max": 0.5 }, "max_tokens": { "max": 100 },'
    . '"n": { "max": 1 }, "seed": { "force": 1 }, "stream": { "force": false }';

push @rows, map { [ $_, $everything, '{"input":["x"],"dimensions":256}' ] }
    map { ("/v1$_", $_, "/openai/v1$_", "/api/v1$_") }
    qw(/embeddings /moderations /audio/speech /responses/compact
       /responses/input_tokens /rerank /score /tokenize /detokenize);

push @rows, [ '/v2/rerank', $everything, '{"query":"q","documents":[]}' ];

$t->write_file('policy.json', tiers(map { $_->[1] } @rows));

$t->run(gateway(server => <<'EOF'));

llm_policy_tier $http_x_tier;

location / {
    proxy_pass http://%%UPSTREAM%%;
}

EOF

for my $tier (0 .. $#rows) {
    my ($path, $rules, $body, $expected) = @{ $rows[$tier] };

    is(verdict($t->post($path, $body, 'X-Tier' => $tier)),
        $expected // $body, "$path, $rules: $body");
}

is($up->count, grep({ ($_->[3] // '') !~ /^4/ } @rows),
    'nothing else reached the upstream');

$t->done;
