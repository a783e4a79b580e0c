import { globSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import hcl from '@cdktf/hcl2json';
import test from 'ava';

const aws = fileURLToPath(new URL('../../deploy/terraform/aws', import.meta.url));

// biome-ignore lint/suspicious/noExplicitAny: a block has whatever arguments it has
type Blocks = Record<string, readonly Record<string, any>[]>;
/** All blocks of a folder: kind, name, and what is in it. */
type Module = Record<'variable' | 'output' | 'module' | 'resource', Blocks>;

async function read(folder: string): Promise<Module> {
  const all: Module = { variable: {}, output: {}, module: {}, resource: {} };
  for (const file of globSync(`${folder}/*.tf`)) {
    const parsed = (await hcl.parse(file, readFileSync(file, 'utf8'))) as Partial<Module>;
    for (const kind of ['variable', 'output', 'module', 'resource'] as const)
      Object.assign(all[kind], parsed[kind]);
  }
  return all;
}

const folders = [aws, ...globSync(`${aws}/modules/*`).sort()];

test('every file is HCL, and every variable and output says what it is', async (t) => {
  t.true(folders.length >= 7);
  for (const folder of folders) {
    const { variable, output } = await read(folder);
    for (const [name, [block]] of Object.entries(variable))
      t.truthy(block!.description && block!.type, `${folder} ${name}`);
    for (const [name, [block]] of Object.entries(output)) t.truthy(block!.description, `${folder} ${name}`);
  }
});

test('a module is given exactly the variables that it has, and what is asked of it is there', async (t) => {
  const { module } = await read(aws);
  t.is(Object.keys(module).length, 6);
  const text = globSync(`${aws}/*.tf`)
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');
  for (const [name, [block]] of Object.entries(module)) {
    const { source, depends_on: _, ...given } = block!;
    const { variable, output } = await read(resolve(aws, source));
    const needed = Object.keys(variable).filter((key) => !('default' in variable[key]![0]!));
    t.deepEqual(
      needed.filter((key) => !(key in given)),
      [],
      `${name} lacks variables`,
    );
    t.deepEqual(
      Object.keys(given).filter((key) => !(key in variable)),
      [],
      `${name} has no such variables`,
    );
    for (const [, asked] of text.matchAll(new RegExp(`module\\.${name}\\.(\\w+)`, 'g')))
      t.true(asked! in output, `${name}.${asked}`);
  }
});

test('every reference within a module is to something that is there', async (t) => {
  for (const folder of folders) {
    const { variable, resource } = await read(folder);
    const text = globSync(`${folder}/*.tf`)
      .map((file) => readFileSync(file, 'utf8'))
      .join('\n');
    for (const [, name] of text.matchAll(/\bvar\.(\w+)/g))
      t.true(name! in variable, `${folder}: var.${name}`);
    for (const name of Object.keys(variable))
      t.true(text.includes(`var.${name}`), `${folder}: nobody uses ${name}`);
    for (const [, before, type, name] of text.matchAll(
      /(data\.)?\b((?:aws|kubernetes|random|helm)_\w+)\.(\w+)/g,
    ))
      if (!before) t.true(Object.keys(resource[type!] ?? {}).includes(name!), `${folder}: ${type}.${name}`);
    for (const [, path] of text.matchAll(/path\.module\}\/([\w.-]+)/g))
      t.notThrows(() => readFileSync(`${folder}/${path}`));
    for (const [, path] of text.matchAll(/path\.root\}\/([\w./-]+\.\w+)/g))
      t.notThrows(() => readFileSync(resolve(aws, path!)));
  }
  t.is(dirname(resolve(aws, 'main.tf')), aws);
});

test('nothing is open to the world but the load balancer, and what is kept is encrypted', async (t) => {
  const [cluster, postgres, redis] = await Promise.all(
    ['cluster', 'postgres', 'redis'].map((name) => readFileSync(`${aws}/modules/${name}/main.tf`, 'utf8')),
  );
  t.notRegex(`${cluster}${postgres}${redis}`, /0\.0\.0\.0\/0/);
  t.regex(postgres!, /storage_encrypted\s+= true/);
  t.regex(postgres!, /multi_az\s+= true/);
  t.regex(redis!, /encrypted = "true"/);
});

test('what terraform fmt would change of spaces is as it wants it', (t) => {
  for (const file of globSync(`${aws}/**/*.tf`)) {
    const text = readFileSync(file, 'utf8');
    t.notRegex(text, /\t|[ ]+$|\n\n\n/m, file);
    // Alignment of `=` within a run of one-line arguments.
    for (const run of text.split('\n').reduce<string[][]>(runsOfArguments, [[]]))
      t.is(new Set(run.map((line) => line.search(/ = /))).size <= 1, true, `${file}: ${run[0]}`);
  }
});

/** Neighbouring one-line arguments of one depth; a block or an empty line ends a run. */
function runsOfArguments(runs: string[][], line: string): string[][] {
  const isArgument = /^ +[\w"./-]+ += .*[^[({]$/.test(line) || /^ +[\w"./-]+ += [^[({]$/.test(line);
  const last = runs.at(-1)!;
  const depth = line.search(/\S/);
  if (!isArgument) runs.push([]);
  else if (last.length > 0 && last[0]!.search(/\S/) !== depth) runs.push([line]);
  else last.push(line);
  return runs;
}
