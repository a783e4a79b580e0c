// Commands in an append-only file, in the form in which clients send them: `*<words>`, then `$<bytes>` and the word, each.

const [star, dollar, hash, newline, carriageReturn] = ['*', '$', '#', '\n', '\r'].map((c) => c.charCodeAt(0));

/** The file is not what it should be at this byte. */
export class DamagedFileError extends Error {
  readonly at: number;
  constructor(at: number) {
    super(`damaged at byte ${at}`);
    this.name = 'DamagedFileError';
    this.at = at;
  }
}

export type RespReader = {
  readonly push: (chunk: Buffer) => void;
  /** Bytes of a command whose end has not come. */
  readonly unfinished: () => number;
};

/** Visits the commands of so many words; all others are passed over, which is most of the work. */
export function createRespReader(words: number, visit: (command: readonly Buffer[]) => void): RespReader {
  let rest: Buffer = Buffer.alloc(0);
  let before = 0;
  return {
    push: (chunk) => {
      const text = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
      let at = 0;
      for (let end = endOf(text, at, before); end !== null; end = endOf(text, at, before)) {
        if (text[at] === star && countAt(text, at) === words) visit(wordsOf(text, at, words));
        at = end;
      }
      before += at;
      rest = text.subarray(at);
    },
    unfinished: () => rest.length,
  };
}

/** Where the command at a byte ends; null if its end is not there yet. `before` bytes came before the text. */
function endOf(text: Buffer, at: number, before: number): number | null {
  if (at >= text.length) return null;
  if (text[at] === hash) return afterLine(text, at); // a note between commands, such as the time
  if (text[at] !== star) throw new DamagedFileError(before + at);
  let next = afterLine(text, at);
  if (next === null) return null;
  for (let word = countAt(text, at); word !== 0; word--) {
    const start = afterLine(text, next);
    if (start === null) return null;
    const end: number = start + countAt(text, next);
    if (text[next] !== dollar || Number.isNaN(end)) throw new DamagedFileError(before + next);
    if (end + 2 > text.length) return null;
    if (text[end] !== carriageReturn) throw new DamagedFileError(before + end);
    next = end + 2;
  }
  return next;
}

function wordsOf(text: Buffer, at: number, words: number): Buffer[] {
  const found: Buffer[] = [];
  let next = afterLine(text, at)!;
  for (let word = 0; word < words; word++) {
    const start = afterLine(text, next)!;
    const end = start + countAt(text, next);
    found.push(text.subarray(start, end));
    next = end + 2;
  }
  return found;
}

function afterLine(text: Buffer, at: number): number | null {
  const end = text.indexOf(newline!, at);
  return end < 0 ? null : end + 1;
}

/** The number behind the first byte of a line, which is whole; NaN if there is none. */
function countAt(text: Buffer, at: number): number {
  let count = 0;
  for (let i = at + 1; text[i] !== carriageReturn; i++) {
    const digit = text[i]! - 48;
    if (!(digit >= 0 && digit <= 9)) return Number.NaN;
    count = count * 10 + digit;
  }
  return count;
}
