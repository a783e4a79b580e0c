import type { Api } from '../api.ts';
import { refuseUnknownTrader } from '../auth/traders.ts';
import { BadRequest } from '../errors.ts';
import { readMoney } from '../http/amounts.ts';
import { readBody } from '../http/body.ts';
import type { CallerState } from '../http/context.ts';
import type { FundedCurrency } from '../products/catalogue.ts';
import type { Shard } from '../shard/shard.ts';
import { depositBody, type MoneyBody, transferBody, withdrawalBody } from './body.ts';
import type { Movement } from './record.ts';

/** A command that moves money, checked as far as it can be before it is matched, and the shard that holds the accounts. */
export type ReadMovement = { readonly command: Movement; readonly shard: Shard };

export async function readDeposit(
  api: Api,
  { caller, requestId }: CallerState,
  kind: 'deposit' | 'withdraw',
  body: unknown,
): Promise<ReadMovement> {
  const given = readBody(kind === 'deposit' ? depositBody : withdrawalBody, body);
  const { shard, ...money } = readWhat(api, given);
  const traderId = given.trader_id;
  await refuseUnknownTrader(api, caller, traderId);
  return { command: { kind, traderId, ...money, time: Date.now(), requestId }, shard };
}

export async function readTransfer(
  api: Api,
  { caller, requestId }: CallerState,
  body: unknown,
): Promise<ReadMovement> {
  const given = readBody(transferBody, body);
  const { shard, ...money } = readWhat(api, given);
  const { from_trader_id: traderId, to_trader_id: toTraderId } = given;
  await refuseUnknownTrader(api, caller, traderId, 'from_trader_id');
  await refuseUnknownTrader(api, caller, toTraderId, 'to_trader_id');
  return {
    command: { kind: 'transfer', traderId, toTraderId, ...money, time: Date.now(), requestId },
    shard,
  };
}

function readWhat({ catalogue, shards }: Api, body: MoneyBody) {
  const currency = catalogue.fundedCurrency(body.currency);
  if (!currency)
    throw new BadRequest('Invalid currency: must be one that a funded product trades or pays with');
  return {
    currency: currency.currency,
    amount: readMoney(body.amount, currency.increment),
    transferId: body.transfer_id,
    shard: shards.named(shardOf(currency, body.shard)),
  };
}

/** Accounts are a shard's own: where several have the currency, the request must say which is meant. */
function shardOf({ currency, shards }: FundedCurrency, named: string | undefined): string {
  if (named === undefined && shards.length > 1)
    throw new BadRequest(`Invalid shard: required, since ${currency} is in ${shards.join(' and ')}`);
  const shard = named ?? shards[0]!;
  if (!shards.includes(shard))
    throw new BadRequest(`Invalid shard: ${currency} is in ${shards.join(' and ')}`);
  return shard;
}
