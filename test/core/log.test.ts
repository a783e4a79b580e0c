import { execFileSync } from 'node:child_process';
import test from 'ava';

const secrets = ['authorization', 'cookie', 'password', 'secret', 'token', 'key', 'body'];

/** A log writes to the standard output of its process, so it has one of its own. */
function linesOf(...statements: readonly string[]): string {
  const log = new URL('../../core/log.ts', import.meta.url);
  const program = `import { createLog } from '${log}'; const log = createLog('test', 'info'); ${statements.join(';')}`;
  return execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
}

test('a secret that somebody gives to the log reaches no line, at the top or in what is told', (t) => {
  const given = JSON.stringify(Object.fromEntries(secrets.map((name) => [name, `the-${name}-itself`])));
  const text = linesOf(
    `log.info(${given}, 'plain')`,
    `log.warn({ asked: ${given}, path: '/orders' }, 'nested')`,
    `log.child(${given}).info('of a child')`,
  );
  const lines = text.trim().split('\n');
  t.deepEqual(
    lines.map((line) => JSON.parse(line).msg),
    ['plain', 'nested', 'of a child'],
  );
  t.is(JSON.parse(lines[1]!).path, '/orders');
  t.notRegex(text, /-itself/);
});
