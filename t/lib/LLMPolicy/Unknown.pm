package LLMPolicy::Unknown;

# The members of a request that neither its API documents nor a rule names, read
# from the output of "llm-policy dialects".
#
#   my @places = unknown($dialect, $rules, '{"engine":1,"options":{"x":2}}');
#
# A place is a path as in LLMPolicy::Dialects, of names without escapes:
# "engine", "options".  What is inside of an unknown member is no other one.
# There are none in a text that is not JSON.

use strict;
use warnings;

use Exporter qw(import);
use JSON::PP ();

use LLMPolicy::Dialects;

our @EXPORT = qw(compared unescaped unknown);

# objects with parameters inside, in any place for parameters, of which no
# member is documented unless their dialect has them
my @closed = qw(output_config reasoning thinking thinkingConfig
    thinking_config);

my $reader = JSON::PP->new->allow_nonref;
my (%compared, %known);

# Returns the places of objects whose members are compared.

sub compared {
    my ($dialect) = @_;

    return @{ $compared{$dialect->{name}} //= [ objects($dialect) ] };
}

sub objects {
    my ($dialect) = @_;
    my ($documented, $scope) = @$dialect{qw(documented scope)};

    my @shared = map { $_, under($scope, $_) } shared();
    my %places = map { $_ => 1 } keys %{ $dialect->{around} },
        (map { under($scope, $_) } keys %$documented),
        (grep { $_ ne '' && $_ ne $scope && !m{(?:^|/)(?:tools|plugins)/} }
            @shared),
        map { my $place = $_; map { under($place, $_) } @closed } @shared;

    return sort keys %places;
}

sub unknown {
    my ($dialect, $rules, $body) = @_;
    my $root = eval { $reader->decode($body) };
    my %objects = map { $_ => 1 } compared($dialect);
    my %named = map { $_ => 1 } map { leading($_) } map { places($dialect, $_) }
        keys %$rules;
    my %found;

    walk($root, '', \%objects, { %{ known($dialect) }, %named }, \%found);

    my @places = sort keys %found;

    return @places;
}

sub unescaped {
    my ($name) = @_;

    return $name !~ /\\/ ? $name : eval { $reader->decode("\"$name\"") }
        // $name;
}

sub walk {
    my ($node, $place, $objects, $known, $found) = @_;

    if (ref $node eq 'ARRAY') {
        walk($_, under($place, '*'), $objects, $known, $found) for @$node;

    } elsif (ref $node eq 'HASH') {
        for my $name (keys %$node) {
            my $inner = $place eq '' ? $name : "$place/$name";

            if ($objects->{$place} && !$known->{$inner}) {
                $found->{$inner} = 1;

            } else {
                walk($node->{$name}, $inner, $objects, $known, $found);
            }
        }
    }
}

# Returns the places that the API documents.

sub known {
    my ($dialect) = @_;
    my ($documented, $around, $scope) = @$dialect{qw(documented around scope)};

    return $known{$dialect->{name}} //= { map { $_ => 1 }
        (map { my $at = $_; map { under(under($scope, $at), $_) }
            spelled($dialect, @{ $documented->{$at} }) } keys %$documented),
        (map { my $at = $_; map { under($at, $_) }
            spelled($dialect, @{ $around->{$at} }) } keys %$around),
        (map { own($dialect, $_) } keys %{ $dialect->{parameters} }),
        $dialect->{model} // () };
}

# Some APIs have two spellings of each name.

sub spelled {
    my ($dialect, @names) = @_;

    return @names if !$dialect->{one_name};

    return map { $_, s/([A-Z])/_\l$1/gr, s/_([a-z])/\u$1/gr } @names;
}

sub leading {
    my ($place) = @_;
    my @places = $place;

    push @places, $place while $place =~ s{/[^/]+\z}{};

    return @places;
}

sub under {
    my ($place, $name) = @_;

    return join '/', grep { $_ ne '' } $place, $name;
}

1;
