import { z } from 'zod';
import { Authenticator, defineContract, defineRoutes, event, nothing, service } from '@revenge/sdk';
import {
  newPassword,
  plain,
  Refreshed,
  RefreshRequest,
  SessionInfo,
  tokens,
  User,
  username,
} from './account-schemas.ts';

/** What a user holds on one thing of another plugin: 'library:view' on a library. */
export interface Grant {
  readonly id: string;
  readonly user_id: string;
  readonly grant: string;
  readonly resource_id: string;
  /** Grants that come with it: who holds 'library:manage' also holds 'library:view'. */
  readonly includes: readonly string[];
  readonly created_at: string;
}
/** Who may do what with which thing. Whoever owns the things (the library plugin) writes it; the kernel reads it through Authenticator. */
export interface Grants {
  /** Given twice it is one grant, with the later `includes`. Problem 404 for an unknown user. */
  grant(given: {
    readonly user_id: string;
    readonly grant: string;
    readonly resource_id: string;
    readonly includes?: readonly string[];
  }): Promise<Grant>;
  /** false: the user did not hold it. Effective on every node within a second. */
  revoke(userId: string, grant: string, resourceId: string): Promise<boolean>;
  /** For a thing that is gone. */
  revokeAll(resourceId: string): Promise<void>;
  /** Oldest first; of one user with `userId`. */
  list(resourceId: string, userId?: string): Promise<readonly Grant[]>;
}
/** The token of the service that keeps grants. */
export const Grants = service<Grants>('auth.grants@1.0');

/** Sessions ended: what was opened with them (links, streams, playback) has to end too. */
export const SessionRevoked = event('auth.session-revoked@1.0', {
  payload: z.object({ user_id: z.uuid(), session_ids: z.array(z.uuid()).max(150) }),
  delivery: 'live',
});
/** What the user may do or see changed: forget what was kept about it. */
export const AccessChanged = event('auth.access-changed@1.0', {
  payload: z.object({ user_id: z.uuid() }),
  delivery: 'live',
});
/** The first account, the administrator, exists. */
export const FirstAccountCreated = event('auth.first-account-created@1.0', {
  payload: z.object({ user_id: z.uuid() }),
  delivery: 'live',
});

const accountRoutes = defineRoutes({
  'POST /auth/register': {
    access: 'public',
    tag: 'Auth',
    summary: 'Create an account',
    description:
      'The first account becomes the administrator. It is taken from this machine itself, or from anywhere with the setup code that the server printed at its start.',
    limit: '30/m',
    body: z.object({
      username,
      email: z.email().max(254),
      password: newPassword,
      display_name: plain(100).optional(),
      setup_code: z.string().max(100).optional(),
    }),
    responses: { 201: User },
  },
  'GET /users/me': { access: 'user', tag: 'Users', summary: 'Who am I', responses: { 200: User } },
  'POST /auth/change-password': {
    access: 'user',
    tag: 'Auth',
    summary: 'Change the own password',
    description: 'Ends all other sessions of the user.',
    body: z.object({ old_password: z.string().max(1024), new_password: newPassword }),
    responses: { 204: nothing },
  },
  'GET /server/info': {
    access: 'public',
    tag: 'Server',
    summary: 'What a client may know before it signs in',
    responses: {
      200: z.object({ name: z.string(), first_account_needed: z.boolean(), registration: z.enum(['open', 'closed']) }),
    },
  },
});
const sessionRoutes = defineRoutes({
  'POST /auth/login': {
    access: 'public',
    tag: 'Auth',
    summary: 'Sign in with username or e-mail and password',
    limit: '120/m',
    body: z.object({
      username: z.string().min(1).max(254),
      password: z.string().min(1).max(1024),
      device_name: plain(100).optional(),
    }),
    responses: { 200: z.object({ user: User, ...tokens }) },
  },
  'POST /auth/refresh': {
    access: 'public',
    tag: 'Auth',
    summary: 'Get a new access token and the next refresh token',
    limit: '120/m',
    body: RefreshRequest,
    responses: { 200: Refreshed },
  },
  'POST /auth/logout': {
    access: 'public',
    tag: 'Auth',
    summary: 'End the session of a refresh token, or all of that user',
    description: 'Needs no access token: whoever holds the refresh token may end it.',
    limit: '120/m',
    body: RefreshRequest.extend({ logout_all: z.boolean().optional() }),
    responses: { 204: nothing },
  },
  'POST /sessions/refresh': {
    access: 'public',
    tag: 'Sessions',
    summary: 'The same as POST /auth/refresh',
    limit: '120/m',
    body: RefreshRequest,
    responses: { 200: Refreshed },
  },
  'GET /sessions': {
    access: 'user',
    tag: 'Sessions',
    summary: 'The own sessions, last used first',
    responses: { 200: z.object({ sessions: z.array(SessionInfo), total: z.int() }) },
  },
  'DELETE /sessions': {
    access: 'user',
    tag: 'Sessions',
    summary: 'End all own sessions, this one included',
    responses: { 204: nothing },
  },
  'GET /sessions/current': {
    access: 'user',
    tag: 'Sessions',
    summary: 'The session of this request',
    responses: { 200: SessionInfo },
  },
  'DELETE /sessions/current': {
    access: 'user',
    tag: 'Sessions',
    summary: 'End the session of this request',
    responses: { 204: nothing },
  },
  'DELETE /sessions/:sessionId': {
    access: 'user',
    tag: 'Sessions',
    summary: 'End one of the own sessions',
    params: z.object({ sessionId: z.uuid() }),
    responses: { 204: nothing },
  },
});

/** Accounts, sessions and grants. */
export const contract = defineContract({
  id: 'auth',
  title: 'Accounts and sign-in',
  sdk: '^1.0',
  base: '',
  config: z.object({
    server_name: z
      .string()
      .trim()
      .min(1)
      .max(100)
      .default('Revenge')
      .describe('What clients show as the name of this server'),
    registration: z
      .enum(['open', 'closed'])
      .default('open')
      .describe('Whether anybody who reaches the server may create an account. The first one can always be made.'),
  }),
  provides: { authenticator: Authenticator, grants: Grants },
  emits: { sessionRevoked: SessionRevoked, accessChanged: AccessChanged, firstAccountCreated: FirstAccountCreated },
  listens: { sessionRevoked: SessionRevoked, accessChanged: AccessChanged, firstAccountCreated: FirstAccountCreated },
  database: {
    entities: [
      () => import('./entities/user.entity.ts'),
      () => import('./entities/session.entity.ts'),
      () => import('./entities/grant.entity.ts'),
    ],
    migrations: [() => import('./migrations/1764000000000-accounts.migration.ts')],
  },
  routes: { ...accountRoutes, ...sessionRoutes },
  jobs: { purgeExpired: { cron: '17 * * * *', timeout: '5m' } },
  metrics: {
    attempts: {
      type: 'counter',
      help: 'Attempts to sign in, register or refresh',
      labels: {
        method: [
          'login',
          'register',
          'verify_email',
          'mfa',
          'backup_code',
          'oidc',
          'passkey',
          'device',
          'refresh',
          'reset_password',
          'api_key',
        ],
        status: ['success', 'failure'],
      },
    },
    sessionsActive: {
      type: 'gauge',
      name: 'revenge_sessions_active_total',
      help: 'Sessions that can be refreshed, on all nodes',
    },
  },
});
