import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A small real server on loopback that remembers what it was asked. */
export interface TestUpstream {
  readonly url: string;
  readonly host: string;
  readonly asked: { readonly method: string; readonly url: string; readonly headers: IncomingMessage['headers'] }[];
  answer: RequestListener;
  stop(): Promise<void>;
}

export async function startUpstream(answer: RequestListener): Promise<TestUpstream> {
  const server = createServer((request, response) => {
    upstream.asked.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers });
    upstream.answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // a server on a TCP port has one
  const upstream: TestUpstream = {
    url: `http://127.0.0.1:${port}`,
    host: `127.0.0.1:${port}`,
    asked: [],
    answer,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return upstream;
}
