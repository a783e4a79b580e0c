-- What trades cost. Values of types can be used from the next migration on.

alter type movement add value 'fee';

alter table products
  add column maker_fee_rate numeric not null default 0,
  add column taker_fee_rate numeric not null default 0,
  add check (least(maker_fee_rate, taker_fee_rate) >= 0 and greatest(maker_fee_rate, taker_fee_rate) <= 0.1
    and maker_fee_rate % 0.000001 = 0 and taker_fee_rate % 0.000001 = 0),
  add check (funded or greatest(maker_fee_rate, taker_fee_rate) = 0);

-- In units of the quote currency; null without fees.
alter table trades add column maker_fee bigint, add column taker_fee bigint;

-- Rates are in parts per million, as the order keeps them. `fee_over`: what rounding has charged it too much, in millionths of a unit.
alter table orders
  add column fill_fees bigint,
  add column maker_rate integer,
  add column taker_rate integer,
  add column fee_over integer;

drop view orders_now;
create view orders_now as
select coalesce(amended_price, price) as current_price, coalesce(amended_size, size) as current_size,
  coalesce(amended_size, size) - filled_size as remaining_size, coalesce(place, id) as current_place, orders.*,
  coalesce(amended_stop_price, stop_price) as current_stop_price,
  coalesce(amended_expire_time, expire_time) as current_expire_time
from orders;
