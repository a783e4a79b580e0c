-- Work is bounded, and so is every amount, whatever the limits of a product were before.

-- A command meets at most `max_makers` makers. Funds alone buy no more than the largest size.
alter type done_reason add value 'maker_limit';
alter type done_reason add value 'size_limit';
alter type reject_reason add value 'too_large';

-- The largest limits that a product has had: orders from then may still rest, and be amended.
alter table products
  add column max_makers integer not null default 2500 check (max_makers > 0),
  add column highest_price numeric,
  add column largest_size numeric;
alter table products disable trigger product_changed;
update products set highest_price = max_price, largest_size = base_max_size;
alter table products enable trigger product_changed;
alter table products
  alter column highest_price set not null,
  alter column largest_size set not null;

-- What stored amounts mean cannot change, and a funded product pays in whole units that a double holds exactly.
create or replace function product_changed() returns trigger language plpgsql as $$
declare
  base_step numeric := (select increment from currencies where currency = new.base_currency);
  quote_step numeric := (select increment from currencies where currency = new.quote_currency);
begin
  new.highest_price := greatest(new.max_price, old.highest_price);
  new.largest_size := greatest(new.base_max_size, old.largest_size);
  if new.highest_price / new.quote_increment * (new.largest_size / new.base_increment) >= 9007199254740992 then
    raise exception 'orders from under earlier limits may be worth too much under these; add another product';
  end if;
  if new.funded and (new.base_increment % base_step <> 0 or new.quote_increment * new.base_increment % quote_step <> 0) then
    raise exception 'a lot and a tick of a funded product must be whole units of its currencies';
  end if;
  if new.funded and (new.highest_price * new.largest_size / quote_step >= 9007199254740992
    or new.max_market_funds / quote_step >= 9007199254740992 or new.largest_size / base_step >= 9007199254740992) then
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
