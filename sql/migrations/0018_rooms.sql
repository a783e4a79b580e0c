-- What traders write in the room of a product, for everybody to read.
alter type permission add value 'publish';

alter table traders
  -- What a trader is called in rooms: neither its number nor the name by which it logs in.
  add column author text unique,
  -- Since when operators let it write nothing.
  add column muted_at timestamptz;

create table messages (
  message_id bigint generated always as identity primary key,
  product_id text not null references products,
  trader_id integer not null references traders,
  -- Null once an operator has removed it.
  text text check (char_length(text) between 1 and 500),
  created_at timestamptz not null default now(),
  removed_at timestamptz,
  check ((text is null) = (removed_at is not null))
);
create index messages_by_product on messages (product_id, message_id);
