'use strict';
// Keeps half of its objects and drops the other half, in every way in which an object can be kept or
// not, and dies with no collection in between. Another set of classes was old when it was dropped:
// it had outlived two scavenges.
// Proves: what is alive is told from what is dead as a collection would, weak references, WeakMaps
// and FinalizationRegistries included, although all of it is still there.

const v8 = require('v8');

const { finish } = require('../support/ending');
const { collectGarbage, native } = require('../support/natives');

const COUNT = 5000;
const SCAVENGES_AT_MOST = 4;
const BYTES_OF_AN_OBJECT = 32; // header and two properties: four words

const isYoung = native('InYoungGeneration');

/** A class of that name; each has code of its own, as if it were written out. */
function makeClass(name) {
  return new Function(`return class ${name} { constructor(id, held) { this.id = id; this.held = held; } }`)();
}

const made = (Class, held = () => null) => Array.from({ length: COUNT }, (_, i) => new Class(i, held(i)));

// What outlives everything: tables, registries and references that hold their targets weakly.
const outliving = { weakRefs: [], registries: [], tables: [], keys: [] };
globalThis.outliving = outliving;

// Each way gives what has to be held to keep its objects. What it holds by `outliving` keeps nothing.
const ways = {
  /** Objects that an array holds. */
  Plain: (classOf) => made(classOf('Plain')),

  /** Pairs that hold each other. */
  Cycle(classOf) {
    const objects = made(classOf('Cycle'));
    objects.forEach((object, i) => { object.held = objects[i ^ 1]; });
    return objects;
  },

  /** Values of a WeakMap that outlives them, by keys of their own. */
  WeakValue(classOf) {
    const table = new WeakMap(), Value = classOf('WeakValue');
    outliving.tables.push(table);
    const keys = made(classOf('WeakKey'));
    keys.forEach((key, i) => table.set(key, new Value(i, key)));
    return keys;
  },

  /** Values of a WeakMap each of which is the key of the next one. */
  ChainedValue(classOf) {
    const table = new WeakMap(), values = made(classOf('ChainedValue'));
    outliving.tables.push(table);
    const first = {};
    // The order of the table's entries is that of the keys' hashes: chance.
    values.forEach((value, i) => table.set(i === 0 ? first : values[i - 1], value));
    return first;
  },

  /** Values of a WeakMap whose keys outlive them. */
  TableValue(classOf) {
    const table = new WeakMap(), Value = classOf('TableValue');
    const keys = Array.from({ length: COUNT }, (_, i) => ({ key: i }));
    outliving.keys.push(keys);
    keys.forEach((key, i) => table.set(key, new Value(i, null)));
    return table;
  },
};

if (typeof WeakRef === 'function') {
  /** Targets of WeakRefs that outlive them. */
  ways.WeakRefTarget = (classOf) => {
    const targets = made(classOf('WeakRefTarget'));
    outliving.weakRefs.push(targets.map((target) => new WeakRef(target)));
    return targets;
  };

  /** Objects that a registry that outlives them waits for, each its own token. */
  ways.Registered = (classOf) => {
    const registry = new FinalizationRegistry(() => {}), objects = made(classOf('Registered'));
    outliving.registries.push(registry);
    objects.forEach((object, i) => registry.register(object, `gone ${i}`, object));
    return objects;
  };
}

const expected = { role: 'main', classes: {}, reachable: {} };

/** The objects of all ways, of classes with this prefix. */
function populate(prefix, isKept) {
  const classOf = (name) => {
    expected.classes[prefix + name] = COUNT;
    expected.reachable[prefix + name] = isKept ? COUNT : 0;
    return makeClass(prefix + name);
  };
  return Object.values(ways).map((way) => way(classOf));
}

/** Scavenges until the objects are old. */
function growOld(held) {
  const samples = held.map((way) => (Array.isArray(way) ? way[COUNT - 1] : way));
  for (let i = 0; samples.some(isYoung); i++) {
    if (i === SCAVENGES_AT_MOST) throw new Error('the objects do not grow old');
    collectGarbage(true);
  }
}

const youngBytes = () => v8.getHeapSpaceStatistics().find((space) => space.space_name === 'new_space').space_used_size;

/** Writes over the part of the stack that still holds old addresses. */
function overwriteStack(depth) {
  return depth === 0 ? 0 : 1 + overwriteStack(depth - 1);
}

collectGarbage();
const held = { oldDropped: populate('OldDropped', false) };
globalThis.held = held;
held.oldKept = populate('OldKept', true);
growOld(held.oldDropped);
growOld(held.oldKept);
let before;

// What a WeakRef was made for, or gave, lives until the end of the job: so each step is a job.
const steps = [
  () => { before = youngBytes(); },
  () => { held.kept = populate('Kept', true); },
  () => { held.dropped = populate('Dropped', false); },
  () => { held.dropped = held.oldDropped = null; },
  () => { overwriteStack(500); },
  () => {
    const objects = COUNT * Object.keys(expected.classes).length / 2;
    if (youngBytes() - before < objects * BYTES_OF_AN_OBJECT) throw new Error('there was a collection');
    finish({ isolates: [expected] });
  },
];

function takeStep() {
  steps.shift()();
  setImmediate(takeStep);
}
setImmediate(takeStep);
