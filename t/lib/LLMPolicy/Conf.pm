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
#
# shipped('keys') returns conf/keys.conf as it is, except for what a test must
# have of its own: ports (that of the status page is PORT_status), the upstream,
# paths.
# install($t) puts the files of conf beside it, with the hash of an API key, if
# there is one, in place of the first of each document.

use strict;
use warnings;

use Cwd ();
use Exporter qw(import);

use LLMPolicy::Upstream;

our @EXPORT = qw(gateway install one_tier shipped);

my $shipped = Cwd::abs_path(__FILE__ =~ s{[^/]*$}{}r . '../../../conf');

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

sub shipped {
    my ($name) = @_;
    my $conf = LLMPolicy::Upstream::slurp("$shipped/$name.conf");

    # what %%GLOBALS%% sets

    $conf =~ s/^(?:user|worker_processes|pid|error_log)\s.*\n//gm;
    $conf =~ s/^(?=load_module)/%%GLOBALS%%\n\n/m;
    $conf =~ s/^http \{\n\K/    %%GLOBALS_HTTP%%\n/m;

    $conf =~ s{modules/ngx_http_llm_policy_module.so}{%%MODULE%%};
    $conf =~ s{modules/}{%%MODULES%%/}g;
    $conf =~ s{/var/log/nginx/}{%%TESTDIR%%/}g;

    $conf =~ s/^(\s*listen\s+)8\d+/${1}127.0.0.1:%%PORT_0%%/gm;
    $conf =~ s/127\.0\.0\.1:8081/127.0.0.1:%%PORT_status%%/g;
    $conf =~ s/127\.0\.0\.1:8000/%%UPSTREAM%%/g;

    return $conf;
}

sub install {
    my ($t, $hash) = @_;

    for my $path (glob "$shipped/*.conf $shipped/*.js $shipped/*.json") {
        my $text = LLMPolicy::Upstream::slurp($path);

        $text =~ s/"sha256:0{63}\d"/"sha256:$hash"/ if defined $hash;
        $t->write_file($path =~ s{.*/}{}r, $text);
    }
}

1;
