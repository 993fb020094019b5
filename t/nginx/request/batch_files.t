#!/usr/bin/perl

# Files of requests: each line has the same result as the same request alone;
# the responses of refusals; lines that are not permitted; files for other
# purposes; variables and logs.

use strict;
use warnings;

use FindBin;
use JSON::PP ();
use Test::More;

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Test;
use LLMPolicy::Verdict;

use constant { LINES => 3000, BODIES => 599 };

my $t = LLMPolicy::Test->new;
my $json = JSON::PP->new->utf8->canonical;

# the first of two tries gets 503

my $up = $t->upstream(1, sub { { status => $_[0]{n} % 2 ? 503 : 200 } });
my $mirror = $t->upstream(2, sub { {} });
my $alone = $t->upstream(3, \&echo);

$t->write_file('policy.json', <<'EOP');
{
  "version": 1,
  "default_tier": "free",
  "tiers": { "free": {
    "parameters": {
      "temperature": { "default": 0.70, "min": 0.25, "max": 1 },
      "max_tokens": { "default": 512, "max": 1024 },
      "top_p": { "max": 1 },
      "n": { "max": 2, "on_violation": "reject" },
      "seed": { "remove": true },
      "store": { "force": false },
      "logit_bias": { "deny": true },
      "/metadata/trace": { "remove": true },
      "/user": { "default": "gateway" }
    },
    "models": { "deny": ["~^secret"] }
  } },
  "models": [
    { "match": ["~^o[134]"], "parameters": {
      "temperature": { "remove": true }, "top_p": { "remove": true } } }
  ],
  "routes": [
    { "path": "~^/\\w+/files$", "dialect": "openai.files" },
    { "path": "~^/openai/deployments/(?<model>[^/]+)/files$",
      "dialect": "openai.files" },
    { "path": "/mistral/v1/files", "dialect": "mistral.files" },
    { "path": "/v1/closed", "action": "reject" },
    { "path": "/v1/open", "action": "pass" }
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

    log_format llm '$llm_status|$llm_reason|$llm_dialect|$llm_model|'
                   '$llm_requested_temperature|$llm_effective_temperature|'
                   '$llm_action_temperature|$llm_adjustments';

    map $uri $file {
        ~files$ 1;
    }

    client_max_body_size 32m;

    llm_policy on;
    llm_policy_file policy.json;

    upstream retry {
        server %%UPSTREAM_1%% max_fails=0;
        server %%UPSTREAM_1%% max_fails=0;
    }

    proxy_next_upstream error http_503 non_idempotent;

    server {
        listen 127.0.0.1:%%PORT_0%%;
        listen 127.0.0.1:%%PORT_http2%% http2;

        mirror /mirror;

        location / {
            client_body_buffer_size 32m;
            proxy_pass http://retry;
        }

        location /file/ {
            client_body_buffer_size 1k;
            proxy_pass http://retry;
        }

        location = /mirror {
            internal;
            proxy_pass http://%%UPSTREAM_2%%$request_uri;
        }
    }

    server {
        listen 127.0.0.1:%%PORT_alone%%;
        access_log %%TESTDIR%%/llm.log llm if=$file;
        keepalive_requests 100000;

        location / {
            proxy_pass http://%%UPSTREAM_3%%;
        }

        location /dry/ {
            llm_policy_dry_run on;
            proxy_pass http://%%UPSTREAM_3%%;
        }

        location /signed/ {
            llm_policy_signed_body change;
            proxy_pass http://%%UPSTREAM_3%%;
        }
    }
}

EOC

my %type = ('Content-Type' => 'multipart/form-data; boundary=xyz');
my $chat = '/v1/chat/completions';

# ---- many lines ----

my @bodies = map { body($_) } 0 .. BODIES - 1;
my @expected = made_alone(@bodies);

for my $where (qw(memory file)) {
    for my $end ("\n", "\r\n") {
        my @lines = map { line($chat, $bodies[$_ % BODIES], $_) } 1 .. LINES;

        $t->post("/$where/files", form(purpose => 'batch',
            file => join $end, @lines), %type);

        my ($sent, @others) = (got("$where, many lines", $up, 2),
            got("$where, many lines, mirrored", $mirror, 1));

        is_many("$where, many lines", $end, $where eq 'file', file_of($sent));

        ok($_->{body} eq $sent->{body}, "$where, many lines: the same bytes")
            for @others;
    }
}

# ---- ways to send a file ----

my $hot = line($chat, '{"model":"m","temperature":1.9,"user":"u","store":false,'
    . '"max_tokens":5000,"seed":1}');
my $held = line($chat, '{"model":"m","temperature":1<.9>,"user":"u",'
    . '"store":false,"max_tokens":1024<,"seed":1>}');
my $response = '{"body":{"input":"x","temperature":0,"user":"u","store":false,'
    . '"max_output_tokens":1},"custom_id":"1","url":"/v1/responses"}';

my $answered = $response =~ s/"temperature":0/"temperature":0.25/r;

my @files = (
    [ 'purpose before', [ purpose => 'batch', file => "$hot\n$hot\n" ],
        [ purpose => 'batch', file => "$held\n$held\n" ] ],
    [ 'purpose after the file', [ file => "$hot\n\n$hot", purpose => 'batch' ],
        [ file => "$held\n\n$held", purpose => 'batch' ] ],
    [ 'another API', [ file => "$response\n$response", purpose => 'batch' ],
        [ file => "$answered\n$answered", purpose => 'batch' ] ],
    [ 'other fields', [ seed => 1, file => $hot, temperature => '1.9',
            purpose => 'batch', 'expires_after[seconds]' => 3600 ],
        [ file => $held, temperature => 1, purpose => 'batch',
            'expires_after[seconds]' => 3600 ] ],
);

for my $where (qw(memory file)) {
    for my $case (@files) {
        my ($name, $asked, $sent) = @$case;

        all_ways("$where, $name", "/$where/files", form(@$asked),
            $t->edited(form(@$sent), 0), $where eq 'file');
    }
}

# ---- refused ----

my $ok = line($chat, '{"model":"m"}');
my $required = 'parameter_required';
my $none = 'no route is known for this path, and the request has a body';

my @refused = (
    [ "$ok\n" . line($chat, '{"n":3,"messages":"SECRET"}'), 400,
        'value_not_allowed', 'n',
        'line 2: n 3 is above the maximum 2 for tier "free"' ],
    [ "$ok\n\n$ok\n" . line($chat, '{"logit_bias":{"SECRET":1}}'), 400,
        'parameter_denied', 'logit_bias',
        'line 3: logit_bias is not permitted for tier "free"' ],
    [ line($chat, '{"temperature":"1"}'), 400, 'invalid_type', 'temperature',
        'line 1: temperature must be a number, not a string' ],
    [ line($chat, '{"mirostat":2}'), 400, 'undermines_policy', 'mirostat',
        'line 1: mirostat can undo the bound on temperature for tier "free"' ],
    [ line($chat, '{"model":"secret-1"}'), 403, 'model_not_allowed', 'model',
        'line 1: model "secret-1" is not permitted for tier "free"' ],
    [ line('/openai/deployments/secret-1/chat/completions', '{}'), 403,
        'model_not_allowed', 'model',
        'line 1: model secret-1 is not permitted for tier "free"' ],

    # not one object per line
    [ '', 400, 'invalid_form', undef, 'the file has no request' ],
    [ "\n\r\n \n", 400, 'invalid_form', undef, 'the file has no request' ],
    [ "$ok$ok", 400, 'invalid_json', undef, 'line 1: invalid JSON at byte '
        . length($ok) . ': only white space may follow the object' ],
    [ "[$ok]", 400, 'invalid_json', undef,
        'line 1: invalid JSON at byte 0: the body must be an object' ],
    [ "$ok\n" . $ok =~ s/,/,\n/r, 400, 'invalid_json', undef,
        'line 2: invalid JSON at byte 17: the body ends within the object' ],
    [ "$ok\r$ok\n", 400, 'invalid_json', undef,
        'line 1: a carriage return must be before a line feed' ],
    [ "\xef\xbb\xbf$ok\n", 400, 'invalid_json', undef, 'line 1: invalid JSON '
        . 'at byte 0: the body must be an object, without a byte order mark' ],
    [ "$ok\xe2\x80\xa8$ok\n", 400, 'invalid_json', undef, 'line 1: invalid '
        . 'JSON at byte ' . length($ok)
        . ': only white space may follow the object' ],
    [ join("\0", split //, $ok), 400, 'invalid_json', undef,
        'line 1: invalid JSON at byte 1: a NUL byte, the body must be UTF-8' ],

    # names
    [ $ok =~ s/\}$/,"body":{"temperature":1.9}}/r, 400, 'duplicate_member',
        'body', 'line 1: "body" appears twice in the request' ],
    [ $ok =~ s/\}$/,"url":"\/v1\/responses"}/r, 400, 'duplicate_member',
        'url', 'line 1: "url" appears twice in the request' ],
    [ $ok =~ s/\}$/,"Body":{"temperature":1.9}}/r, 400, 'ambiguous_member',
        'body', 'line 1: a member is spelt almost like "body"' ],
    [ $ok =~ s/"body"/"bod\\u0079"/r, 400, 'ambiguous_member', 'body',
        'line 1: the name of "body" is written with an escape' ],
    [ line($chat, '{"temper\u0061ture":1.9}'), 400, 'ambiguous_member',
        'body.temperature',
        'line 1: the name of "body.temperature" is written with an '
            . 'escape' ],
    [ line($chat, '{"temperature":0.5,"temperature":1.9}'), 400,
        'duplicate_member', 'body.temperature',
        'line 1: "body.temperature" appears twice in the request' ],

    # kinds of requests
    [ $ok =~ s/"body"/"data"/r, 400, $required, 'body',
        'line 1: body is required' ],
    [ $ok =~ s/"url"/"path"/r, 400, $required, 'url',
        'line 1: url is required' ],
    [ $ok =~ s/\{"model":"m"\}/"{}"/r, 400, 'invalid_type', undef,
        'line 1: a request must be an object' ],
    [ $ok =~ s/POST/GET/r, 400, 'value_not_allowed', 'method',
        'line 1: method must be "POST"' ],
    [ line('/v1/unknown', '{}'), 403, 'unknown_route', undef,
        "line 1: $none" ],
    [ line("$chat?temperature=1.9", '{}'), 403, 'unknown_route', undef,
        "line 1: $none" ],
    [ line('/v1/open', '{}'), 403, 'unknown_route', 'url',
        'line 1: a file must not have requests to this url' ],
    [ line('/v1/closed', '{}'), 403, 'unknown_route', undef,
        'line 1: requests to this path are not permitted' ],
    [ line('/v1/messages', '{}'), 403, 'unknown_route', 'url',
        'line 1: a file must not have requests to this url' ],
    [ "$ok\n" . line('/v1/embeddings', '{}'), 400, 'value_not_allowed', 'url',
        'line 2: url is not that of the lines before' ],
);

my $purpose = 'purpose is unknown, and its file may contain requests';

my @forms = (
    [ [ file => $ok ], 400, $required, 'purpose', 'purpose is required' ],
    [ [ purpose => 'batch' ], 400, $required, 'file', 'file is required' ],
    [ [ purpose => 'Batch', file => $ok ], 400, 'value_not_allowed', 'purpose',
        $purpose ],
    [ [ purpose => "batch\r\n", file => $ok ], 400, 'value_not_allowed',
        'purpose', $purpose ],
    [ [ file => $ok, purpose => 'batch_output' ], 400, 'value_not_allowed',
        'purpose', $purpose ],
    [ [ purpose => 'vision', purpose => 'batch', file => $ok ], 400,
        'duplicate_member', undef, 'fields 1 and 2 have the same name' ],
    [ [ Purpose => 'batch', purpose => 'vision', file => $ok ], 400,
        'ambiguous_member', 'purpose',
        'the name of field 1 may be read as purpose' ],
    [ [ 'purpose[]' => 'batch', purpose => 'vision', file => $ok ], 400,
        'ambiguous_member', 'purpose',
        'the name of field 1 may be read as purpose' ],
    [ [ purpose => 'vision', file => $ok, file => $hot ], 400,
        'duplicate_member', undef, 'fields 2 and 3 have the same name' ],
    [ [ purpose => 'batch', file => $ok, n => 3 ], 400, 'value_not_allowed',
        'n', 'n 3 is above the maximum 2 for tier "free"' ],
);

for my $where (qw(memory file)) {
    for my $row (@refused) {
        my ($file, @told) = @$row;

        told("$where: $told[-1]", $t->post("/$where/files", form(@$_), %type),
            @told) for [ purpose => 'batch', file => $file ],
                [ file => $file, purpose => 'batch' ];
    }

    for my $row (@forms) {
        my ($fields, @told) = @$row;

        told("$where: $told[-1]", $t->post("/$where/files", form(@$fields),
            %type), @told);
    }
}

# a deployment in the file's path is not the model of its lines

told('a deployment', $t->post('/openai/deployments/d/files',
    form(purpose => 'batch', file => line($chat, '{"model":"secret-1"}')),
    %type), 403, 'model_not_allowed', 'model',
    'line 1: model "secret-1" is not permitted for tier "free"');

# a second file, and a file as the purpose

my $two = form(purpose => 'batch', file => $ok);

for my $name ('file[]', 'File', 'purpose', 'other') {
    my $part = qq(--xyz\r\nContent-Disposition: form-data; name="$name"; )
        . qq(filename="g"\r\n\r\n$hot\r\n);

    told($name, $t->post('/v1/files', "$part$two", %type), 400,
        'invalid_type', undef, 'no field except file may be a file');
}

told('a file that is none', $t->post('/v1/files',
    $two =~ s/; filename="f"//r, %type), 400, 'invalid_type', 'file',
    'file must be a file');

# ---- files that pass ----

my $marks = line($chat, qq({"user":"\xe2\x80\xa8\xc2\x85","temperature":0.5,)
    . '"max_tokens":1,"store":false,"messages":[{"body":{"temperature":9}},'
    . '"{\"temperature\":9}"]}');

for my $case (
    [ 'line separators in strings', '/v1/files', purpose => 'batch',
        file => "$marks\n$marks" ],
    map({ [ "for $_", '/v1/files', purpose => $_, file => "$hot\0\xff\r\r{" ],
        [ "for $_, after the file", '/file/files', file => "\n[$hot",
            purpose => $_ ] }
        qw(assistants evals fine-tune user_data vision)),
    [ 'scanned pages', '/mistral/v1/files', purpose => 'ocr', file => '%PDF' ],
) {
    my ($name, $path, @form) = @$case;

    $t->post($path, form(@form), %type);
    is_body($name, $_, form(@form)) for got($name, $up, 2),
        got("$name, mirrored", $mirror, 1);
}

# the batch itself

my $batch = '{"input_file_id":"f","endpoint":"/v1/chat/completions",'
    . '"completion_window":"24h"}';

$t->post('/v1/batches', $batch);
is_body('the batch', $_, $batch) for got('the batch', $up, 2),
    got('the batch, mirrored', $mirror, 1);

# Mistral's lines have no url

$t->post('/mistral/v1/files', form(purpose => 'batch',
    file => '{"custom_id":"1","body":{"max_tokens":5000,"random_seed":1}}'),
    %type);
is_body('lines without a url', $_, form(purpose => 'batch', file =>
        '{"custom_id":"1","body":{"max_tokens":1024,"user":"gateway",'
        . '"temperature":0.70}}'))
    for got('lines without a url', $up, 2), got('mirrored', $mirror, 1);

# ---- digests, dry run, variables and logs ----

my %digest = (%type, 'Content-Digest' => 'sha-256=:x:');
my $exact = $t->edited($held, 0);

for my $row (
    [ '/v1/files', [ $hot ], \%digest, '400 undermines_policy' ],
    [ '/v1/files', [ $exact ], \%digest, [ $exact ] ],
    [ '/signed/files', [ $hot ], \%digest, [ $exact ] ],
    [ '/dry/files', [ $hot, $hot ], \%type, [ $hot, $hot ] ],
    [ '/v1/files', [ $hot, line($chat, '{"temperature":0,"user":"SECRET"}') ],
        \%type ],
    [ '/v1/files', [ $hot, line($chat, '{"n":3,"user":"SECRET"}') ], \%type,
        '400 value_not_allowed' ],
    [ '/v1/files', [ $hot, "{\"SECRET\":\"SECRET\",}" ], \%type,
        '400 invalid_json' ],
) {
    my ($path, $lines, $fields, $expected) = @$row;
    my $got = verdict(post_to($t, 'alone', $path, form(purpose => 'batch',
        file => join "\n", @$lines), %$fields));

    next if !$expected;

    is($got, ref $expected ? form(purpose => 'batch', file => join "\n",
        @$expected) : $expected, "$path, @{[ sort keys %$fields ]}");
}

my @log = $t->access_log(7, 'llm.log');
my $of = 'openai.files|m|1.9';
my $changes = 'temperature=1.9->1 (max), max_tokens=5000->1024 (max), '
    . 'seed=1-> (remove)';

is_deeply(\@log, [
    "rejected|undermines_policy|$of||none|",
    'passed||openai.files|m|1|1|none|',
    "modified||$of|1|max|$changes",
    "modified_dry_run||$of|1.9|max|$changes, $changes",
    "modified||$of|1|max|$changes, temperature=0->0.25 (min), "
        . 'max_tokens=->512 (default), store=->false (force)',
    "rejected|value_not_allowed|$of||none|",
    "rejected|invalid_json|$of||none|",
], 'variables');

ok($t->logged(qr{request refused: line 2: n 3 is above the maximum 2}),
    'a refusal is logged');
unlike($t->error_log . join('', @log), qr/SECRET/, 'no content is logged');

is($_->cut_requests, 0, 'each request ended with its body')
    for $up, $mirror, $alone;

$t->done;

# Returns the n-th of many bodies: the divisors of n select its members.

sub body {
    my ($n) = @_;
    my @members;

    push @members, '"model":"' . ('gpt-4o', 'o1', 'llama')[$n % 3] . '"'
        if $n % 7;
    push @members, '"temperature":' . (0, '1.90', 1, 'null', '-0.5', '2e0',
        0.25)[$n % 7] if $n % 5;
    push @members, '"seed":' . $n % 11 if $n % 4 == 0;
    push @members, '"messages":[{"role":"user","content":"'
        . 'x' x ($n % 13 * 9) . "\xc3\xa4" . '\"}\n"}]';
    push @members, '"max_tokens":' . (1, 1024, 4096, -1)[$n % 4]
        if $n % 3 == 0;
    push @members, '"top_p":' . (1.5, 0.5)[$n % 2] if $n % 6 < 2;
    push @members, '"metadata":{"trace":[1,{}],"a":' . $n % 2 . '}'
        if $n % 9 == 0;
    push @members, '"metadata":{"a":1, "trace":"t"}' if $n % 9 == 4;
    push @members, '"user":' . ('"u"', 'null')[$n % 2] if $n % 8 < 3;
    push @members, '"store":' . ('true', 'false')[$n % 2] if $n % 10 < 5;

    return '{' . join($n % 2 ? ',' : ' , ', @members) . '}';
}

# Returns the upstream's requests for bodies that are sent alone, some at a
# time.

sub made_alone {
    my @clients = map { $t->client('alone') } 1 .. 16;
    my @made;

    for (my $n = 0; $n < @_; $n += @clients) {
        my @some = grep { $n + $_ < @_ } 0 .. $#clients;

        $clients[$_]->request('POST', $chat, $_[$n + $_]) for @some;
        push @made, map { verdict($clients[$_]->response) } @some;
    }

    return @made;
}

sub line {
    my ($url, $body, $id) = @_;

    $id //= 1;

    return qq({"custom_id":"$id","method":"POST","url":"$url","body":$body});
}

sub form {
    my $body = '';

    while (my ($name, $value) = splice @_, 0, 2) {
        my $file = $name eq 'file' ? '; filename="f"' : '';

        $body .= qq(--xyz\r\nContent-Disposition: form-data; name="$name"$file)
            . "\r\n\r\n$value\r\n";
    }

    return "$body--xyz--\r\n";
}

sub file_of {
    my ($request) = @_;

    return ($request->{body} =~ /filename="f"\r\n\r\n(.*?)\r\n--xyz/s)[0];
}

# Asserts that each line of a long file equals its request alone, except for
# spaces in a temporary file.

sub is_many {
    my ($name, $end, $in_file, $file) = @_;
    my @lines = split /\Q$end\E/, $file;
    my @wrong;

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    is(scalar @lines, LINES, "$name: as many");

    for my $n (1 .. LINES) {
        my $expected = line($chat, $expected[$n % BODIES], $n);
        my $got = $lines[$n - 1] // 'nothing';

        push @wrong, "$n: $got" if $in_file
            ? $json->encode($json->decode($got))
                ne $json->encode($json->decode($expected))
            : $got ne $expected;
    }

    is(join("\n", grep { defined } @wrong[0 .. 2]), '', "$name: the same");
}

# Sends a form in each way, and asserts what each server receives.

sub all_ways {
    my ($name, $path, $asked, $sent, $in_file) = @_;
    my $type = $type{'Content-Type'};

    my %ways = (
        whole => sub { $t->post($path, $asked, %type) },
        chunked => sub {
            $t->post($path, $asked, %type, chunks => [ 5, 150, 90, 1, 1 ]);
        },
        pieces => sub {
            my $client = $t->client;
            my $bytes = LLMPolicy::Client::request_bytes('POST', $path, $asked,
                %type, Connection => 'close');

            $client->send_pieces(5,
                $bytes =~ /^(.*?\r\n\r\n)(.*?"bo)(.*?xy)(.*)$/s);
            $client->response;
        },
        'HTTP/2' => sub {
            my $h2 = $t->http2('http2');

            $h2->response($h2->request('POST', $path, $asked, length => 0,
                cut => [ 1, 200, 33 ], headers => { 'content-type' => $type }));
        },
    );

    for my $way (sort keys %ways) {
        $ways{$way}->();

        for my $request (got("$name, $way", $up, 2),
            got("$name, $way, mirrored", $mirror, 1))
        {
            # lines are padded with spaces in a file, and fields are not
            $request->{body} =~ s/ +(?=[,}])//g if $in_file;

            ok($request->{body} eq $sent, "$name, $way: sent")
                or diag($request->{body});
        }
    }
}

# Returns the requests of a server; asserts their number.

sub got {
    my ($name, $server, $count) = @_;
    my @requests = $server->wait_for($count);

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    $server->clear;
    is(scalar @requests, $count, "$name: tries");
    is($_->header('Content-Length'), length $_->{body}, "$name: length")
        for @requests;

    return @requests;
}

sub is_body {
    my ($name, $request, $body) = @_;

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    is($request->{body}, $body, $name);
}

# Asserts a refusal in OpenAI's shape, and that nothing was forwarded.

sub told {
    my ($name, $response, $status, $code, $param, $message) = @_;

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    my $answer = eval { JSON::PP::decode_json($response->{body}) };
    my $error = $answer ? $answer->{error} : {};

    is_deeply([ $response->{status}, map { $error->{$_} }
        qw(code param message) ], [ $status, $code, $param, $message ], $name);
    is($up->count + $mirror->count, 0, "$name: not sent");
}
