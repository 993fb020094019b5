package LLMPolicy::Schema;

# JSON Schema, draft 7, limited to the keywords of conf/llm-policy.schema.json.
# An unknown keyword is an error, so that none is ignored.

use strict;
use warnings;

use B ();
use JSON::PP ();

my %notes = map { $_ => 1 } qw($schema title description default definitions);

my %keywords = (
    '$ref' => sub {
        my ($self, $path, $value) = @_;
        my ($name) = $path =~ m{^#/definitions/(\w+)$} or die "$path\n";

        return $self->accepts($value, $self->{root}{definitions}{$name});
    },

    type => sub {
        my ($self, $types, $value) = @_;
        my $type = type_of($value);

        return scalar grep {
            $_ eq $type || ($_ eq 'number' && $type eq 'integer')
        } ref $types ? @$types : $types;
    },

    enum => sub {
        my ($self, $values, $value) = @_;

        return scalar grep { text_of($_) eq text_of($value) } @$values;
    },

    const => sub { text_of($_[1]) eq text_of($_[2]) },
    allOf => sub { @{$_[1]} == $_[0]->count(@_[2, 1]) },
    anyOf => sub { 0 < $_[0]->count(@_[2, 1]) },
    not => sub { !$_[0]->accepts(@_[2, 1]) },
    oneOf => sub { 1 == $_[0]->count(@_[2, 1]) },

    if => sub {
        my ($self, $if, $value, $schema) = @_;

        return !$self->accepts($value, $if)
               || $self->accepts($value, $schema->{then});
    },

    then => sub { 1 },

    minimum => about('number', sub { $_[2] >= $_[1] }),
    maximum => about('number', sub { $_[2] <= $_[1] }),
    minLength => about('string', sub { length $_[2] >= $_[1] }),
    pattern => about('string', sub { $_[2] =~ /$_[1]/ }),
    maxItems => about('array', sub { @{$_[2]} <= $_[1] }),
    minItems => about('array', sub { @{$_[2]} >= $_[1] }),

    uniqueItems => about('array', sub {
        my %seen;

        return !grep { $seen{text_of($_)}++ } @{$_[2]};
    }),

    items => about('array', sub {
        my ($self, $schema, $value) = @_;

        return !grep { !$self->accepts($_, $schema) } @$value;
    }),

    minProperties => about('object', sub { keys %{$_[2]} >= $_[1] }),

    required => about('object', sub {
        my ($self, $names, $value) = @_;

        return !grep { !exists $value->{$_} } @$names;
    }),

    propertyNames => about('object', sub {
        my ($self, $schema, $value) = @_;

        return !grep { !$self->accepts($_, $schema) } keys %$value;
    }),

    dependencies => about('object', sub {
        my ($self, $schemas, $value) = @_;

        return !grep {
            exists $value->{$_} && !$self->accepts($value, $schemas->{$_})
        } keys %$schemas;
    }),

    properties => about('object', sub {
        my ($self, $schemas, $value) = @_;

        return !grep {
            exists $value->{$_} && !$self->accepts($value->{$_}, $schemas->{$_})
        } keys %$schemas;
    }),

    patternProperties => about('object', sub {
        my ($self, $schemas, $value) = @_;

        for my $pattern (keys %$schemas) {
            for my $name (grep { /$pattern/ } keys %$value) {
                return 0 if !$self->accepts($value->{$name},
                                            $schemas->{$pattern});
            }
        }

        return 1;
    }),

    additionalProperties => about('object', sub {
        my ($self, $additional, $value, $schema) = @_;
        my @patterns = keys %{$schema->{patternProperties} // {}};

        for my $name (keys %$value) {
            next if exists $schema->{properties}
                    && exists $schema->{properties}{$name};
            next if grep { $name =~ /$_/ } @patterns;
            return 0 if !$self->accepts($value->{$name}, $additional);
        }

        return 1;
    }),
);

sub new {
    my ($class, $root) = @_;

    return bless { root => $root }, $class;
}

# Returns whether a value is valid for a schema, by default the whole one.

sub accepts {
    my ($self, $value, $schema) = @_;

    $schema //= $self->{root};

    return $schema if ref $schema ne 'HASH';

    # draft 7 ignores the siblings of $ref
    my @names = exists $schema->{'$ref'} ? '$ref' : keys %$schema;

    for my $name (@names) {
        next if $notes{$name};

        my $keyword = $keywords{$name} or die "unknown keyword \"$name\"\n";

        return 0 if !$keyword->($self, $schema->{$name}, $value, $schema);
    }

    return 1;
}

sub count {
    my ($self, $value, $schemas) = @_;

    return scalar grep { $self->accepts($value, $_) } @$schemas;
}

# A keyword that does not apply to values of other types.

sub about {
    my ($about, $keyword) = @_;

    return sub {
        my $type = type_of($_[2]);

        return 1 if $type ne $about
                    && !($about eq 'number' && $type eq 'integer');
        return $keyword->(@_);
    };
}

sub type_of {
    my ($value) = @_;

    return 'null' if !defined $value;
    return 'boolean' if JSON::PP::is_bool($value);
    return 'array' if ref $value eq 'ARRAY';
    return 'object' if ref $value eq 'HASH';

    my $flags = B::svref_2object(\$value)->FLAGS;

    return 'string' if $flags & B::SVf_POK;
    return $value == int $value ? 'integer' : 'number';
}

sub text_of {
    my ($value) = @_;

    return type_of($value) =~ /^(?:integer|number)$/
           ? 0 + $value
           : JSON::PP->new->canonical->allow_nonref->encode($value);
}

1;
