// format.js - numbers, shares and times as people read them.

const plain = new Intl.NumberFormat("en", { maximumSignificantDigits: 4 });
const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

export const count = (n) => whole.format(n);

export function number(x) {
  if (typeof x === "string") return x; // a whole number beyond 2^53
  if (x === null || x === undefined || Number.isNaN(x)) return "–";
  const size = Math.abs(x);
  if (size !== 0 && (size < 1e-4 || size >= 1e9)) return x.toExponential(2);
  return size >= 1000 ? whole.format(x) : plain.format(x);
}

const money = new Intl.NumberFormat("en", { maximumFractionDigits: 2 });

/** A number of the events themselves, to the cent where it has cents. */
export const amount = (x) => (Math.abs(x) >= 1 && Math.abs(x) < 1e9 ? money.format(x) : number(x));

export const share = (x) => (x >= 0.0995 || x === 0 ? `${Math.round(100 * x)} %` : `${(100 * x).toFixed(1)} %`);

/** 0.9993 of 9,698: "top 0.07 %" */
export function top(percentile) {
  if (percentile >= 1) return "the highest";
  const rest = 100 * (1 - percentile);
  if (rest >= 10) return `top ${Math.round(rest)} %`;
  return `top ${Number(Math.max(rest, 0.001).toPrecision(2))} %`;
}

const pad = (n) => String(n).padStart(2, "0");
export function day(ms) {
  const d = new Date(ms);
  return `${d.getUTCFullYear()}-${pad(d.getUTCMonth() + 1)}-${pad(d.getUTCDate())}`;
}
export function time(ms) {
  if (!Number.isFinite(ms)) return "–";
  const d = new Date(ms);
  return `${day(ms)} ${pad(d.getUTCHours())}:${pad(d.getUTCMinutes())}`;
}
const MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

/** "2–7 January 2026": days that two times span, in UTC, nothing said twice. */
export function period(from, to) {
  const [a, b] = [new Date(from), new Date(to)];
  const parts = (d) => [d.getUTCDate(), MONTHS[d.getUTCMonth()], d.getUTCFullYear()];
  const [start, end] = [parts(a), parts(b)];
  if (start.join() === end.join()) return end.join(" ");
  if (start[2] !== end[2]) return `${start.join(" ")} – ${end.join(" ")}`;
  return start[1] === end[1] ? `${start[0]}–${end.join(" ")}` : `${start[0]} ${start[1]} – ${end.join(" ")}`;
}

/** "2026-01-02 03:12 – 01-06 10:00": what both have in common is said once. */
export function times(from, to) {
  const [a, b] = [time(from), time(to)];
  if (a === b) return a;
  if (a.slice(0, 10) === b.slice(0, 10)) return `${a} – ${b.slice(11)}`;
  return `${a} – ${a.slice(0, 5) === b.slice(0, 5) ? b.slice(5) : b}`;
}

/** Microseconds as ISO 8601, nothing lost. */
export function iso(us) {
  const ms = Math.floor(us / 1000);
  const rest = us - 1000 * ms;
  const text = new Date(ms).toISOString();
  return rest === 0 ? text.replace(".000Z", "Z") : text.replace("Z", `${String(rest).padStart(3, "0")}Z`);
}
export function span(ms) {
  const hours = ms / 3600e3;
  if (hours < 1) return `${Math.max(1, Math.round(ms / 60e3))} min`;
  return hours < 48 ? `${Math.round(hours)} h` : `${Math.round(hours / 24)} days`;
}
export const plural = (n, one, many = `${one}s`) => `${count(n)} ${n === 1 ? one : many}`;
