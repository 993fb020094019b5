#!/usr/bin/perl

# conf/many-tenants.conf as it is shipped: what is decided for each tenant, and
# for the candidate; then tenants that are added, moved and blocked while
# requests run.  Only the keys and the time of a reload are the test's own.

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use FindBin;
use JSON::PP;
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Conf;
use LLMPolicy::Test;
use LLMPolicy::Tool;

use constant TENANTS => 40;

my $top = "$FindBin::Bin/../../..";
my $json = JSON::PP->new->utf8->canonical;
my $uri = '/v1/chat/completions';

my $t = LLMPolicy::Test->new;
my $up = $t->upstream;
my $dir = $t->testdir;

install($t);
mkdir "$dir/$_" or die "mkdir: $!\n" for 'many-tenants', 'many-tenants/tenants';

# tenant => its tier, and the names of its keys in the order of the file

my (%tier, %keys);

for my $path (glob("$top/conf/many-tenants/*.json"),
    glob "$top/conf/many-tenants/tenants/*.json")
{
    my $text = LLMPolicy::Upstream::slurp($path);

    $text =~ s/sha256:0*(\d+)/'sha256:' . sha256_hex("key-$1")/ge;

    my $tenants = $json->decode($text)->{tenants} // {};

    for my $name (keys %$tenants) {
        my $shipped = LLMPolicy::Upstream::slurp($path);

        $tier{$name} = $tenants->{$name}{tier};
        $keys{$name} = [ map { "key-$_" } $shipped =~ /sha256:0*(\d+)/g ];
    }

    $t->write_file($path =~ s{.*/conf/}{}r, $text);
}

is(scalar keys %tier, TENANTS, 'tenants');

# a key that has ended, without waiting for it

my $contoso = $t->read_file('many-tenants/tenants/contoso.json');

like($contoso, qr/"not_after": "2027-01-31T00:00:00Z"/, 'a key ends');
$t->write_file('many-tenants/tenants/contoso.json',
    $contoso =~ s/2027-01-31/2026-01-31/r);

my $conf = shipped('many-tenants');

$conf =~ s/^http \{\n\K/    llm_policy_reload 200ms;\n/m;
$conf =~ s{llm_policy_candidate [^;]*;\n\K}{
    "        add_header X-Candidate \$llm_candidate_status always;\n"
    . "        add_header X-Would \$llm_candidate_adjustments always;\n"
}e or die "no candidate\n";

$t->run($conf);

# what reaches the upstream of a request with a high temperature

sub sent {
    my ($key, $body) = @_;
    my $response = $t->post($uri, $body // '{"model":"gpt-4o-mini",'
        . '"temperature":1.9}', Authorization => "Bearer $key");

    return ($response, $response->{status} == 200
        ? $json->decode($up->last->{body}) : {});
}

my %temperature = (free => 1, pro => 1.5, enterprise => 1.5);
my %max_tokens = (free => 512, pro => 8192, enterprise => 8192);
my $enforced = 0;

for my $name (sort keys %tier) {
    my $tier = $tier{$name};
    my ($response, $body) = sent($keys{$name}[-1]);
    my $candidate = $response->header('X-Candidate');
    my $is = $name eq 'northwind' ? 0.3 : $temperature{$tier};

    if ($candidate eq 'enforced') {
        $enforced++;
        $is = 0.8 if $tier eq 'free';

    } else {
        is($candidate, 'modified', "$name, the candidate");

        my $would = $tier eq 'free' ? 0.8 : $is;

        like($response->header('X-Would'),
            qr/^temperature=1\.9->\Q$would\E \(max\)/, "$name, it would");
    }

    is_deeply([ @$body{qw(temperature max_tokens)} ],
        [ $is, $max_tokens{$tier} ], "$name, tier $tier");

    my ($limited) = sent($keys{$name}[-1], '{"model":"gpt-4o-mini","n":3}');

    is($limited->{status}, $tier eq 'enterprise' ? 200 : 400, "$name, n");
}

ok($enforced >= 1 && $enforced <= 6, "the candidate holds for $enforced");

# models.json is included; keys

my (undef, $o3) = sent($keys{acme}[0], '{"model":"o3-mini","temperature":0.5}');

ok(!exists $o3->{temperature}, 'a reasoning model gets no temperature');

is((sent('key-0'))[0]{status}, 401, 'an unknown key');
is((sent($keys{contoso}[0]))[0]{status}, 401, 'a key that has ended');
like((sent($keys{contoso}[0]))[0]{body}, qr/"key_expired"/, 'its code');

# the documents are valid, and differ in one bound

my $check = tool('', 'check', "$dir/many-tenants/policy.json");

is($check->{exit}, 0, 'check');
like($check->{out}, qr/tiers: 3, models: \d+, tenants: 40, keys: 41/,
    'its parts');

my $diff = tool('', 'diff', map { "$dir/many-tenants/$_.json" }
    qw(policy candidate));

like($diff->{out}, qr/^tier free: .*\n +temperature .*\n +-> at most 0\.8, /,
    'diff');

# A tenant is added, moved, blocked: requests of others run all the time, and
# none of them fails or waits.

pipe my $reader, my $writer or die "pipe: $!\n";

my $pid = fork // die "fork: $!\n";

if ($pid == 0) {
    close $reader;

    my ($failed, @times) = (0);
    my $end = time + 30;
    my $client = LLMPolicy::Client->new($t->port(0));

    while (time < $end && getppid() != 1 && !-e "$dir/enough") {
        my $start = time;

        $client->request('POST', $uri, '{"model":"gpt-4o-mini"}',
            Authorization => "Bearer $keys{fabrikam}[0]");

        my $response = $client->response;

        push @times, time - $start;

        $failed++ if !$response || $response->{status} != 200;
        sleep 0.005;
    }

    @times = sort { $a <=> $b } @times;
    printf $writer "%d %d %.1f\n", scalar @times, $failed,
        1000 * $times[int 0.99 * $#times];
    close $writer;
    POSIX::_exit(0);
}

close $writer;

sub tenant {
    my ($name, $tenant) = @_;

    $t->write_file('next', $json->encode({ tenants => { $name => $tenant } }));
    rename "$dir/next", "$dir/many-tenants/tenants/$name.json"
        or die "rename: $!\n";
}

# Waits until the tenant's requests have a result.

sub becomes {
    my ($key, $expected, $name) = @_;
    my $end = time + 20;
    my $is;

    do {
        my ($response, $body) = sent($key);

        $is = $response->{status} == 200 ? $body->{temperature}
            : "$response->{status} "
                . ($json->decode($response->{body})->{error}{code} // '');
        sleep 0.05 if $is ne $expected;
    } while ($is ne $expected && time < $end);

    is($is, $expected, $name);
}

my $key = 'sha256:' . sha256_hex('key-new');

is((sent('key-new'))[0]{status}, 401, 'not yet a tenant');
tenant(zulu => { tier => 'pro', keys => [ $key ] });
becomes('key-new', 1.5, 'added');
tenant(zulu => { tier => 'pro', keys => [ $key ],
    parameters => { temperature => { max => 0.2 } } });
becomes('key-new', 0.2, 'with a bound of its own');
tenant(zulu => { tier => 'free', keys => [ $key ] });
becomes('key-new', (sent('key-new'))[0]->header('X-Candidate') eq 'enforced'
    ? 0.8 : 1, 'moved to another tier');
tenant(zulu => { tier => 'free', keys => [ { hash => $key,
    blocked => JSON::PP::true } ] });
becomes('key-new', '401 key_blocked', 'blocked');
unlink "$dir/many-tenants/tenants/zulu.json";
becomes('key-new', '401 unknown_key', 'removed');

# a mistake in a tenant's file changes nothing for anybody

$t->write_file('many-tenants/tenants/zulu.json',
    '{ "tenants": { "zulu": { } } }');
ok($t->logged(qr{tenants/zulu\.json:1:\d+: /tenants/zulu: required member}),
    'a mistake is logged, with its file');
is((sent($keys{acme}[0]))[0]{status}, 200, 'and the rest is in force');

$t->write_file('enough', '');

my ($requests, $failed, $p99) = split ' ', <$reader>;
waitpid $pid, 0;

ok($requests > 20, "$requests requests meanwhile");
is($failed, 0, 'none of them failed');
diag("99 % of the requests during reloads took at most $p99 ms");

$t->done;
