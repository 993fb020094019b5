#!/usr/bin/perl

# Rules about any member, by JSON Pointer (RFC 6901), in every dialect.

use strict;
use warnings;

use FindBin;
use Test::More;

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Test;
use LLMPolicy::Verdict;

my $t = LLMPolicy::Test->new;
my $up = $t->upstream(1, \&echo);

my $same;    # forwarded as it came

my @rows = (

    # every verb

    [ '"/priority": { "remove": true }', '{"priority":0,"a":1}', '{"a":1}' ],
    [ '"/priority": { "deny": true }', '{"priority":0}',
        '400 parameter_denied' ],
    [ '"/priority": { "deny": true }', '{"priority":null}', $same ],
    [ '"/priority": { "require": true }', '{}', '400 parameter_required' ],
    [ '"/priority": { "require": true }', '{"priority":[]}', $same ],
    [ '"/priority": { "default": 5 }', '{}', '{"priority":5}' ],
    [ '"/priority": { "default": 5 }', '{"priority":null}',
        '{"priority":5}' ],
    [ '"/priority": { "default": 5 }', '{"priority":"x"}', $same ],
    [ '"/priority": { "force": 5 }', '{}', '{"priority":5}' ],
    [ '"/priority": { "force": 5 }', '{"priority":"x"}', '{"priority":5}' ],
    [ '"/priority": { "force": {"b":[1, "\u00e9"]} }', '{"priority":null}',
        '{"priority":{"b":[1, "\u00e9"]}}' ],
    [ '"/priority": { "allow": [1, "x", true] }', '{"priority":1.0}', $same ],
    [ '"/priority": { "allow": [1, "x", true] }', '{"priority":"\u0078"}',
        $same ],
    [ '"/priority": { "allow": [1, "x", true] }', '{"priority":true}', $same ],
    [ '"/priority": { "allow": [1, "x", true] }', '{"priority":"1"}',
        '400 value_not_allowed' ],
    [ '"/priority": { "allow": [1, "x", true] }', '{"priority":[1]}',
        '400 value_not_allowed' ],
    [ '"/priority": { "max": 5 }', '{"priority":6}', '{"priority":5}' ],
    [ '"/priority": { "min": -5 }', '{"priority":-6}', '{"priority":-5}' ],
    [ '"/priority": { "min": 0, "max": 5, "on_violation": "reject" }',
        '{"priority":6}', '400 value_not_allowed' ],
    [ '"/priority": { "max": 5 }', '{"priority":"6"}', '400 invalid_type' ],

    # the API may or may not have such a member: bounds add nothing

    [ '"/priority": { "min": 6 }', '{}', $same ],
    [ '"/priority": { "max": 5 }', '{"priority":null}', $same ],
    [ '"/priority": { "max": 5 }', '{"priority":-1}', $same ],

    # paths

    [ '"/metadata/trace": { "remove": true }',
        '{"metadata":{"trace":1,"user":"u"},"trace":2}',
        '{"metadata":{"user":"u"},"trace":2}' ],
    [ '"/metadata/trace": { "force": "t" }', '{"metadata":{ }}',
        '{"metadata":{ "trace":"t"}}' ],
    [ '"/metadata/trace": { "force": "t" }', '{"metadata":null}',
        '{"metadata":{"trace":"t"}}' ],
    [ '"/metadata/trace": { "force": "t" }', '{"metadata":"x"}',
        '400 invalid_type' ],
    [ '"/metadata/trace": { "remove": true }', '{"metadata":"{}"}',
        '400 invalid_type' ],
    [ '"/metadata/trace": { "default": "t" }', '{"metadata":"x"}', $same ],
    [ '"/a/b/c": { "default": 1 }, "/a/b/d": { "default": 2 },'
        . '"/a/e": { "default": 3 }', '{}',
        '{"a":{"b":{"c":1,"d":2},"e":3}}' ],
    [ '"/a/b/c": { "default": 1 }, "/a/b/d": { "default": 2 }',
        '{"a":{"b":{"d":9}}}', '{"a":{"b":{"d":9,"c":1}}}' ],
    [ '"/a~1b/m~0n": { "max": 1 }', '{"a/b":{"m~n":2},"a":{"b":{"m~n":2}}}',
        '{"a/b":{"m~n":1},"a":{"b":{"m~n":2}}}' ],
    [ '"/ /%25": { "max": 1 }', '{" ":{"%25":2,"%":2}}',
        '{" ":{"%25":1,"%":2}}' ],
    [ '"/\u00e9": { "force": 1 }', '{}', qq({"\xc3\xa9":1}) ],

    # elements of an array: existing ones are policed, none is added

    [ '"/messages/0/role": { "allow": ["system"] }',
        '{"messages":[{"role":"user"},{"role":"system"}]}',
        '400 value_not_allowed' ],
    [ '"/messages/0/role": { "allow": ["system"] }',
        '{"messages":[{"role":"system"},{"role":"user"}]}', $same ],
    [ '"/tools/1/strict": { "force": true }',
        '{"tools":[{},{"strict":false},{}]}',
        '{"tools":[{},{"strict":true},{}]}' ],
    [ '"/tools/1/strict": { "force": true }', '{"tools":[{},{},{}]}',
        '{"tools":[{},{"strict":true},{}]}' ],
    [ '"/tools/1/strict": { "force": true }', '{"tools":[{}]}', $same ],
    [ '"/tools/1": { "remove": true }', '{"tools":[{"a":1}, [2] ,3]}',
        '{"tools":[{"a":1} ,3]}' ],
    [ '"/tools/0": { "remove": true }', '{"tools":[{"a":1}, [2] ,3]}',
        '{"tools":[[2] ,3]}' ],
    [ '"/messages/0/role": { "require": true }', '{"messages":[]}',
        '400 parameter_required' ],

    # the name of a member may be a number

    [ '"/logit_bias/50256": { "max": 0 }', '{"logit_bias":{"50256":100}}',
        '{"logit_bias":{"50256":0}}' ],

    # a pointer has precedence over the parameter at its place

    [ '"temperature": { "max": 1 }, "/options/temperature": { "max": 0.5 }',
        '{"temperature":1.9,"options":{"temperature":1.9}}',
        '{"temperature":1,"options":{"temperature":0.5}}' ],
    [ '"max_tokens": { "max": 9 }, "/max_completion_tokens": {}',
        '{"max_completion_tokens":10}', $same ],
    [ '"temperature": { "max": 1 }, "/sampling_params/0/temperature": {}',
        '{"sampling_params":[{"temperature":8},{"temperature":9}]}',
        '{"sampling_params":[{"temperature":8},{"temperature":1}]}' ],

    # a removed member does not count as present

    [ '"max_tokens": { "max": 9 },'
        . '"/max_completion_tokens": { "remove": true }',
        '{"max_completion_tokens":5}', '{"max_tokens":9}' ],
    [ '"max_tokens": { "max": 9 },'
        . '"/max_completion_tokens": { "remove": true }',
        '{"max_completion_tokens":5,"max_tokens":7}', '{"max_tokens":7}' ],

    # one rule inside another

    [ '"/metadata": { "remove": true }, "/metadata/trace": { "force": 1 }',
        '{"metadata":{"trace":2,"x":3},"b":1}',
        '{"b":1,"metadata":{"trace":1}}' ],
    [ '"/options": { "remove": true }, "temperature": { "max": 1 }',
        '{"a":1,"options":{"temperature":1.9},"b":2}', '{"a":1,"b":2}' ],
    [ '"/metadata": { "force": {"q":1} }, "/metadata/trace": { "max": 1 }',
        '{"metadata":{"trace":2}}', '{"metadata":{"q":1}}' ],
    [ '"/metadata": { "force": {"q":1} }, "/metadata/trace": { "max": 1 }',
        '{"metadata":{"trace":"x"}}', '{"metadata":{"q":1}}' ],
    [ inner('default'), '{"a":1}', '{"a":1,"metadata":{"user":{"id":"y"}}}' ],
    [ inner('default'), '{"metadata":null}',
        '{"metadata":{"user":{"id":"y"}}}' ],
    [ inner('default'), '{"metadata":{}}',
        '{"metadata":{"user":{"id":"y"}}}' ],
    [ inner('default'), '{"metadata":{"user":{"id":"x","b":2}}}',
        '{"metadata":{"user":{"id":"y","b":2}}}' ],
    [ inner('force'), '{"metadata":{"user":{"id":"x","b":2}},"a":1}',
        '{"metadata":{"user":{"id":"y"}},"a":1}' ],
    [ inner('force'), '{}', '{"metadata":{"user":{"id":"y"}}}' ],
    [ inner('force'), '{"metadata":null}',
        '{"metadata":{"user":{"id":"y"}}}' ],
    [ '"logit_bias": { "force": {"1":0} }, "/logit_bias/1": { "max": 0 }',
        '{"logit_bias":{"1":9}}', '{"logit_bias":{"1":0}}' ],
    [ '"reasoning_effort": { "default": "high" },'
        . '"/reasoning/effort": { "allow": ["low"] }', '{}',
        '{"reasoning_effort":"high"}' ],
    [ '"/tools/0": { "remove": true }, "/tools/0/a": { "force": 1 }',
        '{"tools":[{"a":2},3]}', '{"tools":[3]}' ],
    [ '"/tools/0": { "remove": true }, "/tools/1": { "remove": true }',
        '{"tools":[{"a":2}, 3, 4]}', '{"tools":[4]}' ],
    [ '"/tools/0": { "remove": true }, "/tools/2": { "remove": true }',
        '{"tools":[{"a":2}, 3, 4]}', '{"tools":[3]}' ],

    # names are compared as strictly as those of parameters

    [ '"/metadata/trace": { "remove": true }', '{"metadata":{"Trace":1}}',
        '400 ambiguous_member' ],
    [ '"/metadata/trace": { "remove": true }',
        '{"metadata":{"\u0074race":1}}', '400 ambiguous_member' ],
    [ '"/metadata/trace": { "remove": true }', '{"Metadata":{}}',
        '400 ambiguous_member' ],
    [ '"/metadata/trace": { "remove": true }',
        '{"metadata":{"trace":1,"trace":1}}', '400 duplicate_member' ],
);

# A tier for each case, one for embeddings, and one for Gemini.

my $tier = @rows;
$t->write_file('policy.json', tiers(map({ $_->[0] } @rows),
    '"/user": { "remove": true }, "/dimensions": { "max": 256 },'
    . '"/priority": { "force": 5 }, "/input/model": { "deny": true },'
    . '"/metadata/trace": { "remove": true }, "/note": { "allow": ["n"] }',
    '"temperature": { "default": 1.5 },'
    . '"/generationConfig/temperature": { "max": 1.0 }'));

$t->run(<<'EOC');

%%GLOBALS%%

load_module %%MODULE%%;

events {
}

http {
    %%GLOBALS_HTTP%%

    server {
        listen 127.0.0.1:%%PORT_0%%;

        llm_policy on;
        llm_policy_file policy.json;
        llm_policy_tier $http_x_tier;

        location / {
            proxy_pass http://%%UPSTREAM%%;
        }
    }
}

EOC

for my $tier (0 .. $#rows) {
    my ($rules, $body, $expected) = @{ $rows[$tier] };

    is(verdict($t->post('/v1/chat/completions', $body, 'X-Tier' => $tier)),
        $expected // $body, "$rules: $body");
}

# A value added by a parameter's rule is within a pointer's bounds, if both are
# about the same place.

for my $body ('{}', '{"generationConfig":{}}', '{"generationConfig":null}') {
    is(verdict($t->post('/v1beta/models/m:generateContent', $body,
        'X-Tier' => $tier + 1)), '{"generationConfig":{"temperature":1.0}}',
        "parameter and pointer: $body");
}

# Written values must comply with the rules about their members.

for my $case (
    [ '"/metadata": { "default": {"user":{"id":"x"}} },'
        . '"/metadata/user/id": { "force": "y" }',
        'the default of /metadata breaks the rule of /metadata/user/id, '
        . 'which would change it' ],
    [ '"/metadata": { "force": {} }, "/metadata/user": { "default": 1 }',
        'the forced value of /metadata breaks the rule of /metadata/user, '
        . 'which would add it' ],
    [ '"temperature": { "max": 1 },'
        . '"/tools": { "default": [{"parameters":{"temperature":2}}] }',
        'the default of /tools breaks the rule of temperature, in '
        . 'openai.chat, which would change it' ],
) {
    my ($rules, $error) = @$case;

    $t->write_file('broken.json', tiers($rules));
    like($t->config_errors(<<'EOC'), qr/\[emerg\] .*broken\.json.*\Q$error\E/,
%%GLOBALS%%
load_module %%MODULE%%;
events {}
http {
    %%GLOBALS_HTTP%%
    server {
        listen 127.0.0.1:%%PORT_0%%;
        llm_policy_file broken.json;
    }
}
EOC
        "refused: $rules");
}

# Nothing is added for APIs without a temperature; all other rules apply.

for my $path (qw(/v1/embeddings /moderations /v1/rerank /tokenize)) {
    is(verdict($t->post($path, '{"dimensions":1024,"user":"u"}',
        'X-Tier' => $tier)), '{"dimensions":256}', $path);

    is(verdict($t->post($path, '{"input":{"model":"m"}}', 'X-Tier' => $tier)),
        '400 parameter_denied', $path);
}

# The value at a pointer is never shown.

my $r = $t->post('/v1/embeddings', '{"metadata":{"trace":"secret"},"note":"n"}',
    'X-Tier' => $tier);

is(verdict($r), '{"metadata":{},"note":"n"}', 'a string removed');

$r = $t->post('/v1/embeddings', '{"note":"secret"}', 'X-Tier' => $tier);

is(message($r), qq(/note "..." is not among the values allowed for tier )
    . qq("$tier"), 'a string refused');

my ($removed) = $t->error_log =~ /: \*\d+ (.*trace.*), tier "$tier"/;

is($removed, '/metadata/trace "..." removed (remove)', 'in the error log');
is(scalar(() = $t->error_log =~ /secret/g), 0, 'not shown');

$t->done;

# Two rules, one about a member of the value that the other writes.

sub inner {
    my ($verb) = @_;

    return qq("/metadata": { "$verb": {"user":{"id":"y"}} },)
        . '"/metadata/user/id": { "force": "y" }';
}
