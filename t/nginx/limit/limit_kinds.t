#!/usr/bin/perl

# Limits of every kind: by caller, key and model, of some models, of all callers
# together, by hour and month, of input and output, in money, and the tier over
# which a request is decided instead.

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use FindBin;
use JSON::PP;
use Test::More;

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Test;

my $t = LLMPolicy::Test->new;
my $chat = '/v1/chat/completions';
my $n = 0;

# the usage is what the client names: input, cached, output, reasoning

my $up = $t->upstream(1, sub {
    my ($request) = @_;
    my ($in, $cached, $out, $thought) =
        $request->{raw} =~ /^X-Usage: (\d+) (\d+) (\d+) (\d+)\r$/m;

    return { body => encode_json({ usage => {
        prompt_tokens => $in + 0, completion_tokens => $out + 0,
        total_tokens => $in + $out,
        prompt_tokens_details => { cached_tokens => $cached + 0 },
        completion_tokens_details => { reasoning_tokens => $thought + 0 },
    } }) };
});

my %key = map { $_ => sha256_hex("key-$_") } qw(one two three four five);

$t->write_file('policy.json', <<"EOF");
{
  "version": 1,
  "default_tier": "plain",
  "utc_offset": "+02:00",
  "weights": { "input": 1, "cached_input": 0.1, "output": 1, "reasoning": 2 },
  "models": [
    { "match": [ "cheap" ], "price": { "input": 0.5, "output": 1.25 } },
    { "match": [ "dear" ], "price": { "input": 2.5, "cached_input": 0.25,
        "cache_write": 3.75, "output": 10, "request": 0.01 } }
  ],
  "tiers": {
    "plain": {},
    "models": { "limits": [
      { "requests_per_hour": 5 },
      { "models": [ "~^gpt" ], "requests_per_hour": 2 },
      { "by": [ "caller", "model" ], "requests_per_hour": 3 }
    ] },
    "all": { "limits": [ { "by": [], "requests_per_day": 3 } ] },
    "weighted": { "limits": { "tokens_per_month": 1000 } },
    "parts": { "limits": { "input_tokens_per_week": 50,
                           "output_tokens_per_hour": 30 } },
    "money": { "limits": [ { "cost_per_month": 0.05, "warn_at": 0.4 } ] },
    "fast": { "limits": [ { "requests_per_hour": 1,
                            "over": { "tier": "slow" } } ],
              "parameters": { "temperature": { "max": 1 } } },
    "slow": { "limits": [ { "requests_per_hour": 2 } ],
              "parameters": { "temperature": { "force": 0.5 } } },
    "twice": { "limits": [ { "requests_per_hour": 1,
                             "over": { "tier": "fast" } },
                           { "requests_per_day": 3 } ] }
  },
  "tenants": {
    "acme": { "tier": "plain", "keys": [
      { "hash": "sha256:$key{one}", "limits": { "requests_per_hour": 2 } },
      "sha256:$key{two}" ],
      "limits": [ { "by": [ "key" ], "requests_per_hour": 3 } ] },
    "moved": { "tier": "fast", "keys": [ "sha256:$key{four}" ],
      "limits": { "requests_per_week": 1, "over": { "tier": "slow" } } },
    "listed": { "tier": "fast", "keys": [ "sha256:$key{five}" ],
      "limits": [ { "requests_per_week": 1, "over": { "tier": "slow" } } ] },
    "other": { "tier": "models", "keys": [ "sha256:$key{three}" ],
      "limits": { "requests_per_day": 4 } }
  },
  "limits": [ { "models": [ "global" ], "by": [], "requests_per_hour": 2 } ]
}
EOF

$t->run(<<'EOF');

%%GLOBALS%%

load_module %%MODULE%%;

events {
}

http {
    %%GLOBALS_HTTP%%

    log_format llm '$status|$llm_tier|$llm_reason|$llm_limit_status|$llm_limit';
    log_format cost '$llm_cost';
    log_format rest '$llm_remaining_requests_per_hour|'
        '$llm_remaining_tokens_per_month|$llm_remaining_cost_per_month|'
        '$llm_remaining_input_tokens_per_week';
    access_log %%TESTDIR%%/llm.log llm;
    access_log %%TESTDIR%%/rest.log rest;
    access_log %%TESTDIR%%/cost.log cost;

    llm_policy on;
    llm_policy_file policy.json;
    llm_policy_tier $http_x_tier;

    server {
        listen 127.0.0.1:%%PORT_0%%;

        location / {
            llm_policy_limit_headers on;
            proxy_pass http://%%UPSTREAM%%;
        }

        location /tenant/ {
            rewrite ^/tenant(.*) $1 break;
            llm_policy_tenant $http_x_tenant;
            proxy_pass http://%%UPSTREAM%%;
        }

        location /by/ {
            rewrite ^/by(.*) $1 break;
            llm_policy_limit_key $http_x_user;
            proxy_pass http://%%UPSTREAM%%;
        }
    }
}

EOF

# All of several objects hold; one of them for some models, one for each model.

is(ask('models', 'gpt-5')->{status}, 200, 'models: the first');
is(ask('models', 'gpt-4')->{status}, 200, 'models: the second');
refused(ask('models', 'gpt-5'), 'requests_per_hour', 2, 'models: of some');
is(ask('models', 'other')->{status}, 200, 'models: another model');
is(ask('models', 'other')->{status}, 200, 'models: once more');
is(ask('models', 'other')->{status}, 200, 'models: the last of five');
refused(ask('models', 'third'), 'requests_per_hour', 5, 'models: of all');

is(ask('models', 'x', user => 'u')->{status}, 200, "each model: $_") for 1 .. 3;
refused(ask('models', 'x', user => 'u'), 'requests_per_hour', 3,
    'each model: refused');
is(ask('models', 'y', user => 'u')->{status}, 200, 'each model: another');

# All callers of a tier together; the days begin where the operator is.

is(ask('all', 'm', user => $_)->{status}, 200, "all: $_") for qw(a b c);
my $r = ask('all', 'm', user => 'd');
like(message($r), qr/^quota reached: 3 \(requests_per_day\); try again in \d+ /,
    'all: message');
like(message($r), qr/ s, when the next day begins \(UTC\+02:00\)$/,
    'all: the next day');
is($r->header('X-Should-Retry'), 'false', 'all: no retry');

# All callers of the document, whatever their tier.

is(ask('plain', 'global', user => 'a')->{status}, 200, 'document: one');
is(ask('slow', 'global', user => 'b')->{status}, 200, 'document: two');
refused(ask('plain', 'global', user => 'c'), 'requests_per_hour', 2,
    'document: refused');

# Keys by themselves: a tenant's array in place of its tier's, and a key's own.

is(ask('', 'm', key => 'one')->{status}, 200, 'key: one') for 1 .. 2;
refused(ask('', 'm', key => 'one'), 'requests_per_hour', 2, 'key: its own');
is(ask('', 'm', key => 'two')->{status}, 200, 'key: two') for 1 .. 3;
refused(ask('', 'm', key => 'two'), 'requests_per_hour', 3, 'key: each');

# A key that nothing has looked up is none: the client may send any.

$n += 4;
is($t->post("/tenant$chat", '{"model":"m"}', 'Authorization' => "Bearer new-$_",
    'X-Tenant' => 'acme', 'X-Usage' => '0 0 0 0')->{status},
    $_ < 4 ? 200 : 429, "key: not looked up, $_") for 1 .. 4;

# An object of a tenant holds besides the array of its tier.

is(ask('', "m$_", key => 'three')->{status}, 200, "both: $_") for 1 .. 4;
refused(ask('', 'm5', key => 'three'), 'requests_per_day', 4, 'both: refused');

# Weighted: 100 of input, 80 of which cached; 50 of output, 30 of which thought:
# 20 + 8 + 20 + 60.

is(ask('weighted', 'm', usage => '100 80 50 30')->{status}, 200, 'weighted');
$r = ask('weighted', 'm', usage => '0 0 0 0');
is($r->header('X-RateLimit-Limit-Tokens'), 1000, 'weighted: the limit');
is((split /\|/, rest())[1], 1000 - 108 - prompt_tokens() - 2,
    'weighted: the rest, with a token that may be reasoning');

# Input and output apart.

is(ask('parts', 'm', usage => '10 0 29 0')->{status}, 200, 'parts');
refused(ask('parts', 'm', max_tokens => 2), 'output_tokens_per_hour', 30,
    'parts: output');
is(ask('parts', 'm', usage => '50 0 0 0', max_tokens => 1)->{status}, 200,
    'parts: input');
refused(ask('parts', 'm', max_tokens => 1), 'input_tokens_per_week', 50,
    'parts: input refused');

# Money, to the last part: 1000 x 0.5 + 100 x 1.25 millionths.

is(ask('money', 'cheap', usage => '1000 0 100 0')->{status}, 200, 'money');
is(ask('money', 'cheap', usage => '0 0 0 0')->{status}, 200, 'money: again');
is((split /\|/, rest())[2],
    0.05 - 0.000625 - prompt_tokens() * 0.0000005 - 0.00000125,
    'money: the rest, to a millionth of a millionth');
$r = ask('money', 'dear', usage => '1000 800 100 0');
is($r->{status}, 200, 'money: another model');
is(($t->access_log($n, 'cost.log'))[-1], '0.0117', 'money: \$llm_cost');
is(ask('money', 'cheap', usage => '0 0 0 0')->{status}, 200, 'money: rest');
is((split /\|/, rest())[2],
    0.05 - 0.000625 - (200 * 2.5 + 800 * 0.25 + 100 * 10) / 1e6 - 0.01
    - prompt_tokens() * 0.0000005 - 0.00000125, 'money: cached, and a request');
ask('money', 'dear', usage => '3000 0 0 0');
is(ask('money', 'cheap', usage => '0 0 0 0')->{status}, 200, 'money: near');
like(logged(), qr/^200\|money\|\|near\|$/, 'money: near, in the log');

$r = ask('money', 'dear', max_tokens => 5000);
is($r->{status}, 429, 'money: too much for one request');
like(message($r), qr/^the request may cost 0\.06\d+ \(estimated\), but /,
    'money: message');
like(message($r), qr/ the limit \(cost_per_month\) is 0\.05: ask for less /,
    'money: what is right');

$r = ask('money', 'unknown');
is($r->{status}, 403, 'money: a model without a price');
is(decode_json($r->{body})->{error}{code}, 'model_not_priced', 'money: code');

# Over a limit, in another tier: once, by its rules and limits.

ask('fast', 'm', temperature => 2);
is(temperature(), 1, 'over: the first');
ask('fast', 'm', temperature => 2);
is(temperature(), 0.5, 'over: by the other tier');
is(logged(), '200|slow||over|', 'over: log');
is(ask('fast', 'm')->{status}, 200, 'over: the last one');
refused(ask('fast', 'm'), 'requests_per_hour', 2, 'over: refused there');

is(ask('', 'm', key => 'four')->{status}, 200, "over, of a tenant: $_")
    for 1 .. 3;
is(logged(), '200|slow||over|', 'over, of a tenant: log');
refused(ask('', 'm', key => 'four'), 'requests_per_hour', 2,
    'over, of a tenant: the limits of the other tier');

is(ask('', 'm', key => 'five')->{status}, 200, "over, of a list: $_")
    for 1 .. 3;
refused(ask('', 'm', key => 'five'), 'requests_per_hour', 2,
    'over, of a list: the limits of the other tier');

is(ask('twice', 'm', user => 'w')->{status}, 200, "twice: $_") for 1 .. 2;
refused(ask('twice', 'm', user => 'w'), 'requests_per_hour', 1,
    'twice: not a third tier');

$t->done;

sub ask {
    my ($tier, $model, %with) = @_;
    my %body = (model => $model, max_tokens => $with{max_tokens} // 1,
        exists $with{temperature} ? (temperature => $with{temperature}) : ());
    my %head = (
        'X-Tier' => $tier, 'X-Usage' => $with{usage} // '0 0 0 0',
        $with{user} ? ('X-User' => $with{user}) : (),
        $with{key} ? ('Authorization' => "Bearer key-$with{key}") : (),
    );

    $n++;
    $t->{sent} = encode_json(\%body);

    return $t->post(($with{user} ? '/by' : '') . $chat, $t->{sent}, %head);
}

sub temperature {
    return decode_json($up->last->{body})->{temperature};
}

sub message {
    return decode_json($_[0]{body})->{error}{message};
}

sub refused {
    my ($r, $limit, $max, $name) = @_;

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    is($r->{status}, 429, $name);
    like(message($r), qr/ reached: \Q$max\E \($limit\)/, "$name: message");
    is((split /\|/, logged())[4], $limit, "$name: \$llm_limit");
}

sub logged {
    return ($t->access_log($n, 'llm.log'))[-1];
}

sub rest {
    return ($t->access_log($n, 'rest.log'))[-1];
}

# Returns the estimate of the last request.

sub prompt_tokens {
    return int((length($t->{sent}) + 3) / 4);
}
