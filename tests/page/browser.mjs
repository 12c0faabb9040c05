// browser.mjs - a headless Chromium that notes everything a page should not do: errors, warnings, requests, dialogs.

import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import puppeteer from "puppeteer-core";

export const LAPTOP = { width: 1366, height: 768 };
export const PHONE = { width: 390, height: 844, deviceScaleFactor: 2, isMobile: true, hasTouch: true };

export const wait = (ms) => new Promise((done) => setTimeout(done, ms));

export async function launch() {
  const flags = ["--disable-gpu", "--hide-scrollbars", "--no-first-run"];
  if (process.getuid() === 0) flags.push("--no-sandbox");
  return puppeteer.launch({ executablePath: process.env.CHROMIUM, headless: true, args: flags });
}

/** Opens a file from disk; page.sins is what it did wrong so far. */
export async function open(browser, file, viewport = LAPTOP, scheme = "light") {
  const page = await browser.newPage();
  const url = `file://${file}`;
  page.sins = [];
  page.on("console", (message) => ["error", "warn", "warning"].includes(message.type()) && page.sins.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => page.sins.push(`error: ${error.message}`));
  page.on("dialog", (dialog) => {
    page.sins.push(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  page.on("request", (request) => request.url() !== url && !/^(blob|data):/.test(request.url()) && page.sins.push(`request: ${request.url()}`));
  await page.setViewport(viewport);
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
  await page.goto(url);
  await page.waitForSelector("body.ready", { timeout: 60000 });
  return page;
}

/** What the page saves when act() is done. */
export async function downloadOf(page, folder, act) {
  const to = join(folder, "downloads");
  rmSync(to, { recursive: true, force: true });
  mkdirSync(to);
  const client = await page.createCDPSession();
  await client.send("Browser.setDownloadBehavior", { behavior: "allow", downloadPath: to });
  await act();
  for (let i = 0; i < 200; i++) {
    const name = readdirSync(to).find((one) => !one.endsWith(".crdownload"));
    if (name !== undefined) {
      await wait(100);
      return { name, bytes: readFileSync(join(to, name)) };
    }
    await wait(50);
  }
  throw new Error("nothing was downloaded within 10 s");
}

/** Records of RFC 4180: lines end in CRLF, quotes are doubled. */
export function readCsv(text) {
  const rows = [];
  let row = [];
  let at = 0;
  while (at < text.length) {
    let cell = "";
    if (text[at] === '"') {
      for (at++; ; at++) {
        if (at >= text.length) throw new Error("a quote is not closed");
        if (text[at] === '"' && text[at + 1] === '"') cell += text[at++];
        else if (text[at] === '"') break;
        else cell += text[at];
      }
      at++;
    } else {
      const from = at;
      while (at < text.length && !/[,\r\n"]/.test(text[at])) at++;
      cell = text.slice(from, at);
    }
    row.push(cell);
    if (text[at] === ",") at++;
    else if (text.startsWith("\r\n", at)) {
      rows.push(row);
      row = [];
      at += 2;
    } else throw new Error(`after ${JSON.stringify(cell)} comes neither a comma nor CRLF`);
  }
  if (row.length > 0) throw new Error("the last line has no end");
  return rows;
}
