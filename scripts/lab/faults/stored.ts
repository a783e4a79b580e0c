// What PostgreSQL has of all that was sent.

import type { Client } from 'pg';

export type OrderRow = {
  readonly id: number;
  readonly trader_id: number;
  readonly product_id: string;
  readonly side: string;
  readonly price: number | null;
  readonly client_oid: string | null;
  readonly status: string;
  readonly done_reason: string | null;
  readonly reject_reason: string | null;
  readonly filled_size: number;
  readonly executed_value: number;
  /** As it rests: in ticks and lots. */
  readonly resting_price: number | null;
  /** Of an iceberg, what it shows. */
  readonly remaining: number | null;
};

export type Stored = {
  readonly orders: ReadonlyMap<number, OrderRow>;
  /** `<trader> <client order id>` → the ids of all orders that have it. */
  readonly byClientOid: ReadonlyMap<string, readonly number[]>;
  /** Request id → the sequences that it was given. */
  readonly requests: ReadonlyMap<string, readonly number[]>;
  /** Sequence of a command that is no order → why it was refused. */
  readonly commands: ReadonlyMap<number, string | null>;
  /** `<shard> <transfer id>` → a movement of money in a shard. Both halves of a transfer between shards have its id. */
  readonly transfers: ReadonlyMap<string, TransferRow>;
  /** Transfer id → how a transfer between shards ended. */
  readonly between: ReadonlyMap<string, string>;
  /** Product id → its status. */
  readonly products: ReadonlyMap<string, string>;
  /** Auctions that ended with trades, and how many these were. */
  readonly uncrossed: { readonly auctions: number; readonly trades: number };
};

const pageSize = 20_000;

export async function readStored(client: Client): Promise<Stored> {
  const orders = new Map<number, OrderRow>();
  const byClientOid = new Map<string, number[]>();
  await eachRow<OrderRow>(client, { table: 'orders_now', key: 'id', columns: orderColumns }, (row) => {
    orders.set(row.id, row);
    if (row.client_oid !== null) push(byClientOid, nameOf(row.trader_id, row.client_oid), row.id);
  });
  const requests = new Map<string, number[]>();
  const ofRequests = { table: 'requests', key: 'first_sequence', columns: requestColumns };
  await eachRow<RequestRow>(client, ofRequests, ({ first, last, request_id: id }) => {
    for (let sequence = first; sequence <= last; sequence++) push(requests, id, sequence);
  });
  const commands = new Map<number, string | null>();
  const ofCommands = { table: 'commands', key: 'sequence', columns: 'sequence::float8, reject_reason' };
  await eachRow<CommandRow>(client, ofCommands, (row) => commands.set(row.sequence, row.reject_reason));
  const { rows } = await client.query<TransferRow & { shard: string; transfer_id: string }>(
    `select shard, transfer_id, movement, trader_id, reject_reason, amount::float8 from transfers`,
  );
  const transfers = new Map(rows.map((row) => [nameOf(row.shard, row.transfer_id), row]));
  const noted = await client.query<{ transfer_id: string; status: string }>(
    'select transfer_id, status from shard_transfers',
  );
  const between = new Map(noted.rows.map((row) => [row.transfer_id, row.status]));
  const products = new Map(
    (await client.query<ProductRow>(productRows)).rows.map((row) => [row.product_id, row.status]),
  );
  const {
    rows: [uncrossed],
  } = await client.query<Stored['uncrossed']>(uncrossedRow);
  return { orders, byClientOid, requests, commands, transfers, between, products, uncrossed: uncrossed! };
}

/** Of an order, by its trader and its client order id; of a movement, by its shard and its transfer id. */
export function nameOf(whose: number | string, id: string): string {
  return `${whose} ${id}`;
}

const orderColumns = `id::float8, trader_id, product_id, side, price::float8, client_oid, status, done_reason,
  reject_reason, filled_size::float8, executed_value::float8,
  current_price::float8 as resting_price, shown_size::float8 as remaining`;
const requestColumns = 'first_sequence::float8 as first, last_sequence::float8 as last, request_id';

const productRows = 'select product_id, status from products';
/** The command that changes a product trades nothing else. */
const uncrossedRow = `select count(distinct sequence)::float8 as auctions, count(*)::float8 as trades
  from trades join commands using (sequence) where line like 'product %'`;

type ProductRow = { readonly product_id: string; readonly status: string };
type RequestRow = { readonly first: number; readonly last: number; readonly request_id: string };
type CommandRow = { readonly sequence: number; readonly reject_reason: string | null };
export type TransferRow = {
  readonly movement: string;
  readonly trader_id: number;
  readonly reject_reason: string | null;
  /** In units of its currency. */
  readonly amount: number;
};

type Table = { readonly table: string; readonly key: string; readonly columns: string };

/** In pages, so that a long run does not have to fit into one answer. */
async function eachRow<R extends object>(
  client: Client,
  { table, key, columns }: Table,
  take: (row: R) => void,
): Promise<void> {
  let after = -1;
  for (;;) {
    const text = `select ${columns}, ${key}::float8 as page_key from ${table} where ${key} > $1 order by ${key} limit ${pageSize}`;
    const { rows } = await client.query<R & { page_key: number }>(text, [after]);
    for (const row of rows) take(row);
    if (rows.length < pageSize) return;
    after = rows.at(-1)!.page_key;
  }
}

function push<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}
