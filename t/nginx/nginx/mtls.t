#!/usr/bin/perl

# conf/mtls.conf: tenants from client certificates.

use strict;
use warnings;

use FindBin;
use JSON::PP;
use Test::More;

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Conf;
use LLMPolicy::Test;

my $t = LLMPolicy::Test->new;
my $up = $t->upstream;
my $dir = $t->testdir;

sub openssl {
    my (@arguments) = @_;

    system("openssl @arguments >$dir/openssl.log 2>&1") == 0
        or die "openssl @arguments: ", $t->read_file('openssl.log');
}

# Creates NAME.pem and NAME.key, signed by the key of CA, or by its own.

sub certificate {
    my ($name, $subject, $ca, $days) = @_;

    openssl("req -newkey rsa:2048 -nodes -subj '$subject' -keyout"
        . " $dir/$name.key -out $dir/$name.csr");

    my $signer = $ca ? "-CA $dir/$ca.pem -CAkey $dir/$ca.key -CAcreateserial"
        : "-signkey $dir/$name.key";

    openssl("x509 -req -in $dir/$name.csr $signer -days " . ($days // 2)
        . " -out $dir/$name.pem");
}

certificate('gateway', '/CN=localhost');
certificate('authority', '/O=gateway/CN=authority');
certificate('stranger', '/O=gateway/CN=authority');

my $conf = shipped('mtls');

$conf =~ s{/etc/ssl/certs/gateway-clients.pem}{$dir/authority.pem};
$conf =~ s{/etc/ssl/\w+/(gateway\.\w+)}{$dir/$1}g;

install($t);
$t->run($conf);

my $body = '{"model":"m","temperature":1.9,"max_tokens":5}';
my $clamped = '{"model":"m","temperature":1,"max_tokens":5}';

# Returns the status, what the upstream got, and the response.

sub ask {
    my ($name) = @_;
    my $port = $t->port(0);
    my $count = $up->count;
    my $identity = $name ? "--cert $dir/$name.pem --key $dir/$name.key" : '';

    my $response = qx(curl -s --max-time 20 --noproxy '*' $identity \\
        --cacert $dir/gateway.pem -H 'Content-Type: application/json' \\
        -d '$body' -w '\\n%{http_code}' \\
        https://localhost:$port/v1/chat/completions --resolve \\
        localhost:$port:127.0.0.1);

    my ($text, $status) = $response =~ /^(.*)\n(\d+)$/s;

    return ($status, $up->count > $count ? $up->last->{body} : undef, $text);
}

my @accepted = (
    [ 'acme', '/O=gateway/CN=acme', $clamped ],
    [ 'lab', '/O=gateway/CN=lab', $body ],
);

for my $case (@accepted) {
    my ($name, $subject, $expected) = @$case;

    certificate($name, $subject, 'authority');

    my ($status, $sent) = ask($name);

    is($status, 200, "$name: accepted");
    is($sent, $expected, "$name: the policy of its tier");
}

# Certificates of the authority that name no tenant.

my @unknown = (
    [ 'unknown', '/O=gateway/CN=unknown' ],
    [ 'organization', '/O=other/CN=lab' ],
    [ 'unit', '/O=gateway/OU=x,CN=lab/CN=x' ],
    [ 'two', '/O=gateway/CN=lab/CN=x' ],
    [ 'comma', '/O=gateway/CN=lab,O=gateway' ],
    [ 'nameless', '/O=gateway' ],
);

for my $case (@unknown) {
    my ($name, $subject) = @$case;

    certificate($name, $subject, 'authority');

    my ($status, $sent, $text) = ask($name);

    is($status, 401, "$name: refused");
    is($sent, undef, "$name: not sent");
    is(eval { decode_json($text)->{error}{code} }, 'unknown_key',
        "$name: by the policy");
}

# Certificates of somebody else.  OpenSSL leaves an error of the failed
# verification, which nginx reports with the next request of the connection.

$t->excuse(qr/\[alert\] .* ignoring stale global SSL error/);

certificate('foreign', '/O=gateway/CN=lab', 'stranger');
certificate('self', '/O=gateway/CN=lab');
certificate('expired', '/O=gateway/CN=lab', 'authority', -1);

for my $name (qw(foreign self expired), '') {
    my ($status, $sent) = ask($name);

    is($status, 400, "'$name': refused by nginx");
    is($sent, undef, "'$name': not sent");
}

$t->done;
