import { KernelError } from '../errors.ts';

/** Why the port could not be opened, and how to mend it. */
export function portRefusal(error: NodeJS.ErrnoException, host: string, port: number): Error {
  const cure = "Set another in 'observability.port' or REVENGE__OBSERVABILITY__PORT";
  const told = (what: string, how: string): KernelError => new KernelError('RV_PORT', what, how, { cause: error });
  switch (error.code) {
    case 'EADDRINUSE':
      return told(
        `Port ${port} of the observability server is in use by another program.`,
        `${cure}, or stop that program.`,
      );
    case 'EACCES':
      return told(`This user may not open port ${port} for the observability server.`, `${cure}; above 1023 all may.`);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return told(
        `This machine has no address '${host}' for the observability server.`,
        "Set 'observability.host' to one it has: 127.0.0.1 for this machine alone.",
      );
    default:
      return error;
  }
}
