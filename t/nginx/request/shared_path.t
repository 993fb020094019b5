#!/usr/bin/perl

# SGLang and TGI share the path /generate: the body tells them apart, and each
# is held to the policy where it looks.  llm-policy explain agrees.

use strict;
use warnings;

use FindBin;
use Test::More;

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Decision;
use LLMPolicy::Test;
use LLMPolicy::Verdict;

my $t = LLMPolicy::Test->new;
my $up = $t->upstream(1, \&echo);

$t->write_file('policy.json', <<'EOP');
{
  "version": 1,
  "default_tier": "free",
  "tiers": {
    "free": {
      "parameters": {
        "temperature": { "max": 0.5 },
        "max_tokens": { "default": 64, "max": 128 }
      }
    }
  },
  "routes": [
    { "path": "/sglang", "dialect": "sglang.generate" },
    { "path": "/either", "dialect": "generate" }
  ]
}
EOP

$t->run(<<'EOC' =~ s/%%FIELDS%%/decision_fields()/er);

%%GLOBALS%%

load_module %%MODULE%%;

events {
}

http {
    %%GLOBALS_HTTP%%

    llm_policy on;
    llm_policy_file policy.json;
    llm_policy_hold 8k;

%%FIELDS%%

    server {
        listen 127.0.0.1:%%PORT_0%%;

        location / {
            proxy_pass http://%%UPSTREAM%%;
        }

        location /dry/ {
            llm_policy_dry_run on;
            rewrite ^/dry(/.*)$ $1 break;
            proxy_pass http://%%UPSTREAM%%;
        }

        location /again/ {
            rewrite ^/again(/.*)$ $1 last;
        }
    }
}

EOC

my $sglang = '"sampling_params":{"temperature":0.5,"max_new_tokens":64}';
my $tgi = '"parameters":{"temperature":0.5,"max_new_tokens":64}';
my $text = 'x' x 50000;

for my $path (qw(/generate /either)) {
    sent($path, '{"text":"t"}', 'sglang.generate', qq({"text":"t",$sglang}));
    sent($path, '{"input_ids":[[1],[2]]}', 'sglang.generate',
        qq({"input_ids":[[1],[2]],$sglang}));
    sent($path, '{"inputs":"i"}', 'tgi.generate', qq({"inputs":"i",$tgi}));
    sent($path, '{"text":null,"inputs":"i"}', 'tgi.generate',
        qq({"text":null,"inputs":"i",$tgi}));
}

sent('/generate', qq({"text":"$text"}), 'sglang.generate',
    qq({"text":"$text",$sglang}));
sent('/generate', qq({"inputs":"$text","parameters":{"temperature":1.5}}),
    'tgi.generate', qq({"inputs":"$text",$tgi}));
sent('/generate',
    qq({"sampling_params":[{"temperature":9},{}],"text":["$text","u"]}),
    'sglang.generate', '{"sampling_params":['
        . '{"temperature":0.5,"max_new_tokens":64},'
        . '{"temperature":0.5,"max_new_tokens":64}'
        . qq(],"text":["$text","u"]}));

# the object of the other API is not where the bound belongs

sent('/generate', '{"text":"t","parameters":{"temperature":0.1}}',
    'sglang.generate', '{"text":"t","parameters":{"temperature":0.1},'
        . "$sglang}");

# both, and none

refused('/generate', $_, 'ambiguous_member') for
    '{"text":"t","inputs":"i"}', '{"inputs":"i","a":1,"input_ids":[1]}';
refused('/generate', qq({"inputs":"$text","text":"t"}), 'ambiguous_member');
refused('/generate', $_, 'parameter_required') for '{"prompt":"p"}',
    '{"parameters":{"temperature":1}}', '{"text":null}';

# a route of the policy names the API

sent('/sglang', '{"text":"t","inputs":"i"}', 'sglang.generate',
    qq({"text":"t","inputs":"i",$sglang}));

sent('/generate_stream', '{"inputs":"i"}', 'tgi.generate',
    qq({"inputs":"i",$tgi}));

# after a redirect, which decides once

is(verdict($t->post('/again/generate', '{"text":"t"}')),
    qq({"text":"t",$sglang}), 'redirected');

# dry run: decided on, and sent unchanged

for my $body ('{"text":"t"}', '{"text":"t","inputs":"i"}',
    qq({"pad":"$text","text":"t"}))
{
    my $r = $t->post('/dry/generate', $body);

    is($r->{body}, $body, 'unchanged in dry run');
    like($r->{headers}{'x-status'}, qr/_dry_run\z/, 'dry run');
}

$t->done;

sub sent {
    my ($path, $body, $dialect, $sent) = @_;
    my $request = { path => $path, body => $body };
    my $name = short("$path $body");

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    for ([ nginx => LLMPolicy::Decision::nginx_says($t, $request) ],
        [ explain => LLMPolicy::Decision::tool_says($t, $request) ])
    {
        my ($who, $said) = @$_;

        is(short($said->{body}), short($sent), "$name, $who");
        is($said->{dialect}, $dialect, "$name, dialect, $who");
    }
}

sub refused {
    my ($path, $body, $code) = @_;
    my $request = { path => $path, body => $body };

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    is(LLMPolicy::Decision::nginx_says($t, $request)->{refused}, "400 $code",
        short("$path $body, nginx"));
    is(LLMPolicy::Decision::tool_says($t, $request)->{refused}, "400 $code",
        short("$path $body, explain"));
}

# Removes the spaces that fill a gap in a body, and shortens long text.

sub short {
    my ($body) = @_;

    return $body =~ s/ +(?=[,}\]])//gr =~ s/x{100,}/'x' . length $&/er;
}
