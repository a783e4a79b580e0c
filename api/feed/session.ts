import type { Caller } from '../auth/caller.ts';
import { RequestError, Unauthorized } from '../errors.ts';
import { answerTo } from '../http/error-answers.ts';
import { textFrame } from './frame.ts';
import type { Hub, Reader } from './hub.ts';
import type { FindIdentity } from './identity.ts';
import type { Missed } from './missed.ts';
import {
  added,
  gapsOf,
  type Known,
  presentSubscriptions,
  readChannels,
  removed,
  SubscriptionError,
  type SubscriptionMessage,
  type Subscriptions,
  subscriptionMessage,
  topicsOf,
  traderMeant,
} from './subscriptions.ts';

/** What one client has subscribed to, and as whom. */
export type Session = {
  /** Handles the next message that has a `type`. */
  readonly receive: (message: Record<string, unknown>) => void;
  readonly hasSubscribed: () => boolean;
};

export type SessionParts = {
  readonly known: Known;
  readonly hub: Hub;
  readonly missed: Missed;
  readonly findIdentity: FindIdentity;
  readonly reader: Reader & { readonly isClosing: () => boolean };
};

/** Messages are handled one after the other, since one may have to be authenticated first. */
export function createSession(parts: SessionParts): Session {
  const { known, hub, missed, findIdentity, reader } = parts;
  let subscriptions: Subscriptions = new Map();
  let traderId: number | null = null;
  let last: Promise<void> = Promise.resolve();
  let hasSubscribed = false;

  const send = (message: object): void => hub.send(reader, textFrame(JSON.stringify(message)));

  const identify = async (message: Record<string, unknown>): Promise<Caller | null> => {
    try {
      return (await findIdentity(message))?.caller ?? null;
    } catch (error) {
      if (error instanceof Unauthorized) throw new AuthenticationError(error.message);
      throw error;
    }
  };
  const subscribe = async (message: SubscriptionMessage, raw: Record<string, unknown>): Promise<void> => {
    const caller = await identify(raw);
    if (reader.isClosing()) return;
    const wanted = readChannels(message, known);
    const meant = traderMeant(wanted, caller, message);
    if (meant !== null && traderId !== null && meant !== traderId)
      throw new SubscriptionError('a socket has the private channels of one trader only');
    const { all, fresh } = added(subscriptions, wanted);
    const gaps = gapsOf(fresh, message);
    for (const [{ prepare }, ids] of fresh)
      if (prepare) for (const id of ids) await prepare(known.catalogue.product(id)!);
    for (const productId of gaps.keys()) await missed.caughtUp(known.catalogue.product(productId)!);
    if (reader.isClosing()) return;
    const greetings = greetingsFor(fresh, known);
    traderId = meant ?? traderId;
    hub.subscribe(reader, topicsOf(all, traderId));
    subscriptions = all;
    hasSubscribed = true;
    send(presentSubscriptions(all));
    for (const frame of greetings) hub.send(reader, frame);
    for (const [productId, since] of gaps) {
      const product = known.catalogue.product(productId)!;
      for (const frame of missed.framesFor({ product, since, subscriptions: all, traderId }))
        hub.send(reader, frame);
    }
  };
  const unsubscribe = (message: SubscriptionMessage): void => {
    subscriptions = removed(subscriptions, readChannels(message, known));
    hub.subscribe(reader, topicsOf(subscriptions, traderId));
    send(presentSubscriptions(subscriptions));
  };
  const handle = async (raw: Record<string, unknown>): Promise<void> => {
    if (reader.isClosing()) return;
    const read = subscriptionMessage.safeParse(raw);
    if (!read.success) return send(failure(`${read.error.issues[0]!.path.join('.')} is not valid`));
    try {
      if (read.data.type === 'subscribe') await subscribe(read.data, raw);
      else unsubscribe(read.data);
    } catch (error) {
      send(answerOf(error));
    }
  };
  return {
    receive: (message) => {
      last = last.then(() => handle(message));
    },
    hasSubscribed: () => hasSubscribed,
  };
}

/** What those who come are sent first. Throws if the market data are not there now. */
function greetingsFor(fresh: Subscriptions, { catalogue }: Known): Buffer[] {
  const frames: Buffer[] = [];
  for (const [{ greet, of }, ids] of fresh)
    for (const id of ids) if (greet) frames.push(...greet(of === 'products' ? catalogue.product(id)! : null));
  return frames;
}

class AuthenticationError extends Error {
  override name = 'AuthenticationError';
}

function failure(reason: string) {
  return { type: 'error', message: 'Failed to subscribe', reason };
}

/** CCXT and others know a failed authentication by its message, and read the reason as JSON. */
function answerOf(error: unknown) {
  if (error instanceof AuthenticationError)
    return {
      ...{ type: 'error', message: 'Authentication Failed' },
      reason: JSON.stringify({ message: error.message }),
    };
  if (error instanceof SubscriptionError || error instanceof RequestError) return failure(error.message);
  return failure(answerTo(error).message);
}
