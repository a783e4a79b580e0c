import type { SocketMessage } from '@cardstock/client/socket';
import type { Message } from '@cardstock/client/types';
import { signal } from '@preact/signals';
import { attempt } from './notices.ts';
import { feed, rest } from './session.ts';

/** What is said in the room of the product on the screen, oldest first. */
export const said = signal<readonly Message[]>([]);
export const hasOlder = signal(false);

const pageLength = 50;
const mostKept = 500;

/** Follows a room. Returns what ends it. */
export function watchRoom(productId: string): () => void {
  [said.value, hasOlder.value] = [[], false];
  return feed.subscribe({ channel: 'room', productIds: [productId], onMessage: take });
}

function take(message: SocketMessage): void {
  if (message.type === 'message') {
    put([message as unknown as Message]);
    return;
  }
  const newest = message.messages as Message[];
  // The newest are as they are told now; what was there before them stays.
  const isAll = newest.length < pageLength;
  const older = isAll ? [] : said.value.filter(({ id }) => Number(id) < Number(newest.at(-1)!.id));
  hasOlder.value = older.length > 0 ? hasOlder.value : !isAll;
  said.value = older;
  put(newest);
}

function put(messages: readonly Message[]): void {
  const byId = new Map([...said.value, ...messages].map((one) => [Number(one.id), one]));
  const sorted = [...byId].sort(([one], [other]) => one - other);
  said.value = sorted.slice(-mostKept).map(([, one]) => one);
}

export async function loadOlder(productId: string): Promise<void> {
  const [first] = said.value;
  const page = await attempt(() => rest.messages(productId, { limit: pageLength, after: first!.id }));
  if (!page || said.value[0] !== first) return;
  hasOlder.value = page.rows.length === pageLength && said.value.length + pageLength < mostKept;
  put(page.rows);
}

/** True if it was said. */
export async function sayInRoom(productId: string, text: string): Promise<boolean> {
  const message = await attempt(() => rest.say(productId, text));
  return message !== undefined;
}
