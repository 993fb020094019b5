#!/usr/bin/perl

# Several workers, each with many requests at a time.

use strict;
use warnings;

use FindBin;
use Test::More;

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Conf;
use LLMPolicy::Test;

my $t = LLMPolicy::Test->new;
my $up = $t->upstream(1, sub { { body => $_[0]{body} } });

$t->write_file('policy.json', one_tier('"temperature": { "max": 1 }',
    '~/chat$' => 'openai.chat'));

$t->run(<<'EOF');

%%GLOBALS%%

load_module %%MODULE%%;

worker_processes 2;

events {
}

http {
    %%GLOBALS_HTTP%%

    server {
        listen 127.0.0.1:%%PORT_0%% reuseport;

        llm_policy on;
        llm_policy_file policy.json;

        add_header X-Worker $pid;
        add_header X-Requested $llm_requested_temperature;

        location / {
            proxy_pass http://%%UPSTREAM%%;
        }

        location /file/ {
            client_body_in_file_only clean;
            proxy_pass http://%%UPSTREAM%%;
        }
    }
}

EOF

# All bodies are sent concurrently.

my @clients = map { $t->client } 1 .. 64;
my @bodies = map { sprintf '{"seed":%d,"temperature":1.%d}', $_, $_ }
    1 .. @clients;

for my $i (0 .. $#clients) {
    $clients[$i]->request('POST', $i % 2 ? '/memory/chat' : '/file/chat',
        substr($bodies[$i], 0, -2), 'Content-Length' => length $bodies[$i]);
}

for my $i (0 .. $#clients) {
    $clients[$i]->send(substr $bodies[$i], -2);
}

my (%workers, @wrong);

for my $i (0 .. $#clients) {
    my $response = $clients[$i]->response;
    my $expected = $t->edited($bodies[$i] =~ s/(\.\d+)/<$1>/r, $i % 2 == 0);

    push @wrong, "$bodies[$i]: $response->{body}"
        if $t->unpadded($response->{body}) ne $expected
            || $response->header('X-Requested') ne '1.' . ($i + 1);

    $workers{$response->header('X-Worker')}++;
}

is(join("\n", @wrong), '', 'each client has its own response');
is_deeply([ sort keys %workers ], [ sort $t->workers ],
    'both workers answered');

$t->done;
