#!/usr/bin/perl

# The variables of a candidate are its own, not those of the policy in force.

use strict;
use warnings;

use FindBin;
use Test::More;

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Test;
use LLMPolicy::Verdict;

my $t = LLMPolicy::Test->new;
my $up = $t->upstream(1, \&echo);

$t->write_file('old.json', tiers('"/user": { "force_from": "$http_x_a" }'));
$t->write_file('new.json',
    tiers('"/user": { "force_from": "$llm_tier:$http_x_b$http_x_a" }'));
$t->write_file('other.json', tiers(
    '"/user": { "force_from": "$http_x_b" },'
    . '"/metadata/a": { "default_from": "$http_x_a" }'));

$t->run(<<'EOC');

%%GLOBALS%%

load_module %%MODULE%%;

events {
}

http {
    %%GLOBALS_HTTP%%

    llm_policy on;
    llm_policy_file old.json;

    server {
        listen 127.0.0.1:%%PORT_0%%;

        location / {
            llm_policy_candidate new.json;
            proxy_pass http://%%UPSTREAM%%;
        }

        location /openai/ {
            llm_policy_candidate new.json share=100%;
            proxy_pass http://%%UPSTREAM%%;
        }

        location /api/ {
            llm_policy_candidate other.json;
            proxy_pass http://%%UPSTREAM%%;
        }
    }
}

EOC

for my $case (
    [ '/v1/chat/completions', '{"user":"a"}' ],
    [ '/openai/v1/chat/completions', '{"user":"0:ba"}' ],
    [ '/api/v1/chat/completions', '{"user":"a"}' ],
) {
    my ($path, $expected) = @$case;

    is(verdict($t->post($path, '{"user":1}', 'X-A' => 'a', 'X-B' => 'b')),
        $expected, $path);
}

unlike($t->error_log, qr/could not decide/, 'the candidates decide');

$t->done;
