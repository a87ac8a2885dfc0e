/** What is wrong with a query, by Prometheus's own grammar and by what the bot really exposes. */
import { parser } from '@prometheus-io/lezer-promql';

/** Metric → label → values seen in a scrape. */
export type Exposed = ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<string>>>;

/** Of Prometheus text, with the `up` that the server adds itself. */
export function exposedIn(scrape: string): Exposed {
  const metrics = new Map<string, Map<string, Set<string>>>([['up', new Map([['job', new Set(['wecom-tag-bot'])]])]]);
  for (const [, name = '', , labels = ''] of scrape.matchAll(/^(\w+)(\{(.*)\})? \S+$/gm)) {
    const known = metrics.get(name) ?? new Map<string, Set<string>>();
    metrics.set(name, known);
    for (const [, label = '', value = ''] of labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g))
      known.set(label, (known.get(label) ?? new Set()).add(value));
  }
  return metrics;
}

type Node = ReturnType<typeof parser.parse>['topNode'];

const OVER_A_RANGE = new Set(['Rate', 'Increase', 'Irate', 'Delta', 'Deriv', 'Changes', 'Resets']);

/**
 * Everything, in words; nothing for a query that can be asked. `shown`: labels that are named beside it (a legend, the
 * text of an alert), which its result must have.
 */
export function problemsOf(query: string, exposed: Exposed, shown: readonly string[] = []): string[] {
  const problems: string[] = [];
  const text = ({ from, to }: { readonly from: number; readonly to: number }) => query.slice(from, to);
  const { topNode } = parser.parse(query);
  const selectors: Node[] = [];
  const groupings: Node[] = [];
  topNode.cursor().iterate((at) => {
    if (at.type.isError) problems.push(`not a query at ${at.from}: ${query.slice(at.from) || 'its end'}`);
    if (at.name === 'VectorSelector') selectors.push(at.node);
    if (at.name === 'AggregateExpr') groupings.push(at.node);
    if (at.name === 'FunctionCall') {
      const name = at.node.firstChild?.firstChild?.name ?? '';
      const ranged = at.node.getChild('FunctionCallBody')?.getChild('MatrixSelector') !== null;
      if (OVER_A_RANGE.has(name) !== ranged)
        problems.push(`${text(at)}: ${name} ${ranged ? 'takes no' : 'needs a'} range`);
    }
  });
  if (problems.length > 0) return problems;
  if (selectors.length === 0) return [`names no metric: ${query}`];

  const labelsOf = (selector: Node) => exposed.get(text(selector.getChild('Identifier') ?? selector));
  for (const selector of selectors) {
    const labels = labelsOf(selector);
    if (labels === undefined) {
      problems.push(`no such metric: ${text(selector)}`);
      continue;
    }
    for (const matcher of selector.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? []) {
      const label = text(matcher.getChild('LabelName') ?? matcher);
      const operator = text(matcher.getChild('MatchOp') ?? matcher);
      const value = text(matcher.getChild('StringLiteral') ?? matcher).slice(1, -1);
      const values = labels.get(label);
      if (values === undefined) problems.push(`no such label: ${label} of ${text(selector)}`);
      else {
        const alternatives = operator.endsWith('~') ? value.split('|') : [value];
        for (const each of alternatives)
          if (![...values].some((known) => new RegExp(`^(?:${each})$`).test(known)))
            problems.push(`no such value: ${label} "${each}" of ${text(selector)}`);
      }
    }
  }
  const inside = (outer: Node) => selectors.filter(({ from, to }) => outer.from <= from && to <= outer.to);
  let kept: Set<string> | undefined;
  for (const grouping of groupings) {
    const names = grouping
      .getChild('AggregateModifier')
      ?.getChild('GroupingLabels')
      ?.getChildren('LabelName')
      .map(text);
    for (const label of names ?? [])
      if (!inside(grouping).every((selector) => labelsOf(selector)?.has(label)))
        problems.push(`no such label: ${label} in ${text(grouping)}`);
    kept = new Set(names);
  }
  const left = (label: string) => kept?.has(label) ?? selectors.some((selector) => labelsOf(selector)?.has(label));
  for (const label of shown) if (!left(label)) problems.push(`the result has no label ${label}: ${query}`);
  return problems;
}
