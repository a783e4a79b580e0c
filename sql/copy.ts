import { Client, type QueryResult } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { type CommonQueryMethods, sql } from 'slonik';
import { type Column, encodeRows } from './copy-rows.ts';

/** What each column of a table takes from an element; columns that are not named get their defaults. */
export type Columns<T> = Readonly<Record<string, Column<T>>>;

/** A statement with its values as they are sent. */
export type Statement = (transaction: CommonQueryMethods) => Promise<void>;

/**
 * Adds a row for each element, by one COPY. The rows are encoded at once, so that the elements need not be kept; what is sent,
 * transactions and errors are those of any other statement.
 */
export function copyRows<T>(table: string, columns: Columns<T>, elements: readonly T[]): Statement {
  const names = sql.join(
    Object.keys(columns).map((name) => sql.identifier([name])),
    sql.fragment`, `,
  );
  const data = sql.binary(encodeRows(Object.values(columns), elements));
  const query = sql.unsafe`copy ${sql.identifier([table])} (${names}) from stdin (format binary) /* ${data} */`;
  return async (transaction) => {
    await transaction.query(query);
  };
}

/**
 * Slonik has no COPY and keeps the driver's client to itself, so the client learns it: a COPY statement sends its only
 * value, a buffer, as its data. Every other statement is as it was.
 */
const { query } = Client.prototype;
Client.prototype.query = function (this: Client, ...given: unknown[]): unknown {
  const [text, values] = given;
  if (typeof text === 'string' && text.startsWith('copy ') && Array.isArray(values))
    return sendCopy(this, text, values[0]);
  return Reflect.apply(query, this, given);
} as typeof query;

function sendCopy(client: Client, text: string, data: Buffer): Promise<Partial<QueryResult>> {
  return new Promise((resolve, reject) => {
    const copy = Reflect.apply(query, client, [copyFrom(text)]) as ReturnType<typeof copyFrom>;
    copy.once('error', reject);
    copy.once('finish', () => resolve({ command: 'COPY', fields: [], rows: [], rowCount: copy.rowCount }));
    copy.end(data);
  });
}
