package LLMPolicy::Status;

# Parses the responses of llm_policy_status.
#
#   my $metrics = metrics($text);      # of Prometheus
#   my $status = JSON::PP->new->utf8->decode($json);
#
#   $metrics->{series('llm_policy_requests_total', tier => 'free', ...)}
#
# metrics() returns all samples by name, with labels sorted and not escaped, and
# dies on a line that is not a sample.  flat() does the same for the part of the
# JSON that is in both formats; its numbers are written as in the text, so that
# both can be compared.

use strict;
use warnings;

use Exporter qw(import);
use JSON::PP ();

our @EXPORT = qw(metrics series flat);

my %unescaped = ('n' => "\n", '\\' => '\\', '"' => '"');

sub series {
    my ($name, %labels) = @_;

    return join '|', $name, map { "$_=$labels{$_}" } sort keys %labels;
}

sub metrics {
    my ($text) = @_;
    my (%samples, %type);

    $text =~ /\n\z/ or die "no line feed at the end\n";

    for my $line (split /\n/, $text) {

        if ($line =~ /^# TYPE (\w+) (\w+)$/) {
            die "$1 is told of twice\n" if $type{$1};
            $type{$1} = $2;
            next;
        }

        next if $line =~ /^# HELP \w+ \S/;

        my ($name, $labels, $value) = $line
            =~ /^(\w+)(?:\{((?:\w+="(?:[^\\"]|\\.)*",?)*)\})? (\S+)$/
            or die "no sample: $line\n";

        my %labels;

        while (($labels // '') =~ /(\w+)="((?:[^\\"]|\\.)*)"/g) {
            my ($label, $text) = ($1, $2);
            $labels{$label} = $text =~ s/\\(.)/$unescaped{$1}/ger;
        }

        my $family = $type{$name} ? $name : $name =~ s/_(bucket|sum|count)$//r;
        my $series = series($name, %labels);

        die "$name has no type\n" if !$type{$family};
        die "$series is told of twice\n" if exists $samples{$series};

        $samples{$series} = 0 + $value;
    }

    return \%samples;
}

sub flat {
    my ($status) = @_;
    my %flat = (series('llm_policy_build_info',
        version => $status->{version}) => 1);

    for my $document (@{ $status->{documents} }) {
        my $file = $document->{file};

        $flat{series('llm_policy_document_info', file => $file,
            sha256 => $document->{sha256})} = 1;
        $flat{series('llm_policy_document_loaded_timestamp_seconds',
            file => $file)} = $document->{loaded};
        $flat{series('llm_policy_document_in_force', file => $file)}
            = $document->{in_force} ? 1 : 0;
        $flat{series('llm_policy_document_failures_total', file => $file)}
            = $document->{failures};
    }

    for my $family (qw(requests adjustments refusals tokens limit_refusals)) {
        for (@{ $status->{$family} }) {
            my %labels = %$_;
            my $count = delete $labels{count};
            $flat{series("llm_policy_${family}_total", %labels)} = $count;
        }
    }

    for my $tier (@{ $status->{temperature} }) {
        for my $which (qw(requested effective)) {
            next if !$tier->{$which}{count};
            histogram(\%flat, "llm_policy_${which}_temperature",
                $tier->{$which}, tier => $tier->{tier});
        }
    }

    histogram(\%flat, 'llm_policy_decide_duration_seconds',
        $status->{decide_seconds});

    $flat{llm_policy_request_body_bytes_total} = $status->{request_body_bytes};

    if (my $limits = $status->{limits}) {
        @flat{qw(llm_policy_limit_keys llm_policy_limit_evictions_total
            llm_policy_zone_size_bytes llm_policy_zone_free_bytes)}
            = @$limits{qw(keys evicted size free)};
    }

    return { map { ($_ => 0 + $flat{$_}) } keys %flat };
}

sub histogram {
    my ($flat, $name, $histogram, %labels) = @_;

    for (@{ $histogram->{buckets} }, [ '+Inf', $histogram->{count} ]) {
        my ($bound, $count) = @$_;

        # the spelling of the number in the text
        $bound = sprintf('%.6f', $bound) =~ s/\.?0+$//r if $bound ne '+Inf';
        $flat->{series("${name}_bucket", %labels, le => $bound)} = $count;
    }

    $flat->{series("${name}_$_", %labels)} = $histogram->{$_}
        for qw(sum count);
}

1;
