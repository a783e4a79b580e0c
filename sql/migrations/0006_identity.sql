-- Who may ask the api, and by what: people with passwords, API keys, and opaque tokens.

create type role as enum ('trader', 'operator', 'auditor');
create type permission as enum ('view', 'trade', 'transfer', 'manage');

-- Traders who sign up get the next number; 1 to 10000 are seeded.
create sequence trader_numbers as integer start 10001;

-- Those who log in by name and password. A trader's person trades as that trader; staff have none.
create table people (
  person_id integer generated always as identity primary key,
  name text not null check (name ~ '^[A-Za-z0-9][A-Za-z0-9._@+-]{0,63}$'),
  role role not null default 'trader',
  trader_id integer unique references traders,
  password text not null,
  -- The secret of the second factor, sealed; it counts once `totp_since` is set. `totp_step` is the last step that was used.
  totp bytea,
  totp_sealed_with text,
  totp_since timestamptz,
  totp_step bigint not null default 0,
  created_at timestamptz not null default now(),
  check ((role = 'trader') = (trader_id is not null)),
  check ((totp is null) = (totp_sealed_with is null))
);
create unique index people_by_name on people (lower(name));

create table recovery_codes (
  person_id integer not null references people on delete cascade,
  sha256 bytea not null,
  primary key (person_id, sha256)
);

create table password_resets (
  sha256 bytea primary key,
  person_id integer not null references people on delete cascade,
  expires_at timestamptz not null
);

create table api_keys (
  key_id integer generated always as identity primary key,
  key text not null unique,
  role role not null,
  trader_id integer references traders,
  label text not null,
  permissions permission[] not null check (cardinality(permissions) > 0),
  allowed_addresses inet[] not null,
  secret bytea not null,
  sealed_with text not null,
  passphrase text not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  last_used_at timestamptz,
  revoked_at timestamptz,
  check ((role = 'trader') = (trader_id is not null))
);
create index api_keys_by_trader on api_keys (trader_id);

-- A token is a session if a person or a key logged in for it.
alter table tokens
  add column token_id integer generated always as identity unique,
  add column role role,
  add column permissions permission[],
  add column person_id integer references people on delete cascade,
  add column key_id integer references api_keys on delete cascade,
  add column address inet,
  add column agent text,
  add column last_used_at timestamptz;
update tokens set role = case when operator then 'operator' else 'trader' end::role;
alter table tokens
  drop column operator,
  alter column role set not null,
  add check ((role = 'trader') = (trader_id is not null));
create index tokens_by_person on tokens (person_id);
create index tokens_by_trader on tokens (trader_id);
create index tokens_by_key on tokens (key_id);

-- Every api process hears of what it may have in memory and must look at again.
create function credential_changed() returns trigger language plpgsql as $$
begin
  if tg_table_name = 'tokens' then
    perform pg_notify('credentials', 'token ' || encode(old.sha256, 'hex'));
  else
    perform pg_notify('credentials', 'key ' || old.key);
  end if;
  return null;
end
$$;
create trigger token_changed after delete or update of role, trader_id, permissions, expires_at on tokens
  for each row execute function credential_changed();
create trigger key_changed after delete or update of role, trader_id, permissions, allowed_addresses, secret, passphrase,
  expires_at, revoked_at on api_keys for each row execute function credential_changed();

-- A key that is revoked takes along the sessions that it logged in for.
create function key_revoked() returns trigger language plpgsql as $$
begin
  delete from tokens where key_id = new.key_id;
  return null;
end
$$;
create trigger key_revoked after update of revoked_at on api_keys
  for each row when (new.revoked_at is not null) execute function key_revoked();
