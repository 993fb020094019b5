#!/usr/bin/perl

# Limits that are met again much later: the day's quota has its own code, and no
# client library may wait for more than a minute by itself.

use strict;
use warnings;

use FindBin;
use JSON::PP;
use Test::More;

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Test;

my $t = LLMPolicy::Test->new;
my $up = $t->upstream(1, sub { {
    body => '{"usage":{"prompt_tokens":0,"completion_tokens":300}}'
} });

$t->write_file('policy.json', <<'EOF');
{
  "version": 1,
  "default_tier": "day",
  "tiers": {
    "day": { "limits": { "tokens_per_day": 200 } },
    "new": { "limits": { "tokens_per_day": 200 } },
    "debt": { "limits": { "tokens_per_minute": 100 } },
    "short": { "limits": { "tokens_per_minute": 299 } },
    "slots": { "limits": { "tokens_per_day": 1000,
                           "requests_per_minute": 1 } }
  }
}
EOF

$t->run(<<'EOF');

%%GLOBALS%%

load_module %%MODULE%%;

events {
}

http {
    %%GLOBALS_HTTP%%

    log_format llm '$status|$llm_reason|$llm_limit_status|$llm_limit';
    access_log %%TESTDIR%%/llm.log llm;

    llm_policy on;
    llm_policy_file policy.json;
    llm_policy_tier $http_x_tier;
    llm_policy_limit_key $http_x_tier;

    server {
        listen 127.0.0.1:%%PORT_0%%;

        location / {
            proxy_pass http://%%UPSTREAM%%;
        }

        location /dry/ {
            rewrite ^/dry(.*) $1 break;
            llm_policy_limit_dry_run on;
            llm_policy_limit_headers on;
            proxy_pass http://%%UPSTREAM%%;
        }
    }
}

EOF

my $chat = '/v1/chat/completions';
my $messages = '/v1/messages';
my $n = 0;

# The day's quota, in both shapes of fields.

is(ask('day')->{status}, 200, 'day: the first request');

for my $path ($chat, $messages) {
    my $r = ask('day', $path);
    my $wait = $r->header('Retry-After');
    my $error = decode_json($r->{body})->{error};

    is($r->{status}, 429, "day: $path");
    is($error->{message}, "quota reached: 200 (tokens_per_day); try again in "
        . "$wait s, when the next day begins (UTC)", 'day: message');
    is($error->{type}, 'rate_limit_error', 'day: type');
    is($error->{code}, 'quota_exceeded', 'day: code') if $path eq $chat;
    cmp_ok($wait, '<=', 86400, 'day: Retry-After');
    is($r->header('X-Should-Retry'), $wait > 60 ? 'false' : undef,
        'day: X-Should-Retry');
    is(logged(), '429|quota_exceeded|rejected|tokens_per_day', 'day: log');
}

# Tokens per minute can be owed for longer than a minute: 300 of 100.

ask('debt');

my $r = ask('debt');

is(decode_json($r->{body})->{error}{code}, 'rate_limit_exceeded',
    'debt: the code of a rate');
cmp_ok($r->header('Retry-After'), '>', 60, 'debt: Retry-After');
is($r->header('X-Should-Retry'), 'false', 'debt: X-Should-Retry');

# Within a minute the client may wait.

ask('short');
$r = ask('short');
is($r->{status}, 429, 'short: refused');
is($r->header('X-Should-Retry'), undef, 'short: no X-Should-Retry');
ok($r->header('Retry-After'), 'short: Retry-After');

ask('slots');
$r = ask('slots');
is(decode_json($r->{body})->{error}{code}, 'rate_limit_exceeded',
    'slots: not by the quota');
is($r->header('X-Should-Retry'), undef, 'slots: no X-Should-Retry');

# Alone more than the quota: later is no use either, the request must change.

$r = $t->post($chat, '{"max_tokens":201}', 'X-Tier' => 'new');
$n++;
is(decode_json($r->{body})->{error}{code}, 'rate_limit_exceeded',
    'too large: the code');
is($r->header('X-Should-Retry'), 'false', 'too large: X-Should-Retry');
is($r->header('Retry-After'), undef, 'too large: no Retry-After');

# In dry run nothing tells the client to give up.

$r = ask('day', "/dry$chat");
is($r->{status}, 200, 'dry run: passed');
is($r->header('X-Should-Retry'), undef, 'dry run: no X-Should-Retry');
is(logged(), '200||rejected_dry_run|tokens_per_day', 'dry run: log');

$t->done;

sub ask {
    my ($tier, $path) = @_;

    $n++;

    return $t->post($path // $chat, '{"max_tokens":1}', 'X-Tier' => $tier);
}

sub logged {
    return ($t->access_log($n, 'llm.log'))[-1];
}
