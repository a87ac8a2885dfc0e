/** Runs before `npm run build`: says what is missing, where the compiler's absence would say "tsc: not found". */
import { existsSync } from 'node:fs';

if (!existsSync(new URL('../node_modules/typescript', import.meta.url))) {
  process.stderr.write(
    '没有装编译要用的包：设了 NODE_ENV=production 或 --omit=dev 时，npm ci 不装它们。\n' +
      '请运行 npm ci --include=dev && npm run build；编译完可以用 npm prune --omit=dev 去掉。\n',
  );
  process.exitCode = 78;
}
