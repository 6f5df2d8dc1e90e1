'use strict';
// Calls of many kinds, one inside the other, at the innermost of which the program says what its own
// stack is, and dies. Loaded by the programs stacks*.js, which differ in the flags they give V8.

const { announce } = require('./ending');

Error.stackTraceLimit = Infinity;

function die(...counted) {
  announce({ isolates: [{ role: 'main', stack: new Error().stack.split('\n').slice(1) }] }); process.abort();
  return counted.length;
}

class Order {
  constructor(id, next) {
    this.id = id;
    this.price = next(id, 'two', 3.5);
  }

  total(factor) {
    const start = this.id + factor;
    return start + new Order(start, die).price;
  }
}

const closing = { label: 'closing', run: (order) => order.total(2) };

function throughMap(order) {
  return [order].map(function mapped(one) {
    return closing.run(one);
  });
}

// JSON.stringify is C++ that calls JavaScript back.
function throughReplacer(order) {
  return JSON.stringify({ order }, (key, value) => {
    if (key !== 'order') return value;
    return throughMap(value);
  });
}

function throughSort(order) {
  return [2, 1].sort((a, b) => {
    throughReplacer(order);
    return a - b;
  });
}

async function afterAwait(order) {
  await null;
  return throughSort(order);
}

/** Dies below a timer, a microtask and callbacks of C++. */
function start() {
  const order = new Order(1, (id) => id);
  setTimeout(function onTimeout() {
    afterAwait(order);
  }, 1);
}

module.exports = { start };
