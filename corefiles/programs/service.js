'use strict';
// A small payment service with everyday objects: what most cores look like.
// Proves: class names and counts for classes, subclasses, class fields, private
// fields, function constructors and subclassed built-ins; closures and their
// contexts; the built-in types that any program uses.

const { finish } = require('../support/ending');

class TransactionService {
  constructor(id) {
    this.id = id;
    this.currency = id % 2 === 0 ? 'EUR' : 'USD';
    this.amount = id + 0.25;
    this.open = id % 3 === 0;
  }

  settle() {
    this.open = false;
  }
}

class RefundService extends TransactionService {
  constructor(id, reason) {
    super(id);
    this.reason = reason;
  }
}

class PartialRefundService extends RefundService {}

class Account {
  owner = null;
  limits = { daily: 1000, monthly: 20000 };
  #balance = 0;

  constructor(owner, balance) {
    this.owner = owner;
    this.#balance = balance;
  }

  get balance() {
    return this.#balance;
  }
}

function Customer(name, born) {
  this.name = name;
  this.born = born;
}
Customer.prototype.greet = function greet() {
  return `Dear ${this.name}`;
};

class Ledger extends Map {}
class Tags extends Set {}
class Batch extends Array {}
class PaymentError extends Error {
  constructor(message, code) {
    super(message);
    this.code = code;
  }
}

function times(count, make) {
  const made = [];
  for (let i = 0; i < count; i++) made.push(make(i));
  return made;
}

/** A closure whose context holds a counter and a name. */
function makeCounter(name) {
  let count = 0;
  return function counter() {
    return `${name} ${count++}`;
  };
}

function* numbers(from) {
  for (let i = from; ; i++) yield i;
}

async function waitFor(promise) {
  const answer = await promise;
  return answer;
}

function startedGenerator(from) {
  const generator = numbers(from);
  generator.next();
  return generator;
}

function filledLedger(i) {
  return new Ledger([[`entry-${i}`, i], [i, `entry-${i}`]]);
}

const never = new Promise(() => {});
const customers = times(3000, (i) => new Customer(`customer ${i}`, new Date(i * 86400000)));

const service = {
  transactions: times(20000, (i) => new TransactionService(i)),
  refunds: times(4000, (i) => new RefundService(i, `reason ${i}`)),
  partialRefunds: times(1000, (i) => new PartialRefundService(i, 'damaged')),
  customers,
  accounts: times(2000, (i) => new Account(customers[i], i * 1.5)),
  ledgers: times(100, filledLedger),
  tags: times(100, (i) => new Tags([`tag-${i}`, 'common'])),
  batches: times(50, (i) => Batch.from([i, i + 1, i + 2])),
  errors: times(40, (i) => new PaymentError(`payment ${i} refused`, i)),
  maps: times(200, (i) => new Map([[i, { index: i }]])),
  sets: times(200, (i) => new Set([i, `value ${i}`])),
  weakMap: new WeakMap(customers.map((customer, i) => [customer, i])),
  weakSet: new WeakSet(customers.slice(0, 500)),
  counters: times(300, (i) => makeCounter(`counter ${i}`)),
  generators: times(60, startedGenerator),
  buffers: times(80, (i) => Buffer.alloc(256, i)),
  resolved: times(150, (i) => Promise.resolve(i)),
  never,
  waiting: times(150, () => waitFor(never)),
  patterns: times(70, (i) => new RegExp(`^payment-${i}$`, 'i')),
  symbols: times(90, (i) => Symbol(`symbol ${i}`)),
  bigints: times(90, (i) => (1n << 80n) + BigInt(i)),
  nested: { level: 1, next: { level: 2, next: { level: 3, marker: 'corewalk-marker-service' } } },
  values: [undefined, null, true, false, -1, 0.5, NaN, 'text', [1, [2, [3]]]],
};
globalThis.service = service;

finish({
  isolates: [{
    role: 'main',
    classes: {
      TransactionService: 20000,
      RefundService: 4000,
      PartialRefundService: 1000,
      Account: 2000,
      Customer: 3000,
      Ledger: 100,
      Tags: 100,
      Batch: 50,
      PaymentError: 40,
    },
    at_least: {
      Date: 3000,
      Map: 200,
      Set: 200,
      WeakMap: 1,
      WeakSet: 1,
      Promise: 301,
      Buffer: 80,
      RegExp: 70,
    },
    prototypes: { TransactionService: 1, RefundService: 1 },
    aliases: { Ledger: 'Map', Tags: 'Set' },
    functions: { counter: 300 },
  }],
});
