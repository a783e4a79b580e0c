import { z } from 'zod';
import type { Api } from '../../api.ts';
import { refuseUnknownTrader, traderOf } from '../../auth/traders.ts';
import { must, objectError, readBody } from '../../http/body.ts';
import { iso } from '../../http/iso.ts';
import { jsonBody } from '../../http/middleware/json-body.ts';
import { readQuery } from '../../http/query.ts';
import type { CallerRoutes } from '../../http/routes.ts';
import { readScope } from '../../http/scope.ts';
import { putOff, remove, type Switch } from './store.ts';

const shortest = 1_000;
const longest = 24 * 3_600_000;
const rule = `must be 0, or ${shortest} to ${longest}`;

export const cancelAfterBody = z.object(
  {
    timeout_ms: z
      .int(must(rule))
      .refine((given) => given === 0 || (given >= shortest && given <= longest), rule),
  },
  objectError,
);

/** Cancels the caller's open orders unless it is called again in time; 0 ends that. */
export function cancelAfterRoutes(routes: CallerRoutes, api: Api): void {
  routes.post('/orders/cancel-after', jsonBody(), async (ctx) => {
    const { timeout_ms } = readBody(cancelAfterBody, ctx.request.body);
    const scope = readScope(api.catalogue, readQuery(ctx.querystring), ctx.request.body);
    const traderId = traderOf(ctx.state.caller, scope.traderId);
    await refuseUnknownTrader(api, ctx.state.caller, traderId);
    const productId = scope.product?.productId ?? null;
    const one: Switch = { kind: 'after', traderId, productId };
    const dueAt = Date.now() + timeout_ms;
    const shards = scope.product ? [api.shards.ofProduct(scope.product)] : api.shards.all;
    const set = await Promise.allSettled(
      shards.map((shard) => (timeout_ms === 0 ? remove(shard, one) : putOff(shard, [one], dueAt))),
    );
    for (const answer of set) if (answer.status === 'rejected') throw answer.reason;
    ctx.body = { timeout_ms, product_id: productId, cancels_at: timeout_ms === 0 ? null : iso(dueAt) };
  });
}
