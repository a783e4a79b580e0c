-- What operators did: who, what, when, from where, and what came of it. Nothing in it can change.
create table operations (
  operation_id bigint generated always as identity primary key,
  at timestamptz not null default now(),
  key_id integer,
  token_id integer,
  person_id integer,
  address inet,
  request_id text not null,
  method text not null,
  path text not null,
  status integer not null,
  body jsonb,
  answer jsonb
);

create function operation_stays() returns trigger language plpgsql as $$
begin
  raise exception 'what operators did cannot be changed';
end
$$;
create trigger operation_stays before update or delete or truncate on operations
  for each statement execute function operation_stays();
