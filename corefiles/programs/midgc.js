'use strict';
// Dies in the middle of a collection, when some of the young objects have been moved and others have
// not, and all references still lead to where they were.
// Proves: moved objects count once and those still to be moved count too; names, references and what
// is alive come out as if the collection had been finished.

const { announce } = require('../support/ending');

const COUNT = 3000;

class Dropped {
  constructor(id) {
    this.id = id;
    this.next = null;
  }
}

/** Leaves garbage between objects that stay: V8 keeps a page on which nearly all is alive. */
function litter() {
  for (let id = 0; id < 3; id++) new Dropped(id);
}

/** A class of that name whose function is as young as its objects. */
function makeClass(name) {
  return new Function(`return class ${name} { constructor(id, next) { this.id = id; this.next = next; } }`)();
}

function chain(Class) {
  let head = null;
  for (let id = 0; id < COUNT; id++) {
    head = new Class(id, head);
    litter();
  }
  return head;
}

globalThis.gc(); // so that what there is so far is old
globalThis.old = chain(makeClass('Old'));
globalThis.gc();
globalThis.young = chain(makeClass('Young'));
globalThis.table = new Map();
const Value = makeClass('Value');
for (let id = 0; id < COUNT; id++) {
  globalThis.table.set(`key ${id}`, new Value(id, globalThis.old));
  litter();
}

const all = { Old: COUNT, Young: COUNT, Value: COUNT };
announce({ isolates: [{ role: 'main', classes: all, reachable: all }] });
process.kill(process.pid, 'SIGUSR2'); // gdb: from here on
globalThis.gc();
console.error('the collection came to its end: does gdb know the function to stop in?');
process.exit(1);
