#!/usr/bin/env node
// Makes a tree of media files like a real library's: node bench/data/make-tree.mjs --out DIR [--files 20000] [--seed 1]
import { closeSync, ftruncateSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { loadClips } from './clips.mjs';
import { episodeName, filmName, inventTitle, pick } from './titles.mjs';

/** Of the files so many are films (with their extras), the rest episodes. */
const FILMS = 0.45;
/** Of the files so many cannot be probed: a text, or the first half of a header. */
const BROKEN = 0.01;
/** How many files expected.json tells of. */
const EXPECTED = 100;

/**
 * Files are the media files; subtitles, NFO and pictures come on top. The same seed makes the same tree.
 * @param {{ out: string, files: number, seed?: number }} options
 */
export function makeTree({ out, files, seed = 1 }) {
  const tree = new Tree(out, seed);
  tree.films(Math.round(files * FILMS));
  tree.series(files);
  const step = Math.max(1, Math.floor(tree.known.length / EXPECTED));
  const expected = tree.known.filter((_, index) => index % step === 0).slice(0, EXPECTED);
  writeFileSync(join(out, 'expected.json'), `${JSON.stringify(expected, null, 1)}\n`);
  return {
    movies: join(out, 'movies'),
    series: join(out, 'series'),
    files: tree.count,
    broken: tree.broken,
    sidecars: tree.sidecars,
    expected,
  };
}

class Tree {
  count = 0;
  broken = 0;
  sidecars = 0;
  /** @type {object[]} */
  known = [];
  #clips = loadClips();
  #out;
  #random;

  constructor(out, seed) {
    this.#out = out;
    this.#random = randomFrom(seed);
    mkdirSync(join(out, 'movies'), { recursive: true });
    mkdirSync(join(out, 'series'), { recursive: true });
  }

  films(until) {
    for (let number = 0; this.count < until; number++) {
      const title = inventTitle(this.#random, number);
      const year = 1930 + Math.floor(this.#random() * 95);
      const folder = join(this.#out, 'movies', `${title} (${year})`);
      mkdirSync(folder, { recursive: true });
      this.#media(folder, filmName(this.#random, title, year), { kind: 'movie', title, year });
      if (this.#random() < 0.5)
        this.#sidecar(folder, 'movie.nfo', `<movie><title>${title}</title><year>${year}</year></movie>\n`);
      if (this.#random() < 0.3)
        this.#sidecar(folder, `${title} (${year}).en.srt`, '1\n00:00:01,000 --> 00:00:02,000\nHello.\n');
      if (this.#random() < 0.2) this.#sidecar(folder, 'poster.jpg', '');
      if (this.#random() < 0.1 && this.count < until) {
        mkdirSync(join(folder, 'trailers'), { recursive: true });
        this.#media(join(folder, 'trailers'), `${title} - Teaser`, { kind: 'extra', title, year });
      }
    }
  }

  series(until) {
    for (let number = 0; this.count < until; number++) {
      const title = inventTitle(this.#random, number);
      const year = 1960 + Math.floor(this.#random() * 65);
      const seasons = 1 + Math.floor(this.#random() * 6);
      for (let season = 1; season <= seasons && this.count < until; season++) {
        const folder = join(this.#out, 'series', `${title} (${year})`, `Season ${String(season).padStart(2, '0')}`);
        mkdirSync(folder, { recursive: true });
        const episodes = 6 + Math.floor(this.#random() * 18);
        for (let episode = 1; episode <= episodes && this.count < until; episode++) {
          const name = episodeName(this.#random, { title, season, episode });
          this.#media(folder, name, { kind: 'episode', title, season, episodes: [episode] });
          if (this.#random() < 0.2)
            this.#sidecar(folder, `${name}.en.srt`, '1\n00:00:01,000 --> 00:00:02,000\nHello.\n');
        }
      }
    }
  }

  #media(folder, name, what) {
    const clip = pick(this.#random, this.#clips);
    const path = join(folder, `${name}.${clip.container}`);
    const wanted = Math.round(600_000 + this.#random() * 6_600_000) / 1000;
    const isBroken = this.#random() < BROKEN;
    // What a file of this length would weigh; only the clip's bytes are on disk.
    const length = Math.floor((0.1 + this.#random()) * 4e9);
    const { bytes, seconds } = clip.make(wanted, this.count);
    const file = openSync(path, 'w');
    try {
      writeSync(file, isBroken ? bytes.subarray(0, 300).fill(0x20, 0, 16) : bytes);
      if (!isBroken) ftruncateSync(file, length);
    } finally {
      closeSync(file);
    }
    this.count++;
    if (isBroken) this.broken++;
    else
      this.known.push({
        path: relative(this.#out, path),
        duration_seconds: seconds,
        container: clip.container,
        video_codec: clip.codec,
        ...what,
      });
  }

  #sidecar(folder, name, text) {
    writeFileSync(join(folder, name), text);
    this.sidecars++;
  }
}

/** mulberry32 */
function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { values } = parseArgs({
    options: {
      out: { type: 'string' },
      files: { type: 'string', default: '20000' },
      seed: { type: 'string', default: '1' },
    },
  });
  if (values.out === undefined) {
    process.stderr.write('Say where: node bench/data/make-tree.mjs --out DIR [--files 20000] [--seed 1]\n');
    process.exit(2);
  }
  const started = performance.now();
  const { files, broken, sidecars } = makeTree({
    out: values.out,
    files: Number(values.files),
    seed: Number(values.seed),
  });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  process.stdout.write(
    `${files} media files (${broken} broken) and ${sidecars} others in ${values.out}, ${seconds} s\n`,
  );
}
