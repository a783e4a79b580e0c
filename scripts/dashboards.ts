// Writes the dashboards of deploy/grafana from their source, scripts/ops/dashboards.
//
// Usage: npm run dashboards

import { mkdirSync, writeFileSync } from 'node:fs';
import { command, main } from './console/command.ts';
import { projectRoot } from './launcher/servers/environment.ts';
import { dashboards } from './ops/dashboards/boards.ts';

const folder = `${projectRoot}/deploy/grafana/dashboards`;

function run(): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, build] of Object.entries(dashboards)) {
    writeFileSync(`${folder}/${name}.json`, `${JSON.stringify(build(), null, 2)}\n`);
    console.log(`deploy/grafana/dashboards/${name}.json`);
  }
}

await main(
  command(
    'npm run dashboards',
    'Writes the dashboards of deploy/grafana from scripts/ops/dashboards.',
  ).action(run),
);
