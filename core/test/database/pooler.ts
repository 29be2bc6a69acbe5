import { connect, createServer, type Socket } from 'node:net';

const word = (...parts: (number | string)[]): Buffer =>
  Buffer.concat(
    parts.map((part) => {
      if (typeof part === 'string') return Buffer.from(`${part}\0`);
      const bytes = Buffer.alloc(4);
      bytes.writeInt32BE(part);
      return bytes;
    }),
  );
const message = (type: string, body: Buffer): Buffer => Buffer.concat([Buffer.from(type), word(body.length + 4), body]);

/**
 * What a pooler in transaction mode does, at its smallest: any number of clients, one session of the server behind it, a statement at a time.
 * The session is made by `trust`, so that no password is needed.
 */
export async function startPooler(server: { readonly port: number; readonly user: string; readonly database: string }) {
  const far = connect(server.port, '127.0.0.1');
  const waiting: { readonly near: Socket; readonly request: Buffer }[] = [];
  let serving: Socket | undefined;
  const next = (): void => {
    const turn = serving ? undefined : waiting.shift();
    if (!turn) return;
    serving = turn.near;
    far.write(turn.request);
  };
  const startup = word(196_608, 'user', server.user, 'database', server.database, '');
  far.write(Buffer.concat([word(startup.length + 4), startup]));
  await new Promise<void>((resolve) => {
    far.on('data', (chunk) => {
      serving?.write(chunk);
      // ReadyForQuery ends each answer; these tests' answers fit into one packet.
      if (chunk.subarray(-6, -1).equals(Buffer.from([0x5a, 0, 0, 0, 5]))) {
        serving = undefined;
        resolve();
        next();
      }
    });
  });
  const near = createServer((socket) => {
    let greeted = false;
    socket.on('error', () => socket.destroy());
    socket.on('data', (request) => {
      if (greeted) {
        if (request[0] === 0x58) return void socket.end(); // Terminate
        waiting.push({ near: socket, request });
        return next();
      }
      greeted = true;
      socket.write(Buffer.concat([message('R', word(0)), message('K', word(1, 1)), message('Z', Buffer.from('I'))]));
    });
  });
  await new Promise<void>((resolve) => near.listen(0, '127.0.0.1', resolve));
  const address = near.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    url: `postgres://${server.user}@127.0.0.1:${port}/${server.database}`,
    stop: () => {
      far.destroy();
      near.close();
    },
  };
}
