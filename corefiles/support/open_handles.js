'use strict';
// Opens handles of every kind, and says what is open. Each fact comes from Node's public interfaces,
// or from the handle object behind them where no interface tells it (a descriptor).

const childProcess = require('child_process');
const dgram = require('dgram');
const dns = require('dns');
const fs = require('fs');
const net = require('net');
const os = require('os');
const path = require('path');
const { performance } = require('perf_hooks');
const util = require('util');
const { MessageChannel } = require('worker_threads');
const { finish: announceAndDie } = require('./ending');

const LATER_MS = 60000;
const BIG_WRITE_BYTES = 16 << 20;

const kept = [];
globalThis.kept = kept;

/** The first arguments of an event. */
const event = (emitter, name) => new Promise((resolve) => { emitter.once(name, (...args) => resolve(args)); });

/** What the process says of itself about its handles: the public list, or an older way to the same. */
function resources() {
  if (process.getActiveResourcesInfo) return process.getActiveResourcesInfo();
  return null;
}

/** Names of the handle objects that keep the loop alive, and of the requests. */
function rawNames() {
  const name = (owner) => (owner._handle || owner[Object.getOwnPropertySymbols(owner)
    .find((symbol) => String(symbol) === 'Symbol(kHandle)')] || owner).constructor.name;
  return {
    handles: process._getActiveHandles().map(name).sort(),
    requests: process._getActiveRequests().map((request) => request.constructor.name).sort(),
  };
}

const address = ({ address: host, port }) => ({ address: host, port });
const localOf = (socket) => ({ address: socket.localAddress, port: socket.localPort });
const peerOf = (socket) => ({ address: socket.remoteAddress, port: socket.remotePort });

async function openTcp(facts) {
  const server = net.createServer(function onConnection(socket) { server.emit('arrived', socket); });
  server.listen(0, '127.0.0.1');
  await event(server, 'listening');
  const { port } = server.address();
  const client = net.connect(port, '127.0.0.1');
  const [arrived] = await event(server, 'arrived');
  if (client.connecting) await event(client, 'connect');
  const silent = net.connect(port, '127.0.0.1');
  const [silentArrived] = await event(server, 'arrived');
  if (silent.connecting) await event(silent, 'connect');
  silent.unref();
  silentArrived.pause();
  kept.push(server, client, arrived, silent, silentArrived);
  for (const socket of [client, arrived]) {
    facts.push({ type: 'TCP', fd: socket._handle.fd, refd: true, listening: false,
      local: localOf(socket), peer: peerOf(socket) });
  }
  facts.push({ type: 'TCP', fd: server._handle.fd, refd: true, listening: true });
  facts.push({ type: 'TCP', fd: silent._handle.fd, refd: false, listening: false });
  return { port, client };
}

async function openUdp(facts) {
  const socket = dgram.createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await event(socket, 'listening');
  kept.push(socket);
  const [handle] = process._getActiveHandles().filter((owner) => owner === socket);
  if (!handle) throw new Error('a bound UDP socket is no active handle');
  facts.push({ type: 'UDP', refd: true });
}

async function openPipe(facts, folder) {
  const file = path.join(folder, 'pipe');
  const server = net.createServer((socket) => { kept.push(socket); });
  server.listen(file);
  await event(server, 'listening');
  const client = net.connect(file);
  await event(client, 'connect');
  kept.push(server, client);
  facts.push({ type: 'Pipe', fd: server._handle.fd, refd: true, listening: true, path: file });
  facts.push({ type: 'Pipe', fd: client._handle.fd, refd: true, listening: false });
}

function openChild(facts) {
  const child = childProcess.spawn('cat', ['-u', '-'], { stdio: ['pipe', 'ignore', 'ignore'] });
  kept.push(child);
  facts.push({ type: 'Process', refd: true, pid: child.pid, file: 'cat' });
}

function openWatchers(facts, folder) {
  const watcher = fs.watch(folder, function onChange() {});
  const polled = path.join(folder, 'polled');
  fs.watchFile(polled, { interval: LATER_MS }, function onStat() {});
  kept.push(watcher);
  facts.push({ type: 'FSEvent', refd: true, path: folder });
  facts.push({ type: 'StatWatcher', refd: true, path: polled });
}

function openSignal(facts) {
  process.on('SIGUSR2', function onSignal() {});
  facts.push({ type: 'Signal', refd: false, signal: os.constants.signals.SIGUSR2, name: 'SIGUSR2' });
}

function openPorts() {
  const { port1, port2 } = new MessageChannel();
  port1.on('message', function onMessage() {});
  kept.push(port1, port2);
}

/** Timers that wait, and some that do no more and must not show. */
function startTimers() {
  function onLater() {}
  function onTick() {}
  function onUnref() {}
  function onRefreshed() {}
  function onCleared() {}
  function onClearedTick() {}
  const refreshed = setTimeout(onRefreshed, LATER_MS + 3);
  kept.push(setTimeout(onLater, LATER_MS, 'argument'), setInterval(onTick, LATER_MS / 2),
    setTimeout(onUnref, LATER_MS + 2).unref(), refreshed.refresh());
  const cleared = setTimeout(onCleared, LATER_MS + 4);
  const clearedTick = setInterval(onClearedTick, LATER_MS + 5);
  clearTimeout(cleared);
  clearInterval(clearedTick);
  kept.push(cleared, clearedTick);
  return [
    { callback: 'onLater', delay_ms: LATER_MS, repeats: false, refd: true },
    { callback: 'onTick', delay_ms: LATER_MS / 2, repeats: true, refd: true },
    { callback: 'onUnref', delay_ms: LATER_MS + 2, repeats: false, refd: false },
    { callback: 'onRefreshed', delay_ms: LATER_MS + 3, repeats: false, refd: true },
  ];
}

function startImmediates() {
  function onNext() {}
  function onNextUnref() {}
  function onClearedNext() {}
  const immediate = setImmediate(onNextUnref);
  immediate.unref();
  const cleared = setImmediate(onClearedNext);
  clearImmediate(cleared);
  kept.push(setImmediate(onNext, 1), immediate, cleared);
  return [{ callback: 'onNext', refd: true }, { callback: 'onNextUnref', refd: false }];
}

/** A package under node_modules with a file of its own, and a module of the other kind. */
async function loadModules(folder) {
  const home = path.join(folder, 'node_modules', '@scope', 'sample-package');
  fs.mkdirSync(path.join(home, 'lib'), { recursive: true });
  fs.writeFileSync(path.join(home, 'package.json'),
    JSON.stringify({ name: '@scope/sample-package', version: '3.1.4', main: 'lib/index.js' }));
  fs.writeFileSync(path.join(home, 'lib', 'index.js'),
    'exports.part = require("./part"); exports.answer = 42;');
  fs.writeFileSync(path.join(home, 'lib', 'part.js'), 'module.exports = function part() {};');
  const main = path.join(folder, 'main.js');
  fs.writeFileSync(main, 'module.exports = require("@scope/sample-package");');
  require(main);
  const esm = path.join(folder, 'esm.mjs');
  fs.writeFileSync(esm, 'export const answer = 42; export default class Sample {}');
  globalThis.keptNamespace = await import(esm);
  return esm;
}

/** The truth about the module cache. */
function modules() {
  return Object.entries(require.cache).map(([filename, module]) => ({
    filename, loaded: module.loaded, children: module.children.length,
    exports: typeof module.exports,
    package: filename.includes('sample-package') ? '@scope/sample-package' : null,
  }));
}

/** What can be opened and waits for long. */
async function settle() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'corefiles-handles-'));
  const facts = [];
  const tcp = await openTcp(facts);
  await openUdp(facts);
  await openPipe(facts, folder);
  openChild(facts);
  openWatchers(facts, folder);
  openSignal(facts);
  openPorts();
  const esm = await loadModules(folder);
  const fifo = path.join(folder, 'fifo');
  childProcess.execFileSync('mkfifo', [fifo]);
  await new Promise((resolve) => { setTimeout(resolve, 20); });
  return { folder, facts, tcp, esm, fifo };
}

/** Requests that cannot be answered before the end of this turn. */
function startRequests({ tcp, folder, fifo }) {
  const missing = path.join(folder, 'missing');
  fs.open(fifo, 'r', function onOpen() {});
  fs.stat(missing, function onStat() {});
  fs.promises.readFile(missing).catch(() => {});
  fs.rename(missing, missing + '2', function onRename() {});
  dns.lookup('localhost', function onLookup() {});
  tcp.client.write(Buffer.alloc(BIG_WRITE_BYTES), function onWritten() {});
  const connecting = new net.Socket();
  connecting.connect(tcp.port, '127.0.0.1');
  kept.push(connecting);
  return [
    { type: 'FSReqCallback', operation: 'open', path: fifo },
    { type: 'FSReqCallback', operation: 'stat', path: missing },
    { type: 'FSReqCallback', operation: 'rename', path: missing },
    { type: 'GetAddrInfoReqWrap', host: 'localhost' },
    { type: 'WriteWrap' },
    { type: 'TCPConnectWrap', address: '127.0.0.1', port: tcp.port },
  ];
}

function aboutProcess() {
  process.title = 'corefile-handles';
  process.env.HANDLES_API_TOKEN = 'token-that-must-not-show';
  process.env.HANDLES_DATABASE_URL = 'postgres://user:password-that-must-not-show@db.example/shop';
  process.env.HANDLES_PLAIN = 'plain';
  return {
    cwd: process.cwd(), title: process.title, pid: process.pid, ppid: process.ppid,
    uptime_s: process.uptime(), time_origin_ms: performance.timeOrigin, argv: process.argv, exec_argv: process.execArgv,
    exec_path: process.execPath, environment: { ...process.env },
  };
}

/** The end: says what is open and dies, in one turn but for the connection, which takes a tick. */
function finish(before, worker, workersAccount) {
  const closing = net.createServer();
  closing.listen(0, '127.0.0.1');
  const timers = startTimers();
  const requests = startRequests(before);
  process.nextTick(() => process.nextTick(() => {
    const facts = before.facts.concat({ type: 'TCP', closing: true });
    const immediates = startImmediates();
    const about = aboutProcess();
    const remove = fs.rmSync || fs.rmdirSync;  // the older one up to Node 14.13
    remove(before.folder, { recursive: true });
    kept.push(closing);
    closing.close();
    const main = {
      role: 'main', ...accountOfThread(), handles: facts, requests, timers, immediates,
      modules: modules(), esm: before.esm, process: about, worker_thread_id: worker.threadId,
    };
    announceAndDie({ isolates: [main, workersAccount] });
  }));
}

/** What Node lists for the calling thread. */
function accountOfThread() {
  return { resources: resources(), names: rawNames() };
}

function startWorkersTimers() {
  kept.push(setInterval(function onWorkersTick() {}, LATER_MS));
}

module.exports = { settle, finish, accountOfThread, startWorkersTimers };
