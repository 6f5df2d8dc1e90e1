'use strict';
// The calls of stacks.js in code of V8's baseline compiler, where this V8 has one.
// Proves: the current line is found in baseline code.

require('v8').setFlagsFromString('--always-sparkplug');
require('../support/stack_scenario').start();
