#!/usr/bin/perl

# llm-policy replay of a log of nginx with limits: requests near a limit, those
# that a limit moved to another tier, and those that limits refused.

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use FindBin;
use JSON::PP;
use Test::More;

use lib "$FindBin::Bin/../lib";
use LLMPolicy::Test;
use LLMPolicy::Tool;

my $conf = "$FindBin::Bin/../../conf";
my $t = LLMPolicy::Test->new;
my $up = $t->upstream(1, sub { return { body => '{}' } });
my %hash = map { $_ => 'sha256:' . sha256_hex("key-$_") } qw(acme own);

my $document = <<"EOF";
{
  "version": 1,
  "default_tier": "fast",
  "models": [ { "match": [ "m" ], "price": { "input": 1, "output": 1 } } ],
  "tiers": {
    "fast": { "parameters": { "temperature": { "max": 1 } },
      "limits": [ { "requests_per_hour": 2, "over": { "tier": "slow" } } ] },
    "slow": { "parameters": { "temperature": { "max": 0.5 } },
      "limits": [ { "requests_per_week": 2 } ] },
    "near": { "parameters": { "temperature": { "max": 1 } },
      "limits": [ { "requests_per_month": 4, "warn_at": 0.5 } ] },
    "paid": { "limits": { "cost_per_month": 1 } },
    "small": { "limits": { "output_tokens_per_hour": 3 } }
  },
  "tenants": {
    "acme": { "tier": "fast", "keys": [ "$hash{acme}" ] },
    "own": { "tier": "fast", "keys": [ "$hash{own}" ],
      "parameters": { "top_p": { "force": 0.1 } } }
  }
}
EOF

$t->write_file('was.json', $document);
$t->write_file('now.json', $document =~ s/"max": 0\.5/"max": 0.25/r);
$t->write_file('gone.json', $document
    =~ s/"over": \{ "tier": "slow" \}/"warn_at": 0.9/r
    =~ s/"slow": \{/"other": {/r);

$t->run(<<"EOC");

%%GLOBALS%%

load_module %%MODULE%%;

events {
}

http {
    %%GLOBALS_HTTP%%

    include $conf/llm-policy-log.conf;
    access_log %%TESTDIR%%/llm.log llm_policy;

    llm_policy on;
    llm_policy_file was.json;
    llm_policy_tier \$http_x_tier;
    llm_policy_limit_key \$http_x_user;

    server {
        listen 127.0.0.1:%%PORT_0%%;

        location / {
            proxy_pass http://%%UPSTREAM%%;
        }

        location /dry/ {
            rewrite ^/dry(.*) \$1 break;
            llm_policy_limit_dry_run on;
            proxy_pass http://%%UPSTREAM%%;
        }
    }
}

EOC

my $hot = '{"model":"m","temperature":1.9,"max_tokens":1}';

# a caller without a tenant, one with, and one with rules of its own: two in
# their tier, two in the other one, and refused there

for my $key ('', 'acme', 'own') {
    ask($key, $hot) for 1 .. 5;
}

ask('', $hot, 'X-Tier' => 'near') for 1 .. 5;
ask('', '{"model":"x"}', 'X-Tier' => 'paid');
ask('', '{"model":"m","max_tokens":9}', 'X-Tier' => 'small') for 1 .. 2;

is($t->post('/dry/v1/chat/completions', '{"model":"m","max_tokens":9}',
    'X-Tier' => 'small', 'X-User' => 'dry')->{status}, 200, 'dry run');

my @lines = $t->access_log(24, 'llm.log');
my @logged = map { decode_json($_)->{llm} } @lines;

is_deeply(count(map { $_->{limit}{status} } @logged), {
    passed => 6 + 1, over => 6, near => 3, rejected => 3 + 1 + 2,
    rejected_dry_run => 1, '' => 1,
}, 'what nginx logs');
is_deeply(count(map { $_->{tier} } grep { $_->{limit}{status} eq 'over' }
    @logged), { slow => 6 }, 'the tier of the log');

# The same document: nothing is different, whether or not it is known to be that
# of the log.

my %same = (
    lines => 24, replayed => 17, different => 0, near => 3, over => 6,
    limits => { requests_per_week => 3, requests_per_month => 1,
        output_tokens_per_hour => 2 },
    moved => {}, unknown_tiers => {},
    refused => { quota_exceeded => 4, rate_limit_exceeded => 2,
        model_not_priced => 1 },
);

is_deeply(replay('was.json'), \%same, 'the same document');
is_deeply(replay('was.json', '--was', 'was.json'), \%same, 'the same, --was');

# Another bound in the other tier: those that were decided there.

is_deeply(replay('now.json'), { %same, different => 6 }, 'another bound there');
is_deeply(replay('now.json', '--was', 'was.json'), { %same, different => 6 },
    'another bound there, --was');

# Without that tier, a tenant is in its own.

is_deeply(replay('gone.json', '--was', 'was.json'), { %same, different => 6,
    moved => { 'slow -> fast' => 4 }, unknown_tiers => { slow => 2 } },
    'no other tier');

# A log without these members is read as before.

$t->write_file('old.log', join '', map { s/"limit":\{.*?\},//r . "\n" } @lines);

my $old = replay('was.json', '--log', 'old.log');

is_deeply([ @$old{qw(lines replayed near over limits)} ], [ 24, 17, 0, 0, {} ],
    'an older log');

# As text.

my $text = run_replay('now.json', 'llm.log')->{out};

like($text, qr/^  near a limit +3$/m, 'near, as text');
like($text, qr/^  over a limit +6  decided by the tier to which it moved /m,
    'over, as text');
like($text, qr/^refused by limits\n/m, 'limits, as text');
like($text, qr/^  requests_per_week +3  requests$/m, 'a limit, as text');
unlike(run_replay('now.json', 'old.log')->{out}, qr/limit\b/,
    'nothing of an older log');

$t->done;

sub ask {
    my ($key, $body, %head) = @_;

    return $t->post('/v1/chat/completions', $body, 'X-User' => "user-$key",
        $key ? (Authorization => "Bearer key-$key") : (), %head);
}

sub count {
    my %count;

    $count{$_}++ for @_;

    return \%count;
}

sub run_replay {
    my ($document, $log, @options) = @_;
    my $dir = $t->testdir;

    return tool('', 'replay', "$dir/$document", @options, "$dir/$log");
}

sub replay {
    my ($document, %options) = @_;
    my $log = delete $options{'--log'} // 'llm.log';
    my $said = decode_json(run_replay($document, $log, '--json',
        map { ($_, $t->testdir . "/$options{$_}") } keys %options)->{out});

    return { map({ $_ => $said->{$_} } qw(lines replayed different near over
        limits moved unknown_tiers)),
        refused => $said->{not_replayable}{refused} };
}
