#!/usr/bin/perl

# llm_policy_zone with "state": what callers have used is kept over a stop, a
# reload, and a kill of all processes; the time between counts; files that
# cannot be read or written.

use strict;
use warnings;

use Compress::Zlib qw(crc32);
use Digest::SHA qw(sha256_hex);
use FindBin;
use POSIX qw(WNOHANG);
use Test::More;
use Time::HiRes qw(sleep time);

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Test;

my $t = LLMPolicy::Test->new;
my $path = $t->testdir . '/kept/counts';
my $answer = '{"usage":{"prompt_tokens":40,"completion_tokens":60}}';
my $chat = '/v1/chat/completions';

# A request with "hold" is in progress until nginx is ended.

my $up = $t->upstream(1, sub {
    my ($r) = @_;

    return { body => $answer, delay => $r->{body} =~ /hold/ ? 60000 : 0 };
});

my ($one, $two) = map { 'sha256:' . sha256_hex($_) } qw(key-one key-two);

$t->write_file('policy.json', <<"EOF");
{
  "version": 1,
  "default_tier": "month",
  "tiers": {
    "month": { "limits": { "requests_per_month": 2 } },
    "hour": { "limits": { "requests_per_hour": 4 } },
    "tokens": { "limits": { "tokens_per_day": 10000 } },
    "models": { "limits": [ { "by": ["caller", "model"],
                              "requests_per_month": 1 } ] },
    "keys": { "limits": [ { "by": ["key"], "requests_per_month": 1 } ] },
    "team": {}
  },
  "tenants": {
    "acme": { "tier": "team", "keys": ["$one", "$two"],
              "limits": [ { "requests_per_month": 3 },
                          { "by": ["key"], "requests_per_month": 2 } ] }
  }
}
EOF

$t->write_file('other.json', <<'EOF');
{
  "version": 1,
  "default_tier": "month",
  "tiers": { "month": { "limits": { "requests_per_month": 1 } } }
}
EOF

my $conf = <<'EOF';

%%GLOBALS%%

load_module %%MODULE%%;

worker_processes 2;

events {
}

http {
    %%GLOBALS_HTTP%%

    llm_policy_zone limits:1m state=%%TESTDIR%%/kept/counts;
    llm_policy on;
    llm_policy_file policy.json;
    llm_policy_tier $http_x_tier;
    llm_policy_limit_key $http_x_user;

    server {
        listen 127.0.0.1:%%PORT_0%%;

        location / {
            add_header X-Left $llm_remaining_tokens_per_day always;
            proxy_pass http://%%UPSTREAM%%;
        }

        location /other/ {
            rewrite ^/other(.*) $1 break;
            llm_policy_file other.json;
            proxy_pass http://%%UPSTREAM%%;
        }
    }
}

EOF

# the configuration

like($t->config_errors($conf),
    qr/"\S+counts" of "state" cannot be written: "\S+kept" must be a folder/,
    'no folder');

mkdir $t->testdir . '/kept';

for my $wrong ([ 'keep=x', 'it must be "state=PATH"' ],
    [ 'state=', 'it must be "state=PATH"' ],
    [ 'state=%%TESTDIR%%', 'is not a file' ],
    [ 'state=/' . 'x/' x 1000 . 'x' x 3000, 'too long' ],
    [ 'state=a b', 'invalid number of arguments' ],
    [ 'state=%%TESTDIR%%/a; llm_policy_zone b:1m', 'is duplicate' ])
{
    my ($directive, $error) = @$wrong;

    (my $text = $conf) =~ s/state=[^;]+/$directive/;
    like($t->config_errors($text), qr/\Q$error\E/,
        'mistake: ' . substr $directive, 0, 40);
}

is($t->config_errors($conf), '', 'a right one');
ok(!-e $path, 'nginx -t writes nothing');

# all is used up, in each kind of entry

my $kept = '0 0 0 0 0 0';

$t->run($conf);

is(used_up(), '2 1 3 2 1 1', 'used up');

my $left = left();

ok(stop('QUIT'), 'quit');
is((stat $path)[2] & 07777, 0600, 'mode');
ok(!-e "$path.tmp", 'one file');

unlike(kept(), qr/(?:key-one|key-two|unknown-key|secret-user|hello)/,
    'no API key, no value of llm_policy_limit_key, no prompt');
like(kept(), qr/acme/, 'the tenant');

# a stop of either kind

for my $signal (qw(QUIT TERM)) {
    $t->run;
    is(used_up(), $kept, "$signal: kept");
    ok(stop($signal), $signal);
}

# a request that a stop breaks off is charged its prompt

$t->run;
is(left(), $left - 100, 'tokens of the first response');
is(many(), 300, 'many callers');

my $held = $t->client;

$held->request('POST', $chat, '{"max_tokens":10,"messages":[{"role":"user",'
    . '"content":"hold ' . 'x' x 3994 . '"}]}', 'X-Tier' => 'tokens',
    'X-User' => 'u');
ok(wait_for(sub { grep { $_->{body} =~ /hold/ } $up->requests }),
    'in progress');
ok(stop('TERM'), 'TERM with a request in progress');

$t->run;

$left -= 200 + left();

cmp_ok($left, '>', 900, 'its prompt is charged');
cmp_ok($left, '<', 1200, 'and nothing else');

# the file is written after a reload, before all processes are killed

is(admitted(1, 'month', 'late'), 1, 'late: first');

my $file = kept();

ok($t->reload, 'reload');
ok(wait_for(sub { kept() ne $file }), 'written after it');
is(admitted(2, 'month', 'late'), 1, 'late: second, not a third');
is(used_up(), $kept, 'reload: kept');
is(many(), 0, 'many callers: kept');

$file = kept();
ok($t->reload, 'reload');
ok(wait_for(sub { kept() ne $file }), 'written after it');

kill_all();
$t->run;

is(admitted(1, 'month', 'late'), 0, 'all killed: late is kept');
is(used_up(), $kept, 'all killed: kept');

# the worker that writes is killed: another one does

ok(wait_for(sub { kept() ne $file }), 'written after the start');

$file = kept();
$t->excuse(qr/exited on signal 9/);
kill 'KILL', $t->workers;

ok(wait_for(sub { kept() ne $file }), 'written after the kill of workers');
is(used_up(), $kept, 'workers killed: kept');

# the time in which nginx does not run

is(admitted(5, 'hour'), 4, 'hour: used up');
ok(stop('QUIT'), 'quit');

put(aged(kept(), -1810));
$t->run;
is(admitted(3, 'hour'), 2, 'hour: half an hour later');
is(used_up(), $kept, 'month: as before');
ok(stop('QUIT'), 'quit');

# the clock went back, by less than a day

put(aged(kept(), 7200));
$t->run;
is(admitted(1, 'hour'), 0, 'clock went back: nothing has leaked');
is(lines('is not used'), 0, 'no line');
ok(stop('QUIT'), 'quit');

# the clock went back to before the start of the nginx that wrote the file

put(later(kept()));
$t->run;
is(admitted(1, 'hour'), 0, 'written by one that began later: used');
ok(stop('QUIT'), 'quit');

# files that are not used

my $not_used = qq("$path" in llm_policy_zone "limits" is not used, );
my $right = kept();
my $changed = $right;

substr($changed, 60, 1) = chr(1 ^ ord substr $changed, 60, 1);

for my $wrong (
    [ 'empty', '', 'it is cut or damaged' ],
    [ 'text', "not a file of nginx\n", 'it is cut or damaged' ],
    [ 'cut', substr($right, 0, -1), 'it is cut or damaged' ],
    [ 'changed', $changed, 'it is cut or damaged' ],
    [ 'format', substr($right, 0, 8) . pack('V', 9) . substr($right, 12),
        'another version of the module wrote it, in another format' ],
    [ 'future', aged($right, 2 * 86400), 'it is from the future' ])
{
    my ($name, $content, $line) = @$wrong;

    put($content);
    $t->run;

    like($t->error_log, qr/\[warn\] .*\Q$not_used$line\E.*will be replaced/,
        "$name: line");
    is(admitted(3, 'month', 'secret-user'), 2, "$name: not used");
    ok(stop('QUIT'), 'quit');
    is(lines('is not used'), 1, "$name: one line");
    is(substr(kept(), 0, 4), 'llmp', "$name: replaced");
}

# a file that another nginx writes meanwhile is merged

$file = kept();
$t->run;
ok(wait_for(sub { kept() ne $file }), 'written after the start');
is(admitted(2, 'hour', 'one'), 2, 'another one: used here');
put($right);
ok($t->logged(qr/\[notice\] .*was read: .*was read: \d\d+ entries are used/s),
    'another one: line');
is(admitted(1, 'hour'), 0, 'another one: its use counts');
is(admitted(3, 'hour', 'one'), 2, 'another one: and that of here');
is(used_up(), $kept, 'another one: all of it');

# a file that cannot be written: one line, until it can

mkdir "$path.tmp";
ok($t->reload, 'reload');
ok($t->logged(qr/\[error\] .*"\Q$path\E.tmp" failed .*a restart would forget/),
    'not writable: line');
ok($t->reload, 'reload');
sleep 1.5;
is(lines('would forget'), 1, 'not writable: once');

rmdir "$path.tmp";
ok($t->reload, 'reload');
ok($t->logged(qr/\[notice\] .*"\Q$path\E".*could be written again/),
    'writable: line');

ok(stop('QUIT'), 'quit');
$t->run;
is(used_up(), $kept, 'writable: kept');

$t->done;

# Sends a request for more callers than are copied or read at a time.

sub many {
    return scalar grep {
        ask('models', 'm', 'X-User' => "many $_")->{status} == 200
    } 1 .. 300;
}

# Uses all limits, and returns how many requests each has admitted.

sub used_up {
    my @keys = map { { Authorization => "Bearer $_" } }
        qw(key-one key-two key-one key-two);
    my %unknown = (Authorization => 'Bearer unknown-key');
    my %user = ('X-User' => 'secret-user');

    return join ' ',
        admitted(3, 'month', 'secret-user'),
        scalar(grep { $t->post("/other$chat", '{}', %user)->{status} == 200 }
            1 .. 2),
        scalar(grep { ask('', 'm', %$_)->{status} == 200 } @keys),
        scalar(grep { ask('models', $_, %user)->{status} == 200 } qw(a b a b)),
        scalar(grep { ask('keys', 'm', %unknown)->{status} == 200 } 1 .. 2),
        scalar(grep { ask('models', 'm')->{status} == 200 } 1 .. 2);
}

# Returns how many of the requests are admitted.

sub admitted {
    my ($n, $tier, $user) = @_;

    return scalar grep {
        ask($tier, 'm', 'X-User' => $user // 'u')->{status} == 200
    } 1 .. $n;
}

# Returns what is left of the tokens of a day, without the request itself.

sub left {
    return ask('tokens', 'm', 'X-User' => 'u')->header('X-Left');
}

sub ask {
    my ($tier, $model, %headers) = @_;

    $headers{'X-Tier'} = $tier if $tier;

    return $t->post($chat, qq({"model":"$model","max_tokens":10,)
        . '"messages":[{"role":"user","content":"hello"}]}', %headers);
}

# Ends nginx by a signal.

sub stop {
    my ($signal) = @_;

    $t->signal($signal);

    return wait_for(sub {
        waitpid($t->{pid}, WNOHANG) != 0 && !($t->{pid} = 0);
    });
}

sub kill_all {
    my @workers = $t->workers;

    kill 'KILL', $t->{pid}, @workers;
    waitpid $t->{pid}, 0;
    $t->{pid} = 0;

    wait_for(sub { !grep { kill 0, $_ } @workers });
    unlink $t->testdir . '/nginx.pid';
}

sub kept {
    return $t->read_file('kept/counts');
}

sub put {
    my ($content) = @_;

    open my $new, '>:raw', "$path.new" or die "cannot write: $!\n";
    print $new $content;
    close $new or die "cannot write: $!\n";
    rename "$path.new", $path or die "cannot rename: $!\n";
}

# Returns a file with another time, which is at its end, before the checksum.

sub aged {
    my ($content, $seconds) = @_;

    $content = substr $content, 0, -4;
    substr($content, -8) = pack 'q<', $seconds + unpack 'q<',
        substr $content, -8;

    return $content . pack 'V', crc32($content);
}

# Returns a file of a process that began later, which is behind its format.

sub later {
    my ($content) = @_;

    $content = substr $content, 0, -4;
    substr($content, 12, 8) = pack 'Q<', 2 ** 62;

    return $content . pack 'V', crc32($content);
}

sub lines {
    my ($text) = @_;

    return scalar(() = $t->error_log =~ /\Q$text\E/g);
}

sub wait_for {
    my ($until) = @_;
    my $end = time() + 30;

    while (time() < $end) {
        return 1 if $until->();
        sleep 0.02;
    }

    return 0;
}
