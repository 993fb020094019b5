#!/usr/bin/perl

# A request that is sent again to the next server: every try has the same edited
# body and its length, in memory or in a file.

use strict;
use warnings;

use FindBin;
use IO::Socket::INET;
use Test::More;

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Conf;
use LLMPolicy::Test;

my $t = LLMPolicy::Test->new;

# the first of three tries gets 503, the second no response, the third one

my $up = $t->upstream(1, sub {
    return ({ status => 200 }, { status => 503 }, { close => 1 })
        [ $_[0]{n} % 3 ];
});

my $after_dead = $t->upstream(2, sub { {} });
my $after_deaf = $t->upstream(3, sub { {} });

$t->write_file('policy.json',
    one_tier(<<'EOF', '~^/\w+/\w+/chat$' => 'openai.chat'));
"temperature": { "default": 0.7, "max": 1 },
"presence_penalty": { "min": -0.25 },
"/user": { "remove": true }
EOF

$t->run(gateway(http => <<'EOH', server => <<'EOF'));

upstream retry {
    server %%UPSTREAM_1%% max_fails=0;
    server %%UPSTREAM_1%% max_fails=0;
    server %%UPSTREAM_1%% max_fails=0;
}

upstream dead {
    server 127.0.0.1:%%PORT_dead%% max_fails=0;
    server %%UPSTREAM_2%% backup;
}

upstream deaf {
    server 127.0.0.1:%%PORT_deaf%% max_fails=0;
    server %%UPSTREAM_3%% backup;
}

# nginx repeats only requests that it keeps

proxy_request_buffering on;
proxy_next_upstream error timeout http_503 non_idempotent;
client_max_body_size 8m;

EOH

location ~ ^/memory/(\w+)/ {
    client_body_buffer_size 8m;
    proxy_pass http://$1;
}

location ~ ^/single/(\w+)/ {
    client_body_buffer_size 8m;
    client_body_in_single_buffer on;
    proxy_pass http://$1;
}

# without sendfile, the file is read into the buffer that contained the body

location ~ ^/file/(\w+)/ {
    client_body_in_file_only clean;
    client_body_buffer_size 128;
    proxy_pass http://$1;
}

location ~ ^/sendfile/(\w+)/ {
    client_body_in_file_only clean;
    sendfile on;
    proxy_pass http://$1;
}

EOF

# a server that closes the connection in the middle of a body

my $deaf = IO::Socket::INET->new(
    LocalAddr => '127.0.0.1:' . $t->port('deaf'), Listen => 8, ReuseAddr => 1,
);
my $pid = fork // die;

if ($pid == 0) {
    while (my $socket = $deaf->accept) {
        sysread $socket, my $some, 1000;
    }

    POSIX::_exit(0);
}

my @edits = (
    [ 'clamped', '{"stop":"...","temperature":1.9}',
        '{"stop":"...","temperature":1<.9>}' ],
    [ 'default added', '{"stop":"..."}', '{"stop":"...","temperature":0.7}' ],
    [ 'grown', '{"presence_penalty":-1,"temperature":1,"stop":"..."}',
        '{"presence_penalty":-0.25<-1>,"temperature":1,"stop":"..."}' ],
    [ 'removed at the start', '{"user":"...","temperature":1}',
        '{<"user":"...",>"temperature":1}' ],
    [ 'all at once',
        '{"temperature":1.9,"stop":"...","user":1,"presence_penalty":-2}',
        '{"temperature":1<.9>,"stop":"..."<,"user":1>,'
            . '"presence_penalty":-0.25<-2>}' ],
);

for my $where (qw(memory single file sendfile)) {
    for my $edit (@edits) {
        for my $size (10, 900, 5000) {
            check($where, 'retry', $size, $edit);
        }

        check($where, 'dead', 10, $edit);
    }

    check($where, 'deaf', 4 << 20, $edits[-1]);
}

is($_->cut_requests, 0, 'each request ended with its body')
    for $up, $after_dead, $after_deaf;

kill 'TERM', $pid;
waitpid $pid, 0;

$t->done;

sub check {
    my ($where, $how, $size, $edit) = @_;
    my ($name, $before, $after) = @$edit;
    my $server = { retry => $up, dead => $after_dead, deaf => $after_deaf }
        ->{$how};

    s/\.\.\./'x' x $size/ge for $before, $after;
    $after = $t->edited($after, $where =~ /file/);

    my $response = $t->post("/$where/$how/chat", $before);
    my @tries = map { $_->{body} } $server->requests;
    my $tries = $how eq 'retry' ? 3 : 1;

    is(scalar @tries, $tries, "$where, $how, $name, $size");
    is(scalar(grep { $_ eq $after } @tries), $tries,
        "$where, $how, $name, $size: the same bytes each time");
    is($response->{status}, 200, "$where, $how, $name, $size: answered");

    $server->clear;
}
