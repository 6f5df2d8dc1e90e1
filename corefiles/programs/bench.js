'use strict';
// A heap of any size with the mix of objects of a web service, for measuring.
//
// ITERS      sessions to build: 60000 make about 0.25 GB, 235000 about 1 GB with
//            20 million objects, 700000 about 3 GB
// NATIVE_GB  gigabytes of malloc memory beside the heap, which a reader of the
//            core should not have to look at
//
// The numbers come from a seeded generator, so every run builds the same heap.

const { finish } = require('../support/ending');

const ITERS = Number(process.env.ITERS);
const NATIVE_GB = Number(process.env.NATIVE_GB);
// Small enough that malloc serves it from its arenas and not by a mapping each.
const NATIVE_CHUNK = 64 * 1024;
const BUFFER_BYTES = 4096;

const made = { Session: 0, User: 0, Request: 0, Order: 0, LineItem: 0, ServiceError: 0 };
let bufferBytes = 0;

class User {
  #email;
  #passwordHash;

  constructor(id) {
    this.id = id;
    this.name = `User Number ${id}`;
    this.address = { street: `${id % 200} Main Street`, city: CITIES[id % CITIES.length], zip: 10000 + id % 90000 };
    this.preferences = { theme: id % 2 ? 'dark' : 'light', language: 'en', newsletter: id % 3 === 0 };
    this.#email = `user.${id}@example.com`;
    this.#passwordHash = `hash-${id * 7919}`;
    made.User++;
  }

  knows(email, hash) {
    return this.#email === email && this.#passwordHash === hash;
  }
}

class LineItem {
  constructor(id) {
    this.sku = `sku-${id % 5000}`;
    this.quantity = 1 + id % 4;
    this.price = 0.99 + id % 100;
    this.options = { gift: false, color: COLORS[id % COLORS.length] };
    made.LineItem++;
  }
}

class Order {
  constructor(id, itemCount) {
    this.id = id;
    this.placed = new Date(id * 1000);
    this.items = [];
    for (let i = 0; i < itemCount; i++) this.items.push(new LineItem(id + i));
    this.total = itemCount * 12.5;
    this.status = STATES[id % STATES.length];
    made.Order++;
  }
}

class Request {
  constructor(id) {
    this.id = id;
    this.started = new Date(id);
    this.path = `/users/${id}/orders`;
    this.headers = { host: 'shop.example.com', 'user-agent': AGENTS[id % AGENTS.length], cookie: `session=${id}` };
    this.params = [`user=${id}`, `page=${id % 10}`];
    made.Request++;
  }
}

class Session {
  constructor(id) {
    this.id = `session-${id}`;
    this.user = new User(id);
    this.request = new Request(id);
    this.created = new Date(id * 10);
    this.lastSeen = new Date(id * 20);
    this.cart = new Map([['count', id % 5], ['coupon', `coupon-${id}`], ['total', id + 0.5], ['owner', this.user]]);
    this.roles = new Set(['customer', `group-${id % 50}`, id]);
    this.orders = [];
    this.onClose = makeHandler(this, id);
    this.onIdle = () => this.lastSeen.getTime() + id;
    this.closed = new Promise((resolve) => { this.close = resolve; });
    this.pending = waitForClose(this.closed);
    made.Session++;
  }
}

class ServiceError extends Error {
  constructor(id, data) {
    super(`request ${id} failed`);
    this.code = 'E_UPSTREAM';
    this.data = data;
    made.ServiceError++;
  }
}

const CITIES = ['Lisbon', 'Nairobi', 'Osaka', 'Quito', 'Tromsø', 'Wellington'];
const COLORS = ['red', 'green', 'blue'];
const STATES = ['open', 'paid', 'sent', 'returned'];
const AGENTS = ['browser/1.0', 'browser/2.0', 'app/3.1'];

/** A closure whose context keeps more than it needs. */
function makeHandler(session, id) {
  const label = `handler of ${id}`;
  let calls = 0;
  return () => label.length + calls++ + session.id.length;
}

async function waitForClose(closed) {
  const reason = await closed;
  return reason;
}

/** Numbers in [0, 1) that are the same in every run (mulberry32). */
function seededRandom(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

function dictionary(id) {
  const table = {};
  for (let i = 0; i < 24; i++) table[`key-${id}-${i}`] = i;
  delete table[`key-${id}-0`];
  return table;
}

function fillBuffer(bytes, value) {
  bufferBytes += bytes;
  return Buffer.allocUnsafeSlow(bytes).fill(1 + value % 255);
}

/** What only some sessions have. */
function addRareThings(session, i) {
  if (i % 2 === 0) session.history = Array.from({ length: 16 }, (_, n) => i + n / 8);
  if (i % 3 === 0) session.log = `session ${i} opened; ` + session.request.path + `; seen ${i} times`;
  if (i % 10 === 0) session.upload = fillBuffer(BUFFER_BYTES, i);
  if (i % 16 === 0) session.index = dictionary(i);
  if (i % 20 === 0) session.failure = new ServiceError(i, { session: session.id, attempt: i % 7 });
  if (i % 20 === 1) session.tag = Symbol(`tag ${i}`);
  if (i % 20 === 2) session.filter = new RegExp(`^order-${i % 100}$`);
  if (i % 20 === 3 && typeof WeakRef === 'function') session.previous = new WeakRef(session.user);
  if (i % 100 === 0) session.page = Buffer.alloc(12000, `<p>page ${i}</p>`).toString('latin1');
}

function buildSessions(count) {
  const random = seededRandom(20);
  const sessions = new Map();
  for (let i = 0; i < count; i++) {
    const session = new Session(i);
    const orders = Math.floor(random() * 6);
    for (let n = 0; n < orders; n++) {
      session.orders.push(new Order(i * 6 + n, 1 + Math.floor(random() * 5)));
    }
    addRareThings(session, i);
    sessions.set(session.id, session);
  }
  return sessions;
}

// First, because V8 would otherwise collect the whole heap again and again while
// it watches this memory grow.
const native = Array.from({ length: NATIVE_GB * 2 ** 30 / NATIVE_CHUNK }, (_, i) => fillBuffer(NATIVE_CHUNK, i));
const sessions = buildSessions(ITERS);
globalThis.bench = { native, sessions };

finish({
  isolates: [{
    role: 'main',
    classes: made,
    at_least: {
      Date: 3 * made.Session + made.Order,
      Map: made.Session + 1,
      Set: made.Session,
      Promise: 2 * made.Session,
    },
    external_bytes_at_least: bufferBytes,
  }],
});
