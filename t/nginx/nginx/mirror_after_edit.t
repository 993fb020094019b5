#!/usr/bin/perl

# A mirror that is still sending the body, while the request is redirected to a
# location whose policy changes it again: each one is sent as its policy
# requires.

use strict;
use warnings;

use FindBin;
use IO::Socket::INET;
use Test::More;

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Conf;
use LLMPolicy::Test;

# more than the buffers of sockets
use constant LENGTH => 24 << 20;

my $t = LLMPolicy::Test->new;
my $up = $t->upstream(1, sub { {} });

my $mirror = IO::Socket::INET->new(
    LocalAddr => '127.0.0.1:' . $t->port('mirror'), Listen => 8,
    ReuseAddr => 1,
);

$t->write_file('policy.json', policy(1, 10_000));
$t->write_file('late.json', policy(0.5, 10_000));
$t->write_file('mirror.json', policy(1, 1000));

$t->run(gateway(http => <<'EOH', server => <<'EOF'));

client_max_body_size 32m;
client_body_buffer_size 32m;

EOH

location / {
    mirror /mirror/chat;
    error_page 502 = @late;
    proxy_pass http://127.0.0.1:%%PORT_dead%%;
}

location @late {
    mirror off;
    llm_policy_file late.json;
    proxy_pass http://%%UPSTREAM%%;
}

location = /mirror/chat {
    internal;
    llm_policy_file mirror.json;
    proxy_pass http://127.0.0.1:%%PORT_mirror%%;
}

EOF

for my $temperature ('0.7777777', '0.7') {
    my ($late, $mirrored) = ('0.5', '1000');
    my $client = $t->client;

    $client->request('POST', '/chat', body($temperature, 5000));

    my ($request) = $up->wait_for(1);
    ok($request->{body} eq body($late, 5000), "$temperature: late");
    $up->clear;

    # the mirror's body is read only now

    my $stream = LLMPolicy::Stream->new(scalar $mirror->accept);
    my $head = $stream->take_through("\r\n\r\n");
    my ($length) = $head =~ /\r\nContent-Length: (\d+)/i;
    my $got = $stream->take($length);

    $stream->send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");

    is(substr($got, LENGTH), substr(body($temperature, $mirrored), LENGTH),
        "$temperature: the mirror, end");
    ok($got eq body($temperature, $mirrored), "$temperature: the mirror");
    is($client->response->{status}, 200, "$temperature: answered");
}

$t->done;

sub body {
    my ($temperature, $tokens) = @_;

    return '{"user":"' . 'x' x LENGTH . qq(","temperature":$temperature,)
        . qq("max_tokens":$tokens,"n":1});
}

sub policy {
    my ($temperature, $tokens) = @_;

    return <<"EOP";
{
  "version": 1,
  "default_tier": "free",
  "tiers": { "free": { "parameters": {
    "temperature": { "max": $temperature }, "max_tokens": { "max": $tokens }
  } } },
  "routes": [ { "path": "~/chat\$", "dialect": "openai.chat" } ]
}
EOP
}
