import { posix } from 'node:path';

/** No cycle of values: what is imported as a type alone is gone at run time, and a dynamic import comes later. */
export function checkCycles({ files }, report) {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const state = new Map();
  const stack = [];
  const visit = (file) => {
    state.set(file.path, 'open');
    stack.push(file.path);
    for (const { specifier, type, dynamic, line } of file.imports) {
      if (type || dynamic || !specifier.startsWith('.')) continue;
      const target = byPath.get(posix.join(posix.dirname(file.path), specifier));
      if (!target) continue;
      if (state.get(target.path) === 'open') {
        const ring = [...stack.slice(stack.indexOf(target.path)), target.path].join(' → ');
        report(file, line, `a cycle: ${ring}`, 'move what both need to a third file, or import the type alone');
      } else if (!state.has(target.path)) visit(target);
    }
    stack.pop();
    state.set(file.path, 'done');
  };
  for (const file of files) if (!state.has(file.path)) visit(file);
}
