#!/usr/bin/perl

# llm_policy_streaming: a request that is refused after some of it was forwarded
# is cut off at the upstream, which never gets all of it; the client gets the
# same response as with buffered bodies.

use strict;
use warnings;

use FindBin;
use Test::More;

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Test;

# padding is not checked here

$ENV{TEST_STREAMING} = 1;

my $t = LLMPolicy::Test->new;
my $up = $t->upstream(1, sub { {} });

$t->write_file('policy.json', <<'EOF');
{
  "version": 1,
  "default_tier": "free",
  "tiers": { "free": {
    "parameters": {
      "temperature": { "max": 1 },
      "n": { "max": 2, "on_violation": "reject" },
      "logit_bias": { "deny": true }
    },
    "models": { "deny": [ "denied" ] }
  } },
  "models": [
    { "match": [ "small" ], "parameters": { "temperature": { "max": 0.5 } } }
  ],
  "routes": [
    { "path": "~/chat$", "dialect": "openai.chat" },
    { "path": "~/messages$", "dialect": "anthropic.messages" },
    { "path": "/next", "action": "pass" }
  ]
}
EOF

$t->run(<<'EOF');

%%GLOBALS%%

load_module %%MODULE%%;

worker_processes 1;

events {
}

http {
    %%GLOBALS_HTTP%%

    log_format llm '$status $llm_status "$llm_reason" "$llm_reason_parameter"';
    access_log %%TESTDIR%%/llm.log llm;

    client_max_body_size 64m;
    client_body_buffer_size 4k;
    lingering_timeout 200ms;
    proxy_request_buffering off;
    proxy_http_version 1.1;
    proxy_set_header Connection "";

    llm_policy on;
    llm_policy_file policy.json;
    llm_policy_streaming on;
    llm_policy_hold 4k;

    upstream kept {
        server %%UPSTREAM%%;
        keepalive 4;
    }

    server {
        listen 127.0.0.1:%%PORT_0%%;
        listen 127.0.0.1:%%PORT_1%% http2;

        location / {
            proxy_pass http://kept;
        }

        location /buffered/ {
            llm_policy_streaming off;
            proxy_pass http://kept;
        }
    }
}

EOF

my $long = 'x' x 9000;
my $n = 0;

# With any reason, at any place.

my @refused = (
    [ 'at the end', qq({"stop":"$long","logit_bias":{}}) ],
    [ 'at the start', qq({"logit_bias":{},"stop":"$long"}) ],
    [ 'wrong type', qq({"stop":"$long","temperature":"1"}) ],
    [ 'beyond', qq({"stop":"$long","n":3}) ],
    [ 'a model', qq({"stop":"$long","model":"denied"}) ],
    [ 'cut short', qq({"stop":"$long") ],
    [ 'no JSON in the middle', qq({"stop":"$long",} . $long . '"}') ],
    [ 'bytes after it', qq({"stop":"$long"} {}) ],
    [ 'a name twice', qq({"n":1,"stop":"$long","n":2}) ],
    [ 'no UTF-8', qq({"stop":"$long\xff"}) ],
);

for my $case (@refused) {
    my ($name, $body) = ($case->[0], "$case->[1]\n");

    for my $path (qw(/chat /messages)) {
        my $expected = $t->post("/buffered$path", $body);
        my $log = ($t->access_log(++$n, 'llm.log'))[-1];

        is($up->count, 0, "$name$path: buffered, nothing sent");

        for my $chunks (undef, [ 5000 ]) {
            my $how = "$name$path" . ($chunks ? ', chunked' : '');
            my $client = $t->client;

            # some of the body is forwarded before the rest arrives, and the
            # document is complete before its end is known

            my $bytes = LLMPolicy::Client::request_bytes('POST', $path,
                $body, chunks => $chunks);
            my $end = $chunks ? 5 : 1;
            $client->send_pieces(3, substr($bytes, 0, 6000),
                substr($bytes, 6000, -$end), substr $bytes, -$end);

            my $response = $client->response;
            is($response->{status}, $expected->{status}, "$how: status");
            is($response->{body}, $expected->{body}, "$how: the same text");
            is($response->header('Content-Type'), 'application/json',
                "$how: type");
            $client = kept($client, $response, $how);
            is(($t->access_log(++$n, 'llm.log'))[-1], $log, "$how: logged");
            is_usable($client, $how);
        }

        for my $length (1, 0) {
            my $h2 = $t->http2(1);
            my $how = "$name$path, HTTP/2" . ($length ? '' : ', no length');
            my $id = $h2->request('POST', $path, $body, cut => [ 6000 ],
                pause => 3, length => $length, empty_end => 1);
            my $response = $h2->response($id);

            is($response->{status}, $expected->{status}, "$how: status");
            is($response->{body}, $expected->{body}, "$how: the same text");
            is(($t->access_log(++$n, 'llm.log'))[-1], $log, "$how: logged");

            # the connection is usable

            $id = $h2->request('POST', '/chat', '{"temperature":1.9}');
            is($h2->response($id)->{status}, 200, "$how: next");
            $t->is_sent($up, '{"temperature":1}', "$how: next, sent");
            $n++;
        }
    }
}

# Waiting bytes are held: until a decision is possible, or the limit is reached.

my $waits = '{"temperature":1.9,"stop":"%s","model":"%s"}';
my $client = $t->client;

for my $size (10, 3000) {
    my $body = sprintf $waits, 'x' x $size, 'small';

    $client->request('POST', '/chat', '', 'Content-Length' => length $body);
    $client->send_pieces(2, substr($body, 0, -10), substr $body, -10);
    is($client->response->{status}, 200, "$size held");
    $t->is_sent($up, $body =~ s/1\.9/0.5/r, "$size held: sent");
    $n++;
}

for my $chunks (undef, [ 2000 ]) {
    my $body = sprintf $waits, $long, 'small';
    my $bytes = LLMPolicy::Client::request_bytes('POST', '/chat', $body,
        chunks => $chunks);
    my $response;

    $client = $t->client;
    $client->send_pieces(3, unpack '(a3000)*', $bytes);
    $response = $client->response;

    is($response->{status}, 413, 'too much');
    is_deeply(JSON::PP::decode_json($response->{body})->{error}, {
        message => 'what holds for temperature depends on the model, which '
            . 'must not stand more than 4096 bytes behind it',
        type => 'invalid_request_error', param => 'temperature',
        code => 'hold_exceeded',
    }, 'too much: why');
    $client = kept($client, $response, 'too much');
    is(($t->access_log(++$n, 'llm.log'))[-1],
        '413 rejected "hold_exceeded" "temperature"', 'too much: logged');
    is_usable($client, 'too much');
}

# A client that is still sending can read the reason.

my $endless = '{"logit_bias":1,"temperature":"' . 'x' x 20_000_000;

$client = $t->client;
$client->request('POST', '/chat', '', 'Content-Length' => 100_000_000);
is(sent_whole($client, substr $endless, 0, 4_000_000), 1, 'still sending');
my $response = $client->response;
is($response->{status}, 413, 'still sending: refused');
is($response->header('Connection'), 'close', 'still sending: closed');
$client->close;
$t->access_log(++$n, 'llm.log');

# no request was complete at the upstream, and no broken connection was reused

is($up->count, 0, 'nothing else sent');
cmp_ok(scalar(grep { length $_->{body} > 4000 } $up->cut_requests), '>', 40,
    'cut off after a part was forwarded');
$t->is_whole($up);

$t->done;

# The same connection if it is kept, or another one.  nginx lingers, and logs
# nothing, until the client has closed, too.

sub kept {
    my ($client, $response, $name) = @_;

    return $client if ($response->header('Connection') // '') ne 'close';

    ok($client->at_end, "$name: closed");
    $client->close;

    return $t->client;
}

sub is_usable {
    my ($client, $name) = @_;

    $client->request('POST', '/chat', '{"temperature":1.9}');
    is($client->response->{status}, 200, "$name: next");
    $t->is_sent($up, '{"temperature":1}', "$name: next, sent");
    $n++;
}

sub sent_whole {
    my ($client, $bytes) = @_;

    return $client->send($bytes) ? 1 : 0;
}
