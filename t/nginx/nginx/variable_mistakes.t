#!/usr/bin/perl

# Mistakes in nginx.conf that would only make a value empty: names of variables
# that do not exist stop nginx; a tier that the document does not have, and
# variables that are used before the decision, are warned of once.

use strict;
use warnings;

use FindBin;
use Test::More;

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Test;

my $t = LLMPolicy::Test->new;
my $up = $t->upstream;
my $dir = $t->testdir;
my $uri = '/v1/chat/completions';
my $body = '{"temperature":1.9}';

$t->write_file('policy.json', '{"version":1,"default_tier":"free","tiers":{'
    . '"free":{"parameters":{"temperature":{"max":1}}},'
    . '"pro":{"parameters":{}}}}');

# Names

my %wrong = (
    llm_effective_temprature =>
        'did you mean "llm_effective_temperature"?',
    llm_requested_maxtokens => 'did you mean "llm_requested_max_tokens"?',
    llm_action_ => 'after "llm_action_", expected one of "temperature", ',
    llm_remaining_rpm => 'after "llm_remaining_", expected one of '
        . '"requests_per_minute", ',
    llm_remaining_token_per_day =>
        'did you mean "llm_remaining_tokens_per_day"?',
);

for my $name (sort keys %wrong) {
    for my $use ("log_format own '\$$name'; access_log $dir/own.log own;",
        "add_header X-Own \$$name;", "map \$$name \$own { default 1; }\n"
        . 'add_header X-Own $own;')
    {
        my $says = qq(unknown "$name" variable; $wrong{$name});

        like($t->config_errors(conf($use)), qr/\[emerg\] .*\Q$says\E/, $use);
    }
}

for my $use ('add_header X-Own $llm_effective_temperature;',
    'add_header X-Own $llm_remaining_tokens_per_day;',
    'map $arg_a $llm_action_own { default 1; } add_header X $llm_action_own;')
{
    is($t->config_errors(conf($use)), '', "right: $use");
}

# Tiers

my $warning = 'tier "gold" of "llm_policy_tier" is not defined in '
    . qq("$dir/policy.json", so that "free" applies in );

for my $case ([ gold => 1 ], [ pro => 0 ], [ '""' => 0 ],
    [ '$http_x_tier' => 0 ])
{
    my ($tier, $expected) = @$case;

    is($t->config_errors(conf("llm_policy_tier $tier;")), '',
        "accepted: $tier");

    # for all locations together
    my $times = () = $t->read_file('check') =~ /\[warn\] .*\Q$warning\E/g;

    is($times, $expected, "warnings: $tier");
}

# Uses: each location has a variable of its own, in the order of the phases.

my %early = (
    llm_tier => 'set $own $llm_tier;',
    llm_status => 'if ($llm_status) { set $own 1; }',
    llm_model => 'set $own $mapped;',
    llm_action_temperature =>
        'rewrite /(.*) /$1?$llm_action_temperature break;',
    llm_tenant => 'limit_req zone=tenants burst=100;',
    llm_total_tokens => 'set $own $llm_total_tokens;',
    llm_limit_status => 'set $own $llm_limit_status;',
    llm_remaining_tokens_per_day => 'set $own $llm_remaining_tokens_per_day;',
);

my $locations = join "\n", map { "location /$_/ { $early{$_} "
    . "proxy_pass http://%%UPSTREAM%%/; }" } sort keys %early;

$t->run(conf(<<"EOF", <<"EOF"));
    log_format uses '\$llm_reason \$llm_dialect \$llm_prompt_tokens';
    access_log $dir/uses.log uses;
    add_header X-Reason \$llm_reason always;

    map \$llm_model \$mapped { default 1; }
    limit_req_zone \$llm_tenant zone=tenants:1m rate=100r/s;
    limit_req_zone \$binary_remote_addr zone=none:1m rate=1r/m;
EOF
    $locations

    location / {
        proxy_set_header X-Dialect \$llm_dialect;
        proxy_pass http://%%UPSTREAM%%;
    }

    location /limited/ {
        limit_req zone=none;
        error_page 503 = \@limited;
        proxy_pass http://%%UPSTREAM%%/;
    }

    location \@limited {
        return 503 "\$llm_reason";
    }

    location /denied/ {
        deny all;
    }

    location /off/ {
        llm_policy off;
        set \$own \$llm_reason;
        proxy_pass http://%%UPSTREAM%%/;
    }
EOF

for (1 .. 2) {
    $t->post($_, $body)
        for $uri, "/limited$uri", "/limited$uri", "/denied$uri", "/off$uri";
    $t->post($uri, '{"temperature":"x"}');
    $t->get('/');
}

is(warned(), 0, 'used after the decision, or without one');

for my $name (sort keys %early) {
    $t->post("/$name$uri", $body) for 1 .. 3;

    is(warned($name), 1, "$early{$name}: \$$name, warned of once");
}

is(warned(), scalar keys %early, 'no other warning');

$t->done;

sub warned {
    my ($name) = @_;

    $name = defined $name ? quotemeta $name : '\w+';

    my $says = qr/"\$$name" is used before the policy decides, and is empty/;

    return scalar(() = $t->error_log =~ /\[warn\] [^\n]*$says/g);
}

sub conf {
    my ($directives, $locations) = @_;

    $locations //= 'location / { proxy_pass http://%%UPSTREAM%%; }'
        . 'location /other { return 204; }';

    return <<"EOF";

%%GLOBALS%%

load_module %%MODULE%%;

events {
}

http {
    %%GLOBALS_HTTP%%

    llm_policy on;
    llm_policy_file policy.json;
    $directives

    server {
        listen 127.0.0.1:%%PORT_0%%;
        $locations
    }
}

EOF
}
