-- What traded in each minute, by the times of the commands. These need not grow: open and close are those of the lowest and
-- the highest trade id. Minutes are since 1970. The writer keeps the rows; they stay when trades are archived.
create table candles (
  product_id text not null,
  minute integer not null,
  first_trade_id bigint not null,
  last_trade_id bigint not null,
  open bigint not null,
  high bigint not null,
  low bigint not null,
  close bigint not null,
  volume bigint not null,
  primary key (product_id, minute)
);

insert into candles
select product_id, floor(extract(epoch from created_at) / 60)::integer as minute, min(trade_id), max(trade_id),
  (array_agg(price order by trade_id))[1], max(price), min(price),
  (array_agg(price order by trade_id desc))[1], sum(size)
from trades
group by 1, 2;
