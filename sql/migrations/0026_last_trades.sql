-- The last trade of each product among those that left: a product that does not trade for long has a last price all the same.
create table last_trades (
  product_id text primary key,
  trade_id bigint not null,
  maker_order_id bigint not null,
  taker_order_id bigint not null,
  taker_side side not null,
  price bigint not null,
  size bigint not null,
  created_at timestamptz not null
);
