// Why an order traded as it did: where it stood when it came in, and what became of those before it.

import { sql } from 'slonik';
import { z } from 'zod';
import { shardKeys } from '../../../core/keys.ts';
import { type Amend, decodeCommand } from '../../../core/wire/commands.ts';
import type { Report } from '../../../core/wire/reports.ts';
import { decodeResting, scoreOf } from '../../../core/wire/resting-orders.ts';
import { type BookOrder, ordersOf } from './books.ts';
import type { Namespace } from './namespace.ts';
import type { Player } from './player.ts';
import type { Part } from './recorded.ts';
import { createStory, type Meeting } from './story.ts';
import type { UnitsOf } from './units.ts';

export type Explanation = { readonly orderId: number; readonly lines: readonly string[] };

export type Explained = {
  readonly parts: readonly Part[];
  readonly namespace: Namespace;
  readonly player: Player;
  readonly unitsOf: UnitsOf;
  /** Where the replay ends, if the order is not done before. */
  readonly last: number;
};

type Target = {
  readonly orderId: number;
  readonly side: 'buy' | 'sell';
  readonly productId: string;
  /** As it was placed. */
  readonly price: number | null;
};

/** Stops before each command that brings the order in, to look at the book it meets. */
export async function explain(explained: Explained, orderId: number): Promise<Explanation> {
  const { parts, namespace, player, unitsOf, last } = explained;
  const first = player.at() + 1;
  const target = orderId < first || orderId > last ? null : await findOrder(parts, orderId);
  if (!target) throw new Error(`there is no order ${orderId} from sequence ${first} to ${last}`);
  const story = createStory(orderId, unitsOf(target.productId));
  const visit = (report: Report): void => story.tell(report);
  for (const entrance of await entrances(parts, target, last)) {
    await player.advance(entrance.sequence - 1, player.at() >= orderId ? visit : undefined);
    if (story.isDone()) break;
    const meeting = await meet(namespace, target, entrance);
    if (meeting) story.meet(meeting);
    await player.advance(entrance.sequence, visit);
  }
  await untilDone(player, { last, visit, isDone: story.isDone });
  return { orderId, lines: [`Order ${orderId}`, ...story.lines(), ''] };
}

type Following = {
  readonly last: number;
  readonly visit: (report: Report) => void;
  readonly isDone: () => boolean;
};

const stretch = 100_000;

async function untilDone(player: Player, { last, visit, isDone }: Following): Promise<void> {
  while (!isDone() && player.at() < last) await player.advance(Math.min(player.at() + stretch, last), visit);
}

const orderRow = z.object({
  side: z.enum(['buy', 'sell']),
  productId: z.string(),
  price: z.number().nullable(),
});

async function findOrder(parts: readonly Part[], orderId: number): Promise<Target | null> {
  const { pool } = parts.find(({ last }) => orderId <= last)!;
  const row = await pool.maybeOne(
    sql.type(orderRow)`select side, product_id as "productId", price from orders where id = ${orderId}`,
  );
  return row && { orderId, ...row };
}

type Entrance = { readonly sequence: number; readonly amend: Amend | null };
const amendRow = z.object({ sequence: z.number(), line: z.string() });

/** The order's own command, and each amend of it that was accepted. */
async function entrances(parts: readonly Part[], { orderId }: Target, last: number): Promise<Entrance[]> {
  const pools = [...new Set(parts.map(({ pool }) => pool))];
  const found = await Promise.all(
    pools.map((pool) =>
      pool.any(sql.type(amendRow)`
        select sequence, line from commands
        where order_id = ${orderId} and reject_reason is null and starts_with(line, 'amend ') and sequence <= ${last}`),
    ),
  );
  const amends = found.flat().sort((a, b) => a.sequence - b.sequence);
  return [
    { sequence: orderId, amend: null },
    ...amends.map(({ sequence, line }) => ({ sequence, amend: decodeCommand(line) as Amend })),
  ];
}

/** A market order may meet the whole book. */
const mostMet = 1_000;

/** Null if the amend leaves the order in its place, so that it meets nobody. */
async function meet(
  namespace: Namespace,
  target: Target,
  { sequence, amend }: Entrance,
): Promise<Meeting | null> {
  const price = amend ? await movedTo(namespace, target, amend) : target.price;
  if (price === 'kept') return null;
  const { productId, side, orderId } = target;
  const [own, other] = side === 'buy' ? (['bids', 'asks'] as const) : (['asks', 'bids'] as const);
  const score = price === null ? null : scoreOf({ side, price });
  const queue = score === null ? [] : await take(ordersOf(namespace, { productId, half: own, upTo: score }));
  const crossing = ordersOf(namespace, { productId, half: other, upTo: score === null ? '+inf' : -score });
  const against = await take(crossing, mostMet);
  const best = against.length > 0 ? against : await take(ordersOf(namespace, { productId, half: other }), 1);
  const before = queue.filter(({ id }) => id !== orderId);
  return { sequence, before, against: best, canTrade: against.length > 0, price };
}

/** The price at which an amended order comes in again. */
async function movedTo(
  { redis, name }: Namespace,
  { orderId }: Target,
  { price, size }: Amend,
): Promise<number | 'kept'> {
  const order = decodeResting((await redis.hget(shardKeys(name).orders, String(orderId)))!);
  if (order.stop !== null || order.price === null || order.size === null) return 'kept'; // it waits
  const isKept = (price ?? order.price) === order.price && (size ?? order.size) <= order.size;
  return isKept ? 'kept' : (price ?? order.price);
}

async function take(
  orders: AsyncGenerator<BookOrder>,
  most = Number.POSITIVE_INFINITY,
): Promise<BookOrder[]> {
  const taken: BookOrder[] = [];
  for await (const order of orders) {
    taken.push(order);
    if (taken.length >= most) break;
  }
  return taken;
}
