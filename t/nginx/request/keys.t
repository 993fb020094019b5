#!/usr/bin/perl

# "unknown_key": "reject" holds for every request: with or without a body, on
# any path, whatever llm_policy_tier is, and also in dry run; not for OPTIONS,
# nor on a route that passes.

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use FindBin;
use Test::More;

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Test;
use LLMPolicy::Verdict;

my $t = LLMPolicy::Test->new;
my $up = $t->upstream(1, \&echo);

my %key = map { $_ => 'sha256:' . sha256_hex("key-$_") } qw(acme lab);

$t->write_file('policy.json', <<"EOP");
{
  "version": 1,
  "default_tier": "free",
  "unknown_key": "reject",
  "tiers": {
    "free":   { "parameters": { "temperature": { "force": 0.1 } } },
    "canary": {
      "parameters": { "temperature": { "force": 0.2 } },
      "limits": { "concurrent_requests": 100, "requests_per_minute": 1000 }
    }
  },
  "tenants": {
    "acme": { "tier": "free", "keys": ["$key{acme}"] },
    "lab":  { "tier": "free", "keys": ["$key{lab}"],
              "limits": { "requests_per_minute": 2 } }
  },
  "routes": [
    { "path": "~^/health(/|\$)", "action": "pass" },
    { "path": "/canary/v1/chat/completions", "dialect": "openai.chat" },
    { "path": "/closed", "action": "reject" }
  ]
}
EOP

my $locations = <<'EOF';

add_header X-Tier $llm_tier always;
add_header X-Tenant $llm_tenant always;
add_header X-Status $llm_status always;
add_header X-Limit $llm_remaining_requests_per_minute always;

location / {
    proxy_pass http://%%UPSTREAM%%;
}

# a canary: the tier is given, the tenant is found by the key

location /canary/ {
    llm_policy_tier $tier;
    proxy_pass http://%%UPSTREAM%%/;
}

location /unmatched/ {
    llm_policy_unmatched pass;
    proxy_pass http://%%UPSTREAM%%/;
}

# the first location has no policy

location /late/ {
    llm_policy off;
    root %%TESTDIR%%;
    error_page 404 405 = @late;
}

location @late {
    proxy_pass http://%%UPSTREAM%%;
}

EOF

$t->run(<<"EOC");

%%GLOBALS%%

load_module %%MODULE%%;

events {
}

http {
    %%GLOBALS_HTTP%%

    split_clients \$request_id \$tier {
        *  canary;
    }

    llm_policy on;
    llm_policy_file policy.json;

    server {
        listen 127.0.0.1:%%PORT_0%%;
        $locations
    }

    server {
        listen 127.0.0.1:%%PORT_dry%%;
        llm_policy_dry_run on;
        $locations
    }
}

EOC

my $chat = '/v1/chat/completions';
my @strangers = (
    [ 'no key' ], [ 'an unknown key', 'x-api-key' => 'key-nobody' ],
);

# method, path, body, fields

my @policed = (
    [ POST => $chat, '{}' ],
    [ POST => "/canary$chat", '{}' ],
    [ POST => "/unmatched/other", '{}' ],
    [ POST => '/elsewhere', '{}' ],
    [ POST => '/closed', '{}' ],
    [ POST => '/v1/./chat/completions', '{}' ],
    [ POST => $chat, '{}', 'Content-Type' => 'text/plain' ],
    [ PUT => $chat, '{}' ],
    [ GET => $chat, '{}' ],
    [ GET => '/v1/models' ],
    [ GET => '/canary/v1/files' ],
    [ GET => '/' ],
    [ DELETE => '/v1/files/x' ],
    [ DELETE => '/late/v1/files/x' ],
    [ POST => '/v1/responses/x/cancel' ],
    [ POST => '/late/v1/responses/x/cancel' ],
    [ PATCH => '/v1/files/x' ],
    [ GET => '/v1/realtime', undef, Upgrade => 'websocket',
        Connection => 'upgrade' ],
    [ GET => '/v1/models', undef, Upgrade => 'h2c', Connection => 'upgrade' ],
);

for my $port (0, 'dry') {
    for my $request (@policed) {
        my ($method, $path, $body, @fields) = @$request;

        for my $stranger (@strangers) {
            my ($who, @key) = @$stranger;
            my $name = "$port, $method $path, $who";

            $up->clear;

            my $r = ask($port, $method, $path, $body, @fields, @key);

            is(verdict($r), '401 unknown_key', $name);
            is($r->header('X-Status'), 'rejected', "$name: status");
            is($r->header('X-Tenant'), undef, "$name: no tenant");
            is($up->count, 0, "$name: nothing is forwarded");
        }
    }

    for my $request (grep { !$_->[2] && !$_->[3] } @policed) {
        my ($method, $path) = @$request;
        my $name = "$port, $method $path, a known key";
        my $r = ask($port, $method, $path, undef, 'x-api-key' => 'key-acme');

        is($r->{status}, 200, $name);
        is($r->header('X-Tenant'), 'acme', "$name: tenant");
        is($r->header('X-Tier'), $path =~ /canary/ ? 'canary' : 'free',
            "$name: tier");
        like($r->header('X-Status'), qr/^bypassed/, "$name: status");
    }

    # Requests that need no key.

    for my $stranger (@strangers) {
        my ($who, @key) = @$stranger;

        for my $request ([ OPTIONS => $chat ], [ OPTIONS => '/elsewhere' ],
            [ GET => '/health' ], [ GET => '/health/live' ],
            [ POST => '/health', '{}' ])
        {
            is(ask($port, @$request[0 .. 2], @key)->{status}, 200,
                "$port, @$request[0, 1], $who: passes");
        }
    }

    # "GET /v1beta/models?key=", as Gemini's clients without an SDK send it.

    is(ask($port, GET => '/v1beta/models?key=key-acme')->{status}, 200,
        "$port, a key in the query");
    is(ask($port, GET => '/v1beta/models?key=key-nobody')->{status}, 401,
        "$port, an unknown key in the query");
    is(ask($port, GET => '/v1/models?key=key-acme', undef,
            'x-api-key' => 'key-nobody')->{status}, 401,
        "$port, a field goes before the query");
}

# What a known caller asks for is tried out; a refusal of it forwards.

is(ask('dry', POST => $chat, '{"temperature":1.9}',
    'x-api-key' => 'key-acme')->{body}, '{"temperature":1.9}',
    'dry run, a known key: unchanged');
is(ask('dry', POST => '/elsewhere', '{}', 'x-api-key' => 'key-acme')
    ->header('X-Status'), 'rejected_dry_run', 'dry run, an unknown route');

like($t->error_log, qr/\[notice\] \S+ \*\d+ request refused: the API key is /,
    'dry run: the log does not call it one');

# A WebSocket of a known caller.

is(verdict(ask(0, GET => '/v1/realtime', undef, Upgrade => 'websocket',
    Connection => 'upgrade', 'x-api-key' => 'key-acme')),
    '426 upgrade_refused', 'a WebSocket');

# The tier is given: the tenant's limits hold, and where it has none, those of
# that tier.

for my $n (1 .. 2) {
    my $r = ask(0, POST => "/canary$chat", '{}', 'x-api-key' => 'key-lab');

    is($r->{body}, '{"temperature":0.2}', "limits of a tenant: request $n");
    is($r->header('X-Tenant'), 'lab', "limits of a tenant: tenant $n");
}

is(verdict(ask(0, POST => "/canary$chat", '{}', 'x-api-key' => 'key-lab')),
    '429 rate_limit_exceeded', 'limits of a tenant: beyond');
is(ask(0, POST => "/canary$chat", '{}', 'x-api-key' => 'key-acme')
    ->header('X-Limit'), 999, 'limits of the tier');

$t->done;

sub ask {
    my ($port, $method, $path, $body, @fields) = @_;
    my $client = $t->client($port);

    $client->request($method, $path, $body, Connection => 'close', @fields);

    return $client->response;
}
