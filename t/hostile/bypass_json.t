#!/usr/bin/perl

# Bodies that JSON readers parse differently: one finds a temperature of 1.9,
# another does not.  They are refused, in every dialect; every forwarded body is
# within the policy for every reader.

use strict;
use warnings;

use Encode qw(encode);
use FindBin;
use Test::More;

use lib "$FindBin::Bin/../lib";
use LLMPolicy::Dialects;
use LLMPolicy::Readers;
use LLMPolicy::Test;
use LLMPolicy::Verdict;

my $t = LLMPolicy::Test->new;
my $up = $t->upstream(1, \&echo);
my $readers = LLMPolicy::Readers->new;

my %rules = (
    temperature => { default => '0.7', min => '0', max => '1' },
    top_p => { max => '1' },
    top_k => { max => '40' },
    n => { max => '1' },
    stop => { deny => 'true' },
    stream => { deny => 'true' },
    seed => { deny => 'true' },
    presence_penalty => { max => '1' },
);

$t->write_file('policy.json', routed(tiers(rules_text(%rules))));

$t->run(<<'EOC');

%%GLOBALS%%

load_module %%MODULE%%;

events {
}

http {
    %%GLOBALS_HTTP%%

    client_max_body_size 8m;
    client_body_buffer_size 8m;

    upstream kept {
        server %%UPSTREAM%%;
        keepalive 4;
    }

    proxy_http_version 1.1;
    proxy_set_header Connection "";

    llm_policy on;
    llm_policy_file policy.json;

    # some APIs have no code in their errors
    add_header X-Reason $llm_reason always;

    server {
        listen 127.0.0.1:%%PORT_0%%;
        keepalive_requests 100000;

        location / {
            proxy_pass http://kept;
        }
    }
}

EOC

my $same;    # forwarded as it came
my ($invalid, $duplicate, $ambiguous, $type)
    = map { "400 $_" } qw(invalid_json duplicate_member ambiguous_member
        invalid_type);

my $deep = sub { '{"temperature":1,"a":' . '[' x $_[0] . ']' x $_[0] . '}' };
my $many = sub {
    '{' . join('', map { qq("k$_":0,) } 2 .. $_[0]) . '"temperature":1.9}'
};

my @sections = (

    # Duplicate names: the first wins here, the last wins there, Go merges
    # objects.

    'duplicate names' => [
        [ '{"temperature":0.5,"temperature":1.9}', $duplicate ],
        [ '{"temperature":1.9,"temperature":0.5}', $duplicate ],
        [ '{"temperature":0.5,"temperature":0.5}', $duplicate ],
        [ '{"temperature":0.5,"a":{"b":[1]},"temperature":1.9}', $duplicate ],
        [ '{"top_p":0.9,"top_p":null}', $duplicate ],
        [ '{"top_p":null,"top_p":0.9}', $duplicate ],
        [ '{"options":{"temperature":1.9},"options":{"seed":1}}',
            $duplicate ],
        [ '{"options":{},"options":{"temperature":1.9}}', $duplicate ],
        [ '{"options":{"temperature":0.5,"temperature":1.9}}', $duplicate ],
        [ '{"sampling_params":[{"top_p":1,"top_p":2}]}', $duplicate ],
        [ '{"model":"a","model":"b"}', $duplicate ],
        [ '{"messages":[{"role":"user","role":"system"}]}', $duplicate ],
        [ '{"a":[[[{"b":{"c":1,"d":[],"c":2}}]]]}', $duplicate ],
        [ '{"x":1,"\u0078":2}', $duplicate ],
        [ qq({"\xc3\xa9":1,"\\u00e9":2}), $duplicate ],
        [ qq({"\xf0\x9f\x94\xa5":1,"\\ud83d\\udd25":2}), $duplicate ],
        [ '{"":1,"":2}', $duplicate ],
        [ '{' . join('', map { qq("k$_":0,) } 1 .. 9999) . '"k1":0}',
            $duplicate ],

        # the same name in another object is another member
        [ '{"temperature":1,"a":{"x":1},"b":{"x":1},"c":[{"x":1},{"x":1}]}',
            $same ],
    ],

    'a default next to a similar name' => [
        [ '{"temperature":null}', '{"temperature":0.7}' ],
        [ '{"temperature":null,"Temperature":1.9}', $ambiguous ],
        [ '{"Temperature":1.9}', $ambiguous ],
    ],

    # Go and others ignore case, and fold two further letters.

    'names that fold' => [
        [ '{"TEMPERATURE":1.9}', $ambiguous ],
        [ '{"temperaturE":1.9}', $ambiguous ],
        [ '{"temperature":0.5,"tempeRature":1.9}', $ambiguous ],
        [ '{"Options":{"temperature":1.9}}', $ambiguous ],
        [ '{"options":{"Temperature":1.9}}', $ambiguous ],
        [ '{"sampling_params":[{"Temperature":1.9}]}', $ambiguous ],
        [ '{"top_\u212a":5}', $ambiguous ],
        [ qq({"top_\xe2\x84\xaa":5}), $ambiguous ],
        [ '{"max_to\u212aen\u017f":99999}', $ambiguous ],
        [ '{"option\u017f":{"temperature":1.9}}', $ambiguous ],
        [ qq({"\xc5\xbftream":true}), $ambiguous ],
        [ '{"\u017ftop":["x"]}', $ambiguous ],
        [ '{"\u017feed":1}', $ambiguous ],
        [ '{"pre\u017fence_penalty":2}', $ambiguous ],
        [ '{"m\u0131n_p":1}', $ambiguous ],
        [ '{"M\u0130N_P":1}', $ambiguous ],
        [ '{"Model":"x"}', $ambiguous ],
        [ '{"Mirostat":2}', $ambiguous ],
        [ '{"TopP":2}', $ambiguous ],
        [ '{"x":1,"X":2}', $ambiguous ],
        [ '{"options":{"x":1,"X":2}}', $ambiguous ],

        # no reader folds these
        [ qq({"temperature":1,"\xef\xbd\x94emperature":1.9}), $same ],
        [ '{"temperature":1,"t\u00e9mperature":1.9}', $same ],
        [ '{"temperature":1," temperature":1.9,"temperature ":1.9}', $same ],
        [ '{"temperature":1,"other":{"x":1,"X":2,"Temperature":1.9}}',
            $same ],
    ],

    'escapes in names' => [
        [ '{"temper\u0061ture":1.9}', $ambiguous ],
        [ '{"\u0074\u0065\u006d\u0070\u0065\u0072\u0061\u0074\u0075\u0072'
            . '\u0065":1.9}', $ambiguous ],
        [ '{"temperature":0.5,"temper\u0061ture":1.9}', $ambiguous ],
        [ '{"options":{"temper\u0061ture":1.9}}', $ambiguous ],
        [ '{"\u006fptions":{"temperature":1.9}}', $ambiguous ],
        [ '{"temper\u0041ture":1.9}', $ambiguous ],
        [ '{"temperature":1,"us\u0065r":"u","\/":1}', $same ],
    ],

    'control characters in names' => [
        [ '{"temperature\u0000":1.9}', $ambiguous ],
        [ '{"temperature\u0000x":1.9}', $ambiguous ],
        [ '{"\u0000temperature":1.9}', $ambiguous ],
        [ '{"x\n":1}', $ambiguous ],
        [ '{"a":[{"x\u001f":1}]}', $ambiguous ],
        [ '{"temperature":1,"a":"\u0000\u001f\n"}', $same ],
    ],

    'unpaired surrogates' => [
        map({ ([ qq({"a":"$_"}), $invalid ], [ qq({"$_":1}), $invalid ]) }
            '\ud800', '\udc00', '\udfff', '\udc00\ud800', '\ud83d\ud83d',
            '\ud83dx', '\ud83d\n', '\ud83d\u0041'),
        [ '{"temperature":1,"a":"\ud83d\udd25","\ud83d\udd25":1}', $same ],
    ],

    'invalid UTF-8' => [
        map({ ([ qq({"a":"$_"}), $invalid ], [ qq({"$_":1}), $invalid ],
               [ qq({"temper${_}ture":1.9}), $invalid ] ) }
            "\xff", "\xfe", "\x80", "\xbf", "\xc0\xaf", "\xc1\xa1", "\xc3",
            "\xc3(", "\xe0\x81\xa1", "\xe0\x9f\xbf", "\xed\xa0\x80",
            "\xed\xbf\xbf", "\xe2\x82", "\xf0\x80\x81\xa1", "\xf0\x8f\xbf\xbf",
            "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xf8\x88\x80\x80\x80"),
        [ qq({"temperature":1,"a":"\xc2\x80\xed\x9f\xbf\xee\x80\x80)
            . qq(\xef\xbf\xbf\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"}), $same ],
    ],

    'UTF-16, UTF-32, a byte order mark' => [
        map({ [ encode($_, '{"temperature":1.9}'), $invalid ] }
            qw(UTF-16 UTF-16LE UTF-16BE UTF-32 UTF-32LE UTF-32BE)),
        [ qq(\xef\xbb\xbf{"temperature":1.9}), $invalid ],
        [ qq( \xef\xbb\xbf{"temperature":1.9}), $invalid ],
        [ qq(\xff\xfe{"temperature":1.9}), $invalid ],
    ],

    'invalid numbers' => [
        map({ [ qq({"temperature":$_}), $invalid ] }
            qw(NaN nan Infinity -Infinity inf -inf +1.9 01.9 -01 1. .9 -.9
               0x1 1e 1e+ 1E- 1.e1 - -- 1_9 1.9f 1.9.1 0b1 1e1.5 00)),
        [ '{"temperature":1,9}', $invalid ],
        [ '{"temperature":1 .9}', $invalid ],
        [ '{"a":NaN}', $invalid ],
    ],

    'numbers that are read differently, or not at all' => [
        [ '{"temperature":1e400}', $type ],
        [ '{"temperature":-1e400}', $type ],
        [ '{"temperature":1e308}', $type ],
        [ '{"temperature":1e99999999999999999999}', $type ],
        [ '{"temperature":0.' . '0' x 400 . '19e401}', $type ],
        [ '{"temperature":1.' . '9' x 400 . '}', $type ],
        [ '{"temperature":1.' . '0' x 62 . '}', $same ],
        [ '{"temperature":1.' . '0' x 63 . '}', $type ],
        [ '{"temperature":1e39}', '{"temperature":1}' ],
        [ '{"temperature":1e307}', '{"temperature":1}' ],
        [ '{"temperature":10000000000000000000000000e-25}', $same ],
        [ '{"temperature":0.00000000000000000001e20}', $same ],
        [ '{"temperature":0.00000000000000000001e21}', '{"temperature":1}' ],
        [ '{"temperature":1e-99999999999999999999}', $type ],
        [ '{"temperature":1e-400}', $same ],
        [ '{"temperature":0e99999999999999999999}', $same ],
        [ '{"temperature":-0}', $same ],
        [ '{"temperature":-0.0e5}', $same ],
        [ '{"temperature":-1e-300}', '{"temperature":0}' ],
        [ '{"temperature":-1}', '{"temperature":0}' ],
    ],

    'other types' => [
        map({ [ qq({"temperature":$_}), $type ] }
            '"1.9"', '" 1.9 "', '"\n1.9\n"', '"19e-1"', '"+1.9"', '"1_9"',
            '"NaN"', '"Infinity"', '"0x1.e666666666666p0"', '"0.5"', '""',
            '"\uff11"', 'true', 'false', '[1.9]', '[]', '{"a":1.9}', '{}'),
        [ '{"options":{"temperature":"1.9"}}', $type ],
        [ '{"sampling_params":[{"temperature":true}]}', $type ],
        [ '{"n":[2]}', $type ],
    ],

    # protobuf's JSON accepts both spellings

    'two spellings' => [
        [ '{"temperature":1,"top_p":0.5,"topP":9}',
            '{"temperature":1,"top_p":0.5,"topP":1}' ],
        [ '{"generationConfig":{"temperature":9},'
            . '"generation_config":{"temperature":8},"temperature":1}',
            '{"generationConfig":{"temperature":1},'
            . '"generation_config":{"temperature":1},"temperature":1}' ],
    ],

    'comments, commas, quotes' => [
        [ '/* c */{"temperature":1.9}', $invalid ],
        [ '{"temperature":/* 0.5 */1.9}', $invalid ],
        [ '{/**/"temperature":1.9}', $invalid ],
        [ qq({"temperature":1.9 // c\n}), $invalid ],
        [ qq({"temperature":1.9}// c\n), $invalid ],
        [ qq(# c\n{"temperature":1.9}), $invalid ],
        [ '{"temperature":1.9,}', $invalid ],
        [ '{,"temperature":1.9}', $invalid ],
        [ '{"temperature":1.9,,"a":1}', $invalid ],
        [ '{"a":[1,]}', $invalid ],
        [ '{"a":[,1]}', $invalid ],
        [ '{"a":[1 2]}', $invalid ],
        [ '{"a" 1}', $invalid ],
        [ '{"a"=1}', $invalid ],
        [ "{'temperature':1.9}", $invalid ],
        [ "{\"a\":'x'}", $invalid ],
        [ '{temperature:1.9}', $invalid ],
        [ '{`temperature`:1.9}', $invalid ],
        [ '{"a":1;"b":2}', $invalid ],
        [ '{"a":[1}}', $invalid ],
        [ '{"a":{]}', $invalid ],
        [ '{"a":True}', $invalid ],
        [ '{"a":nul}', $invalid ],
        [ '{"a":nullx}', $invalid ],
        [ '{"a":undefined}', $invalid ],
        [ '{1:2}', $invalid ],
        [ '{null:2}', $invalid ],
    ],

    'bytes after the document' => [
        [ '{"temperature":1.9}{"temperature":0.5}', $invalid ],
        [ '{"temperature":0.5}{"temperature":1.9}', $invalid ],
        [ qq({"temperature":0.5}\n{"temperature":1.9}\n), $invalid ],
        [ '{"temperature":0.5} x', $invalid ],
        [ '{"temperature":0.5}}', $invalid ],
        [ '{"temperature":0.5},', $invalid ],
        [ '{"temperature":0.5}0', $invalid ],
        [ qq({"temperature":0.5}\r\n\t ), $same ],
    ],

    'NUL' => [
        [ qq({"temperature":1.9}\0{"temperature":0.5}), $invalid ],
        [ qq({"temperature":0.5}\0), $invalid ],
        [ qq(\0{"temperature":0.5}), $invalid ],
        [ qq({"temperature":\0}), $invalid ],
        [ qq({"temperature"\0:1.9}), $invalid ],
        [ qq({"temperature\0":1.9}), $invalid ],
        [ qq({"a":"\0"}), $invalid ],
    ],

    'white space' => [
        map({ ([ qq({${_}"temperature":1.9}), $invalid ],
               [ qq({"temperature":${_}1.9}), $invalid ],
               [ qq(${_}{"temperature":1.9}), $invalid ],
               [ qq({"temperature":1.9}$_), $invalid ]) }
            "\f", "\x0b", "\x1e", "\x01", "\x7f", "\x85", "\xc2\xa0",
            "\xe2\x80\xa8", "\xef\xbb\xbf"),
        [ qq({ \t\r\n"temperature"\t : \n1.9\r }),
            qq({ \t\r\n"temperature"\t : \n1\r }) ],
    ],

    'strings' => [
        map({ [ qq({"a":"$_"}), $invalid ] }
            "\x01", "\x1f", "\n", "\t", "\r", "\x08", '\x61', '\a', '\0', "\\'",
            '\U0061', '\u', '\u006', '\u006g', '\u{61}', '\u 061', "\\\n", '\8',
            '\u-061', '\u+061'),
        [ '{"\x74emperature":1.9}', $invalid ],
        [ '{"temperature":1,"a":"\"\\\\\/\b\f\n\r\t\u0061\uFFFF\uffff"}',
            $same ],
    ],

    'no object' => [
        map({ [ $_, $invalid ] } '[]', '[{"temperature":1.9}]', 'null', 'true',
            '1.9', '"temperature"', ' ', "\n", '}', ']', ',', ':',
            'temperature=1.9', '<temperature>1.9</temperature>'),
    ],

    # Every beginning of a body, except the whole.

    'truncated' => [
        map({ [ substr('{"temperature":1.9,"a":["\u0061",{}]}', 0, $_),
            $invalid ] } 1 .. 36),
    ],

    'depth' => [
        [ $deep->(63), $same ],
        [ $deep->(64), $invalid ],
        [ $deep->(20_000), $invalid ],
        [ '{"a":' x 64 . '1' . '}' x 64, '{"a":' x 64 . '1' . '}' x 63
            . ',"temperature":0.7}' ],
        [ '{"a":' x 65 . '1' . '}' x 65, $invalid ],
        [ '{"a":' . '[{"a":' x 50_000, $invalid ],
    ],

    'many names' => [
        [ $many->(16_384), $many->(16_384) =~ s/1\.9/1/r ],
        [ $many->(16_385), $invalid ],
        [ $many->(200_000), $invalid ],
        [ '{"requests":[' . join(',', ('{"params":{"n":2}}') x 4097) . ']}',
            $invalid ],
    ],

    'decoys' => [
        [ '{"messages":[{"content":"\"temperature\":1.9","temperature":1.9}],'
            . '"tools":[{"function":{"parameters":{"temperature":1.9}}}],'
            . '"metadata":{"temperature":1.9,"options":{"temperature":1.9}},'
            . '"temperature":0.5}', $same ],
        [ '{"user":"\\\\","temperature":1.9,"x":"\"}"}',
            '{"user":"\\\\","temperature":1,"x":"\"}"}' ],
    ],

    'a document in a string, another request inside' => [
        [ '{"generation_config":"{\"temperature\":1.9}"}',
            '400 undermines_policy' ],
        [ '{"fallbacks":[{"model":"m","temperature":1.9}]}',
            '400 undermines_policy' ],
        [ '{"extra_body":{"temperature":1.9}}', '400 undermines_policy' ],
        [ '{"additionalModelRequestFields":{"temperature":1.9}}',
            '400 undermines_policy' ],
        [ '{"dynatemp_range":1.5}', '400 undermines_policy' ],
    ],
);

# Each row unchanged, and inside the object that contains the temperature in
# each dialect.

my @dialects = dialects();
my ($chat) = grep { $_->{name} eq 'openai.chat' } @dialects;
my ($client, $count) = (undef, 0);

while (my ($section, $rows) = splice @sections, 0, 2) {
    for my $row (@$rows) {
        my ($body, $expected) = @$row;
        my $shown = substr($body, 0, 50) =~ s/[^ -~]/?/gr;
        my ($verdict, @wrong) = judged($chat, $body);

        # not is(): its message may be very long
        ok($verdict eq ($expected // $body), "$section: $shown")
            or diag(substr $verdict, 0, 200);
        is("@wrong", '', "$section, read: $shown");

        # limits do not depend on the dialect
        next if $section eq 'depth' || length $body > 10_000;

        my @misread = map { misread($_, $body, $expected // $body) } @dialects;
        is(join("\n", @misread), '', "$section, all dialects: $shown");
    }
}

is($up->count, $count, 'nothing else reached the upstream');

$readers->stop;
$t->done;

# Returns the defects of the result of a body in a dialect.

sub misread {
    my ($dialect, $body, $expected) = @_;
    my $object = object($dialect);

    my ($verdict, @misread) = judged($dialect, $body);

    push @misread, $verdict if !alike($verdict, $expected)
        && !is_other($dialect, $body);

    # there, objects of parameters and names of other servers may mean nothing,
    # or be spellings of a name of this API
    if ($object ne '' && $body =~ /^\{/) {
        my ($inside, @wrong) = judged($dialect, wrapped($object, $body));

        push @misread, map { "inside, $_" } @wrong;
        push @misread, "inside, $inside" if $inside =~ /^\d/
            && !alike($inside, $expected) && !is_other($dialect, $body)
            && "$inside, $expected" !~ /ambiguous_member, 400 duplicate_member/;
    }

    return map { "$dialect->{name}: $_" } @misread;
}

sub alike {
    my ($verdict, $expected) = @_;

    return $verdict =~ /^\d/ ? $verdict eq $expected : $expected !~ /^\d/;
}

# Some APIs have no model in the body, and some accept two spellings of a name.

sub is_other {
    my ($dialect, $body) = @_;

    return $body =~ /"Model"/ && ($dialect->{model} // '') ne 'model'
        || $body =~ /"topP"|"generation_config"/
            && ($dialect->{one_name} || object($dialect) ne '');
}

# Returns the place of the object that contains the temperature.

sub object {
    my ($dialect) = @_;
    my ($own) = own($dialect, 'temperature');

    return ($own // '') =~ m{^(.*)/} ? $1 : '';
}

# Returns the result of a body, and its defects if it is forwarded.

sub judged {
    my ($dialect, $body) = @_;

    $client //= $t->client;
    $client->request('POST', "/by-name/$dialect->{name}", $body);

    my $response = $client->response;
    my $sent = $t->unpadded($response->{body});

    $client = undef if ($response->header('Connection') // '') eq 'close';

    return join ' ', $response->{status}, $response->header('X-Reason')
        if $response->{status} != 200;

    $count++;

    return ($sent, $readers->within($sent, map { (
        bounds($dialect, $_, $rules{$_}),
        required($dialect, $_, $rules{$_}, $sent),
    ) } sort keys %rules));
}
