'use strict';
// The load of scripts/demo: clients that log in, one after the other, until the
// service no longer answers.
//
//   node load.js http://127.0.0.1:PORT

const http = require('http');

const CLIENTS = 16;
const MAX_SECONDS = 120;

const [url] = process.argv.slice(2);
const agent = new http.Agent({ keepAlive: true, maxSockets: CLIENTS });
const began = Date.now();
let users = 0;

function finish(code, what) {
  const seconds = ((Date.now() - began) / 1000).toFixed(1);
  console.log(`${users} logins in ${seconds} s; then ${what}`);
  process.exit(code);
}

/** One client: the next user logs in as soon as the last one has his token. */
function client() {
  const request = http.get(`${url}/login?user=${users++}`, { agent }, (response) => {
    response.resume();
    response.on('end', client);
    response.on('error', () => {});
  });
  request.on('error', (error) => finish(0, `the service was gone (${error.code})`));
}

setTimeout(() => finish(1, 'the service was still there'), MAX_SECONDS * 1000).unref();
for (let i = 0; i < CLIENTS; i++) client();
