#!/usr/bin/perl

# A document in parts: "include" names files and patterns.  A change of any part
# is a change of the document, which each worker loads without a reload: a part
# that is written, replaced, added, removed, or behind a link that points
# elsewhere.  A mistake names its file; the previous document remains.

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use FindBin;
use JSON::PP;
use Test::More;
use Time::HiRes qw(sleep time);

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Test;
use LLMPolicy::Tool;

my $t = LLMPolicy::Test->new;
my $up = $t->upstream(1, sub { {} });
my $dir = $t->testdir;
my $uri = '/v1/chat/completions';

my %key = map { $_ => sha256_hex("sk-$_") } 'a' .. 'e';

my $conf = <<'EOF';

%%GLOBALS%%

load_module %%MODULE%%;

worker_processes 2;

events {
}

http {
    %%GLOBALS_HTTP%%

    llm_policy on;
    llm_policy_file policy.json;
    llm_policy_reload 200ms;

    add_header X-Worker $pid;
    add_header X-Tenant $llm_tenant always;
    add_header X-Temperature $llm_effective_temperature always;

    server {
        listen 127.0.0.1:%%PORT_0%% reuseport;

        location / {
            proxy_pass http://%%UPSTREAM%%;
        }

        location /status {
            llm_policy_status;
        }
    }
}

EOF

# Mistakes at the start: "nginx -t" and "llm-policy check" report the same.

mkdir "$dir/$_" or die "mkdir: $!\n" for 'tenants', 'conf', '..1', '..2';

my @mistakes = (
    [ 'a name that is missing', '"none.json"',
        qq(policy.json:4:15: /include/0: "$dir/none.json" cannot be read: )
        . 'No such file or directory' ],
    [ 'a folder', '"tenants"',
        qq(policy.json:4:15: /include/0: "$dir/tenants" cannot be read: )
        . 'Is a directory' ],
    [ 'the document itself', '"tenants/*.json", "pol*.json"',
        'policy.json:4:33: /include/1: the document must not include itself, '
        . qq("$dir/policy.json") ],
    [ 'a mistake in a part', '"conf/*.json"',
        'conf/wrong.json:2:28: /tenants/a/tier: tier "gold" is not defined; '
        . 'did you mean "bold"?' ],
    [ 'a part with parts', '"conf/nested"',
        'conf/nested:1:2: /include: "include" must be in the document itself, '
        . 'not in a part of it' ],
    [ 'a name that is defined twice', '"conf/twice"',
        'conf/twice:1:12: /tiers/free: tier "free" is already defined at '
        . "$dir/policy.json:5:14" ],
    [ 'no JSON', '"conf/cut"',
        'conf/cut:1:3: : the document ends too early' ],
);

$t->write_file('conf/wrong.json', qq({"tiers": {"bold": {}},\n)
    . qq("tenants": { "a": {"tier": "gold", "keys": [] } }}\n));
$t->write_file('conf/nested', '{"include":["x"]}');
$t->write_file('conf/twice', '{"tiers": {"free":{}}}');
$t->write_file('conf/cut', '{ ');

for my $case (@mistakes) {
    my ($name, $include, $error) = @$case;

    $t->write_file('policy.json', document(1, $include));

    my $says = $t->config_errors($conf);
    my @errors = $says =~ /\[emerg\] \S+ (.*) in \S+nginx\.conf:\d+$/mg;

    is_deeply(\@errors, [ "$dir/$error" ], "nginx -t: $name");
    is_deeply(tool('', 'check', "$dir/policy.json"),
        { exit => 1, out => '', err => "$dir/$error\n" }, "check: $name");
}

unlink "$dir/conf/wrong.json" or die "unlink: $!\n";

# At the start.  models.json is a link, as in a volume of Kubernetes.

$t->write_file('..1/models.json', models('1.5'));
$t->write_file('..2/models.json', models('1.4'));
link_to('..1');
symlink '..data/models.json', "$dir/models.json" or die "symlink: $!\n";

tenant('b', 'free');
$t->write_file('policy.json',
    document(1, '"models.json", "tenants/*.json", "conf/*.json"'));

is(tool('', 'check', "$dir/policy.json")->{out}, "$dir/policy.json is valid "
    . "(parts: 2, tiers: 1, models: 1, tenants: 1, keys: 1, routes: 0)\n",
    'check');

$t->run($conf);

is(answer('b'), 'b 1', 'a tenant of a part');
is(answer('b', 'special'), 'b 1.5', 'a model of a part');

my @files = qw(policy.json models.json tenants/b.json);
my $was = document_status();

is($was->{sha256}, sha256_hex(map { $t->read_file($_) } @files),
    'the sum of all files');
is($was->{file}, "$dir/policy.json", 'the file');
is($was->{tenants}, 1, 'all tenants');

# Each kind of change.

tenant('c', 'free');
becomes('c 1', 'a part is added', 'c');
isnt(document_status()->{sha256}, $was->{sha256}, 'another sum');
is(document_status()->{tenants}, 2, 'two tenants');

rename "$dir/tenants/c.json", "$dir/away" or die "rename: $!\n";
becomes(' 1', 'a part is removed', 'c');
is(document_status()->{sha256}, $was->{sha256}, 'the sum from the start');

rename "$dir/away", "$dir/tenants/c.json" or die "rename: $!\n";
becomes('c 1', 'the same part is there again', 'c');

tenant('c', 'free', 'd');
becomes('c 1', 'a part is written in place', 'd');
is(answer('c'), ' 1', 'it has another API key');

$t->write_file('next', models('1.3'));
rename "$dir/next", "$dir/..1/models.json" or die "rename: $!\n";
becomes('b 1.3', 'a part is replaced', 'b', 'special');

link_to('..2');
becomes('b 1.4', 'a link is changed', 'b', 'special');

$t->write_file('policy.json', document('0.9',
    '"models.json", "tenants/[a-c].json", "conf/*.json"'));
becomes('c 0.9', 'the document is written', 'd');

tenant('e', 'free');
$t->write_file('policy.json', document('0.8', '"tenants/*.json"'));
becomes('e 0.8', 'other parts', 'e');
becomes('b 0.8', 'without the models', 'b', 'special');

$t->write_file('policy.json', document('0.7', '"tenants/*.json"'));
becomes('e 0.7', 'the document alone is written', 'e');

# A mistake in a part: the previous document remains, each worker logs it once,
# and it is one failure.

my $good = document_status();
tenant('b', 'gold');

ok($t->logged(qr{\[error\]\ \S+\ \Q$dir\E/tenants/b\.json:1:\d+:
    \ /tenants/b/tier:\ tier\ "gold"\ is\ not\ defined}x), 'a mistake');
ok($t->logged(qr/has changed, but stays.*has changed, but stays/s),
    'both workers report it');
sleep 1;

is(logged_times(qr/"gold" is not defined/), 2, 'and only once');
is(answer('b'), 'b 0.7', 'the previous document remains');
is(document_status()->{failures}, 1, 'one failure');
ok(!document_status()->{in_force}, 'the status says so');
is(document_status()->{sha256}, $good->{sha256}, 'the sum in force');
like(document_status()->{error},
    qr{^\Q$dir\E/tenants/b\.json:1:\d+: /tenants/b/tier: },
    'the status names the part');

# The part is removed: the document itself has not changed.

unlink "$dir/tenants/b.json" or die "unlink: $!\n";
becomes(' 0.7', 'removed', 'b');
ok(document_status()->{in_force}, 'in force');

# A part is gone, and is there again.

$t->write_file('policy.json', document('0.6', '"tenants/e.json"'));
becomes('e 0.6', 'one part', 'e');

rename "$dir/tenants/e.json", "$dir/away" or die "rename: $!\n";
ok($t->logged(qr{policy\.json:4:15:\ /include/0:\ "\Q$dir\E/tenants/e\.json"
    \ cannot\ be\ read:\ No\ such\ file}x), 'a part is gone');
sleep 1;
is(logged_times(qr/e\.json" cannot be read/), 2, 'logged once');
is(answer('e'), 'e 0.6', 'the previous document remains');

rename "$dir/away", "$dir/tenants/e.json" or die "rename: $!\n";
in_force('there again');

# The document itself cannot be read any more; then it is right again.

$t->write_file('policy.json', '{');
ok($t->logged(qr{policy\.json:1:2: : the document ends too early}), 'cut');
tenant('e', 'free', 'a');
$t->write_file('policy.json', document('0.5', '"tenants/e.json"'));
becomes('e 0.5', 'right again', 'a');

$t->done;

sub document {
    my ($max, $include) = @_;

    return <<"EOF";
{
  "version": 1,
  "default_tier": "free",
  "include": [$include],
  "tiers": { "free": { "parameters": { "temperature": { "max": $max } } } }
}
EOF
}

sub models {
    my ($max) = @_;

    return qq({"version":1,"models":[{"match":["special"],"parameters":)
           . qq({"temperature":{"max":$max}}}]});
}

sub tenant {
    my ($name, $tier, $key) = @_;

    $t->write_file("tenants/$name.json", sprintf
        '{"tenants":{"%s":{"tier":"%s","keys":["sha256:%s"]}}}',
        $name, $tier, $key{$key // $name});
}

sub link_to {
    my ($folder) = @_;

    symlink $folder, "$dir/..next" or die "symlink: $!\n";
    rename "$dir/..next", "$dir/..data" or die "rename: $!\n";
}

sub document_status {
    return decode_json($t->get('/status?format=json')->{body})->{documents}[0];
}

sub logged_times {
    my ($what) = @_;

    return scalar(() = $t->error_log =~ /$what/g);
}

# Returns the tenant and the temperature of a request; in a list, also its
# worker.

sub answer {
    my ($key, $model) = @_;
    my $client = $t->client;

    $client->request('POST', $uri, encode_json({ temperature => 1.9,
        model => $model // 'm' }), Connection => 'close',
        Authorization => "Bearer sk-$key");

    my $response = $client->response;
    my @values = map { $response->header("X-$_") // '' }
        qw(Tenant Temperature Worker);

    return wantarray ? ("@values[0, 1]", $values[2]) : "@values[0, 1]";
}

# Waits until both workers answer so; the time depends on the machine.

sub becomes {
    my ($expected, $name, @request) = @_;
    my $end = time + ($ENV{TEST_TIMEOUT} // 30);
    my %seen;

    while (time < $end && 2 > grep { $_ eq $expected } values %seen) {
        my ($answer, $worker) = answer(@request);
        $seen{$worker} = $answer;
        sleep 0.005;
    }

    is_deeply([ values %seen ], [ ($expected) x 2 ], $name);
}

sub in_force {
    my ($name) = @_;
    my $end = time + ($ENV{TEST_TIMEOUT} // 30);

    sleep 0.02 while time < $end && !document_status()->{in_force};

    ok(document_status()->{in_force}, $name);
}
