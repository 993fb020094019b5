#!/usr/bin/perl

# Bodies that arrive in pieces, cut anywhere: within a token, within a
# character, byte by byte.

use strict;
use warnings;

use FindBin;
use Test::More;

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Conf;
use LLMPolicy::Test;

my $t = LLMPolicy::Test->new;
my $up = $t->upstream(1, sub { {} });

$t->write_file('policy.json',
    one_tier(<<'EOF', '~^/\w+/chat$' => 'openai.chat'));
"temperature": { "default": 0.7, "max": 1 },
"presence_penalty": { "min": -0.25 },
"/user": { "remove": true }
EOF

$t->run(gateway(server => <<'EOF'));

# bytes that arrive with the head are in a buffer of their own

location /memory/ {
    proxy_pass http://%%UPSTREAM%%;
}

location /file/ {
    client_body_in_file_only clean;
    proxy_pass http://%%UPSTREAM%%;
}

# a body is written to the file every 8 bytes

location /drops/ {
    client_body_in_file_only clean;
    client_body_buffer_size 8;
    proxy_pass http://%%UPSTREAM%%;
}

EOF

my $body = '{"user":"\u00e9\"","temperature":1.95,"stop":["é€😀\\\\"],'
    . '"presence_penalty":-2}';
my $edited = '{<"user":"\u00e9\"",>"temperature":1<.95>,'
    . '"stop":["é€😀\\\\"],"presence_penalty":-0.25<-2>}';

my %expected = (
    memory => $t->edited($edited, 0),
    file => $t->edited($edited, 1),
    drops => $t->edited($edited, 1),
);

my $client = $t->client;

for my $where (sort keys %expected) {

    my $head = "POST /$where/chat HTTP/1.1\r\nHost: localhost\r\n"
        . "Content-Type: application/json\r\n";
    my $with_length = "${head}Content-Length: " . length($body) . "\r\n\r\n";
    my $chunked = "${head}Transfer-Encoding: chunked\r\n\r\n";
    my $chunks = LLMPolicy::Client::chunked($body, (1) x length $body);

    # two pieces

    for my $i (0 .. length $body) {
        $client->send_pieces(0.5, $with_length . substr($body, 0, $i),
            substr $body, $i);
    } continue {
        $client->response;
    }

    is_sent(1 + length $body, $where, "$where, cut in two at every byte");

    # three pieces of a body of two chunks, the second one byte later

    for my $i (1 .. length($body) - 2) {
        $client->send_pieces(0.5, $chunked,
            sprintf("%x\r\n", $i) . substr($body, 0, $i) . "\r\n",
            LLMPolicy::Client::chunked(substr $body, $i));
    } continue {
        $client->response;
    }

    is_sent(length($body) - 2, $where, "$where, two chunks cut at every byte");

    # byte by byte

    $client->send_pieces(0.5, $with_length, split //, $body);
    $client->response;

    $client->send_pieces(0.2, $chunked, split //, $chunks);
    $client->response;

    is_sent(2, $where, "$where, byte by byte");
}

$t->done;

sub is_sent {
    my ($n, $where, $name) = @_;
    my %bodies;

    $bodies{$_->{body}}++ for $up->requests;
    $up->clear;

    is_deeply(\%bodies, { $expected{$where} => $n }, $name);
}
