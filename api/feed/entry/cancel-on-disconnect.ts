import { randomBytes } from 'node:crypto';
import { BadRequest } from '../../errors.ts';
import { requestPrefix, type Switches } from '../../orders/switches/watch.ts';

/** Cancels what a socket has placed once it is gone. */
export type CancelOnDisconnect = {
  readonly begin: (traderId: number | null) => Promise<void>;
  readonly isOn: () => boolean;
  /** An id for the next request, by which its orders are known later; null while it is off. */
  readonly requestId: () => string | null;
  readonly end: () => void;
};

export function createCancelOnDisconnect(switches: Switches): CancelOnDisconnect {
  let session: { readonly id: string; readonly end: () => void } | null = null;
  let isOver = false;
  let requests = 0;
  const end = (): void => {
    isOver = true;
    session?.end();
    session = null;
  };
  return {
    begin: async (traderId) => {
      if (traderId === null) throw new BadRequest('Invalid cancel_on_disconnect: only a trader has orders');
      if (session) return;
      const id = randomBytes(9).toString('base64url');
      session = { id, ...(await switches.hold(traderId, id)) };
      if (isOver) end();
    },
    isOn: () => session !== null,
    requestId: () => (session ? `${requestPrefix(session.id)}${++requests}` : null),
    end,
  };
}
