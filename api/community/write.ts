import { UniqueIntegrityConstraintViolationError } from 'slonik';
import type { Queries } from '../../sql/with-timeout.ts';
import { Forbidden } from '../errors.ts';
import { drawn } from './drawn.ts';
import { nameAuthor } from './queries/authors.ts';
import { insertMessage, type MessageRow, type NewMessage } from './queries/messages.ts';

/** Those that nobody takes for one another. */
const letters = 'abcdefghjkmnpqrstuvwxyz23456789';
const nameLength = 6;

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
    const { isMuted } = await nameAuthor(pool, traderId, `trader-${drawn(letters, nameLength)}`);
    if (isMuted) throw new Forbidden('Operators have muted you in rooms');
  } catch (error) {
    // Another trader has that name: the next try has another one.
    if (!(error instanceof UniqueIntegrityConstraintViolationError)) throw error;
  }
}
