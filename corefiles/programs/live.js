'use strict';
// A healthy process that waits: its core is taken from outside, as gcore does.
// Proves: a core without a crash, without a guilty thread and as gdb writes it.

const { announce } = require('../support/ending');

const WAIT_MS = 120000;

class Subscriber {
  constructor(i) {
    this.id = i;
    this.topic = `topic ${i % 10}`;
  }
}

class Heartbeat {
  constructor() {
    this.beats = 0;
  }

  beat() {
    this.beats++;
  }
}

const heartbeat = new Heartbeat();
globalThis.subscribers = Array.from({ length: 6000 }, (_, i) => new Subscriber(i));
globalThis.heartbeat = heartbeat;

setInterval(() => heartbeat.beat(), 1000);
setTimeout(() => process.exit(1), WAIT_MS);
announce({ isolates: [{ role: 'main', classes: { Subscriber: 6000, Heartbeat: 1 } }] });
