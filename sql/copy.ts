import { Client, DatabaseError, type QueryResult } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { type CommonQueryMethods, sql } from 'slonik';
import { type Column, encodeRows } from './copy-rows.ts';

/** What each column of a table takes from an element; columns that are not named get their defaults. */
export type Columns<T> = Readonly<Record<string, Column<T>>>;

/** A statement with its values as they are sent. */
export type Statement = (transaction: CommonQueryMethods) => Promise<unknown>;

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
  return (transaction) => transaction.query(query);
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

/**
 * A stream that has failed fails again when its connection ends, and throws where nobody catches it if an answer comes after
 * all. So it is listened to until its end, and one that PostgreSQL did not refuse itself takes its connection along.
 */
async function sendCopy(client: Client, text: string, data: Buffer): Promise<Partial<QueryResult>> {
  const copy = Reflect.apply(query, client, [copyFrom(text)]) as ReturnType<typeof copyFrom>;
  const sent = new Promise<void>((resolve, reject) => copy.on('error', reject).on('finish', resolve));
  copy.end(data);
  try {
    await sent;
  } catch (error) {
    if (!(error instanceof DatabaseError)) client.connection.stream.destroy(error as Error);
    throw error;
  }
  return { command: 'COPY', fields: [], rows: [], rowCount: copy.rowCount };
}
