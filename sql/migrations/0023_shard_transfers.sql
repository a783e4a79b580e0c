-- Transfers from one shard to another: a withdrawal here, a deposit there, and what is to become of both, noted before either is sent.
create type transfer_status as enum ('pending', 'done', 'refused', 'returned');

create table shard_transfers (
  transfer_id text primary key,
  from_shard text not null references checkpoints,
  to_shard text not null references checkpoints,
  trader_id integer not null,
  to_trader_id integer not null,
  currency text not null references currencies,
  amount bigint not null check (amount > 0),
  created_at timestamptz not null,
  request_id text not null,
  status transfer_status not null default 'pending',
  -- Of the half that was refused; null if its id was another transfer's.
  reject_reason reject_reason,
  -- How often the way back was refused as well; each attempt has an id of its own.
  refused_refunds integer not null default 0,
  finished_at timestamptz,
  -- When somebody else than who is at it now may finish it.
  next_attempt_at timestamptz not null,
  check (from_shard <> to_shard),
  check ((status = 'pending') = (finished_at is null))
);
create index shard_transfers_pending on shard_transfers (next_attempt_at) where status = 'pending';
