import { networkInterfaces } from 'node:os';
import type { Notice } from '@revenge/sdk';
import { catchUnownedErrors } from '../lifecycle/unowned-errors.ts';
import { onStopSignals } from '../lifecycle/signals.ts';
import { type InstanceRef, instanceKey } from '../lifecycle/attribution.ts';
import { type RunningServer, startServer } from '../server.ts';
import { T } from '../tokens.ts';
import { checkGiven } from '../plugins/config-values.ts';
import type { Invocation } from './commands.ts';
import { ProgressBar } from './progress-bar.ts';
import { harmless } from './progress-line.ts';

/** How often running jobs are looked at for the bar. Milliseconds. */
const LOOK_EVERY = 1_000;

/** `revenge start`: runs until it is asked to stop. 0 after an orderly end, 1 after an error that nobody owned or a lost data folder. */
export async function startCommand(invocation: Invocation): Promise<number> {
  const { terminal, config, versions, found, flags } = invocation;
  await checkGiven(
    found.flatMap(({ contract }) => (contract ? [contract] : [])),
    config.given,
    flags,
  );
  const bar = new ProgressBar(terminal.out);
  const line = (text: string): void => bar.line(text);
  let end: (code: number) => void = () => undefined;
  const ended = new Promise<number>((done) => (end = done));
  const states = new Map<string, string>();
  const server = await startServer({
    ...invocation,
    version: versions.server,
    sdkVersion: versions.sdk,
    lost: (reason) => {
      line(`Stopping: ${reason}`);
      end(1);
    },
    listening: (urls) => banner(line, invocation, urls),
    show: (ref, notice) => show(line, ref, notice, config.data),
    changed: (id, state, reason) => {
      const bad = ['failed', 'retrying', 'needs-auth', 'blocked', 'degraded'].includes(state);
      const text = `${id}: ${state}${reason ? `. ${reason}` : ''}`;
      if (states.get(id) !== text && (bad || (state === 'ready' && states.has(id)))) line(`  Plugin ${text}`);
      if (bad || states.has(id)) states.set(id, text);
    },
  });
  const stopSignals = onStopSignals((signal) => {
    line(`${signal === 'SIGINT' ? 'Ctrl-C' : signal}: stopping. Once more ends at once.`);
    end(0);
  });
  const stopCatching = catchUnownedErrors(
    (ref, error) => server.host.fault(ref, error),
    (error) => {
      server.kernel
        .get(T.Log)
        .error(error instanceof Error ? error : new Error(String(error)), { where: 'outside any plugin' });
      line(
        `Stopping after an error outside any plugin: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
      );
      end(1);
    },
  );
  const looking = watchJobs(server, bar);
  line(`Ready${readyWords(server)}. Ctrl-C stops it.`);
  const code = await ended;
  clearInterval(looking);
  bar.stop();
  await server.stop();
  stopSignals();
  stopCatching();
  return code;
}

function banner(
  line: (text: string) => void,
  { config, versions }: Invocation,
  urls: { readonly api: string; readonly observability: string; readonly database: string },
): void {
  line(`Revenge ${versions.server}`);
  line(`  API        ${urls.api}/${elsewhere(config.server.host, urls.api)}`);
  line(`  API docs   ${urls.api}/api/docs`);
  line(`  Metrics    ${urls.observability}/metrics`);
  line(`  State      ${config.data} (${urls.database})`);
}

/** Addresses that others in the house can type, when it listens on all. */
function elsewhere(host: string, url: string): string {
  if (host !== '0.0.0.0' && host !== '::') return '';
  const port = new URL(url).port;
  const addresses = Object.values(networkInterfaces())
    .flat()
    .filter((address) => address && !address.internal && address.family === 'IPv4')
    .map((address) => `http://${address?.address ?? ''}${port ? `:${port}` : ''}/`);
  return addresses.length ? `, from elsewhere ${addresses.slice(0, 2).join(' or ')}` : '';
}

function show(line: (text: string) => void, ref: InstanceRef, { text, secret }: Notice, data: string): void {
  for (const each of text.split('\n')) line(`  ${harmless(each)}`);
  if (secret) line(`  ${secret.name}: ${secret.value}   (also in ${data}/${secret.name}; from ${instanceKey(ref)})`);
}

const readyWords = ({ host }: RunningServer): string => {
  const serving = host.all().filter(({ supervisor }) => supervisor.status.serving);
  return serving.length ? `: ${serving.map(({ id }) => id).join(', ')}` : ', with no plugin';
};

function watchJobs({ kernel }: RunningServer, bar: ProgressBar): NodeJS.Timeout {
  const jobs = kernel.get(T.Jobs);
  let looking = false;
  return setInterval(() => {
    if (looking) return;
    looking = true;
    jobs
      .list({ state: 'running', limit: 5 })
      .then(
        (rows) =>
          bar.update(
            rows
              .filter(({ progress_text }) => progress_text !== null)
              .map(({ type, progress, progress_text }) => ({
                title: type,
                ratio: progress,
                text: progress_text ?? '',
              })),
          ),
        (error: unknown) =>
          kernel.get(T.Log).debug('jobs cannot be looked at for the progress bar', { reason: String(error) }),
      )
      .finally(() => (looking = false));
  }, LOOK_EVERY).unref();
}
