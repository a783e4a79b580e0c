import type { QuerySqlToken } from 'slonik';

const names = new Map<string, string>();
/** A session keeps each of them for as long as it lives. */
const mostNames = 200;

/**
 * A statement that PostgreSQL parses and plans once in a session, not each time: for what is asked often and has few texts. So
 * limits stand in them as literals, which a plan for all values needs as well.
 */
export function named<T extends QuerySqlToken>(query: T): T {
  const name = names.get(query.sql) ?? newName(query.sql);
  return name === null ? query : Object.freeze({ ...query, name });
}

function newName(text: string): string | null {
  if (names.size === mostNames) return null;
  const name = `named_${names.size + 1}`;
  names.set(text, name);
  return name;
}
