import type { Redis } from 'ioredis';
import { shardKeys } from '../../core/keys.ts';
import { decodeCommand } from '../../core/wire/commands.ts';
import type { Report } from '../../core/wire/reports.ts';
import type { Submit } from '../../matcher/client.ts';
import { UnconfirmedError } from './errors.ts';

/** Which request was given which sequence, until its verdict: a failover may lose a command and give its sequence to another. */
export type Submitted = {
  readonly noting: (submit: Submit) => Submit;
  /** Throws `UnconfirmedError` if the report is of another command than the one that was given its sequence. */
  readonly assertOurs: (report: Report) => void;
  /** The same, of the command that Redis has for a sequence. */
  readonly assertTaken: (redis: Redis, sequence: number) => Promise<void>;
};

/** More can wait for a verdict only if the api is far beyond its limits; the oldest are then not checked. */
const most = 500_000;

export function createSubmitted(shard: string): Submitted {
  const requestIds = new Map<number, string>();
  const assertSame = (sequence: number, found: string | null | undefined): void => {
    const given = requestIds.get(sequence);
    requestIds.delete(sequence);
    if (given !== undefined && found !== given)
      throw new UnconfirmedError(
        `sequence ${sequence} was lost with its primary, and another command has it`,
      );
  };
  return {
    noting: (submit) => async (commands) => {
      const taken = await submit(commands);
      taken.forEach(({ sequence, repeated }, i) => {
        const { requestId } = commands[i]!;
        if (!repeated && requestId !== null) requestIds.set(sequence, requestId);
      });
      for (const oldest of requestIds.keys()) {
        if (requestIds.size <= most) break;
        requestIds.delete(oldest);
      }
      return taken;
    },
    assertOurs: ({ sequence, command }) => assertSame(sequence, command.requestId),
    assertTaken: async (redis, sequence) => {
      const [entry] = await redis.xrevrange(shardKeys(shard).commands, `0-${sequence}`, '-', 'COUNT', 1);
      const [id, [, lines]] = entry ?? ['0-0', ['', '']];
      const line = lines?.split('\n')[sequence - Number(id.slice(2))];
      assertSame(sequence, line ? decodeCommand(line).requestId : undefined);
    },
  };
}
