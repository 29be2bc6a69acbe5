import { definePlugin } from '@revenge/sdk';
import { contract } from './contract.ts';
import { grantTable } from './grants.ts';
import { purgeExpired } from './jobs/purge-expired.ts';
import { buildParts } from './parts.ts';
import { changePassword } from './routes/change-password.ts';
import { currentSession } from './routes/current-session.ts';
import { endCurrentSession } from './routes/end-current-session.ts';
import { endSession } from './routes/end-session.ts';
import { endSessions } from './routes/end-sessions.ts';
import { listSessions } from './routes/list-sessions.ts';
import { login } from './routes/login.ts';
import { logout } from './routes/logout.ts';
import { me } from './routes/me.ts';
import { refresh } from './routes/refresh.ts';
import { register } from './routes/register.ts';
import { serverInfo } from './routes/server-info.ts';

export default definePlugin(contract, async (ctx) => {
  const parts = await buildParts(ctx);
  const { access, firstAccount, gauge, sessions } = parts;
  const warn = (error: unknown): void =>
    ctx.log.warn('auth: the database did not take the sessions’ activity', { error });

  return ctx.implement({
    routes: {
      'POST /auth/register': register(ctx, parts),
      'POST /auth/login': login(ctx, parts),
      'POST /auth/refresh': refresh(ctx, parts),
      'POST /auth/logout': logout(parts),
      'POST /auth/change-password': changePassword(parts),
      'POST /sessions/refresh': refresh(ctx, parts),
      'GET /sessions': listSessions(parts),
      'DELETE /sessions': endSessions(parts),
      'GET /sessions/current': currentSession(parts),
      'DELETE /sessions/current': endCurrentSession(parts),
      'DELETE /sessions/:sessionId': endSession(parts),
      'GET /users/me': me(parts),
      'GET /server/info': serverInfo(ctx, parts),
    },
    jobs: { purgeExpired: purgeExpired(ctx, parts) },
    listens: {
      sessionRevoked: ({ user_id }) => access.forget(user_id),
      accessChanged: ({ user_id }) => access.forget(user_id),
      firstAccountCreated: () => firstAccount.done(),
    },
    provides: { authenticator: access.service(), grants: grantTable(ctx, access.forget) },
    async start() {
      await firstAccount.start();
      await gauge.count();
      ctx.clock.every('15s', () => gauge.changed());
      ctx.clock.every('30s', () => sessions.writeActivity().catch(warn));
    },
    async stop() {
      await sessions.writeActivity().catch(warn);
      await gauge.idle();
    },
  });
});
