'use strict';
// The service of scripts/demo: a shop that remembers everybody who ever logged in.
// The leak: a session goes when its user logs out, and nobody logs out.
//
//   node --max-old-space-size=64 server.js

const http = require('http');
const crypto = require('crypto');
const v8 = require('v8');

const REPORT_EVERY = 5000;
const RECOMMENDED = 8;

// V8 also gives up, with other words, when collections cost more time than the program itself. Here
// it shall die of a full heap, on slow machines too.
v8.setFlagsFromString('--no-detect-ineffective-gcs-near-heap-limit');

class CartItem {
  constructor(article) {
    this.article = article;
    this.quantity = 1;
    this.addedAt = new Date();
  }
}

class Recommendation {
  constructor(user, rank) {
    this.article = `article ${(user * 31 + rank) % 1000}`;
    this.score = 1 / (rank + 1.5);
  }
}

class Session {
  constructor(user) {
    this.user = user;
    this.token = crypto.randomBytes(24).toString('hex');
    this.startedAt = new Date();
    this.cart = [new CartItem(`article ${user % 1000}`), new CartItem('gift wrap')];
    this.recommended = Array.from({ length: RECOMMENDED }, (_, rank) => new Recommendation(user, rank));
  }
}

/** Every session by its token. */
const sessions = new Map();

function login(user) {
  const session = new Session(user);
  sessions.set(session.token, session);
  if (sessions.size % REPORT_EVERY === 0) {
    const megabytes = Math.round(process.memoryUsage().heapUsed / 1e6);
    console.log(`${sessions.size} sessions, heap ${megabytes} MB`);
  }
  return session;
}

function answer(request, response) {
  const { pathname, searchParams } = new URL(request.url, 'http://localhost');
  if (pathname === '/login') {
    response.end(login(Number(searchParams.get('user'))).token);
  } else if (pathname === '/logout') {
    sessions.delete(searchParams.get('token'));
    response.end();
  } else {
    response.writeHead(404).end();
  }
}

const server = http.createServer(answer);
server.listen(0, '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
