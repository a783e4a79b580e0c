-- Short names of what the page can show.
create table links (
  code text primary key,
  -- Who made it first.
  trader_id integer not null references traders,
  -- What follows `#/` in the page's address.
  target text not null unique,
  created_at timestamptz not null default now()
);
create index links_by_trader on links (trader_id);
