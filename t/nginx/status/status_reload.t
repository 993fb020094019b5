#!/usr/bin/perl

# Counts survive reloads, killed workers, and changed documents.  The failure of
# a document is reported once, and ends.

use strict;
use warnings;

use FindBin;
use Digest::SHA qw(sha256_hex);
use JSON::PP;
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Client;
use LLMPolicy::Status;
use LLMPolicy::Test;

my $json = JSON::PP->new->utf8;
my $chat = '/v1/chat/completions';
my $t = LLMPolicy::Test->new;
my $dir = $t->testdir;

$t->write_file('policy.json', document('free'));

my $conf = <<'EOF';

%%GLOBALS%%

load_module %%MODULE%%;

worker_processes 4;

events {
}

http {
    %%GLOBALS_HTTP%%

    llm_policy_file policy.json;
    llm_policy_reload 200ms;
    llm_policy_tier $http_x_tier;

    keepalive_requests 100000;

    server {
        listen 127.0.0.1:%%PORT_0%% reuseport;

        llm_policy on;

        location / {
            proxy_pass http://127.0.0.1:%%PORT_ok%%;
        }

        location = /status {
            add_header X-Worker $pid;
            llm_policy_status;
        }
    }

    server {
        listen 127.0.0.1:%%PORT_ok%%;

        return 200 ok;
    }
}

EOF

$t->run($conf);

# Several connections to four workers: each request is counted once.

my $sent = 0;

load(8, 500);
becomes(sub { requests() }, $sent, 'every request was counted');

my $status = status();
my ($tier) = @{ $status->{temperature} };

is($tier->{$_}{count}, $sent, "$_ temperatures") for qw(requested effective);
is($tier->{requested}{sum}, $sent * 1.9, 'the sum of requested values');
is($tier->{effective}{sum}, $sent, 'the sum of forwarded values');
is($status->{decide_seconds}{count}, $sent, 'decisions');
is($status->{request_body_bytes}, $sent * length '{"temperature":1.9}',
    'bytes');
is(scalar(answering()), 4, 'all four workers report it');

# A reload in the middle.

my $since = $status->{since};
my $pid = begin_load(4, 500);

ok($t->reload($conf), 'a reload');
end_load($pid);
becomes(sub { requests() }, $sent, 'no request was lost in a reload');
is(status()->{since}, $since, 'counted since the same time');

# Without a status nothing is counted.

ok($t->reload($conf =~ s/llm_policy_status;/return 204;/r), 'no status page');
is($t->post($chat, '{"temperature":1.9}')->{status}, 200, 'still a policy');
ok($t->reload($conf), 'a status page again');
is(requests(), 0, 'it begins with nothing');
cmp_ok(status()->{since}, '>', $since, 'from now on');
$sent = 0;

# A document that changes.

my $before = document_status();

is($before->{sha256}, sum(), 'the sum of the document');
$t->write_file('policy.json', document('free', 'new'));
becomes(sub { told('sha256') }, sum(), 'the sum of the new one, of all');

my $after = document_status();

cmp_ok($after->{loaded}, '>', $before->{loaded}, 'loaded later');
is($after->{tiers}, 2, 'its tiers');
is(told('loaded'), $after->{loaded}, 'all report the same time');
is(told('failures'), 0, 'no failure');

# A document with errors: the previous one remains, and one failure is reported.

my $good = sum();

$t->write_file('policy.json', document('free') =~ s/"max"/"maximum"/r);
becomes(sub { told('in_force') }, 0, 'a document with an error');
like(document_status()->{error}, qr{^\Q$dir\E/policy\.json:4:\d+:
    \ /tiers/free/parameters/temperature/maximum:\ unknown\ member}x,
    'its position');
ok($t->logged(qr/has changed, but stays(?:.*has changed, but stays){3}/s),
    'all workers have seen it');
is(told('failures'), 1, 'one failure');
is(told('sha256'), $good, 'the document that is used');
is(metrics($t->get('/status')->{body})->{series(
    'llm_policy_document_in_force', file => "$dir/policy.json")}, 0,
    'not used, as text');

# Another error; the first of two is reported; then the document is removed.

$t->write_file('policy.json', document('free') =~ s/"version": 1/"version": 2/r
    =~ s/"max"/"minimum"/r);
becomes(sub { told('failures') }, 2, 'another');
like(document_status()->{error}, qr{policy\.json:2:\d+: /version: },
    'the first of two errors');

unlink "$dir/policy.json" or die "unlink: $!\n";
becomes(sub { told('failures') }, 3, 'a removed document');
like(document_status()->{error},
    qr{^open\(\) "\Q$dir\E/policy\.json" failed \(2: No such file},
    'it is reported');

# It is restored unchanged: it is read again.

$t->write_file('kept', document('free', 'new'));
rename "$dir/kept", "$dir/policy.json" or die "rename: $!\n";
becomes(sub { told('in_force') }, 1, 'restored');
is(document_status()->{error}, '', 'no error is left');
is(told('failures'), 3, 'earlier failures are still counted');
is(told('sha256'), $good, 'its sum');
is(told('loaded'), $after->{loaded}, 'it was used all the time');

# An error, and a reload that it makes fail; then a correction.

$t->write_file('policy.json', '{');
becomes(sub { told('failures') }, 4, 'a document that is cut');
$t->excuse(qr/\[emerg\].*policy\.json/);
ok(!$t->reload($conf), 'nginx refuses to reload');
is(told('in_force'), 0, 'the failure is still reported');

$t->write_file('policy.json', document('mended'));
ok($t->reload($conf), 'a reload with a good one');
becomes(sub { told('in_force') }, 1, 'no failure');
is(told('failures'), 4, 'and counted');
is(requests(), $sent, 'no request was forgotten');

# A worker is killed: the new one starts with the document of the last reload,
# and then loads the current one.

$t->write_file('policy.json', document('newest'));
becomes(sub { told('sha256') }, sum(), 'the newest');

my ($victim) = $t->workers;

$t->excuse(qr/worker process $victim exited on signal 9/);
kill 'KILL', $victim;
becomes(sub { scalar grep { $_ == $victim } answering() }, 0,
    'a worker was killed');
becomes(sub { scalar(answering()) }, 4, 'another one started');
becomes(sub { told('sha256') }, sum(), 'and has the newest');
is(requests(), $sent, 'its counts are kept');

load(4, 100);
becomes(sub { requests() }, $sent, 'and more is counted');

# Tiers of earlier documents are still reported; those without room are counted
# together.

my @names = map { "tier $_" } 1 .. 400;

$t->write_file('policy.json', document(@names));
becomes(sub { told('sha256') }, sum(), 'a document with 400 tiers');

load(1, 1, $_) for @names;
becomes(sub { requests() }, $sent, 'each request was counted');

my %by_tier;

$by_tier{$_->{tier}} += $_->{count} for @{ status()->{requests} };

is($by_tier{newest}, 400, 'a tier of a former document');
is($by_tier{'tier 1'}, 1, 'the first tier');
cmp_ok($by_tier{other}, '>', 1, 'the last ones are counted together');
cmp_ok(scalar(keys %by_tier), '>', 100, 'not before there are many');
like($t->error_log, qr/no room to count for tier "tier 400"/, 'it is logged');

$t->done;

sub document {
    my (@tiers) = @_;

    my $tiers = join ",\n", map {
        qq("$_": { "parameters": { "temperature": { "max": 1 } } }) } @tiers;

    return <<"EOF";
{
  "version": 1,
  "default_tier": "$tiers[0]", "tiers": {
$tiers } }
EOF
}

sub sum {
    return sha256_hex($t->read_file('policy.json'));
}

# Sends requests over some connections; all are in flight together.

sub load {
    end_load(begin_load(@_));
}

sub begin_load {
    my ($connections, $n, $tier) = @_;

    $sent += $connections * $n;

    my $pid = fork // die "cannot fork: $!\n";

    return $pid if $pid;

    my @clients = map { LLMPolicy::Client->new($t->port(0)) } 1 .. $connections;

    my @request = ('POST', $chat, '{"temperature":1.9}', 'X-Tier' => $tier);

    for (1 .. $n) {
        $_->request(@request) for @clients;

        for my $client (@clients) {

            # a worker that exits closes idle connections, and has not read this

            while (!$client->response) {
                $client = LLMPolicy::Client->new($t->port(0));
                $client->request(@request);
            }
        }
    }

    POSIX::_exit(0);
}

sub end_load {
    waitpid $_[0], 0;

    $? == 0 or die "a request was not answered\n";
}

sub status {
    return $json->decode($t->get('/status?format=json')->{body});
}

sub document_status {
    return status()->{documents}[0];
}

sub requests {
    my $sum = 0;

    $sum += $_->{count} for @{ status()->{requests} };

    return $sum;
}

# Returns the state of the document for all workers; equal ones are reported
# once.

sub told {
    my ($member) = @_;
    my %said = answers(sub {
        $json->decode($_[0]{body})->{documents}[0]{$member} });
    my %different = map { ($_ => 1) } values %said;

    return join ' ', sort keys %different;
}

sub answering {
    my %said = answers(sub { 1 });

    return keys %said;
}

sub answers {
    my ($of) = @_;
    my %said;

    for (1 .. 64) {
        my $response = $t->get('/status?format=json') or next;
        $said{$response->header('X-Worker')} = $of->($response);
    }

    return %said;
}

sub becomes {
    my ($what, $expected, $name) = @_;
    my $end = time + $LLMPolicy::Stream::TIMEOUT;
    my $is;

    while (($is = $what->()) ne $expected && time < $end) {
        sleep 0.05;
    }

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    is($is, $expected, $name);
}
