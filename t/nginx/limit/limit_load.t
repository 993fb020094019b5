#!/usr/bin/perl

# Limits under load, with several clients and workers: exactly as many requests
# reach the upstream as the limit permits; also with a reload, with killed
# workers, and with more callers than the zone has room for.

use strict;
use warnings;

use FindBin;
use List::Util qw(sum0);
use Test::More;
use Time::HiRes qw(sleep time);

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Load;
use LLMPolicy::Test;

use constant { CLIENTS => 8, LIMIT => 300, PER_SECOND => 5, SLOTS => 6 };

my $uri = '/v1/chat/completions';
my $body = '{"model":"m"}';

# The upstream: an nginx that logs the caller of each request.

my $up = LLMPolicy::Test->new;

$up->run(<<'EOF');

%%GLOBALS%%

events {
}

http {
    %%GLOBALS_HTTP%%

    log_format user $http_x_user;
    access_log %%TESTDIR%%/user.log user;
    keepalive_requests 1000000;

    server {
        listen 127.0.0.1:%%PORT_0%%;
        return 200 '{}';
    }
}

EOF

my $t = LLMPolicy::Test->new;
my $slow = $t->upstream(1, sub {
    return { delay => $_[0]->header('X-Slow') ? 5000 : 200 };
});

$t->write_file('policy.json', <<"EOF");
{
  "version": 1,
  "default_tier": "free",
  "tiers": {
    "free": { "limits": { "requests_per_minute": @{[ LIMIT ]} } },
    "slots": { "limits": { "concurrent_requests": @{[ SLOTS ]} } }
  },
  "routes": [ { "path": "~/chat/completions\$", "dialect": "openai.chat" } ]
}
EOF

my $conf = <<"EOF";

%%GLOBALS%%

load_module %%MODULE%%;

worker_processes 3;

events {
}

http {
    %%GLOBALS_HTTP%%

    llm_policy_zone limits:256k;

    log_format answer '\$http_x_user \$status \$msec';
    map \$http_x_user \$counted {
        ~^(plain|reload|killed)\$ 1;
    }

    upstream backend {
        server 127.0.0.1:@{[ $up->port(0) ]};
        keepalive 16;
    }

    llm_policy on;
    llm_policy_file policy.json;
    llm_policy_limit_key \$http_x_user;
    keepalive_requests 1000000;

    server {
        listen 127.0.0.1:%%PORT_0%% reuseport;

        location / {
            access_log %%TESTDIR%%/answers.log answer if=\$counted;
            error_log /dev/null crit;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_pass http://backend;
        }

        location /slots/ {
            llm_policy_tier slots;
            proxy_pass http://%%UPSTREAM%%;
        }
    }
}

EOF

$t->run($conf);

load('plain', sub { });
load('reload', sub { ok($t->reload, 'reload') });
load('killed', sub { kill_worker() }, CLIENTS);

# 100,000 callers with a request each, and room for about 700, while one caller,
# in the zone or evicted from it, exceeds its limit.

{
    my $start = time;

    my $load = LLMPolicy::Load->start($t, CLIENTS, sub {
        my ($client, $n) = @_;

        return $n < 12500 ? [ 'POST', $uri, $body,
            'X-User' => "flood-$client-$n" ] : undef;
    });
    my $hot = LLMPolicy::Load->start($t, 1, sub {
        my (undef, $n) = @_;

        return $n < 1000 ? [ 'POST', $uri, $body, 'X-User' => 'hot' ] : undef;
    });

    $hot->finish;

    # less often now, by a caller that has used up its limit
    for (1 .. 10) {
        sleep 0.3;
        $t->post($uri, $body, 'X-User' => 'hot');
    }

    my $count = $load->finish;

    is_deeply($count, { 200 => 100_000 }, 'a flood: each is admitted once');
    not_above('hot', time - $start, 'a flood');
    like($t->error_log, qr/^(?!.*no room)/s, 'a flood: there was room');
}

# Concurrent requests: never more, and none is lost with a worker.

for my $round (1 .. 3) {
    my $load = LLMPolicy::Load->start($t, 2 * SLOTS, sub {
        return $_[1] < 5 ? [ 'POST', "/slots$uri", $body,
            'X-User' => 'slots' ] : undef;
    });

    sleep 0.3;
    kill_worker() if $round == 2;

    my $count = $load->finish;

    cmp_ok($count->{200} // 0, '>', 0, "slots, $round: some are admitted");
    cmp_ok($count->{429} // 0, '>', 0, "slots, $round: some are not");
}

wait_for_slots();
is(slots(SLOTS + 3), SLOTS, 'slots: as many as at first');

# Slots of requests that end in other ways than with a response.

my @clients = map { $t->client } 1 .. SLOTS;
$slow->clear;
$_->request('POST', "/slots$uri", $body, 'X-User' => 'slots', 'X-Slow' => 1)
    for @clients;
$slow->wait_for(SLOTS);
is(slots(1), 0, 'slots: all taken');
$_->close for @clients;
wait_for_slots();
is(slots(SLOTS + 3), SLOTS, 'slots: free after clients left');

$t->excuse(qr/exited on signal 9/);

ok($up->leave, 'the upstream exited');
$t->done;

# All clients send as fast as they can for three seconds, during an event that
# may lose some admitted requests.

sub load {
    my ($user, $event, $lost) = @_;
    my $start = time;

    my $load = LLMPolicy::Load->start($t, CLIENTS, sub {
        return time < $start + 3 ? [ 'POST', $uri, $body,
            'X-User' => $user ] : undef;
    });

    sleep 1;
    $event->();

    my $count = $load->finish;
    my $n = not_above($user, time - $start, $user);

    cmp_ok(sum0(values %$count), '>', 2 * LIMIT, "$user: that is a load");
    cmp_ok($n, '>=', LIMIT + PER_SECOND * empty_after($user) - 1
        - ($lost // 0), "$user: not below it");
}

# Returns the seconds from the first response to the last refusal: the bucket
# was refilled at least for this time, and was empty at its end.

sub empty_after {
    my ($user) = @_;
    my @answers = grep { $_->[0] eq $user } map { [ split ] } split /\n/,
        $t->read_file('answers.log');
    my ($last) = grep { $_->[1] == 429 } reverse @answers;

    return $last->[2] - $answers[0][2];
}

# Asserts that the upstream received no more than the bucket permits in that
# time.

sub not_above {
    my ($user, $took, $name) = @_;
    my $n = grep { $_ eq $user } split /\n/, $up->read_file('user.log');

    cmp_ok($n, '<=', LIMIT + PER_SECOND * $took, "$name: not above the limit");
    cmp_ok($n, '>=', LIMIT, "$name: all of it");

    return $n;
}

sub kill_worker {
    my ($worker) = $t->workers;
    my $log = $t->error_log;

    kill 'KILL', $worker;

    ok($t->logged(qr/worker process $worker exited on signal 9.*start worker/s),
        'a worker was killed and replaced');
}

# Sends a number of requests at a time; returns how many are admitted.

sub slots {
    my ($n) = @_;
    my @clients = map { $t->client } 1 .. $n;

    $_->request('POST', "/slots$uri", $body, 'X-User' => 'slots')
        for @clients;

    return scalar grep { $_->response->{status} == 200 } @clients;
}

sub wait_for_slots {
    for (1 .. 100) {
        return if slots(SLOTS) == SLOTS;
    }
}
