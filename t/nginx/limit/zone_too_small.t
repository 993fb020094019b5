#!/usr/bin/perl

# A zone that is too small for its callers: the error log has it, at most once a
# minute; callers without use are replaced in silence.

use strict;
use warnings;

use FindBin;
use JSON::PP;
use Test::More;

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Test;

my $t = LLMPolicy::Test->new;
my $up = $t->upstream(1, sub { {} });
my $chat = '/v1/chat/completions';

$t->write_file('policy.json', <<'EOF');
{
  "version": 1,
  "default_tier": "idle",
  "tiers": {
    "idle": { "limits": { "concurrent_requests": 1 } },
    "used": { "limits": { "tokens_per_day": 1000 } }
  }
}
EOF

$t->run(<<'EOF');

%%GLOBALS%%

load_module %%MODULE%%;

worker_processes 2;

events {
}

http {
    %%GLOBALS_HTTP%%

    llm_policy_zone limits:32k;
    llm_policy_file policy.json;
    llm_policy_tier $http_x_tier;
    llm_policy_limit_key $http_x_user;

    server {
        listen 127.0.0.1:%%PORT_0%% reuseport;

        location / {
            llm_policy on;
            proxy_pass http://%%UPSTREAM%%;
        }

        location = /status {
            llm_policy_status;
        }
    }
}

EOF

# callers whose requests have ended, and that have used nothing

is(ask('idle', $_), 200, "idle: $_") for 1 .. 250;
cmp_ok(evicted(), '>', 0, 'idle: some were replaced');
is(lines(), 0, 'idle: no line');

# callers that have used some of their day

is(ask('used', $_), 200, "used: $_") for 1 .. 250;

is(lines(), 1, 'used: one line');
like($t->error_log, qr/\[error\] .*too many callers in llm_policy_zone/,
    'used: its level');
isnt(index($t->error_log, 'in llm_policy_zone "limits": what 1 of them had '
    . 'used was forgotten, so that they may use it again; make the zone '
    . 'larger'), -1, 'used: its text');
like($t->get('/status')->{body},
    qr/^llm_policy_limit_evictions_total @{[ evicted() ]}$/m, 'the metric');

$t->done;

sub ask {
    my ($tier, $user) = @_;

    return $t->post($chat, '{"max_tokens":9}', 'X-Tier' => $tier,
        'X-User' => "$tier-$user")->{status};
}

sub evicted {
    return decode_json($t->get('/status?format=json')->{body})
        ->{limits}{evicted};
}

sub lines {
    return scalar(() = $t->error_log =~ /too many callers/g);
}
