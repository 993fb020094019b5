#!/usr/bin/perl

# A reload while clients send: no request fails, each has the policy that it
# began with, and a document with errors changes nothing.

use strict;
use warnings;

use FindBin;
use Test::More;

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Conf;
use LLMPolicy::Test;

my $t = LLMPolicy::Test->new;
my $up = $t->upstream(1, sub { {} });

write_policy('"max": 1');

$t->run(gateway(main => 'worker_processes 2;', server => <<'EOF'));

add_header X-Temperature $llm_effective_temperature always;

location / {
    proxy_pass http://%%UPSTREAM%%;
}

location /v1/completions {
    client_body_in_file_only clean;
    proxy_pass http://%%UPSTREAM%%;
}

EOF

my $uri = '/v1/chat/completions';
my $body = '{"temperature":1.9}';

# Clients that send until they are stopped, and count errors.

my @clients = map { start_client($_) } $uri, '/v1/completions', $uri;

# A body that is being sent keeps the policy that it began with.

my $old = $t->client;
$old->request('POST', $uri, '{"temperature":1', 'Content-Length' => 19);
LLMPolicy::Stream::pause(10);

for my $max (0.5, 0.4, 0.3) {
    write_policy("\"max\": $max");
    ok($t->reload, "reload, $max");

    is(in_force(), $max, "reload, $max: used");
}

$old->send('.9}');
is($old->response->header('X-Temperature'), 1, 'held to the policy before');

write_policy('"maximum": 0.1');
ok(!$t->reload, 'an error in the document');
like(join('', $t->unwanted), qr{/policy\.json:4:\d+:\ /tiers/free/parameters
    /temperature/maximum:\ .*\ in\ .*/nginx\.conf:}x, 'its position');
is(in_force(), 0.3, 'the previous policy remains');

write_policy('"min": 1, "max": 0.1');
ok(!$t->reload, 'another error');
is(in_force(), 0.3, 'the previous policy remains');

$t->write_file('stop', '');

my ($sent, $failed) = (0, 0);

for my $client (@clients) {
    my ($n, $wrong) = result($client);

    $sent += $n;
    $failed += $wrong;
}

cmp_ok($sent, '>', 10, 'requests sent meanwhile');
is($failed, 0, 'no request failed');

my %sent = map { $_->{body} =~ /^\{"temperature":([\d.]+) *\}$/ => 1 }
    $up->requests;
is(join(' ', sort keys %sent), '0.3 0.4 0.5 1', 'within the policies');
is($up->cut_requests, 0, 'each request ended with its body');

$t->excuse(qr/\[emerg\].*policy\.json/);
$t->done;

sub write_policy {
    my ($rule) = @_;

    $t->write_file('policy.json', <<"EOF");
{
  "version": 1,
  "default_tier": "free",
  "tiers": { "free": { "parameters": { "temperature": { $rule } } } }
}
EOF
}

sub in_force {
    return $t->post($uri, $body)->header('X-Temperature');
}

sub start_client {
    my ($uri) = @_;

    pipe my $read, my $write or die "no pipe: $!\n";
    my $pid = fork // die "cannot fork: $!\n";

    return { pid => $pid, result => $read } if $pid;

    my ($n, $failed) = (0, 0);

    while (!-e $t->testdir . '/stop') {
        my $response = $t->post($uri, $body);

        $n++;
        $failed++ if !$response || $response->{status} != 200;
    }

    syswrite $write, "$n $failed\n";
    POSIX::_exit(0);
}

sub result {
    my ($client) = @_;
    my $result = readline $client->{result};

    waitpid $client->{pid}, 0;

    return split ' ', $result // '0 1';
}
