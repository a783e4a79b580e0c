// What an audit asks, and what it found.

/** Each check, in the words of what should hold. */
export const checkNames = {
  sequence: 'every sequence up to the checkpoint is one order or one command',
  outcomes: 'every order and command has one outcome',
  fills: 'filled size, executed value and trade ids of an order are those of its trades',
  'trade ids': 'trade ids of a product are 1, 2, 3, … in the order of the sequence',
  'client order ids': 'every client order id leads to its order',
  transfers: 'every deposit, withdrawal and transfer is recorded as its command said',
  'between shards': 'what moves to another shard left this one and came there once, or is back',
  ledger: 'each trade of a funded product and each transfer has its ledger rows',
  balances: 'balances are what the ledger comes to, row by row',
  currencies: 'the accounts of each currency sum to zero',
  holds: 'what is on hold is what open orders may have to pay',
  notices: 'what webhooks are still to be told of trades did happen',
  events: 'the events go on from the checkpoint to what is matched, without a gap',
  orders: 'the orders in Redis are the open orders',
  books: 'the books in Redis hold the open orders, best first',
  crossed: 'no bid of a product that is online meets an ask',
  accounts: 'the accounts in Redis are those of PostgreSQL',
  frozen: 'the traders frozen in Redis are those of PostgreSQL',
  counters: 'trade and feed numbers in Redis are those of PostgreSQL',
  streams: 'the streams hold all that PostgreSQL does not have yet',
  dead: 'PostgreSQL refused no report',
} as const;
export type CheckName = keyof typeof checkNames;

/** `first` are the first differences, in words; `looked` is how many things were compared. */
export type Check = { looked: number; differences: number; readonly first: string[] };
export type Checks = Readonly<Record<CheckName, Check>>;

const mostShown = 10;

export function newChecks(): Checks {
  const names = Object.keys(checkNames) as CheckName[];
  return Object.fromEntries(names.map((name) => [name, newCheck()])) as unknown as Checks;
}

function newCheck(): Check {
  return { looked: 0, differences: 0, first: [] };
}

/** Notes a difference; `more` is how many others there are that nobody wrote down. */
export function differs(check: Check, difference: string, more = 0): void {
  check.differences += 1 + more;
  if (check.first.length < mostShown) check.first.push(difference);
}

/** Notes where two texts of one thing are not the same; null stands for a thing that is not there. */
export function compare(
  check: Check,
  what: string,
  { expected, found }: { expected: string | null; found: string | null },
): void {
  check.looked++;
  if (expected === found) return;
  differs(check, `${what} is ${found ?? 'missing'}, and should be ${expected ?? 'none'}`);
}
