import { posix } from 'node:path';
import { AREAS, PORTS } from './laws.mjs';

/** Inside core: an area imports of another its ports alone. Tests may build on the real parts. */
export function checkAreas({ files }, report) {
  for (const file of files.filter(({ path, test }) => path.startsWith('core/src/') && !test)) {
    const area = file.path.split('/')[2];
    if (!AREAS.includes(area)) continue;
    for (const { specifier, line, dynamic } of file.imports) {
      if (!specifier.startsWith('.')) continue;
      const target = posix.join(posix.dirname(file.path), specifier);
      const other = target.split('/')[2];
      if (other === area || !AREAS.includes(other) || PORTS.includes(target)) continue;
      const cure = dynamic
        ? 'let the kernel inject it'
        : 'import its port (see PORTS in tools/boundaries/laws.mjs) and let the kernel inject it';
      report(file, line, `core/${area} does not know the insides of core/${other}`, cure);
    }
  }
}
