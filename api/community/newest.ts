import { batched } from '../../core/batched.ts';
import type { Queries } from '../../sql/with-timeout.ts';
import { type Message, presentMessage } from './presentation.ts';
import { newestMessages } from './queries/messages.ts';

/** The newest messages of the rooms that somebody follows. */
export type Newest = {
  /** Reads a room, unless it is kept. Throws if PostgreSQL is away. */
  readonly load: (productId: string) => Promise<void>;
  /** Reads it again: messages may be missing. */
  readonly reload: (productId: string) => Promise<void>;
  /** Newest first; null while the room is not read. */
  readonly of: (productId: string) => readonly Message[] | null;
  /** A message that came, or changed. */
  readonly take: (message: Message) => void;
  readonly has: (productId: string) => boolean;
  readonly kept: () => string[];
  readonly forget: (productId: string) => void;
};

type Room = { messages: Message[]; reading: Promise<void> | null };

const mostMessages = 50;

export function createNewest(pool: Queries): Newest {
  const rooms = new Map<string, Room>();
  const find = batched((ids: readonly string[]) => newestMessages(pool, ids, mostMessages));
  const read = (productId: string): Promise<void> => {
    const room: Room = { messages: [], reading: null };
    rooms.set(productId, room);
    room.reading = find(productId).then((rows) => {
      for (const row of rows) put(room, presentMessage(row));
      room.reading = null;
    });
    return room.reading;
  };
  return {
    load: async (productId) => {
      const room = rooms.get(productId);
      if (!room) return read(productId);
      await room.reading;
    },
    reload: read,
    of: (productId) => {
      const room = rooms.get(productId);
      return room && room.reading === null ? room.messages : null;
    },
    take: (message) => {
      const room = rooms.get(message.product_id);
      if (room) put(room, message);
    },
    has: (productId) => rooms.has(productId),
    kept: () => [...rooms.keys()],
    forget: (productId) => rooms.delete(productId),
  };
}

/** In its place, which need not be the first: two processes may tell theirs in another order than PostgreSQL has them. */
function put(room: Room, message: Message): void {
  const { messages } = room;
  const at = messages.findIndex(({ id }) => Number(id) <= Number(message.id));
  if (at === -1) messages.push(message);
  else if (messages[at]!.id !== message.id) messages.splice(at, 0, message);
  // What was removed stays so, whatever was read before.
  else if (messages[at]!.removed_at === null) messages[at] = message;
  messages.length = Math.min(messages.length, mostMessages);
}
