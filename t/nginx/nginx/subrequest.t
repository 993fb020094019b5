#!/usr/bin/perl

# Subrequests made by filters of the response have the edited body of their
# parent.

use strict;
use warnings;

use FindBin;
use Test::More;

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Conf;
use LLMPolicy::Test;

my $t = LLMPolicy::Test->new;
my $up = $t->upstream(1, sub { { body => "main\n" } });

# every other try is repeated

my $sub = $t->upstream(2, sub {
    return { status => $_[0]{n} % 2 ? 503 : 200, body => "sub\n" };
});

$t->write_file('policy.json', policy(1));
$t->write_file('strict.json', policy(0.5));

$t->run(gateway(http => <<'EOH', server => <<'EOF'));

upstream sub {
    server %%UPSTREAM_2%% max_fails=0;
    server %%UPSTREAM_2%% max_fails=0;
}

addition_types application/json;

proxy_next_upstream http_503;

EOH

location /memory/ {
    add_before_body /sub;
    proxy_pass http://%%UPSTREAM_1%%;
}

location /file/ {
    client_body_in_file_only clean;
    add_before_body /sub;
    proxy_pass http://%%UPSTREAM_1%%;
}

location /strict/ {
    add_before_body /stricter;
    proxy_pass http://%%UPSTREAM_1%%;
}

# a policy applies to the subrequest only

location /off/ {
    llm_policy off;
    add_before_body /sub;
    proxy_pass http://%%UPSTREAM_1%%;
}

location = /sub {
    proxy_pass http://sub;
}

location = /stricter {
    llm_policy_file strict.json;
    proxy_pass http://sub;
}

EOF

my $body = '{"stop":"...","temperature":1.9}';
my $edited = '{"stop":"...","temperature":1<.9>}';

for my $where ('memory', 'file') {
    for my $size (10, 5000) {
        my ($before, $after) = map { s/\.\.\./'x' x $size/er }
            $body, $t->edited($edited, $where eq 'file');

        my $r = $t->post("/$where/chat", $before);

        is($r->{body}, "sub\nmain\n", "$where, $size");
        $t->is_sent($up, $after, "$where, $size: main");
        is_tried($after, "$where, $size: subrequest, both tries");
    }
}

# Another policy would decide again, but has no route for the path.

my $r = $t->post('/strict/chat', $body);
is($r->{body}, "sub\nmain\n", 'another policy');
$t->is_sent($up, $t->edited($edited, 0), 'another policy: main');
is_tried('', 'another policy: no body');

$r = $t->post('/off/chat', $body);
is($r->{body}, "sub\nmain\n", 'policy only in the subrequest');
$t->is_sent($up, $body, 'policy only in the subrequest: main');
is_tried('', 'policy only in the subrequest: no body');

$r = $t->post('/memory/chat', '{"temperature":"1"}');
is($r->{status}, 400, 'refused');

is($_->count, 0, 'nothing else sent') for $up, $sub;
is($_->cut_requests, 0, 'each request ended with its body')
    for $up, $sub;

$t->done;

sub is_tried {
    my ($body, $name) = @_;

    is_deeply([ map { $_->{body} } $sub->wait_for(2) ], [ $body, $body ],
        $name);
    $sub->clear;
}

sub policy {
    my ($max) = @_;

    return <<"EOF";
{
  "version": 1,
  "default_tier": "free",
  "tiers": { "free": { "parameters": { "temperature": { "max": $max } } } },
  "routes": [ { "path": "~/chat\$", "dialect": "openai.chat" } ]
}
EOF
}
