// Holds what clients were told of transfers between shards against the movements in both.

import type { Findings } from './findings.ts';
import { isFinal, isGood, type Sent, type What } from './record.ts';
import { nameOf, type Stored, type TransferRow } from './stored.ts';

type MoveBetween = Extract<What, { kind: 'move between' }>;
type Comparing = { readonly stored: Stored; readonly findings: Findings };

/** It left one shard and came into the other, or neither: once, since a shard has one movement of an id. */
export function compareBetween(one: Sent, what: MoveBetween, { stored, findings }: Comparing): void {
  const { requestId, during, answer } = one;
  const { transferId, fromShard, toShard, traderId, toTraderId } = what;
  const [out, into] = [fromShard, toShard].map((shard) => stored.transfers.get(nameOf(shard, transferId)));
  const [hasLeft, hasCome] = [isDone(out), isDone(into)];
  const status = stored.between.get(transferId) ?? null;
  const says = `${requestId} (transfer_id ${transferId}) was answered ${answer?.status ?? 'nothing'}; ${JSON.stringify({ out, into, status })}`;
  const isAsMeant =
    (!out || isHalf(out, 'withdraw', traderId, what)) && (!into || isHalf(into, 'deposit', toTraderId, what));
  // A standby of PostgreSQL that lacks the last commits lacks the note, and the stream has both halves.
  const isAsNoted = status === null || (status === 'done') === hasCome;
  if (isFinal(one) && isGood(one) && !(hasLeft && hasCome)) findings.lost.push({ during, says });
  else if (hasLeft !== hasCome || !isAsMeant || !isAsNoted) findings.contradicted.push({ during, says });
  else if (isFinal(one) && !isGood(one) && hasLeft) findings.contradicted.push({ during, says });
}

function isDone(row: TransferRow | undefined): boolean {
  return row?.reject_reason === null;
}

function isHalf(row: TransferRow, movement: string, traderId: number, { amount }: MoveBetween): boolean {
  return row.movement === movement && row.trader_id === traderId && row.amount === amount;
}
