#!/usr/bin/perl

# One decision is made for a request that nginx redirects internally, and it
# keeps its edited body; another policy makes another decision.

use strict;
use warnings;

use FindBin;
use Test::More;

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Test;

my $t = LLMPolicy::Test->new;
my $up = $t->upstream(1, sub { {} });

# responds with the redirect in its path

my $accel = $t->upstream(2, sub {
    return { headers => {
        'X-Accel-Redirect' => $_[0]{uri} =~ m{named} ? '@upstream' : '/static',
    } };
});

$t->write_file('policy.json', policy(1));
$t->write_file('strict.json', policy(0.5));
$t->write_file('static', 'static');

$t->run(<<'EOF');

%%GLOBALS%%

load_module %%MODULE%%;

events {
}

http {
    %%GLOBALS_HTTP%%

    log_format llm '$llm_status, $llm_adjustments';

    server {
        listen 127.0.0.1:%%PORT_0%%;

        access_log %%TESTDIR%%/llm.log llm;
        client_max_body_size 1m;

        llm_policy on;
        llm_policy_file policy.json;

        location /rewrite/ {
            rewrite ^/rewrite/(.*) /upstream/$1 last;
        }

        location /try/ {
            try_files /none @upstream;
        }

        location /again/ {
            try_files /none /upstream/chat;
        }

        location /rewritten/ {
            try_files /none @rewrite;
        }

        location /accel/ {
            proxy_pass http://%%UPSTREAM_2%%;
        }

        location /accel/file/ {
            client_body_in_file_only clean;
            proxy_pass http://%%UPSTREAM_2%%;
        }

        location /dead/ {
            error_page 502 = @upstream;
            proxy_pass http://127.0.0.1:%%PORT_dead%%;
        }

        location /off/ {
            try_files /none @off;
        }

        location /strict/ {
            try_files /none @strict;
        }

        location /tier/ {
            try_files /none @tier;
        }

        location /dry/ {
            llm_policy_dry_run on;
            try_files /none @upstream;
        }

        # its body was read for an upstream before a policy applied

        location /late/ {
            llm_policy off;
            error_page 502 = @upstream;
            proxy_pass http://127.0.0.1:%%PORT_dead%%;
        }

        location /file/ {
            client_body_in_file_only clean;

            location ~ /strict/ {
                try_files /none @strict;
            }

            location ~ /late/ {
                llm_policy off;
                error_page 502 = @upstream;
                proxy_http_version 1.0;
                proxy_pass http://127.0.0.1:%%PORT_dead%%;
            }

            location /file/ {
                try_files /none @upstream;
            }
        }

        location /upstream/ {
            proxy_pass http://%%UPSTREAM_1%%;
        }

        location = /static {
            root %%TESTDIR%%;
        }

        location @upstream {
            proxy_pass http://%%UPSTREAM_1%%;
        }

        location @rewrite {
            rewrite .* /upstream/chat last;
        }

        location @off {
            llm_policy off;
            proxy_pass http://%%UPSTREAM_1%%;
        }

        location @strict {
            llm_policy_file strict.json;
            proxy_pass http://%%UPSTREAM_1%%;
        }

        location @tier {
            llm_policy_tier low;
            proxy_pass http://%%UPSTREAM_1%%;
        }
    }
}

EOF

my $body = '{"stop":"x","temperature":1.9}';
my $edited = '{"stop":"x","temperature":1<.9>}';
my $max = 'modified, temperature=1.9->1 (max)';

# path, body at the upstream, log

my @redirects = (
    [ 'rewrite', $edited, $max ],
    [ 'try', $edited, $max ],
    [ 'again', $edited, $max ],
    [ 'rewritten', $edited, $max ],
    [ 'accel/named', $edited, $max ],
    [ 'accel/file/named', $edited, $max, 1 ],
    [ 'dead', $edited, $max ],
    [ 'off', $edited, $max ],
    [ 'late', $edited, $max ],
    [ 'dry', $edited, $max ],
    [ 'strict', '{"stop":"x","temperature":0.5}',
        'modified, temperature=1->0.5 (max)' ],
    [ 'tier', '{"stop":"x","temperature":0.1}',
        'modified, temperature=1->0.1 (max)' ],
    [ 'file', $edited, $max, 1 ],
    [ 'file/late', $edited, $max, 1 ],
    [ 'file/strict', '{"stop":"x","temperature":0.5<...>}',
        'modified, temperature=1->0.5 (max)', 'always' ],
);

my $n = 0;

for my $redirect (@redirects) {
    my ($from, $edit, $log, $in_file) = @$redirect;

    for my $chunks (undef, [ 5 ]) {

        # chunks are always read completely for HTTP/1.0

        $in_file = 'always' if $chunks && $from eq 'file/late';

        my $expected = $t->edited($edit, $in_file);
        my $r = $t->post("/$from/chat", $body, chunks => $chunks);
        is($r->{status}, 200, $from);
        $t->is_sent($up, $expected, "$from: sent");
        is(($t->access_log(++$n, 'llm.log'))[-1], $log, "$from: logged");
    }
}

is(scalar(grep { $_->{body} !~ /^\{"stop":"x","temperature":1 *\}$/ }
    $accel->requests), 0, 'the upstream that redirected got no other');

# A request that is refused after a redirect is not forwarded.

for my $from (qw(rewrite try again late file file/late)) {
    my $r = $t->post("/$from/chat", '{"temperature":"1"}');
    is($r->{status}, 400, "$from, refused");
    is(($t->access_log(++$n, 'llm.log'))[-1], 'rejected, ',
        "$from, refused: logged");
}

is($up->count, 0, 'refused requests were not forwarded');

# A redirect to a URI makes it a GET request without a body.

my $r = $t->post('/accel/chat', $body);
is($r->{body}, 'static', 'X-Accel-Redirect to a file');

# One decision, one line in error.log; "strict" and "tier" have two.

my @changes = $t->error_log =~ /\[info\].* temperature \S+ changed to/g;
my @twice = grep { $_->[0] =~ /strict|tier|dry/ } @redirects;
is(@changes, 2 * (@redirects + @twice) + 1, 'one decision a policy');

is($_->cut_requests, 0, 'each request ended with its body')
    for $up, $accel;

$t->done;

sub policy {
    my ($max) = @_;

    return <<"EOF";
{
  "version": 1,
  "default_tier": "free",
  "tiers": {
    "free": { "parameters": { "temperature": { "max": $max } } },
    "low": { "parameters": { "temperature": { "max": 0.1 } } }
  },
  "routes": [ { "path": "~/chat\$", "dialect": "openai.chat" } ]
}
EOF
}
