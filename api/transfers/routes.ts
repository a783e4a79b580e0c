import { accountOf } from '../accounts/own-account.ts';
import type { Api } from '../api.ts';
import { traderOf } from '../auth/traders.ts';
import { NotFound } from '../errors.ts';
import type { CallerContext, CallerHandler, CallerState } from '../http/context.ts';
import { answerListed } from '../http/listed.ts';
import { jsonBody } from '../http/middleware/json-body.ts';
import { readQuery } from '../http/query.ts';
import type { CallerRoutes } from '../http/routes.ts';
import { readScope } from '../http/scope.ts';
import { moveBetweenShards } from './between/move.ts';
import { presentShardTransfer } from './between/presentation.ts';
import type { ShardTransfer } from './between/record.ts';
import { listTransfers } from './list.ts';
import { moveMoney } from './move-money.ts';
import { presentTransfer } from './presentation.ts';
import { findShardTransfer } from './queries/shard-transfers.ts';
import { type ReadMovement, readDeposit, readTransfer } from './read-movement.ts';
import type { TransferRecord } from './record.ts';

export function transferRoutes(routes: CallerRoutes, api: Api): void {
  const deposit = move(api, (state, body) => readDeposit(api, state, 'deposit', body));
  const withdraw = move(api, (state, body) => readDeposit(api, state, 'withdraw', body));
  routes.post('/deposits', jsonBody(), deposit);
  routes.post('/withdrawals', jsonBody(), withdraw);
  routes.post('/transfers', jsonBody(), transfer(api));
  routes.get('/transfers/:id', getShardTransfer(api));
  routes.get('/accounts/:id/transfers', async (ctx) => {
    const { traderId, currency } = await accountOf(api, ctx);
    await answerTransfers(api, ctx, { traderId, currency: currency.currency });
  });
  routes.get('/transfers', async (ctx) => {
    const { traderId } = readScope(api.catalogue, readQuery(ctx.querystring), undefined);
    await answerTransfers(api, ctx, { traderId: traderOf(ctx.state.caller, traderId), currency: null });
  });
}

function move(api: Api, read: (state: CallerState, body: unknown) => Promise<ReadMovement>): CallerHandler {
  return async (ctx) => {
    await answerMovement(api, ctx, await read(ctx.state, ctx.request.body));
  };
}

async function answerMovement(api: Api, ctx: CallerContext, { command, shard }: ReadMovement): Promise<void> {
  ctx.body = present(api, await moveMoney(api, shard, command), command.traderId);
}

function transfer(api: Api): CallerHandler {
  return async (ctx) => {
    const read = await readTransfer(api, ctx.state, ctx.request.body);
    if (!('between' in read)) return answerMovement(api, ctx, read);
    const moved = await moveBetweenShards(api, read.between);
    if (moved.status === 'pending') ctx.status = 202;
    ctx.body = presentBetween(api, moved, moved.traderId);
  };
}

/** How far a transfer between shards has come, for its traders and for staff. */
function getShardTransfer(api: Api): CallerHandler {
  return async (ctx) => {
    const { traderId: named } = readScope(api.catalogue, readQuery(ctx.querystring), undefined);
    const { caller } = ctx.state;
    const traderId = caller.traderId === null ? named : traderOf(caller, named);
    const found = await findShardTransfer(api.pool, ctx.params.id!);
    const isOf = ({ traderId: from, toTraderId }: ShardTransfer): boolean =>
      traderId === null || traderId === from || traderId === toTraderId;
    if (!found || !isOf(found)) throw new NotFound();
    ctx.body = presentBetween(api, found, traderId ?? found.traderId);
  };
}

function presentBetween({ catalogue }: Api, found: ShardTransfer, traderId: number) {
  return presentShardTransfer(found, traderId, catalogue.fundedCurrency(found.currency)!);
}

async function answerTransfers(
  api: Api,
  ctx: CallerContext,
  whose: { readonly traderId: number; readonly currency: string | null },
): Promise<void> {
  const transfers = await listTransfers(api, whose, readQuery(ctx.querystring));
  answerListed(ctx, transfers, (transfer) => present(api, transfer, whose.traderId));
}

function present({ catalogue }: Api, transfer: TransferRecord, traderId: number) {
  return presentTransfer(transfer, traderId, catalogue.fundedCurrency(transfer.currency)!);
}
