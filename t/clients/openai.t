#!/usr/bin/perl

# OpenAI's official client, unchanged except for its base URL.

use strict;
use warnings;

use FindBin;

use lib $FindBin::Bin;
use Gateway;

run_client('openai.test.js');
