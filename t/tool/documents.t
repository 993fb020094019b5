#!/usr/bin/perl

# The documents: links resolve, tables are narrow, examples load, and each
# directive, variable, metric and refusal of the source is described.

use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Find qw(find);
use File::Temp ();
use FindBin;
use Test::More;

use lib "$FindBin::Bin/../lib";

use LLMPolicy::Tool;

my $root = $FindBin::Bin;
$root = dirname($root) until -e "$root/CHANGES" || $root eq '/';

# not checked: results of benchmarks are as wide as their numbers

my $wide = qr{^t/bench/};

my @pages = map { s{^\Q$root\E/}{}r } glob "$root/*.md $root/docs/*.md "
    . "$root/t/bench/*.md $root/t/bench/results/*.md";

my (%text, %prose, %anchors);

for my $page (@pages) {
    $text{$page} = slurp($page);

    # code has neither links nor headings
    $prose{$page} = $text{$page} =~ s/^```.*?^```$//gmsr =~ s/^ {4}.*$//gmr;
    $anchors{$page} = anchors($prose{$page});
}

subtest 'links' => sub {
    for my $page (@pages) {
        is_deeply([ broken_links($page) ], [], "links of $page");
    }
};

subtest 'width' => sub {
    cmp_ok(lines($text{'README.md'}), '<=', 200, 'lines of README.md');

    for my $page (grep { !/$wide/ } @pages) {
        my @lines = grep { /^\|/ && length > 120 } split /\n/, $prose{$page};

        is_deeply(\@lines, [], "tables of $page");
    }
};

subtest 'examples' => sub {
    my $count = 0;

    for my $page (@pages) {
        while ($text{$page} =~ /^```json\n(.*?)^```$/gms) {
            my ($json, $line) = ($1, lines($`) + 1);

            next unless $json =~ /"version"/;

            # installed files are those of conf

            $json =~ s{/usr/local/share/llm-policy/}{$root/conf/}g;

            my $file = File::Temp->new(SUFFIX => '.json');
            print $file $json;
            close $file or die "cannot write $file: $!\n";

            is(tool('', 'check', $file->filename)->{err}, '', "$page:$line");
            $count++;
        }
    }

    cmp_ok($count, '>', 5, 'examples were found');
};

subtest 'directives' => sub {
    my $page = $text{'docs/directives.md'};
    my %context = (MAIN => 'http', SRV => 'server', LOC => 'location');
    my $flags = qr/\s*((?:NGX_HTTP_\w+_CONF\|?)+)/;
    my @found = source('http', qr/\{ ngx_string\("(llm_policy\w*)"\),$flags/);

    cmp_ok(@found, '>', 0, 'found in the source');

    for my $directive (@found) {
        my ($name, $flags) = @$directive;
        my ($section) = $page =~ /^## \Q$name\E\n(.*?)(?=^## |\z)/ms;
        my $where = join ', ',
            map { $context{$_} } $flags =~ /NGX_HTTP_(\w+?)_CONF/g;

        ok($section, "$name has a section") or next;
        like($section, qr/^    Syntax:   \Q$name\E\b/m, "syntax of $name");
        like($section, qr/^    Default:  /m, "default of $name");
        like($section, qr/^    Context:  \Q$where\E$/m, "context of $name");
        like($section, qr/^```nginx$/m, "example of $name");

        my $link = qr/\[\Q$name\E\]\([^)]*#\Q$name\E\)/;

        like($text{$_}, $link, "$name in $_")
            for 'docs/directives.md', 'docs/README.md';
    }

    my %known = map { $_->[0] => 1 } @found;

    is_deeply([ grep { !$known{$_} } $page =~ /^## (llm_policy\w*)$/gm ], [],
        'no section is about another one');
};

subtest 'variables' => sub {
    my @found = map { $_->[0] }
        source('http', qr/\{ ngx_string\("(llm_(?!policy)\w+)"\)/);

    cmp_ok(@found, '>', 0, 'found in the source');

    for my $name (map { /_$/ ? "\$${_}NAME" : "\$$_" } @found) {
        like($text{'docs/variables.md'}, qr/^\| `\Q$name\E` \|/m, $name);
        like($text{'docs/README.md'}, qr/`\Q$name\E`/, "$name in the index");
    }
};

subtest 'metrics' => sub {
    my %directive = map { $_->[0] => 1 }
        source('http', qr/\{ ngx_string\("(llm_policy\w*)"\)/);
    my $unit = qr/total|info|bytes|seconds|temperature|keys|force/;
    my @found = grep { !$directive{$_} } map { $_->[0] }
        source('http', qr/"(llm_policy_[a-z_]+_$unit)\b/);

    cmp_ok(@found, '>', 0, 'found in the source');

    for my $name (@found) {
        like($text{$_} // '', qr/`\Q$name\E`/, "$name in $_")
            for 'docs/metrics.md', 'docs/README.md';
    }
};

subtest 'refusals' => sub {
    my @found = source('core', qr/^\s+\{ "([a-z_]+)", ([45]\d\d) \}/m);

    cmp_ok(@found, '>', 0, 'found in the source');

    for my $code (@found) {
        my ($name, $status) = @$code;

        like($text{'docs/refusals.md'}, qr/^\| $status \| \[?`\Q$name\E`/m,
            "$status $name");
    }
};

done_testing;

sub slurp {
    my ($name) = @_;

    open my $file, '<:encoding(UTF-8)', "$root/$name" or die "$name: $!\n";
    local $/;

    return <$file>;
}

sub lines {
    my ($text) = @_;

    return $text =~ tr/\n//;
}

# What the expression captures in the files of a folder of src, once each.

sub source {
    my ($folder, $expression) = @_;
    my %found;

    find({ no_chdir => 1, wanted => sub {
        return unless /\.[ch]$/;

        my $code = slurp(abs_path($_) =~ s{^\Q@{[ abs_path($root) ]}\E/}{}r);

        while ($code =~ /$expression/g) {
            $found{$1} = [ $1, $2 ];
        }
    } }, "$root/src/$folder");

    return map { $found{$_} } sort keys %found;
}

# The anchors of a page, as GitHub makes them of headings.

sub anchors {
    my ($prose) = @_;
    my %anchors;

    while ($prose =~ /^#+ (.*)$/gm) {
        my $anchor = lc $1 =~ s/\[([^\]]*)\]\([^)]*\)/$1/gr;

        $anchor =~ s/[^\w\- ]//g;
        $anchor =~ s/ /-/g;

        my $n = $anchors{$anchor}++;
        $anchors{"$anchor-$n"} = 1 if $n;
    }

    return \%anchors;
}

sub broken_links {
    my ($page) = @_;
    my @broken;

    while ($prose{$page} =~ /\]\(\s*([^()\s]+)\s*\)/g) {
        my $link = $1;

        next if $link =~ /^\w+:/;

        my ($path, $anchor) = $link =~ /^([^#]*)(?:#(.*))?$/;
        my $dir = dirname($page);
        my $target = $path eq '' ? $page : $dir eq '.' ? $path : "$dir/$path";

        1 while $target =~ s{(?:^|(?<=/))(?!\.\./)[^/]+/\.\./}{};

        push @broken, $link
            unless -e "$root/$target"
            && (!defined $anchor || $anchors{$target}{$anchor});
    }

    return @broken;
}
