#!/usr/bin/perl

# Forms that servers parse differently: one finds a temperature of 1.9, another
# does not.  They are refused; every forwarded form is within the policy for
# every reader.

use strict;
use warnings;

use FindBin;
use Test::More;

use lib "$FindBin::Bin/../lib";
use LLMPolicy::Conf;
use LLMPolicy::Readers;
use LLMPolicy::Test;
use LLMPolicy::Verdict;

my $t = LLMPolicy::Test->new;
my $up = $t->upstream(1, \&echo);
my $readers = LLMPolicy::Readers->new('forms');

my @bounds = (
    { at => 'temperature', min => 0.2, max => 0.5 },
    { any => ['temperature'] }, { at => 'stream', absent => 1 },
);

$t->write_file('policy.json', one_tier(<<'EOF'));
"temperature": { "default": 0.30, "min": 0.2, "max": 0.5 },
"stream": { "deny": true }
EOF

$t->run(<<'EOC');

%%GLOBALS%%

load_module %%MODULE%%;

events {
}

http {
    %%GLOBALS_HTTP%%

    llm_policy on;
    llm_policy_file policy.json;

    server {
        listen 127.0.0.1:%%PORT_0%%;

        location / {
            proxy_pass http://%%UPSTREAM%%;
        }
    }

    server {
        listen 127.0.0.1:%%PORT_file%%;
        client_body_in_file_only clean;

        location / {
            proxy_pass http://%%UPSTREAM%%;
        }
    }
}

EOC

my $name = 'Content-Disposition: form-data; name=';
my $temperature = qq(${name}"temperature");
my $file = [ qq(${name}"file"; filename="a.mp3")
    . "\r\nContent-Type: audio/mpeg", "\0\xff--\n\r\n--a\r\n" ];
my $hot = form([ $temperature, 1.9 ]);
my $count = 0;

# refused forms, with any code: the section, and forms; all with a file

my @refused = (

    'two fields' => [
        form([ $temperature, 0.3 ], [ $temperature, 1.9 ]),
        form([ $temperature, 1.9 ], [ $temperature, 0.3 ]),
        form([ $temperature, 0.3 ], $file, [ qq(${name}"Temperature"), 1.9 ]),
        form([ $temperature, 0.3 ], [ qq(${name}"temperature[]"), 1.9 ]),
        form([ qq(${name}"user"), 1 ], [ qq(${name}"user"), 2 ]),
    ],

    'names' => [ map { form([ "Content-Disposition: form-data; $_", 1.9 ]) }
        'name=temperature', q(name='temperature'), 'NAME="temperature"',
        'name = "temperature"', 'name ="temperature"', 'name="temperature',
        q(name*=utf-8''temperature), q(name*=utf-8''temper%61ture),
        q(name="x"; name*=utf-8''temperature), 'name="x"; name="temperature"',
        'name="temperature"; name="x"', 'name*0="temper"; name*1="ature"',
        'name="temper\ature"', 'name="temperature\""', 'name="temper%61ture"',
        'name="TEMPERATURE"', 'name="Temperature"', 'name=" temperature"',
        'name="temperature "', "name=\"temperature\0\"", 'name="temper ature"',
        qq(name="temperature\xff"), 'name="temperature[]"',
        'name="options[temperature]"', 'name="temperature.x"',
        'x="y"; name="temperature"', 'filename="a"; name="temperature"',
        'name="temperature"; filename="a"', 'name="temperature"; filename=""',
        q(name="temperature"; filename*=utf-8''a),
        'name="=?utf-8?q?temperature?="', 'name="temp&#101;rature"',
        'name="temperature";', 'name="temperature"; x',
        "name=\"top_\xe2\x84\xaa\"",
        'name=""', '', 'x="temperature"' ],

    'header lines' => [ map({ form([ $_, 1.9 ]) }
        "Content-Disposition: form-data;\r\n name=\"temperature\"",
        "$temperature\r\n; x=y", "Content-Disposition:\r\n\tform-data; "
            . 'name="temperature"', "$temperature\r\n$temperature",
        qq(${name}"x"\r\n$temperature), "X: y\r\n$temperature",
        "$temperature\r\nX: y", "$temperature\r\nContent-Disposition: x",
        'Content-Disposition: attachment; name="temperature"',
        'Content-Disposition: form-data, name="temperature"',
        'Content-Disposition : form-data; name="temperature"',
        ' Content-Disposition: form-data; name="temperature"',
        "Content-Type: text/plain",
        "$temperature\r\nContent-Type: application/json",
        "$temperature\r\nContent-Type: text/plain; charset=utf-16",
        "$temperature\r\nContent-Type: text/plain; charset=utf-7",
        "$temperature\r\nContent-Type: text/plain\r\nContent-Type: text/plain",
        "$temperature\r\nContent-Type: multipart/mixed; boundary=c",
        qq(${name}"x"\r\nContent-Type: multipart/mixed; boundary=c),
        qq(${name}"x"\r\nContent-Type: message/rfc822),
        'Content-Disposition:form-data; name="temperature"',
        'Content-Disposition: form-data;name="temperature"',
        'Content-Disposition: form-data;  name="temperature"',
        "$temperature\r\nContent-Type:text/plain",
        qq(${name}"x"; filename="a; name=temperature"),
        qq(${name}"x";filename="a"),
        qq(${name}"x"; filename="b--Content-Disposition: form-data"),
        qq(${name}"x"\r\nContent-Type: a/b--Content-Disposition: form-data)),
        form([ qq(${name}"x"), "b\r\n$temperature\r\n\r\n1.9\r\nb\r\n" ]),
        form([ qq(${name}"x"), "b--content-DISPOSITION: form-data; "
            . "name=\"temperature\"\r\n\r\n1.9" ]),
        form([ "$temperature\r\nContent-Transfer-Encoding: quoted-printable",
            '1=2E9' ]),
        form([ "$temperature\r\nContent-Transfer-Encoding: base64",
            'MS45' ]) ],

    'around the fields' => [
        "x\r\n$hot", "\r\n$hot", " $hot", "\xef\xbb\xbf$hot", "${hot}x",
        $hot . $hot, "$hot\0", $hot =~ s/--b--/--b/r, $hot =~ s/--b--\r\n//r,
        $hot =~ s/\r\n/\n/gr, $hot =~ s/^--b\r\n/--b\n/r,
        $hot =~ s/\r\n\r\n/\n\n/r, $hot =~ s/\r\n\r\n/\r\n\n/r,
        $hot =~ s/^--b\r/--b \r/r, $hot =~ s/^--b\r/--b\t\r/r,
        $hot =~ s/--b--/--b --/r, $hot =~ s/--b--/--b-- /r,
        $hot =~ s/--b--/--b-/r, $hot =~ s/^--b/--B/r, $hot =~ s/^--b/-b/r,
        $hot =~ s/^--b/---b/r, $hot =~ s/^--b/--bb/r,
        "--b--\r\n$hot", "--b\r\n$hot", '', '--b', "--b--", "{}",
        $hot =~ s/1\.9/1.9\r\n--bx/r, $hot =~ s/1\.9/1.9\n--b/r,
        $hot =~ s/1\.9/1.9\r--b/r, map { substr $hot, 0, $_ } 1 .. 60,
    ],

    'values' => [ map { form([ $temperature, $_ ]) }
        '', ' ', ' 1.9', '1.9 ', "1.9\n", "\t1.9", "1.9\r\n", '+1.9', '01.9',
        '1.', '.9', '1_9', '1,9', '0x1p0', '1e400', 'NaN', 'nan', 'Infinity',
        'inf', '-inf', 'true', 'false', '"1.9"', '[1.9]', '{}', "1.9\0",
        "\xef\xbc\x91", "1.9;x=y", '1.' . '9' x 80, 'high', '--b' ],

    'denied names' => [ map { form([ qq(${name}"stream"), $_ ]) }
        'true', 'false', '1', '' ],
);

while (my ($section, $forms) = splice @refused, 0, 2) {
    for my $form (@$forms) {
        for my $body ($form, $form =~ /^--b\r\n/ ? with_file($form) : ()) {
            my ($verdict, @wrong) = judged($body);

            like($verdict, qr/^400 \w+$/, "$section: " . shown($body))
                or diag("@wrong");
        }
    }
}

# The boundary, and types that claim to be a form.

for my $type ('multipart/form-data', 'multipart/form-data; boundary=',
    'multipart/form-data; boundary=""', 'multipart/form-data; boundary=b x',
    'multipart/form-data; boundary=b; boundary=c', 'multipart/form-data; x=y',
    'multipart/form-data; boundary=c; boundary=b', 'application/json',
    'multipart/form-data; boundary="b', 'multipart/form-data, boundary=b',
    'multipart/form-data; boundary=b; charset=utf-7', 'multipart/mixed; '
        . 'boundary=b', 'multipart/form-data; boundary = b', 'multipart/',
    "multipart/form-data; boundary*=utf-8''b", 'multipart/form-data boundary=b',
    'application/x-www-form-urlencoded', 'text/plain; boundary=b')
{
    my ($verdict) = judged(form([ $temperature, 1.9 ]), $type);

    like($verdict, qr/^4(?:00|15) \w+$/, $type);
}

# Forms of clients: the policy is applied, and the rest is unchanged.

my $clamped = form($file, [ $temperature, 0.5 ]);

for my $row (
    [ form($file, [ $temperature, 1.9 ]), $clamped ],
    [ form($file, [ $temperature, '19e-1' ]), $clamped ],
    [ form($file, [ $temperature, -0 ]), form($file, [ $temperature, 0.2 ]) ],
    [ form($file, [ $temperature, '0.40' ]) ],
    [ form($file), form($file, [ $temperature, '0.30' ]) ],
    [ form($file, [ "$temperature\r\nContent-Type: text/plain", 1.9 ]),
        form($file, [ "$temperature\r\nContent-Type: text/plain", 0.5 ]) ],
    [ form($file, [ "$temperature\r\nContent-Type: text/plain; charset=utf-8",
        0.3 ]) ],
    [ form($file, [ qq(${name}"prompt"), "temperature: 1.9\r\n\xc3\xa9--" ],
        [ $temperature, 0.3 ]) ],
) {
    my ($body, $expected) = @$row;
    my ($verdict, @wrong) = judged($body);

    is($verdict, $expected // $body, 'sent: ' . shown($body));
    is("@wrong", '', 'read: ' . shown($body));

    ($verdict, @wrong) = judged($body, undef, 'file');
    is("@wrong", '', 'read, from a file: ' . shown($body));
}

is($up->count, $count, 'nothing else reached the upstream');

$readers->stop;
$t->done;

sub form {
    return join '', map({ "--b\r\n$_->[0]\r\n\r\n$_->[1]\r\n" } @_),
        "--b--\r\n";
}

# Returns the form after a file.

sub with_file {
    my ($form) = @_;

    return "--b\r\n$file->[0]\r\n\r\n$file->[1]\r\n$form";
}

# Returns the result of a form, and its defects if it is forwarded.

sub judged {
    my ($body, $type, $port) = @_;

    $type //= 'multipart/form-data; boundary=b';

    # an empty body would not be decided on
    my $verdict = verdict(post_to($t, $port // 0, '/v1/audio/transcriptions',
        $body eq '' ? "\r\n" : $body, 'Content-Type' => $type));

    return $verdict if $verdict =~ /^(?:\d|no )/;

    $count++;

    return ($verdict, $readers->within("$type\n$verdict", @bounds));
}

sub shown {
    my ($body) = @_;

    return substr($body =~ s/^--b\r\n//r, 0, 70) =~ s/[^ -~]/?/gr;
}
