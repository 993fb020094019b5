#!/usr/bin/perl

# The readers of JSON and of forms differ as the libraries and applications are
# known to differ, so that a comparison with them proves something.

use strict;
use warnings;

use Encode qw(encode);
use FindBin;
use Test::More;

use lib "$FindBin::Bin/../lib";
use LLMPolicy::Readers;

my $readers = LLMPolicy::Readers->new;
my @all = $readers->names;

my ($cjson, $golang, $node, $python, $rapidjson, $simdjson)
    = map { my $name = $_; [ grep { /^$name/ } @all ] }
        qw(cjson golang node python rapidjson simdjson);

# simdjson is 3.0.1 in Debian 12, and 3.12.3 in Debian 13.  It skips a byte
# order mark since 3.6.0.  "simdjson ondemand" accepts bytes after the document
# in 3.0.1, not in 3.12.3.

my $skips_mark = $readers->version('simdjson') >= v3.6.0;
my @marked = $skips_mark ? @$simdjson : ();
my @trailing = $skips_mark ? () : 'simdjson ondemand';

# a body, and the readers that find 1.9 at "temperature" or
# "options/temperature", or 5 at "top_k"

my @rows = (
    [ '{"temperature":1.9}', @all ],
    [ ' { "options" : { "temperature" : 19e-1 } } ', @all ],
    [ '{"top_k":5}', @all ],
    [ '{"temperature":1}' ],
    [ '{"a":{"temperature":1.9}}' ],

    # the first of two, the last, or both
    [ '{"temperature":1.9,"temperature":0.5}', @$cjson, @$rapidjson,
        @$simdjson ],
    [ '{"temperature":0.5,"temperature":1.9}', @$golang, @$node, @$python,
        qw(jackson jansson json-c nlohmann) ],
    [ '{"options":{"temperature":1.9},"options":{"top_k":1}}', @$cjson,
        @$rapidjson, @$simdjson, 'golang kept', 'golang struct' ],
    [ '{"temperature":1.9,"temperature":null}', @$cjson, @$rapidjson,
        @$simdjson, 'golang kept' ],

    # names
    [ '{"Temperature":1.9}', 'cjson', 'golang kept', 'golang struct' ],
    [ '{"OPTIONS":{"temperature":1.9}}', 'cjson', 'golang kept',
        'golang struct' ],
    [ '{"top_\u212a":5}', 'golang kept', 'golang struct' ],
    [ qq({"option\xc5\xbf":{"temperature":1.9}}), 'golang kept',
        'golang struct' ],
    [ '{"temper\u0061ture":1.9}', grep { $_ ne 'simdjson ondemand' } @all ],
    [ '{"temperature\u0000x":1.9}', @$cjson, 'json-c' ],
    [ '{"__proto__":{"temperature":1.9}}', 'node assigned' ],
    [ qq({"temper\xc1\xa1ture":1.9}), 'jackson' ],

    # encodings
    [ encode('UTF-16LE', '{"temperature":1.9}'), 'jackson', 'python bytes' ],
    [ encode('UTF-32BE', '{"temperature":1.9}'), 'jackson', 'python bytes' ],
    [ qq(\xef\xbb\xbf{"temperature":1.9}), @$cjson, 'jackson', 'nlohmann',
        'python bytes', @marked ],
    [ qq({"a":"\xff","temperature":1.9}), @$cjson, @$golang, @$node, 'json-c',
        'rapidjson lenient' ],

    # not JSON
    [ '/**/{"temperature":1.9}', 'json-c', 'rapidjson lenient' ],
    [ '{"temperature":1.9,}', 'json-c', 'rapidjson lenient',
        'simdjson ondemand' ],
    [ q({'temperature':1.9}), 'json-c' ],
    [ '{"temperature":01.9}', @$cjson, 'json-c' ],
    [ qq({\f"temperature":1.9}), @$cjson ],
    [ qq({"a":"\x01","temperature":1.9}), @$cjson, 'json-c' ],
    [ '{"temperature":1.9' ],

    # bytes after the document
    [ '{"temperature":1.9} x', @$cjson, @$golang, 'jackson', 'jansson',
        'json-c', 'rapidjson lenient', @trailing ],
    [ qq({"temperature":1.9}\0x), @$cjson, @$golang, @$rapidjson, 'jackson',
        'jansson', 'json-c', 'nlohmann', @trailing ],
);

for my $row (@rows) {
    my ($body, @who) = @$row;
    my %seen = $readers->read($body, qw(temperature options/temperature top_k));

    is_deeply([ grep { sees($seen{$_}) } @all ], [ sort @who ],
        $body =~ s/[^ -~]/?/gr);
}

sub sees {
    my ($seen) = @_;
    my ($temperature, $inside, $top_k) = map { $_->[0] } @{ $seen // [] };

    return grep({ /^1\.[89]/ } $temperature // '', $inside // '')
        || ($top_k // '') eq '5';
}

# All types of values, as each reader prints them.

my %seen = $readers->read('{"a":[1,-0.5e3,null,true,false,"x, %\u00e9",{},[]],'
    . '"b":[],"c":[{"d":[{"e":1},{"e":2}]},{"d":[]},{}]}',
    qw(a/* b/* c/*/d/*/e a x x/* a/x a/x/*));

is_deeply([ map { [ $_, map { lc join ',', @$_ } @{ $seen{$_} } ] } @all ],
    [ map { my $null = /kept/ ? 'absent' : 'null';
        [ $_, "1,-500,$null,true,false,\"x%2c%20%25%c3%a9,other,other", '',
            '1,2', qw(other absent), '', 'absent', '' ] } @all ],
    'types of values');

# Values within bounds.

my $temperature = { at => 'temperature', min => 0, max => 1 };
my %bounds = (
    within => [ $temperature ],
    present => [ { any => [ 'temperature', 'b/*/temperature' ] } ],
    absent => [ { at => 'temperature', absent => 1 } ],
    allowed => [ { at => 'effort', one_of => [ '"low', 'true', '0.5' ] } ],
    each => [ { any => [ map { "requests/*/params/$_" } qw(n m) ],
        given => 'requests/*/params' } ],
    elements => [ { %$temperature, at => 'requests/*/temperature' } ],
);

for my $row (
    [ '{"temperature":1}', 0, qw(within present) ],
    [ '{"temperature":1.1}', scalar @all, qw(within absent) ],
    [ '{"temperature":-1e-300}', scalar @all, qw(within absent) ],
    [ '{"temperature":null}', 0, qw(within absent) ],
    [ '{"temperature":null}', scalar @all, 'present' ],
    [ '{}', scalar @all, 'present' ],
    [ '{"b":[{"temperature":7},{"temperature":7}]}', 0, 'present' ],
    [ '{"b":[{"temperature":7},{}]}', scalar @all, 'present' ],
    [ '{}', 0, qw(within absent allowed) ],
    [ '{"temperature":"0.5"}', scalar @all, qw(within absent) ],
    [ '{"temperature":true}', scalar @all, 'within' ],
    [ '{"temperature":[]}', scalar @all, 'within' ],
    [ '{"temperature":1e400}', 8, 'within' ],
    [ '{"temperature":NaN}', 4, 'within' ],
    [ '{"temperature":0.5,"temperature":1.9}', 11, 'within' ],
    [ '{"effort":"low"}', 0, 'allowed' ],
    [ '{"effort":true}', 0, 'allowed' ],
    [ '{"effort":50e-2}', 0, 'allowed' ],
    [ '{"effort":"high"}', scalar @all, 'allowed' ],
    [ '{"requests":[{"temperature":1},{},{"temperature":2}]}', scalar @all,
        'elements' ],
    [ '{"requests":[{"params":{"n":1}},{},{"params":null}]}', 0, 'each' ],
    [ '{"requests":[{"params":{"n":1}},{"params":{}}]}', scalar @all, 'each' ],
    [ '{"requests":[{"params":{"n":1}},{"params":{"m":1}}]}', 0, 'each' ],
    [ '{"requests":[]}', 0, 'each' ],
    [ '{"temperature":1', 1, 'within' ],    # no reader takes it
) {
    my ($body, $n, @which) = @$row;

    is(scalar(map { split /, / } $readers->within($body, @{ $bounds{$_} })),
        $n, "$_: $body") for @which;
}

$readers->stop;

# Forms: a field, and the readers that find 1.9 at "temperature".

my $forms = LLMPolicy::Readers->new('forms');
my @form_readers = $forms->names;

# python-multipart is 0.0.5 in Debian 12, where it ignores names with an
# encoding, and 0.0.20 in Debian 13, where it reads them.

my @encoded = $forms->version('multipart') >= v0.0.20 ? 'multipart' : ();

for my $row (
    [ 'name="temperature"', @form_readers ],
    [ 'name=temperature', @form_readers ],
    [ q(name*=utf-8''temper%61ture), 'golang form', 'werkzeug', @encoded ],
    [ 'name="x"; name="temperature"', 'multipart', 'werkzeug' ],
    [ 'name="temperature"; filename="a"' ],
    [ 'name="Temperature"' ],
    [ qq(name="temperature"\r\n\r\n0.5\r\n--b\r\nContent-Disposition: )
        . 'form-data; name="temperature"', 'busboy', 'multipart' ],
) {
    my ($field, @who) = @$row;
    my %seen = $forms->read("multipart/form-data; boundary=b\n--b\r\n"
        . "Content-Disposition: form-data; $field\r\n\r\n1.9\r\n--b--\r\n",
        'temperature');

    is_deeply([ grep { sees($seen{$_}) } @form_readers ], [ sort @who ],
        $field =~ s/[^ -~]+/ /gr);
}

$forms->stop;
done_testing();
