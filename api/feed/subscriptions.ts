import { z } from 'zod';
import type { Caller } from '../auth/caller.ts';
import { traderOf } from '../auth/traders.ts';
import type { Catalogue } from '../products/catalogue.ts';
import type { Channel } from './channel.ts';
import { allProducts } from './channels/user.ts';
import type { Subject } from './hub.ts';

const productIds = z.array(z.string().max(64)).max(1_000);
const sequence = z.number().int().nonnegative();
const named = z.object({ name: z.string().max(64), product_ids: productIds.optional() });

/** A message that subscribes or unsubscribes. Other keys are ignored. */
export const subscriptionMessage = z.object({
  type: z.enum(['subscribe', 'unsubscribe']),
  product_ids: productIds.optional(),
  /** The way of old clients to ask for `full`. */
  product_id: z.string().max(64).optional(),
  channels: z
    .array(z.union([z.string().max(64), named]))
    .max(100)
    .optional(),
  trader_id: z.number().int().optional(),
  /** The last number that the client has, of all products that it names or of each. */
  since: z.union([sequence, z.record(z.string().max(64), sequence)]).optional(),
});
export type SubscriptionMessage = z.output<typeof subscriptionMessage>;

/** By channel, of what: product ids, or what stands for them. */
export type Subscriptions = ReadonlyMap<Channel, ReadonlySet<string>>;

/** What a message cannot be taken for; to be told to the client. */
export class SubscriptionError extends Error {
  override name = 'SubscriptionError';
}

const aliases: Record<string, string> = {
  level2_50: 'level2_batch',
  ticker_1000: 'ticker_batch',
  auctionfeed: 'auction',
};
const resumable = new Set(['full', 'matches', 'user']);
const everything = 'everything';
const mostSubscriptions = 2_000;

export type Known = { readonly channels: ReadonlyMap<string, Channel>; readonly catalogue: Catalogue };

/** The channels that a message names, and of what. Null of what: all that the client has of it. */
export function readChannels(
  message: SubscriptionMessage,
  { channels, catalogue }: Known,
): Map<Channel, Set<string> | null> {
  const given = message.channels ?? ['full'];
  const common = [...(message.product_ids ?? []), ...(message.product_id ? [message.product_id] : [])];
  const read = new Map<Channel, Set<string> | null>();
  for (const one of given) {
    const { name, product_ids = [] } = typeof one === 'string' ? { name: one } : one;
    const channel = channels.get(aliases[name] ?? name);
    if (!channel) throw new SubscriptionError(`${name} is not a valid channel`);
    const ids = [...common, ...product_ids].map((id) => id.replace('/', '-'));
    for (const id of ids)
      if (!catalogue.product(id)) throw new SubscriptionError(`${id} is not a valid product`);
    const hasProducts = channel.of === 'products' || channel.of === 'own products';
    const before = read.get(channel) ?? [];
    read.set(channel, hasProducts && ids.length > 0 ? new Set([...before, ...ids]) : null);
  }
  return read;
}

/** What a client has after it has subscribed to more, and what of it is new. */
export function added(
  current: Subscriptions,
  wanted: ReadonlyMap<Channel, ReadonlySet<string> | null>,
): { all: Subscriptions; fresh: Subscriptions } {
  const [all, fresh] = [new Map(current), new Map<Channel, Set<string>>()];
  for (const [channel, ids] of wanted) {
    if (ids === null && channel.of === 'products')
      throw new SubscriptionError(`${channel.name} needs product_ids`);
    const given = ids ?? new Set([channel.of === 'own products' ? allProducts : everything]);
    const before = current.get(channel) ?? new Set();
    fresh.set(channel, new Set([...given].filter((id) => !before.has(id))));
    all.set(channel, new Set([...before, ...given]));
  }
  let count = 0;
  for (const ids of all.values()) count += ids.size;
  if (count > mostSubscriptions)
    throw new SubscriptionError(`there can be at most ${mostSubscriptions} subscriptions on a socket`);
  return { all, fresh };
}

/** Without products, a channel is dropped altogether. */
export function removed(
  current: Subscriptions,
  unwanted: ReadonlyMap<Channel, ReadonlySet<string> | null>,
): Subscriptions {
  const all = new Map(current);
  for (const [channel, ids] of unwanted) {
    const left = new Set(ids === null ? [] : [...(all.get(channel) ?? [])].filter((id) => !ids.has(id)));
    if (left.size > 0) all.set(channel, left);
    else all.delete(channel);
  }
  return all;
}

export function presentSubscriptions(subscriptions: Subscriptions) {
  const channels = [...subscriptions].map(([{ name, of }, ids]) => ({
    name,
    product_ids:
      of === 'products' || of === 'own products' ? [...ids].filter((id) => id !== allProducts) : [],
  }));
  return { type: 'subscriptions', channels };
}

/** The topics of the hub that subscriptions come to. `traderId` is whose own channels are meant. */
export function topicsOf(subscriptions: Subscriptions, traderId: number | null): Map<Subject, Set<string>> {
  const topics = new Map<Subject, Set<string>>();
  const add = (subject: Subject, channel: string): void => {
    const channels = topics.get(subject);
    if (channels) channels.add(channel);
    else topics.set(subject, new Set([channel]));
  };
  for (const [{ name, of }, ids] of subscriptions)
    for (const id of ids) {
      if (of === 'products') add(id, name);
      else if (of === 'own products') add(traderId!, `${name} ${id}`);
      else add(of === 'own' ? traderId! : everything, name);
    }
  return topics;
}

/** Of products whose events are subscribed to anew and the client says where it left off, where that was. */
export function gapsOf(fresh: Subscriptions, { since }: SubscriptionMessage): Map<string, number> {
  const gaps = new Map<string, number>();
  if (since === undefined) return gaps;
  for (const [{ name }, ids] of fresh) {
    if (!resumable.has(name)) continue;
    for (const id of ids) {
      const at = typeof since === 'number' ? since : since[id];
      if (at !== undefined && id !== allProducts) gaps.set(id, at);
    }
  }
  return gaps;
}

/** The trader whose own channels a message asks for; null if it asks for none. */
export function traderMeant(
  wanted: ReadonlyMap<Channel, unknown>,
  caller: Caller | null,
  { trader_id }: SubscriptionMessage,
): number | null {
  const own = [...wanted.keys()].find(({ of }) => of === 'own products' || of === 'own');
  if (!own) return null;
  if (!caller) throw new SubscriptionError(`${own.name} requires authentication`);
  return traderOf(caller, trader_id);
}
