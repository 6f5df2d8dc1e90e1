'use strict';
// One object of a class of its own for each way in which something is kept alive.
// Proves: the path from a root to an object is named all the way, in words that lead to the code.

const { EventEmitter } = require('events');
const net = require('net');
const asyncHooks = require('async_hooks');

const { finish } = require('../support/ending');
require('../support/held_module');

const LATER_MS = 3600000;
const [major] = process.versions.node.split('.').map(Number);

// What the path has to say, in this order: regular expressions.
const holders = [];

function expectPath(kind, className, ...path) {
  holders.push({ kind, class: className, path });
}

class HeldByGlobal {}
class HeldByClosure {}
class HeldByMap {}
class HeldByMapKey {}
class HeldBySet {}
class HeldByArray {}
class HeldByReaction {}
class HeldByAwait {}
class HeldByTimer {}
class HeldByTimerArgument {}
class HeldByListener {}
class HeldByAsyncLocalStorage {}
class HeldByClassStatic {}
class HeldByPrivateField {}
class HeldByWeakMap {}
class HeldByBoundArgument {}
class HeldByAccessor {}
class HeldByNativeHandle {}
class HeldByStack {}

function holdInValues() {
  globalThis.globalHolder = new HeldByGlobal();
  globalThis.mapHolder = new Map([['k16', null], ['k17', new HeldByMap()]]);
  globalThis.mapKeyHolder = new Map([[new HeldByMapKey(), 1]]);
  globalThis.setHolder = new Set(['other', new HeldBySet()]);
  globalThis.arrayHolder = ['zero', 'one', 'two', new HeldByArray()];
  globalThis.boundHolder = (function bound() {}).bind(null, new HeldByBoundArgument());
  expectPath('global', 'HeldByGlobal', '\\bglobal', 'globalHolder');
  expectPath('Map value', 'HeldByMap', 'mapHolder', 'Map', 'k17');
  expectPath('Map key', 'HeldByMapKey', 'mapKeyHolder', 'Map', 'key');
  expectPath('Set', 'HeldBySet', 'setHolder', 'Set');
  expectPath('array', 'HeldByArray', 'arrayHolder', '\\[3\\]');
  expectPath('argument of a bound function', 'HeldByBoundArgument', 'boundHolder', 'bound');
}

function holdInModule() {
  expectPath('module variable', 'HeldByModuleVariable', 'held_module\\.js', 'moduleVariable');
}

function holdInClosures() {
  const closureVariable = new HeldByClosure();
  globalThis.closureHolder = function reader() { return closureVariable; };
  expectPath('closure', 'HeldByClosure', 'closureHolder', 'closureVariable');
}

function holdInAccessor() {
  const behindGetter = new HeldByAccessor();
  globalThis.accessorHolder = { get secret() { return behindGetter; } };
  expectPath('getter', 'HeldByAccessor', 'accessorHolder', 'secret', 'behindGetter');
}

function holdInReaction() {
  const reactionVariable = new HeldByReaction();
  globalThis.pendingPromise = new Promise(() => {});
  globalThis.pendingPromise.then(function onSettled() { return reactionVariable; });
  expectPath('promise reaction', 'HeldByReaction', 'pendingPromise', 'onSettled', 'reactionVariable');
}

function holdInAwait() {
  globalThis.awaitedPromise = new Promise(() => {});
  (async function waiter() {
    const awaitVariable = new HeldByAwait();
    await globalThis.awaitedPromise;
    return awaitVariable;
  })();
  expectPath('variable of an async function', 'HeldByAwait', 'awaitedPromise', 'waiter');
}

function holdInTimer() {
  const timerVariable = new HeldByTimer();
  setTimeout(function onTimer() { return timerVariable; }, LATER_MS);
  expectPath('timer', 'HeldByTimer', '[Tt]ime', 'onTimer', 'timerVariable');
}

function holdInTimerArgument() {
  setTimeout(function onOtherTimer() {}, LATER_MS + 1, new HeldByTimerArgument());
  expectPath('argument of a timer', 'HeldByTimerArgument', '[Tt]ime', '_timerArgs|argument');
}

function holdInListener() {
  const listenerVariable = new HeldByListener();
  globalThis.emitterHolder = new EventEmitter();
  globalThis.emitterHolder.on('update', function onUpdate() { return listenerVariable; });
  expectPath('listener', 'HeldByListener', 'emitterHolder', 'update', 'onUpdate', 'listenerVariable');
}

// Up to Node 23 the store is a property of each async resource; from Node 24 on, resources share a
// frame: a Map with the AsyncLocalStorage as a key.
function holdInAsyncLocalStorage() {
  if (!asyncHooks.AsyncLocalStorage) return;
  globalThis.storage = new asyncHooks.AsyncLocalStorage();
  globalThis.storage.run(new HeldByAsyncLocalStorage(), () => setTimeout(function inStore() {}, LATER_MS + 2));
  const words = major < 24 ? ['AsyncLocalStorage|kResourceStore'] : ['AsyncLocalStorage|AsyncContextFrame'];
  expectPath('AsyncLocalStorage', 'HeldByAsyncLocalStorage', '[Tt]ime', ...words);
}

function holdInClasses() {
  globalThis.StaticHolder = class StaticHolder { static held = new HeldByClassStatic(); };
  globalThis.privateHolder = new (class PrivateHolder {
    #secret = new HeldByPrivateField();
    get size() { return this.#secret ? 1 : 0; }
  })();
  expectPath('class static', 'HeldByClassStatic', 'StaticHolder', 'held');
  expectPath('private field', 'HeldByPrivateField', 'privateHolder', '#secret');
}

function holdInWeakMap() {
  globalThis.liveKey = { name: 'live key' };
  globalThis.weakTable = new WeakMap([[globalThis.liveKey, new HeldByWeakMap()]]);
  expectPath('WeakMap with a live key', 'HeldByWeakMap', 'weakTable|liveKey', 'WeakMap');
}

function holdInNativeHandle() {
  const server = net.createServer();
  server.ofHandle = new HeldByNativeHandle();
  server.listen(0);
  expectPath('native handle', 'HeldByNativeHandle', '[Gg]lobal handle|TCPServerWrap|TCPWrap', 'TCP', 'ofHandle');
}

/** The stack holds the object, and nothing else does. */
function holdOnStack(die) {
  const onStack = new HeldByStack();
  expectPath('stack', 'HeldByStack', '[Ss]tack|thread', 'holdOnStack');
  die();
  return onStack;
}

function die() {
  const classes = {};
  for (const holder of holders) classes[holder.class] = 1;
  finish({ isolates: [{ role: 'main', classes, holders }] });
}

for (const hold of [holdInValues, holdInModule, holdInClosures, holdInAccessor, holdInReaction, holdInAwait, holdInTimer,
  holdInTimerArgument, holdInListener, holdInAsyncLocalStorage, holdInClasses, holdInWeakMap, holdInNativeHandle]) {
  hold();
}
// Two turns later no job holds anything any more.
setImmediate(() => setImmediate(() => holdOnStack(die)));
