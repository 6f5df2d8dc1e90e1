'use strict';
// Death between two garbage collections: half of the objects are garbage that
// nothing has collected yet, and the allocation areas are still open.
// Proves: live objects are told from dead ones, and a page is walked correctly
// although its last part was handed out and never used.

const { announce } = require('../support/ending');
const { collectGarbage } = require('../support/natives');

const COUNT = 5000;

class Keep {
  constructor(i) {
    this.id = i;
    this.name = `keep ${i}`;
  }
}

class Drop {
  constructor(i) {
    this.id = i;
    this.name = `drop ${i}`;
  }
}

/** Fills keep while making as many objects that nothing keeps. */
function allocate(keep) {
  const drop = new Array(COUNT);
  for (let i = 0; i < COUNT; i++) {
    keep[i] = new Keep(i);
    drop[i] = new Drop(i);
  }
  drop.fill(null);
}

/** Writes over the part of the stack that still holds old addresses. */
function overwriteStack(depth) {
  return depth === 0 ? 0 : 1 + overwriteStack(depth - 1);
}

const kept = new Array(COUNT);
globalThis.kept = kept;
announce({
  isolates: [{
    role: 'main',
    classes: { Keep: COUNT, Drop: COUNT },
    reachable: { Keep: COUNT, Drop: 0 },
  }],
});

collectGarbage();
allocate(kept);
overwriteStack(500);
process.abort();
