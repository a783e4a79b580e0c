-- Prefunded products: accounts, and a ledger in which every movement sums to zero. Amounts are units of the currency's increment.

alter type reject_reason add value 'insufficient_funds';

alter table products add column funded boolean not null default false;

-- What stored amounts mean cannot change, and a funded product pays in whole units that a double holds exactly.
create or replace function product_changed() returns trigger language plpgsql as $$
declare
  base_step numeric := (select increment from currencies where currency = new.base_currency);
  quote_step numeric := (select increment from currencies where currency = new.quote_currency);
begin
  if new.funded and (new.base_increment % base_step <> 0 or new.quote_increment * new.base_increment % quote_step <> 0) then
    raise exception 'a lot and a tick of a funded product must be whole units of its currencies';
  end if;
  if new.funded and (new.max_price * new.base_max_size / quote_step >= 9007199254740992
    or new.max_market_funds / quote_step >= 9007199254740992 or new.base_max_size / base_step >= 9007199254740992) then
    raise exception 'the largest order of a funded product must cost less than 2^53 units';
  end if;
  if tg_op = 'UPDATE' then
    if (new.product_id, new.shard, new.quote_increment, new.base_increment, new.funded)
      is distinct from (old.product_id, old.shard, old.quote_increment, old.base_increment, old.funded) then
      raise exception 'the id, shard, increments and funding of a product cannot change; add another product';
    end if;
    new.version := old.version + 1;
  end if;
  return new;
end
$$;

drop trigger product_changed on products;
create trigger product_inserted before insert on products for each row execute function product_changed();
create trigger product_changed before update on products
  for each row when (new is distinct from old) execute function product_changed();

create function currency_changed() returns trigger language plpgsql as $$
begin
  raise exception 'the increment of a currency cannot change';
end
$$;
create trigger currency_changed before update on currencies
  for each row when (new.increment <> old.increment) execute function currency_changed();

-- What a trader has of a currency in a shard, as of the last command that changed it. Trader 0 is the system: where deposits come from
-- and withdrawals go to, so that it is below zero by what all others have.
create table accounts (
  trader_id integer not null,
  currency text not null,
  balance bigint not null,
  hold bigint not null check (hold >= 0),
  sequence bigint not null,
  shard text not null,
  primary key (trader_id, currency, shard),
  check (trader_id = 0 or balance >= hold)
) with (fillfactor = 70);

create type movement as enum ('match', 'deposit', 'withdraw', 'transfer');

-- Every movement of money, with the account's balance after it. Ids ascend in the order of the movements.
create table ledger (
  id bigint generated always as identity,
  sequence bigint not null,
  amount bigint not null check (amount <> 0),
  balance bigint not null,
  trade_id bigint,
  order_id bigint,
  created_at timestamptz not null,
  trader_id integer not null,
  movement movement not null,
  currency text not null,
  product_id text,
  transfer_id text,
  primary key (id, sequence)
) partition by range (sequence);
create index ledger_by_account on ledger (trader_id, currency, id);
create index ledger_by_sequence on ledger using brin (sequence);

-- Each command's movements sum to zero in every currency, or none of the batch is written.
create function ledger_balances() returns trigger language plpgsql as $$
begin
  if exists (select from added group by sequence, currency having sum(amount) <> 0) then
    raise exception 'ledger rows of a command do not sum to zero' using errcode = 'check_violation';
  end if;
  return null;
end
$$;
create trigger ledger_balances after insert on ledger referencing new table as added
  for each statement execute function ledger_balances();

-- Deposits, withdrawals and transfers, those refused as well. A shard takes a transfer id once, for ever; money that goes from
-- one shard to another is a withdrawal and a deposit with one id.
create table transfers (
  transfer_id text not null,
  sequence bigint not null,
  amount bigint not null,
  created_at timestamptz not null,
  movement movement not null,
  trader_id integer not null,
  to_trader_id integer,
  reject_reason reject_reason,
  currency text not null,
  shard text not null,
  primary key (transfer_id, shard)
);
create index transfers_by_trader on transfers (trader_id, sequence);
create index transfers_by_receiver on transfers (to_trader_id, sequence) where to_trader_id is not null;

-- What was done to an order after it was placed.
create index commands_by_order on commands (order_id) where order_id is not null;

-- Which sequences an HTTP request was given; orders, trades and ledger rows lead here by their sequence.
create table requests (
  first_sequence bigint not null,
  last_sequence bigint not null check (last_sequence >= first_sequence),
  request_id text not null,
  primary key (first_sequence)
) partition by range (first_sequence);
create index requests_by_id on requests (request_id);

create or replace function add_partition(from_sequence bigint, below_sequence bigint) returns void language plpgsql as $$
begin
  insert into partitions values (from_sequence, below_sequence);
  perform add_partitions_of(array['orders', 'trades', 'commands', 'ledger', 'requests'], from_sequence, below_sequence);
  execute format('alter table %I set (fillfactor = 85)', 'orders_' || from_sequence);
end
$$;

create function add_partitions_of(parents text[], from_sequence bigint, below_sequence bigint)
returns void language plpgsql as $$
declare
  parent text;
  child text;
begin
  foreach parent in array parents loop
    child := parent || '_' || from_sequence;
    execute format('create table %I (like %I including all excluding identity)', child, parent);
    execute format('alter table %I attach partition %I for values from (%s) to (%s)',
      parent, child, from_sequence, below_sequence);
  end loop;
end
$$;

select add_partitions_of(array['ledger', 'requests'], p.from_sequence, p.below_sequence) from partitions p;
