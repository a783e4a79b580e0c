// The images that the compose file names, or stand-ins for them where no registry answers: Debian by debootstrap, with its Redis,
// PostgreSQL, Caddy, HAProxy, Prometheus and Alertmanager, and the Node that npm installed here.

import { cpSync, existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findProgram } from '../../launcher/servers/find.ts';
import { run, type Shell } from './commands.ts';
import { type Engine, NoEngine } from './engine.ts';

/** Variables of the compose file, and the stand-in that each may name. */
export type Bases = Readonly<Record<string, string>>;

const packages =
  'ca-certificates,redis-server,redis-sentinel,postgresql-15,caddy,haproxy,prometheus,prometheus-alertmanager';
const authorities = '/etc/ssl/certs/ca-certificates.crt';

const debian = `FROM cardstock-stand-in:debian
ENV PATH=/usr/lib/postgresql/15/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin NODE_EXTRA_CA_CERTS=${authorities}
COPY ca.crt ${authorities}
COPY npm /usr/local/lib/node_modules/npm
COPY node postgres-entrypoint /usr/local/bin/
RUN chmod 755 /usr/local/bin/* && ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm && useradd --create-home node \\
 && install -d -o redis -g redis /data && install -d -o postgres -g postgres /var/lib/postgresql/data \\
 && install -d -o postgres -g postgres -m 3777 /var/run/postgresql && install -d -o nobody /prometheus /alertmanager
`;

/** What the official image's entrypoint does of what the compose file uses. */
const postgresEntrypoint = `#!/bin/sh
set -eu
PGDATA=/var/lib/postgresql/data
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  initdb -D "$PGDATA" -U "$POSTGRES_USER" --pwfile="$POSTGRES_PASSWORD_FILE" --auth-host=scram-sha-256 --auth-local=trust \\
    $POSTGRES_INITDB_ARGS >/dev/null
  echo 'host all all all scram-sha-256' >>"$PGDATA/pg_hba.conf"
  pg_ctl -D "$PGDATA" -o '-c listen_addresses=' -w start >/dev/null
  createdb -U "$POSTGRES_USER" "$POSTGRES_DB"
  pg_ctl -D "$PGDATA" -m fast -w stop >/dev/null
fi
exec "$@" -D "$PGDATA" -c listen_addresses='*'
`;

/** What sets an image apart from the stand-in for all. */
const differences = {
  caddy: 'RUN chown root /data',
  postgres: 'ENTRYPOINT ["postgres-entrypoint"]',
  prometheus: 'USER nobody\nENTRYPOINT ["prometheus"]',
  alertmanager: 'USER nobody\nENTRYPOINT ["prometheus-alertmanager"]',
};

/** None where the real images can be pulled. */
export async function findBases(
  engine: Engine,
  shell: Shell,
  parts: { folder: string; cache: string },
): Promise<Bases> {
  const pinned = /NODE_IMAGE=(\S+)/.exec(readFileSync(`${shell.cwd}/Dockerfile`, 'utf8'))![1]!;
  const isThere = await engine.docker(['pull', '--quiet', pinned]).then(
    () => true,
    () => false,
  );
  return isThere ? {} : buildStandIns(engine, shell, parts);
}

async function buildStandIns(
  engine: Engine,
  shell: Shell,
  { folder, cache }: { folder: string; cache: string },
): Promise<Bases> {
  const tar = await debianArchive(shell, { folder, cache });
  await engine.docker(['import', tar, 'cardstock-stand-in:debian']);
  const context = join(folder, 'context');
  mkdirSync(context);
  const npm = realpathSync(findProgram('npm') ?? '');
  cpSync(process.execPath, join(context, 'node'), { dereference: true });
  cpSync(dirname(dirname(npm)), join(context, 'npm'), { recursive: true });
  cpSync(authorities, join(context, 'ca.crt'), { dereference: true });
  writeFileSync(join(context, 'postgres-entrypoint'), postgresEntrypoint);
  writeFileSync(join(context, 'Dockerfile'), debian);
  const all = 'cardstock-stand-in:all';
  await engine.docker(['build', '--quiet', '--tag', all, context]);
  const bases: Record<string, string> = {};
  for (const name of ['NODE', 'REDIS', 'HAPROXY']) bases[`${name}_IMAGE`] = all;
  for (const [name, more] of Object.entries(differences)) {
    const tag = `cardstock-stand-in:${name}`;
    await engine.docker(['build', '--quiet', '--tag', tag, '-'], `FROM ${all}\n${more}\n`);
    bases[`${name.toUpperCase()}_IMAGE`] = tag;
  }
  return bases;
}

/** Kept in the cache, as fetching it takes minutes. */
async function debianArchive(
  shell: Shell,
  { folder, cache }: { folder: string; cache: string },
): Promise<string> {
  const tar = join(cache, 'debian.tar');
  if (existsSync(tar)) return tar;
  const debootstrap = findProgram('debootstrap') ?? '/usr/sbin/debootstrap';
  if (!existsSync(debootstrap) || process.getuid?.() !== 0)
    throw new NoEngine('No registry answers, and stand-ins take root and debootstrap.');
  mkdirSync(cache, { recursive: true });
  const tree = join(folder, 'debian');
  const from = ['bookworm', tree, 'http://deb.debian.org/debian'];
  await run(shell, debootstrap, ['--variant=minbase', `--include=${packages}`, ...from]);
  await run(shell, 'sh', ['-c', 'rm -f "$1"/var/cache/apt/archives/*.deb', 'sh', tree]);
  await run(shell, 'tar', ['-C', tree, '-cf', `${tar}.new`, '.']);
  await run(shell, 'mv', [`${tar}.new`, tar]);
  await run(shell, 'rm', ['-rf', tree]);
  return tar;
}
