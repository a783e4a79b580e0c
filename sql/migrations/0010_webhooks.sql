-- Where traders want to be told what happens to them, and what is still to be told.

create table webhooks (
  webhook_id integer generated always as identity primary key,
  trader_id integer not null references traders,
  url text not null,
  events text[] not null check (cardinality(events) > 0),
  -- Sealed by SECRETS_KEY. The old one is good until then, so that a receiver can change over.
  secret bytea not null,
  secret_sealed_with text not null,
  old_secret bytea,
  old_secret_sealed_with text,
  old_secret_until timestamptz,
  created_at timestamptz not null default now(),
  -- The last notice that was delivered, or given up.
  cursor bigint not null,
  -- Of the notice after it.
  attempts integer not null default 0,
  next_attempt_at timestamptz not null default now(),
  last_error text,
  failing_since timestamptz,
  disabled_at timestamptz,
  -- The notifier that works on it, until it should be done.
  claim text,
  claimed_until timestamptz not null default '-infinity'
);
create index webhooks_by_trader on webhooks (trader_id);
create index webhooks_retrying on webhooks (next_attempt_at) where attempts > 0;

-- What happened to traders that have webhooks, written in the transaction of the rows that it is about.
create table notices (
  notice_id bigint generated always as identity primary key,
  trader_id integer not null,
  event text not null,
  shard text not null,
  sequence bigint not null,
  occurred_at timestamptz not null,
  data jsonb not null
);
create index notices_by_trader on notices (trader_id, notice_id);

-- What no attempt could deliver, as it would have been sent. Asked for again, it is tried once more.
create table dead_letters (
  webhook_id integer not null references webhooks on delete cascade,
  message_id text not null,
  event text not null,
  body text not null,
  error text not null,
  died_at timestamptz not null default now(),
  wanted_again boolean not null default false,
  primary key (webhook_id, message_id)
);
create index dead_letters_wanted on dead_letters (died_at) where wanted_again;
