import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One recorded answer; the first that matches and is not used up is sent. */
export interface RecordedReply {
  /** Default: any. */
  readonly method?: string;
  /** With its query where the query matters: '/api/v3/movie?tmdbId=1'; without one, any query matches. */
  readonly path: string;
  /** Default 200. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly json?: unknown;
  readonly text?: string;
  /** How many times it answers. Default: always. */
  readonly times?: number;
}
/** One request that arrived. */
export interface RecordedCall {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}
/** A small real server that stands where Radarr, TMDb or another upstream would. */
export interface UpstreamServer {
  /** 'http://127.0.0.1:PORT' */
  readonly url: string;
  readonly calls: readonly RecordedCall[];
  /** Requests that no reply matched; they got a 501 that says so. */
  readonly unexpected: readonly string[];
  stop(): Promise<void>;
}

const LARGEST = 10 * 1024 ** 2;

async function read(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > LARGEST) throw new RangeError('a recorded upstream takes bodies of up to 10 MB');
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

const matches = (reply: RecordedReply, method: string, path: string): boolean =>
  (reply.method ?? method) === method && (reply.path.includes('?') ? path : path.split('?')[0]) === reply.path;

function answer(response: ServerResponse, reply: RecordedReply): void {
  const type = reply.json === undefined ? 'text/plain; charset=utf-8' : 'application/json';
  response.writeHead(reply.status ?? 200, { 'content-type': type, ...reply.headers });
  response.end(reply.json === undefined ? (reply.text ?? '') : JSON.stringify(reply.json));
}

/** Replays recorded replies over real HTTP on a free loopback port. */
export async function startUpstream(replies: readonly RecordedReply[]): Promise<UpstreamServer> {
  const calls: RecordedCall[] = [];
  const unexpected: string[] = [];
  const left = new Map(replies.map((reply) => [reply, reply.times ?? Number.POSITIVE_INFINITY]));
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = 'GET', url: path = '/', headers } = request;
    calls.push({ method, path, headers, body: await read(request) });
    const reply = replies.find((each) => (left.get(each) ?? 0) > 0 && matches(each, method, path));
    if (!reply) {
      unexpected.push(`${method} ${path}`);
      return answer(response, { path, status: 501, text: `no recorded reply for ${method} ${path}` });
    }
    left.set(reply, (left.get(reply) ?? 0) - 1);
    answer(response, reply);
  };
  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => response.destroy(error as Error)); // the caller sees a cut connection
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // a listening TCP server has one
  return {
    url: `http://127.0.0.1:${port}`,
    calls,
    unexpected,
    stop: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      }),
  };
}
