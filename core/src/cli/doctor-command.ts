import { accessSync, constants, existsSync, mkdirSync, statfsSync } from 'node:fs';
import { checkDatabase } from '../database/doctor-checks.ts';
import { plan } from '../plugins/plan.ts';
import type { Invocation } from './commands.ts';
import { say } from './terminal.ts';

/** Least room in the data folder before the doctor speaks of it. Bytes. */
const LEAST_ROOM = 1024 ** 3;

export interface Finding {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly cure?: string | undefined;
}

/** `revenge doctor`: looks and changes nothing. 0 when all is well, 1 when something should be mended. */
export async function doctorCommand({ terminal, config, found, versions }: Invocation): Promise<number> {
  const contracts = found.flatMap(({ contract }) => (contract ? [contract] : []));
  const { blocked } = plan(
    contracts,
    contracts
      .filter(({ instances }) => instances !== 'many')
      .map(({ id }) => ({ plugin: id, instance: 'main', enabled: true })),
    versions.sdk,
  );
  const findings: Finding[] = [
    { name: 'Node', ok: true, detail: process.version },
    dataFolder(config.data),
    ...found
      .filter(({ contract }) => !contract)
      .map(({ package: name, error }) => ({
        name: `plugin ${name}`,
        ok: false,
        detail: String(error),
        cure: 'Install a version made for this server, or remove it.',
      })),
    ...blocked.map(({ id, text }) => ({ name: `plugin ${id}`, ok: false, detail: text })),
    ...(await checkDatabase(config)),
  ];
  for (const { name, ok, detail, cure } of findings) {
    say(terminal, `${ok ? 'ok  ' : 'FAIL'}  ${name}: ${detail}`);
    if (!ok && cure) say(terminal, `      ${cure}`);
  }
  return findings.every(({ ok }) => ok) ? 0 : 1;
}

function dataFolder(folder: string): Finding {
  const name = 'data folder';
  try {
    if (!existsSync(folder)) return { name, ok: true, detail: `${folder} is not there yet; the first start makes it` };
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    return {
      name,
      ok: false,
      detail: `${folder} cannot be written (${(error as NodeJS.ErrnoException).code})`,
      cure: 'Let this user write there, or name another with --data.',
    };
  }
  const { bavail, bsize } = statfsSync(folder);
  const room = bavail * bsize;
  const detail = `${folder}, ${(room / 1024 ** 3).toFixed(1)} GB free`;
  return room >= LEAST_ROOM
    ? { name, ok: true, detail }
    : { name, ok: false, detail, cure: 'Make room: PostgreSQL needs some to go on.' };
}
