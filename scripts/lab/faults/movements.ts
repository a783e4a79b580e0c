// How clients move money: into a shard, out of it, from one to another trader in it, and between shards.

import { oneOf, type Random } from '../model/random.ts';
import type { Funded } from './orders.ts';
import type { What } from './record.ts';
import type { Call } from './sender.ts';

export type AskedMovement = { readonly what: What; readonly call: Call };

export type Moving = {
  readonly transferId: string;
  readonly traderId: number;
  readonly traders: number;
  readonly funded: readonly Funded[];
};

/** Whole dollars or lots. */
export function randomMovement(random: Random, moving: Moving): AskedMovement {
  const { transferId, traderId, traders, funded } = moving;
  const toTraderId = 1 + ((traderId + random(0, traders - 2)) % traders);
  if (funded.length > 1 && random(1, 4) === 1) {
    const from = random(0, funded.length - 1);
    const [fromShard, toShard] = [funded[from]!.shard, funded[(from + 1) % funded.length]!.shard];
    // As often as not it is the trader's own.
    const receiver = oneOf(random, [traderId, toTraderId]);
    return between({
      transferId,
      fromShard,
      toShard,
      traderId,
      toTraderId: receiver,
      dollars: random(1, 50),
    });
  }
  const { shard, currencies } = oneOf(random, funded);
  const currency = oneOf(random, currencies);
  const whole = random(1, 50);
  const [path, who] = oneOf(random, [
    ['/deposits', { trader_id: traderId }],
    ['/deposits', { trader_id: traderId }],
    ['/deposits', { trader_id: traderId }],
    ['/withdrawals', { trader_id: traderId }],
    ['/withdrawals', { trader_id: traderId }],
    ['/transfers', { from_trader_id: traderId, to_trader_id: toTraderId }],
  ] as const);
  const where = funded.length > 1 ? { shard } : {};
  const body = { currency, amount: String(whole), transfer_id: transferId, ...who, ...where };
  return {
    what: { kind: 'move', transferId, shard, amount: currency === 'USD' ? whole * 100 : whole },
    call: { method: 'POST', path, body },
  };
}

export type Between = {
  readonly transferId: string;
  readonly fromShard: string;
  readonly toShard: string;
  readonly traderId: number;
  readonly toTraderId: number;
  readonly dollars: number;
};

export function between({ dollars, ...one }: Between): AskedMovement {
  const body = {
    ...{ transfer_id: one.transferId, currency: 'USD', amount: String(dollars) },
    ...{ from_shard: one.fromShard, to_shard: one.toShard },
    ...{ from_trader_id: one.traderId, to_trader_id: one.toTraderId },
  };
  return {
    what: { kind: 'move between', ...one, amount: dollars * 100 },
    call: { method: 'POST', path: '/transfers', body },
  };
}

export function deposit({ transferId, shard, traderId, dollars }: Deposit): AskedMovement {
  const body = {
    currency: 'USD',
    amount: String(dollars),
    transfer_id: transferId,
    trader_id: traderId,
    shard,
  };
  return {
    what: { kind: 'move', transferId, shard, amount: dollars * 100 },
    call: { method: 'POST', path: '/deposits', body },
  };
}

type Deposit = Pick<Between, 'transferId' | 'traderId' | 'dollars'> & { readonly shard: string };
