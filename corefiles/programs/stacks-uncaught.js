'use strict';
// Dies of an exception that nobody catches.
// Proves: with --abort-on-uncaught-exception the stack is that of the throw.

const { EventEmitter } = require('events');
const { announce } = require('../support/ending');

Error.stackTraceLimit = Infinity;

function fail() {
  announce({ isolates: [{ role: 'main', stack: new Error().stack.split('\n').slice(1) }] }); throw new TypeError('nobody catches this');
}

class Job extends EventEmitter {
  start() {
    this.on('step', (step) => this.finish(step));
    this.emit('step', 7);
  }

  finish(step) {
    try {
      [step].some(fail);
    } finally {
      this.step = step;
    }
  }
}

setTimeout(function onTimeout() {
  new Job().start();
}, 1);
