package LLMPolicy::Random;

# Random policies and random requests of a dialect: members and objects of the
# API and foreign ones, in any order, with any white space and spelling of
# numbers; and often one or two tricks that make readers disagree.  All
# randomness is from rand(): the same after the same srand().
#
#   my $rules = random_rules();
#   my $unknown = random_unknown();
#   my $body = random_request($dialect, $rules, $unknown);
#
# Rules are a hash by parameter, each a hash by verb, of JSON texts.  A request
# has more members that no API has if the policy is about them: at the top, in
# objects with parameters, and in others.

use strict;
use warnings;

use Encode ();
use Exporter qw(import);

use LLMPolicy::Dialects;
use LLMPolicy::Unknown;

our @EXPORT = qw(chance pick random_request random_rules random_unknown);

# Possible rules for a parameter, in order of values; empty for parameters that
# are not numbers and can only be present or absent.

my @counts = qw(1 2 5 40 64 100 512 2048 4096);
my @penalties = qw(-2 -0.5 0 0.50 1 1.5);

my %values = (
    temperature => [ qw(0 0.2 0.5 0.70 1 1.5 2) ],
    top_p => [ qw(0.1 0.5 0.90 0.95 1) ],
    min_p => [ qw(0 0.05 0.5 1) ],
    typical_p => [ qw(0.1 0.5 0.95 1) ],
    repetition_penalty => [ qw(0.5 1 1.1 2) ],
    presence_penalty => \@penalties, frequency_penalty => \@penalties,
    top_k => \@counts, max_tokens => \@counts, n => [ qw(1 2 3 8) ],
    seed => [ qw(0 1 42 9007199254740993) ], top_logprobs => [ qw(0 2 5 20) ],
    thinking_budget => [ qw(0 512 1024 2048 4096) ],
    reasoning_effort => [ qw("low" "medium" "high") ],
    verbosity => [ qw("low" "medium" "high") ],
    service_tier => [ qw("auto" "default" "flex") ],
    stream => [ qw(true false) ], store => [ qw(true false) ],
    parallel_tool_calls => [ qw(true false) ],
    map { $_ => [] } qw(stop logit_bias logprobs),
);

my %pointers = map { $_ => [ qw("a" 7 true) ] }
    qw(/metadata/trace /user /options/custom);

# Values for any member, valid and invalid.

my @texts = ('"a"', '""', '"\u00e9\n"', "\"\xc3\xa9\"", '"\ud83d\ude00"',
    '"{\"temperature\":1.9}"', '"\\\\"', '"\"}"', '"temperature"');
my @wrong = (qw("1.9" true false [] {} [1.9] {"a":1} "NaN" 1e400 -1e400),
    '1.' . '9' x 80, '"\uff11"', '1e-99999999999999999999');
my @numbers = (qw(0 -0 1 1.9 0.1 -1 7777 1e0 19e-1 0.19e+1 2.0E0 1e30 1e-30
    4294967296 -2147483649 1e307 0e999999 0.00000000000000000001e20
    0.9000000000000000001), '1.' . '0' x 30 . '1', '1.' . '9' x 40,
    '0.9' . '0' x 40 . '1', '-0.9' . '0' x 20);

# Values of a bypass member, some of which have no effect.
my @nothing = ('null', '0', '"x"', '{}');

# Names that no API documents, and places where anything is permitted.

my @strange = ('surely_unknown', 'x1', 'min_keeper', 'Extra', '\\u0078y',
    'engine', 'x' x 300);
my @free = qw(messages/* tools/*/function/parameters metadata
    response_format/json_schema contents/* requests/*);

sub chance {
    my ($percent) = @_;

    return rand(100) < $percent;
}

sub pick {
    return $_[rand @_];
}

sub random_rules {
    my @names = sort keys %values;
    my %rules;

    for (0 .. rand 6) {
        my $name = pick(@names);
        $rules{$name} = rule(@{ $values{$name} });
    }

    if (chance(30)) {
        my $name = pick(sort keys %pointers);
        $rules{$name} = rule(map { /^7/ ? "\"$_\"" : $_ }
            @{ $pointers{$name} });
    }

    return \%rules;
}

# A value of unknown_members, or nothing.

sub random_unknown {
    return chance(50) ? '' : pick(qw(pass remove remove reject));
}

sub rule {
    my (@values) = @_;

    return { pick(qw(deny remove)) => 'true' } if !@values || chance(15);
    return { force => pick(@values) } if chance(15);

    my @three = map { $values[$_] } sort { $a <=> $b }
        map { int rand @values } 1 .. 3;
    my %default = chance(50) ? (default => $three[1])
        : chance(10) ? (require => 'true') : ();

    if ($values[0] !~ /^-?\d/ || chance(10)) {
        my %all = map { $_ => 1 } @three;

        return { %default, allow => '[' . join(', ', sort keys %all) . ']' };
    }

    my %bounds = (chance(50) ? (min => $three[0]) : (),
        chance(70) ? (max => $three[2]) : ());

    $bounds{on_violation} = pick('"reject"', '"clamp"')
        if %bounds && chance(20);

    return { %bounds, %default };
}

# A request is a tree: a text, { members => [[name, node], ...] }, or { elements
# => [node, ...] }.

sub random_request {
    my ($dialect, $rules, $unknown) = @_;
    my $root = { members => [] };

    put($root, $dialect->{model}, pick(qw("m" "m" "gpt-5-mini" "o1")))
        if defined $dialect->{model} && chance(80);
    add($dialect, $rules, $root) for 0 .. rand 7;
    add_strange($dialect, $root) for 1 .. ($unknown ? rand 4 : rand 1.2);

    complete($dialect, $root);
    disturb($root, policed($dialect, $rules)) if chance(35);

    my $body = written_out($root, pick('', '', ' ', "\n", "\t\r\n  "));

    return chance(15) ? mutilated($body) : $body;
}

# Each request in a batch has the object that contains its parameters.

sub complete {
    my ($dialect, $root) = @_;
    my ($list, $object) = split m{/\*/}, $dialect->{scope} or return;

    for my $step (split m{/}, $list) {
        ($root) = map { $_->[1] } grep { $_->[0] eq $step }
            @{ ref $root && $root->{members} || [] };
    }

    put($_, "$object/user", '"u"')
        for grep { ref } @{ ref $root && $root->{elements} || [] };
}

sub add {
    my ($dialect, $rules, $root) = @_;
    my @policed = grep { !m{^/} } sort keys %$rules;

    # a long text makes nginx write the body to a file
    return put($root, pick(qw(messages/*/content prompt input/*/text)),
        chance(10) ? '"' . 'x' x rand(40_000) . '"' : pick(@texts))
        if chance(25);

    return put($root, pick(qw(metadata/trace metadata/temperature user
        tools/*/function/parameters/temperature options/custom metadata/options
        messages/*/temperature requests/*/custom_id stream_options/include)),
        pick(@texts, @numbers, 'null', '{"temperature":1.9}')) if chance(25);

    return put($root, under(pick(shared()), pick(undermining())),
        pick(@nothing)) if chance(4);

    my $parameter = @policed && chance(70) ? pick(@policed)
        : pick(sort keys %values);
    my @own = own($dialect, $parameter);

    return put($root, @own && chance(60) ? pick(@own)
        : pick(places($dialect, $parameter)), value($parameter));
}

sub add_strange {
    my ($dialect, $root) = @_;
    my @objects = compared($dialect);

    put($root, under(chance(30) ? pick(@free) : chance(30) ? $dialect->{scope}
        : pick(@objects), pick(@strange)),
        pick(@texts, @numbers, 'null', '{"temperature":1.9}', '[{"x":"}"}]'));
}

sub under {
    my ($place, $name) = @_;

    return $place eq '' ? $name : "$place/$name";
}

sub value {
    my ($parameter) = @_;
    my @values = @{ $values{$parameter} };

    return 'null' if chance(8);
    return pick(@wrong) if chance(5);
    return pick('"x"', '["x"]', '{}', 'true', '1') if !@values;
    return pick(@values) if $values[0] !~ /^-?\d/ || chance(50);

    return pick(@numbers);
}

# Inserts a node at its place, unless another value is in the way.

sub put {
    my ($node, $place, $value) = @_;
    my ($step, $rest) = split m{/}, $place, 2;

    if ($step eq '*') {
        my $elements = $node->{elements} or return;
        my $i = rand(@$elements + (@$elements < 3));

        return $elements->[$i] = $value if !defined $rest;

        $elements->[$i] //= vessel($rest);
        return ref $elements->[$i] && put($elements->[$i], $rest, $value);
    }

    my $members = $node->{members} or return;
    my ($member) = grep { $_->[0] eq $step } @$members;

    if (!$member) {
        $member = [ $step, defined $rest ? vessel($rest) : $value ];
        splice @$members, rand(@$members + 1), 0, $member;
    }

    return !defined $rest || ref $member->[1]
        && put($member->[1], $rest, $value);
}

sub vessel {
    my ($rest) = @_;

    return $rest =~ /^\*/ ? { elements => [] } : { members => [] };
}

# The names in a policy, and those of the objects that contain them.

sub policed {
    my ($dialect, $rules) = @_;

    return map { split m{/} } map { places($dialect, $_) } sort keys %$rules;
}

# Tricks with a member, mostly one of the named ones.

sub disturb {
    my ($root, @names) = @_;
    my %named = map { $_ => 1 } @names;
    my @all = map { my $members = $_->{members};
        map { [ $members, $_ ] } 0 .. $#$members } objects($root);
    my @some = grep { $named{ $_->[0][ $_->[1] ][0] } } @all;

    return if !@all;

    my ($members, $i) = @{ @some && chance(75) ? pick(@some) : pick(@all) };
    my ($name, $value) = @{ $members->[$i] };

    my $other = pick(
        $name, uc $name, ucfirst $name, $name =~ s/_/-/gr, $name =~ s/_//gr,
        $name =~ s/k/\\u212a/r, $name =~ s/s/\xc5\xbf/r,
        $name =~ s/^(.)/sprintf '\\u%04x', ord $1/er,
        $name =~ s/(.)$/sprintf '\\u%04X', ord $1/er,
        "$name\\u0000", "$name\\n", "\\u0000$name", "$name\\u0000x", " $name",
    );

    my $something = pick($value, 'null', pick(@numbers), pick(@wrong));

    return $members->[$i][0] = $other if chance(30);

    return splice @$members, rand(@$members + 1), 0, [ $other, $something ]
        if chance(40);

    # another value instead
    return $members->[$i][1] = pick(
        { elements => [ $value ] }, { members => [ [ $name, $value ] ] },
        pick(@texts), qw(null [] {} 7 true), pick(@wrong)) if chance(70);

    # deeply nested
    $members->[$i][1] = { elements => [ $members->[$i][1] ] }
        for 1 .. 55 + rand 12;
}

sub objects {
    my ($node) = @_;

    return () if !ref $node;
    return map { objects($_) } @{ $node->{elements} } if $node->{elements};
    return ($node, map { objects($_->[1]) } @{ $node->{members} });
}

sub written_out {
    my ($node, $space) = @_;
    my $s = sub { $space eq '' || chance(50) ? '' : $space };

    return $node if !ref $node;

    my @parts = $node->{elements}
        ? map({ written_out($_, $space) } @{ $node->{elements} })
        : map({ qq("$_->[0]") . $s->() . ':' . $s->()
            . written_out($_->[1], $space) } @{ $node->{members} });

    my ($open, $close) = $node->{elements} ? ('[', ']') : ('{', '}');

    return join '', $open, join(',', map { $s->() . $_ . $s->() } @parts),
        $s->(), $close;
}

# Tricks with the text.

sub mutilated {
    my ($body) = @_;

    # a position between two tokens, approximately
    my @between = (0, length $body);
    push @between, pos $body while $body =~ /[{}\[\],:]/g;

    my $insert = sub {
        my ($what) = @_;
        substr($body, pick(@between), 0) = $what;
        return $body;
    };

    return pick(
        sub { "\xef\xbb\xbf$body" },
        sub { $body . pick('{"temperature":1.9}', ' x', "\0", '}', ',',
            "\0{\"temperature\":0.5}", "\n\n") },
        sub { substr $body, 0, rand length $body },
        sub { Encode::encode(pick(qw(UTF-16 UTF-16LE UTF-16BE UTF-32LE)),
            $body) },
        sub { $insert->(pick('/**/', "//\n", ',', "\0", "\f", "\x0b", "\x1e",
            "\xc2\xa0", "\x7f", ' ', "\n", '0', '+', '.', 'NaN', '#')) },
        sub { $body =~ s/"/'/gr },
        sub { $body =~ s/"(\w+)"/$1/r },
        sub { $body =~ s/([}\]])/,$1/r },
        sub { $body =~ s/(\d)/0$1/r },
        sub { $body =~ s/(\d)([,}\]])/$1.$2/r },
        sub { $body =~ s/(\w)/pick("\xff", "\xc1\xa1", "\xed\xa0\x80",
            '\ud800', '\x61', "\x01", "\\u0000", "\n")/er },
        sub { $insert->(pick('{', '}', '[', ']', '"', ':', ',')) },
        sub { substr($body, rand length $body, 1) = chr rand 256; $body },
    )->();
}

1;
