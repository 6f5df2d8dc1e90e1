'use strict';
// JavaScript that calls WebAssembly that calls JavaScript.
// Proves: the frames of WebAssembly and of the wrappers around it do not break the stack.

const { announce } = require('../support/ending');

Error.stackTraceLimit = Infinity;

// (module (import "env" "callback" (func)) (func (export "run") call 0))
const MODULE = Buffer.from(
  '0061736d0100000001040160000002100103656e760863616c6c6261636b0000030201000707010372756e00010a0601040010000b', 'hex');

function die() {
  announce({ isolates: [{ role: 'main', kinds: ['wasm'], stack: new Error().stack.split('\n').slice(1) }] }); process.abort();
}

class Engine {
  constructor() {
    const module = new WebAssembly.Module(MODULE);
    this.instance = new WebAssembly.Instance(module, { env: { callback: () => this.called() } });
  }

  called() {
    die();
  }

  start() {
    this.instance.exports.run();
  }
}

setTimeout(function onTimeout() {
  globalThis.engine = new Engine();
  globalThis.engine.start();
}, 1);
