import { BadRequest } from '../errors.ts';
import { type Cursor, cursorFrom } from './merged-cursors.ts';

/** The query of a URL. Keys may come once or more, as `key`, `key[]` or `key[0]`. */
export type Query = {
  readonly one: (key: string) => string | null;
  readonly all: (key: string) => string[];
  /** Whether a key is there without a value, which says nothing and may have been meant to say something. */
  readonly isEmpty: (key: string) => boolean;
};

export function readQuery(querystring: string): Query {
  if (querystring === '') return emptyQuery;
  const given = new URLSearchParams(querystring);
  const all = (key: string): string[] => {
    const values: string[] = [];
    for (const [name, value] of given) if (baseName(name) === key && value !== '') values.push(value);
    return values;
  };
  const isEmpty = (key: string): boolean =>
    [...given].some(([name, value]) => baseName(name) === key && value === '');
  return { all, one: (key) => all(key).at(-1) ?? null, isEmpty };
}

/** The query that another transport's fields come to. What is not given, or empty, is not there. */
export function queryOf(
  fields: Readonly<Record<string, string | number | readonly string[] | null | undefined>>,
): Query {
  const all = (key: string): string[] => {
    const given = fields[key];
    if (given == null || given === '') return [];
    return typeof given === 'object' ? [...given] : [String(given)];
  };
  return { all, one: (key) => all(key).at(-1) ?? null, isEmpty: () => false };
}

const emptyQuery: Query = { one: () => null, all: () => [], isEmpty: () => false };

function baseName(name: string): string {
  return name.endsWith(']') ? name.replace(/\[[0-9]*\]$/, '') : name;
}

/** A page of a list: rows with `after` > cursor > `before`, `limit` at most. */
export type Page = {
  readonly limit: number;
  readonly after: number | null;
  readonly before: number | null;
  /** Oldest first, where newest first is usual. */
  readonly ascending: boolean;
};

const largestPage = 1_000;

export function readPage(query: Query, usualLimit = 100): Page {
  const limit = readWhole(query, 'limit') ?? usualLimit;
  if (limit === 0) throw new BadRequest('Invalid limit: must be at least 1');
  const [after, before] = [readWhole(query, 'after'), readWhole(query, 'before')];
  return { limit: Math.min(limit, largestPage), after, before, ascending: false };
}

/** A page of a list that may be of several shards. */
export type MergedPage = Page & {
  readonly cursors: { readonly after: Cursor | null; readonly before: Cursor | null };
};

export function readMergedPage(query: Query): MergedPage {
  const cursors = { after: readCursor(query, 'after'), before: readCursor(query, 'before') };
  const { limit } = readPage(queryOf({ limit: query.one('limit') }));
  return mergedPage({ limit, ascending: false, cursors });
}

/** A page whose order may be said. The cursors go the way that the list goes: `after` is what comes later in it. */
export function readSortedPage(query: Query): MergedPage {
  const { limit, cursors } = readMergedPage(query);
  const by = query.one('sortedBy');
  if (by !== null && by !== 'created_at') throw new BadRequest('Invalid sortedBy: must be created_at');
  const sorting = query.one('sorting');
  if (sorting !== null && sorting !== 'asc' && sorting !== 'desc')
    throw new BadRequest('Invalid sorting: must be asc or desc');
  const ascending = sorting === 'asc';
  const { after, before } = cursors;
  return mergedPage({ limit, ascending, cursors: ascending ? { after: before, before: after } : cursors });
}

function mergedPage(page: Pick<MergedPage, 'limit' | 'ascending' | 'cursors'>): MergedPage {
  const { after, before } = page.cursors;
  return { ...page, after: after?.row ?? null, before: before?.row ?? null };
}

/** A whole number, or the cursor of a list of several shards. */
function readCursor(query: Query, key: string): Cursor | null {
  const text = query.one(key);
  if (text === null) return null;
  if (!/^[0-9]{1,40}(?::[0-9]{1,16})*$/.test(text))
    throw new BadRequest(`Invalid ${key}: must be a whole number or what CB-BEFORE or CB-AFTER said`);
  return cursorFrom(text.split(':').map((part) => Math.min(Number(part), Number.MAX_SAFE_INTEGER)));
}

/** A whole number that may be absent. One beyond 2^53 counts as 2^53 - 1, since no id or limit is larger. */
export function readWhole(query: Query, key: string): number | null {
  const text = query.one(key);
  if (text === null) return null;
  if (!/^[0-9]{1,40}$/.test(text)) throw new BadRequest(`Invalid ${key}: must be a whole number`);
  return Math.min(Number(text), Number.MAX_SAFE_INTEGER);
}

/** From `start` on and before `end`, as ISO text that PostgreSQL reads too. */
export type Period = { readonly start: string | null; readonly end: string | null };

export function readPeriod(query: Query): Period {
  return { start: readDate(query, 'start_date'), end: readDate(query, 'end_date') };
}

/** Unix milliseconds, given as an ISO 8601 date or as Unix seconds. */
export function readTime(query: Query, key: string): number | null {
  const text = query.one(key);
  if (text !== null && /^\d{1,11}(?:\.\d{1,9})?$/.test(text)) return Number(text) * 1_000;
  const iso = readDate(query, key);
  return iso === null ? null : Date.parse(iso);
}

const isoDate = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)?$/;

function readDate(query: Query, key: string): string | null {
  const text = query.one(key);
  if (text === null) return null;
  const iso = withZone(text);
  const time = isoDate.test(iso) && isDay(iso) ? Date.parse(iso) : Number.NaN;
  if (Number.isNaN(time)) throw new BadRequest(`Invalid ${key}: must be an ISO 8601 date`);
  // Rows have whole milliseconds, so that one is before or after a time between two of them as it is of the later.
  const whole = /\.\d{3}0*[1-9]/.test(iso) ? time + 1 : time;
  return new Date(Math.min(Math.max(whole, firstTime), lastTime)).toISOString();
}

/** What ISO text of four places for the year can say. Where a zone leads beyond, no row is. */
const [firstTime, lastTime] = [Date.parse('0001-01-01T00:00:00Z'), Date.parse('9999-12-31T23:59:59.999Z')];

/** JavaScript takes the 30th of February for the 2nd of March. */
function isDay(iso: string): boolean {
  const [year, month, day] = iso.slice(0, 10).split('-').map(Number) as [number, number, number];
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.getUTCDate() === day && date.getUTCMonth() === month - 1;
}

/** A time without a zone is UTC, whatever zone the server is in. A plus that was not percent-encoded has become a space. */
function withZone(text: string): string {
  const iso = text.replace(/(:\d\d(?:\.\d+)?) (\d\d:?\d\d)$/, '$1+$2');
  return iso.includes('T') && !/(?:Z|[+-]\d\d:?\d\d)$/.test(iso) ? `${iso}Z` : iso;
}
