#!/usr/bin/perl

# Values with variables of nginx: "default_from" and "force_from".

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use FindBin;
use JSON::PP ();
use Test::More;

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Test;
use LLMPolicy::Verdict;

my $t = LLMPolicy::Test->new;
my $up = $t->upstream(1, \&echo);
my $uri = '/v1/chat/completions';

my $same;    # forwarded as it came

# The rules of a tier, header fields, body, forwarded body.

my @rows = (

    # what the policy itself knows, also of the model that is sent

    [ '"/user": { "force_from": "t-${llm_tenant}-$llm_tier" }',
        { 'X-Api-Key' => 'key-acme' }, '{"user":"eve"}',
        '{"user":"t-acme-0"}' ],
    [ '"/user": { "force_from": "$llm_dialect/$llm_model" }', {},
        '{"user":"eve","n":1,"model":"m\"1"}',
        '{"user":"openai.chat/m\"1","n":1,"model":"m\"1"}' ],
    [ '"/metadata/model": { "default_from": "$llm_model" },'
        . '"/model": { "force": "m2" }', {},
        '{"metadata":{},"n":1,"model":"m1"}',
        '{"metadata":{"model":"m2"},"n":1,"model":"m2"}' ],

    # variables of nginx, of "map", and "set"

    [ '"/user": { "default_from": "$http_x_user" }', { 'X-User' => 'ann' },
        '{}', '{"user":"ann"}' ],
    [ '"/user": { "default_from": "$http_x_user" }', { 'X-User' => 'ann' },
        '{"user":"bob"}', $same ],
    [ '"/user": { "default_from": "$http_x_user" }', {}, '{}', $same ],
    [ '"/user": { "default_from": "$http_x_user" }', {}, '{"user":null}',
        $same ],
    [ '"/user": { "force_from": "$user_id" }', { 'X-Api-Key' => 'key-acme' },
        '{"user":"eve"}', '{"user":"customer 7"}' ],
    [ '"/user": { "force_from": "$server_name:$cookie_a:$arg_q:$SET" }',
        { 'Cookie' => 'a=1' }, '{}', '{"user":"gw:1:x%22:set"}' ],

    # empty: 500, unless it is a default

    [ '"/user": { "force_from": "$user_id" }', {}, '{"user":"eve"}',
        '500 internal_error' ],
    [ '"/user": { "force_from": "t-$llm_tenant" }', {}, '{}',
        '500 internal_error' ],
    [ '"/user": { "default_from": "t-$llm_tenant" }', {}, '{}', $same ],

    # hostile values

    [ '"/user": { "force_from": "$http_x_user" }',
        { 'X-User' => '","temperature":2,"\\' }, '{"user":1}',
        '{"user":"\",\"temperature\":2,\"\\\\"}' ],
    [ '"/user": { "force_from": "$http_x_user" }', { 'X-User' => "a\tb" },
        '{}', '{"user":"a\u0009b"}' ],
    [ '"/user": { "force_from": "$http_x_user" }',
        { 'X-User' => "\xc3\xa9" }, '{}', qq({"user":"\xc3\xa9"}) ],
    [ '"/user": { "force_from": "$http_x_user" }', { 'X-User' => "a\xe9" },
        '{}', '500 internal_error' ],
    [ '"/user": { "default_from": "$http_x_user" }', { 'X-User' => "\xff" },
        '{}', '500 internal_error' ],
    [ '"/user": { "default_from": "$http_x_user" }', { 'X-User' => "\xff" },
        '{"user":""}', $same ],
    [ '"/user": { "force_from": "$http_x_user" }',
        { 'X-User' => 'a' x 1022 }, '{}', '{"user":"' . 'a' x 1022 . '"}' ],
    [ '"/user": { "force_from": "$http_x_user" }',
        { 'X-User' => 'a' x 1023 }, '{}', '500 internal_error' ],
    [ '"/user": { "force_from": "$http_x_user" }',
        { 'X-User' => 'a' x 10240 }, '{"n":1}', '500 internal_error' ],
    [ '"/user": { "default_from": "$http_x_user", "allow": ["ann", "bob"] }',
        { 'X-User' => 'bob' }, '{}', '{"user":"bob"}' ],
    [ '"/user": { "default_from": "$http_x_user", "allow": ["ann", "bob"] }',
        { 'X-User' => 'eve' }, '{}', '500 internal_error' ],

    # a value that changes is evaluated once, see below

    [ '"/a": { "force_from": "$msec" }, "/b": { "force_from": "$msec" }',
        {}, '{}', qr/^\{"a":("[\d.]+"),"b":\1\}/ ],
);

my $key = sha256_hex('key-acme');

$t->write_file('policy.json',
    tiers(map { $_->[0] } @rows) =~ s/\}\s*\z/,"tenants": { "acme": {
        "tier": "0", "keys": ["sha256:$key"] } } }/r);

$t->run(<<'EOC');

%%GLOBALS%%

load_module %%MODULE%%;

events {
}

http {
    %%GLOBALS_HTTP%%

    large_client_header_buffers 4 32k;

    map $llm_tenant $user_id {
        acme  "customer 7";
    }

    log_format adjustments escape=none $llm_adjustments;
    access_log adjustments.log adjustments;

    llm_policy on;
    llm_policy_file policy.json;
    llm_policy_tier $http_x_tier;

    server {
        listen 127.0.0.1:%%PORT_0%%;
        server_name gw;

        set $set set;

        location / {
            proxy_pass http://%%UPSTREAM%%;
        }

        location /openai/ {
            llm_policy_dry_run on;
            proxy_pass http://%%UPSTREAM%%;
        }
    }
}

EOC

for my $tier (0 .. $#rows) {
    my ($rules, $fields, $body, $expected) = @{ $rows[$tier] };
    my $r = $t->post("$uri?q=x%22", $body, 'X-Tier' => $tier, %$fields);
    my $name = substr "$rules: " . join(',', %$fields) . " $body", 0, 120;

    $name =~ s/[^ -~]/?/g;

    if (ref $expected) {
        like(verdict($r), $expected, $name);

    } else {
        is(verdict($r), $expected // $body, $name);
    }

    next if ref $expected || ($expected // $body) !~ /^\{/;

    ok(eval { JSON::PP::decode_json(verdict($r)) }, 'JSON');
}

# The client does not learn of the variables; the log has them, but no values.

my ($tier) = grep { $rows[$_][0] =~ /user_id/ && $rows[$_][3] =~ /500/ }
    0 .. $#rows;
my $r = $t->post($uri, '{}', 'X-Tier' => $tier);

is(message($r), '/user could not be set by the gateway', 'the message');
like($t->error_log, qr{\[error\]\ .*request\ refused:\ /user\ could\ not\ be
    \ set\ by\ the\ gateway\ \(internal_error\),\ tier\ "$tier":
    \ "\$user_id"\ is\ empty:\ /tiers/$tier/parameters/~1user}x, 'the cause');
like($t->error_log, qr/"\$http_x_user" is not UTF-8: /, 'not UTF-8');
like($t->error_log, qr/"\$http_x_user" is too long: /, 'too long');
like($t->error_log, qr/"\$http_x_user" is not among the values of "allow"/,
    'not allowed');
unlike($t->error_log, qr/changed to "bob|aaaaa|added "ann/, 'no values there');
unlike($t->error_log, qr/is used before the policy decides/, 'not too early');

my $log = $t->read_file('adjustments.log');

like($log, qr{^/user="\.\.\."->"t-acme-0" \(force\)$}m, 'names of the policy');
like($log, qr{^/user=->"\.\.\." \(default\)$}m, 'values of nginx');

# A part of the body was forwarded, with the value, before the rest is read.

my $slow = $t->client;
my $first = '{"a":1,"m":[' . '1,' x 5000 . '1]';
my $rest = ',"n":[' . '1,' x 5000 . '1],"b":1}';

$slow->request('POST', $uri, $first, 'X-Tier' => $#rows,
    'Content-Length' => length($first) + length $rest);
LLMPolicy::Stream::pause(50);
$slow->send($rest);

like(($slow->response->{body}),
    qr/^\{"a":("[\d.]+") *,"m":.*,"b":\1 *\}$/, 'evaluated once');

# A dry run writes nothing, and refuses nothing.

is(verdict($t->post("/openai$uri", '{"user":"eve"}', 'X-Tier' => $tier)),
    '{"user":"eve"}', 'dry run');
like($t->error_log, qr/dry run: request refused: .*"\$user_id" is empty/,
    'dry run, logged');

# nginx -t reports a variable that nothing defines, and where it is.

$t->write_file('unknown.json',
    tiers('"/user": { "force_from": "$llm_tenant$colour" }'));

like($t->config_errors(<<'EOC'),
%%GLOBALS%%
load_module %%MODULE%%;
events {}
http {
    %%GLOBALS_HTTP%%
    server {
        listen 127.0.0.1:%%PORT_0%%;
        llm_policy on;
        llm_policy_file unknown.json;
    }
}
EOC
    qr{\[emerg\]\ .*/unknown\.json:\d+:\d+:
        \ /tiers/0/parameters/~1user/force_from:\ unknown\ variable
        \ "\$colour"}x, 'an unknown variable');

$t->done;
