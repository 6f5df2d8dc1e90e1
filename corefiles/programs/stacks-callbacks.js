'use strict';
// Every way in which V8 or Node calls a JavaScript function back, one inside the other.
// Proves: none of the frames between them breaks the stack, and each call is named and placed.

const fs = require('fs');
const { announce } = require('../support/ending');

Error.stackTraceLimit = Infinity;

// What a function keeps in its first variable, and so in its first register, while it calls.
const registers = { throughReviver: 'in a register' };

function die() {
  announce({ isolates: [{ role: 'main', registers, stack: new Error().stack.split('\n').slice(1) }] }); process.abort();
}

class Base {
  constructor() {
    die();
  }
}

class Derived extends Base {
  constructor() {
    const made = super();
    this.made = made;
  }
}

function* generate() {
  yield 1;
  yield Reflect.construct(Derived, []);
}

function throughGenerator() {
  const numbers = generate();
  numbers.next();
  return numbers.next();
}

const convertible = {
  [Symbol.toPrimitive](hint) {
    return throughGenerator().value + hint;
  },
};

function throughTemplate(...rest) {
  return `${convertible} and ${rest.length}`;
}

function throughPromise() {
  return new Promise(function execute(resolve) {
    resolve(throughTemplate.apply(null, [1, 2, 3]));
  });
}

const trapped = new Proxy({}, {
  get(target, key) {
    return throughPromise.bind(target, key)();
  },
  has(target, key) {
    return Boolean(trapped[key]);
  },
});

const described = {
  get description() {
    return 'answer' in trapped;
  },
};

function throughFrom() {
  return Array.from({ length: 1 }, function make() {
    return described.description;
  });
}

function throughReplace() {
  return 'one two'.replace(/o/, (match) => {
    return match + throughFrom();
  });
}

function throughReviver() {
  const local = 'in a register';
  const parsed = JSON.parse('{"one": [1]}', function revive(key, value) {
    return throughReplace() + value;
  });
  return parsed + local;
}

class Text {
  toString() {
    new Map([[1, 2]]).forEach((value) => throughReviver(value));
    return 'text';
  }
}

async function third() {
  await null;
  return [new Text()].join();
}

async function second() {
  const result = await third();
  return result;
}

async function first() {
  return await second();
}

fs.stat(__filename, function onStat() {
  setImmediate(function onImmediate() {
    process.nextTick(function onTick() {
      first();
    });
  });
});
