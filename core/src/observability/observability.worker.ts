import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import { MainThread } from './main-thread.ts';
import {
  type Answer,
  type FromThread,
  HEARTBEAT,
  HUNG,
  type ObservabilityData,
  type ToThread,
} from './observability-protocol.ts';

/** The thread of the observability port: apart from the main thread, so that it can say that that one hangs. */

/** Open connections get this long at stop. Milliseconds. */
const DRAIN = 1_000;

const PAGE = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Revenge, seen from inside</title>
<h1>Revenge, seen from inside</h1><ul>
<li><a href="metrics">metrics</a>: for Prometheus</li>
<li><a href="health/live">health/live</a>: 503 when this process hangs</li>
<li><a href="health/ready">health/ready</a>: 503, with reasons, when this node should get no traffic</li></ul></html>
`;

// What ObservabilityServer starts this file with.
const { host, port, shared, hungMs, answerMs } = workerData as ObservabilityData;
const life = new Int32Array(shared);
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin
const tell = (message: FromThread): void => parentPort?.postMessage(message);
const main = new MainThread(tell, answerMs);

const server = createServer({ requestTimeout: 10_000 }, (request, response) => {
  const known = request.method === 'GET' || request.method === 'HEAD';
  if (!known) return send(response, plain(405, 'GET or HEAD only\n'), { allow: 'GET, HEAD' });
  route((request.url ?? '/').split('?', 1)[0] ?? '/').then(
    (answer) => send(response, answer, answer.status === 503 ? { 'retry-after': '1' } : {}),
    (error: unknown) => {
      tell({ failed: String(error) });
      response.destroy();
    },
  );
});
server.maxConnections = 64;

async function route(path: string): Promise<Answer> {
  switch (path.length > 1 ? path.replace(/\/$/, '') : path) {
    case '/':
      return { status: 200, type: 'text/html; charset=utf-8', text: PAGE };
    case '/metrics':
      return main.metrics();
    case '/health/live':
      return live();
    case '/health/ready':
      return main.ready();
    default:
      return plain(404, 'nothing here; / lists what there is\n');
  }
}

function live(): Answer {
  const beat = Atomics.load(life, HEARTBEAT);
  const silence = beat === 0 ? 0 : (Math.floor((performance.timeOrigin + performance.now()) / 1000) | 0) - beat;
  const hung = silence * 1000 > hungMs || Atomics.load(life, HUNG) === 1;
  const reasons = hung ? [`the main thread has shown no sign of life for ${silence} s`] : [];
  const body = JSON.stringify({ status: hung ? 'not live' : 'live', reasons });
  return { status: hung ? 503 : 200, type: 'application/json', text: `${body}\n` };
}

const plain = (status: number, text: string): Answer => ({ status, type: 'text/plain', text });

/** To HEAD requests Node sends the headers alone. */
function send(response: ServerResponse, { status, type, text }: Answer, headers: Record<string, string>): void {
  response.writeHead(status, {
    ...headers,
    'content-type': type,
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(text);
}

function stop(): void {
  setTimeout(() => server.closeAllConnections(), DRAIN).unref();
  server.close(() => process.exit(0));
  server.closeIdleConnections();
}

parentPort?.on('message', (message: ToThread) => {
  if (message === 'stop') stop();
  else main.answered(message.id, message.answer);
});
server.once('error', (error: NodeJS.ErrnoException) => {
  tell({ refused: { message: error.message, code: error.code } });
  parentPort?.close();
});
server.listen(port, host, () => {
  server.removeAllListeners('error');
  server.on('error', (error) => tell({ failed: String(error) }));
  tell({ listening: (server.address() as AddressInfo).port }); // a server on a TCP port has one
});
