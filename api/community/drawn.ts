import { randomInt } from 'node:crypto';

/** A text of letters that are drawn by chance, so that it tells nothing. */
export function drawn(letters: string, length: number): string {
  return Array.from({ length }, () => letters[randomInt(letters.length)]).join('');
}
