#!/usr/bin/perl

# Rules and models of tenants, in the place of those of the tier, whichever tier
# it is; and entries of models that hold for some tiers only.

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
  "default_tier": "free",
  "include": ["acme.json"],
  "parameters": { "/user": { "force": "all" } },
  "tiers": {
    "free": {
      "parameters": { "temperature": { "max": 1 }, "n": { "max": 2 } },
      "models": { "allow": ["~^m", "fast"] }
    },
    "pro": { "extends": "free",
             "parameters": { "temperature": { "max": 1.5 } } },
    "shut": { "models": { "deny": ["~^"] } }
  },
  "models": [
    { "match": ["~^m-think"], "tiers": ["free"],
      "parameters": { "temperature": { "remove": true } } },
    { "match": ["~^m-think"], "tiers": ["pro", "shut"],
      "parameters": { "temperature": { "max": 0.1 } } },
    { "match": ["fast"], "tiers": ["pro"],
      "parameters": { "/model": { "force": "m-think" } } },
    { "match": ["~^m-long"], "tiers": ["pro"],
      "parameters": { "max_tokens": { "as": "max_completion_tokens" } } }
  ],
  "tenants": { "beta": { "tier": "pro" }, "gamma": { "tier": "free" } }
}
EOP

$t->write_file('acme.json', <<'EOP');
{
  "tenants": {
    "acme": {
      "tier": "pro",
      "parameters": { "temperature": { "max": 0.5 },
                      "max_tokens": { "default": 64, "max": 100 },
                      "seed": { "deny": true },
                      "/user": { "force": "acme" } },
      "models": { "deny": ["m-acme"] },
      "limits": { "requests_per_minute": 1000 }
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

    log_format llm "$llm_tier $llm_tenant $llm_status";

    llm_policy on;
    llm_policy_file policy.json;
    llm_policy_tenant $http_x_tenant;
    llm_policy_tier $http_x_tier;

    server {
        listen 127.0.0.1:%%PORT_0%%;

        access_log llm.log llm;

        location / {
            proxy_pass http://%%UPSTREAM%%;
        }

        location = /status {
            llm_policy_status;
        }
    }
}

EOC

# Sends a request as a tenant, and explains it; both must have one result.

sub sent {
    my ($tenant, $tier, $members) = @_;
    my $body = "{$members}";

    my $response = $t->post($uri, $body, 'X-Tenant' => $tenant,
        $tier ? ('X-Tier' => $tier) : ());

    my $explained = decode_json(tool($body, 'explain', '--json', '--path', $uri,
        $t->testdir . '/policy.json', '--tenant', $tenant,
        $tier ? ('--tier', $tier) : ())->{out});

    my $what = "$tenant, " . ($tier // 'its tier') . ": $members";
    my $refusal = $explained->{refusal};

    is($response->{status}, $refusal ? $refusal->{status} : 200,
        "$what, status");

    if ($refusal) {
        is(decode_json($response->{body})->{error}{message},
            $refusal->{message}, "$what, message");
        return $refusal->{message};
    }

    is_deeply(decode_json($up->last->{body}), decode_json($explained->{body}),
        "$what, explained");

    return decode_json($up->last->{body}), { map { $_->{parameter} => $_ }
        @{$explained->{parameters}} }, $explained;
}

my $asked = '"model":"m","temperature":1.9,"n":9';

# In the tier of the tenant.

my ($body, $rows, $explained) = sent('acme', undef, $asked);

is_deeply($body, { model => 'm', temperature => 0.5, n => 2, max_tokens => 64,
    user => 'acme' }, 'rules of tenant and tier');
is($rows->{temperature}{rule},
    'acme.json#/tenants/acme/parameters/temperature', 'a rule of the tenant');
is($rows->{n}{rule}, '/tiers/free/parameters/n', 'an inherited one');
is_deeply([ @$explained{qw(tier extends tenant)} ], [ 'pro', [ 'free' ],
    'acme' ], 'tier and tenant');

like(tool("{$asked}", 'explain', '--path', $uri, '--tenant', 'acme',
    $t->testdir . '/policy.json')->{out},
    qr/^tier     pro \(extends free\)\ntenant   acme \(has rules of its own\)/m,
    'explained in words');

($body) = sent('beta', undef, $asked);
is_deeply($body, { model => 'm', temperature => 1.5, n => 2, user => 'all' },
    'a tenant without rules');

like(sent('acme', undef, '"model":"m","seed":1'), qr/for tenant "acme"/,
    'denied to the tenant');
like(sent('acme', undef, '"model":"m-acme"'), qr/for tenant "acme"/,
    'a model denied to the tenant');
like(sent('acme', undef, '"model":"x"'), qr/not permitted/,
    'models of the tier');
sent('beta', undef, '"model":"m-acme"');

# In another tier: the rules hold there, too, as the limits do.

($body, $rows) = sent('acme', 'free', $asked);
is_deeply($body, { model => 'm', temperature => 0.5, n => 2, max_tokens => 64,
    user => 'acme' }, 'rules of the tenant in another tier');
is($rows->{n}{rule}, '/tiers/free/parameters/n', 'a rule of that tier');

($body) = sent('acme', 'shut', '"model":"m-think","n":9');
is_deeply($body, { model => 'm-think', n => 9, max_tokens => 64,
    temperature => 0.1, user => 'acme' }, 'a list of the tenant');

like(sent('beta', 'shut', '"model":"m"'), qr/for tier "shut"/,
    'a tenant without rules in another tier');
like(sent('acme', 'shut', '"model":"m","seed":1'), qr/for tenant "acme"/,
    'denied in another tier');
($body) = sent('beta', 'free', $asked);
is($body->{temperature}, 1, 'another tier');

# Entries of models.

($body) = sent('gamma', undef, '"model":"m-think","temperature":0.7');
is_deeply($body, { model => 'm-think', user => 'all' }, 'an entry for free');

($body, $rows) = sent('beta', undef, '"model":"m-think","temperature":0.7');
is($body->{temperature}, 0.1, 'an entry for pro');
is($rows->{temperature}{rule}, '/models/1/parameters/temperature',
    'an entry for pro, explained');

($body) = sent('acme', undef, '"model":"m-think","temperature":0.7');
is($body->{temperature}, 0.1, 'an entry before a rule of the tenant');

($body) = sent('acme', 'free', '"model":"m-think","temperature":0.7');
is($body->{temperature}, undef, 'an entry for the tier of the request');

($body) = sent('beta', undef, '"model":"fast","temperature":0.7');
is_deeply($body, { model => 'm-think', temperature => 0.1, user => 'all' },
    'an alias for pro');

($body) = sent('gamma', undef, '"temperature":0.7,"model":"fast"');
is_deeply($body, { model => 'fast', temperature => 0.7, user => 'all' },
    'no alias for free');

($body) = sent('acme', undef, '"model":"m-long","max_tokens":500');
is($body->{max_completion_tokens}, 100, 'a fact for pro');
($body) = sent('acme', 'free', '"model":"m-long","max_tokens":500');
is($body->{max_tokens}, 100, 'no fact for free');

# The same model, in both tiers by turns: results are kept by model.

for my $i (1 .. 3) {
    my ($pro) = sent('beta', undef, '"model":"m-think","temperature":0.7');
    my ($free) = sent('gamma', undef, '"model":"m-think","temperature":0.7');

    is_deeply([ $pro->{temperature}, $free->{temperature} ], [ 0.1, undef ],
        "by turns, $i");
}

# The tenant counts for its tier.

my $status = $t->get('/status')->{body};

like($status, qr/tier="pro"/, 'counted for pro');
unlike($status, qr/tier="acme"/, 'a tenant is no tier');

my @log = $t->access_log(1, 'llm.log');

is($log[0], 'pro acme modified', 'variables');

$t->done;
