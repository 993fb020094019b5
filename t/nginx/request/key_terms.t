#!/usr/bin/perl

# API keys that expire or are blocked: refused on every request that needs a
# key, whatever "unknown_key" and llm_policy_tier are, also in dry run; with the
# tenant, the tier and the name of the key in variables, the log and metrics.

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use FindBin;
use JSON::PP;
use POSIX qw(strftime);
use Test::More;
use Time::HiRes qw(sleep time);

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Test;
use LLMPolicy::Verdict;

my $t = LLMPolicy::Test->new;
my $up = $t->upstream(1, \&echo);

my $past = at(time - 86400);
my $soon = at(time + 3);

# name, and the members of the object; none: the key is a string

my @keys = (
    [ 'plain' ],
    [ 'named', name => 'ci' ],
    [ 'future', name => 'until 9999',
        not_after => '9999-12-31T23:59:59+01:00' ],
    [ 'open', blocked => JSON::PP::false ],
    [ 'expired', name => 'old', not_after => $past ],
    [ 'blocked', name => 'stolen', blocked => JSON::PP::true ],
    [ 'both', blocked => JSON::PP::true, not_after => $past ],
    [ 'soon', name => 'short', not_after => $soon ],
);

for my $file (qw(default reject)) {
    $t->write_file("$file.json", encode_json({
        version => 1,
        default_tier => 'free',
        unknown_key => $file,
        tiers => {
            free => { parameters => { temperature => { force => 0.1 } } },
            pro => { parameters => { temperature => { force => 0.2 } } },
            canary => { parameters => { temperature => { force => 0.3 } } },
        },
        tenants => { acme => { tier => 'pro', keys => [ map { entry(@$_) }
            @keys ] } },
        routes => [
            { path => '~^/health(/|$)', action => 'pass' },
            { path => '/canary/v1/chat/completions', dialect => 'openai.chat' },
            { path => '/given/v1/chat/completions', dialect => 'openai.chat' },
            { path => '/closed', action => 'reject' },
        ],
    }));
}

my $locations = <<'EOF';

location / {
    proxy_pass http://%%UPSTREAM%%;
}

location /canary/ {
    llm_policy_tier canary;
    proxy_pass http://%%UPSTREAM%%/;
}

# the tenant is given: no key is asked for

location /given/ {
    llm_policy_tenant acme;
    proxy_pass http://%%UPSTREAM%%/;
}

location /unmatched/ {
    llm_policy_unmatched pass;
    proxy_pass http://%%UPSTREAM%%/;
}

location = /metrics {
    llm_policy off;
    llm_policy_status;
}

EOF

my $log = "$FindBin::Bin/../../../conf/llm-policy-log.conf";

$t->run(<<"EOC");

%%GLOBALS%%

load_module %%MODULE%%;

events {
}

http {
    %%GLOBALS_HTTP%%

    include $log;
    access_log %%TESTDIR%%/llm.log llm_policy;

    add_header X-Tier \$llm_tier always;
    add_header X-Tenant \$llm_tenant always;
    add_header X-Key \$llm_key_name always;
    add_header X-Status \$llm_status always;

    llm_policy on;
    llm_policy_file default.json;

    server {
        listen 127.0.0.1:%%PORT_0%%;
        $locations
    }

    server {
        listen 127.0.0.1:%%PORT_reject%%;
        llm_policy_file reject.json;
        $locations
    }

    server {
        listen 127.0.0.1:%%PORT_dry%%;
        llm_policy_dry_run on;
        $locations
    }
}

EOC

my $chat = '/v1/chat/completions';

# Each kind of API, as its SDK expects it.

for my $case (
    [ $chat, '{"model":"m"}', sub { $_[0]{error}{code} } ],
    [ '/v1/messages', '{"model":"m","max_tokens":9}',
        sub { $_[0]{type} eq 'error' && $_[0]{error}{type}
            eq 'authentication_error' && 'key_expired' } ],
    [ '/v1beta/models/m:generateContent', '{}',
        sub { $_[0]{error}{code} == 401 && $_[0]{error}{status}
            eq 'UNAUTHENTICATED' && 'key_expired' } ],
    [ '/api/chat', '{"model":"m"}',
        sub { !ref $_[0]{error} && 'key_expired' } ],
) {
    my ($path, $body, $code) = @$case;
    my $r = ask(0, POST => $path, $body, 'expired');

    is($r->{status}, 401, "$path: status");
    is($code->(decode_json($r->{body})), 'key_expired', "$path: shape");
    like($r->{body}, qr/the API key was valid until \Q$past\E: use a newer one/,
        "$path: message");
}

# Requests of all kinds: method, path, body, fields.

my @requests = (
    [ POST => $chat, '{}' ],
    [ POST => "/canary$chat", '{}' ],
    [ POST => "/unmatched/other", '{}' ],
    [ POST => '/elsewhere', '{}' ],
    [ POST => '/closed', '{}' ],
    [ POST => $chat, '{' ],
    [ POST => $chat, '{}', 'Content-Type' => 'text/plain' ],
    [ PUT => $chat, '{}' ],
    [ GET => '/v1/models' ],
    [ GET => '/canary/v1/models' ],
    [ DELETE => '/v1/files/x' ],
    [ GET => '/v1/realtime', undef, Upgrade => 'websocket',
        Connection => 'upgrade' ],
);

my %refused = (
    expired => [ 'key_expired', 'old' ], blocked => [ 'key_blocked', 'stolen' ],
    both => [ 'key_blocked', undef ],
);

for my $port (0, 'reject', 'dry') {
    for my $key (sort keys %refused) {
        my ($code, $key_name) = @{$refused{$key}};

        for my $request (@requests) {
            my ($method, $path, $body, @fields) = @$request;
            my $name = "$port, $method $path, $key";

            $up->clear;

            my $r = ask($port, $method, $path, $body, $key, @fields);

            is(verdict($r), "401 $code", $name);
            is($r->header('X-Status'), 'rejected', "$name: status");
            is($r->header('X-Tenant'), 'acme', "$name: tenant");
            is($r->header('X-Tier'), $path =~ /canary/ ? 'canary' : 'pro',
                "$name: tier");
            is($r->header('X-Key'), $key_name, "$name: name of the key");
            is($up->count, 0, "$name: nothing is forwarded");
        }

        for my $request ([ OPTIONS => $chat ], [ GET => '/health' ],
            [ POST => '/health', '{}' ])
        {
            is(ask($port, @$request[0 .. 2], $key)->{status}, 200,
                "$port, @$request[0, 1], $key: passes");
        }

        my $r = ask($port, POST => "/given$chat", '{}', $key);

        is($r->{status}, 200, "$port, $key: a given tenant");
        is($r->header('X-Tenant'), 'acme', "$port, $key: its name");
        is($r->header('X-Key'), undef, "$port, $key: no key is looked at");
    }

    # Keys that hold.

    for my $case ([ 'plain' ], [ named => 'ci' ], [ future => 'until 9999' ],
        [ 'open' ])
    {
        my ($key, $key_name) = @$case;
        my $r = ask($port, POST => $chat, '{"temperature":1}', $key);

        is($r->{body}, $port eq 'dry' ? '{"temperature":1}'
            : '{"temperature":0.2}', "$port, $key: holds");
        is($r->header('X-Key'), $key_name, "$port, $key: name");

        $r = ask($port, GET => '/v1/models', undef, $key);
        is($r->{status}, 200, "$port, $key: without a body");
        is($r->header('X-Key'), $key_name, "$port, $key: name without a body");
    }

    # Strangers are what "unknown_key" makes of them.

    my $r = ask($port, GET => '/v1/models', undef, 'nobody');

    is($r->{status}, $port eq 'reject' ? 401 : 200, "$port: a stranger");
}

# A key expires while nginx runs: no reload is needed.

my $end = time + 60;
my $r;

do {
    sleep(0.2);
    $r = ask(0, POST => $chat, '{}', 'soon');
} while ($r->{status} == 200 && time < $end);

is(verdict($r), '401 key_expired', 'a key expires');
is($r->header('X-Key'), 'short', 'its name');

# The log and metrics.

my ($line) = grep { $_->{llm}{reason} eq 'key_blocked' }
    map { decode_json($_) } split /\n/, $t->read_file('llm.log');

is($line->{llm}{tenant}, 'acme', 'log: tenant');
is($line->{llm}{key_name}, 'stolen', 'log: name of the key');
unlike($t->read_file('llm.log') . $t->error_log, qr/key-\w/, 'logs: no key');

my $blocked = 'request refused: the API key is blocked';

like($t->error_log, qr/\[notice\] .*$blocked.* \(key_blocked\), tier "pro"/,
    'error log');

my $metrics = $t->get('/metrics')->{body};

for my $code (qw(key_expired key_blocked)) {
    like($metrics, qr/^llm_policy_refusals_total\{code="$code"\} [1-9]/m,
        "metrics: $code");
}

$t->done;

sub at {
    return strftime('%Y-%m-%dT%H:%M:%SZ', gmtime shift);
}

sub entry {
    my ($name, %members) = @_;
    my $hash = 'sha256:' . sha256_hex("key-$name");

    return %members ? { hash => $hash, %members } : $hash;
}

sub ask {
    my ($port, $method, $path, $body, $key, @fields) = @_;
    my $client = $t->client($port);

    $client->request($method, $path, $body, Connection => 'close', @fields,
        'x-api-key' => "key-$key");

    return $client->response;
}
