import { execFileSync } from 'node:child_process';
import { chmodSync, rmSync } from 'node:fs';
import { roomyFolder } from './folder.ts';

/**
 * Builds `dist/` once per run: tests that drive the real program start `dist/cli.js`, never stale output.
 * PREBUILT=1 says that the caller has just built it. What tests leave in their folders is removed after the run.
 */
export default function setup(): () => void {
  if (process.env.PREBUILT !== '1') execFileSync('npm', ['run', 'build', '--silent'], { stdio: 'inherit' });
  const folder = roomyFolder('tag-bot-tests-');
  // A PostgreSQL runs as a user of its own.
  chmodSync(folder, 0o755);
  process.env.TEST_FOLDER = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}
