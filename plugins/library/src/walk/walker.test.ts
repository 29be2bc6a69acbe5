import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { checkRoot } from './root-state.ts';
import { Walker } from './walker.ts';
import type { FoundFile, WalkProblem } from './walker.ts';

let root: string;
let walker: Walker;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'walk-'));
  walker = new Walker();
});

afterEach(async () => {
  await walker.close();
  rmSync(root, { recursive: true, force: true });
});

function put(path: string, text = 'x'): void {
  mkdirSync(join(root, path, '..'), { recursive: true });
  writeFileSync(join(root, path), text);
}

async function walkAll(from = root): Promise<{ paths: string[]; files: FoundFile[]; problems: WalkProblem[] }> {
  const files: FoundFile[] = [];
  const problems: WalkProblem[] = [];
  for await (const batch of walker.walk(from, { signal: new AbortController().signal, batchSize: 3 })) {
    files.push(...batch.files);
    problems.push(...batch.problems);
  }
  return { paths: files.map(({ path }) => path.slice(root.length + 1)).toSorted(), files, problems };
}

function codes(problems: readonly WalkProblem[]): string[] {
  return problems.map(({ path, code }) => `${path.slice(root.length + 1)}: ${code}`).toSorted();
}

test('Files are found with size, time and kind, folders to any depth, other files left out', async () => {
  put('Film (2000)/Film (2000).mkv', '12345');
  put('Film (2000)/Film (2000).en.srt');
  put('Film (2000)/poster.jpg');
  put('Film (2000)/movie.nfo');
  put('Film (2000)/notes.txt');
  put('a/b/c/d/e/deep.mp4');
  const { files, paths, problems } = await walkAll();
  expect(paths).toEqual([
    'Film (2000)/Film (2000).en.srt',
    'Film (2000)/Film (2000).mkv',
    'Film (2000)/movie.nfo',
    'Film (2000)/poster.jpg',
    'a/b/c/d/e/deep.mp4',
  ]);
  expect(problems).toEqual([]);
  expect(files.find(({ path }) => path.endsWith('(2000).mkv'))).toEqual({
    path: join(root, 'Film (2000)/Film (2000).mkv'),
    size: 5,
    mtime_ms: expect.any(Number),
    kind: 'video',
  });
  expect(files.map(({ kind }) => kind).toSorted()).toEqual(['image', 'nfo', 'subtitle', 'video', 'video']);
});

test('Hidden files, folders of system programs and marked folders are passed over', async () => {
  put('.hidden.mkv');
  put('.cache/x.mkv');
  for (const folder of ['@eaDir', 'lost+found', '#recycle', '$RECYCLE.BIN', 'Film.trickplay']) put(`${folder}/x.mkv`);
  put('ignored/.ignore', '');
  put('ignored/deeper/x.mkv');
  put('nomedia/.nomedia', '');
  put('nomedia/x.mkv');
  put('kept.mkv');
  expect((await walkAll()).paths).toEqual(['kept.mkv']);
});

test('Names in any script, with emoji, newlines and 255 bytes are found as they are', async () => {
  const names = [
    'фильм.mkv',
    '千と千尋.mkv',
    '🎬🍿.mkv',
    'two\nlines.mkv',
    `${'x'.repeat(251)}.mkv`,
    'tab\there.mkv',
    'back\\slash.mkv',
    'a\uFFFDb.mkv',
  ];
  for (const name of names) put(name);
  expect((await walkAll()).paths).toEqual(names.toSorted());
});

test('A name that is not valid UTF-8 is a problem and stops nothing', async () => {
  put('good.mkv');
  const bad = Buffer.concat([Buffer.from(`${root}/bad`), Buffer.from([0xff, 0xfe]), Buffer.from('.mkv')]);
  writeFileSync(bad, 'x');
  const badFolder = Buffer.concat([Buffer.from(`${root}/folder`), Buffer.from([0xff])]);
  mkdirSync(badFolder);
  const { paths, problems } = await walkAll();
  expect(paths).toEqual(['good.mkv']);
  expect(codes(problems)).toEqual(['bad\uFFFD\uFFFD.mkv: bad-name', 'folder\uFFFD: bad-name']);
  rmSync(badFolder, { recursive: true });
  rmSync(bad);
});

test('Links are followed, loops end, and a folder that two ways lead to is walked once', async () => {
  put('real/film.mkv');
  symlinkSync(join(root, 'real'), join(root, 'again'));
  symlinkSync(root, join(root, 'real/up'));
  symlinkSync(join(root, 'real/film.mkv'), join(root, 'linked.mkv'));
  symlinkSync(join(root, 'self.mkv'), join(root, 'self.mkv'));
  symlinkSync('/nowhere/at/all.mkv', join(root, 'broken.mkv'));
  const { paths, problems } = await walkAll();
  expect(paths).toEqual(['linked.mkv', 'real/film.mkv']);
  expect(codes(problems)).toEqual(['broken.mkv: missing', 'real/up: loop', 'self.mkv: loop']);
});

test('A linked folder outside the root is walked under the path of its link', async () => {
  const outside = mkdtempSync(join(tmpdir(), 'walk-outside-'));
  writeFileSync(join(outside, 'film.mkv'), 'x');
  symlinkSync(outside, join(root, 'other disk'));
  expect((await walkAll()).paths).toEqual(['other disk/film.mkv']);
  rmSync(outside, { recursive: true });
});

test('A FIFO with the name of a film is no file', async () => {
  execFileSync('mkfifo', [join(root, 'pipe.mkv')]);
  put('film.mkv');
  expect((await walkAll()).paths).toEqual(['film.mkv']);
});

test('A root that is missing, a file or empty is told apart', async () => {
  put('file.mkv');
  mkdirSync(join(root, 'empty'));
  const missing = await walkAll(join(root, 'nowhere'));
  expect([missing.paths, codes(missing.problems)]).toEqual([[], ['nowhere: missing']]);
  expect(codes((await walkAll(join(root, 'file.mkv'))).problems)).toEqual(['file.mkv: not-a-folder']);
  const empty = await walkAll(join(root, 'empty'));
  expect([empty.paths, empty.problems]).toEqual([[], []]);
  expect(await checkRoot(join(root, 'empty'))).toEqual({ ok: true, empty: true });
  expect(await checkRoot(root)).toEqual({ ok: true, empty: false });
  expect(await checkRoot(join(root, 'nowhere'))).toMatchObject({ ok: false, code: 'missing' });
  expect(await checkRoot(join(root, 'file.mkv'))).toMatchObject({ ok: false, code: 'not-a-folder' });
  expect(await checkRoot('with\0nul')).toMatchObject({ ok: false, code: 'bad-name' });
});

test('A folder that may not be read is a problem and stops nothing', async () => {
  if (process.getuid?.() === 0) {
    process.stderr.write('Skipped: a folder that may not be read (root reads every folder)\n');
    return;
  }
  put('locked/film.mkv');
  put('open/film.mkv');
  chmodSync(join(root, 'locked'), 0o000);
  const { paths, problems } = await walkAll();
  chmodSync(join(root, 'locked'), 0o755);
  expect(paths).toEqual(['open/film.mkv']);
  expect(codes(problems)).toEqual(['locked: unreadable']);
});

test('A reader that stops taking batches stops the walk, and its files come once it goes on', async () => {
  for (let index = 0; index < 400; index++) put(`f${index}.mkv`);
  const batches = walker.walk(root, { signal: new AbortController().signal, batchSize: 10 })[Symbol.asyncIterator]();
  let found = 0;
  for (let next = await batches.next(); next.done !== true; next = await batches.next()) {
    found += next.value.files.length;
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(found).toBe(400);
});

test('Aborting ends the iteration at once with the signal’s reason', async () => {
  for (let index = 0; index < 200; index++) put(`d${index}/f.mkv`);
  const controller = new AbortController();
  const reason = new Error('enough');
  const taken = (async () => {
    for await (const batch of walker.walk(root, { signal: controller.signal, batchSize: 1 })) {
      if (batch.files.length > 0) controller.abort(reason);
    }
  })();
  await expect(taken).rejects.toBe(reason);
  await expect(walker.walk(root, { signal: controller.signal })[Symbol.asyncIterator]().next()).rejects.toBe(reason);
});

test('Leaving the loop early and closing leave no thread behind', async () => {
  for (let index = 0; index < 50; index++) put(`f${index}.mkv`);
  for await (const batch of walker.walk(root, { signal: new AbortController().signal, batchSize: 1 })) {
    expect(batch.files.length).toBeLessThanOrEqual(1);
    break;
  }
  await walker.close();
});
