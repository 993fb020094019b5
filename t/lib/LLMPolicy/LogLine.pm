package LLMPolicy::LogLine;

# Lines of the access log in the log_format of conf/, without nginx.
#
#   log_line(llm_status => 'passed', llm_tier => 'free',
#       llm_dialect => 'openai.chat', llm_requested_temperature => '1.9');
#
# Values are those of nginx's variables; absent ones are empty.

use strict;
use warnings;

use Exporter qw(import);
use File::Basename qw(dirname);

our @EXPORT = qw(log_line);

my $conf = dirname(__FILE__) . '/../../../conf';
my $format;

sub log_line {
    my (%values) = @_;

    $format //= load("$conf/llm-policy-log.conf");
    $values{$_} //= 0
        for qw(status request_length bytes_sent request_time);

    return $format =~ s/\$(\w+)/escaped($values{$1} \/\/ '')/ger . "\n";
}

# Escapes like "escape=json" of nginx.

sub escaped {
    my ($value) = @_;

    return $value =~ s/(["\\])/\\$1/gr
        =~ s/([\x00-\x1f])/sprintf '\\u%04X', ord $1/ger;
}

sub load {
    my ($file) = @_;

    open my $in, '<', $file or die "cannot read $file: $!\n";
    local $/;

    return join '', <$in> =~ /^\s+'(.*)'/mg;
}

1;
