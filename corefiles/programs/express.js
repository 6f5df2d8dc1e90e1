'use strict';
// A web application made with a real npm package: an express server on the
// loopback address that has answered some requests and is in the middle of others.
// Proves: the objects that Node's http and net modules and a common framework make.

const http = require('http');
const express = require('express');
const { finish } = require('../support/ending');

const ANSWERED = 400;
const WAITING = 12;
const ROUTES = 25;

class Order {
  constructor(id) {
    this.id = id;
    this.placed = new Date();
  }
}

const app = express();
const orders = new Map();
const waiting = [];
globalThis.application = { app, orders, waiting };

app.use(express.json());
app.post('/orders/:id', (request, response) => {
  orders.set(request.params.id, new Order(request.body.id));
  response.json({ stored: request.params.id });
});
app.get('/slow', (request, response) => {
  waiting.push(response);
  if (waiting.length === WAITING) setImmediate(die);
});
for (let i = 0; i < ROUTES; i++) {
  app.get(`/page/${i}`, (request, response) => response.send(`page ${i}`));
}

function die() {
  finish({
    isolates: [{
      role: 'main',
      classes: { Order: ANSWERED },
      at_least: {
        ServerResponse: WAITING,
        IncomingMessage: WAITING,
        ClientRequest: WAITING,
        Socket: 2 * WAITING,
        Route: ROUTES,
        Layer: ROUTES,
      },
    }],
  });
}

/** Sends one request; calls next when it is answered. */
function send(options, body, next) {
  const request = http.request(options, (response) => {
    response.resume();
    response.on('end', next);
  });
  request.end(body);
}

function placeOrders(address, left) {
  if (left === 0) return askSlowly(address);
  const headers = { 'content-type': 'application/json' };
  const options = { ...address, method: 'POST', path: `/orders/${left}`, headers };
  send(options, JSON.stringify({ id: left }), () => placeOrders(address, left - 1));
}

function askSlowly(address) {
  for (let i = 0; i < WAITING; i++) send({ ...address, path: '/slow' }, '', () => {});
}

const server = http.createServer(app);
server.listen(0, '127.0.0.1', () => {
  placeOrders({ host: '127.0.0.1', port: server.address().port }, ANSWERED);
});
