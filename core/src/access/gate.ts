import type { IncomingMessage } from 'node:http';
import { type Access, type Authenticator, type Identity, problem } from '@revenge/sdk';
import type { Authenticators } from './access-control.ts';
import { credentialOf } from './credentials.ts';
import { mayDo } from './user.ts';

type Params = Readonly<Record<string, string | undefined>>;
export interface Caller {
  readonly req: IncomingMessage;
  /** Worked out only for those who show something. */
  address(): string;
}
/** Whom a verified signed link names. */
export interface LinkHolder {
  readonly user: string;
  readonly credential: string | undefined;
}

export const noAuthenticator = (): Error =>
  problem.unavailable('Nobody can sign in yet: the plugin that knows the users is not ready.', '5s');

/** One route's door: who may pass, asked of the Authenticator alone. */
export class Gate {
  constructor(
    readonly plugin: string,
    readonly access: Exclude<Access, 'webhook'>,
    readonly authenticators: Authenticators,
  ) {}

  /** Public, and the caller shows nothing that could be looked up. */
  isOpenTo(req: IncomingMessage): boolean {
    return (
      this.access === 'public' && req.headers.authorization === undefined && req.headers['x-api-key'] === undefined
    );
  }

  /** The caller, or undefined for a visitor of a public route. Throws Problem 401, 403, 404 or 503. */
  async check(caller: Caller, params: Params, link: LinkHolder | undefined): Promise<Identity | undefined> {
    const { access } = this;
    if (access === 'public' && !link) return this.#visitor(caller);
    const authenticator = this.authenticators.current();
    if (!authenticator) throw noAuthenticator();
    const identity = link ? await byLink(authenticator, link) : await shown(authenticator, caller);
    if (!identity) throw problem.unauthorized(link ? 'This link is no longer good.' : 'Sign in first.');
    if (typeof access === 'object') await this.#allow(authenticator, identity, params);
    return identity;
  }

  /** A credential that is no good makes a visitor of its holder: what is public is public. */
  async #visitor(caller: Caller): Promise<Identity | undefined> {
    const authenticator = this.authenticators.current();
    return authenticator && shown(authenticator, caller);
  }

  async #allow(authenticator: Authenticator, identity: Identity, params: Params): Promise<void> {
    const { access } = this;
    if (typeof access !== 'object') return;
    if ('permission' in access) {
      if (!mayDo(identity, this.plugin, access.permission))
        throw problem.forbidden(`This needs the permission '${access.permission}'.`);
      return;
    }
    const id = params[access.of];
    if (id === undefined || !(await authenticator.holds(identity.id, access.grant, id)))
      throw problem.notFound(access.of.replace(/_?id$/i, '') || 'thing');
  }
}

async function shown(authenticator: Authenticator, caller: Caller): Promise<Identity | undefined> {
  const credential = credentialOf(caller.req);
  if (!credential) return undefined;
  return authenticator.authenticate({
    ...credential,
    address: caller.address(),
    agent: caller.req.headers['user-agent'] ?? '',
  });
}

async function byLink(authenticator: Authenticator, link: LinkHolder): Promise<Identity | undefined> {
  const identity = await authenticator.identity(link.user, link.credential);
  return identity && { ...identity, credential: { kind: 'link', id: link.credential ?? identity.credential.id } };
}
