#!/usr/bin/perl

# The statistics of the benchmark.

use strict;
use warnings;

use FindBin;
use Test::More;

use lib "$FindBin::Bin/../lib";
use LLMPolicy::Bench::Figures;
use LLMPolicy::Bench::Growth;

is(median(3), 3, 'the median of one');
is(median(9, 1, 5), 5, 'of three');
is(median(1, 2, 10, 4), 3, 'of four');

is(quantile(0.5, 1 .. 9), 5, 'p50');
is(quantile(0.99, 1 .. 100), 100, 'p99');
is(quantile(0.99, 1), 1, 'p99 of one');

is(spread('%.1f', 2, 1, 4), '2.0 (1.0 to 4.0)', 'a spread');

# points: n, a median that is all noise, the minimum cost

sub growth_of {
    my ($cost) = @_;

    return LLMPolicy::Bench::Growth::growth(
        map { [ $_, 1e6, $cost->($_) ] } 1, 10, 100, 1000);
}

is(growth_of(sub { 1000 }), 'flat', 'the same for any n');
is(growth_of(sub { 1000 + 0.2 * $_[0] }), 'flat', 'a little more');
is(growth_of(sub { 1000 + 50 * $_[0] }), 'linear, at most', 'linear');
is(growth_of(sub { 100 * $_[0] * (1 + log $_[0]) }), 'MORE THAN LINEAR',
    'n log n, steep at its start');
is(growth_of(sub { 1000 + $_[0] ** 2 }), 'MORE THAN LINEAR', 'quadratic');

done_testing();
