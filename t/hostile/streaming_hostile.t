#!/usr/bin/perl

# Hostile clients, with streamed bodies.

use strict;
use warnings;

use FindBin;
use IO::Socket::INET;
use JSON::PP;
use Test::More;

use lib "$FindBin::Bin/../lib";
use LLMPolicy::Test;

my $t = LLMPolicy::Test->new;
my $up = $t->upstream(1, sub { {} });
my $echo = $t->upstream(2, sub { { body => $_[0]{body} } });

# an upstream that can be observed while it reads a request

my $watched = IO::Socket::INET->new(
    LocalAddr => '127.0.0.1:' . $t->port('watched'), Listen => 8,
    ReuseAddr => 1,
);

$t->write_file('policy.json', <<'EOF');
{
  "version": 1,
  "default_tier": "free",
  "tiers": {
    "free": { "parameters": { "temperature": { "max": 1 } } },
    "one": { "limits": { "requests_per_minute": 1 } },
    "tokens": { "parameters": { "max_tokens": { "max": 100 } },
                "limits": { "tokens_per_minute": 2000 } }
  },
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

    proxy_request_buffering off;
    proxy_http_version 1.1;

    proxy_cache_path %%TESTDIR%%/cache keys_zone=answers:1m;

    llm_policy on;
    llm_policy_file policy.json;
    llm_policy_streaming on;

    server {
        listen 127.0.0.1:%%PORT_0%%;

        location / {
            proxy_pass http://%%UPSTREAM%%;
        }

        location /watched/ {
            proxy_pass http://127.0.0.1:%%PORT_watched%%;
        }

        location /dry/ {
            llm_policy_dry_run on;
            proxy_pass http://127.0.0.1:%%PORT_watched%%;
        }

        location /cache/ {
            proxy_cache answers;
            proxy_cache_methods POST;
            proxy_cache_key $uri$request_body;
            proxy_cache_valid 1h;
            proxy_pass http://%%UPSTREAM_2%%;
        }

        location /after/ {
            addition_types application/json;
            add_after_body /added/chat;
            proxy_pass http://%%UPSTREAM_2%%;
        }

        location /added/ {
            proxy_pass http://%%UPSTREAM%%;
        }

        location /scgi/ {
            scgi_request_buffering off;
            scgi_pass 127.0.0.1:%%PORT_watched%%;
        }

        location /limit/ {
            llm_policy_tier $arg_tier;
            llm_policy_limit_key $uri$is_args$args;
            proxy_pass http://%%UPSTREAM%%;
        }

        location /read/limit/ {
            llm_policy_streaming off;
            llm_policy_tier $arg_tier;
            llm_policy_limit_key $uri$is_args$args;
            proxy_pass http://%%UPSTREAM%%;
        }
    }
}

EOF

# A request over the limits is refused before its body is read.

my $over = '/limit/chat?tier=one';

is($t->post($over, '{"model":"m"}')->{status}, 200, 'admitted');
$up->clear;

for my $connection ('close', 'keep-alive') {
    my $r = $t->post($over, '{"model":"m"}', Connection => $connection);

    is($r->{status}, 429, "beyond the limit, $connection");
}

is($up->count, 0, 'nothing was sent');

# The number of tokens is known at the end, and is reported to the client.

my $long = '{"model":"m","messages":"' . 'x' x 40000 . '"}';
my %message;

for my $prefix ('', '/read') {
    my $r = $t->post("$prefix/limit/chat?tier=tokens", $long,
        chunks => [ 100 ]);

    is($r->{status}, 429, "$prefix: too many tokens");
    $message{$prefix} = JSON::PP::decode_json($r->{body})->{error}{message};
}

is($message{''}, $message{'/read'}, 'the same number of tokens');

# With dry run, the forwarded bytes are those of the client: no padding.

for my $uri ('/dry/chat', '/watched/chat') {
    my $client = $t->client;

    $client->request('POST', $uri, '{"temperature":1.9',
        'Content-Length' => 19);

    my $stream = LLMPolicy::Stream->new(scalar $watched->accept);
    my ($length) = $stream->take_through("\r\n\r\n")
        =~ /^Content-Length: (\d+)/m;

    $uri =~ /dry/ ? is($length, 19, "$uri: length")
        : cmp_ok($length, '>', 19, "$uri: length");
    $client->close;
}

# Cached responses are looked up with the whole body, after the decision.

my @bodies = map { '{"model":"m","messages":"' . 'x' x 1000 . qq("$_}) }
    '', ',"a":1', ',"temperature":"hot"';

is_deeply([ map { in_two($_) } @bodies, @bodies ], [
    "200 $bodies[0]", "200 $bodies[1]", 400,
    "200 $bodies[0]", "200 $bodies[1]", 400,
], 'cached: each gets the response to its own request');
is($echo->count, 2, 'cached');

# Sends a request with the first half of its body in the packet of its head.

sub in_two {
    my ($body) = @_;
    my $client = $t->client;
    my $bytes = LLMPolicy::Client::request_bytes('POST', '/cache/chat', $body);

    $client->send_pieces(20, unpack '(a900)*', $bytes);

    my $r = $client->response;

    return $r->{status} == 200 ? "200 $r->{body}" : $r->{status};
}

# A subrequest after the response has no body, if the body was streamed, and
# announces none.

for my $chunks (undef, [ 100 ]) {
    my $client = $t->client;
    my $body = '{"model":"m","messages":"' . 'x' x 1000 . '"}';
    my $name = $chunks ? 'chunked' : 'length';

    $up->clear;
    $client->send_pieces(20, unpack '(a900)*',
        LLMPolicy::Client::request_bytes('POST', '/after/chat', $body,
            chunks => $chunks));

    is($client->response->{status}, 200, "subrequest, $name");
    $t->is_sent($up, '', "subrequest, $name: no body");
}

# The length at the start of an SCGI request is that of the padded body.

{
    my $client = $t->client;
    my $body = '{"model":"m","messages":"' . 'x' x 1000 . '"}';

    $client->send_pieces(20, unpack '(a900)*',
        LLMPolicy::Client::request_bytes('POST', '/scgi/chat', $body));

    my $stream = LLMPolicy::Stream->new(scalar $watched->accept);
    my ($size) = $stream->take_through(':') =~ /(\d+)/;
    my %params = split /\0/, $stream->take($size);

    $stream->take(1);

    is($stream->take($params{CONTENT_LENGTH}) =~ s/ +\z//r, $body, 'SCGI');
    ok(!$stream->fill(0.01), 'SCGI: no bytes after it');
}

$t->done;
