#!/usr/bin/perl

# llm_policy_streaming: bodies are forwarded while they arrive, with the
# announced length, and are not kept.

use strict;
use warnings;

use FindBin;
use IO::Select;
use IO::Socket::INET;
use Test::More;
use Time::HiRes qw(time);

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Conf;
use LLMPolicy::Test;

my $t = LLMPolicy::Test->new;

# an upstream that can be observed while it reads a request

my $watched = IO::Socket::INET->new(
    LocalAddr => '127.0.0.1:' . $t->port('watched'), Listen => 8,
    ReuseAddr => 1,
);

$t->write_file('policy.json', one_tier(<<'EOF', '~/chat$' => 'openai.chat'));
"temperature": { "default": 0.7, "max": 1 },
"/user": { "remove": true }
EOF

$t->run(<<'EOF');

%%GLOBALS%%

load_module %%MODULE%%;

worker_processes 1;

events {
}

http {
    %%GLOBALS_HTTP%%

    log_format llm '$status $llm_status "$llm_adjustments" '
        '$llm_requested_temperature';
    access_log %%TESTDIR%%/llm.log llm;

    client_max_body_size 64m;
    proxy_request_buffering off;
    proxy_http_version 1.1;

    llm_policy on;
    llm_policy_file policy.json;
    llm_policy_streaming on;

    server {
        listen 127.0.0.1:%%PORT_0%%;
        listen 127.0.0.1:%%PORT_1%% http2;

        location / {
            proxy_pass http://127.0.0.1:%%PORT_watched%%;
        }

        location /file/ {
            client_body_in_file_only on;
            client_body_buffer_size 128;
            proxy_pass http://127.0.0.1:%%PORT_watched%%;
        }

        location /dry/ {
            llm_policy_dry_run on;
            proxy_pass http://127.0.0.1:%%PORT_watched%%;
        }

        location /buffered/ {
            llm_policy_streaming off;
            proxy_pass http://127.0.0.1:%%PORT_watched%%;
        }

        location /memory/ {
            client_body_buffer_size 16k;
            proxy_pass http://127.0.0.1:%%PORT_watched%%;
        }
    }
}

EOF

# Every framing: the first bytes are forwarded before the last are sent.

my ($start, $end) = ('{"user":"me","temperature":1.9,"stop":"x', 'yyy"}');
my $body;
my $n = 0;
my %padding;

for my $where (qw(memory file)) {
    $end = $where eq 'memory' ? 'yyy"}' : 'y"}';
    $body = "$start$end";

    for my $pieces (1, length $start) {
        my @pieces = unpack '(a' . length($start) / $pieces . ')*', $start;
        my $name = "$where, $pieces pieces";

        my $client = $t->client;
        $client->request('POST', "/$where/chat", '',
            'Content-Length' => length $body);
        $client->send_pieces(0.2, @pieces);

        my $up = started("$name, length");
        $client->send($end);
        answered($up, "$name, length", length $body);
        is_done($client->response, "$name, length");

        $client = $t->client;
        my $head = LLMPolicy::Client::request_bytes('POST', "/$where/chat", '',
            chunks => []) =~ s/0\r\n\r\n\z//r;
        $client->send_pieces(0.2, $head, map { sprintf "%x\r\n%s\r\n",
            length $_, $_ } @pieces);

        $up = started("$name, chunked");
        $client->send(LLMPolicy::Client::chunked($end));
        answered($up, "$name, chunked");
        is_done($client->response, "$name, chunked");

        for my $length (1, 0) {
            my $h2 = $t->http2(1);
            my $id = $h2->request('POST', "/$where/chat", '', unfinished => 1,
                headers => {
                    'content-length' => $length ? length $body : undef,
                });

            for my $piece (@pieces) {
                $h2->data($id, $piece);
                LLMPolicy::Stream::pause(0.2);
            }

            my $how = "$name, HTTP/2" . ($length ? '' : ', no length');
            my $up = started($how);
            $h2->data($id, $end, 1);
            answered($up, $how, $length ? length $body : undef);
            is_done($h2->response($id), $how);
        }
    }
}

my $edited = '{"temperature":1,"stop":"xy"}';

is(keys %padding, 1, 'the announced length is the length plus a constant');
is(() = glob($t->testdir . '/client_body/*'), 0, 'no file was made');

# A body that arrives at once has its own length.

my $client = $t->client;
$client->request('POST', '/chat', $body);
my $up = accepted();
my $request = LLMPolicy::Message->read_request($up);
is($request->{body}, $edited, 'at once');
is($request->header('Content-Length'), length $edited, 'at once: length');
finish($up);
is_done($client->response, 'at once');

# Signed: the length is that of the client, since nothing may change.

my $signed = '{"temperature":1,"stop":"xy"}';

$client = $t->client;
$client->request('POST', '/chat', '', Digest => 'sha-256=x',
    'Content-Length' => length $signed);
$client->send(substr $signed, 0, 20);
$up = accepted();
like($up->take_through("\r\n\r\n"), qr/\r\nContent-Length: 29\r\n/i,
    'signed: length');
$client->send(substr $signed, 20);
is($up->take(29), $signed, 'signed: unchanged');
finish($up);
is_done($client->response, 'signed', 'passed "" 1');

# Dry run: unchanged bytes, and the log has the decision.

$client = $t->client;
$client->request('POST', '/dry/chat', '', 'Content-Length' => length $body);
$client->send($start);
$up = accepted();
$up->take_through("\r\n\r\n");
is($up->take(length $start), $start, 'dry run: unchanged while it arrives');
$client->send($end);
is($up->take(length $end), $end, 'dry run: to its end');
finish($up);
is_done($client->response, 'dry run', 'modified_dry_run "'
    . '/user=\x22...\x22-> (remove), temperature=1.9->1 (max)" 1.9');

# An upstream that does not read stops the client, and memory does not grow.

my $large = '{"temperature":1.9,"stop":"' . 'x' x 20_000_000 . '"}';
my ($worker) = $t->workers;
my $before = resident($worker);

# sanitizers keep freed memory for a while

my $slack = $ENV{TEST_NGINX_PRELOAD} ? 8192 : 512;

$client = $t->client;
$client->{socket}->blocking(0);
$client->send(LLMPolicy::Client::request_bytes('POST', '/memory/chat', '',
    'Content-Length' => length $large));

my $sent = trickle($client, $large, 0.3);
$up = accepted();

cmp_ok($sent, '<', 16_000_000, 'the client is stopped');
cmp_ok(resident($worker) - $before, '<', $slack, 'nothing is kept');

# No CPU time is used meanwhile.

my $spent = processor($worker);
LLMPolicy::Stream::pause(300);
cmp_ok(processor($worker) - $spent, '<=', 2, 'no busy loop');

my $reader = fork // die;

if ($reader == 0) {
    my $request = LLMPolicy::Message->read_request($up);

    (my $expected = $large) =~ s/1\.9/1/;
    $request->{body} =~ s/ +\z//;
    $up->send('HTTP/1.1 ' . ($request->{body} eq $expected ? 204 : 500)
        . " OK\r\nConnection: close\r\n\r\n");
    POSIX::_exit(0);
}

$up->close;
$client->{socket}->blocking(1);
$client->send(substr $large, $sent);
is($client->response->{status}, 204, 'the whole body arrived, edited');
waitpid $reader, 0;
$t->access_log(++$n, 'llm.log');

cmp_ok(resident($worker) - $before, '<', $slack, 'nothing was kept');

is(() = glob($t->testdir . '/client_body/*'), 0, 'no file was made');

# Without streaming nothing is forwarded before the end.

$client = $t->client;
$client->request('POST', '/buffered/chat', '',
    'Content-Length' => length $body);
$client->send($start);
ok(!IO::Select->new($watched)->can_read(0.05), 'off: nothing yet');
$client->send($end);
$up = accepted();
is(LLMPolicy::Message->read_request($up)->{body}, $edited, 'off: all');
finish($up);
is_done($client->response, 'off');

$t->done;

sub accepted {
    IO::Select->new($watched)->can_read($LLMPolicy::Stream::TIMEOUT) or die;

    return LLMPolicy::Stream->new(scalar $watched->accept);
}

# The upstream has the settled beginning of the body.

sub started {
    my ($name) = @_;
    my $up = accepted();

    $up->{head} = $up->take_through("\r\n\r\n");
    ok(defined $up->take_through('"temperature":'), "$name: started");

    return $up;
}

sub answered {
    my ($up, $name, $length) = @_;
    my $rest;

    if (defined $length) {
        my ($announced) = $up->{head} =~ /\r\nContent-Length: (\d+)\r\n/i;

        $padding{$announced - $length}++;
        $rest = $up->take($announced - length '{"temperature":');
        like($rest, qr/^1,"stop":"x$end +\z/, "$name: as long as announced");

    } elsif ($up->{head} =~ /\r\nTransfer-Encoding: chunked\r\n/i) {
        $rest = $up->take_through("0\r\n\r\n")
            =~ s/\r\n[0-9a-f]+\r\n(?:\r\n)?//gr;
        is($rest, qq(1,"stop":"x$end), "$name: chunked, as long as it is");

    } else {
        fail("$name: has no length");
    }

    finish($up);
}

sub finish {
    my ($up) = @_;

    $up->send("HTTP/1.1 204 OK\r\nConnection: close\r\n\r\n");
    $up->close;
}

sub is_done {
    my ($response, $name, $logged) = @_;

    is($response->{status}, 204, "$name: answered");

    $logged //= 'modified "/user=\x22...\x22-> (remove), '
        . 'temperature=1.9->1 (max)" 1.9';
    is(($t->access_log(++$n, 'llm.log'))[-1], "204 $logged", "$name: logged");
}

# Sends until no more is accepted for a while.

sub trickle {
    my ($client, $bytes, $patience) = @_;
    my $sent = 0;

    while (IO::Select->new($client->{socket})->can_write($patience)) {
        $sent += syswrite($client->{socket}, $bytes, 65_536, $sent) // 0;
    }

    return $sent;
}

sub resident {
    my ($pid) = @_;

    return (LLMPolicy::Upstream::slurp("/proc/$pid/status")
        =~ /^VmRSS:\s*(\d+)/m)[0];
}

# the unit is 10 ms

sub processor {
    my ($pid) = @_;
    my @fields = split / /, LLMPolicy::Upstream::slurp("/proc/$pid/stat")
        =~ s/^.*\) //sr;

    return $fields[11] + $fields[12];
}
