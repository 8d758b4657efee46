/** The look of the page, on a screen and on paper (A4 and Letter). Its SHA-256 is in the page's policy: no other style applies. */
export const PAGE_STYLE = `
:root { color-scheme: light; --ink: #1b1f24; --soft: #57606a; --line: #d0d7de; --faint: #f6f8fa; --good: #116329; --bad: #a40e26; --wait: #7d4e00; }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 32px 40px 48px; max-width: 1080px; background: #fff; color: var(--ink); font: 14px/1.5 "Helvetica Neue", Arial, "Liberation Sans", sans-serif; }
header { border-bottom: 2px solid var(--ink); padding-bottom: 14px; margin-bottom: 20px; }
h1 { font-size: 25px; line-height: 1.2; margin: 0 0 4px; }
h2 { font-size: 17px; margin: 32px 0 8px; padding-top: 10px; border-top: 1px solid var(--line); }
header + section h2 { border-top: 0; margin-top: 0; padding-top: 0; }
h3 { font-size: 14px; margin: 18px 0 6px; }
p { margin: 6px 0; max-width: 78ch; }
.kicker { margin: 0 0 6px; font-size: 11px; letter-spacing: .09em; text-transform: uppercase; color: var(--soft); }
.period { font-size: 16px; margin: 0; }
.note { color: var(--soft); font-size: 12.5px; }
dl.facts { display: grid; grid-template-columns: max-content 1fr; gap: 3px 16px; margin: 14px 0 0; font-size: 13px; }
dl.facts dt { color: var(--soft); }
dl.facts dd { margin: 0; overflow-wrap: anywhere; }
ul.figures { list-style: none; display: grid; grid-template-columns: repeat(4, minmax(0, 1fr)); gap: 10px; margin: 0 0 16px; padding: 0 1px; }
ul.figures li { border: 1px solid var(--line); border-radius: 5px; padding: 9px 12px; }
ul.figures b { display: block; font-size: 21px; line-height: 1.25; font-variant-numeric: tabular-nums; }
ul.figures span { color: var(--soft); font-size: 12px; }
ul.findings { list-style: none; margin: 8px 0; padding: 0; }
ul.findings li { border-left: 4px solid var(--wait); background: var(--faint); padding: 6px 12px; margin: 0 0 6px; break-inside: avoid; overflow-wrap: anywhere; }
ul.findings li.bad { border-color: var(--bad); }
ul.findings li.good { border-color: var(--good); }
table { width: 100%; border-collapse: collapse; font-size: 12px; line-height: 1.4; margin: 6px 0 4px; }
thead { display: table-header-group; }
tr { break-inside: avoid; }
th { text-align: left; font-weight: 600; background: var(--faint); border-bottom: 1.5px solid var(--soft); padding: 5px 8px; vertical-align: bottom; }
td { border-bottom: 1px solid var(--line); padding: 4px 8px; vertical-align: top; }
td.nowrap { white-space: nowrap; }
td.long, td.principal { overflow-wrap: anywhere; min-width: 9em; }
td.principal { min-width: 14em; }
th.number, td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.verdict { font-weight: 600; white-space: nowrap; }
.verdict.good { color: var(--good); }
.verdict.bad { color: var(--bad); }
.verdict.wait { color: var(--wait); }
code { font: 12px/1.4 "SFMono-Regular", Menlo, Consolas, "Liberation Mono", monospace; overflow-wrap: anywhere; }
pre { background: var(--faint); border: 1px solid var(--line); border-radius: 4px; padding: 8px 12px; white-space: pre-wrap; break-inside: avoid; }
@page { size: auto; margin: 16mm 14mm 18mm; @bottom-right { content: "Page " counter(page) " of " counter(pages); font: 9px Arial, sans-serif; color: #57606a; } @bottom-left { content: "Keyward: evidence of key management and access"; font: 9px Arial, sans-serif; color: #57606a; } }
@media print {
  body { padding: 0; max-width: none; font-size: 10.5pt; -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  table { font-size: 8.5pt; }
  h2, h3 { break-after: avoid; }
  ul.figures { break-inside: avoid; }
}
@media (max-width: 640px) { body { padding: 18px; } ul.figures { grid-template-columns: repeat(2, 1fr); } }
`;
