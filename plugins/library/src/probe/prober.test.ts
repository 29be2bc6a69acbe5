import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sampleRoots } from '../sample.ts';
import { findFfprobe } from './ffprobe.ts';
import { Prober } from './prober.ts';
import type { ProbeResult } from './prober.ts';

const { movies, series } = sampleRoots();
const twoVoices = join(movies, 'Two Voices (2015)/Two.Voices.2015.1080p.BluRay.x264.DUAL-NONE.mkv');
const pattern = join(movies, 'Big Test Pattern (2021)/Big Test Pattern (2021) [1080p].mp4');
const wheel = join(movies, 'Колесо времени (2007)/Колесо времени (2007).ts');
const ramp = join(movies, 'Grey Ramp (1987)/Grey Ramp (1987) DVDRip XviD.avi');

let folder: string;
let prober: Prober;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'probe-'));
  prober = new Prober({ threads: 1, ffprobe: undefined });
});

afterAll(async () => {
  await prober.close();
  rmSync(folder, { recursive: true, force: true });
});

function probe(path: string): Promise<ProbeResult> {
  return prober.probeOne(path, new AbortController().signal);
}

async function outcome(path: string): Promise<string> {
  const result = await probe(path);
  return result.ok ? 'ok' : result.code;
}

async function summary(path: string): Promise<unknown> {
  const result = await probe(path);
  if (!result.ok) return result.code;
  return [result.container, result.duration_seconds, result.streams.map((stream) => `${stream.type} ${stream.codec}`)];
}

test('Every container of the samples gives its name, length and codecs', async () => {
  const season = join(series, 'Signal and Noise (2018)/Season 01');
  expect(await summary(pattern)).toEqual(['mp4', 6, ['video h264', 'audio aac']]);
  expect(await summary(wheel)).toEqual(['ts', 2.97, ['video mpeg2', 'audio mp2']]);
  expect(await summary(ramp)).toEqual(['avi', 3.083, ['video mpeg4', 'audio mp3']]);
  expect(await summary(join(movies, 'Pocket Camera (2023)/Pocket Camera (2023).mov'))).toEqual([
    'mov',
    3,
    ['video h264', 'audio aac'],
  ]);
  expect(await summary(join(season, 'Signal and Noise - S01E02-E03 - Sidebands.mkv'))).toEqual([
    'mkv',
    4.021,
    ['video h264', 'audio aac'],
  ]);
  expect(await summary(join(series, '試験電波/Season 1/試験電波 - S01E02.webm'))).toEqual([
    'webm',
    2.008,
    ['video vp9', 'audio opus'],
  ]);
  expect(await summary(join(movies, 'Broken Reel (2003)/Broken Reel (2003).mp4'))).toBe('corrupt');
});

test('Two sound tracks and two subtitles are told with language, title and flags', async () => {
  const result = await probe(twoVoices);
  expect(result).toEqual({
    path: twoVoices,
    ok: true,
    container: 'mkv',
    duration_seconds: 4.021,
    bitrate_kbps: expect.any(Number),
    streams: [
      {
        type: 'video',
        codec: 'h264',
        width: 320,
        height: 180,
        frame_rate: 12,
        hdr: null,
        rotation: 0,
        language: null,
        title: null,
        default: false,
      },
      {
        type: 'audio',
        codec: 'aac',
        channels: 1,
        sample_rate: 48000,
        language: 'eng',
        title: 'Original',
        default: true,
      },
      {
        type: 'audio',
        codec: 'aac',
        channels: 1,
        sample_rate: 48000,
        language: 'deu',
        title: 'Synchronfassung',
        default: false,
      },
      {
        type: 'subtitle',
        codec: 'srt',
        language: 'eng',
        title: null,
        default: false,
        forced: false,
        hearing_impaired: false,
      },
      {
        type: 'subtitle',
        codec: 'srt',
        language: 'deu',
        title: 'Erzwungen',
        default: false,
        forced: true,
        hearing_impaired: false,
      },
    ],
  });
});

test('High dynamic range is told', async () => {
  const result = await probe(join(movies, 'Wide Colour (2022)/Wide.Colour.2022.2160p.UHD.BluRay.x265.HDR.mkv'));
  expect(result.ok && result.streams[0]).toMatchObject({ codec: 'hevc', hdr: 'hdr10', width: 320, height: 132 });
});

test('A sparse tail of many gigabytes changes no length and costs no reading', async () => {
  for (const source of [pattern, twoVoices, wheel, ramp]) {
    const path = join(folder, `sparse.${source.split('.').at(-1)}`);
    copyFileSync(source, path);
    const [whole, sparse] = [await summary(source), (truncateSync(path, 40e9), await summary(path))];
    expect(sparse).toEqual(whole);
  }
});

test('Zeros behind a transport stream that are on disk change no length', async () => {
  const path = join(folder, 'padded.ts');
  writeFileSync(path, Buffer.concat([readFileSync(wheel), Buffer.alloc(20_000_000)]));
  expect(await summary(path)).toEqual(['ts', 2.97, ['video mpeg2', 'audio mp2']]);
});

test('What is no media file is a result with its code', async () => {
  const file = (name: string, content: Buffer | string): string => (
    writeFileSync(join(folder, name), content),
    join(folder, name)
  );
  expect(await outcome(file('empty.mkv', ''))).toBe('empty');
  expect(await outcome(file('text.mkv', 'this is no film'))).toBe('corrupt');
  expect(await outcome(file('zeros.mp4', Buffer.alloc(100_000)))).toBe('corrupt');
  expect(await outcome(file('one.mkv', Buffer.from([0x1a])))).toBe('corrupt');
  expect(await outcome(file('film.wmv', Buffer.from('3026b2758e66cf11', 'hex')))).toBe('unsupported');
  expect(await outcome(folder)).toBe('unreadable');
  expect(await outcome(join(folder, 'nowhere.mkv'))).toBe('unreadable');
  expect(await outcome('with\0nul.mkv')).toBe('unreadable');
});

test('A file cut off at any place, or with bytes changed anywhere, is a result', async () => {
  let seed = 7;
  const random = (below: number): number => (seed = (seed * 48271) % 2147483647) % below;
  const ended: string[] = [];
  for (const source of [pattern, twoVoices, wheel, ramp]) {
    const whole = readFileSync(source);
    for (let round = 0; round < 40; round++) {
      const bytes = Buffer.from(round % 2 === 0 ? whole.subarray(0, random(whole.length)) : whole);
      if (round % 2 === 1)
        for (let change = 0; change < 30; change++) bytes[random(Math.min(bytes.length, 6000))] = random(256);
      const path = join(folder, `damaged.${source.split('.').at(-1)}`);
      writeFileSync(path, bytes);
      ended.push(await outcome(path));
    }
  }
  expect(ended.filter((one) => !['ok', 'corrupt', 'empty', 'unsupported'].includes(one))).toEqual([]);
});

test('A FIFO and a socket end at once', async () => {
  const fifo = join(folder, 'fifo.mkv');
  execFileSync('mkfifo', [fifo]);
  expect(await outcome(fifo)).toBe('unreadable');
  const socket = join(folder, 'socket.mkv');
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  expect(await outcome(socket)).toBe('unreadable');
  await new Promise((resolve) => server.close(resolve));
});

test('A file that takes too long is given up, and the next one is read', async () => {
  const hasty = new Prober({ threads: 1, ffprobe: undefined, timeout: 1 });
  const result = await hasty.probeOne(pattern, new AbortController().signal);
  expect(result).toMatchObject({ ok: false, code: 'timeout' });
  await hasty.close();
  expect(await outcome(pattern)).toBe('ok');
});

test('Many files come back once each, and the signal ends them', async () => {
  const paths = Array.from({ length: 30 }, (_, index) => {
    const path = join(folder, `many-${index}.mp4`);
    copyFileSync(pattern, path);
    return path;
  });
  const seen: string[] = [];
  for await (const result of prober.probe(paths, new AbortController().signal)) seen.push(result.path);
  expect(seen.toSorted()).toEqual(paths.toSorted());
  const controller = new AbortController();
  const reason = new Error('enough');
  const ended = (async () => {
    for await (const result of prober.probe(paths, controller.signal)) if (result.ok) controller.abort(reason);
  })();
  await expect(ended).rejects.toBe(reason);
});

test('ffprobe reads what is read by nothing else, and says what is damaged', async () => {
  const ffprobe = findFfprobe(process.env.PATH ?? '');
  if (ffprobe === undefined) {
    process.stderr.write('Skipped: formats that only ffprobe reads (it is not installed)\n');
    return;
  }
  const withFfprobe = new Prober({ ffprobe });
  const { signal } = new AbortController();
  const path = join(folder, 'stream.mpg');
  execFileSync('ffmpeg', ['-nostdin', '-v', 'error', '-y', '-i', wheel, '-c', 'copy', path]);
  expect(await outcome(path)).toBe('unsupported');
  expect(await withFfprobe.probeOne(path, signal)).toMatchObject({
    ok: true,
    container: 'mpg',
    streams: [{ codec: 'mpeg2' }, { codec: 'mp2' }],
  });
  const damaged = join(folder, 'damaged.wmv');
  writeFileSync(damaged, Buffer.from('3026b2758e66cf11', 'hex'));
  expect(await withFfprobe.probeOne(damaged, signal)).toMatchObject({ ok: false, code: 'corrupt' });
  await withFfprobe.close();
});
