/**
 * 后台改动: what an admin does in WeCom's own console while the bot runs. Each edit makes WeCom send
 * change_external_tag events, which is how the bot learns that its picture of the library is old.
 */
import { sandbox } from './connection.js';
import { h, part, plainButton } from './dom.js';
import { librariesOf } from './libraries.js';
import { confirmed, toast } from './panels.js';

/** @import { ConsoleEdit, SandboxGroup, SandboxState } from '../protocol.ts' */

export function createConsole() {
  const library = h('select', { 'data-testid': 'console-library' });
  const name = textInput('console-name', '例如 会员等级');
  const tags = textInput('console-tags', '例如 青铜、白银');
  const group = h('select', { 'data-testid': 'console-group' });
  const target = h('select', { 'data-testid': 'console-target' });
  const newName = textInput('console-new-name', '新名称');
  const moreTags = textInput('console-more-tags', '例如 黄金、钻石');
  const amount = h(
    'select',
    { 'data-testid': 'reset-tags' },
    h('option', { value: '' }, '示例标签'),
    h('option', { value: '0' }, '空的标签库'),
    h('option', { value: '1000' }, '1,000 个标签'),
    h('option', { value: '10000' }, '10,000 个标签'),
    h('option', { value: NO_RULE_GROUPS }, '还没有规则组'),
  );

  /** @type {readonly SandboxGroup[]} */
  let groups = [];
  const theGroup = () => groups.find((one) => one.group_id === group.value);
  const theTarget = () => target.value || group.value;

  /** @param {ConsoleEdit} edit */
  const run = async (edit) => {
    try {
      toast(`已改动，企业微信发出 ${await sandbox.edit(edit)} 个 change_external_tag 事件`);
      return true;
    } catch (error) {
      toast(error instanceof Error ? error.message : String(error));
      return false;
    }
  };
  const create = async () => {
    const done = await run({
      action: 'createGroup',
      ...(library.value === '' ? {} : { strategyId: Number(library.value) }),
      name: name.value.trim(),
      tags: names(tags.value),
    });
    if (done) name.value = tags.value = '';
  };
  const add = async () => {
    if (await run({ action: 'addTags', groupId: group.value, tags: names(moreTags.value) })) moreTags.value = '';
  };
  const rename = async () => {
    if (await run({ action: 'rename', id: theTarget(), name: newName.value.trim() })) newName.value = '';
  };
  const remove = async () => {
    const what = target.selectedOptions[0]?.textContent ?? '';
    const words = target.value === '' ? `标签组「${theGroup()?.group_name ?? ''}」和其中的全部标签` : `标签「${what}」`;
    if (await confirmed(`在后台删除${words}？`, '删除')) await run({ action: 'delete', id: theTarget() });
  };
  const reverse = () => {
    const ids = [...(theGroup()?.tag ?? [])].sort((a, b) => b.order - a.order).map((tag) => tag.id);
    return run({ action: 'shuffle', groupId: group.value, tagIds: ids.reverse() });
  };
  const reset = async () => {
    if (!(await confirmed('重置沙箱？标签、对话和报文都会清空。', '重置'))) return;
    try {
      await sandbox.reset(contents(amount.value));
      toast('沙箱已重置');
    } catch (error) {
      toast(error instanceof Error ? error.message : String(error));
    }
  };

  part('console', HTMLElement).append(
    h(
      'p',
      { class: 'quiet intro' },
      '像管理员在企业微信后台那样改标签。每次改动都会给机器人发 change_external_tag 事件。',
    ),
    form(
      '新建标签组',
      create,
      [field('标签库', library), field('组名', name), field('标签', tags)],
      '新建',
      'console-create',
    ),
    h('h3', {}, '修改已有的'),
    h('div', { class: 'form' }, field('标签组', group), field('标签', target)),
    form('', rename, [field('改名', newName)], '改名', 'console-rename'),
    form('', add, [field('添加', moreTags)], '添加', 'console-add'),
    h(
      'div',
      { class: 'form-buttons' },
      plainButton('反转组内顺序', 'console-shuffle', reverse),
      plainButton('删除', 'console-delete', remove, 'danger'),
    ),
    form('重新开始', reset, [field('内容', amount)], '重置沙箱', 'reset'),
  );

  const fillTargets = () => {
    const chosen = target.value;
    const items = [...(theGroup()?.tag ?? [])].sort((a, b) => b.order - a.order);
    target.replaceChildren(
      h('option', { value: '' }, '整个标签组'),
      ...items.map((tag) => h('option', { value: tag.id }, tag.name)),
    );
    target.value = items.some((tag) => tag.id === chosen) ? chosen : '';
  };
  group.addEventListener('change', fillTargets);

  return {
    /** @param {SandboxState} state */
    show(state) {
      const libraries = librariesOf(state);
      const chosen = library.value;
      library.replaceChildren(...libraries.map((one) => h('option', { value: one.strategyId ?? '' }, one.name)));
      if (libraries.some((one) => String(one.strategyId ?? '') === chosen)) library.value = chosen;

      const chosenGroup = group.value;
      groups = libraries.flatMap((one) => one.groups);
      group.replaceChildren(
        ...libraries.map((one) =>
          h(
            'optgroup',
            { label: one.name },
            ...one.groups.map((item) => h('option', { value: item.group_id }, item.group_name)),
          ),
        ),
      );
      if (groups.some((one) => one.group_id === chosenGroup)) group.value = chosenGroup;
      fillTargets();
    },
  };
}

/** In the choice of what a reset leaves. */
const NO_RULE_GROUPS = 'corp-only';

/** @param {string} value */
function contents(value) {
  if (value === NO_RULE_GROUPS) return { ruleGroups: false };
  return value === '' ? {} : { tags: Number(value) };
}

/** @param {string} value */
const names = (value) =>
  value
    .split(/[、,，\n]/)
    .map((one) => one.trim())
    .filter((one) => one !== '');

/**
 * @param {string} testid
 * @param {string} placeholder
 */
const textInput = (testid, placeholder) =>
  h('input', { type: 'text', required: true, placeholder, 'data-testid': testid, autocomplete: 'off' });

/**
 * @param {string} label
 * @param {HTMLElement} control
 */
const field = (label, control) => h('label', { class: 'form-field' }, h('span', {}, label), control);

/**
 * @param {string} title empty = none
 * @param {() => unknown} run
 * @param {readonly HTMLElement[]} fields
 * @param {string} label
 * @param {string} testid of the submit button
 */
function form(title, run, fields, label, testid) {
  const inline = title === '';
  return h(
    'form',
    {
      class: inline ? 'form inline' : 'form',
      onsubmit: (event) => {
        event.preventDefault();
        void run();
      },
    },
    !inline && h('h3', {}, title),
    ...fields,
    h('button', { class: 'plain-button', 'data-testid': testid }, label),
  );
}
