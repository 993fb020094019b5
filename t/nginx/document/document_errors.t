#!/usr/bin/perl

# The messages of "nginx -t" about directives and policy documents.

use strict;
use warnings;

use FindBin;
use Test::More;

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Test;

my $t = LLMPolicy::Test->new;
my $up = $t->upstream;

my %documents = (
    good => '{"version":1,"default_tier":"t","tiers":{"t":{"parameters":{'
        . '"temperature":{"max":1}}}}}',

    strict => '{"version":1,"default_tier":"t","tiers":{"t":{"parameters":{'
        . '"temperature":{"max":0.5}}}}}',

    empty => '',

    cut => "{\n  \"version\": 1,\n",

    mistakes => <<'EOF',
{
  "version": 1,
  "default_tier": "gold",
  "tiers": {
    "free": {
      "parameters": {
        "temperature": { "min": 2, "max": 1 },
        "top_p": { "maximum": 1 }
      },
      "models": { "allow": ["~("] }
    }
  }
}
EOF

    names => '{"version":1,"default_tier":"a\\r\\nX-Admin: 1","tiers":{'
        . '"a\\r\\nX-Admin: 1":{}},"tenants":{"b\\nc":{"tier":'
        . '"a\\r\\nX-Admin: 1","keys":[]}}}',

    large => ' ' x (16 * 1024 * 1024 + 1),
);

$t->write_file("$_.json", $documents{$_}) for keys %documents;

# Right: the levels of directives, and inheritance.

my @right = (
    [ 'nothing', '', '', '' ],
    [ 'http', 'llm_policy on; llm_policy_file good.json;', '', '' ],
    [ 'server', '', 'llm_policy on; llm_policy_file good.json;', '' ],
    [ 'location', '', '', 'llm_policy on; llm_policy_file good.json;' ],
    [ 'inherited', 'llm_policy_file good.json;', 'llm_policy on;', '' ],
    [ 'replaced', 'llm_policy on; llm_policy_file good.json;', '',
        'llm_policy_file strict.json;' ],
    [ 'off', 'llm_policy_file good.json;', '', 'llm_policy off;' ],
    map({ [ $_, "$_; llm_policy on; llm_policy_file good.json;", '', '' ] }
        map { "llm_policy_reload $_" } qw(1s 50ms 1m off)),
    [ 'status', '', '', 'llm_policy_status;' ],
    [ 'status, and a policy', 'llm_policy on; llm_policy_file good.json;', '',
        'llm_policy_status; llm_policy off;' ],
    [ 'absolute path', '', 'llm_policy_file %%TESTDIR%%/good.json;', '' ],

    map { [
        $_, "llm_policy_file good.json; $_;", "$_;", "llm_policy on; $_;",
    ] }
        'llm_policy_dry_run on', 'llm_policy_tier $http_x_tier',
        'llm_policy_tier ""', 'llm_policy_key "$arg_key$http_x_key"',
        'llm_policy_unmatched reject', 'llm_policy_unmatched pass',
        'llm_policy_signed_body reject', 'llm_policy_signed_body change',
        map { "llm_policy_log_level $_" } qw(info notice warn error),
);

for my $case (@right) {
    my ($name, @conf) = @$case;

    is($t->config_errors(conf(@conf)), '', $name);
}

# Wrong: the message has the error and its position.

my $on = 'llm_policy on; llm_policy_file';

my @wrong = (
    [ 'llm_policy on;', qr/"llm_policy_file" is not set/ ],
    [ 'llm_policy maybe;', qr/invalid value "maybe" in "llm_policy"/ ],
    [ 'llm_policy on; llm_policy off;', qr/"llm_policy" directive is dupl/ ],
    [ "$on good.json; llm_policy_file good.json;", qr/is duplicate/ ],
    [ 'llm_policy_file good.json good.json;', qr/invalid number of arg/ ],
    [ 'llm_policy_dry_run 1;', qr/invalid value "1"/ ],
    [ 'llm_policy_unmatched forward;', qr/invalid value "forward"/ ],
    [ 'llm_policy_signed_body pass;', qr/invalid value "pass"/ ],
    [ 'llm_policy_reload 1s;', qr/"llm_policy_reload".* not allowed here/ ],
    [ 'llm_policy_status;', qr/"llm_policy_status".* not allowed here/ ],
    [ 'location /s { llm_policy_status on; }', qr/invalid number of arg/ ],
    [ 'location /s { llm_policy_status; llm_policy_status; }',
        qr/is duplicate/ ],
    [ 'llm_policy_log_level crit;', qr/invalid value "crit"/ ],
    [ 'llm_policy_tier $no_such_variable;', qr/unknown "no_such_variable"/ ],
    [ 'llm_policy_key $no_such_variable;', qr/unknown "no_such_variable"/ ],
    [ 'if ($arg_a) { llm_policy on; }', qr/"llm_policy".* not allowed here/ ],

    [ "$on none.json;", qr{open\(\) ".*/none\.json" failed \(2: } ],
    [ "$on %%TESTDIR%%;", qr/failed \(21: / ],
    [ "$on large.json;", qr/large\.json" is larger than 16777216 bytes/ ],
    [ "$on empty.json;", qr{/empty\.json:1:1: : \S+} ],
    [ "$on cut.json;", qr{/cut\.json:3:\d+: : \S+} ],

    # all errors, in the order of the document

    [ "$on mistakes.json;", qr{
        /mistakes\.json:3:\d+:\ /default_tier:\ .*\n
        .*/mistakes\.json:7:\d+:\ /tiers/free/parameters/temperature/.*:\ .*\n
        .*/mistakes\.json:8:\d+:\ /tiers/free/parameters/top_p/maximum:\ .*\n
        .*/mistakes\.json:10:\d+:\ /tiers/free/models/allow/0:\ .*\n
    }x ],

    # proxy_set_header X-Tenant $llm_tenant

    [ "$on names.json;", qr{
        /tiers/a\?\?X-Admin:\ 1:\ the\ name\ must\ have\ only\ visible\ .*\n
        .*/tenants/b\?c:\ the\ name\ must\ have\ only\ visible
    }x ],

    # also if it is not used

    [ 'llm_policy_file mistakes.json;', qr{/mistakes\.json:3:} ],
);

for my $case (@wrong) {
    my ($directives, $message) = @$case;
    my $errors = $t->config_errors(conf('', $directives, ''));

    like($errors, $message, $directives);

    # variables are looked up after nginx.conf has been read

    like($errors, qr{ in \S*/nginx\.conf:\d+$}m, "$directives: place")
        if $errors !~ /no_such_variable/;
}

# Each location has the nearest policy.

$t->run(conf('llm_policy on; llm_policy_file good.json;', '',
    'llm_policy_file strict.json;'));

$t->post('/v1/chat/completions', '{"temperature":1.9}');
$t->is_sent($up, '{"temperature":1}', 'inherited');

$t->post('/v1/completions', '{"temperature":1.9}');
$t->is_sent($up, '{"temperature":0.5}', 'replaced');

$t->done;

sub conf {
    my ($http, $server, $location) = @_;

    return <<"EOF";

%%GLOBALS%%

load_module %%MODULE%%;

events {
}

http {
    %%GLOBALS_HTTP%%

    $http

    server {
        listen 127.0.0.1:%%PORT_0%%;

        $server

        location / {
            proxy_pass http://%%UPSTREAM%%;
        }

        location /v1/completions {
            $location
            proxy_pass http://%%UPSTREAM%%;
        }
    }
}

EOF
}
