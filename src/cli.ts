#!/usr/bin/env -S node --max-semi-space-size=8 --heap-growing-percent=20
/**
 * Program entry. All the rest stands behind an import of its own: a Node that is too old stumbles over something new in
 * it before a line has run, and what it says then is a riddle.
 */
const OLDEST = [20, 19];
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const [oldestMajor = 0, oldestMinor = 0] = OLDEST;

if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) void import('./program.ts');
else {
  process.stderr.write(
    `这是 Node.js ${process.versions.node}，太旧了：机器人要 ${OLDEST.join('.')} 以上。请升级 Node.js，或者用容器镜像（docs/deployment.md）。\n`,
  );
  // EX_CONFIG of sysexits.h: starting again will not help.
  process.exitCode = 78;
}
