package LLMPolicy::Bench::Report;

# The results of a section of the benchmark, printed as they arrive, and kept as
# t/bench/results/NAME.md at the end of the section.
#
#   my $report = LLMPolicy::Bench::Report->new('proxy', 'Proxying', 15);
#   $report->text("A line.\n");
#   $report->table([ 'body', 'ratio' ], [ '1 KiB', '1.02' ], ...);
#   $report->failed('njs', 'why');
#   $report->keep;
#
# BENCH_RESULTS names another folder.

use strict;
use warnings;

use Cwd ();
use File::Basename qw(dirname);
use File::Path qw(make_path);
use List::Util qw(max);
use POSIX qw(strftime);

use LLMPolicy::Upstream;

my $top = Cwd::abs_path(dirname(__FILE__) . '/../../../..');

sub new {
    my ($class, $name, $title, $rounds) = @_;
    my $self = bless { name => $name, text => '', failures => 0 }, $class;

    $self->text("# $title\n\n" . machine()
        . ($rounds ? ", $rounds rounds" : '') . ".\n");

    return $self;
}

sub directory {
    my $directory = $ENV{BENCH_RESULTS} || "$top/t/bench/results";

    make_path($directory);

    return $directory;
}

# Figures of different machines cannot be compared.

sub machine {
    my $nginx = $ENV{TEST_NGINX_BINARY} || 'nginx';
    my ($version) = `$nginx -v 2>&1` =~ m{nginx/(\S+)};
    my ($compiler) = `cc --version` =~ /^(.*)/;
    my $info = LLMPolicy::Upstream::slurp('/proc/cpuinfo');
    my ($flags) = $info =~ /^flags\s*:(.*)/m;
    my ($model) = $info =~ /^model name\s*:\s*(.*)/m;
    my @sets = grep { ($flags // '') =~ /\b$_\b/ } qw(avx2 avx512bw);
    my $cpus = () = $info =~ /^processor/mg;

    return join ', ', strftime('%Y-%m-%d', gmtime),
        'nginx ' . ($version // '?'), $compiler // '?',
        join(' ', "$cpus x", $model // '?', @sets);
}

sub text {
    my ($self, $text) = @_;

    print $text;
    $self->{text} .= $text;
}

sub table {
    my ($self, $heads, @rows) = @_;
    my @width = map {
        my $n = $_;
        max(3, map { length $_->[$n] } $heads, @rows)
    } 0 .. $#$heads;
    my $line = sub {
        return '| ' . join(' | ', map { sprintf "%-$width[$_]s", $_[$_] }
            0 .. $#width) . " |\n";
    };

    $self->text(join '', "\n", $line->(@$heads),
        '|' . join('|', map { '-' x ($_ + 2) } @width) . "|\n",
        (map { $line->(@$_) } @rows), "\n");
}

sub failed {
    my ($self, $what, $why) = @_;

    $why =~ s/\s+/ /g;
    $self->{failures}++;
    $self->text("FAILED: $what: $why\n");
}

# Returns the number of failures.

sub keep {
    my ($self) = @_;
    my $file = directory() . "/$self->{name}.md";

    my $text = $self->{text} =~ s/\n{3,}/\n\n/gr =~ s/\n+\z/\n/r;

    open my $out, '>', $file or die "$file: $!\n";
    print {$out} $text;
    close $out or die "$file: $!\n";

    return $self->{failures};
}

1;
