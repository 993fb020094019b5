#!/usr/bin/perl

# Requests that HTTP servers and frameworks treat differently: nginx takes one
# for harmless, and an upstream routes, decodes or parses it in its own way.
# Completely for chat completions, then once in every dialect, where every
# forwarded body is within the policy for every JSON reader.

use strict;
use warnings;

use FindBin;
use IO::Compress::Deflate qw(deflate);
use IO::Compress::Gzip qw(gzip);
use Test::More;

use lib "$FindBin::Bin/../lib";
use LLMPolicy::Dialects;
use LLMPolicy::Readers;
use LLMPolicy::Test;
use LLMPolicy::Verdict;

my $t = LLMPolicy::Test->new;
my $up = $t->upstream(1, \&echo);
$t->upstream(2, sub { $_[0]->header('Upgrade') ? { status => 101 } : {} });
my $readers = LLMPolicy::Readers->new;

$t->write_file('policy.json', routed(<<'EOP', <<'EOR'));
{
  "version": 1,
  "default_tier": "free",
  "tiers": { "free": { "parameters": {
    "temperature": { "default": 0.7, "max": 1 }
  } } }
}
EOP
    { "path": "~^/files(/|$)", "action": "pass" }
EOR

$t->run(<<'EOC');

%%GLOBALS%%

load_module %%MODULE%%;

events {
}

http {
    %%GLOBALS_HTTP%%

    llm_policy on;
    llm_policy_file policy.json;

    # some APIs have no code in their errors
    add_header X-Reason $llm_reason always;

    server {
        listen 127.0.0.1:%%PORT_0%%;

        location / {
            proxy_pass http://%%UPSTREAM%%;
        }
    }

    server {
        listen 127.0.0.1:%%PORT_pass%%;
        llm_policy_unmatched pass;

        location / {
            proxy_pass http://%%UPSTREAM%%;
        }
    }

    # the settings that make nginx more lenient
    server {
        listen 127.0.0.1:%%PORT_lax%%;
        underscores_in_headers on;
        ignore_invalid_headers off;
        merge_slashes off;

        location = /v1/completions {
            set $copy $http_upgrade;
            proxy_http_version 1.1;
            proxy_set_header Upgrade $copy;
            proxy_set_header Connection upgrade;
            proxy_pass http://%%UPSTREAM_2%%;
        }

        location = /v1/redirected {
            set $copy $http_upgrade;
            try_files /none @upgrade;
        }

        location @upgrade {
            proxy_http_version 1.1;
            proxy_set_header Upgrade $copy;
            proxy_set_header Connection upgrade;
            proxy_pass http://%%UPSTREAM_2%%;
        }

        location / {
            proxy_http_version 1.1;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection upgrade;
            proxy_pass http://%%UPSTREAM%%;
        }
    }

    server {
        listen 127.0.0.1:%%PORT_http2%% http2;

        location / {
            proxy_pass http://%%UPSTREAM%%;
        }
    }
}

EOC

my $chat = '/v1/chat/completions';
my $hot = '{"temperature":1.9}';
my $clamped = '{"temperature":1}';
my ($nginx, $type, $encoding, $path, $undermines, $route)
    = ('400 nginx', '415 unsupported_content_type',
        '415 unsupported_content_encoding', '400 ambiguous_path',
        '400 undermines_policy', '403 unknown_route');

# Content-Type: frameworks that ignore it, or use its charset

check("Content-Type: $_->[0]", $_->[1], [ "Content-Type: $_->[0]" ]) for (
    map({ [ $_, $type ] }
        '', 'text/plain', 'text/json', 'application/octet-stream',
        'application/x-www-form-urlencoded', 'multipart/form-data',
        'multipart/form-data; boundary=b', 'application/jsonx',
        'application/x-json', 'application/json-patch+json',
        'application/vnd.api+json', 'application/json+x', 'application/grpc',
        'application/grpc+json', 'application/x-protobuf', 'application/sdp',
        'application/xml', '*/*', 'json', 'application', 'application/json/',
        'application/json, text/plain', 'application/json,application/json',
        'application/json; charset=utf-7', 'application/json;charset=UTF-16',
        'application/json; charset=utf-16le', 'application/json; charset=cp037',
        'application/json; charset=iso-8859-1',
        'application/json; charset=unicode_escape',
        'application/json; charset=', 'application/json; charset=""',
        'application/json; charset=utf-8; charset=utf-7',
        'application/json; charset=utf-7; charset=utf-8',
        'application/json; charset=utf-8x', 'application/json; charset=utf8 ;',
        'application/json; charset="utf-8', 'application/json; charset=utf-8"',
        q(application/json; charset='utf-8'),
        'application/json; charset = utf-8', 'application/json; q=1',
        'application/json; boundary=b', 'application/json charset=utf-8',
        qq(application/json\x0c), qq(application/json;\xc2\xa0charset=utf-8)),

    map({ [ $_, $clamped ] }
        'application/json', 'Application/JSON', 'application/json ',
        "\tapplication/json", 'application/json;charset=utf-8',
        'application/json ; charset=UTF-8', 'application/json; Charset=Utf-8',
        'application/json; charset="utf-8"'),
);

check('no Content-Type', $type, []);
check('two, alike', $type, [ ('Content-Type: application/json') x 2 ]);
check('two, the first is JSON', $type,
    [ 'Content-Type: application/json', 'Content-Type: text/plain' ]);
check('two, the last is JSON', $type,
    [ 'content-type: text/plain', 'CONTENT-TYPE: application/json' ]);

check('UTF-7', $type, [ 'Content-Type: application/json; charset=utf-7' ],
    body => '{"temper+AGE-ture":1.9}');
check('no UTF-7', '{"temper+AGE-ture":1.9,"temperature":0.7}', undef,
    body => '{"temper+AGE-ture":1.9}');

check('folded', $nginx,
    [ "Content-Type: application/json\r\n ; charset=utf-7" ]);

# Content-Encoding: decoded by some, ignored by others

my ($gzip, $deflate);
gzip(\$hot, \$gzip);
deflate(\$hot, \$deflate);

check("Content-Encoding: $_->[0]", $_->[2] // $encoding,
    [ 'Content-Type: application/json', "Content-Encoding: $_->[0]" ],
    body => $_->[1] // $hot) for (
    [ 'gzip', $gzip ], [ 'gzip' ], [ 'deflate', $deflate ], [ 'deflate' ],
    [ 'br' ], [ 'zstd' ], [ 'compress' ], [ 'x-gzip' ], [ 'foo' ], [ '' ],
    [ 'gzip, identity' ], [ 'identity, gzip' ], [ 'identityx' ],
    [ 'identity', $hot, $clamped ], [ 'Identity ', $hot, $clamped ],
);

check('two encodings', $encoding, [ 'Content-Type: application/json',
    'Content-Encoding: identity', 'Content-Encoding: gzip' ]);
check('two, alike', $encoding, [ 'Content-Type: application/json',
    ('Content-Encoding: identity') x 2 ]);
check('gzip without a field for it', '400 invalid_json', undef, body => $gzip);

# Framing

check($_->[0], $_->[1], [ 'Content-Type: application/json', @$_[2 .. $#$_] ],
    length => undef, body => "13\r\n$hot\r\n0\r\n\r\n") for (
    [ 'length and chunked', $nginx, 'Content-Length: 19',
        'Transfer-Encoding: chunked' ],
    [ 'two lengths', $nginx, 'Content-Length: 19', 'Content-Length: 19' ],
    [ 'two lengths in one', $nginx, 'Content-Length: 19, 19' ],
    [ 'a signed length', $nginx, 'Content-Length: +19' ],
    [ 'a hexadecimal length', $nginx, 'Content-Length: 0x13' ],
    [ 'twice chunked', $nginx, ('Transfer-Encoding: chunked') x 2 ],
    [ 'gzip in the transfer', '501 nginx', 'Transfer-Encoding: gzip, chunked' ],
    [ 'chunked first', '501 nginx', 'Transfer-Encoding: chunked, gzip' ],
    [ 'chunked, oddly', '501 nginx', 'Transfer-Encoding: xchunked' ],
    [ 'chunked', $clamped, 'Transfer-Encoding: Chunked' ],
);

check('chunks with a trailer', $clamped,
    [ 'Content-Type: application/json', 'Transfer-Encoding: chunked',
        'Trailer: Temperature' ], length => undef,
    body => "13\r\n$hot\r\n0\r\nTemperature: 1.9\r\n\r\n");
unlike($up->last->{raw}, qr/1\.9/, 'a trailer does not go on');

check($_, $nginx, [ 'Content-Type: application/json', $_ ]) for
    'Content-Encoding : gzip', "X-\x01: y", "X: a\0b";

# The path: nginx routes the normalized path, and forwards the original

my @ambiguous = (
    "$chat%0a", "$chat%0A", "$chat%20", "$chat%09", "$chat%3f", "$chat%3b",
    "$chat%2f", "$chat%5c", '/v1/chat/%63ompletions', '/v1%2Fchat/completions',
    '/v1%2fchat%2fcompletions', '/%76%31/chat/completions',
    '/v1/chat/completion%73', "$chat%252f", "$chat%c0%af",

    "/$chat", '/v1//chat/completions', "$chat//",

    '/./v1/chat/completions', '/v1/./chat/completions', "$chat/.", "$chat/..",
    "$chat/x/..", '/x/../v1/chat/completions', '/v1/x/../chat/completions',
    '/v1/%2e/chat/completions', '/v1/x/%2e%2e/chat/completions',
    '/v1/chat/%2e%2e/completions', '/x%2f..%2fv1/chat/completions',

    "$chat;", "$chat;x=y", '/v1;x/chat/completions', '/v1/chat;/completions',

    '/\v1/chat/completions', '/v1\chat\completions', "$chat\\",

    "$chat#", "$chat#x", "$chat#?x", "$chat\xc2\xa0", "/v1/ch\xc3\xa4t",
);

for my $target (@ambiguous) {
    check($target, $path, undef, target => $target);
    check("pass: $target", $path, undef, target => $target, port => 'pass');
    check("lax: $target", $path, undef, target => $target, port => 'lax');
}

# refused by nginx itself
check($_, $nginx, undef, target => $_) for
    "$chat%00", "$chat%", "$chat%2", "$chat%zz", '/../v1/chat/completions',
    "$chat\x01", "$chat\x7f", "$chat x", 'v1/chat/completions', '*';

# similar to a route
for my $target ("$chat/", '/V1/Chat/Completions', '/v1/chat/COMPLETIONS',
    '/CHAT/completions', '/v1/embeddings/', '/v1/Responses')
{
    check($target, $route, undef, target => $target);
    check("pass: $target", $path, undef, target => $target, port => 'pass');
}

# a path that passes must not be parsed as another one either
check($_->[0], $_->[1], undef, target => $_->[0]) for (
    [ '/files/f', $hot ], [ '/files/../v1/chat/completions', $path ],
    [ '/files/x/..%2f..%2fv1/chat/completions', $path ],
    [ '/files/%2e%2e/v1/chat/completions', $path ], [ '/files/a%20b', $path ],
    [ '/files/..;/v1/chat/completions', $path ],
);

check($_, $clamped, undef, target => $_) for "$chat?", "$chat?x=/../y;%2f//",
    "http://localhost$chat", "HTTP://other:80$chat?x";
check('absolute, not normal', $path, undef,
    target => 'http://localhost/v1/../v1/chat/completions');

# a request without a body cannot hide one
check("GET $_", '', [], target => $_, method => 'GET', body => '') for
    '/v1/models/a%2Fb', '/v1/./models', '/x;y';

# The query: some frameworks merge it with the body

check("?$_", $undermines, undef, target => "$chat?$_") for qw(
    temperature=1.9 a=b&temperature=1.9 temperature temperature= Temperature=1.9
    TEMPERATURE=1.9 temper%61ture=1.9 %74emperature=1.9 options[temperature]=1.9
    options%5Btemperature%5D=1.9 options.temperature=1.9 a=b;temperature=1.9
    temperature[]=1.9 messages[0][temperature]=1.9 ?temperature=1.9
    temperature%00=1.9 temperature%3d=1.9 +temperature=1.9 %20temperature=1.9
    max_tokens=9 n_predict=9 options[num_predict]=9 model=x MODEL=x mirostat=2
    fallbacks=x top_%e2%84%aa=5 max_to%E2%84%AAens=9
);

check("?$_", $clamped, undef, target => "$chat?$_") for qw(
    api-version=2026-01-01 beta=true alt=sse stream=true key=x a=temperature
    xtemperature=1.9 temperature2=1.9 a=b&c=temperature=1.9
);

# The method, and fields that claim another one

check($_, $route, undef, method => $_) for
    qw(GET PUT PATCH DELETE OPTIONS PROPFIND FOO LOCK TRACE_);
check('HEAD', '403 nginx', undef, method => 'HEAD');    # without a body
check('TRACE', '405 nginx', undef, method => 'TRACE');
check($_, $nginx, undef, method => $_) for qw(post Post P@ST);

check("$_: PUT", $path, [ 'Content-Type: application/json', "$_: PUT" ])
    for qw(X-HTTP-Method X-HTTP-Method-Override X-Method-Override
        x-http-method-OVERRIDE);

# nginx drops a name with an underscore, unless it is configured to keep it

check('an underscore', $clamped,
    [ 'Content-Type: application/json', 'X_HTTP_Method_Override: PUT' ]);
unlike($up->last->{raw}, qr/X_HTTP/i, 'an underscore, dropped');

check("an underscore, kept: $_->[0]", $_->[1],
    [ 'Content-Type: application/json', $_->[0] ], port => 'lax') for (
    [ 'X_HTTP_Method: PUT', $path ], [ 'Content_Encoding: gzip', $encoding ],
    [ 'CONTENT_TYPE: text/plain', $type ],
    [ 'Content_Type: application/json', $type ],
);

# Upgrades: frames are not policed

my $websocket = '426 upgrade_refused';

check("Upgrade: $_", $websocket, [ 'Content-Type: application/json',
    'Connection: upgrade', "Upgrade: $_" ], port => 'lax')
    for 'websocket', 'WebSocket/13', 'h2c, websocket', 'foo,WEBSOCKET',
        "h2c\r\nUpgrade: websocket";

check("GET $_, Upgrade", $websocket, [ 'Connection: upgrade',
    'Upgrade: websocket' ], target => $_, method => 'GET', body => '',
    port => 'lax') for $chat, '/v1/responses', '/v1/realtime', '/unknown';

check('Upgrade, unmatched pass', $websocket, [ 'Connection: upgrade',
    'Upgrade: websocket' ], method => 'GET', body => '', target => '/unknown',
    port => 'pass');

# others are dropped, also if nginx is configured to forward them

for my $upgrade ('h2c', 'foo', 'TLS/1.0', 'HTTP/2.0, h2c',
    "h2c\r\nUpgrade: foo")
{
    my @fields = ('Connection: Upgrade, HTTP2-Settings', "Upgrade: $upgrade",
        'HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA');

    check("POST, Upgrade: $upgrade", $clamped, [
        'Content-Type: application/json', @fields ], port => 'lax');
    is($up->last->header('Upgrade'), undef, "POST, dropped: $upgrade");

    for my $target ($chat, '/v1/models', '/unknown') {
        check("GET $target, Upgrade: $upgrade", '', \@fields,
            target => $target, method => 'GET', body => '', port => 'lax');
        is($up->last->header('Upgrade'), undef, "GET, dropped: $upgrade");
    }

    # a copy that was made before: the upstream's 101 is not accepted

    my $r = exchanged(port => 'lax', target => '/v1/completions', fields => [
        'Content-Type: application/json', @fields ]);

    isnt($r && $r->{status}, 101, "no tunnel: $upgrade");

    # the same after a redirect

    $r = exchanged(port => 'lax', target => '/v1/redirected', method => 'GET',
        body => '', fields => \@fields);

    isnt($r && $r->{status}, 101, "no tunnel after a redirect: $upgrade");
}

is(() = $t->error_log =~ /the upstream has switched protocols, although/g, 10,
    'logged');

check('h2c, on a route that passes', '', [ 'Upgrade: h2c' ],
    method => 'GET', body => '', target => '/files', port => 'lax');
is($up->last->header('Upgrade'), 'h2c', 'h2c passes there');

check('Upgrade, on a route that passes', '', [ 'Upgrade: websocket' ],
    method => 'GET', body => '', target => '/files', port => 'lax');
is($up->last->header('Upgrade'), 'websocket', 'this one passes');

# Forms

my $form = "--b\r\nContent-Disposition: form-data; name=\"temperature\"\r\n\r\n"
    . "1.9\r\n--b--\r\n";

for my $target ($chat, '/v1/completions', '/v1/embeddings') {
    check("multipart to $target", $type,
        [ 'Content-Type: multipart/form-data; boundary=b' ], body => $form,
        target => $target);
}

check('multipart to an unknown path', $route,
    [ 'Content-Type: multipart/form-data; boundary=b' ], body => $form,
    target => '/v1/uploads/u/parts');
check('a form', $type, [ 'Content-Type: application/x-www-form-urlencoded' ],
    body => 'temperature=1.9');
check('a form with the type of JSON', '400 invalid_json', undef,
    body => 'temperature=1.9');

# A digest or signature of the body: it must not be changed, and must not hide a
# change

for my $field ('Content-MD5: x', 'Digest: sha-256=x', 'Signature: x',
    'Content-Digest: sha-256=:x:', 'Repr-Digest: sha-256=:x:',
    'X-Amz-Content-Sha256: x', 'Authorization: AWS4-HMAC-SHA256 Credential=x')
{
    my @fields = ('Content-Type: application/json', $field);

    check("$field, changed", $undermines, \@fields);
    check("$field, added to", $undermines, \@fields, body => '{}');
    check("$field, within", $clamped, \@fields, body => $clamped);
}

# Alternative paths

check($_, $route, undef, target => $_) for qw(/invocations /vertex / /predict
    /api/create /model/m/invoke /v1beta/models/m:asyncBatchEmbedContent
    /v1/realtime/sessions /v1/uploads);

# HTTP/2: the same rules

my $http2 = $t->http2('http2');

for my $row (
    [ $hot, $clamped ],
    [ $hot, $type, { 'content-type' => undef } ],
    [ $hot, $type, { 'content-type' => 'text/plain' } ],
    [ $hot, $encoding, { 'content-encoding' => 'gzip' } ],
    [ $hot, $websocket, { upgrade => 'websocket' } ],
    [ $hot, $clamped, { upgrade => 'h2c' } ],
    [ $hot, $path, { 'x-http-method' => 'PUT' } ],
    [ $hot, $path, {}, '/v1/./chat/completions' ],
    [ $hot, $path, {}, "$chat#x" ],
    [ $hot, $path, {}, "$chat%0a" ],
    [ $hot, $undermines, {}, "$chat?temperature=1.9" ],
    [ $hot, $route, {}, '/V1/chat/completions' ],
    [ '{"temperature":1,"temperature":1.9}', '400 duplicate_member' ],
) {
    my ($body, $expected, $headers, $target) = @$row;
    my $id = $http2->request('POST', $target // $chat, $body,
        headers => $headers);

    is(verdict($http2->response($id)), $expected, "HTTP/2: $expected");
}

# The same, shorter, in every dialect.

my $json = 'Content-Type: application/json';
my $sent = 0;

$up->clear;

for my $dialect (dialects()) {
    my $target = $dialect->{paths}[0] // "/by-name/$dialect->{name}";
    my ($own) = own($dialect, 'temperature');
    my ($object) = ($own // '') =~ m{^(.*)/};
    my $body = wrapped($object // '', '{"temperature":1.9}');
    my $within = wrapped($object // '', '{"temperature":0.9}');
    my $length = length $body;
    my (@wrong, $compressed);

    gzip(\$body, \$compressed);

    for my $row (
        [ 'as it should be', 'sent' ],
        map({ [ $_, $type, fields => [ "Content-Type: $_" ] ] }
            '', 'text/plain', 'application/octet-stream', 'application/grpc',
            'application/x-protobuf', 'application/x-www-form-urlencoded',
            'multipart/form-data; boundary=b',
            map { "application/json; charset=$_" }
                qw(utf-7 utf-16 cp037 unicode_escape)),
        [ 'no type', $type, fields => [] ],
        [ 'two types', $type, fields => [ $json, $json ] ],
        map({ [ $_, $encoding, fields => [ $json, "Content-Encoding: $_" ] ] }
            qw(gzip deflate br zstd foo)),
        [ 'compressed', $encoding, body => $compressed,
            fields => [ $json, 'Content-Encoding: gzip' ] ],
        [ 'compressed, in silence', '400 invalid_json', body => $compressed ],
        [ 'identity', 'sent', fields => [ $json,
            'Content-Encoding: identity' ] ],

        [ 'chunks', 'sent', length => undef,
            fields => [ $json, 'Transfer-Encoding: chunked' ],
            body => LLMPolicy::Client::chunked($body, 1, 2, 3) ],
        [ 'a trailer', 'sent', length => undef,
            fields => [ $json, 'Transfer-Encoding: chunked' ],
            body => LLMPolicy::Client::chunked($body)
                =~ s/\r\n\z/Temperature: 1.9\r\n\r\n/r ],
        [ 'chunked and a length', '400 nginx', length => undef,
            fields => [ $json, 'Transfer-Encoding: chunked',
                "Content-Length: $length" ],
            body => LLMPolicy::Client::chunked($body) ],
        [ 'two lengths', '400 nginx',
            fields => [ $json, "Content-Length: $length" ] ],
        [ 'continue', 'sent', fields => [ $json, 'Expect: 100-continue' ] ],

        map({ [ "$_", $path, target => $_ ] }
            map({ "$target$_" } '%0a', '%20', '%2f', ';', ';x=y', '//', '/.',
                '/x/..', '\\', '#', '%c2%a0'),
            "/$target", "/.$target", "/x/..$target",
            $target =~ s/([a-z])/sprintf '%%%x', ord $1/er),
        map({ [ $_, $route, target => $_ ] } "$target/", uc $target),
        map({ [ "pass $_", $path, target => $_, port => 'pass' ] }
            "$target/", uc $target),

        map({ [ "?$_", $undermines, target => "$target?$_" ] }
            'temperature=1.9', 'x=y&Temperature=1.9', 'temper%61ture=1.9',
            'options[temperature]=1.9'),
        map({ [ "?$_", 'sent', target => "$target?$_" ] }
            'api-version=1', 'beta=true', 'alt=sse', 'key=k', '$alt=json'),

        map({ [ $_, $route, method => $_ ] } qw(GET PUT PATCH DELETE)),
        map({ [ $_, $path, fields => [ $json, "$_: PUT" ] ] }
            'X-HTTP-Method', 'X-HTTP-Method-Override', 'X-Method-Override'),
        [ 'an upgrade', $websocket, fields => [ $json, 'Upgrade: websocket' ] ],

        map({ my $field = $_; (
                [ "$field, to be changed", $undermines,
                    fields => [ $json, $field ] ],
                [ "$field, within", 'sent', fields => [ $json, $field ],
                    body => $within ],
            ) } 'Content-MD5: x', 'Content-Digest: sha-256=:x:',
            'Digest: sha-256=x', 'Signature: x', 'X-Amz-Content-Sha256: x',
            'Authorization: AWS4-HMAC-SHA256 Credential=x'),

        [ 'truncated', '400 invalid_json', body => substr $body, 0, -1 ],
        [ 'NUL', '400 invalid_json', body => "$body\0" ],
        [ 'twice', '400 invalid_json', body => $body x 2 ],
    ) {
        my ($name, $expected, %options) = @$row;

        push @wrong, map { "$name: $_" } judged($dialect, $expected,
            exchanged(target => $target, body => $body, fields => [ $json ],
                %options));
    }

    is(join("\n", @wrong), '', "$dialect->{name}, $target");
}

is($up->count, $sent, 'nothing else reached the upstream');

$readers->stop;
$t->done;

# Sends a request with these header fields (the usual one if undef), and checks
# its result.

sub check {
    my ($name, $expected, $fields, %options) = @_;

    $up->clear;

    my $verdict = verdict(exchanged(fields => $fields, %options));

    $verdict .= ', but it was sent' if $verdict =~ /^\d/ && $up->count;

    is($verdict, $expected, $name =~ s/[^ -~]/?/gr);
}

sub exchanged {
    my (%options) = @_;
    my $body = $options{body} // $hot;
    my $client = $t->client($options{port} // 0);

    my @lines = (
        join(' ', $options{method} // 'POST', $options{target} // $chat,
            'HTTP/1.1'),
        'Host: localhost',
        @{ $options{fields} // [ 'Content-Type: application/json' ] },
        'Connection: close',
        exists $options{length} || $body eq '' ? ()
            : 'Content-Length: ' . length $body,
    );

    $client->{method} = $options{method} // 'POST';
    $client->send(join "\r\n", @lines, '', $body);

    return $client->response;
}

# Returns the difference from the expected response: "sent", or a refusal.

sub judged {
    my ($dialect, $expected, $response) = @_;
    my $rule = { default => '0.7', max => '1' };
    my $body = $response->{body};

    if ($response->{status} != 200) {
        my $code = $response->header('X-Reason') || 'nginx';

        return "$response->{status} $code" eq $expected ? ()
            : "$response->{status} $code";
    }

    $sent++;

    return ($expected eq 'sent' ? () : "sent as $body"),
        $readers->within($body, bounds($dialect, 'temperature', $rule),
            required($dialect, 'temperature', $rule, $body));
}
