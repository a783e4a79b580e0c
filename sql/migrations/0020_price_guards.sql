-- How far from its last trade a product may trade, as a part of that price, and whether it takes cancels only once an order met that.

alter type done_reason add value 'price_collar';
alter type reject_reason add value 'price_collar';

alter table products
  add column price_collar numeric not null default 0,
  add column collar_halts boolean not null default false,
  add check (price_collar between 0 and 1 and price_collar % 0.000001 = 0);

-- Orders that met the collar of a product which then takes cancels only. The writer adds them with what they did; the matcher takes
-- them out as it changes the product, so that each counts once.
create table halts (
  sequence bigint primary key,
  product_id text not null
);
