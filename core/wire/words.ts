/** What is above is part of a word; spaces, newlines and the end are not. */
const space = 0x20;
const newline = 0x0a;
const minus = 0x2d;
const zero = 0x30;
const nine = 0x39;

/**
 * Texts that were read, each where its length and its ends put it: product ids come again in every line and request ids in
 * many, and comparing makes no text.
 */
const known: string[] = Array.from({ length: 1_024 }, () => '');
const slots = known.length - 1;

/**
 * Reads the words of lines one after the other. Whatever reads the streams reads each of their characters, so this takes them
 * as the bytes that came, and makes no array and no text that is not asked for.
 */
export class Words {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(lines: Buffer | string) {
    this.#bytes = typeof lines === 'string' ? Buffer.from(lines) : lines;
  }

  atEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  /** Whether the word before ended its line. */
  atLineStart(): boolean {
    return this.#bytes[this.#at - 1] !== space;
  }

  /** Whether the word at hand ends its line. */
  atLastWord(): boolean {
    let to = this.#at;
    while (this.#bytes[to]! > space) to++;
    return this.#bytes[to] !== space;
  }

  atNumber(): boolean {
    const byte = this.#bytes[this.#at]!;
    return byte >= zero && byte <= nine;
  }

  text(): string {
    const from = this.#at;
    let to = from;
    while (this.#bytes[to]! > space) to++;
    this.#at = to + 1;
    return this.#textOf(from, to);
  }

  /** The word as it stands in the list. Throws if it is none of them. */
  among<T extends string>(words: readonly T[]): T {
    const word = this.oneOf(words);
    if (word === null) throw new Error(`none of ${words.join(', ')}: ${this.rest()}`);
    return word;
  }

  /** As `among`, but null, without passing over it, if it is none of them. */
  oneOf<T extends string>(words: readonly T[]): T | null {
    for (const word of words) {
      if (this.#is(word)) {
        this.#at += word.length + 1;
        return word;
      }
    }
    return null;
  }

  /** A whole number below 2^53. */
  number(): number {
    const bytes = this.#bytes;
    const isNegative = bytes[this.#at] === minus;
    let at = isNegative ? this.#at + 1 : this.#at;
    let value = 0;
    for (let byte = bytes[at]!; byte > space; byte = bytes[++at]!) {
      if (byte < zero || byte > nine) throw new Error(`not a number: ${this.text()}`);
      value = value * 10 + (byte - zero);
    }
    this.#at = at + 1;
    return isNegative ? -value : value;
  }

  /** A hyphen stands for none. */
  textOrNull(): string | null {
    return this.#passNone() ? null : this.text();
  }

  numberOrNull(): number | null {
    return this.#passNone() ? null : this.number();
  }

  /** What is left of the line. */
  rest(): string {
    const end = this.#bytes.indexOf(newline, this.#at);
    const to = end === -1 ? this.#bytes.length : end;
    const rest = this.#bytes.toString('utf8', this.#at, to);
    this.#at = to + 1;
    return rest;
  }

  #passNone(): boolean {
    const isNone = this.#is('-');
    if (isNone) this.#at += 2;
    return isNone;
  }

  #is(word: string): boolean {
    return this.#begins(word, this.#at) && !(this.#bytes[this.#at + word.length]! > space);
  }

  #begins(text: string, from: number): boolean {
    for (let i = 0; i < text.length; i++) if (this.#bytes[from + i] !== text.charCodeAt(i)) return false;
    return true;
  }

  #textOf(from: number, to: number): string {
    const bytes = this.#bytes;
    const length = to - from;
    const slot = (bytes[from]! * 31 + bytes[to - 1]! * 7 + length) & slots;
    const before = known[slot]!;
    if (before.length === length && this.#begins(before, from)) return before;
    const text = bytes.toString('utf8', from, to);
    known[slot] = text;
    return text;
  }
}
