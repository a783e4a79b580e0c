// Issues a bearer token and prints it.
//
// Why: `npm start` hands out its own; an exchange in containers, or one whose tokens were lost, has none to show.
//
// Usage: node scripts/token.ts operator            DATABASE_URL says where
//        node scripts/token.ts auditor             reads everything, changes nothing
//        node scripts/token.ts 42                  for trader 42
//        docker compose run --rm migrate node scripts/token.ts operator

import { issueToken, type Owner } from '../sql/tokens.ts';
import { command, main } from './console/command.ts';
import { UsageError } from './console/errors.ts';
import { readEnvironment } from './launcher/servers/environment.ts';
import { StartError } from './launcher/servers/errors.ts';

function ownerOf(text: string): Owner {
  if (text === 'operator' || text === 'auditor') return text;
  if (!/^[1-9]\d{0,14}$/.test(text))
    throw new UsageError('Name the owner: operator, auditor, or a trader id.');
  return { traderId: Number(text) };
}

async function issue(owner: string): Promise<void> {
  const { databaseUrl } = readEnvironment();
  if (databaseUrl === undefined) throw new StartError('Set DATABASE_URL.');
  console.log(await issueToken(databaseUrl, ownerOf(owner)));
}

await main(
  command('node scripts/token.ts', 'Issues a bearer token and prints it. DATABASE_URL says where.')
    .usage('<owner>')
    .argument('<owner>', 'operator, auditor, or a trader id')
    .action(issue),
);
