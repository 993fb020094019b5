package LLMPolicy::Bench::Upstream;

# The upstream of the benchmark: an nginx that reads the whole body before it
# responds, like a model that does not stream.

use strict;
use warnings;

use LLMPolicy::Bench::Process;
use LLMPolicy::Test;

# a short response of a common size
my $answer = '{"id":"x","object":"chat.completion","choices":[{"index":0,'
    . '"message":{"role":"assistant","content":"' . 'Words of an answer. ' x 30
    . '"},"finish_reason":"stop"}],"usage":{"prompt_tokens":200,'
    . '"completion_tokens":100,"total_tokens":300}}';

# Returns the LLMPolicy::Test; its port(0) is that of the upstream.

sub start {
    my $t = LLMPolicy::Test->new;
    my $affinity = nginx_affinity('upstream');

    return $t->run(<<"EOC");
%%GLOBALS%%
worker_processes 1;
$affinity
events {}
http {
    %%GLOBALS_HTTP%%
    access_log off;
    keepalive_requests 1000000;
    client_max_body_size 0;
    client_body_buffer_size 8m;

    upstream answer {
        server 127.0.0.1:%%PORT_1%%;
        keepalive 16;
    }

    server {
        listen 127.0.0.1:%%PORT_0%%;

        # "return" here would respond before the body is read
        location / {
            proxy_pass http://answer;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Content-Length "";
            proxy_pass_request_body off;
        }
    }

    server {
        listen 127.0.0.1:%%PORT_1%%;
        default_type application/json;
        return 200 '$answer';
    }
}
EOC
}

1;
