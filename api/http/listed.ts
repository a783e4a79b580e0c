import type { PublicContext } from './context.ts';
import { shardsAwayHeader } from './shards-away.ts';

/** A page of a list, and what is told beside its rows. */
export type Listed<T> = {
  readonly rows: readonly T[];
  /** Where the pages before and after this one begin; null of an empty page. */
  readonly cursors: { readonly before: string; readonly after: string } | null;
  /** Where what is beside a row begins. */
  readonly cursorOf: (row: T) => string;
  /** Of each shard whose older rows are archived, the sequence from which on the list lacks nothing. */
  readonly coversFrom: readonly number[];
  /** Shards that do not answer, of which the list may lack what was sent last. */
  readonly shardsAway: readonly string[];
};

type Beside = Partial<Pick<Listed<unknown>, 'coversFrom' | 'shardsAway'>>;

export function listed<T>(
  rows: readonly T[],
  cursorOf: (row: T) => number | string,
  { coversFrom = [], shardsAway = [] }: Beside = {},
): Listed<T> {
  const textOf = (row: T): string => String(cursorOf(row));
  const cursors = rows.length === 0 ? null : { before: textOf(rows[0]!), after: textOf(rows.at(-1)!) };
  return { rows, cursors, cursorOf: textOf, coversFrom, shardsAway };
}

/** Answers a page, whose cursors and coverage are headers. */
export function answerListed<T>(ctx: PublicContext, list: Listed<T>, present: (row: T) => unknown): void {
  tellBeside(ctx, list);
  ctx.body = list.rows.map(present);
}

/** A page whose rows are one text of JSON. */
export type ListedText = Omit<Listed<unknown>, 'rows' | 'cursorOf'> & { readonly text: string };

export function answerText(ctx: PublicContext, page: ListedText): void {
  tellBeside(ctx, page);
  answerJsonText(ctx, page.text);
}

/** Koa takes an object too, but looks three times what it is and what type that makes, which costs some 2 µs. */
export function answerJson(ctx: PublicContext, body: unknown): void {
  answerJsonText(ctx, JSON.stringify(body));
}

function answerJsonText(ctx: PublicContext, text: string): void {
  ctx.res.setHeader('Content-Type', 'application/json; charset=utf-8');
  ctx.body = text;
}

/** The same as `answerListed` with rows that are JSON already. */
export function answerListedTexts<T>(ctx: PublicContext, list: Listed<T>, textOf: (row: T) => string): void {
  answerText(ctx, { ...list, text: `[${list.rows.map(textOf).join(',')}]` });
}

function tellBeside(
  ctx: PublicContext,
  { cursors, coversFrom, shardsAway }: Omit<Listed<unknown>, 'rows' | 'cursorOf'>,
): void {
  if (cursors) ctx.set({ 'CB-BEFORE': cursors.before, 'CB-AFTER': cursors.after });
  if (coversFrom.length > 0) ctx.set('Cardstock-Covers-From', coversFrom.join(', '));
  if (shardsAway.length > 0) ctx.set(shardsAwayHeader, shardsAway.join(', '));
}
