#!/usr/bin/perl

# llm-policy replay: its report about a log of nginx is what nginx does.  With
# the document that the log was written with, nothing is different; with another
# one, the counts are those of the same requests sent again.

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use FindBin;
use JSON::PP;
use Test::More;

use lib "$FindBin::Bin/../lib";
use LLMPolicy::Dialects;
use LLMPolicy::Test;
use LLMPolicy::Tool;

my $conf = "$FindBin::Bin/../../conf";

my @outcomes = qw(newly_changed newly_refused no_longer_changed
    no_longer_refused changed_otherwise unchanged);

my $t = LLMPolicy::Test->new;

# the rules of a tier about parameters and models, in each document

my %was = (
    nothing => {},
    bounds => {
        temperature => { min => 0.2, max => 0.9 }, top_p => { max => 0.95 },
        top_k => { max => 40 }, max_tokens => { min => 20, max => 1024 },
        n => { max => 1 }, min_p => { max => 0.1 }, seed => { max => 9 },
    },
    default => {
        temperature => { default => '0.70' }, max_tokens => { default => 512 },
        seed => { default => 7 }, stream => { default => 'false' },
        verbosity => { default => '"low"' },
    },
    force => { temperature => { force => 1 }, seed => { force => 3 },
        stream => { force => 'false' }, service_tier => { force => '"5"' } },
    remove => { temperature => { remove => 'true' },
        top_logprobs => { remove => 'true' }, seed => { remove => 'true' } },
    deny => { temperature => { deny => 'true' }, seed => { deny => 'true' } },
    require => { temperature => { require => 'true' } },
    allow => { reasoning_effort => { allow => '["low", "say \"no\""]' },
        service_tier => { allow => '["auto"]' } },
    refuse => { temperature => { max => 0.9, on_violation => '"reject"' },
        n => { max => 1, on_violation => '"reject"' } },
    models => {},
    gone => { temperature => { max => 1 } },
);

my %now = (%was,
    nothing => { temperature => { max => 1 }, n => { default => 1 } },
    bounds => { temperature => { max => 0.5 }, top_k => {max => 50 },
        max_tokens => { max => 1024, on_violation => '"reject"' } },
    default => { temperature => { default => '0.7' },
        max_tokens => { default => 256 } },
    force => { temperature => { force => 0.5 } },
    deny => { seed => { deny => 'true' } },
    refuse => { temperature => { max => 0.9 }, n => { deny => 'true' } },
    require => { temperature => { default => 0.2 } },
    allow => { reasoning_effort => { allow => '["low", "high"]' } },
    remove => { temperature => { max => 1 }, seed => { remove => 'true' } },
);

delete $now{gone};

my %keys = map { $_ => 'sha256:' . sha256_hex($_) } qw(acme moved away plain);

write_policy('was.json', \%was, 'default', '["~^m"]',
    { acme => 'bounds', moved => 'nothing', away => 'nothing',
        plain => 'bounds' });
write_policy('now.json', \%now, 'reject', '["~^m", "~^x"]',
    { acme => 'bounds', moved => 'deny', plain => 'bounds' });

$t->run(<<"EOC");

%%GLOBALS%%

load_module %%MODULE%%;

events {
}

http {
    %%GLOBALS_HTTP%%

    include $conf/llm-policy-log.conf;

    # a request whose tier is given is that of a tenant with another tier

    map \$http_x_tier \$key_of_plain {
        ""       "";
        default  plain;
    }

    llm_policy on;
    llm_policy_tier \$http_x_tier;

    keepalive_requests 100000;

    server {
        listen 127.0.0.1:%%PORT_0%%;
        llm_policy_file was.json;
        access_log %%TESTDIR%%/was.log llm_policy;

        location / {
            proxy_pass http://127.0.0.1:%%PORT_up%%;
        }

        location /off/ {
            llm_policy off;
            return 204;
        }
    }

    server {
        listen 127.0.0.1:%%PORT_now%%;
        llm_policy_file now.json;
        llm_policy_key \$key_of_plain;
        access_log %%TESTDIR%%/now.log llm_policy;

        location / {
            proxy_pass http://127.0.0.1:%%PORT_up%%;
        }
    }

    server {
        listen 127.0.0.1:%%PORT_dry%%;
        llm_policy_file was.json;
        llm_policy_dry_run on;
        access_log %%TESTDIR%%/dry.log llm_policy;

        location / {
            proxy_pass http://127.0.0.1:%%PORT_up%%;
        }
    }

    server {
        listen 127.0.0.1:%%PORT_up%%;
        llm_policy off;
        access_log off;

        location / {
            return 200 "{}";
        }
    }
}

EOC

# Requests that the log contains completely: in each dialect, values of its
# parameters at their places.

my @values = (
    {},
    { temperature => 1.9, max_tokens => 5000, n => 2, seed => 12 },
    { temperature => 0.1, max_tokens => 10, top_k => 60, stream => 'true' },
    { temperature => 'null', seed => 'null', n => 1, max_tokens => 'null' },
    { temperature => '"0.5"' },
    { temperature => '0.50', top_logprobs => 3, service_tier => '"auto"',
        reasoning_effort => '"say \u0022no\""' },
    { reasoning_effort => '"' . 'x' x 300 . '"', max_tokens => '[]' },
    { temperature => '9' x 70 },
    { temperature => '-1e-400', top_p => '1e400' },
    { seed => '{"a":1}', n => '9' x 300, min_p => 0.5, verbosity => '"high"' },
);

my @requests;

for my $dialect (dialects()) {
    next if $dialect->{scope} ne '';

    for my $tier (sort grep { $_ ne 'gone' } keys %was) {
        for my $values (@values) {
            push @requests, [ "/by-name/$dialect->{name}",
                body($dialect, $values), 'X-Tier' => $tier ];
        }
    }
}

# tenants, tiers, models, forms

my $chat = '/v1/chat/completions';
my $form = sub { join '', map({ my ($name, $value) = @$_; "--b\r\n"
    . "Content-Disposition: form-data; name=\"$name\"\r\n\r\n$value\r\n" } @_),
    "--b--\r\n" };
my @form = ('Content-Type' => 'multipart/form-data; boundary=b');

for my $key (qw(acme moved away)) {
    push @requests, [ $chat, qq({"model":"m","temperature":$_}),
        'x-api-key' => $key ] for 0.1, 0.7, 1.9;
}

push @requests, [ $chat, $_, 'X-Tier' => 'models' ] for map {
    qq({"model":"$_"}) } qw(m x y), "m\\u20ac", 'm,x', 'y,x';

push @requests, [ '/openai/deployments/x/chat/completions', '{}',
    'X-Tier' => 'models' ], [ $chat, '{}', 'X-Tier' => 'none' ];

push @requests, [ $chat, $_, 'X-Tier' => 'gone' ]
    for '{"model":"m"}', '{"model":"m","temperature":1.9}';

for my $tier (sort keys %was) {
    push @requests, map { [ '/v1/audio/transcriptions',
        $form->([ model => 'm' ], $_ ne '' ? [ temperature => $_ ] : ()),
        'X-Tier' => $tier, @form ] } '', 0.5, 1.9, 'null', 'x"y';

    # a string may look like a number here
    push @requests, [ '/v1/audio/transcriptions',
        $form->([ model => 'm' ], [ service_tier => 5 ]), 'X-Tier' => $tier,
        @form ];

    # an API to which nothing is added except in existing objects
    push @requests, [ '/by-name/openai.evals',
        '{"data_source":{"model":"m","sampling_params":{}}}',
        'X-Tier' => $tier ];
}

my $logged = @requests;

send_all($_, @requests) for 0, 'now', 'dry';

my ($was, $now) = map { log_of($_) } qw(was now);

# a dry run would refuse the same requests
my %log = (was => $was, now => $now, dry => $was);

$t->access_log($logged, 'dry.log');

is(scalar @$was, $logged, 'a line for each request');

# The document of the log: nothing is different.  A request is not replayed if
# it was refused for its model and the log does not have the model.

my ($said, %said);

for my $log (qw(was dry now)) {
    my $file = $log eq 'now' ? 'now' : 'was';

    # --was tells given tiers from those of tenants

    $said = $said{$log} = replay("$file.json",
        $log eq 'now' ? ('--was', 'now.json') : (), "$log.log");

    is($said->{lines}, $logged, "$log.log, lines");
    is($said->{different}, 0, "$log.log, nothing is different");
    is_deeply({ %{ $said->{total} }, unchanged => 0 },
        { map { $_ => 0 } @outcomes }, "$log.log, by parameter");

    my $refused = grep { !replayable($_) } @{ $log{$log} };

    cmp_ok($refused, '<', 0.05 * $logged, "$log.log, most are replayed");
    is($said->{replayed}, $logged - $refused, "$log.log, the others");
}

is_deeply(skipped($said{$_}), { 'refused model_not_allowed' =>
    $logged - $said{$_}{replayed} }, "$_.log, not replayed") for qw(was dry);

# Another document: the results of nginx, counted here.

$said = replay('now.json', 'was.log');

is_deeply({ map { my %row = %$_; ("$row{tier} $row{parameter}",
    { map { $_ => $row{$_} } @outcomes }) } @{ $said->{rows} } },
    counted(), 'the counts, as nginx has them');

cmp_ok($said->{total}{$_}, '>', 0, "some are $_") for @outcomes;

is_deeply($said->{moved}, { 'nothing -> deny' => 3 }, 'tenants moved');
is_deeply($said->{unknown_tiers},
    { gone => scalar grep { $_->{llm}{tier} eq 'gone' } @$was },
    'a removed tier');

# dry run: the same, except for the forwarded values

is_deeply(replay('now.json', 'dry.log'), $said, 'the same of a dry run');

# The earlier document, given as well, makes no difference here.

is_deeply(replay('now.json', '--was', 'was.json', 'was.log'), $said, '--was');

# Requests that a log does not contain completely.

my @beyond = (
    [ qq({"temperature":1.9,"mirostat":1}), 'bounds' ],
    [ qq({"temperature":1.9,"temperature":1}), 'bounds' ],
    [ qq({"temperature"), 'bounds' ],
    [ qq({"options":{"temperature":1.9}}), 'default' ],
    [ '{"options":"x"}', 'bounds' ],
    [ '{"model":7}', 'models' ],
);

send_all(0, map { [ $chat, $_->[0], 'X-Tier' => $_->[1] ] } @beyond);
send_all(0, [ '/off/', '{}' ], [ '/unknown', '{}' ],
    [ '/v1/messages/batches',
        '{"requests":[{"custom_id":"c","params":{"model":"m"}}]}' ]);

my @lines = ($t->access_log(@$was + @beyond + 3, 'was.log'))[@$was .. $logged
    + @beyond + 2];

$t->write_file('beyond.log', join '', map { "$_\n" } @lines);

my %beyond = (
    off => 1, batch => 1, unclear => 1, 'refused invalid_type' => 2,
    map { ("refused $_" => 1) } qw(undermines_policy duplicate_member
        invalid_json unknown_route),
);

is_deeply(skipped(replay('was.json', 'beyond.log')), \%beyond,
    'not in the log');
is_deeply(skipped(replay('was.json', '--was', 'was.json', 'beyond.log')),
    \%beyond, 'not in the log, --was');

# Requests in the log whose results have a reason that it does not show: only
# with the earlier document can this be detected.

my @hidden = (
    [ '/v1/messages', '{"thinking":{"type":"enabled"},"temperature":1.9,'
        . '"max_tokens":50}', 'X-Tier' => 'bounds' ],
    [ '/v1/messages', '{"thinking":{"type":"enabled"},"max_tokens":50}',
        'X-Tier' => 'default' ],
    [ '/v1/responses', '{"previous_response_id":"r"}', 'X-Tier' => 'gone' ],
    [ $chat, '{"temperature":0.5,"options":{"temperature":"x"}}',
        'X-Tier' => 'gone' ],
);

my $before = $logged + @beyond + 3;

send_all(0, @hidden);

@lines = $t->access_log($before + @hidden, 'was.log');
$t->write_file('hidden.log',
    join '', map { "$_\n" } @lines[$before .. $#lines]);

$said = replay('was.json', 'hidden.log');
is($said->{different}, @hidden, 'hidden reasons');

$said = replay('was.json', '--was', 'was.json', 'hidden.log');
is_deeply(skipped($said), { unexplained => scalar @hidden },
    'hidden reasons, --was');
is($said->{different}, 0, 'hidden reasons, nothing is different');

$t->done;

# Returns whether a line contains the reason of its refusal.

sub replayable {
    my ($entry) = @_;
    my $llm = $entry->{llm};

    return 0 if $llm->{reason} eq 'unknown_key';
    return $llm->{reason} ne 'model_not_allowed' || $llm->{model} ne '';
}

# Returns the counts by tier and parameter, of the same requests in two logs.

sub counted {
    my %rows;

    for my $n (0 .. $#$was) {
        my ($one, $two) = map { $_->[$n]{llm} } $was, $now;

        next if !replayable($was->[$n]);

        my $tier = $two->{tier} || 'nothing';
        my @refused = map { $_->{status} eq 'rejected' } $one, $two;

        if ($refused[0] || $refused[1]) {
            my $row = $refused[0] ? $one->{reason_parameter}
                : $two->{reason_parameter} || 'key';

            count(\%rows, $tier, $row, !$refused[0] ? 'newly_refused'
                : $refused[1] ? 'unchanged' : 'no_longer_refused');
            next;
        }

        for my $parameter (sort keys %$one, 'stream_') {
            my ($from, $to) = map { $parameter eq 'stream_'
                ? { requested => $_->{stream_requested},
                    effective => $_->{stream}, action => $_->{stream_action} }
                : ref $_->{$parameter} && exists $_->{$parameter}{requested}
                ? $_->{$parameter} : () } $one, $two
                or next;

            my @changed = map { $_->{action} !~ /^(?:none)?$/ } $from, $to;

            next if $from->{requested} eq '' && !grep { $_ } @changed;

            count(\%rows, $tier, $parameter =~ s/_$//r,
                !$changed[0] && !$changed[1] ? 'unchanged'
                : !$changed[0] ? 'newly_changed'
                : !$changed[1] ? 'no_longer_changed'
                : $from->{effective} eq $to->{effective}
                    || $from->{effective} =~ /\d/ && $to->{effective} =~ /\d/
                        && $from->{effective} == $to->{effective}
                    ? 'unchanged' : 'changed_otherwise');
        }
    }

    return \%rows;
}

sub count {
    my ($rows, $tier, $parameter, $outcome) = @_;
    my $row = $rows->{"$tier $parameter"} //= { map { $_ => 0 } @outcomes };

    $row->{$outcome}++;
}

sub write_policy {
    my ($file, $tiers, $reject, $models, $tenants) = @_;

    my $tiers_text = join ",\n", map { my $models_text = $_ eq 'models'
        ? qq(, "models": { "allow": $models }) : '';
        qq("$_": { "parameters": { ) . rules_text(%{ $tiers->{$_} })
            . " }$models_text }" } sort keys %$tiers;

    my $max = $reject eq 'reject' ? 0.55 : 0.6;

    # rules of a tenant, and of an entry for a tier

    my %own = (acme => qq(, "parameters": { "temperature": { "max": $max } }));

    my $tenants_text = join ', ', map {
        qq("$_": { "tier": "$tenants->{$_}", "keys": ["$keys{$_}"])
            . ($own{$_} // '') . ' }' } sort keys %$tenants;

    $t->write_file($file, routed(<<"EOP"));
{
  "version": 1,
  "default_tier": "nothing",
  "unknown_key": "$reject",
  "tiers": { $tiers_text },
  "models": [ { "match": ["m"], "tiers": ["bounds"],
                "parameters": { "seed": { "max": 5 } } } ],
  "tenants": { $tenants_text }
}
EOP
}

# Returns a request of a dialect with values at their places.

sub body {
    my ($dialect, $values) = @_;
    my %body = (model => 'm');

    for my $parameter (sort keys %$values) {
        my $own = $dialect->{parameters}{$parameter};
        my $place = $own ? $own->{at}[0] : $parameter;

        next if $place =~ /\*/;

        my @steps = split m{/}, $place;
        my $last = pop @steps;
        my $in = \%body;

        $in = $in->{$_} //= {} for @steps;
        $in->{$last} = \$values->{$parameter};
    }

    delete $body{model} if !defined $dialect->{model};

    if (($dialect->{model} // 'model') =~ m{^(\w+)/(\w+)$}) {
        delete $body{model};
        $body{$1}{$2} = 'm';
    }

    return text(\%body);
}

sub text {
    my ($value) = @_;

    return $$value if ref $value eq 'SCALAR';
    return qq("$value") if !ref $value;
    return '{' . join(',', map { qq("$_":) . text($value->{$_}) }
        sort keys %$value) . '}';
}

sub send_all {
    my ($port, @all) = @_;
    my $client;

    for my $request (@all) {
        my ($path, $body, %fields) = @$request;

        $client //= $t->client($port);
        $client->request('POST', $path, $body, %fields);

        my $r = $client->response or die "no response to $path\n";

        if (($r->header('Connection') // '') eq 'close') {
            $client->close;
            $client = undef;
        }
    }

    $client->close if $client;
}

sub log_of {
    my ($name) = @_;

    return [ map { decode_json($_) } $t->access_log($logged, "$name.log") ];
}

sub replay {
    my ($policy, @logs) = @_;
    my $dir = $t->testdir;

    my $ran = tool('', 'replay', '--json', map { m{^-} ? $_ : "$dir/$_" }
        $policy, @logs);

    is("$ran->{exit}$ran->{err}", '0', "exit code: @logs");

    return decode_json($ran->{out});
}

sub skipped {
    my ($said) = @_;
    my %skipped = %{ $said->{not_replayable} };
    my $refused = delete $skipped{refused};

    return { map({ $skipped{$_} ? ($_ => $skipped{$_}) : () } keys %skipped),
        map { ("refused $_" => $refused->{$_}) } keys %$refused };
}
