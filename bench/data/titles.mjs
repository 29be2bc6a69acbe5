// Invented titles and the ways in which people write them into file names.
const adjectives =
  'Silent Golden Broken Hidden Distant Crimson Hollow Electric Frozen Gentle Iron Last Lost Midnight Northern Paper Quiet Restless Second Secret Seventh Slow Stolen Strange Sudden Western Wild Winter Yellow Young'.split(
    ' ',
  );
const nouns =
  'River Garden Letter Harbour Machine Mirror Mountain Orchard Passage Planet Portrait Promise Road Season Signal Shadow Station Stranger Summer Theatre Tower Valley Voyage Window Witness Island Bridge Circus Compass Lantern'.split(
    ' ',
  );
const places =
  'Ashford Belmont Calder Dunmore Eastwick Fairview Glenrock Hartwell Ironbridge Juniper Kingsley Larkhill Merrow Norwood Oakham Penrose Quarry Redcliff Stonebury Thornton'.split(
    ' ',
  );
const others = [
  'Тихая река',
  '静かな庭',
  '조용한 정원',
  'Café der Träume',
  'Les Années Étoilées',
  'Η Σιωπηλή Πόλη',
  'النهر الهادئ',
];
const groups = ['NONE', 'DEMO', 'TEST', 'CLIP'];

/** @typedef {() => number} Random between 0 and 1 */

/** @param {Random} random @param {readonly T[]} list @template T @returns {T} */
export const pick = (random, list) => list[Math.floor(random() * list.length)];

/** @param {Random} random @param {number} number so that no two are alike */
export function inventTitle(random, number) {
  const unique =
    places[number % places.length] + (number >= places.length ? ` ${Math.floor(number / places.length) + 1}` : '');
  if (random() < 0.05) return `${pick(random, others)} ${unique}`;
  const base = `${pick(random, adjectives)} ${pick(random, nouns)}`;
  return random() < 0.5 ? `The ${base} of ${unique}` : `${base} in ${unique}`;
}

const qualities = [
  '1080p.BluRay.x264',
  '720p.WEB-DL.H.264',
  '2160p.UHD.BluRay.x265.HDR',
  '1080p.WEBRip.x265',
  'DVDRip.XviD',
  '720p.HDTV.x264',
];

/** @param {Random} random @param {string} title @param {number} year */
export function filmName(random, title, year) {
  const quality = pick(random, qualities);
  const dotted = title.replaceAll(' ', '.');
  return pick(random, [
    `${title} (${year})`,
    `${title} (${year}) [${quality.split('.')[0]}]`,
    `${dotted}.${year}.${quality}-${pick(random, groups)}`,
    `${title} (${year}) {edition-Directors Cut}`,
  ]);
}

/** @param {Random} random @param {{ title: string, season: number, episode: number }} what */
export function episodeName(random, { title, season, episode }) {
  const [s, e] = [String(season).padStart(2, '0'), String(episode).padStart(2, '0')];
  const name = `${pick(random, adjectives)} ${pick(random, nouns)}`;
  return pick(random, [
    `${title} - S${s}E${e} - ${name}`,
    `${title.replaceAll(' ', '.')}.S${s}E${e}.${pick(random, qualities)}-${pick(random, groups)}`,
    `${title} - ${season}x${e} - ${name}`,
    `S${s}E${e} - ${name}`,
  ]);
}
