#!/usr/bin/perl

# Vercel's AI SDK with its provider for OpenAI, unchanged except for its base
# URL.

use strict;
use warnings;

use FindBin;

use lib $FindBin::Bin;
use Gateway;

run_client('ai.test.mjs');
