/** Load for one server from a process of its own: `node load.mjs URL SECONDS CONNECTIONS [HEADERS-JSON]` prints { requests, seconds, failures, bytes }. */
import { connect } from 'node:net';

const [url, seconds, connections, headers = '{}'] = process.argv.slice(2);
const { hostname, port, pathname, search } = new URL(url);
const lines = Object.entries(JSON.parse(headers)).map(([name, value]) => `${name}: ${value}\r\n`);
const request = `GET ${pathname}${search} HTTP/1.1\r\nhost: ${hostname}:${port}\r\n${lines.join('')}\r\n`;
const END = Buffer.from('\r\n\r\n');

const total = { requests: 0, failures: 0, bytes: 0 };
let stopping = false;

/** One keep-alive connection with one request under way at a time. A raw socket, so that the load costs less than what it measures. */
function client() {
  return new Promise((resolve, reject) => {
    let kept = Buffer.alloc(0);
    const socket = connect(Number(port), hostname, () => socket.write(request));
    socket.setNoDelay(true);
    socket.on('error', reject);
    socket.on('close', resolve);
    socket.on('data', (chunk) => {
      kept = kept.length ? Buffer.concat([kept, chunk]) : chunk;
      const head = kept.indexOf(END);
      if (head < 0) return;
      const text = kept.latin1Slice(0, head);
      const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
      if (kept.length < head + 4 + length) return;
      if (!text.startsWith('HTTP/1.1 200')) total.failures++;
      total.requests++;
      total.bytes = length;
      kept = kept.subarray(head + 4 + length);
      if (stopping) socket.destroy();
      else socket.write(request);
    });
  });
}

const started = performance.now();
setTimeout(() => (stopping = true), Number(seconds) * 1_000);
await Promise.all(Array.from({ length: Number(connections) }, client));
process.stdout.write(JSON.stringify({ ...total, seconds: (performance.now() - started) / 1_000 }));
