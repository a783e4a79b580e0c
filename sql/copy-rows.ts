// Rows in the binary format of COPY:
// https://www.postgresql.org/docs/current/sql-copy.html#id-1.9.3.55.9.4

/** Writes an element's value of one column. */
export type Column<T> = (element: T, to: Writable) => void;

type Get<T, V> = (element: T) => V | null;

export function bigint<T>(get: Get<T, number>): Column<T> {
  return column(get, (value, to) => to.int8(value));
}

export function integer<T>(get: Get<T, number>): Column<T> {
  return column(get, (value, to) => to.int4(value));
}

export function boolean<T>(get: Get<T, boolean>): Column<T> {
  return column(get, (value, to) => to.bool(value));
}

/** Text, or a value of an enum type. */
export function text<T>(get: Get<T, string>): Column<T> {
  return column(get, (value, to) => to.text(value));
}

/** From milliseconds since 1970. */
export function timestamptz<T>(get: Get<T, number>): Column<T> {
  return column(get, (value, to) => to.int8((value - year2000) * 1_000));
}

function column<T, V>(get: Get<T, V>, put: (value: V, to: Writable) => void): Column<T> {
  return (element, to) => {
    const value = get(element);
    if (value === null) to.nothing();
    else put(value, to);
  };
}

const year2000 = Date.UTC(2000, 0, 1);
const signature = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');
const endOfRows = -1;
const nullLength = -1;
const two32 = 2 ** 32;
const lastOfAscii = 127;
/** A number or code and its length take no more. */
const roomOfShort = 128;

export function encodeRows<T>(columns: readonly Column<T>[], elements: readonly T[]): Buffer {
  const to = new Writable(elements.length * columns.length * 12);
  for (const element of elements) {
    to.int2(columns.length);
    for (const column of columns) column(element, to);
  }
  to.int2(endOfRows);
  return to.written();
}

/** A growing buffer. Each value but `int2` has its length before it. */
class Writable {
  #bytes: Buffer;
  #view: DataView;
  #at: number;

  constructor(size: number) {
    this.#bytes = Buffer.allocUnsafeSlow(signature.length + size + roomOfShort);
    this.#view = new DataView(this.#bytes.buffer);
    this.#at = signature.copy(this.#bytes);
  }

  written(): Buffer {
    return this.#bytes.subarray(0, this.#at);
  }

  int2(value: number): void {
    this.#reserve(roomOfShort);
    this.#view.setInt16(this.#at, value);
    this.#at += 2;
  }

  nothing(): void {
    this.#length(nullLength);
  }

  int4(value: number): void {
    this.#length(4);
    this.#view.setInt32(this.#at, value);
    this.#at += 4;
  }

  /** Whole numbers up to 2^53. */
  int8(value: number): void {
    this.#length(8);
    this.#view.setInt32(this.#at, Math.floor(value / two32));
    this.#view.setUint32(this.#at + 4, (value % two32) >>> 0);
    this.#at += 8;
  }

  bool(value: boolean): void {
    this.#length(1);
    this.#bytes[this.#at++] = value ? 1 : 0;
  }

  text(value: string): void {
    const start = this.#at;
    this.#length(value.length);
    // Codes and ids are short and ASCII; a call of Buffer.write would cost several times as much.
    for (let i = 0; i < value.length; i++) {
      const code = value.charCodeAt(i);
      if (code > lastOfAscii) {
        this.#at = start;
        this.#utf8(value);
        return;
      }
      this.#bytes[this.#at++] = code;
    }
  }

  #utf8(value: string): void {
    this.#length(Buffer.byteLength(value));
    this.#at += this.#bytes.write(value, this.#at);
  }

  #length(bytes: number): void {
    this.#reserve(roomOfShort + bytes);
    this.#view.setInt32(this.#at, bytes);
    this.#at += 4;
  }

  #reserve(bytes: number): void {
    if (this.#at + bytes <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(2 * this.#bytes.length + bytes);
    this.#bytes.copy(grown, 0, 0, this.#at);
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}
