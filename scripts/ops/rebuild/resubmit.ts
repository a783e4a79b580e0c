// Puts the continuation into the commands stream, as submit.lua had put it there, for the matcher to apply.

import type { Redis } from 'ioredis';
import { clientOidKey, shardKeys, transferKey } from '../../../core/keys.ts';
import { type Command, decodeCommand } from '../../../core/wire/commands.ts';
import { mostCommandsAnEntry } from '../../../matcher/client.ts';
import { type Continuation, lineOf, type VoidedBy } from './continuation.ts';
import { send } from './existing-keys.ts';
import { restOfWindow } from './fill.ts';

export type Resubmission = {
  readonly redis: Redis;
  readonly shard: string;
  readonly windowMs: number;
  readonly voidedBy: VoidedBy;
};

export async function resubmit(resubmission: Resubmission, continuation: Continuation): Promise<void> {
  const { redis, shard, voidedBy } = resubmission;
  const { commands } = shardKeys(shard);
  for (let from = continuation.first; from <= continuation.last; from += mostCommandsAnEntry) {
    const below = Math.min(from + mostCommandsAnEntry, continuation.last + 1);
    const lines: string[] = [];
    for (let sequence = from; sequence < below; sequence++)
      lines.push(lineOf(continuation, sequence, voidedBy));
    const pipeline = redis.pipeline();
    pipeline.xadd(commands, `0-${from}`, 'lines', lines.join('\n'));
    await send(pipeline);
    await remember(resubmission, lines, from);
  }
}

/** Notes whom the sequences were given to, and the ids by which they must not be given again. */
async function remember(
  { redis, shard, windowMs }: Resubmission,
  lines: readonly string[],
  from: number,
): Promise<void> {
  const { written } = shardKeys(shard);
  const pipeline = redis.pipeline();
  for (const [i, line] of lines.entries()) {
    const command = decodeCommand(line);
    for (const traderId of tradersOf(command)) pipeline.hset(written, traderId, from + i);
    const key = onceKey(shard, command);
    if (key !== null) pipeline.set(key, from + i, 'PX', restOfWindow(command.time, windowMs));
  }
  await send(pipeline);
}

function tradersOf(command: Command): number[] {
  if (!('traderId' in command) || command.traderId === 0) return [];
  return command.kind === 'transfer' ? [command.traderId, command.toTraderId] : [command.traderId];
}

function onceKey(shard: string, command: Command): string | null {
  if ('transferId' in command) return transferKey(shard, command.transferId);
  if (command.kind !== 'place' || command.clientOid === null) return null;
  return clientOidKey(shard, command.traderId, command.clientOid);
}
