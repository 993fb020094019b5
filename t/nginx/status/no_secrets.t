#!/usr/bin/perl

# No prompt and no API key is written to a log or to the response of a refusal:
# not for a request that passes, and not for one that is invalid in the middle.

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use FindBin;
use Test::More;

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Test;
use LLMPolicy::Verdict;

my $conf = "$FindBin::Bin/../../../conf";

my $t = LLMPolicy::Test->new;
my $up = $t->upstream(1, sub { {} });

my $hash = 'sha256:' . sha256_hex('sk-SECRET');

my $policy = <<"EOP";
{
  "version": 1,
  "default_tier": "free",
  "tiers": {
    "free": {
      "parameters": {
        "temperature": { "default": 0.7, "max": 1 },
        "n": { "max": 1, "on_violation": "reject" },
        "logit_bias": { "deny": true },
        "/metadata/trace": { "remove": true },
        "/metadata/session": { "force": "s" },
        "/metadata/level": { "allow": ["low"] }
      }
    }
  },
  "tenants": { "acme": { "tier": "free", "keys": ["$hash"] } }
}
EOP

$t->write_file('policy.json', $policy);
$t->write_file('known.json', $policy =~ s/"tiers"/"unknown_key": "reject",$&/r);

$t->run(<<"EOC");

%%GLOBALS%%

load_module %%MODULE%%;

events {
}

http {
    %%GLOBALS_HTTP%%

    include $conf/llm-policy-log.conf;
    access_log %%TESTDIR%%/llm.log llm_policy;
    access_log %%TESTDIR%%/combined.log;

    llm_policy on;
    llm_policy_file policy.json;

    server {
        listen 127.0.0.1:%%PORT_0%%;

        location / {
            proxy_pass http://%%UPSTREAM%%;
        }
    }

    server {
        listen 127.0.0.1:%%PORT_dry%%;
        llm_policy_dry_run on;

        location / {
            proxy_pass http://%%UPSTREAM%%;
        }
    }

    server {
        listen 127.0.0.1:%%PORT_known%%;
        llm_policy_file known.json;

        location / {
            proxy_pass http://%%UPSTREAM%%;
        }
    }
}

EOC

my $prompt = '"messages":[{"role":"user","content":"SECRET"}]';

my @bodies = (

    # passed, changed, refused
    [ qq({$prompt,"temperature":1}), 200 ],
    [ qq({$prompt,"temperature":1.9}), 200 ],
    [ qq({$prompt}), 200 ],
    [ qq({$prompt,"metadata":{"trace":"SECRET","session":"SECRET"}}), 200 ],
    [ qq({$prompt,"n":2}), 400 ],
    [ qq({$prompt,"logit_bias":{"SECRET":1}}), 400 ],
    [ qq({$prompt,"metadata":{"level":"SECRET"}}), 400 ],
    [ '{"temperature":["SECRET"]}', 400 ],
    [ '{"options":"SECRET"}', 400 ],
    [ '{"generation_config":"SECRET"}', 400 ],
    [ '{"extra_body":{"SECRET":"SECRET"}}', 400 ],

    # a string that is truncated, or not JSON, or not UTF-8, anywhere in it
    [ '{"messages":[{"content":"SECRET', 400 ],
    [ '{"messages":[{"content":"SECRET"]}', 400 ],
    [ '{"messages":[{"content":"SECRET\x"}]}', 400 ],
    [ qq({"messages":[{"content":"SECRET\n"}]}), 400 ],
    [ qq({"messages":[{"content":"SECRET\xff"}]}), 400 ],
    [ '{"messages":[{"content":"SECRET \ud800"}]}', 400 ],
    [ '{"messages":SECRET}', 400 ],
    [ '{"messages":[]} SECRET', 400 ],
    [ '"SECRET"', 400 ],
    [ 'SECRET', 400 ],

    # a name that is duplicate, or nearly, or has invalid bytes
    [ '{"SECRET":1,"SECRET":2}', 400 ],
    [ '{"messages":[{"SECRET":1,"SECRET":2}]}', 400 ],
    [ '{"SECRET":1,"Secret":2}', 400 ],
    [ '{"SECRET\u0000":1}', 400 ],
    [ '{"SECRET', 400 ],
    [ '{"SECRET" 1}', 400 ],
);

my $chat = '/v1/chat/completions';
my @told;

for my $body (@bodies) {
    my ($bytes, $status) = @$body;
    my $r = $t->post($chat, $bytes);

    is($r->{status}, $status, $bytes =~ s/[^ -~]/?/gr);
    push @told, $r->{body}, post_to($t, 'dry', $chat, $bytes)->{body};
}

# Known and unknown keys, in each of the headers.

my @keys = map { my $key = $_; map { [ @$_, $key ] } (
    [ 'Authorization', 'Bearer ' ], [ 'Authorization', 'Basic ' ],
    [ 'Authorization', '' ], [ 'x-api-key', '' ], [ 'api-key', '' ],
    [ 'x-goog-api-key', '' ],
) } 'sk-SECRET', 'sk-SECRET-unknown';

for my $case (@keys) {
    my ($header, $scheme, $key) = @$case;
    my %field = ($header => "$scheme$key");

    for my $body ('{}', '{"temperature":1.9}', '{"n":2}', '{') {
        push @told, post_to($t, 'known', $chat, $body, %field)->{body},
            post_to($t, 'dry', $chat, $body, %field)->{body};
    }
}

my $n = 2 * @bodies + 8 * @keys;
my @llm = $t->access_log($n, 'llm.log');

is(@llm, $n, 'all is logged');
ok(grep({ /"tenant":"acme"/ } @llm), 'keys were found');

my %texts = (
    'llm.log' => \@llm,
    'combined.log' => [ $t->access_log($n, 'combined.log') ],
    'error.log' => [ split /^/, $t->error_log ],
    'responses of refusals' => \@told,
);

for my $name (sort keys %texts) {
    is(join('', grep { /secret/i } @{ $texts{$name} }), '', $name);
}

$t->done;
