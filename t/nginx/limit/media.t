#!/usr/bin/perl

# Images, sounds and files in a prompt are estimated at llm_policy_token_media
# tokens each, instead of their bytes; text is not, whatever it looks like.

use strict;
use warnings;

use FindBin;
use MIME::Base64;
use Test::More;

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Test;
use LLMPolicy::Verdict;

use constant { TOKENS => 5000, OUTPUT => 10 };

my $t = LLMPolicy::Test->new;
my $up = $t->upstream(1, sub { { body => '{}' } });
my $reporting = $t->upstream(2, sub { {
    body => '{"usage":{"prompt_tokens":77,"completion_tokens":3,'
        . '"total_tokens":80}}',
    headers => { 'Content-Type' => 'application/json' },
} });

$t->write_file('policy.json', <<'EOP');
{
  "version": 1,
  "default_tier": "free",
  "tiers": {
    "free": {
      "parameters": { "max_tokens": { "force": 10 } },
      "limits": { "tokens_per_minute": 5000 }
    }
  }
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
    llm_policy_limit_key $http_x_user;

    add_header X-Prompt $llm_prompt_tokens always;
    add_header X-Remaining $llm_remaining_tokens_per_minute always;

    server {
        listen 127.0.0.1:%%PORT_0%%;

        location / {
            proxy_pass http://%%UPSTREAM%%;
        }

        location /v1/responses {
            llm_policy_token_media 2000;
            proxy_pass http://%%UPSTREAM%%;
        }

        location /v1/completions {
            proxy_pass http://%%UPSTREAM_2%%;
        }
    }
}

EOC

my $users = 0;
my $png = "\x89PNG\r\n\x1a\n";
my $image = encode_base64($png . "\x93\xf0\x0d\xaa" x 196608, '');
my $url = "data:image/png;base64,$image";
my $chat = '/v1/chat/completions';

cmp_ok(length $image, '>', 1_000_000, 'a large image');

# a large image and a short text, in each API

my %body = (
    $chat => qq({"messages":[{"role":"user","content":[{"type":"text",)
        . qq("text":"What is it?"},{"type":"image_url","image_url":)
        . qq({"url":"$url"}}]}],"max_tokens":10}),
    '/v1/messages' => qq({"max_tokens":10,"messages":[{"role":"user",)
        . qq("content":[{"type":"image","source":{"type":"base64",)
        . qq("media_type":"image/png","data":"$image"}}]}]}),
    '/v1beta/models/m:generateContent' => qq({"contents":[{"parts":[)
        . qq({"inlineData":{"mimeType":"image/png","data":"$image"}}]}],)
        . qq("generationConfig":{"maxOutputTokens":10}}),
    '/model/m/converse' => qq({"messages":[{"content":[{"image":{"format":)
        . qq("png","source":{"bytes":"$image"}}}]}],)
        . qq("inferenceConfig":{"maxTokens":10}}),
    '/api/chat' => qq({"messages":[{"role":"user","content":"c","images":)
        . qq(["$image"]}],"options":{"num_predict":10}}),
    '/generate' => qq({"text":"t","image_data":"$url","sampling_params":)
        . qq({"max_new_tokens":10}}),
);

for my $path (sort keys %body) {
    admitted($path, $body{$path}, 1, 1000, "$path, a large image");
}

my $two = $body{$chat} =~ s/\{"type":"image_url".*?\}\}/$&,$&/sr;

admitted($chat, $two, 2, 1000, 'two images');
admitted('/v1/responses', qq({"input":[{"content":[{"type":"input_image",)
    . qq("image_url":"$url"}]}],"max_output_tokens":10}), 1, 2000,
    'the number of the location');


# text that looks like an image

for my $body (
    qq({"messages":[{"role":"user","content":"$image"}],"max_tokens":10}),
    qq({"messages":[{"role":"user","content":"$url"}],"max_tokens":10}),
    qq({"messages":[{"role":"user","content":[{"type":"text","text":"$url"}]}],)
        . '"max_tokens":10}',
    qq({"messages":[{"content":[{"image_url":{"url":"$url and more"}}]}],)
        . '"max_tokens":10}',
) {
    my $r = asked($chat, $body);

    is($r->{status}, 429, 'text is counted by its bytes');
    like(message($r), qr/may take 26\d{4} tokens \(estimated\), but the limit/,
        'the message has the estimate');
}

my $source = $body{'/v1/messages'} =~ s/"data":"\K[^"]+/'ab1' x 350000/er
    =~ s/base64/text/r;

is(asked('/v1/messages', $source)->{status}, 429, 'a text of Anthropic');

# the usage that the upstream reports is charged, whatever was estimated

my $user = 'reported';
my $r = $t->post('/v1/completions',
    qq({"prompt":"p","image_data":"$url","max_tokens":10}),
    'X-User' => $user);

is($r->{status}, 200, 'reported: admitted');

$r = $t->post('/v1/completions', '{"prompt":"p","max_tokens":10}',
    'X-User' => $user);
cmp_ok($r->header('X-Remaining'), '>=', TOKENS - 80 - 20,
    'reported: the usage is charged');

# forms: a file counts once

my $form = join '', map { "$_\r\n" } '--b',
    'Content-Disposition: form-data; name="model"', '', 'whisper-1', '--b',
    'Content-Disposition: form-data; name="file"; filename="a.mp3"',
    'Content-Type: audio/mpeg', '', "\xff\xfb\x90\x00" x 250000, '--b--';

$r = $t->post('/v1/audio/transcriptions', $form, 'X-User' => 'form',
    'Content-Type' => 'multipart/form-data; boundary=b');

is($r->{status}, 200, 'form: admitted');
cmp_ok($r->header('X-Remaining'), '>=', TOKENS - 1200, 'form: counts once');
cmp_ok($r->header('X-Remaining'), '<', TOKENS - 990, 'form: and no less');


$form =~ s/name="file"/name="notes"/;

is($t->post('/v1/audio/transcriptions', $form, 'X-User' => 'form-2',
    'Content-Type' => 'multipart/form-data; boundary=b')->{status}, 429,
    'form: another file is counted by its bytes');

$t->done;

sub asked {
    my ($path, $body) = @_;

    return $t->post($path, $body, 'X-User' => 'u' . $users++);
}

# The upstream reports no usage, so that the estimate is charged.

sub admitted {
    my ($path, $body, $media, $tokens, $name) = @_;
    my $user = 'u' . $users++;
    my $text = length($body) - $media * length $image;
    my $r = $t->post($path, $body, 'X-User' => $user);

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    is($r->{status}, 200, "$name: admitted");

    my $most = TOKENS - $media * $tokens;

    # the request, and what has refilled meanwhile
    cmp_ok($r->header('X-Remaining'), '<=', $most, "$name: media");
    cmp_ok($r->header('X-Remaining'), '>=', $most - $text / 4 - OUTPUT - 2,
        "$name: and text");
}
