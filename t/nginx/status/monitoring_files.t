#!/usr/bin/perl

# The files for Prometheus and Grafana in conf/: promtool accepts the rules, the
# rules fire as intended, and every metric and label that they use exists.

use strict;
use warnings;

use File::Temp;
use FindBin;
use JSON::PP;
use Test::More;

# util/setup unpacks promtool here, and util/test uses it from here

$ENV{PATH} .= ":$FindBin::Bin/../../../build/packages/usr/bin";

my $top = "$FindBin::Bin/../../..";
my $rules = "$top/conf/prometheus-alerts.yml";

# the metrics of llm_policy_status, with their labels

my %metrics = (
    adjustments_total => [qw(tier parameter action)],
    build_info => [qw(version)],
    decide_duration_seconds => [qw(le)],
    document_failures_total => [qw(file)],
    document_in_force => [qw(file)],
    document_info => [qw(file sha256)],
    document_loaded_timestamp_seconds => [qw(file)],
    effective_temperature => [qw(tier le)],
    limit_evictions_total => [],
    limit_keys => [],
    limit_refusals_total => [qw(tier limit)],
    refusals_total => [qw(code)],
    request_body_bytes_total => [],
    requested_temperature => [qw(tier le)],
    requests_total => [qw(tier dialect outcome)],
    tokens_total => [qw(tier kind)],
    zone_free_bytes => [],
    zone_size_bytes => [],
);

my $histogram = qr/^(\w+_(?:temperature|seconds))_(?:bucket|sum|count)$/;

sub slurp {
    my ($name) = @_;

    open my $file, '<', $name or die "$name: $!\n";
    local $/;

    return <$file>;
}

sub promtool {
    my (@arguments) = @_;
    my $says = `promtool @arguments 2>&1`;

    is($?, 0, "promtool @arguments[0, 1]") or diag($says);

    return $says;
}

like(promtool(qw(check rules --lint=all --lint-fatal), $rules),
    qr/^\s*SUCCESS: 11 rules found\s*$/m, 'rules');
promtool(qw(test rules), "$FindBin::Bin/../../monitoring/alerts_test.yml");

# each alert is tested

my $tests = slurp("$FindBin::Bin/../../monitoring/alerts_test.yml");
my @alerts = slurp($rules) =~ /- alert: (\w+)/g;

is_deeply([ grep { $tests !~ /$_/ } @alerts ], [], 'each alert has a test');

# Returns the metrics used in a text: [ name, labels ].

sub asked_for {
    my ($text) = @_;
    my @found;

    while ($text =~ /\bllm_policy_(\w+)(?:\{((?:[^{}"]|"[^"]*")*)\})?/g) {
        my ($name, $labels) = ($1, $2 // '');

        $name = $1 if $name =~ $histogram;
        push @found, [ $name, [ $labels =~ /(\w+)\s*(?:=~|!~|!=|=)\s*"/g ] ];
    }

    return @found;
}

# Returns the names, each a metric with its labels, or those of the target.

sub is_known {
    my ($what, @found) = @_;
    my @wrong;

    for my $use (@found) {
        my ($name, $labels) = @$use;
        my %has = map { $_ => 1 } @{ $metrics{$name} // [] }, qw(job instance);

        push @wrong, $name if !$metrics{$name};
        push @wrong, map { "$name\{$_}" } grep { !$has{$_} } @$labels;
    }

    is_deeply(\@wrong, [], "$what: metrics that there are");

    return map { $_->[0] } @found;
}

# an annotation may contain a directive, and a metric

is_known('alerts', asked_for(join "\n",
    slurp($rules) =~ /^ +expr:(.*?)^ +(?:for|labels):/msg));

my $dashboard = decode_json(slurp("$top/conf/grafana-dashboard.json"));
my @panels = @{ $dashboard->{panels} };
my @targets = map { @{ $_->{targets} // [] } } @panels;
my @variables = @{ $dashboard->{templating}{list} };

my %shown = map { $_ => 1 }
    is_known('panels', asked_for(join "\n", map { $_->{expr} } @targets));

is_known('variables', asked_for(join "\n", map { $_->{definition} // () }
    @variables));

is_deeply([ grep { !$shown{$_} } sort keys %metrics ], [],
    'each metric has a panel');

ok($dashboard->{uid} && $dashboard->{schemaVersion} >= 36, 'importable');
ok(!exists $dashboard->{id}, 'without numbers of one Grafana');
is_deeply([ map { $_->{name} } @variables ],
    [qw(datasource job instance tier)], 'its variables');

is_deeply([ grep { $_->{datasource}{uid} ne '${datasource}' }
    @targets, grep { $_->{type} ne 'row' } @panels ], [],
    'the data source is chosen');

my %ids;

$ids{ $_->{id} }++ for @panels;
is(scalar keys %ids, @panels, 'panels have unique numbers');

# no panel overlaps another, or exceeds the grid

my %taken;

for my $panel (@panels) {
    my ($x, $y, $w, $h) = @{ $panel->{gridPos} }{qw(x y w h)};

    for my $column ($x .. $x + $w - 1) {
        $taken{"$column $_"}++ for $y .. $y + $h - 1;
    }

    cmp_ok($x + $w, '<=', 24, "$panel->{title} is within the grid");
}

is(scalar(grep { $_ > 1 } values %taken), 0, 'no panel is on another');

# Prometheus can parse each query: as a rule, with the variables set.  (promtool
# cannot check a single query without a server.)

my %value = ('$__rate_interval' => '5m', '$__range' => '6h');

sub query {
    my ($text) = @_;

    $text =~ s/(\$__\w+)/$value{$1} or die "no $1\n"/ge;
    $text =~ s/\$\w+/x/g;

    return $text;
}

my $dir = File::Temp->newdir;

open my $file, '>', "$dir/panels.json" or die "$dir/panels.json: $!\n";
my $n = 0;
print $file encode_json({ groups => [ { name => 'panels', rules => [ map { {
    record => 'panel:' . $n++, expr => query($_->{expr}),
} } @targets ] } ] });
close $file or die "$dir/panels.json: $!\n";

like(promtool(qw(check rules), "$dir/panels.json"),
    qr/^\s*SUCCESS: ${\ scalar @targets } rules found\s*$/m, 'queries');

done_testing();
