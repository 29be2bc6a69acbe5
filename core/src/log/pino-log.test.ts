import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openLog } from './pino-log.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'revenge-log-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function written(
  work: (log: ReturnType<typeof openLog>['log']) => void,
  level = 'info',
): Promise<Record<string, unknown>[]> {
  const file = join(folder, 'sub', 'revenge.log');
  const { log, stop } = openLog({ level, file });
  work(log);
  stop();
  return readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

test('a child carries its fields and an error its message and stack', async () => {
  const [first, second] = await written((log) => {
    const child = log.child({ plugin: 'demo' });
    child.info('hello', { n: 1 });
    child.error(new Error('broke'));
  });
  expect(first).toMatchObject({ plugin: 'demo', n: 1, msg: 'hello' });
  expect(second).toMatchObject({ plugin: 'demo', msg: 'broke', err: { message: 'broke' } });
});

test('what a plugin declared secret never reaches the file, wherever it stands', async () => {
  const lines = await written((log) => {
    const child = log.child({}, ['s3cr3t"key']);
    child.info('call', { url: 'http://x/?apikey=s3cr3t"key' });
    log.error(new Error('401 for s3cr3t"key'));
  });
  expect(JSON.stringify(lines)).not.toContain('s3cr3t');
});

test('fields that are JSON already make the line that an object makes, in its place among the others', async () => {
  const lines = await written((log) => {
    const child = log.child({ plugin: 'demo' }, ['s3cr3t-key']);
    child.info('request', { status: 200, path: '/"x"' });
    child.infoJson('request', '"status":200,"path":"/\\"x\\""');
    log.infoJson('bare', '');
    log.infoJson('of a caller', '"user":"s3cr3t-key"');
    log.info('last');
  });
  const [made, given, ...rest] = lines.map(({ time, ...line }) => (expect(time).toMatch(/Z$/), line));
  expect(given).toEqual(made);
  expect(Object.keys(given ?? {})).toEqual(Object.keys(made ?? {}));
  expect(rest.map(({ msg }) => msg)).toEqual(['bare', 'of a caller', 'last']);
  expect(rest[1]).toMatchObject({ user: '[redacted]' });
});

test('a level above info leaves such lines out', async () => {
  expect(await written((log) => log.infoJson('request', '"n":1'), 'warn')).toEqual([]);
});
