'use strict';
// One or a few of everything that V8 and Node have an object for and that no other program makes.
// Proves: the sizes and names of rare objects. What a Node version lacks is left out.

const { AsyncLocalStorage } = require('async_hooks');
const crypto = require('crypto');
const domain = require('domain');
const { EventEmitter } = require('events');
const vm = require('vm');
const { finish } = require('../support/ending');

const HOT = 20000;  // calls after which a function has been optimised

class Cage {
  constructor(label, content) {
    this.label = label;
    this.content = content;
  }
}

const cages = [];
globalThis.zoo = cages;

function keep(label, make) {
  const content = make();
  if (content !== undefined) cages.push(new Cage(label, content));
}

/** Keeps what newer source text makes, unless this V8 cannot read it. */
function keepIfParsed(label, text) {
  let make;
  try {
    make = new Function(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return;
  }
  keep(label, make);
}

/** Keeps instances of a class that not every Node has: path is such as 'Intl.Segmenter'. */
function keepIfThere(path, use) {
  const found = path.split('.').reduce((value, name) => value && value[name], globalThis);
  if (found) keep(path, () => use(found));
}

function times(count, make) {
  return Array.from({ length: count }, (_, i) => make(i));
}

function internationalization() {
  const date = new Date(86400000);
  keepIfThere('Intl.Collator', (C) => times(3, () => { const c = new C('de'); return [c, c.compare]; }));
  keepIfThere('Intl.NumberFormat', (F) => times(3, () => { const f = new F('en', { style: 'percent' }); return [f, f.format(0.5), f.format]; }));
  keepIfThere('Intl.DateTimeFormat', (F) => times(3, () => { const f = new F('en', { timeZone: 'UTC' }); return [f, f.formatToParts(date), f.format]; }));
  keepIfThere('Intl.PluralRules', (R) => { const r = new R('en'); return [r, r.select(2)]; });
  keepIfThere('Intl.RelativeTimeFormat', (F) => { const f = new F('en'); return [f, f.format(-1, 'day')]; });
  keepIfThere('Intl.ListFormat', (F) => { const f = new F('en'); return [f, f.format(['a', 'b'])]; });
  keepIfThere('Intl.Locale', (L) => new L('en-GB'));
  keepIfThere('Intl.DisplayNames', (N) => new N(['en'], { type: 'region' }));
  keepIfThere('Intl.DurationFormat', (F) => new F('en'));
  keepIfThere('Intl.Segmenter', (S) => {
    const segments = new S('en', { granularity: 'word' }).segment('one two three');
    const iterator = segments[Symbol.iterator]();
    return [segments, iterator, iterator.next()];
  });
}

function time() {
  keepIfThere('Temporal.Now', (Now) => [
    Now.instant(), Now.zonedDateTimeISO('UTC'), Now.plainDateISO(), Now.plainTimeISO(),
    Now.plainDateTimeISO(), new Temporal.Duration(1, 2), new Temporal.PlainMonthDay(2, 29),
    new Temporal.PlainYearMonth(2024, 2),
  ]);
}

function patterns() {
  keep('patterns', () => times(20, (i) => {
    const pattern = new RegExp(`(?<word>w${i}\\w*)|(\\d+)`, 'gy');
    for (let n = 0; n < 50; n++) {
      pattern.lastIndex = 0;
      pattern.exec(`w${i}ord and more`);
    }
    return [pattern, `w${i}x`.match(/(?<first>.)(?<second>.)/), 'aXbXc'.split(/X/), 'żółw'.replace(/ó./u, '-')];
  }));
  keep('pattern of plain text', () => /zookeeper/);
  keep('pattern compiled anew', () => /before/.compile('after', 'i'));
  keep('matches', () => 'a1b2'.matchAll(/[a-z]/g));
  keepIfParsed('pattern with indices', 'return /(?<digits>\\d+)/d.exec("a 123");');
  keepIfParsed('pattern of sets', 'return /[\\p{L}--[a-z]]/v.exec("aB");');
}

function suspended() {
  async function waits(promise) {
    try {
      return await promise;
    } finally {
      waits.done = true;
    }
  }
  async function* produces(promise) {
    yield 1;
    yield await promise;
  }
  function* delegates() {
    yield* [1, 2, 3];
  }
  const never = new Promise(() => {});
  keep('async functions', () => times(5, () => waits(never)));
  keep('async generators', () => times(5, () => { const g = produces(never); return [g, g.next(), g.next(), g.next()]; }));
  keep('generators', () => times(5, () => { const g = delegates(); g.next(); return g; }));
  keep('unstarted generator', () => delegates());
  keep('promises', () => [Promise.all([never, 1]), Promise.race([never]), Promise.resolve(1).finally(() => 2), never.then(() => 3, () => 4)]);
  keepIfThere('Promise.allSettled', (settle) => settle.call(Promise, [never, 2]));
  keepIfThere('Promise.any', (any) => any.call(Promise, [never]));
  keepIfThere('Promise.withResolvers', (make) => make.call(Promise));
  keepIfThere('Array.fromAsync', (from) => from.call(Array, produces(never)));
}

function classes() {
  keepIfParsed('private methods', `
    class Secretive { #x = 1; #get() { return this.#x; } get #y() { return 2; } static #count = 0; static #add() { return ++Secretive.#count; } constructor() { this.sum = this.#get() + this.#y + Secretive.#add(); } }
    return Array.from({ length: 7 }, () => new Secretive());`);
  keepIfParsed('static block', 'class Blocky { static made = 0; static { Blocky.made = [1]; } [Symbol.toPrimitive]() { return 1; } } return [new Blocky(), Blocky];');
  keepIfParsed('accessors', 'class Computed { static ["a" + "b"] = 1; ["c" + 1] = 2; get [Symbol.iterator]() { return null; } } return new Computed();');
  keep('anonymous class', () => [new (class {})(), class {}, Reflect.construct(Object, [], class Target {})]);
  keep('null prototype', () => Object.create(null, { a: { get() { return 1; }, enumerable: true } }));
  keep('super', () => ({ __proto__: { hi() { return 1; } }, hi() { return super.hi(); } }));
}

function weak() {
  const held = times(10, (i) => ({ i }));
  keep('held', () => held);
  keepIfThere('WeakRef', (Ref) => held.map((value) => new Ref(value)));
  keepIfThere('FinalizationRegistry', (Registry) => {
    const registry = new Registry(() => {});
    for (const value of held) registry.register(value, 'gone', value);
    return registry;
  });
  keep('weak collections', () => [new WeakMap(held.map((value) => [value, value])), new WeakSet(held)]);
}

function numbersAndBytes() {
  keep('big integers', () => [1n << 4000n, -(1n << 20000n), 0n, new BigInt64Array([1n, -1n]), new BigUint64Array(40), Object(5n)]);
  keep('shared', () => [new Int32Array(new SharedArrayBuffer(16)), new DataView(new SharedArrayBuffer(32))]);
  keep('growable', () => new SharedArrayBuffer(16, { maxByteLength: 4096 }));
  keep('wrappers', () => [Object(Symbol('wrapped')), Object('text'), Object(1.5), Object(true)]);
  keepIfThere('structuredClone', (clone) => clone({ a: new Map([[1, new Set([2])]]), d: new Date(0), e: new Error('cloned') }));
}

function errors() {
  function deep(n) {
    return n === 0 ? new RangeError('deep') : deep(n - 1);
  }
  keep('errors', () => [deep(5), deep(40), new EvalError(), new URIError(), new SyntaxError('x'), new ReferenceError('y')]);
  keep('read stacks', () => times(4, () => { const error = deep(3); return [error, error.stack]; }));
  keep('captured', () => { const target = {}; Error.captureStackTrace(target, errors); return target; });
  keep('structured', () => {
    const before = Error.prepareStackTrace;
    Error.prepareStackTrace = (_, sites) => sites;
    const { stack } = new Error('sites');
    Error.prepareStackTrace = before;
    return stack;
  });
  keepIfThere('AggregateError', (Aggregate) => new Aggregate([new Error('one')], 'many'));
  keepIfParsed('cause', 'return new Error("outer", { cause: new Error("inner") });');
}

function iterators() {
  const map = new Map([[1, 2]]);
  keep('iterators', () => [[1][Symbol.iterator](), [1].entries(), map.keys(), map.entries(), new Set([1]).values(), 'abc'[Symbol.iterator](), new Uint8Array(3).values()]);
  keepIfThere('Iterator', (I) => [I.from({ next() { return { done: true }; } }), [1, 2].values().map((x) => x), [3].values().filter(Boolean).take(1)]);
  keep('deleted while iterated', () => {
    const big = new Map(times(100, (i) => [i, i]));
    const iterator = big.entries();
    for (let i = 0; i < 99; i++) {
      iterator.next();
      big.delete(i);
    }
    return [big, iterator];
  });
}

function names() {
  keep('symbols', () => [Symbol.for('zoo.registered'), Symbol('local'), Symbol()]);
  const tag = (strings) => strings;
  keep('template', () => [tag`a${1}b${2}c\u0041`, tag`a${1}b${2}c\u0041`]);
  keep('proxies', () => {
    const revocable = Proxy.revocable({}, {});
    revocable.revoke();
    return [new Proxy([], {}), new Proxy(function target() {}, {}), new Proxy(class {}, {}), revocable.proxy];
  });
  keep('bound', () => [names.bind(null, 1, 2), Math.max.bind(Math), (class {}).bind({})]);
  keep('tagged', () => ({ [Symbol.toStringTag]: 'Tagged' }));
  keep('arguments', () => [(function () { return arguments; })(1, 2), new Function('a', 'return [arguments, () => a]')(1)]);
}

/** Call sites that see many shapes, functions that were optimised and thrown out again. */
function hotCode() {
  const shapes = times(40, (i) => ({ [`first${i}`]: i, common: i }));
  const read = (object) => object.common;
  const add = (a, b) => a + b;
  const poly = new Function('o', `let sum = 0; ${times(300, (i) => `if (o.k === ${i}) sum += o.a${i % 50} * ${i}.5;`).join(' ')} return sum;`);
  let sum = 0;
  for (let i = 0; i < HOT; i++) {
    sum += read(shapes[i % shapes.length]);
    sum += add(i, 1) + add(i, 0.5);
    sum += poly({ k: i % 300, a1: 1, a2: 2 });
  }
  add('no', 'number');
  for (let i = 0; i < HOT; i++) add(`${i}`, 1);
  keep('hot', () => ({ shapes, read, add, poly, sum }));
}

function worlds() {
  keep('context', () => {
    const context = vm.createContext({ seen: 1 });
    vm.runInContext('var made = [new Map(), class Foreigner {}, new Error("foreign"), /f/]; let lexical = {}; seen++;', context);
    return context;
  });
  keep('script', () => new vm.Script('1 + 1', { filename: 'zoo-script.js' }));
  keep('eval', () => eval('let inner = 5; (() => inner)'));  // eslint-disable-line no-eval
  keep('with', () => new Function('o', 'with (o) { return () => x; }')({ x: 1 }));
  keepIfThere('DisposableStack', (Stack) => { const stack = new Stack(); stack.defer(() => {}); return stack; });
  keepIfThere('AsyncDisposableStack', (Stack) => new Stack());
}

function ofNode() {
  keep('emitter', () => new EventEmitter().on('x', () => {}).once('y', () => {}));
  keep('storage', () => { const storage = new AsyncLocalStorage(); storage.run({ id: 1 }, () => setTimeout(() => {}, 1e6)); return storage; });
  keep('domain', () => { const made = domain.create(); made.run(() => setImmediate(() => {})); return made; });
  keep('url', () => [new URL('https://example.com/a?b=c#d'), new URLSearchParams('x=1&y=2')]);
  keep('text', () => [new TextEncoder(), new TextDecoder('utf-16le')]);
  keep('hash', () => [crypto.createHash('sha256').update('zoo'), crypto.createHmac('sha1', 'key'), crypto.createSecretKey(Buffer.alloc(16))]);
  keepIfThere('AbortController', (Controller) => { const c = new Controller(); c.signal.addEventListener('abort', () => {}); return c; });
  keepIfThere('EventTarget', (Target) => { const t = new Target(); t.addEventListener('x', () => {}); return t; });
  keepIfThere('Blob', (B) => new B(['text']));
  keepIfThere('Headers', (H) => new H({ accept: '*/*' }));
  keepIfThere('ReadableStream', (Stream) => new Stream({ start(controller) { controller.enqueue('x'); } }));
}

async function modules() {
  const plain = await import('data:text/javascript,export const answer = 42; export default class Imported {}; export let later = {};');
  const linked = await import('data:text/javascript,import * as self from "data:text/javascript,export const b = 2"; export { self }; export const url = import.meta.url;');
  keep('modules', () => [plain, linked, new plain.default()]);
}

async function open() {
  internationalization();
  time();
  patterns();
  suspended();
  classes();
  weak();
  numbersAndBytes();
  errors();
  iterators();
  names();
  hotCode();
  worlds();
  ofNode();
  await modules();
  const labels = new Set(cages.map((cage) => cage.label));
  finish({
    isolates: [{
      role: 'main',
      classes: {
        Cage: cages.length,
        Imported: 1,
        ...(labels.has('private methods') ? { Secretive: 7 } : {}),
        ...(labels.has('static block') ? { Blocky: 1 } : {}),
        ...(labels.has('accessors') ? { Computed: 1 } : {}),
      },
      at_least: { Generator: 6, Promise: 10, RegExp: 22 },
    }],
  });
}

open();
