'use strict';
// Two threads that run JavaScript when the process dies.
// Proves: the stack of each is found, and told from that of the other.

const { Worker, isMainThread, workerData } = require('worker_threads');
const { announce } = require('../support/ending');

Error.stackTraceLimit = Infinity;

const TEXT_BYTES = 16384;
const stack = () => new Error().stack.split('\n').slice(2);

/** Tells the main thread where it stands, and stays there. */
function standStill({ flag, text }) {
  new Uint8Array(text).set(Buffer.from(JSON.stringify(stack()))); Atomics.store(flag, 0, 1); Atomics.notify(flag, 0); Atomics.wait(flag, 1, 0);
}

function die({ flag, text }) {
  Atomics.wait(flag, 0, 0);
  const other = JSON.parse(Buffer.from(text).toString().replace(/\0+$/, ''));
  announce({ isolates: [{ role: 'main', stack: stack() }, { role: 'worker', stack: other }] }); process.abort();
}

class Duty {
  constructor(work) {
    [work].forEach((each) => this.run(each));
  }

  run(work) {
    const act = isMainThread ? die : standStill;
    act(work);
  }
}

if (isMainThread) {
  const shared = {
    flag: new Int32Array(new SharedArrayBuffer(8)),
    text: new SharedArrayBuffer(TEXT_BYTES),
  };
  globalThis.worker = new Worker(__filename, { workerData: shared });
  setTimeout(function onTimeout() {
    globalThis.duty = new Duty(shared);
  }, 1);
} else {
  Promise.resolve(workerData).then(function onReady(work) {
    globalThis.duty = new Duty(work);
  });
}
