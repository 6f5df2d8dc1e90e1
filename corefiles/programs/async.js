'use strict';
// Async functions that wait for one another, for promises that nothing will ever settle, for all of
// several, in circles; and one that runs at death, whose callers V8 itself lists.
// Proves: who waits for whom, and where each is suspended.

const { finish } = require('../support/ending');

const REQUESTS = 300;
const lines = {};
const kept = [];

/** Notes the line it is called from as the one where `name` is suspended. */
function at(name, value) {
  const caller = new Error().stack.split('\n')[2];
  lines[name] = Number(/:(\d+):\d+\)?$/.exec(caller)[1]);
  return value;
}

const never = () => new Promise((resolve) => kept.push(resolve));

async function query() {
  return await at('query', never());
}

async function handle() {
  const row = await at('handle', query());
  return row;
}

class Server {
  async serve() {
    await at('serve', handle());
  }
}

async function gather() {
  await at('gather', Promise.all([never(), 1]));
}

async function settle() {
  await at('settle', Promise.allSettled([never()]));
}

async function race() {
  await at('race', Promise.race([never()]));
}

function onReady(value) {
  return value;
}

async function afterHandler() {
  await at('afterHandler', never().then(onReady));
}

function onFinally() {}

async function afterFinally() {
  await at('afterFinally', never().finally(onFinally));
}

async function* produce() {
  yield await at('produce', never());
}

async function consume() {
  for await (const item of at('consume', produce())) kept.push(item);
}

async function thenable() {
  return at('thenable', never());
}

async function afterReturned() {
  await at('afterReturned', thenable());
}

let second;

async function firstOfCircle() {
  await null;
  await at('firstOfCircle', second);
}

async function secondOfCircle() {
  await at('secondOfCircle', kept.circle);
}

function startCircle() {
  kept.circle = firstOfCircle();
  second = secondOfCircle();
}

async function innermost() {
  await null;
  const stack = new Error('here').stack.split('\n').slice(1);
  finish({ isolates: [{ role: 'main', stack, lines, chains: CHAINS }] });
}

async function middle() {
  const value = await innermost();
  return value;
}

async function outermost() {
  if (kept.length > 0) {
    await middle();
  }
}

// Each from the promise at the bottom on, as names of the async functions and handlers.
const CHAINS = [
  { count: REQUESTS, steps: ['query', 'handle', 'serve'] },
  { count: 1, steps: ['Promise.all', 'gather'] },
  { count: 1, steps: ['Promise.allSettled', 'settle'] },
  { count: 1, steps: ['race'] },
  { count: 1, steps: ['onReady', 'afterHandler'] },
  { count: 1, steps: ['onFinally', 'afterFinally'] },
  { count: 1, steps: ['produce', 'consume'] },
  { count: 1, steps: ['afterReturned'] },
  { count: 1, cycle: true, steps: ['firstOfCircle', 'secondOfCircle'] },
];

Error.stackTraceLimit = Infinity;
const server = new Server();
for (let i = 0; i < REQUESTS; i++) kept.push(server.serve());
kept.push(gather(), settle(), race(), afterHandler(), afterFinally(), consume(), afterReturned());
startCircle();
setImmediate(() => kept.push(outermost()));
