#!/usr/bin/perl

# proxy_request_buffering off, and llm_policy_streaming off: a policed body is
# read completely before it is forwarded; others are streamed as usual.

use strict;
use warnings;

use FindBin;
use IO::Select;
use IO::Socket::INET;
use Test::More;

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Conf;
use LLMPolicy::Test;

my $t = LLMPolicy::Test->new;
my $up = $t->upstream(1, sub { {} });

# an upstream that can be observed while it reads a request

my $watched = IO::Socket::INET->new(
    LocalAddr => '127.0.0.1:' . $t->port('watched'), Listen => 8,
    ReuseAddr => 1,
);

$t->write_file('policy.json', <<'EOF');
{
  "version": 1,
  "default_tier": "free",
  "tiers": { "free": { "parameters": { "temperature": { "max": 1 } } } },
  "routes": [
    { "path": "~/chat$", "dialect": "openai.chat" },
    { "path": "~/pass$", "action": "pass" }
  ]
}
EOF

$t->run(gateway(http2 => 1, http => <<'EOH', server => <<'EOF'));

llm_policy_streaming off;
proxy_request_buffering off;
proxy_http_version 1.1;

EOH

location / {
    proxy_pass http://127.0.0.1:%%PORT_watched%%;
}

location /file/ {
    client_body_in_file_only clean;
    proxy_pass http://127.0.0.1:%%PORT_watched%%;
}

location /off/ {
    llm_policy off;
    proxy_pass http://127.0.0.1:%%PORT_watched%%;
}

location @policed {
    proxy_pass http://%%UPSTREAM%%;
}

EOF

my $body = '{"temperature":1.9}';
my %edited = (
    '/memory/chat' => '{"temperature":1}',
    '/file/chat' => '{"temperature":1  }',
);

for my $uri (sort keys %edited) {
    for my $chunks (undef, [ 16 ]) {
        my $bytes = LLMPolicy::Client::request_bytes('POST', $uri, $body,
            chunks => $chunks);
        my $name = $uri . ($chunks ? ', chunked' : '');
        my $last = substr $bytes, -1, 1, '';

        my $client = $t->client;
        $client->send($bytes);
        ok(!IO::Select->new($watched)->can_read(0.05), "$name: nothing yet");

        $client->send($last);
        is_answered($edited{$uri}, $name);
        is($client->response->{status}, 204, "$name: answered");
    }

    my $h2 = $t->http2(1);
    my $id = $h2->request('POST', $uri, $body, unfinished => 1);
    ok(!IO::Select->new($watched)->can_read(0.05), "$uri, HTTP/2: nothing yet");

    $h2->data($id, '', 1);
    is_answered($edited{$uri}, "$uri, HTTP/2");
    is($h2->response($id)->{status}, 204, "$uri, HTTP/2: answered");
}

# A request without a policy is forwarded while it arrives.

my $client = $t->client;
$client->request('POST', '/memory/pass', 'start', 'Content-Length' => 8);

my $stream = LLMPolicy::Stream->new(scalar $watched->accept);
is($stream->take_through("\r\n\r\n") && $stream->take(5), 'start', 'streamed');

$client->send('end');
is($stream->take(3), 'end', 'streamed to its end');
$stream->send("HTTP/1.1 204 OK\r\n\r\n");
is($client->response->{status}, 204, 'streamed: answered');

# No decision is possible on a body that is already being sent elsewhere.

for my $late ('', 'end') {
    my $client = $t->client;

    $client->request('POST', '/off/chat', '{"a":', 'Content-Length' => 8);
    $stream = LLMPolicy::Stream->new(scalar $watched->accept);
    $stream->take_through('{"a":');
    $stream->send("HTTP/1.1 200 OK\r\nX-Accel-Redirect: \@policed\r\n\r\n");

    is($client->response->{status}, 500, 'half a body is not decided on');
    $client->send($late);
    ok($client->at_end, 'half a body: closed');
}

is($up->count + $up->cut_requests, 0, 'half a body is not sent');

ok($t->logged(qr/\[error\].*the body is being read elsewhere/), 'logged');

$t->done;

sub is_answered {
    my ($body, $name) = @_;
    my $stream = LLMPolicy::Stream->new(scalar $watched->accept);
    my $request = LLMPolicy::Message->read_request($stream);

    is($request->{body}, $body, $name);
    is($request->header('Content-Length'), length $body, "$name: length");

    $stream->send("HTTP/1.1 204 OK\r\n\r\n");
}
