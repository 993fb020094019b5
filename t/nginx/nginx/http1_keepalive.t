#!/usr/bin/perl

# A connection is usable after any request: the next bytes are the next request,
# and no byte of a refused body is parsed as one.

use strict;
use warnings;

use FindBin;
use Test::More;

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Conf;
use LLMPolicy::Test;

my $t = LLMPolicy::Test->new;
my $up = $t->upstream(1, sub { { body => $_[0]{uri} } });

$t->write_file('policy.json', one_tier(<<'EOF'));
"temperature": { "max": 1 },
"logit_bias": { "deny": true }
EOF

$t->run(gateway(server => <<'EOF'));

location / {
    proxy_pass http://%%UPSTREAM%%;
}

location /v1/completions {
    client_body_in_file_only clean;
    proxy_pass http://%%UPSTREAM%%;
}

EOF

# Requests hidden in a refused body.

my $smuggled = "\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n";

my $chat = '/v1/chat/completions';
my $file = '/v1/completions';
my $good = '{"stop":"x"}';

my @requests = (
    [ 'passed', 200, $chat, '{"temperature":1}' ],
    [ 'edited', 200, $chat, '{"temperature":1.9}' ],
    [ 'edited in a file', 200, $file, '{"temperature":1.9}' ],
    [ 'not JSON from the start', 400, $chat, "x$smuggled" ],
    [ 'not JSON after the end', 400, $file, "{} x$smuggled" ],
    [ 'cut short', 400, $chat, '{"temperature":1.' ],
    [ 'denied', 400, $chat, '{"logit_bias":{"1":1}}' ],
    [ 'wrong type', 400, $file, '{"temperature":"1"}' ],
    [ 'wrong Content-Type', 415, $chat, "$good$smuggled",
        'Content-Type' => 'text/plain' ],
    [ 'encoded', 415, $chat, "$good$smuggled", 'Content-Encoding' => 'gzip' ],
    [ 'unknown route', 403, '/v1/unknown', "$good$smuggled" ],
    [ 'ambiguous path', 400, '/v1/chat/%63ompletions', "$good$smuggled" ],
);

for my $request (@requests) {
    my ($name, $status, $uri, $body, %fields) = @$request;

    for my $chunks (undef, [ 5, 1, 2 ]) {
        my $bytes = LLMPolicy::Client::request_bytes('POST', $uri, $body,
            chunks => $chunks, %fields);
        my ($head, $rest) = split /(?<=\r\n\r\n)/, $bytes, 2;

        my $how = $name . ($chunks ? ', chunked' : '');
        my @pieces = map { substr $rest, $_ * 8, 8 } 0 .. length($rest) / 8;

        is_usable("$how, at once", $status, "$head$rest");
        is_usable("$how, a late body", $status, $head, $rest);
        is_usable("$how, a body in pieces", $status, $head, @pieces);
    }
}

# A refusal that depends only on the head is sent before the body.

my $client = $t->client;

$client->request('POST', '/v1/unknown', '',
    'Content-Length' => length $smuggled);
is($client->next_response->{status}, 403, 'refused without the body');

$client->send($smuggled);
is_next($client, 'a body that was not requested');

# A client that waits for "100 Continue" need not send the body after a refusal:
# its next bytes must be neither the body nor a request.

$client = $t->client;
$client->request('POST', '/v1/unknown', '', Expect => '100-continue',
    'Content-Length' => length $smuggled);

my $refused = $client->next_response;
is($refused->{status}, 403, 'refused instead of "100 Continue"');
is($refused->header('Connection'), 'close', 'the connection ends');

# Two requests at once, the second one with its own decision.

$client = $t->client;
my ($edited, $denied, $next) = map { LLMPolicy::Client::request_bytes(@$_) }
    [ 'POST', $chat, '{"temperature":1.9}' ],
    [ 'POST', $chat, '{"logit_bias":{}}' ],
    [ 'GET', '/next' ];

$client->send("$edited$denied$edited$next");
is(join(' ', map { $client->response->{status} } 1 .. 4), '200 400 200 200',
    'pipelined');
is(join(' ', map { $_->{body} } grep { $_->{method} eq 'POST' } $up->requests),
    '{"temperature":1} {"temperature":1}', 'pipelined: forwarded');

$t->is_whole($up);

$t->done;

sub is_usable {
    my ($name, $status, @pieces) = @_;
    my $client = $t->client;

    $client->send_pieces(0.5, @pieces);
    my $response = $client->response;
    is($response->{status}, $status, $name);

    # a refusal while streaming ends the reading of the body, and nginx does not
    # announce the end of its chunks

    if ($t->streams && (@pieces > 2 || $name =~ /chunked/)
        && ($response->header('Connection') // '') eq 'close')
    {
        ok($client->at_end, "$name: closed");
        is_clean(0, $name);
        is_next($t->client, $name);
        return;
    }

    is_next($client, $name);

    # the next request in the same packet

    $client->send($pieces[0]);
    LLMPolicy::Stream::pause(0.5) if @pieces > 1;
    $client->send(join('', @pieces[1 .. $#pieces])
        . LLMPolicy::Client::request_bytes('GET', '/next'));
    is($client->response->{status}, $status, "$name, pipelined");
    is($client->response->{body}, '/next', "$name, pipelined: next");

    $client->close;
    is_clean($status == 200 ? 2 : 0, $name);
}

sub is_next {
    my ($client, $name) = @_;

    $client->request('GET', '/next');
    is($client->response->{body}, '/next', "$name: next");
}

sub is_clean {
    my ($n, $name) = @_;
    my @uris = map { $_->{uri} } $up->requests;

    is(scalar(grep { $_ eq '/smuggled' } @uris), 0, "$name: not smuggled");
    is(scalar(grep { $_ ne '/next' } @uris), $n, "$name: forwarded");

    $up->clear;
}
