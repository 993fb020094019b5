package LLMPolicy::Readers;

# The values that JSON readers find in a body.  Each reader is a process that is
# started once (t/readers; reader.hh describes the protocol).
#
#   my $readers = LLMPolicy::Readers->new;
#
#   my %seen = $readers->read($body, 'temperature', 'requests/*/params/n');
#
# The result has an entry per reader: undef if it rejects the body, or a list of
# values for each path, with none or several if the path contains "*".
#
#   my @wrong = $readers->within($body,
#       { at => 'temperature', min => 0, max => 1 },
#       { at => 'options/seed', absent => 1 },
#       { at => 'service_tier', one_of => [ '"flex' ] },
#       { any => [ 'top_k', 'options/top_k' ] },
#       { any => [ 'requests/*/params/n' ], given => 'requests/*/params' });
#
# within() returns the violations of bounds, each with the readers that see it;
# nothing if there are none.  With min or max, the value must be a number,
# absent, or null.  One of the places of "any" must have a value, in each
# element of an array if it has an object at "given".  A body that every reader
# rejects is an error, too, since it would prove nothing.
#
# version('simdjson') is the version of that library, for an expectation that
# depends on it.
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
use version ();

# tolerance for the last digit, which fast readers may change
use constant ROUNDING => 4e-16;

my $source = Cwd::abs_path(dirname(__FILE__) . '/../../readers');
my $built = $ENV{TEST_READERS} // "$source/../../build/readers";

my $jars = join ':', map { "/usr/share/java/jackson-$_.jar" }
    qw(core databind annotations);

# Not only libraries differ, but also the ways to use them.

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
    # Debian's folder of modules, for a node that is not Debian's
    'busboy' => [ 'env', 'NODE_PATH=/usr/share/nodejs', 'node',
        "$source/forms.js" ],
    map { $_ => [ '/usr/bin/python3', "$source/forms.py", $_ ] }
        qw(werkzeug multipart),
);

# Readers of JSON, or readers of forms.

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

# Returns the version of the library of a reader, "simdjson" or "multipart".

sub version {
    my ($self, $name) = @_;

    open my $output, '-|', @{ $command{$name} // $form{$name} }, 'version'
        or die "cannot run $name: $!\n";

    chomp(my $version = <$output> // die "$name has no version\n");

    return version->declare($version);
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

    # most readers agree
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

# Returns the response of each reader.

sub _ask {
    my ($self, $body, @paths) = @_;
    my $question = join(' ', length $body, @paths) . "\n$body";
    my %answer;

    # each reader reads the whole request before it responds
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

# Returns whether one of these places has a value: in all elements of an array,
# or, in each element with the given object, at one of the places.  Without
# elements, the result is true.

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

# Perl compares large integers as integers.

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

    # keeps the exit status, too
    local ($?, $@, $!);
    $self->stop if $self->{owner} == $$;
}

1;
