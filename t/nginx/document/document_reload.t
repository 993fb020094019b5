#!/usr/bin/perl

# Each worker loads a changed document without a reload: one that is written in
# place, replaced, or behind a link that points elsewhere.  A document with
# errors is not used, and its errors are logged once.

use strict;
use warnings;

use FindBin;
use Test::More;
use Time::HiRes qw(sleep time);

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Test;

# Freed memory is measured here, so the sanitizer must not keep it.  The
# sanitizer's own memory is far less than that of the documents.

$ENV{ASAN_OPTIONS} = 'quarantine_size_mb=0:thread_local_quarantine_size_kb=0';

my $t = LLMPolicy::Test->new;
my $up = $t->upstream(1, sub { {} });
my $dir = $t->testdir;
my $uri = '/v1/chat/completions';
my $body = '{"temperature":1.9}';

# a volume of Kubernetes: policy.json -> ..data/policy.json, ..data -> ..1

volume(1, '"max": 1');
symlink '..data/policy.json', "$dir/linked.json" or die "symlink: $!\n";

$t->write_file('policy.json', document('"max": 1'));

$t->run(<<'EOF');

%%GLOBALS%%

load_module %%MODULE%%;

worker_processes 2;

events {
}

http {
    %%GLOBALS_HTTP%%

    llm_policy on;
    llm_policy_file policy.json;
    llm_policy_reload 200ms;

    add_header X-Worker $pid;
    add_header X-Temperature $llm_effective_temperature always;

    server {
        listen 127.0.0.1:%%PORT_0%% reuseport;

        location / {
            proxy_pass http://%%UPSTREAM%%;
        }
    }

    server {
        listen 127.0.0.1:%%PORT_linked%% reuseport;

        llm_policy_file linked.json;

        location / {
            proxy_pass http://%%UPSTREAM%%;
        }
    }
}

EOF

is(in_force(), 1, 'at the start');

# A request keeps the document that it began with.

my $slow = $t->client;
$slow->request('POST', $uri, '{"temperature":1', 'Content-Length' => 19);
LLMPolicy::Stream::pause(10);

$t->write_file('policy.json', document('"max": 0.5'));
becomes(0.5, 'written in place');

$t->write_file('next', document('"max": 0.4'));
rename "$dir/next", "$dir/policy.json" or die "rename: $!\n";
becomes(0.4, 'put in its place');

$slow->send('.9}');
is($slow->response->header('X-Temperature'), 1, 'the one before');

# The same length, the same second.

$t->write_file('policy.json', document('"max": 0.3'));
becomes(0.3, 'of the same length');

volume(2, '"max": 0.2');
becomes(0.2, 'a changed link', 'linked');
is(in_force(), 0.3, 'the other document is unchanged');

# Errors: the previous document remains, and no error is logged twice.

$t->write_file('policy.json', document('"maximum": 0.1'));
said(qr{\[error\]\ .*/policy\.json:4:\d+:\ /tiers/free/parameters/temperature
    /maximum:\ unknown\ member\ "maximum"}x, 'an error, and its position');
said(qr/policy "\S*policy\.json" has changed, but stays as it was/,
    'the policy stays');
said(qr/unknown member.*unknown member/s, 'each worker reports it');

sleep 1;

is(scalar(() = $t->error_log =~ /unknown member/g), 2, 'once for each worker');
is(in_force(), 0.3, 'the previous policy remains');

unlink "$dir/policy.json" or die "unlink: $!\n";
said(qr/open\(\) "\S*policy\.json" failed.*No such file/, 'removed');
is(in_force(), 0.3, 'removed, and still used');

$t->write_file('policy.json', document('"max": 0.6'));
becomes(0.6, 'restored');

# The memory of unused documents is freed.

my $tenants = join ',', map { sprintf '"t%d": { "tier": "free", "keys": '
    . '["sha256:%064x"] }', $_, $_ } 1 .. 2000;
my @grown;

for my $n (1 .. 12) {
    my $max = sprintf '%.2f', 0.1 + $n / 100;

    $t->write_file('policy.json', document("\"max\": $max", $tenants));
    becomes($max, "with tenants, $n");
    push @grown, resident();
}

cmp_ok($grown[-1] - $grown[3], '<', $ENV{TEST_NGINX_PRELOAD} ? 16384 : 4096,
    'KiB more than after a few')
    or diag("@grown");

like($t->error_log, qr/policy "\S*policy\.json" has changed, and is in force/,
    'in the error log');
is($up->cut_requests, 0, 'no request was cut');

$t->done;

sub document {
    my ($rule, $tenants) = @_;

    my $end = $tenants ? qq(,\n  "tenants": { $tenants }\n}\n) : "\n}\n";

    return <<"EOF" . $end;
{
  "version": 1,
  "default_tier": "free",
  "tiers": { "free": { "parameters": { "temperature": { $rule } } } }
EOF
}

sub volume {
    my ($n, $rule) = @_;

    mkdir "$dir/..$n" or die "mkdir: $!\n";
    $t->write_file("..$n/policy.json", document($rule));

    symlink "..$n", "$dir/..next" or die "symlink: $!\n";
    rename "$dir/..next", "$dir/..data" or die "rename: $!\n";
}

sub in_force {
    my ($port) = @_;

    return (answer($port))[0];
}

# Returns the temperature of a request, and its worker.

sub answer {
    my ($port) = @_;
    my $client = $t->client($port // 0);

    $client->request('POST', $uri, $body, Connection => 'close');

    my $response = $client->response;

    return map { $response->header("X-$_") } qw(Temperature Worker);
}

# Waits until both workers have the document; the time depends on the machine.

sub becomes {
    my ($expected, $name, $port) = @_;
    my $end = time + ($ENV{TEST_TIMEOUT} // 30);
    my %seen;

    while (time < $end && 2 > grep { $_ eq $expected } values %seen) {
        my ($temperature, $worker) = answer($port);
        $seen{$worker} = $temperature;
        sleep 0.005;
    }

    is_deeply([ values %seen ], [ ($expected) x 2 ], $name);
}

sub said {
    my ($what, $name) = @_;
    my $end = time + ($ENV{TEST_TIMEOUT} // 30);

    sleep 0.02 while time < $end && $t->error_log !~ $what;

    like($t->error_log, $what, $name);
}

# the sum of both workers, in KiB

sub resident {
    my $sum = 0;

    for my $pid ($t->workers) {
        open my $status, '<', "/proc/$pid/status" or next;
        $sum += (join('', <$status>) =~ /^VmRSS:\s+(\d+)/m)[0];
    }

    return $sum;
}
