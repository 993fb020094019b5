package LLMPolicy::Bench::Scanner;

# Our scanner compared with other JSON readers: the measurements of
# t/bench/scanners/run as a table, and the goals.

use strict;
use warnings;

use Cwd ();
use File::Basename qw(dirname);
use JSON::PP ();
use List::Util qw(max);

use LLMPolicy::Bench::Report;
use LLMPolicy::Bodies;

my $top = Cwd::abs_path(dirname(__FILE__) . '/../../../..');

use constant { DOM => 'simdjson dom', ON_DEMAND => 'simdjson ondemand' };

my @others = (DOM, ON_DEMAND, 'rapidjson sax', 'jansson', 'memcpy');

# bodies with most bytes in long strings, which On-Demand does not parse
my %long = map { $_ => 1 } qw(chat-16k chat-256k image-4m);

sub run {
    my ($class, $rounds) = @_;
    my $report = LLMPolicy::Bench::Report->new('scanner', 'Reading JSON',
        $rounds);

    alarm 600;

    my $text = `'$top/t/bench/scanners/run' --json --rounds=$rounds`;
    my $rates = $? == 0 ? JSON::PP::decode_json($text)
        : die "t/bench/scanners/run failed\n";
    my @bodies = map { $_->{name} } bodies();
    my @ours = ours($rates, @bodies);

    $report->text("\nGB/s on one thread: the median, the least, and the most."
        . "  On-Demand does not validate\nwhat it skips.\n");
    $report->table([ 'reader', @bodies ], map {
        my $reader = $_;
        [ $reader, map { rate($rates->{$_}{$reader}) } @bodies ]
    } @ours, @others);

    $report->text("## Goals: ours, as a ratio to others, at least 1\n");
    $report->table([ 'other', @bodies ],
        goal($rates, DOM, \@ours, @bodies),
        goal($rates, ON_DEMAND, \@ours, map { $long{$_} ? $_ : undef }
            @bodies));

    return $report->keep;
}

# The names of all code paths of our scanner.

sub ours {
    my ($rates, @bodies) = @_;
    my %other = map { $_ => 1 } @others;
    my %ours = map { $_ => 1 } grep { !$other{$_} }
        map { keys %{ $rates->{$_} } } @bodies;

    return sort keys %ours;
}

sub rate {
    my ($rate) = @_;

    return $rate ? sprintf '%.2f (%.2f to %.2f)', @$rate{qw(median min max)}
        : '';
}

# Our fastest path counts, since a CPU selects it, with the body in one piece,
# as for the others.

sub goal {
    my ($rates, $other, $ours, @bodies) = @_;

    return [ $other, map {
        my $body = defined $_ ? $rates->{$_} : undef;
        my $ratio = $body && max(map { $body->{$_}{median} }
            grep { $body->{$_} && !/ 16k$/ } @$ours) / $body->{$other}{median};

        !$body ? '' : sprintf '%.2f, %s', $ratio,
            $ratio >= 1 ? 'met' : 'not met';
    } @bodies ];
}

1;
