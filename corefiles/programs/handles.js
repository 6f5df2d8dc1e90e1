'use strict';
// A process with something open of every kind: servers and sockets, pipes, a child, a worker, timers,
// requests in flight, modules of both kinds.
// Proves: handles, requests, timers, modules and the facts about the process are those that the
// program itself saw.

const { Worker, isMainThread, parentPort } = require('worker_threads');
const open = require('../support/open_handles');

async function main() {
  const before = await open.settle();
  const worker = new Worker(__filename, { argv: ['worker'] });
  const workersAccount = await new Promise((resolve) => { worker.once('message', resolve); });
  open.finish(before, worker, workersAccount);
}

function work() {
  open.startWorkersTimers();
  parentPort.postMessage({ role: 'worker-1', ...open.accountOfThread() });
}

if (isMainThread) main();
else work();
