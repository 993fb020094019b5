package LLMPolicy::Bench::Growth;

# Growth of the cost with the size of the request and of the policy: the core
# alone, measured by t/bench/growth.c.  All growth must be flat or linear.

use strict;
use warnings;

use Cwd ();
use Digest::SHA qw(sha256_hex);
use File::Basename qw(dirname);
use File::Temp ();
use JSON::PP ();
use List::Util qw(max);

use LLMPolicy::Bench::Report;

my $top = Cwd::abs_path(dirname(__FILE__) . '/../../../..');

# The limit of the power of n: some growth above 1 comes from caches that a
# larger case does not fit into, but quadratic cost has 2.  Growth below this
# total factor is flat.  Both use the minimum of the measurements, since other
# users of the caches cause the rest.
use constant { LINEAR => 1.3, FLAT => 1.5 };

my $json = JSON::PP->new->canonical;

# the counted thing, the counts, and the unit: a policy, a body, an API key

my @series = (
    [ 'body, bytes: prose', [ map { 1 << $_ } 10, 12, 14, 16, 18, 20, 22 ],
        sub { (policy(), body(content => 'One more word. ' x ($_[0] / 15))) } ],
    [ 'messages', [ 1, 10, 100, 1000, 10000, 100000 ],
        sub { (policy(), body(messages => $_[0])) } ],
    [ 'members of the body', [ 1, 10, 100, 1000, 10000 ],
        sub { (policy(), body(members => $_[0])) } ],
    [ 'rules of the tier, of other members', [ 1, 10, 100, 1000, 3000 ],
        sub { (policy(rules => $_[0]), body(metadata => 10)) } ],
    [ 'rules, and members that they hold', [ 1, 10, 100, 1000 ],
        sub { (policy(rules => $_[0]), body(metadata => $_[0])) } ],
    [ 'models of the policy, names', [ 1, 10, 100, 1000, 10000 ],
        sub { (policy(models => $_[0], prefix => ''), body()) } ],
    [ 'models of the policy, patterns', [ 1, 10, 100, 1000 ],
        sub { (policy(models => $_[0], prefix => '~^'), body()) } ],
    [ 'tiers', [ 1, 10, 100, 1000, 10000 ],
        sub { (policy(tiers => $_[0]), body()) } ],
    [ 'tenants, each with a key', [ 1, 10, 100, 1000, 10000, 50000 ],
        sub { (policy(tenants => $_[0]), body(), 'key-0') } ],
);

sub policy {
    my (%with) = @_;
    my %rules = map { ("/metadata/m$_" => { max => 1 }) }
        1 .. $with{rules} // 0;
    my %tiers = map { ("tier$_" => { parameters => {} }) }
        1 .. $with{tiers} // 0;

    my @models = map { {
        match => [ "$with{prefix}model-$_" ],
        parameters => { top_p => { max => 0.9 } },
    } } 1 .. $with{models} // 0;

    my %tenants = map { ("tenant$_" => {
        tier => 'free', keys => [ 'sha256:' . sha256_hex("key-$_") ],
    }) } 0 .. ($with{tenants} // 0) - 1;

    return {
        version => 1, default_tier => 'free',
        tiers => {
            free => { parameters => {
                temperature => { default => 0.7, max => 1 }, %rules,
            } },
            %tiers,
        },
        (@models ? (models => \@models) : ()),
        (%tenants ? (tenants => \%tenants) : ()),
    };
}

sub body {
    my (%with) = @_;
    my $content = $with{content} // 'Say something.';

    return {
        model => 'gpt-4o-mini', temperature => 1.9,
        messages => [ map { { role => 'user', content => $content } }
            1 .. $with{messages} // 1 ],
        (map { ("member$_" => $_) } 1 .. $with{members} // 0),
        ($with{metadata} ? (metadata => {
            map { ("m$_" => 2) } 1 .. $with{metadata}
        }) : ()),
    };
}

sub run {
    my ($class, $rounds) = @_;
    my $report = LLMPolicy::Bench::Report->new('growth',
        'Growth of the cost of a request', $rounds);

    my $self = bless {
        report => $report, dir => File::Temp->newdir, cases => 0,
    }, $class;

    $report->text("\nNanoseconds of CPU time that the core takes, from the head"
        . " of a request to the\nlist of edits: the medians, and the power"
        . " of n by which the least\ngrow where they do most.\n");

    my @results = map { $self->measure($rounds, @$_) } @series;
    my @lines = map { $self->line($_) } @results;

    $report->table([ 'n', 'smallest n', 'ns', 'largest n', 'ns', 'power',
        'growth' ], @lines);

    $self->plot(@results);
    $report->text("![Growth](growth.png)\n");

    return $report->keep;
}

sub measure {
    my ($self, $rounds, $label, $counts, $make) = @_;
    my @cases = map { $self->case($make->($_)) } @$counts;
    my $program = ($ENV{BUILD} || "$top/build") . '/t/bench/growth';
    my $input = $self->write('cases', join '', map { "$_\n" } @cases);

    alarm 600;

    my @lines = `'$program' $rounds <'$input'`;
    die "$program failed\n" if $? || @lines != @cases;

    return {
        label => $label,
        points => [ map { [ $counts->[$_], split ' ', $lines[$_] ] }
            0 .. $#lines ],
    };
}

sub case {
    my ($self, $policy, $body, $key) = @_;
    my $n = ++$self->{cases};

    return join ' ', $self->write("policy-$n", $json->encode($policy)),
        $self->write("body-$n", $json->encode($body)), $key // '-';
}

sub write {
    my ($self, $name, $text) = @_;
    my $file = "$self->{dir}/$name";

    open my $out, '>', $file or die "$file: $!\n";
    print {$out} $text;
    close $out or die "$file: $!\n";

    return $file;
}

# Returns the highest power of n by which cost grows between neighbors.  A point
# is n, the median, the minimum, the maximum.

sub power {
    my (@points) = @_;

    return max(map {
        log($points[$_][2] / $points[$_ - 1][2])
            / log($points[$_][0] / $points[$_ - 1][0])
    } 1 .. $#points);
}

sub growth {
    my (@points) = @_;

    return 'flat' if max(map { $_->[2] } @points) < FLAT * $points[0][2];
    return power(@points) < LINEAR ? 'linear, at most' : 'MORE THAN LINEAR';
}

sub line {
    my ($self, $result) = @_;
    my @points = @{ $result->{points} };
    my $growth = growth(@points);

    $self->{report}->failed($result->{label}, 'grows more than linearly')
        if $growth =~ /MORE/;

    return [ $result->{label}, (map { ($_->[0], sprintf '%.0f', $_->[1]) }
        @points[0, -1]), sprintf('%.2f', power(@points)), $growth ];
}

sub plot {
    my ($self, @results) = @_;
    my $data = $self->write('data', join "\n\n", map {
        "# $_->{label}\n" . join '', map { "@$_\n" } @{ $_->{points} }
    } @results);

    system('gnuplot', '-c', "$top/t/bench/growth.gnuplot",
        LLMPolicy::Bench::Report::directory() . '/growth.png', $data) == 0
        or $self->{report}->failed('the plot', 'gnuplot has failed');
}

1;
