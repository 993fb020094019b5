package LLMPolicy::Bench::Figures;

# Statistics of measured values.
#
#   median(@figures)
#   quantile(0.99, @figures)
#   spread('%.2f', @figures)      "1.03 (1.01 to 1.08)": median, min, max
#   ratios(\@figures, \@others)   of those that were measured together

use strict;
use warnings;

use Exporter qw(import);
use List::Util qw(max min);

our @EXPORT = qw(median quantile ratios spread);

sub quantile {
    my ($share, @figures) = @_;
    my @sorted = sort { $a <=> $b } @figures;

    return $sorted[ min($#sorted, int($share * @sorted)) ];
}

sub median {
    my @sorted = sort { $a <=> $b } @_;

    return ($sorted[ $#sorted / 2 ] + $sorted[ @sorted / 2 ]) / 2;
}

sub spread {
    my ($format, @figures) = @_;

    return sprintf "$format ($format to $format)", median(@figures),
        min(@figures), max(@figures);
}

sub ratios {
    my ($figures, $others) = @_;

    return map { $figures->[$_] / $others->[$_] } 0 .. $#$figures;
}

1;
