/** Ways to ask for a change to be taken back without its number: 改回来, 加错了, 删错了快恢复, 恢复老客, 两个都撤销, 撤销第二条. */

import { numeral } from './numerals.ts';
import { NUMERAL, pointerIn } from './pointer.ts';

export type Undone =
  /** The last change; `oops`: what was said to have been the mistake. `back`: what was taken back may be meant. */
  | { readonly which: 'last'; readonly oops?: 'add' | 'delete' | 'change'; readonly back?: true }
  /** The last one that deleted. */
  | { readonly which: 'deleted' }
  /** The last one that deleted or renamed what was called so. `bare`: it may as well be a name, as 产后恢复 is. */
  | { readonly which: 'named'; readonly name: string; readonly bare: boolean }
  /** The last so many, or all of this conversation. */
  | { readonly which: 'several'; readonly count?: number }
  /** Counted from the first of this conversation, or in the list that was shown. */
  | { readonly which: 'nth'; readonly position: number; readonly digits: boolean };

const GAP = '[\\s,，。、!！.~～…]*';
const BACK =
  '(?:撤回|撤销|撤消|恢复|还原|复原|改回(?:来|去)|加回(?:来|去)|找回来|变回(?:来|去)|换回(?:来|去)|退回(?:来|去)?|收回|撤掉?|回退|反悔)';
const OOPS =
  '(?:(?:啊|哎呀?|哦|嗯|诶)?(?:不对|错了|糟了|糟糕|坏了|完了|算了|不好意思|后悔了?|反悔了?|手滑了?|手抖了?|不要了|弄错了?|搞错了?|点错了?|发错了?|打错了?|写错了?|加错了?|删错了?|改错了?|建错了?|不该[加删改]的?))';
const END = '(?:吧|呗|了|一下|下|哈|啊|呀|哦|嘛|它|(?:成|到|为)?(?:原样|原来的?|以前的?|之前的?)(?:样子|名字)?)*';
const QUICK = '(?:快|赶紧|赶快|马上|立刻|请|麻烦|给我|帮我|还是|再|都|全|全部|也|一起)*';

const TAKE_BACK = new RegExp(
  `^(?<oops>(?:${OOPS}${GAP})*)${QUICK}(?:把|将)?(?<what>.{0,12}?)${QUICK}(?<back>${BACK})${END}$`,
);
/** 恢复老客, 还原一下客户分级这个组, 把老客找回来. */
const BRING_BACK = new RegExp(
  `^(?:${OOPS}${GAP})*${QUICK}(?:恢复|还原|复原|找回)(?:一下|下|(?:刚才?|刚刚|之前)?(?:误)?删(?:掉|除|了|错)?的)?(?<name>(?!来|去).{1,30}?)${END}$`,
);
const BRINGS_BACK = /恢复|还原|复原|来|去/;
const TAKE_BACK_NTH = new RegExp(`^${QUICK}${BACK}(?:上面)?第(?<nth>${NUMERAL})(?:条|个|步|次|项)(?:吧|一下)?$`);
const TAKE_BACK_LAST = new RegExp(`^(?:${OOPS}${GAP})*${QUICK}(?:${BACK}|取消|作废)(?<step>.{1,10}?)(?:吧|一下)?$`);
const ONLY_OOPS =
  /^(?:啊|哎呀?|哦|嗯)?[\s,，]*我?(?:[加删改建](?=错)|弄|搞|点|发|操作|选)错了[啊呀吧哦]?$|^(?:手滑|手抖)了[啊呀]?$|^不该[加删改]的?$/;
const OLD_NAME = /^(?:还是|就)?(?:用|叫)回?(?:原来|以前|之前|原先)的?(?:那个)?(?:名字|名称)?吧?$/;
const LAST_STEP =
  /^(?:上|前|刚才那?|刚刚那?|刚)?的?一?(?:步|次|条|下)(?:操作|改动|修改)?$|^(?:刚才|刚刚|上次|刚)的?(?:操作|改动|修改|动作|东西)?$|^这[一]?步$/;
/** 撤销 alone is a command of its own. */
const AN_UNDO = /^(?:再)?(?:撤回|撤销|撤消|回退|反悔|还原|复原)(?:吧|一下)?$/;
const THERE_AGAIN = /恢复|回来|回去/;
const DELETED = /^(?:刚才?|刚刚|之前|上次)?(?:我)?删(?:掉|除|了|错)?的?(?:那|这)?(?:一?个)?(?:标签)?$/;

/** Which change the whole text asks to take back; undefined when it asks for no such thing. `plain`: see tokens.ts. */
export function undoneIn(plain: string): Undone | undefined {
  if (OLD_NAME.test(plain)) return { which: 'last', oops: 'change' };
  if (ONLY_OOPS.test(plain)) return { which: 'last', ...oopsIn(plain) };
  const nth = TAKE_BACK_NTH.exec(plain)?.groups?.nth;
  if (nth !== undefined) return nthOf(nth);
  const step = TAKE_BACK_LAST.exec(plain)?.groups?.step;
  if (step !== undefined && (LAST_STEP.test(step) || pointerIn(step)?.points === 'one')) return { which: 'last' };
  const found = TAKE_BACK.exec(plain)?.groups;
  if (found === undefined) return named(BRING_BACK.exec(plain)?.groups?.name, false);
  const { oops = '', what = '', back = '' } = found;
  if (oops === '' && what === '' && AN_UNDO.test(plain)) return undefined;
  if (DELETED.test(what)) return { which: 'deleted' };
  if (what === '' && /^(?:都|全部?)/.test(plain)) return { which: 'several' };
  if (what === '' || LAST_STEP.test(what))
    return { which: 'last', ...oopsIn(oops), ...(THERE_AGAIN.test(back) ? { back: true } : {}) };
  const pointer = pointerIn(what);
  switch (pointer?.points) {
    case 'one':
      return { which: 'last', ...oopsIn(oops) };
    case 'all':
      return { which: 'several', ...(pointer.count === undefined ? {} : { count: pointer.count }) };
    case 'nth':
      return pointer.positions.length === 1
        ? { which: 'nth', position: pointer.positions[0] ?? 0, digits: false }
        : undefined;
    default:
      return BRINGS_BACK.test(back) ? named(what, plain === what + back) : undefined;
  }
}

function named(called: string | undefined, bare: boolean): Undone | undefined {
  const name = called?.replace(/^(?:那个|这个|标签组?)\s*|\s*(?:这|那)?个?(?:标签组?|组)$/g, '').trim() ?? '';
  return name === '' || pointerIn(name) !== undefined || LAST_STEP.test(name)
    ? undefined
    : { which: 'named', name, bare };
}

function nthOf(said: string): Undone | undefined {
  const position = numeral(said);
  return position === undefined ? undefined : { which: 'nth', position, digits: /^\d/.test(said) };
}

function oopsIn(said: string): { readonly oops?: 'add' | 'delete' | 'change' } {
  if (/[加建]错|不该加/.test(said)) return { oops: 'add' };
  if (/删错|不该删/.test(said)) return { oops: 'delete' };
  return /改错|不该改/.test(said) ? { oops: 'change' } : {};
}
