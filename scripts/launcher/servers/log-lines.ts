// Lines of a child's output, kept in its log for as long as the disk takes them.

import { close, write } from 'node:fs';

export type LogLines = { keep(line: string): void; close(): void };

/** Beyond this, lines wait for a disk that does not answer; they are dropped as if it were full. */
const mostWaiting = 4_000_000;

/** Owns the open file. What the disk refuses is dropped, and counted in the log once it takes lines again. */
export function keepLines(fd: number): LogLines {
  let waiting: string[] = [];
  let size = 0;
  let dropped = 0;
  let isWriting = false;
  let isClosed = false;

  const flush = (): void => {
    if (isWriting) return;
    if (waiting.length === 0) {
      if (isClosed) close(fd, () => {});
      return;
    }
    const lines = dropped > 0 ? [`${dropped} lines were dropped: the disk took none.`, ...waiting] : waiting;
    const text = Buffer.from(`${lines.join('\n')}\n`);
    const count = waiting.length;
    [waiting, size, isWriting] = [[], 0, true];
    write(fd, text, 0, text.length, null, (error, written) => {
      isWriting = false;
      // A part of a line that a full disk took stays; the note comes on a line of its own.
      if (error || written < text.length) dropped += count;
      else dropped = 0;
      flush();
    });
  };

  return {
    keep: (line) => {
      if (size > mostWaiting) dropped++;
      else {
        waiting.push(line);
        size += line.length;
      }
      flush();
    },
    close: () => {
      isClosed = true;
      flush();
    },
  };
}
