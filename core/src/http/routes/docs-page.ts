import { escaped, page } from './page.ts';

type Node = Readonly<Record<string, unknown>>;
const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && !Array.isArray(value);
const entries = (value: unknown): [string, Node][] =>
  isNode(value) ? Object.entries(value).filter((e): e is [string, Node] => isNode(e[1])) : [];
const pretty = (value: unknown): string => `<pre>${escaped(JSON.stringify(value, undefined, 2))}</pre>`;

/** The OpenAPI document as one page that needs no script and no network. */
export function docsPage(document: Node): string {
  const info = isNode(document['info']) ? document['info'] : {};
  const byTag = new Map<string, string[]>();
  for (const [path, methods] of entries(document['paths']))
    for (const [method, operation] of entries(methods)) {
      const tag = Array.isArray(operation['tags']) ? String(operation['tags'][0]) : 'Other';
      byTag.set(tag, [...(byTag.get(tag) ?? []), operationHtml(method, path, operation)]);
    }
  const sections = [...byTag].map(([tag, operations]) => `<h2>${escaped(tag)}</h2>${operations.join('')}`).join('');
  const components = isNode(document['components']) ? document['components'] : {};
  const schemas = entries(components['schemas'])
    .map(([name, schema]) => `<details><summary><code>${escaped(name)}</code></summary>${pretty(schema)}</details>`)
    .join('');
  return page(
    `${escaped(info['title'])} API`,
    `<h1>${escaped(info['title'])} API</h1><p class="dim">Version ${escaped(info['version'])} · <a href="openapi.json">openapi.json</a> · <a href="openapi.yaml">openapi.yaml</a></p>${sections}${
      schemas && `<h2>Schemas</h2>${schemas}`
    }`,
  );
}

function operationHtml(method: string, path: string, operation: Node): string {
  const parts = [
    operation['description'] && `<p>${escaped(operation['description'])}</p>`,
    access(operation['security']),
    parameters(operation['parameters']),
    bodyHtml('Body', operation['requestBody']),
    ...entries(operation['responses']).map(([status, response]) => bodyHtml(`Answer ${status}`, response)),
  ];
  const old = operation['deprecated'] === true ? ' <em>(deprecated)</em>' : '';
  return `<details><summary><span class="m">${escaped(method.toUpperCase())}</span> <code>${escaped(path)}</code> <span class="dim">${escaped(
    operation['summary'] ?? '',
  )}${old}</span></summary>${parts.filter(Boolean).join('')}</details>`;
}

function access(security: unknown): string {
  if (!Array.isArray(security)) return '';
  if (security.length === 0) return '<p class="dim">Public.</p>';
  const needs = security
    .flatMap((one) => Object.entries(one as object))
    .map(([scheme, scopes]) => [scheme, ...(scopes as string[])].join(' '));
  return `<p class="dim">Needs ${escaped(needs.join(' or '))}.</p>`;
}

function parameters(list: unknown): string {
  if (!Array.isArray(list) || list.length === 0) return '';
  const rows = list.filter(isNode).map((p) => {
    const schema = isNode(p['schema']) ? p['schema'] : {};
    const type = schema['enum'] ? JSON.stringify(schema['enum']) : (schema['format'] ?? schema['type'] ?? '');
    return `<tr><td><code>${escaped(p['name'])}</code></td><td>${escaped(p['in'])}</td><td>${escaped(type)}</td><td>${p['required'] ? 'required' : ''}</td></tr>`;
  });
  return `<table><tr><th>Parameter</th><th>In</th><th>Type</th><th></th></tr>${rows.join('')}</table>`;
}

function bodyHtml(title: string, holder: unknown): string {
  if (!isNode(holder)) return '';
  const shared = typeof holder['$ref'] === 'string' ? holder['$ref'].split('/').at(-1) : undefined;
  if (shared)
    return `<p><strong>${escaped(title)}</strong> <span class="dim">as ${escaped(shared)} under Schemas</span></p>`;
  const shapes = entries(holder['content']).map(
    ([type, { schema }]) => `<p class="dim">${escaped(type)}</p>${pretty(schema)}`,
  );
  return `<p><strong>${escaped(title)}</strong> <span class="dim">${escaped(holder['description'] ?? '')}</span></p>${shapes.join('')}`;
}
