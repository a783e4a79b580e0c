import { sleep } from '../../../core/lifecycle.ts';
import { connectOnce } from '../../../core/redis.ts';
import type { Api } from '../../api.ts';
import { createNewest } from '../../community/newest.ts';
import { followRooms, type RoomEntry } from '../../community/stream.ts';
import type { Shard } from '../../shard/shard.ts';
import type { Channel } from '../channel.ts';
import { textFrame } from '../frame.ts';
import type { Hub, Topic } from '../hub.ts';

const retryMs = 1_000;
const sweepEveryMs = 30_000;
/** Rooms that are read at a time when all are read again. */
const roomsAtOnce = 100;

type Parts = Pick<Api, 'shards' | 'catalogue' | 'config' | 'log' | 'readsOf'>;

/** What is said in a product's room: the newest messages as `room`, then each `message`, and once more if it is removed. */
export function roomChannel(hub: Hub, { shards, catalogue, config, log, readsOf }: Parts): Channel {
  const newest = createNewest(readsOf('public'));
  const stop = new AbortController();
  const due = new Set<string>();
  const renewing = new Set<string>();
  let unwatched = new Set<string>();
  const topicOf = (productId: string): Topic | undefined => hub.topics(productId)?.get('room');
  const framesOf = (productId: string): Buffer[] => {
    const messages = newest.of(productId);
    return messages ? [textFrame(JSON.stringify({ type: 'room', product_id: productId, messages }))] : [];
  };
  /** Reads a room until that is done, and tells those who follow it by then. */
  const renew = async (productId: string, afterMs = 0): Promise<void> => {
    due.add(productId);
    if (renewing.has(productId)) return;
    renewing.add(productId);
    for (let pause = afterMs; due.has(productId) && !stop.signal.aborted; pause = retryMs) {
      await sleep(pause, stop.signal);
      due.delete(productId);
      await newest.reload(productId).catch(() => due.add(productId));
    }
    renewing.delete(productId);
    const topic = topicOf(productId);
    if (topic) for (const frame of framesOf(productId)) hub.publish(topic, frame);
  };
  const renewAllOf = async (shard: Shard): Promise<void> => {
    const rooms = newest.kept().filter((id) => catalogue.product(id)?.shard === shard.name);
    while (rooms.length > 0) await Promise.all(rooms.splice(0, roomsAtOnce).map((id) => renew(id)));
  };
  const tell = ({ productId, message }: RoomEntry): void => {
    if (message === null) {
      if (newest.has(productId)) void renew(productId);
      return;
    }
    newest.take(message);
    const topic = topicOf(productId);
    if (topic) hub.publish(topic, textFrame(JSON.stringify({ type: 'message', ...message })));
  };
  const follow = (shard: Shard): void => {
    const settings = { shard: shard.name, timeoutMs: config.redisTimeoutMs };
    const redis = connectOnce(config.redisUrl, log, settings);
    stop.signal.addEventListener('abort', () => redis.disconnect());
    void followRooms({
      ...{ redis, shard: shard.name, onEntry: tell, signal: stop.signal },
      onReset: () => void renewAllOf(shard),
      onBroken: (error) => log.warn({ error: String(error), shard: shard.name }, 'rooms are not heard'),
    });
  };
  const sweep = (): void => {
    const isUnwatched = (id: string): boolean => !topicOf(id) && !renewing.has(id);
    const before = unwatched;
    unwatched = new Set(newest.kept().filter(isUnwatched));
    // Whoever is about to follow a room has had it read, and not subscribed yet.
    for (const id of unwatched) if (before.has(id)) newest.forget(id);
  };
  return {
    name: 'room',
    of: 'products',
    prepare: ({ productId }) => newest.load(productId).catch(() => void renew(productId, retryMs)),
    greet: (product) => framesOf(product!.productId),
    start: () => {
      shards.each(follow);
      const timer = setInterval(sweep, sweepEveryMs);
      return () => {
        clearInterval(timer);
        stop.abort();
      };
    },
  };
}
