-- The system of record. Prices are ticks, sizes lots, values quote units (one tick times one lot); a product's row says how
-- large they are. Ids are sequence numbers of the product's shard.

create type product_status as enum ('online', 'cancel_only', 'offline');
create type self_trade_prevention as enum ('none', 'dc', 'co', 'cn', 'cb');
create type side as enum ('buy', 'sell');
create type time_in_force as enum ('GTC', 'IOC', 'FOK');
create type order_status as enum ('open', 'done', 'rejected');
create type done_reason as enum ('filled', 'canceled', 'time_in_force', 'self_trade', 'no_liquidity');
create type reject_reason as enum
  ('order_not_resting', 'product_not_found', 'offline', 'cancel_only', 'size_filled', 'post_only');

-- How far a shard's sequence has been written here, in the same transaction as the rows. Its first sequence is
-- number * 2^44 + 1, so that ids of different shards never meet.
create table checkpoints (
  shard text primary key check (shard ~ '^[a-z0-9_-]{1,32}$'),
  number integer not null unique check (number between 0 and 511),
  sequence bigint not null check (sequence >= number * 17592186044416)
);

create table currencies (
  currency text primary key check (currency ~ '^[A-Z0-9]{1,16}$'),
  name text not null,
  kind text not null check (kind in ('crypto', 'fiat')),
  increment numeric not null check (increment > 0)
);

create table products (
  product_id text primary key,
  shard text not null references checkpoints,
  base_currency text not null references currencies,
  quote_currency text not null references currencies,
  status product_status not null default 'online',
  version integer not null default 1,
  quote_increment numeric not null check (quote_increment > 0),
  base_increment numeric not null check (base_increment > 0),
  min_price numeric not null check (min_price > 0 and min_price % quote_increment = 0),
  max_price numeric not null check (max_price >= min_price and max_price % quote_increment = 0),
  base_min_size numeric not null check (base_min_size > 0 and base_min_size % base_increment = 0),
  base_max_size numeric not null check (base_max_size >= base_min_size and base_max_size % base_increment = 0),
  min_market_funds numeric not null check (min_market_funds > 0),
  max_market_funds numeric not null check (max_market_funds >= min_market_funds),
  self_trade_prevention self_trade_prevention not null default 'none',
  check (product_id = base_currency || '-' || quote_currency),
  -- Every amount of an order stays a whole number that a double holds exactly.
  check (max_price / quote_increment * (base_max_size / base_increment) < 9007199254740992),
  check (max_market_funds / (quote_increment * base_increment) < 9007199254740992)
);

-- A changed row has a new version, by which the matcher and the api notice it. What stored prices and sizes mean cannot change.
create function product_changed() returns trigger language plpgsql as $$
begin
  if (new.product_id, new.shard, new.quote_increment, new.base_increment)
    is distinct from (old.product_id, old.shard, old.quote_increment, old.base_increment) then
    raise exception 'the id, shard and increments of a product cannot change; add another product';
  end if;
  new.version := old.version + 1;
  return new;
end
$$;

create trigger product_changed before update on products
  for each row when (new is distinct from old) execute function product_changed();

-- The last numbers that a product gave, at its shard's checkpoint.
create table feeds (
  product_id text primary key,
  trade_id bigint not null,
  feed_sequence bigint not null
);

create table traders (
  trader_id integer primary key check (trader_id > 0),
  created_at timestamptz not null default now()
);

-- Bearer tokens, by digest alone. An operator's token belongs to no trader.
create table tokens (
  sha256 bytea primary key,
  trader_id integer references traders,
  operator boolean not null default false,
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  check (operator = (trader_id is null))
);

-- Every place command, and what has become of its order. What the command said never changes; an amend, or self-trade
-- prevention, that changes price or size is in the amended columns.
create table orders (
  id bigint not null,
  price bigint,
  size bigint,
  funds bigint,
  amended_price bigint,
  amended_size bigint,
  filled_size bigint not null,
  executed_value bigint not null,
  first_trade_id bigint,
  last_trade_id bigint,
  -- The command that put it where it rests, if that is not its own.
  place bigint,
  created_at timestamptz not null,
  done_at timestamptz,
  trader_id integer not null,
  side side not null,
  time_in_force time_in_force not null,
  self_trade_prevention self_trade_prevention not null,
  status order_status not null,
  done_reason done_reason,
  reject_reason reject_reason,
  post_only boolean not null,
  product_id text not null,
  client_oid text,
  primary key (id)
) partition by range (id);
create index orders_by_trader on orders (trader_id, id);
create index orders_open on orders (trader_id, id) where status = 'open';

create table client_oids (
  trader_id integer not null,
  client_oid text not null,
  order_id bigint not null,
  primary key (trader_id, client_oid)
);

create table trades (
  sequence bigint not null,
  trade_id bigint not null,
  maker_order_id bigint not null,
  taker_order_id bigint not null,
  price bigint not null,
  size bigint not null,
  created_at timestamptz not null,
  maker_trader_id integer not null,
  taker_trader_id integer not null,
  taker_side side not null,
  product_id text not null,
  primary key (product_id, trade_id, sequence)
) partition by range (sequence);
create index trades_by_maker on trades (maker_trader_id, product_id, trade_id);
create index trades_by_taker on trades (taker_trader_id, product_id, trade_id);
create index trades_by_time on trades using brin (created_at);

-- Every other command, as it stood on the stream: with the orders, the whole sequence without a gap.
create table commands (
  sequence bigint not null,
  line text not null,
  order_id bigint,
  reject_reason reject_reason,
  primary key (sequence)
) partition by range (sequence);

-- The sequences from..below of orders, trades and commands share a partition each. The writer adds them ahead of need.
create table partitions (
  from_sequence bigint primary key,
  below_sequence bigint not null unique check (below_sequence > from_sequence)
);

-- A partition is made apart and then attached, which lets reads go on. A row fills up when its order trades, so its page keeps room.
create function add_partition(from_sequence bigint, below_sequence bigint) returns void language plpgsql as $$
declare
  parent text;
  child text;
begin
  insert into partitions values (from_sequence, below_sequence);
  foreach parent in array array['orders', 'trades', 'commands'] loop
    child := parent || '_' || from_sequence;
    execute format('create table %I (like %I including all)', child, parent);
    execute format('alter table %I attach partition %I for values from (%s) to (%s)',
      parent, child, from_sequence, below_sequence);
  end loop;
  execute format('alter table %I set (fillfactor = 85)', 'orders_' || from_sequence);
end
$$;
