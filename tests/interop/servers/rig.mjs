// What every server here does: listens on a free port of loopback, says so, and ends with whoever started it.
import { writeSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';

// From the beginning: what starts slowly may be given up before it serves.
process.stdin.on('end', () => process.exit(0)).resume();
process.on('SIGTERM', () => process.exit(0));

/** Listens on a free port, and answers once `handle` is set: a server must know its port before it can know its issuer. */
export async function listen(tls) {
  const server = tls ? https.createServer(tls) : http.createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `${tls ? 'https' : 'http'}://127.0.0.1:${server.address().port}`;
  return { url, handle: (listener) => server.on('request', listener) };
}

/** Tells whoever waits everything that a client needs to know, in one line. */
export function ready(told) {
  writeSync(3, `READY ${JSON.stringify(told)}\n`);
}

export function answer(response, status, body, headers = {}) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}
