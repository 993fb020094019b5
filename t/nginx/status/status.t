#!/usr/bin/perl

# llm_policy_status: every counter, after scripted traffic; and the two formats,
# which have the same values.

use strict;
use warnings;
use utf8;

use FindBin;
use JSON::PP;
use Test::More;

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Status;
use LLMPolicy::Test;

binmode Test::More->builder->$_, ':utf8'
    for qw(output failure_output todo_output);

my $json = JSON::PP->new->utf8->canonical;
my $chat = '/v1/chat/completions';

# a name that each format must escape; the file's has a byte that is not UTF-8

my $hostile = "fr\"ee\\ {le=\"1\"} # \x{1F600} \x{e4}";
my $file = "po\"licy\\\xff.json";

my $t = LLMPolicy::Test->new;
my $dir = $t->testdir;

$t->write_file($file, $json->encode({
    version => 1,
    default_tier => 'free',
    unknown_key => 'reject',
    tenants => {
        acme => { tier => $hostile,
            keys => [ 'sha256:' . unpack 'H*', sha256('key') ] },
        any => { tier => 'free',
            keys => [ 'sha256:' . unpack 'H*', sha256('any') ] },
    },
    tiers => {
        free => { parameters => {
            temperature => { max => 1 },
            top_p => { min => 0.5 },
            max_tokens => { default => 100 },
            seed => { force => 1 },
            logprobs => { remove => JSON::PP::true },
            n => { max => 1, on_violation => 'reject' },
            stop => { deny => JSON::PP::true },
            '/x' => { remove => JSON::PP::true },
            '/y/z' => { force => 2 },
        } },
        pro => { parameters => { temperature => { max => 2 } } },
        $hostile => { parameters => { temperature => { max => 0.5 } } },
        other => { parameters => {} },
    },
}));

$t->run(<<"EOC");

%%GLOBALS%%

load_module %%MODULE%%;

worker_processes 2;

events {
}

http {
    %%GLOBALS_HTTP%%

    llm_policy_file '@{[ $file =~ s/\\/\\\\/gr ]}';
    llm_policy_tier \$http_x_tier;

    # a POST without a tier has its own key, or none

    map "\$request_method:\$http_x_tier" \$any_key {
        "POST:"  "";
        default  any;
    }

    llm_policy_key \$any_key;

    server {
        listen 127.0.0.1:%%PORT_0%% reuseport;

        llm_policy on;

        location / {
            proxy_pass http://127.0.0.1:%%PORT_ok%%;
        }

        location /status {
            llm_policy_status;

            location = /status/nested {
                proxy_pass http://127.0.0.1:%%PORT_ok%%;
            }
        }

        location = /off {
            llm_policy off;
            llm_policy_status;
        }
    }

    server {
        listen 127.0.0.1:%%PORT_ok%%;

        return 200 ok;
    }

    server {
        listen 127.0.0.1:%%PORT_again%%;

        llm_policy on;

        location / {
            error_page 502 = \@again;
            proxy_pass http://127.0.0.1:%%PORT_dead%%;
        }

        location \@again {
            proxy_pass http://127.0.0.1:%%PORT_ok%%;
        }
    }

    server {
        listen 127.0.0.1:%%PORT_dry%%;

        llm_policy on;
        llm_policy_dry_run on;

        location / {
            proxy_pass http://127.0.0.1:%%PORT_ok%%;
        }
    }
}

EOC

# No traffic yet.

is_deeply({ %{ status() }{qw(requests adjustments refusals tokens
    limit_refusals temperature request_body_bytes)} },
    { requests => [], adjustments => [], refusals => [], tokens => [],
      limit_refusals => [], temperature => [], request_body_bytes => 0 },
    'nothing at the start');

my $status = status();

like($status->{version}, qr/^\d+\.\d+\.\d+$/, 'a version');
cmp_ok($status->{since}, '<=', $status->{time}, 'since when');
cmp_ok($status->{time} - time, '<', 60, 'now');
cmp_ok(time - $status->{time}, '<', 60, 'not long ago');
is(scalar @{ $status->{documents} }, 1, 'a document');

my $document = $status->{documents}[0];

is_deeply({ %$document{qw(in_force failures error tiers tenants)} },
    { in_force => JSON::PP::true, failures => 0, error => '', tiers => 4,
      tenants => 2 }, 'of the document');
is($document->{file}, "$dir/po\"licy\\\x{FFFD}.json", 'its name');
is($document->{sha256}, unpack('H*', sha256($t->read_file($file))),
    'its sum');
cmp_ok(abs($document->{loaded} - $status->{since}), '<', 5, 'its time');

# All outcomes, in all places.

counted('passed', sub { ask('{"temperature":1}', 'pro') },
    requests('pro', 'openai.chat', 'passed', 1),
    temperature('pro', requested => 1), temperature('pro', effective => 1));

counted('modified', sub { ask('{"temperature":1.9}') },
    requests('free', 'openai.chat', 'modified', 1),
    adjustments('free', temperature => 'max', 1), fixed('free', 1),
    temperature('free', requested => 1.9),
    temperature('free', effective => 1));

counted('all changes of a parameter',
    sub { ask('{"top_p":0.1,"logprobs":true,"x":1,"y":{"z":1},"seed":2}') },
    requests('free', 'openai.chat', 'modified', 1),
    adjustments('free', top_p => 'min', 1),
    adjustments('free', logprobs => 'remove', 1),
    adjustments('free', pointer => 'remove', 1), fixed('free', 1));

counted('two in one', sub { ask('{"temperature":0.5,"temperature":1.5}') },
    requests('free', 'openai.chat', 'rejected', 1),
    series('llm_policy_refusals_total', code => 'duplicate_member') => 1);

counted('rejected', sub { ask('{"temperature":0.5,"n":2}') },
    requests('free', 'openai.chat', 'rejected', 1),
    series('llm_policy_refusals_total', code => 'value_not_allowed') => 1,
    temperature('free', requested => 0.5));

my @refused = (
    [ '{', 'invalid_json' ],
    [ '{"temperature":{}}', 'invalid_type' ],
    [ '{"stop":"x"}', 'parameter_denied' ],
    [ '{}', 'unknown_key', { 'X-Tier' => undef } ],
    [ '{}', 'unsupported_content_type', { 'Content-Type' => 'text/plain' } ],
    [ '{}', 'unsupported_content_encoding', { 'Content-Encoding' => 'br' } ],
);

for (@refused) {
    my ($body, $code, $fields) = @$_;
    my $tier = ($code eq 'unknown_key') ? '' : 'free';

    counted("refused: $code",
        sub { $t->post($chat, $body, 'X-Tier' => 'free', %{ $fields // {} }) },
        series('llm_policy_refusals_total', code => $code) => 1,
        requests($tier, 'openai.chat', 'rejected', 1));
}

counted('an unknown path',
    sub { $t->post('/elsewhere', '{}', 'X-Tier' => 'free') },
    series('llm_policy_refusals_total', code => 'unknown_route') => 1,
    requests('free', '', 'rejected', 1));

counted('bypassed', sub { $t->get('/v1/models') },
    requests('free', '', 'bypassed', 1));

counted('another dialect', sub { $t->post('/v1/messages',
        '{"temperature":0.25}', 'X-Tier' => 'pro') },
    requests('pro', 'anthropic.messages', 'passed', 1),
    temperature('pro', requested => 0.25),
    temperature('pro', effective => 0.25));

# A dry run counts the decision, but nothing as forwarded.

counted('dry run, modified', sub { ask('{"temperature":1.9}', 'free', 'dry') },
    requests('free', 'openai.chat', 'modified_dry_run', 1),
    adjustments('free', temperature => 'max', 1), fixed('free', 1),
    temperature('free', requested => 1.9),
    temperature('free', effective => 1.9));

counted('dry run, rejected',
    sub { ask('{"temperature":1.9,"n":2}', 'free', 'dry') },
    requests('free', 'openai.chat', 'rejected_dry_run', 1),
    series('llm_policy_refusals_total', code => 'value_not_allowed') => 1,
    temperature('free', requested => 1.9),
    temperature('free', effective => 1.9));

counted('dry run, passed', sub { ask('{"temperature":1}', 'pro', 'dry') },
    requests('pro', 'openai.chat', 'passed_dry_run', 1),
    temperature('pro', requested => 1), temperature('pro', effective => 1));

counted('dry run, bypassed', sub {
        my $client = $t->client('dry');
        $client->request('GET', '/v1/models');
        $client->response;
    },
    requests('free', '', 'bypassed_dry_run', 1));

# A stranger is refused, also in a dry run.

counted('dry run, unknown key', sub {
        my $client = $t->client('dry');
        $client->request('POST', $chat, '{}');
        is($client->response->{status}, 401, 'dry run, unknown key: status');
    },
    requests('', 'openai.chat', 'rejected', 1),
    series('llm_policy_refusals_total', code => 'unknown_key') => 1);

# An internally redirected request counts once.

counted('an error page', sub { ask('{"temperature":1.9}', 'free', 'again') },
    requests('free', 'openai.chat', 'modified', 1),
    adjustments('free', temperature => 'max', 1), fixed('free', 1),
    temperature('free', requested => 1.9),
    temperature('free', effective => 1));

# A request that ends before the decision does not count.

counted('a body that does not come', sub {
        my $client = $t->client;
        $client->request('POST', $chat, '{"temp', 'Content-Length' => 100,
            'X-Tier' => 'free');
        $client->close;
        $t->logged(qr/client prematurely closed connection/);
    });

# Each bucket, and values above the last one.

for ([ '0', 0 ], [ '-0', 0 ], [ '0.0', 0 ], [ '0e9', 0 ], [ '1e-99', 0.1, 0 ],
    [ '0.01', 0.1 ], [ '0.1', 0.1 ], [ '0.10', 0.1 ], [ '1e-1', 0.1 ],
    [ '0.1000001', 0.2, 0.1 ], [ '0.3', 0.3 ], [ '0.99', 1 ], [ '1.0', 1 ],
    [ '10e-1', 1 ], [ '1.05', 1.1 ], [ '1.9', 1.9 ], [ '1.95', 2 ],
    [ '2', 2 ], [ '2.0', 2 ])
{
    my ($text, $bound, $sum) = @$_;

    counted("temperature $text", sub { ask("{\"temperature\":$text}", 'pro') },
        requests('pro', 'openai.chat', 'passed', 1),
        map { temperature('pro', $_ => $sum // $text, $bound) }
            qw(requested effective));
}

for ([ '2.0001', 2.0001 ], [ '9', 9 ], [ '99.5', 99.5 ], [ '100', 100 ],
    [ '101', 100 ], [ '1e10', 100 ], [ '1e307', 100 ])
{
    my ($text, $sum) = @$_;

    counted("temperature $text", sub { ask("{\"temperature\":$text}", 'pro') },
        requests('pro', 'openai.chat', 'modified', 1),
        adjustments('pro', temperature => 'max', 1),
        temperature('pro', requested => $sum, '+Inf'),
        temperature('pro', effective => 2));
}

counted('a negative temperature', sub { ask('{"temperature":-1e9}', 'pro') },
    requests('pro', 'openai.chat', 'passed', 1),
    map { temperature('pro', $_ => 0) } qw(requested effective));

for my $text ('1e400', '1' x 70, '1e999999999999') {
    counted('a number that is too large',
        sub { ask("{\"temperature\":$text}", 'pro') },
        requests('pro', 'openai.chat', 'rejected', 1),
        series('llm_policy_refusals_total', code => 'invalid_type') => 1,
        temperature('pro', requested => 100, '+Inf'));
}

counted('-1e400', sub { ask('{"temperature":-1e400}', 'pro') },
    requests('pro', 'openai.chat', 'rejected', 1),
    series('llm_policy_refusals_total', code => 'invalid_type') => 1,
    temperature('pro', requested => 0));

counted('null is no temperature',
    sub { ask('{"temperature":null}', 'pro') },
    requests('pro', 'openai.chat', 'passed', 1));

# Names that must be escaped, and one that we use as well.

counted('the name of a tier', sub { $t->post($chat, '{"temperature":1}',
        Authorization => 'Bearer key') },
    requests($hostile, 'openai.chat', 'modified', 1),
    adjustments($hostile, temperature => 'max', 1),
    temperature($hostile, requested => 1),
    temperature($hostile, effective => 0.5));

counted('a tier that is called "other"',
    sub { ask('{}', 'other') }, requests('other', 'openai.chat', 'passed', 1));

# The page itself.

my $text = $t->get('/status');

is($text->header('Content-Type'), 'text/plain; version=0.0.4; charset=utf-8',
    'type of text');
is($text->header('Cache-Control'), 'no-store', 'not cached');
is($text->header('Content-Length'), length $text->{body}, 'its length');
is($t->get('/status?format=json')->header('Content-Type'), 'application/json',
    'type of JSON');
is($t->get('/off')->{status}, 200, 'in a location without a policy');

my $head = $t->request('HEAD', '/status', undef);

is($head->{status}, 200, 'HEAD');
is($head->{body}, '', 'HEAD has no body');
cmp_ok($head->header('Content-Length'), '>', 1000, 'but its length');

for my $method (qw(POST PUT DELETE OPTIONS PATCH)) {
    is($t->request($method, '/status', '{"temperature":1}')->{status}, 405,
        "$method is not allowed");
}

my $body = $t->client;
$body->request('GET', '/status', '{"temperature":1}');
is($body->response->{status}, 200, 'a body is discarded');
$body->request('GET', '/status?format=json');
is($body->response->header('Content-Type'), 'application/json',
    'the next request is understood');

is($t->get("/status?format=$_")->{status}, 400, "no format \"$_\"")
    for '', 'xml', 'JSON', 'json,';

my %accept = (
    'application/json' => 1,
    'Application/JSON; q=1' => 1,
    'application/json, */*;q=0.1' => 1,
    'application/json, text/plain;q=0.5' => 0,
    'text/plain' => 0,
    '*/*' => 0,
    'text/html' => 0,
    'application/openmetrics-text;version=1.0.0,text/plain;q=0.5' => 0,
);

for my $accept (sort keys %accept) {
    for ([ '', $accept{$accept} ], [ '?format=json', 1 ],
        [ '?format=prometheus', 0 ])
    {
        my ($arguments, $is) = @$_;

        is($t->get("/status$arguments", Accept => $accept)
               ->header('Content-Type') =~ /json/ ? 1 : 0, $is,
            "$accept, \"$arguments\"");
    }
}

counted('a location inside is as any other',
    sub { $t->post('/status/nested', '{}', 'X-Tier' => 'free') },
    requests('free', '', 'rejected', 1),
    series('llm_policy_refusals_total', code => 'unknown_route') => 1);

# The time to decide, of which the dashboard computes a median: each decision is
# in one bucket, and in all above it.

{
    my $before = status()->{decide_seconds};

    ask('{"temperature":0.1}') for 1 .. 3;
    ask('{"temperature":1') for 1 .. 2;

    my $end = time + $LLMPolicy::Stream::TIMEOUT;
    my $after;

    do {
        $after = status()->{decide_seconds};
    } while ($after->{count} < $before->{count} + 5 && time < $end
        && !select undef, undef, undef, 0.01);

    is($after->{count} - $before->{count}, 5, 'each decision counts once');
    cmp_ok($after->{sum}, '>', $before->{sum}, 'and its time');

    my @bounds = map { $_->[0] } @{ $after->{buckets} };
    my @counts = ((map { $_->[1] } @{ $after->{buckets} }), $after->{count});
    my @were = ((map { $_->[1] } @{ $before->{buckets} }), $before->{count});
    my @more = map { $counts[$_] - $were[$_] } 0 .. $#counts;

    is_deeply(\@bounds, [ map { 0 + $_ } qw(1e-6 2e-6 5e-6 1e-5 2e-5 5e-5 1e-4
        2e-4 5e-4 0.001 0.002 0.005 0.01 0.02 0.05 0.1 1) ], 'its bounds');
    is_deeply(\@counts, [ sort { $a <=> $b } @counts ], 'it is cumulative');
    is_deeply(\@more, [ sort { $a <=> $b } @more ], 'and so is the difference');
}

# Requests of clients add no new series.

my @before = grep { !/^llm_policy_refusals/ } sort keys %{ samples() };

srand 1;

my $client = $t->client;

for (1 .. 10000) {

    # random names
    my $word = join '', map { chr(97 + rand 26) } 1 .. 8;

    $client->request('POST', $chat, qq({"model":"$word","temperature":1.9,)
        . qq("$word":1,"user":"$word"}), 'X-Tier' => $word,
        Authorization => "Bearer $word", 'X-Api-Key' => "k$word")
        if $_ % 2;
    $client->request('POST', "/v1/$word/$word", '{}', 'X-Tier' => 'free')
        if !($_ % 2);

    my $response = $client->response;

    next if $response && ($response->header('Connection') // '') ne 'close';
    $client = $t->client;
}

is_deeply([ grep { !/^llm_policy_refusals/ } sort keys %{ samples() } ],
    \@before, '10,000 requests have made no new series');
unlike($t->get('/status')->{body}, qr/[a-z]{8}" *[,}].*Bearer/,
    'none of them is reported');

$t->done;

sub sha256 {
    require Digest::SHA;
    return Digest::SHA::sha256($_[0]);
}

sub ask {
    my ($body, $tier, $port) = @_;
    my $client = $t->client($port // 0);

    $client->request('POST', $chat, $body, 'X-Tier' => $tier // 'free');

    return $client->response;
}

sub status {
    return $json->decode($t->get('/status?format=json')->{body});
}

sub samples {
    my $text = $t->get('/status')->{body};
    utf8::decode($text) or die "no UTF-8\n";
    return metrics($text);
}

# Asserts the exact change of all counters, except for tokens and limits
# (status_limits.t).  The log phase runs after the response, so this waits for
# the expected values.

sub counted {
    my ($name, $traffic, @expected) = @_;
    my %expected;

    while (my ($series, $n) = splice @expected, 0, 2) {
        $expected{$series} += $n;
    }

    $expected{$_} = round($expected{$_}) for keys %expected;
    delete $expected{$_} for grep { !$expected{$_} } keys %expected;

    my $before = samples();
    $traffic->();

    my ($difference, $after);
    my $end = time + $LLMPolicy::Stream::TIMEOUT;

    do {
        $after = samples();
        $difference = { map { ($_ => round($after->{$_} - ($before->{$_} // 0)))
            } grep { !/^llm_policy_(?:decide|request_body|document|build|zone
                |tokens|limit_keys)/x } keys %$after };
        delete $difference->{$_}
            for grep { !$difference->{$_} } keys %$difference;
    } while ($json->encode($difference) ne $json->encode(\%expected)
        && time < $end && !select undef, undef, undef, 0.01);

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    is_deeply($difference, \%expected, $name);

    my $flat = flat(status());

    is_deeply($flat, samples(), "$name: the formats agree");
}

sub round {
    return 0 + sprintf '%.6f', $_[0];
}

sub requests {
    my ($tier, $dialect, $outcome, $n) = @_;

    return series('llm_policy_requests_total', tier => $tier,
        dialect => $dialect, outcome => $outcome), $n;
}

sub adjustments {
    my ($tier, $parameter, $action, $n) = @_;

    return series('llm_policy_adjustments_total', tier => $tier,
        parameter => $parameter, action => $action), $n;
}

# the decisions of this tier on each request

sub fixed {
    my ($tier, $n) = @_;

    return adjustments($tier, max_tokens => 'default', $n),
        adjustments($tier, seed => 'force', $n),
        adjustments($tier, pointer => 'force', $n);
}

# one more in a bucket, and in all above it

sub temperature {
    my ($tier, $which, $value, $bound) = @_;
    my $name = "llm_policy_${which}_temperature";

    $bound //= $value;

    my @bounds = grep { $bound ne '+Inf' && $_ >= $bound }
        map { $_ / 10 } 0 .. 20;

    return (map { (series("${name}_bucket", tier => $tier, le => $_), 1) }
            @bounds, '+Inf'),
        series("${name}_sum", tier => $tier), $value,
        series("${name}_count", tier => $tier), 1;
}
