'use strict';
// Calls in code of V8's optimising compiler, inlined into one another.
// Proves: inlined calls and where each stands are found from the deoptimization data.

require('../support/hot_scenario').start('turbofan');
