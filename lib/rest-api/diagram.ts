// Shows which resource feeds which, and which table, as a diagram in Mermaid.
import { paginatorCall } from './compile/paginator.js';
import type { ResourcePlan } from './plan/plan.js';
import { knownTables } from './plan/table-names.js';

/** The diagram of a source: its resources with their paths and paginators, the parents they need, and their tables. */
export function diagram(plans: readonly ResourcePlan[]): string {
  const id = (plan: ResourcePlan) => `r${plans.indexOf(plan)}`;
  const lines = plans.flatMap((plan) => {
    const { name, request, paginator, parents, selected, sink, rowHints } = plan;
    const tables = knownTables(plan).join(', ') || 'tables by row';
    const how = rowHints?.functions.write_disposition ? 'by row' : sink.writeDisposition;
    const call = paginatorCall(paginator).name;
    const own = [`  ${id(plan)}["${text(name)}<br/>${text(`${request.method} ${request.path}`)}<br/>${text(call)}"]`];
    const above = plans.filter((each) => parents?.names.includes(each.name));
    for (const one of above) own.push(`  ${id(one)} -- "each row" --> ${id(plan)}`);
    if (above.length === 0) own.push(`  api(["the API"]) --> ${id(plan)}`);
    if (selected) own.push(`  ${id(plan)} -- ${how} --> t${id(plan)}[("${text(tables)}")]`);
    return own;
  });
  return ['flowchart LR', ...lines].join('\n');
}

/** A text inside of quotes, as Mermaid reads it. */
function text(value: string): string {
  return value.replace(/[#"<>{}]/g, (char) => `#${char.codePointAt(0)};`);
}
