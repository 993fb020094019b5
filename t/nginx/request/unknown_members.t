#!/usr/bin/perl

# "unknown_members": members that neither the API documents nor a rule names are
# removed, or their request is refused, in every dialect, at the top and in
# objects with parameters, and nowhere else.  llm-policy explain agrees.

use strict;
use warnings;

use FindBin;
use Test::More;
use Time::HiRes qw(time);

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Decision;
use LLMPolicy::Dialects;
use LLMPolicy::Test;
use LLMPolicy::Tool;
use LLMPolicy::Verdict;

my $t = LLMPolicy::Test->new;
my $up = $t->upstream(1, \&echo);

$t->write_file('policy.json', routed(<<'EOP'));
{
  "version": 1,
  "default_tier": "reject",
  "unknown_members": "reject",
  "tiers": {
    "reject": { "parameters": {} },
    "remove": {
      "unknown_members": "remove",
      "parameters": {}
    },
    "pass": { "unknown_members": "pass" },
    "ruled": {
      "unknown_members": "remove",
      "parameters": {
        "temperature": { "max": 1 },
        "/provider/order": {},
        "/trace": { "remove": true }
      }
    },
    "default": {
      "unknown_members": "remove",
      "parameters": { "temperature": { "default": 0.5 } }
    }
  },
  "models": [
    { "match": ["takes"], "parameters": { "top_k": { "max": 9 } } }
  ]
}
EOP

$t->run(decision_conf(<<'EOC'));

    log_format unknown '$llm_status [$llm_adjustments] $llm_reason';
    access_log %%TESTDIR%%/unknown.log unknown;

EOC

# Every documented member passes, in every dialect, and no other one: at the
# top of a request, and in each of its objects with parameters.

for my $dialect (dialects()) {
    my ($name, $scope) = @$dialect{qw(name scope)};
    my $documented = $dialect->{documented};

    for my $place (sort keys %$documented) {
        my $at = join '/', grep { $_ ne '' } $scope, $place;
        my @own = grep { !/[.\[]/ } @{ $documented->{$place} };
        my $own = join ',', map { qq("$_":null) } @own;
        my $comma = @own ? ',' : '';

        same($name, 'reject', wrapped($at, "{$own}"), "$at, documented");
        same($name, 'pass', wrapped($at, qq({$own$comma"surely_unknown":[1]})),
            "$at, passed");

        is_refused($name, wrapped($at, qq({$own$comma"surely_unknown":[1]})),
            "$at, unknown");
        is_refused($name, wrapped($at, qq({"not_known":{"temperature":5}})),
            "$at, an object");

        becomes($name, 'remove',
            wrapped($at, qq({"a_1":{"b":"}"},$own$comma"a_2":"\\""})),
            wrapped($at, "{$own}"), "$at, removed");
    }
}

# What clients of the servers behind such a route send.

same('compatible.chat', 'reject', $_, "a client's own, $_") for
    '{"max_completion_tokens":100,"messages":[]}',
    '{"thinking":{"type":"enabled","effort":"low","keep":"all"}}',
    '{"input_ids":[1],"do_preprocess":false,"return_token_offsets":true}';
same('llamacpp.completion', 'reject',
    '{"max_completion_tokens":1,"logprobs":2,"sse_ping_interval":5}',
    'names of llama.cpp');

# Members with rules are known, and those that lead to one.

my $chat = 'openai.chat';

for ([ '{"temperature":2,"options":{"temperature":2,"mirostat":0}}',
       '{"temperature":1,"options":{"temperature":1}}' ],
    [ '{"provider":{"order":["a"]},"provider2":1}',
      '{"provider":{"order":["a"]}}' ],
    [ '{"trace":1,"traces":1,"model":"m"}', '{"model":"m"}' ],
    [ '{"top_k":5,"model":"other"}', '{"model":"other"}' ],
    [ '{"top_k":5,"model":"takes"}', '{"top_k":5,"model":"takes"}' ],
    [ '{"top_k":50,"model":"takes"}', '{"top_k":9,"model":"takes"}' ],
    [ '{"model":"takes","top_k":50}', '{"model":"takes","top_k":9}' ],
    [ '{"options":{"top_k":5},"model":"other","n_predict":1}',
      '{"options":{},"model":"other"}' ])
{
    my ($asked, $sent) = @$_;

    becomes($chat, 'ruled', $asked, $sent, "a rule, $asked");
}

# A removed member has no effect, and no member inside is read.

becomes($chat, 'default', '{"options":{"x":1},"engine":5,"p":9}',
    '{"options":{},"temperature":0.5}', 'nothing of them counts');
becomes('anthropic.messages', 'default', '{"thoughts":{"type":"enabled"}}',
    '{"temperature":0.5}', 'no conflict with what is removed');
becomes($chat, 'remove', '{"dynatemp_range":2,"fallbacks":["x"]}', '{}',
    'a member that undoes a bound is removed like others');

# Names are compared as they are decoded, in any length and number.

becomes($chat, 'remove', '{"\u0066oo":1,"\u006dessages":[],"":0}',
    '{"\u006dessages":[]}', 'escapes');
becomes($chat, 'remove', '{"Messages":1,"messageS":[]}', '400', 'case');
becomes($chat, 'remove', '{"' . 'x' x 300 . '":1,"model":"m"}',
    '{"model":"m"}', 'a long name');
becomes($chat, 'remove',
    '{' . join(',', map { qq("x$_":$_) } 1 .. 4000) . ',"model":"m"}',
    '{"model":"m"}', '4000 members');
is(verdict(ask($chat, 'remove',
    '{' . join(',', map { qq("x$_":$_) } 1 .. 5000) . '}')),
    '400 invalid_json', '5000 members');

# Messages, tools and schemas are not looked into.

same($chat, 'reject', '{"messages":[{"role":"user","content":"x","extra":1}],'
    . '"tools":[{"type":"function","function":{"parameters":{"x":1}}}],'
    . '"metadata":{"anything":1},"response_format":{"json_schema":{"x":{}}}}',
    'what is inside of them');

# Each field of a form, each line of a file, and each request of a batch.

my %form = ('Content-Type' => 'multipart/form-data; boundary="xyz"');
my $audio = field(model => 'whisper-1') . field(language => 'en');

form_becomes('openai.transcriptions', 'remove',
    $audio . field(vad => '{"a":1}') . field(prompt => 'p'),
    $audio . field(prompt => 'p'), 'a field');
form_becomes('openai.transcriptions', 'reject', $audio, $audio, 'documented');
form_becomes('openai.transcriptions', 'reject', $audio . field(vad => 'x'),
    '400 unknown_member', 'another field');

my @lines = map { qq({"custom_id":"$_","method":"POST","url":)
    . qq("/v1/chat/completions","body":{"model":"m"%s}}\n) } 1 .. 3;

for (['remove', ',"engine":1', ''], ['reject', ',"user":"u"', ',"user":"u"'],
    ['reject', ',"engine":1', '400'])
{
    my ($tier, $member, $sent) = @$_;

    # the second line alone has it
    my ($asked, $wanted) = map { my $more = $_; field(purpose => 'batch')
        . field(file => join('', map { sprintf $lines[$_],
            $_ == 1 ? $more : '' } 0 .. 2), '; filename="a.jsonl"') }
        $member, $sent;

    form_becomes('openai.files', $tier, $asked,
        $sent eq '400' ? '400 unknown_member' : $wanted, "a line, $member");
}

becomes('anthropic.batches', 'remove',
    '{"requests":[{"custom_id":"a","params":{"model":"m","x":1}},'
    . '{"params":{"y":2,"model":"m"}}],"z":3}',
    '{"requests":[{"custom_id":"a","params":{"model":"m"}},'
    . '{"params":{"model":"m"}}]}', 'each request, and next to them');

# Many members in small pieces take about as long as few of them each.

my ($few, $many) = map { seconds_for($_) } 1000, 4000;

cmp_ok($many, '<', 8 * $few + 2, "4000 members: $many s, 1000: $few s");

# The name is the client's text: it stands in no message and in no log.

my $response = ask($chat, 'reject', '{"model":"m","sEcReT_name":1}');

is(verdict($response), '400 unknown_member', 'refused');
like(message($response), qr/at byte 13 .* openai\.chat .* "reject"/,
    'where, and why');
ask($chat, 'remove', '{"sEcReT_a":1,"sEcReT_b":2}');
$t->stop;

like($t->read_file('unknown.log'),
    qr/^modified \[unknown_members=2-> \(remove\)\] -?$/m, 'the number');
unlike($t->read_file('unknown.log') . $t->error_log . message($response),
    qr/sEcReT/, 'no name');

$t->done;

sub field {
    my ($name, $value, $more) = @_;

    return qq(--xyz\r\nContent-Disposition: form-data; name="$name")
        . ($more // '') . "\r\n\r\n$value\r\n";
}

sub form_becomes {
    my ($dialect, $tier, $asked, $sent, $name) = @_;
    my $path = $dialect =~ /files/ ? 'files' : 'audio/transcriptions';
    my $got = verdict($t->post("/v1/$path", "$asked--xyz--\r\n",
        %form, 'X-Tier' => $tier));

    # text that is removed from a body in a file is replaced by spaces
    is($got =~ s/ +(?=["}\]])//gr, $sent =~ /^400/ ? $sent
        : "$sent--xyz--\r\n", "$dialect, $tier, $name");
}

# Returns how long a request with a number of unknown members takes.

sub seconds_for {
    my ($number) = @_;
    my $body = '{' . join('', map { qq("x$_":$_,) } 1 .. $number)
        . '"model":"m"}';
    my $client = $t->client(0);
    my $from = time;

    $client->{method} = 'POST';
    $client->send_pieces(0, LLMPolicy::Client::request_bytes('POST',
        "/by-name/$chat", $body, 'X-Tier' => 'remove',
        Connection => 'close') =~ /(.{1,64})/gs);

    is(verdict($client->response) =~ s/ +(?=["}])//gr, '{"model":"m"}',
        "$number members in pieces");

    return time - $from;
}

sub ask {
    my ($dialect, $tier, $body) = @_;

    return $t->post("/by-name/$dialect", $body, 'X-Tier' => $tier);
}

sub explained {
    my ($dialect, $tier, $body) = @_;

    return LLMPolicy::Decision::tool_says($t, {
        path => "/by-name/$dialect", tier => $tier, body => $body,
    });
}

sub becomes {
    my ($dialect, $tier, $asked, $sent, $name) = @_;
    my $got = verdict(ask($dialect, $tier, $asked));
    my $said = explained($dialect, $tier, $asked);
    my $wanted = $sent eq '400' ? qr/^400 ambiguous_member$/
        : qr/\A\Q$sent\E\z/;

    like($got =~ s/ +(?=["}\]])//gr, $wanted, "$dialect, $name");
    like($said->{refused} || $said->{body}, $wanted,
        "$dialect, $name, explained");
}

sub same {
    my ($dialect, $tier, $body, $name) = @_;

    becomes($dialect, $tier, $body, $body, $name);
}

sub is_refused {
    my ($dialect, $body, $name) = @_;
    my $response = ask($dialect, 'reject', $body);

    is($response->{status}, 400, "$dialect, $name");
    like($response->{body}, qr/no rule of tier ."reject." names it/,
        "$dialect, $name, why");
    is(explained($dialect, 'reject', $body)->{refused}, '400 unknown_member',
        "$dialect, $name, explained");
}
