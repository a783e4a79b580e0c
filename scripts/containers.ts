// Builds the image, starts the compose file, trades, kills containers, audits, and ends everything.
//
// Why: a compose file that nobody ran does not work.
//
// Usage: npm run test:containers

import { appendFileSync, mkdirSync, rmSync } from 'node:fs';
import { command, main } from './console/command.ts';
import { findBases } from './lab/containers/bases.ts';
import { openEngine } from './lab/containers/engine.ts';
import { play } from './lab/containers/play.ts';
import { projectRoot, readEnvironment } from './launcher/servers/environment.ts';
import { makeTemporaryFolder } from './launcher/servers/temporary-folder.ts';

async function run(): Promise<void> {
  const folder = makeTemporaryFolder('containers');
  const log = `${folder}/log`;
  const say = (line: string): void => {
    console.log(line);
    appendFileSync(log, `${line}\n`);
  };
  const env = { ...readEnvironment().inherited, COMPOSE_PROJECT_NAME: `cardstocktest${process.pid}` };
  const shell = { env, cwd: projectRoot, log };
  const cache = `${projectRoot}/node_modules/.cache/cardstock/containers`;
  mkdirSync(cache, { recursive: true });
  let isGood = false;
  try {
    const engine = await openEngine(shell, folder);
    try {
      const bases = await findBases(engine, shell, { folder, cache });
      say(Object.keys(bases).length > 0 ? 'no registry answers: stand-ins' : 'the pinned images');
      await play({ engine, shell, say }, bases);
      isGood = true;
      say('Containers: all of it held.');
    } finally {
      await engine.stop();
    }
  } finally {
    if (isGood) rmSync(folder, { recursive: true, force: true });
    else console.error(`What the programs printed is in ${log}.`);
  }
}

const says = `Builds and runs docker-compose.yml for real, under a project name of its own: a trade, one through the TLS proxy, kills of each
kind of container, an audit. It installs nothing. It takes a Docker daemon that answers (DOCKER_HOST), or starts one of its own
if it is root and dockerd is installed; and the pinned images, or, where no registry answers, stand-ins made by debootstrap.
It exits with 2 and a sentence if there is no engine.`;

await main(command('npm run test:containers', says).usage('').action(run), { failure: 'It does not hold' });
