import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Ticket } from '../access/access-control.ts';
import type { Mounted } from './mount.ts';
import type { HttpScope } from './http-scope.ts';
import type { RouteMeters } from './request-meters.ts';
import { requestId } from './request-id.ts';

/** Milliseconds a client gets to read an answer that came before its body was read to the end. */
const LINGER_MS = 1_000;

/** One request and its answer, from the first byte in to the last byte out. Counted and logged once, when the connection says it is over. */
export class Exchange {
  readonly id: string;
  readonly started = performance.now();
  meters: RouteMeters | undefined;
  /** The generation that this request holds until it is answered. */
  mounted: Mounted | undefined;
  userId: string | undefined;
  /** What the signed link says that this request came by. */
  ticket: Ticket | undefined;
  /** Path and query as the client wrote them, below the public URL's own path. */
  target: string;
  bytes = 0;
  over = false;
  /** Run when the answer is over: temporary files, aborted signals. */
  #ends: (() => void)[] | undefined;
  #sentFrom: number | undefined;

  constructor(
    readonly scope: HttpScope,
    readonly req: IncomingMessage,
    readonly res: ServerResponse,
  ) {
    this.id = requestId(req);
    this.target = req.url ?? '/';
  }

  onEnd(end: () => void): void {
    if (this.over) end();
    else (this.#ends ??= []).push(end);
  }

  /** The headers every answer has; add to them and send. */
  headers(): string[] {
    const { scope, req } = this;
    const headers = ['x-request-id', this.id, ...scope.security];
    if (scope.cors.enabled) scope.cors.append(req, headers);
    if (scope.draining || this.#unread()) headers.push('connection', 'close');
    return headers;
  }

  /** A request body that nobody read: the connection ends with the answer, so that it need not be swallowed to its end. */
  #unread(): boolean {
    const { req } = this;
    if (req.complete || req.method === 'GET' || req.method === 'HEAD') return false;
    return (
      req.headers['content-length'] !== '0' &&
      (req.headers['content-length'] ?? req.headers['transfer-encoding']) !== undefined
    );
  }

  send(status: number, headers: string[], body: string | Uint8Array | undefined): void {
    const { res, req } = this;
    if (res.headersSent || res.destroyed) return;
    const unread = this.#unread();
    const length = body === undefined ? 0 : typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength;
    if (status !== 204 && status !== 304) headers.push('content-length', String(length));
    if (req.method !== 'HEAD') this.bytes = length;
    res.writeHead(status, headers);
    if (body === undefined) res.end();
    else res.end(body);
    if (unread) this.#linger();
  }

  #linger(): void {
    const { socket } = this.req;
    const cut = setTimeout(() => socket.destroy(), LINGER_MS);
    cut.unref();
    socket.once('close', () => clearTimeout(cut));
  }

  /** For answers that are streamed: bytes are then told by the socket. */
  startStream(status: number, headers: string[]): void {
    this.#sentFrom = this.req.socket.bytesWritten;
    this.res.writeHead(status, headers);
  }

  /** Called once, when the response closed. */
  close(): void {
    if (this.over) return;
    this.over = true;
    const { res, req, scope } = this;
    const milliseconds = performance.now() - this.started;
    if (this.#sentFrom !== undefined) this.bytes = Math.max(0, req.socket.bytesWritten - this.#sentFrom);
    const status = res.headersSent ? res.statusCode : 499;
    const meters = this.meters ?? scope.unmatched(req.method ?? 'GET');
    scope.meters.inFlight.dec();
    meters.count(status, milliseconds / 1_000, this.bytes);
    this.mounted?.leave();
    scope.log.infoJson('request', this.#line(meters, status, milliseconds));
    if (this.#ends) for (const end of this.#ends) end();
  }

  #line(meters: RouteMeters, status: number, milliseconds: number): string {
    const ms = Math.round(milliseconds * 100) / 100;
    // an id is made by us or of harmless characters alone (request-id.ts)
    const { method } = this.req;
    const asked =
      meters.method === method
        ? meters.line
        : `"method":${JSON.stringify(method)},"route":${JSON.stringify(meters.path)}`;
    let line = `${asked},"status":${status},"ms":${ms},"bytes":${this.bytes},${meters.owner},"request_id":"${this.id}"`;
    if (this.userId !== undefined) line += `,"user":${JSON.stringify(this.userId)}`;
    if (!this.res.writableFinished) line += ',"aborted":true';
    return line;
  }
}
