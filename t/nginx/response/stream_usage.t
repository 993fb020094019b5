#!/usr/bin/perl

# llm_policy_stream_usage: the upstream is requested to report the usage of
# streams, and the client gets the same as without; with any splits of the
# stream, and with other options of the client.

use strict;
use warnings;

use FindBin;
use JSON::PP;
use Test::More;

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Test;

my $t = LLMPolicy::Test->new;
my $up = $t->upstream(1, \&model);
my $chat = '/v1/chat/completions';

$t->write_file('policy.json', <<"EOF");
{
  "version": 1,
  "default_tier": "free",
  "tiers": {
    "free": {
      "parameters": { "temperature": { "max": 1 },
        "max_tokens": { "max": 50 } },
      "limits": { "tokens_per_day": 1000000 }
    },
    "default": { "parameters": { "stream": { "default": true } } },
    "force": { "parameters": { "stream": { "force": true } } },
    "pointer default": { "parameters": { "/stream": { "default": true } } },
    "pointer force": { "parameters": { "/stream": { "force": true } } },
    "pointer remove": { "parameters": { "/stream": { "remove": true } } }
  }
}
EOF

$t->run(<<'EOF');

%%GLOBALS%%

load_module %%MODULE%%;

events {
}

http {
    %%GLOBALS_HTTP%%

    log_format usage '$llm_status|$llm_adjustments|$llm_tokens_source|'
        '$llm_prompt_tokens+$llm_completion_tokens=$llm_total_tokens';
    access_log %%TESTDIR%%/usage.log usage;

    llm_policy on;
    llm_policy_file policy.json;
    llm_policy_stream_usage on;
    llm_policy_tier $http_x_tier;

    server {
        listen 127.0.0.1:%%PORT_0%%;

        location / {
            proxy_pass http://%%UPSTREAM%%;
        }

        location /openai/v1/chat/completions {
            # no buffer of nginx has room for a whole event
            proxy_buffer_size 512;
            proxy_buffers 2 512;
            proxy_busy_buffers_size 512;
            proxy_pass http://%%UPSTREAM%%;
        }

        location /v1/completions {
            proxy_buffering off;
            proxy_pass http://%%UPSTREAM%%;
        }

        location /openai/deployments/ {
            llm_policy_stream_usage off;
            proxy_pass http://%%UPSTREAM%%;
        }
    }

    server {
        listen 127.0.0.1:%%PORT_http2%% http2;

        location / {
            proxy_pass http://%%UPSTREAM%%;
        }
    }
}

EOF

my $n = 0;
my $options = '"stream_options":{"include_usage":true}';

# Splits by the upstream.

for my $cut (qw(events whole bytes crlf)) {
    for my $uri ($chat, "/openai$chat", '/v1/completions') {
        stripped("$uri, $cut", $uri, qq({"model":"$cut","stream":true}),
            qq({"model":"$cut","stream":true,"max_tokens":50,$options}));
    }
}

# Other options of the client.

stripped('options without it', $chat,
    '{"model":"events","max_tokens":5,"stream":true,"stream_options":{"x":1}}',
    '{"model":"events","max_tokens":5,"stream":true,"stream_options":'
    . '{"x":1,"include_usage":true}}');
stripped('no usage wanted', $chat,
    '{"model":"events","max_tokens":5,"stream":true,"stream_options":'
    . '{"include_usage":false}}',
    '{"model":"events","max_tokens":5,"stream":true,"stream_options":'
    . '{"include_usage":true}}');
stripped('a change of the policy, too', $chat,
    '{"model":"events","max_tokens":5,"stream":true,"temperature":2}',
    '{"model":"events","max_tokens":5,"stream":true,"temperature":1,'
    . "$options}");
stripped('compression', $chat, '{"model":"events","stream":true}',
    qq({"model":"events","stream":true,"max_tokens":50,$options}),
    'Accept-Encoding' => 'gzip, br');
is($up->last->header('Accept-Encoding'), 'identity', 'not compressed');

stripped('a large event', $chat, '{"model":"large","stream":true}',
    qq({"model":"large","stream":true,"max_tokens":50,$options}));

# Requests that the policy makes stream, or not stream.

for my $by ('', 'pointer ') {
    stripped("${by}default", $chat, '{"model":"events"}',
        qq({"model":"events","stream":true,$options}),
        'X-Tier' => "${by}default");
    stripped("${by}force", $chat, '{"stream_options":{},"model":"bytes",'
        . '"stream":false}', qq({$options,"model":"bytes","stream":true}),
        'X-Tier' => "${by}force");
}

$t->post($chat, '{"model":"events","stream":true}',
    'X-Tier' => 'pointer remove');
is(($up->wait_for(++$n))[-1]{body}, '{"model":"events"}',
    'and none that it makes no stream');

# Requests and responses that are not changed.

for my $body (
    qq({"model":"events","max_tokens":5,"stream":true,$options}),
    '{"model":"events","max_tokens":5,"stream":false}',
    '{"model":"events","max_tokens":5}',
    '{"model":"events","max_tokens":5,"stream":true,"stream_options":"x"}',
) {
    my $response = $t->post($chat, $body);
    my $request = ($up->wait_for(++$n))[-1];

    is($request->{body}, $body, "unchanged: $body");
    is($response->{body}, join('', sent($body)), 'the response, too');
}

$t->post('/openai/deployments/events/chat/completions',
    '{"model":"events","stream":true,"max_tokens":5}');
is(($up->wait_for(++$n))[-1]{body},
    '{"model":"events","stream":true,"max_tokens":5}', 'off');

# Upstreams that do not know the option, that refuse it, or that respond with
# another format.

stripped('no usage', $chat, '{"model":"none","stream":true}',
    qq({"model":"none","stream":true,"max_tokens":50,$options}));
is((log_line())[2], 'estimated', 'no usage: estimated');

my $response = $t->post($chat, '{"model":"refuses","stream":true}');
is("$response->{status} $response->{body}", '400 {"error":"stream_options"}',
    'an error');

$response = $t->post($chat, '{"model":"json","stream":true}');
is($response->{body}, '{"choices":[],"usage":null}', 'no stream');

# The log.

$response = $t->post($chat, '{"model":"events","stream":true,"max_tokens":9}');
is(join('|', log_line()), 'passed||reported|11+22=33',
    'log: no change, and the usage');

# HTTP/2, and a kept connection.

my $client = $t->client;

for (1 .. 3) {
    $client->request('POST', $chat, '{"model":"events","stream":true}');
    is($client->response->{body}, join('', plain('events')), 'kept, in turn');
}

my $http2 = $t->http2('http2');
my $id = $http2->request('POST', $chat, '{"model":"events","stream":true}');
is($http2->response($id)->{body}, join('', plain('events')), 'HTTP/2');

# Events are forwarded at once: each one before the next is sent.

$client = $t->client;
$client->request('POST', $chat, '{"model":"waits","stream":true}');
like($client->take_through('word 1'), qr/word 1$/, 'the first event arrived');
unlike($client->{buffer}, qr/word 2/, 'and the second is not');

$t->done;

# Asserts that the upstream gets $sent, and the client the response without the
# option.

sub stripped {
    my ($name, $uri, $body, $sent, %fields) = @_;
    my ($model) = $body =~ /"model":"(\w+)"/;

    my $response = $t->post($uri, $body, %fields);
    my @requests = $up->wait_for(++$n);

    is($requests[-1]{body}, $sent, "$name: requested");
    is(LLMPolicy::Test::squeezed($response->{body}),
        LLMPolicy::Test::squeezed(join '', plain($model)), "$name: answered");
}

sub log_line {
    LLMPolicy::Stream::pause(50);
    my @lines = split /\n/, $t->read_file('usage.log');

    return split /\|/, $lines[-1];
}

# Returns the events of a stream for a client that has not requested usage.

sub plain {
    my ($model) = @_;
    my $text = $model eq 'large' ? 'x' x 100_000 : 'word';
    my $end = $model eq 'crlf' ? "\r\n" : "\n";

    return map { "$_$end$end" }
        ": comment",
        (map { qq(data: {"id":"a","choices":[{"delta":{"content":"$text $_"}}])
            . '}' } 1 .. 5),
        'data: [DONE]';
}

# Returns the events for a client that has requested it.

sub asked {
    my ($model) = @_;
    my @events = plain($model);
    my $end = $model eq 'crlf' ? "\r\n" : "\n";

    return @events if $model eq 'none';

    # from an event that is too long to be held, everything is unchanged
    s/\}(\r?\n\r?\n)$/,"usage":null}$1/ for $model eq 'large' ? () : @events;

    splice @events, -1, 0, 'data: {"id":"a","choices":[],"usage":'
        . '{"prompt_tokens":11,"completion_tokens":22,"total_tokens":33}}'
        . "$end$end";

    return @events;
}

sub sent {
    my ($body) = @_;
    my $asked = decode_json($body);
    my $options = $asked->{stream_options};

    return '{"choices":[]}' if !$asked->{stream};
    return ref $options && $options->{include_usage}
        ? asked($asked->{model}) : plain($asked->{model});
}

sub model {
    my ($request) = @_;
    my ($model) = $request->{body} =~ /"model":"(\w+)"/;

    return { status => 400, body => '{"error":"stream_options"}' }
        if $model eq 'refuses';
    return { body => '{"choices":[],"usage":null}' } if $model eq 'json';

    my @events = sent($request->{body});

    return { body => $events[0] } if $events[0] =~ /^\{/;

    @events = join '', @events if $model =~ /whole|large/;
    @events = split //, join '', @events if $model eq 'bytes';
    splice @events, 2, 0, \300 if $model eq 'waits';

    return { headers => { 'Content-Type' => 'text/event-stream' },
        chunks => \@events };
}
