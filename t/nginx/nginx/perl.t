#!/usr/bin/perl

# Bodies that nginx's Perl module has read before a policy applies, and bodies
# that it reads afterwards.

use strict;
use warnings;

use FindBin;
use Test::More;

use lib "$FindBin::Bin/../../lib";
use LLMPolicy::Conf;
use LLMPolicy::Test;

my $t = LLMPolicy::Test->new;
my $up = $t->upstream(1, sub { {} });

$t->write_file('policy.json', one_tier(
    '"temperature": { "default": 0.7, "max": 1 }', '~/chat$' => 'openai.chat'));

$t->run(<<'EOF');

%%GLOBALS%%

load_module %%MODULES%%/ngx_http_perl_module.so;
load_module %%MODULE%%;

events {
}

http {
    %%GLOBALS_HTTP%%

    server {
        listen 127.0.0.1:%%PORT_0%%;
        listen 127.0.0.1:%%PORT_1%% http2;

        llm_policy on;
        llm_policy_file policy.json;

        # read here, and then sent to a location with a policy

        location /before/ {
            llm_policy off;

            perl 'sub {
                my $redirect = sub {
                    $_[0]->internal_redirect("\@policed");
                    return OK;
                };

                return $_[0]->has_request_body($redirect) ? OK
                    : HTTP_BAD_REQUEST;
            }';
        }

        location @policed {
            proxy_pass http://%%UPSTREAM%%;
        }

        # read after the policy

        location /after/ {
            client_body_buffer_size 64k;

            perl 'sub {
                my $show = sub {
                    $_[0]->send_http_header;
                    $_[0]->print($_[0]->request_body);
                    return OK;
                };

                return $_[0]->has_request_body($show) ? OK
                    : HTTP_BAD_REQUEST;
            }';
        }
    }
}

EOF

my $body = '{"stop":"...","temperature":1.9}';
my $edited = '{"stop":"...","temperature":1<.9>}';

for my $size (10, 2000, 30_000) {
    my ($before, $memory, $file) = map { s/\.\.\./'x' x $size/er }
        $body, map { $t->edited($edited, $_) } 0, 'always';
    my $sent = $size > 20_000 ? $file : $memory;

    for my $chunks (undef, [ 10, 1999 ]) {
        $t->post('/before/chat', $before, chunks => $chunks);
        $t->is_sent($up, $sent, "read before, $size");

        my $r = $t->post('/after/chat', $before, chunks => $chunks);
        ok($r->{body} eq $memory, "read after, $size");
    }

    for my $length (1, 0) {
        my $h2 = $t->http2(1);
        my %options = (cut => [ 20 ], length => $length);

        $h2->response($h2->request('POST', '/before/chat', $before, %options));
        $t->is_sent($up, $sent, "read before, HTTP/2, $size");

        my $id = $h2->request('POST', '/after/chat', $before, %options);
        ok($h2->response($id)->{body} eq $memory, "read behind, HTTP/2, $size");
    }
}

for my $where ('before', 'after') {
    my $r = $t->post("/$where/chat", '{"temperature":"1"}');
    is($r->{status}, 400, "read $where, refused");
}

is($up->count + $up->cut_requests, 0, 'nothing else sent');

$t->done;
