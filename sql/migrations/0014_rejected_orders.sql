-- A page of a trader's refused orders costs a page, however many others the trader has. Few orders are refused, so few pay for it.
create index orders_rejected on orders (trader_id, id) where status = 'rejected';
