import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import fc from 'fast-check';
import { commandVerbs, encodeCommand } from '../../../core/wire/commands.ts';
import { encodeResting, noRestingTerms } from '../../../core/wire/resting-orders.ts';
import { anyCommand, anyResting } from '../../support/arbitrary-commands.ts';
import { seed } from '../../support/seed.ts';

// The scripts read the texts of core/wire by patterns of their own: each must find the fields that it names.

const folder = fileURLToPath(new URL('../../../matcher/lua', import.meta.url));
const sources = globSync('*.lua', { cwd: folder }).map((file) => readFileSync(`${folder}/${file}`, 'utf8'));
const lua = sources.join('\n');

type Reading = { readonly names: readonly string[]; readonly pattern: RegExp };

/** `local a, b = capture(<from>, '<pattern>')`, with the pattern as JavaScript has it. */
function readings(from: string): Reading[] {
  const found = lua.matchAll(new RegExp(`local ([\\w, ]+) =\\s+capture\\(${from}, '([^']+)'\\)`, 'g'));
  return [...found].map(([, names, pattern]) => ({ names: names!.split(', '), pattern: inJs(pattern!) }));
}

function inJs(pattern: string): RegExp {
  const classes: Record<string, string> = { d: '\\d', S: '\\S', l: 'a-z', u: 'A-Z', w: 'a-zA-Z0-9' };
  const inSets = pattern.replace(/\[%l_\]/g, '[a-z_]');
  return new RegExp(
    inSets.replace(/%(\w)/g, (_, c: string) => (c === 'd' || c === 'S' ? classes[c]! : `[${classes[c]}]`)),
  );
}

/** What the scripts call a field, where it is not the name that TypeScript has for it. */
const fieldNames: Record<string, string> = {
  trader: 'traderId',
  from: 'traderId',
  to: 'toTraderId',
  product: 'productId',
  post: 'postOnly',
  stp: 'selfTradePrevention',
  untilTime: 'until',
};

function fieldText(fields: Record<string, unknown>, name: string): string {
  const isOfProduct = fields.kind === 'product';
  const field = name === 'id' ? (isOfProduct ? 'productId' : 'orderId') : (fieldNames[name] ?? name);
  const value = fields[field];
  if (value === undefined) throw new Error(`a script reads ${name}, and there is no ${field}`);
  if (typeof value === 'boolean') return value ? 'post' : '-';
  return String(value ?? '-');
}

/** Of each kind. What is read of whichever command it is, such as its verb, names none. */
const ofCommands = new Map(
  readings('line').flatMap((reading) => {
    const [, verb] = /^\^?(\w+) /.exec(reading.pattern.source) ?? [];
    return verb === undefined ? [] : [[verb, reading] as const];
  }),
);

test('the scripts have a rule for every kind of command', (t) => {
  t.deepEqual([...ofCommands.keys()].sort(), [...commandVerbs].sort());
});

test('the scripts read of every command what TypeScript wrote', (t) => {
  fc.assert(
    fc.property(anyCommand, (command) => {
      const line = encodeCommand(command);
      const { names, pattern } = ofCommands.get(line.split(' ', 1)[0]!)!;
      const found = pattern.exec(`${line}\n`)!.slice(1);
      for (const [i, name] of names.entries())
        if (name !== 'row' && name !== 'terms')
          t.is(found[i], fieldText(command, name), `${name} of ${command.kind}`);
    }),
    { seed },
  );
});

test('the scripts read of a resting order what TypeScript writes', (t) => {
  const [reading, ...others] = readings('value');
  t.deepEqual(others, []);
  const { names, pattern } = reading!;
  fc.assert(
    fc.property(anyResting, (any) => {
      const order = { ...any, ...noRestingTerms };
      const found = pattern.exec(encodeResting(order))!.slice(1);
      t.deepEqual(
        found,
        names.map((name) => fieldText(order, name)),
      );
    }),
    { seed },
  );
});
