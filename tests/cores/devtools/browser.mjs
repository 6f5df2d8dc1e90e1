// A headless Chromium, driven through the Chrome DevTools Protocol.

import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const PORT_FILE = 'DevToolsActivePort';
const START_MS = 30000;
const POLL_MS = 200;

export const sleep = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

/** Waits until a question has an answer that is not false. */
export async function until(question, milliseconds, what) {
  const giveUp = Date.now() + milliseconds;
  while (Date.now() < giveUp) {
    const answer = await question();
    if (answer) return answer;
    await sleep(POLL_MS);
  }
  throw new Error(`${what}: not within ${milliseconds / 1000} s`);
}

/** A connection to the browser: calls with answers, and events by name. */
class Connection {
  #socket;
  #calls = new Map();
  #listeners = new Map();
  #lastId = 0;

  constructor(socket) {
    this.#socket = socket;
    socket.onmessage = ({ data }) => this.#dispatch(JSON.parse(data));
  }

  static open(url) {
    const socket = new WebSocket(url);
    return new Promise((resolve, reject) => {
      socket.onopen = () => resolve(new Connection(socket));
      socket.onerror = () => reject(new Error(`no connection to ${url}`));
    });
  }

  #dispatch({ id, result, error, method, params }) {
    if (!id) return this.#listeners.get(method)?.(params);
    const { resolve, reject } = this.#calls.get(id);
    this.#calls.delete(id);
    return error ? reject(new Error(error.message)) : resolve(result);
  }

  call(method, params = {}, sessionId = undefined) {
    const id = ++this.#lastId;
    this.#socket.send(JSON.stringify({ id, method, params, sessionId }));
    return new Promise((resolve, reject) => { this.#calls.set(id, { resolve, reject }); });
  }

  once(method) {
    return new Promise((resolve) => { this.#listeners.set(method, resolve); });
  }

  close() {
    this.#socket.close();
  }
}

/** One page of the browser. */
class Page {
  constructor(connection, targetId, sessionId) {
    this.connection = connection;
    this.targetId = targetId;
    this.sessionId = sessionId;
  }

  call(method, params) {
    return this.connection.call(method, params, this.sessionId);
  }

  /** The value of an expression in the page, which may do what a click of the user may. */
  async evaluate(expression) {
    const { result, exceptionDetails } =
        await this.call('Runtime.evaluate', { expression, returnByValue: true, userGesture: true });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }

  async screenshot(file) {
    const { data } = await this.call('Page.captureScreenshot', { format: 'png' });
    fs.writeFileSync(file, Buffer.from(data, 'base64'));
  }
}

export class Browser {
  #process;
  #connection;
  #home;
  port;

  static async start(program, { width, height }) {
    const browser = new Browser();
    browser.#home = fs.mkdtempSync(path.join(os.tmpdir(), 'devtools-'));
    browser.#process = spawn(program, ['--headless=new', '--no-sandbox', '--disable-gpu', '--remote-debugging-port=0',
      '--remote-allow-origins=*', `--user-data-dir=${browser.#home}`, `--window-size=${width},${height}`,
      'about:blank'], { stdio: 'ignore' });
    process.once('SIGTERM', () => process.exit(1));
    process.once('exit', () => browser.#abandon());
    const portFile = path.join(browser.#home, PORT_FILE);
    const [port, address] = await until(() => fs.existsSync(portFile) && fs.readFileSync(portFile, 'utf8').includes('\n')
        && fs.readFileSync(portFile, 'utf8').split('\n'), START_MS, 'start of the browser');
    browser.port = port;
    browser.#connection = await Connection.open(`ws://localhost:${port}${address}`);
    return browser;
  }

  async open(url) {
    const { targetId } = await this.#connection.call('Target.createTarget', { url });
    const { sessionId } = await this.#connection.call('Target.attachToTarget', { targetId, flatten: true });
    const page = new Page(this.#connection, targetId, sessionId);
    await page.call('Page.enable');
    await page.call('Page.bringToFront'); // a page in the background takes no clicks
    return page;
  }

  async close() {
    this.#connection?.close();
    const ended = new Promise((resolve) => { this.#process.once('exit', resolve); });
    this.#process.kill();
    await ended;
    this.#abandon();
  }

  #abandon() {
    this.#process.kill();
    fs.rmSync(this.#home, { recursive: true, force: true, maxRetries: 5 });
  }
}
