'use strict';
// A regular expression, compiled to machine code, that takes for ever: the program says what its stack
// is and is killed in the middle of it.
// Proves: stacks go through the code of regular expressions, which C++ calls without an entry frame.

const { spawn } = require('child_process');
const { announce } = require('../support/ending');

require('v8').setFlagsFromString('--no-regexp-tier-up');

function isTrap(text) {
  const stack = new Error().stack.split('\n').slice(1);
  announce({ isolates: [{ role: 'main', stack }] }); return /^(a+)+$/.test(text);
}

function search(text) {
  return [text].map(isTrap);
}

setTimeout(function onTimeout() {
  // The shell stays: SIGCHLD would call a handler on top of the regular expression.
  spawn('/bin/sh', ['-c', `sleep 1; kill -ABRT ${process.pid}; sleep 2`], { stdio: 'ignore' });
  search('a'.repeat(64) + 'b');
}, 1);
