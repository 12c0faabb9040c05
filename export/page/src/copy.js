// copy.js - ids on the clipboard. A page that is opened from disk may lack the modern way: then the old one is used.

const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

/** One id a line; an id that a line cannot hold, or that looks like such a one, is written as JSON does it. */
export const lines = (ids) => ids.map((id) => (CONTROL.test(id) || id.startsWith('"') ? JSON.stringify(id) : id)).join("\n");

function copyFromField(text) {
  const back = document.activeElement;
  const field = document.createElement("textarea");
  field.className = "unseen";
  field.value = text;
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  back?.focus({ preventScroll: true });
  return done;
}

/** Whether the text is on the clipboard now. */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyFromField(text);
  }
}
