'use strict';
// The calls of stacks-turbofan.js in code of V8's mid-tier compiler, where this V8 has one.
// Proves: the same of its code, whose tables differ.

const v8 = require('v8');

// Of itself it inlines little; which flags a V8 does not know it says on stderr.
['--maglev', '--max-maglev-inline-depth=5', '--min-maglev-inlining-frequency=0']
  .forEach((flag) => v8.setFlagsFromString(flag));
require('../support/hot_scenario').start('maglev');
