import { type CommonQueryMethods, sql } from 'slonik';
import { z } from 'zod';
import type { Outgoing } from '../outgoing.ts';

const noticeRow = z.object({
  webhookId: z.number(),
  noticeId: z.number(),
  event: z.string(),
  occurredAt: z.string(),
  sequence: z.number(),
  data: z.record(z.string(), z.unknown()),
});

/**
 * What webhooks are to be told next, each in order, with decimals as the API has them: PostgreSQL multiplies exactly. An order is
 * shown as it stands now; what it had left when it came to rest is the notice's own. Orders are looked up one by one, which the
 * limit makes sure of: a join of a hundred would read whole partitions.
 */
export async function nextMessages(
  pool: CommonQueryMethods,
  webhookIds: readonly number[],
  most: number,
): Promise<Map<number, Outgoing[]>> {
  const rows = await pool.any(sql.type(noticeRow)`
    select w.webhook_id as "webhookId", n.notice_id as "noticeId", n.event, n.sequence,
      to_char(n.occurred_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "occurredAt",
      case n.event
        when 'transfer' then n.data || jsonb_build_object(
          'amount', ((n.data->>'amount')::numeric * trim_scale(c.increment))::text,
          'trader_id', n.data->>'trader_id', 'to_trader_id', n.data->>'to_trader_id')
        when 'trade' then n.data || jsonb_build_object(
          'price', ((n.data->>'price')::numeric * tick)::text, 'size', ((n.data->>'size')::numeric * lot)::text,
          'fee', (coalesce(n.data->>'fee', '0')::numeric * trim_scale(q.increment))::text, 'order_id', n.data->>'order_id')
        else jsonb_build_object(
          'id', n.data->>'order_id', 'product_id', o.product_id, 'side', o.side, 'client_oid', o.client_oid,
          'price', (coalesce(o.amended_price, o.price) * tick)::text,
          'size', (coalesce(o.amended_size, o.size) * lot)::text,
          'stop', o.stop, 'stop_price', (coalesce(o.amended_stop_price, o.stop_price) * tick)::text,
          'funds', (o.funds * tick * lot)::text, 'filled_size', (o.filled_size * lot)::text,
          'executed_value', (o.executed_value * tick * lot)::text, 'fill_fees', (coalesce(o.fill_fees, 0) * trim_scale(q.increment))::text, 'status', o.status, 'done_reason', o.done_reason)
          || case when n.event = 'order.open' then jsonb_build_object(
            'remaining_size', ((n.data->>'remaining')::numeric * lot)::text) else '{}' end
      end as data
    from webhooks w
    cross join lateral (
      select * from notices
      where trader_id = w.trader_id and notice_id > w.cursor and event = any(w.events)
      order by notice_id limit ${most}) n
    left join lateral (
      select * from orders where n.event like 'order.%' and id = (n.data->>'order_id')::bigint limit 1) o on true
    left join products p on p.product_id = coalesce(o.product_id, n.data->>'product_id')
    left join currencies q on q.currency = p.quote_currency
    left join currencies c on c.currency = n.data->>'currency'
    cross join lateral (select trim_scale(p.quote_increment) as tick, trim_scale(p.base_increment) as lot) units
    where w.webhook_id = any(${sql.array([...webhookIds], 'int4')})
    order by n.notice_id`);
  return Map.groupBy(rows.map(asMessage), ({ webhookId }) => webhookId);
}

function asMessage({ webhookId, noticeId, event, occurredAt, sequence, data }: z.infer<typeof noticeRow>) {
  const body = JSON.stringify({
    type: event,
    timestamp: occurredAt,
    data: { ...data, sequence: String(sequence) },
  });
  return { webhookId, noticeId, event, messageId: `msg_${noticeId}`, body };
}
