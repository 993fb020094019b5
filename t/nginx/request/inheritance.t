#!/usr/bin/perl

# Rules that a tier inherits: from the tier that it extends, and from those for
# all tiers.  Its own rules, lists and limits are used in their place.

use strict;
use warnings;

use FindBin;
use JSON::PP;
use Test::More;

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Test;
use LLMPolicy::Tool;

my $t = LLMPolicy::Test->new;
my $up = $t->upstream(1, sub { {} });
my $uri = '/v1/chat/completions';

$t->write_file('policy.json', <<'EOP');
{
  "version": 1,
  "default_tier": "last",
  "include": ["base.json"],
  "parameters": { "n": { "max": 4 }, "/user": { "force": "all" } },
  "tiers": {
    "last": { "extends": "pro", "parameters": { "temperature": { "max": 0.5 },
                                                "top_p": {} } },
    "pro":  { "extends": "base", "models": { "deny": ["m2"] },
              "parameters": { "/user": { "force": "pro" } } },
    "own":  { "limits": { "requests_per_minute": 1000 } }
  }
}
EOP

$t->write_file('base.json', <<'EOP');
{
  "tiers": {
    "base": {
      "parameters": { "temperature": { "max": 1 }, "top_p": { "max": 0.9 },
                      "max_tokens": { "default": 64 } },
      "models": { "allow": ["~^m"], "deny": ["m1"] },
      "limits": { "requests_per_minute": 2 }
    }
  }
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
    llm_policy_limit_key $http_x_caller;

    server {
        listen 127.0.0.1:%%PORT_0%%;

        location / {
            proxy_pass http://%%UPSTREAM%%;
        }
    }
}

EOC

my $asked = '{"model":"m","temperature":1.9,"top_p":1,"n":9,"user":"u",'
    . '"max_tokens":100}';

my %sent = (
    own => [ 1.9, 1, 4, 'all' ],
    base => [ 1, 0.9, 4, 'all' ],
    pro => [ 1, 0.9, 4, 'pro' ],
    last => [ 0.5, 1, 4, 'pro' ],
);

my %place = (
    own => [ undef, undef, '/parameters/n', '/parameters/~1user' ],
    base => [ map({ "base.json#/tiers/base/parameters/$_" }
        'temperature', 'top_p'), '/parameters/n', '/parameters/~1user' ],
    pro => [ map({ "base.json#/tiers/base/parameters/$_" }
        'temperature', 'top_p'), '/parameters/n', '/tiers/pro/parameters/~1user'
    ],
    last => [ map({ "/tiers/last/parameters/$_" } 'temperature', 'top_p'),
        '/parameters/n', '/tiers/pro/parameters/~1user' ],
);

for my $tier (sort keys %sent) {
    $t->post($uri, $asked, 'X-Tier' => $tier, 'X-Caller' => "body $tier");

    my $body = decode_json($up->last->{body});

    is_deeply([ @$body{qw(temperature top_p n user)} ], $sent{$tier}, $tier);

    my $rows = decode_json(tool($asked, 'explain', $t->testdir . '/policy.json',
        '--tier', $tier, '--path', $uri, '--json')->{out})->{parameters};
    my %rule = map { $_->{parameter} => $_->{rule} } @$rows;

    is_deeply([ map { ($rule{$_} // '-') eq '-' ? undef : $rule{$_} }
        qw(temperature top_p n /user) ], $place{$tier}, "$tier: explain");
}

# An absent member, models, limits.

$t->post($uri, '{"model":"m"}', 'X-Tier' => 'last', 'X-Caller' => 'absent');
is(decode_json($up->last->{body})->{max_tokens}, 64, 'a default');

my %models = (base => { m1 => 403, m2 => 200, x => 403 },
    pro => { m1 => 200, m2 => 403, x => 403 },
    last => { m1 => 200, m2 => 403, x => 403 },
    own => { m1 => 200, m2 => 200, x => 200 });

for my $tier (sort keys %models) {
    for my $model (sort keys %{$models{$tier}}) {
        is($t->post($uri, qq({"model":"$model"}), 'X-Tier' => $tier,
            'X-Caller' => "$model $tier")->{status}, $models{$tier}{$model},
            "$model for $tier");
    }
}

for my $tier ('base', 'last', 'own') {
    my @statuses = map { $t->post($uri, '{"model":"m"}', 'X-Tier' => $tier,
        'X-Caller' => "limit $tier")->{status} } 1 .. 3;

    is("@statuses", $tier eq 'own' ? '200 200 200' : '200 200 429',
        "requests of $tier");
}

$t->done;
