-- Traders who may cancel only. `traders.frozen_at` is what operators want; the matcher announces it in every shard, and
-- `frozen_traders` is what the shards' commands have said so far.
alter type reject_reason add value 'trader_frozen';

alter table traders add column frozen_at timestamptz;
create index traders_frozen on traders (trader_id) where frozen_at is not null;

create table frozen_traders (
  shard text not null,
  trader_id integer not null,
  sequence bigint not null,
  primary key (shard, trader_id)
);

-- What operators changed, as it was before.
alter table operations add column before jsonb;
