package LLMPolicy::Bench::Proxy;

# The cost of a request in the proxying process: CPU time, absolute and as a
# ratio to plain proxy_pass, latency, and memory.
#
# All rows are measured in turn, round after round; a ratio compares with plain
# in the same pass.  The gateways are restarted between some rounds, since two
# processes are never quite alike.

use strict;
use warnings;

use JSON::PP ();
use List::Util qw(min);

use LLMPolicy::Bench::Figures;
use LLMPolicy::Bench::Gateways;
use LLMPolicy::Bench::Load;
use LLMPolicy::Bench::Process;
use LLMPolicy::Bench::Report;
use LLMPolicy::Bench::Upstream;
use LLMPolicy::Bodies;
use LLMPolicy::Test;

use constant {
    CLIENTS => 8,          # while CPU time is measured
    STALLING => 10,        # requests one after another, 40 ms each
    ANEW => 3,             # rounds until gateways are started anew
    BESIDE => 1.10,        # what streaming may cost, beside plain unbuffered
    TEMPERATURE => '1.9',  # beyond the policy, unless a row says otherwise
};

# requests in a pass; passes in a round (one for rows without pairs); and the
# permitted cost of our rows, as a ratio to plain

my @bodies = (
    { name => 'chat-1k', title => '1 KiB', count => 1000, passes => 4,
        goal => 1.03 },
    { name => 'chat-16k', title => '16 KiB', count => 600, passes => 2,
        goal => 1.05 },
    { name => 'chat-256k', title => '256 KiB', count => 120, passes => 2,
        goal => 1.12 },
    { name => 'image-4m', title => '4 MiB', count => 20, passes => 2,
        goal => 1.10 },
);

# Returns the number of failed rows.

sub run {
    my ($class, $rounds) = @_;
    my $report = LLMPolicy::Bench::Report->new('proxy', 'Proxying', $rounds);
    my $upstream = LLMPolicy::Bench::Upstream::start();

    my $self = bless {
        rounds => $rounds, upstream => $upstream, report => $report,
        gateways => LLMPolicy::Bench::Gateways->new($upstream->port(0)),
        rows => [ LLMPolicy::Bench::Gateways::rows() ], figures => {},
    }, $class;

    $self->write_bodies_of_rows;
    $self->find_failures;

    $self->measure($_) for @bodies;

    for my $body (@bodies) {
        $self->measure_memory($body);
        $self->print_body($body);
    }

    $self->print_summary;
    $self->print_goals;

    $self->{gateways}->leave;
    $upstream->leave;

    return $report->keep;
}

sub file_of {
    my ($self, $row, $body) = @_;

    return $self->{upstream}->testdir . "/$body->{name}-"
        . ($row->{temperature} // TEMPERATURE);
}

sub write_bodies_of_rows {
    my ($self) = @_;

    for my $body (@bodies) {
        for my $row (@{ $self->{rows} }) {
            my $file = $self->file_of($row, $body);

            open my $out, '>:raw', $file or die "$file: $!\n";
            print {$out} text_of($row, $body);
            close $out or die "$file: $!\n";
        }
    }
}

# The response is not streamed: Portkey fails on requests for a stream.

sub text_of {
    my ($row, $body) = @_;

    return body($body->{name}, $row->{temperature} // TEMPERATURE)
        =~ s/"stream":true/"stream":false/r;
}

# Rows that cannot run, or do not change the request as they should, are
# reported once; the others are kept.  This check uses an upstream that keeps
# requests.

sub find_failures {
    my ($self) = @_;
    my $recorder = LLMPolicy::Test->new;
    my $upstream = $recorder->upstream;
    my ($port) = $upstream->{address} =~ /:(\d+)/;
    my $gateways = LLMPolicy::Bench::Gateways->new($port);
    my @rows = @{ $self->{rows} };
    my %failed;

    alarm 300;
    $gateways->start(@rows);

    for my $row (@rows) {
        my $why = $gateways->failure($row)
            // $self->mistake($row, $gateways, $upstream) // next;

        $self->{report}->failed($row->{name}, $why);
        $failed{ $row->{name} } = 1;
    }

    $gateways->leave;
    $recorder->leave;

    $self->{rows} = [ grep { !$failed{ $_->{name} } } @rows ];
}

# Returns the defect of the request that reaches the upstream, or undef.

sub mistake {
    my ($self, $row, $gateways, $upstream) = @_;
    my $asked = $row->{temperature} // TEMPERATURE;
    my $wanted = $row->{plain} ? $asked : min($asked, 1);

    $upstream->clear;
    eval { $self->send($row, $bodies[0], 1, 1, $gateways); 1 } or return $@;

    my $sent = eval { JSON::PP::decode_json($upstream->last->{body}) }
        or return 'no JSON reaches the upstream';

    return $sent->{temperature} == $wanted ? undef
        : "the upstream sees a temperature of $sent->{temperature}";
}

# Longest batch; the test's alarm bounds each one.

sub start {
    my ($self, @rows) = @_;

    alarm 300;
    $self->{gateways}->start(@rows);
}

sub send {
    my ($self, $row, $body, $count, $clients, $gateways) = @_;

    alarm 300;

    return send_load(
        port => ($gateways // $self->{gateways})->port($row), count => $count,
        file => $self->file_of($row, $body), clients => $clients,
        fields => [ $row->{fields} ? $row->{fields}->() : () ],
    );
}

# Returns the number of requests for a row; few, if each of them waits without
# need.

sub count_of {
    my ($row, $body, $count) = @_;
    my $share = $row->{stalls} && $body->{name} ne 'chat-1k' ? 0.1
        : $row->{share} // 1;

    $count = int $count * $share;

    return $count > 4 ? $count : 4;
}

sub measure {
    my ($self, $body) = @_;
    my ($plain, @others) = @{ $self->{rows} };
    my @paired = grep { $_->{paired} } @others;

    for my $round (0 .. $self->{rounds} - 1) {

        if ($round % ANEW == 0) {
            $self->start($plain, @others);
            $self->warm_up($body, $_) for $plain, @others;
        }

        $self->pass($body, $plain, @others);
        $self->pass($body, $plain, @paired) for 2 .. $body->{passes};
        $self->time_alone($body, $_) for $plain, @others;

        # no row always follows the slowest one
        push @others, shift @others;
        push @paired, shift @paired;
    }
}

sub warm_up {
    my ($self, $body, $row) = @_;
    my $count = $row->{stalls} ? count_of($row, $body, $body->{count})
        : $body->{count};

    # this row is not restarted
    if ($row->{warm} && !$self->{warm}{ $row->{name} }++) {
        $count = $row->{warm};
    }

    $self->send($row, $body, $count, CLIENTS);
}

sub pass {
    my ($self, $body, $plain, @others) = @_;
    my %cpu = map { ($_->{name} => $self->cpu($body, $_)) } $plain, @others;

    for my $row ($plain, @others) {
        my $cpu = $cpu{ $row->{name} };

        $self->note($body, $row, cpu => $cpu);
        $self->note($body, $row, ratio => $cpu / $cpu{ $plain->{name} })
            if $row != $plain;
        $self->note($body, $row, beside => $cpu / $cpu{ $row->{beside} })
            if $row->{beside};
    }
}

sub note {
    my ($self, $body, $row, $what, @figures) = @_;

    push @{ $self->{figures}{ $body->{name} }{ $row->{name} }{$what} },
        @figures;
}

sub figures {
    my ($self, $body, $row, $what) = @_;

    return @{ $self->{figures}{ $body->{name} }{ $row->{name} }{$what} // [] };
}

# CPU time per request, in microseconds.

sub cpu {
    my ($self, $body, $row) = @_;
    my $pid = $self->{gateways}->pid($row);
    my $count = count_of($row, $body, $body->{count});
    my $before = cpu_time($pid);

    $self->send($row, $body, $count, CLIENTS);

    return 1e6 * (cpu_time($pid) - $before) / $count;
}

# Latency of sequential requests.

sub time_alone {
    my ($self, $body, $row) = @_;
    my $count = $row->{stalls} ? STALLING
        : count_of($row, $body, $body->{count} / 5);

    $self->note($body, $row, latency =>
        map { 1e3 * $_ } $self->send($row, $body, $count, 1));
}

# Returns the peak growth of a new process's memory, in KiB, after a few small
# requests.

sub measure_memory {
    my ($self, $body) = @_;

    for my $row (@{ $self->{rows} }) {
        $self->{gateways}->stop;
        $self->start($row);

        my $pid = $self->{gateways}->pid($row);

        $self->send($row, $bodies[0], 100, 1);
        my $before = memory_peak($pid);

        $self->send($row, $body, 4, 1);
        $self->note($body, $row, memory => memory_peak($pid) - $before);
    }
}

sub print_body {
    my ($self, $body) = @_;
    my @lines;

    for my $row (@{ $self->{rows} }) {
        my @latency = $self->figures($body, $row, 'latency');
        my @ratio = $self->figures($body, $row, 'ratio');

        push @lines, [
            $row->{name},
            spread('%.1f', $self->figures($body, $row, 'cpu')),
            @ratio ? spread('%.3f', @ratio) : '1',
            (map { sprintf '%.2f', quantile($_, @latency) } 0.5, 0.99),
            $self->figures($body, $row, 'memory'),
        ];
    }

    $self->{report}->text("\n## A body of $body->{title} ($body->{name})\n");
    $self->{report}->table([ 'row', 'CPU, us a request', 'ratio to plain',
        'p50, ms', 'p99, ms', 'memory, KiB' ], @lines);
}

# The summary table.

sub print_summary {
    my ($self) = @_;

    $self->{report}->text(
        "\n## CPU time of a request in microseconds (ratio to plain)\n");

    $self->{report}->table([ 'row', map { $_->{title} } @bodies ], map {
        my $row = $_;
        [ $row->{name}, map { $self->summary($_, $row) } @bodies ]
    } @{ $self->{rows} });
}

sub summary {
    my ($self, $body, $row) = @_;
    my @ratio = $self->figures($body, $row, 'ratio');

    return sprintf '%.1f (%.2f)', median($self->figures($body, $row, 'cpu')),
        @ratio ? median(@ratio) : 1;
}

sub print_goals {
    my ($self) = @_;
    my @ours = grep { $_->{ours} } @{ $self->{rows} };

    $self->{report}->text("\n## Goals: ratio to plain, at most\n");
    $self->{report}->table([ 'row',
        map { sprintf '%s: %.2f', $_->{title}, $_->{goal} } @bodies ],
        map { [ $_->{name}, $self->goals($_, 'ratio') ] } @ours);

    for my $row (grep { $_->{beside} } @{ $self->{rows} }) {
        $self->{report}->table([ "ratio to $row->{beside}",
            map { sprintf '%s: %.2f', $_->{title}, BESIDE } @bodies ],
            [ $row->{name}, $self->goals($row, 'beside') ]);
    }
}

sub goals {
    my ($self, $row, $what) = @_;

    return map {
        my $ratio = median($self->figures($_, $row, $what));
        my $goal = $what eq 'beside' ? BESIDE : $_->{goal};

        sprintf '%.3f, %s', $ratio, $ratio <= $goal ? 'met' : 'not met';
    } @bodies;
}

1;
