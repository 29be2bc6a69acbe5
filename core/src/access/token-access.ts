import type { IncomingMessage } from 'node:http';
import { parse } from 'node:querystring';
import { type Access, type Authenticator, type Identity, permissionId, problem, type User } from '@revenge/sdk';
import type { AccessControl, Authenticators, Caller, Gate, PathParams, Ticket } from './access-control.ts';
import { basicPassword, credentialOf } from './credentials.ts';
import { sameSecret } from './same-secret.ts';

/** '*' has all; a name without a colon is that plugin's own. */
function mayDo(identity: Identity, plugin: string, permission: string): boolean {
  const held = identity.permissions;
  return held === '*' || held.includes(permissionId(plugin, permission));
}

/** Who passes, asked of the Authenticator alone; the kernel holds no users. */
export class TokenAccess implements AccessControl {
  constructor(readonly authenticators: Authenticators) {}

  gate(plugin: string, access: Exclude<Access, 'webhook'>): Gate {
    return new TokenGate(plugin, access, this.authenticators);
  }

  user(identity: Identity, plugin: string): User {
    return {
      id: identity.id,
      name: identity.name,
      credential: identity.credential,
      can: (permission) => mayDo(identity, plugin, permission),
    };
  }

  /** `?secret=`, `X-Webhook-Secret`, or the password of Basic. */
  showsSecret(req: IncomingMessage, search: string, secret: string | undefined): boolean {
    if (secret === undefined || secret === '') return false;
    const shown = shownSecret(req, search);
    return shown !== undefined && sameSecret(shown, secret);
  }
}

function shownSecret(req: IncomingMessage, search: string): string | undefined {
  const { secret } = search === '' ? {} : parse(search);
  if (typeof secret === 'string') return secret;
  const header = req.headers['x-webhook-secret'];
  return typeof header === 'string' ? header : basicPassword(req);
}

class TokenGate implements Gate {
  constructor(
    readonly plugin: string,
    readonly access: Exclude<Access, 'webhook'>,
    readonly authenticators: Authenticators,
  ) {}

  isOpenTo(req: IncomingMessage): boolean {
    return (
      this.access === 'public' && req.headers.authorization === undefined && req.headers['x-api-key'] === undefined
    );
  }

  async check(caller: Caller, params: PathParams, link: Ticket | undefined): Promise<Identity | undefined> {
    const { access } = this;
    if (access === 'public' && !link) return this.#visitor(caller);
    const authenticator = this.authenticators.current();
    if (!authenticator)
      throw problem.unavailable('Nobody can sign in yet: the plugin that knows the users is not ready.', '5s');
    const identity = link ? await byLink(authenticator, link) : await shown(authenticator, caller);
    if (!identity) throw problem.unauthorized(link ? 'This link is no longer good.' : 'Sign in first.');
    if (typeof access === 'object') await this.#allow(access, authenticator, identity, params);
    return identity;
  }

  /** A credential that is no good makes a visitor of its holder: what is public is public. */
  async #visitor(caller: Caller): Promise<Identity | undefined> {
    const authenticator = this.authenticators.current();
    return authenticator && shown(authenticator, caller);
  }

  async #allow(
    access: Exclude<Access, string>,
    authenticator: Authenticator,
    identity: Identity,
    params: PathParams,
  ): Promise<void> {
    if ('permission' in access) {
      if (!mayDo(identity, this.plugin, access.permission))
        throw problem.forbidden(`This needs the permission '${permissionId(this.plugin, access.permission)}'.`);
      return;
    }
    const id = params[access.of];
    // refused looks like missing, so that nobody learns what exists
    if (id === undefined || !(await authenticator.holds(identity.id, access.grant, id)))
      throw problem.notFound(access.of.replace(/_?id$/i, '') || 'thing');
  }
}

function shown(authenticator: Authenticator, caller: Caller): Promise<Identity | undefined> | undefined {
  const credential = credentialOf(caller.req);
  if (!credential) return undefined;
  return authenticator.authenticate({
    ...credential,
    address: caller.address(),
    agent: caller.req.headers['user-agent'] ?? '',
  });
}

async function byLink(authenticator: Authenticator, link: Ticket): Promise<Identity | undefined> {
  const identity = await authenticator.identity(link.user, link.credential);
  return identity && { ...identity, credential: { kind: 'link', id: link.credential ?? identity.credential.id } };
}
