#!/usr/bin/perl

# Limits of every kind at once, with 64 connections to three workers: as many
# requests are admitted as the tightest limit permits, to the request, the token
# and the last part of the costs, and each is charged to all of them.

use strict;
use warnings;

use FindBin;
use JSON::PP;
use Test::More;

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Load;
use LLMPolicy::Test;

use constant { CLIENTS => 64, EACH => 8, INPUT => 11, OUTPUT => 5 };

# the prompt is estimated as what the upstream reports: nothing is returned

my $body = '{"model":"m","max_tokens":5,"stop":"xxxxxx"}';
my $cost = INPUT * 2.5e-6 + OUTPUT * 10e-6 + 0.0001;

is(length $body, INPUT * 4, 'the estimate is exact');

# tier: requests admitted, and the limit that refuses the next

my %tiers = (
    requests => [ 100, 'requests_per_day' ],
    tokens => [ 101, 'tokens_per_week' ],
    input => [ 102, 'input_tokens_per_month' ],
    output => [ 103, 'output_tokens_per_day' ],
    cost => [ 104, 'cost_per_month' ],
    all => [ 105, 'requests_per_month' ],
);

my $up = LLMPolicy::Test->new;

my $answer = encode_json({ usage => { prompt_tokens => INPUT,
    completion_tokens => OUTPUT } });

$up->run(<<"EOF");

%%GLOBALS%%

events {
}

http {
    %%GLOBALS_HTTP%%

    keepalive_requests 1000000;

    server {
        listen 127.0.0.1:%%PORT_0%%;
        default_type application/json;
        return 200 '$answer';
    }
}

EOF

my $t = LLMPolicy::Test->new;

sub limits {
    my ($tier) = @_;
    my $n = $tiers{$tier}[0];
    my $many = 10 * CLIENTS * EACH;

    return [
        { requests_per_day => ($tier eq 'requests' ? $n : $many) + 0,
          requests_per_hour => $many, concurrent_requests => CLIENTS },
        { by => [ 'caller', 'model' ], tokens_per_week =>
            (INPUT + OUTPUT) * ($tier eq 'tokens' ? $n : $many) },
        { by => [ 'model' ], models => [ 'm' ], input_tokens_per_month =>
            INPUT * ($tier eq 'input' ? $n : $many) },
        { output_tokens_per_day => OUTPUT * ($tier eq 'output' ? $n : $many),
          output_tokens_per_minute => OUTPUT * $many },
        { cost_per_month => $cost * ($tier eq 'cost' ? $n : $many) },
        { by => [], requests_per_month => ($tier eq 'all' ? $n : $many) + 0 },
    ];
}

my $json = JSON::PP->new->canonical;

$t->write_file('policy.json', $json->encode({
    version => 1,
    default_tier => 'all',
    models => [ { match => [ 'm' ],
        price => { input => 2.5, output => 10, request => 0.0001 } } ],
    tiers => { map { $_ => { limits => limits($_) } } keys %tiers },
}));

$t->run(<<"EOF");

%%GLOBALS%%

load_module %%MODULE%%;

worker_processes 3;

events {
}

http {
    %%GLOBALS_HTTP%%

    llm_policy_zone limits:256k;

    log_format llm '\$http_x_tier \$status \$llm_limit';
    access_log %%TESTDIR%%/llm.log llm;

    upstream backend {
        server 127.0.0.1:@{[ $up->port(0) ]};
        keepalive 64;
    }

    llm_policy on;
    llm_policy_file policy.json;
    llm_policy_tier \$http_x_tier;
    llm_policy_limit_key \$http_x_tier;
    keepalive_requests 1000000;

    server {
        listen 127.0.0.1:%%PORT_0%% reuseport;

        location / {
            error_log /dev/null crit;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_pass http://backend;
        }
    }
}

EOF

my @tiers = sort keys %tiers;

# all tiers at the same time, in another order for each client

my $load = LLMPolicy::Load->start($t, CLIENTS, sub {
    my ($client, $n) = @_;

    return if $n == EACH * @tiers;

    return [ 'POST', '/v1/chat/completions', $body,
        'X-Tier' => $tiers[($client + $n) % @tiers] ];
});

my $count = $load->finish;
my (%admitted, %by);

for my $line ($t->access_log(CLIENTS * EACH * @tiers, 'llm.log')) {
    my ($tier, $status, $limit) = split / /, $line;

    $admitted{$tier}++ if $status == 200;
    $by{$tier}{$limit}++ if $status == 429;
}

is_deeply([ sort keys %$count ], [ 200, 429 ], 'admitted or refused');

for my $tier (@tiers) {
    my ($n, $limit) = @{ $tiers{$tier} };

    is($admitted{$tier}, $n, "$tier: as many as fit");
    is_deeply($by{$tier}, { $limit => CLIENTS * EACH - $n },
        "$tier: the others by this limit");
}

ok($up->leave, 'the upstream exited');
$t->done;
