import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fold, initialSelection, readCard } from '../../src/sandbox/page/card-model.js';

describe('reading a template card', () => {
  it('reads a confirmation with buttons, facts and a menu', () => {
    const card = readCard({
      card_type: 'button_interaction',
      task_id: 'del-1',
      source: { desc: '标签助手', desc_color: 3, icon_url: 'https://example.com/i.png' },
      action_menu: { desc: '更多', action_list: [{ text: '查看历史', key: 'history' }] },
      main_title: { title: '删除「老客」？', desc: '不能恢复' },
      horizontal_content_list: [
        { keyname: '标签组', value: '客户分级' },
        { keyname: '说明', type: 1, value: '文档', url: 'https://example.com' },
        { keyname: '坏链接', type: 1, value: '文档', url: 'javascript:alert(1)' },
        { keyname: '附件', type: 2, value: 'a.csv', media_id: 'm1' },
        { keyname: '操作人', type: 3, value: '王总', userid: 'wangzong' },
      ],
      button_list: [
        { text: '取消', style: 3, key: 'no' },
        { text: '确认', style: 9, key: 'yes' },
        { text: '官网', type: 1, url: 'https://example.com', key: 'u' },
      ],
    });
    expect(card).toMatchObject({
      known: true,
      source: { desc: { text: '标签助手' }, tone: 3 },
      actions: { desc: '更多', items: [{ key: 'history', text: '查看历史' }] },
      title: { text: '删除「老客」？' },
      facts: [
        { key: '标签组', value: { text: '客户分级' } },
        { key: '说明', url: 'https://example.com' },
        { key: '坏链接' },
        { key: '附件', mediaId: 'm1' },
        { key: '操作人', userid: 'wangzong' },
      ],
      buttons: [
        { key: 'no', text: '取消', style: 3 },
        { key: 'yes', text: '确认', style: 1 },
        { key: 'u', text: '官网', url: 'https://example.com' },
      ],
    });
    expect(card.facts[2]).not.toHaveProperty('url');
    expect(card.source, 'a picture from outside is not loaded').not.toHaveProperty('icon');
  });

  it('knows what is chosen before anything is touched', () => {
    const options = [
      { id: 'a', text: '甲' },
      { id: 'b', text: '乙' },
    ];
    const votes = (checked: boolean[], mode: number) =>
      initialSelection(
        readCard({
          card_type: 'vote_interaction',
          checkbox: { question_key: 'q', mode, option_list: options.map((o, i) => ({ ...o, is_checked: checked[i] })) },
        }),
      );
    expect(votes([true, true], 1)).toEqual({ q: ['a', 'b'] });
    expect(votes([false, true], 0)).toEqual({ q: ['b'] });
    expect(votes([false, false], 0)).toEqual({ q: [] });
    expect(
      initialSelection(
        readCard({
          card_type: 'multiple_interaction',
          select_list: [
            { question_key: 'chosen', selected_id: 'b', option_list: options },
            { question_key: 'first', option_list: options },
          ],
        }),
      ),
    ).toEqual({ chosen: ['b'], first: ['a'] });
    expect(
      initialSelection(
        readCard({ card_type: 'button_interaction', button_selection: { question_key: 's', option_list: options } }),
      ),
    ).toEqual({ s: ['a'] });
  });

  it.each([
    ['36 characters stay', '标'.repeat(36), { text: '标'.repeat(36) }],
    ['the 37th folds', '标'.repeat(37), { text: `${'标'.repeat(35)}…`, full: '标'.repeat(37) }],
    [
      'an emoji is one character and never cut in two',
      '😀'.repeat(37),
      { text: `${'😀'.repeat(35)}…`, full: '😀'.repeat(37) },
    ],
  ])('%s', (_, title, expected) => {
    expect(readCard({ card_type: 'text_notice', main_title: { title } }).title).toEqual(expected);
  });

  it('draws no more of a list than the client takes', () => {
    const many = Array.from({ length: 30 }, (_, i) => ({
      id: String(i),
      key: String(i),
      text: String(i),
      title: String(i),
      keyname: String(i),
    }));
    const card = readCard({
      card_type: 'x',
      horizontal_content_list: many,
      jump_list: many,
      button_list: many,
      vertical_content_list: many,
      action_menu: { action_list: many },
      select_list: many.map((one) => ({ question_key: one.id, option_list: many })),
      checkbox: { question_key: 'q', option_list: many },
    });
    expect(
      [card.facts, card.jumps, card.buttons, card.paragraphs, card.actions.items].map((list) => list.length),
    ).toEqual([6, 3, 6, 4, 3]);
    expect(card.selects.map((one) => one.options.length)).toEqual([10, 10, 10]);
    expect(card.vote?.options.length).toBe(20);
    expect(card.known).toBe(false);
  });

  it('reads any JSON without falling over', () => {
    const keys = [
      'source',
      'main_title',
      'quote_area',
      'emphasis_content',
      'horizontal_content_list',
      'jump_list',
      'card_action',
      'card_image',
      'button_list',
      'checkbox',
      'select_list',
      'submit_button',
      'action_menu',
      'button_selection',
    ];
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...keys), fc.jsonValue()), (json) => {
        initialSelection(readCard(json));
      }),
    );
  });

  it('folds to at most the limit', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 40 }), (words, limit) => {
        const folded = fold(words, limit);
        expect(Array.from(folded.text).length).toBeLessThanOrEqual(limit);
        expect(folded.full ?? folded.text).toBe(words);
      }),
    );
  });
});
