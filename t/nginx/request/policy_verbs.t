#!/usr/bin/perl

# Every verb of a rule, on every route with a temperature.  Only the bytes of a
# member that breaks the policy change.

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

$t->write_file('policy.json', <<'EOP');
{
  "version": 1,
  "default_tier": "nothing",
  "tiers": {
    "nothing": {},
    "default": { "parameters": { "temperature": { "default": 0.70 } } },
    "max":     { "parameters": { "temperature": { "max": 1.0 } } },
    "low":     { "parameters": { "temperature": { "max": 0.5 } } },
    "min":     { "parameters": { "temperature": { "min": 0.2 } } },
    "high":    { "parameters": { "temperature": { "min": 1.2 } } },
    "all":     { "parameters": { "temperature":
                   { "default": 0.7, "min": 0.2, "max": 1 } } },
    "reject":  { "parameters": { "temperature":
                   { "min": 0.2, "max": 1, "on_violation": "reject" } } },
    "force":   { "parameters": { "temperature": { "force": 3E-1 } } },
    "allow":   { "parameters": { "temperature": { "allow": [0.2, 1] } } },
    "choose":  { "parameters": { "temperature":
                   { "allow": [0.2, 1], "default": 0.2 } } },
    "remove":  { "parameters": { "temperature": { "remove": true } } },
    "deny":    { "parameters": { "temperature": { "deny": true } } },
    "require": { "parameters": { "temperature":
                   { "require": true, "max": 1 } } }
  },
  "routes": [ { "path": "/chat", "dialect": "openai.chat" } ]
}
EOP

$t->run(gateway(server => <<'EOF'));

llm_policy_tier $http_x_tier;

location / {
    proxy_pass http://%%UPSTREAM%%;
}

EOF

my $same;    # forwarded as it came

my @rows = (

    # without a rule nothing is checked
    [ nothing => '{}', $same ],
    [ nothing => '{"temperature":1.9}', $same ],
    [ nothing => '{"temperature":"hot"}', $same ],

    # absent and null are the same
    [ default => '{}', '{"temperature":0.70}' ],
    [ default => '{"user":"u"}', '{"user":"u","temperature":0.70}' ],
    [ default => '{"user":"u" }', '{"user":"u" ,"temperature":0.70}' ],
    [ default => '{"temperature":null,"a":1}', '{"temperature":0.70,"a":1}' ],
    [ default => '{"temperature":0}', $same ],
    [ default => '{"temperature":1.9}', $same ],
    [ default => '{"temperature":true}', '400 invalid_type' ],

    # the upstream's own default is 1: it stays absent if 1 is permitted
    [ max => '{}', $same ],
    [ max => '{"temperature":null}', $same ],
    [ max => '{"temperature":1}', $same ],
    [ max => '{"temperature":1.000}', $same ],
    [ max => '{"temperature":10e-1}', $same ],
    [ max => '{"temperature":-3}', $same ],
    [ max => '{"temperature":1.0000000000000000000001}',
        '{"temperature":1.0}' ],
    [ max => '{"temperature":2, "user":"u"}',
        '{"temperature":1.0, "user":"u"}' ],
    [ max => '{"temperature":"0.5"}', '400 invalid_type' ],
    [ max => '{"temperature":[0.5]}', '400 invalid_type' ],
    [ max => '{"temperature":{}}', '400 invalid_type' ],
    [ low => '{}', '{"temperature":0.5}' ],
    [ low => '{"temperature":null}', '{"temperature":0.5}' ],
    [ low => '{"temperature":0.5}', $same ],
    [ low => '{"temperature":0.51}', '{"temperature":0.5}' ],

    [ min => '{}', $same ],
    [ min => '{"temperature":0.2}', $same ],
    [ min => '{"temperature":0.19999999999999999999}', '{"temperature":0.2}' ],
    [ min => '{"temperature":-0.0}', '{"temperature":0.2}' ],
    [ min => '{"temperature":1.9}', $same ],
    [ high => '{}', '{"temperature":1.2}' ],
    [ high => '{"temperature":null}', '{"temperature":1.2}' ],
    [ high => '{"temperature":1}', '{"temperature":1.2}' ],

    [ all => '{}', '{"temperature":0.7}' ],
    [ all => '{"temperature":0}', '{"temperature":0.2}' ],
    [ all => '{"temperature":1.9}', '{"temperature":1}' ],
    [ all => '{"temperature":0.9}', $same ],

    [ reject => '{"temperature":1.01}', '400 value_not_allowed' ],
    [ reject => '{"temperature":0.1}', '400 value_not_allowed' ],
    [ reject => '{"temperature":0.9}', $same ],
    [ reject => '{"temperature":null}', $same ],
    [ reject => '{}', $same ],

    [ force => '{}', '{"temperature":3E-1}' ],
    [ force => '{"temperature":null}', '{"temperature":3E-1}' ],
    [ force => '{"temperature":1.9}', '{"temperature":3E-1}' ],
    [ force => '{"temperature":"hot"}', '{"temperature":3E-1}' ],
    [ force => '{"temperature":{"a":[1]}}', '{"temperature":3E-1}' ],
    [ force => '{"temperature":0.30}', $same ],

    # an absent member is not logged
    [ allow => '{}', $same ],
    [ allow => '{"temperature":null}', $same ],
    [ allow => '{"temperature":0.2}', $same ],
    [ allow => '{"temperature":1.0}', $same ],
    [ allow => '{"temperature":0.3}', '400 value_not_allowed' ],
    [ allow => '{"temperature":"0.2"}', '400 invalid_type' ],
    [ choose => '{}', '{"temperature":0.2}' ],
    [ choose => '{"temperature":0.3}', '400 value_not_allowed' ],

    [ remove => '{}', $same ],
    [ remove => '{"temperature":1}', '{}' ],
    [ remove => '{"temperature":null,"a":1}', '{"a":1}' ],
    [ remove => '{"a":1, "temperature" : "x" , "b":2}', '{"a":1 , "b":2}' ],
    [ remove => '{"a":1,"temperature":[1,{"b":2}]}', '{"a":1}' ],

    [ deny => '{}', $same ],
    [ deny => '{"temperature":null}', $same ],
    [ deny => '{"temperature":0}', '400 parameter_denied' ],
    [ deny => '{"temperature":"x"}', '400 parameter_denied' ],

    [ require => '{}', '400 parameter_required' ],
    [ require => '{"temperature":null}', '400 parameter_required' ],
    [ require => '{"temperature":0}', $same ],
    [ require => '{"temperature":1.9}', '{"temperature":1}' ],
);

my @paths = ('/chat');

for my $prefix ('/v1', '', '/openai/v1', '/api/v1') {
    push @paths, map { "$prefix$_" }
        qw(/chat/completions /completions /responses);
}

for my $path (@paths) {
    for my $row (@rows) {
        my ($tier, $body, $expected) = @$row;

        is(verdict($t->post($path, $body, 'X-Tier' => $tier)),
            $expected // $body, "$path, $tier: $body");
    }
}

my $sent = @paths * grep { ($_->[2] // '') !~ /^4/ } @rows;

is($up->count, $sent, 'nothing else reached the upstream');

$t->done;
