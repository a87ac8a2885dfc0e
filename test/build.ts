import { execFileSync } from 'node:child_process';

/**
 * Builds `dist/` once per run: tests that drive the real program start `dist/cli.js`, never stale output.
 * PREBUILT=1 says that the caller has just built it.
 */
export default function setup(): void {
  if (process.env.PREBUILT !== '1') execFileSync('npm', ['run', 'build', '--silent'], { stdio: 'inherit' });
}
