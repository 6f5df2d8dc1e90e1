'use strict';
// A service that leaks until V8 gives up: an HTTP server on the loopback address
// answers requests from its own process and caches every reply for ever.
// Proves: a core of a real out-of-memory death can be read, and the class that
// filled the heap comes out first.
//
// V8 decides the moment of death, so the counts are lower bounds: the last
// announcement before the end holds. The exact number stands in the heap, in the
// one Counter.

const http = require('http');
const { announce } = require('../support/ending');

const CLIENTS = 8;
const REPLIES_PER_REQUEST = 20;
const ANNOUNCE_EVERY = 2000;
const MAX_REQUESTS = 100000;
const MAX_SECONDS = 100;

class Counter {
  constructor() {
    this.made = 0;
  }
}

class CachedReply {
  constructor(id) {
    this.id = id;
    this.url = `/reply/${id}`;
    this.body = Buffer.alloc(900, `reply ${id} `).toString('latin1');
    this.expires = new Date(id * 1000);
    this.headers = { 'content-type': 'text/plain', 'x-id': String(id) };
  }
}

const cache = new Map();
const counter = new Counter();
globalThis.cache = cache;
globalThis.counter = counter;

function remember() {
  const reply = new CachedReply(counter.made);
  cache.set(reply.url, reply);
  counter.made++;
  if (counter.made % ANNOUNCE_EVERY === 0) {
    announce({
      isolates: [{
        role: 'main',
        classes: { Counter: 1 },
        at_least: { CachedReply: counter.made },
        exact_count_in_heap: { of: 'CachedReply', class: 'Counter', property: 'made' },
      }],
    });
  }
}

function answer(request, response) {
  for (let i = 0; i < REPLIES_PER_REQUEST; i++) remember();
  response.end('cached\n');
}

/** One client: asks again as soon as it has its answer. */
function ask(options, left) {
  if (left === 0) giveUp();
  http.get(options, (response) => {
    response.resume();
    response.on('end', () => ask(options, left - 1));
  });
}

function giveUp() {
  console.error('the heap did not fill up: is --max-old-space-size set?');
  process.exit(1);
}

const server = http.createServer(answer);
server.listen(0, '127.0.0.1', () => {
  const agent = new http.Agent({ keepAlive: true, maxSockets: CLIENTS });
  const options = { agent, host: '127.0.0.1', port: server.address().port, path: '/leak' };
  for (let i = 0; i < CLIENTS; i++) ask(options, MAX_REQUESTS / CLIENTS);
});
setTimeout(giveUp, MAX_SECONDS * 1000).unref();
