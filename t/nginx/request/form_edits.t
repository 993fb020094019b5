#!/usr/bin/perl

# Every kind of edit on the fields of a form, in memory and in a temporary file,
# also for a repeated request: removed text leaves no spaces, since white space
# is part of a field.

use strict;
use warnings;

use FindBin;
use Test::More;

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Conf;
use LLMPolicy::Test;

my $t = LLMPolicy::Test->new;

# the first of two tries gets 503

my $up = $t->upstream(1, sub { { status => $_[0]{n} % 2 ? 503 : 200 } });

my @routes = (
    '~^/\w+/audio$' => 'openai.transcriptions',
    '~^/\w+/files$' => 'openai.files',
);

$t->write_file('policy.json', one_tier(<<'EOF', @routes));
"temperature": { "max": 1, "min": 0.25 },
"top_p": { "remove": true },
"/user": { "remove": true },
"/language": { "force": "english" }
EOF

$t->run(gateway(http => <<'EOH', server => <<'EOF'));

upstream retry {
    server %%UPSTREAM_1%% max_fails=0;
    server %%UPSTREAM_1%% max_fails=0;
}

proxy_next_upstream error http_503 non_idempotent;
client_max_body_size 8m;

EOH

location /memory/ {
    client_body_buffer_size 8m;
    proxy_pass http://retry;
}

location /file/ {
    client_body_buffer_size 1k;
    proxy_pass http://retry;
}

location /always/ {
    client_body_in_file_only clean;
    proxy_pass http://retry;
}

EOF

# A field is a name and a value; "file" stands for a file of binary data.

my $binary = join '', map { pack 'N', $_ * 2654435761 % 4294967296 } 1 .. 9000;

sub form {
    my $body = '';

    while (my ($name, $value) = splice @_, 0, 2) {
        my $file = $name eq 'file' ? '; filename="f"' : '';

        $body .= qq(--xyz\r\nContent-Disposition: form-data; name="$name"$file)
            . "\r\n\r\n$value\r\n";
    }

    return "$body--xyz--\r\n";
}

my @file = (file => $binary);
my @language = (language => 'english');

# sent by the client, forwarded

my @forms = (
    [ [ @file, temperature => 0.5, @language ],
        [ @file, temperature => 0.5, @language ] ],

    # shorter, longer, same length; before the file and after it
    [ [ temperature => '1.500', @file, @language ],
        [ temperature => 1, @file, @language ] ],
    [ [ @file, temperature => '1.500', @language ],
        [ @file, temperature => 1, @language ] ],
    [ [ temperature => 0, @file, @language ],
        [ temperature => '0.25', @file, @language ] ],
    [ [ temperature => 9, @file, language => 'svenska', prompt => 'p' ],
        [ temperature => 1, @file, @language, prompt => 'p' ] ],
    [ [ language => 'en', @file, temperature => '1e3' ],
        [ @language, @file, temperature => 1 ] ],
    [ [ language => 'norwegian', @file, temperature => '1e3' ],
        [ @language, @file, temperature => 1 ] ],

    # removed: the first, the first two, one within, the last, all except the
    # file
    [ [ user => 'u', @file, @language ], [ @file, @language ] ],
    [ [ user => 'u', top_p => 1, @file, @language ], [ @file, @language ] ],
    [ [ @language, user => 'u', @file ], [ @language, @file ] ],
    [ [ @language, @file, user => 'u' ], [ @language, @file ] ],
    [ [ top_p => 1, @file, user => 'u' ], [ @file, @language ] ],

    # one of each kind
    [ [ user => 'u', temperature => '1.500', @file, prompt => '', top_p => 1,
            language => 'x', temperatures => 9 ],
        [ temperature => 1, @file, prompt => '', @language,
            temperatures => 9 ] ],
);

# the upstream's default temperature, 0, is below the minimum

for (@forms) {
    my ($asked, $sent) = @$_;

    push @$sent, temperature => '0.25'
        if !grep { defined && $_ eq 'temperature' } @$asked;
}

for my $n (0 .. $#forms) {
    my ($asked, $sent) = map { form(@$_) } @{ $forms[$n] };

    for my $where (qw(memory file always)) {
        same("form $n, $where", "/$where/audio", $asked, $sent);
    }
}

# A file of requests is JSON, and text removed from its lines leaves spaces in a
# temporary file; text removed from the fields around it does not.

my $line = '{"url":"/v1/chat/completions","body":{"temperature":T}}' . "\n";
my $pad = '{"url":"/v1/chat/completions","body":{"temperature":1,"language":'
    . '"english","messages":"' . 'x' x 2000 . qq("}}\n);

for my $case ([ memory => '1' ], [ file => '1   ' ], [ always => '1   ' ]) {
    my ($where, $held) = @$case;
    my $asked = $line =~ s/T/1e10/r;
    my $lines = $line =~ s/T\}/$held,"language":"english"}/r;

    same("lines, $where", "/$where/files",
        form(top_p => 1, file => $asked . $pad . $asked, purpose => 'batch'),
        form(file => $lines . $pad . $lines, purpose => 'batch'));
}

$t->done;

# Asserts the bodies of both tries, without printing them.

sub same {
    my ($name, $path, $asked, $sent) = @_;

    $up->clear;

    my $r = $t->post($path, $asked,
        'Content-Type' => 'multipart/form-data; boundary=xyz');

    is($r->{status}, 200, "$name, status");
    is($up->count, 2, "$name, tries");

    for my $try ($up->requests) {
        is($try->header('Content-Length'), length $sent, "$name, length");
        ok($try->{body} eq $sent, $name)
            or diag($try->{body} =~ s/\Q$binary\E/.../r
                =~ s/[^\n -~]|x{9,}/?/gr);
    }
}
