import { test } from 'vitest';
import { MEMBER, startChat } from './talk.ts';
test('x', async () => {
  const chat = await startChat({ env: { REPLY_FORMAT: 'plain' } });
  for (const t of ['标签 添加 VIP 到 会员等级', '确认', '历史', '撤销', '规则组 新建 华北大区 负责人 张三 范围 销售部', '规则组 详情 华北大区','规则组 新建 西部 负责人 王总 范围 销售部','规则组 负责人 华北大区 加 李四','规则组 范围 华北大区 加 客服部', '规则组 详情 华北大区', '规则组 负责人 华北大区 减 张三','规则组 列表','规则组 切换 上海一部','标签 添加 X 到 新组','我','规则组 删除 华北大区','确认', '撤销', '历史'])
    console.info('>>', t, '\n', await chat.say(MEMBER, t));
  console.info(await chat.say('wangwu', '标签 添加 X1 到 客户分级'));
  console.info(await chat.say('wangwu', '我'));
});
