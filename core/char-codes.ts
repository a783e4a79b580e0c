/**
 * The UTF-16 codes of a text, and a zero behind them. Node has many kinds of text (flat, joined, cut out of another, outside
 * its heap), and `charCodeAt` where it has met several costs up to 10 ns a character; this way it is one to two, always.
 */
export function charCodesOf(text: string): Uint16Array {
  const codes = new Uint16Array(text.length + 1);
  Buffer.from(codes.buffer).write(text, 'utf16le');
  return codes;
}
