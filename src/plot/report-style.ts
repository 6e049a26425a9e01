/** How a report's page looks: one column on a telephone, two of charts on a desk, and on paper black on white. */
export const REPORT_CSS = `
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, "Segoe UI", "Helvetica Neue", Arial, "DejaVu Sans", sans-serif; overflow-wrap: anywhere; }
main { max-width: 1180px; margin: 0 auto; padding: 28px 28px 48px; }
h1 { margin: 0; font-size: 18px; line-height: 1.3; font-weight: 600; }
.summary { margin: 14px 0 22px; max-width: 46em; font-size: 25px; line-height: 1.3; font-weight: 600; text-wrap: pretty; }
h2 { margin: 0; font-size: 17px; line-height: 1.3; }
.headline { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; margin: 0 0 22px; }
.headline div { display: flex; flex-direction: column; justify-content: space-between; padding: 12px 16px; background: var(--panel); border-radius: 8px; }
.headline dt { font-size: 14px; line-height: 1.3; color: var(--soft); }
.headline dd { margin: 4px 0 0; font-size: 30px; line-height: 1.15; font-weight: 600; font-variant-numeric: tabular-nums; }
section { margin: 0 0 28px; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 440px), 1fr)); gap: 28px 36px; }
figure { margin: 0 0 28px; min-width: 0; display: flex; flex-direction: column; }
.charts figure { margin: 0; }
figcaption { margin: 2px 0 10px; font-size: 14px; line-height: 1.4; color: var(--soft); max-width: 70em; }
.charts .plot { margin-top: auto; }
ul { margin: 4px 0 0; padding-left: 1.2em; }
.warnings { padding: 12px 16px; background: var(--warn-panel); border-left: 4px solid var(--warn); border-radius: 0 8px 8px 0; }
.warnings h2 { color: var(--warn); }
table { width: 100%; margin-top: 6px; border-collapse: collapse; font-size: 15px; }
th, td { padding: 5px 12px 5px 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
th { width: 15em; font-weight: 400; color: var(--soft); }
td { font-variant-numeric: tabular-nums; white-space: pre-wrap; }
.caption { margin: 2px 0 6px; font-size: 14px; color: var(--soft); }
.wide { overflow-x: auto; }
thead th { width: auto; font-weight: 600; color: var(--ink); }
.command { margin: 4px 0 0; white-space: pre-wrap; color: var(--soft); font: 13px/1.5 ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
.command::before { content: "$ "; }
@media (max-width: 600px) { main { padding: 18px 16px 32px; } .summary { font-size: 20px; } .headline { grid-template-columns: repeat(2, 1fr); } .headline dd { font-size: 24px; } th { width: 9em; } .sheet { overflow-x: auto; } .sheet .plot { width: 900px; } }
@media print { main { max-width: none; padding: 0; } body { font-size: 10.5pt; } h1 { font-size: 12pt; } .summary { font-size: 15pt; margin: 8px 0 12px; } .headline dd { font-size: 16pt; } .charts { grid-template-columns: 1fr 1fr; gap: 18px 24px; } figure, .headline, .warnings, tr { break-inside: avoid; } h2 { break-after: avoid; } .headline div { border: 1px solid var(--line); } }
`;
