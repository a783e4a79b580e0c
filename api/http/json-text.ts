/** What `JSON.parse` decides in silence and should not: which of two equal keys counts, and how a number is rounded. */
export type JsonProblem = {
  readonly message: string;
  /** Which element of the outermost array it is in; null if the text is an object. */
  readonly index: number | null;
};

const deepest = 32;
const mostKeys = 100;
/** Any decimal of so many digits survives the way through a double. */
const exactDigits = 15;

const quote = 0x22;
const comma = 0x2c;
const backslash = 0x5c;
const minus = 0x2d;
const zero = 0x30;
const nine = 0x39;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/**
 * Looks once through a text that `JSON.parse` has accepted, which is why it need not check what it passes over.
 * `amounts` are the keys whose numbers must be exact.
 */
export function checkJson(text: string, amounts: ReadonlySet<string>): JsonProblem | null {
  const keysAt: (string[] | null)[] = []; // by depth: the keys seen in this object; null for an array
  let index = text.trimStart().startsWith('[') ? 0 : null;
  let keyIsNext = false;
  let key = '';
  const problem = (message: string): JsonProblem => ({ message, index });
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === quote) {
      const end = endOfText(text, i);
      if (keyIsNext) {
        key = readKey(text, i, end);
        const keys = keysAt.at(-1)!;
        if (key === '__proto__') return problem('Malformed JSON: "__proto__" is no key');
        if (keys.includes(key)) return problem(`Duplicate key ${JSON.stringify(key)}`);
        if (keys.length === mostKeys) return problem(`More than ${mostKeys} keys in an object`);
        keys.push(key);
        keyIsNext = false;
      }
      i = end;
    } else if (code === openBrace || code === openBracket) {
      if (keysAt.length === deepest) return problem(`Nested more than ${deepest} levels deep`);
      keyIsNext = code === openBrace;
      keysAt.push(keyIsNext ? [] : null);
    } else if (code === closeBrace || code === closeBracket) {
      keysAt.pop();
      keyIsNext = false;
    } else if (code === comma) {
      keyIsNext = keysAt.at(-1) !== null;
      if (index !== null && keysAt.length === 1) index++;
    } else if (code === minus || (code >= zero && code <= nine)) {
      const end = endOfNumber(text, i);
      if (keysAt.at(-1) && amounts.has(key) && !isExact(text.slice(i, end)))
        return problem(`Invalid ${key}: as a number it is not exact; send it as text in plain notation`);
      i = end - 1;
    }
  }
  return null;
}

/** Where the closing quote is. */
function endOfText(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end;
}

/** After an odd number of backslashes. */
function isEscaped(text: string, at: number): boolean {
  let before = at - 1;
  while (text.charCodeAt(before) === backslash) before--;
  return (at - before) % 2 === 0;
}

/** Keys that are spelled differently may be equal: `"p\u0072ice"` is `"price"`. */
function readKey(text: string, start: number, end: number): string {
  const raw = text.slice(start + 1, end);
  return raw.includes('\\') ? JSON.parse(text.slice(start, end + 1)) : raw;
}

function endOfNumber(text: string, start: number): number {
  let i = start + 1;
  while (i < text.length && /[-+.0-9eE]/.test(text[i]!)) i++;
  return i;
}

function isExact(number: string): boolean {
  const [digits = '', exponent = '0'] = number.split(/e/i);
  return Number(exponent) <= 0 && digits.replace(/^-?0*\.?0*|\./g, '').length <= exactDigits;
}
