#!/usr/bin/perl

# conf/jwt.conf: tenants and tiers from JSON Web Tokens that njs has verified.
# Forged, expired, unsigned and foreign tokens are refused.

use strict;
use warnings;

use Digest::SHA qw(hmac_sha256);
use FindBin;
use JSON::PP;
use MIME::Base64 qw(encode_base64url);
use Test::More;

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Conf;
use LLMPolicy::Test;

my $t = LLMPolicy::Test->new;
my $up = $t->upstream;
my $dir = $t->testdir;

my $secret = join '', map { chr 33 + $_ } 0 .. 39;
my $audience = 'https://gateway.example.com';

# RSA keys: that of the issuer, and one of somebody else, of a length with which
# the numbers in DER have other lengths

sub openssl {
    my ($input, @arguments) = @_;

    $t->write_file('openssl.in', '');
    open my $file, '>:raw', "$dir/openssl.in" or die "openssl.in: $!\n";
    print $file $input;
    close $file;

    my $output = qx(openssl @arguments <$dir/openssl.in 2>$dir/openssl.err);
    die "openssl @arguments: ", $t->read_file('openssl.err') if $?;

    return $output;
}

my %bits = (issuer => 2048, short => 1024, stranger => 2048);

for my $name (keys %bits) {
    openssl('', "genrsa -traditional -out $dir/$name.pem $bits{$name}");
}

sub rsa_key {
    my ($name) = @_;
    my ($modulus) = openssl('', "rsa -in $dir/$name.pem -noout -modulus")
        =~ /=([0-9A-F]+)/;

    return { kty => 'RSA', kid => $name, alg => 'RS256', e => 'AQAB',
        n => encode_base64url(pack 'H*', $modulus) };
}

my %key = (
    shared => { kty => 'oct', kid => 'shared', alg => 'HS256',
        k => encode_base64url($secret) },
    issuer => rsa_key('issuer'),
    short => rsa_key('short'),
    other => { kty => 'oct', kid => 'other', alg => 'HS512',
        k => encode_base64url($secret) },
);

$t->write_file('jwks.json',
    encode_json({ keys => [ @key{qw(shared issuer short other)} ] }));

install($t);
$t->run(shipped('jwt'));

# Returns a token; arguments replace those of a valid one.

sub token {
    my (%changed) = @_;

    my %header = (typ => 'JWT', alg => 'RS256', kid => 'issuer',
        %{ $changed{header} // {} });
    my %claims = (aud => $audience, exp => time + 600, tenant => 'acme',
        %{ $changed{claims} // {} });

    for my $part (\%header, \%claims) {
        delete @$part{ grep { !defined $part->{$_} } keys %$part };
    }

    my $sign = $changed{sign} // \&rs256;
    my $text = join '.',
        map { encode_base64url(ref $_ ? encode_json($_) : $_) }
        \%header, $changed{payload} // \%claims;

    return "$text." . encode_base64url($sign->($text, $header{kid}));
}

sub rs256 {
    my ($text, $kid) = @_;

    return openssl($text, "dgst -sha256 -sign $dir/" . ($kid // 'issuer')
        . '.pem');
}

sub hs256 {
    my ($text) = @_;

    return hmac_sha256($text, $secret);
}

my $chat = '/v1/chat/completions';
my $body = '{"model":"m","temperature":1.9,"max_tokens":5}';
my $clamped = '{"model":"m","temperature":1,"max_tokens":5}';

sub ask {
    my ($token) = @_;
    my $count = $up->count;
    my $r = $t->post($chat, $body,
        defined $token ? (Authorization => "Bearer $token") : ());

    $r->{sent} = $up->count > $count ? $up->last->{body} : undef;

    return $r;
}

my %shared = (header => { alg => 'HS256', kid => 'shared' }, sign => \&hs256);

my @accepted = (
    [ 'RS256', token(), $clamped ],
    [ 'RS256, 1024 bits', token(header => { kid => 'short' }), $clamped ],
    [ 'HS256', token(%shared), $clamped ],
    [ 'a list of audiences',
        token(claims => { aud => [ 'other', $audience ] }), $clamped ],
    [ 'the tier of the tenant', token(claims => { tenant => 'lab' }), $body ],
    [ 'a tier', token(claims => { tier => 'research' }), $body ],
);

for my $case (@accepted) {
    my ($name, $token, $sent) = @$case;
    my $r = ask($token);

    is($r->{status}, 200, "$name: accepted");
    is($r->{sent}, $sent, "$name: the policy of its tier");
    is($up->last->header('Authorization'), undef, "$name: stays here");
}

my $valid = token();
my ($header, $payload, $signature) = split /\./, $valid;
my $claims = encode_base64url(encode_json({ aud => $audience,
    exp => time + 600, tenant => 'lab' }));

my @refused = (
    [ 'no token', undef ],
    [ 'no JWT', 'sk-123' ],
    [ 'other claims', "$header.$claims.$signature" ],
    [ 'another signature', "$header.$payload." . ('A' x 342) ],
    [ 'no signature', "$header.$payload." ],
    [ 'two parts', "$header.$payload" ],
    [ 'four parts', "$valid.x" ],
    [ 'too long', token(claims => { x => 'x' x 4000 }) ],
    [ 'expired', token(claims => { exp => time - 60 }) ],
    [ 'no expiry', token(claims => { exp => undef }) ],
    [ 'expiry as a string', token(claims => { exp => time + 600 . '' }) ],
    [ 'not yet valid', token(claims => { nbf => time + 600 }) ],
    [ 'another audience', token(claims => { aud => 'other' }) ],
    [ 'no audience', token(claims => { aud => undef }) ],
    [ 'other audiences', token(claims => { aud => [ 'a', 'b' ] }) ],
    [ 'none', token(header => { alg => 'none' }, sign => sub { '' }) ],
    [ 'None', token(header => { alg => 'None' }, sign => sub { '' }) ],
    [ 'no algorithm', token(header => { alg => undef }) ],
    [ 'an unknown key', token(header => { kid => 'x' }, sign => \&hs256) ],
    [ 'no key of several', token(header => { kid => undef }) ],
    [ 'a key of somebody else', token(sign => sub {
        openssl($_[0], "dgst -sha256 -sign $dir/stranger.pem") }) ],
    [ 'HS256 with the public key', token(header => { alg => 'HS256' },
        sign => sub { hmac_sha256($_[0], $key{issuer}{n}) }) ],
    [ 'HS256 with the public key in PEM', token(header => { alg => 'HS256' },
        sign => sub { hmac_sha256($_[0],
            openssl('', "rsa -in $dir/issuer.pem -pubout")) }) ],
    [ 'an algorithm that is not supported', token(
        header => { alg => 'HS512', kid => 'other' }, sign => \&hs256) ],
    [ 'another algorithm than that of the key', token(
        header => { alg => 'RS256', kid => 'shared' },
        sign => sub { rs256($_[0], 'issuer') }) ],
    [ 'critical extensions', token(header => { crit => [ 'x' ] }) ],
    [ 'a list', token(payload => '[]') ],
    [ 'no JSON', token(payload => 'x') ],
    [ 'null', token(payload => 'null') ],
);

for my $case (@refused) {
    my ($name, $token) = @$case;
    my $r = ask($token);

    is($r->{status}, 401, "$name: refused");
    is($r->{sent}, undef, "$name: not sent");
    is(eval { decode_json($r->{body})->{error}{code} }, 'unauthorized',
        "$name: in OpenAI's shape");
}

# Valid tokens without a tenant of the policy.

my @unknown = (
    [ 'no tenant', token(claims => { tenant => undef }) ],
    [ 'an unknown tenant', token(claims => { tenant => 'x' }) ],
    [ 'an unknown tenant, a tier',
        token(claims => { tenant => 'x', tier => 'research' }) ],
    [ 'a tenant that is no string', token(claims => { tenant => [ 'lab' ] }) ],
    [ 'a tenant with a line end',
        token(claims => { tenant => "lab\r\nX-LLM-Tier: research" }) ],
);

for my $case (@unknown) {
    my ($name, $token) = @$case;
    my $r = ask($token);

    is($r->{status}, 401, "$name: refused");
    is($r->{sent}, undef, "$name: not sent");
    is(eval { decode_json($r->{body})->{error}{code} }, 'unknown_key',
        "$name: by the policy");
}

# What the client sends in the names of the gateway's fields and variables has
# no effect.

my $r = $t->post("$chat?jwt_tenant=lab", $body,
    'X-LLM-Tenant' => 'lab', 'X-LLM-Tier' => 'research',
    Authorization => 'Bearer ' . token());

is($up->last->{body}, $clamped, "the client's fields");

# No token is in the log.

my $log = $t->read_file('error.log') . $t->read_file('llm.log');

unlike($log, qr/\Q$payload\E|\Q$signature\E/, 'no token in the log');
like($log, qr/JWT refused: it has expired/, 'the reason');

$t->done;
