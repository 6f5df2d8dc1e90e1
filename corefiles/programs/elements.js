'use strict';
// Objects and arrays in every internal shape, and names that are hard to tell.
// Proves: reading of every elements kind, fast and dictionary properties, and
// the constructor name of objects that hide, lack or share it.

const { finish } = require('../support/ending');
const { native } = require('../support/natives');
const { SampleList } = require('../support/sample');

const hasSmiElements = native('HasSmiElements');
const hasDoubleElements = native('HasDoubleElements');
const hasObjectElements = native('HasObjectElements');
const hasHoleyElements = native('HasHoleyElements');
const hasDictionaryElements = native('HasDictionaryElements');
const hasFastProperties = native('HasFastProperties');

const list = new SampleList();

function times(count, make) {
  return Array.from({ length: count }, (_, i) => make(i));
}

function insist(truth, what) {
  if (!truth) throw new Error(`this V8 does not make ${what} as this program assumes`);
}

/** The elements kind of a plain array or object, as V8 tells it. */
function kindOf(value) {
  if (hasDictionaryElements(value)) return 'dictionary';
  const order = hasHoleyElements(value) ? 'holey' : 'packed';
  if (hasSmiElements(value)) return `${order} smi`;
  if (hasDoubleElements(value)) return `${order} double`;
  return hasObjectElements(value) ? `${order} object` : 'other';
}

/** Adds an array whose elements kind V8 can confirm. */
function addKind(kind, value, facts = {}) {
  insist(kindOf(value) === kind, `${kind} elements`);
  list.add(kind, value, { kind, length: value.length, ...facts });
}

// --- Elements ---------------------------------------------------------------

function holey(values, hole) {
  const array = values.slice();
  delete array[hole];
  return array;
}

function sparse() {
  const array = [];
  array[0] = 'first';
  array[5000000] = 'last';
  return array;
}

function sloppyArguments(a, b, c) {
  return (function () { return arguments; }(a, b, c));
}

// A sloppy function with named parameters has arguments that are tied to them.
const mappedArguments = new Function('a', 'b', 'a = "changed"; return [arguments, () => b];');

addKind('packed smi', [1, 2, 3], { elements: [1, 2, 3] });
addKind('holey smi', holey([1, 2, 3], 1), { elements: [1, null, 3] });
addKind('packed double', [0.5, 1.5, -2.25], { elements: [0.5, 1.5, -2.25] });
addKind('holey double', holey([0.5, 1.5, 2.5], 1), { elements: [0.5, null, 2.5] });
addKind('packed object', ['a', 1, null], { elements: ['a', 1, null] });
addKind('holey object', holey(['a', 'b', 'c'], 1), { elements: ['a', null, 'c'] });
addKind('dictionary', sparse(), { entries: { 0: 'first', 5000000: 'last' } });

list.add('empty array', [], { length: 0 });
list.add('array with a name', Object.assign([1, 2], { label: 'named' }), { length: 2, properties: { label: 'named' } });
list.add('literal copied on write', [10, 20, 30], { length: 3, elements: [10, 20, 30] });
list.add('frozen', Object.freeze(['f', 'r']), { length: 2, elements: ['f', 'r'] });
list.add('sealed', Object.seal(['s', 'e']), { length: 2, elements: ['s', 'e'] });
list.add('not extensible', Object.preventExtensions(['n', 'e']), { length: 2, elements: ['n', 'e'] });
list.add('strict arguments', sloppyArguments(1, 'two', 3), { length: 3, elements: [1, 'two', 3] });
list.add('mapped arguments', mappedArguments('a', 'b')[0], { length: 2, elements: ['changed', 'b'] });
list.add('string wrapper', Object.assign(new String('wrapped'), { 10: 'beyond' }), { text: 'wrapped', entries: { 10: 'beyond' } });
list.add('number wrapper', new Number(42), { number: 42 });
list.add('boolean wrapper', new Boolean(false), { boolean: false });
list.add('object with elements', { 0: 'zero', 2: 'two', name: 'mixed' }, { entries: { 0: 'zero', 2: 'two' }, properties: { name: 'mixed' } });
list.add('large array', times(200000, (i) => i), { length: 200000 });
list.add('large double array', times(100000, (i) => i + 0.5), { length: 100000 });

// --- Properties -------------------------------------------------------------

class Wide {
  constructor() {
    for (let i = 0; i < 60; i++) this[`field${i}`] = i;
  }
}

class Numbers {
  constructor(i) {
    this.smi = i;
    this.double = i + 0.125;
    this.minusZero = -0;
    this.notANumber = NaN;
    this.infinite = -Infinity;
    this.large = 2 ** 53;
  }
}

class Registry {
  constructor(i) {
    this.removed = 0;
    this.name = `registry ${i}`;
    this.index = i;
    delete this.removed;
  }
}

class Lazy {
  constructor(i) {
    Object.defineProperty(this, 'computed', { get: () => i, enumerable: true });
  }

  get shared() {
    return 1;
  }
}

function manyKeys(prototype) {
  const table = Object.create(prototype);
  for (let i = 0; i < 1500; i++) table[`key-${i}`] = i;
  delete table['key-0'];
  return table;
}

const registries = times(300, (i) => new Registry(i));
insist(!hasFastProperties(registries[0]), 'dictionary properties');

const symbolKey = Symbol('a symbol key');
list.add('many keys', manyKeys(Object.prototype), { properties: { 'key-1': 1, 'key-1499': 1499 }, property_count: 1499 });
list.add('no prototype', Object.assign(Object.create(null), { only: 'mine' }), { properties: { only: 'mine' } });
list.add('symbol key', { [symbolKey]: 'by symbol' }, { symbols: { 'a symbol key': 'by symbol' } });
list.add('cycle', cycle(), { properties: { name: 'snake' } });

function cycle() {
  const snake = { name: 'snake' };
  snake.tail = snake;
  return snake;
}

// --- Names ------------------------------------------------------------------

class OwnConstructorText {
  constructor() {
    this.constructor = 'only data';
  }
}

class LostConstructor {}
delete LostConstructor.prototype.constructor;

class LostBase {}
class LostChild extends LostBase {}
delete LostChild.prototype.constructor;

function makeTwin(extra) {
  return class Twin {
    constructor() {
      Object.assign(this, extra);
    }
  };
}
const FirstTwin = makeTwin({ side: 'left' });
const SecondTwin = makeTwin({ side: 'right', younger: true });

class OwnTag {
  constructor() {
    this[Symbol.toStringTag] = 'TagOfItsOwn';
  }
}

class InheritedTag {
  get [Symbol.toStringTag]() {
    return 'TagFromAGetter';
  }
}

class TaggedBase {}
Object.defineProperty(TaggedBase.prototype, Symbol.toStringTag, { value: 'TagFromThePrototype' });

const renamedClass = class Written {};
Object.defineProperty(renamedClass, 'name', { value: 'Renamed' });

const Inferred = class {};
const nameless = [class {}][0];

function OldStyle() {}
OldStyle.prototype = { kind: 'replaced prototype' };

function target(a, b) {
  return [this, a, b];
}

list.add('proxy', new Proxy({ inside: 'proxy target' }, {}), { target: { inside: 'proxy target' } });
list.add('revoked proxy', revokedProxy(), { target: null });
list.add('bound function', target.bind({ bound: 'this' }, 'first'), { bound_function: 'target', bound_this: { bound: 'this' }, bound_arguments: ['first'] });
list.add('function with properties', Object.assign(function withExtras() {}, { extra: 1 }), { function: 'withExtras', properties: { extra: 1 } });

function revokedProxy() {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

globalThis.elements = {
  list,
  wide: times(20, () => new Wide()),
  numbers: times(250, (i) => new Numbers(i)),
  registries,
  lazy: times(35, (i) => new Lazy(i)),
  ownConstructor: times(45, () => new OwnConstructorText()),
  lostConstructor: times(55, () => new LostConstructor()),
  lostChildren: times(12, () => new LostChild()),
  lostBases: times(8, () => new LostBase()),
  twins: [times(30, () => new FirstTwin()), times(20, () => new SecondTwin())],
  ownTags: times(15, () => new OwnTag()),
  inheritedTags: times(16, () => new InheritedTag()),
  prototypeTags: times(17, () => new TaggedBase()),
  renamed: times(18, () => new renamedClass()),
  inferred: times(19, () => new Inferred()),
  nameless: times(21, () => new nameless()),
  oldStyle: times(22, () => new OldStyle()),
  nullPrototypes: times(400, (i) => Object.assign(Object.create(null), { i })),
};

finish({
  isolates: [{
    role: 'main',
    classes: {
      Sample: list.count,
      SampleList: 1,
      Wide: 20,
      Numbers: 250,
      Registry: 300,
      Lazy: 35,
      OwnConstructorText: 45,
      LostConstructor: 55,
      LostBase: 20,
      Twin: 50,
      OwnTag: 15,
      InheritedTag: 16,
      TaggedBase: 17,
      Written: 18,
      Inferred: 19,
      OldStyle: 22,
    },
    at_least: { Object: 400 + 21, Array: 10 },
    prototypes: { LostBase: 1 },
    aliases: { Written: 'Renamed' },
    samples: list.facts,
  }],
});
