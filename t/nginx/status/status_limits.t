#!/usr/bin/perl

# Tokens and limits in the status: the kinds of tokens, refusals by limit,
# remaining room, and the tenants that are closest to a limit.

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use FindBin;
use JSON::PP;
use Test::More;

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Test;

my $t = LLMPolicy::Test->new;
my $uri = '/v1/chat/completions';

$t->upstream(1, sub {
    my ($reported) = $_[0]{body} =~ /"model":"reported"/;

    return { body => $reported
        ? '{"usage":{"prompt_tokens":5,"completion_tokens":7}}'
        : '{"choices":[{"message":{"content":"twelve bytes"}}]}' };
});

# The smallest limit of tenants is that of a day: those of a minute have room
# again while a slow machine runs the test.

my $tenants = join ',', map { sprintf '"t%d":{"tier":"free","keys":["sha256:%s'
    . '"],"limits":{"requests_per_minute":100000,"tokens_per_day":%d}}',
    $_, sha256_hex("key-$_"), 10 * (100 - $_) } 1 .. 20;

$t->write_file('policy.json', <<"EOF");
{
  "version": 1,
  "default_tier": "free",
  "tiers": {
    "free": { "limits": { "requests_per_minute": 3,
                          "tokens_per_minute": 100000 } }
  },
  "tenants": { $tenants }
}
EOF

$t->run(<<'EOF');

%%GLOBALS%%

load_module %%MODULE%%;

events {
}

http {
    %%GLOBALS_HTTP%%

    llm_policy_zone callers:64k;
    llm_policy_file policy.json;

    server {
        listen 127.0.0.1:%%PORT_0%%;

        location / {
            llm_policy on;
            proxy_pass http://%%UPSTREAM%%;
        }

        location = /status {
            llm_policy_status;
        }
    }
}

EOF

is_deeply(status()->{limits}, { zone => 'callers', size => 65536,
    free => status()->{limits}{free}, keys => 0, evicted => 0, nearest => [] },
    'at the start');

# A caller that is not a tenant.

$t->post($uri, '{"model":"reported"}') for 1 .. 3;
$t->post($uri, '{"model":"reported"}');

is_deeply(status()->{limits}{nearest}, [], 'a stranger is not named');
is_deeply(status()->{limit_refusals}, [ { tier => 'free', count => 1,
    limit => 'requests_per_minute' } ], 'a refusal');
is_deeply(tokens(), { prompt => 15, completion => 21 }, 'tokens: reported');

$t->post($uri, '{"model":"silent"}', Authorization => 'Bearer key-1');
is_deeply(tokens(), { prompt => 15, completion => 21, prompt_estimated => 5,
    completion_estimated => 3 }, 'tokens: estimated');

# Tenants: t20 has requested most, measured by the smallest limit.

for my $n (1 .. 20) {
    $t->post($uri, '{}', Authorization => "Bearer key-$n") for 1 .. $n;
}

my @nearest = @{ status()->{limits}{nearest} };

is(join(' ', map { $_->{tenant} } @nearest),
    join(' ', map { "t$_" } reverse 11 .. 20), 'the ten nearest, in order');
is($nearest[0]{allowed}, 800, 'its own limit');
is($nearest[0]{tier}, 'free', 'its tier');
is($nearest[0]{limit}, 'tokens_per_day', 'the limit');
is($nearest[0]{used}, 20 * 4, 'its usage');
is(status()->{limits}{keys}, 21, 'callers');

my $text = $t->get('/status')->{body};

like($text, qr/^llm_policy_limit_keys 21$/m, 'text: callers');
like($text, qr/^llm_policy_limit_refusals_total\{tier="free",
    limit="requests_per_minute"\}\ 1$/mx, 'text: refusals');
like($text, qr/^llm_policy_tokens_total\{tier="free",kind="prompt"\} 15$/m,
    'text: tokens');
like($text, qr/^llm_policy_zone_size_bytes 65536$/m, 'text: size');

# More callers than the zone has room for.

$t->post($uri, '{}', Authorization => "Bearer other-$_") for 1 .. 250;

my $limits = status()->{limits};
cmp_ok($limits->{evicted}, '>', 0, 'some were evicted');
is($limits->{evicted} + $limits->{keys}, 271, 'the others were not');
unlike($t->get('/status?format=json')->{body}, qr/other|key-/,
    'no key anywhere');

$t->done;

sub status {
    return decode_json($t->get('/status?format=json')->{body});
}

sub tokens {
    return { map { $_->{kind} => $_->{count} } @{ status()->{tokens} } };
}
