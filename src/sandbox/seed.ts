/** The corp a newcomer meets: 未来零售, its people, its tags, its rule groups, and on demand libraries of any size. */
import type { Department, Member } from './directory.ts';
import type { RangeNode, Strategies } from './strategies.ts';
import type { TagLibrary } from './tag-library.ts';
import type { LibraryId } from './tag-shelf.ts';

export const CORP_NAME = '未来零售';
export const AGENT_NAME = '标签助手';

export const DEPARTMENTS: readonly Department[] = [
  { id: 1, name: '总部', parentId: 0, visible: true },
  { id: 2, name: '销售部', parentId: 1, visible: true },
  { id: 3, name: '客服部', parentId: 1, visible: true },
  { id: 4, name: '财务部', parentId: 1, visible: false },
];

export const MEMBERS: readonly Member[] = [
  { userid: 'wangzong', name: '王总', department: 1, superAdmin: true, position: '总经理' },
  { userid: 'zhangsan', name: '张三', department: 2, superAdmin: false, position: '华东销售总监' },
  { userid: 'lisi', name: '李四', department: 2, superAdmin: false, position: '华南销售总监' },
  { userid: 'chenjie', name: '陈洁', department: 3, superAdmin: false, position: '客服专员' },
  { userid: 'wangwu', name: '王五', department: 2, superAdmin: false, position: '销售顾问' },
  { userid: 'sunqi', name: '孙七', department: 4, superAdmin: false, position: '会计' },
];

/** So many further members of 总部 (m1, m2 …), for whoever needs a crowd. */
export function crowd(size: number): Member[] {
  return Array.from({ length: size }, (_, at) => ({
    userid: `m${at + 1}`,
    name: `同事${at + 1}`,
    department: 1,
    superAdmin: false,
    position: '员工',
  }));
}

const RIGHTS = ['share_customer', 'send_customer_msg', 'send_group_msg', 'view_behavior_data', 'manage_customer_tag'];

/** Made by whom: an app changes only the corp tags that it has made itself. */
const CORP_TAGS: readonly (readonly [group: string, by: 'app' | 'console', ...tags: string[]])[] = [
  ['客户分级', 'app', '普通', '重点', '流失'],
  ['持卡类型', 'console', 'VIP', '金卡', '银卡', '普卡'],
  ['渠道来源', 'console', '公众号', '视频号', '小红书', '官网', '老客推荐'],
  ['地区', 'app', '北京', '上海', '广州', '深圳', '苏州'],
  ['跟进阶段', 'console', '初次沟通', '已报价', '试用中', '已成交', '已流失'],
  ['所属行业', 'console', '餐饮', '零售', '教育', '医疗', '制造'],
  ['决策角色', 'console', '老板', '店长', '采购'],
];

export function seedCorpTags(library: TagLibrary): void {
  for (const [at, [group, by, ...tags]] of CORP_TAGS.entries())
    library.put('corp', group, tags, CORP_TAGS.length - at, by === 'app');
}

export function seedRuleGroups(strategies: Strategies, library: TagLibrary, withTags: boolean): void {
  const sales: RangeNode = { type: 2, partyid: 2 };
  const service: RangeNode = { type: 2, partyid: 3 };
  const own = { parentId: 0, rights: RIGHTS, ownApp: true } as const;
  const east = strategies.put({ ...own, name: '华东大区', admins: ['zhangsan'], range: [sales, service] });
  const south = strategies.put({ ...own, name: '华南大区', admins: ['lisi'], range: [sales] });
  strategies.put({
    ...own,
    parentId: east.id,
    name: '上海一部',
    admins: ['zhangsan'],
    range: [sales],
    rights: ['share_customer'],
  });
  const handmade = strategies.put({ ...own, name: '手工规则组', admins: ['chenjie'], range: [service], ownApp: false });

  if (!withTags) return;
  library.put(east.id, '客户分级', ['普通', '重点', '老客'], 4);
  library.put(east.id, '渠道来源', ['抖音', '小红书', '门店', '转介绍'], 3);
  library.put(east.id, '地区', ['上海', '杭州', '苏州'], 2);
  library.put(east.id, '到访记录', ['到访一次', '到访两次'], 1);
  library.put(south.id, '客户分级', ['意向', '成交'], 2);
  library.put(south.id, '行业', ['餐饮', '教育'], 1);
  library.put(handmade.id, '售后类型', ['退货', '换货', '维修'], 1, false);
}

const PLACES =
  '上海 杭州 苏州 南京 宁波 无锡 合肥 温州 常州 嘉兴 南通 绍兴 金华 台州 扬州 徐州 镇江 湖州 芜湖 泰州 盐城 丽水 衢州 舟山 淮安'.split(
    ' ',
  );
const SUBJECTS = ['成交阶段', '产品偏好', '客户来源', '服务记录'];
const FIRST: Readonly<Record<string, readonly string[]>> = {
  成交阶段: '初次接触 需求确认 方案沟通 报价中 谈判中 待签约 已签约 待付款 已成交 已流失'.split(' '),
  产品偏好: '咖啡 茶饮 烘焙 母婴 美妆 家电 数码 户外 宠物 生鲜'.split(' '),
  客户来源: '抖音 小红书 视频号 公众号 门店 展会 转介绍 电话 官网 社群'.split(' '),
  服务记录: '到店 回访 试用 培训 安装 维修 投诉 退换 续费 升级'.split(' '),
};
const SECOND = '一月 三月 五月 618 双11 年货节 会员日 老带新 VIP专享 A/B测试'.split(' ');
const TAGS_PER_GROUP = 100;

/** Adds groups of up to a hundred tags to the library until all libraries together have `total` tags. */
export function fillLibrary(library: TagLibrary, id: LibraryId, total: number): void {
  let missing = total - library.tagCount;
  for (let at = 0; missing > 0; at++) {
    const place = PLACES[at % PLACES.length] ?? '';
    const subject = SUBJECTS[Math.floor(at / PLACES.length) % SUBJECTS.length] ?? '';
    const round = Math.floor(at / (PLACES.length * SUBJECTS.length));
    const names = (FIRST[subject] ?? []).flatMap((first) => SECOND.map((second) => `${first}·${second}`));
    library.put(
      id,
      `${place}${subject}${round === 0 ? '' : round + 1}`,
      names.slice(0, Math.min(missing, TAGS_PER_GROUP)),
    );
    missing = total - library.tagCount;
  }
}

/** What the chat page calls the member, from the rule groups as they are now. */
export function roleOf(member: Member, strategies: Strategies): string {
  if (member.superAdmin) return '超级管理员';
  const leads = strategies.all().some((strategy) => strategy.ownApp && strategy.admins.includes(member.userid));
  return leads ? '规则组负责人' : '同事';
}
