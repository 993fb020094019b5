#!/usr/bin/perl

# Redirects within nginx to a location with another caller or other limits:
# they count there, and nothing remains counted in the location before.

use strict;
use warnings;

use FindBin;
use Test::More;

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Conf;
use LLMPolicy::Stream;
use LLMPolicy::Test;

use constant { REQUESTS => 5, TOKENS => 10_000, OUTPUT => 100, USED => 7 };

my $chat = 'v1/chat/completions';
my $body = '{"max_tokens":' . OUTPUT . '}';
my $wait = 2000;

my $t = LLMPolicy::Test->new;

my $up = $t->upstream(1, sub {
    my ($request) = @_;
    my $usage = '{"usage":{"total_tokens":' . USED . '}}';
    my %headers = ('Content-Type' => 'application/json');

    return $request->{raw} =~ /^X-Slow: /m
        ? { headers => \%headers, chunks => [ ' ', \$wait, $usage ] }
        : { headers => \%headers, body => $usage };
});

# The upstream of first locations: it sends the client elsewhere, or fails.

$t->upstream(2, sub {
    my ($request) = @_;
    my ($to) = $request->{raw} =~ /^X-To: (\S+)\r$/m;

    return $to ? { headers => { 'X-Accel-Redirect' => $to } }
               : { status => 503 };
});

my @redirects = qw(files static failed accel twice);

my $tenants = join ', ', map { qq("$_": { "tier": "one", "keys": [] }) }
    map { ("$_-tenant-a", "$_-tenant-b") } @redirects;

my $limits = '"requests_per_minute": ' . REQUESTS
    . ', "tokens_per_day": ' . TOKENS;

$t->write_file('policy.json', <<"EOP");
{
  "version": 1,
  "default_tier": "one",
  "tiers": {
    "one":   { "limits": { $limits } },
    "same":  { "limits": { $limits } },
    "few":   { "limits": { "requests_per_minute": 2,
                           "tokens_per_day": @{[ TOKENS ]} } },
    "short": { "parameters": { "max_tokens": { "max": 10 } },
               "limits": { $limits } },
    "slots": { "limits": { "concurrent_requests": 1 } },
    "none":  {}
  },
  "tenants": { $tenants },
  "routes": [ { "path": "~/chat/completions\$", "dialect": "openai.chat" } ]
}
EOP

# name; what the first location sets, and the second one.  Keys begin with the
# user, so that each test has its own.

my @values = (
    [ 'key', '$user-a', '$user-b' ],
    [ 'set', '$user-$key', '$user-$key', 'set $key a;', 'set $key b;' ],
    [ 'equal', '$user-a', '$http_x_user-a' ],
    [ 'same', '$user-a', '$user-a', '', 'llm_policy_tier same;' ],
    [ 'few', '$user-a', '$user-a', '', 'llm_policy_tier few;' ],
    [ 'short', '$user-a', '$user-a', '', 'llm_policy_tier short;' ],
    [ 'none', '$user-a', '$user-a', '', 'llm_policy_tier none;' ],
    [ 'begin', '$user-a', '$user-a', 'llm_policy_tier none;', '' ],
    [ 'tenant', '""', '""', 'llm_policy_tenant $user-a;',
        'llm_policy_tenant $user-b;' ],
    [ 'slots', '$user-a', '$user-b', 'llm_policy_tier slots;',
        'llm_policy_tier slots;' ],
    [ 'dry', '$user-a', '$user-a', 'llm_policy_limit_dry_run on;', '' ],
    [ 'trial', '$user-a', '$user-a', '', 'llm_policy_limit_dry_run on;' ],
);

my $locations = '';

for my $value (@values) {
    my ($name, $first, $second, $set, $reset) = (@$value, '', '');

    $locations .= <<"EOL";

    location /first/$name/ {
        $set
        llm_policy_limit_key $first;
        proxy_pass http://%%UPSTREAM%%;
    }

    location /second/$name/ {
        $reset
        llm_policy_limit_key $second;
        proxy_pass http://%%UPSTREAM%%;
    }

    location /files/$name/ {
        $set
        llm_policy_limit_key $first;
        root %%TESTDIR%%/none;
        try_files \$uri \@$name;
    }

    location /static/$name/ {
        $set
        llm_policy_limit_key $first;
        root %%TESTDIR%%/none;
        error_page 404 405 = \@$name;
    }

    location /failed/$name/ {
        $set
        llm_policy_limit_key $first;
        proxy_pass http://%%UPSTREAM_2%%;
        proxy_intercept_errors on;
        error_page 503 = \@$name;
    }

    location /accel/$name/ {
        $set
        llm_policy_limit_key $first;
        proxy_set_header X-To \@$name;
        proxy_pass http://%%UPSTREAM_2%%;
    }

    location /twice/$name/ {
        $set
        llm_policy_limit_key $first;
        root %%TESTDIR%%/none;
        try_files \$uri \@twice_$name;
    }

    location \@twice_$name {
        llm_policy_limit_key \$user-between;
        proxy_pass http://%%UPSTREAM_2%%;
        proxy_intercept_errors on;
        error_page 503 = \@$name;
    }

    location \@$name {
        $reset
        llm_policy_limit_key $second;
        proxy_pass http://%%UPSTREAM%%;
    }
EOL
}

$t->run(gateway(main => 'worker_processes 1;', http => <<'EOH',

proxy_request_buffering off;
llm_policy_limit_headers on;

EOH
    server => "set \$user \$http_x_user;\nset \$key \"\";\n$locations"));

# to another caller, and to the same one

for my $redirect (@redirects) {
    for my $name (qw(key set tenant equal same)) {
        my $user = "$redirect-$name";
        my $moved = $name =~ /key|set|tenant/;

        ok(is_used($redirect, $name, $user, 1, 0), "$user: counts");
        ok(is_used('second', $name, $user, 2, USED), "$user: second location");
        ok(is_used('first', $name, $user,
            $moved ? (1, 0) : (3, 2 * USED)), "$user: first location");
    }
}

# A caller that has used up its limit in the second location.

for my $redirect (@redirects) {
    my $user = "$redirect-spent";

    send_as('second', 'key', $user) for 1 .. REQUESTS;
    $up->clear;

    is(send_as($redirect, 'key', $user)->{status}, 429, "$user: refused");
    is($up->count, 0, "$user: not forwarded");
    ok(is_used('first', 'key', $user, 1, 0), "$user: first location");
}

# To other limits of the same caller.

for my $redirect (@redirects) {
    my $user = "$redirect-limits";

    is(statuses($redirect, 'few', "$user-few", 3), '200 200 429',
        "$user: fewer requests");
    is(statuses($redirect, 'none', "$user-none", REQUESTS + 1),
        join(' ', (200) x (REQUESTS + 1)), "$user: no limits");
    ok(is_used('first', 'none', "$user-none", 1, 0),
        "$user: no limits: first location");
    is(statuses($redirect, 'begin', "$user-begin", REQUESTS + 1),
        join(' ', (200) x REQUESTS, 429), "$user: only the second has limits");

    # of an edited body

    is(send_as($redirect, 'short', "$user-short")->{headers}
        {'x-ratelimit-remaining-tokens'}, TOKENS - prompt() - 10,
        "$user: fewer tokens are reserved");
}

# Limits that are tried out in one of the locations.

for my $redirect (@redirects) {
    my $user = "$redirect-trial";

    is(statuses($redirect, 'dry', "$user-dry", REQUESTS + 1),
        join(' ', (200) x REQUESTS, 429), "$user: in the first");
    is(statuses('second', 'trial', "$user-trial", REQUESTS + 1),
        join(' ', (200) x (REQUESTS + 1)), "$user: in the second");
}

# Slots of requests in progress.

for my $redirect (@redirects) {
    my $user = "$redirect-slots";
    my $client = $t->client;

    $up->clear;
    $client->request('POST', "/$redirect/slots/$chat", $body,
        'X-User' => $user, 'X-Slow' => 1);
    $up->wait_for(1);

    is(send_as('first', 'slots', $user)->{status}, 200,
        "$user: the slot of the first is free");
    is(send_as('second', 'slots', $user)->{status}, 429,
        "$user: that of the second is taken");
    is($client->response->{status}, 200, "$user: the response");
    is(send_as('second', 'slots', $user)->{status}, 200,
        "$user: the slot is free after it");
}

$t->done;

sub send_as {
    my ($location, $name, $user) = @_;

    return $t->request('POST', "/$location/$name/$chat", $body,
        'X-User' => $user);
}

sub statuses {
    my ($location, $name, $user, $n) = @_;

    return join ' ', map { send_as($location, $name, $user)->{status} } 1 .. $n;
}

# Sends a request, and returns whether so many requests are counted then, with
# it, and so many tokens without it.

sub is_used {
    my ($location, $name, $user, $requests, $tokens) = @_;
    my $headers = send_as($location, $name, $user)->{headers};
    my @left = map { $headers->{"x-ratelimit-remaining-$_"} // 'none' }
        qw(requests tokens);
    my @expected = (REQUESTS - $requests,
        TOKENS - $tokens - prompt() - OUTPUT);

    diag("left: @left, expected: @expected") if "@left" ne "@expected";

    return "@left" eq "@expected";
}

# Returns the estimated tokens of the body.

sub prompt {
    return int((length($body) + 3) / 4);
}
