'use strict';
// How every program ends: it says what its heap holds, lets V8 write its own
// snapshot of that heap if the generator asked for one, and dies at once.

const fs = require('fs');
const v8 = require('v8');

const wantsSnapshot = process.env.COREFILES_SNAPSHOT === '1';

/** Prints the one line that becomes expected.json. */
function announce(expected) {
  fs.writeSync(1, JSON.stringify(expected) + '\n');
}

/** Writes V8's own snapshot of the calling thread's heap, if one is wanted. */
function writeSnapshot(fileName) {
  if (wantsSnapshot) v8.writeHeapSnapshot(fileName);
}

/**
 * Announces, writes the snapshot and aborts in one synchronous turn, so that
 * the snapshot and the core show the same heap.
 */
function finish(expected, snapshotName = 'snapshot.heapsnapshot') {
  announce(expected);
  writeSnapshot(snapshotName);
  process.abort();
}

module.exports = { announce, writeSnapshot, finish };
