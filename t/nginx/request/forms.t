#!/usr/bin/perl

# Forms: the bodies at the upstream and at a mirror, for each framing and
# buffering; the responses of refusals; routes, variables and logs; digests and
# signatures.

use strict;
use warnings;

use Digest::SHA qw(sha256_base64);
use FindBin;
use JSON::PP ();
use Test::More;

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Test;
use LLMPolicy::Verdict;

my $t = LLMPolicy::Test->new;
my ($up, $mirror, $last) = map { $t->upstream($_, sub { {} }) } 1 .. 3;

$t->write_file('policy.json', <<'EOP');
{
  "version": 1,
  "default_tier": "free",
  "tiers": { "free": {
    "parameters": {
      "temperature": { "default": 0.2, "max": 0.5 },
      "n": { "max": 1, "on_violation": "reject" },
      "stream": { "allow": [false] },
      "logprobs": { "deny": true },
      "/user": { "remove": true },
      "/prompt": { "allow": ["p"] }
    },
    "models": { "allow": ["~^whisper"] }
  } },
  "routes": [
    { "path": "~^/(\\w+/)+audio$", "dialect": "openai.transcriptions" },
    { "path": "~^/\\w+/closed$", "action": "reject" },
    { "path": "~^/\\w+/open$", "action": "pass" }
  ]
}
EOP

$t->run(<<'EOC');

%%GLOBALS%%

load_module %%MODULE%%;

events {
}

http {
    %%GLOBALS_HTTP%%

    log_format llm '$llm_status|$llm_reason|$llm_dialect|$llm_tier|$llm_model|'
                   '$llm_requested_temperature|$llm_effective_temperature|'
                   '$llm_action_temperature|$llm_adjustments';

    client_max_body_size 8m;

    llm_policy on;
    llm_policy_file policy.json;

    server {
        listen 127.0.0.1:%%PORT_0%%;
        listen 127.0.0.1:%%PORT_http2%% http2;

        mirror /mirror;

        location / {
            proxy_pass http://%%UPSTREAM_1%%;
        }

        location /memory/ {
            client_body_buffer_size 8m;
            proxy_pass http://%%UPSTREAM_1%%;
        }

        location /file/ {
            client_body_buffer_size 1k;
            proxy_pass http://%%UPSTREAM_1%%;
        }

        location /single/ {
            client_body_in_single_buffer on;
            proxy_request_buffering off;
            proxy_pass http://%%UPSTREAM_1%%;
        }

        location = /mirror {
            internal;
            proxy_pass http://%%UPSTREAM_2%%$request_uri;
        }
    }

    server {
        listen 127.0.0.1:%%PORT_other%%;

        location / {
            proxy_pass http://%%UPSTREAM_3%%;
        }

        location /unmatched/ {
            llm_policy_unmatched pass;
            proxy_pass http://%%UPSTREAM_3%%;
        }

        location /dry/ {
            llm_policy_dry_run on;
            proxy_pass http://%%UPSTREAM_3%%;
        }

        location /logged/ {
            access_log %%TESTDIR%%/llm.log llm;
            proxy_pass http://%%UPSTREAM_3%%;

            location /logged/file/ {
                client_body_in_file_only clean;
                proxy_pass http://%%UPSTREAM_3%%;
            }

            location /logged/dry/ {
                llm_policy_dry_run on;
                proxy_pass http://%%UPSTREAM_3%%;
            }
        }

        location /signed/ {
            llm_policy_signed_body change;
            proxy_set_header Content-Digest "";
            proxy_pass http://%%UPSTREAM_3%%;
        }
    }
}

EOC

my %type = ('Content-Type' => 'multipart/form-data; boundary="xyz"');
my @model = (model => 'whisper-1');

# ---- ways to send and to keep a form ----

# many bytes that look like a boundary; 7 kB

my $binary = join '', map { pack('n', $_ * 40503 % 65536)
    . ("\r\n--xy-", "--x\r\n", "--", "\r\n-", "\r\n--xy\r\n--x-")[$_ % 5] }
    1 .. 1200;

my @file = (file => $binary);

my @edits = (
    [ 'left alone', [ @model, @file, temperature => '0.50' ],
        [ @model, @file, temperature => '0.50' ] ],
    [ 'clamped before the file', [ temperature => '0.9999', @file, @model ],
        [ temperature => '0.5', @file, @model ] ],
    [ 'grown after the file', [ @model, @file, temperature => 1 ],
        [ @model, @file, temperature => '0.5' ] ],
    [ 'added', [ @model, @file ],
        [ @model, @file, temperature => '0.2' ] ],
    [ 'removed', [ user => 'u' x 200, @file, @model, temperature => 0 ],
        [ @file, @model, temperature => 0 ] ],
    [ 'of each kind', [ user => '', temperature => 9, @file, @model,
            language => "\xc3\xa9" ],
        [ temperature => '0.5', @file, @model, language => "\xc3\xa9" ] ],
);

for my $where (qw(memory file single)) {
    for my $edit (@edits) {
        my ($name, $asked, $sent) = @$edit;

        all_ways("$where, $name", "/$where/audio", form(@$asked),
            form(@$sent));
    }
}

# a large file between the fields

my $large = join '', map { pack 'N', $_ * 2654435761 % 4294967296 }
    1 .. 786_432;

for my $where (qw(memory file)) {
    $t->post("/$where/audio",
        form(user => 1, temperature => 2, file => $large, @model,
            prompt => 'p'), %type);

    got("$where, 3 MB", form(temperature => '0.5', file => $large, @model,
        prompt => 'p'), $up, $mirror);
}

# ---- responses of refusals ----

my $hot = form(@model, temperature => 1.9);
my $json = { 'Content-Type' => 'application/json' };

my @refused = (
    [ form(@model, temperature => '1.9 '), 400, 'invalid_type', 'temperature',
        'temperature must be a number, not a string' ],
    [ form(@model, n => 2), 400, 'value_not_allowed', 'n',
        'n 2 is above the maximum 1 for tier "free"' ],
    [ form(@model, stream => 'true'), 400, 'value_not_allowed', 'stream',
        'stream true is not among the values allowed for tier "free"' ],
    [ form(@model, logprobs => ''), 400, 'parameter_denied', 'logprobs',
        'logprobs is not permitted for tier "free"' ],
    [ form(@model, mirostat => 1), 400, 'undermines_policy', 'mirostat',
        'mirostat can undo the bound on temperature for tier "free"' ],
    [ form(model => 'o"1'), 403, 'model_not_allowed', 'model',
        'model "o\"1" is not permitted for tier "free"' ],
    [ form(@file), 403, 'model_not_allowed', 'model',
        'the request must have a model: tier "free" permits only some '
            . 'models' ],

    # values behind a pointer are not shown
    [ form(@model, prompt => 'SECRET'), 400, 'value_not_allowed', '/prompt',
        '/prompt "..." is not among the values allowed for tier "free"' ],

    [ form(@model, temperature => 0, temperature => 1), 400,
        'duplicate_member', undef, 'fields 2 and 3 have the same name' ],
    [ form(@model, Temperature => 0), 400, 'ambiguous_member', 'temperature',
        'the name of field 2 may be read as temperature' ],
    [ form(@model, 'SECRET[temperature]' => 0), 400, 'ambiguous_member',
        'temperature', 'the name of field 2 may be read as temperature' ],
    [ form(@model, 'options[temperature]' => 0), 400, 'ambiguous_member',
        'temperature',
        'the name of field 2 may be read as temperature' ],
    [ $hot =~ s/name="temperature"/$&; filename="f"/r, 400, 'invalid_type',
        'temperature', 'temperature must be plain text in UTF-8, not a file' ],

    [ $hot =~ s/^/SECRET\r\n/r, 400, 'invalid_form', undef,
        'invalid form at byte 0: the body must start with the boundary of its '
            . 'Content-Type' ],
    [ $hot =~ s/--xyz--\r\n/--xyz--SECRET/r, 400, 'invalid_form', undef,
        'invalid form at byte 139: nothing may follow the last boundary' ],
    [ $hot =~ s/--xyz--\r\n//r, 400, 'invalid_form', undef,
        'invalid form at byte 132: the body ends within the form' ],
    [ $hot =~ s/\r\n/\n/gr, 400, 'invalid_form', undef,
        'invalid form at byte 5: a boundary must be followed by CR LF, or by '
            . '"--"' ],
    [ $hot =~ s/name="temperature"/name="SECRET temperature"/r, 400,
        'invalid_form', undef, 'invalid form, field 2: its name must be in '
            . 'quotes, after name=, and have only letters, digits, "_", "-", '
            . '"." and brackets' ],
    [ $hot =~ s/name="temperature"/$&\r\nX-SECRET: 1/r, 400, 'invalid_form',
        undef, 'invalid form, field 2: its only header lines must be '
            . 'Content-Disposition, Content-Type, Content-Length and '
            . 'Content-Transfer-Encoding' ],

    [ $hot, 415, 'unsupported_content_type', undef, 'the request must have '
            . 'one Content-Type, multipart/form-data, with a boundary and no '
            . 'other parameter', $json ],
    [ '{"temperature":1}', 415, 'unsupported_content_type', undef,
        'the request must have one Content-Type, multipart/form-data, with a '
            . 'boundary and no other parameter', $json ],
    [ $hot, 415, 'unsupported_content_encoding', undef,
        'the request must not have a Content-Encoding',
        { 'Content-Encoding' => 'gzip' } ],
);

# with a parameter of the query, or another method

my @paths = (
    [ '/v1/audio/transcriptions?temperature=1', 400, 'undermines_policy',
        'temperature', 'temperature must not be in the query' ],
    [ '/v1/audio/translations?a[temperature]=1', 400, 'undermines_policy',
        'temperature', 'temperature must not be in the query' ],
    [ '/v1/audio/transcriptions/', 403, 'unknown_route', undef,
        'no route is known for this path, and the request has a body' ],
    [ '/memory/closed', 403, 'unknown_route', undef,
        'requests to this path are not permitted' ],
);

for my $where (qw(memory file)) {
    for my $row (@refused) {
        my ($body, $status, $code, $param, $message, $fields) = @$row;

        told("$where: $message", $t->post("/$where/audio", $body, %type,
            %{ $fields // {} }), $status, $code, $param, $message);
    }
}

for my $row (@paths) {
    my ($path, @expected) = @$row;

    told($path, $t->post($path, $hot, %type), @expected);
}

told('PUT', $t->request('PUT', '/v1/audio/transcriptions', $hot, %type), 403,
    'unknown_route', undef,
    'a request with a body to this path must be a POST');

# nothing of it is forwarded, and the connection remains usable

my $client = $t->client;

for my $body ($hot . 'x', form(@model, n => 2), form(@model)) {
    $client->request('POST', '/memory/audio', $body, %type);
    $client->response;
}

got('after refused requests', form(@model, temperature => '0.2'),
    $up, $mirror);

# ---- routes ----

for my $path ('/v1/audio/transcriptions', '/openai/v1/audio/translations',
    '/openai/deployments/whisper/audio/transcriptions')
{
    my $body = $path =~ /deployments/ ? form(temperature => 3)
        : form(@model, temperature => 3);

    post_to($t, 'other', $path, $body, %type);
    got($path, $body =~ s/\r\n3\r\n/\r\n0.5\r\n/r, $last);
}

my $broken = "--xyz\n" . $hot;

post_to($t, 'other', $_, $broken, %type), got("$_, passed", $broken, $last)
    for '/x/open', '/unmatched/upload';

like(verdict(post_to($t, 'other', $_, $hot, %type)), qr/^40\d \w/, $_)
    for '/x/upload', '/unmatched/v1/audio/transcriptions',
        '/unmatched/closed', '/V1/Audio/Transcriptions';

post_to($t, 'other', '/dry/audio', $hot, %type);
got('dry run', $hot, $last);

# ---- digests and signatures ----

my %signed = (
    'Content-Digest' => 'sha-256=:' . sha256_base64($hot) . '=:',
    Authorization => 'AWS4-HMAC-SHA256 Credential=id/20260102/us-east-1/x/'
        . 'aws4_request, SignedHeaders=host, Signature=00',
);

for my $field (sort keys %signed) {
    my %fields = (%type, $field => $signed{$field});

    told("$field, to be changed", post_to($t, 'other', '/x/audio', $hot,
        %fields), 400, 'undermines_policy', undef, 'the request has a digest '
        . 'or signature of its body, but the policy would change it: '
        . 'temperature');

    post_to($t, 'other', '/x/audio', form(@model, temperature => 0), %fields);
    my $sent = got("$field, left alone", form(@model, temperature => 0),
        $last);
    is($sent->header($field), $signed{$field}, "$field, kept");

    post_to($t, 'other', '/signed/audio', $hot, %fields);
    $sent = got("$field, changed", form(@model, temperature => '0.5'), $last);
    is($sent->header('Content-Digest'), undef, "$field, taken out");
}

# ---- variables and logs ----

for my $row (
    [ '', form(@model, temperature => '1.50', user => 'SECRET') ],
    [ 'file/', form(@model, file => "SECRET$binary") ],
    [ '', form(@model, temperature => 0) ],
    [ '', form(@model, temperature => 0.1, n => 2, x => 'SECRET') ],
    [ '', form(@model, temperature => 0.1) . 'SECRET' ],
    [ 'dry/', form(@model, temperature => 3) ],
) {
    post_to($t, 'other', "/logged/$row->[0]audio", $row->[1], %type);
}

my @lines = $t->access_log(6, 'llm.log');

my $of = 'openai.transcriptions|free';

is_deeply(\@lines, [
    "modified||$of|whisper-1|1.50|0.5|max|temperature=1.50->0.5 (max), "
        . '/user=\x22...\x22-> (remove)',
    "modified||$of|whisper-1||0.2|default|temperature=->0.2 (default)",
    "passed||$of|whisper-1|0|0|none|",
    "rejected|value_not_allowed|$of|whisper-1|0.1||none|",
    "rejected|invalid_form|$of|||||",
    "modified_dry_run||$of|whisper-1|3|3|max|temperature=3->0.5 (max)",
], 'variables');

ok($t->logged(qr{temperature 1\.50 changed to 0\.5 \(max\), /user "\.\.\." }
    . qr{removed \(remove\)}), 'a change is logged');
ok($t->logged(qr{request refused: n 2 is above the maximum 1 .*}
    . qr{\(value_not_allowed\)}), 'a refusal is logged');
unlike($t->error_log . join('', @lines), qr/SECRET/, 'no content is logged');

is($_->cut_requests, 0, 'each request ended with its body')
    for $up, $mirror, $last;

$t->done;

# Returns a form of names and values; "file" is a file.

sub form {
    my $body = '';

    while (my ($name, $value) = splice @_, 0, 2) {
        my $file = $name eq 'file'
            ? "; filename=\"f\"\r\nContent-Type: audio/mpeg" : '';

        $body .= qq(--xyz\r\nContent-Disposition: form-data; name="$name"$file)
            . "\r\n\r\n$value\r\n";
    }

    return "$body--xyz--\r\n";
}

# Sends a form in each way, and asserts what both servers receive.

sub all_ways {
    my ($name, $path, $asked, $sent) = @_;

    $t->post($path, $asked, %type);
    got($name, $sent, $up, $mirror);

    $t->post($path, $asked, %type, chunks => [ 3, 700, 64, 1 ]);
    got("$name, chunked", $sent, $up, $mirror);

    # the first boundary and the next one are split
    my $client = $t->client;
    my $bytes = LLMPolicy::Client::request_bytes('POST', $path, $asked, %type,
        Connection => 'close');

    $bytes =~ /^(.*?\r\n\r\n--x)(.*?\r\n-)(.{2000})(.*)$/s;
    $client->send_pieces(5, $1, $2, $3, $4);
    $client->response;
    got("$name, in pieces", $sent, $up, $mirror);

    for my $length (1, 0) {
        my $h2 = $t->http2('http2');

        $h2->response($h2->request('POST', $path, $asked, length => $length,
            cut => [ 4, 1, 1000, 7, 7 ], empty_end => !$length,
            headers => { 'content-type' => $type{'Content-Type'} }));
        got("$name, HTTP/2", $sent, $up, $mirror);
    }
}

# Asserts that each server received one request with this body, without printing
# it.  Returns the last one.

sub got {
    my ($name, $body, @servers) = @_;
    my $request;

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    for my $server (@servers) {
        my @requests = $server->wait_for(1);

        $server->clear;
        $request = $requests[0];

        is(scalar @requests, 1, "$name: one request") or return $request;
        is($request->header('Content-Length'), length $body, "$name: length");
        ok($request->{body} eq $body, "$name: the same bytes")
            or diag(substr($request->{body}, 0, 2000) =~ s/[^\n -~]/?/gr);
    }

    return $request;
}

# Asserts a refusal in OpenAI's shape, and that nothing was forwarded.

sub told {
    my ($name, $response, $status, $code, $param, $message) = @_;

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    my $answer = eval { JSON::PP::decode_json($response->{body}) };
    my $error = $answer ? $answer->{error} : {};

    is_deeply([ $response->{status}, map { $error->{$_} }
        qw(code param message) ], [ $status, $code, $param, $message ], $name);
    is($up->count + $mirror->count + $last->count, 0, "$name: not sent");
}
