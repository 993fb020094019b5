#!/usr/bin/perl

# llm_policy_reload off: only a reload loads a changed document.

use strict;
use warnings;

use FindBin;
use Test::More;
use Time::HiRes qw(sleep);

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Test;

my $t = LLMPolicy::Test->new;
$t->upstream(1, sub { {} });

write_policy(1);

my $conf = <<'EOC';

%%GLOBALS%%

load_module %%MODULE%%;

events {
}

http {
    %%GLOBALS_HTTP%%

    llm_policy on;
    llm_policy_file policy.json;
    llm_policy_reload LINES;

    add_header X-Temperature $llm_effective_temperature always;

    server {
        listen 127.0.0.1:%%PORT_0%%;

        location / {
            proxy_pass http://%%UPSTREAM%%;
        }
    }
}

EOC

like($t->config_errors($conf =~ s/LINES/$_->[0]/r), qr/$_->[1]/, $_->[0]) for
    [ '0', 'invalid value' ],
    [ 'soon', 'invalid value' ],
    [ 'off; llm_policy_reload 1s', 'is duplicate' ],
    [ '1s; llm_policy_reload off', 'is duplicate' ];

$t->run($conf =~ s/LINES/off/r);

write_policy(0.5);
sleep 1;
is(in_force(), 1, 'it is unchanged');

ok($t->reload, 'a reload');
is(in_force(), 0.5, 'takes it up');

$t->done;

sub write_policy {
    my ($max) = @_;

    $t->write_file('policy.json', <<"EOF");
{
  "version": 1,
  "default_tier": "free",
  "tiers": { "free": { "parameters": { "temperature": { "max": $max } } } }
}
EOF
}

sub in_force {
    return $t->post('/v1/chat/completions', '{"temperature":1.9}')
        ->header('X-Temperature');
}
