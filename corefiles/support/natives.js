'use strict';
// Asks V8 itself how a value is represented, so that a program stops with an
// error, instead of lying, when a new V8 represents something differently.

const v8 = require('v8');
const vm = require('vm');

v8.setFlagsFromString('--allow-natives-syntax');
v8.setFlagsFromString('--expose-gc');

/** A runtime function of V8 with one argument, such as HasDictionaryElements. */
function native(name) {
  return new Function('value', `return %${name}(value)`);
}

const collectGarbage = vm.runInNewContext('gc');

module.exports = { native, collectGarbage };
