import type { Redis } from 'ioredis';
import { shardKeys } from '../../core/keys.ts';
import { decodeCommand } from '../../core/wire/commands.ts';
import type { Report } from '../../core/wire/reports.ts';
import type { Submit, Taken } from '../../matcher/client.ts';
import { UnconfirmedError } from './errors.ts';

/**
 * Which request was given which sequence: a failover may lose a command and give its sequence to another, also of this process. So it
 * is known of each answer to a submit, not of its sequence.
 */
export type Submitted = {
  readonly noting: (submit: Submit) => Submit;
  /** Throws `UnconfirmedError` if the report is of another command than the one that was given its sequence. */
  readonly assertOurs: (taken: Taken, report: Report) => void;
  /** The same, of the command that Redis has for a sequence. */
  readonly assertTaken: (redis: Redis, taken: Taken) => Promise<void>;
};

export function createSubmitted(shard: string): Submitted {
  const requestIds = new WeakMap<Taken, string>();
  const assertSame = (taken: Taken, found: string | null | undefined): void => {
    const given = requestIds.get(taken);
    if (given !== undefined && found !== given)
      throw new UnconfirmedError(
        `sequence ${taken.sequence} was lost with its primary, and another command has it`,
      );
  };
  return {
    noting: (submit) => async (commands) => {
      const taken = await submit(commands);
      for (const [i, one] of taken.entries()) {
        const { requestId } = commands[i]!;
        if (!one.repeated && requestId !== null) requestIds.set(one, requestId);
      }
      return taken;
    },
    assertOurs: (taken, { command }) => assertSame(taken, command.requestId),
    assertTaken: async (redis, taken) => {
      const { sequence } = taken;
      const [entry] = await redis.xrevrange(shardKeys(shard).commands, `0-${sequence}`, '-', 'COUNT', 1);
      const [id, [, lines]] = entry ?? ['0-0', ['', '']];
      const line = lines?.split('\n')[sequence - Number(id.slice(2))];
      assertSame(taken, line ? decodeCommand(line).requestId : undefined);
    },
  };
}
