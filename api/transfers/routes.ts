import { accountOf } from '../accounts/own-account.ts';
import type { Api } from '../api.ts';
import { traderOf } from '../auth/traders.ts';
import { BadRequest } from '../errors.ts';
import type { CallerContext, CallerHandler, CallerState } from '../http/context.ts';
import { setCursors } from '../http/cursors.ts';
import { jsonBody } from '../http/middleware/json-body.ts';
import { type Query, readPage, readQuery } from '../http/query.ts';
import type { CallerRoutes } from '../http/routes.ts';
import { readScope } from '../http/scope.ts';
import { setShardsAway } from '../http/shards-away.ts';
import { moveMoney } from './move-money.ts';
import { presentTransfer } from './presentation.ts';
import { findTransfersOfTrader, type TransferType, transferTypes } from './queries/transfers.ts';
import { type ReadMovement, readDeposit, readTransfer } from './read-movement.ts';
import type { TransferRecord } from './record.ts';

export function transferRoutes(routes: CallerRoutes, api: Api): void {
  const deposit = move(api, (state, body) => readDeposit(api, state, 'deposit', body));
  const withdraw = move(api, (state, body) => readDeposit(api, state, 'withdraw', body));
  const transfer = move(api, (state, body) => readTransfer(api, state, body));
  routes.post('/deposits', jsonBody(), deposit);
  routes.post('/withdrawals', jsonBody(), withdraw);
  routes.post('/transfers', jsonBody(), transfer);
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
    const { command, shard } = await read(ctx.state, ctx.request.body);
    const transfer = await moveMoney(api, shard, command);
    ctx.body = present(api, transfer, command.traderId);
  };
}

/** A page of a trader's transfers, of one currency or of all. */
async function answerTransfers(
  api: Api,
  ctx: CallerContext,
  whose: { readonly traderId: number; readonly currency: string | null },
): Promise<void> {
  const query = readQuery(ctx.querystring);
  const filter = { ...readPage(query), type: readType(query), ...whose };
  setShardsAway(ctx, await api.shards.visibleTo(whose.traderId));
  const transfers = await findTransfersOfTrader(api.readsOf(whose.traderId), filter);
  setCursors(ctx, transfers, ({ sequence }) => sequence);
  ctx.body = transfers.map((transfer) => present(api, transfer, whose.traderId));
}

function readType(query: Query): TransferType | null {
  const given = query.one('type');
  const type = transferTypes.find((known) => known === given);
  if (given !== null && !type) throw new BadRequest(`Invalid type: must be ${transferTypes.join(', ')}`);
  return type ?? null;
}

function present({ catalogue }: Api, transfer: TransferRecord, traderId: number) {
  return presentTransfer(transfer, traderId, catalogue.fundedCurrency(transfer.currency)!);
}
