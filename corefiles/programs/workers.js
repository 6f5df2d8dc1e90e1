'use strict';
// Three isolates in one process: the main thread and two worker threads.
// Proves: every isolate is found and its objects are kept apart from the others'.

const { Worker, isMainThread, parentPort, workerData } = require('worker_threads');
const { finish, writeSnapshot } = require('../support/ending');

// Workers that are never told to go on would otherwise keep the process alive.
const PARKED_MS = 120000;

class Task {
  constructor(i) {
    this.id = i;
    this.name = `task ${i}`;
  }
}

class Thumbnail {
  constructor(i) {
    this.width = i;
  }
}

class Parcel {
  constructor(i) {
    this.weight = i + 0.5;
  }
}

const PLAN = [
  { role: 'main', classes: { Task: 1000 } },
  { role: 'worker-1', classes: { Task: 2000, Thumbnail: 3000 } },
  { role: 'worker-2', classes: { Task: 500, Parcel: 4000 } },
];

const CLASSES = { Task, Thumbnail, Parcel };

/** Builds what the plan says for one isolate. */
function build({ classes }) {
  globalThis.kept = {};
  for (const [name, count] of Object.entries(classes)) {
    globalThis.kept[name] = Array.from({ length: count }, (_, i) => new CLASSES[name](i));
  }
}

/** Writes this worker's snapshot, says so, and stands still. */
function park(role) {
  const barrier = new Int32Array(new SharedArrayBuffer(4));
  writeSnapshot(`snapshot-${role}.heapsnapshot`);
  parentPort.postMessage('ready');
  Atomics.wait(barrier, 0, 0, PARKED_MS);
}

function startWorkers() {
  const waiting = new Set(PLAN.slice(1));
  for (const part of waiting) {
    const worker = new Worker(__filename, { workerData: part });
    worker.once('message', () => {
      waiting.delete(part);
      if (waiting.size === 0) finish({ isolates: PLAN }, 'snapshot-main.heapsnapshot');
    });
  }
}

if (isMainThread) {
  build(PLAN[0]);
  startWorkers();
} else {
  build(workerData);
  park(workerData.role);
}
