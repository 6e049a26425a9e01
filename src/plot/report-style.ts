/**
 * How a report's page looks: one column on a telephone, two of charts on a desk, and on paper black on white,
 * nothing cut in two.
 */
export const REPORT_CSS = `
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, "Segoe UI", "Helvetica Neue", Arial, "DejaVu Sans", sans-serif; overflow-wrap: break-word; }
main { max-width: 1180px; margin: 0 auto; padding: 28px 28px 48px; }
.kind { margin: 0 0 4px; font-size: 15px; line-height: 1.3; color: var(--soft); }
h1 { margin: 0; max-width: 36em; font-size: 28px; line-height: 1.25; font-weight: 650; text-wrap: pretty; }
.summary { margin: 12px 0 20px; max-width: 52em; font-size: 19px; line-height: 1.45; text-wrap: pretty; }
h2 { margin: 0; font-size: 18px; line-height: 1.3; }
h2.group { margin: 0 0 16px; padding-top: 14px; border-top: 2px solid var(--line); font-size: 20px; }
h3 { margin: 0; font-size: 16px; line-height: 1.3; }
.headline { display: grid; grid-template-columns: repeat(auto-fit, minmax(180px, 1fr)); gap: 12px; margin: 0 0 26px; }
.headline div { padding: 12px 16px; background: var(--panel); border-radius: 8px; }
.headline dt { font-size: 14px; line-height: 1.3; color: var(--soft); }
.headline dd { margin: 4px 0 0; font-size: 27px; line-height: 1.15; font-weight: 600; font-variant-numeric: tabular-nums; }
.headline .detail { font-size: 14px; line-height: 1.35; font-weight: 400; }
section { margin: 0 0 30px; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 440px), 1fr)); gap: 28px 36px; }
figure { margin: 0; min-width: 0; display: flex; flex-direction: column; }
figcaption { margin: 2px 0 10px; font-size: 14px; line-height: 1.4; color: var(--soft); max-width: 70em; }
.charts .plot { margin-top: auto; max-width: 600px; }
ul { margin: 4px 0 0; padding-left: 1.2em; }
.warnings { padding: 12px 16px; background: var(--warn-panel); border-left: 4px solid var(--warn); border-radius: 0 8px 8px 0; }
.warnings h2 { color: var(--warn); }
table { width: 100%; margin-top: 6px; border-collapse: collapse; font-size: 15px; }
th, td { padding: 5px 14px 5px 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
th { width: 15em; font-weight: 400; color: var(--soft); }
td { font-variant-numeric: tabular-nums; white-space: pre-wrap; }
.wide { overflow-x: auto; }
.cells { font-size: 14px; }
.cells th { width: auto; }
.cells thead th { font-weight: 600; color: var(--ink); vertical-align: bottom; }
.cells tbody th { color: var(--ink); font-variant-numeric: tabular-nums; }
.cells td, .cells th { white-space: pre; }
.prose td { white-space: pre-wrap; }
.cells td, .cells tbody th { overflow-wrap: normal; }
.caption { margin: 2px 0 6px; font-size: 14px; color: var(--soft); max-width: 70em; }
.command { margin: 2px 0 12px; padding: 8px 12px; white-space: pre-wrap; overflow-wrap: anywhere; background: var(--panel); border-radius: 6px; font: 13px/1.5 ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
@media (max-width: 600px) { main { padding: 18px 16px 32px; } h1 { font-size: 22px; } .summary { font-size: 17px; } .headline { grid-template-columns: repeat(2, 1fr); } .headline div { padding: 10px 12px; } .headline dd { font-size: 21px; } th { width: 9em; } .sheet { overflow-x: auto; } .sheet .plot { width: 900px; } }
@media print { @page { margin: 14mm; } main { max-width: none; padding: 0; } body { font-size: 10pt; } h1 { font-size: 16pt; } h2.group { font-size: 13pt; } .summary { font-size: 11.5pt; margin: 6px 0 12px; } .headline { grid-template-columns: repeat(4, 1fr); } .headline div { border: 1px solid var(--line); } .headline dd { font-size: 14pt; } .charts { grid-template-columns: 1fr 1fr; gap: 16px 22px; } .wide { overflow: visible; } .cells { font-size: 8pt; } .cells td, .cells th { white-space: normal; } figure, .headline, .warnings, tr, .command { break-inside: avoid; } h2, h3, .caption { break-after: avoid; } }
`;
