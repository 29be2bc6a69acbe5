/** What kind of extra each folder's or suffix's name says. */
const folderTypes: readonly (readonly [RegExp, string])[] = [
  [/^trailers?$/i, 'trailer'],
  [/^teasers?$/i, 'trailer'],
  [/^(?:behind[ ._-]?the[ ._-]?scenes|making[ ._-]?of|bts)$/i, 'behind_the_scenes'],
  [/^deleted(?:[ ._-]?(?:and[ ._-]extended[ ._-])?scenes?)?$/i, 'deleted_scene'],
  [/^featurettes?$/i, 'featurette'],
  [/^interviews?$/i, 'interview'],
  [/^scenes?$/i, 'scene'],
  [/^shorts?$/i, 'short'],
  [/^clips?$/i, 'clip'],
  [/^samples?$/i, 'sample'],
  [
    /^(?:extras?|bonus(?:[ ._-]?(?:features?|material|disc))?|others?|specials? features?|special[ ._-]features?)$/i,
    'other',
  ],
  [/^(?:backdrops?|theme[ ._-]?music|theme[ ._-]?songs?)$/i, 'theme'],
];

const suffixTypes: Readonly<Record<string, string>> = {
  trailer: 'trailer',
  teaser: 'trailer',
  behindthescenes: 'behind_the_scenes',
  deleted: 'deleted_scene',
  deletedscene: 'deleted_scene',
  featurette: 'featurette',
  interview: 'interview',
  scene: 'scene',
  short: 'short',
  clip: 'clip',
  sample: 'sample',
  other: 'other',
  extra: 'other',
  extras: 'other',
};

/** Of the kind of extras a folder holds; undefined for every other folder. */
export function folderExtraType(folder: string): string | undefined {
  return folderTypes.find(([pattern]) => pattern.test(folder.trim()))?.[1];
}

/** Openings and endings of anime without their credits: "NCOP1", "NCED", "Creditless OP". */
const creditless =
  /[\s._-]{1,3}(?:NC(?:OP|ED)|(?:creditless|clean|textless)[ ._-](?:OP|ED|opening|ending))[ ._]?\d{0,2}[a-z]?(?:v\d)?(?=$|[ ._-]{0,2}[[(])/iu;

/** "[Group] Title - OP02 [BD]". */
const openings = /(?<=^\[[^[\]]{1,40}\].{1,100}[\s_](?:-[\s_])?)(?:OP|ED)\d{0,2}[a-z]?(?:v\d)?(?=[\s_]?[[(])/u;

export interface FoundExtra {
  readonly type: string;
  /** The name without what said so. */
  readonly name: string;
}

/** An extra by its own name: "Film (2010)-trailer", "film.2010.x264.sample", "sample-film", "trailer". */
export function findExtraName(name: string): FoundExtra | undefined {
  const suffix =
    /-[ ]?(?<type>trailer|teaser|behindthescenes|deleted(?:scene)?|featurette|sample)[ ]?\d{0,2}$/i.exec(name) ??
    /-(?<type>interview|scene|short|clip|other|extras?)\d{0,2}$/.exec(name) ??
    /[._](?<type>trailer|sample)\d{0,2}$/i.exec(name);
  if (suffix !== null && suffix.index > 0) {
    return {
      type: suffixTypes[suffix.groups?.type?.toLowerCase() ?? ''] ?? 'other',
      name: name.slice(0, suffix.index),
    };
  }
  const whole = /^(?<type>trailer|sample|theme|teaser)\d{0,2}$/i.exec(name);
  if (whole !== null) {
    const type = whole.groups?.type?.toLowerCase() ?? '';
    return { type: type === 'theme' ? 'theme' : (suffixTypes[type] ?? 'other'), name: '' };
  }
  const credits = creditless.exec(name) ?? openings.exec(name);
  if (credits !== null && credits.index > 0) {
    return { type: 'other', name: `${name.slice(0, credits.index)} ${name.slice(credits.index + credits[0].length)}` };
  }
  const prefix = /^sample[-_](?=.*\d)/i.exec(name) ?? /^sample-(?=[a-z\d])/.exec(name);
  return prefix === null ? undefined : { type: 'sample', name: name.slice(prefix[0].length) };
}
