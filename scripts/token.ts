// Issues a bearer token and prints it.
//
// Why: `npm start` hands out its own; an exchange in containers, or one whose tokens were lost, has none to show.
//
// Usage: node scripts/token.ts operator            DATABASE_URL says where
//        node scripts/token.ts auditor             reads everything, changes nothing
//        node scripts/token.ts 42                  for trader 42
//        docker compose run --rm migrate node scripts/token.ts operator

import { issueToken, type Owner } from '../sql/tokens.ts';
import { readEnvironment } from './launcher/servers/environment.ts';

const usage = 'Usage: node scripts/token.ts operator | auditor | <trader id>      (DATABASE_URL says where)';

function parseOwner(text: string | undefined): Owner | undefined {
  if (text === 'operator' || text === 'auditor') return text;
  return text !== undefined && /^[1-9]\d{0,14}$/.test(text) ? { traderId: Number(text) } : undefined;
}

const owner = parseOwner(process.argv[2]);
const { databaseUrl } = readEnvironment();

if (process.argv.includes('--help')) {
  console.log(usage);
} else if (owner === undefined || databaseUrl === undefined) {
  console.error(usage);
  process.exitCode = 1;
} else {
  console.log(await issueToken(databaseUrl, owner));
}
