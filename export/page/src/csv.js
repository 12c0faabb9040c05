// csv.js - RFC 4180, for spreadsheets: an id that a spreadsheet would take for a formula gets an apostrophe in front.

const FORMULA = /^[=+\-@\t\r\n]/;

/** Text of strangers; numbers are written as numbers. */
export function cell(value) {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return Number.isFinite(value) ? String(value) : "";
  const safe = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export const toCsv = (header, rows) => [header, ...rows].map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n";

export function download(name, blob) {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}

/** The mark in front tells spreadsheets that it is UTF-8. */
export const downloadCsv = (name, header, rows) => download(name, new Blob(["\uFEFF", toCsv(header, rows)], { type: "text/csv;charset=utf-8" }));
