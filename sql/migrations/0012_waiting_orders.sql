-- Stop orders that wait are found as open ones are.
create index orders_active on orders (trader_id, id) where status = 'active';

create or replace view orders_now as
select coalesce(amended_price, price) as current_price, coalesce(amended_size, size) as current_size,
  coalesce(amended_size, size) - filled_size as remaining_size, coalesce(place, id) as current_place, orders.*,
  coalesce(amended_stop_price, stop_price) as current_stop_price,
  coalesce(amended_expire_time, expire_time) as current_expire_time
from orders;
