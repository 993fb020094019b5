#!/usr/bin/perl

# Every kind of edit, on bodies that nginx keeps in one buffer, in two, or in a
# temporary file.  In a file, removed text leaves spaces.

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
"/metadata/trace": { "remove": true }
EOF

$t->run(gateway(http => <<'EOH', server => <<'EOF'));

client_max_body_size 16m;
llm_policy_hold 16m;

EOH

location /memory/ {
    client_body_buffer_size 16m;
    proxy_pass http://%%UPSTREAM%%;
}

location /single/ {
    client_body_buffer_size 16m;
    client_body_in_single_buffer on;
    proxy_pass http://%%UPSTREAM%%;
}

location /default/ {
    proxy_pass http://%%UPSTREAM%%;
}

location /small/ {
    client_body_buffer_size 128;
    proxy_pass http://%%UPSTREAM%%;
}

location /file/ {
    client_body_in_file_only on;
    proxy_set_header X-File $request_body_file;
    proxy_pass http://%%UPSTREAM%%;
}

location /clean/ {
    client_body_in_file_only clean;
    proxy_pass http://%%UPSTREAM%%;
}

EOF

my @edits = (
    [ 'left alone',
        '{ "prompt":"...", "temperature" : 0.10,"seed":9007199254740993 }',
        '{ "prompt":"...", "temperature" : 0.10,"seed":9007199254740993 }' ],

    [ 'clamped at the end',
        '{"prompt":"...","temperature":1.9}',
        '{"prompt":"...","temperature":1<.9>}' ],

    [ 'clamped at the start',
        '{"temperature":1.9,"prompt":"..."}',
        '{"temperature":1<.9>,"prompt":"..."}' ],

    [ 'clamped to a longer number',
        '{"prompt":"...","presence_penalty":-1,"temperature":1,"n":1}',
        '{"prompt":"...","presence_penalty":-0.25<-1>,"temperature":1,"n":1}' ],

    [ 'default added',
        '{"prompt":"..."}',
        '{"prompt":"...","temperature":0.7}' ],

    [ 'null replaced',
        '{"temperature":null,"prompt":"..."}',
        '{"temperature":0.7<l>,"prompt":"..."}' ],

    [ 'removed',
        '{"prompt":"","temperature":1,"metadata":{"a":1,"trace":"...","b":2}}',
        '{"prompt":"","temperature":1,"metadata":{"a":1<,"trace":"...">,'
            . '"b":2}}' ],

    [ 'all at once',
        '{"temperature":null,"prompt":"...","presence_penalty":-1,'
            . '"metadata":{"trace":{"..." : [1, 2]}}}',
        '{"temperature":0.7<l>,"prompt":"...","presence_penalty":-0.25<-1>,'
            . '"metadata":{<"trace":{"..." : [1, 2]}>}}' ],
);

my @many = ('a thousand edits',
    map { '{"instances":[' . join(',', ($_) x 1000) . '],"stop":"..."' }
        '{"temperature":1.9}', '{"temperature":1<.9>}');

$many[1] .= '}';
$many[2] .= ',"temperature":0.7}';

# the size from which a body is in a file, by location

my %file_from = (
    memory => 1e9, single => 1e9, default => 12_000, small => 1025,
    file => 0, clean => 0,
);

for my $size (10, 3000, 30_000) {
    for my $where (sort keys %file_from) {
        check($where, $size, $_) for @edits;
    }
}

for my $where (sort keys %file_from) {
    check($where, 4 << 20, $edits[-1]);
    check($where, 10, \@many);
}

# The edited text is one piece, at an end of one, or in two pieces.  nginx
# merges short chunks, so these are long.

my @pieces = (
    [ '{"temperature":1,"metadata":{"a":1', '<,"trace":"...">', '~}}' ],
    [ '{"temperature":', '1<.9>~', ',"prompt":""}' ],
    [ '{"temperature":1<.9>', '~,"prompt":""}' ],
    [ '{"prompt":"","temperature":', '~1<.9>', '~,"n":1}' ],
    [ '{"temperature":1<.9>,"metadata":{<"trace":2>}}' ],
    [ '{"temperature":1<.9>', '~,"metadata":{<"trace":2>}', '~}' ],
    [ '{"temperature":1<.9>~,"metadata":{<"trace":"...">', '~}}' ],
);

for my $pieces (@pieces) {
    my ($before, $after) = (join('|', @$pieces)) x 2;

    s/\.\.\./'x' x 200/e, s/~/' ' x 130/ge for $before, $after;
    $before =~ tr/<>//d;
    $after =~ tr/|//d;

    my $client = $t->client;

    $client->send_pieces(1, "POST /memory/chat HTTP/1.1\r\n"
        . "Host: localhost\r\nContent-Type: application/json\r\n"
        . "Transfer-Encoding: chunked\r\n\r\n", LLMPolicy::Client::chunked(
            $before =~ tr/|//dr, map { length } split /\|/, $before));
    is($client->response->{status}, 200, "chunks: @$pieces: answered");
    $t->is_sent($up, $t->edited($after, 0), "chunks: @$pieces");
}

is($up->cut_requests, 0, 'each request ended with its body');

# A persistent file contains the forwarded body.  There is none for a body that
# is streamed.

$t->post('/file/chat', '{"temperature":1.9}');

my $request = $t->is_sent($up,
    $t->edited('{"temperature":1<.9>}', 1), 'sent');

if ($t->streams) {
    is($request->header('X-File'), undef, 'no file');

} else {
    open my $file, '<', $request->header('X-File');
    is(<$file>, $request->{body}, 'persistent file');
}

my @files = glob $t->testdir . '/client_body/*';
is(@files, $t->streams ? 0 : 3 * @edits + 3, 'only persistent files are left');

$t->done;

sub check {
    my ($where, $size, $edit) = @_;
    my ($name, $before, $after) = @$edit;

    s/\.\.\./'x' x $size/ge for $before, $after;
    $after = $t->edited($after, length $before >= $file_from{$where});

    $t->post("/$where/chat", $before);
    $t->is_sent($up, $after, "$where, $size: $name");
}
