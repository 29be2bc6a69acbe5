/**
 * Load from a process of its own, which lives as long as the benchmark so that it is warm whatever it asks. Each message
 * { port, path, headers, seconds, connections } is answered with { requests, seconds, failures, bytes }; it ends when its parent disconnects.
 */
import { connect } from 'node:net';

const HOST = '127.0.0.1';
const END = Buffer.from('\r\n\r\n');

/** One keep-alive connection with one request under way at a time. A raw socket, so that the load costs less than what it measures. */
function client(port, request, total) {
  return new Promise((resolve, reject) => {
    let kept = Buffer.alloc(0);
    const socket = connect(port, HOST, () => socket.write(request));
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
      if (total.stopping) socket.destroy();
      else socket.write(request);
    });
  });
}

process.on('message', async ({ port, path, headers, seconds, connections }) => {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const request = `GET ${path} HTTP/1.1\r\nhost: ${HOST}:${port}\r\n${lines.join('')}\r\n`;
  const total = { requests: 0, failures: 0, bytes: 0, stopping: false };
  const started = performance.now();
  setTimeout(() => (total.stopping = true), seconds * 1_000);
  await Promise.all(Array.from({ length: connections }, () => client(port, request, total)));
  process.send({ ...total, seconds: (performance.now() - started) / 1_000 });
});
