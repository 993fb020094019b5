#!/usr/bin/perl

# mirror: the mirrored request has the edited body too, and refused requests are
# not mirrored.

use strict;
use warnings;

use FindBin;
use Test::More;

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Test;

my $t = LLMPolicy::Test->new;
my ($up, $mirror, $second) = map { $t->upstream($_, sub { {} }) } 1 .. 3;

$t->write_file('policy.json', policy(1));
$t->write_file('strict.json', policy(0.5));

$t->run(<<'EOF');

%%GLOBALS%%

load_module %%MODULE%%;

events {
}

http {
    %%GLOBALS_HTTP%%

    server {
        listen 127.0.0.1:%%PORT_0%%;
        listen 127.0.0.1:%%PORT_1%% http2;

        # inherited by the locations of mirrors

        llm_policy on;
        llm_policy_file policy.json;

        mirror /mirror;

        location / {
            proxy_pass http://%%UPSTREAM_1%%;
        }

        location /file/ {
            client_body_in_file_only clean;
            proxy_pass http://%%UPSTREAM_1%%;
        }

        location /two/ {
            mirror /mirror;
            mirror /second;
            proxy_pass http://%%UPSTREAM_1%%;
        }

        location /head/ {
            mirror /head;
            mirror_request_body off;
            proxy_pass http://%%UPSTREAM_1%%;
        }

        location /strict/ {
            mirror /mirror/chat;
            proxy_pass http://%%UPSTREAM_1%%;
        }

        location /strict/file/ {
            client_body_in_file_only clean;
            mirror /mirror/chat;
            proxy_pass http://%%UPSTREAM_1%%;
        }

        # the main request continues during the decision on its mirror

        location /late/ {
            mirror /mirror/chat;
            error_page 502 = @late;
            proxy_pass http://127.0.0.1:%%PORT_dead%%;
        }

        location /late/dropped/ {
            mirror /mirror/unknown;
            error_page 502 = @late;
            proxy_pass http://127.0.0.1:%%PORT_dead%%;
        }

        location @late {
            mirror off;
            proxy_set_header Content-Length $content_length;
            proxy_set_header X-Length $http_content_length;
            proxy_pass http://%%UPSTREAM_1%%;
        }

        location = /mirror {
            internal;
            proxy_pass http://%%UPSTREAM_2%%$request_uri;
        }

        location = /second {
            internal;
            proxy_pass http://%%UPSTREAM_3%%;
        }

        location = /head {
            internal;
            proxy_pass_request_body off;
            proxy_set_header Content-Length "";
            proxy_pass http://%%UPSTREAM_2%%;
        }

        location /mirror/ {
            internal;
            llm_policy_file strict.json;
            proxy_pass http://%%UPSTREAM_2%%;
        }
    }
}

EOF

my $body = '{"stop":"x","temperature":1.9,"presence_penalty":-1}';
my $edited = '{"stop":"x","temperature":1<.9>,"presence_penalty":-0.25<-1>}';
my $exact = $t->edited($edited, 0);
my $in_file = $t->edited($edited, 1);

for my $where ('memory', 'file') {
    my $expected = $where eq 'file' ? $in_file : $exact;

    for my $chunks (undef, [ 30 ]) {
        $t->post("/$where/chat", $body, chunks => $chunks);
        is_sent("$where, main", $expected, $up);
        my $request = is_sent("$where, mirror", $expected, $mirror);
        is($request->{uri}, "/$where/chat", "$where, mirror: path");
    }

    for my $length (1, 0) {
        my $h2 = $t->http2(1);
        $h2->response($h2->request('POST', "/$where/chat", $body,
            length => $length));
        is_sent("$where, HTTP/2, main", $expected, $up);
        is_sent("$where, HTTP/2, mirror", $expected, $mirror);
    }
}

$t->post('/two/chat', $body);
is_sent('two mirrors', $exact, $up, $mirror, $second);

$t->post('/head/chat', '{"temperature":1.9}');
is_sent('mirrored without the body, main', '{"temperature":1}', $up);
is_sent('mirrored without the body, mirror', '', $mirror);

$t->post('/memory/pass', 'anything');
is_sent('not policed', 'anything', $up, $mirror);

$t->get('/head/models');
is_sent('no body', '', $up, $mirror);

# A mirror with its own policy is decided on again, on its own path; the main
# request is not affected.

$t->post('/strict/chat', '{"temperature":1.9}');
is_sent('other policy, main', '{"temperature":1}', $up);
is_sent('other policy, mirror', '{"temperature":0.5}', $mirror);

my $client = $t->client;

for (1 .. 2) {
    $client->request('POST', '/strict/chat', '{"frequency_penalty":0.6}');
    is($client->response->{body}, '{"object":"ok"}', 'mirror refused, body');
    $t->is_sent($up, '{"frequency_penalty":0.6}', 'mirror refused: main');
}

is($mirror->count, 0, 'mirror refused: not mirrored');

my %mirrored = (late => '{"temperature":0.5}', 'late/dropped' => '');

for my $where (sort keys %mirrored) {
    $t->post("/$where/chat", '{"temperature":1.9}');
    is_sent("$where: mirror", $mirrored{$where}, $mirror);

    my $request = is_sent("$where: main", '{"temperature":1}', $up);
    is($request->header('X-Length'), 17, "$where: length");
}

# It cannot change a file that the main request is sent from.

$t->post('/strict/file/chat', '{"temperature":1.9}');
is_sent('other policy, file, main', $t->edited('{"temperature":1<.9>}', 1),
    $up);
ok($t->logged(qr/the body of a subrequest is in the file of its parent/),
    'other policy, file: not mirrored');

# A refused request is not mirrored.

$t->post('/memory/chat', '{"temperature":"1"}');
$t->post('/file/chat', '{"temperature":1', chunks => [ 3 ]);
$t->post('/memory/unknown', $body);
$t->get('/memory/last');

is($_->wait_for(1) && $_->last->{uri}, '/memory/last', 'refused: not mirrored')
    for $up, $mirror;
is($_->count, 1, 'nothing else was mirrored') for $up, $mirror;
is($_->cut_requests, 0, 'each request ended with its body')
    for $up, $mirror, $second;

$t->done;

sub is_sent {
    my ($name, $body, @servers) = @_;
    my $request;

    $request = $t->is_sent($_, $body, $name) for @servers;

    return $request;
}

sub policy {
    my ($max) = @_;

    return <<"EOF";
{
  "version": 1,
  "default_tier": "free",
  "tiers": { "free": { "parameters": {
    "temperature": { "max": $max },
    "frequency_penalty": { "max": $max, "on_violation": "reject" },
    "presence_penalty": { "min": -0.25 }
  } } },
  "routes": [
    { "path": "~/chat\$", "dialect": "openai.chat" },
    { "path": "~/pass\$", "action": "pass" }
  ]
}
EOF
}
