-- Orders that show at most `max_floor` of what remains of them at a time. `hidden`: what one does not show since it came to rest, or
-- showed its next part. `turn` counts these as well, among the stop orders that a command triggered.
alter table orders
  add column max_floor bigint,
  add column hidden bigint;

drop view orders_now;
create view orders_now as
select coalesce(amended_price, price) as current_price, coalesce(amended_size, size) as current_size,
  coalesce(amended_size, size) - filled_size as remaining_size,
  coalesce(amended_size, size) - filled_size - case when status = 'open' then coalesce(hidden, 0) else 0 end as shown_size,
  coalesce(place, id) as current_place, orders.*,
  coalesce(amended_stop_price, stop_price) as current_stop_price,
  coalesce(amended_expire_time, expire_time) as current_expire_time
from orders;
