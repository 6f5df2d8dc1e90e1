'use strict';
// Calls in code of V8's optimising compilers, with calls inlined into one another, at the innermost
// of which the program says what its own stack is, and dies. Loaded by the programs stacks-*.js,
// which choose the compiler.

const { announce } = require('./ending');
const v8 = require('v8');

v8.setFlagsFromString('--allow-natives-syntax');
Error.stackTraceLimit = Infinity;

/** A runtime function of V8; null if this V8 has none of that name. */
function native(call) {
  try {
    return new Function('value', `return %${call}`);
  } catch (error) {
    return null;
  }
}

const prepare = native('PrepareFunctionForOptimization(value)') || (() => {});
const keepInterpreted = native('NeverOptimizeFunction(value)');
const status = native('GetOptimizationStatus(value)');
const takeOverLoop = native('OptimizeOsr(1)');
const COMPILERS = {
  turbofan: native('OptimizeFunctionOnNextCall(value)'),
  maglev: native('OptimizeMaglevOnNextCall(value)'),
};
const IS_OPTIMIZED = 24; // of GetOptimizationStatus: 16 to V8 13, then 8, which was unused before

const roots = {};
let compiler = '';
let armed = false;

/** Dies once everything is hot: then all calls below it are in optimised code. */
function last(value) {
  if (!armed) return value;
  const optimized = Object.keys(roots).filter((name) => status(roots[name]) & IS_OPTIMIZED);
  const used = optimized.length > 0 ? compiler : '';
  announce({ isolates: [{ role: 'main', compiler: used, optimized, stack: new Error().stack.split('\n').slice(1) }] }); process.abort();
  return value;
}

function leaf(value) {
  return last(value + 1) + 1;
}

class Line {
  constructor(order) {
    this.order = order;
    this.amount = leaf(order.count);
  }
}

class Order {
  constructor(count) {
    this.count = count;
  }

  get lines() {
    const line = new Line(this);
    return line.amount;
  }

  total(factor) {
    try {
      return this.lines * factor;
    } finally {
      this.count = 3;
    }
  }
}

function extra(order) {
  return order.total(arguments.length);
}

function throughMap(order) {
  const amounts = [order].map(function mapped(one) {
    return extra(one, 'more', 'than declared');
  });
  return amounts.reduce((sum, amount) => sum + amount, 0);
}

function throughLoop(order) {
  let sum = 0;
  for (let i = 0; i < 100; i++) {
    if (i === 50) takeOverLoop();
    if (i === 99) sum += callAny(throughMap, order);
  }
  return sum;
}

const closing = {
  replace: (key, value) => {
    if (key !== 'order') return value;
    return callAny(throughLoop, value);
  },
};

function throughStringify(order) {
  const text = JSON.stringify({ order }, closing.replace);
  return text.length;
}

function middle(order) {
  return throughStringify(order) + 1;
}

function outer(order) {
  const inner = (one) => middle(one);
  return inner(order);
}

/** Calls so many functions that none is inlined. */
function callAny(callee, argument) {
  return callee(argument);
}

/** Makes `root` run in code of the compiler; the first code may rest on too little experience. */
function heat(root, ...args) {
  for (let i = 0; i < 20; i++) root(...args);
  for (let attempt = 0; attempt < 5 && !(status(root) & IS_OPTIMIZED); attempt++) {
    COMPILERS[compiler](root);
    root(...args);
  }
}

/** Dies in code of `which` compiler, or in interpreted code if this V8 has no such. */
function start(which) {
  const order = new Order(3);
  for (let i = 0; i < 10; i++) callAny(new Function('value', `return value + ${i}`), 1);
  Object.assign(roots, { extra, throughMap, replace: closing.replace, outer });
  [last, callAny, takeOverLoop].forEach(keepInterpreted);
  const all = [leaf, Line, Order, Order.prototype.total, throughLoop, throughStringify, middle,
    Object.getOwnPropertyDescriptor(Order.prototype, 'lines').get, ...Object.values(roots)];
  all.forEach(prepare);
  compiler = COMPILERS[which] ? which : '';
  if (compiler) {
    heat(extra, order);
    heat(throughMap, order);
    for (let i = 0; i < 20; i++) throughLoop(order);
    heat(closing.replace, 'order', order);
    heat(outer, order);
  }
  setTimeout(function onTimeout() {
    armed = true;
    outer(order);
  }, 1);
}

module.exports = { start };
