// What would be written without us: one PostgreSQL transaction for each order, with row locks, best price by index.
//
// A row of its product is locked first. Without that, two orders that cross could both miss the other and rest.
// Two forms: statements of the application, and one call of a function inside the database, which saves the round trips.

import { Client } from 'pg';
import type { BenchExchange } from '../exchange.ts';
import { type BenchOrder, createOrders, type Mix } from '../orders.ts';

const connections = 50;
const schema = 'row_lock';

const tables = `
  create schema ${schema};
  set search_path to ${schema};
  create table products (product_id text primary key);
  create table orders (
    id bigint generated always as identity primary key,
    trader_id integer not null, product_id text not null, side text not null, price bigint not null,
    size bigint not null, remaining bigint not null, status text not null, created_at timestamptz not null default now()
  ) with (fillfactor = 85);
  create index orders_by_trader on orders (trader_id, id);
  create index orders_by_price on orders (product_id, side, price, id) where status = 'open';
  create index orders_by_price_down on orders (product_id, side, price desc, id) where status = 'open';
  create table trades (
    id bigint generated always as identity primary key,
    product_id text not null, maker_order_id bigint not null, taker_order_id bigint not null, price bigint not null,
    size bigint not null, created_at timestamptz not null default now()
  );`;

const addOrder = `insert into orders (trader_id, product_id, side, price, size, remaining, status)
  values ($1, $2, $3, $4, $5, $6, 'open') returning id`;
const bestOf = {
  buy: `select id, price, remaining from orders where product_id = $1 and side = 'sell' and status = 'open' and price <= $2
    order by price, id limit 1 for update`,
  sell: `select id, price, remaining from orders where product_id = $1 and side = 'buy' and status = 'open' and price >= $2
    order by price desc, id limit 1 for update`,
};
const takeFrom = `update orders set remaining = remaining - $2,
  status = case when remaining = $2 then 'done' else 'open' end where id = $1`;
const addTrade = `insert into trades (product_id, maker_order_id, taker_order_id, price, size) values ($1, $2, $3, $4, $5)`;
const lockProduct = 'select from products where product_id = $1 for update';

const placeFunction = `
  create function place(trader integer, product text, side text, price bigint, size bigint) returns bigint
  language plpgsql as $$
  declare
    own bigint; maker record; lots bigint; left_over bigint := size;
  begin
    perform from products p where p.product_id = product for update;
    insert into orders (trader_id, product_id, side, price, size, remaining, status)
      values (trader, product, side, price, size, size, 'open') returning id into own;
    while left_over > 0 loop
      if side = 'buy' then
        select o.id, o.price, o.remaining into maker from orders o where o.product_id = product and o.side = 'sell'
          and o.status = 'open' and o.price <= place.price order by o.price, o.id limit 1 for update;
      else
        select o.id, o.price, o.remaining into maker from orders o where o.product_id = product and o.side = 'buy'
          and o.status = 'open' and o.price >= place.price order by o.price desc, o.id limit 1 for update;
      end if;
      exit when not found;
      lots := least(left_over, maker.remaining);
      update orders o set remaining = o.remaining - lots,
        status = case when o.remaining = lots then 'done' else 'open' end where o.id in (maker.id, own);
      insert into trades (product_id, maker_order_id, taker_order_id, price, size)
        values (product, maker.id, own, maker.price, lots);
      left_over := left_over - lots;
    end loop;
    return own;
  end
  $$`;

type PlaceOrder = (client: Client, order: BenchOrder) => Promise<void>;
type Maker = { readonly id: string; readonly price: string; readonly remaining: string };

const named = (client: Client, name: string, text: string, values: unknown[]) =>
  client.query({ name, text, values });

const byStatements: PlaceOrder = async (client, { traderId, productId, side, price, size }) => {
  await client.query('begin');
  await named(client, 'lock', lockProduct, [productId]);
  const { rows } = await named(client, 'add', addOrder, [traderId, productId, side, price, size, size]);
  const { id } = rows[0] as { id: string };
  for (let left = size; left > 0; ) {
    const best = await named(client, `best of ${side}`, bestOf[side], [productId, price]);
    const maker = best.rows[0] as Maker | undefined;
    if (!maker) break;
    const lots = Math.min(left, Number(maker.remaining));
    await named(client, 'take', takeFrom, [maker.id, lots]);
    await named(client, 'take', takeFrom, [id, lots]);
    await named(client, 'trade', addTrade, [productId, maker.id, id, maker.price, lots]);
    left -= lots;
  }
  await client.query('commit');
};

const byFunction: PlaceOrder = async (client, { traderId, productId, side, price, size }) => {
  await named(client, 'place', 'select place($1, $2, $3, $4, $5)', [traderId, productId, side, price, size]);
};

export type RowLockRates = { readonly statements: number; readonly function: number };

/** Orders a second of either form. */
export async function measureRowLock(
  { databaseUrl }: BenchExchange,
  mix: Mix & { orders: number },
): Promise<RowLockRates> {
  const admin = new Client(databaseUrl);
  await admin.connect();
  const measure = async (place: PlaceOrder): Promise<number> => {
    await admin.query(tables);
    await admin.query(placeFunction);
    for (const { productId } of mix.products)
      await admin.query('insert into products values ($1) on conflict do nothing', [productId]);
    const rate = await placeAll(databaseUrl, place, mix);
    await admin.query(`drop schema ${schema} cascade`);
    return rate;
  };
  try {
    return { statements: await measure(byStatements), function: await measure(byFunction) };
  } finally {
    await admin.end();
  }
}

async function placeAll(
  databaseUrl: string,
  place: PlaceOrder,
  mix: Mix & { orders: number },
): Promise<number> {
  const mark = databaseUrl.includes('?') ? '&' : '?';
  const url = `${databaseUrl}${mark}options=-c%20search_path%3D${schema}`;
  const clients = Array.from({ length: connections }, () => new Client(url));
  await Promise.all(clients.map((client) => client.connect()));
  const next = createOrders(mix);
  let left = mix.orders;
  const start = performance.now();
  await Promise.all(
    clients.map(async (client) => {
      while (left-- > 0) await place(client, next());
    }),
  );
  const seconds = (performance.now() - start) / 1_000;
  await Promise.all(clients.map((client) => client.end()));
  return mix.orders / seconds;
}
