// The texts of core/wire, written by PostgreSQL from its rows where a row each would cost Node too much. A test holds them
// against core/wire.

import { sql } from 'slonik';

const post = sql.fragment`case when post_only then 'post' else '-' end`;

/** The line of a `place` command, from a row of `orders`. The row does not have the request's id: `requests` does. */
export const placeLine = sql.fragment`concat_ws(' ', 'place', trader_id, product_id, side,
  coalesce(price::text, '-'), coalesce(size::text, '-'), coalesce(funds::text, '-'), time_in_force,
  ${post}, self_trade_prevention, coalesce(client_oid, '-'), (extract(epoch from created_at) * 1000)::bigint, '-')`;

/** What Redis has of a resting order, from a row of `orders_now`. */
export const restingLine = sql.fragment`concat_ws(' ', trader_id, remaining_size, product_id, side,
  current_price, current_place, current_size, self_trade_prevention, ${post})`;
