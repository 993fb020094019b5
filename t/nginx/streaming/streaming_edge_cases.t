#!/usr/bin/perl

# Unusual events while a body is streamed.

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

$t->write_file('policy.json', one_tier('"temperature": { "max": 1 }',
    '~/chat$' => 'openai.chat'));

$t->run(<<'EOF');

%%GLOBALS%%

load_module %%MODULE%%;

events {
}

http {
    %%GLOBALS_HTTP%%

    log_format after '$uri "$llm_status"';

    log_format tokens '$status "$llm_status" $llm_total_tokens';

    client_max_body_size 0;
    proxy_http_version 1.1;
    proxy_request_buffering off;
    proxy_buffering off;
    postpone_output 0;

    server {
        listen 127.0.0.1:%%PORT_0%%;
        listen 127.0.0.1:%%PORT_1%% http2;

        llm_policy on;
        llm_policy_file policy.json;
        llm_policy_streaming on;

        location / {
            access_log %%TESTDIR%%/early.log tokens if=$http2;
            proxy_pass http://127.0.0.1:%%PORT_watched%%;
        }

        location /dry/ {
            llm_policy_dry_run on;
            proxy_pass http://127.0.0.1:%%PORT_watched%%;
        }

        location /grpc/ {
            access_log %%TESTDIR%%/early.log tokens;
            grpc_pass grpc://127.0.0.1:%%PORT_grpc%%;
        }

        location /file/ {
            client_body_in_file_only clean;
            client_body_temp_path %%TESTDIR%%/gone;
            proxy_request_buffering on;
            proxy_pass http://127.0.0.1:%%PORT_watched%%;
            error_page 500 = @error;
        }

        location @error {
            proxy_pass http://%%UPSTREAM%%;
        }

        location /static/ {
            root %%TESTDIR%%;
            post_action /after/chat;
        }

        location /after/ {
            root %%TESTDIR%%;
            access_log %%TESTDIR%%/after.log after;
        }
    }

    server {
        listen 127.0.0.1:%%PORT_grpc%% http2;

        location / {
            proxy_pass http://127.0.0.1:%%PORT_watched%%;
        }
    }
}

EOF

my $body = '{"temperature":1.9}';
my $start = '{"temperature":1.9,';

# Nothing reads the body, and the request is redirected then.

my $client = $t->client;
$client->request('POST', '/static/chat', $start, 'Content-Length' => 100);
is($client->next_response->{status}, 404, 'discarded: answered');
undef $client;

is(($t->access_log(1, 'after.log'))[0], '/after/chat ""',
    'discarded: redirected');

# A dry run changes nothing, so the length is the client's.

$client = $t->client;
$client->request('POST', '/dry/chat', $start, 'Content-Length' => 100);

my $stream = LLMPolicy::Stream->new(scalar $watched->accept);
like($stream->take_through("\r\n\r\n"), qr/^Content-Length: 100\r$/m,
    'dry run: length');

my $rest = '"stop":"' . 'x' x (100 - length("$start\"stop\":\"\"}")) . '"}';
$client->send($rest);
is($stream->take(100), $start . $rest, 'dry run: body');
$stream->send("HTTP/1.1 204 OK\r\n\r\n");
is($client->response->{status}, 204, 'dry run: answered');

# The greatest lengths that nginx accepts leave no room for additions.

for my $length ('9223372036854775807', '9223372036854775800') {
    $client = $t->client;
    $client->request('POST', '/chat', $start, 'Content-Length' => $length);

    $stream = LLMPolicy::Stream->new(scalar $watched->accept);
    like($stream->take_through("\r\n\r\n"),
        qr/^Content-Length: 9223372036854775807\r$/m, "$length: reported");
}

# An upstream may respond before it has the whole body: a later refusal cuts the
# response off, without a second document in it; an accepted request is charged.

my $ok = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
    . "Content-Type: application/json\r\n\r\n";
my $usage = '"usage":{"prompt_tokens":30,"completion_tokens":12}}';

for my $uri ('/chat', '/grpc/chat') {
    my $h2 = $t->http2(1);
    my ($id, $upstream) = early($h2, $uri);

    $h2->data($id, '"stop"}', 1);
    is($h2->response($id)->{body}, '{ ', "$uri: no other response");
    is($upstream->take_through('}'), undef, "$uri: cut off");

    ($id, $upstream) = early($h2, $uri);

    $h2->data($id, '"stop":"x"}', 1);
    $upstream->take_through("0\r\n\r\n");
    $upstream->send(sprintf "%x\r\n%s\r\n0\r\n\r\n", length $usage, $usage);
    is($h2->response($id)->{body}, "{ $usage", "$uri: whole");
}

is_deeply([ $t->access_log(4, 'early.log') ],
    [ ('200 "rejected" 7', '200 "modified" 42') x 2 ],
    'early responses: tokens');

# A request that cannot be restored has no body in an error page, not even a
# part.

rmdir $t->testdir . '/gone' or die "rmdir: $!\n";
$t->excuse(qr/open\(\) \S+gone\S+ failed/);

is($t->post('/file/chat', $body)->{status}, 200, 'not saved: error page');
is($up->last->{body}, '', 'not saved: no body');

$t->done;

# A request with a response before its end.

sub early {
    my ($h2, $uri) = @_;
    my $id = $h2->request('POST', $uri, $start, unfinished => 1, length => 0);
    my $upstream = LLMPolicy::Stream->new(scalar $watched->accept);

    $upstream->take_through("\r\n\r\n");
    $upstream->send("${ok}2\r\n{ \r\n");
    $h2->read_frame until $h2->{streams}{$id}{body};

    return ($id, $upstream);
}
