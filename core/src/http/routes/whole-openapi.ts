import { type ContractDef, openapi } from '@revenge/sdk';
import { coreOpenApi } from './core-openapi.ts';

interface Document {
  readonly paths: Readonly<Record<string, unknown>>;
  readonly components: Readonly<Record<string, unknown>> & { readonly schemas: Readonly<Record<string, unknown>> };
}

/** The plugins' routes and the kernel's own in one document, as /api/openapi.json and `revenge openapi` give it. */
export function wholeOpenApi(
  contracts: readonly ContractDef[],
  info: { readonly title: string; readonly version: string },
): Readonly<Record<string, unknown>> {
  const plugins = openapi(contracts, info) as unknown as Document;
  const core = coreOpenApi();
  return {
    ...plugins,
    paths: { ...core.paths, ...plugins.paths },
    components: { ...plugins.components, schemas: { ...core.schemas, ...plugins.components.schemas } },
  };
}
