#!/usr/bin/perl

# A body with a signature, or with a digest in a header field: a change is
# refused, unless the operator states that it is signed again, or not checked.

use strict;
use warnings;

use FindBin;
use Test::More;

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Conf;
use LLMPolicy::Decision;
use LLMPolicy::Test;
use LLMPolicy::Tool;
use LLMPolicy::Verdict;

my $t = LLMPolicy::Test->new;
my $up = $t->upstream(1, \&echo);

$t->write_file('policy.json', one_tier('"temperature": { "max": 0.9 }'));

$t->run(<<'EOC');

%%GLOBALS%%

load_module %%MODULE%%;

events {
}

http {
    %%GLOBALS_HTTP%%

    llm_policy on;
    llm_policy_file policy.json;

    add_header X-Reason $llm_reason always;

    server {
        listen 127.0.0.1:%%PORT_0%%;

        location / {
            proxy_pass http://%%UPSTREAM%%;
        }
    }

    server {
        listen 127.0.0.1:%%PORT_change%%;

        llm_policy_signed_body change;
        proxy_set_header Content-Digest "";

        location / {
            proxy_pass http://%%UPSTREAM%%;
        }

        location /v1/completions {
            llm_policy_signed_body reject;
            proxy_pass http://%%UPSTREAM%%;
        }
    }
}

EOC

my $aws = 'AWS4-HMAC-SHA256 Credential=a/20261124/eu-west-1/bedrock/'
    . 'aws4_request, SignedHeaders=host;x-amz-date, Signature=b';
my $converse = '/model/anthropic.claude-3-haiku-20240307-v1%3A0/converse';

my @signatures = (
    [ 'Authorization' => $aws, $converse,
        '{"inferenceConfig":{"temperature":T}}' ],
    [ 'Authorization' => $aws,
        '/model/anthropic.claude-3-haiku-20240307-v1:0/invoke',
        '{"max_tokens":9,"temperature":T}' ],
    map({ [ $_ => 'sha-256=:a:', '/v1/chat/completions',
        '{"model":"m","temperature":T}' ] } qw(Content-Digest Digest
            Repr-Digest Content-MD5 Signature X-Amz-Content-Sha256)),
);

for my $signature (@signatures) {
    my ($field, $value, $path, $request) = @$signature;
    my ($within, $beyond, $held) = map { $request =~ s/T/$_/r } 0.5, 1.5, 0.9;
    my $name = "$field, $path";

    is(sent(0, $path, $within, $field, $value), $within, "$name, within");
    is(sent(0, $path, $beyond, $field, $value), '400 undermines_policy',
        "$name, beyond");
    is(sent('change', $path, $beyond, $field, $value), $held,
        "$name, changed");

    for my $choice (qw(reject change)) {
        my $ran = tool($beyond, 'explain', $t->testdir . '/policy.json',
            '--path', $path, '--header', "$field: $value", '--signed-body',
            $choice);

        is((split /\n/, $ran->{out})[-1] eq $held ? 'change' : 'reject',
            $choice, "$name, explained: $choice");
    }
}

is(sent('change', '/v1/completions', '{"temperature":1.5}',
    'Content-Digest', 'a'), '400 undermines_policy', 'in a location');

$up->clear;
sent('change', '/v1/chat/completions', '{"temperature":1.5}',
    'Content-Digest', 'a');
is($up->last->header('Content-Digest'), undef, 'the invalid field is removed');

$t->done;

sub sent {
    my ($port, $path, $body, %fields) = @_;
    my $r = post_to($t, $port, $path, $body, %fields);

    return $r->{status} == 200 ? $r->{body}
        : "$r->{status} " . $r->header('X-Reason');
}
