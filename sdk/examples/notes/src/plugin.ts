import { randomUUID } from 'node:crypto';
import { definePlugin, problem } from '@revenge/sdk';
import { contract } from './contract.ts';
import { NoteEntity, type NoteRow } from './entities/note.entity.ts';

export default definePlugin(contract, ({ config, db, clock, jobs, metrics, log, implement }) => {
  const count = async (userId: string): Promise<number> => {
    const [row] = await db.sql<{ n: number }>`select count(*)::int as n from note where user_id = ${userId}`;
    return row?.n ?? 0;
  };
  const shown = ({ id, text, created_at }: NoteRow) => ({ id, text, created_at: created_at.toISOString() });

  return implement({
    routes: {
      'GET /': async ({ user, query }) => {
        const items = await db.sql<NoteRow>`
          select id, user_id, text, created_at from note
          where user_id = ${user.id} order by created_at desc, id desc limit ${query.limit}`;
        return { items: items.map(shown) };
      },
      // #region transaction
      'POST /': async ({ user, body }) => {
        if ((await count(user.id)) >= config.max)
          throw problem.conflict(`You have ${config.max} notes: remove one first.`);
        const note = { id: randomUUID(), user_id: user.id, text: body.text, created_at: clock.now() };
        await db.transaction(async (tx) => {
          await tx.repository(NoteEntity).insert(note);
          await tx.events.noteAdded.emit({ id: note.id, user_id: user.id, text: note.text });
        });
        return shown(note);
      },
      // #endregion
      'POST /tidy': async ({ reply }) => {
        await jobs.tidy.enqueue({ days: 365 });
        return reply(202);
      },
    },
    // #region job
    jobs: {
      tidy: async ({ input, signal }) => {
        const before = new Date(clock.now().getTime() - input.days * 86_400_000);
        const rows = await metrics.tidyTime.time(
          () => db.sql<{ id: string }>`delete from note where created_at < ${before} returning id`,
        );
        signal.throwIfAborted();
        metrics.removed.inc({ why: 'old' }, rows.length);
        log.info('tidied', { removed: rows.length });
      },
    },
    // #endregion
    // #region listener
    listens: {
      noteAdded: (note, { attempt }) => {
        if (attempt === 1) metrics.added.inc();
        log.debug('note added', { note: note.id });
      },
    },
    // #endregion
    provides: { notes: { count } },
  });
});
