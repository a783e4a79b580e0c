import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';

/** What a command needs besides its arguments; a log takes what it prints, beside what is returned. */
export type Shell = { readonly env: NodeJS.ProcessEnv; readonly cwd: string; readonly log: string };

export class CommandFailed extends Error {}

/** Runs a program to its end and returns what it printed. Throws with the end of it if it fails. */
export async function run(
  shell: Shell,
  program: string,
  args: readonly string[],
  input?: string,
): Promise<string> {
  const errors = openSync(shell.log, 'a');
  const child = spawn(program, args, { cwd: shell.cwd, env: shell.env, stdio: ['pipe', 'pipe', errors] });
  child.stdin!.on('error', () => {});
  child.stdin!.end(input ?? '');
  let text = '';
  child.stdout!.on('data', (chunk) => {
    text += chunk;
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  closeSync(errors);
  if (code === 0) return text.trim();
  throw new CommandFailed(
    `${program} ${args.slice(0, 6).join(' ')} ended with ${code}: ${text.trim().slice(-1_000)}`,
  );
}
