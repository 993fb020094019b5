#!/usr/bin/perl

# Prometheus and llm_policy_status: promtool accepts the metrics, and a
# Prometheus that scrapes them has the same numbers.

use strict;
use warnings;

use FindBin;
use JSON::PP;
use POSIX qw(WNOHANG);
use Test::More;
use Time::HiRes qw(sleep time);

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Status;
use LLMPolicy::Test;

# util/setup unpacks it here, and util/test uses it from here

$ENV{PATH} .= ":$FindBin::Bin/../../../build/packages/usr/bin";

my $json = JSON::PP->new->utf8->canonical;
my $chat = '/v1/chat/completions';
my $t = LLMPolicy::Test->new;
my $dir = $t->testdir;

my $hostile = "fr\"ee\\ {le=\"1\"} # x";

$t->write_file('policy "1".json', $json->encode({
    version => 1,
    default_tier => $hostile,
    tiers => {
        pro => { parameters => { temperature => { max => 2 } } },
        $hostile => { parameters => { temperature => { max => 1 } } },
    },
}));

$t->run(<<'EOC');

%%GLOBALS%%

load_module %%MODULE%%;

worker_processes 2;

events {
}

http {
    %%GLOBALS_HTTP%%

    server {
        listen 127.0.0.1:%%PORT_0%%;

        llm_policy on;
        llm_policy_file 'policy "1".json';
        llm_policy_tier $http_x_tier;

        location / {
            proxy_pass http://127.0.0.1:%%PORT_ok%%;
        }

        location = /metrics {
            allow 127.0.0.1;
            deny all;
            llm_policy_status;
        }
    }

    server {
        listen 127.0.0.1:%%PORT_ok%%;

        return 200 ok;
    }
}

EOC

is(promtool(), '', 'promtool, without counts');

for my $temperature (0, 0.25, 0.7, 1, 1.9, 2, 3) {
    $t->post($chat, "{\"temperature\":$temperature}", 'X-Tier' => $_)
        for 'pro', '', '';
}

$t->post($chat, '{', 'X-Tier' => 'pro');
$t->get('/');

is(promtool(), '', 'promtool, once all was counted');

my $text = $t->get('/metrics')->{body};

isnt(check($text =~ s/^# HELP llm_policy_requests_total.*\n//mr), '',
    'promtool finds an absent HELP');
isnt(check($text =~ s/requests_total/requests/gr), '',
    'promtool finds a wrong name');

# A Prometheus for this test.

my $port = $t->port('prometheus');

$t->write_file('prometheus.yml', <<'EOY');
global:
  scrape_interval: 500ms
  scrape_timeout: 500ms

scrape_configs:
  - job_name: llm-policy
    metrics_path: /metrics
    static_configs:
      - targets: [ "127.0.0.1:%%PORT_0%%" ]
EOY

my $prometheus = fork // die "cannot fork: $!\n";

if ($prometheus == 0) {
    open STDOUT, '>', "$dir/prometheus.log";
    open STDERR, '>&', \*STDOUT;

    exec 'prometheus', "--config.file=$dir/prometheus.yml",
        "--storage.tsdb.path=$dir/tsdb",
        "--web.listen-address=127.0.0.1:$port"
        or print STDERR "cannot run prometheus: $!\n";

    POSIX::_exit(127);
}

ok(waited(sub { (get('/-/ready')->{status} // 0) == 200 }),
    'Prometheus runs') or diag($t->read_file('prometheus.log'));

# A request is counted shortly after its response.

my $expected;

waited(sub { agree(stored(), $expected = expected()) });
is_deeply(stored(), $expected, 'it has the same numbers, with all labels');

my $targets = $json->decode(get('/api/v1/targets')->{body});

is($targets->{data}{activeTargets}[0]{health}, 'up', 'the target is up');
is($targets->{data}{activeTargets}[0]{lastError}, '', 'without an error');

# Later counts appear later.

$t->post($chat, '{"temperature":1.9}', 'X-Tier' => 'pro') for 1 .. 5;
my $sum = 'sum(llm_policy_requests_total{tier="pro",outcome="passed"})';

waited(sub { query($sum) == 11 && agree(stored(), $expected = expected()) });
is_deeply(stored(), $expected, 'later counts, too');
is(query($sum), 11, 'a sum');
is(query('histogram_quantile(0.5, sum by (le) '
        . '(llm_policy_requested_temperature_bucket{tier="pro"}))') > 1.5,
    1, 'a quantile');

ok(end_prometheus(), 'Prometheus left');

$t->done;

# Returns promtool's messages, and its exit code on failure.

sub promtool {
    return check($t->get('/metrics')->{body});
}

sub check {
    my ($text) = @_;

    $t->write_file('metrics.txt', $text);

    my $said = `promtool check metrics < $dir/metrics.txt 2>&1`;

    return $? == 0 ? $said : "$said exit code $?";
}

# Prometheus does not distinguish an empty label from an absent one.

sub expected {
    my $metrics = metrics($t->get('/metrics')->{body});

    return { map { (s/\|\w+=(?=\||\z)//gr => $metrics->{$_}) } keys %$metrics };
}

# Returns all of our series in Prometheus.

sub stored {
    my $answer = get('/api/v1/query?query='
        . '%7B__name__%3D~%22llm_policy_.*%22%7D');
    my %stored;

    return {} if ($answer->{status} // 0) != 200;

    for (@{ $json->decode($answer->{body})->{data}{result} }) {
        my %labels = %{ $_->{metric} };
        my $name = delete $labels{__name__};

        delete @labels{qw(instance job)};

        $stored{series($name, %labels)} = 0 + $_->{value}[1];
    }

    return \%stored;
}

sub query {
    my ($query) = @_;

    $query =~ s/([^\w.])/sprintf '%%%02X', ord $1/ge;

    my $answer = $json->decode(get("/api/v1/query?query=$query")->{body});

    return $answer->{data}{result}[0]{value}[1];
}

sub get {
    my ($uri) = @_;
    my $client = eval { $t->client('prometheus') } or return {};

    $client->request('GET', $uri, undef, Connection => 'close');

    return $client->response // {};
}

sub agree {
    my ($one, $other) = @_;

    return $json->encode($one) eq $json->encode($other);
}

sub waited {
    my ($until) = @_;
    my $end = time + $LLMPolicy::Stream::TIMEOUT;

    while (time < $end) {
        return 1 if $until->();
        sleep 0.05;
    }

    return 0;
}

sub end_prometheus {
    my $pid = $prometheus or return 1;

    kill 'TERM', $pid;
    my $left = waited(sub { waitpid($pid, WNOHANG) != 0 });
    kill 'KILL', $pid if !$left;
    $prometheus = 0;

    return $left;
}

END {
    my $status = $?;

    end_prometheus() if $t && $t->{owner} == $$;
    $? = $status;
}
