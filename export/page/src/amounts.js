// amounts.js - in words what a meeting was about: the mean and the sum of its events' own numbers.

import { amount } from "./format.js";

/** ["amount 490.57 on average, 1,962.28 in all", "promo 8"]: one text for each attribute that has data. */
export function amountsText(kinds, values, events) {
  const byAttribute = new Map();
  kinds.forEach(({ attribute, what }, at) => {
    if (values[at] === null) return;
    if (!byAttribute.has(attribute)) byAttribute.set(attribute, {});
    byAttribute.get(attribute)[what] = values[at];
  });
  return [...byAttribute].map(([attribute, { mean, sum, value }]) => {
    if (value !== undefined) return `${attribute} ${amount(value)}`;
    if (mean === undefined || sum === undefined || Number(events) === 1 || (mean === 0 && sum === 0)) return `${attribute} ${amount(mean ?? sum)}${mean === undefined ? " in all" : ""}`;
    return `${attribute} ${amount(mean)} on average, ${amount(sum)} in all`;
  });
}
