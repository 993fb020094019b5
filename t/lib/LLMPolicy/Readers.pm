package LLMPolicy::Readers;

# What JSON readers see in a body, each in a process of its own that is started
# once (t/readers; reader.hh says how they are talked to).
#
#   my $readers = LLMPolicy::Readers->new;
#
#   my %seen = $readers->read($body, 'temperature', 'requests/*/params/n');
#
# For each reader, undef if it rejects the body, or a list for each path:
# what is there, and more than one or none where the path has "*".
#
#   my @wrong = $readers->within($body,
#       { at => 'temperature', min => 0, max => 1 },
#       { at => 'options/seed', absent => 1 },
#       { at => 'service_tier', one_of => [ '"flex' ] },
#       { any => [ 'top_k', 'options/top_k' ] },
#       { any => [ 'requests/*/params/n' ], given => 'requests/*/params' });
#
# What readers that take the body see, though the bounds do not permit it, and
# who; nothing if all is well.  Where there is min or max, it is a number that
# has to be there, or nothing or null.  Of the places of "any", one must have
# something, and in each element of an array, if it has an object at "given".  A
# body that no reader takes is wrong as well: that would prove
# nothing.
#
# new('forms') starts readers of multipart/form-data; a body is then its
# Content-Type, a line feed, and the form (t/readers/forms.py).
#
# Environment:
#
#   TEST_READERS    the folder of those that are built, "build/readers"

use strict;
use warnings;

use Cwd ();
use File::Basename qw(dirname);
use IPC::Open2 qw(open2);

# what readers that are fast may make of the last digit
use constant ROUNDING => 4e-16;

my $source = Cwd::abs_path(dirname(__FILE__) . '/../../readers');
my $built = $ENV{TEST_READERS} // "$source/../../build/readers";

my $jars = join ':', map { "/usr/share/java/jackson-$_.jar" }
    qw(core databind annotations);

# Not only libraries differ, but also ways to use them.

my %command = (
    map({ my ($program, @way) = split / /; ($_ => [ "$built/$program", @way ]) }
        'cjson', 'cjson exact', 'golang struct', 'golang kept', 'golang map',
        'jansson', 'json-c', 'nlohmann', 'rapidjson', 'rapidjson lenient',
        'simdjson', 'simdjson ondemand'),

    'jackson' => [ 'java', '-XX:TieredStopAtLevel=1', '-cp', "$built:$jars",
        'Jackson' ],
    'node' => [ 'node', "$source/node.js" ],
    'node assigned' => [ 'node', "$source/node.js", 'assigned' ],
    'python' => [ '/usr/bin/python3', "$source/python.py" ],
    'python bytes' => [ '/usr/bin/python3', "$source/python.py", 'bytes' ],
);

my %form = (
    'golang form' => [ "$built/golang", 'form' ],
    # where Debian has modules, whoever made node
    'busboy' => [ 'env', 'NODE_PATH=/usr/share/nodejs', 'node',
        "$source/forms.js" ],
    map { $_ => [ '/usr/bin/python3', "$source/forms.py", $_ ] }
        qw(werkzeug multipart),
);

# Those of JSON, or those of forms.

sub new {
    my ($class, $forms) = @_;
    my %command = $forms ? %form : %command;
    my $self = bless { owner => $$, running => [] }, $class;

    for my $name (sort keys %command) {
        my $pid = open2(my $answers, my $questions, @{ $command{$name} });

        binmode $_, ':raw' for $answers, $questions;

        push @{ $self->{running} }, {
            name => $name, pid => $pid, from => $answers, to => $questions,
        };
    }

    return $self;
}

sub names {
    my ($self) = @_;

    return map { $_->{name} } @{ $self->{running} };
}

sub read {
    my ($self, $body, @paths) = @_;
    my %answer = $self->_ask($body, @paths);

    return map { $_ => seen($answer{$_}) } keys %answer;
}

sub within {
    my ($self, $body, @bounds) = @_;
    my %answer = $self->_ask($body, map { places($_) } @bounds);
    my (%beyond, %who);

    # most of them agree
    for my $name (sort keys %answer) {
        my $answer = $answer{$name};

        push @{ $who{$_} }, $name
            for @{ $beyond{$answer} //= beyond(seen($answer), @bounds) };
    }

    return 'no reader takes it' if "@{[ keys %beyond ]}" eq 'rejected';
    return map { "$_: " . join ', ', @{ $who{$_} } } sort keys %who;
}

sub places {
    my ($bounds) = @_;

    return grep { defined } $bounds->{at}, @{ $bounds->{any} // [] },
        $bounds->{given};
}

# Returns what each reader answers.

sub _ask {
    my ($self, $body, @paths) = @_;
    my $question = join(' ', length $body, @paths) . "\n$body";
    my %answer;

    # each reads a question to its end before it answers
    for my $reader (@{ $self->{running} }) {
        local $SIG{PIPE} = 'IGNORE';

        print { $reader->{to} } $question;
        $reader->{to}->flush;
    }

    for my $reader (@{ $self->{running} }) {
        my $answer = readline $reader->{from};

        defined $answer && chomp $answer or die "$reader->{name} has ended\n";
        $answer{ $reader->{name} } = $answer;
    }

    return %answer;
}

sub seen {
    my ($answer) = @_;

    return undef if $answer eq 'rejected';
    return [ map { [ $_ eq '-' ? () : split /,/ ] } split / /, $answer ];
}

sub beyond {
    my ($seen, @bounds) = @_;
    my @values = @{ $seen // return [] };
    my @beyond;

    for my $bounds (@bounds) {
        my @here = splice @values, 0, scalar(my @places = places($bounds));

        my $given = $bounds->{given} && pop @here;

        push @beyond, $bounds->{any}
            ? map({ "nothing at $_" } grep { !found($given, @here) } "@places")
            : map { "$_ at @places" } grep { !permitted($bounds, $_) }
                @{ $here[0] };
    }

    return \@beyond;
}

# Whether one of these places has something: in all of its elements, or for
# each element that has an object, in the same of one place or another.  If
# there are no elements, none can lack it.

sub found {
    my ($given, @values) = @_;
    my @there = grep { @$_ } @values or return 1;

    return scalar grep { !grep { !there($_) } @$_ } @there if !$given;

    return !grep { my $i = $_;
        $given->[$i] eq 'other' && !grep { there($_->[$i]) } @there }
        0 .. $#$given;
}

sub there {
    my ($value) = @_;

    return $value !~ /^(?:absent|null)$/;
}

sub permitted {
    my ($bounds, $value) = @_;

    return 1 if !there($value) || $value eq 'rejected';
    return 0 if $bounds->{absent};

    if ($bounds->{one_of}) {
        return scalar grep { same($_, $value) } @{ $bounds->{one_of} };
    }

    # "inf" and "nan" are numbers, too
    return 0 if $value !~ /^-?(?:\d|inf|nan)/i;

    my ($min, $max) = map { defined ? double($_) : undef }
        @$bounds{qw(min max)};

    return !(defined $min && !($value >= $min - abs $min * ROUNDING))
        && !(defined $max && !($value <= $max + abs $max * ROUNDING));
}

# Perl compares large integers with each other as integers.

sub double {
    return unpack 'd', pack 'd', $_[0];
}

sub same {
    my ($one, $other) = @_;
    my $number = qr/^-?\d/;

    return $one =~ $number && $other =~ $number ? double($one) == double($other)
        : $one eq $other;
}

sub stop {
    my ($self) = @_;

    for my $reader (splice @{ $self->{running} }) {
        close $_ for @$reader{qw(to from)};
        waitpid $reader->{pid}, 0;
    }
}

sub DESTROY {
    my ($self) = @_;

    # of the exit status, too
    local ($?, $@, $!);
    $self->stop if $self->{owner} == $$;
}

1;
