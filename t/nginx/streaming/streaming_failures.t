#!/usr/bin/perl

# llm_policy_streaming with failures in the middle of a body: the upstream
# responds early, closes, or is down; the client closes.

use strict;
use warnings;

use FindBin;
use IO::Socket::INET;
use POSIX ();
use Test::More;

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Test;

# padding is not checked here

$ENV{TEST_STREAMING} = 1;

my $t = LLMPolicy::Test->new;
my $up = $t->upstream(1, sub { {} });
my $spare = $t->upstream(2, sub { {} });

$t->write_file('policy.json', <<'EOF');
{
  "version": 1,
  "default_tier": "free",
  "tiers": { "free": { "parameters": {
    "temperature": { "max": 1 },
    "logit_bias": { "deny": true }
  } } },
  "routes": [ { "path": "~/chat$", "dialect": "openai.chat" } ]
}
EOF

$t->write_file('strict.json', <<'EOF');
{
  "version": 1,
  "default_tier": "free",
  "tiers": { "free": { "parameters": {
    "temperature": { "max": 0.5 },
    "top_p": { "max": 0.5 }
  } } },
  "routes": [ { "path": "~/chat$", "dialect": "openai.chat" } ]
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

    log_format llm '$status $llm_status $upstream_status';
    access_log %%TESTDIR%%/llm.log llm;

    client_max_body_size 64m;
    client_body_buffer_size 1k;
    proxy_request_buffering off;
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_next_upstream error timeout http_503 non_idempotent;

    llm_policy on;
    llm_policy_file policy.json;
    llm_policy_streaming on;

    upstream early {
        server 127.0.0.1:%%PORT_early%%;
        keepalive 4;
    }

    upstream kept {
        server %%UPSTREAM_1%%;
        keepalive 4;
    }

    upstream half_dead {
        server 127.0.0.1:%%PORT_dead%% max_fails=0;
        server %%UPSTREAM_2%% backup;
    }

    upstream half_early {
        server 127.0.0.1:%%PORT_early%% max_fails=0;
        server %%UPSTREAM_2%% backup;
    }

    server {
        listen 127.0.0.1:%%PORT_0%%;
        listen 127.0.0.1:%%PORT_1%% http2;

        location / {
            proxy_pass http://kept;
        }

        location /early/ {
            proxy_pass http://early;
        }

        location /silent/ {
            proxy_pass http://127.0.0.1:%%PORT_silent%%;
        }

        location /dead/ {
            proxy_pass http://127.0.0.1:%%PORT_dead%%;
        }

        location /half/dead/ {
            proxy_pass http://half_dead;
        }

        location /half/early/ {
            proxy_pass http://half_early;
        }

        # redirected: before any byte was forwarded, or after some

        location /page/dead/ {
            error_page 502 = @spare;
            proxy_pass http://127.0.0.1:%%PORT_dead%%;
        }

        location /page/early/ {
            error_page 500 502 = @spare;
            proxy_intercept_errors on;
            proxy_pass http://early;
        }

        location /page/static/ {
            error_page 500 502 /page.html;
            proxy_intercept_errors on;
            proxy_pass http://early;
        }

        location /try/ {
            try_files /none @spare;
        }

        location /try/off/ {
            try_files /none @off;
        }

        location /try/strict/ {
            try_files /none @strict;
        }

        location = /page.html {
            root %%TESTDIR%%;
        }

        location @spare {
            proxy_pass http://%%UPSTREAM_2%%;
        }

        location @off {
            llm_policy off;
            proxy_pass http://%%UPSTREAM_2%%;
        }

        location @strict {
            llm_policy_file strict.json;
            proxy_pass http://%%UPSTREAM_2%%;
        }
    }
}

EOF

$t->write_file('page.html', 'the page');

# Paths select an event after the first bytes of the body.

my $listen = IO::Socket::INET->new(
    LocalAddr => '127.0.0.1:' . $t->port('early'), Listen => 16,
    ReuseAddr => 1,
);
my $pid = fork // die;

if ($pid == 0) {
    $SIG{CHLD} = 'IGNORE';

    while (my $socket = $listen->accept) {
        next if fork;

        my $stream = LLMPolicy::Stream->new($socket);
        1 while early($stream);
        POSIX::_exit(0);
    }

    POSIX::_exit(0);
}

# an upstream that sends nothing

my $silent = IO::Socket::INET->new(
    LocalAddr => '127.0.0.1:' . $t->port('silent'), Listen => 16,
    ReuseAddr => 1,
);

my $body = '{"temperature":1.9,"stop":"' . 'x' x 5000 . '"}';
my $edited = $body =~ s/1\.9/1/r;
my $n = 0;

# The client notices it while it sends, or afterwards.

for my $case (
    [ '/early/500/chat', 500, 'early' ],
    [ '/early/200/chat', 200, 'early' ],
    [ '/early/429/chat', 429, 'early' ],
    [ '/early/closes/chat', 502 ],
    [ '/dead/chat', 502 ],
    [ '/half/early/closes/chat', 502 ],
    [ '/half/early/503/chat', 503, 'early' ],
    [ '/page/static/500/chat', 500, 'the page' ],
    [ '/page/static/closes/chat', 502, 'the page' ],
) {
    my ($uri, $status, $text) = @$case;

    for my $late (0, 1) {
        for my $chunks (undef, [ 100 ]) {
            my $name = $uri . ($late ? ', late' : '')
                . ($chunks ? ', chunked' : '');
            my $bytes = LLMPolicy::Client::request_bytes('POST', $uri, $body,
                chunks => $chunks);
            my $client = $t->client;
            my $response;

            $client->send(substr $bytes, 0, 2000);
            $response = $client->response if !$late;
            LLMPolicy::Stream::pause(3) if $late;
            $client->send(substr $bytes, 2000);
            $response //= $client->response;

            is_answered($client, $response, $name, $status, $text);
        }

        for my $length (1, 0) {
            my $name = "$uri, HTTP/2" . ($late ? ', late' : '')
                . ($length ? '' : ', no length');
            my $h2 = $t->http2(1);
            my $id = $h2->request('POST', $uri, substr($body, 0, 2000),
                unfinished => 1, headers => {
                    'content-length' => $length ? length $body : undef });

            $h2->response($id) if !$late;
            LLMPolicy::Stream::pause(3) if $late;
            $h2->data($id, substr($body, 2000), 1);

            my $response = $h2->response($id);
            is($response->{status}, $status, "$name: status");
            is($response->{body}, $text, "$name: the upstream's") if $text;
            $t->access_log(++$n, 'llm.log');

            $id = $h2->request('POST', '/chat', $body);
            is($h2->response($id)->{status}, 200, "$name: next");
            $t->is_sent($up, $edited, "$name: next, sent");
            $n++;
        }
    }
}

is($spare->count + $spare->cut_requests, 0, 'nothing was sent twice');

# If nothing was forwarded, another server gets the body; an error page gets
# none, since there was no decision yet.  A request that is redirected before
# its body is read is read there.

for my $case (
    [ '/half/dead/chat', $edited ],
    [ '/page/dead/chat', '' ],
    [ '/page/early/500/chat', '' ],
    [ '/page/early/closes/chat', '' ],
    [ '/try/chat', $edited ],
    [ '/try/off/chat', $edited ],
    [ '/try/strict/chat',
        $body =~ s/1\.9/0.5/r =~ s/\}\z/,"top_p":0.5}/r ],
) {
    my ($uri, $expected) = @$case;

    for my $chunks (undef, [ 100 ]) {
        my $name = $uri . ($chunks ? ', chunked' : '');
        my $client = $t->client;
        my $bytes = LLMPolicy::Client::request_bytes('POST', $uri, $body,
            chunks => $chunks);

        $client->send_pieces(2, substr($bytes, 0, 2000), substr $bytes, 2000);

        my $response = $client->response;
        is($response->{status}, 200, $name);

        my ($request) = $spare->wait_for(1);
        is($spare->count, 1, "$name: one request");
        is($request->{body} =~ s/(?<=\d) +(?=,)//r, $expected, "$name: body");
        $spare->clear;
        $n++;

        is_next($client, $response, $name);
    }
}

for my $uri (qw(/try/chat /try/off/chat /try/strict/chat)) {
    my $client = $t->client;
    my $bad = $body =~ s/\}\z/,"logit_bias":{}}/r;

    $client->request('POST', $uri, '', 'Content-Length' => length $bad);
    $client->send_pieces(2, substr($bad, 0, 2000), substr $bad, 2000);
    is($client->response->{status}, 400, "$uri: refused");
    $n++;
}

# A client that closes, when the upstream has some of the body.

for my $chunks (undef, [ 3000 ]) {
    my $client = $t->client;

    $client->send(substr LLMPolicy::Client::request_bytes('POST',
        '/silent/chat', $body, chunks => $chunks), 0, 4000);
    is_left($client, $chunks ? 'left, chunked' : 'left');
}

for my $length (length $body, undef) {
    my $h2 = $t->http2(1);

    $h2->request('POST', '/silent/chat', substr($body, 0, 4000),
        unfinished => 1, headers => { 'content-length' => $length });
    is_left($h2, 'left, HTTP/2' . ($length ? '' : ', no length'));
}

is($t->post('/chat', $body)->{status}, 200, 'the next request works');
$t->is_sent($up, $edited, 'and sent');
$t->is_whole($up, $spare);

kill 'TERM', $pid;
waitpid $pid, 0;

$t->done;

# Returns true if the connection remains open: nginx may use it again if it has
# sent the whole request when the response arrives.

sub early {
    my ($stream) = @_;
    my $head = $stream->take_through("\r\n\r\n") // return 0;
    my $start = $stream->take_through('"temperature":') // return 0;
    my ($do) = $head =~ m{/(\w+)/chat};
    my ($length) = $head =~ /\r\nContent-Length: (\d+)/i;

    return 0 if $do eq 'closes';

    $stream->send("HTTP/1.1 $do Early\r\nContent-Length: 5\r\n\r\nearly");

    return defined($length
        ? $stream->take($length - length $start)
        : $stream->take_through("0\r\n\r\n"));
}

# The upstream's connection ends with the client's.  An HTTP/2 client only ends
# its side: if it was reset while nginx requests more, nginx logs 500.

sub is_left {
    my ($client, $name) = @_;
    my $stream = LLMPolicy::Stream->new(scalar $silent->accept);

    ok(defined $stream->take_through('"temperature":1,'), "$name: on its way");
    $client->isa('LLMPolicy::HTTP2') ? $client->end : $client->close;
    unlike($stream->take_rest, qr/\}/, "$name: cut off");
    like(($t->access_log(++$n, 'llm.log'))[-1], qr/^4\d\d  /, "$name: logged");
}

sub is_answered {
    my ($client, $response, $name, $status, $text) = @_;

    is($response->{status}, $status, "$name: status");
    is($response->{body}, $text, "$name: the upstream's") if $text;

    # nginx closes a connection with an unread body, perhaps after announcing
    # the opposite; it lingers until the client has closed, too

    $client->close;
    $t->access_log(++$n, 'llm.log');
    is_next($t->client, $response, $name);
}

# Sends the next request, on the same connection if it is kept, or on another
# one.

sub is_next {
    my ($client, $response, $name) = @_;

    if (($response->header('Connection') // '') eq 'close') {
        $client = $t->client;
    }

    $client->request('POST', '/chat', $body);
    my $next = $client->response;
    is($next && $next->{status}, 200, "$name: next");
    $t->is_sent($up, $edited, "$name: next, sent");
    $n++;
}
