const quote = '"';

/** The text of `params` in a message that is a JSON object; null if it has none. What the text says has been parsed before. */
export function rawParams(text: string): string | null {
  let depth = 0;
  let keyIsNext = false;
  let key = '';
  let start = -1;
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if (char === quote) {
      const end = endOfText(text, i);
      if (depth === 1 && keyIsNext) key = JSON.parse(text.slice(i, end + 1));
      keyIsNext = false;
      i = end;
    } else if (char === '{' || char === '[') {
      depth++;
      keyIsNext = char === '{';
    } else if (char === '}' || char === ']') {
      depth--;
      if (depth === 0 && start !== -1) return text.slice(start, i);
    } else if (depth === 1 && char === ',') {
      if (start !== -1) return text.slice(start, i);
      keyIsNext = true;
    } else if (depth === 1 && char === ':' && key === 'params') start = i + 1;
  }
  return null;
}

function endOfText(text: string, start: number): number {
  let end = start + 1;
  while (text[end] !== quote) end += text[end] === '\\' ? 2 : 1;
  return end;
}
