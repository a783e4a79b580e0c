import { parseArgs } from 'node:util';

export const demoHelp = `Usage: npm run demo [-- options]

A few hundred simulated traders trade on the exchange that \`npm start\` runs, until Ctrl-C.

  --seed N        the same seed makes the same decisions          1
  --rate N        orders a second, over all products              60
  --traders N     how many traders take part                      300
  --products A,B  only these                                      all that are online
  --seconds N     stop after so long                              until Ctrl-C

DATA_DIR says which exchange, as for npm start.`;

export type DemoOptions = {
  readonly seed: number;
  readonly rate: number;
  readonly traders: number;
  readonly products: readonly string[] | null;
  readonly seconds: number;
};

/** Throws an error that says what is wrong. */
export function readDemoOptions(args: readonly string[]): DemoOptions | 'help' {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: text,
      rate: text,
      traders: text,
      products: text,
      seconds: text,
      help: { type: 'boolean' },
    },
  });
  if (values.help) return 'help';
  return {
    seed: whole('seed', values.seed, 1, 0, 2 ** 32 - 1),
    rate: whole('rate', values.rate, 60, 1, 5_000),
    traders: whole('traders', values.traders, 300, 1, 9_000),
    products: values.products?.split(',').map((id) => id.trim()) ?? null,
    seconds: whole('seconds', values.seconds, Number.POSITIVE_INFINITY, 1, 1e9),
  };
}

function whole(
  name: string,
  text: string | undefined,
  usual: number,
  ...[least, most]: [number, number]
): number {
  if (text === undefined) return usual;
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new Error(`--${name} must be a whole number from ${least} to ${most}, and is "${text}"`);
}
