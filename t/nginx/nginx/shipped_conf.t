#!/usr/bin/perl

# The whole configurations in conf/: nginx accepts them once what only the
# operator has is there, and says what is missing if it is not.  They keep no
# connection longer than the model server does, and answer soon without a
# resolver.

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use File::Temp;
use FindBin;
use Test::More;
use Time::HiRes qw(time);

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Conf;
use LLMPolicy::Test;

my $top = "$FindBin::Bin/../../..";
my $key = 'sk-gateway';
my %files = map { s{.*/}{}r => LLMPolicy::Upstream::slurp($_) }
    glob "$top/conf/*.conf $top/conf/*.json";
my @whole = grep { /\.conf$/ && $files{$_} =~ /^events/m } sort keys %files;

# Model servers on uvicorn and on Node.js keep a connection for 5 seconds.

for my $file (map({ "conf/$_" } @whole),
    qw(docker/nginx.conf docs/operations.md))
{
    my $text = LLMPolicy::Upstream::slurp("$top/$file") =~ s/#.*//gr;
    my @pools = grep { /\bkeepalive\s/ } $text =~ /\bupstream \w+ \{[^}]*\}/g;

    is(scalar(grep { !/\bkeepalive_timeout\s+[1-4]s;/ } @pools), 0,
        "$file, connections are closed before the upstream does it");
}

# hosted.conf: what is missing stops nginx, and is named.

my $hosted = installed('hosted');
my $dns = $hosted->port('dns');
my $own = 'map $llm_tenant $llm_upstream_key { default "sk-own"; }';

like($hosted->config_errors,
    qr{invalid number of the map parameters in \S+/hosted-key\.conf:\d+},
    'the key is not yet in its file');

$hosted->write_file('hosted-key.conf', $own);
like($hosted->config_errors,
    qr{open\(\) "\S+/hosted-resolver\.conf" failed \(2: No such file},
    'no file of resolvers');

unlink $hosted->testdir . '/hosted-key.conf';
like($hosted->config_errors, qr{open\(\) "\S+/hosted-key\.conf" failed \(2: },
    'no file of keys');
$hosted->write_file('hosted-key.conf', $own);

$hosted->write_file('hosted-resolver.conf', resolver('search example.net'));
like($hosted->config_errors, qr/no name servers defined in \S+resolver\.conf:1/,
    'resolv.conf has no resolver');

$hosted->write_file('hosted-resolver.conf', resolver('search example.net',
    'nameserver 192.0.2.53', "nameserver\t2001:db8::53"));
is($hosted->config_errors, '', 'resolvers of both kinds');
is($hosted->read_file('hosted-resolver.conf'),
    "resolver 192.0.2.53 [2001:db8::53] valid=60s;\n", 'as nginx reads them');

# a resolver that does not respond: by default, nginx waits for 30 seconds

$hosted->write_file('hosted-resolver.conf',
    "resolver 127.0.0.1:$dns valid=60s;\n");
$hosted->run;

my $start = time;
my $answer = asked($hosted, '/v1/chat/completions',
    '{"model":"gpt-4o","messages":[]}');

is($answer->{status}, 502, 'the resolver does not respond');
cmp_ok(time - $start, '<', 20, 'soon');
ok($hosted->logged(qr/api\.openai\.com could not be resolved \(110: /),
    'logged');
is(asked($hosted, '/v1/files', '{}')->{status}, 404, 'another path');
ended($hosted);

# These run as they are; jwt.conf and mtls.conf have tests of their own.

for my $file (qw(auth-request keys self-hosted)) {
    my $t = installed($file);
    $t->run;

    is(asked($t, '/v1/chat/completions',
        '{"model":"gpt-4o-mini","max_tokens":999999}')->{status}, 200, $file);
    like($t->upstream->last->{body}, qr/"max_tokens":\d{3,5}[ ,}]/,
        "$file, a bound");
    is(asked($t, '/v2')->{status}, 404, "$file, another path");

    my $client = $t->client('status');

    $client->request('GET', '/metrics', undef, Connection => 'close');
    like($client->response->{body}, qr/^llm_policy_requests_total\{.*\} 1$/m,
        "$file, metrics");
    ended($t);
}

done_testing();

# Returns a test with all files of conf, and one of them as nginx.conf.

sub installed {
    my ($name) = @_;
    my $t = LLMPolicy::Test->new;

    $t->upstream(2, sub { { headers => { 'X-LLM-Tier' => 'standard' } } });

    install($t, sha256_hex($key));
    $t->write_file('nginx.conf',
        shipped($name) =~ s/127\.0\.0\.1:9000/%%UPSTREAM_2%%/r);

    return $t;
}

# Returns what the command in the comment of hosted.conf prints for the lines of
# a resolv.conf.

sub resolver {
    my (@lines) = @_;
    my $file = File::Temp->new;
    my ($command) = $files{'hosted.conf'} =~ /^#   (awk .*?)\/etc\/resolv/ms;

    $command =~ s/\n#//g;
    print $file map { "$_\n" } @lines;
    $file->flush;

    return scalar `$command$file`;
}

sub ended {
    my ($t) = @_;

    ok($t->leave, 'nginx exited gracefully');
    is(join('', $t->unwanted, $t->sanitizer_reports), '', 'no alerts');
}

sub asked {
    my ($t, $uri, $body) = @_;

    return $t->post($uri, $body // '{}',
        Authorization => "Bearer $key");
}
