#!/usr/bin/perl

# Bodies that Lua has read, changed or made before the policy: the forwarded
# body is within the policy all the same.

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

$t->write_file('body.json', '{"stop":"file","temperature":1.9}');

$t->run(<<'EOF');

%%GLOBALS%%

load_module %%MODULES%%/ndk_http_module.so;
load_module %%MODULES%%/ngx_http_lua_module.so;
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

        location /rewrite/ {
            rewrite_by_lua_block {
                ngx.req.read_body()
            }

            proxy_pass http://%%UPSTREAM%%;
        }

        location /access/ {
            access_by_lua_block {
                ngx.req.read_body()
            }

            proxy_pass http://%%UPSTREAM%%;
        }

        location /always/ {
            lua_need_request_body on;
            rewrite_by_lua_block {
                ngx.var.args = nil
            }

            proxy_pass http://%%UPSTREAM%%;
        }

        location /changed/ {
            access_by_lua_block {
                ngx.req.read_body()
                ngx.req.set_body_data('{"stop":"lua","temperature":1.8}')
            }

            proxy_pass http://%%UPSTREAM%%;
        }

        location /captured/ {
            access_by_lua_block {
                ngx.req.read_body()

                local answer = ngx.location.capture("/sub/chat", {
                    method = ngx.HTTP_POST,
                    body = ngx.req.get_body_data()
                })
                ngx.exit(answer.status)
            }
        }

        location /sub/ {
            proxy_pass http://%%UPSTREAM%%;
        }

        # the policy comes first

        location /content/ {
            content_by_lua_block {
                ngx.say(ngx.req.get_body_data())
            }
        }

        location /content/read/ {
            content_by_lua_block {
                ngx.req.read_body()
                ngx.say(ngx.req.get_body_data())
            }
        }

        location /exec/ {
            content_by_lua_block {
                ngx.req.read_body()
                ngx.req.set_body_data('{"stop":"exec","temperature":1.8}')
                ngx.exec("/sub/chat")
            }
        }

        # nginx may not write to this file

        location /file/ {
            access_by_lua_block {
                ngx.req.read_body()
                ngx.req.set_body_file("%%TESTDIR%%/body.json")
            }

            proxy_pass http://%%UPSTREAM%%;
        }
    }
}

EOF

my $body = '{"stop":"...","temperature":1.9}';
my $edited = '{"stop":"...","temperature":1<.9>}';

# Read early.

for my $where (qw(rewrite access always)) {
    for my $size (10, 2000, 30_000) {
        my ($before, $after) = map { s/\.\.\./'x' x $size/er }
            $body, $t->edited($edited, $size > 20_000 && 'always');

        for my $chunks (undef, [ 10, 1999 ]) {
            $t->post("/$where/chat", $before, chunks => $chunks);
            $t->is_sent($up, $after, "$where, $size");
        }

        for my $length (1, 0) {
            my $h2 = $t->http2(1);

            $h2->response($h2->request('POST', "/$where/chat", $before,
                cut => [ 20 ], length => $length));
            $t->is_sent($up, $after, "$where, $size, HTTP/2");
        }
    }

    is($t->post("/$where/chat", '{"temperature":"1"}')->{status}, 400,
        "$where, refused");
}

# Changed, or made by Lua.

for my $size (10, 30_000) {
    my $before = $body =~ s/\.\.\./'x' x $size/er;

    $t->post('/changed/chat', $before);
    $t->is_sent($up, '{"stop":"lua","temperature":1}', "changed, $size");

    $t->post('/exec/chat', $before);
    $t->is_sent($up, '{"stop":"exec","temperature":1}', "exec, $size");
}

is($t->post('/captured/chat', $body)->{status}, 200, 'captured');
$t->is_sent($up, $t->edited($edited, 0), 'captured: sent');

is($t->post('/captured/chat', '{"temperature":"1"}')->{status}, 400,
    'captured, refused');

# Lua reads the edited body.

is($t->post('/content/read/chat', $body)->{body}, $t->edited($edited, 0) . "\n",
    'content');

# A body that passes is not read before something reads it.

is($t->post('/content/chat', $body)->{body},
    ($t->streams ? 'nil' : $t->edited($edited, 0)) . "\n",
    'content, not read by Lua');

# A body that cannot be edited is not forwarded.

$t->excuse(qr/pwrite\(\).* failed \(9: Bad file descriptor\)/);

is($t->post('/file/chat', '{}')->{status}, 500, 'a file that is not nginx\'s');
is($t->read_file('body.json'), '{"stop":"file","temperature":1.9}',
    'and not changed');

is($up->count + $up->cut_requests, 0, 'nothing else sent');

$t->done;
