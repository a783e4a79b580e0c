// Lists the licence of every package that an installation runs, and fails if one is not among those that may be used.
//
// Why: whoever passes the exchange on must know under which terms its parts come.
//
// Usage: npm run licences

import { readFileSync } from 'node:fs';
import { command, main } from './console/command.ts';
import { projectRoot } from './launcher/servers/environment.ts';

/** Licences under which a package may be passed on with an MIT program. */
const permissive =
  /^(?:MIT|MIT-0|ISC|0BSD|BSD-2-Clause|BSD-3-Clause|Apache-2\.0|BlueOak-1\.0\.0|CC0-1\.0|PostgreSQL|Unlicense|Zlib|Python-2\.0)$/;

type Locked = {
  readonly dev?: boolean;
  readonly link?: boolean;
  readonly version?: string;
  readonly license?: string;
};

/** What a package-lock.json says is installed without the tools of development. */
function packagesToRun(lock: string): { name: string; licence: string }[] {
  const { packages } = JSON.parse(readFileSync(lock, 'utf8')) as { packages: Record<string, Locked> };
  return Object.entries(packages)
    .filter(([path, { dev, link }]) => path.includes('node_modules/') && !dev && !link)
    .map(([path, { version, license }]) => ({
      name: `${path.replace(/^.*node_modules\//, '')} ${version}`,
      licence: license ?? 'unknown',
    }));
}

/** `(A OR B)` may be used if one of them may. */
function isPermissive(licence: string): boolean {
  return licence
    .replace(/[()]/g, '')
    .split(' OR ')
    .some((each) => each.split(' AND ').every((one) => permissive.test(one.trim())));
}

function run({ json, lock }: { json?: true; lock: string }): void {
  const packages = packagesToRun(lock);
  const byLicence = Map.groupBy(packages, ({ licence }) => licence);
  if (json) console.log(JSON.stringify(packages, null, 2));
  else
    for (const [licence, those] of [...byLicence].sort())
      console.log(`${licence}: ${those.map(({ name }) => name).join(', ')}`);
  const others = packages.filter(({ licence }) => !isPermissive(licence));
  for (const { name, licence } of others)
    console.error(`${name} is under ${licence}, which is not known to be permissive.`);
  if (others.length > 0) process.exitCode = 1;
}

const says = `Lists the licences of all packages that are installed to run the exchange, by licence, and ends with 1 if one of them
is not known to be permissive.`;

await main(
  command('npm run licences', says)
    .option('--json', 'a list of all packages')
    .option('--lock <file>', 'the lock file to read', `${projectRoot}/package-lock.json`)
    .action(run),
);
