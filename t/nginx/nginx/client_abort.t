#!/usr/bin/perl

# Clients that close, or stop sending, in the middle of a body: nothing of it is
# forwarded, and nothing is left behind.

use strict;
use warnings;

use FindBin;
use Test::More;

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Conf;
use LLMPolicy::Test;

my $t = LLMPolicy::Test->new;
my $up = $t->upstream(1, sub { { delay => 50 } });

$t->write_file('policy.json', one_tier('"temperature": { "max": 1 }',
    '~/chat$' => 'openai.chat'));

$t->run(<<'EOF');

%%GLOBALS%%

load_module %%MODULE%%;

events {
}

http {
    %%GLOBALS_HTTP%%

    log_format llm '$status "$llm_status"';
    lingering_timeout 50ms;

    server {
        listen 127.0.0.1:%%PORT_0%%;
        listen 127.0.0.1:%%PORT_1%% http2;

        access_log %%TESTDIR%%/llm.log llm;

        llm_policy on;
        llm_policy_file policy.json;

        location / {
            proxy_pass http://%%UPSTREAM%%;
        }

        location /file/ {
            client_body_in_file_only clean;
            proxy_pass http://%%UPSTREAM%%;
        }

        location /timeout/ {
            client_body_timeout 50ms;
            proxy_pass http://%%UPSTREAM%%;
        }
    }
}

EOF

my $body = '{"stop":"x","temperature":1.9}';
my $n = 0;

for my $where ('memory', 'file') {
    for my $chunks (undef, [ 10 ]) {
        my $bytes = LLMPolicy::Client::request_bytes('POST', "/$where/chat",
            $body, chunks => $chunks);
        my $start = index $bytes, "\r\n\r\n";

        # closed before the body, within it, before its last byte

        for my $size ($start + 4, $start + 14, length($bytes) - 1) {
            my $client = $t->client;

            $client->send(substr $bytes, 0, $size);
            LLMPolicy::Stream::pause(1);
            $client->close;

            # while streaming, nginx may first notice that the client has closed

            my $status = $t->streams ? qr/4(?:00|99)/ : 400;
            like(logged(), qr/^$status ""$/, "$where: closed within the body");
        }
    }

    for my $length (1, 0) {
        my $h2 = $t->http2(1);

        $h2->request('POST', "/$where/chat", $body, cut => [ 10 ],
            unfinished => 1, length => $length);
        LLMPolicy::Stream::pause(1);
        $h2->end;

        like(logged(), qr/^4\d\d ""$/,
            "$where, HTTP/2: closed within the body");
    }
}

# an invalid chunk

my $client = $t->client;
$client->send(LLMPolicy::Client::request_bytes('POST', '/memory/chat', $body,
    chunks => [ 10 ]) =~ s/\r\n0\r\n\r\n$/!!0\r\n\r\n/r);
is($client->response->{status}, 400, 'no chunk');
ok($client->at_end, 'no chunk: closed');
is(logged(), '400 ""', 'no chunk: logged');

# no data within the body

$client = $t->client;
$client->request('POST', '/timeout/chat', '{"temp', 'Content-Length' => 19);
ok($client->at_end, 'silent: closed');
is(logged(), '408 ""', 'silent: logged');

my $h2 = $t->http2(1);
$h2->request('POST', '/timeout/chat', '{"temp', unfinished => 1);
is(logged(), '408 ""', 'silent, HTTP/2: logged');

$t->is_unsent($up, 'no body was forwarded');
$t->is_whole($up);

# closed while the upstream works

for my $uri ('/memory/chat', '/file/chat') {
    my $client = $t->client;

    $client->request('POST', $uri, $body);
    $up->wait_for(1);
    $client->close;

    is(logged(), '499 "modified"', "$uri: closed during the response");
    $up->clear;
}

is($t->post('/memory/chat', $body)->{status}, 200, 'a client that stays');
is(() = glob($t->testdir . '/client_body/*'), 0, 'no file is left');

$t->done;

sub logged {
    return ($t->access_log(++$n, 'llm.log'))[-1];
}
