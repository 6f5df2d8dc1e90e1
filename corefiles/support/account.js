'use strict';
// A process's own account of a value: what reflection, iteration and util.inspect say is in it. A
// test compares it with what is found in the core.

const util = require('util');

/** One value in short: a primitive with its value, an object with its constructor's name. */
function brief(value) {
  if (value === null) return { kind: 'null' };
  const kind = typeof value;
  if (kind === 'object' || kind === 'function') return { kind, type: constructorName(value) };
  if (kind === 'undefined') return { kind };
  if (kind === 'symbol') return { kind, value: describeSymbol(value) };
  return { kind, value: Object.is(value, -0) ? '-0' : String(value) };
}

function describeSymbol(symbol) {
  return symbol.toString().slice('Symbol('.length, -1);
}

/** The name of the constructor, found without running the program's getters. */
function constructorName(object) {
  if (util.types.isProxy(object)) return 'Proxy';
  for (let at = Object.getPrototypeOf(object); at !== null; at = Object.getPrototypeOf(at)) {
    const found = Object.getOwnPropertyDescriptor(at, 'constructor');
    if (found && typeof found.value === 'function') return found.value.name;
  }
  return null;
}

const isIndex = (key) => typeof key === 'string' && String(key >>> 0) === key && key !== '4294967295';

/** One own property, or element, by its descriptor. */
function property(descriptor) {
  const common = { hidden: !descriptor.enumerable };
  if ('value' in descriptor) return { ...brief(descriptor.value), read_only: !descriptor.writable, ...common };
  return { getter: brief(descriptor.get), setter: brief(descriptor.set), ...common };
}

/** All own properties and elements of an object that is no proxy and no typed array. */
function members(object) {
  const account = { properties: {}, symbols: {}, elements: {} };
  for (const key of Reflect.ownKeys(object)) {
    const found = property(Object.getOwnPropertyDescriptor(object, key));
    if (typeof key === 'symbol') account.symbols[describeSymbol(key)] = found;
    else account[isIndex(key) ? 'elements' : 'properties'][key] = found;
  }
  return account;
}

function entriesOf(object) {
  if (util.types.isMap(object)) return [...Map.prototype.entries.call(object)].map((entry) => entry.map(brief));
  if (util.types.isSet(object)) return [...Set.prototype.values.call(object)].map((value) => [brief(value)]);
  return undefined;
}

function bytesOf(object) {
  if (util.types.isAnyArrayBuffer(object)) return Buffer.from(object).toString('hex');
  if (!ArrayBuffer.isView(object)) return undefined;
  return Buffer.from(object.buffer, object.byteOffset, object.byteLength).toString('hex');
}

/** The process's account of a value; `facts` are what it knows of it and cannot ask. */
function account(value, facts) {
  const found = { ...brief(value), ...facts };
  if (found.kind !== 'object' && found.kind !== 'function') return found;
  found.printed = util.inspect(value, { showProxy: true, depth: 0, breakLength: Infinity });
  if (util.types.isProxy(value)) return found;
  const isTypedArray = util.types.isTypedArray(value);
  if (isTypedArray) found.numbers = Array.from(value, String);
  else if (!facts.unbounded) Object.assign(found, members(value));
  found.entries = entriesOf(value);
  found.bytes = bytesOf(value);
  return found;
}

module.exports = { account, brief };
