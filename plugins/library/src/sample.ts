import { fileURLToPath } from 'node:url';

/** The folders of the sample media that come with this package. */
export function sampleRoots(): { readonly movies: string; readonly series: string } {
  // src/ and dist/ lie beside sample/.
  const root = new URL('../sample/', import.meta.url);
  return { movies: fileURLToPath(new URL('movies', root)), series: fileURLToPath(new URL('series', root)) };
}
