package LLMPolicy::Bodies;

# The request bodies of the benchmarks, the same bytes each time:
#
#   my @bodies = bodies();           a hash each: name, title, bytes
#   write_bodies($directory);        NAME.json each; returns the names
#   print body('chat-16k', '1.9');   one, with a temperature
#
# chat-1k     a chat of 1 KiB
# chat-16k    of 16 KiB, plain English with few escapes
# chat-256k   of 256 KiB: 15 % of its bytes are not ASCII, of languages that
#             change from word to word, and 8,352 are backslashes
# image-4m    4 MiB, an image in base64
# tools-64k   64 KiB of tool schemas: short names, short strings, braces

use strict;
use warnings;
use utf8;

use Encode ();
use Exporter qw(import);

our @EXPORT = qw(bodies body write_bodies);

use constant {
    TEMPERATURE => '0.5',
    BACKSLASHES => 8352,
    NON_ASCII => 0.1556,    # of the texts: 0.15 of all
};

my @words = qw(the of and to in a is that for it as was with be by on not he
    this are or his from at which but have an they you were their one all we
    can her has there been if more when will would who so no request response
    function returns value between tokens model policy parameter explains
    temperature maximum section consider following example customer because);

my @foreign = qw(für größer Übung schön déjà façade naïve œuvre señor mañana
    corazón språk łódź příliš žluťoučký привет модель запрос ответ Ελλάδα
    λόγος 模型 请求参数 温度 日本語 こんにちは 한국어 שלום مرحبا हिन्दी);

my @pictures = qw(😀 🚀 👍 🎉);

# the output of a serializer that does not escape non-ASCII text, like most
my @escapes = ((('\n') x 3, ('\"') x 3, '\t', '\\\\', '\n\n') x 4, '\u003c');

my @makers = (
    [ 'chat-1k', '1 KiB chat', 1 << 10, \&chat_1k ],
    [ 'chat-16k', '16 KiB chat', 16 << 10, \&chat_16k ],
    [ 'chat-256k', '256 KiB chat, non-ASCII and escapes', 256 << 10,
        \&chat_256k ],
    [ 'image-4m', '4 MiB, one base64 image', 4 << 20, \&image_4m ],
    [ 'tools-64k', '64 KiB of tool schemas', 64 << 10, \&tools_64k ],
);

# A generator of our own: rand() differs between versions of perl.

my $state;

sub below {
    my ($n) = @_;

    $state = ($state * 1103515245 + 12345) & 0x7fffffff;

    return ($state >> 8) % $n;
}

sub pick {
    return $_[below(scalar @_)];
}

# English text of a number of bytes, with one line break among a number of
# words.

sub english {
    my ($len, $every) = @_;
    my $text = '';

    while (length $text < $len) {
        $text .= pick(@words) . ($every && !below($every) ? '\n' : ' ');
    }

    $text = substr $text, 0, $len;
    $text =~ s/\\\z/ /;

    return $text;
}

sub message {
    my ($role, $content) = @_;

    return qq({"role":"$role","content":"$content"});
}

# A request: the text before and after a filler that brings it to its size.

sub around {
    my ($temperature, @messages) = @_;

    return ('{"model":"gpt-4o-mini","messages":['
            . join('', map { "$_," } @messages)
            . '{"role":"user","content":"',
        qq("}],"temperature":$temperature,"max_tokens":1024,"stream":true}));
}

sub filled {
    my ($size, $fill, $before, $behind) = @_;

    return $before . $fill->($size - length($before) - length($behind))
        . $behind;
}

sub chat_1k {
    my ($size, $temperature) = @_;

    return filled($size, sub { english($_[0], 40) }, around($temperature,
        message('system', 'You are a helpful assistant.')));
}

sub chat_16k {
    my ($size, $temperature) = @_;

    my @turns = map { message($_ % 2 ? 'assistant' : 'user',
        english(900 + below(600), 30)) } 0 .. 9;

    return filled($size, sub { english($_[0], 30) }, around($temperature,
        message('system', english(600, 30)), @turns));
}

# Adds text of the kind that is most lacking, so that the shares are right
# everywhere in the text; the words and the distances of escapes are random.

sub mixed {
    my ($len, $count, $scale) = @_;
    my $text = '';

    while (length $text < $len - 64) {
        my $rate = $count->{backslashes} / $scale->{backslashes};
        my $done = $count->{bytes} / $scale->{bytes};
        my $word;

        if ($rate < $done && below(3)) {
            $word = pick(@escapes);
            $count->{backslashes} += $word =~ tr/\\//;

        } elsif ($count->{foreign} < NON_ASCII * $count->{bytes}
            && below(3))
        {
            $word = Encode::encode('UTF-8',
                below(12) ? pick(@foreign) : pick(@pictures)) . ' ';
            $count->{foreign} += $word =~ tr/\x80-\xff//;

        } else {
            $word = pick(@words) . ' ';
        }

        $text .= $word;
        $count->{bytes} += length $word;
    }

    return $text . english($len - length $text);
}

sub chat_256k {
    my ($size, $temperature) = @_;
    my $count = { bytes => 0, backslashes => 0, foreign => 0 };
    my $scale = { bytes => $size, backslashes => BACKSLASHES };

    my @turns = map { message($_ % 2 ? 'assistant' : 'user',
        mixed(2000 + below(4000), $count, $scale)) } 0 .. 49;

    # the last word makes the number of backslashes even

    return filled($size, sub {
        my $text = mixed($_[0] - 4096, $count, $scale);
        my $lacking = BACKSLASHES - $count->{backslashes};

        return $text . '\n' x $lacking
            . english($_[0] - length($text) - 2 * $lacking);
    }, around($temperature, message('system', english(600)), @turns));
}

sub image_4m {
    my ($size, $temperature) = @_;
    my @digits = ('A' .. 'Z', 'a' .. 'z', 0 .. 9, '+', '/');
    my ($before, $behind) = around($temperature);

    $before =~ s/"content":"\z//;
    $behind =~ s/\A"/"\}\}]/;
    $before .= '"content":[{"type":"text","text":"What is in this image?"},'
        . '{"type":"image_url","image_url":{"url":"data:image/jpeg;base64,';

    return filled($size, sub {
        my $line = join '', map { pick(@digits) } 1 .. 4093;

        return substr $line x (1 + $_[0] / length $line), 0, $_[0];
    }, $before, $behind);
}

my @types = ('string', 'string', 'string', 'integer', 'number', 'boolean');
my @names = qw(id name city unit date limit offset query user_id enabled
    start_time end_time currency amount language page_size order filter zip);

sub property {
    my ($depth) = @_;
    my $about = qq("description":"@{[ english(8 + below(24)) ]}");

    if ($depth && !below(5)) {
        return qq({"type":"object",) . properties($depth - 1) . '}';
    }

    if (!below(6)) {
        return qq({"type":"array","items":{"type":"@{[ pick(@types) ]}"}});
    }

    if (!below(5)) {
        my $values = join ',', map { '"' . pick(@words) . '"' } 0 .. below(4);

        return qq({"type":"string","enum":[$values]});
    }

    if (!below(6)) {
        return qq({"type":"integer","minimum":@{[ below(10) ]},)
            . qq("maximum":@{[ 10 + below(1000) ]}});
    }

    return qq({"type":"@{[ pick(@types) ]}",$about});
}

sub properties {
    my ($depth) = @_;
    my %seen;
    my @chosen = grep { !$seen{$_}++ } map { pick(@names) } 0 .. 1 + below(5);

    return '"properties":{'
        . join(',', map { qq("$_":) . property($depth) } @chosen)
        . qq(},"required":["$chosen[0]"],"additionalProperties":false);
}

sub tools_64k {
    my ($size, $temperature) = @_;
    my ($before, $behind) = around($temperature,
        message('system', 'You are a helpful assistant.'));
    my $tools = '';
    my $n = 0;

    while (length $tools < $size - 2048) {
        $tools .= ($n ? ',' : '') . '{"type":"function","function":'
            . qq({"name":"tool_$n","description":"@{[ english(30) ]}",)
            . '"parameters":{"type":"object",' . properties(2) . '}}}';
        $n++;
    }

    $behind =~ s/\A"\}\]/"}],"tools":[$tools]/;

    return filled($size, \&english, $before, $behind);
}

sub made {
    my ($maker, $temperature) = @_;
    my ($name, undef, $size, $make) = @$maker;

    $state = 1;

    my $bytes = $make->($size, $temperature);

    die "$name has ", length $bytes, " bytes\n" if length $bytes != $size;

    return $bytes;
}

sub body {
    my ($name, $temperature) = @_;
    my ($maker) = grep { $_->[0] eq $name } @makers;

    die "no body \"$name\"\n" if !$maker;

    return made($maker, $temperature // TEMPERATURE);
}

sub bodies {
    return map { {
        name => $_->[0], title => $_->[1], bytes => made($_, TEMPERATURE)
    } } @makers;
}

sub write_bodies {
    my ($directory) = @_;
    my @bodies = bodies();

    for my $body (@bodies) {
        my $file = "$directory/$body->{name}.json";

        open my $out, '>:raw', $file or die "$file: $!\n";
        print {$out} $body->{bytes};
        close $out or die "$file: $!\n";
    }

    return map { $_->{name} } @bodies;
}

1;
