/** The live tags, library by library. What changes lights up for a moment; what vanishes is seen going. */
import { arrange, h, part } from './dom.js';
import { librariesOf } from './libraries.js';
import { treeDiff, withRemoved } from './tree-diff.js';

/** @import { SandboxGroup, SandboxState, SandboxTag } from '../protocol.ts' */
/** @import { Library } from './libraries.js' */
/** @import { TreeMark } from './tree-diff.js' */

const HIGHLIGHT_MS = 2_500;

/** So many tags of a group are drawn before the rest is asked for. */
const FOLDED = 60;

/** So many groups of a library are drawn, also of the ten thousand tags of a load test. */
const GROUPS = 150;

export function createTree() {
  const list = part('tree', HTMLElement);
  const filter = part('tree-filter', HTMLInputElement);
  const count = part('tree-count', HTMLElement);
  const empty = h('p', { class: 'empty' });

  /** @type {readonly Library[]} */
  let present = [];
  let total = 0;
  /** @type {Map<string, TreeMark>} */
  let marks = new Map();
  /** What the marks are relative to. @type {readonly Library[]} */
  let before = [];
  /** @type {Set<string>} */
  const unfolded = new Set();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let fading;

  filter.addEventListener('input', () => draw());

  function draw() {
    const wanted = filter.value.trim().toLowerCase();
    count.textContent = `${total} 个标签`;
    const shown = withRemoved(before, present, marks);
    const sections = shown.map((library) => section(library, wanted)).filter((node) => node !== undefined);
    empty.textContent = wanted === '' ? '还没有标签' : '没有名称含有这些字的标签';
    arrange(list, sections.length > 0 ? sections : [empty]);
  }

  /**
   * @param {Library} library
   * @param {string} wanted
   * @returns {HTMLElement | undefined}
   */
  function section(library, wanted) {
    const groups = library.groups
      .map((group) => narrowed(group, wanted))
      .filter((group) => group !== undefined)
      .sort(byOrder);
    if (groups.length === 0 && wanted !== '') return undefined;
    return h(
      'section',
      {
        class: library.foreign ? 'library foreign' : 'library',
        'data-name': library.name,
        'data-kind': library.kind,
      },
      h(
        'h3',
        {},
        h('span', {}, library.name),
        h('span', { class: 'quiet' }, library.note),
        ...library.badges.map((badge) => h('span', { class: 'badge' }, badge)),
      ),
      h('p', { class: 'quiet owners' }, library.owners),
      groups.length === 0 && h('p', { class: 'empty' }, '没有标签组'),
      ...groups.slice(0, GROUPS).map((group) => groupBox(group, library.kind)),
      groups.length > GROUPS && h('p', { class: 'quiet' }, `还有 ${groups.length - GROUPS} 个标签组，用上面的筛选查看`),
    );
  }

  /**
   * @param {SandboxGroup} group
   * @param {Library['kind']} kind
   */
  function groupBox(group, kind) {
    const tags = [...group.tag].sort(byOrder);
    const whole = tags.length <= FOLDED || unfolded.has(group.group_id);
    const visible = whole ? tags : tags.slice(0, FOLDED);
    return h(
      'div',
      {
        class: isForeign(group, kind) ? 'group foreign' : 'group',
        'data-name': group.group_name,
        'data-kind': 'group',
        'data-change': marks.get(group.group_id),
        title: `group_id ${group.group_id}\norder ${group.order}`,
      },
      h(
        'p',
        { class: 'group-name' },
        h('span', {}, group.group_name),
        h('span', { class: 'quiet' }, String(group.tag.filter((tag) => marks.get(tag.id) !== 'removed').length)),
      ),
      h(
        'ul',
        {},
        ...visible.map((tag) => tagChip(tag, kind)),
        !whole &&
          h(
            'li',
            { class: 'rest' },
            h(
              'button',
              {
                type: 'button',
                onclick: () => {
                  unfolded.add(group.group_id);
                  draw();
                },
              },
              `还有 ${tags.length - FOLDED} 个`,
            ),
          ),
      ),
    );
  }

  /**
   * @param {SandboxTag} tag
   * @param {Library['kind']} kind
   */
  function tagChip(tag, kind) {
    return h(
      'li',
      {
        class: isForeign(tag, kind) ? 'tag foreign' : 'tag',
        'data-name': tag.name,
        'data-kind': 'tag',
        'data-change': marks.get(tag.id),
        title: `id ${tag.id}\norder ${tag.order}`,
      },
      tag.name,
    );
  }

  return {
    /**
     * @param {SandboxState} state
     * @param {boolean} highlight false when the state was replaced as a whole
     */
    show(state, highlight) {
      const libraries = librariesOf(state);
      before = highlight ? present : libraries;
      marks = treeDiff(before, libraries);
      present = libraries;
      total = state.tagCount;
      draw();
      clearTimeout(fading);
      if (marks.size === 0) return;
      list.querySelector('[data-change]')?.scrollIntoView({ block: 'nearest' });
      fading = setTimeout(() => {
        marks = new Map();
        before = present;
        draw();
      }, HIGHLIGHT_MS);
    },
  };
}

/**
 * What a person has made among the corp tags, which the app cannot change.
 * @param {{ readonly ownApp: boolean }} made
 * @param {Library['kind']} kind
 */
const isForeign = ({ ownApp }, kind) => kind === 'corp-tags' && !ownApp;

/**
 * As the client shows it: larger order first.
 * @param {{ readonly order: number }} a
 * @param {{ readonly order: number }} b
 */
const byOrder = (a, b) => b.order - a.order;

/**
 * @param {SandboxGroup} group
 * @param {string} wanted lower case; empty = everything
 * @returns {SandboxGroup | undefined} with the tags that match, or whole when its own name does
 */
function narrowed(group, wanted) {
  if (wanted === '' || group.group_name.toLowerCase().includes(wanted)) return group;
  const tag = group.tag.filter((one) => one.name.toLowerCase().includes(wanted));
  return tag.length > 0 ? { ...group, tag } : undefined;
}
