export const OPERATIONS = ['select', 'insert', 'update', 'delete', 'begin', 'commit', 'rollback', 'other'] as const;
export type Operation = (typeof OPERATIONS)[number];

const WORD: Readonly<Record<string, Operation>> = {
  select: 'select',
  insert: 'insert',
  update: 'update',
  delete: 'delete',
  begin: 'begin',
  start: 'begin',
  commit: 'commit',
  end: 'commit',
  rollback: 'rollback',
  abort: 'rollback',
};
const FIRST = /^(?:\s|--[^\n]*\n|\/\*.*?\*\/|\()*([a-z]+)/is;
const MAIN = /\b(insert\s+into|update|delete\s+from|merge\s+into)\b/i;

/** What kind of statement this is, for metrics: told from its first word; WITH by what it writes, if anything. */
export function operationOf(sql: string): Operation {
  const word = FIRST.exec(sql.length > 400 ? sql.slice(0, 400) : sql)?.[1]?.toLowerCase() ?? '';
  if (word !== 'with') return WORD[word] ?? 'other';
  const main = MAIN.exec(sql)?.[1]?.slice(0, 6).toLowerCase();
  return main === undefined ? 'select' : (WORD[main] ?? 'other');
}
