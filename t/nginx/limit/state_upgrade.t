#!/usr/bin/perl

# llm_policy_zone with "state", and two zones that use its file at the same
# time: the one of a new executable (USR2), and one of another size.  Each takes
# over what the other one has counted.

use strict;
use warnings;

use Cwd qw(abs_path);
use FindBin;
use Test::More;
use Time::HiRes qw(sleep time);

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Test;

my $t = LLMPolicy::Test->new;

$t->upstream;

$t->write_file('policy.json', <<'EOF');
{
  "version": 1,
  "default_tier": "free",
  "tiers": { "free": { "limits": { "requests_per_month": 3 } } }
}
EOF

my $conf = <<'EOF';

%%GLOBALS%%

load_module %%MODULE%%;

worker_processes 2;

# the new executable gets no other variables
env LD_PRELOAD;
env ASAN_OPTIONS;

events {
}

http {
    %%GLOBALS_HTTP%%

    llm_policy_zone limits:1m state=counts;
    llm_policy on;
    llm_policy_file policy.json;
    llm_policy_limit_key $http_x_user;

    server {
        listen 127.0.0.1:%%PORT_0%%;

        location / {
            proxy_pass http://%%UPSTREAM%%;
        }
    }
}

EOF

$t->write_file('nginx.conf', $conf);
$t->write_file('error.log', '');

# the executable of the ring "build" opens this log before it reads nginx.conf

mkdir $t->testdir . '/logs' or die "cannot make a folder: $!\n";

# nginx takes USR2 only if the process that started it has ended, and executes
# the new one by the name that it was started by

my $binary = $ENV{TEST_NGINX_BINARY} || 'nginx';
my ($found) = grep { -x } map { "$_/$binary" } '.', split /:/, $ENV{PATH};

$ENV{TEST_NGINX_BINARY} = abs_path($binary =~ m{/} ? $binary : $found);

my $starter = fork // die "cannot fork: $!\n";

if ($starter == 0) {
    my $nginx = fork // die "cannot fork: $!\n";
    $t->_exec($t->testdir . '/stderr') if $nginx == 0;

    wait_for(sub { -s $t->testdir . '/nginx.pid' });
    POSIX::_exit(0);
}

waitpid $starter, 0;

my $old = pid('nginx.pid');

ok($old, 'started');
ok(wait_for(sub { -s $t->testdir . '/counts' }), 'written');

is(admitted(2, 'before'), 2, 'used before, and not written yet');

# the new executable

kill 'USR2', $old;

ok(wait_for(sub { pid('nginx.pid.oldbin') && pid('nginx.pid') }), 'two');

my $new = pid('nginx.pid');

isnt($new, $old, 'another process');

# the file of the start, that of the new one, and the answer to it

ok($t->logged(qr/(?:was read:.*){3}/s), 'each has read that of the other one');
is(admitted(1, 'between'), 1, 'between, at either');

# the old one ends: its last file counts at the new one

kill 'QUIT', $old;
ok(wait_for(sub { !kill 0, $old }), 'the old one has ended');

ok($t->logged(qr/(?:was read:.*){4}/s), 'and its last file was read');
is(admitted(2, 'before'), 1, 'the new one has what the old one counted');
is(admitted(3, 'between'), 2, 'and what passed between');
is(admitted(3, 'after'), 3, 'after');

# a zone of another size

$t->{pid} = $new;
$conf =~ s/limits:1m/limits:2m/;

ok($t->reload($conf), 'reload with another size');
ok($t->logged(qr/was read: 3 entries/), 'the last file of the other zone');
is(admitted(1, 'before'), 0, 'those of before are counted');
is(admitted(1, 'after'), 0, 'and those of after');

kill 'QUIT', $new;
ok(wait_for(sub { !kill 0, $new }), 'the new one has ended');

$t->{pid} = 0;
$t->done;

sub admitted {
    my ($n, $user) = @_;

    return scalar grep {
        $t->post('/v1/chat/completions', '{}', 'X-User' => $user)->{status}
            == 200
    } 1 .. $n;
}

sub pid {
    my ($name) = @_;

    return -s $t->testdir . "/$name" ? $t->read_file($name) + 0 : 0;
}

sub wait_for {
    my ($until) = @_;
    my $end = time() + 30;

    while (time() < $end) {
        return 1 if $until->();
        sleep 0.02;
    }

    return 0;
}
