/** 置顶: what has to give way so that one stands above all its siblings. Pure. */

import { MAX_ORDER } from '../tag.ts';

/** Above all of them by its value: between equals the platform does not say who is first (doc 94882). */
export function isAbove(one: { readonly order: number }, shown: readonly { readonly order: number }[]): boolean {
  return shown[0] === undefined || one.order > shown[0].order;
}

/** The least value above all of them; `shown` is sorted by position. */
export function above(shown: readonly { readonly order: number }[]): number {
  return Math.min((shown[0]?.order ?? 0) + 1, MAX_ORDER);
}

/**
 * Which siblings must be lowered, and to what, so that MAX_ORDER is free above all of them and their sequence stays.
 * `shown` is sorted by position. Empty when the first is below the maximum already.
 */
export function makeRoom<T extends { readonly order: number }>(shown: readonly T[]): { item: T; order: number }[] {
  const lowered: { item: T; order: number }[] = [];
  let ceiling = MAX_ORDER - 1;
  let previous: { was: number; is: number } | undefined;
  for (const item of shown) {
    // Equal siblings stay equal: their sequence comes from their age, not from the value.
    const order = previous && item.order === previous.was ? previous.is : Math.min(item.order, ceiling);
    if (order === item.order) break;
    lowered.push({ item, order });
    previous = { was: item.order, is: order };
    ceiling = order - 1;
  }
  return lowered.reverse();
}
