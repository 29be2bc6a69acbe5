import type { Marker, MarkerKind } from './markers.ts';
import type { NameReading } from './name-reading.ts';
import type { Hdr, ParsedPath, Resolution, Source, ThreeD, VideoCodec } from './parsed-path.ts';

type Quality = Pick<
  ParsedPath,
  'resolution' | 'source' | 'video_codec' | 'audio_codec' | 'hdr' | 'release_group' | 'languages' | 'proper' | 'three_d'
>;

const resolutions: readonly Resolution[] = ['480p', '576p', '720p', '1080p', '2160p', '4320p'];
const sources: readonly Source[] = ['bluray', 'remux', 'web-dl', 'webrip', 'hdtv', 'dvd', 'cam', 'ts', 'other'];
const codecs: readonly VideoCodec[] = ['h264', 'hevc', 'av1', 'vp9', 'mpeg2', 'vc1', 'xvid'];
const ranges: readonly Hdr[] = ['hdr10', 'hdr10+', 'dv', 'hlg'];
const shapes: readonly ThreeD[] = ['sbs', 'ou', 'other'];

/** What the names say of the release, the file's own first. */
export function qualityOf(readings: readonly NameReading[]): Quality {
  const first = <T>(pick: (reading: NameReading) => T | undefined): T | null => {
    for (const reading of readings) {
      const value = pick(reading);
      if (value !== undefined) return value;
    }
    return null;
  };
  return {
    resolution: first((reading) => oneOf(resolutions, valueOf(reading.markers, 'resolution'))),
    source: first(({ markers }) => sourceOf(markers)),
    video_codec: first(({ markers }) => oneOf(codecs, valueOf(markers, 'video'))),
    audio_codec: first(({ markers }) => valueOf(markers, 'audio')),
    hdr: first(({ markers }) => rangesOf(markers)) ?? [],
    release_group: first(({ group }) => group ?? undefined),
    languages: first(({ markers }) => languagesOf(markers)) ?? [],
    proper: readings.some(({ markers, isRevised }) => isRevised || markers.some((marker) => marker.kind === 'proper')),
    three_d: first(({ markers }) => oneOf(shapes, valueOf(markers, 'three_d'))),
  };
}

/** The first that is never a word, else the first that may be one: "UHD.BluRay.1080p" is 1080p. */
function valueOf(markers: readonly Marker[], kind: MarkerKind): string | undefined {
  const all = markers.filter((marker) => marker.kind === kind);
  return (all.find((marker) => marker.isStrong) ?? all[0])?.value;
}

function sourceOf(markers: readonly Marker[]): Source | undefined {
  const isRemux = markers.some((marker) => marker.kind === 'source' && marker.value === 'remux');
  return isRemux ? 'remux' : oneOf(sources, valueOf(markers, 'source'));
}

function rangesOf(markers: readonly Marker[]): Hdr[] | undefined {
  const said = new Set(markers.flatMap((marker) => (marker.kind === 'hdr' ? marker.value.split(' ') : [])));
  const known = ranges.filter((range) => said.has(range));
  return known.length === 0 ? undefined : known;
}

function languagesOf(markers: readonly Marker[]): string[] | undefined {
  const said = markers.flatMap((marker) => (marker.kind === 'language' ? marker.value.split(' ') : []));
  return said.length === 0 ? undefined : [...new Set(said)];
}

function oneOf<T extends string>(known: readonly T[], value: string | undefined): T | undefined {
  return known.find((one) => one === value);
}
