#!/usr/bin/perl

# Limits of a tier for prompts: bytes, estimated tokens and messages.  A request
# beyond them is refused with 413, and its last byte is not forwarded; in a dry
# run it is only logged.

use strict;
use warnings;

use FindBin;
use JSON::PP;
use MIME::Base64;
use Test::More;

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Test;
use LLMPolicy::Verdict;

my $t = LLMPolicy::Test->new;
my $up = $t->upstream(1, \&echo);

$t->write_file('policy.json', <<'EOP');
{
  "version": 1,
  "default_tier": "free",
  "tiers": {
    "base": { "prompt": { "max_messages": 3, "max_bytes": 200000 } },
    "free": { "extends": "base", "prompt": { "max_tokens": 2000 },
              "parameters": { "temperature": { "max": 1 } } },
    "bytes": { "prompt": { "max_bytes": 1000 } },
    "open": { "parameters": { "temperature": { "max": 1 } } }
  },
  "routes": [ { "path": "~/chat/completions$", "dialect": "openai.chat" } ]
}
EOP

$t->run(<<'EOC');

%%GLOBALS%%

load_module %%MODULE%%;

events {
}

http {
    %%GLOBALS_HTTP%%

    client_max_body_size 8m;

    llm_policy on;
    llm_policy_file policy.json;
    llm_policy_tier $http_x_tier;

    add_header X-Status $llm_status always;
    add_header X-Reason $llm_reason always;

    server {
        listen 127.0.0.1:%%PORT_0%%;

        location / {
            proxy_pass http://%%UPSTREAM%%;
        }

        # a token has two bytes, an image 100 tokens

        location /small/ {
            llm_policy_token_bytes 2;
            llm_policy_token_media 100;
            proxy_pass http://%%UPSTREAM%%;
        }

        location = /metrics {
            llm_policy off;
            llm_policy_status;
        }
    }

    server {
        listen 127.0.0.1:%%PORT_dry%%;
        llm_policy_dry_run on;

        location / {
            proxy_pass http://%%UPSTREAM%%;
        }
    }
}

EOC

my $chat = '/v1/chat/completions';
my $image = 'data:image/png;base64,' . encode_base64("\x89PNG\r\n\x1a\n"
    . "\x93\xf0\x0d\xaa" x 12000, '');

# Numbers: path, tier, body, what the prompt has; none: it passes.

my @cases = (
    [ $chat, 'free', messages(3), undef ],
    [ $chat, 'free', messages(4), '4 messages, above the maximum 3' ],
    [ $chat, 'open', messages(400), undef ],
    [ '/v1/messages', 'free', messages(4), '4 messages' ],
    [ '/v1beta/models/m:generateContent', 'free', '{"contents":[1,2,3,4]}',
        '4 messages' ],
    [ '/v1/responses', 'free', '{"model":"m","input":[1,2,3,4]}',
        '4 messages' ],
    [ '/v1/responses', 'free', '{"model":"m","input":"one, two"}', undef ],
    [ '/model/m/converse', 'free', '{"messages":[1,2,3,4]}', '4 messages' ],
    [ '/api/chat', 'free', messages(4), '4 messages' ],
    [ '/v1/embeddings', 'free', '{"model":"m","input":["a","b","c","d"]}',
        undef ],
    [ $chat, 'free', text(7900), undef ],
    [ $chat, 'free', text(8100), '\d+ tokens, as estimated, above the'
        . ' maximum 2000' ],
    [ "/small$chat", 'free', text(3900), undef ],
    [ "/small$chat", 'free', text(4100), '\d+ tokens' ],
    [ $chat, 'free', text(100, $image), undef ],
    [ $chat, 'free', text(3000, $image), undef ],
    [ $chat, 'free', text(4200, $image), '\d+ tokens' ],
    [ $chat, 'free', text(4200, $image, $image), '\d+ tokens' ],
    [ "/small$chat", 'free', text(3600, $image), undef ],
    [ $chat, 'open', text(200000), undef ],
    [ $chat, 'bytes', sized(1000), undef ],
    [ $chat, 'bytes', sized(1001), '1001 bytes, above the maximum 1000' ],
    [ $chat, 'bytes', sized(90000), '90000 bytes' ],
    [ $chat, 'bytes', '{' . ' ' x 2000, '2001 bytes' ],
);

for my $case (@cases) {
    my ($path, $tier, $body, $has) = @$case;
    my $name = "$path, $tier, " . length($body) . ' bytes';

    for my $chunked (0, 1) {
        $name = "$name, chunked" if $chunked;

        # the JSON ends too early: what is found first is reported

        next if $chunked && $body !~ /\}$/;

        $up->clear;

        my $r = ask(0, $path, $tier, $body, $chunked);

        if (!defined $has) {
            is($r->{status}, 200, "$name: passes");
            is($r->{body}, $body, "$name: unchanged");
            next;
        }

        is($r->{status}, 413, "$name: status");
        is($r->header('X-Status'), 'rejected', "$name: rejected");
        is($r->header('X-Reason'), 'prompt_too_large', "$name: reason");

        # a part of a body that passes may be all that is known of it

        my $least = $has =~ s/^\d+/\\d+/r;

        like(message_of($r), $chunked
            ? qr/^the (?:prompt|request) has (?:at least )?$least/
            : qr/^the (?:prompt|request) has (?:at least )?$has/,
            "$name: message");
        unlike($r->{body}, qr/word/, "$name: nothing of the prompt");
        is($up->count, 0, "$name: not forwarded");

        my $dry = ask('dry', $path, $tier, $body, $chunked);

        next if $body !~ /\}$/ || $path =~ /small/;

        is($dry->{status}, 200, "$name: dry run");
        is($dry->{body}, $body, "$name: dry run, forwarded");
        is($dry->header('X-Status'), 'rejected_dry_run',
            "$name: dry run, status");
    }
}

# The shapes of the APIs.

my $r = ask(0, '/v1/messages', 'free', messages(4));
is(decode_json($r->{body})->{error}{type}, 'request_too_large', 'Anthropic');

$r = ask(0, "/v1beta/models/m:generateContent", "free",
    '{"contents":[1,2,3,4]}');
is(decode_json($r->{body})->{error}{code}, 413, 'Gemini');

# A file of requests: each line is a prompt.

my $file = join '', map { line($_) . "\n" } 3, 1, 3;

is(upload($file)->{status}, 200, 'a file within the limits');

$r = upload($file . line(4) . "\n");

is($r->{status}, 413, 'a file with a line beyond them');
is(message_of($r), 'line 4: the prompt has 4 messages, above the maximum 3 for'
    . ' tier "free"', 'its message');

# What is refused is counted, and logged without the prompt.

my $metrics = $t->get('/metrics')->{body};

like($metrics, qr/^llm_policy_refusals_total\{code="prompt_too_large"\} [1-9]/m,
    'metrics');
like($t->error_log, qr/dry run: request refused: the prompt has 4 messages/,
    'error log');
unlike($t->error_log, qr/word/, 'error log: no prompt');

$t->done;

sub messages {
    my ($n) = @_;

    return '{"model":"m","max_tokens":9,"messages":[' . join(',',
        ('{"role":"user","content":"word"}') x $n) . ']}';
}

sub text {
    my ($n, @images) = @_;

    return '{"model":"m","messages":[{"role":"user","content":['
        . join(',', '{"type":"text","text":"' . 'word ' x ($n / 5) . '"}',
            map { qq({"type":"image_url","image_url":{"url":"$_"}}) } @images)
        . ']}]}';
}

sub sized {
    my ($n) = @_;
    my $body = '{"model":"m","messages":[{"content":""}]}';

    return $body =~ s/(?=""\}\])/'"' . 'w' x ($n - length $body) . '" '/er
        =~ s/" ""/"/r;
}

sub line {
    my ($n) = @_;

    return '{"custom_id":"x","method":"POST","url":"/v1/chat/completions",'
        . '"body":' . messages($n) . '}';
}

sub upload {
    my ($file) = @_;
    my $body = join "\r\n", '--b', 'Content-Disposition: form-data;'
        . ' name="purpose"', '', 'batch', '--b', 'Content-Disposition:'
        . ' form-data; name="file"; filename="a.jsonl"', '', $file, '--b--', '';

    return $t->post('/v1/files', $body, 'X-Tier' => 'free',
        'Content-Type' => 'multipart/form-data; boundary=b');
}

sub ask {
    my ($port, $path, $tier, $body, $chunked) = @_;
    my $client = $t->client($port);

    $client->request(POST => $path, $body, 'X-Tier' => $tier,
        Connection => 'close', $chunked ? (chunks => [ 16, 500 ]) : ());

    return $client->response;
}

sub message_of {
    my ($r) = @_;
    my $said = decode_json($r->{body});

    return ref $said->{error} ? $said->{error}{message}
        : $said->{message} // $said->{error};
}
