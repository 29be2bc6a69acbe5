import { parseSync } from 'oxc-parser';

/**
 * @typedef {{ specifier: string, line: number, type: boolean, star: boolean, dynamic: boolean }} Import
 * Every import of a file: static, `export … from`, dynamic with a literal, and `import('x')` in a type.
 * @param {string} file
 * @param {string} source
 * @returns {Import[]}
 */
export function importsOf(file, source) {
  const { module, program, errors } = parseSync(file, source);
  if (errors.length) throw new Error(`${file}: ${errors[0]?.message}`);
  const line = (at) => source.slice(0, at).split('\n').length;
  const made = (specifier, at, rest = {}) => ({
    specifier,
    line: line(at),
    type: false,
    star: false,
    dynamic: false,
    ...rest,
  });
  const found = module.staticImports.map(({ moduleRequest, entries, start }) =>
    made(moduleRequest.value, start, { type: entries.length > 0 && entries.every((entry) => entry.isType) }),
  );
  for (const { entries, start } of module.staticExports) {
    const from = entries.find((entry) => entry.moduleRequest);
    if (from)
      found.push(
        made(from.moduleRequest.value, start, {
          type: entries.every((entry) => entry.isType),
          star: entries.some((entry) => entry.importName.kind === 'AllButDefault' && entry.exportName.kind === 'None'),
        }),
      );
  }
  for (const { moduleRequest, start } of module.dynamicImports) {
    const literal = /^(['"`])([^'"`$]+)\1$/.exec(source.slice(moduleRequest.start, moduleRequest.end));
    if (literal) found.push(made(literal[2], start, { dynamic: true }));
  }
  if (/\bimport\s*\(/.test(source))
    walk(program, (node) => {
      const at = node.type === 'TSImportType' ? (node.source ?? node.argument) : undefined;
      const value = at?.value ?? at?.literal?.value;
      if (typeof value === 'string') found.push(made(value, node.start, { type: true }));
    });
  return found;
}

function walk(node, visit) {
  if (Array.isArray(node)) for (const each of node) walk(each, visit);
  else if (node && typeof node === 'object') {
    if (typeof node.type === 'string') visit(node);
    for (const value of Object.values(node)) if (value && typeof value === 'object') walk(value, visit);
  }
}
