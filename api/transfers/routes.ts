import { accountOf } from '../accounts/own-account.ts';
import type { Api } from '../api.ts';
import { traderOf } from '../auth/traders.ts';
import type { CallerContext, CallerHandler, CallerState } from '../http/context.ts';
import { answerListed } from '../http/listed.ts';
import { jsonBody } from '../http/middleware/json-body.ts';
import { readQuery } from '../http/query.ts';
import type { CallerRoutes } from '../http/routes.ts';
import { readScope } from '../http/scope.ts';
import { listTransfers } from './list.ts';
import { moveMoney } from './move-money.ts';
import { presentTransfer } from './presentation.ts';
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
