#!/usr/bin/perl

# The log_format in conf/: each line is a JSON object, with the requested and
# the forwarded values.

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use FindBin;
use JSON::PP;
use Test::More;

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Conf;
use LLMPolicy::Test;
use LLMPolicy::Tool;
use LLMPolicy::Verdict;

my $conf = "$FindBin::Bin/../../../conf";

my $t = LLMPolicy::Test->new;
my $up = $t->upstream(1, \&echo);

my $hash = 'sha256:' . sha256_hex('key');

$t->write_file('policy.json', <<"EOP");
{
  "version": 1,
  "default_tier": "free",
  "tiers": {
    "free": { "parameters": {
      "temperature": { "default": 0.7, "max": 1 },
      "top_p": { "remove": true },
      "max_tokens": { "max": 100 },
      "reasoning_effort": { "allow": ["low", "say \\"no\\""] }
    } },
    "open": { "limits": { "requests_per_minute": 1 } }
  },
  "tenants": { "Ac\\"me": { "tier": "open", "keys": [
    { "hash": "$hash", "name": "c\\"i" } ] } }
}
EOP

$t->run(gateway(http => <<"EOH", server => <<"EOF"));

include $conf/llm-policy-log.conf;
access_log %%TESTDIR%%/llm.log llm_policy;

EOH

location / {
    proxy_pass http://%%UPSTREAM%%;
}

location /off {
    llm_policy off;
    return 204;
}

EOF

my $chat = '/v1/chat/completions';
my $within = '"temperature":1,"max_tokens":9';

# all parameters except "stream", which is written differently, and those that
# may contain text of a prompt

my %without = map { $_ => 1 } qw(stream stop logit_bias);
my ($every) = tool('', 'dialects')->{out} =~ /^## In every dialect$(.*)/ms;
my @parameters = grep { !$without{$_} } $every =~ /^- `(\w+)`:/mg;

# the record of a parameter: requested value, forwarded value, reason

sub record {
    my ($requested, $effective, $action) = @_;

    return { requested => $requested // '', effective => $effective // '',
        action => $action // '' };
}

# the request; the non-empty members of "llm"

my @requests = (
    [ [ POST => $chat, qq({"model":"m",$within}) ], {
        status => 'passed', tier => 'free', dialect => 'openai.chat',
        model => 'm', temperature => record(1, 1, 'none'),
        max_tokens => record(9, 9, 'none'),
    } ],

    [ [ POST => $chat, '{"temperature":1.90,"stream":true,"top_p":0.5}' ], {
        status => 'modified', tier => 'free', dialect => 'openai.chat',
        adjustments => 'temperature=1.90->1 (max), top_p=0.5-> (remove), '
            . 'max_tokens=->100 (max)',
        temperature => record('1.90', 1, 'max'),
        top_p => record(0.5, '', 'remove'),
        max_tokens => record('', 100, 'max'), stream => 'true',
        stream_requested => 'true', stream_action => 'none',
    } ],

    [ [ POST => $chat, '{"max_tokens":5,"reasoning_effort":"low"}' ], {
        status => 'modified', tier => 'free', dialect => 'openai.chat',
        adjustments => 'temperature=->0.7 (default)',
        temperature => record('', 0.7, 'default'),
        max_tokens => record(5, 5, 'none'),
        reasoning_effort => record('"low"', '"low"', 'none'),
    } ],

    [ [ POST => $chat, '{"temperature":"1.9"}' ], {
        status => 'rejected', reason => 'invalid_type',
        reason_parameter => 'temperature', tier => 'free',
        dialect => 'openai.chat', temperature => record('"1.9"', '', 'none'),
    }, 400 ],

    # no bytes of a client break the line
    [ [ POST => $chat, qq({"model":"\\"\\\\ \xe2\x82\xac",$within,)
        . '"reasoning_effort":"say \u0022no\""}' ], {
        status => 'passed', tier => 'free', dialect => 'openai.chat',
        model => "\"\\ \x{20ac}", temperature => record(1, 1, 'none'),
        max_tokens => record(9, 9, 'none'),
        reasoning_effort => record(('"say \u0022no\""') x 2, 'none'),
    } ],

    [ [ POST => $chat, '{}', 'x-api-key' => 'key' ], {
        status => 'passed', tier => 'open', tenant => 'Ac"me',
        key_name => 'c"i',
        dialect => 'openai.chat', limit => { status => 'passed', name => '' },
    } ],

    [ [ POST => $chat, '{}', 'x-api-key' => 'key' ], {
        status => 'rejected', reason => 'rate_limit_exceeded',
        tier => 'open', tenant => 'Ac"me', key_name => 'c"i',
        dialect => 'openai.chat',
        limit => { status => 'rejected', name => 'requests_per_minute' },
    }, 429 ],

    [ [ POST => '/a"b\\c', '{}' ],
        { status => 'rejected', reason => 'ambiguous_path' }, 400 ],
    [ [ GET => '/v1/models' ], { status => 'bypassed' } ],
    [ [ POST => '/off', '{}' ], {}, 204 ],
);

$t->request(@{ $_->[0] }) for @requests;

my @lines = $t->access_log(scalar @requests, 'llm.log');
my @parsed = map { eval { decode_json($_) } } @lines;

is(scalar @parsed, @requests, 'each line is JSON') or diag(@lines);

for my $n (0 .. $#requests) {
    my ($request, $llm, $status) = @{ $requests[$n] };
    my $name = join ' ', @$request[0, 1];
    my $entry = $parsed[$n];

    my %empty = map { $_ => '' } qw(status reason reason_parameter tier tenant
        key_name dialect model adjustments stream stream_requested
        stream_action cost);
    $empty{$_} = record() for @parameters;
    $empty{limit} = { status => '', name => '' };
    $empty{candidate} = { status => '', adjustments => '' };

    # the size of the body is the only known measure of tokens here
    my $length = length $request->[2] // '';
    my $tokens = delete $entry->{llm}{tokens};
    my $answered = ($llm->{status} // '') =~ /^(?:passed|modified)$/;

    is_deeply($tokens, $answered ? { prompt => int(($length + 3) / 4),
            completion => 0, total => int(($length + 3) / 4),
            cached => 0, reasoning => 0, source => 'estimated' }
        : { map { $_ => '' } qw(prompt completion total cached reasoning
                                source) },
        "$name, tokens");

    is_deeply($entry->{llm}, { %empty, %$llm }, "$name, the decision");
    is($entry->{status}, $status // 200, "$name, status");
    is("$entry->{method} $entry->{uri}", $name, "$name, method and uri");
}

like($lines[0], qr/"time":"[^"]+T[^"]+","request_id":"[0-9a-f]{32}"/,
    'time and id');

# Lines are objects with any input.

my @odd = ("GET /\r\n", "NO HTTP\r\n\r\n", "POST /v1 HTTP/1.1\r\n\r\n",
    "GET /\x01\x1f\x7f HTTP/1.0\r\n\r\n",
    "POST $chat HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\n{\"a\":1");

for my $bytes (@odd) {
    my $client = $t->client;

    $client->send($bytes);
    $client->response if $bytes !~ /^POST \/v1\/chat/;
    $client->close;
}

@lines = $t->access_log(@requests + @odd, 'llm.log');

is(grep({ eval { decode_json($_) } } @lines), @requests + @odd,
    'odd requests') or diag(join "\n", @lines);

$t->done;
