-- Whether a webhook may lack notices: from a notice or a claim on, until a look finds none. So who looks for what is to be told
-- or tried again reads few webhooks, however many notices are kept for those that fail.
alter table webhooks add column may_lag boolean not null default true;
drop index webhooks_retrying;
create index webhooks_lagging on webhooks (next_attempt_at) where may_lag and disabled_at is null;
