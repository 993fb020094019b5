package LLMPolicy::Dialects;

# The output of "llm-policy dialects" for dialects with JSON requests, parsed,
# so that tests of all dialects include new ones.
#
#   for my $dialect (dialects()) { ... }
#
#   name         "openai.chat"
#   paths        what its built-in routes are like, "/v1/chat/completions"
#   parameters   { name => { at => [place, ...], type, min, max, absent } };
#                absent is what the upstream takes then, "-" if that is unknown,
#                "none" if nothing; only what a bound is about has min or max
#   generates    false: nothing is ever added
#   scope        the place of its requests, '' if it is one
#   inside       true: nothing is added but in objects that are there
#   one_name     true: a parameter under two of its names is refused
#   model        the place of the model; undef if that is in the path alone
#   needing      places that are written only next to others
#   clashes      [ { beside, parameters => [name, ...] }, ...]
#   variants     [ { at, model }, ...]
#   always       places beside which a bound is always written
#   undermine    its own members that are refused beside a bound
#   strict       places that are refused beyond a bound, not brought to it
#   unlike       spellings that are something else there
#   documented   { place => [name, ...] }: other members of objects with
#                parameters
#   around       the same of objects around the requests of a batch
#
# A place is a path as in t/readers: member names joined by "/"; "*" is each
# element of an array.

use strict;
use warnings;

use Exporter qw(import);

use LLMPolicy::Tool;

our @EXPORT = qw(bounds dialects neutral outside own places required routed
    rules_text shared spellings undermining undone_by_empty wrapped);

# parameters that models which reason refuse, see llmp_known_models.c
my %unsampled = map { $_ => 1 } qw(temperature top_p top_k presence_penalty
    frequency_penalty stop logprobs top_logprobs logit_bias);

my (@dialects, @containers, %spellings, @undermining, %values);

sub dialects {
    load() if !@dialects;

    return @dialects;
}

# The places where some server looks for parameters; '' is the top level.

sub shared {
    load() if !@dialects;

    return ('', @containers);
}

# Names that are treated as the canonical name in all of these places.

sub spellings {
    my ($parameter) = @_;

    load() if !@dialects;

    return @{ $spellings{$parameter} // [] };
}

# Members that are refused there if a bound applies.

sub undermining {
    load() if !@dialects;

    return @undermining;
}

# Values of such a member that pass, apart from null and empty containers.

sub neutral {
    my ($name) = @_;

    load() if !@dialects;

    return quoted($values{$name} // '');
}

# Returns whether an empty container is refused, too.

sub undone_by_empty {
    my ($name) = @_;

    load() if !@dialects;

    return ($values{$name} // '') =~ /also if empty/;
}

# The places of a parameter in a dialect; the first one is written.  A JSON
# Pointer is its own place, in each request of a batch.

sub own {
    my ($dialect, $parameter) = @_;
    my $own = $dialect->{parameters}{$parameter};

    return under($dialect->{scope}, substr $parameter, 1)
        if $parameter =~ m{^/};

    return map { under($dialect->{scope}, $_) } $own ? @{ $own->{at} } : ();
}

# All places of a parameter, including those in the requests of a batch.  The
# own name of another parameter is not a spelling.

sub places {
    my ($dialect, $parameter) = @_;

    my %taken = map { $_ => 1 } map { own($dialect, $_) }
        grep { $_ ne $parameter } keys %{ $dialect->{parameters} };
    my %unlike = map { $_ => 1 } @{ $dialect->{unlike} };

    my %places = map { $_ => 1 } own($dialect, $parameter),
        grep { !$taken{$_} }
        map { my $place = $_; map { under($place, $_) }
            grep { !$unlike{$_} } spellings($parameter) }
        map { $_, under($dialect->{scope}, $_) } shared();

    return sort keys %places;
}

# The "parameters" of a policy.  Rules are a hash by parameter, each a hash by
# verb, of JSON texts: (temperature => { default => '0.70', max => '1' }).

sub rules_text {
    my (%rules) = @_;

    return join ', ', map { my $rule = $rules{$_};
        qq("$_": { ) . join(', ', map { qq("$_": $rule->{$_}) }
            sort keys %$rule) . ' }' } sort keys %rules;
}

# A policy with a route for each dialect, including those without a built-in
# one, and further routes.

sub routed {
    my ($policy, @routes) = @_;
    my $routes = join ', ', @routes, map {
        qq({ "path": "/by-name/$_->{name}", "dialect": "$_->{name}" }) }
        dialects();

    return $policy =~ s/\}\s*\z/, "routes": [ $routes ] }/r;
}

# Bounds of a parameter at all of its places, for readers->within().

sub bounds {
    my ($dialect, $parameter, $rule) = @_;
    my $own = $dialect->{parameters}{$parameter} // {};
    my $bounds = {};

    if ($rule->{deny} || $rule->{remove}) {
        $bounds = { absent => 1 };

    } elsif ($parameter eq 'thinking_budget') {
        # a budget may be lowered, to be below max_tokens
        my @most = grep { defined } @{$rule}{qw(force max)};
        @most = elements($rule->{allow}) if $rule->{allow};

        return () if !@most;

        $bounds = { min => 0, max => (sort { $b <=> $a } @most)[0] };

    } elsif (my $allowed = $rule->{allow}) {
        $bounds = { one_of => [ map { word($_) } elements($allowed),
            legal($own, $rule->{default}) ] };

    } elsif (defined $rule->{force}) {
        $bounds = { one_of => [ map { word($_) }
            $rule->{force}, legal($own, $rule->{force}) ] };

    } elsif (defined $rule->{min} || defined $rule->{max}) {
        # a written value may have to exceed the bound
        $bounds->{min} = least($rule->{min}, legal($own, $rule->{min}))
            if defined $rule->{min};
        $bounds->{max} = -least(-$rule->{max}, -legal($own, $rule->{max}))
            if defined $rule->{max};

        # values below one mean "no limit" in some APIs
        $bounds->{min} //= 1 if exists $bounds->{max}
            && $parameter =~ /^(?:max_tokens|top_k)$/;

    } else {
        return ();
    }

    return map { { at => $_, %$bounds, leveled($_, $bounds->{one_of}) } }
        places($dialect, $parameter);
}

# Gemini's levels are written in upper case.

sub leveled {
    my ($place, $words) = @_;

    return $words && $place =~ /thinking_?level$/i
        ? (one_of => [ map { $_, uc } @$words ]) : ();
}

# Places at which a parameter must be in a forwarded body, for
# readers->within(): one of its own places, if its rule writes it when it is
# absent.  Members that conflict with the parameter are searched for anywhere in
# the body.

sub required {
    my ($dialect, $parameter, $rule, $body) = @_;
    my @own = own($dialect, $parameter) or return ();

    return () if !$dialect->{generates} || $dialect->{inside};

    # not for a model that does not think, or that refuses the parameter
    return () if $parameter eq 'thinking_budget'
        || $unsampled{$parameter} && $body =~ /"(?:o[1-9]|gpt-[5-9])[-"]/;
    return () if !written($dialect, $parameter, $rule, $body);

    # next to another member only, which the body may not have
    return () if !defined $rule->{require}
        && grep { my $place = $_; grep { $_ eq $place } @own }
            @{ $dialect->{needing} };

    for my $clash (@{ $dialect->{clashes} }) {
        my ($beside) = $clash->{beside} =~ m{^([^/]+)};

        return () if $body =~ /"$beside"/
            && grep { $_ eq $parameter } @{ $clash->{parameters} };
    }

    # a default is not written into a member that is not an object
    return () if $parameter =~ m{^/([^/]+)/} && defined $rule->{default}
        && $body =~ /"$1"\s*:\s*[^{\sn]/;

    return { any => \@own, $dialect->{scope} eq '' ? ()
        : (given => $dialect->{scope}) };
}

# Returns whether a rule writes an absent parameter.

sub written {
    my ($dialect, $parameter, $rule, $body) = @_;
    my $own = $dialect->{parameters}{$parameter} // {};
    my $absent = $own->{absent};

    return 1 if grep { defined $rule->{$_} } qw(default force require);
    return 0 if !grep { defined $rule->{$_} } qw(min max);
    return 0 if !defined $absent || $absent eq 'none';
    return 1 if $absent eq '-'
        || grep { $body =~ /"$_"\s*:\s*(?!null)/ } @{ $dialect->{always} };

    return defined $rule->{min} && $absent < $rule->{min}
        || defined $rule->{max} && $absent > $rule->{max};
}

# A value as readers print it, and an array of such values.

sub word {
    my ($text) = @_;

    return $text =~ s/"\z//r;
}

sub elements {
    my ($text) = @_;

    return $text =~ /("[^"]*"|[-+.\w]+)/g;
}

# Returns whether a policy has values outside the range of the API.

sub outside {
    my ($dialect, %rules) = @_;

    for my $parameter (keys %rules) {
        my $own = $dialect->{parameters}{$parameter} // {};
        my $rule = $rules{$parameter};

        return 1 if grep { defined $rule->{$_}
            && legal($own, $rule->{$_}) ne $rule->{$_} }
            qw(default force min max);
    }

    return 0;
}

sub least {
    my ($one, $other) = @_;

    return $one < $other ? $one : $other;
}

# A value as it is written: clamped to the range of the API at the API's own
# place of the parameter.

sub legal {
    my ($own, $value) = @_;

    return () if !defined $value;
    return $value if $value !~ /^-?\d/;
    return $own->{min} if defined $own->{min} && $value < $own->{min};
    return $own->{max} if defined $own->{max} && $value > $own->{max};

    return $value;
}

sub under {
    my ($place, $name) = @_;

    return join '/', grep { $_ ne '' } $place, $name;
}

# A request with this text as the object at a place; at '', the text is the
# whole request.

sub wrapped {
    my ($place, $text) = @_;

    for my $step (reverse split m{/}, $place) {
        $text = $step eq '*' ? "[$text]" : qq({"$step":$text});
    }

    return $text;
}

sub load {
    # lists and paragraphs, each on one line
    my $text = tool('', 'dialects')->{out} =~ s/(?<=[^\n])\n *(?=[^\s#-])/ /gr;
    my ($head, @sections) = split /^## /m, $text;
    my $every = pop @sections;
    my @prefixes = $head =~ /one of ((?:`[^`]*`(?:, )?)+)/ ? quoted($1) : ();

    @dialects = map { dialect($_, @prefixes) }
        grep { !/^- (?:the request is a form|a request with members of two)/m }
            @sections;

    my ($within) = $every =~ /and inside (.*?):$/m;
    my ($undermine) = $every =~ /^At the same places, [^:]*: (.*)$/m;

    # `name` (values), ...
    while ($undermine =~ s/`([^`]*)` \(([^)]*)\)/`$1`/) {
        $values{place($1)} = $2;
    }

    @containers = map { place($_) } quoted($within);
    @undermining = map { place($_) } quoted($undermine);

    while ($every =~ /^- `(\w+)`: (.*)$/mg) {
        $spellings{$1} = [ map { place($_) } quoted($2) ];
    }

    @containers && @undermining && %spellings
        or die "llm-policy dialects is not understood\n";
}

sub dialect {
    my ($section, @prefixes) = @_;
    my ($name) = $section =~ /^(\S+)/;
    my ($routes) = $section =~ /^Routes:(.*?)\n\n(?!-)/ms;
    my ($parameters) = $section =~ /^Parameters:\n\n(.*?)\n\n/ms;

    my $dialect = {
        name => $name,
        paths => [ map { route($_, @prefixes) } quoted($routes) ],
        generates => !says($section, qr/^(?:No parameters|Nothing is added)/m),
        inside => says($section, qr/^- members are added only to objects/m),
        one_name => says($section, qr/^- a parameter under two of these/m),
        model => $section =~ /^- the model is `(.*?)`/m ? place($1) : undef,
        scope => place($section =~ /^- each `(.*?)` is a request/m ? $1 : ''),
        always => [ listed($section, qr/a bound is always written next to/) ],
        undermine => [ listed($section, qr/refused if a bound applies/) ],
        unlike => [ listed($section, qr/not checked, [^:]*/) ],
        parameters => {}, clashes => [], variants => [], documented => {},
        around => {},
        needing => [ map { place($_) }
            $section =~ /^- never written without[^:]*:\s+`(.*?)`$/mg ],
    };

    while ($section =~ /^-\ (at\ the\ top|in\ a\ request|in\ `(.*?)`)
        (,\ around\ the\ requests)?:(.*)$/mgx)
    {
        my $around = $3 || $1 eq 'at the top' && $dialect->{scope} ne '';

        $dialect->{$around ? 'around' : 'documented'}{place($2 // '')}
            = [ quoted($4) ];
    }

    $dialect->{model} = under($dialect->{scope}, $dialect->{model})
        if defined $dialect->{model};

    $_ = under($dialect->{scope}, $_) for @{ $dialect->{needing} };

    # some places are outside the requests of a batch
    my ($batch) = $dialect->{scope} =~ m{^([^/]+/)};

    $dialect->{undermine} = [ map { $batch && !/^\Q$batch\E/
        ? under($dialect->{scope}, $_) : $_ } @{ $dialect->{undermine} } ];

    for (split /\n/, $parameters // '') {
        my ($parameter, $range, $absent, $at)
            = /^- `(\w+)`: (.*?), (no default|default [^,]+)(?:, in (.*))?$/
                or die "llm-policy dialects is not understood: $_";

        $absent = $absent eq 'no default' ? 'none'
            : $absent eq 'default unknown' ? '-' : $absent =~ s/^default //r;

        my ($min, $max) = map { $_ // undef }
            $range =~ /^(-?[\d.]+) to (-?[\d.]+)$/ ? ($1, $2)
                : $range =~ /^from (-?[\d.]+)$/ ? ($1) : ();

        $dialect->{parameters}{$parameter} = {
            at => [ map { place($_) } quoted($at // "`$parameter`") ],
            type => $range =~ /\d|number/ ? 'number' : $range,
            min => $min, max => $max, absent => $absent,
        };
    }

    while ($section =~ /^- not added[^`]* next to `(.*?)`[^:]*: (.*)$/mg) {
        push @{ $dialect->{clashes} }, {
            beside => place($1), parameters => [ quoted($2) ],
        };
    }

    while ($section =~ /^- written as `(.*?)` for models .* `(.*?)`$/mg) {
        push @{ $dialect->{variants} }, { at => place($1), model => $2 };
    }

    return $dialect;
}

sub says {
    my ($section, $what) = @_;

    return scalar $section =~ $what;
}

sub quoted {
    my ($text) = @_;

    return $text =~ /`([^`]*)`/g;
}

sub listed {
    my ($section, $what) = @_;

    # without values in parentheses
    return map { place($_) } map { quoted(s/ \([^)]*\)//gr) }
        $section =~ /^- $what: (.*)$/mg;
}

sub place {
    my ($path) = @_;

    return $path =~ s/\[\]/.*/gr =~ s/\./\//gr;
}

# A path that matches a route; with several prefixes, the first one.

sub route {
    my ($route, @prefixes) = @_;

    return $route =~ s/^PREFIX/$prefixes[0]/r =~ s/\{model\}/m/gr
        =~ s/\{model:(.*?)\}/$1m/gr =~ s/\{\}/x/gr;
}

1;
