#!/usr/bin/perl

# grpc_pass: on a route that passes, streams work in both directions, since
# nothing reads them; on a policed one, the body is edited.

use strict;
use warnings;

use FindBin;
use IO::Select;
use IO::Socket::INET;
use Test::More;

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Test;

my $t = LLMPolicy::Test->new;

# nginx is its own gRPC upstream; the recorded requests are those that it
# proxies

my $up = IO::Socket::INET->new(
    LocalAddr => '127.0.0.1:' . $t->port('up'), Listen => 8, ReuseAddr => 1,
);

$t->write_file('policy.json', <<'EOF');
{
  "version": 1,
  "default_tier": "free",
  "tiers": { "free": { "parameters": { "temperature": { "max": 1 } } } },
  "routes": [
    { "path": "~^/inference\\.", "action": "pass" },
    { "path": "~/chat$", "dialect": "openai.chat" }
  ]
}
EOF

$t->run(<<'EOF');

%%GLOBALS%%

load_module %%MODULE%%;

events {
}

http {
    %%GLOBALS_HTTP%%

    server {
        listen 127.0.0.1:%%PORT_0%% http2;

        llm_policy on;
        llm_policy_file policy.json;
        client_body_buffer_size 1m;

        location / {
            grpc_pass grpc://127.0.0.1:%%PORT_grpc%%;
        }

        location /file/ {
            client_body_in_file_only clean;
            grpc_pass grpc://127.0.0.1:%%PORT_grpc%%;
        }
    }

    server {
        listen 127.0.0.1:%%PORT_grpc%% http2;

        location / {
            proxy_http_version 1.1;
            proxy_request_buffering off;
            proxy_buffering off;
            proxy_pass http://127.0.0.1:%%PORT_up%%;
        }
    }
}

EOF

my $h2 = $t->http2;
my $grpc = { 'content-type' => 'application/grpc', te => 'trailers',
    'content-length' => undef };

# A message in each direction, before either side has ended.

my $id = $h2->request('POST', '/inference.Service/Chat', 'first',
    headers => $grpc, unfinished => 1);

my $stream = LLMPolicy::Stream->new(scalar $up->accept);
like($stream->take_through("\r\n\r\n"), qr/^POST \/inference/, 'request');
is($stream->take_through("first\r\n"), "5\r\nfirst\r\n", 'first message');

$stream->send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    . "6\r\nanswer\r\n");
$h2->read_frame until $h2->{streams}{$id}{body};
is($h2->{streams}{$id}{body}, 'answer', 'a response before the end');

$h2->data($id, 'second', 1);
is($stream->take_through("0\r\n\r\n"), "6\r\nsecond\r\n0\r\n\r\n",
    'second message');
$stream->send("0\r\n\r\n");
is($h2->response($id)->{status}, 200, 'ended');

# Policed bodies are edited for any upstream.

my %edited = (
    '/memory/chat' => '{"temperature":1}',
    '/file/chat' => $t->edited('{"temperature":1<.9>}', 1),
);

for my $uri (sort keys %edited) {
    for my $length (1, 0) {
        $id = $h2->request('POST', $uri, '{"temperature":1.9}',
            length => $length);

        $stream = LLMPolicy::Stream->new(scalar $up->accept);
        my $request = read_request($stream);

        is($request->{body}, $edited{$uri}, "$uri: edited");

        # a request that passes has the client's length, or none

        is($request->header('Content-Length'),
            $t->streams && !$length ? undef : length $edited{$uri},
            "$uri: length");

        $stream->send("HTTP/1.1 204 OK\r\n\r\n");
        is($h2->response($id)->{status}, 204, "$uri: answered");
    }
}

# more than a window, with the edit at its start

my $tail = ',"stop":"' . 'x' x 100_000 . '"}';

$id = $h2->request('POST', '/memory/chat', "{\"temperature\":1.9$tail");
$stream = LLMPolicy::Stream->new(scalar $up->accept);

my $request = read_request($stream);
ok($request->{body} eq "{\"temperature\":1$tail", 'large: edited');

$stream->send("HTTP/1.1 204 OK\r\n\r\n");
is($h2->response($id)->{status}, 204, 'large: answered');

# gRPC itself is not possible on a policed route.

for my $uri ('/memory/chat', '/unknown.Service/Chat') {
    my $id = $h2->request('POST', $uri, 'first', headers => $grpc,
        unfinished => 1);

    like($h2->response($id)->{status}, qr/^(?:415|403)$/, "$uri: refused");
}

ok(!IO::Select->new($up)->can_read(0.02), 'nothing sent');

$t->done;

sub read_request {
    my ($stream) = @_;

    return LLMPolicy::Upstream::unpadded(
        LLMPolicy::Message->read_request($stream));
}
