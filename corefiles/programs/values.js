'use strict';
// One value of every kind there is, each under a name of its own.
// Proves: what inspect shows of a value is what the process itself says of it.

const { AssertionError } = require('assert');
const util = require('util');
const vm = require('vm');
const { account, brief } = require('../support/account');
const { finish } = require('../support/ending');

class Exhibit {
  constructor(label, value) {
    this.label = label;
    this.value = value;
  }
}

const exhibits = [];
const accounts = {};
globalThis.values = exhibits;

/** Exhibits a value; `facts` are what no reflection tells. */
function show(label, value, facts = {}) {
  exhibits.push(new Exhibit(label, value));
  accounts[label] = account(value, facts);
}

/** Exhibits what newer source text makes, unless this V8 cannot read it or lacks what it uses. */
function showIfParsed(label, text, facts = {}) {
  let value;
  try {
    value = new Function('brief', text)(brief);
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof ReferenceError) return;
    throw error;
  }
  show(label, value, typeof facts === 'function' ? facts(value) : facts);
}

function showIfThere(label, name, make, facts = () => ({})) {
  if (globalThis[name] === undefined) return;
  const value = make(globalThis[name]);
  show(label, value, facts(value));
}

/** A string that V8 does not find in its table of constants. */
function fresh(text) {
  return Buffer.from(text, 'utf16le').toString('utf16le');
}

function primitives() {
  show('smi', 42);
  show('negative smi', -7);
  show('zero', 0);
  show('largest smi', 2147483647);
  show('beyond smi', 2147483648);
  show('fraction', 123.456);
  show('minus zero', -0);
  show('not a number', NaN);
  show('infinite', -Infinity);
  show('safe integer', Number.MAX_SAFE_INTEGER);
  show('exponential', 1e21);
  show('tiny', 1.5e-7);
  show('small fraction', 0.000001);
  show('largest number', Number.MAX_VALUE);
  show('smallest number', Number.MIN_VALUE);
  show('true', true);
  show('false', false);
  show('null', null);
  show('undefined', undefined);
  show('bigint zero', 0n);
  show('bigint', 12345678901234567890n);
  show('negative bigint', -(2n ** 200n) - 1n);
  show('symbol', Symbol('a symbol'));
  show('symbol without description', Symbol());
  show('well-known symbol', Symbol.iterator);
  show('registered symbol', Symbol.for('registered'));
}

function strings() {
  const long = 'this could be a bit smaller, but v8 wants a big one. '.repeat(4);
  show('empty string', '');
  show('constant string', 'constant');
  show('fresh string', fresh('one byte each'));
  show('two byte string', fresh('gr\u00fc\u00df dich \u2603'));
  show('surrogate pairs', fresh('\u{1f600} and \u{1f680}'));
  show('cons string', fresh(long) + fresh(' and a tail'));
  show('cons of both widths', fresh(long) + fresh('\u2603'));
  show('sliced string', fresh(long).slice(5, 60));
  show('thin string', thin('becomes thin '));
  show('control characters', fresh('tab\t newline\n escape\u001b quote"'));
}

/** A string that was a key: V8 keeps it as a forwarder to the one in its table. */
function thin(text) {
  const made = fresh(text) + fresh(text);
  ({})[made];
  return made;
}

class Base {
  constructor() {
    this.base = 'from the base';
  }
}

class Point extends Base {
  constructor(x, y) {
    super();
    this.x = x;
    this.y = y;
    this.self = this;
  }

  get length() {
    return Math.hypot(this.x, this.y);
  }

  method() {}
}
Point.origin = new Base();

function objects() {
  show('plain object', { x: 1, text: 'one', yes: true, nothing: null, missing: undefined, inner: {} });
  show('empty object', {});
  show('class instance', new Point(1, 123.456));
  show('prototype of a class', Point.prototype);
  show('no prototype', Object.assign(Object.create(null), { only: 'mine' }));
  show('numeric names', { 0: 'zero', 23: undefined, 4: null, '-1': 'minus', 4294967295: 'beyond' });
  show('symbol keys', { [Symbol('oneSymbol')]: 42, [Symbol()]: 'nameless', [Symbol.toStringTag]: 'Tagged' }, { type: 'Tagged' });
  show('accessors', Object.defineProperties({}, {
    both: { get: function getBoth() {}, set: function setBoth(v) {}, enumerable: true },
    readable: { get: function getReadable() { return 1; } },
    writable: { set: function setWritable(v) {}, enumerable: true },
  }));
  show('attributes', Object.defineProperties({}, {
    fixed: { value: 1, enumerable: true },
    hidden: { value: 'h', writable: true },
    plain: { value: 2.5, writable: true, enumerable: true, configurable: true },
  }));
  show('frozen object', Object.freeze({ a: 1, b: 'two' }));
  show('sealed object', Object.seal({ a: 1, 0: 'zero' }));
  show('dictionary', dictionary());
  show('many properties', Object.assign({}, ...Array.from({ length: 60 }, (_, i) => ({ [`field${i}`]: i + 0.5 }))));
  show('doubles', new Doubles(1.5));
  showIfParsed('private names', `
    class Account {
      #balance = 12.5;
      #owner = 'somebody';
      #log = [1];
      #audit() {}
      get #secret() { return 1; }
      open = true;
      static total = 3;
      static #count = 4;
      static has(o) { o.#audit; o.#secret; return Account.#count; }
    }
    return new Account();`, {
    private: { '#balance': brief(12.5), '#owner': brief('somebody'), '#log': brief([1]) },
  });
  showIfParsed('class with static members', `
    return class Counter { static total = 3; static label = 'counted'; static #count = 4; static m() {} };`, {
    private: { '#count': brief(4) }, function: 'Counter',
  });
}

class Doubles {
  constructor(seed) {
    this.first = seed;
    this.second = -seed;
    this.none = NaN;
    this.third = seed / 3;
  }
}

function dictionary() {
  const made = {};
  for (let i = 0; i < 40; i++) made[`key ${i}`] = i % 2 ? i : `value ${i}`;
  delete made['key 3'];
  Object.defineProperty(made, 'computed', { get: function computed() {}, enumerable: true });
  Object.defineProperty(made, 'fixed', { value: 'stays' });
  return made;
}

function without(values, hole) {
  delete values[hole];
  return values;
}

function sparse() {
  const made = [];
  made[3] = 'three';
  made[5000000] = 'last';
  Object.defineProperty(made, 7, { get: function seven() {}, enumerable: true });
  return made;
}

function arrays() {
  show('empty array', []);
  show('smi array', [1, 2, 3]);
  show('smi array with hole', without([1, 2, 3], 1));
  show('double array', [0.5, 1.5, -2.25]);
  show('double array with hole', without([0.5, NaN, 2.5], 0));
  show('mixed array', ['a', 1, null, undefined, {}, [2]]);
  show('array with hole', without(['a', 'b', 'c'], 1));
  show('sparse array', sparse());
  show('long array', Array.from({ length: 200 }, (_, i) => i));
  show('frozen array', Object.freeze(['f', 1, 2.5]));
  show('sealed array', Object.seal(['s', 1]));
  show('array with a name', Object.assign([1, 2], { label: 'named' }));
  show('grown array', grown());
  show('regexp result', /(?<word>b.)(c)/.exec('abbc'));
  show('strict arguments', (function () { return arguments; }(1, 'two', 3)), { type: 'Arguments' });
  show('mapped arguments', new Function('a', 'b', 'a = "changed"; return [arguments, () => [a, b]];')('first', 'second', 'third')[0], { type: 'Arguments' });
  show('slow mapped arguments', slowArguments(), { type: 'Arguments' });
}

function grown() {
  const made = [];
  for (let i = 0; i < 20; i++) made.push({ i });
  made.length = 5;
  return made;
}

function slowArguments() {
  const [made] = new Function('a', 'b', 'return [arguments, () => [a, b]];')('first', 'second', 'third');
  Object.defineProperty(made, 2, { value: 'fixed', writable: false, enumerable: true, configurable: true });
  return made;
}

function closure() {
  const variable = 'scoped value';
  let counter = 5;
  const list = [1, 2];
  const outer = () => {
    const inner = 2.5;
    return function closing() { return [variable, counter++, list, inner]; };
  };
  return outer();
}

function manyVariables() {
  const names = Array.from({ length: 90 }, (_, i) => `v${i}`);
  return new Function(`${names.map((name, i) => `let ${name} = ${i};`).join('')} return function many() { return [${names}]; };`)();
}

function functions() {
  show('function', function plain(a, b) { return a + b; }, { function: 'plain' });
  show('arrow function', (a) => a, { function: '' });
  const inferred = () => 1;
  show('inferred name', inferred, { function: 'inferred' });
  show('async function', async function waits() {}, { function: 'waits' });
  show('generator function', function* yields() {}, { function: 'yields' });
  show('method', new Point(0, 0).method, { function: 'method' });
  show('class', Point, { function: 'Point' });
  show('getter', Object.getOwnPropertyDescriptor(Point.prototype, 'length').get, { function: 'length' });
  show('builtin', Math.max, { function: 'max' });
  show('function with properties', Object.assign(function withExtras() {}, { extra: 1 }), { function: 'withExtras' });
  const closing = closure();
  show('closure', closing, {
    function: 'closing',
    variables: [{ inner: brief(2.5) }, { variable: brief('scoped value'), counter: brief(5), list: brief([]) }],
  });
  show('many variables', manyVariables(), {
    function: 'many', variables: [Object.fromEntries(Array.from({ length: 90 }, (_, i) => [`v${i}`, brief(i)]))],
  });
  show('bound function', function target(a) { return a; }.bind({ bound: 'this' }, 'first', 2), {
    fields: { 'bound function': { kind: 'function', name: 'target' }, 'bound this': brief({}), 'bound arguments': { elements: [brief('first'), brief(2)] } },
  });
}

const pinned = { name: 'pinned' };

function collections() {
  const deleted = new Map([[1, 'one'], ['two', 2], [pinned, [3]], [2.5, { n: 4 }]]);
  deleted.delete('two');
  show('map', new Map([[1, 'one'], ['two', 2], [pinned, [3]], [NaN, undefined]]));
  show('map after delete', deleted);
  show('empty map', new Map());
  show('large map', new Map(Array.from({ length: 300 }, (_, i) => [`key ${i}`, i])));
  show('set', new Set([1, 'two', pinned, undefined]));
  show('empty set', new Set());
  show('cleared set', cleared());
  show('weak map', new WeakMap([[pinned, 'of the pinned'], [Point, 2]]), {
    weak_entries: [[brief(pinned), brief('of the pinned')], [brief(Point), brief(2)]],
  });
  show('weak set', new WeakSet([pinned]), { weak_entries: [[brief(pinned)]] });
  showIfThere('weak reference', 'WeakRef', (WeakRef) => new WeakRef(pinned), () => ({ fields: { target: brief(pinned) } }));
  showIfThere('finalization registry', 'FinalizationRegistry', (Registry) => {
    const registry = new Registry(function cleanup() {});
    registry.register(pinned, 'held', pinned);
    return registry;
  }, () => ({ fields: { cleanup: { kind: 'function', name: 'cleanup' } }, registered: [brief(pinned)] }));
  const map = new Map([[1, 'one'], [2, 'two']]);
  const iterator = map.entries();
  iterator.next();
  show('map iterator', iterator, { type: undefined, fields: { index: brief(1) } });
  show('set iterator', new Set(['a']).values(), { type: undefined, fields: { index: brief(0) } });
  const array = [1, 2, 3][Symbol.iterator]();
  array.next();
  show('array iterator', array, { type: undefined, fields: { next_index: brief(1) } });
  show('string iterator', 'text'[Symbol.iterator](), { type: undefined, fields: { string: brief('text') } });
  showIfParsed('match iterator', 'return "a1b2".matchAll(/\\d/g);', { type: undefined });
}

function cleared() {
  const made = new Set([1, 2, 3]);
  made.clear();
  made.add('again');
  return made;
}

/** The state that util.inspect prints of a promise. */
function stateOf(promise) {
  const printed = util.inspect(promise);
  if (printed.includes('<pending>')) return 'pending';
  return printed.includes('<rejected>') ? 'rejected' : 'fulfilled';
}

function promise(label, value, result) {
  show(label, value, { fields: { state: { text: stateOf(value) }, ...(result && { result }) } });
}

function* generator(start) {
  let local = start;
  while (local < 10) {
    yield local++;
  }
}

function finished() {
  const made = generator(9);
  made.next();
  made.next();
  return made;
}

function suspended() {
  const made = generator(1);
  made.next();
  return made;
}

async function waiting(on) {
  const before = 'before the await';
  await on;
  return before;
}

async function* asynchronous() {
  yield 1;
}

function control() {
  const rejected = Promise.reject(new TypeError('refused'));
  rejected.catch(() => {});
  const pending = new Promise(() => {});
  pending.then(function onFulfilled() {}, function onRejected() {});
  pending.finally(function onEither() {});
  promise('pending promise', new Promise(() => {}));
  promise('fulfilled promise', Promise.resolve('the result'), brief('the result'));
  promise('rejected promise', rejected, brief(new TypeError()));
  promise('promise with reactions', pending);
  const awaited = new Promise(() => {});
  promise('promise of an async function', waiting(awaited));
  promise('awaited promise', awaited);
  show('generator at its start', generator(1), { type: undefined, fields: { state: { text: 'suspended at its start' } }, generator: 'generator' });
  show('suspended generator', suspended(), { type: undefined, fields: { state: { text: 'suspended' } }, generator: 'generator', line_of: 'yield local++;' });
  show('finished generator', finished(), { type: undefined, fields: { state: { text: 'finished' } }, generator: 'generator' });
  show('async generator', asynchronous(), { type: undefined, fields: { state: { text: 'suspended at its start' } }, generator: 'asynchronous' });
}

/** The places of a stack's frames: "file:line:column", of the first one only the line. */
function places(stack) {
  const found = stack.split('\n').slice(1).map((line) => /\(?([^ (]+):(\d+):(\d+)\)?$/.exec(line)).filter(Boolean);
  return found.map(([, file, line, column], i) => (i === 0 ? `${file}:${line}` : `${file}:${line}:${column}`));
}

function errors() {
  const read = new Error('its stack was read');
  const facts = (error) => ({ message: error.message, stack: error.stack });
  show('error', read, facts(read));
  const coded = Object.assign(new RangeError('out of range'), { code: 'ERR_TEST', errno: 1 });
  show('error with code', coded, facts(coded));
  class CustomError extends Error {}
  const custom = new CustomError('my own');
  show('error of a class', custom, facts(custom));
  const assertion = new AssertionError({ message: 'asserted', actual: 1, expected: 2, operator: 'strictEqual' });
  show('assertion error', assertion, facts(assertion));
  const [unread, twin] = [new SyntaxError('nobody asked for its stack'), new SyntaxError()];
  exhibits.push(new Exhibit('error whose stack nobody read', unread));
  accounts['error whose stack nobody read'] = { kind: 'object', type: 'SyntaxError', frames: places(twin.stack) };
}

function others() {
  const date = new Date(946684800000);
  show('date', date, { iso: date.toISOString() });
  const exact = new Date(Date.UTC(1969, 11, 31, 23, 59, 59, 999));
  exact.getHours();
  show('date before 1970', exact, { iso: exact.toISOString() });
  const far = new Date(8640000000000000);
  show('last date', far, { iso: far.toISOString() });
  show('invalid date', new Date(NaN), { iso: 'Invalid Date' });
  const pattern = (label, value) => show(label, value, { source: value.source, flags: value.flags });
  pattern('regexp', /a+(b|c)\/[/]/);
  pattern('regexp with flags', /x/gimsuy);
  pattern('empty regexp', new RegExp(''));
  show('proxy', new Proxy({ inside: 'target' }, { get: function trap() {} }), { fields: { target: brief({}), handler: brief({}) } });
  show('function proxy', new Proxy(function aimed() {}, {}), { kind: 'function', fields: { target: { kind: 'function', name: 'aimed' } } });
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  exhibits.push(new Exhibit('revoked proxy', proxy));
  accounts['revoked proxy'] = { kind: 'object', type: 'Proxy', fields: { target: brief(null), handler: brief(null) } };
  show('number wrapper', new Number(42), { fields: { value: brief(42) } });
  show('string wrapper', Object.assign(new String('wrapped'), { 10: 'beyond' }), { fields: { value: brief('wrapped') } });
  show('boolean wrapper', new Boolean(false), { fields: { value: brief(false) } });
  show('symbol wrapper', Object(Symbol('wrapped')), { fields: { value: { kind: 'symbol', value: 'wrapped' } } });
  show('bigint wrapper', Object(7n), { fields: { value: brief(7n) } });
  show('global proxy', globalThis, { type: undefined, unbounded: true, text: '<Global proxy>' });
  show('script', new vm.Script('1 + 1'), { embedder: 1 });
  show('context global', vm.createContext({ sandboxed: 1 }));
}

function buffers() {
  const large = new ArrayBuffer(4096);
  new Uint8Array(large).fill(7);
  show('array buffer', Uint8Array.of(1, 2, 3, 4, 5).buffer);
  show('empty array buffer', new ArrayBuffer(0));
  show('large array buffer', large);
  const shared = new SharedArrayBuffer(6);
  new Uint8Array(shared).set([9, 8, 7]);
  show('shared array buffer', shared);
  show('data view', new DataView(large, 16, 8));
  show('buffer', Buffer.from('A Buffer with text: \u00fcml\u00e4ut'));
  show('unpooled buffer', Buffer.alloc(300, 'x'));
  show('binary buffer', Buffer.from([0, 255, 10, 27, 128]));
  show('empty buffer', Buffer.alloc(0));
  const bytes = Uint8Array.from({ length: 64 }, (_, i) => i * 5).buffer;
  for (const name of ['Int8Array', 'Uint8Array', 'Uint8ClampedArray', 'Int16Array', 'Uint16Array', 'Int32Array',
    'Uint32Array', 'Float16Array', 'Float32Array', 'Float64Array', 'BigInt64Array', 'BigUint64Array']) {
    const type = globalThis[name];
    if (type === undefined) continue;
    show(`${name} of a buffer`, new type(bytes, 16, 2));
    const own = new type(4);
    own[1] = name.startsWith('Big') ? 5n : 5;
    show(`small ${name}`, own);
  }
  show('subarray', new Uint16Array(bytes).subarray(3, 6));
  showIfParsed('resizable array buffer', `
    if (!('resizable' in ArrayBuffer.prototype)) throw new ReferenceError();
    const buffer = new ArrayBuffer(4, { maxByteLength: 64 });
    new Uint8Array(buffer).fill(3);
    return buffer;`);
  showIfParsed('length-tracking array', `
    if (!('resizable' in ArrayBuffer.prototype)) throw new ReferenceError();
    const buffer = new ArrayBuffer(4, { maxByteLength: 64 });
    const array = new Uint8Array(buffer);
    buffer.resize(6);
    array.fill(9);
    return array;`);
}

async function modules() {
  const path = await import('path');
  show('module namespace', path, { type: undefined, unbounded: true, fields: { module: { kind: 'internal' } } });
}

async function main() {
  for (const exhibit of [primitives, strings, objects, arrays, functions, collections, control, errors, others, buffers]) {
    exhibit();
  }
  await modules();
  finish({
    isolates: [{ role: 'main', classes: { Exhibit: exhibits.length }, prototypes: { Exhibit: 1 }, values: accounts }],
  });
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
