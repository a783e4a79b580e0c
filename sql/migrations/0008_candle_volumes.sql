-- A size may be nearly 2^53 lots, so that a thousand trades of one minute may come to more than a bigint holds. The writer would
-- stop at them for good.
alter table candles alter column volume type numeric;
