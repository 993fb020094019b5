#!/usr/bin/perl

# Each directive at each level, the settings that inner levels inherit, and the
# messages of "nginx -t" about errors.

use strict;
use warnings;

use FindBin;
use Test::More;

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Test;
use LLMPolicy::Verdict;

my $t = LLMPolicy::Test->new;
my $up = $t->upstream(1, \&echo);

for my $number (1 .. 4) {
    $t->write_file("$number.json", <<"EOP");
{ "version": 1, "default_tier": "a", "tiers": {
    "a": { "parameters": { "temperature": { "force": 0.$number } } },
    "b": { "parameters": { "temperature": { "force": 1.$number } } } },
  "tenants": { "t": { "tier": "b", "keys": [
    "sha256:2c70e12b7a0646f92279f427c7b38e7334d8e5389cff167a1dc30e73f826b683"
  ] } },
  "routes": [ { "path": "~/chat\$", "dialect": "openai.chat" } ] }
EOP
}

# the hash is that of "key"

$t->run(<<'EOC');

%%GLOBALS%%

load_module %%MODULE%%;

events {
}

http {
    %%GLOBALS_HTTP%%

    llm_policy on;
    llm_policy_file 1.json;
    llm_policy_key $http_x_one;

    server {
        listen 127.0.0.1:%%PORT_0%%;

        location / {
            proxy_pass http://%%UPSTREAM%%;
        }

        location /off/ {
            llm_policy off;
            proxy_pass http://%%UPSTREAM%%;

            location /off/on/ {
                llm_policy on;
                proxy_pass http://%%UPSTREAM%%;
            }
        }

        location /file/ {
            llm_policy_file %%TESTDIR%%/2.json;
            proxy_pass http://%%UPSTREAM%%;
        }

        location /tier/ {
            llm_policy_tier b;
            proxy_pass http://%%UPSTREAM%%;
        }

        location /key/ {
            llm_policy_key $http_x_two;
            proxy_pass http://%%UPSTREAM%%;
        }

        location /dry/ {
            llm_policy_dry_run on;
            proxy_pass http://%%UPSTREAM%%;
        }

        location /pass/ {
            llm_policy_unmatched pass;
            proxy_pass http://%%UPSTREAM%%;
        }

        location /signed/ {
            llm_policy_signed_body change;
            proxy_pass http://%%UPSTREAM%%;
        }
    }

    server {
        listen 127.0.0.1:%%PORT_server%%;

        llm_policy_file 3.json;
        llm_policy_tier b;
        llm_policy_dry_run on;
        llm_policy_unmatched pass;
        llm_policy_signed_body change;

        location / {
            proxy_pass http://%%UPSTREAM%%;
        }

        location /dry/ {
            llm_policy_dry_run off;
            proxy_pass http://%%UPSTREAM%%;
        }

        location /all/ {
            llm_policy_file 4.json;
            llm_policy_tier "";
            llm_policy_dry_run off;
            llm_policy_unmatched reject;
            llm_policy_signed_body reject;
            proxy_pass http://%%UPSTREAM%%;
        }
    }

    server {
        listen 127.0.0.1:%%PORT_off%%;

        llm_policy off;

        location / {
            proxy_pass http://%%UPSTREAM%%;
        }

        location /on/ {
            llm_policy on;
            proxy_pass http://%%UPSTREAM%%;
        }
    }
}

EOC

my $unknown = '403 unknown_route';

# server, path, the forwarded temperature; the result of a body on an unknown
# path in the same folder

my @levels = (
    [ 0, '/', 0.1, $unknown ],
    [ 0, '/off/', undef, '{}' ],
    [ 0, '/off/on/', 0.1, $unknown ],
    [ 0, '/file/', 0.2, $unknown ],
    [ 0, '/tier/', 1.1, $unknown ],
    [ 0, '/dry/', undef, '{}' ],
    [ 0, '/pass/', 0.1, '{}' ],
    [ 'server', '/', undef, '{}' ],
    [ 'server', '/dry/', 1.3, '{}' ],
    [ 'server', '/all/', 0.4, $unknown ],
    [ 'off', '/', undef, '{}' ],
    [ 'off', '/on/', 0.1, $unknown ],
);

for my $level (@levels) {
    my ($server, $folder, $sent, $other) = @$level;
    my $expected = defined $sent ? qq({"temperature":$sent}) : '{}';

    is(verdict(post_to($t, $server, "${folder}chat", '{}')), $expected,
        "server $server, $folder");
    is(verdict(post_to($t, $server, "${folder}unknown", '{}')), $other,
        "server $server, $folder, unknown");
}

my @keys = (
    [ '/', 'X-One', 1.1 ], [ '/', 'X-Two', 0.1 ], [ '/', 'x-api-key', 1.1 ],
    [ '/key/', 'X-One', 0.1 ], [ '/key/', 'X-Two', 1.1 ],
);

for (@keys) {
    my ($folder, $header, $sent) = @$_;

    is(verdict($t->post("${folder}chat", '{}', $header => 'key')),
        qq({"temperature":$sent}), "$folder, $header");
}

# server, path, the result of a signed body that must be changed

my @signed = (
    [ 0, '/', '400 undermines_policy' ],
    [ 0, '/signed/', '{"temperature":0.1}' ],
    [ 'server', '/dry/', '{"temperature":1.3}' ],
    [ 'server', '/all/', '400 undermines_policy' ],
);

for my $row (@signed) {
    my ($server, $folder, $expected) = @$row;

    for my $field ('Content-Digest', 'Signature', 'Authorization') {
        is(verdict(post_to($t, $server, "${folder}chat", '{}',
            $field => 'AWS4-HMAC-SHA256 Credential=x')), $expected,
            "server $server, $folder, $field");
    }
}

# Errors that "nginx -t" reports.

my $conf = <<'EOC';
%%GLOBALS%%
load_module %%MODULE%%;
events {}
http {
    %%GLOBALS_HTTP%%
    server {
        listen 127.0.0.1:%%PORT_0%%;
        LINES
    }
}
EOC

my @mistakes = (
    [ 'llm_policy on;', '"llm_policy_file" is not set' ],
    [ 'llm_policy_file no.json;',
        'open() "TESTDIR/no.json" failed (2: No such file or directory)' ],
    [ 'llm_policy yes;',
        'invalid value "yes" in "llm_policy" directive, it must be "on" or '
        . '"off"' ],
    [ 'llm_policy_unmatched drop;', 'invalid value "drop"' ],
    [ 'llm_policy_log_level debug;', 'invalid value "debug"' ],
    [ 'llm_policy_signed_body pass;', 'invalid value "pass"' ],
    [ 'llm_policy_hold 64q;', '"llm_policy_hold" directive invalid value' ],
    [ 'llm_policy_hold 0;', '"llm_policy_hold" directive must not be 0' ],
    [ 'llm_policy_hold 0k;', '"llm_policy_hold" directive must not be 0' ],
    [ 'llm_policy_token_media many;', 'invalid number' ],
    [ 'llm_policy_token_media 0;',
        'value must be between 1 and 1000000' ],
    [ 'llm_policy_token_media 1000001;',
        'value must be between 1 and 1000000' ],
    [ 'llm_policy_token_media 5 6;',
        'invalid number of arguments in "llm_policy_token_media" directive' ],
    [ 'llm_policy_tier;',
        'invalid number of arguments in "llm_policy_tier" directive' ],
    [ 'llm_policy_key $no_such_variable;',
        'unknown "no_such_variable" variable' ],

    # each may be given once at a level
    map({ [ "$_; $_;", '"' . (split)[0] . '" directive is duplicate' ] }
        'llm_policy off', 'llm_policy_file 1.json', 'llm_policy_dry_run on',
        'llm_policy_tier a', 'llm_policy_tenant a',
        'llm_policy_key $http_x_key',
        'llm_policy_unmatched pass', 'llm_policy_signed_body change',
        'llm_policy_log_level info', 'llm_policy_hold 4k',
        'llm_policy_token_media 500'),

    [ 'location /a { llm_policy_dashboard; llm_policy_dashboard; }',
        '"llm_policy_dashboard" directive is duplicate' ],
    [ 'llm_policy_dashboard;',
        '"llm_policy_dashboard" directive is not allowed here' ],
    [ 'location /a { llm_policy_dashboard on; }',
        'invalid number of arguments in "llm_policy_dashboard" directive' ],
);

for my $mistake (@mistakes) {
    my ($lines, $error) = @$mistake;
    my $says = $t->config_errors($conf =~ s/LINES/$lines/r);

    $error =~ s/TESTDIR/$t->testdir/e;
    like($says, qr/\[emerg\] .*?\Q$error\E.*nginx\.conf/s, $lines);
}

# Unusual, but correct.

is($t->config_errors($conf =~ s/LINES/$_/r), '', $_) for (
    'llm_policy off;',
    'location /a { llm_policy on; llm_policy_file 1.json; }',
    'llm_policy_file 1.json; location /a { llm_policy on; }',
    'llm_policy_tier "$http_a-$http_b"; llm_policy_key "${arg_key}";',
    'llm_policy_unmatched reject; llm_policy_log_level error;',
    'llm_policy_signed_body reject; location /a { llm_policy_signed_body '
        . 'change; }',
);

$t->done;
