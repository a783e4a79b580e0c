// Log lines made readable for the console.

const levelNames: Record<string, string> = { warn: 'warning', error: 'error', fatal: 'fatal' };

type LogLine = { level: string; msg?: string; err?: { message?: string }; error?: unknown };

function parse(line: string): LogLine | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const value = JSON.parse(line);
    return typeof value.level === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}

/** What the console shows of a line: warnings and worse in words, plain error output as it is, nothing of the rest. */
export function readableWarning(line: string, isErrorOutput: boolean): string | undefined {
  const parsed = parse(line);
  if (!parsed) return isErrorOutput ? line : undefined;
  const levelName = levelNames[parsed.level];
  if (levelName === undefined) return undefined;
  const cause = parsed.err?.message ?? (typeof parsed.error === 'string' ? parsed.error : undefined);
  const words = [parsed.msg, cause].filter((text, place, all) => text && all.indexOf(text) === place);
  return `${levelName}: ${words.join(': ')}`;
}
