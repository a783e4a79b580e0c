-- What an order is now: the command as it was given, and what an amend or self-trade prevention made of it. A migration that
-- adds a column to `orders` ends with this statement again, which takes the column in.
create or replace view orders_now as
select coalesce(amended_price, price) as current_price, coalesce(amended_size, size) as current_size,
  coalesce(amended_size, size) - filled_size as remaining_size, coalesce(place, id) as current_place, orders.*
from orders;
