package LLMPolicy::Conf;

# The parts of configurations that many tests have in common, so that each test
# shows only its own.
#
#   $t->write_file('policy.json', one_tier('"temperature": { "max": 1 }',
#       '~/chat$' => 'openai.chat'));
#
#   $t->run(gateway(server => <<'EOF'));
#
#   location / {
#       proxy_pass http://%%UPSTREAM%%;
#   }
#
#   EOF
#
# one_tier() returns a document with one tier, "free": the members of its
# "parameters", in JSON, and routes, each a path and its dialect.  gateway()
# returns an nginx.conf with one server on PORT_0, which applies policy.json:
#
#   main     directives of the main context
#   http     directives of the http block, in front of the server
#   server   directives and locations of the server
#   http2    true: the server also listens on PORT_1, for HTTP/2

use strict;
use warnings;

use Exporter qw(import);

our @EXPORT = qw(gateway one_tier);

sub one_tier {
    my ($parameters, @routes) = @_;
    my @json;

    while (my ($path, $dialect) = splice @routes, 0, 2) {
        $path =~ s/\\/\\\\/g;
        push @json, qq({ "path": "$path", "dialect": "$dialect" });
    }

    my $routes = @json ? ",\n  \"routes\": [ " . join(', ', @json) . ' ]' : '';

    chomp $parameters;

    return <<"EOF";
{
  "version": 1,
  "default_tier": "free",
  "tiers": { "free": { "parameters": {
    $parameters
  } } }$routes
}
EOF
}

sub gateway {
    my (%conf) = @_;
    my ($main, $http, $server) = map { $_ // '' } @conf{qw(main http server)};
    my $http2 = $conf{http2} ? 'listen 127.0.0.1:%%PORT_1%% http2;' : '';

    return <<"EOF";

%%GLOBALS%%

load_module %%MODULE%%;

$main

events {
}

http {
    %%GLOBALS_HTTP%%

    $http

    server {
        listen 127.0.0.1:%%PORT_0%%;
        $http2

        llm_policy on;
        llm_policy_file policy.json;

        $server
    }
}

EOF
}

1;
