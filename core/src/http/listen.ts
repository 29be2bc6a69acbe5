import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { KernelError } from '../errors.ts';

/** Binds, or throws what a person can act on. Answers the port that was taken (another than asked for only where 0 was). */
export function listenOn(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException): void => reject(explained(error, host, port));
    server.once('error', fail);
    server.listen({ host, port }, () => {
      server.off('error', fail);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

function explained(error: NodeJS.ErrnoException, host: string, port: number): Error {
  const other = 'take another with --port or REVENGE__SERVER__PORT';
  switch (error.code) {
    case 'EADDRINUSE':
      return new KernelError(
        'RV_PORT',
        `Port ${port} is in use by another program.`,
        `Stop that program, or ${other}.`,
        { cause: error },
      );
    case 'EACCES':
      return new KernelError(
        'RV_PORT',
        `This user may not open port ${port}.`,
        `Ports below 1024 need a privilege: ${other}.`,
        { cause: error },
      );
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new KernelError(
        'RV_PORT',
        `This machine has no address '${host}'.`,
        'Set server.host to one it has, or to 0.0.0.0 for all.',
        { cause: error },
      );
    default:
      return error;
  }
}
