const seconds = { s: 1, m: 60, h: 3_600 } as const;

/** Three scrapes: what a rate needs to be one. */
const shortest = 3;

/** The text of a rules file with each range (`[5m]`) and each `for:` divided by `speed`, so that a proof takes minutes, not hours. */
export function scaleDurations(text: string, speed: number): string {
  const scaled = (number: string, unit: string): string =>
    `${Math.max(shortest, Math.round((Number(number) * seconds[unit as keyof typeof seconds]) / speed))}s`;
  return text
    .replace(/\[(\d+)([smh])\]/g, (_, number, unit) => `[${scaled(number, unit)}]`)
    .replace(/^(\s+for: )(\d+)([smh])$/gm, (_, key, number, unit) => `${key}${scaled(number, unit)}`);
}
