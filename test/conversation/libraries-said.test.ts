/** How people speak of two libraries: sentences and short dialogues, judged by what the platform holds and what is said. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Chat, openChat } from '../chat.ts';

let chat: Chat;
let members = 0;

beforeAll(async () => {
  const admins = Array.from({ length: 100 }, (_, at) => `m${at + 1}`).join(',');
  chat = await openChat({ env: { REPLY_FORMAT: 'plain', BOT_ADMINS: admins }, sandbox: { others: 100 } });
});
afterAll(() => chat.stop());

/** 企:组/名 and 东:组/名. */
function everyTag(): Set<string> {
  const { corp } = chat.sandbox;
  const east = corp.ruleGroups().find(({ strategy_name }) => strategy_name === '华东大区');
  const libraries = { 企: corp.corpTags(), 东: east?.groups ?? [] };
  return new Set(
    Object.entries(libraries).flatMap(([library, groups]) =>
      groups.flatMap((group) => group.tag.map((tag) => `${library}:${group.group_name}/${tag.name}`)),
    ),
  );
}

/** Says every turn as somebody new; what the last answer is, and what has become of the tags. */
async function talk(dialogue: string): Promise<{ answer: string; changed: string[] }> {
  const member = `m${++members}`;
  const before = everyTag();
  let answer = '';
  for (const turn of dialogue.split(' ▸ ')) answer = await chat.say(member, turn);
  const after = everyTag();
  const changed = [
    ...[...after].filter((tag) => !before.has(tag)).map((tag) => `+${tag}`),
    ...[...before].filter((tag) => !after.has(tag)).map((tag) => `-${tag}`),
  ];
  if (changed.length > 0) {
    chat.sandbox.reset();
    await chat.restart();
  }
  return { answer, changed };
}

test.each([
  ['帮我在企业标签的渠道来源里加一个抖音', '+企:渠道来源/抖音'],
  ['企业标签渠道来源加抖音、快手', '+企:渠道来源/抖音 +企:渠道来源/快手'],
  ['往企业标签的所属行业加个金融', '+企:所属行业/金融'],
  ['企业标签库里面把普通改成一般客户', '+企:客户分级/一般客户 -企:客户分级/普通'],
  ['给客户分级加个潜在，加到企业标签那边', '+企:客户分级/潜在'],
  ['给客户分级加个潜在，企业标签的', '+企:客户分级/潜在'],
  ['给客户分级加个潜在 ▸ 企业标签也加', '+企:客户分级/潜在 +东:客户分级/潜在'],
  ['给客户分级加个潜在 ▸ 企业标签里也加一个', '+企:客户分级/潜在 +东:客户分级/潜在'],
  ['给客户分级加个潜在 ▸ 不对，是企业标签的 ▸ 确认', '+企:客户分级/潜在'],
  ['企业标签和华东的客户分级都加个潜在', '+企:客户分级/潜在 +东:客户分级/潜在'],
  ['把企业标签和华东的普通都改成一般', '+企:客户分级/一般 +东:客户分级/一般 -企:客户分级/普通 -东:客户分级/普通'],
  ['删除企业标签里的苏州 ▸ 确认', '-企:地区/苏州'],
  ['删除华东和企业标签的苏州', ''],
  ['企业标签新建一个组叫节日，里面放春节和中秋', '+企:节日/春节 +企:节日/中秋'],
  ['在企业标签建个标签组：节日：春节、中秋', '+企:节日/春节 +企:节日/中秋'],
  ['切到企业标签 ▸ 加个VIP到客户分级 ▸ 切回华东 ▸ 加个VIP到客户分级', '+企:客户分级/VIP +东:客户分级/VIP'],
  ['企业标签/地区 加 成都', '+企:地区/成都'],
  ['企业标签 地区：成都、武汉 ▸ 确认', '+企:地区/成都 +企:地区/武汉'],
  ['把华东和华北加到地区', '+东:地区/华东 +东:地区/华北'],
  ['别删企业标签里的VIP', ''],
  ['清空企业标签 ▸ 确认', ''],
  ['把企业标签都删了 ▸ 确认', ''],
  ['给客户分级加个潜在 ▸ 企业标签的呢', '+东:客户分级/潜在'],
  ['把成都加到企业标签的地区', '+企:地区/成都'],
  ['企业标签\n加 成都 到 地区\n加 武汉 到 地区', '+企:地区/成都 +企:地区/武汉'],
  ['新建标签组活动：\n618、双11\n年货节', '+东:活动/618 +东:活动/双11 +东:活动/年货节'],
  ['加到客户分级：\n101、甲\n102、乙', '+东:客户分级/乙 +东:客户分级/甲'],
  ['标签 添加 统计企业标签 到 客户分级 ▸ 统计企业标签', '+东:客户分级/统计企业标签'],
  ['618、双11 加到到访记录', '+东:到访记录/618 +东:到访记录/双11'],
  ['把企业标签的VIP移到华东 ▸ 1', ''],
])('%s: changes %s', async (dialogue, changes) => {
  expect((await talk(dialogue)).changed.sort()).toEqual(changes.split(' ').filter(Boolean).sort());
});

test.each<[dialogue: string, says: RegExp]>([
  ['企业标签里有没有VIP', /持卡类型/],
  ['地区有哪些 ▸ 企业标签的呢', /北京[\s\S]*深圳/],
  ['客户分级 ▸ 那企业标签的呢', /普通[\s\S]*流失/],
  ['苏州 ▸ 删掉企业标签那个', /苏州[\s\S]*在企业标签[\s\S]*确认/],
  ['苏州 ▸ 第二个删掉', /苏州[\s\S]*在企业标签[\s\S]*确认/],
  ['删掉苏州，企业标签的', /苏州[\s\S]*在企业标签[\s\S]*确认/],
  ['删除企业标签的地区这个组', /标签组「地区」[\s\S]*在企业标签/],
  ['切换企业标签', /已切换到企业标签/],
  ['换到企业标签库', /已切换到企业标签/],
  ['切换到企业标签 ▸ 回到华东', /已切换到规则组「华东大区」/],
  ['现在是哪个库', /「华东大区」/],
  ['我现在在企业标签还是规则组', /「华东大区」/],
  ['有哪些标签库', /企业标签[\s\S]*华东大区/],
  ['企业标签和规则组标签有什么区别', /企业标签全公司一份/],
  ['企业标签是什么', /企业标签全公司一份/],
  ['为什么VIP改不了', /不是我建的/],
  ['哪些标签是后台建的', /不告诉我/],
  ['华东的客户分级复制到企业标签', /导出 文本[\s\S]*导入到企业标签/],
  ['把华东的渠道来源同步到企业标签', /导出 文本[\s\S]*导入到企业标签/],
  ['把企业标签的VIP移到华东', /不支持把标签移到另一个标签库/],
  ['导出企业标签文本', /导入[\s\S]*客户分级/],
  ['把企业标签导出来', /已导出企业标签/],
  ['下载企业标签', /已导出企业标签/],
  ['企业标签导出excel', /已导出企业标签/],
  ['企业标签有多少个标签了', /30 个标签/],
  ['企业标签还能加多少', /最多还剩/],
  ['华东和企业标签一共多少标签', /12 个标签[\s\S]*30 个标签/],
  ['把上海和杭州合并', /不支持合并/],
  ['合并上海和杭州', /不支持合并/],
  ['把渠道来原改成客户来源', /1 渠道来源/],
  ['置顶渠道来原', /1 渠道来源/],
  ['给客户分级加个潜在 ▸ 算了删掉', /要删除标签「潜在」吗/],
  ['给客户分级加个潜在 ▸ 还是删掉吧', /要删除标签「潜在」吗/],
  ['删除杭州 ▸ 还是苏州吧', /要删除标签「苏州」吗/],
  ['给客户分级加个潜在 ▸ 还是叫潜客吧', /「潜在」改名为「潜客」/],
  ['还是上海', /上海/],
  ['企业标签能不能加甲到客户分级', /「企业标签 标签 添加 甲 到 客户分级」/],
  ['删除华东和企业标签的苏州', /删除 1 个标签：「?苏州」?（华东大区）[\s\S]*删除 1 个标签：「?苏州」?（企业标签）/],
  ['企业标签和华东的客户分级都加个潜在', /潜在」?（企业标签）[\s\S]*潜在」?（华东大区）/],
])('%s: hears %s', async (dialogue, says) => {
  expect((await talk(dialogue)).answer).toMatch(says);
});
