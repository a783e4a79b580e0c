import { shardKeys } from '../../core/keys.ts';
import { sleep } from '../../core/lifecycle.ts';
import type { Api } from '../api.ts';
import { BadRequest, NotFound } from '../errors.ts';
import { readBody } from '../http/body.ts';
import type { CallerContext } from '../http/context.ts';
import { setCursors } from '../http/cursors.ts';
import { jsonBody } from '../http/middleware/json-body.ts';
import { type Query, readPage, readQuery } from '../http/query.ts';
import type { CallerRoutes } from '../http/routes.ts';
import { traderChangeBody } from './body.ts';
import { presentTrader } from './presentation.ts';
import { findTrader, listTraders, setState, type TraderRow } from './queries/traders.ts';

export function traderRoutes(routes: CallerRoutes, api: Api): void {
  routes.get('/traders', async (ctx) => {
    const query = readQuery(ctx.querystring);
    const traders = await listTraders(api.pool, readPage(query), readFrozen(query));
    setCursors(ctx, traders, ({ traderId }) => traderId);
    ctx.body = traders.map(presentTrader);
  });
  routes.get('/traders/:id', async (ctx) => {
    ctx.body = presentTrader(await namedTrader(api, ctx));
  });
  routes.put('/traders/:id', jsonBody(), putTrader(api));
}

function readFrozen(query: Query): boolean | null {
  const frozen = query.one('frozen');
  if (frozen === null) return null;
  if (frozen !== 'true' && frozen !== 'false') throw new BadRequest('Invalid frozen: must be true or false');
  return frozen === 'true';
}

const mostTraders = 2 ** 31;

async function namedTrader(api: Api, ctx: CallerContext): Promise<TraderRow> {
  const id = ctx.params.id!;
  const isNumber = /^[1-9]\d{0,9}$/.test(id) && Number(id) < mostTraders;
  const trader = isNumber ? await findTrader(api.pool, Number(id)) : null;
  if (!trader) throw new NotFound('trader not found');
  return trader;
}

function putTrader(api: Api) {
  return async (ctx: CallerContext): Promise<void> => {
    const { frozen, muted } = readBody(traderChangeBody, ctx.request.body);
    const trader = await namedTrader(api, ctx);
    let [before, after] = [trader, trader];
    const set = async (state: 'frozen' | 'muted', isSo: boolean): Promise<void> => {
      const changed = await setState(api.pool, { traderId: after.traderId, state, isSo });
      if (!changed) throw new NotFound('trader not found');
      before = { ...before, [`${state}At`]: changed.before };
      after = { ...after, [`${state}At`]: changed.now };
    };
    if (muted !== undefined) await set('muted', muted);
    if (frozen !== undefined) await set('frozen', frozen);
    ctx.state.before = presentTrader(before);
    if (frozen === undefined) ctx.body = presentTrader(after);
    else await answerInEffect(api, ctx, after);
  };
}

const pollMs = 20;

/** The matchers announce it by themselves. Answers once orders in every shard meet it, or 202 if that takes long. */
async function answerInEffect(api: Api, ctx: CallerContext, trader: TraderRow): Promise<void> {
  const deadline = Date.now() + api.config.waitTimeoutMs;
  while (!(await isInEffect(api, trader))) {
    if (Date.now() > deadline) {
      ctx.status = 202;
      ctx.body = {
        trader_id: String(trader.traderId),
        status_message: 'Stored; it takes effect in each shard as soon as its matcher is at work',
      };
      return;
    }
    await sleep(pollMs);
  }
  ctx.body = presentTrader(trader);
}

async function isInEffect({ shards }: Api, { traderId, frozenAt }: TraderRow): Promise<boolean> {
  const known = await Promise.all(
    shards.all.map(({ redis, name }) => redis.sismember(shardKeys(name).frozen, traderId).catch(() => null)),
  );
  return known.every((each) => each === (frozenAt === null ? 0 : 1));
}
