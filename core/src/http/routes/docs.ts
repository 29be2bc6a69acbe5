import type { HttpDeps } from '../http-deps.ts';
import type { CoreRoute } from './core-call.ts';
import { docsPage } from './docs-page.ts';
import { PAGE_POLICY } from './page.ts';
import { toYaml } from './yaml.ts';

/** The API's description, for programs and for people. Made anew when what is mounted changed. */
export function docsRoutes({ plugins }: HttpDeps): CoreRoute[] {
  const made = new WeakMap<object, Map<string, string>>();
  const once = (kind: string, make: (document: Readonly<Record<string, unknown>>) => string): string => {
    const document = plugins().openapi();
    const kept = made.get(document) ?? new Map<string, string>();
    made.set(document, kept);
    let text = kept.get(kind);
    if (text === undefined) kept.set(kind, (text = make(document)));
    return text;
  };
  return [
    {
      method: 'get',
      path: '/api/openapi.json',
      run: (call) => call.text('application/json; charset=utf-8', once('json', JSON.stringify)),
    },
    { method: 'get', path: '/api/openapi.yaml', run: (call) => call.text('application/yaml', once('yaml', toYaml)) },
    {
      method: 'get',
      path: '/api/docs',
      run: (call) =>
        call.text('text/html; charset=utf-8', once('html', docsPage), { 'content-security-policy': PAGE_POLICY }),
    },
  ];
}
