import type { IncomingMessage } from 'node:http';
import { parse } from 'node:querystring';
import { type Access, type Authenticator, type Identity, permissionId, problem, type User } from '@revenge/sdk';
import type { AccessControl, Authenticators, Caller, Checked, Gate, PathParams, Ticket } from './access-control.ts';
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

  check(caller: Caller, params: PathParams, link: Ticket | undefined): Checked {
    const authenticator = this.authenticators.current();
    // a credential that is no good makes a visitor of its holder: what is public is public
    if (this.access === 'public' && !link) return authenticator && shown(authenticator, caller);
    if (!authenticator)
      throw problem.unavailable('Nobody can sign in yet: the plugin that knows the users is not ready.', '5s');
    const identity = link ? byLink(authenticator, link) : shown(authenticator, caller);
    const judge = (known: Identity | undefined): Checked => this.#judge(authenticator, known, params, link);
    return identity instanceof Promise ? identity.then(judge) : judge(identity);
  }

  #judge(
    authenticator: Authenticator,
    identity: Identity | undefined,
    params: PathParams,
    link: Ticket | undefined,
  ): Checked {
    if (!identity) throw problem.unauthorized(link ? 'This link is no longer good.' : 'Sign in first.');
    const { access } = this;
    if (typeof access !== 'object') return identity;
    if ('permission' in access) {
      if (!mayDo(identity, this.plugin, access.permission))
        throw problem.forbidden(`This needs the permission '${permissionId(this.plugin, access.permission)}'.`);
      return identity;
    }
    return held(authenticator, identity, access, params);
  }
}

async function held(
  authenticator: Authenticator,
  identity: Identity,
  access: Extract<Access, { readonly grant: unknown }>,
  params: PathParams,
): Promise<Identity> {
  const id = params[access.of];
  // refused looks like missing, so that nobody learns what exists
  if (id === undefined || !(await authenticator.holds(identity.id, access.grant, id)))
    throw problem.notFound(access.of.replace(/_?id$/i, '') || 'thing');
  return identity;
}

const ANSWER = Symbol('answer');
interface Answered extends Promise<Identity | undefined> {
  [ANSWER]?: Identity;
}

/** An authenticator that keeps its answers gives the same promise again: what came of it the first time is then known without waiting. */
function shown(authenticator: Authenticator, { req, address }: Caller): Checked {
  const credential = credentialOf(req);
  if (!credential) return undefined;
  const answer: Answered | undefined = authenticator.authenticate({
    scheme: credential.scheme,
    secret: credential.secret,
    address: address(),
    agent: req.headers['user-agent'] ?? '',
  });
  return answer?.[ANSWER] ?? remembered(answer);
}

async function remembered(answer: Answered | undefined): Promise<Identity | undefined> {
  const identity = await answer;
  if (identity && answer && Object.isExtensible(answer)) answer[ANSWER] = identity;
  return identity;
}

async function byLink(authenticator: Authenticator, link: Ticket): Promise<Identity | undefined> {
  const identity = await authenticator.identity(link.user, link.credential);
  return identity && { ...identity, credential: { kind: 'link', id: link.credential ?? identity.credential.id } };
}
