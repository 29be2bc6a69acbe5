import { permissionId, type Identity, type User } from '@revenge/sdk';

/** '*' has all; a name without a colon is that plugin's own. */
export function mayDo(identity: Identity, plugin: string, permission: string): boolean {
  const held = identity.permissions;
  return held === '*' || held.includes(permissionId(plugin, permission));
}

/** The caller as a handler of `plugin` sees it. */
export function userFor(identity: Identity, plugin: string): User {
  return {
    id: identity.id,
    name: identity.name,
    credential: identity.credential,
    can: (permission) => mayDo(identity, plugin, permission),
  };
}
