-- Partitions leave once they are exported: what the tables then no longer hold, and what must not leave with them.

-- The partitions that left. Their manifests say what was exported, and by which digests it can be told.
create table archives (
  from_sequence bigint primary key,
  below_sequence bigint not null unique check (below_sequence > from_sequence),
  -- Nothing in it is younger.
  newest timestamptz not null,
  archived_at timestamptz not null default now(),
  manifest jsonb not null
);

-- The last announcement of each product among the commands that left: a product that never changes is announced once, and
-- no book can be rebuilt without it.
create table announcements (
  product_id text primary key,
  sequence bigint not null,
  line text not null
);

-- What the orders that left add to their traders' positions, in lots and quote units; what was sold, or paid, is below zero.
create table archived_positions (
  trader_id integer not null,
  product_id text not null,
  base bigint not null,
  quote bigint not null,
  primary key (trader_id, product_id)
);
