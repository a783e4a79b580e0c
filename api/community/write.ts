import { randomInt } from 'node:crypto';
import { UniqueIntegrityConstraintViolationError } from 'slonik';
import type { Queries } from '../../sql/with-timeout.ts';
import { Forbidden } from '../errors.ts';
import { nameAuthor } from './queries/authors.ts';
import { insertMessage, type MessageRow, type NewMessage } from './queries/messages.ts';

/** Writes a message; a trader's first one gives it a name as author. Throws `Forbidden` if it is muted. */
export async function writeMessage(pool: Queries, message: NewMessage): Promise<MessageRow> {
  for (;;) {
    const written = await insertMessage(pool, message);
    if (written) return written;
    await assertMayWrite(pool, message.traderId);
  }
}

async function assertMayWrite(pool: Queries, traderId: number): Promise<void> {
  try {
    const { isMuted } = await nameAuthor(pool, traderId, newName());
    if (isMuted) throw new Forbidden('Operators let you write nothing in rooms now');
  } catch (error) {
    // Another trader has that name: the next try has another one.
    if (!(error instanceof UniqueIntegrityConstraintViolationError)) throw error;
  }
}

const letters = 'abcdefghjkmnpqrstuvwxyz23456789';
const nameLength = 6;

/** Drawn by chance, so that it tells nothing of the trader. */
function newName(): string {
  const drawn = Array.from({ length: nameLength }, () => letters[randomInt(letters.length)]);
  return `trader-${drawn.join('')}`;
}
