// The texts of core/wire, written by PostgreSQL from its rows where a row each would cost Node too much. A test holds them
// against core/wire.

import { sql } from 'slonik';

const post = sql.fragment`case when post_only then 'post' else '-' end`;

/** The line of a `place` command, from a row of `orders`. The row does not have the request's id: `requests` does. */
export const placeLine = sql.fragment`concat_ws(' ',
  case when coalesce(stop_price, expire_time, max_floor) is null then 'place' else 'order' end, trader_id, product_id, side,
  coalesce(price::text, '-'), coalesce(size::text, '-'), coalesce(funds::text, '-'), time_in_force,
  ${post}, self_trade_prevention, nullif(concat_ws(',', stop || ':' || stop_price, 'expire:' || expire_time, 'floor:' || max_floor), ''),
  coalesce(client_oid, '-'), (extract(epoch from created_at) * 1000)::bigint, '-')`;

/** What Redis has of an order that rests or waits, from a row of `orders_now`. */
export const restingLine = sql.fragment`concat_ws(' ', trader_id, coalesce(shown_size::text, '-'), product_id, side,
  coalesce(current_price::text, '-'), current_place, coalesce(current_size::text, '-'), self_trade_prevention, ${post},
  nullif(concat_ws(',',
    case when status = 'active' then stop || ':' || current_stop_price end,
    case when status = 'active' then 'funds:' || funds end,
    'expire:' || current_expire_time,
    case when status = 'open' and turn > 0 then 'turn:' || turn end,
    'make:' || nullif(maker_rate, 0), 'take:' || nullif(taker_rate, 0), 'over:' || nullif(fee_over, 0),
    'floor:' || max_floor, 'hidden:' || nullif(remaining_size - shown_size, 0)), ''))`;
