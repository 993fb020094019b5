#!/usr/bin/perl

# llm-policy explain --limits: the limits that count a request, what it would
# reserve of each, and what a caller would get.  nginx reserves the same.

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use FindBin;
use JSON::PP;
use Math::BigFloat;
use MIME::Base64;
use Test::More;

use lib "$FindBin::Bin/../lib";
use LLMPolicy::Test;
use LLMPolicy::Tool;

my @kinds = map { my $kind = $_; map { "${kind}_per_$_" }
    qw(minute hour day week month) }
    qw(requests tokens input_tokens output_tokens cost);

my $t = LLMPolicy::Test->new;
my $up = $t->upstream(1, sub { return { body => '{}' } });
my %hash = map { $_ => 'sha256:' . sha256_hex("key-$_") } qw(one two three);

$t->write_file('part.json', <<"EOF");
{ "tenants": {
    "parted": { "tier": "plain", "keys": [ "$hash{three}" ],
      "limits": [ { "requests_per_day": 6 } ] }
} }
EOF

# an object for each kind, with all of its windows

my @every = map { my $n = $_; '{ ' . join(', ', map { "\"$_\": "
    . (/^cost/ ? '0.75' : '100000') } @kinds[$n * 5 .. $n * 5 + 4]) . ' }' }
    0 .. 4;

$t->write_file('policy.json', <<"EOF");
{
  "version": 1,
  "default_tier": "plain",
  "utc_offset": "-03:30",
  "include": [ "part.json" ],
  "weights": { "input": 1, "cached_input": 2, "output": 1, "reasoning": 3 },
  "models": [
    { "match": [ "cheap" ], "price": { "input": 0.5, "output": 1.25 } },
    { "match": [ "dear" ], "tiers": [ "every" ],
      "price": { "input": 9, "output": 9 } },
    { "match": [ "dear" ], "price": { "input": 2.5, "cached_input": 0.25,
        "cache_write": 3.75, "output": 10, "request": 0.01 } }
  ],
  "tiers": {
    "base": { "limits": { "requests_per_hour": 40, "tokens_per_day": 90000,
                          "warn_at": 0.5 } },
    "plain": { "extends": "base", "limits": { "requests_per_hour": 50,
                                              "concurrent_requests": 3 },
      "parameters": { "max_tokens": { "default": 70, "max": 900 },
                      "n": { "max": 3 } } },
    "every": { "limits": [ @{[ join ', ', @every ]} ] },
    "models": { "limits": [
      { "models": [ "~^d", "cheap" ], "requests_per_hour": 20 },
      { "models": [ "other" ], "requests_per_hour": 10 },
      { "by": [ "caller", "model" ], "requests_per_hour": 30,
        "cost_per_month": 2 },
      { "by": [ "key" ], "tokens_per_hour": 7000 }
    ] },
    "all": { "limits": [ { "by": [], "output_tokens_per_week": 5000 } ] },
    "money": { "limits": { "cost_per_month": 0.0001, "tokens_per_day": 99 } },
    "small": { "limits": [ { "tokens_per_hour": 60,
                             "over": { "tier": "plain" } },
                           { "requests_per_day": 2, "warn_at": 0.125 } ] },
    "firm": { "limits": [ { "tokens_per_hour": 60,
                            "over": { "tier": "plain" } },
                          { "output_tokens_per_day": 50 } ] }
  },
  "tenants": {
    "acme": { "tier": "plain", "limits": { "requests_per_hour": 60 },
      "keys": [ { "hash": "$hash{one}",
                  "limits": [ { "input_tokens_per_month": 600 } ] } ] },
    "list": { "tier": "plain", "keys": [ "$hash{two}" ],
      "limits": [ { "requests_per_day": 5 } ] }
  },
  "limits": [ { "requests_per_week": 800 } ]
}
EOF

my $rest = join ' ', map { "$_=\$llm_remaining_$_" } @kinds;

$t->run(<<"EOC");

%%GLOBALS%%

load_module %%MODULE%%;

events {
}

http {
    %%GLOBALS_HTTP%%

    log_format rest '\$llm_tier $rest';
    access_log %%TESTDIR%%/rest.log rest;

    llm_policy on;
    llm_policy_file policy.json;
    llm_policy_tier \$http_x_tier;
    llm_policy_limit_key \$http_x_user;
    llm_policy_token_bytes 3.25;
    llm_policy_token_media 300;

    server {
        listen 127.0.0.1:%%PORT_0%%;

        location / {
            proxy_pass http://%%UPSTREAM%%;
        }
    }
}

EOC

my $file = $t->testdir . '/policy.json';
my $chat = '/v1/chat/completions';
my $n = 0;

# nginx leaves the rest for the first request of a caller.

my $image = encode_base64("\x89PNG" x 2000, '');
my $picture = qq("messages":[{"role":"user","content":[{"type":"image_url",)
    . qq("image_url":{"url":"data:image/png;base64,$image"}}]}]);
my $long = '"x":"' . 'x' x 99 . '"';

my @same = (
    [ 'plain', '{"model":"m"}' ],
    [ 'plain', qq({"model":"m","max_tokens":333,"n":2,$long}) ],
    [ 'plain', '{"model":"m","max_tokens":100000,"n":9}' ],
    [ 'plain', qq({"model":"m",$picture}) ],
    [ 'every', qq({"model":"dear","max_tokens":1000,$long}) ],
    [ 'every', '{"model":"cheap","max_tokens":1000}' ],
    [ 'every', qq({"model":"cheap","max_tokens":1,$picture}) ],
    [ 'models', '{"model":"dear","max_tokens":17}' ],
    [ 'models', '{"model":"cheap"}' ],
    [ 'all', '{"model":"m","max_tokens":17}' ],
    [ 'small', '{"model":"m","max_tokens":1}' ],
    [ '', '{"model":"m"}', 'one' ],
    [ '', '{"model":"m","max_tokens":9}', 'two' ],
    [ '', '{"model":"m","max_tokens":9}', 'three' ],
    [ 'every', '{"model":"dear","max_tokens":9}', 'one' ],
    [ 'plain', '{"max_tokens":50,"messages":[]}', '', '/v1/messages' ],
);

for my $same (@same) {
    my ($tier, $body, $key, $path) = @$same;
    my $name = join ' ', $tier, $key // '', substr $body, 0, 60;

    my $limits = explained($tier, $body, $key, $path)->{limits};
    my %left;

    for my $row (map { @{ $_->{limits} } } @{ $limits->{objects} }) {
        next if $row->{limit} eq 'concurrent_requests';

        my $left = Math::BigFloat->new($row->{max}) - $row->{reserved};
        my $least = $left{ $row->{limit} } // $left;

        $left{ $row->{limit} } = $left < $least ? $left : $least;
    }

    cmp_ok(scalar keys %left, '>=', 2, "$name: limits");
    is(sent($tier, $body, $key, $path)->{status}, 200, "$name: passed");

    my %rest = logged() =~ /(\w+)=([\d.]+)/g;

    is_deeply(\%rest, { map { $_ => $left{$_}->bstr } keys %left },
        "$name: nginx leaves the same");
}

# Refused in any case: the same refusal, and why.

for my $refused ([ 'money', 'none' ], [ 'money', 'dear' ], [ 'money', 'cheap' ],
    [ 'firm', 'm' ], [ 'models', 'other' ])
{
    my ($tier, $model) = @$refused;
    my $body = qq({"model":"$model","max_tokens":500});
    my $r = sent($tier, $body);
    my $error = decode_json($r->{body})->{error};
    my $refusal = explained($tier, $body)->{refusal};

    is("$refusal->{status} $refusal->{code} $refusal->{message}",
        "$r->{status} $error->{code} $error->{message}",
        "refused: $tier $model");
}

# Moved to another tier in any case: the decision there is that of nginx.

my $body = '{"model":"m","max_tokens":1000}';
my $small = explained('small', $body);

is($small->{status}, 'passed', 'over: not refused');
is($small->{limits}{over}, 'plain', 'over: the tier');
like($small->{limits}{objects}[0]{limits}[0]{never},
    qr/^the request may take 30\d\d tokens \(estimated\), but the limit /,
    'over: why');
is(sent('small', $body)->{status}, 200, 'over: passed');
like(logged(), qr/^plain /, 'over: by nginx');
is($up->last->{body}, explained($small->{limits}{over}, $body)->{body},
    'over: the body of the other tier');
is(explained('firm', $body)->{limits}{over}, undef,
    'over: not if another limit refuses it');

# The places of limits.

is_deeply(rules('plain', 'm'), [
    [ '/tiers/plain/limits/requests_per_hour',
      '/tiers/base/limits/tokens_per_day',
      '/tiers/plain/limits/concurrent_requests' ],
    [ '/limits/0/requests_per_week' ],
], 'rules of a tier that inherits');
is_deeply(rules('', 'm', 'one'), [
    [ '/tenants/acme/limits/requests_per_hour',
      '/tiers/base/limits/tokens_per_day',
      '/tiers/plain/limits/concurrent_requests' ],
    [ '/tenants/acme/keys/0/limits/0/input_tokens_per_month' ],
    [ '/limits/0/requests_per_week' ],
], 'rules of a tenant, and of a key');
is_deeply(rules('', 'm', 'two'), [
    [ '/tenants/list/limits/0/requests_per_day' ],
    [ '/limits/0/requests_per_week' ],
], 'an array of a tenant');
is_deeply(rules('', 'm', 'three')->[0],
    [ 'part.json#/tenants/parted/limits/0/requests_per_day' ], 'in a part');
is_deeply(rules('models', 'cheap'), [
    [ '/tiers/models/limits/0/requests_per_hour' ],
    [ '/tiers/models/limits/2/requests_per_hour',
      '/tiers/models/limits/2/cost_per_month' ],
    [ '/tiers/models/limits/3/tokens_per_hour' ],
    [ '/limits/0/requests_per_week' ],
], 'those of the model');

# Whole objects: a prompt of 10 tokens; each token may be written to a cache,
# and each of the output may be reasoning.

is_deeply(explained('models', '{"model":"dear","max_tokens":2}')->{limits}, {
    input_tokens => 10, output_tokens => 2, over => undef,
    price => { input => '2.5', cached_input => '0.25', cache_write => '3.75',
        output => '10', request => '0.01' },
    objects => [
        object([ 'caller' ], [ '~^d', 'cheap' ],
            [ 'requests_per_hour', 20, 1, '/tiers/models/limits/0' ]),
        object([ 'caller', 'model' ], undef,
            [ 'requests_per_hour', 30, 1, '/tiers/models/limits/2' ],
            [ 'cost_per_month', 2, '0.0100575', '/tiers/models/limits/2' ]),
        object([ 'key' ], undef,
            [ 'tokens_per_hour', 7000, 26, '/tiers/models/limits/3' ]),
        object([ 'caller' ], undef,
            [ 'requests_per_week', 800, 1, '/limits/0' ]),
    ],
}, 'by, models, a price');

$small = explained('small', '{"model":"m"}')->{limits};

is($small->{price}, undef, 'no price');
is_deeply([ map { $_->{over} } @{ $small->{objects} } ],
    [ 'plain', undef, undef ], 'over');
is_deeply([ map { $_->{warn_at} } @{ $small->{objects} } ],
    [ undef, '0.125', undef ], 'warn_at');

my %cost = map { $_->{limit} => $_->{reserved} }
    @{ explained('money', '{"model":"none"}')->{limits}{objects}[0]{limits} };

is_deeply(\%cost, { cost_per_month => undef, tokens_per_day => 10 },
    'no price, no cost');

# The example of docs/tool.md.

my ($section) = slurp("$FindBin::Bin/../../docs/tool.md")
    =~ /^### Limits of a request\n(.*?)^A row /ms;
my ($example) = $section =~ /^```json\n(.*?)^```$/ms;
my ($request, $output) =
    $section =~ /^ {4}\$ echo '(.*?)' .*? --path \S+\n(.*?)\n*\z/ms;

$t->write_file('limits.json', $example);

is(tool("$request\n", 'explain', $t->testdir . '/limits.json', '--limits',
    '--path', $chat)->{out}, $output =~ s/^ {4}//gmr . "\n",
    'the example of the page');

# Requests that do not count.

is(explained('plain', '{"model":"m","n":"x"}')->{limits}, undef,
    'refused by a rule');
is(explained('plain', '')->{limits}, undef, 'without a body');
ok(!exists decode_json(tool('{"model":"m"}', 'explain', $file, '--path', $chat,
    '--json')->{out})->{limits}, 'not shown without --limits');

# As text.

my $ran = as_text('models', '{"model":"dear","max_tokens":2}');

is($ran->{out}, <<'EOT' . join('',
status   passed
dialect  openai.chat
tier     models
model    dear

parameter              requested      effective      action    rule
max_tokens             2              2              none      -

tokens   input 8, output 2 (estimated)
price    input 2.5, cached_input 0.25, cache_write 3.75, output 10, request 0.01

EOT
    row('limit', 'maximum', 'reserved', 'counted by', 'models', 'rule'),
    row('requests_per_hour', 20, 1, 'caller', '~^d, cheap',
        '/tiers/models/limits/0/requests_per_hour'),
    row('requests_per_hour', 30, 1, 'caller, model', 'all',
        '/tiers/models/limits/2/requests_per_hour'),
    row('cost_per_month', 2, 0.01005, 'caller, model', 'all',
        '/tiers/models/limits/2/cost_per_month'),
    row('tokens_per_hour', 7000, 22, 'key', 'all',
        '/tiers/models/limits/3/tokens_per_hour'),
    row('requests_per_week', 800, 1, 'caller', 'all',
        '/limits/0/requests_per_week'))
    . qq(\n{"model":"dear","max_tokens":2}\n), 'as text');
is("$ran->{exit}$ran->{err}", '0', 'as text: exit code');

$ran = as_text('money', '{"model":"none","max_tokens":100}');

like($ran->{out}, qr/^refused  403 model_not_priced$/m, 'not priced: refused');
like($ran->{out}, qr/^price    none$/m, 'not priced: price');
like($ran->{out}, qr/^cost_per_month +0\.0001 +- /m, 'not priced: cost');
like($ran->{out}, qr{^never    /tiers/money/limits/tokens_per_day: the requ}m,
    'not priced: another limit');
is($ran->{exit}, 2, 'not priced: exit code');

$ran = as_text('small', $body);

like($ran->{out}, qr{^over     /tiers/small/limits/0: decided in}m,
    'over, as text');
like($ran->{out}, qr/ tier "plain" instead: use --tier plain to see that dec/,
    'over, as text: the tier');
like($ran->{out}, qr/^over     this request always: see --tier plain$/m,
    'over in any case, as text');
like($ran->{out}, qr{^near     /tiers/small/limits/1: from 0\.125 of a limit}m,
    'warn_at, as text');

like(as_text('all', $body)->{out},
    qr/^output_tokens_per_week +5000 +1000 +all together  all /m,
    'all together, as text');
like(as_text('plain', '{"model":"m","n":"x"}')->{out},
    qr/^limits   none: the request does not count$/m,
    'refused by a rule, as text');

$t->done;

sub explained {
    my ($tier, $body, $key, $path) = @_;

    return decode_json(tool($body, 'explain', $file, '--limits', '--json',
        '--path', $path // $chat, '--token-bytes', '3.25',
        '--token-media', '300', $body eq '' ? ('--method', 'GET') : (),
        $tier ? ('--tier', $tier) : (),
        $key ? ('--header', "Authorization: Bearer key-$key") : ())->{out});
}

sub slurp {
    my ($name) = @_;

    open my $in, '<', $name or die "cannot read $name: $!\n";
    local $/;

    return <$in>;
}

sub as_text {
    my ($tier, $body) = @_;

    return tool($body, 'explain', $file, '--path', $chat, '--limits', '--tier',
        $tier);
}

sub sent {
    my ($tier, $body, $key, $path) = @_;

    $n++;

    return $t->post($path // $chat, $body, 'X-Tier' => $tier,
        'X-User' => "user-$n",
        $key ? (Authorization => "Bearer key-$key") : ());
}

sub logged {
    return ($t->access_log($n, 'rest.log'))[-1];
}

sub rules {
    my ($tier, $model, $key) = @_;
    my $limits = explained($tier, qq({"model":"$model"}), $key)->{limits};

    return [ map { [ map { $_->{rule} } @{ $_->{limits} } ] }
        @{ $limits->{objects} } ];
}

sub object {
    my ($by, $models, @rows) = @_;

    return { by => $by, models => $models, warn_at => undef, over => undef,
        limits => [ map { { limit => $_->[0], max => $_->[1],
            reserved => $_->[2], never => undef, rule => "$_->[3]/$_->[0]" } }
            @rows ] };
}

sub row {
    return sprintf "%-25s %-13s %-13s %-13s %-14s %s\n", @_;
}
