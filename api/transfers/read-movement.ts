import type { z } from 'zod';
import type { Api } from '../api.ts';
import { refuseUnknownTrader } from '../auth/traders.ts';
import { BadRequest } from '../errors.ts';
import { readMoney } from '../http/amounts.ts';
import { readBody } from '../http/body.ts';
import type { CallerState } from '../http/context.ts';
import type { FundedCurrency } from '../products/catalogue.ts';
import type { Shard } from '../shard/shard.ts';
import type { AskedShardTransfer } from './between/record.ts';
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

/** A transfer in a shard, or from one to another. */
export async function readTransfer(
  api: Api,
  { caller, requestId }: CallerState,
  body: unknown,
): Promise<ReadMovement | { readonly between: AskedShardTransfer }> {
  const given = readBody(transferBody, body);
  const { from_shard: fromShard, to_shard: toShard } = given;
  const ends = fromShard === undefined && toShard === undefined ? null : readEnds(api, given);
  const { shard, ...money } = readWhat(api, ends ? { ...given, shard: ends.fromShard } : given);
  const { from_trader_id: traderId, to_trader_id: toTraderId } = given;
  await refuseUnknownTrader(api, caller, traderId, 'from_trader_id');
  await refuseUnknownTrader(api, caller, toTraderId, 'to_trader_id');
  const asked = { ...money, traderId, toTraderId, requestId };
  if (ends && ends.fromShard !== ends.toShard)
    return { between: { ...asked, ...ends, createdAt: Date.now() } };
  // Between shards a trader may move its own.
  if (traderId === toTraderId)
    throw new BadRequest('Invalid to_trader_id: must be another trader than from_trader_id');
  return { command: { ...asked, kind: 'transfer', time: Date.now() }, shard };
}

function readEnds(api: Api, { currency, ...given }: z.output<typeof transferBody>) {
  const known = fundedCurrency(api, currency);
  const read = (name: 'from_shard' | 'to_shard'): string => {
    const shard = given[name] ?? given.shard;
    if (shard === undefined) throw new BadRequest(`Invalid ${name}: required where the other one is given`);
    return assertHas(known, shard, name);
  };
  return { fromShard: read('from_shard'), toShard: read('to_shard') };
}

function fundedCurrency({ catalogue }: Api, named: string): FundedCurrency {
  const currency = catalogue.fundedCurrency(named);
  if (!currency)
    throw new BadRequest('Invalid currency: must be one that a funded product trades or pays with');
  return currency;
}

function readWhat(api: Api, body: MoneyBody) {
  const currency = fundedCurrency(api, body.currency);
  return {
    currency: currency.currency,
    amount: readMoney(body.amount, currency.increment),
    transferId: body.transfer_id,
    shard: api.shards.named(shardOf(currency, body.shard)),
  };
}

/** Accounts are a shard's own: where several have the currency, the request must say which is meant. */
function shardOf(known: FundedCurrency, named: string | undefined): string {
  const { currency, shards } = known;
  if (named === undefined && shards.length > 1)
    throw new BadRequest(`Invalid shard: required, since ${currency} is in ${shards.join(' and ')}`);
  return assertHas(known, named ?? shards[0]!, 'shard');
}

function assertHas({ currency, shards }: FundedCurrency, shard: string, field: string): string {
  if (!shards.includes(shard))
    throw new BadRequest(`Invalid ${field}: ${currency} is in ${shards.join(' and ')}`);
  return shard;
}
