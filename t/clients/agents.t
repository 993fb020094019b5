#!/usr/bin/perl

# Agents, and clients of frameworks, under the shipped policy keys.json.

use strict;
use warnings;

use FindBin;

use lib $FindBin::Bin;
use Gateway;

run_client('agents.test.js', 'keys');
