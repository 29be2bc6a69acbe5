import type { Socket } from 'node:net';

const REFUSALS: Readonly<Record<string, readonly [number, string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'Request header fields too large'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request timeout'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'Body too large'],
};

/** Milliseconds a client has to read the answer. */
const LINGER_MS = 1_000;

/** For what is no HTTP we can read: there is no request yet, so the answer is written by hand. */
export function refuseRaw(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, title] = REFUSALS[error.code ?? ''] ?? [400, 'Bad request'];
  const body = JSON.stringify({
    type: '/problems/unreadable',
    title,
    status,
    detail: title,
    code: status,
    message: title,
  });
  socket.end(
    `HTTP/1.1 ${status} ${title}\r\ncontent-type: application/problem+json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
  // a client that never closes its side must not keep ours
  const cut = setTimeout(() => socket.destroy(), LINGER_MS);
  cut.unref();
  socket.once('close', () => clearTimeout(cut));
}
