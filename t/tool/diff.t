#!/usr/bin/perl

# llm-policy diff: what changes, and for whom, from one document to another.

use strict;
use warnings;

use FindBin;
use JSON::PP;
use Test::More;

use lib "$FindBin::Bin/../lib";
use LLMPolicy::Test;
use LLMPolicy::Tool;

my $t = LLMPolicy::Test->new;
my $dir = $t->testdir;
my @key = map { "\"sha256:" . sprintf('%064x', $_) . "\"" } 1 .. 9;

my $old = <<"EOP";
{
  "version": 1,
  "default_tier": "free",
  "tiers": {
    "free": {
      "parameters": {
        "temperature": { "default": 0.7, "min": 0, "max": 1 },
        "n": { "max": 1, "on_violation": "reject" },
        "logit_bias": { "deny": true },
        "reasoning_effort": { "allow": ["low", "medium"] },
        "/user": { "force": "all" }
      },
      "models": { "allow": ["gpt-4o-mini"] },
      "limits": { "requests_per_minute": 20 }
    },
    "pro": {
      "parameters": { "temperature": { "max": 1.5 },
                      "seed": { "remove": true } }
    },
    "gone": { "parameters": {} }
  },
  "models": [
    { "match": ["~^o1"], "parameters": { "temperature": { "remove": true } } },
    { "match": ["~^o3"], "parameters": { "top_p": { "max": 0.5 } } }
  ],
  "tenants": {
    "acme": { "tier": "pro", "keys": [$key[0], $key[1]],
              "limits": { "requests_per_minute": 5 } },
    "beta": { "tier": "pro", "keys": [$key[2]] },
    "last": { "tier": "free", "keys": [$key[3]] },
    "zeta": { "tier": "free", "keys": [$key[4]] }
  },
  "routes": [
    { "path": "/a", "dialect": "openai.chat" },
    { "path": "/b", "action": "pass" }
  ]
}
EOP

my $new = <<"EOP";
{
  "version": 1,
  "unknown_key": "reject",
  "default_tier": "free",
  "tiers": {
    "new": { "parameters": { "max_tokens": { "min": 1 } } },
    "pro": {
      "parameters": { "temperature": { "max": 1.5 },
                      "seed": { "remove": true } }
    },
    "free": {
      "models": { "deny": ["~x"] },
      "limits": { "requests_per_minute": 30, "tokens_per_day": 1000 },
      "parameters": {
        "temperature": { "default": 0.7, "min": 0, "max": 0.8 },
        "n": { "max": 1 },
        "seed": { "require": true },
        "reasoning_effort": { "allow": ["low"] },
        "/user": { "force": "one" },
        "/metadata/trace": { "remove": true }
      }
    }
  },
  "models": [
    { "match": ["~^o3"], "parameters": { "top_p": { "max": 0.5 } } },
    { "match": ["~^o1"], "parameters": { "temperature": { "max": 1 } } }
  ],
  "tenants": {
    "acme": { "tier": "free", "keys": [$key[0], $key[5]],
              "limits": { "requests_per_minute": 6 } },
    "beta": { "tier": "free", "keys": [$key[2], $key[1]] },
    "more": { "tier": "free", "keys": [$key[6]] },
    "zeta": { "tier": "free", "keys": [$key[4]] }
  },
  "routes": [
    { "path": "/b", "action": "reject" },
    { "path": "/a", "dialect": "openai.chat" },
    { "path": "/c", "action": "pass" }
  ]
}
EOP

$t->write_file('old.json', $old);
$t->write_file('new.json', $new);

my $ran = tool('', 'diff', "$dir/old.json", "$dir/new.json");

is($ran->{out}, <<'EOT', 'all kinds of differences');
document
    unknown keys              get the default tier -> refused

tier new
    tier                      not defined -> defined
    max_tokens                none -> at least 1

tier free: callers without a tenant, tenants acme, beta, more, zeta
    temperature               from 0 to 1, 0.7 if absent
                              -> from 0 to 0.8, 0.7 if absent
    n                         at most 1 (others refused) -> at most 1
    seed                      none -> required
    logit_bias                refused -> none
    reasoning_effort          only "low" or "medium" -> only "low"
    /metadata/trace           none -> removed
    /user                     always "all" -> always "one"
    models allowed            gpt-4o-mini -> all
    models denied             none -> ~x
    requests_per_minute       20 -> 30
    tokens_per_day            none -> 1000

tier gone
    tier                      defined -> not defined

models ~^o1
    temperature               removed -> at most 1

document
    order of models           ~^o1; ~^o3 -> ~^o3; ~^o1

tenant acme
    keys                      2 -> 2 (1 new)
    requests_per_minute       5 -> 6

tenant beta
    keys                      1 -> 2 (1 new)

tenant more
    tier                      none -> free

tenant last
    tier                      free -> none

tenants acme, beta
    tier                      pro -> free
    temperature               at most 1.5 -> from 0 to 0.8, 0.7 if absent
    n                         none -> at most 1
    seed                      removed -> required
    reasoning_effort          none -> only "low"
    /metadata/trace           none -> removed
    /user                     none -> always "one"
    models denied             none -> ~x
    requests_per_minute       none -> 30
    tokens_per_day            none -> 1000

route /b
    action                    passes -> refused

route /c
    action                    none -> passes

document
    order of routes           /a; /b -> /b; /a
EOT

is($ran->{exit}, 0, 'exit code');
is($ran->{err}, '', 'no errors');

$ran = tool('', 'diff', '--json', "$dir/old.json", "$dir/new.json");

my $subjects = decode_json($ran->{out});

is_deeply($subjects->[0], { document => JSON::PP::true, changes => [
    { name => 'unknown keys', was => 'get the default tier',
        now => 'refused' } ] }, 'JSON, document');

is_deeply([ map { $_->{tier} // () } @$subjects ], [ qw(new free gone) ],
    'JSON, tiers');

is_deeply($subjects->[2]{tenants}, [ qw(acme beta more zeta) ],
    'JSON, tenants of a tier');

is_deeply($subjects->[2]{changes}[3],
    { name => 'logit_bias', was => 'refused', now => undef },
    'JSON, no rule is null');

# What has no verbs, and a pointer that another tier keeps.

sub changes {
    my @files = qw(was.json now.json);

    $t->write_file($files[$_], <<"EOP") for 0, 1;
{ "version": 1, "default_tier": "a", $_[$_] }
EOP

    return tool('', 'diff', map { "$dir/$_" } @files)->{out};
}

# Returns the first subject.

sub json_changes {
    changes(@_);

    return decode_json(tool('', 'diff', '--json', "$dir/was.json",
                            "$dir/now.json")->{out})->[0];
}

is(changes('"tiers": { "a": { "parameters": { "/x": { "deny": true } } },
        "b": { "parameters": { "/x": { "deny": true } } } }',
    '"tiers": { "a": { "parameters": {} },
        "b": { "parameters": { "/x": { "deny": true } } } }'), <<'EOT',
tier a: callers without a tenant
    /x                        refused -> none
EOT
    'a pointer in another tier');

is(changes('"tiers": { "a": { "parameters": { "n": { "max": 1 } } } }',
    '"unknown_members": "reject", "tiers": { "a": { "parameters": {
        "n": {}, "max_tokens": { "as": "max_completion_tokens" } } } }'),
    <<'EOT', 'an empty rule, a name, unknown members');
tier a: callers without a tenant
    max_tokens                none -> written as max_completion_tokens
    n                         at most 1 -> any value
    unknown members           pass -> refused
EOT

my $model = '"tiers": { "a": {} }, "models": [ { "match": ["m"],
    "parameters": { "reasoning_effort": { "takes": %s },
        "top_p": { "max": 0.5, "not_beside": ["temperature"] } } } ]';

is(changes(sprintf($model, '["low", "high"]'), sprintf $model, '[]'), <<'EOT',
models m
    reasoning_effort          the model takes "low" or "high"
                              -> the model takes none
EOT
    'facts about a model');

is(changes(sprintf($model, '[]'), sprintf($model, '[]') =~ s/, "not_.*?\]//r),
    <<'EOT', 'a fact next to a rule');
models m
    top_p                     at most 0.5, not beside temperature -> at most 0.5
EOT

my $route = '"tiers": { "a": {} }, "routes": [ { "path": "/x",
    "dialect": "openai.chat"%s } ]';

is(changes(sprintf($route, ''), sprintf $route, ', "encoded": true'), <<'EOT',
route /x
    action                    openai.chat -> openai.chat, escapes in the path
EOT
    'escapes in the path of a route');

# Rules of tenants, and entries for some tiers.

my $owners = '"tiers": { "a": { "parameters": { "n": { "max": %d } } },
        "b": {} },
    "models": [ { "match": ["m"], %s "parameters": { "seed": {} } },
        { "match": ["m"], "tiers": ["a"], "parameters": { "top_k": %s } } ],
    "tenants": { "one": { "tier": "a" %s }, "two": { "tier": "a" %s },
        "plain": { "tier": "a" },
        "same": { "tier": "a", "parameters": { "seed": { "deny": true } } }
        %s }';
my $limits = ', "limits": { "requests_per_minute": 5 }';
my @owners = (sprintf($owners, 1, '', '{}', $limits, '', ''),
    sprintf($owners, 2, '"tiers": ["b"],', '{ "max": 1 }',
        ', "parameters": { "seed": { "max": 3 } }',
        ', "models": { "deny": [] }, "parameters": { "n": { "max": 9 } }',
        ', "new": { "tier": "a", "parameters": { "n": { "max": 3 } },
            "models": { "allow": ["x"] } }'));

is(changes(@owners), <<'EOT', 'rules of tenants');
tier a: callers without a tenant, tenant plain
    n                         at most 1 -> at most 2

models m: tier b
    tiers                     all -> b

models m: tier a
    top_k                     any value -> at most 1

tenant new
    tier                      none -> a

tenant new
    n                         none -> at most 3
    models allowed            all -> x

tenant one
    n                         at most 1 -> at most 2
    seed                      none -> at most 3
    requests_per_minute       5 -> none

tenant same
    n                         at most 1 -> at most 2

tenant two
    n                         at most 1 -> at most 9
EOT

is_deeply((decode_json(tool('', 'diff', '--json', "$dir/was.json",
    "$dir/now.json")->{out}))->[1], { models => 'm', tiers => [ 'b' ],
    changes => [ { name => 'tiers', was => 'all', now => 'b' } ] },
    'JSON, an entry for a tier');

is(changes($owners[1], $owners[1] =~ s/"tenants": \K.*/{}/sr), <<'EOT',
tenants new, one, plain, same, two
    tier                      a -> none
EOT
    'tenants that are gone');

is(changes('"tiers": { "a": {}, "b": {} }, "models": [ { "match": ["m"],
        "tiers": ["a", "b"], "parameters": { "n": {} } } ]',
    '"tiers": { "b": {}, "a": {} }, "models": [ { "match": ["m"],
        "tiers": ["b", "a"], "parameters": { "n": {} } } ]'),
    "nothing changes\n", 'the order of tiers is of no interest');

# A document with the same meaning.

my $same = encode_json(decode_json($new));

$t->write_file('same.json', $same);

my $same_order = tool('', 'diff', "$dir/new.json", "$dir/same.json");

is($same_order->{out}, "nothing changes\n", 'other order of members');

is_deeply(decode_json(tool('', 'diff', '--json', "$dir/new.json",
    "$dir/new.json")->{out}), [], 'JSON, nothing changes');

# Values with variables.

sub rule { return qq({"version":1,"default_tier":"t","tiers":{"t":
    {"parameters":{"/user":{$_[0]}}}}}); }

$t->write_file('forced.json', rule('"force_from":"$llm_tenant"'));
$t->write_file('default.json',
    rule('"default_from":"t-${x}","allow":["t-1"]'));

is(tool('', 'diff', "$dir/forced.json", "$dir/default.json")->{out}, <<'EOT',
tier t: callers without a tenant
    /user                     always from "$llm_tenant"
                              -> only "t-1", from "t-${x}" if absent
EOT
    'variables');

# Limits of every kind, prices, weights and the calendar.

my $plain = '"tiers": { "a": { "limits": %s }, "b": {} },
    "models": [ { "match": ["~"], "price": %s } ]';
my $price = '{ "input": 2.5, "output": 10 }';

is(changes(sprintf($plain, '{ "requests_per_hour": 5 }', $price),
    sprintf($plain, '{ "requests_per_hour": 6, "cost_per_month": 20.35,
        "tokens_per_week": 1000000000000, "warn_at": 0.85,
        "over": { "tier": "b" } }', $price)), <<'EOT', 'an object');
tier a: callers without a tenant
    requests_per_hour         5 -> 6
    tokens_per_week           none -> 1000000000000
    cost_per_month            none -> 20.35
    limits warn_at            none -> 0.85
    limits over               none -> tier b
EOT

is(changes(sprintf($plain, '[ { "requests_per_hour": 5 },
        { "tokens_per_day": 7, "models": ["x"], "over": { "tier": "b" } } ]',
        $price),
    sprintf($plain, '[ { "requests_per_hour": 5, "warn_at": 1 },
        { "tokens_per_day": 8, "by": [], "models": ["~^x", "y"] },
        { "cost_per_day": 0.000001, "by": ["key", "caller", "model"] } ]',
        $price)), <<'EOT', 'a list');
tier a: callers without a tenant
    limits[0] warn_at         none -> 1
    limits[1] tokens_per_day  7 -> 8
    limits[1] by              each caller -> all together
    limits[1] models          x -> ~^x, y
    limits[1] over            tier b -> none
    limits[2] cost_per_day    none -> 0.000001
    limits[2] by              none -> each caller, key and model
EOT

is(changes(sprintf($plain, '{ "requests_per_hour": 5 }', $price),
    sprintf($plain, '[ { "requests_per_hour": 5 } ]', $price)), <<'EOT',
tier a: callers without a tenant
    requests_per_hour         5 -> none
    limits requests_per_hour  none -> 5
    limits by                 none -> each caller
EOT
    'a list in place of an object');

is(changes(sprintf($plain, '{ "requests_per_hour": 5 }', $price),
    sprintf($plain, '{ "requests_per_hour": 5 }', '{ "input": 2.5,
        "cached_input": 0.25, "cache_write": 3.125, "output": 8,
        "request": 0.003 }')), <<'EOT' =~ s/\\\n +//gr, 'prices');
models ~
    price                     input 2.5, output 10
                              -> input 2.5, cached_input 0.25, \
        cache_write 3.125, output 8, request 0.003
EOT

is(changes('"tiers": { "a": {} }',
    '"tiers": { "a": {} }, "weights": { "cached_input": 0.1 },
    "utc_offset": "-03:30", "limits": { "input_tokens_per_day": 9 }'),
    <<'EOT' =~ s/\\\n +//gr, 'the document');
document
    weights                   input 1, cached_input 1, output 1, reasoning 1
                              -> input 1, cached_input 0.1, output 1, \
        reasoning 1
    utc_offset                +00:00 -> -03:30
    limits input_tokens_per_day  none -> 9
    limits by                 none -> each caller
EOT

my $tenant = qq("tiers": { "a": { "limits": [ { "requests_per_day": 1 } ] } },
    "tenants": { "one": { "tier": "a", %s "keys": [
        { "hash": $key[0], "name": "ci" %s }, { "hash": $key[1] %s } ] } });

is(changes(sprintf($tenant, '', '', ''),
    sprintf($tenant, '"limits": { "requests_per_day": 2 },',
        ', "limits": { "requests_per_day": 3 }',
        ', "limits": [ { "requests_per_day": 4, "by": [] } ]')),
    <<'EOT', 'a tenant and its keys');
tenant one
    key "ci" limits requests_per_day  none -> 3
    key "ci" limits by        none -> each caller and key
    key sha256:000000000000 limits requests_per_day  none -> 4
    key sha256:000000000000 limits by  none -> each key
    requests_per_day          none -> 2
EOT

# What a tenant with rules of its own has: its object besides its tier's list.

$tenant = '"tiers": { "a": { "limits": [ { "requests_per_day": %d } ] } },
    "tenants": { "one": { "tier": "a", "parameters": {},
        "limits": { "requests_per_day": %d } } }';

is(changes(sprintf($tenant, 1, 2), sprintf($tenant, 3, 4)), <<'EOT',
tier a: callers without a tenant
    limits requests_per_day   1 -> 3

tenant one
    requests_per_day          2 -> 4
    limits requests_per_day   1 -> 3
EOT
    'a tenant with rules of its own');

is_deeply(json_changes(sprintf($plain, '{ "cost_per_day": 5 }', $price),
    sprintf($plain, '[ { "cost_per_day": 5.5, "by": [] } ]', $price)), {
    tier => 'a', default => JSON::PP::true, tenants => [],
    changes => [
        { name => 'cost_per_day', was => '5', now => undef },
        { name => 'limits cost_per_day', was => undef, now => '5.5' },
        { name => 'limits by', was => undef, now => 'all together' } ] },
    'JSON');

# Mistakes.

$t->write_file('wrong.json', '{ "version": 1 }');

for my $files ([ 'wrong.json', 'new.json' ], [ 'new.json', 'wrong.json' ],
    [ 'new.json', 'missing.json' ])
{
    my $ran = tool('', 'diff', map { "$dir/$_" } @$files);

    is("$ran->{exit}$ran->{out}", 1, "mistake, @$files");
    like($ran->{err}, qr/(?:wrong|missing)\.json/, "message, @$files");
}

for my $arguments ([ ], [ 'a' ], [ 'a', 'b', 'c' ], [ 'a', 'b', '--x' ]) {
    my $ran = tool('', 'diff', @$arguments);

    is($ran->{exit}, 1, "arguments: @$arguments");
    like($ran->{err}, qr/^usage: /, "usage: @$arguments");
}

$t->leave;
done_testing();
