import type { TestKernelOptions } from '@revenge/sdk/testing';

/** fetch for a test: a host that the test names goes to its small server or handler, any other one is refused by name. */
export function routedFetch(upstreams: NonNullable<TestKernelOptions['upstreams']>): typeof fetch {
  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const to = upstreams[url.host] ?? upstreams[url.hostname];
    if (to === undefined) throw new TypeError(`the test names no upstream '${url.host}'`);
    if (typeof to === 'function') return to(new Request(input, init));
    const target = new URL(url.pathname + url.search, to);
    return fetch(input instanceof Request ? new Request(target, input) : target, init);
  };
}
