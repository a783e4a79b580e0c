-- A status in which orders gather, and why those are refused that cannot wait. Values of types can be used from the next migration on.
alter type product_status add value 'auction';
alter type reject_reason add value 'auction';
