package LLMPolicy::Unedited;

# Checks that a forwarded body equals that of the client, byte for byte, except
# for the members in the policy.
#
#   ok(unedited($asked, $sent, $dialect, $rules), 'nothing else');
#   ok(unedited($asked, $sent, $dialect, $rules, @places), 'nothing else');
#
# Both are JSON.  A policed value may differ; it may be removed, with a comma,
# if the rule removes it; and members may be added before the closing brace of
# an object with parameters of the dialect.  Members at further places may be
# removed.  If a body was in a file, removed text is replaced by spaces.

use strict;
use warnings;

use Exporter qw(import);

use LLMPolicy::Dialects;
use LLMPolicy::Unknown;

our @EXPORT = qw(unedited);

my $string = qr/"(?:[^"\\]++|\\.)*+"/s;
my $flat = qr/(?:$string|[-+.\w]++)/;
my $define = qr/(?(DEFINE)(?<value>$flat|\{(?:(?:$string:)?(?&value),?)*+\}
    |\[(?:(?&value),?)*+\]))/x;
my $another = '\s*(?&value) *';

sub unedited {
    my ($asked, $sent, $dialect, $rules, @gone) = @_;
    my (%verbs, %open, %names);

    for my $name (keys %$rules) {
        $verbs{$_} = $rules->{$name} for places($dialect, $name);

        # characters of numbers and literals
        for my $place (own($dialect, $name)) {
            $names{$1} = $open{$place} = 1 while $place =~ s{/?([^/]+)\z}{};
        }
    }

    $verbs{$_} = { remove => 1 } for @gone;

    my $names = join '|', map { quotemeta } sort keys %names;

    $open{''} = "(?:,?\"(?:$names)\":(?&value))*+";

    return $sent =~ pattern($asked, \%verbs, \%open);
}

# Returns a regular expression of the permitted results of a text.

sub pattern {
    my ($text, $verbs, $open) = @_;
    my $pattern = element(\$text, '', $verbs, $open);

    # commas and white space may follow a removed value
    $pattern =~ s/(?:\\[\s,])*<GONE>/[\\s,]*(?:/g;
    $pattern =~ s/<HERE>(?:\\[\s,])*/)?[\\s,]*/g;

    return qr/\A\s*$pattern\s*\z$define/s;
}

# Reads the value at pos() of a text.

sub element {
    my ($text, $place, $verbs, $open) = @_;
    my $space = token($text, qr/\s+/) // '';
    my $start = token($text, qr/[{\[]|$flat/);

    return $space . ($start eq '\{' ? members($text, $place, $verbs, $open)
        : $start eq '\[' ? elements($text, $place, $verbs, $open) : $start);
}

# Reads the text that matches, as a pattern.

sub token {
    my ($text, $what) = @_;

    return $$text =~ /\G($what)/gc ? quotemeta $1 : undef;
}

sub elements {
    my ($text, $place, $verbs, $open) = @_;
    my ($pattern, $close) = ('\[');

    $place = $place eq '' ? '*' : "$place/*";

    until (defined($close = token($text, qr/\s*\]/))) {
        $pattern .= (token($text, qr/\s*,/) // '')
            . element($text, $place, $verbs, $open);
    }

    return $pattern . $close;
}

sub members {
    my ($text, $place, $verbs, $open) = @_;
    my ($pattern, $close) = ('\{');

    until (defined($close = token($text, qr/\s*\}/))) {
        $pattern .= token($text, qr/[\s,]+/) // '';

        my $from = pos $$text;
        my $name = token($text, $string);
        my $inner = substr $$text, $from + 1, pos($$text) - $from - 2;

        $inner = unescaped($inner);
        $inner = "$place/$inner" if $place ne '';
        $name .= token($text, qr/\s*:/);

        my $element = element($text, $inner, $verbs, $open);

        $element = "(?:$element|$another)"
            if $verbs->{$inner} || $open->{$inner};

        $pattern .= $verbs->{$inner} && $verbs->{$inner}{remove}
            ? "<GONE>$name$element<HERE>" : "$name$element";
    }

    # members are added after the white space
    $close =~ s/\\\}\z/$open->{''}\\}/ if $open->{$place};

    return $pattern . $close;
}

1;
