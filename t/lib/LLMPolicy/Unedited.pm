package LLMPolicy::Unedited;

# Whether what was sent is what had been asked, byte for byte, but for what a
# policy is about.
#
#   ok(unedited($asked, $sent, $dialect, $rules), 'nothing else');
#
# Both are JSON.  A policed value may be another one; it may be gone, with a
# comma, where the rule removes it; and before the brace of an object where the
# dialect keeps parameters, members may be added.  Where a body is in a file,
# spaces stand for what is gone.

use strict;
use warnings;

use Exporter qw(import);

use LLMPolicy::Dialects;

our @EXPORT = qw(unedited);

my $string = qr/"(?:[^"\\]++|\\.)*+"/s;
my $flat = qr/(?:$string|[-+.\w]++)/;
my $define = qr/(?(DEFINE)(?<value>$flat|\{(?:(?:$string:)?(?&value),?)*+\}
    |\[(?:(?&value),?)*+\]))/x;
my $another = '\s*(?&value) *';

sub unedited {
    my ($asked, $sent, $dialect, $rules) = @_;
    my (%verbs, %open, %names);

    for my $name (keys %$rules) {
        $verbs{$_} = $rules->{$name} for places($dialect, $name);

        # what they may be written in
        for my $place (own($dialect, $name)) {
            $names{$1} = $open{$place} = 1 while $place =~ s{/?([^/]+)\z}{};
        }
    }

    my $names = join '|', map { quotemeta } sort keys %names;

    $open{''} = "(?:,?\"(?:$names)\":(?&value))*+";

    return $sent =~ pattern($asked, \%verbs, \%open);
}

# What a text may have become, as a regular expression.

sub pattern {
    my ($text, $verbs, $open) = @_;
    my $pattern = element(\$text, '', $verbs, $open);

    # next to what is gone, commas and white space may be
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

# Reads what matches, as a pattern.

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

        $inner = "$place/$inner" if $place ne '';
        $name .= token($text, qr/\s*:/);

        my $element = element($text, $inner, $verbs, $open);

        $element = "(?:$element|$another)"
            if $verbs->{$inner} || $open->{$inner};

        $pattern .= $verbs->{$inner} && $verbs->{$inner}{remove}
            ? "<GONE>$name$element<HERE>" : "$name$element";
    }

    # members are added behind the white space
    $close =~ s/\\\}\z/$open->{''}\\}/ if $open->{$place};

    return $pattern . $close;
}

1;
