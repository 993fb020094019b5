#!/usr/bin/perl

# llm_policy_candidate: the request is treated as without it, and what the
# candidate would have done is what it does where it is in force.  Each body is
# sent to three servers: the policy alone, with the candidate, the candidate
# alone.  Then its counters, its share of callers, changes and mistakes.

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use FindBin;
use JSON::PP ();
use Test::More;

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Test;
use LLMPolicy::Verdict;

my $t = LLMPolicy::Test->new;
my $up = $t->upstream(1, \&echo);
my $json = JSON::PP->new->canonical;

my $chat = '/v1/chat/completions';
my $form = "--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nw\r\n"
    . "--b\r\nContent-Disposition: form-data; name=\"temperature\"\r\n\r\n0.9"
    . "\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; "
    . "filename=\"a.mp3\"\r\n\r\nsound\r\n--b--\r\n";

sub document {
    my (%tiers) = @_;
    my %rest = %{ delete $tiers{rest} // {} };

    return $json->encode({
        version => 1, default_tier => 'free', %rest,
        tiers => { map {
            ($_ => ref $tiers{$_} ? $tiers{$_}
                : { parameters => $json->decode("{$tiers{$_}}") })
        } keys %tiers },
    });
}

# Returns tenants, of which "o" has the given members as well.

sub tenants {
    my (%own) = @_;

    return (tenants => { map {
        ("t$_" => { tier => 'free', keys => [ 'sha256:' . sha256_hex("k$_") ],
            $_ eq 'o' ? %own : () })
    } 'o', 1 .. 40 });
}

my %same = (parameters => { temperature => { max => 0.3 } });
my %other = (parameters => { temperature => { max => 0.4 },
    '/user' => { force => 'owner' } });

# the policy, the candidate, and what both of them have

my %document = (
    policy => document(
        free => '"temperature": { "max": 1 }, "n": { "max": 2 },'
            . ' "top_p": { "max": 0.9 }',
        pro => '"temperature": { "max": 1.5 }',
        rest => { models => [ { match => [ '~^o3' ],
            parameters => { temperature => { remove => JSON::PP::true } } } ],
            tenants() }),
    same_pointers => document(
        free => '"temperature": { "max": 0.8, "default": 0.7 },'
            . ' "n": { "max": 1, "on_violation": "reject" },'
            . ' "max_tokens": { "max": 100 }',
        pro => '"temperature": { "max": 1.50 }',
        rest => { models => [ { match => [ '~^o4' ],
            parameters => { temperature => { remove => JSON::PP::true } } } ],
            tenants(%same) }),
    other_pointers => document(
        free => '"temperature": { "max": 0.8 },'
            . ' "/metadata/trace": { "remove": true },'
            . ' "/user": { "force": "gateway" }',
        pro => { unknown_members => 'remove', parameters => {} },
        rest => { tenants(%other) }),
    routes => document(
        free => '"temperature": { "max": 0.8 }',
        pro => '"temperature": { "max": 1.5 }',
        rest => { routes => [
            { path => '/v1/messages', action => 'reject' },
            { path => '/v1/embeddings', action => 'pass' },
            { path => '/api/chat', dialect => 'openai.chat' } ], tenants() }),
);

$t->write_file("$_.json", $document{$_}) for keys %document;

my $servers = join '', map { <<"EOC" } grep { $_ ne 'policy' } keys %document;

    server {
        listen 127.0.0.1:%%PORT_$_%%;
        llm_policy_candidate $_.json;

        location / {
            proxy_pass http://%%UPSTREAM%%;
        }
    }

    server {
        listen 127.0.0.1:%%PORT_only_$_%%;
        llm_policy_file $_.json;

        location / {
            proxy_pass http://%%UPSTREAM%%;
        }
    }
EOC

$t->run(<<"EOF");

%%GLOBALS%%

load_module %%MODULE%%;

events {
}

http {
    %%GLOBALS_HTTP%%

    llm_policy on;
    llm_policy_file policy.json;
    llm_policy_reload 200ms;
    llm_policy_tier \$http_x_tier;

    client_body_buffer_size 1k;

    add_header X-Status \$llm_status always;
    add_header X-Adjustments \$llm_adjustments always;
    add_header X-Candidate \$llm_candidate_status always;
    add_header X-Would \$llm_candidate_adjustments always;

    server {
        listen 127.0.0.1:%%PORT_0%%;

        location = /status {
            llm_policy_status;
        }

        location / {
            proxy_pass http://%%UPSTREAM%%;
        }
    }

    server {
        listen 127.0.0.1:%%PORT_share%%;

        llm_policy_candidate same_pointers.json share=25%;

        location /off/ {
            llm_policy_candidate off;
            proxy_pass http://%%UPSTREAM%%/;
        }

        location / {
            proxy_pass http://%%UPSTREAM%%;
        }
    }
$servers
}

EOF

sub answer {
    my ($port, $path, $body, @fields) = @_;
    my $r = post_to($t, $port, $path, $body, @fields);

    return {
        body => $r->{status} . ' ' . $r->{body},
        map { ($_ => $r->header("X-\u$_") // '') }
            qw(status adjustments candidate would),
    };
}

my @requests = (
    [ $chat, '{}' ],
    [ $chat, '{"temperature":0.5}' ],
    [ $chat, '{"temperature":0.9}' ],
    [ $chat, '{"temperature":0.9,"n":2,"user":"me"}',
        Authorization => 'Bearer ko' ],
    [ $chat, '{"temperature":1.9,"top_p":0.95,"n":2}' ],
    [ $chat, '{"temperature":1.9,"n":7,"model":"o3-mini"}' ],
    [ $chat, '{"temperature":"1.9"}' ],
    [ $chat, '{"temperature":1.9', ],
    [ $chat, '{"Temperature":1.9}' ],
    [ $chat, '{"messages":[{"role":"user","content":"' . 'x' x 5000
        . '"}],"temperature":1.9,"metadata":{"trace":1,"Trace":2}}' ],
    [ $chat, '{"temperature":1.7,"metadata":{"trace":"y"},"user":"me"}' ],
    [ $chat, '{"not_documented":true,"extra_body":{"temperature":1.2}}' ],
    [ $chat, '{"stream":true,"stream_options":null,"options":{"top_k":4}}' ],
    [ '/v1/messages', '{"temperature":0.9,"max_tokens":9}' ],
    [ '/v1/embeddings', '{"input":"x","temperature":3}' ],
    [ '/api/chat', '{"model":"m","options":{"temperature":1.9}}' ],
    [ '/generate', '{"text":"x","sampling_params":{"temperature":1.9}}' ],
    [ '/generate', '{"inputs":"x","parameters":{"temperature":1.9}}' ],
    [ '/v1beta/models/g:generateContent',
        '{"generationConfig":{"temperature":1.9},"contents":[]}' ],
    [ '/v1/audio/transcriptions', $form,
        'Content-Type' => 'multipart/form-data; boundary=b' ],
);

for my $name (grep { $_ ne 'policy' } sort keys %document) {
    for my $tier ('', 'pro') {
        for my $request (@requests) {
            my ($path, $body, @fields) = @$request;

            push @fields, 'X-Tier' => $tier if $tier;

            my $alone = answer(0, $path, $body, @fields);
            my $both = answer($name, $path, $body, @fields);
            my $only = answer("only_$name", $path, $body, @fields);
            my $label = "$name, tier \"$tier\", $path "
                . substr $body, 0, 60;

            is_deeply([ @$both{qw(body status adjustments)} ],
                [ @$alone{qw(body status adjustments)} ],
                "$label: as without a candidate");

            my ($status, $would) = @$only{qw(status adjustments)};

            # a body that is streamed is gone when its API is known

            next if $ENV{TEST_STREAMING} && $path eq '/generate'
                && $name ne 'same_pointers';

            is_deeply([ @$both{qw(candidate would)} ], [ $status, $would ],
                "$label: as the candidate alone");
        }
    }
}

# counters

sub counters {
    my $status = $json->decode($t->get('/status?format=json')->{body});

    return { map {
        ("$_->{tier} $_->{parameter} $_->{kind}" => $_->{count})
    } @{ $status->{candidate_differences} } },
    { map { ($_->{result} => $_->{count}) }
        @{ $status->{candidate_requests} } };
}

my %kinds = (
    '' => [],
    '"temperature":0.9' => [ 'temperature newly_changed' ],
    '"temperature":1.9' => [ 'temperature changed_otherwise' ],
    '"top_p":1' => [ 'top_p no_longer_changed' ],
    '"n":2' => [ 'n newly_refused' ],
    '"top_p":"1"' => [ 'top_p no_longer_refused' ],
    '"max_tokens":null' => [ 'max_tokens newly_changed' ],
    '"top_p":1,"max_tokens":null' =>
        [ 'max_tokens newly_changed', 'top_p no_longer_changed' ],
);

for my $members (sort keys %kinds) {
    my %body = (temperature => 0.5, max_tokens => 9, top_p => 0.5,
        %{ $json->decode("{$members}") });
    my $body = $json->encode(\%body);
    my ($before, $requests) = counters();

    answer('same_pointers', $chat, $body);

    my ($after, $now) = counters();

    is_deeply(
        [ grep { ($after->{$_} // 0) != ($before->{$_} // 0) }
            sort keys %$after ],
        [ map { "free $_" } @{ $kinds{$members} } ], "$body: differences");

    my $result = @{ $kinds{$members} } ? 'different' : 'same';

    is($now->{$result}, $requests->{$result} + 1, "$body: counted as $result");
}

my $metric = 'llm_policy_candidate_differences_total'
    . '{tier="free",parameter="n",kind="newly_refused"}';

like($t->get('/status')->{body}, qr/^\Q$metric\E \d+$/m, 'in the metrics');

# a share of the callers, always the same ones

my (%enforced, $unstable);

for my $i (1 .. 40) {
    my @seen = map { answer('share', $chat,
        '{"temperature":0.9,"top_p":0.5}',
        Authorization => "Bearer k$i") } 1 .. 2;

    $unstable++ if $seen[0]{candidate} ne $seen[1]{candidate};
    $enforced{$i} = $seen[0]{candidate} eq 'enforced';

    my $is = '200 {"temperature":'
        . ($enforced{$i} ? '0.8,"top_p":0.5,"max_tokens":100}'
            : '0.9,"top_p":0.5}');

    is($seen[0]{body} =~ s/\s+$//r, $is, "tenant $i") if $i < 4
        || $seen[0]{body} !~ /^\Q$is\E\s*$/;
}

my $n = grep { $_ } values %enforced;

is($unstable, undef, 'a caller is always treated alike');
ok($n > 3 && $n < 20, "about a quarter of the callers: $n of 40");

is(answer('share', "/off$chat", '{"temperature":0.9}',
    Authorization => "Bearer k$_")->{candidate}, '', "off for caller $_")
    for (grep { $enforced{$_} } sort keys %enforced)[0];

# what no key has goes by the key, and without one by the address

my %strangers = map { (answer('share', $chat, '{}',
    Authorization => "Bearer x$_")->{candidate} => 1) } 1 .. 40;

is_deeply([ sort keys %strangers ], [ 'enforced', 'modified' ],
    'unknown keys are apart');

# a change of the candidate is taken up; a mistake is not, and is logged

$t->write_file('same_pointers.json', document(
    free => '"temperature": { "max": 0.2 }', rest => { tenants() }));

ok($t->logged(qr/same_pointers\.json" has changed, and is in force/),
    'a change is taken up');
like(answer('same_pointers', $chat, '{"temperature":0.9}')->{would},
    qr/0\.9->0\.2 /, 'from the next request on');

$t->write_file('same_pointers.json', '{ "version": 2 }');
ok($t->logged(qr/same_pointers\.json" has changed, but stays as it was/),
    'a mistake is logged');
is(answer('same_pointers', $chat, '{"temperature":0.9}')->{would},
    'temperature=0.9->0.2 (max)', 'and does not come into force');

# mistakes of the configuration

for (
    [ 'policy.json', qr/"llm_policy_file" are the same file/ ],
    [ 'missing.json', qr/missing\.json" failed/ ],
    [ 'same_pointers.json', qr{json:1:14: /version: must be 1} ],
    [ 'routes.json share=5', qr/must be "share=" with a number and "%"/ ],
    [ 'routes.json 5%', qr/must be "share=" with a number and "%"/ ],
    [ 'routes.json share=101%', qr/from 0% to 100%/ ],
    [ 'routes.json share=1.234%', qr/from 0% to 100%/ ],
    [ 'routes.json share=-1%', qr/from 0% to 100%/ ],
    [ 'off share=1%', qr/has a share, but is "off"/ ],
) {
    my ($arguments, $expected) = @$_;

    like($t->config_errors(<<"EOF"), $expected, $arguments);

%%GLOBALS%%

load_module %%MODULE%%;

events {
}

http {
    %%GLOBALS_HTTP%%

    llm_policy on;
    llm_policy_file policy.json;
    llm_policy_candidate $arguments;

    server {
        listen 127.0.0.1:%%PORT_0%%;
    }
}

EOF
}

$t->done;
