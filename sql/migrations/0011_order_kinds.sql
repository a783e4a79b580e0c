-- Stop orders, and orders that expire. Values of types can be used from the next migration on.

create type stop as enum ('loss', 'entry');
alter type order_status add value 'active';
alter type time_in_force add value 'GTT';
alter type done_reason add value 'expired';
alter type reject_reason add value 'not_amendable';
alter type reject_reason add value 'stop_unbounded';

-- `turn`: which of the stop orders that the command of its place triggered it was; 0: none any more. Times are Unix milliseconds.
alter table orders
  add column stop stop,
  add column stop_price bigint,
  add column expire_time bigint,
  add column amended_stop_price bigint,
  add column amended_expire_time bigint,
  add column turn integer,
  add column activated_at timestamptz;
