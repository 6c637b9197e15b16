// Looks at HTML reports in a headless Chromium: check.mjs [--pictures DIR] CASES.json
// The file of cases: [{ file, verdict, sections, drawings, lines }]. Exit status 1 when a page has a fault, or when a broken page has none.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Browser } from "./browser.mjs";
import * as inside from "./inside.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const axe = readFileSync(join(here, "node_modules/axe-core/axe.min.js"), "utf8");
const arguments_ = process.argv.slice(2);
const pictures = arguments_[0] === "--pictures" ? arguments_.splice(0, 2)[1] : undefined;
const cases = JSON.parse(readFileSync(arguments_[0], "utf8"));
const [narrow, wide] = [360, 1280];

// What a font of this machine may lack, such as pictures, is not asked for on paper.
const letters = (text) => text.replace(/[^\p{L}\p{N}\p{P}]+/gu, "");

async function picture(page, name) {
  if (!pictures) return;
  const { data } = await page.send("Page.captureScreenshot", { format: "png", captureBeyondViewport: true });
  writeFileSync(join(pictures, `${name}.png`), Buffer.from(data, "base64"));
}

// What the page said and asked for until now.
function quiet(page, url) {
  const asked = page.requests.filter((it) => it !== url && !it.startsWith("data:"));
  return [...page.said.map((it) => `said: ${it}`), ...asked.map((it) => `asked for ${it}`)];
}

async function looks(page, { url, name, verdict, sections, drawings }) {
  const faults = [];
  for (const width of [narrow, wide]) {
    for (const scheme of ["light", "dark"]) {
      await page.look(width, scheme);
      await page.open(url);
      const at = (found) => faults.push(...found.map((it) => `${width} ${scheme}: ${it}`));
      at(await page.run(inside.overflow));
      at(await page.run(inside.structure, verdict, sections));
      at(await page.run(inside.drawings, drawings));
      at(quiet(page, url));
      await page.run(axe);
      at(await page.run(inside.accessibility));
      await picture(page, `${name}-${width}-${scheme}`);
      page.said.length = page.requests.length = 0;
    }
  }
  // Between the two, the layout changes twice.
  for (const width of [480, 767, 1023]) {
    await page.look(width, "light");
    faults.push(...[...(await page.run(inside.overflow)), ...(await page.run(inside.drawings, drawings))].map((it) => `${width}: ${it}`));
  }
  return faults;
}

// Each button puts its command, word for word, into the clipboard.
async function copies(page) {
  const faults = [];
  const commands = await page.run(() => [...document.querySelectorAll(".command code")].map((it) => it.textContent));
  const buttons = await page.run(() => document.querySelectorAll(".command button").length);
  if (buttons !== commands.length) faults.push(`${buttons} buttons for ${commands.length} commands`);
  for (const [index, command] of commands.entries()) {
    await page.click(".command button", index);
    const copied = await page.run(async (index) => {
      const button = document.querySelectorAll(".command button")[index];
      if (!button) return ["no button", ""];
      for (let wait = 0; wait < 100 && button.textContent === "Copy"; wait += 1) await new Promise((done) => setTimeout(done, 20));
      return [button.textContent, await navigator.clipboard.readText()];
    }, index);
    if (copied[0] !== "Copied" || copied[1] !== command) faults.push(`command ${index + 1} was not copied: ${copied}`);
  }
  return faults;
}

async function prints(page, { url, name, lines }) {
  await page.look(680, "dark", "print");
  await page.open(url);
  const faults = [...(await page.run(inside.overflow)), ...(await page.run(inside.printed))];
  const text = await page.run(() => [...document.querySelectorAll("main code")].map((it) => it.textContent));
  await page.send("Emulation.setEmulatedMedia", { media: "", features: [] });
  const { data } = await page.send("Page.printToPDF", { printBackground: false, preferCSSPageSize: true });
  const paper = Buffer.from(data, "base64");
  if (pictures) writeFileSync(join(pictures, `${name}.pdf`), paper);
  const printed = letters(execFileSync("pdftotext", ["-layout", "-enc", "UTF-8", "-", "-"], { input: paper, encoding: "utf8" }));
  const missing = [...lines, ...text.flatMap((it) => it.split("\n"))].filter((it) => !found(printed, letters(it)));
  return [...faults, ...missing.map((it) => `not on paper: ${it}`)].map((it) => `print: ${it}`);
}

// Lines that were wrapped beside a column stand in pieces: their words are looked for in order.
function found(printed, line) {
  if (printed.includes(line)) return true;
  const pieces = line.match(/.{1,8}/gu) ?? [];
  return pieces.every((piece) => printed.includes(piece));
}

// Without its script the page says the same.
async function scriptless(page, { url }) {
  const told = () => document.querySelector("main").textContent.replaceAll(/(Copy|Copied)$/gm, "");
  await page.open(url);
  const buttons = () => document.querySelectorAll("button").length;
  const text = () => [...document.querySelectorAll("main code, main p, main h2")].map((it) => it.textContent).join("\n");
  const [with_, some] = [await page.run(text), await page.run(buttons)];
  await page.send("Emulation.setScriptExecutionDisabled", { value: true });
  await page.open(url);
  const [without, none] = [await page.run(text), await page.run(buttons)];
  await page.send("Emulation.setScriptExecutionDisabled", { value: false });
  const faults = with_ === without ? [] : ["the page says something else without its script"];
  if (none !== 0) faults.push(`${none} of ${some} buttons without a script`);
  return faults;
}

async function judge(browser, it) {
  const page = await browser.page();
  const faults = await looks(page, it);
  faults.push(...(await copies(page)), ...quiet(page, it.url), ...(await prints(page, it)), ...(await scriptless(page, it)));
  await page.look(wide, "light");
  await page.open(it.url);
  faults.push(...(await page.run(inside.policy)));
  await page.close();
  return faults;
}

// A check that finds nothing in this page finds nothing at all.
async function blind(browser) {
  const page = await browser.page();
  const broken = { url: pathToFileURL(join(here, "broken.html")).href, name: "broken", verdict: "FAILED", sections: ["Root cause"], drawings: 1, lines: ["never on paper"] };
  const faults = [...(await looks(page, broken)), ...(await copies(page)), ...(await prints(page, broken)), ...(await page.run(inside.policy))];
  await page.close();
  const kinds = ["the page is", "hides text", "no single first heading", "is followed by", "no section", "leads nowhere", "without words", "outside its drawing",
    "lies over", "said: a complaint", "asked for http", "color-contrast", "buttons for", "not on paper", "is printed", "no address", "script ran", "style was used"];
  return kinds.filter((kind) => !faults.some((fault) => fault.includes(kind))).map((kind) => `not noticed in the broken page: ${kind}`);
}

const browser = new Browser(process.env.CHROMIUM ?? "chromium");
let bad = 0;
try {
  await browser.send("Browser.grantPermissions", { permissions: ["clipboardReadWrite", "clipboardSanitizedWrite"] });
  for (const it of cases) {
    it.url = pathToFileURL(resolve(it.file)).href;
    it.name = it.file.replace(/^.*\/|\.html$/g, "");
    const faults = await judge(browser, it);
    console.log(`${faults.length ? "✗" : "✓"} ${it.name}: ${faults.length} faults`);
    faults.forEach((fault) => console.log(`    ${fault}`));
    bad += faults.length;
  }
  const unseen = await blind(browser);
  console.log(unseen.length ? `✗ ${unseen.join("\n  ")}` : "✓ a broken page is called broken");
  bad += unseen.length;
} finally {
  await browser.close();
}
process.exitCode = bad ? 1 : 0;
