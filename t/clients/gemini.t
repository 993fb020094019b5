#!/usr/bin/perl

# Google's official client for Gemini, unchanged except for its base URL.

use strict;
use warnings;

use FindBin;

use lib $FindBin::Bin;
use Gateway;

run_client('gemini.test.js');
