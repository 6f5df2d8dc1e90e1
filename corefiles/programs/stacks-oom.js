'use strict';
// Dies of too small a heap while a function of V8's own works.
// Proves: the stack of an out-of-memory death, whatever V8 was doing, is the program's.

const { announce } = require('../support/ending');

Error.stackTraceLimit = Infinity;

class Archive {
  constructor() {
    this.entries = Array.from({ length: 1000 }, (_, i) => ({ i }));
  }

  grow() {
    announce({ isolates: [{ role: 'main', stack: new Error().stack.split('\n').slice(1) }] }); for (;;) this.entries = this.entries.concat(this.entries);
  }
}

function keepEverything(archive) {
  archive.grow();
}

setTimeout(function onTimeout() {
  globalThis.archive = new Archive();
  [globalThis.archive].forEach(keepEverything);
}, 1);
