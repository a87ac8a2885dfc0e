/** `menu`: how the published menu differs from this version's; publishes with --publish. */

import { publishMenu } from '../bot/commands/menu.ts';
import type { Config } from '../config.ts';
import { explainToOperator } from '../errors.ts';
import type { Clock } from '../message.ts';
import { connect, type Print } from './connect.ts';
import { corpsKnown } from './corps-known.ts';
import { named, whichCorp } from './which-corp.ts';

export interface MenuOptions {
  /** Name or id; without it the only one there is. */
  readonly corp?: string | undefined;
  readonly publish: boolean;
  readonly now: Clock;
  readonly print: Print;
}

/** Whether it could be done. Throws UsageError. */
export async function menu(config: Config, { corp, publish, now, print }: MenuOptions): Promise<boolean> {
  const chosen = whichCorp(await corpsKnown(config, now), named, corp);
  // Of a 第三方 app that is told before anything is asked.
  const wecom = connect(chosen, now);
  try {
    const differences = await publishMenu(wecom.menu, !publish);
    if (differences.length === 0) print('菜单没有变化。');
    for (const difference of differences) print(difference);
    if (differences.length > 0)
      print(publish ? '已发布。成员重新进入应用后可以看到。' : '以上是预览；加 --publish 发布。');
    return true;
  } catch (error) {
    const { cause, step } = explainToOperator(error, now());
    print(`没有做成：${cause}${step}`);
    return false;
  } finally {
    wecom.close();
  }
}
