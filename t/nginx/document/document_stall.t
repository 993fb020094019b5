#!/usr/bin/perl

# A change of one tenant's file, in a document of 20,000 tenants, stalls no
# request: threads read the document, and free the one before it.
#
# The times of a busy machine prove nothing.  What is asserted is which thread
# of the worker runs: the event loop takes a small part of the CPU time that a
# load takes, and answers requests while the load runs.

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use FindBin;
use JSON::PP ();
use Test::More;
use Time::HiRes qw(sleep time);

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Conf;
use LLMPolicy::Test;

use constant {
    FILES => 20,
    TENANTS => 1000,    # of each file
    SHARE => 0.05,      # of the CPU time of a load, for the event loop
};

my $t = LLMPolicy::Test->new;
my $dir = $t->testdir;
my $uri = '/v1/chat/completions';
my $json = JSON::PP->new->canonical;
my @key = (Authorization => 'Bearer sk-7-77');

$t->upstream(1, sub { { body => $_[0]{body} } });

mkdir "$dir/tenants" or die "mkdir: $!\n";

for my $file (1 .. FILES) {
    $t->write_file("tenants/$file.json", tenants(map {
        ("t$file-$_" => { tier => 'free',
            keys => [ 'sha256:' . sha256_hex("sk-$file-$_") ] })
    } 1 .. TENANTS));
}

$t->write_file('tenants/one.json', tenants());
$t->write_file('policy.json', $json->encode({
    version => 1, default_tier => 'free', unknown_key => 'reject',
    include => [ 'tenants/*.json' ],
    tiers => { free => { parameters => { temperature => { max => 1 } } } },
}));

$t->run(gateway(main => 'thread_pool default threads=2;',
    http => 'llm_policy_reload 1s;',
    server => 'location / { proxy_pass http://%%UPSTREAM%%; }'));

my ($worker) = $t->workers;
my $client = $t->client;

# without requests: a change, a mistake, and the mistake's end

my @before = cpu();

change('one', tenants(one => { tier => 'free' }), qr/and is in force/);
change('one', tenants(one => { tier => 'fre' }), qr/but stays as it was/);
change('one', tenants(two => { tier => 'free' }), qr/and is in force/);

my @after = cpu();
my ($loop, $threads) = map { $after[$_] - $before[$_] } 0, 1;

note(sprintf 'three loads: event loop %.2f ms, threads %.0f ms', $loop,
    $threads);

cmp_ok($loop, '<', SHARE * $threads, 'the event loop takes a small part');

# with requests on a kept connection, one after another

my @quiet = map { request() } 1 .. 200;
my @busy;

for my $n (1 .. 3) {
    my $logged = logged(qr/and is in force/);
    my $end = time + 60;

    replace('one', tenants("three-$n" => { tier => 'free' }));
    push @busy, request()
        while logged(qr/and is in force/) == $logged && time < $end;
    push @busy, request() for 1 .. 20;

    is(logged(qr/and is in force/), $logged + 1, "load $n with requests");
}

is(scalar(grep { !$_->{right} } @quiet, @busy), 0, 'no request fails');

# one that began when a load ran, and before that load ended

my @inside = grep {
    $busy[$_ - 1]{ran} && $busy[$_]{ran} && $busy[$_ + 1]{ran}
} 1 .. $#busy - 1;

note(sprintf '%-8s %4d requests, median %6.2f ms, p99 %6.2f ms', @$_)
    for [ quiet => figures(@quiet) ], [ loads => figures(@busy) ],
        [ inside => figures(@busy[@inside]) ];

cmp_ok(scalar(@inside), '>', 0, 'requests are answered while a load runs');

$t->done;

# Returns the CPU times of the event loop and of all threads, in ms.

sub cpu {
    my ($loop, $threads) = (0, 0);

    for my $file (glob "/proc/$worker/task/*/schedstat") {
        my ($ns) = LLMPolicy::Upstream::slurp($file) =~ /^(\d+)/;

        if ($file =~ m{/task/$worker/}) {
            $loop += $ns / 1e6;

        } else {
            $threads += $ns / 1e6;
        }
    }

    return ($loop, $threads);
}

sub tenants {
    my (%tenants) = @_;

    return $json->encode({ tenants => \%tenants });
}

sub replace {
    my ($name, $text) = @_;

    $t->write_file('next', $text);
    rename "$dir/next", "$dir/tenants/$name.json" or die "rename: $!\n";
}

# Replaces a file, and waits until its load is logged, and all is freed.

sub change {
    my ($name, $text, $result) = @_;
    my $logged = logged($result);

    replace($name, $text);

    for (1 .. 600) {
        last if logged($result) > $logged;
        sleep 0.1;
    }

    is(logged($result), $logged + 1, "$name: $result");

    my $threads;

    do {
        $threads = (cpu())[1];
        sleep 0.3;
    } while ((cpu())[1] - $threads > 5);
}

sub logged {
    my ($line) = @_;

    return scalar(() = $t->error_log =~ /$line/g);
}

# Sends a request.  Returns its time in ms, whether it was answered as it has to
# be, and whether a thread ran meanwhile for longer than a look at files takes.

sub request {
    my $threads = (cpu())[1];
    my $start = time;

    $client->request('POST', $uri, '{"temperature":2}', @key);

    my $r = $client->response;
    my $time = 1000 * (time - $start);

    return {
        time => $time,
        right => $r && $r->{status} == 200
            && $r->{body} =~ /^\{"temperature":1\}\s*$/,
        ran => (cpu())[1] - $threads > 0.2,
    };
}

# Returns the number of requests, the median of their times, and p99.

sub figures {
    my @times = sort { $a <=> $b } map { $_->{time} } @_;

    return (scalar(@times), map { $times[$_ * $#times] // 0 } 0.5, 0.99);
}
