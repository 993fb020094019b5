package LLMPolicy::Bench::Gateways;

# The measured gateways: rows of tables, each a process that proxies to the
# upstream.
#
#   my $gateways = LLMPolicy::Bench::Gateways->new($upstream_port);
#
#   $gateways->start(@rows);         # all gateways that these rows need
#   $gateways->port($row);           # where to send
#   $gateways->pid($row);            # whose time and memory count
#   $gateways->failure($row);        # why it did not start, or undef
#   $gateways->stop;
#
#   LLMPolicy::Bench::Gateways::nginx_conf('policy', $upstream_port);
#
# If a gateway does not start, its rows fail and the others continue.
#
# All gateways keep the memory that they free.  glibc would otherwise return it
# to the kernel when enough is free at the end of the heap, which depends on
# which requests overlap: some 50 page faults for a body of 256 KiB, or none.

use strict;
use warnings;

use Cwd ();
use Digest::SHA qw(sha256_hex);
use File::Basename qw(dirname);
use List::Util qw(uniq);

use LLMPolicy::Bench::Portkey;
use LLMPolicy::Bench::Process;
use LLMPolicy::Test;

use constant KEEP_MEMORY => map { ("MALLOC_${_}_THRESHOLD_" => 32 << 20) }
    qw(TRIM MMAP);

my $top = Cwd::abs_path(dirname(__FILE__) . '/../../../..');

my $files = "$top/t/bench/gateways";

my $key = 'sk-tenant';

my $in_memory = 'client_body_buffer_size 32m;';

# The rows:
#
#   name, gateway
#   temperature   of the request; one that is beyond the policy if not set
#   plain         no policy is held to
#   ours          goals are for it
#   paired        compared with plain more often than once a round
#   beside        another row that it is compared with, too
#   share         of the requests of a round, for what is slow
#   stalls        bodies are put in a file once they are larger than 16 KiB
#   warm          requests that it takes to be at its best: Node.js compiles
#                 what runs often
#   fields        of the request
#   key           API key of the request
#   counted       only its instructions are, see LLMPolicy::Bench::Instructions
#
# The distance of a second, identical process from "plain" shows which small
# differences are noise.

my @rows = (
    { name => 'proxy_pass, body in memory', gateway => 'plain', plain => 1 },
    { name => 'the same, another process', gateway => 'again', plain => 1,
        paired => 1 },
    { name => 'proxy_pass, defaults (temp file)', gateway => 'defaults',
        plain => 1, stalls => 1 },
    { name => 'proxy_request_buffering off', gateway => 'unbuffered',
        plain => 1, paired => 1 },

    { name => 'llm_policy, clamps', gateway => 'policy', ours => 1,
        paired => 1 },
    { name => 'llm_policy, changes nothing', gateway => 'policy', ours => 1,
        paired => 1, temperature => '0.5' },
    { name => 'llm_policy, clamps, metrics', gateway => 'metrics', ours => 1,
        paired => 1 },
    { name => 'llm_policy, clamps, limits', gateway => 'limits', ours => 1,
        paired => 1 },
    { name => 'llm_policy, clamps, candidate', gateway => 'candidate',
        ours => 1, paired => 1 },
    { name => 'llm_policy, clamps, tenant', gateway => 'tenant',
        key => $key, counted => 1 },
    { name => 'llm_policy, clamps, tenant, share', gateway => 'share',
        key => $key, counted => 1 },
    { name => 'llm_policy, clamps, streaming', gateway => 'streaming',
        paired => 1, beside => 'proxy_request_buffering off' },

    { name => 'Lua + cjson', gateway => 'lua', share => 0.3 },
    { name => 'njs', gateway => 'njs', share => 0.2 },
    { name => 'Portkey', gateway => 'portkey', share => 0.05,
        warm => 3000, fields => LLMPolicy::Bench::Portkey::fields() },
);

# Modules, additions to the common http block, and the server: each row is a
# process.  A process that had other bodies before has another heap, which can
# be a third of the time for a body of 256 KiB; and an unbuffered connection has
# TCP_NODELAY: a kept one would not stall.

my $policed = "llm_policy_file policy.json; llm_policy_reload off;";
my $pass = 'location / { proxy_pass http://api; }';

my %nginx = (
    plain => { server => "$in_memory $pass" },
    again => { server => "$in_memory $pass" },
    defaults => { server => $pass },
    unbuffered => { server => "proxy_request_buffering off; $pass" },
    policy => {
        modules => [ '%%MODULE%%' ], http => $policed,
        server => "$in_memory llm_policy on; $pass",
    },
    metrics => {
        modules => [ '%%MODULE%%' ], http => $policed,
        server => "$in_memory llm_policy on; $pass"
            . ' location = /status { llm_policy_status; }',
    },
    limits => {
        modules => [ '%%MODULE%%' ], http => $policed,
        server => "$in_memory llm_policy on; llm_policy_tier limited; $pass",
    },
    candidate => {
        modules => [ '%%MODULE%%' ],
        http => "$policed llm_policy_candidate candidate.json;",
        server => "$in_memory llm_policy on; $pass"
            . ' location = /status { llm_policy_status; }',
    },
    tenant => {
        modules => [ '%%MODULE%%' ],
        http => 'llm_policy_file tenants.json; llm_policy_reload off;',
        server => "$in_memory llm_policy on; $pass"
            . ' location = /status { llm_policy_status; }',
    },
    share => {
        modules => [ '%%MODULE%%' ],
        http => 'llm_policy_file tenants.json; llm_policy_reload off;'
            . ' llm_policy_candidate tenants_candidate.json share=1%;',
        server => "$in_memory llm_policy on; $pass"
            . ' location = /status { llm_policy_status; }',
    },
    streaming => {
        modules => [ '%%MODULE%%' ], http => $policed,
        server => 'proxy_request_buffering off; llm_policy_streaming on;'
            . " llm_policy on; $pass",
    },
    lua => {
        modules => [ '%%MODULES%%/ndk_http_module.so',
            '%%MODULES%%/ngx_http_lua_module.so' ],
        server => "$in_memory access_by_lua_file $files/policy.lua; $pass",
    },
    njs => {
        modules => [ '%%MODULES%%/ngx_http_js_module.so' ],
        http => "js_import policy from $files/policy.js;"
            . ' subrequest_output_buffer_size 64k;',
        server => "$in_memory location / { js_content policy.police; }"
            . ' location /upstream/ { internal;'
            . ' proxy_pass http://api/; }',
    },
);

my $policy = <<'EOP';
{
  "version": 1,
  "default_tier": "free",
  "tiers": {
    "free": {
      "parameters": { "temperature": { "default": 0.7, "max": 1 } }
    },
    "limited": {
      "parameters": { "temperature": { "default": 0.7, "max": 1 } },
      "limits": {
        "requests_per_minute": 1000000000, "tokens_per_minute": 1000000000000,
        "tokens_per_day": 1000000000000, "concurrent_requests": 1000
      }
    }
  }
}
EOP

my $tenants = $policy =~ s/"tiers"/"tenants": {
    "bench": { "tier": "free", "keys": [ "sha256:${\ sha256_hex($key) }" ] }
  },
  "tiers"/r;

sub rows {
    return grep { !$_->{counted} } @rows;
}

# Returns the files of the gateways: names and texts.

sub files {
    return (
        'policy.json' => $policy,
        'candidate.json' => $policy =~ s/"max": 1 /"max": 0.9 /gr,
        'tenants.json' => $tenants,
        'tenants_candidate.json' => $tenants =~ s/"max": 1 /"max": 0.9 /gr,
    );
}

sub row {
    my ($name) = @_;
    my ($row) = grep { $_->{name} eq $name } @rows;

    return $row // die "no row \"$name\"\n";
}

sub new {
    my ($class, $upstream) = @_;

    return bless {
        upstream => $upstream, running => {}, failures => {},
    }, $class;
}

# Restarts the gateways, except those that need long to warm up.

sub start {
    my ($self, @rows) = @_;
    my $running = $self->{running};
    my %lasting = map { ($_->{gateway} => 1) } grep { $_->{warm} } @rows;

    $self->stop_some(grep { !$lasting{$_} } keys %$running);

    for my $name (grep { !$running->{$_} } uniq map { $_->{gateway} } @rows) {
        my $gateway = eval { $self->started($name) };

        $running->{$name} = $gateway if $gateway;
        $self->{failures}{$name} = $gateway ? undef : reason("$@");
    }
}

sub started {
    my ($self, $name) = @_;
    my $t = $self->{kept}{$name} //= LLMPolicy::Test->new;

    local %ENV = (%ENV, KEEP_MEMORY);

    if ($name eq 'portkey') {
        my $portkey = LLMPolicy::Bench::Portkey->start($t->port(0),
            "$top/t/bench", $self->{upstream});

        return { object => $portkey, pid => $portkey->{pid}, t => $t };
    }

    my %file = files();

    $t->write_file($_, $file{$_}) for keys %file;
    $t->run(nginx_conf($name, $self->{upstream}));

    return { object => $t, pid => ($t->workers)[0], t => $t };
}

# Returns the nginx.conf of a gateway that proxies to a port.

sub nginx_conf {
    my ($name, $upstream) = @_;
    my $gateway = $nginx{$name};
    my $modules = join "\n", map { "load_module $_;" }
        @{ $gateway->{modules} // [] };
    my $affinity = nginx_affinity('gateway');
    my $http = $gateway->{http} // '';
    return <<"EOC";
%%GLOBALS%%
$modules
worker_processes 1;
$affinity
events {}
http {
    %%GLOBALS_HTTP%%
    access_log off;
    keepalive_requests 1000000;
    client_max_body_size 0;

    # a log line for each change is not part of this measurement
    error_log %%TESTDIR%%/http.log error;

    $http

    upstream api {
        server 127.0.0.1:$upstream;
        keepalive 16;
    }

    proxy_http_version 1.1;
    proxy_set_header Connection "";

    server {
        listen 127.0.0.1:%%PORT_0%%;
        $gateway->{server}
    }
}
EOC
}

# Returns nginx's messages without their place and time.

sub reason {
    my ($text) = @_;

    return $1 if $text =~ /\[emerg\] \d+#\d+: (.*?)(?: in \S+)?\n/;
    return $text;
}

sub failure {
    my ($self, $row) = @_;

    return $self->{failures}{ $row->{gateway} };
}

sub port {
    my ($self, $row) = @_;

    return $self->{running}{ $row->{gateway} }{t}->port(0);
}

sub pid {
    my ($self, $row) = @_;

    return $self->{running}{ $row->{gateway} }{pid};
}

sub stop {
    my ($self) = @_;

    $self->stop_some(keys %{ $self->{running} });
}

sub stop_some {
    my ($self, @names) = @_;

    $_->{object}->stop for delete @{ $self->{running} }{@names};
}

sub leave {
    my ($self) = @_;

    $self->stop;
    $_->leave for values %{ $self->{kept} // {} };
}

1;
