/**
 * The key words: every word class that a form of the grammar can name, with all its synonyms.
 * Written in simplified characters, half width and lower case; tokens.ts brings any text into that shape first.
 */

/** 排第一, 放到最前面, 挪到第一个去 …: every verb of placing with every place. */
function placed(places: string): string {
  const verbs = ['排', '放', '挪', '移', '提', '调', '顶', '摆', '拉'];
  return verbs
    .flatMap((verb) => ['', '到', '在', '至'].map((to) => verb + to))
    .flatMap((verb) => places.split(' ').flatMap((place) => [verb + place, `${verb + place}去`]))
    .join(' ');
}

const CLASSES = {
  // What it is about.
  标签: '标签 以下标签 下列标签 下面的标签 以下 标签名 客户标签 标记 tag tags label labels',
  组: '标签组 标签分组 标签群组 客户标签组 分组 组 tag\u00a0group tag\u00a0groups taggroup tag-group group groups label\u00a0group',
  规则组: '规则组 客户规则组 规则 rule\u00a0group rule\u00a0groups rulegroup rule-group rule strategy 策略组 策略',
  /** After names: VIP 这个标签, 金卡和银卡两个标签. */
  这标签:
    '标签 这些个 的标签 这个标签 这一标签 这种标签 这些标签 这几个标签 那个标签 几个标签 这个 这几个 这些 tag tags label',
  这组: '标签组 分组 这个标签组 这个组 这个分组 整个组 整个标签组 整组 这组 那个组 组 的组 的标签组 的分组 group tag\u00a0group',
  量: '这几个 这两个 这三个 这些 以下几个 下面几个 下面这几个 以下这几个 一个 一下 个新 一个新 个 多个 几个 一些 新的 新 这个 这些 一个新的 个新的 一个叫 个叫 叫做 名为 名叫 一个名为 a an the new a\u00a0new the\u00a0new',
  // Verbs.
  添加: '添加 新增 增加 加上 加入 加进 新加 添上 录入 补充 补上 补 补个 创建 新建 建立 加个 加一下 添加一下 加多个 加 添 建 + add create new insert append',
  /** After a group without 里: 地区补充说明 is talk, 地区加杭州 is not. */
  加上: '添加 新增 增加 加上 加入 加进 新加 加个 加一下 添加一下 加多个 加 添 + add',
  加到: '加到 添加到 新增到 增加到 加入到 加入 加进 加进去 加至 添加至 添加进 添加进去 加去 加入去 添到 添进 放到 放进 放入 放去 归到 归入 归类到 归进 补到 录入到 录到 挂到 塞到 塞进 弄到 弄进 丢到 丢进 新建到 创建到',
  /** 往房屋类型里塞一个联排: only behind a place. */
  放: '放 塞 弄 搞 整 放入 放进 塞进 放个 塞个 弄个 搞个 整个 安排 设 设置 设个 开 开个',
  /** At the end: 渠道来源/知乎 加一下. */
  加尾: '加一下 加上 加进去 添加一下 加下 添上 加一加 新增一下 补上 add',
  到: '到 进 至 入 放到 放在 放进 加在 归到 加到 添加到 加进 -> → => ➜ @ to into in under onto',
  给: '给 在 去 往 于 for',
  在: '在 给 往 向 为 到 去 于 帮 in to under into 在标签组 给标签组 往标签组 到标签组 喺',
  里: '里 里面 里面去 里去 那里 那边 这边 这里 里边 里头 中 内 下 下面 之中 当中 组里 组里面 组中 组内 组下 组下面 这个组 这个组里 这个组里面 这个标签组 这个标签组里 那个组 那个组里 标签组 标签组里 标签组中 标签组里面 标签组下 分组 分组里 组 这个分组 这个分组里 这个分组里面 这个分组下面 这个标签组下面 这个标签组里面 组下面 分组下面 分组里面 group 入面',
  的: '里的 里面的 里边的 中的 下的 下面的 内的 组里的 组里面的 组的 组中的 组下的 组内的 标签组里的 标签组的 标签组中的 分组里的 这个组的 这个组里的 这个组里面的 的 里面 里 中 下 入面的',
  删除: '删除 删掉 删去 删除掉 删了 移除 移走 去掉 去除 清除 清掉 干掉 拿掉 撤掉 除掉 剔除 剔掉 删一下 删除一下 删 delete remove del rm drop erase 删埋 整走 删咗',
  /** At the end of a sentence. */
  删掉: '删除 删掉 删去 删除掉 删了 删了它 移除 移走 去掉 去了 去除 清除 清掉 干掉 拿掉 撤掉 除掉 剔除 剔掉 删 删一下 删除一下 给删了 给删掉 给删除 给去掉 给移除 不要了 不要啦 唔要了 唔要啦 del delete remove 删咗 删走',
  改名: '改名 重命名 重新命名 更名 改名字 改个名 改个名字 修改名称 修改名字 修改 更改 换名 改 编辑 rename edit change',
  改为: '改名为 改名成 改名叫 改名叫做 改名做 改名到 改名 重命名为 重命名成 重命名叫 重命名 重新命名为 更名为 更名成 更名叫 更名 改叫 改叫做 改为 改成 改成叫 改做 换成 换名为 变成 变为 修改为 修改成 更改为 更改成 命名为 名字改成 名字改为 名字换成 名称改成 名称改为 名改成 名改为 的名字改成 的名字改为 的名称改成 的名称改为 的名字换成 改咗做',
  叫: '叫 叫做 叫成 名为 名叫 名字叫 名字叫做 名字是 名称是 名称为 called named',
  为: '为 成 叫 叫做 为新名 改为 改成 -> → => ➜ > to as into',
  包含: '标签有 标签是 标签为 标签包括 标签包含 里面的标签有 里面有 里面放 里面是 里有 里放 下面有 包含 包括 含 分为 分成 有 with containing',
  大于: '> -> → => ➜',
  排序: '排序 排序值 的排序 的排序值 排位 的顺序 顺序 sort order reorder',
  设为: '设为 设成 设置为 设置成 调到 调成 调为 调整为 调整到 改为 改成 为 到 是 = :',
  置顶: `置顶 顶置 顶上去 设为第一 to\u00a0top to\u00a0the\u00a0top first ${placed('第一 第一个 第一位 第一名 最前 最前面 最前边 首位 最上面 最上边 顶部 头一个')}`,
  置顶先: '置顶 顶置 top pin',
  移动: '移动 移到 移动到 移至 移动至 挪到 挪去 挪进 转移到 转到 转去 调到 换到 搬到 搬去 move',
  移: '移动 挪动 转移 挪 搬 move',
  // Reading.
  列表: '列表 清单 列出 列一下 全部 所有 看看 看 查看 看下 看一下 显示 打开 展示 list ls show show\u00a0all view',
  列尾: '列表 清单 一览 list',
  有哪些:
    '有哪些 有什么 有哪几个 都有哪些 都有什么 有多少 有多少个 有几个 一共有多少个 一共有几个 总共有多少个 总共有几个 下面有多少 下面有多少个 下面有几个 下有多少个 里有多少个 里有几个 里面有多少个 里面有几个 里有多少 里面有多少 一共多少个 一共几个 有边啲 有乜 下有哪些 里有哪些 里有什么 里都有啥 里有啥 都有啥 有啥 有咩 入面有咩 入面有乜 入面有边啲 里面有啥 里都有什么 里都有哪些 里面有哪些 里面有什么 里面都有什么 中有哪些 下面有哪些 下有什么 有哪些呢 还有哪些 还有什么 还有啥 还剩哪些 还剩什么 还剩啥 剩下哪些 包含哪些 包括哪些 都包含哪些 都包括哪些 里都包含哪些',
  全部: '所有 全部 所有的 全部的 全 all all\u00a0the',
  查: '查 看下 查一下 查下 查询 查询一下 查找 查找一下 查查 查看 查看一下 搜 搜索 搜一下 搜下 搜搜 找 找一下 找下 找找 看看 看一下 帮查 find search lookup look\u00a0up where\u00a0is where\u00a0are search\u00a0for find\u00a0me 揾 揾下 睇下',
  有没有: '有没有 有冇 有无 是否有 是不是有 有 存不存在 is\u00a0there do\u00a0we\u00a0have any',
  在哪: '在哪 在哪里 在哪儿 在\u00a0哪里 在\u00a0哪 在\u00a0哪个组 在\u00a0哪个\u00a0组 在哪个\u00a0组 属于\u00a0哪个组 属于\u00a0哪个\u00a0组 在哪个组 在哪个标签组 在哪个组里 在哪个标签组里 在哪个分组 在哪个分组里 在哪个群组 在哪一组 在哪组 在什么组 属于哪个组 属于哪个标签组 属于什么组 是哪个组 是哪个组的 是哪个标签组的 哪个组 哪个组的 在哪个规则组 属于哪个规则组 有没有 有吗 存在吗 在吗 在不在 有没有这个标签 这个标签在哪 这个标签在哪个组 这个标签在哪里 标签在哪 标签在哪个组 喺边 喺边个组 系边个组 where which\u00a0group 有冇',
  吗: '吗 么 嘛 没 没有 不',
  // The rest.
  把: '把 将 拿',
  从: '从 在 由 from',
  从尾: 'from @ in',
  都: '都 也 多 帮我 给我 帮忙 帮我多 再多 也帮我 再帮我 整个 全 全部 全都 一起 一并 统一 给 通通 统统 再 就 先',
  切换: '切换 切换到 回到 换去 切去 切换至 切回 切回到 换回 换回到 切到 换到 换成 切 转到 进入 使用 选择 选 用 switch switch\u00a0to use select',
  详情: '详情 信息 详细 查看 看看 看 详细信息 detail details info show',
  新建: '新建 创建 新增 添加 增加 建 建立 create add new',
  负责人: '负责人 管理员 admins admin',
  范围: '范围 管理范围 使用范围 range',
  上级: '上级 父级 上级规则组 parent',
  加: '加 添加 增加 加上 新增 + add',
  减: '减 去掉 删除 移除 去 删 减去 减少 - remove delete',
  撤销: '撤销 撤消 再撤销一次 再撤一次 再撤销 撤回 回退 反悔 还原 复原 undo revert 撤销一下 撤销上一步 撤销刚才的操作 撤销刚才 撤销上一个 撤回上一步 撤回刚才的操作 返回上一步 上一步撤销 上一步撤回 回退一步 撤销一步 撤回一步 退回上一步 恢复上一步 撤销刚刚的操作 撤销刚才那步 撤销刚才那个 撤销上一条 撤回一下',
  第: '第 # no',
  条: '条 步 个 项 号',
  历史: '历史 历史记录 操作历史 操作记录 修改记录 变更记录 改动记录 日志 操作日志 history log logs changes',
  谁: '谁 谁把 是谁 是谁把 边个 边个将 who',
  改动了:
    '删了 删除了 删掉了 删的 改了 改的 加了 加的 建的 新建了 添加了 动了 动过 删过 改过 删除的 添加的 修改了 修改的 deleted removed renamed added changed',
  是谁: '是谁 谁 被谁 边个',
  /** 昨天改了什么, 最近删了哪些标签. */
  改了什么:
    '改了什么 改了啥 改了哪些 改了哪些标签 改过什么 改过哪些 动了什么 动过什么 删了什么 删了啥 删了哪些 删了哪些标签 删过什么 删过哪些 加了什么 加了啥 加了哪些 加了哪些标签 加过什么 做了什么 做了什么改动 有什么改动 有哪些改动 有什么变化 有哪些变化 有什么变动',
  的了: '删的 改的 加的 建的 动的 删除的 添加的 修改的 新建的 创建的 改名的 删了 改了 删掉的 加上的',
  导出: '导出 导出来 导出标签 导出全部 导出所有标签 导出一下 备份 下载 export',
  导入: '导入 批量导入 导入标签 批量添加 import',
  含删除: '含删除 含删 包括删除 并删除 with\u00a0deletes',
  帮助: '帮助 帮助一下 使用说明 说明 怎么用 怎么使用 如何使用 用法 使用方法 教程 命令 指令 功能 有什么功能 有哪些功能 有哪些命令 你会什么 你会做什么 你能做什么 你能干什么 你可以做什么 能做什么 help 点用 点样用',
  统计: '统计 统计一下 数量 标签数量 多少标签 多少个标签 有多少标签 有多少个标签 一共有多少标签 一共多少标签 总共有多少标签 总共多少标签 一共有多少个标签 总共有多少个标签 一共多少个标签 总共多少个标签 一共有几个标签 总共有几个标签 现在有多少个标签 标签统计 有多少个标签了 有多少标签了 还能加多少 还能加多少个 还能加几个 还剩多少 还剩多少个 还剩多少额度 剩余额度 额度 stats count statistics',
  更多: '更多 下一页 继续 接着 往下 后面的 还有呢 more next',
  确认: '确认 确定 确认执行 确定执行 确认删除 确定删除 确认无误 确认导入 确认修改 确认添加 confirm confirmed',
  取消: '取消 算了 算了吧 不要了 不用了 不删了 不加了 不改了 不做了 取消操作 放弃 先不 先不了 唔使 唔要 cancel abort never\u00a0mind nevermind stop',
  诊断: '诊断 自检 检查配置 doctor diagnose',
  我: '我 我是谁 我的权限 我的信息 我的id 我的userid 我有什么权限 whoami who\u00a0am\u00a0i me',
  设置: '设置 设定 settings set',
  菜单: '菜单 应用菜单 menu',
} as const satisfies Record<string, string>;

export type WordClass = keyof typeof CLASSES;

export interface Word {
  readonly text: string;
  readonly cls: WordClass;
  /** ASCII words count only between word borders. */
  readonly latin: boolean;
}

/** A no-break space in the lists above stands for a space inside a word. */
function wordsOf(list: string): string[] {
  return list
    .split(' ')
    .filter((word) => word !== '')
    .map((word) => word.replaceAll('\u00a0', ' '));
}

/** All words by their first character, longest first. */
export const WORDS: ReadonlyMap<string, readonly Word[]> = (() => {
  const byFirst = new Map<string, Word[]>();
  for (const [cls, list] of Object.entries(CLASSES) as [WordClass, string][]) {
    for (const text of new Set(wordsOf(list))) {
      const first = text.charAt(0);
      const words = byFirst.get(first) ?? [];
      words.push({ text, cls, latin: /^[a-z]/.test(text) });
      byFirst.set(first, words);
    }
  }
  for (const words of byFirst.values()) words.sort((a, b) => b.text.length - a.text.length);
  return byFirst;
})();

export function wordsOfClass(cls: WordClass): readonly string[] {
  return wordsOf(CLASSES[cls]);
}

/** 成 of 成交客户, 成熟, 成员; not that of 改成熟客, 改成交易中, 改成单身, 改成长期客户. */
export const CHENG_OF_A_WORD =
  '成(?:功(?!能|课)|交(?![易接付房定往友流费警])|人(?![工事脉员气力])|都(?!市)|员(?!工)|单(?![身次店独亲位品价人])|本(?![地科市人月周年店季])|长(?![期线租辈尾途沙春])|熟(?!客(?!户)|[人脸])|年(?:人|后|男|女|客|$)|品(?![牌质鉴味])|衣(?!服)|效)';

/** Everyday words that begin like a key word of one character: 加班 is not 加 + 班. */
export const NOT_KEY_WORDS: readonly RegExp[] = [
  /加(?=班|油|盟|急|拿大|工(?![业程艺薪人])|强|密|速|微信|微(?![博视淘商])|粉|价|息|薪|热|州|仓|购|好友|群|入职|盟商)/y,
  /建(?=议|材|筑|设|行|国|档)/y,
  /(?<=参|追|更|叠)加/y,
  /改(?=善|革|装|天|进|造|期)/y,
  /补(?=贴|课|货|偿|水|税|发|差|助)/y,
  /有(?=效|限|意|车|房|钱|孩|娃|没|无|需|机)/y,
  /含(?=税|量)/y,
  /多(?=次|年|人|少|店|家)/y,
  /再(?=购|次|生|到|婚)/y,
  /全(?=国|家|部门|职|款|年|天|勤)/y,
  /都(?=市|会)/y,
  /(?<=(?:^|[^完达赞构形组养变做])成|首|丰)都/y,
  /里(?=程)/y,
  /删(?=减|节)/y,
  new RegExp(CHENG_OF_A_WORD, 'y'),
  /为(?=何|什么|主|辅)/y,
  /叫(?=好|停|号|车|餐)/y,
  /查(?=封|处|收)/y,
  /给(?=力|予)/y,
  /中(?=国|心|年|等|高|午|秋|奖|介|央|文|产|小|端|东|山|关|信)/y,
  /下(?=单|午|周|次|载|沉|月|架|班|线)/y,
];
