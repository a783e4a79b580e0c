-- Why an order did not come in though nothing was wrong with it: it belonged to an all-or-none batch.
alter type reject_reason add value 'all_or_none';
