/** Numbers from 0 to below 1, the same for the same seed: what a fixed sequence of commands is made from must never change. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Draw = {
  readonly whole: (least: number, most: number) => number;
  readonly among: <T>(...options: readonly T[]) => T;
};

const ending = '1700000000000 -';

/** One product is paid for, the other is not; every trader can pay for a while. */
function opening(traders: number): string[] {
  const deposits = Array.from({ length: traders }, (_, i) => [
    `deposit ${i + 1} USD 20000 usd-${i} ${ending}`,
    `deposit ${i + 1} CARD 400 card-${i} ${ending}`,
  ]);
  return [
    `product A-USD online 1 CARD:2:USD:3 ${ending}`,
    `product B-USD online 1 - ${ending}`,
    ...deposits.flat(),
  ];
}

function place({ whole, among }: Draw, traders: number): string {
  const [product, side] = [among('A-USD', 'B-USD'), among('buy', 'sell')];
  const stp = among('none', 'none', 'dc', 'co', 'cn', 'cb');
  const whose = `place ${whole(1, traders)} ${product} ${side}`;
  const price = side === 'buy' ? whole(85, 102) : whole(98, 115);
  const [size, funds] = [whole(1, 20), whole(50, 3_000)];
  const kind = whole(1, 10);
  if (kind === 1) return `${whose} - ${size} - IOC - ${stp} - ${ending}`;
  if (kind === 2) return `${whose} - - ${funds} IOC - ${stp} - ${ending}`;
  if (kind === 3) return `${whose} - ${size} ${funds} IOC - ${stp} - ${ending}`;
  const timeInForce = among('GTC', 'GTC', 'GTC', 'GTC', 'IOC', 'FOK');
  const post = timeInForce === 'GTC' ? among('-', '-', '-', 'post') : '-';
  return `${whose} ${price} ${size} - ${timeInForce} ${post} ${stp} - ${ending}`;
}

/**
 * A fixed sequence of commands as streams hold them: orders, cancels and amends without terms, movements of money, and products that are
 * halted for a while. It is written as lines, so that no later change of what makes them can change it.
 */
export function plainCommands(count: number, seed: number): string[] {
  const random = seeded(seed);
  const whole = (least: number, most: number): number => least + Math.floor(random() * (most - least + 1));
  const draw: Draw = { whole, among: (...options) => options[whole(0, options.length - 1)]! };
  const traders = 8;
  const lines = opening(traders);
  while (lines.length < count) {
    const kind = whole(1, 100);
    const trader = whole(1, traders);
    const order = whole(Math.max(1, lines.length - 150), lines.length);
    // Whoever placed it, so that most of them may.
    const owner = /^place (\d+)/.exec(lines[order - 1]!)?.[1] ?? trader;
    const status = draw.among('online', 'online', 'cancel_only', 'offline');
    if (kind <= 70) lines.push(place(draw, traders));
    else if (kind <= 82)
      lines.push(`cancel ${owner} ${order} ${draw.among('-', '-', 'A-USD', 'B-USD')} ${ending}`);
    else if (kind <= 95)
      lines.push(
        `amend ${owner} ${order} ${draw.among('-', String(whole(90, 110)))} ${draw.among('-', String(whole(1, 25)))} ${ending}`,
      );
    else if (kind <= 98)
      lines.push(
        `transfer ${trader} ${whole(1, traders)} USD ${whole(1, 9_000)} t-${lines.length} ${ending}`,
      );
    else if (kind === 99) lines.push(`withdraw ${trader} CARD ${whole(1, 90)} w-${lines.length} ${ending}`);
    else {
      lines.push(`product B-USD ${status} 2 - ${ending}`, place(draw, traders), place(draw, traders));
      lines.push(`product B-USD online 3 - ${ending}`);
    }
  }
  return lines.slice(0, count);
}
